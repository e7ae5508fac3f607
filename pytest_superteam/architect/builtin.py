"""The built-in architect: deterministic, no model and no network; every fact with the line that it rests on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_superteam.architect.assemble import assemble
from pytest_superteam.architect.derive import mentioned_entities
from pytest_superteam.architect.endpoints import read_endpoints
from pytest_superteam.architect.entities import read_entities
from pytest_superteam.architect.events import read_events
from pytest_superteam.architect.exclusions import read_exclusions
from pytest_superteam.architect.facts import Facts
from pytest_superteam.architect.hints import attributes_in_prose, wrong_counts
from pytest_superteam.architect.requirements import read_milestones, read_requirements
from pytest_superteam.architect.roles import auth_line, read_roles, speaks_of_sign_in, with_marked
from pytest_superteam.architect.sections import Document, read_document
from pytest_superteam.architect.services import ServiceIndex, read_services
from pytest_superteam.architect.states import read_states

if TYPE_CHECKING:
    from pytest_superteam.architect.prd import Prd
    from pytest_superteam.models import Architecture

__all__ = ["design", "read_facts"]


def design(prd: Prd) -> Architecture:
    """Return the architecture that a requirements document describes, still without contracts.

    Raises:
        PrdError: there is no backend in the text, two services have one name, or a service has an unusable one.
    """
    return assemble(read_facts(read_document(prd.text)), prd.sha256)


def read_facts(document: Document) -> Facts:
    """Return everything that the readers find in `document`.

    Raises:
        PrdError: two services have one name, or a service has an unusable one.
    """
    services = read_services(document)
    index = ServiceIndex(services)
    endpoints = read_endpoints(document, index)
    entities = read_entities(document, index)
    attributes = attributes_in_prose(document)
    if not services and not endpoints and not [e for e in entities if e.rank >= 2]:
        known = {e.name for e in entities}
        texts = [
            line
            for s in document.live()
            if s.kind != "nonfunctional"
            for b in s.blocks
            if b.kind != "code"
            for line in b.lines()
        ]
        entities += tuple(e for e in mentioned_entities(texts, document.text, attributes) if e.name not in known)
    return Facts(
        title=document.title,
        services=services,
        entities=entities,
        endpoints=endpoints,
        states=read_states(document, entities),
        events=read_events(document, index),
        roles=with_marked(read_roles(document, entities), (e.access for e in endpoints)),
        requirements=read_requirements(document),
        milestones=read_milestones(document),
        exclusions=read_exclusions(document),
        auth_line=auth_line(document),
        sign_in=speaks_of_sign_in(document),
        attributes=attributes,
        contradictions=wrong_counts(document, endpoints),
    )
