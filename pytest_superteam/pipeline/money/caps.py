"""Which budgets hold for a step, and what counts against them."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pytest_superteam.errors import BudgetError
from pytest_superteam.reports.costs import dollars
from pytest_superteam.reports.text import plural

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from pytest_superteam.config_entries.running import BudgetConfig, ServiceConfig
    from pytest_superteam.models import Cost

__all__ = ["WARN_AT", "Budgets", "Cap", "NoRoomError", "Room", "UnknownCostError", "held", "spent"]

WARN_AT = 0.8
"""Share of a budget from which on there is a warning."""
_CENT = 1e-9
"""What sums of floats may be off by, in US dollars."""


class NoRoomError(BudgetError):
    """A budget has no room for a step."""

    def __init__(self, room: Room, needed: float | None, what: str) -> None:
        """Say which budget has no room for `what`, and why."""
        asked = "unknown sum" if needed is None else dollars(needed)
        super().__init__(f"{room}: no room for the {asked} that {what} may cost, so it is not started")
        self.cap = room.cap
        """The budget; where it has a `service`, steps of other services may still fit."""
        self.later = not room.full and room.spent + (needed or 0.0) <= room.cap.limit + _CENT
        """Whether it fits where the steps at work turn out cheap enough."""


class UnknownCostError(BudgetError):
    """There is a budget, and nobody can say what a step may cost."""

    def __init__(self, what: str) -> None:
        """Say what was not started, and what to do."""
        super().__init__(
            f"budget: nobody can say what {what} may cost, so it is not started; "
            "set platforms.<name>.worst_case, or budget.allow_unknown_cost"
        )


def spent(cost: Cost) -> float:
    """Return what a step has cost up to now, in US dollars.

    One that ended without anybody knowing its cost counts as its worst case, or budgets would be for the honest only.
    """
    return cost.reserved_usd if cost.unknown and cost.status == "settled" else cost.usd


def held(cost: Cost) -> float:
    """Return what is set aside for a step at work beyond what it has cost up to now, in US dollars."""
    return max(0.0, cost.reserved_usd - cost.usd) if cost.status == "reserved" else 0.0


@dataclass(frozen=True)
class Cap:
    """One budget: of the whole run, of a phase or of a service."""

    setting: str
    """Where it is set."""
    limit: float
    """US dollars."""
    phase: str = ""
    service: str = ""

    def covers(self, cost: Cost) -> bool:
        """Return whether a step counts against it."""
        return self.phase in {"", cost.phase} and self.service in {"", cost.service}

    def room(self, costs: Iterable[Cost]) -> Room:
        """Return how much of it is taken."""
        mine = [cost for cost in costs if self.covers(cost)]
        unknown = sum(1 for cost in mine if cost.unknown and cost.reserved_usd and cost.status == "settled")
        return Room(self, math.fsum(map(spent, mine)), math.fsum(map(held, mine)), unknown)


@dataclass(frozen=True)
class Room:
    """How much of a budget is taken, in US dollars."""

    cap: Cap
    spent: float
    reserved: float
    unknown: int
    """Steps whose worst case counts as spent, since nobody could say what they cost."""

    @property
    def full(self) -> bool:
        """Return whether nothing is left."""
        return self.spent >= self.cap.limit - _CENT

    @property
    def taken(self) -> bool:
        """Return whether nothing is left, or will be where the steps at work cost what is set aside for them."""
        return self.spent + self.reserved >= self.cap.limit - _CENT

    def fits(self, needed: float) -> bool:
        """Return whether there is room for `needed` more."""
        return self.spent + self.reserved + needed <= self.cap.limit + _CENT

    @property
    def mark(self) -> int:
        """Return which mark the spending has reached: 100, 80 or 0 percent."""
        if self.spent <= 0:
            return 0
        return 100 if self.full else 80 if self.spent >= WARN_AT * self.cap.limit - _CENT else 0

    def __str__(self) -> str:
        """Say it in words."""
        worst = f" ({plural(self.unknown, 'step')} of unknown cost at the worst)" if self.unknown else ""
        of = dollars(self.cap.limit)
        return f"{self.cap.setting}: of {of}, {dollars(self.spent)} spent{worst} and {dollars(self.reserved)} reserved"


@dataclass(frozen=True)
class Budgets:
    """All budgets of a run."""

    budget: BudgetConfig
    services: Mapping[str, ServiceConfig]

    @property
    def any(self) -> bool:
        """Return whether there is one at all."""
        phases = self.budget.phases
        limits = (self.budget.total, self.budget.service, phases.architect, phases.builders, phases.fix)
        return any(limit is not None for limit in (*limits, *(named.budget for named in self.services.values())))

    def of(self, phase: str, service: str) -> Iterator[Cap]:
        """Yield the budgets that a step of a phase for a service counts against, the widest first."""
        if self.budget.total is not None:
            yield Cap("budget", self.budget.total)
        by_phase: float | None = getattr(self.budget.phases, phase, None)
        if by_phase is not None:
            yield Cap(f"budget.phases.{phase}", by_phase, phase=phase)
        if not service:
            return
        own = self.services[service].budget if service in self.services else None
        if own is not None:
            yield Cap(f"services.{service}.budget", own, service=service)
        elif self.budget.service is not None:
            yield Cap("budget.service", self.budget.service, service=service)
