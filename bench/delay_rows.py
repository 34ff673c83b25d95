# SPDX-License-Identifier: Apache-2.0
# Copyright the sensor-agent authors
"""Measures how long a relay waits for a sample and for a desired property. Used by bench/run."""

import json
import os
import subprocess
import time

from agent_rows import LocalHub
from backend import BackEnd
from durable_rows import agent_bench, tiers

CHANGES = int(os.environ.get("BENCH_CHANGES", "1000"))
# Milliseconds at the 99th percentile: inside the process, and with hub, TLS and service API between.
INSIDE_LIMIT, HUB_LIMIT = 1.0, 20.0


def row(what, median, p99, limit):
    """A row of (what, ours, reference, limit, whether it is kept)."""
    return what, f"{median:.3f}/{p99:.3f}", "", f"{limit:.0f} ms", p99 <= limit


def delays_inside(program, folder):
    """Both delays in one process, by name."""
    text = agent_bench(program, "delays", folder / "delays")
    return {figures["what"]: figures for figures in map(json.loads, text.splitlines())}


def delays_through(hub, program, folder):
    """The delay of samples beside a connection, and the milliseconds from asking the service to each edge."""
    agent = subprocess.Popen(
        [program, "hub-delays", *tiers(folder / "hub-delays")], env=dict(os.environ, **hub.variables), text=True,
        stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    try:
        samples, _ = json.loads(agent.stdout.readline()), agent.stdout.readline()
        back_end, delays = BackEnd(hub.variables), []
        for number in range(CHANGES):
            # As between two changes in real life, everything falls asleep first.
            time.sleep(0.005)
            target = 22 if number % 2 == 0 else 18
            start = time.monotonic_ns()
            back_end.change_desired(hub.device, {"thermostat1": {"__t": "c", "targetTemperature": target}})
            edge = json.loads(agent.stdout.readline())
            if edge["isOn"] != (target == 22):
                raise RuntimeError(f"the relay does not follow the target {target}")
            delays.append((edge["edge"] - start) / 1e6)
        back_end.close()
        agent.stdin.close()
        if agent.wait(timeout=30) != 0:
            raise RuntimeError("agent-bench hub-delays failed; its reason is above")
        return samples, sorted(delays)
    finally:
        agent.kill()
        agent.wait()


def delay_rows(program, hub_program, folder):
    """Rows of (what, ours, reference, limit, whether it is kept)."""
    inside = delays_inside(program, folder)
    hub_folder = folder / "delay-hub"
    hub_folder.mkdir()
    with LocalHub(hub_program, hub_folder) as hub:
        samples, delays = delays_through(hub, program, folder)
    return [
        row("sample to relay, ms", inside["sample"]["median"], inside["sample"]["p99"], INSIDE_LIMIT),
        row("desired to relay, ms", inside["desired"]["median"], inside["desired"]["p99"], INSIDE_LIMIT),
        row("sample to relay, on line, ms", samples["median"], samples["p99"], INSIDE_LIMIT),
        row("service to relay by hub, ms", delays[len(delays) // 2], delays[len(delays) * 99 // 100], HUB_LIMIT),
    ]
