"""The document of events."""

import sys
from dataclasses import replace
from pathlib import Path

from pytest_superteam.architect.contract import asyncapi

sys.path.insert(0, str(Path(__file__).parents[1] / "builders"))

from architectures import BOOKSTORE


def test_no_events_no_document():
    """A system without events has no document."""
    assert asyncapi.document(replace(BOOKSTORE, events=())) is None


def test_channels_and_parties():
    """Each event has its channel, its publisher sends and each consumer receives."""
    document = asyncapi.document(BOOKSTORE)
    assert document["asyncapi"] == "3.0.0"
    assert {c["address"] for c in document["channels"].values()} == {e.channel for e in BOOKSTORE.events}
    parties = {(o["action"], o["x-service"], o["channel"]["$ref"]) for o in document["operations"].values()}
    assert ("send", "order-service", "#/channels/OrderShipped") in parties
    assert ("receive", "catalog-service", "#/channels/OrderShipped") in parties
    assert len(parties) == sum(1 + len(e.consumers) for e in BOOKSTORE.events)


def test_every_reference_leads_somewhere():
    """Each $ref of the document names a part of it."""
    document = asyncapi.document(BOOKSTORE)

    def references(node):
        if isinstance(node, dict):
            yield from ([node["$ref"]] if "$ref" in node else [])
            node = list(node.values())
        for child in node if isinstance(node, list) else ():
            yield from references(child)

    found = list(references(document))
    assert found
    for reference in found:
        part = document
        for key in reference.removeprefix("#/").split("/"):
            part = part[key]


def test_events_whose_names_look_alike_stay_apart():
    """Two names that lose their letters to the alphabet of keys get keys of their own."""
    first = BOOKSTORE.events[0]
    document = asyncapi.document(replace(BOOKSTORE, events=(replace(first, name="日"), replace(first, name="本"))))
    assert list(document["channels"]) == ["Event", "Event2"]


def test_streams_are_channels():
    """A WebSocket has a channel with its path and parameters, and both directions; an event stream only sends."""
    from pytest_superteam.models import Socket

    streams = (Socket("/ws/rooms/{id}", 3, "order-service"), Socket("/feed", 4, None, "sse"))
    document = asyncapi.document(replace(BOOKSTORE, events=(), sockets=streams))
    found = {c["address"]: c for c in document["channels"].values()}
    assert list(found) == ["/ws/rooms/{id}", "/feed"]
    assert list(found["/ws/rooms/{id}"]["parameters"]) == ["id"]
    assert [c["x-protocol"] for c in found.values()] == ["websocket", "sse"]
    actions = [(o["action"], o.get("x-service")) for o in document["operations"].values()]
    assert actions == [("send", "order-service"), ("receive", "order-service"), ("send", None)]
