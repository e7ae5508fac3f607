"""One clear line for what the engine's client prints when something fails."""

from pathlib import Path

import pytest

from pytest_superteam.config import DeploymentConfig
from pytest_superteam.deployment.composed.problems import (
    PortInUseError,
    build_problem,
    check_dockerfiles,
    container_problems,
    general_problem,
    image_problem,
)
from pytest_superteam.deployment.composed.progress import BuildProgress
from pytest_superteam.deployment.composed.states import Container
from pytest_superteam.errors import DeploymentError, FinalDeploymentError

DOCKERFILE = """\
# syntax=docker/dockerfile:1
FROM python:3.13-slim
COPY . .

RUN pip install \\
    # what it needs
    -r requirements.txt
RUN echo twice
RUN echo twice
"""


@pytest.fixture
def config(tmp_path):
    """Return the configuration of two services that are built and one that is not."""
    services = {"db": {"image": "postgres:17"}}
    for name in ("order-service", "cart-service"):
        folder = tmp_path / name
        folder.mkdir()
        (folder / "Dockerfile").write_text(DOCKERFILE)
        services[name] = {"build": {"context": str(folder), "dockerfile": "Dockerfile"}}
    return {"services": services}


def problem(config, tmp_path, *lines, hide=(), settings=None):
    """Return the message for a build that printed `lines`."""
    progress = BuildProgress(lambda _line: None)
    for line in lines:
        progress.take(line)
    shown = lambda path: path.relative_to(tmp_path).as_posix()  # noqa: E731
    error = build_problem(progress, config, settings or DeploymentConfig(), shown=shown, hide=hide)
    assert isinstance(error, FinalDeploymentError)
    return str(error)


def test_a_failing_instruction_is_named_with_its_place_and_output(config, tmp_path):
    """Service, Dockerfile and line of the instruction, its exit code, and the last of what it printed, masked."""
    message = problem(
        config,
        tmp_path,
        "#7 [order-service 3/5] RUN pip install     -r requirements.txt",
        "#7 1.001 Collecting nothing",
        "#7 1.002 ERROR: No matching distribution, password s3cr3t-password",
        "#7 ERROR: executor failed running [/bin/sh -c pip install -r requirements.txt]: exit code: 1",
        "------",
        "failed to solve: executor failed running [/bin/sh -c pip install -r requirements.txt]: exit code: 1",
        hide=("s3cr3t-password",),
    )
    assert message == (
        "deploy: compose: order-service: its image could not be built: order-service/Dockerfile:5: "
        "pip install -r requirements.txt: exit code 1. Its last lines:\n"
        "    Collecting nothing\n"
        "    ERROR: No matching distribution, password s3cr****"
    )


def test_the_line_that_a_newer_engine_names_is_taken(config, tmp_path):
    """BuildKit's own line number is better than a search, which two equal instructions would defeat."""
    lines = [
        "#9 [cart-service 5/5] RUN echo twice",
        "#9 0.2 twice",
        '#9 ERROR: process "/bin/sh -c echo twice" did not complete successfully: exit code: 2',
    ]
    assert "cart-service/Dockerfile: echo twice: exit code 2." in problem(config, tmp_path, *lines)
    assert "cart-service/Dockerfile:9: echo twice: exit code 2." in problem(
        config, tmp_path, *lines, "Dockerfile:9", "--------------------", "   9 | >>> RUN echo twice"
    )


@pytest.mark.parametrize(
    ("lines", "image", "setting"),
    [
        (
            (
                "#5 [cart-service internal] load metadata for docker.io/library/nosuch:1",
                '#5 ERROR: failed to do request: Head "https://registry.example/v2/": no such host',
                "failed to solve: rpc error: code = Unknown desc = no such host",
            ),
            "nosuch:1",
            "`deployment.replace_images: {'nosuch:1': ...}`",
        ),
        (
            (
                "#3 [cart-service internal] load metadata for docker.io/library/python:3.13-slim",
                "#3 ERROR: pull access denied, repository does not exist or may require authorization",
                (
                    "target cart-service: failed to solve: python:3.13-slim: failed to resolve source metadata for "
                    "docker.io/library/python:3.13-slim: pull access denied"
                ),
            ),
            "python:3.13-slim",
            "`deployment.images.python`",
        ),
        (
            (
                "#6 [cart-service 1/4] FROM registry.example:5000/team/base:2@sha256:00",
                "#6 ERROR: failed to do request: connection refused",
            ),
            "registry.example:5000/team/base:2@sha256:00",
            "`deployment.replace_images: {'registry.example:5000/team/base:2@sha256:00': ...}`",
        ),
    ],
)
def test_a_base_image_that_can_not_be_pulled(config, tmp_path, lines, image, setting):
    """The image is named, and the setting that names another."""
    message = problem(config, tmp_path, *lines)
    assert message.startswith(f"deploy: compose: the image {image} can't be pulled: ")
    assert message.endswith(f"Name one that can by {setting}.")


