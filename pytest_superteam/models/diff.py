"""What is different from another run's gate report."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pytest_superteam.models.run import Severity

__all__ = ["DiffEntry", "GateDiff", "StatusChange"]


@dataclass(frozen=True)
class DiffEntry:
    """A finding of one of two reports: a violation, an item that failed or could not run without one, a requirement."""

    key: str
    """What it is told by in both reports: a fingerprint, the end of an item's id, or a requirement's id."""
    code: str
    severity: Severity
    service: str
    place: str
    message: str
    blocking: bool
    item: str = ""
    """Id of its gate item; empty for a requirement."""


@dataclass(frozen=True)
class StatusChange:
    """Something that both reports know and judge differently."""

    name: str
    before: str
    after: str


@dataclass(frozen=True)
class GateDiff:
    """What a gate report says and another one, of an earlier run as a rule, does not."""

    run_id: str
    """The other report's run."""
    title: str
    """The other report's system."""
    verdict: StatusChange
    new: tuple[DiffEntry, ...] = ()
    mended: tuple[DiffEntry, ...] = ()
    """What was found before, and is not by the same item now."""
    unchanged: tuple[DiffEntry, ...] = ()
    turned: tuple[DiffEntry, ...] = ()
    """Those of `unchanged` that block now and did not, or the reverse."""
    excused: tuple[DiffEntry, ...] = ()
    """What was found before and is still there, but something excuses it now."""
    not_compared: Mapping[str, int] = field(default_factory=dict)
    """Findings of items that only one of both has tried, by reason."""
    requirements: tuple[StatusChange, ...] = ()
    operations: tuple[StatusChange, ...] = ()
    """Whether an operation that both tried was exercised: `exercised` or `not exercised`."""
    services_new: tuple[str, ...] = ()
    services_gone: tuple[str, ...] = ()
    operations_new: tuple[str, ...] = ()
    operations_gone: tuple[str, ...] = ()
    seconds: tuple[float, float] = (0.0, 0.0)
    """Of the other run and of this one."""
    cost_usd: tuple[float, float] = (0.0, 0.0)
    notes: tuple[str, ...] = ()
    """What a reader has to know of the comparison, such as that the other report is on another system."""
