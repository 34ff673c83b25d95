# SPDX-License-Identifier: Apache-2.0
# Copyright the sensor-agent authors
"""Does on the wire, in the same order, what Microsoft's sample temperature controller with two thermostats does.

Configured by the sample's own environment variables; INTEROP_INTERVAL is the pause between two telemetry
messages in seconds (the sample's is 5). Prints one line per step to standard output; Q and Enter end it.
"""

import asyncio
import json
import os
import random
import sys
from datetime import datetime, timedelta, timezone

from azure.iot.device import Message, MethodResponse
from azure.iot.device.aio import IoTHubDeviceClient, ProvisioningDeviceClient

MODEL = "dtmi:com:example:TemperatureController;2"
THERMOSTATS = ("thermostat1", "thermostat2")
INTERVAL = float(os.environ.get("INTEROP_INTERVAL", "5"))

REPORTED_AT_START = (
    {"serialNumber": "some_serial_number"},
    {"thermostat1": {"maxTempSinceLastReboot": 98.34, "__t": "c"}},
    {"thermostat2": {"maxTempSinceLastReboot": 48.92, "__t": "c"}},
    {
        "deviceInformation": {
            "swVersion": "5.5",
            "manufacturer": "Contoso Device Corporation",
            "model": "Contoso 4762B-turbo",
            "osName": "Mac Os",
            "processorArchitecture": "x86-64",
            "processorManufacturer": "Intel",
            "totalStorage": 1024,
            "totalMemory": 32,
            "__t": "c",
        }
    },
)


def say(text):
    print(text, flush=True)


async def client_from_environment():
    if os.environ["IOTHUB_DEVICE_SECURITY_TYPE"] == "connectionString":
        return IoTHubDeviceClient.create_from_connection_string(
            os.environ["IOTHUB_DEVICE_CONNECTION_STRING"], product_info=MODEL
        )
    key = os.environ["IOTHUB_DEVICE_DPS_DEVICE_KEY"]
    provisioning = ProvisioningDeviceClient.create_from_symmetric_key(
        provisioning_host=os.environ["IOTHUB_DEVICE_DPS_ENDPOINT"],
        registration_id=os.environ["IOTHUB_DEVICE_DPS_DEVICE_ID"],
        id_scope=os.environ["IOTHUB_DEVICE_DPS_ID_SCOPE"],
        symmetric_key=key,
    )
    provisioning.provisioning_payload = {"modelId": MODEL}
    registration = await provisioning.register()
    if registration.status != "assigned":
        raise RuntimeError(f"registration ended as {registration.status}")
    state = registration.registration_state
    say(f"assigned {state.assigned_hub} {state.device_id}")
    return IoTHubDeviceClient.create_from_symmetric_key(
        symmetric_key=key, hostname=state.assigned_hub, device_id=state.device_id, product_info=MODEL
    )


async def answer(client, name, respond):
    while True:
        request = await client.receive_method_request(name)
        await client.send_method_response(
            MethodResponse.create_from_method_request(request, 200, respond(request.payload))
        )
        say(f"answered {name}")


def report(_since):
    now = datetime.now(timezone.utc).astimezone()
    return {
        "maxTemp": 0,
        "minTemp": 0,
        "avgTemp": 0.0,
        "startTime": (now - timedelta(seconds=80)).isoformat(),
        "endTime": now.isoformat(),
    }


def executed(_delay):
    return {"result": True, "data": "executed reboot"}


async def acknowledge_desired(client):
    while True:
        patch = await client.receive_twin_desired_properties_patch()
        version = patch["$version"]
        for component in (name for name in patch if name in THERMOSTATS):
            acknowledged = {"__t": "c"}
            for name, value in patch[component].items():
                if name != "__t":
                    acknowledged[name] = {"ac": 200, "ad": "Successfully executed patch", "av": version, "value": value}
            await client.patch_twin_reported_properties({component: acknowledged})
            say(f"acknowledged {component} {version}")


async def telemetry(client):
    async def send(body, component=None):
        message = Message(json.dumps(body), content_encoding="utf-8", content_type="application/json")
        if component:
            message.custom_properties["$.sub"] = component
        await client.send_message(message)
        say(f"sent {component or 'root'}")
        await asyncio.sleep(INTERVAL)

    while True:
        for component in THERMOSTATS:
            await send({"temperature": random.randrange(10, 50)}, component)
        await send({"workingSet": random.randrange(1, 100)})


async def main():
    client = await client_from_environment()
    await client.connect()
    say("connected")
    # The sample starts these without waiting, so the first telemetry overtakes them.
    properties = asyncio.gather(*(client.patch_twin_reported_properties(patch) for patch in REPORTED_AT_START))
    tasks = [
        asyncio.create_task(work)
        for work in (
            answer(client, "reboot", executed),
            answer(client, "thermostat1*getMaxMinReport", report),
            answer(client, "thermostat2*getMaxMinReport", report),
            acknowledge_desired(client),
            telemetry(client),
        )
    ]
    line = " "
    while line and line.strip().lower() != "q":
        line = await asyncio.to_thread(sys.stdin.readline)
    await properties
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    await client.shutdown()
    say("ended")


asyncio.run(main())
