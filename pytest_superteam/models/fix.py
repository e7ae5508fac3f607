"""Attempts to mend what the gate found: what was asked, what changed, what it cost, what the gate said."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

__all__ = ["FileChange", "FixAttempt", "FixOutcome", "FixedService", "Mending"]

FixOutcome = Literal["changed", "unchanged", "refused", "failed", "not begun"]


@dataclass(frozen=True)
class Mending:
    """What a builder is asked to mend in what it built; the tree lies in the folder that it works in."""

    number: int
    """1 for the first fix attempt of a run."""
    of: int
    """How many there may be."""
    text: str
    """What is wrong and how each finding is reproduced, as Markdown."""
    findings: tuple[str, ...] = ()
    """The same in a line each, such as `SEC-001 app/main.py:12: ...`."""
    refused: str = ""
    """Why the attempt before was refused; empty where it was not."""


@dataclass(frozen=True)
class FileChange:
    """How one file of a service changed; lines as `diff` counts them."""

    path: str
    added: int
    removed: int
    kind: Literal["added", "changed", "removed"] = "changed"


@dataclass(frozen=True)
class FixedService:
    """What one fix attempt made of one service."""

    service: str
    builder: str
    asked: tuple[str, ...]
    """The findings that it was given, a line each."""
    outcome: FixOutcome
    reason: str = ""
    """Why it was refused, failed or not begun."""
    changes: tuple[FileChange, ...] = ()
    tries: int = 1
    usd: float = 0.0
    estimated: bool = False
    unknown_cost: bool = False
    seconds: float = 0.0


@dataclass(frozen=True)
class FixAttempt:
    """One round: findings went to the builders of their services, and the gate looked again."""

    number: int
    of: int
    services: tuple[FixedService, ...]
    before: tuple[str, ...]
    """Ids of the gate items that blocked before (`layer3::test_scan[orders-SEC-001]`)."""
    after: tuple[str, ...] | None = None
    """Those that block since; None while the gate has not looked."""
    asked_again: tuple[str, ...] = ()
    """Services whose items were asked again: those that changed, and those that depend on them."""

    @property
    def mended(self) -> tuple[str, ...]:
        """Return the items that blocked before and do not any more."""
        return () if self.after is None else tuple(item for item in self.before if item not in self.after)

    @property
    def new(self) -> tuple[str, ...]:
        """Return the items that block now and did not before."""
        return () if self.after is None else tuple(item for item in self.after if item not in self.before)
