"""A valid request for an operation, with rows of its own, whose way through the system is followed."""

from __future__ import annotations

import uuid
from collections import deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from pytest_superteam.checks.callers.auth import sign_up, single_use_token, token_for
from pytest_superteam.checks.seeding import Seeder, parameter_entities, reference_entities, rows_by_entity
from pytest_superteam.contracts.synthesise import example_for
from pytest_superteam.errors import CheckError

if TYPE_CHECKING:
    from collections.abc import Mapping

    import httpx

    from pytest_superteam.checks.base import RunningSystem
    from pytest_superteam.contracts.registry import ContractOperation
    from pytest_superteam.models import Entity, Operation

__all__ = ["Preparer", "Request", "filled", "steps_to"]


@dataclass(frozen=True)
class Request:
    """What to send. `rows` are the ids in the body by field, `row` the one that the path names."""

    operation: Operation
    contract: ContractOperation
    url: str
    token: str | None = field(repr=False)
    body: Any = None
    rows: Mapping[str, str] = field(default_factory=dict)
    row: str = ""


class Preparer:
    """Makes requests that the contracts say succeed."""

    def __init__(self, system: RunningSystem, client: httpx.Client) -> None:
        """Use `client` for the rows that a request needs."""
        self._system = system
        self._seeder = Seeder(system.architecture, system.deployment, system.tokens, client, system.samples)

    def request(self, operation: Operation, *, fresh: str = "") -> Request:
        """Return a valid request for `operation`; with `fresh`, it refers to a new row of that entity.

        Raises:
            CheckError: a row that it needs can't be made, or it would harm the other checks.
        """
        system, entity = self._system, self._entity(operation)
        contract = system.registry.find(operation.service, operation.id)
        path, row = self._path(operation, entity)
        token = token_for(system.tokens, operation)
        if operation.kind == "logout" and token:
            token = single_use_token(system.deployment, token)
        body, rows = self._body(operation, contract, entity, fresh)
        return Request(operation, contract, system.url(operation.service) + path, token, body, rows, row)

    def _entity(self, operation: Operation) -> Entity | None:
        return self._system.architecture.entity_named(operation.entity) if operation.entity else None

    def _path(self, operation: Operation, entity: Entity | None) -> tuple[str, str]:
        """Return the path with its parameters filled in, and the id of the operation's own row in it."""
        named = parameter_entities(self._system.architecture, operation)
        known = {name: ids[0] for name, ids in self._seeder.ids_for(named).items()}
        own = [name for name, target in named.items() if entity is not None and target == entity.name]
        if entity is not None and own and operation.kind not in {"create", "list", "read"}:
            known |= dict.fromkeys(own, self._row_to_use_up(operation, entity))
        path = operation.path
        for name, value in known.items():
            path = path.replace(f"{{{name}}}", value)
        if "{" in path:
            raise CheckError(f"{operation.method} {operation.path}: no row is known for its path.")
        return path, next((known[name] for name in own if name in known), "")

    def _row_to_use_up(self, operation: Operation, entity: Entity) -> str:
        ids, problem = self._seeder.create(entity, 1, fresh=True)
        users = any(o.kind == "register" and o.entity == entity.name for o in self._system.architecture.operations)
        if users and (operation.kind == "delete" or len(ids) < 1):
            raise CheckError(f"{operation.method} {operation.path} would end the user that the checks share.")
        if not ids:
            raise CheckError(f"{operation.method} {operation.path}: {problem}")
        row = ids[0] if users else ids[-1]
        for step in steps_to(operation, entity, self._system.architecture.operations_of(entity.service)):
            if not self._seeder.move(step, entity, row):
                raise CheckError(f"{operation.method} {operation.path}: no row could be brought there by {step.id}.")
        return row

    def _body(
        self, operation: Operation, contract: ContractOperation, entity: Entity | None, fresh: str
    ) -> tuple[Any, dict[str, str]]:
        if contract.request_schema is None:
            return None, {}
        system = self._system
        body = example_for(contract.request_schema, contract.document, salt=uuid.uuid4().hex)
        if operation.kind == "login":
            account = sign_up(system.architecture, system.deployment) or {}
            return {k: account.get(k, v) for k, v in body.items()} if isinstance(body, dict) else body, {}
        if entity is None:
            return body, {}
        targets = reference_entities(system.architecture, entity)
        known = {name: ids[0] for name, ids in self._seeder.ids_for(targets).items()}
        known |= self._fresh_rows(entity, targets, fresh)
        if isinstance(body, dict):
            spare = {f.name for f in entity.fields if f.references and not f.required and f.name not in known}
            body = {name: value for name, value in body.items() if name not in spare}
            if operation.kind == "transition" and operation.target_state is None and entity.states:
                body |= _next_state(body, entity)
        rows = {name: row for name, row in known.items() if isinstance(body, dict) and isinstance(body.get(name), str)}
        return filled(body, known), rows

    def _fresh_rows(self, entity: Entity, targets: Mapping[str, str], fresh: str) -> dict[str, str]:
        """Return new rows for references to the entity `fresh` and for those that no two rows may share."""
        unique = {f.name for f in entity.fields if f.unique and f.references}
        found: dict[str, str] = {}
        for name, target_name in targets.items():
            target = self._system.architecture.entity_named(target_name)
            if target is None or not (target_name == fresh or name in unique):
                continue
            ids, _ = self._seeder.create(target, 1, fresh=True)
            if ids and ids[-1] not in rows_by_entity(self._system.samples).get(target_name, ()):
                found[name] = ids[-1]
        return found


def _next_state(body: Mapping[str, Any], entity: Entity) -> dict[str, str]:
    machine = entity.states
    targets = machine.targets(machine.initial) if machine else ()
    return {machine.field: targets[0]} if machine and targets and machine.field in body else {}


def filled(value: Any, rows: Mapping[str, str]) -> Any:
    """Return `value` with the properties called as in `rows`, at any depth, set to those ids."""
    if isinstance(value, dict):
        return {k: rows[k] if k in rows and isinstance(v, str) else filled(v, rows) for k, v in value.items()}
    return [filled(part, rows) for part in value] if isinstance(value, list) else value


def steps_to(operation: Operation, entity: Entity, operations: tuple[Operation, ...]) -> list[Operation]:
    """Return the shortest chain of moves from the initial state to one that the transition `operation` starts from."""
    machine = entity.states
    if machine is None or operation.kind != "transition" or operation.target_state is None:
        return []
    moves = {o.target_state: o for o in operations if o.kind == "transition" and o.entity == entity.name}
    waiting: deque[tuple[str, list[Operation]]] = deque([(machine.initial, [])])
    seen = {machine.initial}
    while waiting:
        state, chain = waiting.popleft()
        targets = machine.targets(state)
        if operation.target_state in targets:
            return chain
        for target in targets:
            if target in moves and target not in seen:
                seen.add(target)
                waiting.append((target, [*chain, moves[target]]))
    return []
