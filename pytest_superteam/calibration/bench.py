"""The bench that faults are tried on: what caught each, kept in the run's store so that it is tried once."""

from __future__ import annotations

import time
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING

from pytest_superteam.calibration.choice import changes_code, changes_tests, items_for, neighbours
from pytest_superteam.calibration.copies import open_copy
from pytest_superteam.calibration.fault import Fault, all_faults, choose
from pytest_superteam.calibration.source import Source
from pytest_superteam.codec import from_data, to_data
from pytest_superteam.errors import DeploymentError
from pytest_superteam.models.calibration import Catch, FalseAlarm, FaultResult
from pytest_superteam.models.run import CheckResult, Outcome
from pytest_superteam.pipeline.evaluation import Evaluation, is_crash
from pytest_superteam.pipeline.items import GateItem, active, outcome_of
from pytest_superteam.reports.masking import mask

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from pytest_superteam.calibration.source import Change
    from pytest_superteam.pipeline.run import Run

__all__ = ["KEY", "Bench"]

KEY = "calibration::"
"""How the keys of a calibration's results begin, among those of the gate's items."""
CLEAN = f"{KEY}clean"
JUDGED = f"{KEY}judged"
"""Set where the share of what is caught was judged."""
FOUND = (Outcome.FAILED, Outcome.ADVISORY, Outcome.ERROR)
MESSAGE = 300
"""Characters of a catch's message that are kept."""


@dataclass
class Bench:
    """The clean system of a run, its gate, and the faults to try on copies of it."""

    run: Run
    clean: Evaluation
    items: Sequence[GateItem]
    trials: dict[str, FaultResult] = field(default_factory=dict, repr=False)

    @cached_property
    def _sources(self) -> tuple[Source, ...]:
        builds = self.run.builds()
        return tuple(
            Source(service.name, builds[service.name].directory, self.run.architecture)
            for service in self.run.architecture.services
            if builds[service.name].success
        )

    def result(self, fault_id: str) -> FaultResult:
        """Return what became of a fault, trying it where nobody has yet.

        Raises:
            GateError: the services could not be built.
            KeyError: there is no such fault.
        """
        if fault_id not in self.trials:
            wanted = next((fault for fault in all_faults() if fault.id == fault_id), None)
            if wanted is None:
                raise KeyError(fault_id)
            key = f"{KEY}{fault_id}"
            with self.run.lock(key):
                known = self.run.store.result(self.run.scope, key)
                if known is None:
                    known = to_data(self._tried(wanted))
                    self.run.store.save_result(self.run.scope, key, known)
            self.trials[fault_id] = from_data(FaultResult, known)
        return self.trials[fault_id]

    def _tried(self, wanted: Fault) -> FaultResult:
        started = time.monotonic()
        change = choose(wanted, self._sources, self.run.config.gate.seed)
        empty = FaultResult(wanted.id, wanted.kind, wanted.layers, "not applicable", reason="no place in this system")
        if change is None:
            return empty
        about = replace(
            empty, reason="", service=change.service, place=change.place, what=change.what, operation=change.operation
        )
        found = Trial(self, wanted, change).done(about)
        return replace(found, seconds=round(time.monotonic() - started, 3))

    def alarms(self) -> tuple[tuple[FalseAlarm, ...], int]:
        """Return what the gate finds on the clean system, where it should find nothing, and how many items looked."""
        with self.run.lock(CLEAN):
            known = self.run.store.result(self.run.scope, CLEAN)
            if known is None:
                found = [to_data(alarm) for alarm in self._alarms()]
                known = {"alarms": found, "items": len(self.items)}
                self.run.store.save_result(self.run.scope, CLEAN, known)
        return tuple(from_data(FalseAlarm, row) for row in known["alarms"]), int(known["items"])

    def _alarms(self) -> Iterator[FalseAlarm]:
        for item in self.items:
            result = self.clean.evaluate(item)
            outcome = self.clean.outcome(item)
            if outcome in FOUND:
                blocks = outcome is not Outcome.ADVISORY
                yield FalseAlarm(item.key, outcome.value, _message(result), blocks)


