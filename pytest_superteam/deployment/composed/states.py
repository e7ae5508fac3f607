"""What the engine says of the containers of a project: whether they run, how healthy they are, what they publish."""

from __future__ import annotations

import json
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from pytest_superteam.deployment.composed.commands import CommandTimeoutError, Finished, run_command
from pytest_superteam.deployment.composed.removal import PROJECT_LABEL, SERVICE_LABEL
from pytest_superteam.deployment.logs import LINE_CHARACTERS, TAIL_LINES, last_lines
from pytest_superteam.errors import DeploymentError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

__all__ = ["Address", "Container", "containers_of", "docker", "keep_logs", "log_lines"]

_SECONDS = 60.0


class Address(NamedTuple):
    """One published port: `port` of the container answers at `published` of `address`, as the engine names it."""

    address: str
    published: int
    port: int

    @property
    def text(self) -> str:
        """Return `address:port`."""
        return f"[{self.address}]:{self.published}" if ":" in self.address else f"{self.address}:{self.published}"


@dataclass(frozen=True)
class Container:
    """One container. Texts are empty where the engine says nothing."""

    id: str
    service: str
    state: str
    """`created`, `running`, `restarting`, `exited`, `paused`, `dead`, `removing`."""
    exit_code: int = 0
    health: str = ""
    """`starting`, `healthy`, `unhealthy`; empty without a health check."""
    health_output: str = ""
    """What its last health check printed."""
    restarts: int = 0
    out_of_memory: bool = False
    error: str = ""
    """Why it could not be started."""
    published: tuple[Address, ...] = ()
    on_host: bool = False
    """Whether it has no network of its own: it listens on the engine's machine itself, and publishes nothing."""
    check: tuple[str, ...] = ()
    """Argument vector of its health check; empty without one."""

    @property
    def settled(self) -> bool:
        """Return whether it runs and its health check, if any, has passed."""
        return self.state == "running" and self.health in {"", "healthy"}

    @property
    def problem(self) -> str:
        """Return what is wrong with it for good, in a few words; empty where nothing is, or not yet."""
        if self.state in {"exited", "dead"} and (self.exit_code or self.out_of_memory or self.state == "dead"):
            return f"{self._end()} before it was ready"
        if self.state == "created" and self.error:
            return f"could not be started: {self.error}"
        if self.state == "running" and self.health == "unhealthy":
            return f"is not healthy{self.said_by_check}"
        return ""

    @property
    def delay(self) -> str:
        """Return what it is that is not ready yet; empty where it is, or can't become so."""
        if self.state == "restarting":
            return f"keeps ending: started again {self.restarts} times, {self._end()} the last time"
        if self.state == "running" and self.health == "starting":
            return f"its health check has not passed{self.said_by_check}"
        return "is paused" if self.state == "paused" else ""

    @property
    def said_by_check(self) -> str:
        """Return what its health check printed last, as the end of a sentence."""
        said = last_lines(self.health_output.splitlines(), most=1)
        return f": {said[0].strip()}" if said else ""

    def _end(self) -> str:
        if self.out_of_memory:
            return "was killed, for it needs more memory than its limit"
        if self.exit_code > 128:
            return f"was killed by signal {self.exit_code - 128}"
        return f"ended with exit code {self.exit_code}"


def docker(*words: str, environment: Mapping[str, str], seconds: float = _SECONDS) -> Finished:
    """Run a short command of the client; its standard output is `data`.

    Raises:
        DeploymentError: it gave no answer.
    """
    argv = ("docker", *words)
    try:
        return run_command(argv, cwd=Path("/"), environment=environment, timeout=seconds, data=True)
    except (CommandTimeoutError, OSError) as error:
        raise DeploymentError(f"docker {words[0]}: {error}") from None


