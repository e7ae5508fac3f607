"""`service.json`: how a service that an agent built is started and tested, as the agent says or as its files show."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["SERVICE_FILE", "Commands", "read"]

SERVICE_FILE = "service.json"


@dataclass(frozen=True)
class Commands:
    """Argument vectors for the service's folder; `found` says where they are from, such as `service.json`."""

    start: tuple[str, ...]
    test: tuple[str, ...] = ()
    found: str = SERVICE_FILE


def read(directory: Path) -> Commands:
    """Return how the service in `directory` is started and tested.

    Raises:
        BuildError: `service.json` is wrong, or it is missing and nothing shows how the service is started.
    """
