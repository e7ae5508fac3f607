"""Findings as workflow commands of GitHub Actions, which shows them at the lines of a pull request."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_superteam.models import Outcome, Violation
from pytest_superteam.reports.masking import mask
from pytest_superteam.reports.places import Places
from pytest_superteam.reports.text import one_line

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from pytest_superteam.models import GateReport, ItemResult

__all__ = ["MAX_EACH", "workflow_commands"]

MAX_EACH = 10
"""Annotations of a kind that GitHub shows of one step; those of the lowest severity are left out first."""

_COMMANDS = {"critical": "error", "high": "error", "error": "error", "warning": "warning", "info": "notice"}


def workflow_commands(report: GateReport, base: Path, folders: Mapping[str, Path]) -> Iterator[str]:
    """Yield one line a finding, and a last one on what GitHub would not show.

    The most severe come first, and of these what has a place: GitHub shows the others at no line.
    """
    found = [violation for item in report.items for violation in _told(item)]
    places = Places(base, folders)
    left = dict.fromkeys(("error", "warning", "notice"), MAX_EACH)
    dropped = 0
    for violation in sorted(found, key=lambda v: (-v.severity.rank, not v.file)):
        command = _COMMANDS[violation.severity.value]
        if left[command]:
            left[command] -= 1
            yield f"::{command} {_properties(violation, places)}::{_data(violation.message)}"
        else:
            dropped += 1
    if dropped:
        yield f"::notice title=superteam::{dropped} more findings are in the gate report"


def _told(item: ItemResult) -> Iterator[Violation]:
    """Yield the findings of an item; where it could not run, or failed without one, what it says instead."""
    active = [violation for violation in item.violations if not violation.suppressed_by]
    if item.outcome in (Outcome.FAILED, Outcome.ADVISORY):
        yield from active
    if item.outcome is Outcome.ERROR or (item.outcome is Outcome.FAILED and not active):
        ended = "could not run" if item.outcome is Outcome.ERROR else "failed"
        yield Violation(item.code, item.severity, item.service, f"{ended}: {item.reason or 'no reason was given'}")


def _properties(violation: Violation, places: Places) -> str:
    parts = {"title": f"{violation.code} {violation.service}"}
    path = places.of(violation.service, violation.file)
    if path:
        parts["file"] = path
        if violation.line:
            parts["line"] = str(violation.line)
    return ",".join(f"{name}={_property(value)}" for name, value in parts.items())


def _data(text: str) -> str:
    return one_line(mask(text), 1000).replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
