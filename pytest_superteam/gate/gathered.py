"""What the process that owns the run has seen of its gate so far."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pytest_superteam.models import GateReport, Outcome

__all__ = ["GATHERED", "Ending", "Gathered"]


@dataclass
class Ending:
    """How an item ended, as its phase reports told."""

    outcome: Outcome
    nodeid: str
    reason: str = ""
    seconds: float = 0.0
    requirements: tuple[str, ...] = ()
    """Of a test of the project: the requirements that it claims to prove."""


@dataclass
class Gathered:
    """What the controller has seen so far."""

    endings: dict[str, Ending] = field(default_factory=dict)
    claims: dict[str, Ending] = field(default_factory=dict)
    """The project's own tests that claim requirements, by node id."""
    report: GateReport | None = None
    interrupted: bool = False
    complaint: str = ""
    files: list[str] = field(default_factory=list)
    """What was written besides the reports, a line each."""

    def complain(self, line: str) -> None:
        """Add a line on something that could not be done, which the summary ends with."""
        self.complaint = "\n".join(filter(None, (self.complaint, line)))


GATHERED = pytest.StashKey[Gathered]()
