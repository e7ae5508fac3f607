"""The composed deployment on a real engine: small systems of two services, and what becomes of them."""

import contextlib
import json
import os
import signal
import socket
import socketserver
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from dataclasses import replace
from pathlib import Path

import pytest

from pytest_superteam.config import DeploymentConfig
from pytest_superteam.deployment.compose import DEPLOYER
from pytest_superteam.deployment.composed.engine import Engine
from pytest_superteam.deployment.composed.record import read_compose_record
from pytest_superteam.deployment.composed.removal import leftovers, remove_project
from pytest_superteam.deployment.composed.states import containers_of
from pytest_superteam.deployment.composed.sweeping import sweep_composed
from pytest_superteam.deployment.composed.takedown import take_down
from pytest_superteam.deployment.records import load_deployment, read_record
from pytest_superteam.errors import DeploymentError, FinalDeploymentError

pytestmark = pytest.mark.docker
ROOT = Path(__file__).parents[2]
DOCKERFILE = """\
FROM python:3.13-slim
WORKDIR /app
COPY main.py .
USER 65532:65532
EXPOSE 8000
CMD ["python3", "-u", "main.py"]
"""
SERVER = """\
import http.server, json, os, signal, sys

class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        print(json.dumps({"path": self.path}), flush=True)
        known = self.path in ("/ready", "/health", "/environment")
        self.send_response(200 if known else 404)
        self.end_headers()
        self.wfile.write(json.dumps(sorted(os.environ)).encode())

    def log_message(self, *_):
        pass

signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
http.server.ThreadingHTTPServer(("0.0.0.0", int(os.environ["PORT"])), Handler).serve_forever()
"""


@pytest.fixture(scope="module")
def composed(making):
    """Return what makes a built service with a Dockerfile."""

    def make(root, name, source=SERVER, dockerfile=DOCKERFILE):
        made = making.build(root, name, source)
        (made.directory / "Dockerfile").write_text(dockerfile, encoding="utf-8")
        return made

    return make


def unique(name):
    """Return a run id that no other run on this engine has."""
    return f"{name}-{os.getpid()}-{time.monotonic_ns() % 10**9}"


def status(url):
    """Return the HTTP status of `url`."""
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(url, timeout=10) as answer:
            return answer.status
    except urllib.error.HTTPError as error:
        return error.code


def eventually(condition, seconds=20.0):
    """Poll `condition` until it holds; return whether it did."""
    end = time.monotonic() + seconds
    while not condition() and time.monotonic() < end:
        time.sleep(0.1)
    return bool(condition())


@pytest.fixture(scope="module")
def kept(engine, making, composed, tmp_path_factory):
    """Return a system of two services behind a gateway that is left running, its request and its deployment."""
    root = tmp_path_factory.mktemp("kept")
    builds = (composed(root, "order-service"), composed(root, "cart-service"))
    settings = replace(DeploymentConfig(), keep_up=True)
    said = []
    changes = {"project": root, "settings": settings, "say": said.append, "run_id": unique("kept")}
    request = making.request(root, *builds, ready_timeout=60.0, **changes)
    deployment = DEPLOYER.deploy(request)
    yield request, deployment, said
    assert take_down(request.folder)
    assert leftovers(deployment.project, engine.environment) == ()


def test_the_services_answer_through_the_gateway_only(kept):
    """Each service is called below its prefix, and the gateway publishes the only port, on loopback."""
    _, deployment, _ = kept
    for name in ("order-service", "cart-service"):
        assert deployment.url(name).startswith(deployment.gateway)
        assert status(deployment.url(name) + "/health") == 200
        assert status(deployment.url(name) + "/nothing") == 404
    published = {name: found for name, found in deployment.published.items() if found}
    (addresses,) = published.values()
    assert [address.split(":")[0] for address in addresses] == ["127.0.0.1"]
    assert set(deployment.published) >= {"order-service", "cart-service"}


def test_progress_was_told(kept):
    """A person saw what was built and what became healthy."""
    _, _, said = kept
    assert said[0].startswith("building ")
    assert "order-service: healthy" in said


