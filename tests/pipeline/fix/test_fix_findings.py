"""From the results of a gate to what each builder can mend."""

import pytest
from gated import SERVICES, blocked, found, item, report, violation

from pytest_superteam.models import Outcome, Severity
from pytest_superteam.pipeline.fix.findings import blocking_items, find, key_of

DOWN = "orders: ended with exit code 1 before it was ready. Its last log lines:\n    ImportError: no module shop"


def test_nothing_blocks():
    """Passed, skipped and advisory items leave nothing to mend."""
    advice = item("orders", "ADV-001", violation(severity=Severity.WARNING), outcome=Outcome.ADVISORY)
    what = found(item("auth"), item("orders", outcome=Outcome.SKIPPED, reason="held back: ..."), advice)
    assert what.green
    assert (what.mendable, what.beyond, what.blocked) == ({}, (), ())


def test_violation():
    """A violation that blocks is its service's to mend, with its place, its evidence and what to do."""
    bad = violation(file="app/main.py", line=12, evidence='@app.get("/orders")')
    what = found(item("orders", "SEC-001", bad), helps={"SEC-001": "Require a token."})
    (one,) = what.mendable["orders"]
    assert (one.items, one.id) == (("layer3::test_scan[orders-SEC-001]",), "PRD.md::layer3::test_scan[orders-SEC-001]")
    assert (one.place, one.evidence, one.help, one.error) == ("app/main.py:12", bad.evidence, "Require a token.", False)
    assert one.fingerprint == bad.fingerprint
    assert one.line == "SEC-001 app/main.py:12: is open. Protect it."
    assert what.blocked == ("layer3::test_scan[orders-SEC-001]",)


@pytest.mark.parametrize(
    ("of_item", "of_violation", "whose"),
    [
        ("orders", "orders", "orders"),
        ("orders", "catalog", "catalog"),
        ("system", "catalog", "catalog"),
        ("orders", "", "orders"),
        ("orders", "system", "orders"),
        ("orders", "gone", "orders"),
        ("system", "system", ""),
        ("rest", "rest", ""),
    ],
    ids=str,
)
def test_whose(of_item, of_violation, whose):
    """A violation is the service's that it names, else the item's; where neither is a service it is nobody's."""
    what = found(item(of_item, "SEC-001", violation(of_violation)))
    assert list(what.mendable) == ([whose] if whose else [])
    assert [finding.service for finding in what.beyond] == ([] if whose else [""])


def test_findings_of_others():
    """An item that found something in two services gives each builder its own part only."""
    what = found(item("system", "SEC-001", violation("catalog", message="a."), violation("orders", message="b.")))
    assert {name: [f.message for f in told] for name, told in what.mendable.items()} == {
        "catalog": ["a."],
        "orders": ["b."],
    }


def test_excused_and_advisory():
    """What is excused, or below the severity that blocks, is not asked to be mended."""
    bad = violation(message="blocks.", severity=Severity.HIGH)
    excused = violation(message="excused.", suppressed_by="noqa")
    what = found(
        item("orders", "SEC-001", bad, excused, violation(message="advice.")),
        item("catalog", "CONFORM-001", violation("catalog", "CONFORM-001", "two.")),
        threshold=Severity.HIGH,
    )
    assert [finding.message for finding in what.mendable["orders"]] == ["blocks."]
    assert [finding.message for finding in what.mendable["catalog"]] == ["two."], "layer 2 blocks from error up"


def test_order():
    """Services are told in their order, and of one the lowest layer first, then the most severe."""
    critical = violation(message="c.", severity=Severity.CRITICAL)
    what = found(
        item("orders", "SEC-001", violation(message="b."), critical),
        item("orders", "TEST-001", violation(code="TEST-001", message="a.")),
        item("auth", "SEC-001", violation("auth")),
    )
    assert list(what.mendable) == ["auth", "orders"]
    assert [finding.message for finding in what.mendable["orders"]] == ["a.", "c.", "b."]


