"""The gate report: gathered while the session runs, written and shown at its end by the process that owns the run."""

from __future__ import annotations

import time
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from pytest_superteam.checks.base import is_exercised
from pytest_superteam.codec import from_data
from pytest_superteam.config import Config
from pytest_superteam.errors import GateError, StoppedError
from pytest_superteam.gate.alone import alone
from pytest_superteam.gate.calibrating import calibrated
from pytest_superteam.gate.collection import CLAIM
from pytest_superteam.gate.commandline import command
from pytest_superteam.gate.diffing import compared
from pytest_superteam.gate.ending import SIGNALS, STOPPED
from pytest_superteam.gate.fixing import fix_header
from pytest_superteam.gate.gathered import GATHERED, Ending, Gathered
from pytest_superteam.gate.outputs import write_outputs
from pytest_superteam.gate.review import end_of_review
from pytest_superteam.gate.screens import columns
from pytest_superteam.gate.sections import said
from pytest_superteam.gate.session import GATE, GateSession, gate_of, is_worker, place_of
from pytest_superteam.gate.settings import seen_from
from pytest_superteam.gate.systems import system_header
from pytest_superteam.models import CheckResult, GateReport, ItemResult, Outcome, Severity, SourceNote, Violation
from pytest_superteam.pipeline.evaluation import NOTES_KEY
from pytest_superteam.pipeline.items import GateItem, active, outcome_of
from pytest_superteam.pipeline.picture import picture_of
from pytest_superteam.pipeline.state.store import StoreError
from pytest_superteam.pipeline.timeline import timeline_of
from pytest_superteam.pipeline.traceability import Ended, trace
from pytest_superteam.reports.assemble import assemble
from pytest_superteam.reports.masking import mask
from pytest_superteam.reports.text import fitting, one_line, plural
from pytest_superteam.reports.write import write_reports

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

__all__: list[str] = []


def pytest_report_header(config: pytest.Config) -> list[str]:
    """Say what runs with which settings."""
    gate = gate_of(config)
    settings, system = gate.run.config, gate.run.architecture
    more = f" and {len(gate.documents) - 1} more" if len(gate.documents) > 1 else ""
    title = one_line(system.title, 120)
    if gate.run.adopted is not None:
        return system_header(gate)
    head = f"superteam: {one_line(gate.prd.name)}{more}: {title}, {plural(len(system.services), 'service')}: "
    names = fitting([service.name for service in system.services], columns(config) - len(head))
    output = f", output {settings.output}" if settings.output != Config.output else ""
    return [
        head + names,
        *(f"superteam: {one_line(note, 600)}" for note in gate.run.memory.get("notes", ())),
        *_secrets(gate),
        *_doubts(gate),
        *fix_header(gate.run),
        (
            f"superteam: depth {settings.depth}, builder {_builders(settings)}, deploy {gate.run.place.name}, "
            f"blocking from {settings.gate.blocking_severity.value}{output}"
        ),
    ]


def _secrets(gate: GateSession) -> list[str]:
    """Return a line on secrets that the document should not hold."""
    places = [place_of(gate, line) for line in gate.secrets]
    if not places:
        return []
    rest = f" and {len(places) - 5} more" if len(places) > 5 else ""
    return [f"superteam: the PRD holds what looks like a secret at {', '.join(places[:5])}{rest}; it is masked"]


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
            ending.reason = mask(_text(report))

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
        report = self.gathered.report = compared(self.config, report)
        write_reports(report, self.gate.run.layout.reports)
        write_outputs(self.config, self.gathered, report)
        try:
            self.config.hook.pytest_superteam_gate_report(report=report, config=self.gate.run.config)
        except Exception as error:  # noqa: BLE001  # a project's hook must not cost the report
            self.gathered.complain(f"pytest_superteam_gate_report raised {type(error).__name__}: {error}")
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

    def _report(self) -> GateReport:
        gate, run = self.gate, self.gate.run
        gate.evaluation.save()
        results = run.store.results(run.scope)
        rules = self._rules()
        items = [
            _item(gate.items[key], ending, results.get(key), run.config.gate.blocking_severity, rules)
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
        here = Path(self.config.invocation_params.dir)
        return replace(
            report,
            picture=picture_of(run),
            timeline=timeline_of(run),
            builds=tuple(run.memory.get("builds", {}).values()),
            alone=alone(self.config, gate),
            folders={name: seen_from(here, folder) for name, folder in gate.folders().items()},
        )

    def _rules(self) -> dict[str, str]:
        """Return what the codes of the layers that read the source are called; nothing where nothing was found."""
        if all(ending.outcome in (Outcome.PASSED, Outcome.SKIPPED) for ending in self.gathered.endings.values()):
            return {}
        from pytest_superteam.scanners.run import rules_of

        return {code: rule.name for code, rule in rules_of(self.gate.run.plugged.scanners()).items() if rule.layer >= 3}

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


def _reason(report: pytest.TestReport) -> str:
    if isinstance(report.longrepr, tuple):
        return report.longrepr[2].removeprefix("Skipped: ")
    return _text(report)


def _text(report: pytest.TestReport) -> str:
    """Return what a report says; of an error of our own, whose traceback pytest shows, what kind of error it is."""
    told = said(report)
    crash: Any = getattr(report.longrepr, "reprcrash", None)
    return told if told is not None else f"an error in the gate: {crash.message}"


def _item(
    item: GateItem,
    ending: Ending,
    stored: Mapping[str, Any] | None,
    blocking: Severity,
    rules: Mapping[str, str],
) -> ItemResult:
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
        rule=rules.get(item.code, "") if result.violations else "",
    )
