"""What belongs together: operations and the events that they publish, services and those that they call."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from pytest_superteam.architect.behaviour.events import channel_of
from pytest_superteam.architect.behaviour.states import same_state, state_of_verb
from pytest_superteam.models import Dependency, Entity, Event, Operation

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from pytest_superteam.architect.facts import EventFact

__all__ = ["as_events", "dependencies", "subject_of", "with_publishes"]

_CREATED = frozenset(
    {
        "created",
        "placed",
        "added",
        "registered",
        "submitted",
        "opened",
        "made",
        "posted",
        "booked",
        "requested",
        "uploaded",
        "recorded",
    }
)
_UPDATED = frozenset({"updated", "changed", "modified", "edited"})
_DELETED = frozenset({"deleted", "removed"})


def subject_of(event: str, entities: Iterable[Entity]) -> Entity | None:
    """Return the entity that an event such as `OrderPlaced` is about: the longest name that it begins with."""
    fitting = [e for e in entities if event.startswith(e.name) and len(event) > len(e.name)]
    return max(fitting, key=lambda e: len(e.name), default=None)


def with_publishes(
    operations: Sequence[Operation], events: Sequence[Event], entities: Sequence[Entity]
) -> list[Operation]:
    """Return the operations with the events that a success of each publishes."""
    by_name = {e.name: e for e in entities}
    result = []
    for operation in operations:
        names = tuple(e.name for e in events if e.publisher == operation.service and _publishes(operation, e, by_name))
        result.append(replace(operation, publishes=names) if names else operation)
    return result


def _publishes(operation: Operation, event: Event, entities: dict[str, Entity]) -> bool:
    if event.entity is None or operation.entity != event.entity:
        return False
    past = event.name[len(event.entity) :]
    word = past.lower()
    if operation.kind == "transition":
        # `POST /jobs/{id}/start` moves to `running`, and is what JobStarted tells.
        verb = operation.path.rsplit("/", 1)[-1]
        named = same_state(past, operation.target_state or "") or state_of_verb(verb, (past,)) is not None
        return bool(operation.target_state) and named
    states = entities[event.entity].states
    moved = states is not None and any(same_state(past, t.target) for t in states.transitions)
    if operation.kind in ("create", "register"):
        return word in _CREATED and not moved
    if operation.kind in ("update", "replace", "update_me"):
        return word in _UPDATED
    if operation.kind == "delete":
        return word in _DELETED
    last = operation.path.rsplit("/", 1)[-1]
    return operation.kind == "action" and operation.method != "GET" and state_of_verb(last, (past,)) is not None


def as_events(facts: Iterable[EventFact], entities: Sequence[Entity], services: Sequence[str]) -> list[Event]:
    """Return the events with their subject; without a named publisher it is the service that keeps the subject."""
    result = []
    for fact in facts:
        subject = subject_of(fact.name, entities)
        publisher = (
            fact.publisher or (subject.service if subject else None) or (services[0] if len(services) == 1 else None)
        )
        name = fact.channel or channel_of(fact.name)
        result.append(
            Event(
                fact.name,
                name,
                publisher,
                tuple(c for c in fact.consumers if c != publisher),
                subject.name if subject else None,
                fact.description,
            )
        )
    return result


def dependencies(entities: Sequence[Entity], operations: Sequence[Operation]) -> tuple[list[Dependency], list[str]]:
    """Return who calls whom to check a reference, and a question for each that can't be checked.

    A reference to the User needs no call: the token says who the caller is.
    """
    by_name = {e.name: e for e in entities}
    reads = {
        o.entity: o
        for o in operations
        if o.kind == "read" and o.path.count("{") == 1 and by_name[o.entity or ""].service == o.service
    }
    found: dict[tuple[str, str, str], Dependency] = {}
    questions = []
    for entity in entities:
        for item in entity.fields:
            target = by_name.get(item.references or "")
            if target is None or target.name == "User" or target.service == entity.service:
                continue
            read = reads.get(target.name)
            if read is None:
                questions.append(
                    f"How does {entity.service} check {entity.name}.{item.name}? {target.service} has no "
                    f"operation that reads a {target.name}."
                )
                continue
            key = (entity.service, target.service, read.id)
            reason = f"{entity.name}.{item.name} references {target.name}"
            found.setdefault(key, Dependency(entity.service, target.service, read.id, target.name, reason=reason))
    return list(found.values()), questions
