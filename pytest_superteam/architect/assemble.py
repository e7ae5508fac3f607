"""Facts to an architecture: decide services and accounts, place the entities, make the operations, link it all."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from pytest_superteam.architect.behaviour.machines import derived_machine, machines
from pytest_superteam.architect.behaviour.states import state_of_verb
from pytest_superteam.architect.behaviour.traces import link_requirements
from pytest_superteam.architect.contract.authored import with_contracts
from pytest_superteam.architect.decomposition.datastores import datastores_of
from pytest_superteam.architect.decomposition.placement import Home, allocate, contexts
from pytest_superteam.architect.document.titles import short_name
from pytest_superteam.architect.facts import EntityFact, Facts, ServiceFact
from pytest_superteam.architect.interface.auth import issuer_of, with_user
from pytest_superteam.architect.interface.links import as_events, dependencies, with_publishes
from pytest_superteam.architect.interface.operations import event_receiver, with_ids
from pytest_superteam.architect.interface.paths import entity_of_segment, meaning, segments
from pytest_superteam.architect.interface.remote import open_procedures
from pytest_superteam.architect.interface.serving import serve
from pytest_superteam.architect.model.derive import entities_of
from pytest_superteam.architect.model.domain import finished
from pytest_superteam.architect.model.relations import with_references
from pytest_superteam.architect.names import kebab
from pytest_superteam.errors import PrdError
from pytest_superteam.models import Architecture, Contradiction, Entity, Event, Operation, Service, Source

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["assemble"]

_NAMED = 5
"""Names in one question, at most."""


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
    formed: dict[str, Home]
    """Homes of the entities that the services were formed of, where the text names no services."""


def assemble(facts: Facts, sha256: str) -> Architecture:
    """Return the architecture that the facts describe.

    Raises:
        PrdError: there is nothing to build in them.
    """
    draft = _begin(facts)
    for stage in (_domain, _operations, _events, _finish):
        stage(draft)
    stores = datastores_of(draft.services, draft.entities, facts.datastores)
    calls, unanswered = dependencies(draft.entities, draft.operations)
    draft.questions += unanswered
    system = Architecture(
        title=facts.title or draft.services[0].name,
        prd_sha256=sha256,
        services=tuple(
            Service(
                s.name,
                s.description,
                draft.auth and s.name == draft.issuer,
                Source(s.line, "explicit" if s.explicit else "derived"),
                s.reason,
                stores[s.name],
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
    if not facts.contracts:
        return system
    given, open_contracts = with_contracts(system, facts.contracts)
    return replace(system, contracts=given, questions=(*system.questions, *open_contracts))


def _begin(facts: Facts) -> _Draft:
    contradictions = list(facts.contradictions)
    found = entities_of(facts, contradictions)
    signs_in = any(meaning(e, (), {}).kind in ("register", "login") for e in facts.endpoints)
    if not (any(s.explicit for s in facts.services) or facts.endpoints or found or facts.sign_in):
        raise PrdError(
            "--prd: the text describes no backend: no service, endpoint, data model or thing to manage is in it. "
            "Allowed is a document that says what to build. Add entities, endpoints or features."
        )
    services, formed = _services(facts, found)
    auth = bool(facts.auth_line) or signs_in
    issuer = issuer_of(services, facts.endpoints, found) if auth else None
    if issuer:
        found = with_user(found, facts.roles, facts.auth_line or 1)
    questions = [*_about_services(facts, services), *open_procedures(facts.ignored)]
    if not auth:
        questions.append(
            "Who may call the operations? The text names no users and no sign-in, so all of them are public."
        )
    if auth and not issuer:
        questions.append(
            "Which service signs users in? The text speaks of users but names none for it, so tokens come from outside."
        )
    return _Draft(
        facts, services, facts.roles if auth else (), auth, issuer, found, questions, contradictions, [], [], [], formed
    )


def _services(facts: Facts, found: list[EntityFact]) -> tuple[tuple[ServiceFact, ...], dict[str, Home]]:
    """Return the services that the text names, else those that it asks for without names, else the only one."""
    if facts.services:
        return facts.services, {}
    if facts.several:
        formed, homes = contexts(found, facts.relations, facts.several)
        if formed:
            return formed, homes
    only = "the text describes one backend and no name for it" if not facts.several else "the text names no services"
    return (ServiceFact(short_name(facts.title), 1, explicit=False, reason=only),), {}


def _about_services(facts: Facts, services: tuple[ServiceFact, ...]) -> list[str]:
    """Return the questions that names of services, or their lack, leave open."""
    questions = [
        f"What is {s.name} called in Latin letters (line {s.line})? Its name can't be that of a folder."
        for s in services
        if re.fullmatch(r"service-\d+", s.name)
    ]
    listed = [c for c in facts.components if c.kind == "module" and re.search(r"\bservices?'$", c.reason)]
    if len(listed) > 1 and not facts.services:
        names = ", ".join(c.name for c in listed[:_NAMED]) + (" and more" if len(listed) > _NAMED else "")
        questions.append(
            f"Are {names} services of their own (line {listed[0].line})? They are {listed[0].reason}, and none is "
            f"called a service: `{kebab(listed[0].name)}-service` says so."
        )
    if facts.several and len(services) == 1:
        questions.append(
            f"Which services should there be? The text asks for microservices (line {facts.several}) and names none; "
            f"it is one service."
        )
    elif facts.several:
        questions.append(
            f"Are these the services that you want: {', '.join(s.name for s in services)}? The text asks for "
            f"microservices (line {facts.several}) and names none; they follow from which entities belong together."
        )
    return questions


def _domain(draft: _Draft) -> None:
    facts = draft.facts
    draft.entity_facts, open_ties = with_references(draft.entity_facts, facts.relations)
    draft.questions += open_ties
    homes = allocate(draft.entity_facts, draft.services, facts.endpoints, draft.issuer, facts.relations) | draft.formed
    if draft.issuer and len(draft.services) > 1:
        homes["User"] = Home(draft.issuer, "signs users in")
    known = [f.name for f in draft.entity_facts]
    for fact in draft.entity_facts:
        home = homes[fact.name]
        entity, questions = finished(fact, home.service, known, facts.endpoints, draft.roles)
        draft.entities.append(replace(entity, reason=home.reason))
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
    served = serve(draft.facts, draft.services, draft.entities, draft.roles, draft.issuer, auth=draft.auth)
    draft.operations = served.operations
    draft.questions += served.questions


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
