"""What a try costs: its worst case is set aside before it begins, what it used is settled when it has ended."""

from __future__ import annotations

import asyncio
from functools import partial
from typing import TYPE_CHECKING

from pytest_superteam.errors import BudgetError
from pytest_superteam.models import Usage, WorstCase
from pytest_superteam.pipeline.money.caps import NoRoomError

if TYPE_CHECKING:
    from collections.abc import Callable

    from pytest_superteam.builders.base import Builder, BuildRequest
    from pytest_superteam.pipeline.fleet.bell import Bell
    from pytest_superteam.pipeline.fleet.brake import Brake
    from pytest_superteam.pipeline.fleet.lanes import Lane
    from pytest_superteam.pipeline.fleet.plan import FleetPlan
    from pytest_superteam.pipeline.fleet.ports import LedgerBook, Routing

__all__ = ["Payments", "Step"]

ASK_SECONDS = 30.0
"""A builder has so long to say what a try may cost."""


class Step:
    """One try as the ledger sees it; a free one is written down only where it says that it used something."""

    def __init__(self, payments: Payments, reserve: Callable[[], int], worst: WorstCase, *, free: bool) -> None:
        """Set `worst` aside, unless the try is free.

        Raises:
            BudgetError: there is no room for it.
        """
        self.worst = worst
        self._payments, self._reserve = payments, reserve
        self.number = 0 if free else reserve()
        """Its number in the ledger, 0 where it is in none."""
        self._in_ledger = not free
        self.used: Usage | None = None
        """What it has reported so far."""

    def report(self, usage: Usage) -> None:
        """Take down what it has used so far."""
        self.used = usage
        if self._in_ledger:
            self._payments.ledger.report(self.number, usage)

    def settle(self, usage: Usage | None) -> None:
        """Take down what it used in the end; None: nobody knows."""
        said = self.used if usage in (None, Usage()) else usage
        if not self._in_ledger and said is not None:
            self.number, self._in_ledger, usage = self._reserve(), True, said
        if self._in_ledger:
            self._payments.ledger.settle(self.number, usage)
        self._payments.ended(self)

    def release(self) -> None:
        """Give back what was set aside: the try never began."""
        if self._in_ledger:
            self._payments.ledger.release(self.number)
        self._payments.ended(self)


class Payments:
    """Sets aside and settles for all tries of a fleet."""

    def __init__(
        self, plan: FleetPlan, ledger: LedgerBook, routing: Routing, lane: Lane, bell: Bell, brake: Brake
    ) -> None:
        """Pay from `ledger`."""
        self.ledger = ledger
        self._plan, self._routing, self._lane, self._bell, self._brake = plan, routing, lane, bell, brake
        self._under_way: set[Step] = set()
        self._ended = 0

    async def reserve(self, builder: Builder, request: BuildRequest, parent: int) -> Step:
        """Set the worst case of a try aside.

        Where there is no room, but other tries are under way, it waits for their end: they may turn out cheaper.

        Raises:
            BudgetError: there is no room for it.
        """
        worst = await self._worst(builder, request)
        reserve = partial(
            self.ledger.reserve,
            phase=self._plan.phase,
            service=request.service,
            attempt=request.attempt,
            builder=builder.name,
            platform=self._routing.platform(builder),
            worst=worst,
            parent=parent,
        )
        free = worst.usd == 0 and self._routing.tier(builder) == "free"
        while True:
            ended = self._ended
            try:
                step = Step(self, reserve, worst, free=free)
            except BudgetError as error:
                later = isinstance(error, NoRoomError) and error.later
                if not later or not self._under_way or self._brake.stopped:
                    raise
                while self._ended == ended and not self._brake.stopped:
                    await self._bell.wait()
            else:
                self._under_way |= set() if free else {step}
                return step

    def ended(self, step: Step) -> None:
        """Take down that what a step had set aside is free again."""
        self._under_way.discard(step)
        self._ended += 1
        self._bell.ring()

    async def _worst(self, builder: Builder, request: BuildRequest) -> WorstCase:
        """Return the most that a try can cost: as the settings say, or else the builder; None where neither knows."""
        model = str(getattr(builder, "model", ""))
        platform = self._plan.platforms.get(self._routing.platform(builder))
        if self._routing.tier(builder) != "paid":
            return WorstCase(0.0, model)
        if platform is not None and platform.worst_case is not None:
            return WorstCase(platform.worst_case, model)
        if not hasattr(builder, "worst_case"):
            return WorstCase(None, model)
        return await self._ask(builder, request) or WorstCase(None, model)

    async def _ask(self, builder: Builder, request: BuildRequest) -> WorstCase | None:
        """Return what a builder says that a try may cost; None where it does not answer."""

        async def ask() -> object:
            return builder.worst_case(request)  # type: ignore[attr-defined]  # it has one, as was looked

        clock = asyncio.get_running_loop().time
        work, end = self._lane.start(ask, f"{request.service}-worst-case"), clock() + ASK_SECONDS
        while not work.done.done() and clock() < end and not self._brake.cut:
            await self._bell.wait(min(end - clock(), self._brake.cut_in), until=[work.done])
        answer = work.done.result().value if work.done.done() else None
        if isinstance(answer, WorstCase):
            return answer
        work.abandon()
        told = f"{builder.name} could not say what a try at {request.service} may cost"
        self._plan.log.emit("cost", told, level="warning", service=request.service, builder=builder.name)
        return None
