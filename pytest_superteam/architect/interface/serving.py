"""Which service serves what: the endpoints of the text in their places, and what must be there besides."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from pytest_superteam.architect.interface.auth import account_operations, api_prefix
from pytest_superteam.architect.interface.operations import crud, from_endpoint
from pytest_superteam.architect.interface.paths import Meaning, meaning, segments
from pytest_superteam.architect.interface.wishes import LOGS, Wishes
from pytest_superteam.architect.names import singular, stem, words

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from pytest_superteam.architect.facts import EndpointFact, Facts, ServiceFact
    from pytest_superteam.models import Entity, Operation

__all__ = ["Served", "serve"]

_ACCOUNT = frozenset({"register", "login", "logout", "me", "update_me"})
_NEAR = 12
"""Lines between two endpoints that stand in one list, at most."""
_SERVICE_WORDS = frozenset({"service", "api", "server", "svc", "microservice", "backend", "app", "core", "gateway"})


@dataclass
class Served:
    """Operations, still without ids, and what to ask the author about them."""

    operations: list[Operation] = field(default_factory=list)
    questions: list[str] = field(default_factory=list)


def serve(
    facts: Facts,
    services: Sequence[ServiceFact],
    entities: Sequence[Entity],
    roles: tuple[str, ...],
    issuer: str | None,
    *,
    auth: bool,
) -> Served:
    """Return the operations of all services.

    Args:
        facts: what was read.
        services: the services to build, at least one.
        entities: what they store.
        roles: the roles of users.
        issuer: the service that signs users in, if any.
        auth: whether the system knows users.
    """
    done = Served()
    by_name = {e.name: e for e in entities}
    states = {e.name: e.states.states for e in entities if e.states}
    places = _Places(services, by_name, issuer)
    for fact in facts.endpoints:
        what = meaning(fact, by_name, states)
        what = what if not what.entity or what.entity in by_name else Meaning("action")
        home = places.of(fact, what)
        entity = by_name.get(what.entity or "")
        if entity and entity.service != home:
            what, entity = Meaning("action"), None
        made = from_endpoint(fact, what, home, entity, roles, auth=auth)
        done.operations.append(_with_state_roles(made, entity))
    done.questions += places.questions
    done.operations += [
        _with_state_roles(o, by_name[o.entity or ""]) for o in _derived(facts, entities, done, issuer, auth)
    ]
    _answer_references(entities, done, auth=auth)
    if issuer:
        present = [o for o in done.operations if o.service == issuer]
        done.operations = account_operations(issuer, present, facts.auth_line or 1) + done.operations
    done.operations = _one_name_a_place(done.operations)
    return done


def _answer_references(entities: Sequence[Entity], done: Served, *, auth: bool) -> None:
    """Let each service read by id what another one keeps a reference to, so that the reference can be checked."""
    by_name = {e.name: e for e in entities}
    readable = {o.entity for o in done.operations if o.kind == "read" and o.path.count("{") == 1}
    for entity in entities:
        for item in entity.fields:
            target = by_name.get(item.references or "")
            if target is None or target.name in readable or target.name == "User" or target.service == entity.service:
                continue
            readable.add(target.name)
            present = [o for o in done.operations if o.service == target.service]
            read = next(o for o in crud(target, api_prefix(present), auth=auth) if o.kind == "read")
            if ("GET", _shape(read.path)) not in {(o.method, _shape(o.path)) for o in present}:
                done.operations.append(read)
                done.questions.append(
                    f"How does {entity.service} check {entity.name}.{item.name}? {target.service} had no operation "
                    f"that reads a {target.name}, so one was added."
                )


def _one_name_a_place(operations: Sequence[Operation]) -> list[Operation]:
    """Give the parameters of paths that differ in nothing else the same names: OpenAPI takes such paths for one."""
    first: dict[tuple[str, str], str] = {}
    result = []
    for operation in operations:
        path = first.setdefault((operation.service, _shape(operation.path)), operation.path)
        result.append(replace(operation, path=path) if path != operation.path else operation)
    return result


class _Places:
    """Finds the service of an endpoint: by its heading, its entity, its path, or what stands around it."""

    def __init__(self, services: Sequence[ServiceFact], by_name: Mapping[str, Entity], issuer: str | None) -> None:
        self._services = services
        self._entities = by_name
        self._issuer = issuer
        self._last: tuple[int, str] | None = None
        self.questions: list[str] = []
        self._named = {
            stem(word): s.name
            for s in reversed(services)
            for word in s.name.split("-")
            if word not in _SERVICE_WORDS and len(word) > 2
        }

    def of(self, fact: EndpointFact, what: Meaning) -> str:
        """Return the name of the service; where nothing in the text decides it, a question says so."""
        if len(self._services) == 1:
            return self._services[0].name
        sure = self._sure(fact, what)
        if sure:
            self._last = (fact.line, sure)
            return sure
        near = self._last is not None and 0 <= fact.line - self._last[0] <= _NEAR
        home = self._last[1] if near and self._last else self._services[0].name
        why = "it stands beside endpoints of that service" if near else "nothing in the text says so"
        self.questions.append(
            f"Which service serves {fact.method} {fact.path} (line {fact.line})? It went to {home}: {why}."
        )
        return home

    def _sure(self, fact: EndpointFact, what: Meaning) -> str | None:
        if what.kind in _ACCOUNT and self._issuer:
            return self._issuer
        if fact.service:
            return fact.service
        if what.entity in self._entities:
            return self._entities[what.entity or ""].service
        for part in segments(fact.path):
            for word in () if part.startswith("{") else words(part):
                if stem(word) in self._named:
                    return self._named[stem(word)]
                owner = next((e.service for n, e in self._entities.items() if n.lower() == singular(word)), None)
                if owner:
                    return owner
        return None


def _with_state_roles(operation: Operation, entity: Entity | None) -> Operation:
    """Give a move whose access the text leaves open the roles that may make it by the table of moves."""
    if operation.kind != "transition" or operation.roles or operation.public or entity is None or entity.states is None:
        return operation
    moves = [t for t in entity.states.transitions if t.target == operation.target_state]
    roles = tuple(dict.fromkeys(r for t in moves for r in t.roles)) if all(t.roles for t in moves) else ()
    return replace(operation, roles=roles)


# ---------------------------------------------------------------- what the text does not name


def _derived(facts: Facts, entities: Sequence[Entity], done: Served, issuer: str | None, auth: bool) -> list[Operation]:  # noqa: FBT001
    """Return the operations that follow from the entities.

    A service without any endpoint of the text gets those of its entities. In one that has some, an entity gets what a
    requirement asks for in words, and a way to be made where something needs a row of it and nothing makes one.
    """
    given = {s: [o for o in done.operations if o.service == s] for s in {e.service for e in entities}}
    needed = _needed(entities, done.operations)
    made: list[Operation] = []
    wishes = Wishes(facts.requirements)
    for entity in entities:
        if entity.name == "User" and issuer:
            continue
        present = given[entity.service]
        full = crud(entity, api_prefix(present), auth=auth)
        if not present:
            made += [o for o in full if o.kind in _usual(entity)]
            continue
        own = {o.kind for o in present if o.entity == entity.name}
        # Whose endpoints the text names has those that it shall have.
        asked = set() if own else wishes.of(entity.name)
        if entity.name in needed and "create" not in own:
            asked |= {"create"}
            done.questions.append(
                f"How do rows of {entity.name} come to be? Operations need one and none makes it, so one that does was "
                f"added."
            )
        taken = {(o.method, _shape(o.path)) for o in present + made if o.service == entity.service}
        made += [o for o in full if o.kind in asked and (o.method, _shape(o.path)) not in taken]
    return made


def _shape(path: str) -> str:
    return re.sub(r"\{[^{}]*\}", "{}", path)


def _usual(entity: Entity) -> frozenset[str]:
    """Return the kinds of operation that rows of this form need: logs are only read, ties are made and ended."""
    last = words(entity.name)[-1] if words(entity.name) else ""
    plain = [f for f in entity.fields if not f.read_only and f.name != "id"]
    ties = [f for f in plain if f.type == "reference"]
    if last in LOGS and len(words(entity.name)) > 1 and ties:
        return frozenset({"list", "create", "read"})
    if len(ties) >= 2 and len(ties) == len(plain):
        return frozenset({"list", "create", "read", "delete"})
    return frozenset({"list", "create", "read", "update", "delete", "transition"})


def _needed(entities: Sequence[Entity], operations: Iterable[Operation]) -> set[str]:
    """Return the entities without which an operation of the text can't succeed: its own row, or what a body must name.

    A path parameter of an operation on a row below (`/lots/{id}/slots`) is an own row too.
    """
    by_name = {e.name: e for e in entities}
    operations = list(operations)
    makers = {o.entity for o in operations if o.kind in ("create", "register", "replace")}
    ahead = {o.entity for o in operations if o.entity in by_name and o.kind == "create"}
    # One that other operations of the text act on, and not only read: a read of nothing is a 404, and right.
    ahead |= {o.entity for o in operations if o.entity in by_name and o.kind in ("update", "transition", "delete")}
    found: set[str] = set()
    while ahead:
        name = ahead.pop()
        if name is None or name in found:
            continue
        found.add(name)
        for item in by_name[name].fields:
            target = item.references
            if target in by_name and target not in found and item.required and not item.read_only:
                ahead.add(target)
    return {n for n in found if n not in makers and n != "User"}
