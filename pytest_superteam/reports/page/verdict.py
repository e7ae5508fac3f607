"""The head of the page: the verdict in words and with a sign, and the figures behind it."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pytest_superteam.reports.costs import headline
from pytest_superteam.reports.findings import advisory, blocking, requirement_counts, suppressed, unread
from pytest_superteam.reports.text import plural
from pytest_superteam.reports.times import span

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from pytest_superteam.models import GateReport
    from pytest_superteam.reports.findings import Finding

__all__ = ["Fact", "Verdict", "facts_of", "verdict_of"]


@dataclass(frozen=True)
class Fact:
    """A figure with its name; `target` is the id of the section that has more on it, where there is one."""

    name: str
    value: str
    detail: str = ""
    target: str = ""


@dataclass(frozen=True)
class Verdict:
    """What the page says first."""

    state: str
    """`passed`, `failed` or `open`: how it is coloured."""
    sign: str
    word: str
    saying: str
    """The verdict in a sentence."""


_SIGNS = {"passed": "✓", "failed": "✕", "open": "!"}


def verdict_of(report: GateReport, *, interrupted: bool = False) -> Verdict:
    """Return the verdict in words; `interrupted` says that the session ended before its time, whatever it found."""
    state = report.verdict if report.verdict in _SIGNS else "open"
    return Verdict(state, _SIGNS[state], report.verdict.capitalize(), " ".join(_saying(report, interrupted)))


def _blocked(report: GateReport) -> str:
    """Return how many findings block, and how many checks could not run."""
    every = blocking(report)
    found, errors = [each for each in every if not each.error], [each for each in every if each.error]
    items = len({finding.item or finding for finding in found})
    among = f", from {plural(items, 'check')}" if len(found) != items else ""
    told = [f"{plural(len(found), 'finding')} {'blocks' if len(found) == 1 else 'block'}{among}"] if found else []
    told += [f"{plural(len(errors), 'check')} could not run"] * bool(errors)
    return f"{'; '.join(told)}."


def _saying(report: GateReport, interrupted: bool) -> Iterator[str]:  # noqa: FBT001  # one caller
    if report.calibration is not None:
        yield "The gate was tried on itself: faults were seeded one at a time."
    elif report.verdict == "passed":
        yield "Nothing that was run blocks." if report.partial else "Nothing blocks."
    elif report.verdict == "failed":
        yield _blocked(report)
    elif report.verdict == "interrupted":
        yield "Nothing blocks so far; that is no verdict yet."
    else:
        yield "Nothing was tried, so nothing is known."
    if interrupted and report.verdict == "failed":
        yield "The run was interrupted."
    if report.partial:
        yield f"A partial run: {len(report.items)} of {plural(report.planned, 'gate item')} were run."


def facts_of(report: GateReport) -> list[Fact]:
    """Return the figures that matter, each with the section that has more on it."""
    blocks, advice, excused = blocking(report), advisory(report), suppressed(report)
    facts = [
        Fact("Blocking", str(len(blocks)), _severities(blocks), "gs-blocks" if blocks else ""),
        Fact("Advisory", str(len(advice)), target="gs-advice" if advice else ""),
        Fact("Suppressed", str(len(excused)), target="gs-excused" if excused else ""),
        Fact("Gate items", str(len(report.items)), f"of {report.planned}" if report.partial else "", "gs-rows"),
        Fact("Services", str(len(report.services)), target="gs-matrix" if report.services else ""),
    ]
    if report.requirements:
        facts.append(Fact("Requirements", str(len(report.requirements)), requirement_counts(report), "gs-traced"))
    if not_read := unread(report):
        facts.append(Fact("Files not analysed", str(len(not_read)), target="gs-unread"))
    return [*facts, Fact("Time", span(report.seconds)), Fact("Cost", headline(report.costs))]


def _severities(findings: Sequence[Finding]) -> str:
    """Return how many there are of each severity, in the order of the findings."""
    return ", ".join(f"{count} {severity}" for severity, count in Counter(f.severity.value for f in findings).items())
