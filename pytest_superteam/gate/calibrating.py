"""A session that tries the gate on itself (`--calibrate`): its bench, its faults, and what it found."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from pytest_superteam.codec import from_data
from pytest_superteam.gate.session import GateSession, gate_of
from pytest_superteam.models import Calibration, FalseAlarm, FaultResult

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pytest_superteam.calibration.bench import Bench
    from pytest_superteam.models import GateReport

__all__ = ["MODULE", "bench_of", "calibrated", "detection"]

MODULE = "calibration"
"""Name of the module of items, behind the document's name."""
BENCH = pytest.StashKey["Bench"]()


def bench_of(config: pytest.Config) -> Bench:
    """Return the bench of this process."""
    from pytest_superteam.calibration.bench import Bench  # only where faults are tried

    if BENCH not in config.stash:
        gate = gate_of(config)
        config.stash[BENCH] = Bench(gate.run, gate.evaluation, tuple(gate.items.values()))
    return config.stash[BENCH]


def detection(config: pytest.Config, items: Sequence[pytest.Item]) -> Calibration:
    """Return what is caught of the faults that this session tries; what nobody has tried yet is tried here.

    Raises:
        GateError: the services could not be built.
    """
    from pytest_superteam.calibration.bench import JUDGED
    from pytest_superteam.calibration.fault import all_faults

    known = [fault.id for fault in all_faults()]
    asked = {item.callspec.params["fault_id"] for item in items if _is_fault(item)}  # type: ignore[attr-defined]
    bench = bench_of(config)
    tried = tuple(bench.result(name) for name in known if name in asked or not asked)
    bench.run.store.save_result(bench.run.scope, JUDGED, {"faults": len(tried)})
    return Calibration(tried, minimum=bench.run.config.calibration.minimum, planned=len(known), judged=True)


def _is_fault(item: pytest.Item) -> bool:
    """Return whether a test is one of ours that tries a fault."""
    return f"::{MODULE}::test_fault[" in item.nodeid and hasattr(item, "callspec")


def calibrated(report: GateReport, gate: GateSession, *, interrupted: bool) -> GateReport:
    """Return the report on a session that tried faults; without what only a session of gate items can say."""
    found = _stored(gate)
    if found is None:
        return report
    verdict = "failed" if not found.passed else "interrupted" if interrupted else "passed"
    return replace(report, calibration=found, verdict=verdict, requirements=(), planned=0)


def _stored(gate: GateSession) -> Calibration | None:
    """Return what the store knows of this run's calibration, None where nothing was tried."""
    from pytest_superteam.calibration.bench import CLEAN, JUDGED, KEY
    from pytest_superteam.calibration.fault import all_faults

    rows = gate.run.store.results(gate.run.scope)
    order = [fault.id for fault in all_faults()]
    faults = tuple(from_data(FaultResult, rows[f"{KEY}{name}"]) for name in order if f"{KEY}{name}" in rows)
    clean = rows.get(CLEAN)
    if not faults and clean is None:
        return None
    alarms = tuple(from_data(FalseAlarm, row) for row in clean["alarms"]) if clean else None
    minimum = gate.run.config.calibration.minimum
    return Calibration(faults, alarms, clean["items"] if clean else 0, minimum, len(order), judged=JUDGED in rows)
