"""What a schema can't say of a design: names that refer to each other, paths and states that fit together.

Asked of what a person or an agent wrote; each problem is one line that starts with the file and the place in it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from itertools import islice
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from collections.abc import Set as AbstractSet
    from typing import Any

    from pytest_superteam.models import Architecture, Entity, Operation

__all__ = ["contract_differences", "problems"]

_MAP, _DOMAIN = "service-map.yaml", "domain-model.yaml"
_PATH = re.compile(r"/[\w.~:@$+,;=!*'()/{}-]{0,299}", re.ASCII)
_PARAMETER = re.compile(r"\{([^{}]*)\}")
_METHODS = ("get", "post", "put", "patch", "delete")
_ON_ENTITIES = frozenset({"create", "list", "read", "update", "replace", "delete", "transition"})
MAX_SERVICES, MAX_ENTITIES, MAX_OPERATIONS = 100, 2000, 5000
"""More than any document that was seen asks for; a design beyond them is a mistake or an attack."""


def problems(system: Architecture) -> Iterator[str]:
    """Yield what does not fit together in a design that its schemas allow, the most telling first."""
    for name, found, most in (
        (f"{_MAP}: services", system.services, MAX_SERVICES),
        (f"{_DOMAIN}: entities", system.entities, MAX_ENTITIES),
        (f"{_MAP}: operations", system.operations, MAX_OPERATIONS),
    ):
        if len(found) > most:
            yield f"{name}: there are {len(found)}; allowed are {most}."
            return
    yield from _twice(f"{_MAP}: services", (s.name for s in system.services))
    yield from _twice(f"{_DOMAIN}: entities", (e.name for e in system.entities))
    services, entities = {s.name for s in system.services}, {e.name for e in system.entities}
    for index, entity in enumerate(system.entities):
        yield from (f"{_DOMAIN}: entities[{index}]{what}" for what in _of_entity(entity, services, entities))
    yield from _operations(system)
    yield from _events(system)
    yield from _dependencies(system)


def _twice(place: str, names: Iterable[str]) -> Iterator[str]:
    seen: set[str] = set()
    for name in names:
        if name in seen:
            yield f"{place}: two are called '{name}'."
        seen.add(name)


def _of_entity(entity: Entity, services: AbstractSet[str], entities: AbstractSet[str]) -> Iterator[str]:
    names = [item.name for item in entity.fields]
    if entity.service not in services:
        yield f".service: '{entity.service}' is no service of {_MAP}."
    yield from _twice(".fields", names)
    if entity.owner_field and entity.owner_field not in names:
        yield f".owner_field: '{entity.owner_field}' is no field of {entity.name}."
    yield from _of_fields(entity, entities)
    yield from _of_states(entity)


def _of_fields(entity: Entity, entities: AbstractSet[str]) -> Iterator[str]:
    for index, item in enumerate(entity.fields):
        if item.type == "reference" and not item.references:
            yield f".fields[{index}].references: missing; a field of type 'reference' names an entity."
        if item.references and item.references not in entities:
            yield f".fields[{index}].references: '{item.references}' is no entity."
        if item.type == "enum" and not item.enum:
            yield f".fields[{index}].enum: missing; a field of type 'enum' lists its values."


def _of_states(entity: Entity) -> Iterator[str]:
    machine = entity.states
    if machine is None:
        return
    if entity.field_named(machine.field) is None:
        yield f".states.field: '{machine.field}' is no field of {entity.name}."
    if machine.initial not in machine.states:
        yield f".states.initial: '{machine.initial}' is no state of {entity.name}."
    for index, move in enumerate(machine.transitions):
        for end, state in (("source", move.source), ("target", move.target)):
            if state not in machine.states:
                yield f".states.transitions[{index}].{end}: '{state}' is no state of {entity.name}."


def _operations(system: Architecture) -> Iterator[str]:
    entities = {e.name: e for e in system.entities}
    ids: set[tuple[str, str]] = set()
    routes: set[tuple[str, str, str]] = set()
    for index, operation in enumerate(system.operations):
        place = f"{_MAP}: operations[{index}]"
        yield from (f"{place}{what}" for what in _of_operation(operation, system, entities))
        if not _PATH.fullmatch(operation.path) or not _parameters_fit(operation.path):
            yield f"{place}.path: '{operation.path[:80]}' is no path such as /orders/{{id}}."
        if (operation.service, operation.id) in ids:
            yield f"{place}.id: '{operation.service}' has two operations '{operation.id}'."
        route = (operation.service, operation.method, _PARAMETER.sub("{}", operation.path))
        if route in routes:
            yield f"{place}: '{operation.service}' has {operation.method} {operation.path} twice."
        ids.add((operation.service, operation.id))
        routes.add(route)


def _of_operation(operation: Operation, system: Architecture, entities: Mapping[str, Entity]) -> Iterator[str]:
    if all(service.name != operation.service for service in system.services):
        yield f".service: '{operation.service}' is no service."
    if operation.entity and operation.entity not in entities:
        yield f".entity: '{operation.entity}' is no entity of {_DOMAIN}."
    if operation.kind in _ON_ENTITIES and not operation.entity:
        yield f".entity: missing; '{operation.kind}' works on an entity."
    entity = entities.get(operation.entity or "")
    machine = entity.states if entity else None
    if operation.target_state and machine and operation.target_state not in machine.states:
        yield f".target_state: '{operation.target_state}' is no state of {operation.entity}."
    for name in operation.publishes:
        if all(event.name != name for event in system.events):
            yield f".publishes: '{name}' is no event."


def _parameters_fit(path: str) -> bool:
    names = _PARAMETER.findall(path)
    plain = _PARAMETER.sub("", path)
    return len(set(names)) == len(names) and all(n.isidentifier() for n in names) and not set("{}") & set(plain)


def _events(system: Architecture) -> Iterator[str]:
    services, entities = {s.name for s in system.services}, {e.name for e in system.entities}
    yield from _twice(f"{_MAP}: events", (e.name for e in system.events))
    for index, event in enumerate(system.events):
        named = [("publisher", event.publisher)] if event.publisher else []
        for key, name in [*named, *(("consumers", name) for name in event.consumers)]:
            if name not in services:
                yield f"{_MAP}: events[{index}].{key}: '{name}' is no service."
        if event.entity and event.entity not in entities:
            yield f"{_MAP}: events[{index}].entity: '{event.entity}' is no entity of {_DOMAIN}."
    for index, socket in enumerate(system.sockets):
        if socket.service and socket.service not in services:
            yield f"{_MAP}: sockets[{index}].service: '{socket.service}' is no service."


def _dependencies(system: Architecture) -> Iterator[str]:
    services, entities = {s.name for s in system.services}, {e.name for e in system.entities}
    operations = {(o.service, o.id) for o in system.operations}
    for index, call in enumerate(system.dependencies):
        place = f"{_MAP}: dependencies[{index}]"
        for key, name in (("consumer", call.consumer), ("provider", call.provider)):
            if name not in services:
                yield f"{place}.{key}: '{name}' is no service."
        if call.consumer == call.provider:
            yield f"{place}: '{call.consumer}' depends on itself."
        if call.provider in services and (call.provider, call.operation) not in operations:
            yield f"{place}.operation: '{call.operation}' is no operation of '{call.provider}'."
        if call.entity and call.entity not in entities:
            yield f"{place}.entity: '{call.entity}' is no entity of {_DOMAIN}."


def contract_differences(system: Architecture, service: str, contract: Mapping[str, Any]) -> Iterator[str]:
    """Yield where a contract and the operations of its service name other things."""
    served: dict[tuple[str, str], str] = {}
    paths = contract.get("paths")
    for path, item in paths.items() if isinstance(paths, Mapping) else ():
        for method in _METHODS:
            entry = item.get(method) if isinstance(item, Mapping) else None
            if isinstance(entry, Mapping):
                served[method.upper(), _PARAMETER.sub("{}", str(path))] = str(entry.get("operationId", ""))
    for operation in system.operations_of(service):
        key = operation.method, _PARAMETER.sub("{}", "/" + operation.path.lstrip("/"))
        if key not in served:
            yield f"{_MAP} has {operation.method} {operation.path}, the contract has not."
        elif served[key] != operation.id:
            yield f"{_MAP} calls {operation.method} {operation.path} '{operation.id}', the contract '{served[key]}'."
        served.pop(key, None)
    for method, path in islice(served, 1):
        yield f"the contract has {method} {path}, {_MAP} has not."
