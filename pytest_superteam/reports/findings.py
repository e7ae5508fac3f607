"""What the renderers have in common: which findings block, which advise, what was excused or not analysed."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass
from itertools import chain
from typing import TYPE_CHECKING

from pytest_superteam.models import GateReport, ItemResult, Outcome, Severity, SourceNote, Violation
from pytest_superteam.reports.text import one_line, plural

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

__all__ = [
    "STATUSES",
    "Cell",
    "Finding",
    "Matrix",
    "NotAnalysed",
    "advisory",
    "alike",
    "blocking",
    "evidence_lines",
    "grouped",
    "idle",
    "located",
    "matrix",
    "not_analysed",
    "note_line",
    "of_item",
    "operation_counts",
    "requirement_counts",
    "suppressed",
    "unread",
]

SYSTEM = "(system)"
"""The row of items that belong to no service."""


@dataclass(frozen=True)
class Finding:
    """One line of a report: a violation, or an item that failed or could not run without one."""

    code: str
    severity: Severity
    service: str
    place: str
    message: str
    evidence: str = ""
    suppressed_by: str = ""
    error: bool = False
    item: str = ""
    rule: str = ""
    """What its code is called, where the message alone is only what to do."""

    @property
    def told(self) -> str:
        """Return what is wrong and what to do."""
        return f"{self.rule}: {self.message}" if self.rule and not self.error else self.message


def blocking(report: GateReport) -> list[Finding]:
    """Return what keeps the system from shipping, the most severe first."""
    found = _of_items(report, lambda item: item.outcome is Outcome.ERROR or _is_blocked(item))
    return _ordered(chain(found, _untraced(report)))


def advisory(report: GateReport) -> list[Finding]:
    """Return what was found and does not block, the most severe first."""
    return _ordered(_of_items(report, _is_advice))


def suppressed(report: GateReport) -> list[Finding]:
    """Return the violations that something excuses, of all items, the most severe first."""
    excused = ((item, v) for item in report.items for v in item.violations if v.suppressed_by)
    return _ordered(_finding(item, violation, report.folders) for item, violation in excused)


UNTRACED = "UNPROVEN"
"""Stands for the code where a requirement blocks for lack of a proof."""


def _untraced(report: GateReport) -> Iterator[Finding]:
    """Yield the requirements that block for lack of a proof."""
    for row in report.requirements:
        if row.get("blocks"):
            place = str(row.get("place") or f"line {row['line']}")
            message = f"{row['id']} ({row['priority']}) is unproven: {row['reason']}."
            yield Finding(UNTRACED, Severity.ERROR, SYSTEM, place, message, evidence=one_line(str(row["text"]), 300))


def _is_blocked(item: ItemResult) -> bool:
    return item.blocking and item.outcome is Outcome.FAILED


def _is_advice(item: ItemResult) -> bool:
    return item.outcome is Outcome.ADVISORY or (item.outcome is Outcome.FAILED and not item.blocking)


def _of_items(report: GateReport, wanted: Callable[[ItemResult], bool]) -> Iterator[Finding]:
    for item in report.items:
        if wanted(item):
            yield from of_item(item, report.folders)


def of_item(item: ItemResult, folders: Mapping[str, str]) -> Iterator[Finding]:
    """Yield what an item found, itself where it found nothing or could not run; `folders` are those of the report."""
    active = [violation for violation in item.violations if not violation.suppressed_by]
    yield from (_finding(item, violation, folders) for violation in active)
    if not active or item.outcome is Outcome.ERROR:
        yield _bare(item)


def located(item: ItemResult, violation: Violation, folders: Mapping[str, str]) -> tuple[str, str]:
    """Return whose a violation of an item is, and its place; `folders` are those of the report."""
    service = violation.service or item.service
    return service, violation.seen_from(folders.get(service, ""))


def _finding(item: ItemResult, violation: Violation, folders: Mapping[str, str]) -> Finding:
    service, place = located(item, violation, folders)
    return Finding(
        code=violation.code,
        severity=violation.severity,
        service=service,
        place=place,
        message=violation.message,
        evidence=violation.evidence,
        suppressed_by=violation.suppressed_by,
        item=item.id,
        rule=item.rule,
    )


def _bare(item: ItemResult) -> Finding:
    error = item.outcome is Outcome.ERROR
    message = item.reason or "no reason was given"
    return Finding(item.code, item.severity, item.service, "", message, error=error, item=item.id)


def _ordered(findings: Iterator[Finding]) -> list[Finding]:
    return sorted(findings, key=lambda f: -f.severity.rank)  # stable: the items' order within a severity


def alike(findings: Iterable[Finding]) -> list[list[Finding]]:
    """Return the findings in groups, each where the first of it stands.

    Those of one code and severity in one service belong together, and checks of one service that could not run for
    one reason.
    """
    groups: defaultdict[tuple[object, ...], list[Finding]] = defaultdict(list)
    for finding in findings:
        same = ("", finding.message) if finding.error else (finding.code, finding.severity)
        groups[finding.error, finding.service, *same].append(finding)
    return list(groups.values())


def grouped(findings: Iterable[Finding]) -> list[list[Finding]]:
    """Return the findings as `alike` groups them, each requirement apart: one unproven says nothing of another."""
    groups = alike(findings)
    return [part for group in groups for part in ([[f] for f in group] if group[0].code == UNTRACED else [group])]


# ---------------------------------------------------------------- what was not tried


@dataclass(frozen=True)
class NotAnalysed:
    """Items that were skipped for one reason: how many, and of which codes (sorted)."""

    reason: str
    count: int
    codes: tuple[str, ...]


def not_analysed(report: GateReport) -> list[NotAnalysed]:
    """Return the skipped items by reason, the most frequent first."""
    groups: defaultdict[str, list[str]] = defaultdict(list)
    for item in report.items:
        if item.outcome is Outcome.SKIPPED:
            groups[one_line(item.reason) or "no reason was given"].append(item.code)
    found = [NotAnalysed(reason, len(codes), tuple(sorted(set(codes)))) for reason, codes in groups.items()]
    return sorted(found, key=lambda group: (-group.count, group.reason))


def unread(report: GateReport) -> list[SourceNote]:
    """Return the files that were not analysed, or not by all rules."""
    return [note for note in report.notes if note.kind == "not analysed"]


def idle(report: GateReport) -> list[SourceNote]:
    """Return the comments and baseline entries that excuse nothing."""
    return [note for note in report.notes if note.kind != "not analysed"]


def note_line(note: SourceNote, folders: Mapping[str, str]) -> str:
    """Return a note as one line: service, place, reason; `folders` are those of the report."""
    place = note.seen_from(folders.get(note.service, ""))
    what = "" if note.kind == "not analysed" else f"{note.kind}: "
    return one_line(f"{note.service} {place}: {what}{note.reason}", 300)


# ---------------------------------------------------------------- layer by service


@dataclass(frozen=True)
class Cell:
    """The items of one service in one layer, by outcome."""

    failed: int = 0
    errors: int = 0
    advisory: int = 0
    passed: int = 0
    skipped: int = 0

    @property
    def words(self) -> tuple[str, ...]:
        """Return the counts that are not zero, the worst first; `-` when there is no item."""
        counts = (
            (self.failed, "failed"),
            (self.errors, "error" if self.errors == 1 else "errors"),
            (self.advisory, "advisory"),
            (self.passed, "ok"),
            (self.skipped, "skipped"),
        )
        return tuple(f"{count} {word}" for count, word in counts if count) or ("-",)

    @property
    def state(self) -> str:
        """Return `failed`, `advisory`, `passed`, `skipped` or `none`: the worst that is in it."""
        if self.failed or self.errors:
            return "failed"
        if self.advisory:
            return "advisory"
        return "passed" if self.passed else "skipped" if self.skipped else "none"


@dataclass(frozen=True)
class Matrix:
    """Counts by service (rows, as `(name, cells)`) and layer (columns)."""

    layers: tuple[int, ...]
    rows: tuple[tuple[str, tuple[Cell, ...]], ...]


def matrix(report: GateReport) -> Matrix:
    """Return the layer by service table: the report's services in their order, then whatever else has items."""
    counts = Counter((item.service or SYSTEM, item.layer, item.outcome) for item in report.items)
    others = sorted({service for service, _, _ in counts} - set(report.services))
    layers = tuple(result.layer for result in report.layers)

    def cell(service: str, layer: int) -> Cell:
        number = {outcome: counts[service, layer, outcome] for outcome in Outcome}
        return Cell(
            number[Outcome.FAILED],
            number[Outcome.ERROR],
            number[Outcome.ADVISORY],
            number[Outcome.PASSED],
            number[Outcome.SKIPPED],
        )

    rows = tuple((name, tuple(cell(name, layer) for layer in layers)) for name in (*report.services, *others))
    return Matrix(layers, rows)


