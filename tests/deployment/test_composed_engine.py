"""Which engine answers, why one can't be used, and where its ports are: with a made-up `docker`."""

import pytest

from pytest_superteam.deployment.composed import engine as engines
from pytest_superteam.deployment.composed.commands import client_environment
from pytest_superteam.deployment.composed.engine import Engine, engine_answers
from pytest_superteam.errors import FinalDeploymentError

SOCKET = "unix:///var/run/docker.sock"


def test_a_local_engine_answers_on_loopback(fake_docker):
    """An engine behind a socket of this machine publishes its ports on 127.0.0.1."""
    found = Engine.find()
    assert (found.endpoint, found.host, found.remote) == (SOCKET, "127.0.0.1", False)
    assert (found.version, found.compose) == ("28.2.2", "2.26.1")
    assert engine_answers(10) == ""


def test_a_context_names_the_host_of_published_ports(fake_docker):
    """The current context's address says where the ports are, and that they are out of loopback's reach."""
    fake_docker.answer("context", "inspect", out="ssh://deploy@build-host:2222\n")
    found = Engine.find()
    assert (found.host, found.remote) == ("build-host", True)


def test_without_the_extra_no_engine_can_be_used(fake_docker, monkeypatch):
    """Where testcontainers is missing, `--deploy auto` is told so and nobody asks the engine."""
    monkeypatch.setattr(engines, "find_spec", lambda _: None)
    assert "pip install 'pytest-superteam[compose]'" in engine_answers(10)
    assert fake_docker.calls == []


def test_docker_host_goes_before_the_context(fake_docker, monkeypatch):
    """DOCKER_HOST is what the client talks to, whatever its context says."""
    monkeypatch.setenv("DOCKER_HOST", "tcp://10.1.2.3:2376")
    assert Engine.find().host == "10.1.2.3"


@pytest.mark.parametrize(
    ("endpoint", "host"),
    [
        ("unix:///var/run/docker.sock", "127.0.0.1"),
        ("npipe:////./pipe/docker_engine", "127.0.0.1"),
        ("fd://", "127.0.0.1"),
        ("", "127.0.0.1"),
        ("tcp://localhost:2375", "127.0.0.1"),
        ("tcp://127.0.0.1:2375", "127.0.0.1"),
        ("tcp://[::1]:2375", "127.0.0.1"),
        ("tcp://0.0.0.0:2375", "127.0.0.1"),
        ("tcp://docker:2375", "docker"),
        ("tcp://192.0.2.7:2376", "192.0.2.7"),
        ("tcp://[2001:db8::7]:2376", "[2001:db8::7]"),
        ("ssh://me@Build-Host", "build-host"),
        ("ssh://me@build-host:2222/path", "build-host"),
    ],
)
def test_the_host_of_an_address(endpoint, host):
    """The machine that an engine's address names is where its published ports answer."""
    assert engines.host_of(endpoint) == host


@pytest.mark.parametrize(
    ("rule", "message"),
    [
        (
            {"err": f"Cannot connect to the Docker daemon at {SOCKET}. Is the docker daemon running?", "status": 1},
            f"no Docker engine answers at {SOCKET}. Start it, or name another by DOCKER_HOST.",
        ),
        (
            {"err": "permission denied while trying to connect to the Docker daemon socket at " + SOCKET, "status": 1},
            (
                f"the Docker engine at {SOCKET} refuses this user (permission denied). Add the user to the "
                "group 'docker', or use a rootless engine by DOCKER_HOST."
            ),
        ),
        (
            {"err": 'unable to resolve docker endpoint: context "x": context not found: open meta.json', "status": 1},
            (
                'there is no such Docker context: unable to resolve docker endpoint: context "x": context not found: '
                "open meta.json. `docker context ls` lists those that exist."
            ),
        ),
        (
            {"err": "error during connect: command [ssh host docker system dial-stdio] has exited", "status": 1},
            (
                f"the Docker engine at {SOCKET} can't be used: error during connect: command [ssh host docker system "
                "dial-stdio] has exited"
            ),
        ),
        ({"out": "<no value>\n"}, f"no Docker engine answers at {SOCKET}. Start it, or name another by DOCKER_HOST."),
    ],
)
def test_an_engine_that_can_not_be_used_is_one_line(fake_docker, rule, message):
    """No daemon, no rights, no such context, a broken connection: one line each, and what to do."""
    fake_docker.answer("version", "--format", **rule)
    assert engine_answers(10) == message


