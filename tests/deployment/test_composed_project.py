"""Compose as a program: its command line, its limits, its configuration; containers, addresses and logs it leads to."""

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from pytest_superteam.deployment.composed import commands
from pytest_superteam.deployment.composed.commands import CommandTimeoutError, client_environment, run_command
from pytest_superteam.deployment.composed.engine import Engine
from pytest_superteam.deployment.composed.following import Follower
from pytest_superteam.deployment.composed.plan import ComposePlan, PlannedContainer
from pytest_superteam.deployment.composed.project import ComposeCommandError, project_of, read_config
from pytest_superteam.deployment.composed.publishing import Addresses, publish_widely
from pytest_superteam.deployment.composed.states import Address, Container, containers_of, keep_logs
from pytest_superteam.deployment.logs import masked
from pytest_superteam.errors import DeploymentError, FinalDeploymentError

ROOT = Path(__file__).parents[2]
PYTHON = [sys.executable, "-IS", "-c"]


def plan_in(folder, **changes):
    """Return a plan in `folder`."""
    values = {
        "run_id": "run-1",
        "project": "superteam-run-1",
        "folder": folder,
        "directory": folder,
        "files": (folder / "docker-compose.yml", folder / "more.yml"),
        "services": (PlannedContainer("order-service", "orders", 8000, "/api/orders"),),
        "env_file": folder / ".env",
        "profiles": ("extra",),
        "gateway": "gateway",
        "gateway_port": 8080,
    } | changes
    return ComposePlan(**values)


# ---------------------------------------------------------------- the program


def run(code, tmp_path, **changes):
    """Run Python code as a command."""
    values = {"cwd": tmp_path, "environment": {"PATH": os.environ["PATH"]}, "timeout": 30.0} | changes
    return run_command([*PYTHON, code], **values)


def test_output_goes_to_the_log_and_the_last_lines_stay(tmp_path):
    """Each line is in the log, which only the user can read; a listener hears it; memory holds the last ones."""
    heard = []
    code = "import sys\nfor n in range(1000): print(n)\nsys.exit(3)"
    finished = run(code, tmp_path, log=tmp_path / "x.log", listen=heard.append)
    assert finished.status == 3
    assert len((tmp_path / "x.log").read_text().splitlines()) == len(heard) == 1000
    assert (tmp_path / "x.log").stat().st_mode & 0o777 == 0o600
    assert finished.lines[-1] == "999"
    assert len(finished.lines) == 400


def test_data_is_returned_whole_and_never_logged(tmp_path):
    """Standard output that is data may hold secrets: the log gets what was said beside it only."""
    code = "import sys\nprint('data ' * 20000)\nprint('note', file=sys.stderr)"
    finished = run(code, tmp_path, data=True, log=tmp_path / "x.log")
    assert len(finished.data) == 100001
    assert finished.lines == ("note",)
    assert (tmp_path / "x.log").read_text() == "note\n"


def test_too_much_data_is_an_error(tmp_path, monkeypatch):
    """An answer without an end does not fill the memory."""
    monkeypatch.setattr(commands, "_MOST_BYTES", 1000)
    with pytest.raises(OSError, match="wrote more than"):
        run("print('x' * 100000)", tmp_path, data=True)


def test_a_time_out_ends_the_whole_group(tmp_path):
    """A command that takes too long is ended with its children, also one that ignores the request."""
    code = (
        "import signal, subprocess, sys, time\n"
        f"child = subprocess.Popen([{sys.executable!r}, '-IS', '-c', 'import time; time.sleep(60)'])\n"
        "print(child.pid, flush=True)\ntime.sleep(60)"
    )
    heard = []
    with pytest.raises(CommandTimeoutError, match=r"no end after 1 s"):
        run(code, tmp_path, timeout=1.0, listen=heard.append)
    end = time.monotonic() + 10
    status = Path(f"/proc/{heard[0]}/stat")
    while status.exists() and ") Z" not in status.read_text() and time.monotonic() < end:
        time.sleep(0.02)
    assert not status.exists() or ") Z" in status.read_text()


def test_a_check_can_end_a_command(tmp_path, monkeypatch):
    """What a check raises is what the caller gets, and the command is over."""
    monkeypatch.setattr(commands, "_CHECK_SECONDS", 0.05)
    pids = []

    def check():
        raise LookupError("enough")

    with pytest.raises(LookupError, match="enough"):
        run("import time; time.sleep(60)", tmp_path, check=check, started=lambda pid, _: pids.append(pid))
    assert not Path(f"/proc/{pids[0]}").exists()


