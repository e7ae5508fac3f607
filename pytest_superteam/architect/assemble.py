"""Facts to an architecture: decide services and accounts, place the entities, make the operations, link it all."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from pytest_superteam.architect.auth import account_operations, issuer_of, with_user
from pytest_superteam.architect.derive import entities_of
from pytest_superteam.architect.domain import allocate, finished
from pytest_superteam.architect.facts import EndpointFact, EntityFact, Facts, ServiceFact
from pytest_superteam.architect.links import as_events, dependencies, with_publishes
from pytest_superteam.architect.machines import derived_machine, machines
from pytest_superteam.architect.names import kebab
from pytest_superteam.architect.operations import crud, event_receiver, from_endpoint, with_ids
from pytest_superteam.architect.paths import Meaning, entity_of_segment, meaning, segments
from pytest_superteam.architect.states import state_of_verb
from pytest_superteam.architect.traces import link_requirements
from pytest_superteam.errors import PrdError
from pytest_superteam.models import Architecture, Contradiction, Entity, Event, Operation, Service, Source

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["assemble"]


@dataclass
class _Draft:
    """The architecture while it grows."""

    facts: Facts
    services: tuple[ServiceFact, ...]
    roles: tuple[str, ...]
    auth: bool
    issuer: str | None
    entity_facts: list[EntityFact]
    questions: list[str]
    contradictions: list[Contradiction]
    entities: list[Entity]
    operations: list[Operation]
    events: list[Event]


def assemble(facts: Facts, sha256: str) -> Architecture:
    """Return the architecture that the facts describe.

    Raises:
        PrdError: there is nothing to build in them.
    """
    draft = _begin(facts)
    for stage in (_domain, _operations, _events, _finish):
        stage(draft)
    calls, unanswered = dependencies(draft.entities, draft.operations)
    draft.questions += unanswered
    return Architecture(
        title=facts.title or draft.services[0].name,
        prd_sha256=sha256,
        services=tuple(
            Service(
                s.name,
                s.description,
                draft.auth and s.name == draft.issuer,
                Source(s.line, "explicit" if s.explicit else "derived"),
            )
            for s in draft.services
        ),
        entities=tuple(draft.entities),
        operations=tuple(draft.operations),
        events=tuple(draft.events),
        dependencies=tuple(calls),
        roles=draft.roles,
        requirements=tuple(link_requirements(facts.requirements, draft.operations, draft.entities)),
        milestones=facts.milestones,
        excluded=tuple(e.text for e in facts.exclusions),
        questions=tuple(dict.fromkeys(draft.questions)),
        contradictions=tuple(draft.contradictions),
        components=facts.components,
        sockets=facts.sockets,
        ignored=facts.ignored,
    )


def _begin(facts: Facts) -> _Draft:
    contradictions = list(facts.contradictions)
    found = entities_of(facts, contradictions)
    signs_in = any(meaning(e, (), {}).kind in ("register", "login") for e in facts.endpoints)
    if not (facts.services or facts.endpoints or found or facts.sign_in):
        raise PrdError(
            "--prd: the text describes no backend: no service, endpoint, data model or thing to manage is in it. "
            "Allowed is a document that says what to build. Add entities, endpoints or features."
        )
    services = facts.services or (ServiceFact(_single_name(facts.title), 1, explicit=False),)
    auth = bool(facts.auth_line) or signs_in
    issuer = issuer_of(services, facts.endpoints, found) if auth else None
    if issuer:
        found = with_user(found, facts.roles, facts.auth_line or 1)
    questions = (
        []
        if auth
        else ["Who may call the operations? The text names no users and no sign-in, so all of them are public."]
    )
    if auth and not issuer:
        questions.append(
            "Which service signs users in? The text speaks of users but names none for it, so tokens come from outside."
        )
    return _Draft(
        facts, services, facts.roles if auth else (), auth, issuer, found, questions, contradictions, [], [], []
    )


def _single_name(title: str) -> str:
    """Return the name of the only service, from the title of the document."""
    name = ""
    for part in kebab(title).split("-"):
        if len(name) + len(part) > 45:
            break
        name = f"{name}-{part}" if name else part
    if not name:
        return "backend"
    return name if name[0].isalpha() else f"service-{name}"


def _domain(draft: _Draft) -> None:
    facts = draft.facts
    homes = allocate(draft.entity_facts, draft.services, facts.endpoints, draft.issuer)
    known = [f.name for f in draft.entity_facts]
    for fact in draft.entity_facts:
        entity, questions = finished(fact, homes[fact.name], known, facts.endpoints, draft.roles)
        draft.entities.append(entity)
        draft.questions += questions
    draft.entities, misfits = machines(draft.entities, facts.states, draft.roles)
    draft.contradictions += [Contradiction(text, lines) for text, lines in misfits]
    draft.entities = [_with_verbs(e, draft) for e in draft.entities]


def _with_verbs(entity: Entity, draft: _Draft) -> Entity:
    """Conclude a state machine from paths such as `/reservations/{id}/cancel`, when the text gives no moves."""
    field = next((f for f in entity.fields if f.type == "enum" and f.name in {"status", "state"}), None)
    if entity.states or field is None:
        return entity
    verbs: dict[str, str] = {}
    line = 0
    for fact in draft.facts.endpoints:
        parts = segments(fact.path)
        if (
            len(parts) >= 3
            and fact.method != "GET"
            and parts[-2].startswith("{")
            and entity_of_segment(parts[-3], (entity.name,))
        ):
            target = state_of_verb(parts[-1], field.enum)
            if target:
                verbs[parts[-1]] = target
                line = line or fact.line
    result = derived_machine(entity, verbs, line)
    if result.states:
        draft.questions.append(
            f"From which states may {entity.name}.{field.name} move (line {line})? The moves are "
            f"concluded from the operations."
        )
    return result


def _operations(draft: _Draft) -> None:
    by_name = {e.name: e for e in draft.entities}
    states = {e.name: e.states.states for e in draft.entities if e.states}
    made: list[Operation] = []
    for fact in draft.facts.endpoints:
        what = meaning(fact, by_name, states)
        if what.entity and what.entity not in by_name:
            what = Meaning("action")
        service = _home(fact, what, by_name, draft)
        entity = by_name.get(what.entity or "")
        if entity and entity.service != service:
            what, entity = Meaning("action"), None
        operation = from_endpoint(fact, what, service, entity, draft.roles, auth=draft.auth)
        made.append(_with_state_roles(operation, entity))
    served = {o.service for o in made}
    for entity in draft.entities:
        if entity.service not in served and not (entity.name == "User" and draft.issuer):
            made += [_with_state_roles(o, entity) for o in crud(entity, "", auth=draft.auth)]
    if draft.issuer:
        present = [o for o in made if o.service == draft.issuer]
        made = account_operations(draft.issuer, present, draft.facts.auth_line or 1) + made
    draft.operations = made


def _home(fact: EndpointFact, what: Meaning, by_name: dict[str, Entity], draft: _Draft) -> str:
    if what.kind in ("register", "login", "logout", "me", "update_me") and draft.issuer:
        return draft.issuer
    if fact.service:
        return fact.service
    if what.entity in by_name:
        return by_name[what.entity or ""].service
    first = next((p for p in segments(fact.path) if not p.startswith("{")), "")
    named = next((s.name for s in draft.services if s.name.split("-")[0] == first.rstrip("s")), None)
    return named or draft.services[0].name


def _with_state_roles(operation: Operation, entity: Entity | None) -> Operation:
    """Give a move whose access the text leaves open the roles that may make it by the table of moves."""
    if operation.kind != "transition" or operation.roles or operation.public or entity is None or entity.states is None:
        return operation
    moves = [t for t in entity.states.transitions if t.target == operation.target_state]
    roles = tuple(dict.fromkeys(r for t in moves for r in t.roles)) if all(t.roles for t in moves) else ()
    return replace(operation, roles=roles)


def _events(draft: _Draft) -> None:
    names = [s.name for s in draft.services]
    draft.events = as_events(draft.facts.events, draft.entities, names)
    lines = {f.name: f.line for f in draft.facts.events}
    draft.events = [replace(e, source=Source(lines[e.name])) for e in draft.events]
    for event in draft.events:
        if event.publisher is None:
            draft.questions.append(
                f"Which service publishes {event.name} (line {lines[event.name]})? The text names none."
            )
    consumed: dict[str, int] = {}
    for event in draft.events:
        for consumer in event.consumers:
            consumed.setdefault(consumer, lines[event.name])
    taken = {(o.service, o.method, o.path) for o in draft.operations}
    for service in names:
        if service in consumed and (service, "POST", "/events") not in taken:
            draft.operations.append(event_receiver(service, consumed[service]))


def _finish(draft: _Draft) -> None:
    order = {s.name: i for i, s in enumerate(draft.services)}
    draft.operations.sort(key=lambda o: order[o.service])
    draft.operations = with_publishes(with_ids(_distinct(draft.operations)), draft.events, draft.entities)
    for event in draft.events:
        if event.publisher and not any(event.name in o.publishes for o in draft.operations):
            draft.questions.append(f"What makes {event.publisher} publish {event.name}? No operation leads to it.")
    served = {o.service for o in draft.operations}
    draft.questions += [
        f"What does {s.name} do (line {s.line})? The text names no operation for it."
        for s in draft.services
        if s.name not in served
    ]


def _distinct(operations: Sequence[Operation]) -> list[Operation]:
    """Drop what a service would serve twice: the same method on paths that differ only in the names of parameters."""
    seen: set[tuple[str, str, str]] = set()
    result = []
    for operation in operations:
        path = "/".join("{}" if p.startswith("{") else p for p in operation.path.split("/"))
        if (operation.service, operation.method, path) not in seen:
            seen.add((operation.service, operation.method, path))
            result.append(operation)
    return result
