"""What all services of a fleet share while it works."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from pytest_superteam.builders.plan import key_of
from pytest_superteam.pipeline.fleet.bell import Bell
from pytest_superteam.pipeline.fleet.brake import Brake
from pytest_superteam.pipeline.fleet.lanes import ThreadLane
from pytest_superteam.pipeline.fleet.nobooks import NoQuotas, NoReviews, OneBuilder
from pytest_superteam.pipeline.fleet.payment import Payments
from pytest_superteam.pipeline.fleet.slots import Slots
from pytest_superteam.pipeline.fleet.tries import Tries
from pytest_superteam.pipeline.fleet.trying import Limits, Trying

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pytest_superteam.builders.base import Builder
    from pytest_superteam.models import BuildResult
    from pytest_superteam.pipeline.fleet.plan import FleetPlan
    from pytest_superteam.pipeline.fleet.ports import LedgerBook, QuotaBook, ReviewBook, Routing
    from pytest_superteam.pipeline.state.attempts import Attempt

__all__ = ["Tools"]


class Tools:
    """The plan, the books with their stand-ins, and what wakes, brakes, pays and watches; within one event loop."""

    def __init__(self, plan: FleetPlan) -> None:
        """Get ready for `plan`."""
        from pytest_superteam.pipeline.money.ledger import NoLedger

        self.plan = plan
        self.loop = asyncio.get_running_loop()
        self.routing: Routing = plan.router or OneBuilder(plan.build.builder)
        self.quotas: QuotaBook = plan.quotas or NoQuotas()
        self.ledger: LedgerBook = plan.ledger or NoLedger()
        self.tries = Tries(plan.attempts, plan.session)
        self.reviews: ReviewBook = plan.reviews or NoReviews()
        lane = plan.lane or ThreadLane()
        self.bell = Bell()
        self.brake = Brake(plan.stopping, self.bell, grace=plan.retry.grace, seconds=plan.seconds)
        self.slots = Slots(plan.build.parallel, self.routing, self.quotas, self.bell, self.brake)
        self.payments = Payments(plan, self.ledger, self.routing, lane, self.bell, self.brake)
        self.trying = Trying(lane, self.brake, self.bell, Limits(plan.build.timeout, plan.retry.stall))
        self.broken: BaseException | None = None
        """What went wrong with the books, or within ourselves."""
        self.unpaid = ""
        """Why the run stops in the end: its budget has no room for a try."""
        self.known: Mapping[str, BuildResult] = {}
        """What was built before."""
        self.parents: dict[str, int] = {}
        """The last step of each service in the ledger."""
        self._parts: dict[tuple[str, str], dict[str, str]] = {}

    def parts(self, service: str, builder: Builder) -> dict[str, str]:
        """Return the hash of each thing that a build depends on."""
        place = (service, builder.name)
        if place not in self._parts:
            self._parts[place] = self.plan.build.parts(service, builder)
        return self._parts[place]

    def key(self, service: str, builder: Builder) -> str:
        """Return the key that tries of a builder are kept under: each fix attempt has tries of its own."""
        parts, mending = self.parts(service, builder), self.plan.mending.get(service)
        return key_of(parts if mending is None else {**parts, "fix": str(mending.number)})

    def keys(self, service: str, only: Builder | None = None) -> frozenset[str]:
        """Return the keys of tries that count for a service, of one builder where `only` says so."""
        builders = self.plan.build.builders if only is None else (only,)
        return frozenset(self.key(service, builder) for builder in builders)

    def counts(self, tried: Attempt, only: Builder | None = None) -> bool:
        """Return whether a try counts against the number of tries: those of before do not where a person asks again."""
        ours = tried.id not in self.tries.before or (self.plan.session and tried.session == self.plan.session)
        fits = tried.phase == self.plan.phase and tried.key in self.keys(tried.service, only)
        return fits and bool(ours or not self.plan.again)

    def break_down(self, error: BaseException) -> None:
        """Stop in good order, for what is done can't be written down, or we are wrong ourselves."""
        self.broken = self.broken or error
        self.brake.break_down(f"{type(error).__name__}: {error}")
