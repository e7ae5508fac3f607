"""Which answers refuse what must not happen, by the contract."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_superteam.checks.flows.story import ILLEGAL

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pytest_superteam.checks.exchanges import Answer
    from pytest_superteam.checks.flows.world import World
    from pytest_superteam.models import Operation

__all__ = ["ABSENT", "CONFLICT", "FORBIDDEN_MOVE", "expect_refusal"]

ABSENT = (404, 410)
"""There is no such row."""
CONFLICT = (409, 404, 422, 400)
"""What a request says does not go with what is stored."""
FORBIDDEN_MOVE = (409, 403, 422, 400, 404, 405, 412)
"""The row must not be moved so."""


def expect_refusal(world: World, operation: Operation, answer: Answer, allowed: Sequence[int], what: str) -> bool:
    """Tell unless `answer` refuses, with a status that the contract documents where it documents one of `allowed`.

    Args:
        world: where the step was made.
        operation: what was called.
        answer: what came back.
        allowed: the statuses that can mean this refusal, the best first.
        what: what should have been refused, as the end of `to ...`.
    """
    known = world.design.documented(operation)
    documented = [status for status in allowed if status in known]
    fitting = set(documented) if documented else {s for s in range(400, 500) if s != 401}
    if answer.status in fitting:
        return True
    asked = documented[0] if documented else "a status from 400 to 499"
    world.story.wrong(
        ILLEGAL,
        f"{operation.method.upper()} {operation.path} of {operation.service} answered {answer.status} to {what}. "
        f"Refuse it with {asked}.",
        service=operation.service,
    )
    return False
