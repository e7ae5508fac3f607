"""What Compose prints, as short lines and as facts."""

import textwrap

import pytest

from pytest_superteam.deployment.composed.progress import BuildProgress, StartProgress

OLD = """\
    #0 building with "default" instance using docker driver

    #1 [order-service internal] load build definition from Dockerfile
    #1 transferring dockerfile: 138B done
    #1 DONE 0.0s

    #5 [order-service 1/3] FROM docker.io/library/python:3.13-slim
    #5 CACHED

    #10 [order-service 2/3] RUN pip install --no-cache-dir -r requirements.txt
    #10 1.207 Collecting fastapi
    #10 ...

    #11 [cart-service builder 4/7] RUN --mount=type=cache,target=/root/.cache   echo hello
    #11 0.196 hello
    #11 DONE 1.2s

    #10 [order-service 2/3] RUN pip install --no-cache-dir -r requirements.txt
    #10 2.000 Installing
    #10 DONE 3.2s

    #14 [order-service] exporting to image
    #14 exporting layers 0.0s done
    #14 DONE 0.1s
"""


def fed(text):
    """Return what is said of `text`, and who read it; each look at the clock is a second later."""
    said, now = [], iter(range(1000))
    progress = BuildProgress(said.append, lambda: float(next(now)))
    for line in textwrap.dedent(text).splitlines():
        progress.take(line)
    return said, progress


def test_steps_are_told_once_when_they_begin_to_print():
    """A step says its service, its instruction and its number; what comes from the cache says nothing."""
    said, progress = fed(OLD)
    assert said == [
        "order-service: pip install --no-cache-dir -r requirements.txt (2/3)",
        "cart-service: echo hello (4/7)",
        "order-service: built in 2 s",
    ]
    assert progress.built == ["order-service"]
    assert progress.failed is None


def test_a_step_that_failed_is_kept_with_its_output():
    """The failing instruction, its service and what it printed are there for the message."""
    _, progress = fed("""\
        #15 [cart-service 3/3] RUN echo start &&   exit 3
        #15 0.348 start
        #15 ERROR: executor failed running [/bin/sh -c exit 3]: exit code: 3
        ------
         > [cart-service 3/3] RUN echo start &&   exit 3:
        0.348 start
        ------
        failed to solve: executor failed running [/bin/sh -c exit 3]: exit code: 3
    """)
    step = progress.failed
    assert (step.service, step.instruction, step.number) == ("cart-service", "RUN echo start &&   exit 3", "3/3")
    assert list(step.lines) == ["start"]
    assert step.error == "executor failed running [/bin/sh -c exit 3]: exit code: 3"
    assert progress.others[-1].startswith("failed to solve: executor failed")


@pytest.mark.parametrize(
    "line",
    ["", "#", "#x [a] b", "#1 [", "#1 []", "#99999999999 [a 1/2] RUN x", "#1 [a 1/2]", "#1 DONE", "\x1b[2K#1 0.1 x"],
)
def test_any_line_can_be_read(line):
    """What is no progress is no error."""
    said, _ = fed(line)
    assert said == []


def test_long_instructions_are_cut():
    """A line of progress stays a line."""
    said, _ = fed(f"#1 [a 2/3] RUN {'x' * 300}\n#1 0.1 y")
    assert said == [f"a: {'x' * 67}... (2/3)"]


def test_the_state_of_containers_is_told_once():
    """Containers are told by their services' names, each state once."""
    said = []
    progress = StartProgress("superteam-run-1", said.append)
    lines = """\
 Network superteam-run-1_backend  Creating
 Container superteam-run-1-order-service-1  Creating
 Container superteam-run-1-order-service-1  Started
 Container superteam-run-1-migrations-1  Exited
 Container superteam-run-1-order-service-1  Healthy
 Container superteam-run-1-order-service-1  Healthy
 Container my-own-name  Started
container superteam-run-1-order-service-1 is unhealthy"""
    for line in lines.splitlines():
        progress.take(line)
    assert said == ["order-service: started", "migrations: done", "order-service: healthy", "my-own-name: started"]


def test_pulls_are_told_and_their_errors_kept():
    """An image that can't be pulled is known by its service; newer versions name the image itself."""
    said = []
    progress = StartProgress("p", said.append)
    for line in (
        " cache Pulling ",
        " cache Pulled ",
        " db Error manifest unknown",
        " Image nosuch:9 Error no such host",
    ):
        progress.take(line)
    assert said == ["cache: pulling its image", "cache: image pulled"]
    assert progress.not_pulled == {"db": "manifest unknown", "nosuch:9": "no such host"}
