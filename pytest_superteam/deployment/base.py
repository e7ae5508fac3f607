"""What a deployer is: something that turns source trees into a running system, and takes it down again."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, runtime_checkable

from pytest_superteam.config import DeploymentConfig
from pytest_superteam.errors import DeploymentError

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping

    from pytest_superteam.models import Architecture, BuildResult, Deployment, FoundSystem

__all__ = ["DeployRequest", "Deployer", "RestartError", "Restarter", "silent"]


class RestartError(DeploymentError):
    """What an earlier session has left running can't be taken over; deploying anew may well work."""


def silent(_line: str) -> None:
    """Say nothing."""


@dataclass(frozen=True)
class DeployRequest:
    """One system to start: the successful ones of `builds`, wired as `architecture` says.

    `folder` (`.superteam/deployment`) takes data, logs and the record of the processes. The system lives no longer than
    the process `owner_pid`. `ready_timeout` is in seconds, for each service. `environment` holds variables that every
    service gets on top of the runtime's own; it can't replace the port, the database, the secret or the addresses.
    """

    run_id: str
    """The run that the system belongs to."""
    architecture: Architecture
    builds: tuple[BuildResult, ...]
    folder: Path
    owner_pid: int
    ready_timeout: float = 60.0
    environment: Mapping[str, str] = field(default_factory=dict)
    project: Path = field(default_factory=Path)
    """The user's project, which paths of the settings are relative to."""
    settings: DeploymentConfig = field(default_factory=DeploymentConfig)
    """The settings below `deployment`."""
    images_timeout: float = 1800.0
    """Seconds for building and pulling all images."""
    found: FoundSystem | None = None
    """A system that is there already, to start by its own compose files; `builds` is empty then."""
    say: Callable[[str], None] = silent
    """Takes one line of progress at a time, for people."""


@runtime_checkable
class Deployer(Protocol):
    """A place to run a system."""

    name: str
    """What `deploy` and `--deploy` call it."""

    def deploy(self, request: DeployRequest) -> Deployment:
        """Start every service and return when all of them are ready.

        Raises:
            DeploymentError: a service did not come up; the message ends with the last lines of its log. Nothing is left
                running.
        """
        ...

    def teardown(self, folder: Path) -> None:
        """Stop what was deployed into `folder`, from any process; nothing happens where nothing runs."""
        ...


@runtime_checkable
class Restarter(Protocol):
    """A place where a later session of the same owner goes on with what runs, for the price of what has changed."""

    def restart(self, request: DeployRequest, services: Collection[str]) -> Deployment:
        """Take over the system of the request's owner and start `services` of it again, with empty databases.

        Everything else goes on as it is; addresses and secret stay.

        Raises:
            RestartError: there is nothing to take over, or it is not the system of the request. What the owner had
                running in the folder was stopped; what is another's was left alone.
            DeploymentError: a service did not come up again. Nothing is left running.
        """
        ...
