"""Who may build now: so many at the same time, each with a builder whose platform has room."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pytest_superteam.builders.base import Builder
    from pytest_superteam.pipeline.fleet.bell import Bell
    from pytest_superteam.pipeline.fleet.brake import Brake
    from pytest_superteam.pipeline.fleet.ports import QuotaBook, Routing

__all__ = ["Place", "Slots"]


@dataclass(frozen=True)
class Place:
    """What somebody who asked to build got."""

    builder: Builder | None
    """Who builds; None: nobody can now, and nothing is held."""
    reason: str
    platform: str = ""
    free_at: float | None = None
    """When somebody can again, in seconds since the epoch; None: never."""


class Slots:
    """The semaphore of the fleet; it is fair, and knows the limits of platforms."""

    def __init__(self, parallel: int, routing: Routing, quotas: QuotaBook, bell: Bell, brake: Brake) -> None:
        """Let `parallel` builders work at the same time."""
        self._parallel, self._routing, self._quotas = max(1, parallel), routing, quotas
        self._bell, self._brake = bell, brake
        self._busy: Counter[str] = Counter()

    async def enter(self, service: str, routing: Routing | None = None) -> Place | None:
        """Wait for a slot and hold it; None where it is time to stop. `routing` is the service's own, if any."""
        while not self._brake.stopped:
            place = self._look(service, routing or self._routing)
            if place is not None:
                if place.builder is not None:
                    self._busy[place.platform] += 1
                return place
            await self._bell.wait()
        return None

    def leave(self, place: Place) -> None:
        """Give the slot to the next one."""
        self._busy[place.platform] -= 1
        self._bell.ring()

    def _look(self, service: str, routing: Routing) -> Place | None:
        """Return what is to be had at this moment; None: nothing yet."""
        if self._busy.total() >= self._parallel:
            return None
        route = routing.choose(service)
        if route.builder is None:
            return Place(None, route.reason, free_at=route.free_at)
        platform = routing.platform(route.builder)
        if self._busy[platform] >= self._quotas.parallel(platform, self._parallel):
            return None
        return Place(route.builder, route.reason, platform)
