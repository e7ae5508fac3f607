"""What is different from another report, in words and as data."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pytest_superteam.reports.costs import dollars
from pytest_superteam.reports.masking import mask
from pytest_superteam.reports.text import one_line, plural
from pytest_superteam.reports.values import number

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from pytest_superteam.models import DiffEntry, GateDiff, StatusChange
    from pytest_superteam.reports.fixes import Row

__all__ = ["diff_data", "diff_rows", "diff_title"]

_FEW = 5
"""Findings and names of a kind that are told unless all are asked for."""
_ALL = 200


def diff_title(diff: GateDiff) -> str:
    """Return how much is new, mended and unchanged since which run."""
    counts = f"{len(diff.new)} new, {len(diff.mended)} mended, {len(diff.unchanged)} unchanged"
    return f"Since run {one_line(diff.run_id, 60)}: {counts}"


def diff_rows(diff: GateDiff, *, verbose: bool = False) -> Iterator[Row]:
    """Yield what is different, each as how deep it stands and a line; `verbose` names all, up to 200 of a kind."""
    most = _ALL if verbose else _FEW
    for note in diff.notes:
        yield 0, f"Mind: {one_line(note, 300)}"
    if diff.verdict.before != diff.verdict.after:
        yield 0, f"Verdict: {_change(diff.verdict)}"
    kinds = (
        ("New", diff.new),
        ("Mended", diff.mended),
        ("Block, or no longer do", diff.turned),
        ("Still there, excused now", diff.excused),
    )
    for title, entries in kinds:
        if verbose:
            yield from _section(title, [_entry(entry) for entry in entries], most)
        else:
            yield from _alike(title, entries)
    yield from _section("Requirements", [f"{c.name}: {_change(c)}" for c in diff.requirements], most)
    for title, names in _names(diff):
        yield from _section(title, names, most)
    yield from _section("Operations", [f"{c.name}: {_change(c)}" for c in diff.operations], most)
    for why, count in diff.not_compared.items():
        yield 0, f"Not compared: {plural(count, 'finding')}, of items {one_line(why, 80)}"
    yield 0, _spent(diff)


def _section(title: str, lines: Sequence[str], most: int) -> Iterator[Row]:
    """Yield a title with a count, and as many lines as may be; nothing where there are none."""
    if not lines:
        return
    yield 0, f"{title} ({len(lines)})"
    for line in lines[:most]:
        yield 1, one_line(line, 300)
    if len(lines) > most:
        yield 1, f"... and {len(lines) - most} more, in gate-report.json"


def _alike(title: str, entries: Sequence[DiffEntry]) -> Iterator[Row]:
    """Yield a title with a count, and a few lines: one for each code and service, with how many more it has."""
    if not entries:
        return
    yield 0, f"{title} ({len(entries)})"
    groups: dict[tuple[str, str, bool], list[DiffEntry]] = {}
    for entry in entries:
        groups.setdefault((entry.code, entry.service, entry.blocking), []).append(entry)
    told = list(groups.values())[:_FEW]
    for first, *others in told:
        more = f" ({len(others)} more of this code)" if others else ""
        yield 1, one_line(_entry(first), 300 - len(more)) + more
    if left := len(entries) - sum(map(len, told)):
        yield 1, f"... and {left} more, in gate-report.json"


def _names(diff: GateDiff) -> Iterator[tuple[str, Sequence[str]]]:
    """Yield the services and operations that came and went."""
    yield "New services", diff.services_new
    yield "Services gone", diff.services_gone
    yield "New operations", diff.operations_new
    yield "Operations gone", diff.operations_gone


def _change(change: StatusChange) -> str:
    return f"{one_line(change.after, 40)}, was {one_line(change.before, 40)}"


def _entry(entry: DiffEntry) -> str:
    where = " ".join(filter(None, (entry.code, entry.service, entry.place)))
    return f"{where}: {entry.message}" if entry.blocking else f"{where} (advisory): {entry.message}"


def _spent(diff: GateDiff) -> str:
    """Return time and cost of both; of the other one they may be any numbers."""
    (seconds_before, seconds), (cost_before, cost) = diff.seconds, diff.cost_usd
    paid = f" Cost: {dollars(cost)}, was {dollars(cost_before)}." if cost or cost_before else ""
    return f"Time: {seconds:.1f} s, was {seconds_before:.1f} s.{paid}"


# ---------------------------------------------------------------- as data


def diff_data(diff: GateDiff | None) -> dict[str, Any] | None:
    """Return a comparison as the JSON report has it; what did not change as keys only."""
    if diff is None:
        return None
    return {
        "run_id": mask(diff.run_id),
        "title": mask(diff.title),
        "verdict": _changed(diff.verdict),
        "new": [_data(entry) for entry in diff.new],
        "mended": [_data(entry) for entry in diff.mended],
        "unchanged": [mask(entry.key) for entry in diff.unchanged],
        "turned": [_data(entry) for entry in diff.turned],
        "excused": [_data(entry) for entry in diff.excused],
        "not_compared": [{"reason": why, "findings": count} for why, count in diff.not_compared.items()],
        "requirements": [_changed(change) for change in diff.requirements],
        "operations": [_changed(change) for change in diff.operations],
        "services_new": list(map(mask, diff.services_new)),
        "services_gone": list(map(mask, diff.services_gone)),
        "operations_new": list(map(mask, diff.operations_new)),
        "operations_gone": list(map(mask, diff.operations_gone)),
        "seconds": {"before": number(diff.seconds[0]), "after": number(diff.seconds[1])},
        "cost_usd": {"before": number(diff.cost_usd[0], 6), "after": number(diff.cost_usd[1], 6)},
        "notes": list(map(mask, diff.notes)),
    }


def _changed(change: StatusChange) -> dict[str, str]:
    return {"name": mask(change.name), "before": mask(change.before), "after": mask(change.after)}


def _data(entry: DiffEntry) -> dict[str, Any]:
    return {
        "key": mask(entry.key),
        "code": mask(entry.code),
        "severity": entry.severity.value,
        "service": mask(entry.service),
        "place": mask(entry.place),
        "message": mask(entry.message),
        "blocking": entry.blocking,
        "item": mask(entry.item),
    }