@dataclass
class Trial:
    """One fault in one copy."""

    bench: Bench
    fault: Fault
    change: Change
    catches: list[Catch] = field(default_factory=list)
    crashes: list[str] = field(default_factory=list)
    tried: int = 0

    def done(self, about: FaultResult) -> FaultResult:
        """Return what became of the fault."""
        broken = self._does_not_compile() or self._searched()
        if broken:
            return replace(about, status="broken", reason=mask(broken)[:MESSAGE], tried=self.tried)
        found = tuple(sorted(self.catches, key=lambda catch: catch.layer))
        reason = "" if found else "; ".join(self.crashes)[:MESSAGE]
        return replace(
            about, status="caught" if found else "survived", catches=found, tried=self.tried, reason=mask(reason)
        )

    def _does_not_compile(self) -> str:
        if self.fault.breaks:
            return ""
        for path, text in self.change.files.items():
            try:
                _ = compile(text or "", path, "exec", dont_inherit=True) if path.endswith(".py") else None
            except (SyntaxError, ValueError) as error:
                return f"the changed file is no Python: {path}: {error}"
        return ""

    def _searched(self) -> str:
        """Ask the gate; return why the fault is broken, empty where it is not."""
        with open_copy(self.bench.run, self.fault.id, self.change) as copy:
            gate = Evaluation(copy, baseline=self.bench.clean.baseline)
            scans = self._wanted(3, 4)
            gate.select(scans)
            for item in scans:
                self._asked(gate, item)
            if changes_tests(self.change) and self._open({1, 2}):
                self._ask(gate, self._wanted(1))
            return self._ask_running(copy, gate) if changes_code(self.change) and self._open({2}) else ""

    def _open(self, layers: set[int]) -> bool:
        """Return whether layers still have to be asked: nothing caught the fault yet, or it belongs to them."""
        seen = any(catch.layer != 1 for catch in self.catches)
        return self._everything or not seen or bool(layers.intersection(self.fault.layers))

    def _ask_running(self, copy: Run, gate: Evaluation) -> str:
        if not self.fault.breaks:
            try:
                copy.deployment()
            except DeploymentError as error:
                return f"the copy does not start: {error}"
        self._ask(gate, self._wanted(2))
        return ""

    def _ask(self, gate: Evaluation, items: Sequence[GateItem]) -> None:
        """Ask the items of a layer, until one catches the fault unless all are to be asked."""
        for item in items:
            if self._asked(gate, item) and not self._everything:
                return

    @property
    def _everything(self) -> bool:
        return self.bench.run.config.calibration.items == "all"

    def _wanted(self, *layers: int) -> list[GateItem]:
        near = neighbours(self.bench.run.architecture, self.change.service)
        return items_for(self.change, self.bench.items, layers, near, everything=self._everything)

    def _asked(self, gate: Evaluation, item: GateItem) -> bool:
        """Return whether an item catches the fault: it finds something here, and nothing on the clean system."""
        result = gate.evaluate(item)
        self.tried += 1
        outcome = outcome_of(item, result, gate.run.config.gate.blocking_severity)
        if outcome not in FOUND:
            return False
        if is_crash(result):
            self.crashes.append(f"{item.key}: {result.error}")
            return False
        if self.bench.clean.outcome(item) is not Outcome.PASSED:
            return False
        error = outcome is Outcome.ERROR
        blocks = outcome is not Outcome.ADVISORY
        self.catches.append(Catch(item.layer, item.key, item.code, _message(result), blocks, error))
        return True


def _message(result: CheckResult) -> str:
    found = active(result)
    return " ".join(mask(found[0].message if found else result.error).split())[:MESSAGE]
