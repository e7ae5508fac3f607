"""What the readers find in the text, before it becomes an architecture: each fact with its line."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from pytest_superteam.models import Component, Contradiction, Field, Ignored, Milestone, Requirement, Socket

__all__ = [
    "ContractFact",
    "EndpointFact",
    "EntityFact",
    "EventFact",
    "Exclusion",
    "Facts",
    "FieldFact",
    "RelationFact",
    "ServiceFact",
    "StateFact",
]


@dataclass(frozen=True)
class ServiceFact:
    """A deployable that the text names. `name` is normalised."""

    name: str
    line: int
    description: str = ""
    explicit: bool = True
    aliases: tuple[str, ...] = ()
    """Other names, normalised, that the text has for it."""
    about: str = ""
    """What the text says under its name, as far as that helps to place entities."""
    reason: str = ""
    """Why it is one: the list that names it, or the rule."""


@dataclass(frozen=True)
class FieldFact:
    """A field of an entity; `owner` when the text says that it holds whose row it is."""

    field: Field
    owner: bool = False


@dataclass(frozen=True)
class EntityFact:
    """An entity. `rank` says how well it is described: 3 table or DDL, 2 typed bullets, 1 names, 0 only mentioned."""

    name: str
    line: int
    fields: tuple[FieldFact, ...] = ()
    service: str | None = None
    description: str = ""
    rank: int = 0
    explicit: bool = True


@dataclass(frozen=True)
class EndpointFact:
    """A method on a path. `access` is what the text says about who may call it, `service` whose section it is in."""

    method: str
    path: str
    line: int
    summary: str = ""
    access: str = ""
    service: str | None = None
    query: tuple[str, ...] = ()


@dataclass(frozen=True)
class StateFact:
    """Moves between states: (source, target, roles text, line), and the entity that the heading names, if any."""

    entity: str | None
    moves: tuple[tuple[str, str, str, int], ...]
    line: int


@dataclass(frozen=True)
class EventFact:
    """An event, PascalCase, with the services that publish and consume it as far as the text says."""

    name: str
    line: int
    publisher: str | None = None
    consumers: tuple[str, ...] = ()
    description: str = ""
    channel: str = ""


@dataclass(frozen=True)
class RelationFact:
    """A tie between two entities, by name: `parent` has many (or one) `child`, or each has many of the other.

    `required` says that a child can't be without its parent. `label` is the author's word for the tie, if any.
    """

    parent: str
    child: str
    line: int
    cardinality: Literal["one-to-one", "one-to-many", "many-to-many"] = "one-to-many"
    required: bool = False
    label: str = ""


@dataclass(frozen=True)
class ContractFact:
    """An OpenAPI document that the text embeds or refers to; `service` when the text says whose it is."""

    document: Mapping[str, Any]
    line: int
    origin: str
    service: str | None = None


@dataclass(frozen=True)
class Exclusion:
    """Something that must not be built, in the author's words."""

    text: str
    line: int


@dataclass(frozen=True)
class Facts:
    """Everything that was read from one document."""

    title: str
    services: tuple[ServiceFact, ...]
    entities: tuple[EntityFact, ...]
    endpoints: tuple[EndpointFact, ...]
    states: tuple[StateFact, ...]
    events: tuple[EventFact, ...]
    roles: tuple[str, ...]
    requirements: tuple[Requirement, ...]
    milestones: tuple[Milestone, ...]
    exclusions: tuple[Exclusion, ...]
    auth_line: int
    """Line of the first mention of accounts or sign-in; 0 when there is none."""
    sign_in: bool = False
    """Whether users register or sign in."""
    attributes: Mapping[str, tuple[FieldFact, ...]] = field(default_factory=dict)
    """Fields that only sentences give, by entity."""
    contradictions: tuple[Contradiction, ...] = ()
    relations: tuple[RelationFact, ...] = ()
    sockets: tuple[Socket, ...] = ()
    components: tuple[Component, ...] = ()
    """What the text names beside the services to build: modules, front ends, infrastructure, external systems."""
    ignored: tuple[Ignored, ...] = ()
    contracts: tuple[ContractFact, ...] = ()
    several: int = 0
    """Line that asks for microservices, 0 when none does."""
    datastores: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """What the text says that services keep data in, by service."""
