"""The built-in architect: deterministic, no model and no network; every fact with the line that it rests on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_superteam.architect.assemble import assemble
from pytest_superteam.architect.behaviour.events import read_events
from pytest_superteam.architect.behaviour.exclusions import read_exclusions
from pytest_superteam.architect.behaviour.hints import attributes_in_prose, wrong_counts
from pytest_superteam.architect.behaviour.requirements import read_milestones, read_requirements
from pytest_superteam.architect.behaviour.roles import auth_line, read_roles, speaks_of_sign_in, with_marked
from pytest_superteam.architect.behaviour.states import read_states
from pytest_superteam.architect.contract.authored import merged_endpoints, merged_entities, read_authored
from pytest_superteam.architect.decomposition.datastores import read_datastores
from pytest_superteam.architect.decomposition.services import ServiceIndex, read_services
from pytest_superteam.architect.document.sections import Document, read_document
from pytest_superteam.architect.document.titles import system_title
from pytest_superteam.architect.facts import Facts
from pytest_superteam.architect.interface.endpoints import read_interface
from pytest_superteam.architect.model.derive import implied_entities
from pytest_superteam.architect.model.entities import read_entities
from pytest_superteam.architect.model.relations import read_relations

if TYPE_CHECKING:
    from pathlib import Path

    from pytest_superteam.architect.document.prd import Prd
    from pytest_superteam.models import Architecture

__all__ = ["design", "read_facts"]


def design(prd: Prd) -> Architecture:
    """Return the architecture that a requirements document describes, still without contracts.

    Raises:
        PrdError: there is no backend in the text, two services have one name, or a service has an unusable one.
    """
    folder = prd.path if prd.path.is_dir() else prd.path.parent
    return assemble(read_facts(read_document(prd.text), folder), prd.sha256)


def read_facts(document: Document, folder: Path | None = None) -> Facts:
    """Return everything that the readers find in `document`.

    Args:
        document: the sections of the text.
        folder: where the text lies; an OpenAPI document that it names is read from below it.

    Raises:
        PrdError: two services have one name, or a service has an unusable one.
    """
    parts = read_services(document)
    services = parts.services
    index = ServiceIndex(services)
    authored = read_authored(document, folder, index)
    interface = read_interface(document, index)
    endpoints = merged_endpoints(authored, interface.endpoints)
    entities = merged_entities(authored.entities, read_entities(document, index))
    attributes = attributes_in_prose(document)
    roles = with_marked(read_roles(document, entities), [e.access for e in endpoints], document)
    relations = read_relations(document)
    entities += implied_entities(document, entities, endpoints, roles, relations, attributes)
    return Facts(
        title=system_title(document),
        services=services,
        entities=entities,
        endpoints=endpoints,
        states=read_states(document, entities),
        events=read_events(document, index),
        roles=roles,
        requirements=read_requirements(document),
        milestones=read_milestones(document),
        exclusions=read_exclusions(document),
        auth_line=auth_line(document),
        sign_in=speaks_of_sign_in(document),
        attributes=attributes,
        contradictions=(*parts.contradictions, *wrong_counts(document, endpoints)),
        components=parts.components,
        several=0 if services else parts.asked,
        relations=relations,
        sockets=interface.sockets,
        ignored=authored.ignored + interface.ignored,
        contracts=authored.contracts,
        datastores=read_datastores(document, index),
    )
