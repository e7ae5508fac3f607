"""What an architect makes of a PRD: services, entities, operations, events, requirements."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

__all__ = [
    "SYSTEM",
    "Architecture",
    "Component",
    "ComponentKind",
    "Contradiction",
    "Dependency",
    "Entity",
    "Event",
    "Field",
    "FieldType",
    "Ignored",
    "Milestone",
    "Operation",
    "OperationKind",
    "Parameter",
    "Requirement",
    "Service",
    "Socket",
    "Source",
    "StateMachine",
    "Transition",
    "free_name",
]


SYSTEM = "system"
"""What reports call all services together; no service has this name."""


def free_name(name: str) -> str:
    """Return a name for a service, another one where it is what all of them together are called."""
    return f"{name}-service" if name == SYSTEM else name


@dataclass(frozen=True)
class Source:
    """Where a fact comes from: a line of the PRD (1-based), said there (`explicit`) or concluded (`derived`)."""

    line: int
    kind: Literal["explicit", "derived"] = "explicit"


FieldType = Literal[
    "string",  # one line of text
    "text",  # many lines
    "integer",
    "number",
    "money",  # decimal with two places, a JSON number
    "boolean",
    "date",
    "datetime",
    "time",
    "uuid",
    "email",
    "url",
    "enum",  # one of `Field.enum`
    "list",  # JSON array of strings
    "json",  # JSON object
    "reference",  # id of `Field.references`, a uuid
    "password",  # write-only; stored as a hash
]


@dataclass(frozen=True)
class Field:
    """One attribute of an entity. `name` is snake_case; bounds are inclusive, lengths count characters."""

    name: str
    type: FieldType = "string"
    required: bool = True
    unique: bool = False
    read_only: bool = False
    """Set by the service (ids, timestamps, the owner), never by a request body."""
    enum: tuple[str, ...] = ()
    references: str | None = None
    """Name of the entity whose id this field holds, with `type="reference"`."""
    minimum: float | None = None
    maximum: float | None = None
    min_length: int | None = None
    max_length: int | None = None
    default: str | int | float | bool | None = None
    description: str = ""
    source: Source | None = None


@dataclass(frozen=True)
class Transition:
    """A legal move of a state field. `roles` empty means every caller who may write the entity."""

    source: str
    target: str
    roles: tuple[str, ...] = ()
    line: int | None = None


@dataclass(frozen=True)
class StateMachine:
    """The states of an entity's `field` (an enum field), the first one, and the moves that are legal."""

    field: str
    initial: str
    states: tuple[str, ...]
    transitions: tuple[Transition, ...]
    source: Source | None = None

    def targets(self, state: str) -> tuple[str, ...]:
        """Return the states that `state` may move to."""
        return tuple(t.target for t in self.transitions if t.source == state)


@dataclass(frozen=True)
class Entity:
    """A thing that a service stores. `name` is PascalCase singular (`OrderItem`), `plural` its path segment.

    Every entity has `id` (uuid), `created_at` and `updated_at` in its `fields`, marked read-only.
    """

    name: str
    service: str
    fields: tuple[Field, ...]
    plural: str = ""
    owner_field: str | None = None
    """Name of the field that holds the id of the user whom a row belongs to; rows of others are invisible."""
    states: StateMachine | None = None
    description: str = ""
    source: Source | None = None
    reason: str = ""
    """Why the entity is in its service, in a few words."""

    def field_named(self, name: str) -> Field | None:
        """Return the field called `name`, if any."""
        return next((f for f in self.fields if f.name == name), None)


OperationKind = Literal[
    "create",  # POST /things
    "list",  # GET /things: page of `items`, `total`, `limit`, `offset`
    "read",  # GET /things/{id}
    "update",  # PATCH /things/{id}
    "replace",  # PUT /things/{id}
    "delete",  # DELETE /things/{id}
    "transition",  # POST or PATCH /things/{id}/verb: moves the state field to `Operation.target_state`
    "register",  # POST: creates a user from email and password
    "login",  # POST: answers a bearer token
    "logout",  # POST: 204
    "me",  # GET the caller's own user
    "update_me",  # PUT or PATCH the caller's own user
    "receive_event",  # POST /events: takes an event from another service
    "action",  # anything else that the text names: takes and answers a record of `entity`, or a plain result
]


@dataclass(frozen=True)
class Parameter:
    """A query parameter of an operation (path parameters are read from the path)."""

    name: str
    type: FieldType = "string"
    required: bool = False
    enum: tuple[str, ...] = ()
    description: str = ""


@dataclass(frozen=True)
class Operation:
    """One method on one path of one service. `id` is the snake_case operationId, unique within the service."""

    id: str
    service: str
    method: str
    """Upper case."""
    path: str
    """As the author wrote it, parameters as `{name}`."""
    kind: OperationKind
    entity: str | None = None
    summary: str = ""
    public: bool = False
    roles: tuple[str, ...] = ()
    """Roles that may call it; empty means any authenticated caller (unless `public`)."""
    success: int = 200
    parameters: tuple[Parameter, ...] = ()
    target_state: str | None = None
    publishes: tuple[str, ...] = ()
    """Names of the events that a success publishes."""
    requirements: tuple[str, ...] = ()
    source: Source | None = None