def test_a_link_in_place_of_the_log_is_not_followed(tmp_path):
    """A log that leads elsewhere is refused."""
    (tmp_path / "x.log").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(OSError, match=r"x\.log"):
        run("print(1)", tmp_path, log=tmp_path / "x.log")
    assert not (tmp_path / "elsewhere").exists()


# ---------------------------------------------------------------- compose


def test_the_command_line_names_everything(tmp_path, fake_docker):
    """Project, directory, files, profiles and env file are explicit: nothing is guessed from where it runs."""
    project = project_of(plan_in(tmp_path))
    project.run("build")
    assert fake_docker.calls[-1] == [
        *("compose", "--ansi", "never", "--progress", "plain", "-p", "superteam-run-1"),
        *("--project-directory", str(tmp_path), "-f", str(tmp_path / "docker-compose.yml")),
        *("-f", str(tmp_path / "more.yml"), "--profile", "extra", "--env-file", str(tmp_path / ".env"), "build"),
    ]


def test_a_command_that_fails_raises_with_what_it_said(tmp_path, fake_docker):
    """What testcontainers runs for us fails with the last line that Compose said, and a time-out with its limit."""
    project = project_of(plan_in(tmp_path))
    fake_docker.answer("down", err="something\nno such project\n\n", status=1)
    with pytest.raises(ComposeCommandError, match=r"docker compose down: no such project") as caught:
        project.stop()
    assert caught.value.finished.status == 1
    fake_docker.answer("build", seconds=60)
    with pytest.raises(ComposeCommandError, match=r"docker compose build: no end after 0\.3 s"):
        project.run("build", timeout=0.3)


def test_testcontainers_reads_the_containers_through_us(tmp_path, fake_docker):
    """The library's own questions run with our arguments, and their answers are not logged."""
    row = {"ID": "1", "Name": "n", "Service": "web", "State": "running", "Publishers": [{"TargetPort": 80}]}
    fake_docker.answer("ps", "--format", "json", out=json.dumps(row) + "\n")
    (found,) = project_of(plan_in(tmp_path)).get_containers()
    assert (found.Service, found.Publishers[0].TargetPort) == ("web", 80)
    assert (tmp_path / "compose.log").read_text() == ""


@pytest.mark.parametrize(
    ("rule", "message"),
    [
        (
            {"err": "validating a.yml: services.x Additional property y is not allowed\n", "status": 15},
            r"a\.yml: valid",
        ),
        ({"out": "services: {}"}, "its answer is no JSON"),
        ({"out": "[]"}, "its answer is no mapping"),
    ],
)
def test_a_configuration_that_is_refused_is_one_line(tmp_path, fake_docker, rule, message):
    """What Compose says of files that it does not take comes with their names, in one line."""
    fake_docker.answer("config", **rule)
    with pytest.raises(FinalDeploymentError, match=message) as caught:
        read_config([tmp_path / "a.yml"], tmp_path)
    assert "\n" not in str(caught.value)


def test_a_configuration_is_read(tmp_path, fake_docker):
    """Files, directory and profiles are handed on."""
    fake_docker.answer("config", out='{"services": {"web": {}}}')
    assert read_config([tmp_path / "a.yml"], tmp_path, ["dev"]) == {"services": {"web": {}}}
    assert fake_docker.called("--profile", "dev", "config", "--format", "json")


def test_a_missing_extra_is_one_line():
    """Without testcontainers the line names what to install; the deployment itself still imports."""
    code = (
        "import sys\nsys.modules['testcontainers.compose'] = None\n"
        "import pytest_superteam.deployment.compose\n"
        "from pytest_superteam.errors import FinalDeploymentError\n"
        "try:\n    import pytest_superteam.deployment.composed.project\n"
        "except FinalDeploymentError as error:\n    print(error)"
    )
    answer = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert answer.stdout == (
        "deploy: compose needs testcontainers, which is not installed. Run: pip install 'pytest-superteam[compose]'.\n"
    )


def test_the_deployment_costs_nothing_to_import():
    """Neither testcontainers nor docker is loaded before something is deployed by Compose."""
    code = (
        "import sys\nfrom pytest_superteam.deployment.registry import builtin_deployers\n"
        "print([d.name for d in builtin_deployers()], {'testcontainers', 'docker', 'requests'} & set(sys.modules))"
    )
    answer = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert answer.stdout == "['compose', 'process'] set()\n"


# ---------------------------------------------------------------- containers and addresses


