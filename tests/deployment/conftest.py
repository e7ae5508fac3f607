"""Small real services, as scripts of the standard library, and requests to deploy them."""

import os
import textwrap
from pathlib import Path

import psutil
import pytest

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
