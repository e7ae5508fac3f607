"""What the comparison of two AsyncAPI documents tells."""

from copy import deepcopy

import pytest

from pytest_superteam.contracts.diff import diff_asyncapi
from pytest_superteam.errors import CheckError

PAYLOAD = {"type": "object", "required": ["id"], "properties": {"id": {"type": "string"}, "left": {"type": "integer"}}}
DOCUMENT = {
    "asyncapi": "3.0.0",
    "info": {"title": "Shop", "version": "1"},
    "channels": {"Sold": {"address": "book.sold", "messages": {"Sold": {"$ref": "#/components/messages/Sold"}}}},
    "operations": {
        "send": {"action": "send", "channel": {"$ref": "#/channels/Sold"}},
        "receive": {"action": "receive", "channel": {"$ref": "#/channels/Sold"}},
    },
    "components": {
        "messages": {
            "Sold": {
                "contentType": "application/json",
                "payload": PAYLOAD,
                "headers": {"type": "object", "properties": {"traceparent": {"type": "string"}}},
            }
        }
    },
}
MESSAGE = ("components", "messages", "Sold")
KEPT = {"schemaFormat": "application/schema+json;version=draft-07", "schema": PAYLOAD}


def changed(*path, to=None):
    """Return a copy with another value at `path`; None removes it."""
    found = deepcopy(DOCUMENT)
    target = found
    for key in path[:-1]:
        target = target[key]
    if to is None:
        del target[path[-1]]
    else:
        target[path[-1]] = to
    return found


@pytest.mark.parametrize(
    ("new", "kinds"),
    [
        (changed("info", to={"title": "Book shop", "version": "2"}), []),
        (changed(*MESSAGE, "payload", to=KEPT), []),
        (changed("channels", "Sold"), ["channel-removed:e"]),
        (changed("channels", to={"BookSold": DOCUMENT["channels"]["Sold"]}), []),
        (changed("channels", "Sold", "address", to="sold"), ["channel-address-changed:e"]),
        (changed("channels", "Bought", to={"address": "bought"}), ["channel-added:i"]),
        (changed("channels", "Sold", "messages", to={}), ["message-removed:e"]),
        (changed("channels", "Sold", "messages", "Sold", "$ref", to="#/nowhere"), ["not-comparable:w"]),
        (changed(*MESSAGE, "contentType", to="text/csv"), ["message-content-type-changed:e"]),
        (changed(*MESSAGE, "contentType"), []),
        (changed(*MESSAGE, "payload"), ["message-payload-removed:w"]),
        (changed(*MESSAGE, "payload", "required", to=[]), ["message-property-became-optional:e"]),
        (changed(*MESSAGE, "payload", "required", to=["id", "left"]), ["message-property-became-required:i"]),
        (changed(*MESSAGE, "payload", "properties", "left"), ["message-optional-property-removed:w"]),
        (changed(*MESSAGE, "payload", "properties", "id"), ["message-required-property-removed:e"]),
        (changed(*MESSAGE, "payload", "properties", "more", to={}), ["message-optional-property-added:i"]),
        (
            changed(*MESSAGE, "payload", "properties", "left", "type", to="number"),
            ["message-property-type-generalized:e"],
        ),
        (
            changed(*MESSAGE, "headers", "properties", "traceparent"),
            ["message-header-optional-property-removed:w"],
        ),
        (changed("operations", "send"), ["publisher-removed:e"]),
        (changed("operations", "receive"), ["receiver-removed:w"]),
    ],
)
def test_events(new, kinds):
    """Consumers of events find their channel and message, and can read what is in it."""
    assert sorted(f"{change.kind}:{change.level[0]}" for change in diff_asyncapi(DOCUMENT, new)) == kinds


def test_message_of_a_change():
    """A change names channel, message, property and values."""
    new = changed(*MESSAGE, "payload", "properties", "left", "type", to="string")
    (change,) = diff_asyncapi(DOCUMENT, new)
    assert str(change) == (
        "channel Sold, the payload of the message `Sold`: `left`: the type changed: integer -> string"
    )


@pytest.mark.parametrize("other", [{"asyncapi": "2.6.0"}, {"openapi": "3.1.0"}, []])
def test_other_documents(other):
    """What is no AsyncAPI 3 document is refused in one line."""
    with pytest.raises(CheckError, match="The new version says no version of AsyncAPI 3"):
        diff_asyncapi(DOCUMENT, other)
