"""The AsyncAPI 3.0 document of the events between services."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pytest_superteam.models import Architecture, Event

__all__ = ["document"]


def document(architecture: Architecture) -> dict[str, Any] | None:
    """Return the AsyncAPI document of the architecture's events, or None where there are none."""
    if not architecture.events:
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
    return {
        "asyncapi": "3.0.0",
        "info": {"title": architecture.title or "Events", "version": "1.0.0"},
        "channels": channels,
        "operations": operations,
        "components": {"messages": messages},
    }


def _keys(names: list[str]) -> list[str]:
    """Return a distinct key of the specification's alphabet for each name."""
    keys: list[str] = []
    for name in names:
        stem = re.sub(r"[^A-Za-z0-9_.-]", "", name) or "Event"
        keys.append(next(k for k in (stem, *(f"{stem}{i}" for i in range(2, 10_000))) if k not in keys))
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
