# SPDX-License-Identifier: Apache-2.0
# Copyright the sensor-agent authors
"""Measures telemetry to local-hub: through the agent's store, the raw C client, and Microsoft's device SDK for Python.

Used by bench/run.
"""

import json
import os
import pathlib
import resource
import secrets
import statistics
import subprocess

from agent_rows import LocalHub
from backend import device_token
from durable_rows import agent_bench

PROJECT = pathlib.Path(__file__).resolve().parent.parent
SDK_PYTHON = PROJECT / ".cache/interop-venv/bin/python"
REPEAT = int(os.environ.get("BENCH_REPEAT", "5"))
COUNT = int(os.environ.get("BENCH_COUNT_HUB", "20000"))
SDK_COUNT = int(os.environ.get("BENCH_COUNT_SDK", "5000"))
WINDOW = 100
RATE_FACTOR, CPU_FACTOR = 10, 0.1  # of the SDK's: messages a second at least, processor time for each at most
SDK_WINDOW = 50  # More outstanding messages do not make it faster: the MQTT client below it has 20.


def finished(arguments, environment):
    """Runs a program to its end: what it printed, and its processor seconds."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run(arguments, env=dict(os.environ, **environment), capture_output=True, text=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    if done.returncode != 0:
        raise RuntimeError(f"{arguments[-1]} failed: {done.stderr}")
    return json.loads(done.stdout), after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime


def reference(binary, hub):
    """Messages per second and CPU ms per 1000 of the C client."""
    host, device = hub.host, hub.device
    result, cpu = finished([binary], {
        "BENCH_HOST": host, "BENCH_PORT": "8883", "BENCH_CA": hub.variables["SSL_CERT_FILE"],
        "BENCH_COUNT": str(COUNT), "BENCH_BATCH": str(WINDOW), "BENCH_CLIENT": device,
        "BENCH_USER": f"{host}/{device}/?api-version=2021-04-12",
        "BENCH_PASSWORD": device_token(hub.variables["IOTHUB_DEVICE_CONNECTION_STRING"])})
    return result["acked"] / result["seconds"], cpu * 1e6 / result["acked"]


def sdk(hub):
    """Messages per second and CPU ms per 1000 of the SDK, without its start."""
    result, _ = finished([SDK_PYTHON, PROJECT / "bench/sdk_telemetry.py"], {
        "SDK_CONNECTION_STRING": hub.variables["IOTHUB_DEVICE_CONNECTION_STRING"],
        "SSL_CERT_FILE": hub.variables["SSL_CERT_FILE"], "BENCH_COUNT": str(SDK_COUNT),
        "BENCH_BATCH": str(SDK_WINDOW), "PYTHONDONTWRITEBYTECODE": "1"})
    return result["acked"] / result["seconds"], result["cpu"] * 1e6 / result["acked"]


def durable(program, hub, folder):
    """Messages per second and CPU ms per 1000 through the store, and the store's settings."""
    result = json.loads(agent_bench(program, "telemetry", folder, COUNT, variables=hub.variables))
    return result["acked"] / result["seconds"], result["cpu"] * 1e6 / result["acked"], result["settings"]


def telemetry_rows(program, reference_program, hub_program, folder):
    """Rows of (what, ours, reference, limit, whether it is kept)."""
    if not SDK_PYTHON.exists():
        raise RuntimeError("Microsoft's SDK is not installed; run: make setup")
    hub_folder = folder / "telemetry-hub"
    hub_folder.mkdir()
    # The SDK dials port 8883 and no other, so the hub has a loopback address of its own.
    address = f"127.{secrets.randbelow(200) + 20}.{secrets.randbelow(256)}.{secrets.randbelow(254) + 1}"
    figures = {"ours": [], "C": [], "SDK": []}
    with LocalHub(hub_program, hub_folder, address) as hub:
        for number in range(REPEAT):
            # In turns, so that what else the machine does hits all.
            figures["C"].append(reference(reference_program, hub))
            figures["SDK"].append(sdk(hub))
            *ours, settings = durable(program, hub, folder / f"telemetry-{number}")
            figures["ours"].append(ours)
    rate, cpu = ({name: statistics.median(run[index] for run in runs) for name, runs in figures.items()}
                 for index in (0, 1))
    rows = [
        ("durable msg/s to local-hub", f"{rate['ours']:,.0f}", f"{rate['C']:,.0f}",
         f"{rate['ours'] / rate['SDK']:.1f} of at least {RATE_FACTOR} x SDK",
         rate["ours"] >= RATE_FACTOR * rate["SDK"]),
        ("durable CPU ms per 1000", f"{cpu['ours']:.1f}", f"{cpu['C']:.1f}",
         f"{cpu['ours'] / cpu['SDK']:.2f} of {CPU_FACTOR} x SDK", cpu["ours"] <= CPU_FACTOR * cpu["SDK"]),
        ("  Microsoft's SDK, msg/s", "", f"{rate['SDK']:,.0f}", "", True),
        ("  Microsoft's SDK, CPU ms per 1000", "", f"{cpu['SDK']:.1f}", "", True),
    ]
    return rows + [(f"  {setting}", "", "", "", True) for setting in settings]
