"""From `--prd` to a healthy system, by phase, with local processes and with compose, beside starting it by hand.

Run: python benchmarks/deploy.py [--services 4,20] [--deploy process,compose]. Each run starts from nothing but the
engine's cache of layers, which a first run fills. The peer does what has to be done in any case, with what the run left
on disk: `docker compose build` and `up --wait`, or one process per service until each answers /ready. The plugin's own
part is what is left of the whole time once building the services and starting them are taken away: with compose the
seconds that the deployment spent on waiting for the engine (`timings.json`), with processes the peer's time.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from pathlib import Path

from documents import prd

CONFTEST = """
import time
from pathlib import Path

def pytest_superteam_phase(phase, state):
    with Path("phases.txt").open("a") as stream:
        stream.write(f"{phase} {state} {time.time()}\\n")
"""
ENDED = ("done", "failed", "stopped")
NOUNS = [
    *("Author", "Book", "Order", "Invoice", "Payment", "Shipment", "Customer", "Product", "Category", "Review"),
    *("Coupon", "Ticket", "Message", "Project", "Task", "Device", "Sensor", "Reading", "Report", "Contract"),
]


def run(services: int, deploy: str, folder: Path) -> tuple[float, dict[str, float]]:
    """Return the seconds until everything was healthy, and those of each phase."""
    (folder / "PRD.md").write_text(prd(NOUNS[:services]))
    (folder / "conftest.py").write_text(CONFTEST)
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    command = [sys.executable, "-m", "pytest", "--prd", "PRD.md", "--until", "deployment", "--deploy", deploy, "-q"]
    started = time.time()
    result = subprocess.run(command, cwd=folder, env=environment, capture_output=True, check=False)
    if result.returncode:
        sys.exit(result.stdout.decode()[-3000:])
    began: dict[str, float] = {}
    phases: dict[str, float] = {}
    ended = started
    for line in (folder / "phases.txt").read_text().splitlines():
        phase, state, moment = line.split()
        if state == "started":
            began[phase] = float(moment)
        elif state in ENDED:  # the states of the run are told too
            phases[phase] = float(moment) - began[phase]
            ended = float(moment)
    return ended - started, {"start of pytest": min(began.values()) - started, **phases}


def compose_by_hand(folder: Path) -> float:
    """Return the seconds that Compose needs for the generated files, in a project of its own."""
    file = folder / ".superteam/deployment/docker-compose.yml"
    names = sorted(set(re.findall(r"\$\{(\w+)\}", file.read_text())))  # passwords of its own
    (file.parent / ".env").write_text("".join(f"{name}={'0' * 48}{index}\n" for index, name in enumerate(names)))
    command = ["docker", "compose", "-p", f"byhand{os.getpid()}", "-f", str(file)]
    started = time.perf_counter()
    try:
        for step in (["build", "-q"], ["up", "--wait", "-d"]):
            done = subprocess.run([*command, *step], check=False, capture_output=True, text=True)
            if done.returncode:
                sys.exit(f"by hand: {done.stderr[-2000:]}")
        return time.perf_counter() - started
    finally:
        subprocess.run([*command, "down", "-v", "--rmi", "local"], check=False, capture_output=True)


def waited(folder: Path) -> float:
    """Return the seconds of a composed deployment in which the engine built, pulled and started."""
    told = json.loads((folder / ".superteam/deployment/timings.json").read_text())
    return sum(told.get(step, 0.0) for step in ("build", "pull", "start", "ready"))


def processes_by_hand(folder: Path) -> float:
    """Return the seconds until every service answers, started as its record says."""
    started = time.perf_counter()
    children: list[subprocess.Popen[bytes]] = []
    waiting: dict[int, Path] = {}
    try:
        for number, record in enumerate(sorted((folder / ".superteam/builds").glob("*.json"))):
            port = 21000 + number
            data = folder / f"by-hand-{number}.db"
            argv = [sys.executable if word == "python" else word for word in json.loads(record.read_text())["start"]]
            environment = {
                **os.environ,
                "PORT": str(port),
                "DATABASE_URL": f"sqlite:///{data}",
                "JWT_SECRET": "by-hand-" * 8,
                "EVENT_SUBSCRIBERS": "{}",
                "PYTHONDONTWRITEBYTECODE": "1",
            }
            argv = [word.replace("{port}", str(port)) for word in argv]
            where = folder / "services" / record.stem
            children.append(
                subprocess.Popen(argv, cwd=where, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            )
            waiting[port] = where
        while waiting and time.perf_counter() - started < 120:
            for port in list(waiting):
                try:
                    with urllib.request.urlopen(f"http://127.0.0.1:{port}/ready", timeout=5):
                        del waiting[port]
                except (urllib.error.URLError, OSError):
                    time.sleep(0.02)
        if waiting:
            sys.exit(f"by hand: {', '.join(path.name for path in waiting.values())} did not get ready")
        return time.perf_counter() - started
    finally:
        for child in children:
            child.terminate()
        for child in children:
            child.wait()


def main() -> None:
    """Measure what was asked for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--services", default="4,20")
    parser.add_argument("--deploy", default="process,compose")
    chosen = parser.parse_args()
    for deploy in chosen.deploy.split(","):
        for services in map(int, chosen.services.split(",")):
            folder = Path(tempfile.mkdtemp(prefix="superteam-deploy-"))
            try:
                if deploy == "compose":
                    run(services, deploy, folder)  # fills the engine's cache
                    shutil.rmtree(folder)
                    folder.mkdir()
                whole, phases = run(services, deploy, folder)
                peer = compose_by_hand(folder) if deploy == "compose" else processes_by_hand(folder)
                waiting = waited(folder) if deploy == "compose" else peer
            finally:
                shutil.rmtree(folder, ignore_errors=True)
            own = whole - phases.get("builders", 0.0) - waiting
            told = ", ".join(f"{name} {seconds:.2f}" for name, seconds in phases.items())
            print(f"{deploy}, {services} services: {whole:.1f} s to healthy ({told})")
            print(f"  by hand {peer:.1f} s; the plugin's own part {own:.1f} s, {100 * own / whole:.0f} % of the whole")


main()
