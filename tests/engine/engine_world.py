"""One project of the crash tests: its sessions, and what can be told from the outside about what they left."""

from __future__ import annotations

import json
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

import psutil
from jsonschema import Draft202012Validator

import pytest_superteam
from pytest_superteam.pipeline.state.snapshot import SCHEMA

PRD = """\
# Till

## Services

| Service | Responsibility |
| --- | --- |
| first-service | Keeps items |
| second-service | Keeps letters |

## Data model

### Item (first-service)

| Field | Type | Constraints |
| --- | --- | --- |
| id | uuid | primary key |
| name | string | required, max 50 characters |

### Letter (second-service)

| Field | Type | Constraints |
| --- | --- | --- |
| id | uuid | primary key |
| text | string | required, max 50 characters |
"""
SETTINGS = """\
builder: scripted
deploy: none
parallel: 1
budget: {total: 50}
retry: {base_delay: 0.01, max_delay: 0.02, grace: 2}
gate: {convergence_ratio: 0, promotion: all}
"""
OWN_TEST = '''\
def test_up(deployment):
    """Both services answered when they were started."""
    assert {service.name for service in deployment.services} == {"first-service", "second-service"}
'''
GATE = ("--prd", "PRD.md")
STARTED = (*GATE, "--deploy", "process", "up.py", "PRD.md", "-k", "test_up or builds")
"""A session that starts the system, for the project's own test of it; without this option nothing is started."""
PLUGINS = ("pytest_superteam.plugin", "xdist.plugin")
PRELOADED = "ignore:Module already imported"
MOVING = (
    "run_id",
    "timeline",
    "seconds",
    "attempts",
    "phases",
    "started",
    "ended",
    "cost_usd",
    "costs",
    "generated",
    "at",
    "repeat",
)
"""What of a report is of its session only: times, tries and costs (looked at apart), and the command line."""


STATES = (
    "init",
    "architect_running",
    "architect_review",
    "contracts_registering",
    "builders_running",
    "builders_complete",
    "integrating",
    "quality_gate",
    "complete",
)
"""The states of a run that passes its gate, in order."""
SCRIPT = {"first-service": [{"usd": 0.25}], "second-service": [{"usd": 0.5, "worst": 2.0}]}
PAID = [("first-service", 0.25, False), ("second-service", 0.5, False)]
ONCE = {"first-service": 1, "second-service": 1}
INTERRUPTED = {
    "SIGKILL": -signal.SIGKILL,
    "SIGTERM": 2,
    "SIGINT": 2,
    "SIGINT twice": 2,
}
"""How a session ends that meets this fault."""
CUT_OFF = [*PAID[:1], ("second-service", 2.0, True), *PAID[1:]]
"""What was paid where a try was cut off: nobody knows what it cost, so that its worst case counts."""
TWICE = {"first-service": 1, "second-service": 2}
SPREAD = ("-n", "1")
"""Runs the items in another process than the run's owner, which is what matters; a second worker only takes time."""


@dataclass
class Ended:
    """How a session ended."""

    code: int
    output: str

    @property
    def tail(self):
        """Return the end of what it printed, for the message of a failed test."""
        return self.output[-3000:]


class Server:
    """The process that sessions are forked from."""

    def __init__(self):
        """Start it."""
        self.process = subprocess.Popen(
            [sys.executable, Path(__file__).with_name("session_server.py")],
            env={**os.environ, "PYTHONPATH": str(Path(pytest_superteam.__file__).parents[1])},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )

    def ask(self, **what):
        """Ask for something and return the answer."""
        self.process.stdin.write(json.dumps(what) + "\n")
        self.process.stdin.flush()
        return json.loads(self.process.stdout.readline())

    def close(self):
        """End it."""
        self.process.stdin.close()
        self.process.wait(10)
        self.process.stdout.close()


