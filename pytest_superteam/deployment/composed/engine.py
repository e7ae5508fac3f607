"""Which container engine answers, whether it can do what is needed, and where the ports that it publishes are."""

from __future__ import annotations

import ipaddress
import re
import shutil
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from pytest_superteam.deployment.composed.commands import (
    CommandTimeoutError,
    Finished,
    client_environment,
    run_command,
)
from pytest_superteam.errors import FinalDeploymentError
from pytest_superteam.extras import installing

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["LOOPBACK", "OLDEST_COMPOSE", "Engine", "engine_answers", "missing_extra", "version_numbers"]

LOOPBACK = "127.0.0.1"
OLDEST_COMPOSE = (2, 20)
"""Since then `up --wait` has a time limit and compose files can include others."""
SECONDS = 20.0
"""How long an engine has to answer; one on another machine wakes up over SSH."""
_NUMBERS = re.compile(r"v?(\d{1,6})\.(\d{1,6})")


@dataclass(frozen=True)
class Engine:
    """The engine that the docker command line talks to: by DOCKER_HOST, else by its current context."""

    endpoint: str
    """Such as `unix:///var/run/docker.sock` or `ssh://user@build-host`."""
    host: str
    """Name of the machine where published ports answer; `127.0.0.1` for a local engine."""
    version: str
    compose: str
    """Version of Compose."""
    environment: Mapping[str, str] = field(repr=False, default_factory=dict)

    @property
    def remote(self) -> bool:
        """Return whether it runs on another machine, where a port on loopback is out of our reach."""
        return self.host != LOOPBACK

    @classmethod
    def find(cls, environment: Mapping[str, str] | None = None, timeout: float = SECONDS) -> Engine:
        """Return the engine that answers.

        Args:
            environment: what the client sees; by default the part of this process's own that is its business.
            timeout: in seconds.

        Raises:
            FinalDeploymentError: none answers, we may not use it, or Compose is missing or too old: one line each.
        """
        client = client_environment(environment)
        if not shutil.which("docker", path=client.get("PATH")):
            raise FinalDeploymentError("no program 'docker' is on the PATH. Install it with its plugin Compose v2.")
        questions = (
            ("version", "--format", "{{.Server.Version}}"),
            ("compose", "version", "--short"),
            ("context", "inspect", "--format", "{{.Endpoints.docker.Host}}"),
        )
        with ThreadPoolExecutor(len(questions)) as pool:
            server, compose, context = pool.map(lambda words: _ask(words, client, timeout), questions)
        endpoint = client.get("DOCKER_HOST") or _first(context)
        _check_server(server, endpoint, timeout)
        _check_compose(compose, client)
        return cls(endpoint, host_of(endpoint), _first(server), _first(compose), client)


def engine_answers(timeout: float, environment: Mapping[str, str] | None = None) -> str:
    """Return why no engine can be used within `timeout` seconds, in one line; empty when one can."""
    if missing := missing_extra():
        return missing
    try:
        Engine.find(environment, timeout)
    except FinalDeploymentError as error:
        return str(error)
    return ""


def missing_extra() -> str:
    """Return what is missing of the extra `compose` and how it is installed, in one line; empty where it is there."""
    try:
        there = find_spec("testcontainers") is not None
    except ImportError:
        there = False
    return "" if there else f"testcontainers is not installed. Run: {installing('compose')}."


def version_numbers(version: str, most: int) -> tuple[int, ...]:
    """Return the first `most` numbers of a version: `v2.26.1-4` -> (2, 26, 1); empty where it has none."""
    return tuple(int(part) for part in version.lstrip("v").split("-")[0].split(".")[:most] if part.isdecimal())


def host_of(endpoint: str) -> str:
    """Return the machine of an engine's address: `ssh://me@host:22` -> `host`; `127.0.0.1` for a socket of this one."""
    parts = urlsplit(endpoint)
    name = parts.hostname or ""
    if parts.scheme not in {"tcp", "ssh", "http", "https"} or name in {"", "localhost"}:
        return LOOPBACK
    try:
        address = ipaddress.ip_address(name)
    except ValueError:
        return name
    if address.is_loopback or address.is_unspecified:
        return LOOPBACK
    return f"[{name}]" if address.version == 6 else name


def _ask(words: tuple[str, ...], client: Mapping[str, str], timeout: float) -> Finished:
    argv = ("docker", *words)
    try:
        return run_command(argv, cwd=Path.cwd(), environment=client, timeout=timeout, data=True)
    except (CommandTimeoutError, OSError) as error:
        return Finished(argv, -1, lines=(str(error),))


def _first(finished: Finished) -> str:
    lines = finished.data.decode("utf-8", "replace").split()
    return lines[0] if lines else ""


def _check_server(server: Finished, endpoint: str, timeout: float) -> None:
    if server.status == 0 and _first(server) and _first(server) != "<no":  # Go prints "<no value>"
        return
    said = _line(server)
    where = f" at {endpoint}" if endpoint else ""
    if "permission denied" in said.lower():
        raise FinalDeploymentError(
            f"the Docker engine{where} refuses this user (permission denied). Add the user to the group 'docker', "
            "or use a rootless engine by DOCKER_HOST."
        )
    if "context" in said and "not found" in said:
        raise FinalDeploymentError(
            f"there is no such Docker context: {said}. `docker context ls` lists those that exist."
        )
    if server.status == -1:
        raise FinalDeploymentError(f"the Docker engine{where} gave no answer within {timeout:g} s. Is it overloaded?")
    if "cannot connect" in said.lower() or not said:
        raise FinalDeploymentError(f"no Docker engine answers{where}. Start it, or name another by DOCKER_HOST.")
    raise FinalDeploymentError(f"the Docker engine{where} can't be used: {said}")


def _check_compose(compose: Finished, client: Mapping[str, str]) -> None:
    install = "Install the plugin docker-compose-plugin (Compose v2)."
    if compose.status or not _first(compose):
        if shutil.which("docker-compose", path=client.get("PATH")):
            raise FinalDeploymentError(f"only `docker-compose` (Compose v1) is here, not `docker compose`. {install}")
        raise FinalDeploymentError(f"`docker compose` is no command here. {install}")
    found = _NUMBERS.match(_first(compose))
    if found and (int(found[1]), int(found[2])) < OLDEST_COMPOSE:
        oldest = ".".join(map(str, OLDEST_COMPOSE))
        raise FinalDeploymentError(f"Compose {_first(compose)} is too old: {oldest} or newer is needed. {install}")


def _line(finished: Finished) -> str:
    """Return what a command said last, in one printable line."""
    lines = [line.strip() for line in finished.lines if line.strip()]
    return "".join(c if c.isprintable() else " " for c in lines[-1])[:300].rstrip(".") if lines else ""