@pytest.mark.parametrize(
    ("last", "place"),
    [
        ("target cart-service: failed to solve: dockerfile parse error on line 3: unknown instruction: COPPY", "cart"),
        ("failed to solve: rpc error: code = Unknown desc = dockerfile parse error line 4: unknown instruction: X", ""),
    ],
)
def test_a_dockerfile_that_can_not_be_read(config, tmp_path, last, place):
    """Whose it is is said where the engine says it."""
    message = problem(config, tmp_path, last)
    assert "dockerfile parse error" in message
    who = "cart-service: its image could not be built: cart-service/Dockerfile:3: " if place else "an image could not"
    assert message.startswith(f"deploy: compose: {who}")
    assert "rpc error" not in message


def test_the_dockerfile_of_a_parse_error_is_found_by_its_line(config, tmp_path):
    """Where only one Dockerfile has the unknown instruction on that line, it is that one."""
    (tmp_path / "order-service" / "Dockerfile").write_text("FROM x\n\nRUNN y\n")
    message = problem(config, tmp_path, "failed to solve: dockerfile parse error line 3: unknown instruction: RUNN")
    assert message == (
        "deploy: compose: order-service: its image could not be built: order-service/Dockerfile:3: "
        "dockerfile parse error line 3: unknown instruction: RUNN."
    )


def test_a_full_disk_is_said(config, tmp_path):
    """A build that finds no room says so, and what frees some."""
    message = problem(
        config,
        tmp_path,
        "#7 [order-service 3/5] RUN pip install     -r requirements.txt",
        "#7 1.002 OSError: [Errno 28] No space left on device",
        "#7 ERROR: executor failed: exit code: 1",
    )
    assert message.startswith("deploy: compose: the engine's disk is full. `docker system df` shows")


@pytest.mark.parametrize(
    ("line", "who", "port"),
    [
        (
            (
                "Error response from daemon: driver failed programming external connectivity on endpoint p-web-1 "
                "(ac86): listen tcp4 127.0.0.1:18099: bind: address already in use"
            ),
            "web",
            "port 18099",
        ),
        (
            (
                "Error response from daemon: driver failed programming external connectivity on endpoint p-web-1 "
                "(ac86): Bind for 0.0.0.0:8080 failed: port is already allocated"
            ),
            "web",
            "port 8080",
        ),
        (
            (
                "Error response from daemon: failed to set up container networking: driver failed programming external "
                "connectivity on endpoint p-web-1 (ac86): failed to bind host port 127.0.0.1:18099/tcp: address "
                "already in use"
            ),
            "web",
            "port 18099",
        ),
        ("ports are not available: exposing port TCP: bind: address already in use", "a service", "a port"),
    ],
)
def test_a_taken_port_is_an_error_of_its_own(line, who, port):
    """Who wanted which port is told, and the error can be tried again."""
    error = general_problem([" Container p-web-1  Starting", line], "p")
    assert isinstance(error, PortInUseError)
    assert not isinstance(error, FinalDeploymentError)
    assert str(error).startswith(f"deploy: compose: {who}: {port} of the engine's machine is taken.")


def test_networks_run_out_and_other_lines_say_nothing():
    """No address range left is told; an error of a service is none of the machine's."""
    line = "could not find an available, non-overlapping IPv4 address pool among the defaults"
    assert "docker network prune" in str(general_problem([line]))
    assert general_problem(["container p-web-1 is unhealthy", "exit code: 1"]) is None


def test_an_image_of_the_settings_is_named_by_its_setting():
    """An image that a setting names is told by that setting, any other by the one that replaces images."""
    settings = DeploymentConfig()
    assert "`deployment.images.caddy`" in str(image_problem("docker.io/library/caddy:2", "no such host", settings))
    assert "`deployment.replace_images: {'x/y:1': ...}`" in str(image_problem("x/y:1", "denied", settings))
    elsewhere = DeploymentConfig(platform="linux/arm64")
    assert "the image caddy:2 for linux/arm64 can't be pulled" in str(image_problem("caddy:2", "denied", elsewhere))


