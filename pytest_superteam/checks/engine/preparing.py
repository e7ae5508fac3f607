"""What one operation needs to be really exercised: rows to name, rows to use up, values that are still free."""

from __future__ import annotations

from collections import deque
from dataclasses import replace
from typing import TYPE_CHECKING

from pytest_superteam.checks.callers.auth import Tokens, http_client, sign_up
from pytest_superteam.checks.seeding import Rows, Seeder, parameter_entities, reference_entities

if TYPE_CHECKING:
    from pytest_superteam.checks.engine.conformance import ConformanceOptions
    from pytest_superteam.models import Architecture, Deployment, Entity, Operation

__all__ = ["operation_options", "unique_fields", "unmet_needs"]


def unmet_needs(architecture: Architecture, operation: Operation, options: ConformanceOptions) -> tuple[str, ...]:
    """Return the path parameters and required references of `operation` that the contracts can make no row for.

    Without such a row the operation can't succeed, however right its service is. A row that could not be made although
    there is an operation for it is no excuse.
    """
    needed = dict(parameter_entities(architecture, operation))
    entity = architecture.entity_named(operation.entity) if operation.entity else None
    if entity is not None and operation.kind in {"create", "replace", "action"}:
        needed |= {f.name: f.references for f in entity.fields if f.references and f.required and not f.read_only}
    lacking = {name: target for name, target in needed.items() if not options.samples.get(name)}
    return tuple(sorted(name for name, target in lacking.items() if not _makeable(architecture, target, frozenset())))


def _makeable(architecture: Architecture, name: str, above: frozenset[str]) -> bool:
    """Return whether the contracts have operations that make a row of entity `name`, and of what it must refer to."""
    entity = architecture.entity_named(name)
    if entity is None or name in above:
        return False
    makers = [o for o in architecture.operations if o.entity == name and o.kind in {"create", "register"}]
    needed = {f.references for f in entity.fields if f.references and f.required and not f.read_only}
    return bool(makers) and all(_makeable(architecture, target, above | {name}) for target in needed)


_USED_UP = 4  # rows made for an operation that ends or moves the row it is called on


def operation_options(
    architecture: Architecture,
    deployment: Deployment,
    tokens: Tokens,
    rows: Rows,
    operation: Operation,
    options: ConformanceOptions,
) -> ConformanceOptions:
    """Return `options` with real ids and unique properties for `operation`.

    An operation that deletes its row or moves its state gets rows of its own, brought into a state that the move may
    start from, so that it neither spoils the rows of other checks nor runs out of them. A login gets an account.

    Raises:
        CheckError: the login's account could not be registered.
    """
    with http_client() as client:
        seeder = Seeder(architecture, deployment, tokens, client, rows)
        entity = architecture.entity_named(operation.entity) if operation.entity else None
        named = parameter_entities(architecture, operation)
        samples = seeder.ids_for({**(reference_entities(architecture, entity) if entity else {}), **named})
        if entity is not None and operation.kind in {"delete", "transition"}:
            own = _rows_to_use_up(architecture, seeder, operation, entity)
            samples |= {name: own for name, target in named.items() if target == entity.name and own}
        if entity is not None and operation.kind == "transition" and operation.target_state is None and entity.states:
            samples[entity.states.field] = list(entity.states.targets(entity.states.initial))
        if operation.kind in {"create", "replace"}:
            samples |= _rows_to_refer_to_once(architecture, seeder, entity)
    if operation.kind == "login":
        account = sign_up(architecture, deployment) or {}
        samples |= {name: [value] for name, value in account.items() if name != "token"}
    unique = unique_fields(operation, entity)
    return replace(options, samples={**samples, **options.samples}, unique=tuple(unique) or options.unique)


def unique_fields(operation: Operation, entity: Entity | None) -> list[str]:
    """Return the body properties of `operation` of which every row needs another value."""
    made = operation.kind in {"create", "register"}
    unique = [f.name for f in entity.fields if f.unique and not f.references] if entity and made else []
    return sorted({*unique, "email", "username"}) if operation.kind == "register" else unique


def _rows_to_refer_to_once(architecture: Architecture, seeder: Seeder, entity: Entity | None) -> dict[str, list[str]]:
    """Return new rows for references that no two rows may share: the seeded ones are taken."""
    found: dict[str, list[str]] = {}
    for field in entity.fields if entity else ():
        target = architecture.entity_named(field.references) if field.unique and field.references else None
        if target is not None:
            ids, _ = seeder.create(target, _USED_UP, fresh=True)
            found |= {field.name: ids} if ids else {}
    return found


def _rows_to_use_up(architecture: Architecture, seeder: Seeder, operation: Operation, entity: Entity) -> list[str]:
    """Return new rows, each in a state from which `operation` is legal, as far as they could be brought there."""
    accounts = any(o.kind == "register" and o.entity == entity.name for o in architecture.operations)
    if accounts and not operation.roles:
        return []  # the one row a caller may touch is the user behind the token
    ids, _ = seeder.create(entity, _USED_UP, fresh=True)
    ids = ids[-_USED_UP:] if accounts else ids  # before the new ones stands the user behind the token
    steps = _steps(architecture, operation, entity)
    return [row for row in ids if all(seeder.move(step, entity, row) for step in steps)] or ids


def _steps(architecture: Architecture, operation: Operation, entity: Entity) -> list[Operation]:
    """Return the shortest chain of transition operations from the initial state to one that `operation` starts from."""
    machine = entity.states
    if machine is None or operation.kind != "transition" or operation.target_state is None:
        return []
    moves = {o.target_state: o for o in architecture.operations_of(entity.service) if _moves(o, entity)}
    waiting: deque[tuple[str, list[Operation]]] = deque([(machine.initial, [])])
    seen = {machine.initial}
    while waiting:
        state, chain = waiting.popleft()
        if operation.target_state in machine.targets(state):
            return chain
        for target in machine.targets(state):
            if target not in seen and target in moves:
                seen.add(target)
                waiting.append((target, [*chain, moves[target]]))
    return []


def _moves(operation: Operation, entity: Entity) -> bool:
    return operation.kind == "transition" and operation.entity == entity.name and operation.target_state is not None
