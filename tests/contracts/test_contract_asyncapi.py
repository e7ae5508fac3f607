"""AsyncAPI documents of both generations."""

import copy

import pytest

from pytest_superteam.contracts.asyncapi import AsyncApiRegistry
from pytest_superteam.errors import CheckError

ENVELOPE = {
    "type": "object",
    "required": ["id", "type", "data"],
    "properties": {"id": {"type": "string"}, "type": {"const": "Paid"}, "data": {"$ref": "#/components/schemas/Paid"}},
}
SCHEMAS = {"Paid": {"type": "object", "required": ["total"], "properties": {"total": {"type": "integer"}}}}
THREE = {
    "asyncapi": "3.0.0",
    "info": {"title": "Shop", "version": "1"},
    "channels": {
        "paid": {
            "address": "order.paid",
            "messages": {"Paid": {"$ref": "#/components/messages/Paid"}, "Refund": {"payload": {"type": "string"}}},
        },
        "binary": {
            "address": "raw",
            "messages": {
                "Raw": {"payload": {"schemaFormat": "application/vnd.apache.avro", "schema": {"type": "record"}}}
            },
        },
    },
    "operations": {
        "pay": {
            "action": "send",
            "channel": {"$ref": "#/channels/paid"},
            "messages": [{"$ref": "#/channels/paid/messages/Paid"}],
            "x-service": "orders",
        },
        "listen": {"action": "receive", "channel": {"$ref": "#/channels/paid"}, "x-service": "mail"},
    },
    "components": {
        "messages": {
            "Paid": {
                "name": "Paid",
                "contentType": "application/json",
                "payload": ENVELOPE,
                "headers": {"type": "object", "required": ["traceparent"]},
            }
        },
        "schemas": SCHEMAS,
    },
}
TWO = {
    "asyncapi": "2.6.0",
    "info": {"title": "Shop", "version": "1"},
    "channels": {
        "order/paid": {
            "subscribe": {"operationId": "pay", "message": {"$ref": "#/components/messages/Paid"}},
            "publish": {"message": {"oneOf": [{"name": "A", "payload": {"type": "integer"}}, {"payload": True}]}},
        }
    },
    "components": {"messages": {"Paid": {"payload": ENVELOPE}}, "schemas": SCHEMAS},
}


def test_operations_and_messages_of_version_3_are_listed():
    """Who sends and receives which messages of which channel; without a list all of the channel's."""
    registry = AsyncApiRegistry(THREE)
    assert registry.problems() == ()
    assert registry.channels == {"paid": "order.paid", "binary": "raw"}
    listed = [(o.id, o.action, o.channel, o.messages, o.service) for o in registry.operations]
    assert listed == [
        ("pay", "send", "paid", ("Paid",), "orders"),
        ("listen", "receive", "paid", ("Paid", "Refund"), "mail"),
    ]
    assert [message.name for message in registry.find("order.paid")] == ["Paid", "Refund"]


def test_version_2_is_turned_to_the_applications_view():
    """There `subscribe` is for readers of what the application sends."""
    registry = AsyncApiRegistry(TWO)
    assert registry.problems() == ()
    listed = {(o.id, o.action, o.messages) for o in registry.operations}
    assert listed == {("pay", "send", ("Paid",)), ("publish_order/paid", "receive", ("A", "order~1paid"))}


PAYLOAD = {"id": "1", "type": "Paid", "data": {"total": 3}}


@pytest.mark.parametrize("document", [THREE, TWO])
@pytest.mark.parametrize(
    ("payload", "places"),
    [
        (PAYLOAD, []),
        (PAYLOAD | {"type": "Sent"}, ["/type"]),
        (PAYLOAD | {"data": {"total": "3"}}, ["/data/total"]),
        ({}, ["", "", ""]),
        ("text", [""]),
    ],
)
def test_payloads_are_held_against_their_message(document, payload, places):
    """Wrong constants, types and missing fields are told with their place."""
    found = AsyncApiRegistry(document).validate_message("Paid", payload)
    assert [problem.pointer for problem in found] == places


def test_a_channel_takes_any_of_its_messages():
    """By the name of a channel or its address, one message that fits is enough."""
    registry = AsyncApiRegistry(THREE)
    assert registry.validate_message("order.paid", "a text") == ()
    assert registry.validate_message("paid", PAYLOAD) == ()
    assert registry.validate_message("paid", 5) != ()


def test_headers_are_looked_at_where_they_are_known():
    """A missing header is told, unless nobody knows the headers."""
    registry = AsyncApiRegistry(THREE)
    assert registry.validate_message("Paid", PAYLOAD) == ()
    assert registry.validate_message("Paid", PAYLOAD, {"traceparent": "x"}) == ()
    assert [p.pointer for p in registry.validate_message("Paid", PAYLOAD, {})] == ["headers"]


@pytest.mark.parametrize(("name", "words"), [("Nope", "No message or channel"), ("Raw", "no payload schema of JSON")])
def test_what_can_not_be_checked_is_an_error(name, words):
    """Unknown messages and foreign schema formats are no pass."""
    with pytest.raises(CheckError, match=words):
        AsyncApiRegistry(THREE).validate_message(name, {})


def without(document, *path, value=None):
    """Return a copy of the document with another value at `path`."""
    changed = copy.deepcopy(document)
    part = changed
    for key in path[:-1]:
        part = part[key]
    part[path[-1]] = value
    return changed


@pytest.mark.parametrize(
    ("document", "words"),
    [
        ({"asyncapi": "1.2.0"}, "not supported"),
        ({}, "no version"),
        (without(THREE, "operations", "pay", "action", value="shout"), "operations/pay: has no known action"),
        (without(THREE, "operations", "pay", "channel", value={"$ref": "#/channels/no"}), "operations/pay"),
        (without(THREE, "components", "schemas", value={}), "schemas/Paid' leads nowhere"),
        (without(THREE, "components", "messages", value={}), "messages/Paid' leads nowhere"),
        (without(THREE, "components", "schemas", "Paid", value={"type": "strin"}), "strin"),
        (without(TWO, "channels", "order/paid", value={"$ref": "#/x"}), "'#/x' leads nowhere"),
    ],
)
def test_broken_documents_are_told_and_do_not_stop(document, words):
    """Each problem is a line, and reading never raises."""
    registry = AsyncApiRegistry(document)
    assert any(words in problem for problem in registry.problems()), registry.problems()
