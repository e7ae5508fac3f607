"""The gate report: gathered while the session runs, written and shown at its end by the process that owns the run."""

from __future__ import annotations

import os
import shutil
import sys
import time
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import pytest

from pytest_superteam.atomic import write_atomically
from pytest_superteam.checks.base import is_exercised
from pytest_superteam.codec import from_data
from pytest_superteam.errors import GateError, StoppedError
from pytest_superteam.gate.calibrating import calibrated
from pytest_superteam.gate.collection import CLAIM
from pytest_superteam.gate.commandline import command, resume_command
from pytest_superteam.gate.ending import SIGNALS, STOPPED
from pytest_superteam.gate.fixing import fix_footer, fix_header
from pytest_superteam.gate.review import end_of_review, how_to_go_on
from pytest_superteam.gate.session import GATE, GateSession, absolute, gate_of, is_worker
from pytest_superteam.gate.systems import found_lines, kept_up, system_header
from pytest_superteam.models import CheckResult, GateReport, ItemResult, Outcome, Severity, SourceNote, Violation
from pytest_superteam.pipeline.evaluation import NOTES_KEY
from pytest_superteam.pipeline.items import SYSTEM, GateItem, active, outcome_of
from pytest_superteam.pipeline.state.store import StoreError
from pytest_superteam.pipeline.traceability import Ended, trace
from pytest_superteam.reports.assemble import assemble
from pytest_superteam.reports.masking import mask
from pytest_superteam.reports.text import one_line, plural
from pytest_superteam.reports.tree import brief, tree
from pytest_superteam.reports.write import write_reports

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from pytest_superteam.config import Config

__all__: list[str] = []


@dataclass
class Ending:
    """How an item ended, as its phase reports told."""

    outcome: Outcome
    nodeid: str
    reason: str = ""
    seconds: float = 0.0
    requirements: tuple[str, ...] = ()
    """Of a test of the project: the requirements that it claims to prove."""


@dataclass
class Gathered:
    """What the controller has seen so far."""

    endings: dict[str, Ending] = field(default_factory=dict)
    claims: dict[str, Ending] = field(default_factory=dict)
    """The project's own tests that claim requirements, by node id."""
    report: GateReport | None = None
    interrupted: bool = False
    complaint: str = ""
    files: list[str] = field(default_factory=list)
    """What was written besides the reports, a line each."""


GATHERED = pytest.StashKey[Gathered]()


def pytest_report_header(config: pytest.Config) -> list[str]:
    """Say what runs with which settings."""
    gate = gate_of(config)
    settings, system = gate.run.config, gate.run.architecture
    names = ", ".join(service.name for service in system.services)
    more = f" and {len(gate.documents) - 1} more" if len(gate.documents) > 1 else ""
    title = one_line(system.title, 120)
    if gate.run.adopted is not None:
        return system_header(gate)
    return [
        f"superteam: {one_line(gate.prd.name)}{more}: {title}, {plural(len(system.services), 'service')}: {names}",
        *(f"superteam: {one_line(note, 600)}" for note in gate.run.memory.get("notes", ())),
        *_secrets(gate),
        *_doubts(gate),
        *fix_header(gate.run),
        (
            f"superteam: depth {settings.depth}, builder {_builders(settings)}, deploy {gate.run.place.name}, "
            f"output {settings.output}, blocking from {settings.gate.blocking_severity.value}"
        ),
    ]


def _secrets(gate: GateSession) -> list[str]:
    """Return a line on secrets that the document should not hold."""
    places = [_place(gate, line) for line in gate.secrets]
    if not places:
        return []
    rest = f" and {len(places) - 5} more" if len(places) > 5 else ""
    return [f"superteam: the PRD holds what looks like a secret at {', '.join(places[:5])}{rest}; it is masked"]


def _place(gate: GateSession, line: int) -> str:
    """Return what to call a line of the document, or of which of several."""
    return f"line {line}" if len(gate.documents) == 1 else gate.run.prd.place(line)


