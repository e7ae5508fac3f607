"""What one attempt to start the system will run: a command, a port, an environment and a log per service."""

from __future__ import annotations

import os
import re
import secrets
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pytest_superteam.deployment.cleanup import MARKER
from pytest_superteam.deployment.environment import PASSED_ON, service_environment
from pytest_superteam.deployment.ports import free_ports
from pytest_superteam.deployment.records import DEPLOYMENT, READINESS, RECORD
from pytest_superteam.deployment.supervisor import GRACE_SECONDS, machine_token, start_token
from pytest_superteam.errors import DeploymentError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pytest_superteam.deployment.base import DeployRequest
    from pytest_superteam.models import BuildResult

__all__ = ["COLLECTOR", "TELEMETRY", "Identity", "Plan", "PlannedService", "make_plan", "startable"]

COLLECTOR = "(collector)"
"""Name of our collector among the processes; no service can be called so."""
TELEMETRY = "telemetry"
_NAME = re.compile(r"[a-z][a-z0-9-]{0,62}\Z")


@dataclass(frozen=True)
class PlannedService:
    """One service to start. `argv` is complete: interpreter and port are filled in."""

    name: str
    argv: tuple[str, ...]
    cwd: Path
    env: dict[str, str]
    log: Path
    port: int
    data: Path
    """Its own folder, empty when it starts."""

    @property
    def url(self) -> str:
        """Return the base URL, without a trailing slash."""
        return f"http://127.0.0.1:{self.port}"


@dataclass(frozen=True)
class Identity:
    """What services know each other and the gate by; it stays when some of them are started again.

    `ports` has one for each service and for the collector. `marker` is in every environment.
    """

    ports: Mapping[str, int]
    marker: str
    jwt_secret: str = field(repr=False)

    @classmethod
    def fresh(cls, names: tuple[str, ...]) -> Identity:
        """Return a new one: free ports, a new marker and a new secret."""
        ports = dict(zip((*names, COLLECTOR), free_ports(len(names) + 1), strict=True))
        return cls(ports, secrets.token_hex(8), secrets.token_hex(32))


@dataclass(frozen=True)
class Plan:
    """One attempt. `marker` is in every service's environment; `jwt_secret` is fresh for each attempt."""

    run_id: str
    folder: Path
    owner_pid: int
    marker: str
    jwt_secret: str
    services: tuple[PlannedService, ...]
    collector: PlannedService | None = None
    """Our own process that takes what the services export and publish; it starts with them and ends with them."""

    @property
    def processes(self) -> tuple[PlannedService, ...]:
        """Return everything to start, in order."""
        return (*((self.collector,) if self.collector else ()), *self.services)

    @property
    def telemetry(self) -> Path:
        """Return the folder that the collector writes into."""
        return self.folder / TELEMETRY

    def specification(self) -> dict[str, Any]:
        """Return what the supervisor reads. It holds the environment with the secret: never write it to disk."""
        services = [
            {
                "name": s.name,
                "argv": s.argv,
                "cwd": str(s.cwd),
                "env": s.env,
                "log": str(s.log),
                "port": s.port,
                "data": str(s.data),
            }
            for s in self.processes
        ]
        return {
            "run_id": self.run_id,
            "marker": self.marker,
            "machine": machine_token(),
            "owner": {"pid": self.owner_pid, "start": start_token(self.owner_pid)},
            "grace": GRACE_SECONDS,
            "record": str(self.folder / RECORD),
            "forget": [str(self.folder / DEPLOYMENT), str(self.folder / READINESS)],
            "services": services,
        }


def startable(request: DeployRequest) -> tuple[BuildResult, ...]:
    """Return the builds to start: the successful ones.

    Raises:
        DeploymentError: there is none, or one of them can't be started as it is.
    """
    builds = tuple(build for build in request.builds if build.success)
    if not builds:
        raise DeploymentError("Nothing to deploy: no service was built.")
    names = [build.service for build in builds]
    for build in builds:
        if not _NAME.match(build.service) or names.count(build.service) > 1:
            raise DeploymentError(
                f"{build.service!r} can't be deployed: it is no service name, or there are two of it."
            )
        if not build.start:
            raise DeploymentError(f"{build.service} has no start command. Give it one, or leave the service out.")
    return builds


def make_plan(request: DeployRequest, builds: tuple[BuildResult, ...], identity: Identity | None = None) -> Plan:
    """Return one attempt for `builds`, with a fresh identity where none is given."""
    folder = request.folder.resolve()
    known = identity or Identity.fresh(tuple(build.service for build in builds))
    ports = {build.service: known.ports[build.service] for build in builds}
    collecting = _collector(folder, known)
    services = []
    for build in builds:
        name = build.service
        env = service_environment(
            name,
            request.architecture,
            ports,
            folder=folder,
            jwt_secret=known.jwt_secret,
            extra=request.environment,
            collector=collecting.url,
        )
        services.append(
            PlannedService(
                name,
                _command(build.start, ports[name]),
                build.directory.resolve(),
                env | {MARKER: known.marker},
                folder / "logs" / f"{name}.log",
                ports[name],
                folder / "data" / name,
            )
        )
    return Plan(request.run_id, folder, request.owner_pid, known.marker, known.jwt_secret, tuple(services), collecting)


def _collector(folder: Path, identity: Identity) -> PlannedService:
    script, port = str(Path(__file__).with_name("collector.py")), identity.ports[COLLECTOR]
    argv = (sys.executable, "-I", "-S", script, str(port), str(folder / TELEMETRY))
    env = {name: os.environ[name] for name in PASSED_ON if name in os.environ} | {MARKER: identity.marker}
    return PlannedService(COLLECTOR, argv, folder, env, folder / "collector.log", port, folder / TELEMETRY)


def _command(start: tuple[str, ...], port: int) -> tuple[str, ...]:
    program = sys.executable if start[0] == "python" else start[0]
    return (program, *(part.replace("{port}", str(port)) for part in start[1:]))
