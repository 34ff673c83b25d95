# SPDX-License-Identifier: Apache-2.0
# Copyright the sensor-agent authors
"""A device made of the unmodified azure-iot-device package, told by the Swift test what to do."""

import asyncio
import queue
import threading

from azure.iot.device import Message, MethodResponse, X509
from azure.iot.device.aio import IoTHubDeviceClient, ProvisioningDeviceClient

import lines

loop = asyncio.new_event_loop()
threading.Thread(target=loop.run_forever, daemon=True).start()

client = None
arrived = {kind: queue.Queue() for kind in ("methods", "desired", "messages", "connection", "failures")}


def wait(coroutine):
    return asyncio.run_coroutine_threadsafe(coroutine, loop).result(60)


def options(request):
    return {name: request[name] for name in ("product_info", "sastoken_ttl", "keep_alive", "connection_retry_interval") if name in request}


def certificate(request):
    return X509(cert_file=request["certificate"], key_file=request["key"])


def adopt(made):
    global client
    client = made
    client.on_connection_state_change = lambda: arrived["connection"].put(client.connected)
    client.on_background_exception = lambda error: arrived["failures"].put(f"{type(error).__name__}: {error}")


def by_connection_string(request):
    adopt(IoTHubDeviceClient.create_from_connection_string(request["connection_string"], **options(request)))


def by_certificate(request):
    adopt(
        IoTHubDeviceClient.create_from_x509_certificate(
            x509=certificate(request), hostname=request["host"], device_id=request["device"], **options(request)
        )
    )


def register(request):
    """Registers at DPS and adopts a hub client made of the result, as the sample does."""
    common = {
        "provisioning_host": request["host"],
        "registration_id": request["registration"],
        "id_scope": request["scope"],
    }
    if "certificate" in request:
        provisioning = ProvisioningDeviceClient.create_from_x509_certificate(x509=certificate(request), **common)
    else:
        provisioning = ProvisioningDeviceClient.create_from_symmetric_key(symmetric_key=request["symmetric_key"], **common)
    if "payload" in request:
        provisioning.provisioning_payload = request["payload"]
    result = wait(provisioning.register())
    state = result.registration_state
    if result.status == "assigned":
        if "certificate" in request:
            by_certificate({**request, "host": state.assigned_hub, "device": state.device_id})
        else:
            adopt(
                IoTHubDeviceClient.create_from_symmetric_key(
                    symmetric_key=request["symmetric_key"],
                    hostname=state.assigned_hub,
                    device_id=state.device_id,
                    **options(request),
                )
            )
    return {"status": result.status, "hub": state and state.assigned_hub, "device": state and state.device_id}


def subscribe(request):
    """Sets the handler of each named feature; the SDK subscribes by itself then."""
    for feature in request["features"]:
        if feature == "methods":
            client.on_method_request_received = arrived["methods"].put
        elif feature == "desired":
            client.on_twin_desired_properties_patch_received = arrived["desired"].put
        elif feature == "messages":
            client.on_message_received = arrived["messages"].put
        else:
            raise ValueError(f"no such feature: {feature}")


def send(request):
    message = Message(request["body"])
    message.message_id = request.get("message_id")
    message.content_type = request.get("content_type")
    message.content_encoding = request.get("content_encoding")
    message.custom_properties.update(request.get("properties", {}))
    wait(client.send_message(message))


def next_of(kind, request):
    return arrived[kind].get(timeout=request.get("seconds", 30))


def next_message(request):
    message = next_of("messages", request)
    return {
        "body": message.data.decode(),
        "properties": message.custom_properties,
        "message_id": message.message_id,
        "correlation_id": message.correlation_id,
        "content_type": message.content_type,
    }


def answer_method(request):
    """Waits for a method request and answers it; the answer holds what was asked."""
    asked = next_of("methods", request)
    wait(client.send_method_response(MethodResponse.create_from_method_request(asked, request["status"], request["payload"])))
    return {"name": asked.name, "payload": asked.payload}


def failures(request):
    found = []
    while not arrived["failures"].empty():
        found.append(arrived["failures"].get())
    return found


lines.serve(
    {
        "by_connection_string": by_connection_string,
        "by_certificate": by_certificate,
        "register": register,
        "connect": lambda request: wait(client.connect()),
        "subscribe": subscribe,
        "send": send,
        "twin": lambda request: wait(client.get_twin()),
        "report": lambda request: wait(client.patch_twin_reported_properties(request["patch"])),
        "next_desired": lambda request: next_of("desired", request),
        "next_message": next_message,
        "answer_method": answer_method,
        "next_method": lambda request: next_of("methods", request).name,
        "next_connection_state": lambda request: next_of("connection", request),
        "failures": failures,
        "shutdown": lambda request: wait(client.shutdown()),
    }
)
