"""What each operation of a service takes and answers, derived from the architecture.

Contracts are written from this and services are generated from it, so that the two cannot disagree.
"""

from __future__ import annotations

import re
from dataclasses import replace
from functools import cached_property
from itertools import chain, count
from typing import Literal

from pytest_superteam.contracts.plans import (
    PATH_PARAMETER,
    Body,
    Filter,
    PathParameter,
    Plan,
    identifies,
    parameter_field,
    snake,
    template,
)
from pytest_superteam.contracts.schemas import admits
from pytest_superteam.models import Architecture, Dependency, Entity, Event, Field, Operation, Parameter, Service

__all__ = ["Body", "Filter", "PathParameter", "Plan", "Surface", "parameter_field", "snake"]

_READS = ("list", "read")
PROBES = ("/health", "/ready")
"""Paths that every service answers by itself, with whether it lives and can work."""
_SHARED = ("Problem", "Token", "Credentials", "Event", "EventReceipt", "Principal", "Result", "Probe")
_SHARED_BODIES = ("login", "receive_event")
_ENTITY_KINDS = frozenset({"create", "list", "read", "update", "replace", "delete", "transition"})
_ACCOUNT_KINDS = frozenset({"register", "login", "me", "update_me"})
_STATUS = {"create": 201, "register": 201, "delete": 204, "logout": 204, "receive_event": 202}
_STAFF = frozenset({"manager", "moderator", "operator", "owner", "staff", "superuser", "support", "system"})
_SEARCH = frozenset({"keyword", "q", "query", "search", "search_term", "term"})
_ORDERED = frozenset({"date", "datetime", "integer", "money", "number"})
_STAMPS = (
    Field("id", "uuid", read_only=True),
    Field("created_at", "datetime", read_only=True),
    Field("updated_at", "datetime", read_only=True),
)


def _pattern(path: str) -> str:
    """Return the regular expression of a path template."""
    return "[^/]+".join(re.escape(part) for part in re.split(PATH_PARAMETER.pattern.replace("(", "(?:"), path))


def _covers(wide: str, narrow: str) -> bool:
    """Return whether the template `wide` matches whatever `narrow` does, and more."""
    pairs = list(zip(wide.split("/"), narrow.split("/"), strict=False))
    same = wide.count("/") == narrow.count("/") and all("{" in w or w == n for w, n in pairs)
    return same and any("{" in w and "{" not in n for w, n in pairs)


