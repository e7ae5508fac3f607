"""The phases as items, for runs that stop after one of them (`--until`)."""

from __future__ import annotations

import pytest

from pytest_superteam.config import UNTIL
from pytest_superteam.errors import GateError
from pytest_superteam.gate.session import gate_of
from pytest_superteam.reports.masking import mask


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Make an item of each phase up to the last one asked for."""
    until = gate_of(metafunc.config).run.config.until
    if until:
        metafunc.parametrize("phase", UNTIL[: UNTIL.index(until) + 1])


def test_phase(phase: str, pytestconfig: pytest.Config) -> None:
    """The phase ends with its output on disk."""
    run = gate_of(pytestconfig).run
    try:
        if phase == "builders":
            failed = [f"{name}: {build.error}" for name, build in run.builds().items() if not build.success]
            if failed:
                pytest.fail(mask("\n".join(failed)), pytrace=False)
        elif phase == "deployment":
            run.deployment()
    except GateError as error:
        raise pytest.fail.Exception(mask(str(error)), pytrace=False) from None
    assert (run.layout.architecture / "service-map.yaml").is_file()
