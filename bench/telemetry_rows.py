# SPDX-License-Identifier: Apache-2.0
# Copyright the sensor-agent authors
"""Measures telemetry to local-hub: the raw C client and Microsoft's device SDK for Python. Used by bench/run."""

import json
import os
import pathlib
import resource
import secrets
import statistics
import subprocess

from agent_rows import LocalHub
from backend import device_token

PROJECT = pathlib.Path(__file__).resolve().parent.parent
SDK_PYTHON = PROJECT / ".cache/interop-venv/bin/python"
REPEAT = int(os.environ.get("BENCH_REPEAT", "5"))
COUNT = int(os.environ.get("BENCH_COUNT_HUB", "20000"))
SDK_COUNT = int(os.environ.get("BENCH_COUNT_SDK", "5000"))
WINDOW = 100
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


def telemetry_rows(reference_program, hub_program, folder):
    """Rows of (what, ours, reference, limit, whether it is kept)."""
    if not SDK_PYTHON.exists():
        raise RuntimeError("Microsoft's SDK is not installed; run: make setup")
    hub_folder = folder / "telemetry-hub"
    hub_folder.mkdir()
    # The SDK dials port 8883 and no other, so the hub has a loopback address of its own.
    address = f"127.{secrets.randbelow(200) + 20}.{secrets.randbelow(256)}.{secrets.randbelow(254) + 1}"
    figures = {"C": [], "SDK": []}
    with LocalHub(hub_program, hub_folder, address) as hub:
        for _ in range(REPEAT):
            figures["C"].append(reference(reference_program, hub))
            figures["SDK"].append(sdk(hub))
    rows = []
    for name, runs in figures.items():
        rate, cpu = statistics.median(run[0] for run in runs), statistics.median(run[1] for run in runs)
        rows.append((f"{name} to local-hub, acked msg/s", "", f"{rate:,.0f}", "", True))
        rows.append((f"{name} to local-hub, CPU ms per 1000", "", f"{cpu:.1f}", "", True))
    return rows