@pytest.mark.parametrize(
    "said",
    [
        '"nonsense": unknown operating system or architecture: invalid argument',
        '"linux/a/b/c": cannot parse platform specifier: invalid argument',
        '"a b" is an invalid OS component of "a b": OSAndVersion specifier component must match: invalid argument',
    ],
)
def test_a_platform_that_is_none_is_told_by_its_setting(config, tmp_path, said):
    """What the engine says of the platform is told with the setting that named it."""
    message = problem(config, tmp_path, said)
    assert message == f"deploy: compose: deployment.platform: {said}. Name one such as linux/amd64."


@pytest.mark.parametrize(
    ("build", "message"),
    [
        ({"context": "/nowhere/at/all"}, "web: its build context /nowhere/at/all is no folder."),
        ({"context": "/", "dockerfile": "no/Dockerfile"}, "web: its Dockerfile /no/Dockerfile is not there."),
    ],
)
def test_what_is_not_there_is_said_before_the_build(build, message):
    """A folder or a Dockerfile that is missing is found without asking the engine."""
    with pytest.raises(FinalDeploymentError) as caught:
        check_dockerfiles({"services": {"web": {"build": build}}}, str)
    assert str(caught.value) == f"deploy: compose: {message}"


def test_what_is_no_path_is_left_to_the_engine():
    """A repository as a context, and a Dockerfile within the compose file, are no files to look for."""
    services = {
        "a": {"build": {"context": "https://example.com/x.git"}},
        "b": {"build": {"context": str(Path("/").resolve()), "dockerfile_inline": "FROM x"}},
        "c": {"image": "x"},
    }
    check_dockerfiles({"services": services}, str)


BASE = {"id": "1", "service": "web"}


@pytest.mark.parametrize(
    ("state", "message"),
    [
        ({"state": "exited", "exit_code": 4}, "ended with exit code 4 before it was ready"),
        ({"state": "exited", "exit_code": 139}, "was killed by signal 11 before it was ready"),
        (
            {"state": "exited", "exit_code": 137, "out_of_memory": True},
            "was killed, for it needs more memory than its limit before it was ready",
        ),
        ({"state": "created", "error": 'exec: "x": not found'}, 'could not be started: exec: "x": not found'),
        (
            {"state": "running", "health": "unhealthy", "health_output": "a\ncurl: (22) error: 503\n"},
            "is not healthy: curl: (22) error: 503",
        ),
    ],
)
def test_what_is_wrong_for_good_is_told_with_the_log(state, message):
    """How a container failed, what its health check said, and its last log lines."""
    error = container_problems([Container(**BASE, **state)], lambda _: ("one", "two"), names={"web": "web-service"})
    assert str(error) == f"web-service: {message}. Its last log lines:\n    one\n    two"


@pytest.mark.parametrize(
    ("state", "message"),
    [
        (
            {"state": "running", "health": "starting", "health_output": "connection refused"},
            "not ready after 9 s: its health check has not passed: connection refused",
        ),
        (
            {"state": "restarting", "restarts": 3, "exit_code": 1},
            "not ready after 9 s: keeps ending: started again 3 times, ended with exit code 1 the last time",
        ),
    ],
)
def test_what_is_only_late_counts_when_the_time_is_over(state, message):
    """A container that starts, or starts again, is a problem only after its time."""
    container = Container(**BASE, **state)
    assert container_problems([container], lambda _: ()) is None
    assert str(container_problems([container], lambda _: (), late="9 s")) == f"web: {message}. Its log is empty."


def test_healthy_containers_and_finished_jobs_are_no_problem():
    """What runs, what is healthy and what has done its work is in order; two problems are told together."""
    fine = [
        Container(**BASE, state="running"),
        Container(**BASE, state="running", health="healthy"),
        Container(**BASE, state="exited", exit_code=0),
        Container(**BASE, state="created"),
    ]
    assert container_problems(fine, lambda _: (), late="1 s") is None
    two = [Container("1", "a", "exited", 1), Container("2", "b", "exited", 2)]
    error = container_problems([*fine, *two], lambda _: ())
    assert type(error) is DeploymentError
    assert [line.split(":")[0] for line in str(error).splitlines()] == ["a", "b"]
