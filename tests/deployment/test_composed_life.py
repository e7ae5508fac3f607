"""The life of a composed system from build to teardown, with a made-up `docker` and a real gateway in this process."""

import http.server
import json
import os
import signal
import threading
import time
from dataclasses import replace

import pytest

from pytest_superteam.config import DeploymentConfig
from pytest_superteam.deployment.compose import DEPLOYER
from pytest_superteam.deployment.composed.record import read_compose_record
from pytest_superteam.deployment.records import load_deployment, read_record
from pytest_superteam.errors import DeploymentError, FinalDeploymentError

PROJECT = "superteam-run-1"


class Gateway(http.server.BaseHTTPRequestHandler):
    """Answers readiness of one service below its prefix."""

    statuses: dict[str, int] = {"/api/shop-service/ready": 200}  # noqa: RUF012

    def do_GET(self):
        """Answer by path."""
        self.send_response(self.statuses.get(self.path, 404))
        self.end_headers()

    def log_message(self, *_):
        """Say nothing."""


def container(service, **changes):
    """Return what `docker inspect` says of a running, healthy container."""
    state = {"Status": "running", "ExitCode": 0, "Error": "", "Health": {"Status": "healthy", "Log": []}}
    ports = changes.pop("ports", {})
    labels = {"com.docker.compose.service": service, "com.docker.compose.project": PROJECT}
    return {
        "Id": f"id-{service}",
        "Name": f"/{PROJECT}-{service}-1",
        "RestartCount": 0,
        "State": state | changes,
        "Config": {"Labels": labels},
        "NetworkSettings": {"Ports": ports},
    }


class System:
    """A folder with one built service, and the engine's answers for it."""

    def __init__(self, root, docker, port, making):
        self.root = root
        self.making = making
        self.docker = docker
        self.folder = root / ".superteam" / "deployment"
        self.built = making.build(root)
        (self.built.directory / "Dockerfile").write_text('FROM python:3.13-slim\nRUN make\nEXPOSE 8000\nCMD ["x"]\n')
        self.gateway = container("gateway", ports={"8080/tcp": [{"HostIp": "127.0.0.1", "HostPort": str(port)}]})
        context = {"context": str(self.built.directory), "dockerfile": "Dockerfile"}
        services = {"shop-service": {"build": context}, "gateway": {"image": "caddy:2"}}
        docker.answer("config", "--format", "json", out=json.dumps({"services": services}))
        docker.answer("inspect", "--type", out=json.dumps([container("shop-service"), self.gateway]))
        self.has(PROJECT)
        self.said = []

    def has(self, project, **changes):
        """Let the engine have containers of `project` until they are taken down."""
        words = ("ps", "--all", "--quiet", f"label=com.docker.compose.project={project}")
        self.docker.answer(*words, out="id-gateway\n", until="down", **changes)

    def request(self, **changes):
        """Return a request for the service."""
        values = {"ready_timeout": 3.0, "say": self.said.append, "project": self.root} | changes
        return self.making.request(self.root, self.built, **values)

    def deploy(self, **changes):
        """Deploy it."""
        return DEPLOYER.deploy(self.request(**changes))

    def failed(self, kind=DeploymentError, **changes):
        """Return the message with which the deployment fails; nothing may be left of it."""
        with pytest.raises(kind) as caught:
            self.deploy(**changes)
        return str(caught.value)

    def check_nothing_left(self):
        """Check that everything was taken down and no process of ours goes on."""
        assert self.docker.called("compose", "down", "--volumes")
        assert read_record(self.folder) is None
        assert load_deployment(self.folder) is None


@pytest.fixture
def gateway():
    """Return the port of a gateway."""
    Gateway.statuses = {"/api/shop-service/ready": 200}
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Gateway) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield server.server_address[1]
        server.shutdown()
        thread.join()


@pytest.fixture
def system(tmp_path, fake_docker, gateway, making):
    """Return the system; it is taken down in the end."""
    made = System(tmp_path, fake_docker, gateway, making)
    yield made
    DEPLOYER.teardown(made.folder)


