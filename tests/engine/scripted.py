"""What a project of the crash tests plugs in: builders that do what a script says, and faults at any state.

A session of such a project runs in a process of its own. `script.json` says what each execution of a builder does, by
service; a book beside the project's folder counts what really happened, out of reach of what is tested. The environment
says which fault strikes and where: `FAULT` and `FAULT_AT` (states of the run, or `build:<service>`).
"""

from __future__ import annotations

import asyncio
import faulthandler
import json
import os
import resource
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

from pytest_superteam.builders.base import BuildOutput, Progress
from pytest_superteam.errors import BuildError
from pytest_superteam.models import Usage, WorstCase

HERE = Path(__file__).parent
BOOK = HERE.with_suffix(".jsonl")
SERVICE = '''\
"""Answers on its port that it is alive; the standard library is enough for that."""

import os
from http.server import BaseHTTPRequestHandler, HTTPServer


class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"{}")

    def log_message(self, *_arguments):
        pass


if __name__ == "__main__":
    HTTPServer(("127.0.0.1", int(os.environ["PORT"])), Handler).serve_forever()
'''
SECRET = (
    '\nimport jwt\n\n\ndef token(claims):\n    return jwt.encode(claims, "a-very-secret-key-of-ours-123", "HS256")\n'
)
CHILD = "import time; time.sleep(600)"
FULL = "full disk"

if "FAULT" in os.environ:  # of a session that does not end each process says where it is, when it is asked to
    stacks = os.open(HERE.with_suffix(f".{os.getpid()}.stacks"), os.O_WRONLY | os.O_CREAT, 0o600)
    faulthandler.register(signal.SIGUSR1, stacks, all_threads=True)


# ---------------------------------------------------------------- what happened


def note(**what):
    """Write down what happens, whole or not at all, whoever is killed next."""
    line = json.dumps({"at": time.time(), "pid": os.getpid(), **what}) + "\n"
    handle = os.open(BOOK, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)
    try:
        with suppress(OSError):  # where the fault is that nothing can be written
            os.write(handle, line.encode())
    finally:
        os.close(handle)


def noted(service):
    """Return how often a service was begun so far."""
    with suppress(FileNotFoundError):
        lines = map(json.loads, BOOK.read_text(encoding="utf-8").splitlines())
        return sum(line["what"] == "begin" and line["service"] == service for line in lines)
    return 0


# ---------------------------------------------------------------- faults


class Faults:
    """The one fault of a session, and where it strikes; a hook of the project's conftest.py."""

    def __init__(self, environment):
        """Read what is to strike."""
        self.how, self.at = environment.get("FAULT", ""), tuple(environment.get("FAULT_AT", "").split())
        self.owner = os.getpid()
        self.worker = False

    def pytest_configure(self, config):
        """Remember who owns the run."""
        workerinput = getattr(config, "workerinput", None)
        if workerinput is not None:
            self.worker, self.owner = True, workerinput["superteam_owner"]

    def pytest_superteam_phase(self, phase, state):
        """Strike as a state is entered: it is written down, and its work has not begun."""
        note(what="state", phase=phase, state=state, worker=self.worker)
        if state in self.at:
            self.strike()
            self.wait()

    def pytest_runtest_setup(self, item):
        """Strike in the middle of the gate, before its last layer."""
        if "layer4" in self.at and "::layer4::" in item.nodeid:
            self.strike()

    def pytest_superteam_gate_report(self):
        """Strike while the report is made."""
        if "report" in self.at:
            self.strike()

    def pytest_unconfigure(self):
        """Strike while the session is taken down."""
        if "unconfigure" in self.at and not self.worker:
            self.strike()

    def strike(self, pause=0.0):
        """Do what was asked for; a signal comes to this process, to the owner of the run or to all of them.

        Between two signals there is a pause (seconds) where another thread or process is to hear the first one.
        """
        note(what="fault", how=self.how)
        whom, _, name = self.how.rpartition(":")
        if name == FULL:
            fill_disk()
            return
        number = getattr(signal, name.removesuffix(" twice"))
        try:
            self.send(whom, number)
        finally:
            if name.endswith(" twice"):
                time.sleep(pause)
                self.send(whom, number)

    def send(self, whom, number):
        """Send a signal; one to another process takes a moment until it is felt here."""
        if whom == "worker" and not self.worker:
            return
        if whom == "all":
            os.killpg(0, number)
        else:
            os.kill(self.owner if whom == "owner" else os.getpid(), number)

    def wait(self):
        """Wait where a signal went elsewhere, until that process ends this one."""
        whom, _, _name = self.how.rpartition(":")
        if whom in ("owner", "all") and self.worker:
            time.sleep(60)