def _doubts(gate: GateSession) -> list[str]:
    """Return a line on what the architect could not settle."""
    system = gate.run.architecture
    nouns = ((system.questions, "question"), (system.contradictions, "contradiction"))
    found = [plural(len(said), noun) for said, noun in nouns if said]
    more = "" if gate.run.config.until == "architect" else "; --until architect shows them"
    return [f"superteam: the PRD leaves {' and '.join(found)}{more}"] if found else []


class Reporter:
    """The hooks that need to know their session."""

    def __init__(self, config: pytest.Config) -> None:
        """Gather for `config`'s session."""
        self.config = config
        self.gathered = config.stash.setdefault(GATHERED, Gathered())

    @property
    def gate(self) -> GateSession:
        """Return the session's gate."""
        return gate_of(self.config)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Note how each phase of a gate item ended; the controller sees every worker's."""
        if type(report) is not pytest.TestReport:
            return
        item = self.gate.item_of(report.nodeid)
        if item is not None:
            ending = self.gathered.endings.setdefault(item.key, Ending(Outcome.PASSED, report.nodeid))
        elif any(name == CLAIM for name, _ in report.user_properties):
            ending = self.gathered.claims.setdefault(report.nodeid, Ending(Outcome.PASSED, report.nodeid))
            ending.requirements = tuple(str(value) for name, value in report.user_properties if name == CLAIM)
        else:
            return
        ending.seconds += report.duration
        if report.skipped:
            expected = hasattr(report, "wasxfail")
            ending.outcome = Outcome.ADVISORY if expected else Outcome.SKIPPED
            ending.reason = str(report.wasxfail) if expected else _reason(report)
        elif report.failed:
            ending.outcome = Outcome.FAILED if report.when == "call" else Outcome.ERROR
            ending.reason = mask(report.longreprtext)

    @pytest.hookimpl(tryfirst=True)
    def pytest_keyboard_interrupt(self, excinfo: pytest.ExceptionInfo[BaseException]) -> None:
        """Remember that the verdict is not a whole one, and why; what stopped by itself says so elsewhere."""
        self.gathered.interrupted = True
        self.config.stash[SIGNALS].quiet = True
        if GATE in self.config.stash and type(excinfo.value) is KeyboardInterrupt:
            self.gate.run.memory["interrupted"] = self.config.stash[SIGNALS].last or "SIGINT"

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionfinish(self, session: pytest.Session, exitstatus: int) -> None:
        """Make the report and end the run."""
        if is_worker(self.config) or self.config.option.collectonly:
            return
        if self.gate.run.config.until:
            end_of_review(self.gate, session)
            return
        if session.shouldstop or exitstatus not in (0, 1, pytest.ExitCode.NO_TESTS_COLLECTED):
            self.gathered.interrupted = True
            self.gate.run.memory.setdefault("interrupted", _why_stopped(session, exitstatus))
        try:
            self._finish(session, exitstatus)
        except (StoppedError, GateError, StoreError, OSError) as error:
            self.gathered.complaint = f"superteam: the report can't be written: {error}. The same command goes on."
            session.exitstatus = pytest.ExitCode.INTERRUPTED

    def _finish(self, session: pytest.Session, exitstatus: int) -> None:
        """Make the report, bring the run to its end, and tell the project's hooks."""
        report = self._report()
        if self.gate.calibrates:
            report = calibrated(report, self.gate, interrupted=self.gathered.interrupted)
        self.gathered.report = report
        if not report.items and report.calibration is None:
            return
        if any(row["blocks"] for row in report.requirements) and exitstatus == pytest.ExitCode.OK:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED
        if not self.gathered.interrupted:
            report = self.gathered.report = self.gate.run.fix(report)
            self.gate.run.finish(report.verdict, partial=report.partial)
        write_reports(report, self.gate.run.layout.reports)
        self._write_sarif(report)
        try:
            self.config.hook.pytest_superteam_gate_report(report=report, config=self.gate.run.config)
        except Exception as error:  # noqa: BLE001  # a project's hook must not cost the report
            self.gathered.complaint = f"pytest_superteam_gate_report raised {type(error).__name__}: {error}"
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

    def _folders(self) -> tuple[Path, dict[str, Path]]:
        """Return where paths of findings start, and the services' folders."""
        run = self.gate.run
        folders = {name: result.directory for name, result in run.builds().items()}
        root = run.layout.output
        if run.adopted is not None:
            root = run.adopted.root
            folders[run.adopted.rest] = root
        folders[SYSTEM] = root
        return _repository(run.layout.project if run.adopted is None else root), folders

    def _write_sarif(self, report: GateReport) -> None:
        """Write the SARIF file that was asked for."""
        name = self.config.getoption("superteam_sarif")
        if name is None:
            return
        from pytest_superteam.checks.registry import builtin_families
        from pytest_superteam.reports.sarif import SarifContext, to_sarif
        from pytest_superteam.scanners.run import rules_of

        base, folders = self._folders()
        rules = rules_of(self.gate.run.plugged.scanners()) | {
            rule.id: rule for family in builtin_families() for rule in family.rules
        }
        text, cut = to_sarif(report, SarifContext(rules, base, folders, self.gate.prd))
        path = absolute(self.config, name)
        try:
            write_atomically(path, text)
        except OSError as error:
            self.gathered.complaint = f"--sarif: '{path}' can't be written: {error.strerror}. Name another file."
            return
        more = f" ({cut} of the least severe findings were left out: GitHub's limits)" if cut else ""
        self.gathered.files.append(f"sarif: {path}{more}")

    def _annotate(self, terminalreporter: pytest.TerminalReporter, report: GateReport) -> None:
        """Show the findings at the lines of a pull request, where GitHub runs us."""
        if os.environ.get("GITHUB_ACTIONS") != "true":
            return
        from pytest_superteam.reports.annotations import workflow_commands

        terminalreporter.ensure_newline()
        for line in workflow_commands(report, *self._folders()):
            terminalreporter.write_line(line)

    def _report(self) -> GateReport:
        gate, run = self.gate, self.gate.run
        gate.evaluation.save()
        results = run.store.results(run.scope)
        items = [
            _item(gate.items[key], ending, results.get(key), run.config.gate.blocking_severity)
            for key, ending in self.gathered.endings.items()
            if key in results
            or ending.outcome is not Outcome.PASSED  # nothing passed that was not tried (--setup-plan)
        ]
        phases, seconds = run.phase_seconds(), time.monotonic() - gate.started
        report = assemble(
            title=run.architecture.title,
            run_id=run.id,
            items=items,
            services=tuple(service.name for service in run.architecture.services),
            phases={**phases, "gate": round(max(0.0, seconds - sum(phases.values())), 3)},
            seconds=seconds,
            interrupted=self.gathered.interrupted,
            requirements=self._traced(),
            operations=self._operations(results),
            planned=len(gate.items),
            costs=run.costs(),
            notes=self._notes(results, items),
            repeat=command(self.config),
        )
        return replace(report, builds=tuple(run.memory.get("builds", {}).values()))

    def _operations(self, results: Mapping[str, Mapping[str, Any]]) -> dict[str, bool]:
        """Return whether each operation that this session tried was exercised."""
        tried = (self.gate.items[key] for key in self.gathered.endings if key in results)
        return {
            f"{item.service}:{item.subject}": is_exercised(from_data(CheckResult, results[item.key]))
            for item in tried
            if item.test == "test_conformance"
        }

    def _notes(self, results: Mapping[str, Mapping[str, Any]], items: Sequence[ItemResult]) -> list[SourceNote]:
        """Return what the report says of source files and of the baseline; the baseline is written if asked for."""
        told = [row for key, value in results.items() if key.startswith(NOTES_KEY) for row in value["notes"]]
        notes = {from_data(SourceNote, row) for row in told}
        baseline = self.gate.baseline
        if baseline is not None:
            tried = (item for item in items if item.outcome not in (Outcome.SKIPPED, Outcome.ERROR))
            looked_at: dict[tuple[str, str], list[Violation]] = {}
            for item in tried:  # in layer 2 several items have one code and service
                looked_at.setdefault((item.code, item.service), []).extend(item.violations)
            if self.gate.update_baseline:
                baseline.update(looked_at)
            notes.update(map(_stale, baseline.stale(looked_at)))
        return sorted(notes, key=lambda note: (note.kind, note.service, note.file, note.line))

    def _traced(self) -> list[dict[str, Any]]:
        """Return the matrix of requirements; of several documents each row says which one it stands in."""
        endings = {key: Ended(end.nodeid, end.outcome) for key, end in self.gathered.endings.items()}
        rows, required = [], self.gate.run.config.gate.require_traced
        for requirement in self.gate.run.architecture.requirements:
            own = (end for end in self.gathered.claims.values() if requirement.id in end.requirements)
            claims = [Ended(end.nodeid, end.outcome) for end in own]
            linked = self.gate.links[requirement.id]
            row = trace(requirement, linked, endings, claims, require_traced=required)
            if len(self.gate.documents) > 1:
                row["place"] = self.gate.run.prd.place(requirement.line)
            rows.append(row)
        return rows

    def _show_design(self, terminalreporter: pytest.TerminalReporter) -> None:
        """Show what the architect understood, or what was found of a system that is there."""
        gate, verbosity = self.gate, self.config.option.verbose
        if gate.run.adopted is not None:
            for line in found_lines(gate.run, shutil.get_terminal_size().columns):
                terminalreporter.write_line(line)
            return
        notes = gate.run.memory.get("notes", ())
        if verbosity < 0:
            lines = brief(gate.run.architecture, secrets=gate.secrets, notes=notes)
        else:
            lines = tree(
                gate.run.architecture,
                place=lambda line: _place(gate, line),
                secrets=gate.secrets,
                notes=notes,
                everything=verbosity > 0,
                ascii_only=not _draws_boxes(),
            )
        for line in lines:
            terminalreporter.write_line(line)

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """Show the gate table, what blocks, and where the files are."""
        run, report = self.gate.run, self.gathered.report
        if self.config.option.collectonly:
            return
        if run.config.until:
            terminalreporter.section("superteam")
            if run.config.until == "architect":
                self._show_design(terminalreporter)
            for line in how_to_go_on(self.config, self.gate) or [_stopped(terminalreporter, run.config.until)]:
                terminalreporter.line(line)
            terminalreporter.line(f"architecture: {run.layout.architecture}")
            if run.config.until != "architect" and run.adopted is None:
                terminalreporter.line(f"services: {run.layout.output}")
            for line in kept_up(run):
                terminalreporter.line(line)
            return
        if report is None or (not report.items and report.calibration is None):
            if self.gathered.complaint:
                terminalreporter.write_line(self.gathered.complaint, red=True)
            if self.gathered.interrupted:
                terminalreporter.section("superteam")
                self._show_how_to_go_on(terminalreporter)
            return
        self._show_report(terminalreporter, report)

    def _show_how_to_go_on(self, terminalreporter: pytest.TerminalReporter) -> None:
        """Show the command that goes on with a run that was interrupted."""
        spent = str(self.gate.run.memory.get("interrupted", "")).startswith("budget")
        way = "Go on with a higher --budget:" if spent else "Go on with:"
        terminalreporter.line(f"interrupted; what is done is kept. {way}")
        terminalreporter.line(resume_command(self.config))

    def _show_report(self, terminalreporter: pytest.TerminalReporter, report: GateReport) -> None:
        """Show the gate table, what blocks, and where the files are."""
        from pytest_superteam.reports.terminal import render  # rich, only where there is a table

        terminalreporter.section(f"gate: {report.verdict}")
        width = shutil.get_terminal_size().columns
        text = render(
            report,
            width=max(60, min(width, 200)),
            color=bool(getattr(self.config.option, "color", "auto") != "no" and terminalreporter.isatty),
            verbose=self.config.option.verbose,
            ascii=not _draws_boxes(),
        )
        for line in text.splitlines():
            terminalreporter.write_line(line)
        terminalreporter.write_line(f"reports: {self.gate.run.layout.reports}")
        for line in [*self.gathered.files, *kept_up(self.gate.run)]:
            terminalreporter.write_line(line)
        self._annotate(terminalreporter, report)
        for line in fix_footer(self.gate.run):
            terminalreporter.write_line(line)
        if self.gathered.interrupted:
            self._show_how_to_go_on(terminalreporter)
        if self.gathered.complaint:
            terminalreporter.write_line(self.gathered.complaint, red=True)


