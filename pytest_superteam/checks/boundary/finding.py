"""What a boundary check finds, before it becomes a violation."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from pytest_superteam.models import Severity

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pytest_superteam.checks.boundary.seen import Seen, SeenObject

__all__ = ["Finding", "Look", "View", "shown"]

_LONGEST = 80  # characters of a value in a message


@dataclass(frozen=True)
class Finding:
    """One thing that is wrong. `key` tells findings apart: the same one in another row or page is told once."""

    key: str
    message: str
    evidence: str = ""
    severity: Severity = Severity.ERROR
    service: str = ""
    """The service at fault where it is not the one that was looked at."""


@dataclass(frozen=True)
class Look:
    """One answer that was looked at: the operation's name in messages, the step that shows it, what is in it."""

    service: str
    operation: str
    kind: str
    entity: str
    label: str
    """`GET /orders` of order-service."""
    step: str
    body: Any
    schema: Mapping[str, Any]
    objects: tuple[SeenObject, ...] = ()
    fields: tuple[Seen, ...] = ()

    @property
    def listing(self) -> bool:
        """Return whether the answer is a list of rows, plain or in pages."""
        return self.kind == "list" or isinstance(self.body, list)


@dataclass(frozen=True)
class View:
    """What is judged: the answers of one service, those of the others, and what consumers read."""

    service: str
    looks: tuple[Look, ...]
    others: Mapping[str, tuple[Look, ...]] = field(default_factory=dict)
    partners: frozenset[str] = frozenset()
    """Services that call this one, or that it calls."""


def shown(value: Any) -> str:
    """Return a value as messages quote it."""
    text = repr(value) if isinstance(value, str) else str(value)
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"
