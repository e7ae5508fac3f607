"""From the uses of schemas to what differs below them: the shortest way there, and all operations it concerns."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, NamedTuple

from pytest_superteam.contracts.diff.changes import Change, shown
from pytest_superteam.contracts.diff.kinds import ASPECTS
from pytest_superteam.contracts.diff.naming import assess

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from pytest_superteam.contracts.diff.changes import Collector
    from pytest_superteam.contracts.diff.graph import Key, SchemaGraph, Use
    from pytest_superteam.contracts.diff.naming import Place

__all__ = ["collect"]


class _State(NamedTuple):
    """A pair of schemas as it is reached."""

    key: Key
    inner: bool
    """Whether it stands below the schema that is used."""
    flipped: bool
    hidden: bool


def collect(graph: SchemaGraph, found: Collector) -> None:
    """Add what differs between the schemas of `graph`, wherever they are used."""
    for place, uses in graph.uses.items():
        ways = _ways(graph, place, uses)
        operations = _operations(graph, place, uses, ways)
        for state, (use, path) in ways.items():
            for change, key in _changes(graph, place, state, use, path):
                for operation in (use.operation, *operations[state]):
                    found.add(change, key=key, operation=operation)


def _successors(graph: SchemaGraph, place: Place, state: _State) -> Iterator[tuple[_State, str]]:
    """Yield (state, step) of the pairs below that differ."""
    for edge, below in graph.nodes[state.key].edges:
        if graph.nodes[below].differs:
            hidden = state.hidden or (edge.read_only if place.sent else edge.write_only)
            yield _State(below, state.inner or bool(edge.step), state.flipped != edge.flipped, hidden), edge.step


def _ways(graph: SchemaGraph, place: Place, uses: list[Use]) -> dict[_State, tuple[Use, str]]:
    """Return the nearest use of each pair that is reached, and the path from there."""
    waiting: deque[tuple[_State, Use, str]] = deque((_root(use), use, "") for use in uses)
    found: dict[_State, tuple[Use, str]] = {}
    while waiting:
        state, use, path = waiting.popleft()
        if state not in found:
            found[state] = use, path
            for below, step in _successors(graph, place, state):
                if below not in found:
                    waiting.append((below, use, _joined(path, step)))
    return found


def _root(use: Use) -> _State:
    return _State(use.root, inner=False, flipped=False, hidden=False)


def _joined(path: str, step: str) -> str:
    if not step or not path or step.startswith("["):
        return path + step
    return f"{path}.{step}"


def _operations(
    graph: SchemaGraph, place: Place, uses: list[Use], states: Mapping[_State, object]
) -> dict[_State, list[str]]:
    """Return the operations from whose uses each state is reached.

    Sets of operations are numbers, a bit for each; they flow down the circles of states, each taken as one.
    """
    names = sorted({use.operation for use in uses})
    bit = {name: 1 << index for index, name in enumerate(names)}
    below = {state: [item for item, _step in _successors(graph, place, state)] for state in states}
    masks = dict.fromkeys(states, 0)
    for use in uses:
        masks[_root(use)] |= bit[use.operation]
    for circle in reversed(_circles(below)):
        mask = 0
        for state in circle:
            mask |= masks[state]
        for state in circle:
            masks[state] = mask
            for item in below[state]:
                masks[item] |= mask
    known: dict[int, list[str]] = {}
    for mask in set(masks.values()):
        known[mask] = [name for name in names if mask & bit[name]]
    return {state: known[mask] for state, mask in masks.items()}


def _circles(below: Mapping[_State, list[_State]]) -> list[list[_State]]:
    """Return the strongly connected components, each after those that it leads to (Tarjan 1972, without recursion)."""
    index: dict[_State, int] = {}
    low: dict[_State, int] = {}
    stack: list[_State] = []
    standing: set[_State] = set()
    found: list[list[_State]] = []
    for root in below:
        if root in index:
            continue
        work = [(root, iter(below[root]))]
        index[root] = low[root] = len(index)
        stack.append(root)
        standing.add(root)
        while work:
            state, rest = work[-1]
            for item in rest:
                if item not in index:
                    index[item] = low[item] = len(index)
                    stack.append(item)
                    standing.add(item)
                    work.append((item, iter(below[item])))
                    break
                if item in standing:
                    low[state] = min(low[state], index[item])
            else:
                work.pop()
                if work:
                    low[work[-1][0]] = min(low[work[-1][0]], low[state])
                if low[state] == index[state]:
                    found.append(_popped(stack, standing, state))
    return found


def _popped(stack: list[_State], standing: set[_State], until: _State) -> list[_State]:
    circle = []
    while True:
        state = stack.pop()
        standing.discard(state)
        circle.append(state)
        if state == until:
            return circle


def _changes(
    graph: SchemaGraph, place: Place, state: _State, use: Use, path: str
) -> Iterator[tuple[Change, tuple[object, ...]]]:
    """Yield what differs in a pair, each with what makes it the same change as another."""
    for index, finding in enumerate(graph.nodes[state.key].findings):
        kind, level = assess(place, finding, inner=state.inner, flipped=state.flipped, hidden=state.hidden)
        spot = _joined(path, finding.inside)
        where = f"{use.where}: `{spot}`" if spot else use.where
        values = shown(finding.old), shown(finding.new)
        yield (
            Change(kind, level, use.operation, where, ASPECTS[finding.aspect], *values),
            (*state.key, index, kind, level),
        )
