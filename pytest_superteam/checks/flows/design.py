"""What the contracts make possible: which rows can be created, who may call an operation, which refusals it has."""

from __future__ import annotations

from functools import cache, cached_property
from typing import TYPE_CHECKING

from pytest_superteam.checks.boundary.seen import flat
from pytest_superteam.contracts.plans import identifies, snake
from pytest_superteam.contracts.registry import ContractOperation, ContractRegistry
from pytest_superteam.errors import CheckError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from pytest_superteam.models import Architecture, Entity, Operation

__all__ = ["ANYBODY", "SERVICE", "Design", "is_staff"]

ANYBODY = ""
"""Role of any signed-in caller."""
SERVICE = "service"
"""Role of calls between services."""

_STAFF = frozenset({"manager", "moderator", "operator", "owner", "staff", "superuser", "support", "system"})
_TOUCHED = frozenset({404, 409})


def is_staff(role: str) -> bool:
    """Return whether a role is one that may often do more than a table says."""
    return "admin" in role.lower() or snake(role) in _STAFF or role == SERVICE


class Design:
    """An architecture, asked for what its contracts make possible. It never fails on a strange one: it says no."""

    def __init__(self, architecture: Architecture) -> None:
        """Read `architecture` only when asked."""
        self.architecture = architecture
        self._registry = ContractRegistry.of(architecture)
        self.creatable = cache(self._creatable)

    def contract(self, operation: Operation) -> ContractOperation | None:
        """Return the contract's operation, None where there is none or the document is broken."""
        try:
            return self._registry.find(operation.service, operation.id)
        except (CheckError, AttributeError, TypeError, KeyError):
            return None

    @cached_property
    def account(self) -> str:
        """Return the name of the entity that a registration creates, `""` without one."""
        kinds = {kind: o for o in self.architecture.operations for kind in [o.kind] if kind in {"register", "login"}}
        if len(kinds) < 2:  # both: to register and to log in
            return ""
        return kinds["register"].entity or "User"

    def named(self, name: str | None) -> Entity | None:
        """Return the entity called `name`, if any."""
        return self.architecture.entity_named(name) if name else None

    def operation(self, entity: Entity, *kinds: str) -> Operation | None:
        """Return the first callable operation on `entity` of one of `kinds`, in their order.

        Of lists, the one on the path where rows are created comes first.
        """
        own = [o for o in self.operations(entity) if o.kind in kinds]
        home = {o.path for o in self.operations(entity) if o.kind == "create"}
        chosen = sorted(own, key=lambda o: (kinds.index(o.kind), o.path not in home, "/me" in o.path))
        return next((o for o in chosen if self.callable(o, entity)), None)

    def creator(self, entity: Entity) -> Operation | None:
        """Return the operation that creates a row of `entity`, if there is one."""
        own = (o for o in self.operations(entity) if o.kind == "create")
        return next((o for o in own if o.method.upper() in {"POST", "PUT", "PATCH"}), None)

    def operations(self, entity: Entity) -> Iterable[Operation]:
        """Yield the operations on `entity` of its own service that the contract has."""
        for operation in self.architecture.operations_of(entity.service):
            if operation.entity == entity.name and self.contract(operation) is not None:
                yield operation

    def callable(self, operation: Operation, entity: Entity) -> bool:
        """Return whether a caller exists for an operation, and a row for each parameter of its path."""
        if self.role(operation) is None:
            return False
        targets = self.parameters(operation)
        contract = self.contract(operation)
        names = contract.path_parameters if contract else ()
        return all(n in targets and (targets[n] == entity.name or self.has_row(targets[n])) for n in names)

    def parameters(self, operation: Operation) -> Mapping[str, str]:
        """Return the entity whose row each path parameter names."""
        from pytest_superteam.checks.seeding import parameter_entities

        return parameter_entities(self.architecture, operation)

    def references(self, entity: Entity) -> Mapping[str, str]:
        """Return the entity that each reference in bodies of `entity` names, by property."""
        from pytest_superteam.checks.seeding import reference_entities

        return reference_entities(self.architecture, entity)

    def role(self, operation: Operation, also: tuple[str, ...] = ()) -> str | None:
        """Return a role that may call an operation, of `also` where that is not empty; None if there is none."""
        known = {*self.architecture.roles, SERVICE}
        allowed = [r for r in operation.roles if not also or r in also] if operation.roles else list(also)
        if operation.roles or also:
            return next((r for r in allowed if r in known), None)
        return ANYBODY

    def documented(self, operation: Operation) -> frozenset[int]:
        """Return the statuses that the contract has for an operation."""
        contract = self.contract(operation)
        return frozenset(int(s) for s in map(str, contract.responses) if s.isdigit()) if contract else frozenset()

    def refuses_rows(self, operation: Operation) -> bool:
        """Return whether the contract has an answer for a conflict with rows, or their absence."""
        return bool(_TOUCHED & self.documented(operation))

    def has_row(self, name: str | None) -> bool:
        """Return whether there is or can be a row of the entity called `name`."""
        return bool(name) and (name == self.account or self.creatable(name))

    def body_properties(self, operation: Operation) -> tuple[frozenset[str], frozenset[str]]:
        """Return the properties of an operation's body, all and those required; empty without an object."""
        contract = self.contract(operation)
        if contract is None or contract.request_schema is None:
            return frozenset(), frozenset()
        schema = flat(contract.request_schema, contract.document)
        return frozenset(schema.get("properties") or ()), frozenset(schema.get("required") or ())

    def checked_references(self, entity: Entity, operation: Operation) -> tuple[tuple[str, Entity], ...]:
        """Return the references in the body of `operation` whose existence the service can find out."""
        properties, _ = self.body_properties(operation)
        found = []
        for field in entity.fields:
            target = self.named(field.references)
            if target is not None and field.name in properties and self.asks(entity.service, target):
                found.append((field.name, target))
        return tuple(found)

    def asks(self, service: str, target: Entity) -> bool:
        """Return whether `service` keeps `target` itself, or calls the service that does to read one."""
        if target.service == service:
            return True
        calls = self.architecture.dependencies_of(service)
        return any(d.provider == target.service and d.entity in {target.name, None} for d in calls)

    def _creatable(self, name: str, above: frozenset[str] = frozenset()) -> bool:
        entity = self.named(name)
        if entity is None or name in above:
            return False
        operation = self.creator(entity)
        contract = self.contract(operation) if operation else None
        if operation is None or contract is None or self.role(operation) is None or not self.documented(operation):
            return False
        needed = self._needed(entity, operation, contract)
        return needed is not None and all(self._there(target, entity, above | {name}) for target in needed)

    def _needed(self, entity: Entity, operation: Operation, contract: ContractOperation) -> set[str] | None:
        """Return the entities that a new row must refer to; None if a path parameter names nothing known."""
        places = self.parameters(operation)
        if any(name not in places for name in contract.path_parameters):
            return None
        _, required = self.body_properties(operation)
        names = self.references(entity)
        wanted = {names[p] for p in required if p in names and self._matters(entity, names[p])}
        return wanted | {places[name] for name in contract.path_parameters}

    def _matters(self, entity: Entity, name: str) -> bool:
        target = self.named(name)
        return target is not None and self.asks(entity.service, target)

    def _there(self, name: str, entity: Entity, above: frozenset[str]) -> bool:
        return name == self.account or (name != entity.name and self._creatable(name, above))

    def unique(self, entity: Entity, operation: Operation) -> tuple[str, ...]:
        """Return the unique fields of `entity` that the body of `operation` sets."""
        properties, _ = self.body_properties(operation)
        account = entity.name == self.account
        return tuple(
            f.name for f in entity.fields if f.name in properties and (f.unique or (account and identifies(f)))
        )
