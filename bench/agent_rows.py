# SPDX-License-Identifier: Apache-2.0
# Copyright the sensor-agent authors
"""Measures the agent itself against local-hub over TLS: start, relay off, idle, memory, size. Used by bench/run."""

import datetime
import json
import os
import pathlib
import re
import signal
import socket
import statistics
import subprocess
import time

from backend import fields

STARTS = int(os.environ.get("BENCH_STARTS", "7"))
SETTLE = int(os.environ.get("BENCH_SETTLE", "60"))  # seconds before memory is read
START = 15  # of them, after which connecting is over and idle begins
START_LIMIT, SIZE_LIMIT, RESIDENT_LIMIT, PRIVATE_LIMIT = 0.1, 20.0, 20.0, 6.0
WAKE_LIMIT, CPU_LIMIT = 3.0, 36.0  # wake-ups a second, and processor seconds in an hour: 1 % of one core


class LocalHub:
    """A running local-hub, for the length of a `with` block; on port 8883 of an address, where one is given."""

    def __init__(self, program, folder, address=None):
        self.program, self.folder = program, folder
        self.place = ["--host", address, "--name", address] if address else ["--mqtt-port", "0"]

    def __enter__(self):
        ready = self.folder / "ready"
        self.process = subprocess.Popen(
            [self.program, "serve", *self.place, "--rest-port", "0", "--state-dir", self.folder / "hub",
             "--ready-file", ready], stdout=subprocess.DEVNULL)
        while not ready.exists():
            if self.process.poll() is not None:
                raise RuntimeError("local-hub does not start; run it by hand: local-hub serve")
            time.sleep(0.05)
        self.variables = dict(re.findall(r"^export (\w+)='?(.*?)'?$", ready.read_text(), re.M))
        device = fields(self.variables["IOTHUB_DEVICE_CONNECTION_STRING"])
        self.host, self.device = device["HostName"], device["DeviceId"]
        return self

    def __exit__(self, *_):
        self.process.send_signal(signal.SIGTERM)
        self.process.wait()

    def telemetry(self, after):
        """The records behind a sequence number."""
        done = subprocess.run(
            [self.program, "telemetry", "--state-dir", self.folder / "hub", "--json", "--after", str(after)],
            capture_output=True, text=True)
        if done.returncode != 0:
            raise RuntimeError(f"local-hub does not tell its telemetry: {done.stderr}")
        return [json.loads(line) for line in done.stdout.splitlines()]


class Agent:
    """A running agent with a connection string, for the length of a `with` block."""

    def __init__(self, program, hub, folder, **environment):
        self.arguments = [program, "run", "--simulate", "--log-level", "warning"]
        self.environment = dict(
            hub.variables, PATH=os.environ["PATH"], STATE_DIRECTORY=str(folder / "agent"),
            RUNTIME_DIRECTORY=str(folder / "run"),
            IOTHUB_DEVICE_SECURITY_TYPE="connectionString", **environment)

    def __enter__(self):
        self.started = time.time()
        self.process = subprocess.Popen(self.arguments, env=self.environment, stdin=subprocess.DEVNULL)
        return self

    def __exit__(self, *_):
        self.process.send_signal(signal.SIGTERM)
        if self.process.wait() != 0:
            raise RuntimeError(f"the agent ended with {self.process.returncode}")

    def memory(self):
        """Resident and private anonymous megabytes."""
        text = pathlib.Path(f"/proc/{self.process.pid}/smaps_rollup").read_text()
        sizes = {name: int(size) * 1024 / 1e6 for name, size in re.findall(r"^(\w+): +(\d+) kB", text, re.M)}
        return sizes["Rss"], sizes["Anonymous"]

    def activity(self):
        """Of each thread, how often it has slept, and its nanoseconds on a processor."""
        threads = {}
        for thread in pathlib.Path(f"/proc/{self.process.pid}/task").iterdir():
            sleeps = re.search(r"^voluntary_ctxt_switches:\s+(\d+)$", (thread / "status").read_text(), re.M)[1]
            threads[thread.name] = int(sleeps), int((thread / "schedstat").read_text().split()[0])
        return threads

    def idle(self, duration):
        """Wake-ups per second and processor seconds per hour over a number of seconds at the defaults."""
        before, start = self.activity(), time.monotonic()
        time.sleep(duration)
        after, passed = self.activity(), time.monotonic() - start
        wakes, cpu = (
            sum(counts[index] - before.get(name, (0, 0))[index] for name, counts in after.items()) for index in (0, 1))
        return wakes / passed, cpu / 1e9 * 3600 / passed


