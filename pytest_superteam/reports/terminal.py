"""The gate report on a terminal: the table, what blocks, what else there is, and the line that repeats the run."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

from pytest_superteam.reports.builds import any_build, build_rows, build_title
from pytest_superteam.reports.calibration import calibration_lines
from pytest_superteam.reports.costs import any_cost, by_phase, cost_lines, headline
from pytest_superteam.reports.findings import (
    STATUSES,
    Cell,
    Finding,
    advisory,
    blocking,
    evidence_lines,
    idle,
    matrix,
    not_analysed,
    note_line,
    operation_counts,
    requirement_counts,
    suppressed,
    unread,
)
from pytest_superteam.reports.fixes import any_fix, fix_rows, fix_title
from pytest_superteam.reports.text import one_line, plural

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from rich.console import Console, RenderableType
    from rich.text import Text

    from pytest_superteam.models import GateReport, SourceNote
    from pytest_superteam.reports.fixes import Row

__all__ = ["render"]

LISTED = 50
"""How many findings of a kind are listed unless more is asked for with -v."""
_STYLES = {"failed": "red", "advisory": "yellow", "passed": "green", "skipped": "dim", "none": "dim"}
_VERDICTS = {"passed": "bold green", "failed": "bold red", "interrupted": "bold yellow", "incomplete": "bold yellow"}


def render(report: GateReport, *, width: int, color: bool, verbose: int = 0, ascii: bool = False) -> str:  # noqa: A002
    """Return the report as text of `width` columns, with ANSI colours if `color`; `ascii` uses no other character.

    `verbose` 1 lists every finding, the advisory ones too, and 2 the excused ones as well.
    """
    verbose = max(0, verbose)  # -q lists no more than nothing does
    stream = io.StringIO()
    console = _console(stream, width=width, color=color)
    for part in _parts(report, width=width, verbose=verbose, ascii_only=ascii):
        console.print(part)
    text = "\n".join(line.rstrip() for line in stream.getvalue().splitlines()) + "\n"
    if report.repeat:  # never wrapped: it is there to be copied
        text += f"Repeat: {one_line(report.repeat, 2000)}\n"
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


def _parts(report: GateReport, *, width: int, verbose: int, ascii_only: bool) -> Iterator[RenderableType]:
    if report.calibration is not None:
        yield from map(_line, calibration_lines(report.calibration, verbose=verbose > 0))
        yield from _foot(report)
        return
    yield _table(report, ascii_only=ascii_only)
    yield from _section("What blocks", blocking(report), width, None if verbose else LISTED)
    if any_build(report):
        yield from _rows(build_title(report), build_rows(report, verbose=verbose > 0))
    if any_fix(report):
        yield from _rows(fix_title(report), fix_rows(report, verbose=verbose > 0))
    advice = advisory(report)
    if verbose:
        yield from _section("Advisory", advice, width, None)
    elif advice:
        yield _line(f"\nAdvisory: {plural(len(advice), 'finding')}, none of them blocking (listed with -v)")
    yield from _skipped(report, width)
    yield from _notes("Files not analysed", unread(report), verbose)
    yield from _notes("Excuses of nothing", idle(report), verbose)
    excused = suppressed(report)
    if verbose > 1:
        yield from _section("Suppressed", excused, width, None)
    elif excused:
        yield _line(f"\nSuppressed: {plural(len(excused), 'finding')} (listed in gate-report.json)")
    if verbose:
        yield from _requirements(report)
    yield from _costs(report, verbose)
    yield from _foot(report)


def _requirements(report: GateReport) -> Iterator[RenderableType]:
    """Yield each requirement with its status, and why it is not proven."""
    if report.requirements:
        yield _line(f"\nRequirements ({len(report.requirements)})", "bold")
    for row in sorted(report.requirements, key=lambda row: STATUSES.index(str(row["status"]))):
        reason = one_line(str(row.get("reason", "")), 300) or plural(len(row.get("items", ())), "check")
        yield _line(f"  {row['status']}: {one_line(str(row['id']), 40)} ({reason})")


def _costs(report: GateReport, verbose: int) -> Iterator[RenderableType]:
    """Yield what was paid for: by phase, or everything known about it."""
    if not any_cost(report.costs):
        return
    head, *lines = cost_lines(report.costs) if verbose else [f"Costs: {by_phase(report.costs)}"]
    yield _line(f"\n{head}", "bold" if lines else "")
    yield from (_line(line or " ") for line in lines)


def _text(content: str, style: str = "") -> Text:
    from rich.text import Text

    return Text(content, style=style)


def _line(content: str, style: str = "", *, indent: int = 4) -> RenderableType:
    """Return a paragraph whose further lines are indented; leading empty lines are kept."""
    from rich.padding import Padding

    text = content.lstrip("\n")
    above = len(content) - len(text)
    depth = len(text) - len(text.lstrip(" "))
    return Padding(_text(text.lstrip(" "), style), (above, 0, 0, min(depth, indent)))


def _table(report: GateReport, *, ascii_only: bool) -> RenderableType:
    from rich import box
    from rich.table import Table

    found = matrix(report)
    table = Table(box=box.ASCII if ascii_only else box.ROUNDED, pad_edge=True)
    table.add_column(_text("service"), overflow="fold")
    for result in report.layers:
        table.add_column(_text(f"layer {result.layer}\n{result.verdict}"), overflow="fold")
    for name, cells in found.rows:
        table.add_row(_text(one_line(name, 63)), *map(_cell, cells))
    return table


def _cell(cell: Cell) -> Text:
    return _text("\n".join(cell.words), _STYLES[cell.state])


def _section(title: str, findings: Sequence[Finding], width: int, limit: int | None) -> Iterator[RenderableType]:
    if not findings:
        return
    yield _line(f"\n{title} ({len(findings)})", "bold")
    for finding in findings[:limit]:
        yield from _finding(finding, width)
    if limit is not None and len(findings) > limit:
        yield _line(f"  ... and {len(findings) - limit} more (listed with -v, and in gate-report.json)")


def _finding(finding: Finding, width: int) -> Iterator[RenderableType]:
    from rich.padding import Padding
    from rich.text import Text

    words: list[Any] = [(one_line(finding.code, 40), "bold red" if finding.error else "bold")]
    words += [(part, style) for part, style in ((finding.service, "cyan"), (finding.place, "")) if part]
    message = one_line(finding.message, max(200, 3 * width))
    words.append((f"could not run: {message}" if finding.error else message, ""))
    if finding.suppressed_by:
        words.append((f"[{finding.suppressed_by}]", "dim"))
    text = Text(" ").join(Text(one_line(content, 4 * width), style) for content, style in words)
    yield Padding(text, (0, 0, 0, 2))
    for line in evidence_lines(finding):
        yield Padding(_text(one_line(line, 2 * width), "dim"), (0, 0, 0, 6))


def _rows(title: str, rows: Iterable[Row]) -> Iterator[RenderableType]:
    """Yield lines below a title, each as deep as it stands."""
    from rich.padding import Padding

    yield _line(f"\n{title}", "bold")
    for depth, row in rows:
        yield Padding(_text(row), (0, 0, 0, 2 + 4 * depth))


def _skipped(report: GateReport, width: int) -> Iterator[RenderableType]:
    groups = not_analysed(report)
    if groups:
        yield _line(f"\nNot analysed ({sum(group.count for group in groups)})", "bold")
    for group in groups[:LISTED]:
        codes = one_line(", ".join(group.codes), max(60, width))
        yield _line(f"  {codes} ({plural(group.count, 'item')}): {group.reason}")
    if len(groups) > LISTED:
        yield _line(f"  ... and {len(groups) - LISTED} more reasons")


NOTES_SHOWN = 10
"""Notes on files that are listed unless more is asked for with -v."""


def _notes(title: str, notes: Sequence[SourceNote], verbose: int) -> Iterator[RenderableType]:
    if not notes:
        return
    yield _line(f"\n{title} ({len(notes)})", "bold")
    shown = notes if verbose else notes[:NOTES_SHOWN]
    for note in shown:
        yield _line(f"  {note_line(note)}")
    if len(notes) > len(shown):
        yield _line(f"  ... and {len(notes) - len(shown)} more (listed with -v, and in gate-report.json)")


def _foot(report: GateReport) -> Iterator[RenderableType]:
    phases = ", ".join(f"{one_line(name, 40)} {seconds:.1f} s" for name, seconds in report.phases.items())
    verdict = f"{one_line(report.title, 80)}: {report.verdict} in {report.seconds:.1f} s, {headline(report.costs)}"
    yield _line(f"\n{verdict}", _VERDICTS.get(report.verdict, "bold"))
    if report.partial:
        yield _line(f"Partial: {len(report.items)} of {report.planned} gate items were run.")
    if report.operations:
        yield _line(f"Operations: {operation_counts(report)}")
    if report.requirements:
        yield _line(f"Requirements: {requirement_counts(report)}")
    if phases:
        yield _line(f"Phases: {phases}")
