"""What one composed deployment is made of, before anything is written or started."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

__all__ = ["COLLECTOR_SERVICE", "LABEL_PREFIX", "ComposePlan", "PlannedContainer"]

COLLECTOR_SERVICE = "superteam-collector"
"""Name of our collector (spans and events) among the containers; no service can be called so."""
LABEL_PREFIX = "superteam."
"""How the labels of everything that we start begin: `superteam.run`, `.owner`, `.machine`, `.project`, `.inputs`."""


@dataclass(frozen=True)
class PlannedContainer:
    """One service of the compose file that the gate calls."""

    name: str
    """The service's name in the architecture (or in the found system)."""
    compose: str
    """Its name in the compose file."""
    port: int
    """The port that it listens on in its container."""
    prefix: str = ""
    """Path at the gateway, such as `/api/order-service`; empty where it is called directly."""
    health: str = ""
    """Path to ask for readiness; empty: /ready, then /health, then any answer."""


@dataclass(frozen=True)
class ComposePlan:
    """One system to compose. Nothing in it is secret but what is named so."""

    run_id: str
    project: str
    """Name of the compose project, `superteam-<run id>`; containers, networks and volumes are called after it."""
    folder: Path
    """`.superteam/deployment`: the generated files and logs."""
    directory: Path
    """The compose project directory: what relative paths of the compose files are relative to."""
    files: tuple[Path, ...]
    """The compose files in order; those that we generate are among them."""
    services: tuple[PlannedContainer, ...]
    env_file: Path | None = None
    """Generated passwords, mode 600."""
    profiles: tuple[str, ...] = ()
    gateway: str = ""
    """Name of the gateway in the compose file; empty without one."""
    gateway_port: int = 0
    """The port that the gateway listens on in its container."""
    collector: str = ""
    """Name of our collector in the compose file; empty without one."""
    collector_port: int = 0
    inputs: str = ""
    """Hash of all that the deployment is made of: an equal one need not be made again."""
    jwt_secret: str = field(repr=False, default="")
    secrets: tuple[str, ...] = field(repr=False, default=())
    """Texts that no message may show: generated passwords."""
    labels: Mapping[str, str] = field(default_factory=dict)
    """What everything is labelled with."""