def test_service_that_does_not_come_up():
    """Where one service does not start, it alone is asked, once, though items of all services are errors."""
    what = found(*(item(name, "CONFORM-001", reason=DOWN) for name in SERVICES))
    (one,) = what.mendable["orders"]
    assert list(what.mendable) == ["orders"]
    assert one.items == tuple(f"layer2::test_scan[{name}-CONFORM-001]" for name in SERVICES)
    assert one.message == "does not come up: ended with exit code 1 before it was ready. Its last log lines:"
    assert (one.evidence, one.code, one.error) == ("ImportError: no module shop", "", True)
    assert len(what.blocked) == 3


def test_same_error_of_many_items():
    """An error that many items share is told once, whatever numbers it holds; another one is another finding."""
    reasons = [f"register of auth answered 500 to a valid body: row {number}" for number in range(5)]
    what = found(*(item("auth", f"CONFORM-{n}", reason=text) for n, text in enumerate([*reasons, "no answer"])))
    first, second = what.mendable["auth"]
    assert (len(first.items), second.message) == (5, "no answer")


def test_error_of_an_advisory_item():
    """An item that could not run blocks whatever it is about, for the verdict is `failed` by it."""
    what = found(item("orders", "ADV-001", reason="ADV-001 can't be decided: orders/app.py: is no Python"))
    assert [finding.code for finding in what.mendable["orders"]] == ["ADV-001"]


@pytest.mark.parametrize(
    "what",
    [
        found(item("orders", "CONFORM-001", reason="CONFORM-001 broke on 'orders': KeyError: 'x' (a.py:3)")),
        found(item("system", "SEC-001", reason="it is not known")),
        found(item("orders", "BREAK-001", violation(code="BREAK-001", message="a field is gone."))),
        found(requirements=({"id": "R1", "blocks": True, "reason": "no check is linked to it"},)),
    ],
    ids=["bug", "system", "contract", "requirement"],
)
def test_beyond(what):
    """What a builder can't mend is told apart, and is not green."""
    assert what.mendable == {}
    assert len(what.beyond) == 1
    assert not what.green


def test_failed_without_a_violation():
    """A failure that names no violation is told by its reason."""
    what = found(item("orders", "SEC-001", outcome=Outcome.FAILED, reason="the hook of the project failed"))
    assert [finding.message for finding in what.mendable["orders"]] == ["the hook of the project failed"]
    assert [f.message for f in found(item(outcome=Outcome.ERROR)).mendable["orders"]] == ["it gave no reason"]


def test_masked_line():
    """The line of a finding is one line, bounded, without secrets."""
    bad = violation(message=f"a\nb password='hunter2hunter2' {'x' * 900}", file="a.py", line=1)
    (one,) = found(item("orders", "SEC-001", bad)).mendable["orders"]
    assert "hunter2hunter2" not in one.line
    assert "\n" not in one.line
    assert len(one.line) == 300


def test_blocking_items():
    """After an attempt an item goes on blocking where it was not tried again, and is mended where it passed."""
    failed, passed = item("orders", "SEC-001", violation()), item("auth")
    held = item("catalog", outcome=Outcome.SKIPPED, reason="held back: 'catalog' failed layer 1")
    told = report(failed, passed, held)
    before = (key_of(passed.id), key_of(held.id), "layer2::gone[x]")
    assert blocking_items(told) == (key_of(failed.id),)
    assert blocking_items(told, before) == (key_of(failed.id), key_of(held.id), "layer2::gone[x]")


@pytest.mark.parametrize(
    ("node", "key"),
    [("PRD.md::layer3::test_scan[a::b]", "layer3::test_scan[a::b]"), ("d/PRD.md::layer1::t[x]", "layer1::t[x]")],
)
def test_key(node, key):
    """The key of an item is its id without the document."""
    assert key_of(node) == key
    assert key_of(key_of("alone")) == "alone"


def test_no_services():
    """Where nobody can be asked, all is beyond builders."""
    what = find(report(item("orders", "SEC-001", violation())), ())
    assert (what.mendable, len(what.beyond)) == ({}, 1)
    assert blocked("orders").blocked == what.blocked
