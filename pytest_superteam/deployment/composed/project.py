"""One compose project, driven by testcontainers' `DockerCompose` with a name, an environment and limits of our own.

Importing this module needs the extra `pytest-superteam[compose]`; without it the import raises the line that says so.
"""

from __future__ import annotations

import json
import logging
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from subprocess import CompletedProcess
from typing import TYPE_CHECKING, Any

from pytest_superteam.deployment.composed.commands import (
    CommandTimeoutError,
    Finished,
    client_environment,
    run_command,
)
from pytest_superteam.errors import DeploymentError, FinalDeploymentError
from pytest_superteam.extras import installing

try:
    from testcontainers.compose import DockerCompose
except ImportError as missing:
    raise FinalDeploymentError(
        f"deploy: compose needs testcontainers, which is not installed. Run: {installing('compose')}."
    ) from missing

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from pytest_superteam.deployment.composed.plan import ComposePlan

__all__ = ["ComposeCommandError", "ComposeProject", "project_of", "read_config"]

LOG = "compose.log"
_SECONDS = 120.0
_CONFIG_SECONDS = 60.0
_GRACE_SECONDS = 3
"""How long a container may take to end before it is killed."""
_DATA = frozenset({"config", "ps", "port", "images", "ls", "version"})
"""Subcommands whose standard output is data: it may hold secrets, so it is never logged."""
logging.getLogger("testcontainers").setLevel(logging.ERROR)  # what fails is in our own messages


class ComposeCommandError(DeploymentError):
    """Compose ended with an error or was ended; `finished` holds what it said."""

    def __init__(self, finished: Finished, what: str) -> None:
        self.finished = finished
        super().__init__(what)


@dataclass
class ComposeProject(DockerCompose):
    """A compose project with an explicit name, directory and environment. `context` is where the client runs."""

    project: str = ""
    directory: str = ""
    """What relative paths of the compose files are relative to."""
    environment: Mapping[str, str] = field(default_factory=client_environment)
    log: Path | None = None
    """Takes what Compose prints, readable by the user only."""
    timeout: float = _SECONDS
    """Seconds for one command that names no limit of its own."""
    started: Callable[[int, str], None] | None = None
    """Is told the process number and the start token of each command."""

    @cached_property
    def compose_command_property(self) -> list[str]:
        """Return the beginning of each command line."""
        words = [self.docker_command_path or "docker", "compose", "--ansi", "never", "--progress", "plain"]
        words += ["-p", self.project] if self.project else []
        words += ["--project-directory", self.directory] if self.directory else []
        words += [word for file in self.compose_file_name or () for word in ("-f", str(file))]
        words += [word for profile in self.profiles or () for word in ("--profile", profile)]
        return words + [word for file in self.env_file or () for word in ("--env-file", str(file))]

    def run(
        self,
        *words: str,
        timeout: float | None = None,
        listen: Callable[[str], None] | None = None,
        check: Callable[[], None] | None = None,
        log: Path | None = None,
        data: bool = False,
    ) -> Finished:
        """Run a subcommand and return how it ended, whatever its status.

        Raises:
            ComposeCommandError: it did not end in time, or could not be started.
        """
        argv = [*self.compose_command_property, *words]
        limit = self.timeout if timeout is None else timeout
        try:
            return run_command(
                argv,
                cwd=Path(self.context),
                environment=self.environment,
                timeout=limit,
                log=log or self.log,
                data=data,
                listen=listen,
                check=check,
                started=self.started,
            )
        except (CommandTimeoutError, OSError) as error:
            reason = f"docker compose {words[0]}: {error}"
            raise ComposeCommandError(Finished(tuple(argv), -1, lines=(reason,)), reason) from None

    def stop(self, down: bool = True) -> None:  # noqa: FBT001, FBT002  # the signature is testcontainers'
        """End the containers gently but soon; with `down`, remove them and all that was made for them."""
        grace = ("--timeout", str(_GRACE_SECONDS))
        words = ("down", "--volumes", "--remove-orphans", "--rmi", "local") if down else ("stop",)
        self._run_command([*self.compose_command_property, *words, *grace])

    def clear(self) -> None:
        """Remove the containers and their data; the images stay, for another start."""
        self.run("down", "--volumes", "--remove-orphans", "--timeout", str(_GRACE_SECONDS))

    def _run_command(self, cmd: str | list[str], context: str | None = None) -> CompletedProcess[bytes]:
        """Run what testcontainers asks for, with our environment, limits and log."""
        del context  # always the project's own
        words = cmd.split() if isinstance(cmd, str) else cmd
        rest = words[len(self.compose_command_property) :]
        finished = self.run(*rest, data=rest[0] in _DATA)
        if finished.status:
            raise ComposeCommandError(finished, f"docker compose {rest[0]}: {_said(finished)}")
        return CompletedProcess(words, 0, finished.data, finished.text.encode())


def _said(finished: Finished) -> str:
    """Return the last line that says something, printable characters only."""
    lines = [line.strip() for line in finished.lines if line.strip()]
    last = lines[-1] if lines else f"exit status {finished.status}"
    return "".join(c if c.isprintable() else " " for c in last)[:500]


def project_of(plan: ComposePlan, environment: Mapping[str, str] | None = None) -> ComposeProject:
    """Return the project that `plan` describes."""
    return ComposeProject(
        context=str(plan.directory),
        compose_file_name=[str(file) for file in plan.files],
        env_file=[str(plan.env_file)] if plan.env_file else None,
        profiles=list(plan.profiles) or None,
        project=plan.project,
        directory=str(plan.directory),
        environment=client_environment() if environment is None else environment,
        log=plan.folder / LOG,
    )


def read_config(
    files: Sequence[Path],
    directory: Path,
    profiles: Sequence[str] = (),
    *,
    project: str = "superteam",
    env_file: Path | None = None,
) -> dict[str, Any]:
    """Return what Compose makes of `files` (in order): merged, interpolated, extended, as its JSON says.

    Args:
        files: the compose files.
        directory: what their relative paths are relative to.
        profiles: those that are on.
        project: name of the project, as it shows in the names of networks and volumes.
        env_file: read instead of the `.env` of `directory`.

    Raises:
        FinalDeploymentError: Compose does not accept them; one line with its reason.
    """
    compose = ComposeProject(
        context=str(directory),
        compose_file_name=[str(file) for file in files],
        env_file=[str(env_file)] if env_file else None,
        profiles=list(profiles) or None,
        project=project,
        directory=str(directory),
    )
    finished = compose.run("config", "--format", "json", timeout=_CONFIG_SECONDS, data=True)
    if finished.status:
        names = ", ".join(Path(file).name for file in files)
        raise FinalDeploymentError(f"{names}: {_said(finished)}")
    try:
        config = json.loads(finished.data)
    except ValueError:
        raise FinalDeploymentError("docker compose config: its answer is no JSON. Is it Compose v2?") from None
    if not isinstance(config, dict):
        raise FinalDeploymentError("docker compose config: its answer is no mapping. Is it Compose v2?")
    return config
