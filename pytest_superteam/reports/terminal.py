"""The gate report on a terminal: the table, what blocks, what else there is, and the line that repeats the run."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

from pytest_superteam.reports.builds import any_build, build_rows, build_title
from pytest_superteam.reports.calibration import calibration_lines
from pytest_superteam.reports.costs import any_cost, by_phase, cost_lines, paid
from pytest_superteam.reports.diff import diff_rows, diff_title
from pytest_superteam.reports.findings import (
    STATUSES,
    advisory,
    blocking,
    idle,
    not_analysed,
    note_line,
    operation_counts,
    requirement_counts,
    suppressed,
    unread,
)
from pytest_superteam.reports.fixes import any_fix, fix_rows, fix_title
from pytest_superteam.reports.terminal_findings import blockers, brief, listing
from pytest_superteam.reports.terminal_lines import Whole, cut, paragraph, rows, titled
from pytest_superteam.reports.terminal_table import table
from pytest_superteam.reports.text import one_line, plural

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence

    from rich.console import Console, RenderableType

    from pytest_superteam.models import GateReport, SourceNote

    Part = RenderableType | Whole

__all__ = ["render"]

REASONS = 5
"""Reasons for which items were not analysed, and notes on files, that are listed unless more is asked for with -v."""
_BRIEF = -2
"""The verbosity (-qq) at which nothing is told but the verdict and a line for each thing that blocks."""
_BRIEFLY = 20
_VERDICTS = {"passed": "bold green", "failed": "bold red", "interrupted": "bold yellow", "incomplete": "bold yellow"}


def render(
    report: GateReport,
    *,
    width: int,
    color: bool,
    verbose: int = 0,
    ascii: bool = False,  # noqa: A002
    below: Collection[str] = (),
) -> str:
    """Return the report as text of `width` columns, with ANSI colours if `color`; `ascii` uses no other character.

    Args:
        report: what is shown.
        width: columns; only what is there to be copied is longer.
        color: whether the terminal shows colours.
        verbose: 0 lists what blocks, the worst of it; 1 every finding, the advisory ones too, whole and with the
            command that shows it again; 2 the excused ones as well; -1 no evidence; -2 the verdict and what blocks,
            a row each.
        ascii: for terminals that have no other characters.
        below: what pytest lists below by itself: `advisory` (-rx), `skipped` (-rs).
    """
    stream = io.StringIO()
    console = _console(stream, width=width, color=color)
    for part in _parts(report, width=width, verbose=verbose, ascii_only=ascii, below=below):
        if isinstance(part, Whole):
            console.print(part.text, style=part.style or None, soft_wrap=True)
        else:
            console.print(part)
    text = "\n".join(line.rstrip() for line in stream.getvalue().splitlines()) + "\n"
    return text.encode("ascii", "backslashreplace").decode("ascii") if ascii else text


def _console(stream: io.StringIO, *, width: int, color: bool) -> Console:
    """Return a console that looks at nothing but its arguments (a height is needed, or the environment is asked)."""
    from rich.console import Console

    return Console(
        file=stream,
        width=width,
        height=25,
        color_system="standard" if color else None,
        force_terminal=color,
        no_color=not color,
        force_interactive=False,
        force_jupyter=False,
        legacy_windows=False,
        highlight=False,
        markup=False,
        emoji=False,
    )


def _parts(report: GateReport, *, width: int, verbose: int, ascii_only: bool, below: Collection[str]) -> Iterator[Part]:
    if report.calibration is not None:
        yield from map(paragraph, calibration_lines(report.calibration, verbose=verbose > 0))
        yield from _foot(report, width, verbose)
        return
    if verbose <= _BRIEF:
        yield from _brief(report, width)
        return
    yield from table(report, width=width, ascii_only=ascii_only, everything=verbose > 0)
    yield from blockers(report, blocking(report), width=width, verbose=verbose)
    if any_build(report):
        yield from rows(build_title(report), build_rows(report, verbose=verbose > 0))
    if any_fix(report):
        yield from rows(fix_title(report), fix_rows(report, verbose=verbose > 0))
    if report.diff is not None:
        yield from rows(diff_title(report.diff), diff_rows(report.diff, verbose=verbose > 0))
    yield from _others(report, width, verbose, below)
    yield from _costs(report, verbose)
    yield from _foot(report, width, verbose)


def _brief(report: GateReport, width: int) -> Iterator[Part]:
    """Yield a row for each thing that blocks, and the verdict."""
    found = blocking(report)
    for finding in found[:_BRIEFLY]:
        yield cut(brief(finding), width, 0)
    if len(found) > _BRIEFLY:
        yield paragraph(f"... and {len(found) - _BRIEFLY} more")
    yield paragraph(_verdict(report), _VERDICTS.get(report.verdict, "bold"))


def _others(report: GateReport, width: int, verbose: int, below: Collection[str]) -> Iterator[Part]:
    """Yield what does not block: advice, what was not analysed, what was excused; counts, where lists take a page."""
    counted = []
    advice, excused = advisory(report), suppressed(report)
    if verbose > 0 and "advisory" not in below:
        yield from listing("Advisory", advice, width=width, verbose=verbose)
    elif advice:
        where = "listed below" if "advisory" in below else "listed with -ra or -v"
        counted.append(f"Advisory: {plural(len(advice), 'finding')}, none of them blocking ({where})")
    groups = not_analysed(report)
    if groups and "skipped" in below:
        counted.append(f"Not analysed: {plural(sum(group.count for group in groups), 'item')} (listed below)")
    else:
        yield from _skipped(report, width, verbose)
    yield from _notes("Files not analysed", unread(report), report.folders, verbose)
    yield from _notes("Excuses of nothing", idle(report), report.folders, verbose)
    if verbose > 1:
        yield from listing("Suppressed", excused, width=width, verbose=verbose)
    elif excused:
        counted.append(f"Suppressed: {plural(len(excused), 'finding')} (listed with -vv, and in gate-report.json)")
    if verbose > 0:
        yield from _requirements(report)
    if counted:
        yield paragraph("\n" + counted[0])
        yield from map(paragraph, counted[1:])


def _requirements(report: GateReport) -> Iterator[Part]:
    """Yield each requirement with its status, and why it is not proven."""
    if report.requirements:
        yield titled("Requirements", len(report.requirements))
    for row in sorted(report.requirements, key=lambda row: STATUSES.index(str(row["status"]))):
        reason = one_line(str(row.get("reason", "")), 300) or plural(len(row.get("items", ())), "check")
        yield paragraph(f"  {row['status']}: {one_line(str(row['id']), 40)} ({reason})")


def _costs(report: GateReport, verbose: int) -> Iterator[Part]:
    """Yield what was paid for: by phase, or everything known about it."""
    if not any_cost(report.costs):
        return
    head, *lines = cost_lines(report.costs) if verbose > 0 else [f"Costs: {by_phase(report.costs)}"]
    yield paragraph(f"\n{head}", "bold" if lines else "")
    yield from (paragraph(line or " ") for line in lines)


def _skipped(report: GateReport, width: int, verbose: int) -> Iterator[Part]:
    groups = not_analysed(report)
    if groups:
        yield titled("Not analysed", sum(group.count for group in groups))
    shown = groups if verbose > 0 else groups[:REASONS]
    for group in shown:
        codes = one_line(", ".join(group.codes), max(60, width))
        yield paragraph(f"  {codes} ({plural(group.count, 'item')}): {group.reason}")
    if len(groups) > len(shown):
        yield paragraph(f"  ... and {plural(len(groups) - len(shown), 'more reason')} (listed with -v)")


def _notes(title: str, notes: Sequence[SourceNote], folders: Mapping[str, str], verbose: int) -> Iterator[Part]:
    if not notes:
        return
    yield titled(title, len(notes))
    shown = notes if verbose > 0 else notes[:REASONS]
    for note in shown:
        yield paragraph(f"  {note_line(note, folders)}")
    if len(notes) > len(shown):
        yield paragraph(f"  ... and {len(notes) - len(shown)} more (listed with -v, and in gate-report.json)")


def _verdict(report: GateReport) -> str:
    """Return how it ended, in what time and for how much."""
    return f"{one_line(report.title, 80)}: {report.verdict} in {report.seconds:.1f} s, {paid(report.costs)}"


def _foot(report: GateReport, width: int, verbose: int) -> Iterator[Part]:
    yield paragraph(f"\n{_verdict(report)}", _VERDICTS.get(report.verdict, "bold"))
    if report.partial:
        yield paragraph(f"Partial: {len(report.items)} of {report.planned} gate items were run.")
    counts = []
    if report.operations:
        counts.append(f"Operations: {operation_counts(report)}")
    if report.requirements:
        counts.append(f"Requirements: {requirement_counts(report)}")
    together = ". ".join(counts)
    yield from map(paragraph, [together] if together and len(together) <= width else counts)
    phases = ", ".join(f"{one_line(name, 40)} {seconds:.1f} s" for name, seconds in report.phases.items())
    if phases and verbose > 0:
        yield paragraph(f"Phases: {phases}")
    if report.repeat:
        yield Whole(f"Repeat: {one_line(report.repeat, 2000)}")
