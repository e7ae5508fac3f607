"""The moves of a state machine that operations can make, and the walks that cover them."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pytest_superteam.checks.flows.design import is_staff

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from pytest_superteam.checks.flows.design import Design
    from pytest_superteam.models import Entity, Operation

__all__ = ["Attempt", "Move", "illegal_attempts", "lawful_moves", "reached_by", "walks"]

_WALKS = 12  # rows that one flow moves
_STEPS = 60  # moves of one flow


@dataclass(frozen=True)
class Move:
    """A lawful move: the operation that makes it and a role that may."""

    source: str
    target: str
    operation: Operation
    role: str


@dataclass(frozen=True)
class Attempt:
    """A move that has to be refused in a state, and why."""

    operation: Operation
    target: str
    role: str
    reason: str


def lawful_moves(design: Design, entity: Entity) -> tuple[Move, ...]:
    """Return one operation for each transition of the state machine that the contracts make possible."""
    found: dict[tuple[str, str], Move] = {}
    for transition in entity.states.transitions if entity.states else ():
        for operation in _movers(design, entity):
            role = design.role(operation, transition.roles)
            fits = operation.target_state in {transition.target, None} and transition.source != transition.target
            if role is not None and fits:
                move = Move(transition.source, transition.target, operation, role)
                found.setdefault((transition.source, transition.target), move)
    return tuple(found.values())


def _movers(design: Design, entity: Entity) -> list[Operation]:
    """Return the operations that move a row: to a state of their own, or to the one that their body names."""
    own = [o for o in design.operations(entity) if o.kind == "transition" and design.callable(o, entity)]
    field = entity.states.field if entity.states else ""
    return [o for o in own if o.target_state is not None or field in design.body_properties(o)[0]]


def reached_by(moves: Sequence[Move], initial: str, state: str) -> list[Move] | None:
    """Return the shortest walk from `initial` to `state`, None if there is none."""
    waiting: deque[tuple[str, list[Move]]] = deque([(initial, [])])
    seen = {initial}
    while waiting:
        here, walk = waiting.popleft()
        if here == state:
            return walk
        for move in moves:
            if move.source == here and move.target not in seen:
                seen.add(move.target)
                waiting.append((move.target, [*walk, move]))
    return None


def walks(moves: Sequence[Move], initial: str) -> list[list[Move]]:
    """Return walks from `initial` that together make every move that can be reached, within a bound."""
    left = [m for m in moves if reached_by(moves, initial, m.source) is not None]
    found: list[list[Move]] = []
    while left and len(found) < _WALKS and sum(map(len, found)) < _STEPS:
        walk = [*(reached_by(moves, initial, left[0].source) or ()), left[0]]
        while True:
            left = [m for m in left if m not in walk]
            ahead = next((m for m in left if m.source == walk[-1].target), None)
            if ahead is None:
                break
            walk.append(ahead)
        found.append(walk)
    return found


def illegal_attempts(design: Design, entity: Entity, state: str) -> tuple[Attempt, ...]:
    """Return what must be refused while a row is in `state`."""
    machine = entity.states
    if machine is None:
        return ()
    found: list[Attempt] = []
    lawful = {m.operation.id: m.role for m in reversed(lawful_moves(design, entity))}
    for operation in _movers(design, entity):
        for target in [operation.target_state] if operation.target_state else machine.states:
            legal = [t for t in machine.transitions if (t.source, t.target) == (state, target)]
            if legal:
                roles = {r for t in legal for r in t.roles} if all(t.roles for t in legal) else None
                found += _without_role(design, operation, target, roles)
                continue
            role = lawful.get(operation.id) or design.role(operation)
            if role is not None:
                found.append(Attempt(operation, target, role, f"{entity.name} has no move from {state} to {target}"))
    return tuple(found)


def _without_role(design: Design, operation: Operation, target: str, roles: set[str] | None) -> Iterator[Attempt]:
    """Yield an attempt in a role that the operation lets in and the transition does not."""
    if roles is None or operation.public:
        return
    others = [r for r in operation.roles or design.architecture.roles if r not in roles and not is_staff(r)]
    for role in others[:1]:
        if role in design.architecture.roles:
            yield Attempt(operation, target, role, f"the role {role} may not make this move")
