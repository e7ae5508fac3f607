"""The gate report as Markdown, for a pull request: short enough for a comment, nothing in it acts."""

from __future__ import annotations

import re
from html import escape
from typing import TYPE_CHECKING, Any, TypeVar

from pytest_superteam.reports.builds import any_build, build_rows, build_title
from pytest_superteam.reports.calibration import calibration_head, fault_line
from pytest_superteam.reports.cost_chains import chains
from pytest_superteam.reports.costs import EXPLAINED, any_cost, chain_line, cost_tables, headline, paid
from pytest_superteam.reports.diff import diff_rows, diff_title
from pytest_superteam.reports.findings import (
    STATUSES,
    Finding,
    Matrix,
    NotAnalysed,
    advisory,
    blocking,
    evidence_lines,
    grouped,
    matrix,
    not_analysed,
    note_line,
    operation_counts,
    requirement_counts,
)
from pytest_superteam.reports.findings import suppressed as suppressed_findings
from pytest_superteam.reports.fixes import any_fix, fix_rows, fix_title
from pytest_superteam.reports.masking import mask
from pytest_superteam.reports.reproducing import reproduce_line
from pytest_superteam.reports.text import one_line, plural

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from pytest_superteam.models import Calibration, Cost, FaultResult, GateReport
    from pytest_superteam.reports.fixes import Row

__all__ = ["LIMIT", "to_markdown"]

T = TypeVar("T")

LIMIT = 65_536
"""What a comment on a pull request may have at most, counted in UTF-8 bytes here to be on the safe side."""
_TABLE_BUDGET = 8_000
_BLOCKING_BUDGET = 27_000
_REST_BUDGET = 12_000
_FIX_BUDGET = 8_000
_DIFF_BUDGET = 5_000
_ALIKE = 5
"""Further findings of one code in one service that have a line each."""
_LONGEST_COMMAND = 1_000
"""Bytes for each part; what blocks gives way to fix attempts where there are any. Title, times and the line that
repeats the run need at most another 7,000."""
_SIGNS = {"passed": "✅", "failed": "❌", "interrupted": "⏹️", "incomplete": "⚠️"}
_ESCAPES = (
    (re.compile(r"[\\`*_\[\]|~]"), r"\\\g<0>"),
    (re.compile(r"[@#]"), "\\\\\\g<0>&#8203;"),
    (re.compile(r"\$"), "&#36;"),
    (re.compile(r"://"), "&#58;//"),
    (re.compile(r"(?i)(www)\."), r"\1&#46;"),
)
"""What Markdown reads, links or mentions, and what is written instead. Mentions and references to issues are looked for
in the finished text, so that these signs get a zero-width space behind them."""


def to_markdown(report: GateReport) -> str:
    """Return the verdict, the table, what blocks, and the rest folded away; less than `LIMIT` bytes.

    The most severe findings come first; where there are too many, the text says how many were left out.
    """
    if report.calibration is not None:
        return "\n\n".join([*_calibration(report, report.calibration), _foot(report)]) + "\n"
    blocked = blocking(report)
    parts = [
        f"## {_SIGNS.get(report.verdict, '')} Gate {report.verdict}: {_text(report.title, 120)}",
        _counts(report, blocked),
        _table(matrix(report), report),
    ]
    room = _FIX_BUDGET if any_fix(report) else 0
    if blocked:
        parts += [f"### What blocks ({len(blocked)})", _blockers(report, blocked, _BLOCKING_BUDGET - room)]
    if room:
        listed = _listing(list(fix_rows(report, verbose=True)), _nested, room)
        parts.append(_folded(fix_title(report), listed))
    if report.diff is not None:
        rows = list(diff_rows(report.diff, verbose=True))
        parts.append(_folded(_text(diff_title(report.diff)), _listing(rows, _nested, _DIFF_BUDGET)))
    parts += _rest(report)
    parts.append(_foot(report))
    return "\n\n".join(parts) + "\n"


def _rest(report: GateReport) -> Iterator[str]:
    """Yield what does not block, each part folded away."""
    advice, excused, skipped = advisory(report), suppressed_findings(report), not_analysed(report)
    priced, built = any_cost(report.costs), any_build(report)
    rest = (advice, excused, skipped, report.notes, report.requirements, priced, built)
    budget = _REST_BUDGET // max(1, sum(map(bool, rest)))
    if built:
        listed = _listing(list(build_rows(report, verbose=True)), _nested, budget)
        yield _folded(build_title(report), listed)
    if advice:
        yield _folded(f"Advisory ({len(advice)})", _listing(advice, _finding, budget))
    if skipped:
        count = sum(group.count for group in skipped)
        yield _folded(f"Not analysed ({count})", _listing(skipped, _skipped, budget))
    if report.notes:
        title = f"Files not analysed, excuses of nothing ({len(report.notes)})"
        yield _folded(title, _listing(report.notes, lambda note: f"- {_text(note_line(note, report.folders))}", budget))
    if report.requirements:
        yield _folded(f"Requirements: {requirement_counts(report)}", _requirements(report.requirements, budget))
    if excused:
        yield _folded(f"Suppressed ({len(excused)})", _listing(excused, _finding, budget))
    if priced:
        yield _folded(f"Costs: {headline(report.costs)}", _costs(report.costs, budget))


