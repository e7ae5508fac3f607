"""Calibration: the gate sees a fault that is put into a copy of the system, and none where there is none."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from pytest_superteam.calibration.fault import all_faults
from pytest_superteam.errors import GateError
from pytest_superteam.gate.calibrating import bench_of, detection
from pytest_superteam.reports.masking import mask

if TYPE_CHECKING:
    from pytest_superteam.models import FaultResult


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Make an item of each kind of fault."""
    if "fault_id" in metafunc.fixturenames:
        metafunc.parametrize("fault_id", [fault.id for fault in all_faults()])


def test_clean(pytestconfig: pytest.Config) -> None:
    """The gate finds nothing on the system as it is."""
    try:
        alarms, _ = bench_of(pytestconfig).alarms()
    except GateError as error:
        pytest.fail(mask(str(error)), pytrace=False)
    blocking = [f"{alarm.item} {alarm.outcome}: {alarm.message}" for alarm in alarms if alarm.blocking]
    if blocking:
        pytest.fail("false alarms, or a system that is not green:\n" + "\n".join(blocking), pytrace=False)


def test_fault(fault_id: str, pytestconfig: pytest.Config, request: pytest.FixtureRequest) -> None:
    """An item of the gate catches the fault."""
    try:
        result = bench_of(pytestconfig).result(fault_id)
    except GateError as error:
        pytest.fail(mask(str(error)), pytrace=False)
    request.node.user_properties += _properties(result)
    if result.status == "not applicable":
        pytest.skip(result.reason)
    if result.status == "broken":
        pytest.fail(f"{result.service}: {result.place}: {result.what}: {result.reason}", pytrace=False)
    if result.status == "survived":
        seen = f" (and the gate broke on it: {result.reason})" if result.reason else ""
        pytest.xfail(f"survived: the gate cannot see it: {result.service}: {result.place}: {result.what}{seen}")


def _properties(result: FaultResult) -> list[tuple[str, object]]:
    told = [("fault", f"{result.service}: {result.what}")] if result.what else []
    return [*told, *(("caught", f"layer {catch.layer}: {catch.item}") for catch in result.catches)]


def test_detection_rate(pytestconfig: pytest.Config, request: pytest.FixtureRequest) -> None:
    """Enough of the faults of layers 1 to 3 are caught."""
    try:
        found = detection(pytestconfig, request.session.items)
    except GateError as error:
        pytest.fail(mask(str(error)), pytrace=False)
    if found.rate is None:
        pytest.skip("no fault of layers 1 to 3 was tried")
    if found.rate < found.minimum:
        missed = ", ".join(result.id for result in found.counted if result.status == "survived")
        text = f"{found.rate:.1%} of {len(found.counted)} faults are caught, less than {found.minimum:.1%}: {missed}"
        pytest.fail(text, pytrace=False)
