# SPDX-License-Identifier: Apache-2.0
# Copyright the sensor-agent authors
"""What agent-bench telemetry does, with Microsoft's device SDK for Python: sends messages, many of them outstanding.

Run with the Python of the interop tests' environment. Reads SDK_CONNECTION_STRING (the SDK dials port 8883 and no
other), SSL_CERT_FILE, BENCH_COUNT and BENCH_BATCH; prints {"acked": N, "seconds": S, "cpu": S}, connecting not counted.
"""

import asyncio
import json
import os
import resource
import time

from azure.iot.device import Message
from azure.iot.device.aio import IoTHubDeviceClient

COUNT = int(os.environ.get("BENCH_COUNT", "2000"))
BATCH = int(os.environ.get("BENCH_BATCH", "100"))


def message(number):
    """One sample as the sample temperature controller sends it."""
    made = Message(json.dumps({"temperature": 21.5, "n": number}), content_encoding="utf-8",
                   content_type="application/json")
    made.custom_properties["$.sub"] = "thermostat1"
    return made


async def lane(client, numbers):
    for number in numbers:
        await client.send_message(message(number))


def cpu():
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


async def main():
    client = IoTHubDeviceClient.create_from_connection_string(os.environ["SDK_CONNECTION_STRING"])
    await client.connect()
    await client.send_message(message(0))
    start, used = time.monotonic(), cpu()
    await asyncio.gather(*(lane(client, range(first, COUNT, BATCH)) for first in range(min(BATCH, COUNT))))
    seconds, used = time.monotonic() - start, cpu() - used
    print(json.dumps({"acked": COUNT, "seconds": seconds, "cpu": used}), flush=True)
    await client.shutdown()


asyncio.run(main())
