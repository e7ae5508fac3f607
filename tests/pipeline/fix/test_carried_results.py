"""Results that still hold after a fix."""

import pytest

from pytest_superteam.codec import to_data
from pytest_superteam.models import CheckResult, Severity, Violation
from pytest_superteam.pipeline.fix.carrying import carriable, carry, may_be_carried
from pytest_superteam.pipeline.items import SYSTEM, GateItem
from pytest_superteam.pipeline.state.store import Store

CHANGED = ("catalog", "orders")
GOOD = to_data(CheckResult(detail="fine"))


def an_item(service, layer=3, test="test_scan", subject="", param=""):
    return GateItem(
        layer, test, param or f"{service}-X", "X-001", Severity.ERROR, service, blocking=True, subject=subject
    )


def bad(service):
    return to_data(CheckResult(violations=(Violation("X-001", Severity.ERROR, service, "bad."),)))


@pytest.mark.parametrize(
    ("item", "result", "expected"),
    [
        (an_item("auth"), GOOD, True),
        (an_item("auth", 1, "test_builds"), GOOD, True),
        (an_item("auth", 2, "test_conformance", "list_users"), GOOD, True),
        (an_item("auth"), bad("auth"), True),
        (an_item("auth", 3), to_data(CheckResult(skipped="not analysed: X does not read go")), True),
        (an_item("orders"), GOOD, False),
        (an_item(SYSTEM), GOOD, False),
        (an_item("auth"), to_data(CheckResult(error="it broke")), False),
        (an_item("auth"), bad("orders"), False),
        (an_item("auth", 2, "test_flow", "auth-account"), GOOD, False),
        (an_item("auth", 2, "test_check"), GOOD, False),
        (an_item("auth", 2, "test_conformance"), to_data(CheckResult(skipped="not run")), False),
        (an_item("auth", 2, "test_trace", "auth>orders", "auth-orders"), GOOD, False),
        (an_item("auth", 2, "test_pact", "catalog", "auth-catalog"), GOOD, False),
        (an_item("auth", 2, "test_conformance", "list_orders", "auth-list_orders"), GOOD, True),
        (an_item("auth", 3, param="auth-orders"), GOOD, True),
        (an_item("auth"), {"violations": "none"}, False),
        (an_item("auth"), {"violations": [1]}, False),
    ],
)
def test_may_be_carried(item, result, expected):
    """A result holds unless its item looks at what changed, or may, could not run, or tells of what changed."""
    assert may_be_carried(item, result, CHANGED) is expected


@pytest.mark.parametrize(
    ("item", "result", "expected"),
    [
        (an_item(SYSTEM), GOOD, True),
        (an_item("auth", 2, "test_flow"), bad("auth"), True),
        (an_item("auth", 2, "test_flow"), to_data(CheckResult(error="it broke")), False),
        (an_item("auth", 2), to_data(CheckResult(skipped="not run")), False),
    ],
)
def test_nothing_changed(item, result, expected):
    """Where all attempts were refused, whatever was found holds; what could not run is tried again."""
    assert may_be_carried(item, result, ()) is expected


def test_carriable():
    """Of what a session kept, results and notes of other services hold; what was worked out for all does not."""
    items = [an_item("auth"), an_item("orders"), an_item("mail")]
    kept = {
        items[0].key: GOOD,
        items[1].key: GOOD,
        "layer3::test_scan[gone-X]": GOOD,
        "notes::auth::SEC-001": {"notes": []},
        "notes::orders::SEC-001": {"notes": []},
        "notes::system::SEC-001": {"notes": []},
        "once::two users": {"value": []},
    }
    assert carriable(items, kept, CHANGED) == (items[0].key, "notes::auth::SEC-001")
    notes = ("notes::auth::SEC-001", "notes::orders::SEC-001", "notes::system::SEC-001")
    assert carriable(items, kept, ()) == (items[0].key, items[1].key, *notes)


def test_carry(tmp_path):
    """Results are copied to another session, where it has none of its own; the earlier one keeps its own."""
    store = Store(tmp_path / "state.db")
    store.save_results("s1", {"a": {"n": 1}, "b": {"n": 1}, "c": {"n": 1}})
    store.save_result("s2", "b", {"n": 2})
    assert carry(store, "s1", "s2", ["a", "b", "gone"]) == 1
    assert store.results("s2") == {"a": {"n": 1}, "b": {"n": 2}}
    assert carry(store, "s1", "s2", ["a", "b"]) == 0
    assert carry(store, "s1", "s1", ["a"]) == 0
    assert len(store.results("s1")) == 3
    store.close()