def fill_disk():
    """Leave no room: in the file system of the project where it has one of its own, else in all files of ours."""
    if HERE.is_mount():
        with suppress(OSError), (HERE / "filler").open("wb", buffering=0) as filler:
            while True:
                filler.write(bytes(4096))
    else:
        resource.setrlimit(resource.RLIMIT_FSIZE, (0, resource.getrlimit(resource.RLIMIT_FSIZE)[1]))


# ---------------------------------------------------------------- builders


class ScriptedBuilder:
    """Does what the script says; `script[service]` has an entry for each execution, the last one counts for the rest.

    An entry may have `usd`, `worst` (None: nobody can say), `seconds`, `fail`, `retryable`, `hang`, `stubborn` (ignores
    that it is cancelled, so many seconds), `fork` (leaves a child in a session of its own), `reports` (what it says of
    its cost on the way) and `secret` (a finding of the gate).
    """

    version = "1"
    tier = "paid"
    model = "scripted-1"

    def __init__(self, faults, name="scripted"):
        """Strike where the faults say."""
        self.faults, self.name = faults, name
        self.children = []

    def entry(self, service, number):
        """Return what this execution does."""
        entries = json.loads((HERE / "script.json").read_text(encoding="utf-8")).get(service) or [{}]
        return entries[min(number, len(entries) - 1)]

    def worst_case(self, request):
        """Return the most that the next execution can cost."""
        return WorstCase(self.entry(request.service, noted(request.service)).get("worst", 1.0), self.model)

    async def build(self, request):
        """Write the service."""
        number = noted(request.service)
        entry = self.entry(request.service, number)
        note(what="begin", service=request.service, number=number, attempt=request.attempt)
        if entry.get("fork"):
            self.fork(request)
        (request.directory / "main.py").write_text(SERVICE + SECRET * bool(entry.get("secret")), encoding="utf-8")
        if "reports" in entry:
            request.report(Progress("at work", Usage(entry["reports"], self.model)))
        if f"build:{request.service}" in self.faults.at and not number:
            self.faults.strike(pause=0.3)
        await self.work(entry)
        usage = Usage(entry.get("usd", 0.5), self.model, 100, 10)
        if "fail" in entry:
            note(what="failed", service=request.service, usd=usage.usd)
            raise BuildError(entry["fail"], usage=usage, retryable=entry.get("retryable"))
        note(what="end", service=request.service, usd=usage.usd)
        return BuildOutput(start=("python", "main.py"), test=("python", "-c", "pass"), usage=usage)

    def fork(self, request):
        """Leave a child that nobody knows of."""
        child = subprocess.Popen([sys.executable, "-S", "-c", CHILD], cwd=request.directory, start_new_session=True)
        self.children.append(child)
        note(what="child", service=request.service, child=child.pid)

    async def work(self, entry):
        """Let time pass, or never come to an end."""
        end = time.monotonic() + entry.get("stubborn", 0)
        while True:
            try:
                await asyncio.sleep(600 if entry.get("hang") else entry.get("seconds", 0))
            except asyncio.CancelledError:
                if time.monotonic() > end:
                    raise
            else:
                return


# ---------------------------------------------------------------- hooks

FAULTS = Faults(os.environ)


def pytest_configure(config):
    """Watch the run."""
    FAULTS.pytest_configure(config)


def pytest_runtest_setup(item):
    """Strike at an item."""
    FAULTS.pytest_runtest_setup(item)


def pytest_unconfigure():
    """Strike at the end."""
    FAULTS.pytest_unconfigure()


def pytest_superteam_phase(phase, state):
    """Strike at a state."""
    FAULTS.pytest_superteam_phase(phase, state)


def pytest_superteam_gate_report():
    """Strike while the report is made."""
    FAULTS.pytest_superteam_gate_report()


def pytest_superteam_builders():
    """Offer the builder of the script."""
    return [ScriptedBuilder(FAULTS)]