@dataclass(frozen=True)
class Event:
    """A fact that a service announces. `name` is PascalCase (`OrderPlaced`); `channel` is dotted (`order.placed`)."""

    name: str
    channel: str
    publisher: str | None
    consumers: tuple[str, ...] = ()
    entity: str | None = None
    description: str = ""
    source: Source | None = None


@dataclass(frozen=True)
class Dependency:
    """`consumer` calls `operation` of `provider` over HTTP; `fields` are those of the answer that it reads."""

    consumer: str
    provider: str
    operation: str
    entity: str | None = None
    fields: tuple[str, ...] = ("id",)
    reason: str = ""


@dataclass(frozen=True)
class Service:
    """One deployable. `name` is kebab-case and safe as a folder name (`^[a-z][a-z0-9-]{0,62}$`)."""

    name: str
    description: str = ""
    issuer: bool = False
    """Whether this service registers users and signs the tokens that the others verify."""
    source: Source | None = None
    reason: str = ""
    """Why it is a service, in a few words."""
    datastores: tuple[str, ...] = ()
    """What it keeps data in: `postgresql`, `redis`."""


ComponentKind = Literal[
    "module",  # a part of one backend: a tag inside a service
    "frontend",
    "infrastructure",  # gateway, database, broker, cache, proxy
    "external",  # somebody else's system, called over the network
    "library",
]


@dataclass(frozen=True)
class Component:
    """A part that the text names and that is no service to build; `reason` says what that rests on."""

    name: str
    kind: ComponentKind
    line: int
    reason: str = ""


@dataclass(frozen=True)
class Socket:
    """A WebSocket or server-sent-events path. It is designed, and stands in the AsyncAPI document, not in OpenAPI."""

    path: str
    line: int
    service: str | None = None
    protocol: Literal["websocket", "sse"] = "websocket"
    summary: str = ""


@dataclass(frozen=True)
class Ignored:
    """A piece of the text that looks like something to build and was left out, and why."""

    text: str
    line: int
    reason: str


@dataclass(frozen=True)
class Requirement:
    """A demand of the PRD. `operations` are `service:operation_id` strings that carry it."""

    id: str
    text: str
    line: int
    priority: str = ""
    done: bool = False
    operations: tuple[str, ...] = ()


@dataclass(frozen=True)
class Milestone:
    """A step of the PRD's plan."""

    id: str
    title: str
    line: int
    status: str = ""
    dependencies: tuple[str, ...] = ()


@dataclass(frozen=True)
class Contradiction:
    """Two places of the PRD that can't both hold, and which one the architect followed."""

    text: str
    lines: tuple[int, ...]


@dataclass(frozen=True)
class Architecture:
    """What the architect makes of a PRD. Names refer to each other; `contracts` has an OpenAPI document per service."""

    title: str
    prd_sha256: str
    services: tuple[Service, ...]
    entities: tuple[Entity, ...] = ()
    operations: tuple[Operation, ...] = ()
    events: tuple[Event, ...] = ()
    dependencies: tuple[Dependency, ...] = ()
    roles: tuple[str, ...] = ()
    requirements: tuple[Requirement, ...] = ()
    milestones: tuple[Milestone, ...] = ()
    excluded: tuple[str, ...] = ()
    """What the text says must not be built."""
    questions: tuple[str, ...] = ()
    contradictions: tuple[Contradiction, ...] = ()
    components: tuple[Component, ...] = ()
    sockets: tuple[Socket, ...] = ()
    ignored: tuple[Ignored, ...] = ()
    contracts: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    asyncapi: Mapping[str, Any] | None = None

    def service_named(self, name: str) -> Service:
        """Return the service called `name`.

        Raises:
            KeyError: there is none.
        """
        for service in self.services:
            if service.name == name:
                return service
        raise KeyError(name)

    def entity_named(self, name: str) -> Entity | None:
        """Return the entity called `name`, if any."""
        return next((e for e in self.entities if e.name == name), None)

    def entities_of(self, service: str) -> tuple[Entity, ...]:
        """Return the entities that `service` stores."""
        return tuple(e for e in self.entities if e.service == service)

    def operations_of(self, service: str) -> tuple[Operation, ...]:
        """Return the operations of `service`, in contract order."""
        return tuple(o for o in self.operations if o.service == service)

    def dependencies_of(self, consumer: str) -> tuple[Dependency, ...]:
        """Return the calls that `consumer` makes to other services."""
        return tuple(d for d in self.dependencies if d.consumer == consumer)

    @property
    def pairs(self) -> tuple[tuple[str, str], ...]:
        """Return the distinct (consumer, provider) pairs, sorted."""
        return tuple(sorted({(d.consumer, d.provider) for d in self.dependencies}))
