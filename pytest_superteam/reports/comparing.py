"""Two gate reports compared: what is new, mended and unchanged in one since the other.

A violation is told by its fingerprint: code, service, file and evidence, but no line, so that it is the same one after
an edit above it. What was only found because, or not found because, an item was tried in one report and not in the
other is no news: it is counted as not compared.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from pytest_superteam.models import (
    DiffEntry,
    GateDiff,
    GateReport,
    ItemResult,
    Outcome,
    Severity,
    StatusChange,
    Violation,
)
from pytest_superteam.reports.findings import SYSTEM, UNTRACED, located
from pytest_superteam.reports.masking import mask

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

__all__ = ["compare"]

_FOUND = (Outcome.FAILED, Outcome.ADVISORY, Outcome.ERROR)
_CONFORMANCE = "layer2::test_conformance["


def compare(before: GateReport, after: GateReport) -> GateDiff:
    """Return what is different in `after`."""
    then, now = _Side.of(before), _Side.of(after)
    same, mended, new = _matched(then.entries, now.entries)
    left_out: Counter[str] = Counter()
    excused, gone = _excused(mended, now)
    partial = before.partial or after.partial
    diff = GateDiff(
        run_id=before.run_id,
        title=before.title,
        verdict=StatusChange("verdict", before.verdict, after.verdict),
        new=tuple(_kept(new, then, left_out, "not tried in the other run")),
        mended=tuple(_kept(gone, now, left_out, "not tried this time", looks=True)),
        unchanged=tuple(entry for _, entry in same),
        turned=tuple(entry for old, entry in same if old.blocking != entry.blocking),
        excused=tuple(excused),
        not_compared=dict(left_out),
        requirements=tuple(_requirements(before, after, partial=partial)),
        operations=tuple(_operations(before, after)),
        services_new=_without(after.services, before.services),
        services_gone=_without(before.services, after.services),
        seconds=(before.seconds, after.seconds),
        cost_usd=(before.cost_usd, after.cost_usd),
        notes=tuple(_notes(before, after)),
    )
    if partial:
        return diff
    return replace(
        diff,
        operations_new=_without(now.operations, then.operations),
        operations_gone=_without(then.operations, now.operations),
    )


def _without(names: Iterable[str], others: Iterable[str]) -> tuple[str, ...]:
    known = set(others)
    return tuple(name for name in names if name not in known)


# ---------------------------------------------------------------- one report


@dataclass(frozen=True)
class _Side:
    """One of two reports: what it found, what it excused, and how its items ended, by the end of their ids."""

    entries: tuple[DiffEntry, ...]
    excused: Counter[str]
    outcomes: dict[str, Outcome]
    partial: bool

    @classmethod
    def of(cls, report: GateReport) -> _Side:
        entries = [entry for item in report.items for entry in _entries(item, report.folders)]
        return cls(
            (*entries, *_untraced(report)),
            Counter(_fingerprint(v) for item in report.items for v in item.violations if v.suppressed_by),
            {_key(item.id): item.outcome for item in report.items},
            report.partial,
        )

    @property
    def operations(self) -> tuple[str, ...]:
        """Return the operations that have an item, tried or not."""
        keys = (key for key in self.outcomes if key.startswith(_CONFORMANCE))
        return tuple(key.removeprefix(_CONFORMANCE).removesuffix("]") for key in keys)

    def has_tried(self, entry: DiffEntry, *, looks: bool) -> bool:
        """Return whether the item of a finding was tried here, or `looks`: tried and able to look.

        What has no item here because this report is on another state of the system was tried all the same.
        """
        if not entry.item:
            return not self.partial
        outcome = self.outcomes.get(_key(entry.item))
        if outcome is None:
            return not self.partial
        return outcome is not Outcome.SKIPPED and not (looks and outcome is Outcome.ERROR)


def _key(nodeid: str) -> str:
    """Return the end of an item's id, which is the same wherever the run was started."""
    return nodeid.partition("::")[2] or nodeid


def _fingerprint(violation: Violation) -> str:
    """Return what a violation is told by, made of what a report shows of it."""
    return replace(violation, message=mask(violation.message), evidence=mask(violation.evidence)).fingerprint


