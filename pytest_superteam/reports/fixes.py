"""The attempts to mend what blocked, in words and as data: what was asked, changed and paid, and what the gate said."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pytest_superteam.reports.costs import dollars
from pytest_superteam.reports.masking import mask
from pytest_superteam.reports.text import one_line, plural
from pytest_superteam.reports.values import masked, number

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from pytest_superteam.models import FileChange, FixAttempt, FixedService, GateReport

__all__ = ["Row", "any_fix", "diff_stat", "fix_data", "fix_rows", "fix_title"]

Row = tuple[int, str]
"""A line, and how deep it stands below the title of its section."""

_FEW = 3
"""Findings, files and items that are named unless all are asked for."""
_ALL = 200
_SIGNS = {"added": "+", "removed": "-", "changed": ""}


def any_fix(report: GateReport) -> bool:
    """Return whether there is anything to tell of attempts to mend."""
    return bool(report.fixes or report.fix_end)


def fix_title(report: GateReport) -> str:
    """Return how many attempts were made, and how many there might have been."""
    if not report.fixes:
        return "Fix attempts: none"
    return f"Fix attempts ({len(report.fixes)} of at most {report.fixes[-1].of})"


def fix_rows(report: GateReport, *, verbose: bool = False) -> Iterator[Row]:
    """Yield what became of each attempt, and why no other followed; `verbose` names all findings, files and items.

    Without it only the last attempts are told in full.
    """
    most = _ALL if verbose else _FEW
    recent = report.fixes if verbose else report.fixes[-_FEW:]
    for attempt in report.fixes:
        yield 0, f"Attempt {attempt.number} of {attempt.of}: {_verdict(attempt)}"
        if attempt not in recent:
            continue
        for fixed in attempt.services:
            yield from _service(fixed, most)
        yield from _said(attempt, most)
    if report.fix_end:
        yield 0, f"No further attempt: {one_line(report.fix_end, 600)}"


def diff_stat(changes: Sequence[FileChange]) -> str:
    """Return `3 files, +12 -4`; `nothing` where no file changed."""
    if not changes:
        return "nothing"
    added, removed = sum(change.added for change in changes), sum(change.removed for change in changes)
    return f"{plural(len(changes), 'file')}, +{added} -{removed}"


def _verdict(attempt: FixAttempt) -> str:
    """Return what the gate said before and after, in numbers."""
    before = f"{plural(len(attempt.before), 'item')} blocked"
    if attempt.after is None:
        return f"{before}; the gate has not looked since"
    if not attempt.after:
        return f"{before}, none does since"
    new = f", {len(attempt.new)} of them new" if attempt.new else ""
    verb = "does" if len(attempt.after) == 1 else "do"
    return f"{before}, {len(attempt.after)} {verb} since{new}; {len(attempt.mended)} mended"


def _service(fixed: FixedService, most: int) -> Iterator[Row]:
    name, builder = one_line(fixed.service, 63), one_line(fixed.builder, 60)
    done = {
        "changed": f"changed {diff_stat(fixed.changes)}",
        "unchanged": "changed nothing",
        "refused": f"refused (it had changed {diff_stat(fixed.changes)})",
        "failed": "failed",
        "not begun": "not begun",
    }[fixed.outcome]
    yield 1, ", ".join([f"{name} by {builder}: {done}", *_spent(fixed)])
    if fixed.reason and fixed.outcome != "unchanged":
        yield 2, f"why: {one_line(fixed.reason, 400)}"
    yield from _listed("asked: ", tuple(dict.fromkeys(fixed.asked)), most)
    yield from _listed("", [_change(change) for change in fixed.changes], most if most > _FEW else 0)


def _spent(fixed: FixedService) -> Iterator[str]:
    if fixed.outcome == "not begun":
        return
    if fixed.tries > 1:
        yield f"{fixed.tries} tries"
    yield "unknown cost" if fixed.unknown_cost else dollars(fixed.usd, estimated=fixed.estimated)
    yield f"{fixed.seconds:.1f} s"


def _change(change: FileChange) -> str:
    return f"{_SIGNS[change.kind]}{one_line(change.path, 200)} +{change.added} -{change.removed}"


def _said(attempt: FixAttempt, most: int) -> Iterator[Row]:
    """Yield the items that the attempt changed, and where all are asked for those that still block."""
    if attempt.after is None:
        return
    if attempt.asked_again:
        yield 1, f"asked again: {one_line(', '.join(attempt.asked_again), 400)}"
    still = [item for item in attempt.after if item not in attempt.new]
    yield from _listed("mended: ", attempt.mended, most, depth=1)
    yield from _listed("new: ", attempt.new, most, depth=1)
    yield from _listed("still: ", still, most, depth=1)


def _listed(word: str, texts: Sequence[str], most: int, *, depth: int = 2) -> Iterator[Row]:
    for text in texts[:most]:
        yield depth, f"{word}{one_line(text, 300)}"
    if most and len(texts) > most:
        yield depth, f"{word}... and {len(texts) - most} more, in gate-report.json"


# ---------------------------------------------------------------- as data


def fix_data(attempt: FixAttempt) -> dict[str, Any]:
    """Return an attempt as the JSON report has it."""
    looked = attempt.after is not None
    return {
        "number": max(0, attempt.number),
        "of": max(0, attempt.of),
        "services": [_fixed(fixed) for fixed in attempt.services],
        "before": masked(attempt.before),
        "after": None if attempt.after is None else masked(attempt.after),
        "mended": masked(attempt.mended) if looked else None,
        "new": masked(attempt.new) if looked else None,
        "asked_again": masked(attempt.asked_again),
    }


def _fixed(fixed: FixedService) -> dict[str, Any]:
    return {
        "service": mask(fixed.service),
        "builder": mask(fixed.builder),
        "asked": masked(fixed.asked),
        "outcome": fixed.outcome,
        "reason": mask(fixed.reason),
        "changes": [
            {
                "path": mask(change.path),
                "kind": change.kind,
                "added": max(0, change.added),
                "removed": max(0, change.removed),
            }
            for change in fixed.changes
        ],
        "added": sum(max(0, change.added) for change in fixed.changes),
        "removed": sum(max(0, change.removed) for change in fixed.changes),
        "tries": max(0, fixed.tries),
        "usd": None if fixed.unknown_cost else number(fixed.usd, 6),
        "estimated": fixed.estimated,
        "unknown_cost": fixed.unknown_cost,
        "seconds": number(fixed.seconds),
    }
