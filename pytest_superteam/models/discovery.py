"""What is found in a folder that holds a system already: its services, and what was concluded from what."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

__all__ = ["Conclusion", "FoundKind", "FoundService", "FoundSystem"]

FoundKind = Literal[
    "service",  # runs all the time and is the system's own: an API, a front end, a worker
    "job",  # the system's own too, but ends: migrations, seeds, tools behind a profile
    "infrastructure",  # somebody else's: database, cache, broker, gateway
]


@dataclass(frozen=True)
class Conclusion:
    """One fact about a service and what it rests on. `file` is relative to the system, POSIX style; `line` 1-based."""

    fact: str
    """Name of the field of `FoundService` that it is about."""
    value: str
    file: str = ""
    line: int = 0
    reason: str = ""
    """What in that place says so, in a few words."""


@dataclass(frozen=True)
class FoundService:
    """One part of a system that exists. Texts are empty and numbers 0 where nothing is known."""

    name: str
    kind: FoundKind = "service"
    role: str = ""
    """Of infrastructure: `database`, `cache`, `broker`, `gateway` or `other`; of a service: `frontend`, `worker`."""
    folder: str = ""
    """Of its source, relative to the system, POSIX style; `.` the system's own, empty where there is none."""
    language: str = ""
    """`python`, `javascript`, `typescript`, `go`, `java`, `kotlin`, `rust`, `csharp`, `php`, `ruby`, ..."""
    framework: str = ""
    """`fastapi`, `flask`, `django`, `express`, `nestjs`, `gin`, `spring`, `aspnet`, ..."""
    port: int = 0
    """Port that it listens on, inside its container."""
    health: str = ""
    """Path of its health route."""
    dependencies: tuple[str, ...] = ()
    """Names of other services of the system that it calls or waits for."""
    datastores: tuple[str, ...] = ()
    """What it keeps data in or sends them through: `postgresql`, `mongodb`, `redis`, `rabbitmq`, ..."""
    compose: str = ""
    """Its name in the compose files."""
    image: str = ""
    """The image that it runs from, where it is not built."""
    dockerfile: str = ""
    """Relative to the system."""
    profiles: tuple[str, ...] = ()
    test: tuple[str, ...] = ()
    """Argument vector of its own tests, run in its folder."""
    conclusions: tuple[Conclusion, ...] = ()


@dataclass(frozen=True)
class FoundSystem:
    """A system as it lies in `root`."""

    root: Path
    services: tuple[FoundService, ...] = ()
    jobs: tuple[FoundService, ...] = ()
    infrastructure: tuple[FoundService, ...] = ()
    compose_files: tuple[str, ...] = ()
    """The compose files that start it, in the order in which they overlay each other, relative to `root`."""
    how: str = ""
    """How the services were found, in a few words."""
    notes: tuple[str, ...] = ()
    """What a reader has to know: compose files that were left out, folders that could not be read."""

    def service(self, name: str) -> FoundService | None:
        """Return the service called `name`, if any."""
        return next((service for service in self.services if service.name == name), None)
