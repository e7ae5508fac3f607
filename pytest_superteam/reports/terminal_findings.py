"""Findings on a terminal: alike ones together, each with its place, what is wrong and what to do."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pytest_superteam.reports.findings import Finding, evidence_lines, grouped
from pytest_superteam.reports.reproducing import reproduce_line
from pytest_superteam.reports.terminal_lines import Whole, cut, paragraph, shortened, titled
from pytest_superteam.reports.text import one_line

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from rich.console import RenderableType

    from pytest_superteam.models import GateReport

__all__ = ["blockers", "brief", "listing"]

LISTED = 20
"""Groups of findings that are listed unless more is asked for with -v."""
ALIKE = 3
"""Further findings of one code in one service that have a row each unless more is asked for with -v."""
_CODES = 4
"""Codes that are named of checks that could not run for one reason."""
_WORDS = 480
"""Characters of a message, as long as the terminal is no wider than 120 columns."""
_CONTRACT = re.compile(r" \(contract line \d{1,9} of [^()]{1,400}\)")
"""A second place of a finding, left out where a row is all there is."""


def blockers(
    report: GateReport, findings: Sequence[Finding], *, width: int, verbose: int
) -> Iterator[RenderableType | Whole]:
    """Yield what blocks, and the command that runs the first of it again; `verbose` below 0 leaves out evidence."""
    if not findings:
        return
    yield from listing("What blocks", findings, width=width, verbose=verbose, report=report)
    line = _again(report, findings[0])
    if line and verbose <= 0:
        yield Whole(f"{'First of these' if len(findings) > 1 else 'This'} again: {line}")


def listing(
    title: str, findings: Sequence[Finding], *, width: int, verbose: int, report: GateReport | None = None
) -> Iterator[RenderableType | Whole]:
    """Yield findings below a title; all of them and all of each where `verbose` is above 0."""
    if not findings:
        return
    yield titled(title, len(findings))
    if verbose > 0:
        yield from _in_full(findings, width, report)
        return
    groups = [_Group(group) for group in grouped(findings)]
    for group in groups[:LISTED]:
        yield from _group(group, width, verbose)
    more = sum(len(group.findings) for group in groups[LISTED:])
    if more:
        yield paragraph(f"  ... and {more} more (listed with -v, and in gate-report.json)")


def _again(report: GateReport, finding: Finding) -> str:
    """Return the command that runs a finding's item again, with nothing in it that steers a terminal."""
    return one_line(reproduce_line(report, finding), 2000)


def _in_full(findings: Sequence[Finding], width: int, report: GateReport | None) -> Iterator[RenderableType | Whole]:
    """Yield each finding with its evidence, and the command that runs its item again once for each item."""
    told: set[str] = set()
    for finding in findings:
        yield _head(finding, finding.code, width)
        yield from (Whole(f"      {one_line(line, 4000)}", "dim") for line in evidence_lines(finding))
        line = _again(report, finding) if report is not None else ""
        if line and line not in told:
            yield Whole(f"      again: {line}")
        told.add(line)


# ---------------------------------------------------------------- alike ones


@dataclass
class _Group:
    """Findings of one code in one service, or checks of one service that could not run for one reason."""

    findings: list[Finding]

    @property
    def name(self) -> str:
        """Return the code, or the codes."""
        codes = list(dict.fromkeys(one_line(finding.code, 40) for finding in self.findings))
        more = f" and {len(codes) - _CODES} more" if len(codes) > _CODES else ""
        return ", ".join(codes[:_CODES]) + more


def _group(group: _Group, width: int, verbose: int) -> Iterator[RenderableType]:
    """Yield the first in full, a row for each of the next, and how many there are beyond."""
    first, *others = group.findings
    yield _head(first, group.name if first.error else first.code, width)
    if verbose == 0:
        yield from _evidence(first, width)
    if first.error:  # the codes are named
        return
    yield from (cut(f"also {brief(finding, code=False, service=False)}", width, 6) for finding in others[:ALIKE])
    if len(others) > ALIKE:
        yield cut(f"and {len(others) - ALIKE} more (listed with -v)", width, 6)


def brief(finding: Finding, *, code: bool = True, service: bool = True) -> str:
    """Return a finding in one line: code and service if asked for, place, and what is wrong."""
    message = _CONTRACT.sub("", one_line(finding.told if code else finding.message, 600))
    words = [finding.code if code else "", finding.service if service else "", finding.place]
    return " ".join(word for word in [*words, "could not run:" if finding.error else "", message] if word)


def _head(finding: Finding, name: str, width: int) -> RenderableType:
    """Return the code, the service, the place and the message as one paragraph."""
    from rich.padding import Padding
    from rich.text import Text

    message = one_line(finding.told, 4000)
    message = shortened(f"could not run: {message}" if finding.error else message, max(_WORDS, 4 * width))
    words: list[tuple[str, str]] = [(one_line(name, 200), "bold red" if finding.error else "bold")]
    words += [(finding.service, "cyan"), (finding.place, ""), (message, "")]
    words.append((f"[{finding.suppressed_by}]" if finding.suppressed_by else "", "dim"))
    parts = (Text(one_line(content, 4 * max(width, 120)), style) for content, style in words if content)
    return Padding(Text(" ").join(parts), (0, 0, 0, 2))


def _evidence(finding: Finding, width: int) -> Iterator[RenderableType]:
    """Yield a row for the first and one for the last line of the evidence."""
    lines = [line for line in finding.evidence.splitlines() if line.strip()]
    shown = lines if len(lines) < 3 else [lines[0], f"... {lines[-1].strip()}"]
    yield from (cut(line, width, 6, "dim") for line in shown)