STATUSES = ("failing", "unproven", "proven")
"""What a requirement can be, the worst first."""


def requirement_counts(report: GateReport) -> str:
    """Return how many requirements are proven, failing and unproven, in words."""
    counts = Counter(str(requirement.get("status", "unproven")) for requirement in report.requirements)
    return ", ".join(f"{counts[status]} {status}" for status in ("proven", "failing", "unproven"))


def operation_counts(report: GateReport) -> str:
    """Return how many of the operations that were tried answered with 2xx, and which did not."""
    idle = [name for name, exercised in report.operations.items() if not exercised]
    more = f" and {len(idle) - 10} more" if len(idle) > 10 else ""
    named = f"; not: {', '.join(one_line(name, 100) for name in idle[:10])}{more}" if idle else ""
    return f"{len(report.operations) - len(idle)} of {len(report.operations)} exercised{named}"


_STEPS_SHOWN = 6


def evidence_lines(finding: Finding) -> list[str]:
    """Return the lines of a finding's evidence; of many steps the last ones, where it went wrong."""
    lines = [line for line in finding.evidence.splitlines() if line.strip()]
    if len(lines) <= _STEPS_SHOWN:
        return lines
    left = len(lines) - _STEPS_SHOWN
    return [f"({plural(left, 'step')} before, in gate-report.json)", *lines[-_STEPS_SHOWN:]]