class Surface:
    """Everything about one service that its contract and its source both need."""

    def __init__(self, architecture: Architecture, service: str) -> None:
        self.architecture = architecture
        self.service: Service = architecture.service_named(service)
        self._own = architecture.operations_of(service)

    @cached_property
    def entities(self) -> tuple[Entity, ...]:
        """Return the service's entities with complete fields, one for accounts included where operations need it."""
        found = list(self.architecture.entities_of(self.service.name))
        if self._account_name and all(e.name != self._account_name for e in found):
            found.append(Entity(self._account_name, self.service.name, (), plural="users"))
        return tuple({entity.name: self._complete(entity) for entity in reversed(found)}.values())[::-1]

    @cached_property
    def schema_names(self) -> dict[tuple[str, str], str]:
        """Return the component names by (kind, name): `entity`, `shared`, `page` and `body`; all differ in any case."""
        wanted = [("entity", e.name, e.name) for e in self.entities]
        wanted += [("shared", name, name) for name in _SHARED]
        wanted += [("page", e.name, f"{e.name}Page") for e in self.entities]
        wanted += [
            ("body", p.body.schema, p.body.schema) for p in self.plans if p.body and p.kind not in _SHARED_BODIES
        ]
        names: dict[tuple[str, str], str] = {}
        taken: set[str] = set()
        for kind, name, proposal in wanted:
            if (kind, name) in names:
                continue
            stem = (re.sub(r"[^A-Za-z0-9]", "", proposal) or "Entity")[:60]
            stem = stem if stem[0].isalpha() else f"E{stem}"
            stem = f"Api{stem}" if kind == "shared" and stem.lower() in taken else stem
            free = next(n for n in chain([stem], (f"{stem}{i}" for i in count(2))) if n.lower() not in taken)
            taken.add(free.lower())
            names[kind, name] = free
        return names

    @cached_property
    def _account_name(self) -> str | None:
        kinds = [o for o in self._own if o.kind in _ACCOUNT_KINDS and (o.kind in {"register", "login"} or o.entity)]
        names = {e.name for e in self.architecture.entities_of(self.service.name)}
        named = [o.entity for o in kinds if o.entity in names]
        if named:
            return named[0]
        if not any(o.kind in {"register", "login"} for o in kinds):
            return None
        return next((n for n in ("User", "Account", "Customer") if n in names), "User")

    @property
    def account(self) -> Entity | None:
        """Return the entity of those who sign in here, if this service keeps it."""
        return next((e for e in self.entities if e.name == self._account_name), None)

    @property
    def identity(self) -> Field | None:
        """Return the account's field that, with the password, signs in."""
        if self.account is None:
            return None
        fields = self.account.fields
        return next(f for f in sorted(fields, key=lambda f: f.type != "email") if identifies(f))

    @property
    def role_field(self) -> Field | None:
        """Return the account's field that holds the role, if any."""
        return self.account.field_named("role") if self.account else None

    @cached_property
    def staff_roles(self) -> tuple[str, ...]:
        """Return the roles that see the rows of every owner."""
        return tuple(r for r in self.architecture.roles if "admin" in r.lower() or snake(r) in _STAFF)

    @property
    def default_role(self) -> str:
        """Return the role of whoever registers."""
        field = self.role_field
        if field is not None and isinstance(field.default, str) and field.default:
            return field.default
        plain = [r for r in (field.enum if field else ()) or self.architecture.roles if r not in self.staff_roles]
        return plain[0] if plain else "user"

    @cached_property
    def published(self) -> tuple[Event, ...]:
        """Return the events that operations of this service publish."""
        names = {name for o in self._own for name in o.publishes}
        return tuple(e for e in self.architecture.events if e.name in names)

    @cached_property
    def consumed(self) -> tuple[Event, ...]:
        """Return the events that this service takes."""
        return tuple(e for e in self.architecture.events if self.service.name in e.consumers)

    @cached_property
    def plans(self) -> tuple[Plan, ...]:
        """Return the service's operations, each made concrete; a second one on the same method and path is left out."""
        seen: set[tuple[str, str]] = set()
        ids: set[str] = set()
        plans = []
        for given in self._own:
            name = next(n for n in chain([given.id], (f"{given.id}_{i}" for i in count(2))) if n and n not in ids)
            ids.add(name)
            operation = replace(given, id=name, path=template(given.path))
            place = (operation.method.upper(), PATH_PARAMETER.sub("{}", operation.path))
            if place not in seen:
                seen.add(place)
                plans.append(self._plan(operation))
        return tuple(plans)

    @cached_property
    def routed(self) -> tuple[Plan, ...]:
        """Return the plans, but for the probes of every service; fixed paths before templates that match them too."""
        own = (p for p in self.plans if p.answer != "probe")
        return tuple(sorted(own, key=lambda p: [("{" in s, s) for s in p.operation.path.split("/")]))

    @cached_property
    def fixed(self) -> dict[str, tuple[str, ...]]:
        """Return the patterns of the paths that another template matches too, each with its own methods."""
        methods: dict[str, set[str]] = {}
        for plan in self.plans:
            methods.setdefault(plan.operation.path, set()).add(plan.operation.method.upper())
        return {
            _pattern(path): tuple(sorted(own))
            for path, own in methods.items()
            if any(other != path and _covers(other, path) for other in methods)
        }

    def entity(self, name: str | None) -> Entity | None:
        """Return this service's entity called `name`, completed."""
        return next((e for e in self.entities if e.name == name), None)

    def referenced(self, field: Field) -> Entity | None:
        """Return the entity of this service that `field` refers to, if it is kept here."""
        return self.entity(field.references) if field.type == "reference" else None

    def dependency(self, field: Field) -> Dependency | None:
        """Return the call that says whether the row exists that `field` refers to, where another service keeps it."""
        target = self.architecture.entity_named(field.references) if field.references else None
        if target is None or target.service == self.service.name:
            return None
        for dependency in self.architecture.dependencies_of(self.service.name):
            if dependency.provider == target.service and self.provider_path(dependency, target):
                return dependency
        return None

    def provider_path(self, dependency: Dependency, target: Entity) -> str | None:
        """Return the path by which `dependency` reads one row of `target` by its id and nothing else."""
        provider = Surface(self.architecture, dependency.provider)
        # Not by its plans: those ask in turn what its own references need, and services may refer to each other.
        for given in self.architecture.operations_of(dependency.provider):
            if given.id == dependency.operation and given.kind == "read" and given.entity == target.name:
                operation = replace(given, path=template(given.path))
                path = provider._path(operation, "read", provider.entity(target.name))
                by_id = [p for p in path if p.role == "key" and p.field is not None and p.field.name == "id"]
                if by_id and len(path) == 1:
                    return operation.path
        return None

    def writable(self, entity: Entity, *, roles: tuple[str, ...] = ()) -> tuple[Field, ...]:
        """Return the fields that a request body of callers with `roles` may set."""
        hidden = {entity.owner_field, entity.states.field if entity.states else None}
        if entity == self.account and not (roles and set(roles) <= set(self.staff_roles)):
            hidden.add("role")
        return tuple(f for f in entity.fields if not f.read_only and f.name not in hidden)

    # ------------------------------------------------------------ entities

    def _complete(self, entity: Entity) -> Entity:
        stamps = {f.name for f in _STAMPS}
        unique: dict[str, Field] = {}
        for field in entity.fields:
            if field.name not in stamps:
                unique.setdefault(field.name, field)
        if entity.name == self._account_name:
            if not any(identifies(f) for f in unique.values()):
                unique["email"] = Field("email", "email", unique=True)
            if not any(f.type == "password" for f in unique.values()):
                unique["password"] = Field("password", "password", min_length=8, max_length=128)
        states = entity.states if entity.states and entity.states.states and entity.states.field not in stamps else None
        if entity.name == self._account_name:
            # Whoever signs in does so by fields that nothing else may claim.
            claimed = unique.get(states.field) if states else None
            states = None if claimed and (identifies(claimed) or claimed.type == "password") else states
            entity = replace(entity, owner_field=None)
        if states and states.field not in unique:
            unique[states.field] = Field(states.field, "enum")
        fields = tuple(self._settle(f, replace(entity, states=states)) for f in unique.values())
        owner = entity.owner_field if entity.owner_field in unique else None
        return replace(
            entity,
            fields=(_STAMPS[0], *fields, *_STAMPS[1:]),
            states=states,
            owner_field=owner,
            plural=entity.plural or snake(entity.name).replace("_", "-") + "s",
        )

    def _settle(self, field: Field, entity: Entity) -> Field:
        if entity.states and field.name == entity.states.field:
            states = tuple(dict.fromkeys((entity.states.initial, *entity.states.states)))
            return replace(field, type="enum", enum=states, required=True, read_only=True, default=None)
        if field.name == entity.owner_field:
            # A row that a stranger may create has no owner.
            return replace(field, type="reference", required=not self._open(entity), read_only=True, default=None)
        if field.type == "enum":
            values = tuple(dict.fromkeys(field.enum))
            default = field.default if field.default in values else None
            return replace(field, type="enum" if values else "string", enum=values, default=default)
        if field.type == "password":
            return replace(field, required=True, unique=False, default=None)
        if field.default is not None and not admits(field, field.default):
            return self._settle(replace(field, default=None), entity)
        if field.read_only and field.default is None:
            return replace(field, required=False)
        if entity.name == self._account_name and field.type == "email" and field.required:
            return replace(field, unique=True)
        if field.type == "reference" and field.required and self._circular(field.references, entity.name):
            return replace(field, required=False)
        return field

    def _open(self, entity: Entity) -> bool:
        return any(o.public and o.entity == entity.name and o.kind in {"create", "action"} for o in self._own)

    def _circular(self, start: str | None, goal: str) -> bool:
        """Return whether rows of `start` can't exist before rows of `goal`."""
        seen: set[str] = set()
        ahead = [start] if start else []
        while ahead:
            name = ahead.pop()
            if name == goal:
                return True
            entity = self.architecture.entity_named(name)
            if name in seen or entity is None or entity.service != self.service.name:
                continue
            seen.add(name)
            ahead += [
                f.references
                for f in entity.fields
                if f.type == "reference" and f.required and f.references and f.name != entity.owner_field
            ]
        return False

    # ------------------------------------------------------------ operations

    def _plan(self, operation: Operation) -> Plan:
        entity = self.account if operation.kind in _ACCOUNT_KINDS else self.entity(operation.entity)
        kind = self._kind(operation, entity)
        path = self._path(operation, kind, entity)
        body = self._body(operation, kind, entity, path)
        fields = body.fields if body and kind not in {"login", "receive_event", "transition"} else ()
        bound = tuple(p.field for p in path if p.role == "parent" and p.field and kind in {"create", "replace"})
        remote = tuple((f, d) for f in (*fields, *bound) if f.type == "reference" and (d := self.dependency(f)))
        answer = self._answer(operation, kind, entity)
        parameters = {p.name: p for p in operation.parameters if p.name and not self._paging(p, answer)}
        filters = tuple(self._filter(p, entity) for p in parameters.values())
        success = operation.success if operation.success in {200, 201, 202, 204} else _STATUS.get(kind, 200)
        if success == 204 and kind in {"list", "read", "login", "me"}:
            success = 200
        if success == 204:
            answer = "none"
        plan = Plan(operation, kind, entity, path, filters, body, answer, success, (), remote)
        return replace(plan, errors=self._errors(plan))

    def _kind(self, operation: Operation, entity: Entity | None) -> str:
        kind: str = operation.kind
        if kind in _ENTITY_KINDS and entity is None:
            return "action"
        if kind == "transition" and not (entity and entity.states):
            return "action"
        if kind == "update_me" and entity is None:
            return "action"
        if kind in {"create", "update", "replace", "register", "login", "update_me", "receive_event"} and (
            operation.method.upper() not in {"POST", "PUT", "PATCH"}
        ):
            return "action"
        return kind

    @staticmethod
    def _paging(parameter: Parameter, answer: str) -> bool:
        return answer == "page" and parameter.name in {"limit", "offset"}

    def _path(self, operation: Operation, kind: str, entity: Entity | None) -> tuple[PathParameter, ...]:
        segments = [s for s in operation.path.split("/") if s]
        found: list[PathParameter] = []
        names = list(dict.fromkeys(PATH_PARAMETER.findall(operation.path)))
        for name in names:
            index = next(i for i, s in enumerate(segments) if f"{{{name}}}" in s)
            above = self._collection(segments[:index])
            last = name == names[-1]
            found.append(self._parameter(name, kind, entity, above, last=last, ends=index == len(segments) - 1))
        return tuple(found)

    def _parameter(
        self, name: str, kind: str, entity: Entity | None, above: Entity | None, *, last: bool, ends: bool
    ) -> PathParameter:
        if entity is None or kind in _ACCOUNT_KINDS | {"logout", "receive_event"}:
            return PathParameter(name, "free")
        foreign = above is not None and above.name != entity.name
        own = kind in {"read", "update", "replace", "delete", "transition", "action"} and last
        if own and (ends or not foreign):
            field = entity.field_named(snake(name))
            natural = field is not None and field.unique and field.type in {"string", "email", "uuid", "integer"}
            return PathParameter(name, "key", field if natural else entity.fields[0])
        above = self._named_after(name) or (above if foreign or not ends else None)
        field = self._parent_field(name, entity, above)
        parent = self.entity(above.name) if above else None
        if field is None and parent is None:
            return PathParameter(name, "free")
        return PathParameter(name, "parent", field, parent)

    def _named_after(self, name: str) -> Entity | None:
        """Return the entity that a parameter such as `projectId` is named after."""
        stem = re.sub(r"_?(?:id|uuid)$", "", snake(name)).replace("_", "")
        return next((e for e in self.architecture.entities if e.name.lower() == stem), None) if stem else None

    @staticmethod
    def _parent_field(name: str, entity: Entity, above: Entity | None) -> Field | None:
        named = entity.field_named(snake(name))
        if (
            named is not None
            and named.name not in {"id", "created_at", "updated_at"}
            and named.type not in {"password", "list", "json"}
        ):
            return named
        if above is None:
            return None
        references = [f for f in entity.fields if f.type == "reference" and f.references == above.name]
        return references[0] if references else None

    def _collection(self, segments: list[str]) -> Entity | None:
        """Return the entity whose rows the last plain segment lists."""
        plain = [s for s in segments if "{" not in s]
        if not plain:
            return None
        name = snake(plain[-1])
        for entity in (*self.entities, *self.architecture.entities):
            if name in {snake(entity.plural), snake(entity.name), snake(entity.name) + "s"}:
                return entity
        return None

    def _body(
        self, operation: Operation, kind: str, entity: Entity | None, path: tuple[PathParameter, ...]
    ) -> Body | None:
        if kind == "login" and self.identity is not None and entity is not None:
            password = next(f for f in entity.fields if f.type == "password")
            shown = replace(password, min_length=1, max_length=max(password.max_length or 128, 1))
            return Body("Credentials", (replace(self.identity, required=True, default=None), shown))
        if kind == "receive_event":
            return Body("Event", ())
        if (
            entity is None
            or operation.method.upper() not in {"POST", "PUT", "PATCH"}
            or kind not in ("create", "register", "update", "replace", "update_me", "transition", "action")
        ):
            return None
        if kind == "transition":
            field = entity.field_named(entity.states.field) if entity.states and not operation.target_state else None
            return Body(f"{entity.name}Transition", (field,)) if field else None
        partial = kind in {"update", "update_me"} or (kind == "action" and any(p.role == "key" for p in path))
        bound = {p.field.name for p in path if p.role == "parent" and p.field and not partial}
        fields = tuple(f for f in self.writable(entity, roles=operation.roles) if f.name not in bound)
        suffix = "Update" if partial else "Create"
        if entity == self.account and fields != self.writable(entity, roles=self.staff_roles):
            suffix = "Profile" if partial else "Register"
        if bound:
            suffix += "In" + "".join(p.parent.name if p.parent else p.name.title() for p in path if p.role == "parent")
        return Body(entity.name + suffix, fields, partial) if fields else None

    def _filter(self, parameter: Parameter, entity: Entity | None) -> Filter:
        if entity is None:
            return Filter(parameter, "none")
        name = snake(parameter.name)
        field = self._comparable(entity, name)
        if field is not None:
            return Filter(parameter, "equals", field)
        if name in _SEARCH:
            return Filter(parameter, "search")
        for mode, before, after in (
            ("minimum", "min_", "_(?:min|from|after|since)"),
            ("maximum", "max_", "_(?:max|to|before|until)"),
        ):
            stem = name.removeprefix(before) if name.startswith(before) else re.sub(f"{after}$", "", name)
            field = self._comparable(entity, stem) if stem != name else None
            if field is not None and field.type in _ORDERED:
                return Filter(parameter, "minimum" if mode == "minimum" else "maximum", field)
        return Filter(parameter, "none")

    @staticmethod
    def _comparable(entity: Entity, name: str) -> Field | None:
        for candidate in (name, f"{name}_id"):
            field = entity.field_named(candidate)
            if field is not None and field.type not in {"password", "list", "json"}:
                return field
        return None

    @staticmethod
    def _answer(
        operation: Operation, kind: str, entity: Entity | None
    ) -> Literal["record", "page", "token", "principal", "result", "accepted", "probe", "none"]:
        if operation.method.upper() == "GET" and operation.path in PROBES:
            return "probe"
        if kind in {"delete", "logout"}:
            return "none" if operation.success in {0, 204} or kind == "logout" else "result"
        if kind == "list":
            return "page"
        if kind == "login":
            return "token" if entity is not None else "result"
        if kind == "receive_event":
            return "accepted"
        if kind == "me" and entity is None:
            return "principal"
        if entity is None:
            return "result"
        if kind == "action" and operation.method.upper() == "DELETE":
            return "result"
        return (
            "page" if kind == "action" and operation.method.upper() == "GET" and "{" not in operation.path else "record"
        )

    def _errors(self, plan: Plan) -> tuple[int, ...]:
        operation, entity = plan.operation, plan.entity
        writes = plan.kind not in {"list", "read", "me", "logout", "receive_event", "login"}
        codes = set()
        if plan.answer == "probe":
            return (503,) if operation.path == "/ready" else ()
        if not operation.public or plan.kind == "login":
            codes.add(401)
        if not operation.public and (operation.roles or writes or plan.kind == "receive_event"):
            codes.add(403)
        if plan.path or (plan.kind in {"read", "update", "replace", "delete", "transition"} and plan.key is None):
            codes.add(404)
        if plan.path or plan.filters or plan.body or plan.answer == "page":
            codes.add(422)
        if self._conflicts(plan) or (entity and plan.kind == "transition"):
            codes.add(409)
        if plan.remote:
            codes.add(503)
        return tuple(sorted(codes))

    def _conflicts(self, plan: Plan) -> bool:
        if plan.kind == "delete" or (plan.kind == "action" and plan.operation.method.upper() == "DELETE"):
            fields = (f for e in self.entities for f in e.fields)
            return any(f.references == (plan.entity.name if plan.entity else "") for f in fields)
        if plan.body is None or plan.entity is None or plan.kind in {"login", "receive_event"}:
            return False
        written = (*plan.body.fields, *(p.field for p in plan.parents if p.field))
        return any(f.unique or self.referenced(f) or f in [r for r, _ in plan.remote] for f in written)
