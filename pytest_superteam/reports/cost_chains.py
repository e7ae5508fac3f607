"""What led to what: the paid steps behind each service, from the architect over build and retry to the last fix."""

from __future__ import annotations

import math
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pytest_superteam.reports.text import one_line

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pytest_superteam.models import Cost

__all__ = ["Chain", "Link", "chains", "step_name"]


@dataclass(frozen=True)
class Link:
    """A step in a chain."""

    cost: Cost
    usd: float
    """This chain's part of what the step has cost, in US dollars."""
    shared: bool
    """Whether other chains have the rest."""

    @property
    def estimated(self) -> bool:
        """Return whether `usd` is worked out by us."""
        return self.cost.estimated or (self.shared and self.usd > 0)


@dataclass(frozen=True)
class Chain:
    """The steps that one service followed from, in order."""

    service: str
    """Empty where they are about the whole system, and no service followed from them."""
    links: tuple[Link, ...]

    @property
    def usd(self) -> float:
        """Return what they cost together, in US dollars."""
        return math.fsum(link.usd for link in self.links)

    @property
    def estimated(self) -> bool:
        """Return whether some of it was worked out by us."""
        return any(link.estimated for link in self.links)


def step_name(cost: Cost) -> str:
    """Return what a step is called in a chain: `architect`, `build`, `retry 2`, `fix, try 3`."""
    first, again = {"builders": ("build", "retry"), "fix": ("fix", "fix, try")}.get(
        cost.phase, (cost.phase, cost.phase)
    )
    return one_line(first if cost.attempt <= 1 else f"{again} {cost.attempt}", 40)


def chains(costs: Sequence[Cost]) -> list[Chain]:
    """Return the chains, by service; a step that several services followed from is split evenly between them."""
    ordered = sorted(costs, key=lambda cost: cost.id)
    parents = _parents(ordered)
    roots: dict[int, int] = {}
    for cost in ordered:
        roots[cost.id] = roots.get(parents[cost.id], cost.id)
    below = _services_below(ordered, parents)
    found: dict[tuple[str, int], list[Link]] = defaultdict(list)
    for cost in ordered:
        services = {cost.service} if cost.service else below[cost.id] or {""}
        for service in services:
            found[service, roots[cost.id]].append(Link(cost, cost.usd / len(services), shared=len(services) > 1))
    return [Chain(service, tuple(links)) for (service, _), links in sorted(found.items(), key=lambda pair: pair[0])]


def _parents(ordered: Sequence[Cost]) -> dict[int, int]:
    """Return the parent of each step, 0 where it has none; only an earlier step can be one, so nothing goes round."""
    known = {cost.id for cost in ordered}
    return {cost.id: cost.parent if cost.parent in known and cost.parent < cost.id else 0 for cost in ordered}


def _services_below(ordered: Sequence[Cost], parents: dict[int, int]) -> dict[int, set[str]]:
    """Return the services that followed from each step, its own included."""
    below: dict[int, set[str]] = defaultdict(set)
    for cost in reversed(ordered):
        if cost.service:
            below[cost.id].add(cost.service)
        below[parents[cost.id]] |= below[cost.id]
    return below
