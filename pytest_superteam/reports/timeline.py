"""The timeline of a report as plain data."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pytest_superteam.reports.text import one_line
from pytest_superteam.reports.times import iso

if TYPE_CHECKING:
    from pytest_superteam.models import GateReport

__all__ = ["timeline_data"]


def timeline_data(report: GateReport) -> list[dict[str, Any]]:
    """Return the spans as plain data, in order: times as ISO 8601 texts, `ended` null where the end is not known."""
    return [
        {
            "kind": span.kind,
            "name": one_line(span.name, 120),
            "started": iso(span.started),
            "ended": iso(span.ended),
            "seconds": None if span.ended is None else round(max(0.0, span.ended - span.started), 3),
            "outcome": one_line(span.outcome, 120),
            "session": span.session,
            "number": span.number,
            "builder": one_line(span.builder, 120),
        }
        for span in report.timeline
    ]