def _calibration(report: GateReport, found: Calibration) -> Iterator[str]:
    """Yield the parts of a report on faults: the rate, false alarms, survivors, and what caught the others."""
    yield f"## {_SIGNS.get(report.verdict, '')} Calibration {report.verdict}: {_text(report.title, 120)}"
    survived, broken, caught = map(found.with_status, ("survived", "broken", "caught"))
    yield "\n".join(f"- {_text(line)}" for line in calibration_head(found))
    for title, results in (("Survived: what the gate cannot see", survived), ("Broken copies", broken)):
        if results:
            listed = _listing(results, lambda result: f"- {_text(fault_line(result), 400)}", _REST_BUDGET)
            yield f"### {title} ({len(results)})\n\n{listed}"
    if caught:
        rows = _listing(caught, _caught, _BLOCKING_BUDGET)
        yield _folded(f"Caught ({len(caught)})", f"{_row('fault', 'place', 'caught by')}\n{_row(*['---'] * 3)}\n{rows}")


def _caught(result: FaultResult) -> str:
    by = "<br>".join(
        f"{_text(catch.item, 120)}{'' if catch.blocking else ' (advises)'}" for catch in result.catches[:4]
    )
    return _row(
        f"{_text(result.id, 60)}: {_text(result.what, 120)}", _text(f"{result.service}/{result.place}", 120), by
    )


def _text(content: str, limit: int = 300) -> str:
    """Return text from outside as plain text: no markup, no HTML, no link, nobody mentioned."""
    text = escape(one_line(content, limit), quote=False)
    for pattern, replacement in _ESCAPES:
        text = pattern.sub(replacement, text)
    return text


_SPAN = re.compile(r"\\`((?:[^\\]|\\[^`]){1,200}?)\\`")
"""What stands between backticks, in text that is escaped."""


def _prose(content: str, limit: int = 300) -> str:
    """Return text as `_text` does, what stands between backticks as code."""
    return _SPAN.sub(r"<code>\1</code>", _text(content, limit))


def _code(content: str, limit: int) -> str:
    return f"<code>{_text(content, limit)}</code>"


def _counts(report: GateReport, blocked: Sequence[Finding]) -> str:
    of = (
        f"{len(report.items)} of {report.planned} items (a partial run)"
        if report.partial
        else plural(len(report.items), "item")
    )
    words = [of, f"{report.seconds:.1f} s", _text(paid(report.costs))]
    return f"**{plural(len(blocked), 'blocking finding')}**, " + ", ".join(words) + "."


def _table(found: Matrix, report: GateReport) -> str:
    head = ["service", *(f"layer {result.layer} ({result.verdict})" for result in report.layers)]
    lines = [_row(_text(name, 63), *(", ".join(cell.words) for cell in cells)) for name, cells in found.rows]
    if len("\n".join(lines).encode()) > _TABLE_BUDGET:  # the services that fail must be among those that are shown
        failing = [any(cell.state == "failed" for cell in cells) for _, cells in found.rows]
        lines = [line for _, line in sorted(zip(failing, lines, strict=True), key=lambda pair: not pair[0])]
    shown = _fitting(lines, _TABLE_BUDGET)
    left = len(lines) - len(shown)
    rows = [_row(*head), _row(*["---"] * len(head)), *shown]
    return "\n".join(rows) + (f"\n\n{left} more services are not shown." if left else "")


def _row(*cells: str) -> str:
    return f"| {' | '.join(cells)} |"


def _listing(entries: Sequence[T], line: Callable[[T], str], budget: int) -> str:
    """Return as many of the lines as fit into `budget` bytes, and how many were left out."""
    lines = _fitting(map(line, entries), budget)
    if left := len(entries) - len(lines):
        lines.append(f"- ... and {left} more, left out here; gate-report.json has them all.")
    return "\n".join(lines)


def _fitting(lines: Iterable[str], budget: int) -> list[str]:
    """Return the first of `lines` that fit into `budget` bytes."""
    fitting: list[str] = []
    for line in lines:
        budget -= len(line.encode()) + 1
        if budget < 0:
            break
        fitting.append(line)
    return fitting


def _blockers(report: GateReport, blocked: Sequence[Finding], budget: int) -> str:
    """Return what blocks, alike ones together: the first in full, with the command that runs its item again."""
    again = _Again(report)
    groups = grouped(blocked)
    lines = _fitting((_alike(group, again) for group in groups), budget)
    if left := sum(map(len, groups[len(lines) :])):
        lines.append(f"- ... and {left} more, left out here; gate-report.json has them all.")
    return "\n".join(lines)