def test_containers_are_read_from_the_engine(fake_docker):
    """State, health, exit code and published ports, by service."""
    inspected = [
        {
            "Id": "2",
            "Name": "/p-web-1",
            "RestartCount": 1,
            "State": {"Status": "running", "Health": {"Status": "starting", "Log": [{"Output": "a"}, {"Output": "b"}]}},
            "Config": {"Labels": {"com.docker.compose.service": "web"}},
            "NetworkSettings": {
                "Ports": {
                    "80/tcp": [{"HostIp": "::", "HostPort": "32001"}, {"HostIp": "0.0.0.0", "HostPort": "32000"}],
                    "443/tcp": None,
                }
            },
        },
        {
            "Id": "1",
            "Name": "/p-job-1",
            "State": {"Status": "exited", "ExitCode": 137, "OOMKilled": True, "Error": "x"},
            "Config": {"Labels": None},
            "HostConfig": {"NetworkMode": "host"},
        },
    ]
    fake_docker.answer("ps", out="1\n2\n")
    fake_docker.answer("inspect", out=json.dumps(inspected))
    job, web = containers_of("p", client_environment())
    assert web == Container(
        *("2", "web", "running", 0, "starting", "b", 1),
        published=(Address("0.0.0.0", 32000, 80), Address("::", 32001, 80)),
    )
    assert (web.on_host, job.on_host) == (False, True)
    assert (job.service, job.out_of_memory, job.exit_code, job.error) == ("p-job-1", True, 137, "x")
    fake_docker.answer("inspect", out="{}x")
    with pytest.raises(DeploymentError, match="an answer that can't be read"):
        containers_of("p", client_environment())


@pytest.mark.parametrize(
    ("bindings", "host", "url"),
    [
        ([("127.0.0.1", 32000)], "127.0.0.1", "http://127.0.0.1:32000/api/orders"),
        ([("::", 32001), ("0.0.0.0", 32000)], "127.0.0.1", "http://127.0.0.1:32000/api/orders"),
        ([("192.0.2.7", 32000)], "127.0.0.1", "http://192.0.2.7:32000/api/orders"),
        ([("2001:db8::7", 32000)], "127.0.0.1", "http://[2001:db8::7]:32000/api/orders"),
        ([("0.0.0.0", 32000)], "build-host", "http://build-host:32000/api/orders"),
    ],
)
def test_urls_follow_from_what_the_engine_published(tmp_path, bindings, host, url):
    """The port is the engine's choice, the host where the engine is, and a service is below its prefix."""
    published = tuple(Address(address, port, 8080) for address, port in bindings)
    containers = (Container("1", "gateway", "running", published=published), Container("2", "orders", "running"))
    addresses = Addresses(plan_in(tmp_path), containers, host)
    assert addresses.url(addresses.plan.services[0]) == url
    assert addresses.published["orders"] == ()
    assert addresses.published["gateway"] == tuple(address.text for address in published)


def test_a_container_on_the_machines_network_is_reachable_everywhere(tmp_path):
    """The engine publishes nothing of it, so what it listens on is told by `*`."""
    helper = Container("1", "helper", "running", on_host=True)
    assert Addresses(plan_in(tmp_path), (helper,), "127.0.0.1").published == {"helper": ("0.0.0.0:*",)}


def test_without_a_gateway_services_are_called_themselves(tmp_path):
    """A service's own published port; one that publishes nothing, or listens nowhere, is told apart."""
    web = Container("1", "orders", "running", published=(Address("127.0.0.1", 32000, 8000),))
    plan = plan_in(tmp_path, gateway="", gateway_port=0)
    addresses = Addresses(plan, (web,), "127.0.0.1")
    assert addresses.gateway == ""
    assert addresses.url(plan.services[0]) == "http://127.0.0.1:32000"
    assert addresses.url(PlannedContainer("worker", "worker", 0)) == ""
    with pytest.raises(DeploymentError, match="orders: the engine publishes no port for 9000 of its container"):
        addresses.url(PlannedContainer("orders", "orders", 9000))


def test_a_remote_engine_publishes_where_it_can_be_reached(tmp_path):
    """Ports on the loopback of another machine are published on all of its addresses, which is said."""
    said = []
    loopback = {"target": 80, "host_ip": "127.0.0.1", "protocol": "tcp"}
    config = {"services": {"gateway": {"ports": [loopback]}, "db": {"ports": [{"target": 1, "host_ip": "10.0.0.1"}]}}}
    plan = plan_in(tmp_path)
    local = Engine("unix:///x", "127.0.0.1", "28", "2.26.1")
    assert publish_widely(plan, config, local, said.append) is plan
    remote = publish_widely(plan, config, Engine("ssh://b", "b", "28", "2.26.1-4"), said.append)
    assert remote.files == (*plan.files, tmp_path / "remote.yml")
    text = (tmp_path / "remote.yml").read_text()
    assert 'ports: !override [{"target": 80, "host_ip": "0.0.0.0", "protocol": "tcp"}]' in text
    assert "db" not in text
    assert said == ["the engine is on b: gateway can be reached on all of its addresses"]
    with pytest.raises(FinalDeploymentError, match=r"needs Compose 2\.24 or newer"):
        publish_widely(plan, config, Engine("ssh://b", "b", "28", "2.23.0"), said.append)