def seconds(text):
    """The time of a record."""
    return datetime.datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp()


def first_telemetry(program, hub, folder):
    """Seconds from the start of the process to its first telemetry in the hub, which acknowledges it at once."""
    known = max((record["sequence"] for record in hub.telemetry(0)), default=0)
    with Agent(program, hub, folder) as agent:
        while not (records := hub.telemetry(known)):
            time.sleep(0.05)
        return seconds(records[0]["receivedAt"]) - agent.started


def control_running(program, hub, folder):
    """Seconds from the start of the process until it tells systemd that the thermostats are in control (READY=1)."""
    path = folder / "notify"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as notify:
        notify.bind(str(path))
        notify.settimeout(30)
        try:
            with Agent(program, hub, folder, NOTIFY_SOCKET=str(path)) as agent:
                while "READY=1" not in notify.recv(4096).decode().splitlines():
                    pass
                return time.time() - agent.started
        finally:
            path.unlink()


def relays_off(program, folder):
    """Seconds that the program takes which systemd runs after a death, with a line to find that this machine lacks.

    From kill -9 to relay off, systemd's part and the kernel's come in addition: scripts/hil measures it on a board, and the
    package's test prints it from an emulated machine.
    """
    file = folder / "relay.toml"
    file.write_text(
        '[outputs]\nenabled = true\n[sensors.a]\ndriver = "tmp102"\nbus = "adapter:none"\naddress = 0x48\n'
        '[thermostat1]\nsensor = "a"\n[thermostat1.relay]\nline = "none:1"\n')
    start = time.monotonic()
    done = subprocess.run(
        [program, "relay", "off", "--config", file], capture_output=True, text=True,
        env={"RUNTIME_DIRECTORY": str(folder / "nobody")})
    passed = time.monotonic() - start
    if done.returncode != 1 or "none" not in done.stdout + done.stderr:
        raise RuntimeError(f"relay off ended with {done.returncode}: {done.stdout}{done.stderr}")
    return passed


def agent_rows(program, hub_program, folder):
    """Rows of (what, ours, reference, limit, whether it is kept)."""
    size = program.stat().st_size / 1e6
    off = statistics.median(relays_off(program, folder) for _ in range(STARTS))
    with LocalHub(hub_program, folder) as hub:
        ready = statistics.median(control_running(program, hub, folder) for _ in range(STARTS))
        start = statistics.median(first_telemetry(program, hub, folder) for _ in range(STARTS))
        with Agent(program, hub, folder) as agent:
            time.sleep(START)
            wakes, cpu = agent.idle(max(SETTLE - START, 1))
            resident, private = agent.memory()
    return [
        ("start to control running, s", f"{ready:.3f}", "", f"{START_LIMIT} s", ready <= START_LIMIT),
        ("relay off after a death, s", f"{off:.3f}", "", f"{START_LIMIT} s", off <= START_LIMIT),
        ("start to first telemetry, s", f"{start:.3f}", "", f"{START_LIMIT} s", start <= START_LIMIT),
        (f"RSS after {SETTLE} s, MB", f"{resident:.1f}", "", f"{RESIDENT_LIMIT:.0f} MB", resident <= RESIDENT_LIMIT),
        (f"private after {SETTLE} s, MB", f"{private:.1f}", "", f"{PRIVATE_LIMIT:.0f} MB", private <= PRIVATE_LIMIT),
        ("wake-ups per second at idle", f"{wakes:.1f}", "", f"{WAKE_LIMIT:.0f}", wakes <= WAKE_LIMIT),
        ("CPU per hour at defaults, s", f"{cpu:.1f}", "", f"{CPU_LIMIT:.0f} s", cpu <= CPU_LIMIT),
        ("stripped static binary, MB", f"{size:.1f}", "", f"{SIZE_LIMIT:.0f} MB", size <= SIZE_LIMIT),
    ]
