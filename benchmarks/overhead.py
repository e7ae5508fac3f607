"""What a run takes beside its builders, its start-up and its checks, for 1, 10 and 50 services.

Run: python benchmarks/overhead.py [--services 1,10,50] [--seconds 60] [--parallel 10] [--codes 40]. Exits with 1 where
ours is 3 s or 5 % of the session, or more. Other options go to both sessions' pytest.

Builders, start-up and checks only sleep, so that their critical path is known. What is taken off the session's time:

- builders: as many waves as `--parallel` makes, of `--seconds` each;
- start-up: what the deployment sleeps, and what the interpreter, pytest and its installed plugins take to start;
- checks: what one scan and one call of each service sleep, and what plain pytest takes for as many empty tests.

What pytest takes is measured in a session beside it. All else is ours: importing our rooms, reading the settings, the
design, the contracts and their tests, planning (all items of the built-in checks too, which `-k` then leaves out),
whatever is written down of each build, state and item and waits for the disk, the reports, the end. What is no part of
this are the built-in checks themselves and the start of real services. Sleeping too long counts as ours as well.

The share holds for a minute a builder, which is little for an agent: a worst case, of which the seconds are no share.
By the clock it says something on an idle machine only; what the processor did is steadier, and more than what the clock
shows, for what is done while builders sleep makes no session longer.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from documents import prd

MOST_SECONDS, MOST_SHARE = 3.0, 0.05
START_UP, SCAN, CALL = 5.0, 0.1, 0.1
"""Seconds of the start-up, and of each service's scan and call."""
NOUNS = (
    *("book", "order", "invoice", "payment", "shipment", "product", "category", "review"),
    *("coupon", "ticket", "message", "project", "task", "device", "sensor", "reading"),
    *("report", "contract", "warehouse", "vehicle", "route", "booking", "room", "menu"),
    *("recipe", "ingredient", "course", "lesson", "exam", "clinic", "appointment", "policy"),
    *("claim", "transfer", "loan", "album", "song", "playlist", "concert", "parcel"),
    *("pallet", "shelf", "crate", "bottle", "garden", "tree", "bridge", "engine"),
    *("battery", "lamp"),
)
"""A thing to keep for each service, the most there can be."""

CONFTEST = f"""
import asyncio, os, time

from pytest_superteam.builders.base import BuildOutput
from pytest_superteam.models import Deployment, Rule, RunningService, Severity

class Sleeper:
    name, version, tier = "sleeper", "1", "free"

    async def build(self, request):
        await asyncio.sleep(float(os.environ["BENCHMARK_SECONDS"]))
        (request.directory / "main.py").write_text(f"NAME = {{request.service!r}}\\n", encoding="utf-8")
        return BuildOutput(start=("python", "main.py"))

class Nowhere:
    name = "nowhere"

    def deploy(self, request):
        time.sleep({START_UP})
        request.folder.mkdir(parents=True, exist_ok=True)
        running = [RunningService(b.service, "http://127.0.0.1:9", request.folder / "log") for b in request.builds]
        return Deployment("nowhere", request.run_id, tuple(running), "not-a-secret" * 4)

    def teardown(self, folder):
        pass

class Scanner:
    codes = tuple(
        Rule(f"BENCH-{{number:03d}}", "sleeps", Severity.ERROR, "benchmark", 3, "Nothing.")
        for number in range(1, int(os.environ["BENCHMARK_CODES"]))
    )

    def scan(self, service):
        time.sleep({SCAN})
        return ()

class Call:
    code, severity, help = "BENCH-000", Severity.ERROR, "Nothing."

    def run(self, target):
        time.sleep({CALL})
        return ()

def pytest_superteam_builders(): return (Sleeper(),)
def pytest_superteam_deployments(): return (Nowhere(),)
def pytest_superteam_scanners(): return (Scanner(),)
def pytest_superteam_checks(): return (Call(),)
"""


PEER = """
import os

import pytest

@pytest.mark.parametrize("number", range(int(os.environ["BENCHMARK_ITEMS"])))
def test_item(number):
    assert number >= 0
"""


def timed(folder: Path, environment: dict[str, str], options: list[str]) -> tuple[float, float]:
    """Return the seconds of a session of pytest, by the clock and of the processor; exit where it does not pass."""
    before, started = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *options]
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    taken, after = time.perf_counter() - started, resource.getrusage(resource.RUSAGE_CHILDREN)
    if done.returncode:
        sys.exit(f"{done.stdout[-3000:]}{done.stderr[-3000:]}")
    return taken, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def measured(services: int, chosen: argparse.Namespace, folder: Path) -> tuple[float, float, float, float]:
    """Return the seconds of a session, those of its critical path, and what is ours, by the clock and of the processor.

    The process exits where something did not run as often as it had to.
    """
    waves = math.ceil(services / chosen.parallel) * chosen.seconds
    critical = waves + START_UP + services * (SCAN + CALL)
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    environment |= {"BENCHMARK_SECONDS": str(chosen.seconds), "BENCHMARK_CODES": str(chosen.codes)}
    environment["BENCHMARK_ITEMS"] = str(services * chosen.codes)
    peer, whole = folder / "peer", folder / "run"
    for part, text in (
        (peer / "test_peer.py", PEER),
        (whole / "PRD.md", prd(NOUNS[:services])),
        (whole / "conftest.py", CONFTEST),
    ):
        part.parent.mkdir(exist_ok=True)
        part.write_text(text, encoding="utf-8")
    least, least_busy = timed(peer, environment, chosen.more)
    environment["SUPERTEAM_PARALLEL"] = str(chosen.parallel)
    options = ["--prd", "PRD.md", "--builder", "sleeper", "--deploy", "nowhere", "-k", "BENCH", *chosen.more]
    taken, busy = timed(whole, environment, options)
    items = json.loads((whole / ".superteam/reports/gate-report.json").read_text(encoding="utf-8"))["items"]
    built = len(list((whole / "services").glob("*/main.py")))
    if len(items) != services * chosen.codes or built != services:
        sys.exit(f"{len(items)} items and {built} built services: not what was to be run.")
    return taken, critical + least, taken - critical - least, busy - least_busy


def main() -> None:
    """Measure, and print a row for each size."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--services", default="1,10,50")
    parser.add_argument("--seconds", type=float, default=60.0, help="what one builder takes")
    parser.add_argument("--parallel", type=int, default=10, help="builders at the same time")
    parser.add_argument("--codes", type=int, default=40, help="items of each service")
    chosen, chosen.more = parser.parse_known_args()
    passed = True
    print("services  items  critical path s  session s  ours s  share  ours s of the processor")
    for services in map(int, chosen.services.split(",")):
        with tempfile.TemporaryDirectory() as folder:
            taken, critical, ours, busy = measured(services, chosen, Path(folder))
        passed &= ours < MOST_SECONDS and ours < MOST_SHARE * taken
        row = f"{services:8}  {services * chosen.codes:5}  {critical:15.2f}  {taken:9.2f}  {ours:6.2f}"
        print(f"{row}  {ours / taken:5.1%}  {busy:23.2f}", flush=True)
    sys.exit(not passed)


if __name__ == "__main__":
    main()
