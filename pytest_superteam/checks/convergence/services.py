"""Which services of the found system do the work of a service that was asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_superteam.checks.convergence.naming import alike, core, singular
from pytest_superteam.checks.convergence.operations import is_asked_for

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pytest_superteam.checks.convergence.operations import FoundOperations
    from pytest_superteam.models import Architecture

__all__ = ["homes_of"]


def homes_of(
    service: str, asked: Architecture, system: Architecture, names: Sequence[str], found: FoundOperations
) -> tuple[str, ...]:
    """Return the found services, of `names`, that stand for `service`: by name, else by what they serve and keep.

    One found service may stand for several, and several for one. Where one service was asked for, or one was found that
    can't be told apart by its operations, all of them stand for it.
    """
    named = tuple(name for name in names if core(name) == core(service))
    if named or len(asked.services) == 1:
        return named or tuple(names)
    close = tuple(name for name in names if alike(name, service))
    taken = {core(other.name) for other in asked.services}
    if len(close) == 1 and core(close[0]) not in taken:
        return close
    operations = [o for o in asked.operations_of(service) if is_asked_for(o)]
    serving = {other.service for operation in operations for other in found.serving(operation)}
    if serving:
        return tuple(name for name in names if name in serving)
    mine = {singular(e.name) for e in asked.entities if e.service == service}
    keeping: dict[str, int] = {}
    for entity in system.entities:
        if singular(entity.name) in mine:
            keeping[entity.service] = keeping.get(entity.service, 0) + 1
    best = max(keeping, key=lambda name: keeping[name], default="")
    if best and keeping[best] * 2 >= len(mine):
        return (best,)
    return tuple(names) if len(names) == 1 and not operations else ()
