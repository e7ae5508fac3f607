"""Two AsyncAPI 3 documents compared: consumers find their channels and messages, and read the payloads."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from pytest_superteam.contracts.diff.documents import scene_of
from pytest_superteam.contracts.diff.lifecycle import Policy
from pytest_superteam.contracts.diff.places import MESSAGE, MESSAGE_HEADERS
from pytest_superteam.contracts.diff.reading import mapping, text
from pytest_superteam.errors import CheckError
from pytest_superteam.models import Severity

if TYPE_CHECKING:
    from datetime import date

    from pytest_superteam.contracts.diff.changes import Change
    from pytest_superteam.contracts.diff.reading import Document
    from pytest_superteam.contracts.diff.scene import Scene

__all__ = ["diff_asyncapi"]


def diff_asyncapi(old: Mapping[str, Any], new: Mapping[str, Any], *, today: date | None = None) -> tuple[Change, ...]:
    """Return every difference between two versions of an AsyncAPI 3 document that a consumer of its events can meet.

    A channel is the same where its key or its address is. Consumers read payloads, so that widening breaks them.

    Raises:
        CheckError: one of them is no AsyncAPI 3 document, or is nested beyond all measure.
    """
    for document, which in ((old, "old"), (new, "new")):
        if not isinstance(document, Mapping) or not str(document.get("asyncapi", "")).startswith("3."):
            raise CheckError(f"The {which} version says no version of AsyncAPI 3. Convert it to compare it.")
    scene = scene_of(old, new, Policy.at(today))
    try:
        _channels(scene)
        _operations(scene)
        return scene.finish()
    except (RecursionError, ValueError) as error:  # JSON that holds itself, nesting without end
        raise CheckError("The documents can't be compared: they are nested too deeply, or in a circle.") from error


def _by_key(document: Document) -> dict[str, Mapping[str, Any]]:
    return {key: document.part(value) for key, value in mapping(document.root.get("channels")).items()}


def _channels(scene: Scene) -> None:
    before, after = _by_key(scene.old), _by_key(scene.new)
    addresses = {text(channel.get("address")): key for key, channel in after.items()}
    partners = {
        key: key if key in after else addresses.get(text(channel.get("address")) or " ")
        for key, channel in before.items()
    }
    for key, channel in before.items():
        inner = replace(scene, operation=f"channel {key}")
        partner = partners[key]
        if partner is None:
            inner.add("channel-removed", old=channel.get("address"))
        else:
            _channel(inner, channel, after[partner])
    for key in after.keys() - set(partners.values()):
        replace(scene, operation=f"channel {key}").add("channel-added", new=after[key].get("address"))


def _channel(scene: Scene, old: Mapping[str, Any], new: Mapping[str, Any]) -> None:
    if old.get("address") != new.get("address"):
        scene.add("channel-address-changed", "the address", old.get("address"), new.get("address"))
    before, after = mapping(old.get("messages")), mapping(new.get("messages"))
    for name in sorted(before.keys() | after.keys()):
        where = f"the message `{name}`"
        if name not in after:
            scene.add("message-removed", where)
        elif name not in before:
            scene.add("message-added", where)
        elif not scene.unreadable(where, before[name], after[name]):
            _message(scene, where, scene.old.part(before[name]), scene.new.part(after[name]))


def _message(scene: Scene, where: str, old: Mapping[str, Any], new: Mapping[str, Any]) -> None:
    types = [
        part.get("contentType") or document.root.get("defaultContentType", "application/json")
        for part, document in ((old, scene.old), (new, scene.new))
    ]
    if types[0] != types[1]:
        scene.add("message-content-type-changed", where, *types)
    before, after = _schema(old.get("payload")), _schema(new.get("payload"))
    if before is None and after is not None:
        scene.add("message-payload-added", where)
    elif before is not None and after is None:
        scene.add("message-payload-removed", where)
    elif before is not None:
        scene.compare(before, after, MESSAGE, f"the payload of {where}")
    scene.compare(
        _schema(old.get("headers")) or True,
        _schema(new.get("headers")) or True,
        MESSAGE_HEADERS,
        f"the headers of {where}",
    )


def _schema(value: Any) -> Any:
    """Return the schema, out of the multi-format form that names its format beside it."""
    return value["schema"] if isinstance(value, Mapping) and "schema" in value and "schemaFormat" in value else value


def _operations(scene: Scene) -> None:
    """Report channels that nobody sends to, or receives from, any more."""
    before, after = _ends(scene.old), _ends(scene.new)
    channels = _by_key(scene.new).keys()
    for key, action in sorted(before - after):
        if key in channels:
            kind = "publisher-removed" if action == "send" else "receiver-removed"
            replace(scene, operation=f"channel {key}").add(kind)
    for key, action in sorted(after - before):
        replace(scene, operation=f"channel {key}").add("publisher-added", new=action, level=Severity.INFO)


def _ends(document: Document) -> set[tuple[str, str]]:
    """Return (channel, action) of the operations."""
    found = set()
    for value in mapping(document.root.get("operations")).values():
        operation = document.part(value)
        reference = text(mapping(operation.get("channel")).get("$ref"))
        found.add((reference.rsplit("/", 1)[-1], text(operation.get("action"))))
    return found
