"""Which flows an architecture makes possible, each with its name; nothing runs here."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pytest_superteam.checks.flows.design import Design
from pytest_superteam.checks.flows.moves import illegal_attempts, lawful_moves, reached_by
from pytest_superteam.contracts.plans import snake

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytest_superteam.models import Architecture, Entity, Event, Operation

__all__ = ["Flow", "plan_flows", "reachable_states", "told_events"]

_TELLS_PEOPLE = re.compile(r"notif|alert|message|audit|activit|history|feed|log", re.IGNORECASE)
_TELLABLE = frozenset({"string", "text", "enum", "boolean", "date", "datetime", "list", "json"})
"""Types of fields that can be filled from an event alone."""


@dataclass(frozen=True)
class Flow:
    """One sequence. `kind` says how it goes; `about` is the reference or the entity that it turns on, if any."""

    name: str
    service: str
    kind: str
    entity: str
    about: str = ""

    @property
    def illegal(self) -> bool:
        """Return whether its point is what must be refused."""
        return self.kind in {"illegal-moves", "unknown", "duplicate"}


def plan_flows(architecture: Architecture) -> tuple[Flow, ...]:
    """Return the flows of an architecture, each possible by its contracts, names distinct."""
    design = Design(architecture)
    found: dict[str, Flow] = {}
    for flow in _flows(design):
        found.setdefault(flow.name, flow)
    return tuple(found.values())


def _flows(design: Design) -> Iterator[Flow]:
    yield from _account(design)
    for entity in design.architecture.entities:
        create = design.creator(entity)
        if create is None or not design.creatable(entity.name) or (create.public and entity.owner_field):
            continue
        yield from _of_entity(design, entity, create)
    yield from _told(design)


def _name(entity: Entity, what: str) -> str:
    return f"{entity.service}-{snake(entity.name).replace('_', '-')}-{what}"


def _account(design: Design) -> Iterator[Flow]:
    entity = design.account
    register = next((o for o in design.architecture.operations if o.kind == "register"), None)
    if entity and register is not None and design.contract(register) is not None:
        yield Flow(f"{register.service}-account", register.service, "account", entity)


def _of_entity(design: Design, entity: Entity, create: Operation) -> Iterator[Flow]:
    if design.operation(entity, "read", "list", "update", "replace", "delete") is not None:
        yield Flow(_name(entity, "crud"), entity.service, "crud", entity.name)
    if 409 in design.documented(create) and design.unique(entity, create):
        yield Flow(_name(entity, "duplicate"), entity.service, "duplicate", entity.name)
    if design.refuses_rows(create):
        for name, target in design.checked_references(entity, create):
            what = snake(name).removesuffix("_id").replace("_", "-") or snake(target.name)
            yield Flow(_name(entity, f"unknown-{what}"), entity.service, "unknown", entity.name, name)
    if entity.states is None:
        return
    if any(m.source == entity.states.initial for m in lawful_moves(design, entity)):
        yield Flow(_name(entity, "lifecycle"), entity.service, "lifecycle", entity.name)
    if any(illegal_attempts(design, entity, state) for state in reachable_states(design, entity)):
        yield Flow(_name(entity, "illegal-moves"), entity.service, "illegal-moves", entity.name)


def reachable_states(design: Design, entity: Entity) -> tuple[str, ...]:
    """Return the states that a row can be brought into, the initial one first."""
    machine = entity.states
    if machine is None:
        return ()
    moves = lawful_moves(design, entity)
    states = dict.fromkeys((machine.initial, *machine.states))
    return tuple(s for s in states if reached_by(moves, machine.initial, s) is not None)


def _told(design: Design) -> Iterator[Flow]:
    """Yield a flow for each entity that tells people of events about another one."""
    for entity in design.architecture.entities:
        abouts = dict.fromkeys(e.entity for e, _ in told_events(design, entity) if e.entity)
        for about in abouts:
            name = _name(entity, f"of-{snake(about).replace('_', '-')}-events")
            yield Flow(name, entity.service, "told", entity.name, about)


def told_events(design: Design, entity: Entity) -> list[tuple[Event, str]]:
    """Return the events that must become a row of `entity`, each with the field that names what it is about.

    Only an entity that is there to tell of events counts (a notification, an audit entry), whose rows can be filled
    from the event alone, and which can be listed.
    """
    if not _TELLS_PEOPLE.search(entity.name) or design.operation(entity, "list") is None:
        return []
    found = []
    for event in design.architecture.events:
        about = design.named(event.entity)
        if about is None or event.publisher != about.service or entity.service not in event.consumers:
            continue
        link = next((f.name for f in entity.fields if f.references == about.name and not f.unique), None)
        if link and design.creatable(about.name) and _publishers(design, about, event) and _fillable(entity, about):
            found.append((event, link))
    return found


def _publishers(design: Design, about: Entity, event: Event) -> bool:
    maker = design.creator(about)
    makers = [maker] if maker else []
    movers = [m.operation for m in lawful_moves(design, about)]
    return any(event.name in o.publishes for o in (*makers, *movers))


def _fillable(entity: Entity, about: Entity) -> bool:
    held = {f.references for f in about.fields if f.references} | {about.name}
    for field in entity.fields:
        if not field.required or field.name in {"id", "created_at", "updated_at"} or field.default is not None:
            continue
        if field.type == "reference" and field.references in held and not field.unique:
            continue
        if field.type not in _TELLABLE or field.unique:
            return False
    return True
