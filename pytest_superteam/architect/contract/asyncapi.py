"""The AsyncAPI 3.0 document of the events between services and of the streams to clients."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from pytest_superteam.architect.names import pascal

if TYPE_CHECKING:
    from pytest_superteam.models import Architecture, Event

__all__ = ["document"]


def document(architecture: Architecture) -> dict[str, Any] | None:
    """Return the AsyncAPI document of the architecture's events and streams, or None where there are none."""
    if not architecture.events and not architecture.sockets:
        return None
    keys = _keys([event.name for event in architecture.events])
    channels, operations, messages = {}, {}, {}
    for key, event in zip(keys, architecture.events, strict=True):
        messages[key] = _message(event)
        channels[key] = {
            "address": event.channel,
            "messages": {key: {"$ref": f"#/components/messages/{key}"}},
        }
        for action, service in _parties(event):
            operations[f"{service}-{action}-{key}"] = _operation(action, service, key)
    _add_streams(architecture, channels, operations, messages)
    return {
        "asyncapi": "3.0.0",
        "info": {"title": architecture.title or "Events", "version": "1.0.0"},
        "channels": channels,
        "operations": operations,
        "components": {"messages": messages},
    }


def _add_streams(
    architecture: Architecture, channels: dict[str, Any], operations: dict[str, Any], messages: dict[str, Any]
) -> None:
    """Add the WebSocket and server-sent-events paths: the text says where they are, and seldom what they carry."""
    keys = _keys([*channels, *(pascal(s.path) or "Stream" for s in architecture.sockets)])[len(channels) :]
    only = architecture.services[0].name if len(architecture.services) == 1 else None
    for key, stream in zip(keys, architecture.sockets, strict=True):
        service = stream.service or only
        messages[key] = {"name": key, "contentType": "application/json", "payload": {"type": "object"}}
        channel: dict[str, Any] = {"address": stream.path, "messages": {key: {"$ref": f"#/components/messages/{key}"}}}
        names = re.findall(r"\{([A-Za-z0-9_-]+)\}", stream.path)
        if names:
            channel["parameters"] = {name: {} for name in names}
        if stream.protocol == "websocket":
            channel["bindings"] = {"ws": {"method": "GET"}}
        if stream.summary:
            channel["summary"] = stream.summary
        channels[key] = channel | {"x-protocol": stream.protocol, "x-line": stream.line}
        for action in ("send", "receive") if stream.protocol == "websocket" else ("send",):
            operation = _operation(action, service or "", key)
            if service is None:
                del operation["x-service"]
            operations[f"{service or 'system'}-{action}-{key}"] = operation


def _keys(names: list[str]) -> list[str]:
    """Return a distinct key of the specification's alphabet for each name."""
    keys: list[str] = []
    taken: set[str] = set()
    for name in names:
        stem = re.sub(r"[^A-Za-z0-9_.-]", "", name) or "Event"
        key, number = stem, 2
        while key in taken:
            key, number = f"{stem}{number}", number + 1
        taken.add(key)
        keys.append(key)
    return keys


def _parties(event: Event) -> list[tuple[str, str]]:
    senders = [("send", event.publisher)] if event.publisher else []
    return senders + [("receive", consumer) for consumer in dict.fromkeys(event.consumers)]


def _operation(action: str, service: str, key: str) -> dict[str, Any]:
    return {
        "action": action,
        "channel": {"$ref": f"#/channels/{key}"},
        "messages": [{"$ref": f"#/channels/{key}/messages/{key}"}],
        "x-service": service,
    }


def _message(event: Event) -> dict[str, Any]:
    text = {"type": "string"}
    payload = {
        "type": "object",
        "required": ["id", "type", "source", "time", "data"],
        "properties": {
            "id": text,
            "type": {"const": event.name},
            "source": text,
            "time": {"type": "string", "format": "date-time"},
            "data": {"type": "object"},
        },
    }
    message: dict[str, Any] = {"name": event.name, "contentType": "application/json", "payload": payload}
    message["headers"] = {"type": "object", "properties": {"traceparent": text}}
    if event.description:
        message["summary"] = event.description
    if event.entity:
        message["x-entity"] = event.entity
    if event.source:
        message["x-line"] = event.source.line
    return message
