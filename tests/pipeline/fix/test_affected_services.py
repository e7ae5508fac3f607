"""Which services are asked again after a fix."""

from dataclasses import replace

import pytest
from gated import system
from hypothesis import given, settings
from hypothesis import strategies as st

from pytest_superteam.models import Dependency, Entity, Event, Field, Operation
from pytest_superteam.pipeline.fix.affected import affected, dependents


def calls(consumer, provider):
    return Dependency(consumer, provider, "read")


def event(publisher, *consumers):
    return Event("Placed", "order.placed", publisher, consumers)


NAMES = ("auth", "catalog", "orders", "mail", "pages")
SHOP = system(
    calls("orders", "catalog"),
    calls("pages", "orders"),
    events=(event("orders", "mail"), event(None, "pages")),
    names=NAMES,
)


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ((), ()),
        (("pages",), ("pages",)),
        (("mail",), ("mail",)),
        (("orders",), ("orders", "mail", "pages")),
        (("catalog",), ("catalog", "orders", "mail", "pages")),
        (("mail", "auth"), ("auth", "mail")),
        (("gone",), ()),
    ],
)
def test_affected(changed, expected):
    """Changed services, their callers and those that take their events are affected, in the architecture's order."""
    assert affected(SHOP, changed) == expected


def test_issuer():
    """Where the service changes that signs tokens, all that take tokens are affected."""
    private, public = (
        Operation("a", name, "GET", "/a", kind="list", public=name == "catalog") for name in ("orders", "catalog")
    )
    shop = system(operations=(private, public), issuer="auth")
    assert affected(shop, ["auth"]) == ("auth", "orders")
    assert affected(shop, ["orders"]) == ("orders",)


def test_references():
    """Where rows refer to those of another service, whoever keeps them depends on it, also without calling it."""
    kept = (
        Entity("Book", "catalog", (Field("id"), Field("author", "reference", references="Author"))),
        Entity("Order", "orders", (Field("book", "reference", references="Book"), Field("x", references="Gone"))),
        Entity("Author", "catalog", ()),
    )
    assert affected(replace(system(), entities=kept), ["catalog"]) == ("catalog", "orders")


@settings(deadline=None)
@given(st.lists(st.tuples(st.sampled_from(NAMES), st.sampled_from(NAMES))), st.sets(st.sampled_from(NAMES)))
def test_closed(pairs, changed):
    """Whatever calls whatever, in circles too: who depends on an affected service is affected, and nobody else."""
    shop = system(*(calls(*pair) for pair in pairs), names=NAMES)
    found = set(affected(shop, changed))
    depends = dependents(shop)
    assert changed <= found
    assert all(depends[name] <= found for name in found)
    assert all(name in changed or any(name in depends[other] for other in found) for name in found)
