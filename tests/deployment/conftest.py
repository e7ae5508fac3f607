"""Small real services, as scripts of the standard library, and requests to deploy them."""

import json
import os
import sys
import textwrap
import types
from pathlib import Path

import psutil
import pytest

from pytest_superteam.deployment import plan
from pytest_superteam.deployment.base import DeployRequest
from pytest_superteam.deployment.process import ProcessDeployer, teardown
from pytest_superteam.models import Architecture, BuildResult, Dependency, Event, Service

SERVER = """
    import http.server, json, os, sys

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            status, body = answer(self.path)
            self.send_response(status)
            self.end_headers()
            self.wfile.write(json.dumps(body).encode())

    def answer(path):
        if path == "/ready":
            return 200, "ready"
        if path == "/environment":
            return 200, dict(os.environ)
        return 404, "nothing"

    {extra}
    print("listening on", sys.argv[1], flush=True)
    http.server.ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Handler).serve_forever()
"""


def server(extra: str = "") -> str:
    """Return the source of a service; `extra` runs before it listens and may redefine `answer`."""
    return textwrap.dedent(SERVER).replace("{extra}", textwrap.dedent(extra))


def build(folder: Path, name: str = "shop-service", source: str | None = None, **changes) -> BuildResult:
    """Return a built service whose only file is `source`."""
    directory = folder / "services" / name
    directory.mkdir(parents=True)
    (directory / "main.py").write_text(source if source is not None else server(), encoding="utf-8")
    values = {"success": True, "start": ("python", "main.py", "{port}")} | changes
    return BuildResult(service=name, builder="test", directory=directory, **values)


def architecture(*names: str, dependencies=(), events=()) -> Architecture:
    """Return a system of `names`, with (consumer, provider) and (event, publisher, consumers) links."""
    return Architecture(
        title="Shop",
        prd_sha256="",
        services=tuple(Service(name) for name in names),
        dependencies=tuple(Dependency(c, p, "read_thing") for c, p in dependencies),
        events=tuple(Event(n, n.lower(), p, tuple(c)) for n, p, c in events),
    )


def request_for(folder: Path, *builds: BuildResult, **changes) -> DeployRequest:
    """Return a request for `builds`, owned by this process unless `changes` say otherwise."""
    values = {
        "run_id": "run-1",
        "architecture": architecture(*(b.service for b in builds)),
        "builds": builds,
        "folder": folder / ".superteam" / "deployment",
        "owner_pid": os.getpid(),
        "ready_timeout": 20.0,
    } | changes
    return DeployRequest(**values)


def running(folder: Path) -> list[int]:
    """Return the pids of the living processes that have to do with `folder`: by command line or by working folder."""
    found = []
    for process in psutil.process_iter():
        try:
            if process.status() != psutil.STATUS_ZOMBIE and str(folder) in f"{process.cwd()} {process.cmdline()}":
                found.append(process.pid)
        except psutil.Error:
            continue
    return [pid for pid in found if pid != os.getpid()]


@pytest.fixture(scope="session")
def making():
    """Return what makes builds and requests: `build(folder, name, source)` and `request(folder, *builds)`."""
    return types.SimpleNamespace(build=build, request=request_for)


class Lab:
    """A folder with services to deploy, and a way to see which processes it has."""

    def __init__(self, folder: Path) -> None:
        self.root = folder
        self.folder = folder / ".superteam" / "deployment"
        self.server = server
        self.architecture = architecture

    def build(self, name: str = "shop-service", source: str | None = None, **changes) -> BuildResult:
        """Return a built service."""
        return build(self.root, name, source, **changes)

    def deploy(self, *builds: BuildResult, **changes):
        """Deploy `builds` into the folder."""
        return ProcessDeployer().deploy(request_for(self.root, *builds, **changes))

    def running(self) -> list[int]:
        """Return the living processes of the folder."""
        return running(self.root)


@pytest.fixture
def lab(tmp_path):
    """Return a lab in `tmp_path`; everything is taken down after the test and nothing may be left."""
    made = Lab(tmp_path)
    yield made
    teardown(made.folder)
    assert made.running() == []


@pytest.fixture
def sessions(lab, making, monkeypatch):
    """Return two services that can be deployed and restarted; a deaf one is killed after a moment."""
    from restarted_systems import Sessions

    monkeypatch.setattr(plan, "GRACE_SECONDS", 1.0)
    return Sessions(lab, making, monkeypatch)


@pytest.fixture(scope="session")
def engine():
    """Return the container engine of this machine; the test is skipped, with the reason, where none answers."""
    from pytest_superteam.deployment.composed.engine import Engine
    from pytest_superteam.errors import FinalDeploymentError

    try:
        return Engine.find(timeout=10)
    except FinalDeploymentError as error:
        pytest.skip(f"needs a container engine: {error}")


FAKE = """#!{python} -IS
import json, pathlib, sys, time
home = pathlib.Path({home!r})
with (home / "calls.jsonl").open("a+") as calls:
    calls.write(json.dumps(sys.argv[1:]) + "\\n")
    calls.seek(0)
    before = [json.loads(line) for line in calls]
for rule in json.loads((home / "rules.json").read_text()):
    words = iter(sys.argv[1:])
    if all(word in words for word in rule["words"]):
        once = home / ("used-" + str(rule["number"]))
        if rule["times"] and once.exists() and len(once.read_text()) >= rule["times"]:
            continue
        if rule["until"] and any(rule["until"] in call for call in before):
            continue
        with once.open("a") as used:
            used.write("x")
        sys.stdout.write(rule["out"]); sys.stdout.flush()
        sys.stderr.write(rule["err"]); sys.stderr.flush()
        time.sleep(rule["seconds"])
        sys.exit(rule["status"])
"""


class FakeDocker:
    """A program `docker` of ours, the only one on the PATH: answers by rules, writes down how it was called."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.rules: list[dict] = []
        self.program = home / "bin" / "docker"
        self.program.parent.mkdir(parents=True)
        self.program.write_text(FAKE.format(python=sys.executable, home=str(home)), encoding="utf-8")
        self.program.chmod(0o755)
        self._save()

    def answer(self, *words, out="", err="", status=0, seconds=0.0, times=0, until=""):
        """Answer so from now on when the arguments hold `words` in this order.

        `times` 0: each time; with `until`, only before somebody called it with that word.
        """
        rule = {"words": words, "out": out, "err": err, "status": status, "seconds": seconds, "times": times}
        self.rules.insert(0, {**rule, "until": until, "number": len(self.rules)})
        self._save()

    def _save(self):
        (self.home / "rules.json").write_text(json.dumps(self.rules), encoding="utf-8")

    @property
    def calls(self) -> list[list[str]]:
        """Return the arguments of each call."""
        file = self.home / "calls.jsonl"
        return [json.loads(line) for line in file.read_text().splitlines()] if file.exists() else []

    def called(self, *words) -> bool:
        """Return whether it was called with `words` in this order."""

        def fits(call):
            rest = iter(call)
            return all(word in rest for word in words)

        return any(fits(call) for call in self.calls)


@pytest.fixture
def fake_docker(tmp_path, monkeypatch):
    """Return a fake engine client that answers as one that works and has nothing."""
    for name in ("DOCKER_HOST", "DOCKER_CONTEXT"):
        monkeypatch.delenv(name, raising=False)
    made = FakeDocker(tmp_path / "fake-docker")
    made.answer("version", "--format", out="28.2.2\n")
    made.answer("compose", "version", out="2.26.1\n")
    made.answer("context", "inspect", out="unix:///var/run/docker.sock\n")
    monkeypatch.setenv("PATH", str(made.program.parent))
    return made