def _entries(item: ItemResult, folders: Mapping[str, str]) -> Iterator[DiffEntry]:
    if item.outcome not in _FOUND:
        return
    error = item.outcome is Outcome.ERROR
    blocks = error or (item.blocking and item.outcome is Outcome.FAILED)
    active = [violation for violation in item.violations if not violation.suppressed_by]
    for v in active:
        service, place = located(item, v, folders)
        yield DiffEntry(_fingerprint(v), v.code, v.severity, service, place, mask(v.message), blocks, item.id)
    if error or not active:
        message = mask(f"could not run: {item.reason}" if error else item.reason or "no reason was given")
        yield DiffEntry(_key(item.id), item.code, item.severity, item.service, "", message, blocks, item.id)


def _untraced(report: GateReport) -> Iterator[DiffEntry]:
    for row in report.requirements:
        if row.get("blocks"):
            message = mask(f"{row['id']} is unproven: {row['reason']}")
            key = mask(f"{UNTRACED} {row['id']}")
            yield DiffEntry(key, UNTRACED, Severity.ERROR, SYSTEM, f"line {row['line']}", message, blocking=True)


# ---------------------------------------------------------------- both


def _matched(
    then: Iterable[DiffEntry], now: Iterable[DiffEntry]
) -> tuple[list[tuple[DiffEntry, DiffEntry]], list[DiffEntry], list[DiffEntry]]:
    """Return the findings of both reports in pairs, then those of the first one only, and of the second one only."""
    waiting: defaultdict[str, list[DiffEntry]] = defaultdict(list)
    for entry in then:
        waiting[entry.key].append(entry)
    same, new = [], []
    for entry in now:
        if waiting[entry.key]:
            same.append((waiting[entry.key].pop(0), entry))
        else:
            new.append(entry)
    return same, _ordered(entry for entries in waiting.values() for entry in entries), _ordered(new)


def _ordered(entries: Iterable[DiffEntry]) -> list[DiffEntry]:
    """Return what blocks first, the most severe first."""
    return sorted(entries, key=lambda entry: (not entry.blocking, -entry.severity.rank))


def _excused(entries: Iterable[DiffEntry], now: _Side) -> tuple[list[DiffEntry], list[DiffEntry]]:
    """Return the findings that are still there and excused now, and the others."""
    left = now.excused.copy()
    excused: list[DiffEntry] = []
    others: list[DiffEntry] = []
    for entry in entries:
        is_excused = left[entry.key] > 0
        left[entry.key] -= is_excused
        (excused if is_excused else others).append(entry)
    return excused, others


def _kept(
    entries: Iterable[DiffEntry], other: _Side, left_out: Counter[str], why: str, *, looks: bool = False
) -> Iterator[DiffEntry]:
    """Yield the findings whose item the other report has tried too; the others are counted."""
    for entry in entries:
        if other.has_tried(entry, looks=looks):
            yield entry
        else:
            left_out[why] += 1


def _requirements(before: GateReport, after: GateReport, *, partial: bool) -> Iterator[StatusChange]:
    """Yield the requirements whose status changed; of partial reports none that is unproven for what was not run."""
    known = {mask(str(row["id"])): str(row["status"]) for row in before.requirements}
    for row in after.requirements:
        name, status = mask(str(row["id"])), str(row["status"])
        old = known.get(name, "")
        if old and old != status and not (partial and "unproven" in {old, status}):
            yield StatusChange(name, old, status)


def _operations(before: GateReport, after: GateReport) -> Iterator[StatusChange]:
    words = {True: "exercised", False: "not exercised"}
    known = {mask(name): exercised for name, exercised in before.operations.items()}
    for operation, exercised in after.operations.items():
        name = mask(operation)
        if known.get(name, exercised) is not exercised:
            yield StatusChange(name, words[not exercised], words[exercised])


def _notes(before: GateReport, after: GateReport) -> Iterator[str]:
    titles = mask(before.title), mask(after.title)
    if titles[0] != titles[1]:
        yield f"the other report is on '{titles[0]}', this one on '{titles[1]}'"
    if before.verdict == "interrupted":
        yield "the other run was interrupted"
