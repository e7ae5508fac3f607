"""Which operations to call, so that every hop of the service map is taken: calls and events."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pytest_superteam.models import Architecture, Dependency, Event, Operation

__all__ = ["by_event", "event_hops", "publishers", "receiver", "simple_operations", "transported", "triggers"]

_WRITES = ("create", "replace", "update", "action", "update_me", "transition")
_SIMPLE = ("list", "read", "me", "action", "create", "register", "login", "receive_event")
_HARMLESS = (
    "create",
    "transition",
    "update",
    "replace",
    "action",
    "register",
    "update_me",
    "login",
    "delete",
    "logout",
)
_HTTP = frozenset({"http", "https"})


def triggers(architecture: Architecture, dependency: Dependency) -> list[Operation]:
    """Return the operations that make the consumer ask the provider, likeliest first.

    They write an entity that refers to the provider's: whether the row exists has to be asked.
    """
    operations = architecture.operations_of(dependency.consumer)
    found = [o for o in operations if o.kind in _WRITES and _refers(architecture, o, dependency.entity)]
    return sorted(found, key=lambda o: _WRITES.index(o.kind))


def _refers(architecture: Architecture, operation: Operation, entity: str | None) -> bool:
    own = architecture.entity_named(operation.entity) if operation.entity else None
    return own is not None and any(f.references == entity and not f.read_only for f in own.fields if f.references)


def simple_operations(architecture: Architecture, service: str) -> list[Operation]:
    """Return the operations of `service` that a plain request can be made for, the least effort first."""
    found = [o for o in architecture.operations_of(service) if o.kind in _SIMPLE]
    return sorted(found, key=lambda o: (o.method != "GET", _SIMPLE.index(o.kind), o.path.count("{")))


def publishers(architecture: Architecture, event: Event) -> list[Operation]:
    """Return the operations that publish `event`, those first that harm nobody's rows."""
    found = [o for o in architecture.operations if event.name in o.publishes and o.kind != "receive_event"]
    own = [o for o in found if event.publisher in (None, o.service)] or found
    return sorted(own, key=lambda o: _HARMLESS.index(o.kind) if o.kind in _HARMLESS else len(_HARMLESS))


def by_event(architecture: Architecture) -> dict[str, list[Operation]]:
    """Return event name -> operations that publish it, for the events that can be tried at all."""
    if not transported(architecture.asyncapi):
        return {}
    found = {event.name: publishers(architecture, event) for event in architecture.events}
    return {name: operations for name, operations in found.items() if operations}


def transported(asyncapi: Mapping[str, Any] | None) -> bool:
    """Return whether events travel over HTTP: the document names no other transport (a broker)."""
    document = asyncapi if isinstance(asyncapi, dict) else {}
    servers, channels = document.get("servers"), document.get("channels")
    protocols = {
        str(server.get("protocol", "http")).lower()
        for server in (servers.values() if isinstance(servers, dict) else ())
        if isinstance(server, dict)
    }
    for channel in channels.values() if isinstance(channels, dict) else ():
        bindings = channel.get("bindings") if isinstance(channel, dict) else None
        if isinstance(bindings, dict):
            protocols |= {str(name).lower() for name in bindings if name != "ws"}
    return protocols <= _HTTP


def receiver(architecture: Architecture, service: str) -> Operation | None:
    """Return the operation by which `service` takes events, if it has one."""
    return next((o for o in architecture.operations_of(service) if o.kind == "receive_event"), None)


def event_hops(architecture: Architecture) -> dict[tuple[str, str], list[str]]:
    """Return (publisher, consumer) -> names of the events that go from one to the other and can be tried."""
    hops: dict[tuple[str, str], list[str]] = {}
    tried = by_event(architecture)
    for event in architecture.events:
        for consumer in dict.fromkeys(event.consumers):
            if event.name in tried and receiver(architecture, consumer):
                hops.setdefault((tried[event.name][0].service, consumer), []).append(event.name)
    return hops
