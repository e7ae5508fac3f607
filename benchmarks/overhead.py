"""What a run takes beside its builders, its start-up and its checks, for 1, 10 and 50 services.

Run: python benchmarks/overhead.py [--services 1,10,50] [--seconds 30] [--parallel 10] [--codes 40]. Builders, start-up
and checks only sleep, so that their critical path is known: the waves of builders, the start-up, and one scan and one
call of each service. What is left of the session's wall time is ours: pytest's own start, the design, the contracts,
planning, the bookkeeping of each build and each item, the reports. Thirty seconds are little for an agent, so that the
share is a worst case. Exits with 1 where ours is 3 s or 5 % of the session, or more. Other options go to pytest.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

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


def prd(services: int) -> str:
    """Return a document with as many services, an entity each."""
    names = NOUNS[:services]
    rows = "".join(f"| {name}-service | Keeps {name} records |\n" for name in names)
    parts = "".join(
        f"\n### {name.title()} ({name}-service)\n\n| field | type |\n| --- | --- |\n"
        "| id | uuid |\n| name | string, required, at most 80 characters |\n| amount | integer, 0 to 1000 |\n"
        for name in names
    )
    calls = "".join(f"- POST /{name}s, GET /{name}s, GET /{name}s/{{id}} ({name}-service)\n" for name in names)
    return (
        f"# Fleet of {services}\n\n## Services\n\n| service | responsibility |\n| --- | --- |\n{rows}"
        f"\n## Data model\n{parts}\n## Endpoints\n\n{calls}"
    )


def session(services: int, chosen: argparse.Namespace, folder: Path) -> tuple[float, float, int]:
    """Return the seconds of a session, those of its critical path, and its number of items.

    The process exits where an item did not pass, or where something did not run as often as it had to.
    """
    (folder / "PRD.md").write_text(prd(services), encoding="utf-8")
    (folder / "conftest.py").write_text(CONFTEST, encoding="utf-8")
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    environment |= {"BENCHMARK_SECONDS": str(chosen.seconds), "BENCHMARK_CODES": str(chosen.codes)}
    environment |= {"SUPERTEAM_PARALLEL": str(chosen.parallel)}
    options = ["--builder", "sleeper", "--deploy", "nowhere", "-k", "BENCH", "-q", "-p", "no:cacheprovider"]
    started = time.perf_counter()
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "--prd", "PRD.md", *options, *chosen.more],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    taken = time.perf_counter() - started
    report = folder / ".superteam/reports/gate-report.json"
    items = json.loads(report.read_text(encoding="utf-8"))["items"] if report.is_file() else []
    built = len(list((folder / "services").glob("*/main.py")))
    if done.returncode or len(items) != services * chosen.codes or built != services:
        sys.exit(
            f"{done.stdout[-3000:]}{done.stderr[-3000:]}\n{len(items)} items, {built} built: not what was to be run."
        )
    waves = math.ceil(services / chosen.parallel) * chosen.seconds
    return taken, waves + START_UP + services * (SCAN + CALL), len(items)


def main() -> None:
    """Measure, and print a row for each size."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--services", default="1,10,50")
    parser.add_argument("--seconds", type=float, default=30.0, help="what one builder takes")
    parser.add_argument("--parallel", type=int, default=10, help="builders at the same time")
    parser.add_argument("--codes", type=int, default=40, help="items of each service")
    chosen, chosen.more = parser.parse_known_args()
    passed = True
    print("services  items  session s  critical path s  ours s  share")
    for services in map(int, chosen.services.split(",")):
        with tempfile.TemporaryDirectory() as folder:
            taken, critical, items = session(services, chosen, Path(folder))
        ours = taken - critical
        passed &= ours < MOST_SECONDS and ours < MOST_SHARE * taken
        print(f"{services:8}  {items:5}  {taken:9.2f}  {critical:15.2f}  {ours:6.2f}  {ours / taken:5.1%}", flush=True)
    sys.exit(not passed)


if __name__ == "__main__":
    main()