def test_a_composed_system_answers_through_its_gateway(system, gateway):
    """URLs, published ports and the project come from the engine; the record and the deployment are on disk."""
    system.docker.answer(
        "compose",
        "build",
        out="#4 [shop-service 2/2] RUN make\n#4 0.1 all\n#5 [shop-service] exporting to image\n#5 DONE 0.1s\n",
    )
    system.docker.answer("compose", "up", out=f" Container {PROJECT}-shop-service-1  Healthy\n")
    deployment = system.deploy()
    base = f"http://127.0.0.1:{gateway}"
    assert (deployment.kind, deployment.run_id, deployment.project) == ("compose", "run-1", PROJECT)
    assert deployment.gateway == base
    assert deployment.url("shop-service") == f"{base}/api/shop-service"
    assert deployment.published == {"gateway": (f"127.0.0.1:{gateway}",), "shop-service": ()}
    assert deployment.services[0].log == system.folder / "logs" / "shop-service.log"
    assert deployment.telemetry == system.folder / "telemetry"
    assert deployment.stop == ""
    assert len(deployment.jwt_secret) == 64
    assert load_deployment(system.folder) == deployment
    assert json.loads((system.folder / "readiness.json").read_text()) == {"shop-service": "/ready"}
    assert set(json.loads((system.folder / "timings.json").read_text())) >= {"generate", "build", "start", "ready"}
    assert system.said == [
        "building 1 image",
        "shop-service: make (2/2)",
        "shop-service: built in 0 s",
        "starting the containers",
        "shop-service: healthy",
    ]
    assert read_record(system.folder).live
    record = read_compose_record(system.folder)
    assert (record.kept, record.containers) == (False, ("gateway", "shop-service"))
    assert "#4 0.1 all" in (system.folder / "build.log").read_text()
    for name in ("build.log", "compose.log", "compose.json", "deployment.json"):
        assert (system.folder / name).stat().st_mode & 0o077 == 0
    up = next(call for call in system.docker.calls if "up" in call)
    assert up[-3:] == ["up", "--detach", "--no-build"]
    assert "config" not in (system.folder / "compose.log").read_text()
    DEPLOYER.teardown(system.folder)
    DEPLOYER.teardown(system.folder)
    system.check_nothing_left()
    assert (system.folder / "logs").is_dir()


def test_a_build_that_fails_takes_everything_down(system):
    """The place and the output of the failing instruction are in the error; no container is started."""
    lines = ["#4 [shop-service 2/2] RUN make", "#4 0.1 no rule", "#4 ERROR: process did not complete: exit code: 2"]
    system.docker.answer("compose", "build", out="\n".join(lines) + "\n", status=17)
    message = system.failed(FinalDeploymentError)
    assert message == (
        "deploy: compose: shop-service: its image could not be built: services/shop-service/Dockerfile:2: make: "
        "exit code 2. Its last lines:\n    no rule"
    )
    assert not system.docker.called("compose", "up")
    system.check_nothing_left()


def test_builds_that_take_too_long_are_ended(system):
    """The limit for all images is said with what was not done."""
    system.docker.answer("compose", "build", out="#4 [shop-service 2/2] RUN make\n", seconds=60)
    message = system.failed(FinalDeploymentError, images_timeout=0.5)
    assert message.startswith(
        "deploy: compose: the images were not built within 0.5 s (`timeouts.images`); not done: shop-service."
    )
    system.check_nothing_left()


def test_an_image_that_can_not_be_pulled(system):
    """An absent image is pulled, and where it can't be, the line names it and its setting."""
    system.docker.answer("image", "inspect", "caddy:2", status=1)
    system.docker.answer("compose", "pull", "gateway", out=" gateway Error no such host\n", status=18)
    message = system.failed(FinalDeploymentError)
    assert message == (
        "deploy: compose: the image caddy:2 can't be pulled: no such host. "
        "Name one that can by `deployment.images.caddy`."
    )
    system.check_nothing_left()


def test_a_service_that_ends_is_told_with_its_log(system):
    """The exit code and the last log lines are in the error, and the whole log is in its file."""
    ended = container("shop-service", Status="exited", ExitCode=4, Health=None)
    system.docker.answer("inspect", "--type", out=json.dumps([ended, system.gateway]))
    system.docker.answer("compose", "up", err=f"container {PROJECT}-shop-service-1 exited (4)\n", status=1)
    system.docker.answer("logs", "id-shop-service", out="starting\nno database\n")
    message = system.failed()
    assert message == (
        "shop-service: ended with exit code 4 before it was ready. Its last log lines:\n    starting\n    no database"
    )
    assert "no database" in (system.folder / "logs" / "shop-service.log").read_text()
    system.check_nothing_left()


