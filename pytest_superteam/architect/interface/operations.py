"""Operations: what the endpoints of the text mean, what follows from the entities when it names none, and their ids."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from pytest_superteam.architect.behaviour.roles import access_in, access_of
from pytest_superteam.architect.interface.paths import Meaning, segments
from pytest_superteam.architect.names import plural, singular, snake, vocabulary, words
from pytest_superteam.models import Entity, Operation, OperationKind, Parameter, Source

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from pytest_superteam.architect.facts import EndpointFact

__all__ = ["crud", "event_receiver", "from_endpoint", "with_ids"]

SERVICE_ROLE = "service"
"""The role of calls between services; it is no role of users."""

_SUCCESS: Mapping[str, int] = {"create": 201, "register": 201, "delete": 204, "logout": 204, "receive_event": 202}
# What a path ends in when it names a part of a row, and no verb.
_PARTS = vocabulary(
    "address avatar email image images location name password permissions preferences price profile "
    "quantity role roles settings state status stock"
)
PROBES = frozenset({"/health", "/ready"})
"""Paths that every service answers by itself, for whoever asks."""
_MOST_PARAMETERS = 30
_COUNTS = vocabulary(
    "day days from_page max_results month page page_no page_num page_number page_size pagesize per_page size year"
)
_FILTER = re.compile(r"\bfilter\w*\s*(?:by|on|:)?\s*([^.;()\n]{1,200})", re.IGNORECASE)


def from_endpoint(
    fact: EndpointFact, meaning: Meaning, service: str, entity: Entity | None, roles: tuple[str, ...], *, auth: bool
) -> Operation:
    """Return the operation of an endpoint, still without an id.

    Without a word about access, an operation needs a signed-in caller, unless it is how one signs in or the text
    knows no accounts at all.
    """
    public, allowed = access_of(fact.access or access_in(fact.summary, roles), roles)
    if meaning.kind in ("register", "login") or not auth or (fact.method == "GET" and fact.path in PROBES):
        public, allowed = True, ()
    elif meaning.kind in ("me", "update_me", "logout"):
        public, allowed = False, ()
    return Operation(
        id="",
        service=service,
        method=fact.method,
        path=fact.path,
        kind=meaning.kind,
        entity=meaning.entity,
        summary=fact.summary,
        public=bool(public),
        roles=allowed,
        success=_SUCCESS.get(meaning.kind, 200),
        parameters=_parameters(fact, entity if meaning.kind == "list" else None),
        target_state=meaning.target,
        source=Source(fact.line),
    )


def _parameters(fact: EndpointFact, entity: Entity | None) -> tuple[Parameter, ...]:
    """Return the query parameters: filters of a list of `entity`, and whatever else the query string names."""
    match = _FILTER.search(fact.summary) if entity else None
    named = [snake(p) for p in re.split(r",|\band\b|\bor\b|/|\betc\b", match.group(1))] if match else []
    found: dict[str, Parameter] = {}
    in_path = set(re.findall(r"\{(\w+)\}", fact.path))
    for name in [*fact.query, *named]:
        field = (entity.field_named(snake(name)) or entity.field_named(f"{snake(name)}_id")) if entity else None
        if field and field.type not in {"password", "json", "list"} and field.name not in {"id", "limit", "offset"}:
            found.setdefault(field.name, Parameter(field.name, field.type, enum=field.enum))
        elif (
            name in fact.query
            and name not in in_path
            and name not in {"limit", "offset"}
            and len(found) < _MOST_PARAMETERS
        ):
            found.setdefault(name, Parameter(name, "integer" if snake(name) in _COUNTS else "string"))
    return tuple(found.values())


def crud(entity: Entity, prefix: str, *, auth: bool) -> list[Operation]:
    """Return the operations that an entity needs when the text names no endpoint: CRUD, and a move into each state."""
    source = Source(entity.source.line if entity.source else 1, "derived")
    base = f"{prefix}/{entity.plural}"
    row = base + "/{id}"
    label = " ".join(words(entity.name))

    def made(kind: OperationKind, method: str, path: str, summary: str, target: str | None = None) -> Operation:
        return Operation(
            "",
            entity.service,
            method,
            path,
            kind,
            entity.name,
            summary,
            not auth,
            (),
            _SUCCESS.get(kind, 200),
            (),
            target,
            source=source,
        )

    filters = tuple(
        Parameter(f.name, f.type, enum=f.enum)
        for f in entity.fields
        if f.type in ("enum", "reference") and f.name != entity.owner_field
    )
    found = [
        replace(made("list", "GET", base, f"List {plural(label)}"), parameters=filters),
        made("create", "POST", base, f"Add a {label}"),
        made("read", "GET", row, f"Read a {label}"),
        made("update", "PATCH", row, f"Change a {label}"),
        made("delete", "DELETE", row, f"Remove a {label}"),
    ]
    if entity.states:
        targets = dict.fromkeys(t.target for t in entity.states.transitions)
        found += [
            made("transition", "POST", f"{row}/mark-{'-'.join(words(t.lower())) or n}", f"Move a {label} to {t}", t)
            for n, t in enumerate(targets)
        ]
    return found


def event_receiver(service: str, line: int) -> Operation:
    """Return the operation by which `service` takes the events of others."""
    return Operation(
        "receive_event",
        service,
        "POST",
        "/events",
        "receive_event",
        summary="Take an event from another service",
        roles=(SERVICE_ROLE,),
        success=202,
        source=Source(line, "derived"),
    )


def with_ids(operations: Iterable[Operation]) -> list[Operation]:
    """Return the operations with snake_case ids, unique within each service."""
    taken: set[tuple[str, str]] = set()
    result = []
    for operation in operations:
        choices = _ids(operation)
        name = next((c for c in choices if (operation.service, c) not in taken), "")
        number = 2
        while not name:
            candidate = f"{choices[0]}_{number}"
            name = candidate if (operation.service, candidate) not in taken else ""
            number += 1
        taken.add((operation.service, name))
        result.append(replace(operation, id=name))
    return result


def _ids(operation: Operation) -> list[str]:
    statics = [s for s in segments(operation.path) if not s.startswith("{")]
    thing = snake(operation.entity or "")
    things = "_".join([*thing.split("_")[:-1], plural(thing.split("_")[-1])]) if thing else ""
    around = [_one(s) for s in statics if snake(s) not in (thing, things)]
    verb = snake(statics[-1]) if statics else ""
    match operation.kind:
        case "me":
            names = ["me", "read_me", "_".join(["read", *map(_one, statics)])]
        case "register" | "login" | "logout" | "update_me" | "receive_event":
            names = [operation.kind, "_".join([operation.kind, *around])]
        case "list":
            own = "my_" if {"me", "mine", "my"} & set(statics) else ""
            names = [f"list_{own}{things}", f"list_{'_'.join([*around, things])}"]
        case "transition" if operation.target_state is None:
            names = [f"update_{thing}_{verb}", "_".join(["update", *around])]
        case "transition":
            marked = f"mark_{thing}_{verb.removeprefix('mark_')}" if verb.startswith("mark_") else f"{verb}_{thing}"
            names = [marked, f"{verb}_{'_'.join([*around[:-1], thing])}"]
        case "action":
            names = _action_ids(operation, statics, verb)
        case kind:
            names = [f"{kind}_{thing}", f"{kind}_{'_'.join([*around, thing])}"]
    return [n[:80].strip("_") for n in names if n] or ["call"]


def _one(segment: str) -> str:
    parts = words(segment)
    return "_".join([*parts[:-1], singular(parts[-1])]) if parts else "x"


def _action_ids(operation: Operation, statics: Sequence[str], verb: str) -> list[str]:
    before = _one(statics[-2]) if len(statics) > 1 else ""
    of_row = operation.path.count("/") > 2 and operation.path.rsplit("/", 2)[-2].startswith("{")
    if of_row and operation.method in ("PUT", "PATCH") and verb not in _PARTS and before:
        return [f"{verb}_{before}", "_".join([*map(_one, statics[:-2]), verb, before])]
    if verb.startswith("from_") and before:
        return [f"create_{before}_{verb}"]
    lead = {"GET": "get", "PUT": "update", "PATCH": "update", "DELETE": "delete"}.get(operation.method, "")
    if lead:
        return ["_".join(p for p in (lead, before, verb) if p), "_".join([lead, *map(_one, statics)])]
    return ["_".join(p for p in (verb, before) if p) or "call", "_".join(["post", *map(_one, statics)])]