def _why_stopped(session: pytest.Session, exitstatus: int) -> str:
    """Return why a session ended before its time."""
    return str(session.shouldstop or f"exit code {int(exitstatus)}").removeprefix(STOPPED)


def _builders(settings: Config) -> str:
    """Return who may build, in one word or several."""
    return " or ".join(settings.builders) if settings.builders else settings.builder


def _stale(row: Mapping[str, Any]) -> SourceNote:
    """Return the note on a row of the baseline that excuses nothing any more."""
    code: str = row["code"]
    return SourceNote("stale baseline", row["service"], row["file"], f"{code} is no longer there", codes=(code,))


def _repository(folder: Path) -> Path:
    """Return the root of the repository that `folder` is in, `folder` itself where it is in none."""
    return next((above for above in (folder, *folder.parents) if (above / ".git").exists()), folder)


def _draws_boxes() -> bool:
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
    return f"stopped after {until}, as asked; run again without --until to go on"


def _reason(report: pytest.TestReport) -> str:
    if isinstance(report.longrepr, tuple):
        return report.longrepr[2].removeprefix("Skipped: ")
    return report.longreprtext


def _item(item: GateItem, ending: Ending, stored: Mapping[str, Any] | None, blocking: Severity) -> ItemResult:
    result: CheckResult = from_data(CheckResult, stored) if stored else CheckResult()
    if ending.outcome is Outcome.PASSED:  # --runxfail lets an advisory finding pass
        ending.outcome = outcome_of(item, result, blocking)
    reason = "" if ending.outcome in (Outcome.FAILED, Outcome.ADVISORY) and active(result) else ending.reason
    return ItemResult(
        id=ending.nodeid,
        layer=item.layer,
        code=item.code,
        severity=item.severity,
        service=item.service,
        blocking=item.blocking or ending.outcome is Outcome.FAILED,
        outcome=ending.outcome,
        seconds=round(max(ending.seconds, result.seconds), 3),
        reason=reason,
        violations=result.violations,
    )


@pytest.hookimpl(optionalhook=True)
def pytest_html_results_table_header(cells: list[str]) -> None:
    """Add the gate's columns to pytest-html's table."""
    from pytest_superteam.reports.html import header_cells

    cells[1:1] = header_cells()


@pytest.hookimpl(optionalhook=True)
def pytest_html_results_table_row(report: pytest.TestReport, cells: list[str]) -> None:
    """Fill the gate's columns."""
    from pytest_superteam.reports.html import row_cells

    cells[1:1] = row_cells({name: str(value) for name, value in report.user_properties})


@pytest.hookimpl(optionalhook=True)
def pytest_html_results_summary(prefix: list[str], session: pytest.Session) -> None:
    """Put the verdict and the matrix above the table."""
    gathered = session.config.stash.get(GATHERED, None)
    if gathered and gathered.report:
        from pytest_superteam.reports.html import summary

        prefix.extend(summary(gathered.report))
