"""Events that become rows of another service: told within seconds, seen by whoever may list them."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from pytest_superteam.checks.flows.design import ANYBODY
from pytest_superteam.checks.flows.lists import walk
from pytest_superteam.checks.flows.moves import lawful_moves, walks
from pytest_superteam.checks.flows.planning import told_events
from pytest_superteam.checks.flows.records import create_row
from pytest_superteam.checks.flows.states import make_move
from pytest_superteam.checks.flows.story import LAWFUL
from pytest_superteam.checks.flows.values import same
from pytest_superteam.checks.flows.wording import named
from pytest_superteam.contracts.plans import snake

if TYPE_CHECKING:
    from pytest_superteam.checks.flows.world import Row, World
    from pytest_superteam.models import Entity, Operation

__all__ = ["told"]

_PATIENCE = 8.0  # seconds until a row has to be there: a relay that tries again does so within five
_PAUSE = 0.05  # seconds before the second look; each later pause is longer
_LONGER = 1.6  # times


def told(world: World, entity: Entity, about: Entity) -> None:
    """Make and move a row, and see that each event that is published on the way becomes a row of `entity`."""
    links = {event.name: link for event, link in told_events(world.design, entity) if event.entity == about.name}
    moves = lawful_moves(world.design, about)
    paths = walks(moves, about.states.initial) if about.states else []
    walk_taken = max(paths, key=lambda w: sum(bool(links.keys() & set(m.operation.publishes)) for m in w), default=[])
    row = create_row(world, about, whole=False)
    create = world.creator(about)
    expected = _see(world, entity, row, links, create, 0)
    for move in walk_taken:
        make_move(world, row, move)
        expected = _see(world, entity, row, links, move.operation, expected)


def _see(world: World, entity: Entity, row: Row, links: dict[str, str], source: Operation, before: int) -> int:
    """Wait for the rows that `source` must lead to; returns how many there must be by now.

    Raises:
        BrokenFlowError: they did not come.
    """
    events = [name for name in source.publishes if name in links]
    if not events:
        return before
    wanted, link = before + len(events), links[events[0]]
    until, pause = time.monotonic() + _PATIENCE, _PAUSE
    while _count(world, entity, row, link, wanted, events[0]) < wanted:
        if time.monotonic() > until:
            raise world.story.broken(
                LAWFUL,
                f"{named(source)} of {source.service} publishes {' and '.join(events)}, and within {_PATIENCE:g} s no "
                f"{entity.name} of {entity.service} told of it ({link} = {row.id}). Deliver it, and write the row.",
            )
        time.sleep(pause)
        pause *= _LONGER
    return wanted


def _count(world: World, entity: Entity, row: Row, link: str, wanted: int, event: str) -> int:
    operation = world.design.operation(entity, "list")
    if operation is None:
        return wanted
    names = [str(p["name"]) for p in world.contract(operation).parameters if p.get("in") == "query"]
    filters = {n: row.id for n in names if snake(n) in {link, link.removesuffix("_id")}}

    def telling(rows: list[dict[str, Any]]) -> int:
        return len({str(one.get("id")) for one in rows if same(row.id, str(one.get(link)))})

    role = world.design.role(operation) or ANYBODY
    seen = walk(world, f"look for {event}", operation, lambda rows: telling(rows) >= wanted, role=role, query=filters)
    if not seen.readable:
        message = f"{named(operation)} of {operation.service} answered {seen.status} and no list. Answer a page."
        raise world.story.broken(LAWFUL, message)
    return telling(seen.rows)
