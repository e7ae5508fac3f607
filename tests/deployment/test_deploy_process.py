"""The process deployment, with real processes that answer over HTTP."""

import json
import os
import signal
import socket
import stat
import subprocess
import sys
import threading
import time
from pathlib import Path

import psutil
import pytest
from restarted_systems import eventually, fetch

from pytest_superteam.deployment import launch, plan
from pytest_superteam.deployment.process import load_deployment, sweep, teardown
from pytest_superteam.deployment.records import read_record
from pytest_superteam.deployment.supervisor import start_token
from pytest_superteam.errors import DeploymentError

ROOT = Path(__file__).parents[2]


def test_a_deployed_service_answers_on_its_loopback_url(lab):
    """A service that came up answers at the address that the deployment names, and its output is in its log."""
    deployment = lab.deploy(lab.build())
    assert fetch(deployment.url("shop-service") + "/ready") == "ready"
    (service,) = deployment.services
    assert service.url.startswith("http://127.0.0.1:")
    assert "listening on" in service.log.read_text()
    assert psutil.Process(service.pid).is_running()
    assert (deployment.kind, deployment.run_id) == ("process", "run-1")


def test_the_environment_of_a_service_is_explicit(lab, monkeypatch):
    """A service sees the runtime variables, what the request adds and four of the parent's, and nothing else."""
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "do-not-pass-on")
    builds = (lab.build("order-service"), lab.build("catalog-service"))
    system = lab.architecture(
        "order-service",
        "catalog-service",
        dependencies=[("order-service", "catalog-service"), ("order-service", "absent-service")],
        events=[("OrderPlaced", "order-service", ["catalog-service", "absent-service"])],
    )
    deployment = lab.deploy(*builds, architecture=system, environment={"LOG_LEVEL": "DEBUG", "PORT": "1", "EXTRA": "x"})
    seen = fetch(deployment.url("order-service") + "/environment")
    catalog = deployment.url("catalog-service")
    folder = lab.folder
    assert seen["DATABASE_URL"] == f"sqlite:///{folder}/data/order-service/service.db"
    assert deployment.url("order-service").endswith(f":{seen['PORT']}")
    assert seen["CATALOG_SERVICE_URL"] == catalog
    collector = seen["OTEL_EXPORTER_OTLP_ENDPOINT"]
    assert json.loads(seen["EVENT_SUBSCRIBERS"]) == {"OrderPlaced": [collector, catalog]}
    assert seen["OTEL_SERVICE_NAME"] == "order-service"
    assert seen["JWT_SECRET"] == deployment.jwt_secret
    assert (seen["LOG_LEVEL"], seen["EXTRA"]) == ("DEBUG", "x")
    assert (seen["JWT_ISSUER"], seen["CORS_ORIGINS"]) == ("superteam", "")
    allowed = {"PATH", "LANG", "TMPDIR", "SYSTEMROOT", "PORT", "DATABASE_URL", "JWT_SECRET", "JWT_ISSUER", "EXTRA"}
    allowed |= {"CORS_ORIGINS", "LOG_LEVEL", "EVENT_SUBSCRIBERS", "CATALOG_SERVICE_URL", "PYTHONDONTWRITEBYTECODE"}
    allowed |= {
        "OTEL_EXPORTER_OTLP_ENDPOINT",
        "OTEL_EXPORTER_OTLP_PROTOCOL",
        "OTEL_SERVICE_NAME",
        "OTEL_BSP_SCHEDULE_DELAY",
    }
    allowed |= {"PYTHONUNBUFFERED", "SUPERTEAM_DEPLOYMENT", "LC_CTYPE"}  # the last is set by Python itself
    assert set(seen) <= allowed


def test_nothing_is_written_into_the_source_tree(lab):
    """A service that imports its own modules leaves no bytecode beside the source."""
    one = lab.build(source=lab.server("import helper"))
    (one.directory / "helper.py").write_text("VALUE = 1\n")
    lab.deploy(one)
    assert sorted(p.name for p in one.directory.rglob("*")) == ["helper.py", "main.py"]


def test_each_deployment_starts_with_fresh_data_and_a_new_secret(lab):
    """What a service stored is gone in the next deployment of the run, and so is the old secret."""
    one = lab.build()
    first = lab.deploy(one)
    stored = lab.folder / "data" / "shop-service" / "service.db"
    stored.write_text("rows")
    second = lab.deploy(one)
    assert stored.parent.is_dir()
    assert not stored.exists()
    assert first.jwt_secret != second.jwt_secret
    assert len(second.jwt_secret) == 64
    assert not psutil.pid_exists(first.services[0].pid)


