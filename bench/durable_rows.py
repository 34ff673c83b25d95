# SPDX-License-Identifier: Apache-2.0
# Copyright the sensor-agent authors
"""Measures the store: the durable way of telemetry, what the disk has to take, and long reports. Used by bench/run."""

import json
import os
import pathlib
import shutil
import subprocess
import tempfile

HOURS = int(os.environ.get("BENCH_WEAR_HOURS", "2"))
DAYS = 30
# MB that the disk takes in a day at the defaults, and milliseconds for a report.
WEAR_LIMIT, REPORT_LIMIT = 20.0, 50.0
# On tmpfs, as the runtime directory of a service is.
YOUNG_PLACE = "/dev/shm"


def tiers(folder):
    """The directories of the state, on a disk, and of the young tier, on tmpfs, as agent-bench wants them."""
    state, young = folder / "state", folder / "young"
    state.mkdir(parents=True)
    young.symlink_to(tempfile.mkdtemp(prefix="sensor-agent-bench-", dir=YOUNG_PLACE))
    return state, young


def forget(folder):
    """Removes what `tiers` has made on tmpfs."""
    for link in pathlib.Path(folder).glob("*/young"):
        shutil.rmtree(link.resolve(), ignore_errors=True)


def agent_bench(program, command, folder, *arguments, variables=None):
    """What a command of agent-bench prints."""
    done = subprocess.run(
        [program, command, *tiers(folder), *map(str, arguments)], capture_output=True, text=True,
        env=dict(os.environ, **(variables or {})))
    if done.returncode != 0:
        raise RuntimeError(f"agent-bench {command} failed: {done.stderr}")
    return done.stdout


def check_places(folder):
    """The state has to be on a disk, else nothing is measured."""
    kinds = subprocess.run(
        ["stat", "-f", "-c", "%T", folder, YOUNG_PLACE], capture_output=True, text=True, check=True).stdout.split()
    if kinds[0] in ("tmpfs", "ramfs"):
        raise RuntimeError(f"{folder} is in memory; set TMPDIR to a directory on a disk")
    return f"state on {kinds[0]}, young tier on {kinds[1]}"


def wear(program, folder, link):
    """MB that the process writes to disk in a day at the defaults."""
    figures = json.loads(agent_bench(program, "wear", folder / f"wear-{link}", link, HOURS))
    return figures["bytes"] / 1e6 * 86_400 / figures["seconds"]


def durable_rows(program, folder):
    """Rows of (what, ours, reference, limit, whether it is kept)."""
    places, rows = check_places(folder), []
    for link in ("online", "offline"):
        written = wear(program, folder, link)
        rows.append((f"MB to disk per day, {link}", f"{written:.1f}", "", f"{WEAR_LIMIT:.0f} MB", written <= WEAR_LIMIT))
    report = json.loads(agent_bench(program, "report", folder / "report", DAYS))
    rows.append((
        f"report of {DAYS} days, ms", f"{report['median']:.1f}/{report['p99']:.1f}", "", f"{REPORT_LIMIT:.0f} ms",
        report["p99"] <= REPORT_LIMIT))
    rows.append((f"({places})", "", "", "", True))
    return rows
