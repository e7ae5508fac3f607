"""Removing everything of a compose project by its labels alone: no compose file is needed.

Uses the standard library only: the supervisor's last command runs it in an isolated interpreter.
"""

from __future__ import annotations

import contextlib
import os
import signal
import time
from pathlib import Path
from typing import TYPE_CHECKING

from pytest_superteam.deployment.composed.commands import CommandTimeoutError, run_command
from pytest_superteam.deployment.supervisor import alive

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["PROJECT_LABEL", "SERVICE_LABEL", "end_command", "leftovers", "remove_project"]

PROJECT_LABEL = "com.docker.compose.project"
"""Compose itself labels all that it makes with the name of the project, images too."""
SERVICE_LABEL = "com.docker.compose.service"
SECONDS = 90.0
"""How long a removal may take."""
_ROUNDS = 3  # a client that was just ended may have made one more
_END_SECONDS = 5.0
_KINDS = (
    (("ps", "--all", "--quiet", "--no-trunc"), ("rm", "--force", "--volumes")),
    (("network", "ls", "--quiet", "--no-trunc"), ("network", "rm")),
    (("volume", "ls", "--quiet"), ("volume", "rm", "--force")),
    (("image", "ls", "--quiet", "--no-trunc"), ("image", "rm", "--force")),
)
"""How to list and how to remove containers, networks, volumes and images, in the order in which they let go."""


def remove_project(project: str, environment: Mapping[str, str], *, seconds: float = SECONDS) -> tuple[str, ...]:
    """Remove the containers, networks, volumes and built images of `project`; return what could not be removed.

    Raises:
        CommandTimeoutError: the engine took longer than `seconds`.
        OSError: the client could not be started, or the engine does not answer.
    """
    end = time.monotonic() + seconds
    left: tuple[str, ...] = ()
    for _ in range(_ROUNDS):
        for listing, removing in _KINDS:
            found = _listed(project, listing, environment, end)
            if found:
                _docker((*removing, *found), environment, end)
        left = leftovers(project, environment, seconds=max(1.0, end - time.monotonic()))
        if not left:
            break
    return left


def leftovers(project: str, environment: Mapping[str, str], *, seconds: float = SECONDS) -> tuple[str, ...]:
    """Return the ids of the containers, networks and volumes that `project` has; images do no harm and are left out.

    Raises:
        CommandTimeoutError, OSError: as `remove_project`.
    """
    end = time.monotonic() + seconds
    return tuple(one for listing, _ in _KINDS[:3] for one in _listed(project, listing, environment, end))


def end_command(command: tuple[int, str]) -> None:
    """End the process group of a client's command that may still be at work: process number and start token."""
    pid, started = command
    if pid < 2:
        return
    for number in (signal.SIGTERM, signal.SIGKILL):
        end = time.monotonic() + _END_SECONDS
        if alive(pid, started):
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(pid, number)
        while alive(pid, started) and time.monotonic() < end:
            time.sleep(0.05)


def _listed(project: str, listing: tuple[str, ...], environment: Mapping[str, str], end: float) -> tuple[str, ...]:
    words = (*listing, "--filter", f"label={PROJECT_LABEL}={project}")
    status, text = _docker(words, environment, end)
    if status:
        raise OSError(f"docker {listing[0]}: exit status {status}")
    return tuple(dict.fromkeys(text.split()))


def _docker(words: tuple[str, ...], environment: Mapping[str, str], end: float) -> tuple[int, str]:
    left = end - time.monotonic()
    if left <= 0:
        raise CommandTimeoutError("the engine is too slow")
    finished = run_command(("docker", *words), cwd=Path("/"), environment=environment, timeout=left, data=True)
    return finished.status, finished.data.decode("utf-8", "replace")