def test_a_service_that_ends_without_an_error_is_one(system):
    """A service that is called must run: its end with exit code 0 is a failure as well."""
    ended = container("shop-service", Status="exited", Health=None)
    system.docker.answer("inspect", "--type", out=json.dumps([ended, system.gateway]))
    system.docker.answer("logs", "id-shop-service", out="bye\n")
    message = system.failed()
    assert message == "shop-service: ended before it was ready, though without an error. Its last log lines:\n    bye"


def test_a_service_that_is_never_healthy_is_given_up(system):
    """Compose waits for dependencies for ever; we do not, and say what the health check said."""
    health = {"Status": "starting", "Log": [{"Output": "connection refused\n"}]}
    system.docker.answer("inspect", "--type", out=json.dumps([container("shop-service", Health=health)]))
    system.docker.answer("compose", "up", seconds=60)
    message = system.failed(ready_timeout=1.0)
    assert message.startswith("shop-service: not ready after 1 s: its health check has not passed: connection refused.")
    system.check_nothing_left()


def test_a_starting_container_is_asked_by_its_own_check(system):
    """Health does not wait for the engine's interval: the container's check is run until it passes, as it stands."""
    checked = {"Healthcheck": {"Test": ["CMD", "ask", "me"]}, "Shell": ["/bin/bash", "-c"]}
    service = container("shop-service", Health={"Status": "starting", "Log": []})
    service["Config"] |= checked
    gateway = system.gateway | {"State": service["State"]}
    gateway["Config"] = gateway["Config"] | checked | {"Healthcheck": {"Test": ["CMD-SHELL", "ask || exit 1"]}}
    system.docker.answer("inspect", "--type", out=json.dumps([service, gateway]))
    system.docker.answer("exec", "id-shop-service", status=1, times=2)
    system.deploy()
    asked = [call for call in system.docker.calls if call[0] == "exec"]
    assert asked.count(["exec", "id-gateway", "/bin/bash", "-c", "ask || exit 1"]) == 1
    assert asked.count(["exec", "id-shop-service", "ask", "me"]) == 3
    assert {"gateway: healthy", "shop-service: healthy"} <= set(system.said)
    assert read_compose_record(system.folder).containers == ("gateway", "shop-service")


def test_a_service_that_keeps_ending_is_given_up(system):
    """Compose takes a container that is started again and again for one that runs; we do not."""
    looping = container("shop-service", Status="restarting", ExitCode=3, Health=None) | {"RestartCount": 5}
    system.docker.answer("inspect", "--type", out=json.dumps([looping, system.gateway]))
    system.docker.answer("logs", "id-shop-service", out="no database yet\n")
    assert system.failed(ready_timeout=0.5) == (
        "shop-service: not ready after 0.5 s: keeps ending: started again 5 times, ended with exit code 3 the last "
        "time. Its last log lines:\n    no database yet"
    )
    system.check_nothing_left()


def test_a_full_disk_is_final(system):
    """No room while building: said as that, not as the instruction's failure, and not tried again."""
    lines = ["#4 [shop-service 2/2] RUN make", "#4 0.1 cc: No space left on device", "#4 ERROR: exit code: 1"]
    system.docker.answer("compose", "build", out="\n".join(lines) + "\n", status=17)
    assert system.failed(FinalDeploymentError).startswith("deploy: compose: the engine's disk is full.")
    system.check_nothing_left()


def test_a_route_that_does_not_answer_is_given_up(system, gateway):
    """Healthy containers are not enough: the route through the gateway has to answer."""
    Gateway.statuses = {"/api/shop-service/ready": 502}
    message = system.failed(ready_timeout=0.5)
    assert message.startswith(
        f"shop-service at http://127.0.0.1:{gateway}/api/shop-service: not ready after 0.5 s: GET /ready answered 502."
    )


def test_a_taken_port_is_tried_again(system):
    """A port that somebody took in between is told and tried again, on fresh data."""
    line = f"on endpoint {PROJECT}-gateway-1 (ac): Bind for 127.0.0.1:8080 failed: port is already allocated\n"
    system.docker.answer("compose", "up", err=line, status=1, times=1)
    system.docker.answer("ps", f"label=com.docker.compose.project={PROJECT}", out="id-gateway\n", times=4)
    system.deploy()
    assert any("port 8080 of the engine's machine is taken" in line for line in system.said)
    words = [next((w for w in ("up", "down") if w in call), "") for call in system.docker.calls if call[0] == "compose"]
    assert [word for word in words if word] == ["up", "down", "up"]
    assert not system.docker.called("down", "--rmi")  # the second start needs the images


