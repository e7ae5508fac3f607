"""Which operations are called so that every hop is taken, and what an event is held against."""

from dataclasses import replace

import pytest
from bookshop import bookshop

from pytest_superteam.checks.base import Planning
from pytest_superteam.checks.events.messaging import message_of
from pytest_superteam.checks.families.events import FAMILY as EVENTS
from pytest_superteam.checks.families.trace import FAMILY as TRACE
from pytest_superteam.checks.tracing.choosing import by_event, event_hops, simple_operations, transported, triggers
from pytest_superteam.checks.tracing.requests import filled, steps_to
from pytest_superteam.config import Config
from pytest_superteam.models import Architecture, Entity, Event, Operation, Service, StateMachine, Transition


def operation(name, kind, service="shop", method="POST", path="/orders", **more):
    """Return an operation on orders."""
    return Operation(name, service, method, path, kind, **{"entity": "Order"} | more)


def test_a_call_is_made_by_writing_what_refers_to_the_provider():
    """The operation that creates a row with a reference makes the call; one that only lists does not."""
    system = bookshop()
    made = {d.consumer: [o.id for o in triggers(system, d)] for d in system.dependencies}
    assert made == {"order-service": ["create_order"], "mail-service": []}


def test_plain_requests_come_first():
    """Of a service's operations those that need no row are taken first."""
    system = bookshop()
    assert [o.id for o in simple_operations(system, "order-service")] == ["read_order", "create_order"]
    assert [o.id for o in simple_operations(system, "mail-service")] == ["list_notifications", "receive_event"]


def test_an_event_that_nothing_publishes_is_not_tried():
    """Events without an operation that publishes them, and consumers that take none, are no items."""
    system = bookshop()
    silent = replace(system, operations=tuple(replace(o, publishes=()) for o in system.operations))
    deaf = replace(system, operations=tuple(o for o in system.operations if o.kind != "receive_event"))
    assert by_event(silent) == {}
    assert list(EVENTS.plan(Planning(silent, Config(), None))) == []
    assert event_hops(deaf) == {}
    assert [item.code for item in EVENTS.plan(Planning(deaf, Config(), None))] == ["EVENT-001"]


def test_strange_architectures_are_planned():
    """Planning takes whatever refers to nothing: no item, no failure, and each id once."""
    event = Event("Told", "told", "nobody", ("nobody", "a"))
    system = Architecture(
        "T", "", (Service("a"), Service("b")), events=(event, event), operations=(operation("x", "create", "c"),)
    )
    for family in (TRACE, EVENTS):
        assert list(family.plan(Planning(system, Config(), None))) == []
    taking = operation("receive_event", "receive_event", "a", entity=None)
    twice = replace(system, operations=(operation("x", "create", "b", publishes=("Told",)), taking))
    params = [item.param for family in (TRACE, EVENTS) for item in family.plan(Planning(twice, Config(), None))]
    assert len(params) == len(set(params))
    assert "b-a-events" in params


@pytest.mark.parametrize(
    ("document", "verdict"),
    [
        (None, True),
        ({}, True),
        ({"servers": {"main": {"protocol": "https"}}}, True),
        ({"servers": {"main": {"protocol": "kafka"}}}, False),
        ({"channels": {"x": {"bindings": {"amqp": {}}}}}, False),
        ({"channels": {"x": {"bindings": {"ws": {}}}}}, True),
        ({"servers": [], "channels": {"x": 3}}, True),
    ],
)
def test_other_transports_are_left_alone(document, verdict):
    """Where the AsyncAPI document names a broker, nothing is planned."""
    assert transported(document) is verdict
    if not verdict:
        assert by_event(replace(bookshop(), asyncapi=document)) == {}


@pytest.mark.parametrize(
    ("document", "found"),
    [
        ({"components": {"messages": {"Placed": {"payload": 1}}}}, {"payload": 1}),
        ({"components": {"messages": {"m1": {"name": "Placed"}}}}, {"name": "Placed"}),
        (
            {
                "components": {
                    "messages": {"Placed": {"$ref": "#/components/messages/Other"}, "Other": {"payload": 2}}
                },
            },
            {"payload": 2},
        ),
        ({"channels": {"c": {"address": "order.placed", "messages": {"m": {"payload": 3}}}}}, {"payload": 3}),
        ({"channels": {"c": {"address": "other", "messages": {"m": {"payload": 3}}}}}, None),
        ({}, None),
        (None, None),
    ],
)
def test_the_message_of_an_event(document, found):
    """A message is found by its key, its name or its channel's address."""
    assert message_of(document, Event("Placed", "order.placed", "shop")) == found


def test_the_way_to_a_state():
    """A transition that starts in the middle gets the shortest chain of moves before it."""
    moves = (
        Transition("new", "paid"),
        Transition("paid", "sent"),
        Transition("new", "gone"),
        Transition("sent", "done"),
    )
    machine = StateMachine("status", "new", ("new", "paid", "sent", "done", "gone"), moves)
    order = Entity("Order", "shop", (), states=machine)
    pay, send, finish = (
        operation(name, "transition", target_state=state)
        for name, state in (("pay", "paid"), ("send", "sent"), ("finish", "done"))
    )
    everything = (pay, send, finish)
    assert steps_to(pay, order, everything) == []
    assert [o.id for o in steps_to(finish, order, everything)] == ["pay", "send"]
    assert steps_to(finish, order, (finish,)) == []


def test_ids_are_filled_in_at_any_depth():
    """References are set wherever they stand, and only where there is text."""
    body = {"book_id": "x", "items": [{"book_id": "y", "count": 1}], "note": "book_id", "author_id": None}
    rows = {"book_id": "b", "author_id": "a"}
    assert filled(body, rows) == {
        "book_id": "b",
        "items": [{"book_id": "b", "count": 1}],
        "note": "book_id",
        "author_id": None,
    }
