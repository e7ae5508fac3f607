"""The same failures are known when they come back."""

import pytest
from gated import found, item, violation

from pytest_superteam.pipeline.fix.signatures import signature_of, signatures


def sign(*items):
    return signatures(found(*items))


def scan(*violations):
    return item("orders", "SEC-001", *violations)


SAME = [
    (scan(violation(line=1)), scan(violation(line=99))),
    (scan(violation(message="a."), violation(message="b.")), scan(violation(message="b."), violation(message="a."))),
    (item("orders", "SEC-1", reason="ended after 3.2 s"), item("orders", "SEC-1", reason="ended after 4.7 s")),
    (
        item("orders", "CONFORM-1", reason="orders: ended. Its last log lines:\n    12:00:01 boom"),
        item("orders", "CONFORM-1", reason="orders: ended. Its last log lines:\n    12:30:09 other"),
    ),
]
OTHER = [
    (scan(violation(message="a.")), scan(violation(message="b."))),
    (scan(violation(message="a.")), scan(violation(message="a."), violation(message="b."))),
    (scan(violation(file="a.py")), scan(violation(file="b.py"))),
    (item("orders", "SEC-1", reason="no answer"), item("orders", "SEC-1", reason="not JSON")),
    (item("orders", "SEC-1", reason="is open. Protect it."), scan(violation())),
]


@pytest.mark.parametrize(("before", "after"), SAME)
def test_same(before, after):
    """Neither order nor lines nor times nor what a log says make other failures of the same ones."""
    assert sign(before) == sign(after)
    assert len(sign(before)["orders"]) == 32


@pytest.mark.parametrize(("before", "after"), OTHER)
def test_other(before, after):
    """Another message, file, number of findings or error is another failure."""
    assert sign(before) != sign(after)


def test_nothing():
    """Without findings there is no signature."""
    assert signature_of(()) == ""
    assert sign(item("orders")) == {}
