"""What the readers find in the text, before it becomes an architecture: each fact with its line."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pytest_superteam.models import Contradiction, Field, Milestone, Requirement

__all__ = ["EndpointFact", "EntityFact", "EventFact", "Exclusion", "Facts", "FieldFact", "ServiceFact", "StateFact"]


@dataclass(frozen=True)
class ServiceFact:
    """A deployable that the text names. `name` is normalised."""

    name: str
    line: int
    description: str = ""
    explicit: bool = True


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