def _alike(group: Sequence[Finding], again: _Again) -> str:
    """Return the first finding of a group in full and a line for each of the next few."""
    first, *others = group
    lines = [_finding(first) + again.line(first)]
    if first.error and others:
        lines.append(f"  - so could not {_text(', '.join(dict.fromkeys(f.code for f in others)), 300)}")
    elif others:
        lines += [
            f"  - also {f'{_code(f.place, 200)}: ' if f.place else ''}{_prose(f.message, 200)}" for f in others[:_ALIKE]
        ]
        lines += [f"  - and {len(others) - _ALIKE} more in gate-report.json"] if len(others) > _ALIKE else []
    return "\n".join(lines)


def _finding(finding: Finding) -> str:
    place = f" {_code(finding.place, 200)}" if finding.place else ""
    excuse = f" (excused by {_text(finding.suppressed_by, 40)})" if finding.suppressed_by else ""
    cause = "could not run: " if finding.error else ""
    evidence = "".join(f"<br>{_code(line, 200)}" for line in evidence_lines(finding))
    head = f"- **{finding.severity.value}** {_code(finding.code, 40)} {_text(finding.service, 63)}{place}: "
    return f"{head}{cause}{_prose(finding.told)}{excuse}{evidence}"


class _Again:
    """The commands below what blocks, each item's once: below the first of its findings."""

    def __init__(self, report: GateReport) -> None:
        self._report, self._told = report, set[str]()

    def line(self, finding: Finding) -> str:
        """Return the command that runs a finding's item again, as the end of its entry in a list."""
        command = reproduce_line(self._report, finding)
        if not command or command in self._told:
            return ""
        self._told.add(command)
        return "".join(f"\n  {line}" for line in _command(command))


def _command(text: str) -> list[str]:
    """Return the lines of a block to copy a command from; none where it can't be pasted as it stands."""
    if not text or len(text) > _LONGEST_COMMAND or not text.isprintable():
        return []
    fence = "`" * max(3, *(len(ticks) + 1 for ticks in re.findall("`+", text) or [""]))
    return [f"{fence}sh", text, fence]


def _nested(row: Row) -> str:
    depth, text = row
    return f"{'  ' * depth}- {_prose(text, 600)}"


def _skipped(group: NotAnalysed) -> str:
    return f"- {_text(', '.join(group.codes), 200)} ({plural(group.count, 'item')}): {_text(group.reason)}"


def _requirements(rows: Sequence[Mapping[str, Any]], budget: int) -> str:
    """Return the matrix of requirements, those that are failing or unproven first."""
    ordered = sorted(rows, key=lambda row: STATUSES.index(str(row["status"])))
    lines = [
        _row(_text(str(row["id"]), 40), str(row["status"]), _proof(row), _text(str(row.get("text", "")), 160))
        for row in ordered
    ]
    shown = _fitting(lines, budget)
    left = len(lines) - len(shown)
    more = f"\n\n{left} more are left out here; gate-report.json has them all." if left else ""
    return "\n".join([_row("requirement", "status", "checks", "text"), _row(*["---"] * 4), *shown]) + more


def _proof(row: Mapping[str, Any]) -> str:
    """Return why a requirement is not proven, or how many checks prove it."""
    return _text(str(row.get("reason", "")), 200) or plural(len(row.get("items", ())), "check")


def _costs(costs: Sequence[Cost], budget: int) -> str:
    """Return what was paid by phase, service, attempt and model in one table, then the chains."""
    rows = [
        _row(title.lower(), _text(name, 120), _text(each.price), _text(each.details))
        for title, table in cost_tables(costs)
        for name, each in table.items()
    ]
    shown = _fitting(rows, budget // 2)
    more = f"\n\n{len(rows) - len(shown)} more are left out here." if len(shown) < len(rows) else ""
    table = "\n".join([_row("sum", "of", "cost", "steps"), _row(*["---"] * 4), *shown])
    listed = _listing(chains(costs), lambda chain: f"- {_text(chain_line(chain))}", budget // 2)
    return f"{table}{more}\n\n{listed}\n\n{_text(EXPLAINED)}"


def _folded(title: str, content: str) -> str:
    return f"<details><summary>{title}</summary>\n\n{content}\n\n</details>"


def _foot(report: GateReport) -> str:
    phases = ", ".join(f"{_text(name, 30)} {seconds:.1f} s" for name, seconds in list(report.phases.items())[:12])
    lines = [f"Operations: {_text(operation_counts(report), 600)}."] if report.operations else []
    lines += [f"Phases: {phases}."] if phases else []
    repeat = _command(mask(report.repeat))
    lines += ["\n".join(["Repeat:", "", *repeat])] if repeat else []
    return "\n\n".join([*lines, f"Run {_code(report.run_id, 80)}"])
