"""State machines of entities: from the moves that the text gives, or concluded from verbs in paths."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from pytest_superteam.architect.behaviour.roles import roles_in
from pytest_superteam.architect.behaviour.states import same_state
from pytest_superteam.architect.names import fold
from pytest_superteam.models import Entity, Field, Source, StateMachine, Transition

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from pytest_superteam.architect.facts import StateFact

__all__ = ["derived_machine", "machines"]


def machines(
    entities: Sequence[Entity], facts: Sequence[StateFact], roles: tuple[str, ...]
) -> tuple[list[Entity], list[tuple[str, tuple[int, ...]]]]:
    """Give the entities their state machines; return them and the moves that fit no state, each with its lines."""
    misfits: list[tuple[str, tuple[int, ...]]] = []
    result = list(entities)
    for fact in facts:
        at = _machine_home(result, fact)
        if at is None:
            continue
        entity = _with_status(result[at], fact)
        field = _state_field(entity, fact)
        if field is None:
            continue
        moves = []
        for source, target, who, line in fact.moves:
            start, end = _spelled(source, field.enum), _spelled(target, field.enum)
            if start and end and start != end:
                moves.append(Transition(start, end, roles_in(who, roles), line))
            else:
                declared = field.source.line if field.source else line
                text = (
                    f"{entity.name} moves from {source} to {target}, but {field.name} has only "
                    f"{', '.join(field.enum)}; the move is left out."
                )
                misfits.append((text, (declared, line)))
        if moves:
            result[at] = _with_machine(entity, field, moves, fact.line)
    return result, misfits


def _machine_home(entities: Sequence[Entity], fact: StateFact) -> int | None:
    hinted = next((i for i, e in enumerate(entities) if e.name == fact.entity), None)
    if hinted is not None:
        return hinted
    scored = [(_overlap(f, fact), -i) for i, e in enumerate(entities) for f in e.fields if f.type == "enum"]
    best = max(scored, default=(0.0, 0))
    return -best[1] if best[0] >= 0.6 else None


def _states_of(fact: StateFact) -> tuple[str, ...]:
    return tuple(dict.fromkeys(s for move in fact.moves for s in move[:2]))


def _overlap(field: Field, fact: StateFact) -> float:
    states = _states_of(fact)
    return sum(1 for s in states if _spelled(s, field.enum)) / len(states)


def _spelled(state: str, values: tuple[str, ...]) -> str | None:
    return next((v for v in values if same_state(v, state)), None)


def _state_field(entity: Entity, fact: StateFact) -> Field | None:
    scored = [
        (_overlap(f, fact), f.name in {"status", "state"}, -i) for i, f in enumerate(entity.fields) if f.type == "enum"
    ]
    best = max(scored, default=(0.0, False, 0))
    return entity.fields[-best[2]] if best[0] >= 0.5 else None


def _with_status(entity: Entity, fact: StateFact) -> Entity:
    """Return the entity with a field that can hold the states, adding `status` when it has none."""
    if _state_field(entity, fact) or any(f.type == "enum" and f.name in {"status", "state"} for f in entity.fields):
        return entity
    states = _states_of(fact)
    old = next((f for f in entity.fields if f.name in {"status", "state"}), None)
    new = Field(
        old.name if old else "status", "enum", enum=states, source=old.source if old else Source(fact.line, "derived")
    )
    if old:
        return replace(entity, fields=tuple(new if f is old else f for f in entity.fields))
    return replace(entity, fields=(*entity.fields[:-2], new, *entity.fields[-2:]))


def _with_machine(entity: Entity, field: Field, moves: list[Transition], line: int) -> Entity:
    old = entity.states
    if old and old.field == field.name:
        known = {(t.source, t.target) for t in old.transitions}
        moves = [*old.transitions, *(m for m in moves if (m.source, m.target) not in known)]
    merged: dict[tuple[str, str], Transition] = {}
    for move in moves:
        merged.setdefault((move.source, move.target), move)
    targets = {m.target for m in merged.values()}
    first = (
        field.default
        if isinstance(field.default, str)
        else next((s for s in field.enum if s not in targets), field.enum[0])
    )
    machine = StateMachine(field.name, first, field.enum, tuple(merged.values()), old.source if old else Source(line))
    new = replace(field, default=first, required=True)
    return replace(entity, fields=tuple(new if f.name == field.name else f for f in entity.fields), states=machine)


def derived_machine(entity: Entity, verbs: Mapping[str, str], line: int) -> Entity:
    """Return the entity with moves concluded from its operations: to each state of a verb, from those before it."""
    field = next((f for f in entity.fields if f.type == "enum" and f.name in {"status", "state"}), None)
    if field is None or entity.states or not verbs:
        return entity
    first = field.default if isinstance(field.default, str) else field.enum[0]
    final = {
        s
        for s in field.enum
        if re.search(r"cancel|reject|fail|expire|clos|complet|deliver|refund|done|archiv", fold(s))
    }
    moves = [
        Transition(source, target, (), line)
        for target in dict.fromkeys(verbs.values())
        for i, source in enumerate(field.enum)
        if source not in final and source != target and (i < field.enum.index(target) or target == first)
    ]
    if not moves:
        return entity
    machine = StateMachine(field.name, first, field.enum, tuple(moves), Source(line, "derived"))
    new = replace(field, default=first, required=True)
    return replace(entity, fields=tuple(new if f.name == field.name else f for f in entity.fields), states=machine)
