"""Requirements and what proves them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_superteam.models import Outcome, Requirement, Severity
from pytest_superteam.pipeline.items import GateItem
from pytest_superteam.pipeline.traceability import Ended, Linker, aspects_of, is_top, trace


def item(code, service="shop", test="test_scan", subject="", layer=3):
    """Return a gate item."""
    return GateItem(
        layer, test, f"{service}-{subject or code}", code, Severity.ERROR, service, blocking=True, subject=subject
    )


ITEMS = (
    item("SCHEMA-001", test="test_conformance", subject="list_orders", layer=2),
    item("SCHEMA-001", test="test_conformance", subject="pay_order", layer=2),
    item("AUTH-005", test="test_authorization", layer=2),
    item("AUTH-005", "blog", test="test_authorization", layer=2),
    item("FLOW-001", test="test_flow", subject="order", layer=2),
    item("EVENT-001", "blog", test="test_event", layer=2),
    item("LOG-001"),
    item("LOG-001", "blog"),
)


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("A customer sees only their own orders.", ["ownership"]),
        ("A user can't read another user's notes.", ["ownership"]),
        ("Only admins remove books.", ["roles"]),
        ("Signing in answers a bearer token.", ["signing in"]),
        ("The user logs in with email and password.", ["signing in"]),
        ("All services write logs as JSON.", ["logs"]),
        ("An order moves along the states above.", ["states"]),
        ("OrderPlaced is published as an event.", ["events"]),
        ("Passwords are hashed with bcrypt.", ["passwords"]),
        ("95% of requests take less than 200 ms.", ["speed"]),
        ("Uptime is 99.9%.", ["availability"]),
        ("At most 100 logins a minute (rate limiting).", ["signing in", "rate limits"]),
        ("Each container runs as a normal user.", ["containers"]),
        ("Books have a title and a price.", []),
        ("The owner of a shop names it.", []),
        ("Statements are stated and stationed.", []),
        ("A dialog box catalogue.", []),
    ],
)
def test_aspects(text, names):
    """What a requirement speaks of is read from its words, and near misses are not."""
    assert [aspect.name for aspect in aspects_of(text)] == names


@pytest.mark.parametrize(
    ("priority", "top"),
    [("Must", True), ("must have", True), ("P0", True), ("**P0**", True), ("critical", True), ("M", True),
     ("P1", False), ("should", False), ("high", False), ("", False), ("medium", False), ("P00", False)],
)  # fmt: skip
def test_top_priorities(priority, top):
    """Must, P0 and their like are the highest priority; high is not."""
    assert is_top(priority) is top


def linked(text, *operations, entities=()):
    """Return what a requirement is linked to."""
    return Linker(ITEMS, entities).link(Requirement("R-1", text, 3, operations=operations))


def test_operations_and_aspects_are_linked():
    """A requirement rests on its operations' items and on its services' items of what it speaks of."""
    found = linked("A customer sees only their own orders", "shop:list_orders")
    assert found.items == ("layer2::test_conformance[shop-list_orders]", "layer2::test_authorization[shop-AUTH-005]")
    assert found.unchecked == ()


def test_a_system_wide_requirement_rests_on_every_service():
    """Without operations, the items of an aspect count in all services."""
    assert linked("Services log as JSON; logs are kept").items == (
        "layer3::test_scan[shop-LOG-001]",
        "layer3::test_scan[blog-LOG-001]",
    )


def test_what_no_check_looks_at_is_told():
    """An aspect without a planned item leaves the requirement without a proof."""
    found = linked("Orders are encrypted at rest", "shop:list_orders")
    assert found.unchecked == ("encryption",)
    row = trace(Requirement("R-1", "x", 3), found, {found.items[0]: Ended("id", Outcome.PASSED)})
    assert (row["status"], row["reason"]) == (
        "unproven",
        "no check looks at encryption; claim it with a test of your own",
    )


def test_an_entity_called_event_is_no_event():
    """Words that name entities speak of rows."""
    assert linked("An organiser creates an event", "shop:list_orders", entities=("Event",)).items == (
        "layer2::test_conformance[shop-list_orders]",
    )
    assert "layer2::test_event[blog-EVENT-001]" in linked("An event is sent", "shop:list_orders").items


KEYS = ("layer2::test_conformance[shop-list_orders]", "layer2::test_conformance[shop-pay_order]")


@pytest.mark.parametrize(
    ("outcomes", "claims", "status", "reason"),
    [
        ((Outcome.PASSED, Outcome.PASSED), (), "proven", ""),
        ((Outcome.PASSED,), (), "unproven", "not all of its checks were run (1 of 2)"),
        ((Outcome.PASSED, Outcome.SKIPPED), (), "unproven", "not all of its checks were run (1 of 2)"),
        ((), (), "unproven", "not all of its checks were run (0 of 2)"),
        ((Outcome.PASSED, Outcome.FAILED), (), "failing", "PRD.md::1 failed"),
        ((Outcome.ERROR, Outcome.FAILED), (), "failing", "PRD.md::0 could not run and 1 more"),
        ((Outcome.ADVISORY, Outcome.PASSED), (), "failing", "PRD.md::0 found something"),
        ((), (Outcome.PASSED,), "proven", ""),
        ((), (Outcome.SKIPPED,), "unproven", "not all of its checks were run (0 of 2)"),
        ((), (Outcome.PASSED, Outcome.FAILED), "failing", "t.py::1 failed"),
        ((Outcome.FAILED,), (Outcome.PASSED,), "failing", "PRD.md::0 failed"),
    ],
)
def test_status(outcomes, claims, status, reason):
    """A requirement is proven, failing or unproven by what ran, and the row says why."""
    requirement = Requirement("R-1", "Orders", 3, "Must", operations=("shop:list_orders", "shop:pay_order"))
    endings = {KEYS[n]: Ended(f"PRD.md::{n}", outcome) for n, outcome in enumerate(outcomes)}
    claimed = [Ended(f"t.py::{n}", outcome) for n, outcome in enumerate(claims)]
    row = trace(requirement, Linker(ITEMS).link(requirement), endings, claimed, require_traced=True)
    assert (row["status"], row["reason"]) == (status, reason)
    assert row["blocks"] is (status == "unproven")
    assert [each["id"] for each in row["items"]] == [e.id for e in (*endings.values(), *claimed)]


@given(st.text(max_size=300), st.text(max_size=20))
def test_any_text(text, priority):
    """Whatever stands in a requirement, it has a row that blocks only where it was asked to."""
    requirement = Requirement("R-1", text, 1, priority)
    row = trace(requirement, Linker(ITEMS, ("Event",)).link(requirement), {})
    assert row["status"] == "unproven"
    assert row["blocks"] is False