def test_containers_that_are_not_made_are_no_service_that_ended(system):
    """Where Compose makes no containers, its reason is told, not that a service has ended."""
    line = "Error response from daemon: No such image: shop:latest\n"
    system.docker.answer("compose", "up", err=line, status=1)
    system.docker.answer("ps", f"label=com.docker.compose.project={PROJECT}", out="")
    said = (
        "deploy: compose: the containers could not be started: Error response from daemon: No such image: shop:latest."
    )
    assert system.failed() == said


def test_ctrl_c_takes_everything_down(system):
    """An interrupt in the middle of a build ends the client and removes what there is."""
    system.docker.answer("compose", "build", out="#4 [shop-service 2/2] RUN make\n", seconds=60)

    def interrupt():
        while not system.docker.called("compose", "build"):
            time.sleep(0.02)
        os.kill(os.getpid(), signal.SIGINT)

    thread = threading.Thread(target=interrupt)
    thread.start()
    with pytest.raises(KeyboardInterrupt):
        system.deploy()
    thread.join()
    system.check_nothing_left()


def test_no_engine_is_one_final_line(system):
    """Without an engine nothing is written and nothing retried."""
    system.docker.answer("version", "--format", err="Cannot connect to the Docker daemon", status=1)
    with pytest.raises(FinalDeploymentError, match=r"\Adeploy: compose: no Docker engine answers at unix:"):
        system.deploy()
    assert read_compose_record(system.folder) is None


def test_an_owner_that_is_gone_gets_nothing(system):
    """Nothing is started that nobody would take down."""
    with pytest.raises(DeploymentError, match="process 2000000000, is not running"):
        system.deploy(owner_pid=2000000000)


KEEP = replace(DeploymentConfig(), keep_up=True)


def test_what_is_kept_is_taken_over_and_stays(system):
    """The next run with the same inputs builds and starts nothing, has the same secret, and leaves it running too."""
    first = system.deploy(settings=KEEP)
    assert first.stop == f"docker compose -p {PROJECT} down --volumes --rmi local"
    DEPLOYER.teardown(system.folder)
    assert read_record(system.folder) is None
    before = len(system.docker.calls)
    second = system.deploy(run_id="run-2")
    calls = system.docker.calls[before:]
    assert not any({"build", "up", "pull", "down"} & set(call) for call in calls)
    assert (second.run_id, second.project) == ("run-2", PROJECT)
    assert (second.services, second.jwt_secret, second.stop) == (first.services, first.jwt_secret, first.stop)
    DEPLOYER.teardown(system.folder)
    assert not any("down" in call for call in system.docker.calls)
    assert read_compose_record(system.folder).kept


def test_what_is_kept_and_changed_is_replaced(system):
    """Other inputs: the old deployment goes, a new one comes, and is kept only if that is asked for."""
    system.deploy(settings=KEEP)
    DEPLOYER.teardown(system.folder)
    (system.built.directory / "main.py").write_text("changed")
    system.docker.answer("ps", "label=com.docker.compose.project=superteam-run-2", out="id-gateway\n", times=4)
    second = system.deploy(run_id="run-2")
    assert system.docker.called("-p", PROJECT, "down")
    assert (second.project, second.stop) == ("superteam-run-2", "")


def test_what_is_kept_and_sick_is_replaced(system):
    """A kept deployment of which something has ended is not taken over."""
    system.deploy(settings=KEEP)
    DEPLOYER.teardown(system.folder)
    both = json.dumps([container("shop-service"), system.gateway])
    ended = json.dumps([container("shop-service", Status="exited"), system.gateway])
    system.docker.answer("inspect", "--type", out=both)
    system.docker.answer("inspect", "--type", out=ended, times=1)
    system.docker.answer("ps", "label=com.docker.compose.project=superteam-run-2", out="id-gateway\n", times=4)
    assert system.deploy(run_id="run-2").project == "superteam-run-2"
    assert system.docker.called("-p", PROJECT, "down")


def test_another_run_in_the_folder_is_not_disturbed(system):
    """Two runs never share a folder."""
    system.deploy()
    with pytest.raises(DeploymentError, match=r"run 'run-1' is still using it\. Let it end first\."):
        system.deploy(run_id="run-2")