def test_the_logs_are_followed_line_by_line(kept, engine):
    """What a service prints is in its file soon after, nothing added; also after the container was started again."""
    _, deployment, _ = kept
    log = next(service.log for service in deployment.services if service.name == "order-service")
    status(deployment.url("order-service") + "/first")
    assert eventually(lambda: '{"path": "/first"}\n' in log.read_text())
    container = f"{deployment.project}-order-service-1"
    words = ["docker", "restart", "--time", "1", container]
    subprocess.run(words, check=True, capture_output=True, env=dict(engine.environment))
    assert eventually(lambda: status(deployment.url("order-service") + "/second") == 404)
    assert eventually(lambda: '{"path": "/second"}\n' in log.read_text())
    assert log.read_text().count('"/first"') == 1
    assert all(set(json.loads(line)) == {"path"} for line in log.read_text().splitlines())


def test_what_is_kept_is_taken_over_by_the_next_run(kept):
    """The next run deploys nothing: the same containers, addresses and secret, under its own run id; and they stay."""
    request, deployment, _ = kept
    DEPLOYER.teardown(request.folder)
    assert read_record(request.folder) is None
    said = []
    again = DEPLOYER.deploy(replace(request, run_id=unique("again"), say=said.append))
    assert said == [f"took over what runs already ({deployment.project}): nothing of it has changed"]
    assert (again.services, again.jwt_secret, again.project) == (
        deployment.services,
        deployment.jwt_secret,
        deployment.project,
    )
    assert again.stop == f"docker compose -p {deployment.project} down --volumes --rmi local"
    assert eventually(lambda: status(again.url("cart-service") + "/third") == 404)
    log = request.folder / "logs" / "cart-service.log"
    assert eventually(lambda: log.exists() and '{"path": "/third"}' in log.read_text())
    DEPLOYER.teardown(request.folder)
    assert sweep_composed(request.folder) == []
    assert status(again.url("cart-service") + "/health") == 200


def test_an_engine_is_reached_over_tcp(engine):
    """DOCKER_HOST may name an address: the same engine answers there, behind whatever forwards it."""
    if not engine.endpoint.startswith("unix://"):
        pytest.skip(f"needs an engine behind a socket of this machine, not {engine.endpoint}")
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Forward) as server:
        server.daemon_threads, server.target = True, engine.endpoint.removeprefix("unix://")
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            address = f"tcp://127.0.0.1:{server.server_address[1]}"
            found = Engine.find({**os.environ, "DOCKER_HOST": address})
            assert (found.endpoint, found.version, found.host) == (address, engine.version, "127.0.0.1")
            assert containers_of("superteam-absent", found.environment) == ()
        finally:
            server.shutdown()
            thread.join()


class Forward(socketserver.BaseRequestHandler):
    """Forwards a connection to a socket of this machine."""

    def handle(self):
        """Copy what comes from either side to the other."""
        with socket.socket(socket.AF_UNIX) as other:
            other.connect(self.server.target)
            thread = threading.Thread(target=self.copy, args=(self.request, other), daemon=True)
            thread.start()
            self.copy(other, self.request)
            thread.join(5)

    def copy(self, source, target):
        """Copy until the end of `source`."""
        with contextlib.suppress(OSError):
            while data := source.recv(65536):
                target.sendall(data)
            target.shutdown(socket.SHUT_WR)


def test_images_that_can_not_be_built(engine, making, composed, tmp_path):
    """A real build's output leads to the line of the failing instruction, and nothing is left of the attempt."""
    broken = DOCKERFILE.replace("EXPOSE 8000", "RUN echo wrong >&2 && \\\n    exit 3")
    run_id = unique("broken")
    one = composed(tmp_path, "order-service", dockerfile=broken)
    with pytest.raises(FinalDeploymentError) as caught:
        DEPLOYER.deploy(making.request(tmp_path, one, run_id=run_id, project=tmp_path))
    assert "order-service: its image could not be built: services/order-service/Dockerfile:5: " in str(caught.value)
    assert str(caught.value).endswith("exit code 3. Its last lines:\n    wrong")
    absent = composed(tmp_path, "cart-service", dockerfile=DOCKERFILE.replace("python:3.13-slim", "absent.invalid/x:1"))
    with pytest.raises(FinalDeploymentError, match=r"the image absent\.invalid/x:1 can't be pulled: "):
        DEPLOYER.deploy(making.request(tmp_path, absent, run_id=run_id, project=tmp_path))
    assert leftovers(f"superteam-{run_id}", engine.environment) == ()
    assert read_compose_record(tmp_path / ".superteam" / "deployment") is None