@pytest.mark.parametrize(
    ("answers", "probe"),
    [
        ({"/ready": 200}, "/ready"),
        ({"/health": 200}, "/health"),
        ({}, "any HTTP answer"),
    ],
)
def test_the_probe_that_a_service_passed_is_recorded(lab, answers, probe):
    """A service without /ready is asked at /health and then for any answer; which one it was is on disk."""
    extra = f"def answer(path): return {answers!r}.get(path, 404), ''"
    lab.deploy(lab.build(source=lab.server(extra)))
    assert json.loads((lab.folder / "readiness.json").read_text()) == {"shop-service": probe}


def test_a_service_that_exits_fails_at_once_with_its_log(lab):
    """A process that ends early is an error with its exit code and last 15 log lines, long before the time is over."""
    source = "for n in range(40): print('line', n)\nraise SystemExit(7)\n"
    with pytest.raises(DeploymentError) as caught:
        lab.deploy(lab.build(source=source), ready_timeout=3600)
    message = str(caught.value)
    assert message.startswith("shop-service: ended with exit code 7 before it was ready. Its last log lines:")
    assert [line.strip() for line in message.splitlines()[1:]] == [f"line {n}" for n in range(25, 40)]
    assert lab.running() == []


def test_a_service_that_is_never_ready_names_the_last_cause(lab):
    """A time-out says what the last probe got and shows the log."""
    with pytest.raises(DeploymentError, match=r"not ready after 0\.5 s: GET /ready answered 503(?s:.*)listening on"):
        lab.deploy(lab.build(source=lab.server("def answer(path): return 503, ''")), ready_timeout=0.5)
    assert lab.running() == []
    assert load_deployment(lab.folder) is None


def test_the_secret_is_not_in_an_error(lab):
    """A service that prints its environment and dies does not put the secret into the message."""
    source = "import os\nprint('secret', os.environ['JWT_SECRET'])\nraise SystemExit(1)\n"
    with pytest.raises(DeploymentError, match=r"secret [0-9a-f]{4}\*\*\*\*$"):
        lab.deploy(lab.build(source=source))


def test_one_failure_takes_the_others_down(lab):
    """When one of two services does not come up, the error names it alone and nothing is left running."""
    with pytest.raises(DeploymentError) as caught:
        lab.deploy(lab.build(), lab.build("bad-service", "raise SystemExit(3)"))
    assert "bad-service: ended with exit code 3" in str(caught.value)
    assert "shop-service" not in str(caught.value)
    assert lab.running() == []


def test_a_command_that_does_not_exist_is_an_error(lab):
    """A start command that can't be run names the service and the reason."""
    with pytest.raises(DeploymentError, match="shop-service: could not be started: FileNotFoundError"):
        lab.deploy(lab.build(start=("no-such-program", "{port}")))


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"success": False}, "Nothing to deploy"),
        ({"start": ()}, "shop-service has no start command"),
        ({"service": "../../etc"}, "can't be deployed"),
    ],
)
def test_a_build_that_cannot_be_deployed_is_refused(lab, changes, message):
    """No start command, no successful build and a name that is a path are errors before anything is written."""
    one = lab.build()
    bad = type(one)(**(vars(one) | changes))
    with pytest.raises(DeploymentError, match=message):
        lab.deploy(bad)
    assert not lab.folder.exists()


def test_a_port_that_was_taken_is_replaced(lab, monkeypatch):
    """A port that another program got in between leads to another attempt on another port."""
    with socket.socket() as thief:
        thief.bind(("127.0.0.1", 0))
        thief.listen()
        taken = thief.getsockname()[1]
        real, calls = plan.free_ports, []

        def choose(count):
            calls.append(count)
            return [taken, *real(count - 1)] if len(calls) == 1 else real(count)

        monkeypatch.setattr(plan, "free_ports", choose)
        deployment = lab.deploy(lab.build())
    assert len(calls) == 2
    assert fetch(deployment.url("shop-service") + "/ready") == "ready"


def test_a_port_that_is_always_taken_ends_after_three_retries(lab, monkeypatch):
    """After four attempts the deployment gives up and names the port."""
    with socket.socket() as thief:
        thief.bind(("127.0.0.1", 0))
        thief.listen()
        real, calls = plan.free_ports, []

        def choose(count):
            calls.append(count)
            return [thief.getsockname()[1], *real(count - 1)]

        monkeypatch.setattr(plan, "free_ports", choose)
        with pytest.raises(DeploymentError, match=r"port \d+ was taken"):
            lab.deploy(lab.build())
    assert len(calls) == 4