@dataclass
class World:
    """A project in a folder of its own."""

    server: Server
    path: Path
    script: dict = field(default_factory=dict)
    settings: str = SETTINGS

    def __post_init__(self):
        """Write the project."""
        self.path.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(Path(__file__).with_name("scripted.py"), self.path / "scripted.py")
        self.write("conftest.py", "from scripted import *  # the hooks\n")
        self.write("PRD.md", PRD)
        self.write("superteam.yaml", self.settings)
        self.write("up.py", OWN_TEST)
        self.write("script.json", json.dumps(self.script))
        options = " ".join(f"-p {name}" for name in PLUGINS)
        ini = ["[pytest]", f"addopts = -p no:cacheprovider {options}", "filterwarnings =", "  error", f"  {PRELOADED}"]
        self.write("pytest.ini", "\n".join(ini))

    def write(self, name, text):
        """Write a file of the project."""
        (self.path / name).write_text(text, encoding="utf-8")

    # ------------------------------------------------------------ sessions

    def environment(self, fault="", at=""):
        """Return what a session finds in its environment: of ours, the fault alone."""
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("SUPERTEAM_", "PYTEST_"))}
        more = {
            "FAULT": fault,
            "FAULT_AT": at,
            "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",
            "PYTHONPATH": str(Path(pytest_superteam.__file__).parents[1]),
        }
        return kept | more

    def start(self, fault="", at="", *arguments):
        """Start a session in a process group of its own, with a fault somewhere; return its process id."""
        asked = {
            "arguments": arguments or GATE,
            "folder": str(self.path),
            "environment": self.environment(fault, at),
            "output": str(self.path.with_suffix(".txt")),
        }
        return self.server.ask(**asked)["pid"]

    def end(self, session, seconds=90):
        """Return how a session ended: its exit code, or the negative number of the signal."""
        end = time.monotonic() + seconds
        while (code := self.server.ask(end=session)["code"]) is None:
            if time.monotonic() > end:
                os.killpg(session, signal.SIGUSR1)
                time.sleep(1)  # for their stacks
                os.killpg(session, signal.SIGKILL)
                stacks = [path.read_text(encoding="utf-8") for path in self.path.parent.glob("*.stacks")]
                raise AssertionError("\n".join([f"no end:\n{self.output[-3000:]}", *filter(None, stacks)]))
            time.sleep(0.02)
        return Ended(code, self.output)

    def session(self, fault="", at="", *arguments, spread=()):
        """Run a session to its end, whatever that is."""
        return self.end(self.start(fault, at, *(arguments or GATE), *spread))

    @property
    def output(self):
        """Return what the last session printed."""
        return self.path.with_suffix(".txt").read_text(encoding="utf-8", errors="replace")

    # ------------------------------------------------------------ what is there

    def noted(self, what):
        """Return what the script's own book says."""
        file = self.path.with_suffix(".jsonl")
        lines = file.read_text(encoding="utf-8").splitlines() if file.exists() else ()
        return [line for line in map(json.loads, lines) if line["what"] == what]

    def begun(self):
        """Return how often each service was begun."""
        services = [line["service"] for line in self.noted("begin")]
        return {service: services.count(service) for service in sorted(set(services))}

    def rows(self, query, *values):
        """Return rows of the database, read without anything of what is tested."""
        with closing(sqlite3.connect(f"file:{self.path}/.superteam/state.db?mode=ro", uri=True)) as connection:
            connection.row_factory = sqlite3.Row
            return [dict(row) for row in connection.execute(query, values)]

    def costs(self):
        """Return (service, US dollars, estimated) of each paid step; none may be open."""
        rows = self.rows("SELECT * FROM costs ORDER BY id")
        assert {row["status"] for row in rows} <= {"settled"}, rows
        return [(row["service"], round(row["usd"], 6), bool(row["estimated"])) for row in rows]

    def transitions(self):
        """Return the states that the newest run came through, in order."""
        rows = self.rows(
            "SELECT target FROM transitions WHERE run = (SELECT id FROM runs ORDER BY started DESC LIMIT 1) ORDER BY id"
        )
        return [row["target"] for row in rows]

    def read(self, name="reports/gate-report.json"):
        """Return a document of the state, the report where no other is named."""
        return json.loads((self.path / ".superteam" / name).read_text(encoding="utf-8"))

    def report(self):
        """Return the verdict without what differs from session to session."""
        return still(self.read())

    def state(self):
        """Return the state of the run that people read, in a document that has to be whole at any time."""
        snapshot = self.read("PIPELINE_STATE.json")
        Draft202012Validator(json.loads(SCHEMA.read_text(encoding="utf-8"))).validate(snapshot)
        return snapshot["state"]["current"]

    def processes(self):
        """Return what still runs for this project: what works in its folder, and the children of builders."""
        children = {line["child"] for line in self.noted("child")}
        found = []
        for process in psutil.process_iter():
            try:
                works = process.pid in children or self.path.as_posix() in (process.cwd(), *process.cmdline())
                below = process.cwd().startswith(f"{self.path.as_posix()}/")
                if (works or below) and process.status() != psutil.STATUS_ZOMBIE:
                    found.append((process.pid, process.cmdline()))
            except (psutil.NoSuchProcess, psutil.AccessDenied):
                continue
        return found

    def gone(self, seconds=15):
        """Return what still runs after a while; what ends by itself is given the time."""
        end = time.monotonic() + seconds
        while (left := self.processes()) and time.monotonic() < end:
            time.sleep(0.05)
        return left


def still(data):
    """Return a document without what differs from session to session."""
    if isinstance(data, dict):
        return {key: still(value) for key, value in data.items() if key not in MOVING}
    return [still(value) for value in data] if isinstance(data, list) else data


def finish(world, uninterrupted):
    """Go on to the end, and return the session; its report has to be the one of a run that nothing happened to."""
    ended = world.session()
    assert ended.code == 0, ended.tail
    assert world.report() == uninterrupted.report()
    assert world.state() == "complete"
    assert world.gone() == []
    return ended