def test_a_service_that_ends(engine, making, composed, tmp_path):
    """The exit code and the log are told, with the secret masked; the logs stay, the containers go."""
    source = "import os\nprint('secret', os.environ['JWT_SECRET'])\nraise SystemExit(7)\n"
    settings = replace(DeploymentConfig(), gateway="none")
    one, run_id = composed(tmp_path, "order-service", source), unique("ends")
    with pytest.raises(DeploymentError) as caught:
        DEPLOYER.deploy(making.request(tmp_path, one, run_id=run_id, project=tmp_path, settings=settings))
    message = str(caught.value)
    assert message.startswith(
        "order-service: ended with exit code 7 before it was ready. Its last log lines:\n    secret "
    )
    assert message.endswith("****")
    folder = tmp_path / ".superteam" / "deployment"
    assert (folder / "logs" / "order-service.log").read_text().startswith("secret ")
    assert leftovers(f"superteam-{run_id}", engine.environment) == ()
    assert load_deployment(folder) is None


OWNER = """
import os, sys, time
from pathlib import Path
sys.path[:0] = [{tests!r}]
from conftest import build, request_for
from dataclasses import replace
from pytest_superteam.config import DeploymentConfig
from pytest_superteam.deployment.compose import DEPLOYER
root = Path({root!r})
settings = replace(DeploymentConfig(), gateway="none")
one = build(root, "order-service", {source!r})
(one.directory / "Dockerfile").write_text({dockerfile!r})
DEPLOYER.deploy(request_for(root, one, run_id={run_id!r}, project=root, settings=settings, ready_timeout=60.0))
print("up", flush=True)
time.sleep(300)
"""


def test_nothing_is_left_of_a_killed_owner(engine, tmp_path):
    """After a kill -9 of the owner its supervisor takes everything down; after one of both, the next start does."""
    run_id = unique("killed")
    project, folder = f"superteam-{run_id}", tmp_path / ".superteam" / "deployment"
    values = {"tests": str(Path(__file__).parent), "root": str(tmp_path), "source": SERVER, "dockerfile": DOCKERFILE}
    code = OWNER.format(run_id=run_id, **values)
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, env=environment) as owner:
        assert owner.stdout.readline() == b"up\n"
        supervisor = read_record(folder).supervisor[0]
        os.kill(supervisor, signal.SIGSTOP)  # stopped, it can do nothing: as if it had been killed too
        owner.kill()
        owner.wait()
        assert leftovers(project, engine.environment)
        try:
            os.kill(supervisor, signal.SIGKILL)
            assert sweep_composed(folder) == [project]
            assert leftovers(project, engine.environment) == ()
            assert read_compose_record(folder) is None
        finally:
            remove_project(project, engine.environment)


def test_a_supervisor_outlives_its_owner_to_take_the_system_down(engine, tmp_path):
    """The owner's end alone is enough: the containers go without anybody's next start."""
    project = unique("superteam-watched")
    file = tmp_path / "compose.yml"
    labels = {"image": "python:3.13-slim", "command": ["sleep", "300"], "init": True}
    file.write_text(json.dumps({"services": {"web": labels}}))
    words = ["docker", "compose", "-p", project, "-f", str(file), "up", "--detach"]
    try:
        subprocess.run(words, check=True, capture_output=True, env=dict(engine.environment))
        code = OWNER_OF_SUPERVISOR.format(folder=str(tmp_path / "deployment"), project=project, file=str(file))
        environment = {**os.environ, "PYTHONPATH": str(ROOT)}
        with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, env=environment) as owner:
            assert owner.stdout.readline() == b"up\n"
            assert leftovers(project, engine.environment)
            owner.kill()
        assert eventually(lambda: not leftovers(project, engine.environment))
        assert eventually(lambda: read_compose_record(tmp_path / "deployment") is None)
    finally:
        remove_project(project, engine.environment)


OWNER_OF_SUPERVISOR = """
import os, time
from pathlib import Path
from pytest_superteam.deployment.composed.commands import client_environment
from pytest_superteam.deployment.composed.owner import Owner
from pytest_superteam.deployment.composed.plan import ComposePlan
from pytest_superteam.deployment.composed.record import ComposeRecord, save_compose_record
from pytest_superteam.deployment.composed.supervision import ComposeSupervision
from pytest_superteam.deployment.launch import start_supervisor
folder = Path({folder!r})
(folder / "logs").mkdir(parents=True)
plan = ComposePlan("run", {project!r}, folder, folder, (Path({file!r}),), ())
record = ComposeRecord("run", Owner.of(os.getpid()), "marker", plan)
save_compose_record(record)
start_supervisor(ComposeSupervision(record, client_environment()))
print("up", flush=True)
time.sleep(300)
"""