def test_an_answer_of_another_process_is_not_readiness(lab, monkeypatch):
    """A foreign server on the chosen port that answers 200 does not make a silent service ready."""
    import http.server

    class Foreign(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_):
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Foreign) as foreign:
        threading.Thread(target=foreign.serve_forever, daemon=True).start()
        real = plan.free_ports
        monkeypatch.setattr(plan, "free_ports", lambda count: [foreign.server_port, *real(count - 1)])
        with pytest.raises(DeploymentError, match="none of its processes listens on port"):
            lab.deploy(lab.build(source="import time; time.sleep(60)"), ready_timeout=0.3)
        foreign.shutdown()


def test_teardown_leaves_no_process_and_can_be_repeated(lab):
    """Teardown ends services, their children and the supervisor, removes the records and may be called again."""
    extra = """
    import subprocess
    subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
    subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"], start_new_session=True, env={})
    """
    lab.deploy(lab.build(source=lab.server(extra)), lab.build("other-service"))
    assert len(lab.running()) == 6  # two services, two children, the supervisor and the collector
    folder = lab.folder
    teardown(folder)
    assert lab.running() == []
    assert not [p for p in folder.iterdir() if p.suffix == ".json"]
    teardown(folder)


def test_a_service_that_ignores_sigterm_is_killed(lab, monkeypatch):
    """After the grace period a deaf service is killed."""
    monkeypatch.setattr(plan, "GRACE_SECONDS", 0.2)
    lab.deploy(lab.build(source=lab.server("import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN)")))
    teardown(lab.folder)
    assert lab.running() == []


def test_records_are_private_and_hold_no_secret(lab):
    """Only the user can read the records, and only deployment.json holds the secret."""
    deployment = lab.deploy(lab.build())
    folder = lab.folder
    for name in ("processes.json", "deployment.json"):
        assert stat.S_IMODE((folder / name).stat().st_mode) == 0o600
    holders = [p.name for p in folder.rglob("*") if p.is_file() and deployment.jwt_secret in p.read_text("latin-1")]
    assert holders == ["deployment.json"]
    assert load_deployment(folder) == deployment
    assert deployment.jwt_secret not in repr(deployment)


OWNER = """
import os, sys
sys.path[:0] = [{tests!r}, {root!r}]
from pathlib import Path
from conftest import build, request_for
from pytest_superteam.deployment.process import ProcessDeployer
folder = Path({folder!r})
ProcessDeployer().deploy(request_for(folder, build(folder), owner_pid={owner}))
print("up", flush=True)
sys.stdin.read()
"""


def start_owner(lab, owner="os.getpid()"):
    """Start a process that deploys into the lab's folder, and wait until the system is up."""
    script = OWNER.format(root=str(ROOT), tests=str(Path(__file__).parent), folder=str(lab.root), owner=owner)
    process = subprocess.Popen([sys.executable, "-c", script], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert process.stdout.readline().strip() == b"up"
    return process


def end(process, number):
    """Signal `process` and wait for its end."""
    process.send_signal(number)
    process.communicate()


def test_a_killed_owner_takes_its_system_along(lab):
    """SIGKILL of the process that owns the run ends services and supervisor within seconds, records included."""
    owner = start_owner(lab)
    assert len(lab.running()) >= 2
    end(owner, signal.SIGKILL)
    assert eventually(lambda: not lab.running()), lab.running()
    assert eventually(lambda: not list(lab.folder.glob("*.json")))


def test_a_killed_worker_leaves_the_system_to_its_owner(lab):
    """The system outlives the process that deployed it; the owner, another process, can tear it down."""
    worker = start_owner(lab, owner=os.getpid())
    end(worker, signal.SIGKILL)
    deployment = load_deployment(lab.folder)
    time.sleep(1)
    assert fetch(deployment.url("shop-service") + "/ready") == "ready"
    assert sweep(lab.folder) == []
    teardown(lab.folder)
    assert lab.running() == []


def test_ctrl_c_while_a_service_starts_takes_everything_down(lab):
    """An interrupt during the deployment ends what was started, before the process itself ends."""
    script = OWNER.format(root=str(ROOT), tests=str(Path(__file__).parent), folder=str(lab.root), owner="os.getpid()")
    script = script.replace("build(folder)", "build(folder, source='import time; time.sleep(600)')")
    process = subprocess.Popen([sys.executable, "-c", script], stdin=subprocess.PIPE, stderr=subprocess.PIPE)
    assert eventually(lambda: (record := read_record(lab.folder)) and record.services)
    process.send_signal(signal.SIGINT)
    _, errors = process.communicate()
    assert errors.strip().endswith(b"KeyboardInterrupt")
    assert lab.running() == []
    assert read_record(lab.folder) is None


def test_ctrl_c_in_the_terminal_does_not_reach_the_services(lab):
    """Supervisor and services are in sessions of their own."""
    deployment = lab.deploy(lab.build())
    record = read_record(lab.folder)
    sessions = {os.getsid(record.supervisor[0]), os.getsid(deployment.services[0].pid)}
    assert len(sessions) == 2
    assert os.getsid(0) not in sessions


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGKILL])
def test_a_signal_to_the_supervisor_ends_its_services(lab, number):
    """The supervisor stops its services on a signal; when it is killed, the kernel does."""
    lab.deploy(lab.build())
    pid = read_record(lab.folder).supervisor[0]
    os.kill(pid, number)
    assert eventually(lambda: not lab.running()), lab.running()


