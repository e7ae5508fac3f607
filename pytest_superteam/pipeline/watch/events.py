"""What happens in a run, as it happens: an event a line, for people and for programs."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["Event", "Kind", "Level", "Log", "NoLog"]

Level = Literal["info", "success", "warning", "error"]
Kind = Literal[
    "run",
    "resume",
    "transition",
    "phase",
    "builder",
    "attempt",
    "retry",
    "routing",
    "cost",
    "budget",
    "quota",
    "review",
    "quality_gate",
    "interrupt",
]


@dataclass(frozen=True)
class Event:
    """One thing that happened."""

    at: float
    """Seconds since the epoch."""
    kind: Kind
    message: str
    """One line, secrets masked."""
    level: Level = "info"
    service: str = ""
    run: str = ""
    session: str = ""
    data: Mapping[str, Any] = field(default_factory=dict)
    """Plain data, such as `attempt`, `usd`, `seconds`, `source` and `target`."""


class Log(Protocol):
    """Whoever takes down what happens."""

    def emit(self, kind: Kind, message: str, *, level: Level = "info", service: str = "", **data: Any) -> None:
        """Take down an event; never raises, for what is told must not break what is done."""
        ...


class NoLog:
    """Takes nothing down."""

    def emit(self, kind: Kind, message: str, *, level: Level = "info", service: str = "", **data: Any) -> None:
        """Let it pass."""
