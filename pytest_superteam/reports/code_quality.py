"""The findings as GitLab's code quality report: the part of the Code Climate format that GitLab reads."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from typing import TYPE_CHECKING, Any

from pytest_superteam.models import Outcome
from pytest_superteam.reports.findings import UNTRACED
from pytest_superteam.reports.text import one_line

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytest_superteam.models import GateReport, ItemResult, Violation
    from pytest_superteam.reports.places import Places

__all__ = ["to_code_quality"]

SEVERITIES = {"critical": "blocker", "high": "critical", "error": "major", "warning": "minor", "info": "info"}
"""Ours to GitLab's; https://docs.gitlab.com/ci/testing/code_quality/#code-quality-report-format names them all."""
_LONGEST = 1_000
_LONGEST_NAME = 120
_NOWHERE = "superteam"
"""A path is obligatory; this one stands where not even the document lies in the repository."""


def to_code_quality(report: GateReport, places: Places) -> str:
    """Return what was found, what could not run, and what nothing proves, as a JSON array without a byte order mark.

    What is excused is left out. Rows are ordered by place and fingerprint; no two have the same fingerprint.
    """
    rows = sorted(_rows(report, places), key=_place)
    seen: Counter[str] = Counter()
    for row in rows:  # GitLab shows one of those that have the same one
        key = row["fingerprint"]
        row["fingerprint"] = _hash(f"{key}:{seen[key]}") if seen[key] else key
        seen[key] += 1
    return json.dumps(rows, indent=1) + "\n"


def _place(row: dict[str, Any]) -> tuple[Any, ...]:
    where = row["location"]
    return where["path"], where["lines"]["begin"], row["check_name"], row["fingerprint"], row["description"]


def _rows(report: GateReport, places: Places) -> Iterator[dict[str, Any]]:
    for item in report.items:
        active = [violation for violation in item.violations if not violation.suppressed_by]
        if item.outcome is not Outcome.SKIPPED:
            yield from (_violation(violation, item, places) for violation in active)
        if item.outcome is Outcome.ERROR or (item.outcome is Outcome.FAILED and not active):
            yield _item(item, places)
    yield from (_requirement(row, places) for row in report.requirements if row.get("blocks"))


def _violation(violation: Violation, item: ItemResult, places: Places) -> dict[str, Any]:
    path = places.of(violation.service or item.service, violation.file)
    what = f"{violation.service}: {violation.message}" if violation.service else violation.message
    line = violation.line if path else 1
    return _row(what, violation.code, violation.severity.value, violation.fingerprint, path or _fallback(places), line)


def _item(item: ItemResult, places: Places) -> dict[str, Any]:
    """Return the row of an item that could not run, or failed without a finding."""
    ended = "could not run" if item.outcome is Outcome.ERROR else "failed"
    what = f"{item.service}: {ended}: {item.reason or 'no reason was given'}"
    key = _hash(f"{item.code}\x1f{item.id.partition('::')[2]}")
    return _row(what, item.code, item.severity.value, key, _fallback(places), 1)


def _requirement(row: Any, places: Places) -> dict[str, Any]:
    what = f"{row['id']} is unproven: {row['reason']}"
    key = _hash(f"{UNTRACED}\x1f{row['id']}")
    known = places.is_document and places.fallback and not row.get("place")
    return _row(what, UNTRACED, "error", key, _fallback(places), int(row["line"]) if known else 1)


def _fallback(places: Places) -> str:
    return places.fallback or _NOWHERE


def _row(what: str, code: str, severity: str, key: str, path: str, line: int) -> dict[str, Any]:
    return {
        "description": one_line(what, _LONGEST),
        "check_name": one_line(code, _LONGEST_NAME),
        "fingerprint": key,
        "severity": SEVERITIES[severity],
        "location": {"path": path, "lines": {"begin": max(1, line)}},
    }


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()[:32]