def test_an_engine_that_hangs_is_given_up(fake_docker):
    """A daemon that never answers costs the time limit and no more."""
    fake_docker.answer("version", "--format", "{{.Server.Version}}", seconds=60)
    assert engine_answers(0.3) == f"the Docker engine at {SOCKET} gave no answer within 0.3 s. Is it overloaded?"


def test_no_client_at_all(fake_docker):
    """A machine without the program is told what to install."""
    fake_docker.program.unlink()
    assert engine_answers(10) == "no program 'docker' is on the PATH. Install it with its plugin Compose v2."


def test_compose_v1_only(fake_docker):
    """The old program beside a client without the plugin is recognised."""
    fake_docker.answer("compose", "version", err="docker: 'compose' is not a docker command.", status=1)
    assert engine_answers(10).startswith("`docker compose` is no command here.")
    (fake_docker.program.parent / "docker-compose").write_text("#!/bin/sh\n")
    (fake_docker.program.parent / "docker-compose").chmod(0o755)
    assert engine_answers(10).startswith("only `docker-compose` (Compose v1) is here, not `docker compose`. Install")


@pytest.mark.parametrize(
    ("version", "usable"),
    [("2.19.9", False), ("1.29.2", False), ("2.20.0", True), ("v2.40.3-desktop.1", True), ("5.0.1", True)],
)
def test_old_versions_of_compose_are_refused(fake_docker, version, usable):
    """What is needed came with Compose 2.20."""
    fake_docker.answer("compose", "version", out=f"{version}\n")
    answer = engine_answers(10)
    assert (answer == "") is usable
    assert usable or answer.startswith(f"Compose {version} is too old: 2.20 or newer is needed.")


def test_find_raises_what_engine_answers_says(fake_docker):
    """The two ways to ask agree."""
    fake_docker.answer("compose", "version", status=1)
    with pytest.raises(FinalDeploymentError) as caught:
        Engine.find()
    assert str(caught.value) == engine_answers(10)


def test_the_environment_of_the_client_is_explicit():
    """The client sees its own settings and the way out, no secret of the parent's; loaders' variables are empty."""
    parent = {
        "PATH": "/bin",
        "HOME": "/home/me",
        "DOCKER_HOST": "tcp://x:1",
        "https_proxy": "http://proxy:1",
        "XDG_RUNTIME_DIR": "/run/1",
        "SSH_AUTH_SOCK": "/run/ssh",
        "AWS_SECRET_ACCESS_KEY": "no",
        "COMPOSE_FILE": "evil.yml",
        "LD_PRELOAD": "evil.so",
        "PYTHONPATH": "/evil",
    }
    seen = client_environment(parent)
    assert {name: seen[name] for name in ("PATH", "HOME", "DOCKER_HOST", "https_proxy", "XDG_RUNTIME_DIR")} == {
        name: parent[name] for name in ("PATH", "HOME", "DOCKER_HOST", "https_proxy", "XDG_RUNTIME_DIR")
    }
    assert seen["SSH_AUTH_SOCK"] == "/run/ssh"
    assert not {"AWS_SECRET_ACCESS_KEY", "COMPOSE_FILE", "PYTHONPATH"} & set(seen)
    assert seen["LD_PRELOAD"] == seen["DOCKER_CONTEXT"] == ""
