"""The summary at the end of a session: the gate table, what blocks, where the files are, how to go on."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import pytest

from pytest_superteam.gate.commandline import resume_command
from pytest_superteam.gate.fixing import fix_footer
from pytest_superteam.gate.gathered import GATHERED
from pytest_superteam.gate.outputs import annotate
from pytest_superteam.gate.review import how_to_go_on
from pytest_superteam.gate.screens import columns, released
from pytest_superteam.gate.sections import show_briefly_what_is_ours
from pytest_superteam.gate.session import gate_of, place_of
from pytest_superteam.gate.systems import found_lines, kept_up
from pytest_superteam.reports.tree import brief, tree

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from pytest_superteam.models import GateReport

__all__: list[str] = []


def _show_design(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Show what the architect understood, or what was found of a system that is there."""
    gate, verbosity = gate_of(config), config.option.verbose
    if gate.run.adopted is not None:
        for line in found_lines(gate.run, columns(config)):
            terminalreporter.write_line(line)
        return
    notes = gate.run.memory.get("notes", ())
    if verbosity < 0:
        lines = brief(gate.run.architecture, secrets=gate.secrets, notes=notes)
    else:
        lines = tree(
            gate.run.architecture,
            place=lambda line: place_of(gate, line),
            secrets=gate.secrets,
            notes=notes,
            everything=verbosity > 0,
            ascii_only=not draws_boxes(),
        )
    for line in lines:
        terminalreporter.write_line(line)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Show the gate table, what blocks, and where the files are."""
    gate, gathered = gate_of(config), config.stash[GATHERED]
    run, report = gate.run, gathered.report
    if config.option.collectonly:
        return
    if run.config.until:
        terminalreporter.section("superteam")
        if run.config.until == "architect":
            _show_design(terminalreporter, config)
        for line in how_to_go_on(config, gate) or [_stopped(terminalreporter, run.config.until)]:
            terminalreporter.line(line)
        terminalreporter.line(f"architecture: {run.layout.architecture if run.adopted is None else run.layout.found}")
        if run.config.until != "architect" and run.adopted is None:
            terminalreporter.line(f"services: {run.layout.output}")
        for line in kept_up(run):
            terminalreporter.line(line)
        return
    if report is None or (not report.items and report.calibration is None):
        if gathered.complaint:
            terminalreporter.write_line(gathered.complaint, red=True)
        if gathered.interrupted:
            terminalreporter.section("superteam")
            _show_how_to_go_on(terminalreporter, config)
        return
    _show_report(terminalreporter, config, report)


def _show_how_to_go_on(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Show the command that goes on with a run that was interrupted."""
    spent = str(gate_of(config).run.memory.get("interrupted", "")).startswith("budget")
    way = "Go on with a higher --budget:" if spent else "Go on with:"
    terminalreporter.line(f"interrupted; what is done is kept. {way}")
    terminalreporter.line(resume_command(config))


def _show_report(terminalreporter: pytest.TerminalReporter, config: pytest.Config, report: GateReport) -> None:
    """Show the gate table, what blocks, and where the files are; of a session without summary, the verdict."""
    from pytest_superteam.reports.terminal import render  # rich, only where there is a table

    gate, gathered = gate_of(config), config.stash[GATHERED]
    show_briefly_what_is_ours(terminalreporter, config, report)
    _title(terminalreporter, report.verdict)
    text = render(
        report,
        width=columns(config),
        color=config.get_terminal_writer().hasmarkup,
        verbose=-2 if config.getoption("no_summary", default=False) else config.get_verbosity(),
        ascii=not draws_boxes(),
        below=[word for letter, word in (("x", "advisory"), ("s", "skipped")) if terminalreporter.hasopt(letter)],
    )
    for line in text.splitlines():
        terminalreporter.write_line(line)
    terminalreporter.write_line(f"reports: {_shown(config, gate.run.layout.reports)}")
    for line in [*gathered.files, *kept_up(gate.run)]:
        terminalreporter.write_line(line)
    annotate(terminalreporter, config, report)
    for line in fix_footer(gate.run):
        terminalreporter.write_line(line)
    if gathered.interrupted:
        _show_how_to_go_on(terminalreporter, config)
    if gathered.complaint:
        terminalreporter.write_line(gathered.complaint, red=True)


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_sessionfinish(session: pytest.Session) -> Iterator[Any]:
    """Show the report also below what pytest-rich shows, whose reporter asks no plugin for a summary."""
    result = yield
    config = session.config
    if config.pluginmanager.has_plugin("rich-terminal-reporter") and not config.option.collectonly:
        gathered = config.stash[GATHERED]
        if gathered.report is not None and gathered.report.items:
            with released(config):
                sys.stdout.write(_alone(config, gathered.report))
                sys.stdout.flush()
    return result


def _alone(config: pytest.Config, report: GateReport) -> str:
    """Return the report for a terminal that pytest's own reporter does not write to."""
    from pytest_superteam.reports.terminal import render

    text = render(report, width=columns(config), color=True, verbose=config.get_verbosity(), ascii=not draws_boxes())
    lines = [text + f"reports: {_shown(config, gate_of(config).run.layout.reports)}", *config.stash[GATHERED].files]
    return "\n".join([f"gate: {report.verdict}", *lines, config.stash[GATHERED].complaint]).rstrip() + "\n"


def _title(terminalreporter: pytest.TerminalReporter, verdict: str) -> None:
    """Begin the section, without the empty line that pytest ends the line of dots with."""
    terminalreporter.currentfspath = None
    colors: dict[str, Any] = {"passed": {"green": True}, "failed": {"red": True}}.get(verdict, {"yellow": True})
    terminalreporter.section(f"gate: {verdict}", bold=True, **colors)


def _shown(config: pytest.Config, path: Path) -> str:
    """Return a path as it is named where pytest was started, whole where it lies elsewhere."""
    folder = config.invocation_params.dir
    return str(path.relative_to(folder) if path.is_relative_to(folder) else path)


def draws_boxes() -> bool:
    """Return whether the terminal's encoding has box characters."""
    try:
        "─│✓".encode(sys.stdout.encoding or "ascii")
    except (UnicodeEncodeError, LookupError):
        return False
    return True


def _stopped(terminalreporter: pytest.TerminalReporter, until: str) -> str:
    if terminalreporter.stats.get("failed") or terminalreporter.stats.get("error"):
        return "a phase failed; mend what it says and run again"
    if not terminalreporter.stats.get("passed"):
        return "no phase was selected, so nothing was done"
    if terminalreporter.config.option.superteam_init:
        return "stopped, as asked; correct what is wrong in the file, and run again without --init to go on"
    return f"stopped after {until}, as asked; run again without --until to go on"