# ---------------------------------------------------------------- logs


def test_logs_are_kept_whole_under_the_names_of_the_services(tmp_path, fake_docker):
    """The whole log of each container replaces what a follower had come to."""
    (tmp_path / "order-service.log").write_text("half")
    labels = {"com.docker.compose.service": "orders"}
    one = {"Id": "c1", "Name": "/x", "State": {"Status": "exited"}, "Config": {"Labels": labels}}
    fake_docker.answer("ps", out="c1\n")
    fake_docker.answer("inspect", out=json.dumps([one]))
    fake_docker.answer("logs", "c1", out="one\ntwo\n")
    keep_logs("p", tmp_path, {"orders": "order-service"}, client_environment())
    assert (tmp_path / "order-service.log").read_text() == "one\ntwo\n"
    assert not (tmp_path / "order-service.tmp").exists()


def event(action, container, service, at):
    """Return what the engine tells of a container."""
    attributes = {"com.docker.compose.service": service}
    actor = {"ID": container, "Attributes": attributes}
    return json.dumps({"Action": action, "Actor": actor, "timeNano": at}).encode()


def test_a_container_is_followed_from_its_start_and_on_after_its_end(tmp_path, fake_docker):
    """Its output is appended to its file as it is; a new start goes on from where the last ended, nothing twice."""
    fake_docker.answer("logs", "--follow", "c1", out='{"a": 1}\n', times=1)
    fake_docker.answer("logs", "--follow", "--since", "7.000000005", "c1", out='{"a": 2}\n')
    follower = Follower(tmp_path, "p", "", {"names": {"orders": "order-service"}, "programs": {}})
    assert follower.take(event("start", "c1", "orders", 5 * 10**9)) == "5.000000000"
    follower.following["c1"].wait(20)
    follower.take(event("die", "c1", "orders", 7 * 10**9 + 5))
    follower.take(event("start", "c1", "orders", 8 * 10**9))
    follower.following["c1"].wait(20)
    assert (tmp_path / "order-service.log").read_text() == '{"a": 1}\n{"a": 2}\n'
    assert (tmp_path / "order-service.log").stat().st_mode & 0o777 == 0o600


def test_a_container_is_followed_once(tmp_path, fake_docker):
    """The listing of what runs and the event of its start may both name it."""
    fake_docker.answer("logs", "--follow", out="x\n", seconds=60)
    fake_docker.answer("ps", "--no-trunc", out="c1 orders\nc2\n")
    follower = Follower(tmp_path, "p", "12.5", {})
    try:
        follower.catch_up(follower.since)
        first = follower.following["c1"]
        follower.take(event("start", "c1", "orders", 5 * 10**9))
        assert follower.following == {"c1": first}
        assert first.args[1:] == ["logs", "--follow", "--since", "12.5", "c1"]
    finally:
        first.kill()
        first.wait()


def test_the_log_of_the_collector_goes_through_its_own_reader(tmp_path, fake_docker):
    """A program that reads a service's log is given the command for it."""
    follower = Follower(tmp_path, "p", "", {"programs": {"collector": [*PYTHON, "import sys; print(sys.argv[1:])"]}})
    follower.take(event("start", "c1", "collector", 1))
    follower.following["c1"].wait(20)
    assert (tmp_path / "collector.log").read_text() == "['docker', 'logs', '--follow', 'c1']\n"


@pytest.mark.parametrize("line", [b"", b"x", b"[]", b"{}", b'{"Actor": null}', b'{"Action": "start", "Actor": {}}'])
def test_an_event_that_can_not_be_read_is_passed_over(tmp_path, line):
    """A newer engine's surprise ends no follower."""
    assert Follower(tmp_path, "p", "", {}).take(line) == ""


def test_events_are_listened_to_until_the_engine_ends_them(tmp_path, fake_docker):
    """The time of the last event is where the next listening begins."""
    lines = b"\n".join([event("start", "c1", "orders", 5 * 10**9), event("die", "c1", "orders", 6 * 10**9), b"x"])
    fake_docker.answer("events", out=lines.decode() + "\n")
    follower = Follower(tmp_path, "p", "", {})
    assert follower.listen("1.0") == "6.000000000"
    assert fake_docker.called("events", "--since", "1.0", "label=com.docker.compose.project=p", "event=start")
    follower.following["c1"].wait(20)


def test_secrets_are_masked():
    """A generated password shows its first characters only; what is short enough to be a word stays."""
    assert masked("password is abcdefgh12345", ("abcdefgh12345", "is", "")) == "password is abcd****"
