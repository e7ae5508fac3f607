"""The garbage collector while a gate runs."""

import gc

import pytest

from pytest_superteam.gate.garbage import FEWEST, Garbage


@pytest.fixture(autouse=True)
def _thresholds():
    before = gc.get_threshold()
    yield
    gc.set_threshold(*before)


@pytest.mark.parametrize(
    ("before", "meanwhile"),
    [
        ((700, 10, 10), FEWEST),
        ((900_000, 10, 10), (900_000, *FEWEST[1:])),
        ((0, 10, 10), (0, 10, 10)),
    ],
)
def test_thresholds_are_raised_for_the_session_only(before, meanwhile):
    """Thresholds are raised, never lowered, a collector that is off stays off, and all is as before in the end."""
    gc.set_threshold(*before)
    garbage = Garbage()
    assert gc.get_threshold() == meanwhile
    garbage.pytest_unconfigure()
    assert gc.get_threshold() == before
