"""What stands above pytest-html's table: verdict, blockers, picture, matrix, timeline, costs, requirements, notes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_superteam.reports.builds import any_build, build_rows, build_title
from pytest_superteam.reports.calibration import calibration_head, catch_line, fault_line
from pytest_superteam.reports.diff import diff_rows, diff_title
from pytest_superteam.reports.findings import (
    advisory,
    idle,
    not_analysed,
    note_line,
    requirement_counts,
    suppressed,
    unread,
)
from pytest_superteam.reports.fixes import any_fix, fix_rows, fix_title
from pytest_superteam.reports.page.bars import bars_of
from pytest_superteam.reports.page.blockers import blockers_of
from pytest_superteam.reports.page.links import item_link
from pytest_superteam.reports.page.tables import costs_of, grid_of, traced_of
from pytest_superteam.reports.page.templating import HERE, render
from pytest_superteam.reports.page.verdict import facts_of, verdict_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from pytest_superteam.models import GateReport, Rule
    from pytest_superteam.reports.findings import Finding
    from pytest_superteam.reports.fixes import Row

__all__ = ["summary"]

_LISTED = 200
"""Findings, notes and operations that are listed at most; gate-report.json has all."""
_LINES = 1000
"""Lines on what is different, was built or mended, at most."""


def summary(
    report: GateReport,
    *,
    rules: Mapping[str, Rule] | None = None,
    resume: str = "",
    interrupted: str = "",
) -> list[str]:
    """Return the page's upper part as escaped HTML fragments; the same for the same arguments.

    Args:
        report: what the gate says.
        rules: the codes by id, for their names; a code without one is shown without.
        resume: the command line that goes on with a run that was interrupted; empty where it came to its end.
        interrupted: why it was, as it is noted: `SIGINT`, `budget ...`.
    """
    sections = [
        _head(report, resume, interrupted),
        *_blocks(report, rules),
        *_changes(report),
        *_picture(report),
        *_matrix(report),
        *_timeline(report),
        *_work(report),
        *_traced(report),
        *_rest(report),
    ]
    return [_assets(), *sections]


def _assets() -> str:
    """Return style and script; both are files of ours, nothing from outside is in them."""
    style, script = ((HERE / name).read_text(encoding="utf-8") for name in ("page.css", "page.js"))
    return f"<style>{style}</style>\n<script>{script}</script>"


def _head(report: GateReport, resume: str, interrupted: str) -> str:
    return render(
        "verdict",
        report=report,
        verdict=verdict_of(report, interrupted=bool(resume)),
        facts=facts_of(report),
        resume=resume,
        interrupted=interrupted,
    )


def _blocks(report: GateReport, rules: Mapping[str, Rule] | None) -> Iterator[str]:
    found = blockers_of(report, rules)
    if found.findings:
        yield render("blockers", found=found)


def _changes(report: GateReport) -> Iterator[str]:
    """Yield what is different from another run."""
    if report.diff is not None:
        yield _rows("changes", diff_title(report.diff), diff_rows(report.diff, verbose=True))


def _picture(report: GateReport) -> Iterator[str]:
    from pytest_superteam.reports.picture import picture_svg  # the engine that draws is an extra

    drawn = picture_svg(report)
    if drawn:
        yield render("picture", drawn=drawn)


def _matrix(report: GateReport) -> Iterator[str]:
    grid = grid_of(report)
    if grid.rows:
        yield render("matrix", grid=grid)


def _timeline(report: GateReport) -> Iterator[str]:
    found = bars_of(report.timeline)
    if found.bars:
        yield render("timeline", found=found)


def _work(report: GateReport) -> Iterator[str]:
    """Yield what was paid for, built and mended."""
    costs = costs_of(report)
    if costs is not None:
        yield render("costs", costs=costs)
    if any_build(report):
        yield _rows("builds", build_title(report), build_rows(report, verbose=True))
    if any_fix(report):
        yield _rows("fixes", fix_title(report), fix_rows(report, verbose=True))


def _rows(name: str, title: str, rows: Iterable[Row]) -> str:
    """Return a section of lines, each as deep as it stands."""
    return render("rows", name=name, title=title, rows=list(rows), most=_LINES)


def _traced(report: GateReport) -> Iterator[str]:
    traced = traced_of(report)
    idle_ones = [name for name, exercised in report.operations.items() if not exercised]
    if traced.rows or report.operations:
        yield render(
            "traced",
            traced=traced,
            counts=requirement_counts(report),
            operations=f"{len(report.operations) - len(idle_ones)} of {len(report.operations)} exercised",
            tried=bool(report.operations),
            idle=idle_ones,
            most=_LISTED,
        )


def _rest(report: GateReport) -> Iterator[str]:
    """Yield what was not looked at, what was excused, what is advice, and how the gate did on seeded faults."""
    if report.calibration is not None:
        yield render(
            "calibration",
            found=report.calibration,
            head=list(calibration_head(report.calibration)),
            fault_line=fault_line,
            catch_line=catch_line,
            most=_LISTED,
        )
    groups = not_analysed(report)
    if groups:
        yield render("skipped", groups=groups, most=_LISTED)
    for name, title, notes in (
        ("unread", "Files not analysed", unread(report)),
        ("idle", "Excuses of nothing", idle(report)),
    ):
        if notes:
            lines = [note_line(note, report.folders) for note in notes]
            yield render("notes", name=name, title=title, lines=lines, most=_LISTED)
    for name, title, findings in (
        ("advice", "Advisory findings", advisory(report)),
        ("excused", "Suppressed findings", suppressed(report)),
    ):
        yield from _findings(name, title, findings)


def _findings(name: str, title: str, findings: list[Finding]) -> Iterator[str]:
    if findings:
        shown = [(finding, item_link(finding.item)) for finding in findings[:_LISTED]]
        yield render("findings", name=name, title=title, shown=shown, more_count=len(findings) - len(shown))