def test_another_run_may_not_take_a_live_deployment(lab):
    """A second run in the same folder is refused while the first is alive, and the first goes on."""
    one = lab.build()
    deployment = lab.deploy(one)
    with pytest.raises(DeploymentError, match="run 'run-1' is still using it"):
        lab.deploy(one, run_id="run-2")
    assert fetch(deployment.url("shop-service") + "/ready") == "ready"


def test_an_owner_that_is_not_there_is_an_error(lab):
    """A deployment for a process that has ended would end at once; it is refused."""
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()
    with pytest.raises(DeploymentError, match="is not running"):
        lab.deploy(lab.build(), owner_pid=gone.pid)


def leave_behind(lab, *, marked=True):
    """Make what a run leaves whose supervisor was killed on a system without the kernel's help; return the process."""
    lab.deploy(lab.build())
    folder = lab.folder
    record = read_record(folder)
    text = (folder / "processes.json").read_text()
    os.kill(record.supervisor[0], signal.SIGKILL)
    assert eventually(lambda: not lab.running())
    env = {"SUPERTEAM_DEPLOYMENT": record.marker} if marked else {}
    left = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"], cwd=lab.root, env=env)
    data = json.loads(text)
    data["services"]["shop-service"] |= {"pid": left.pid, "start": start_token(left.pid)}
    (folder / "processes.json").write_text(json.dumps(data))
    return left, data


@pytest.mark.parametrize("marked", [True, False])
def test_sweep_ends_what_a_dead_run_has_left(lab, marked):
    """A service whose supervisor is gone is ended and named; a second sweep finds nothing."""
    left, _ = leave_behind(lab, marked=marked)
    assert sweep(lab.folder) == [left.pid]
    assert not psutil.pid_exists(left.pid)
    left.wait()
    assert sweep(lab.folder) == []


def test_sweep_spares_a_process_that_got_the_number_of_a_dead_one(lab):
    """A pid of the record with another start time belongs to somebody else and is left alone."""
    left, data = leave_behind(lab, marked=False)
    data["services"]["shop-service"]["start"] = "1"
    (lab.folder / "processes.json").write_text(json.dumps(data))
    assert sweep(lab.folder) == []
    assert left.poll() is None
    left.kill()
    left.wait()


def test_sweep_leaves_a_live_run_and_one_of_another_machine_alone(lab):
    """Nothing happens to a run whose owner and supervisor live, nor to a record of another boot or container."""
    deployment = lab.deploy(lab.build())
    folder = lab.folder
    assert sweep(folder) == []
    record = folder / "processes.json"
    text = record.read_text()
    record.write_text(json.dumps(json.loads(text) | {"machine": "another", "owner": {"pid": 2, "start": "x"}}))
    assert sweep(folder) == []
    teardown(folder)
    assert fetch(deployment.url("shop-service") + "/ready") == "ready"
    record.write_text(text)


@pytest.mark.parametrize("text", ["", "{}", "[]", "null", '{"services": {"a": 1}}', "\udcff"])
def test_a_damaged_record_is_no_record(tmp_path, text):
    """Records that can't be read are as good as none, and are swept away."""
    for name in ("processes.json", "deployment.json"):
        (tmp_path / name).write_bytes(text.encode("utf-8", "surrogateescape"))
    assert read_record(tmp_path) is None
    assert load_deployment(tmp_path) is None
    assert sweep(tmp_path) == []
    assert list(tmp_path.iterdir()) == []


def test_a_supervisor_that_cannot_start_shows_its_log(lab, monkeypatch):
    """When the supervisor itself dies, the error says so with what it wrote."""
    broken = lab.root / "broken.py"
    broken.write_text("raise SystemExit('no supervisor today')")
    monkeypatch.setattr(launch.supervisor, "__file__", str(broken))
    with pytest.raises(DeploymentError, match=r"supervisor of the services: ended at once(?s:.*)no supervisor today"):
        lab.deploy(lab.build())
