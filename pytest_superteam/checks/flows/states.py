"""The states of a row: every lawful move made, every other one refused."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pytest_superteam.checks.flows.design import ANYBODY
from pytest_superteam.checks.flows.moves import Move, illegal_attempts, lawful_moves, reached_by, walks
from pytest_superteam.checks.flows.planning import reachable_states
from pytest_superteam.checks.flows.records import create_row
from pytest_superteam.checks.flows.refusals import FORBIDDEN_MOVE, expect_refusal
from pytest_superteam.checks.flows.story import ILLEGAL, LAWFUL, BrokenFlowError
from pytest_superteam.checks.flows.wording import named, with_article

if TYPE_CHECKING:
    from pytest_superteam.checks.exchanges import Answer
    from pytest_superteam.checks.flows.moves import Attempt
    from pytest_superteam.checks.flows.world import Row, World
    from pytest_superteam.models import Entity, Operation

__all__ = ["illegal_moves", "lifecycle", "make_move"]

_ATTEMPTS = 60  # illegal moves of one flow


def lifecycle(world: World, entity: Entity) -> None:
    """Make every lawful move that can be reached, and see each in the answer and in what is stored."""
    machine = entity.states
    if machine is None:
        return
    for walk in walks(lawful_moves(world.design, entity), machine.initial):
        row = create_row(world, entity, f"create {with_article(entity.name)} to move to {walk[-1].target}", whole=False)
        for move in walk:
            make_move(world, row, move)


def make_move(world: World, row: Row, move: Move) -> None:
    """Make a lawful move.

    Raises:
        BrokenFlowError: it was refused, or led elsewhere.
    """
    title = f"move it from {move.source} to {move.target}"
    answer = _call(world, title, row, move.operation, move.target, move.role)
    if not answer.ok:
        raise world.story.broken(
            LAWFUL,
            f"{named(move.operation)} of {move.operation.service} answered {answer.status} for "
            f"{with_article(row.entity.name)} in {move.source}, which may become {move.target}. Allow the move.",
        )
    for state, where in ((_state(row, answer.json()), "answered"), (_stored(world, row), "is stored with")):
        if state is not None and state != move.target:
            raise world.story.broken(
                LAWFUL,
                f"{named(move.operation)} of {move.operation.service} moved {with_article(row.entity.name)} from "
                f"{move.source} to {move.target}, and the row {where} {state!r}. Store and answer the new state.",
            )


def _call(world: World, title: str, row: Row, operation: Operation, target: str, role: str) -> Answer:
    body, _ = world.body(row.entity, operation)
    field = row.entity.states.field if row.entity.states else ""
    if operation.target_state is None:
        body = {**(body if isinstance(body, dict) else {}), field: target}
    return world.call(title, operation, role=role, row=row, body=body)


def _state(row: Row, answer: Any) -> Any:
    """Return the state that an answer about the row itself tells, None where it tells none."""
    field = row.entity.states.field if row.entity.states else ""
    about = isinstance(answer, dict) and str(answer.get(row.key, row.id)) == row.id
    return answer.get(field) if about else None


def _stored(world: World, row: Row) -> Any:
    read = world.design.operation(row.entity, "read")
    if read is None:
        return None
    answer = world.call("read its state", read, role=world.design.role(read) or ANYBODY, row=row)
    return _state(row, answer.json()) if answer.ok else None


def illegal_moves(world: World, entity: Entity) -> None:
    """In each state that a row can reach, try what its state machine does not have: it has to be refused."""
    machine = entity.states
    if machine is None:
        return
    moves, left = lawful_moves(world.design, entity), _ATTEMPTS
    waiting = list(reachable_states(world.design, entity))
    while waiting and left > 0:
        target = max(waiting, key=lambda state: len(reached_by(moves, machine.initial, state) or ()))
        row = create_row(world, entity, f"create {with_article(entity.name)} to move to {target}", whole=False)
        here = machine.initial
        for move in [None, *(reached_by(moves, machine.initial, target) or ())]:
            if move is not None:
                make_move(world, row, move)
                here = move.target
            if here in waiting:
                waiting.remove(here)
                tries = illegal_attempts(world.design, entity, here)[:left]
                left -= len(tries)
                for attempt in tries:
                    _attempt(world, row, here, attempt)


def _attempt(world: World, row: Row, state: str, attempt: Attempt) -> None:
    title = f"try to move it from {state} to {attempt.target}"
    answer = _call(world, title, row, attempt.operation, attempt.target, attempt.role)
    what = f"a move from {state} to {attempt.target} ({attempt.reason})"
    refused = expect_refusal(world, attempt.operation, answer, FORBIDDEN_MOVE, what)
    now = _stored(world, row)
    if now is None or now == state:
        return
    if refused:
        message = (
            f"{named(attempt.operation)} of {attempt.operation.service} refused {what} with {answer.status}, and the "
            f"{row.entity.name} is {now!r} all the same. Leave a row that is refused as it was."
        )
        world.story.wrong(ILLEGAL, message)
    raise BrokenFlowError(f"{with_article(row.entity.name)} in {state} became {now}")