def containers_of(project: str, environment: Mapping[str, str]) -> tuple[Container, ...]:
    """Return the containers of `project` by service, those that have ended too.

    Raises:
        DeploymentError: the engine does not answer.
    """
    label = f"label={PROJECT_LABEL}={project}"
    listed = docker("ps", "--all", "--quiet", "--no-trunc", "--filter", label, environment=environment)
    if listed.status:
        raise DeploymentError(f"docker ps: {listed.text or listed.status}")
    ids = listed.data.decode("ascii", "replace").split()
    if not ids:
        return ()
    answer = docker("inspect", "--type", "container", *ids, environment=environment)
    try:  # one that was removed in between is an error on standard error, and not in the list
        found = [_container(data) for data in json.loads(answer.data or b"[]")]
    except (ValueError, KeyError, TypeError, AttributeError):
        raise DeploymentError("docker inspect: an answer that can't be read.") from None
    return tuple(sorted(found, key=lambda container: (container.service, container.id)))


def log_lines(container: Container, environment: Mapping[str, str], hide: Iterable[str] = ()) -> tuple[str, ...]:
    """Return the last lines that `container` printed, printable characters only, the texts `hide` masked."""
    argv = ("docker", "logs", "--tail", str(4 * TAIL_LINES), container.id)
    try:
        lines = run_command(argv, cwd=Path("/"), environment=environment, timeout=_SECONDS).lines
    except (CommandTimeoutError, OSError):
        return ()
    return last_lines(lines, hide)


def keep_logs(project: str, folder: Path, names: Mapping[str, str], environment: Mapping[str, str]) -> None:
    """Write all that the containers of `project` have printed, a file for each service, in place of what is there.

    Raises:
        DeploymentError: the engine does not answer.
    """
    whole: dict[str, list[Container]] = {}
    for container in containers_of(project, environment):
        whole.setdefault(container.service, []).append(container)
    for service, containers in whole.items():
        path = folder / f"{names.get(service, service)}.log"
        temporary = path.with_suffix(".tmp")
        temporary.unlink(missing_ok=True)
        for container in containers:
            with suppress(CommandTimeoutError, OSError):
                argv = ("docker", "logs", container.id)
                run_command(argv, cwd=Path("/"), environment=environment, timeout=_SECONDS, log=temporary)
        if temporary.exists():
            temporary.replace(path)


def _container(data: dict[str, Any]) -> Container:
    state, labels = data["State"], data["Config"]["Labels"] or {}
    health = state.get("Health") or {}
    checks = health.get("Log") or [{}]
    status = str(health.get("Status") or "")
    return Container(
        id=str(data["Id"]),
        service=str(labels.get(SERVICE_LABEL, data.get("Name", "").strip("/"))),
        state=str(state["Status"]),
        exit_code=int(state.get("ExitCode") or 0),
        health="" if status == "none" else status,
        health_output=str(checks[-1].get("Output") or "")[-4 * LINE_CHARACTERS :],
        restarts=int(data.get("RestartCount") or 0),
        out_of_memory=state.get("OOMKilled") is True,
        error=str(state.get("Error") or ""),
        published=_published((data.get("NetworkSettings") or {}).get("Ports") or {}),
        on_host=(data.get("HostConfig") or {}).get("NetworkMode") == "host",
        check=_check_of(data["Config"]),
    )


def _check_of(config: dict[str, Any]) -> tuple[str, ...]:
    """Return the health check as the engine runs it: as it stands, or by the image's shell."""
    kind, *words = map(str, (config.get("Healthcheck") or {}).get("Test") or ["NONE"])
    if kind == "CMD-SHELL" and words:
        return (*(config.get("Shell") or ("/bin/sh", "-c")), words[0])
    return tuple(words) if kind == "CMD" else ()


def _published(ports: dict[str, Any]) -> tuple[Address, ...]:
    found = [
        Address(str(binding["HostIp"] or "0.0.0.0"), int(binding["HostPort"]), int(port.partition("/")[0]))  # noqa: S104
        for port, bindings in ports.items()
        for binding in bindings or ()
        if binding.get("HostPort")
    ]
    return tuple(sorted(found))
