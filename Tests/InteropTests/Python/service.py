# SPDX-License-Identifier: Apache-2.0
# Copyright the sensor-agent authors
"""A back end made of the unmodified azure-iot-hub package, told by the Swift test what to do."""

from azure.iot.hub import DigitalTwinClient, IoTHubRegistryManager
from azure.iot.hub.models import CloudToDeviceMethod, QuerySpecification, Twin, TwinProperties

import lines

registry = None
digital_twins = None


def plain(model):
    """What the SDK read from the wire, under the names of the wire, with what its model class does not know."""
    if model is None:
        return None
    return {**model.serialize(keep_readonly=True), **(model.additional_properties or {})}


def use(request):
    global registry, digital_twins
    registry = IoTHubRegistryManager.from_connection_string(request["connection_string"])
    digital_twins = DigitalTwinClient.from_connection_string(request["connection_string"])


def twin_patch(request):
    return Twin(
        tags=request.get("tags"),
        properties=TwinProperties(desired=request["desired"]) if "desired" in request else None,
    )


def method(request):
    call = CloudToDeviceMethod(
        method_name=request["name"],
        payload=request.get("payload"),
        response_timeout_in_seconds=request.get("response_timeout"),
        connect_timeout_in_seconds=request.get("connect_timeout"),
    )
    result = registry.invoke_device_method(request["device"], call)
    return {"status": result.status, "payload": result.payload}


def query(request):
    result = registry.query_iot_hub(
        QuerySpecification(query=request["query"]), request.get("continuation"), request.get("max_items")
    )
    return {"items": [plain(item) for item in result.items], "continuation": result.continuation_token}


def bulk(request):
    """Creates devices in one call and deletes them in another."""
    from azure.iot.hub.models import ExportImportDevice

    devices = [
        ExportImportDevice(id=name, import_mode=request["mode"], status="enabled") for name in request["devices"]
    ]
    result = registry.bulk_create_or_update_devices(devices)
    return {"isSuccessful": result.is_successful, "errors": [plain(error) for error in result.errors or []]}


def digital_twin(request):
    document = digital_twins.get_digital_twin(request["device"])
    return document[0] if isinstance(document, tuple) else document


def command(request):
    if "component" in request:
        return digital_twins.invoke_component_command(
            request["device"],
            request["component"],
            request["name"],
            request["payload"],
            request.get("connect_timeout"),
            request.get("response_timeout"),
        )
    return digital_twins.invoke_command(
        request["device"],
        request["name"],
        request["payload"],
        request.get("connect_timeout"),
        request.get("response_timeout"),
    )


lines.serve(
    {
        "use": use,
        "create_sas": lambda r: plain(
            registry.create_device_with_sas(r["device"], r["primary"], r["secondary"], r.get("status", "enabled"))
        ),
        "create_x509": lambda r: plain(
            registry.create_device_with_x509(r["device"], r["primary"], r["secondary"], "enabled")
        ),
        "create_ca": lambda r: plain(registry.create_device_with_certificate_authority(r["device"], "enabled")),
        "update_sas": lambda r: plain(
            registry.update_device_with_sas(r["device"], r["etag"], r["primary"], r["secondary"], r["status"])
        ),
        "get_device": lambda r: plain(registry.get_device(r["device"])),
        "get_devices": lambda r: [plain(device) for device in registry.get_devices(r.get("top"))],
        "delete_device": lambda r: registry.delete_device(r["device"], r.get("etag")),
        "device_statistics": lambda r: plain(registry.get_device_registry_statistics()),
        "service_statistics": lambda r: plain(registry.get_service_statistics()),
        "get_twin": lambda r: plain(registry.get_twin(r["device"])),
        "update_twin": lambda r: plain(registry.update_twin(r["device"], twin_patch(r), r.get("etag"))),
        "replace_twin": lambda r: plain(registry.replace_twin(r["device"], twin_patch(r), r.get("etag"))),
        "method": method,
        "query": query,
        "bulk": bulk,
        "digital_twin": digital_twin,
        "update_digital_twin": lambda r: digital_twins.update_digital_twin(r["device"], r["patch"], r.get("etag")),
        "command": command,
    }
)
