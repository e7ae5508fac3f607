"""One service, from its first try to its place: tried, hinted, waited for, given up."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_superteam.pipeline.fleet.attempt import Failed, OneTry
from pytest_superteam.pipeline.fleet.delays import TooLongError, delay
from pytest_superteam.pipeline.fleet.history import History
from pytest_superteam.pipeline.fleet.outcome import Outcome
from pytest_superteam.pipeline.fleet.standing import standing

if TYPE_CHECKING:
    from pytest_superteam.builders.base import Builder
    from pytest_superteam.models import BuildResult
    from pytest_superteam.pipeline.fleet.slots import Place
    from pytest_superteam.pipeline.fleet.tools import Tools

__all__ = ["ServiceBuild"]

MOMENT = 0.01
"""Seconds that are waited at least: a clock that goes back must not make us run in circles."""


class ServiceBuild:
    """Builds one service, as often as it takes and may."""

    def __init__(self, tools: Tools, service: str, *, only: Builder | None = None, instead_of: str = "") -> None:
        """Build `service`, by one builder and no other where `only` says so; that may stand in for another one."""
        self._tools, self._plan, self._service = tools, tools.plan, service
        self._routing = tools.routing if only is None else tools.routing.only(only)
        self._history, self._outcome = History(tools, service, only), Outcome(tools, service, instead_of)

    @property
    def failed(self) -> bool:
        """Return whether it came to an end that is none one would want; what was not begun did not."""
        return self._outcome.failed

    async def run(self) -> BuildResult:
        """Return the result; a failure is one, not an exception."""
        while True:
            tried = self._history.counted()
            stands = standing(tried, self._plan.retry)
            if stands.review:
                builder = self._named(tried[-1].builder)
                return self._outcome.left(builder, tried[-1].error, stands.review, stands.kind, tried)
            place = await self._tools.slots.enter(self._service, self._routing)
            if place is None:
                return self._stopped()
            if place.builder is None:
                result = await self._wait_for_room(place)
            else:
                result = await self._use(place, place.builder, stands.hint or self._history.old_hint())
            if result is not None:
                return result

    async def _use(self, place: Place, builder: Builder, hint: str) -> BuildResult | None:
        """Try once, and wait where another try is to follow; the slot is held no longer than the try takes."""
        try:
            result = await OneTry(self._tools, self._service, place, builder).run(self._history, self._outcome, hint)
        finally:
            self._tools.slots.leave(place)
        return await self._wait(builder, result) if isinstance(result, Failed) else result

    async def _wait(self, builder: Builder, failed: Failed) -> BuildResult | None:
        """Wait before the next try, if there is one; where that takes too long, the service is left for a person."""
        tried, retry = self._history.counted(), self._plan.retry
        if standing(tried, retry).review:
            return None
        try:
            seconds = delay(self._history.failed(), retry, retry_after=failed.retry_after)
        except TooLongError as error:
            again, reason = self._plan.clock() + error.seconds, f"{builder.name} {error}: {failed.text}"
            return self._outcome.left(builder, failed.text, reason, failed.kind, tried, retry_at=again)
        number = self._history.next_number
        self._plan.log.emit(
            "retry",
            f"{self._service}: tried again in {seconds:.1f} s",
            level="warning",
            service=self._service,
            attempt=number,
            of=self._history.last_number(number),
            wait=seconds,
            reason=failed.text,
        )
        await self._tools.brake.sleep(seconds)
        return None

    async def _wait_for_room(self, place: Place) -> BuildResult | None:
        """Wait until a platform has room again; where that takes too long, the service is left for a person."""
        now, tried = self._plan.clock(), self._history.counted()
        if place.free_at is None or place.free_at - now > self._plan.retry.longest_wait:
            builder, reason = self._named(""), place.reason
            return self._outcome.left(builder, reason, reason, "quota", tried, retry_at=place.free_at)
        self._plan.log.emit("quota", f"{self._service} waits: {place.reason}", level="warning", service=self._service)
        await self._tools.brake.sleep(max(MOMENT, place.free_at - now))
        return None

    def _stopped(self) -> BuildResult:
        """Return what it means for the service that it is time to stop."""
        builder, why = self._named(""), self._tools.brake.stopped
        if self._plan.stopping.requested or self._tools.broken:
            return self._outcome.not_begun(builder, why)
        return self._outcome.refused(builder, why, self._history.failed())

    def _named(self, name: str) -> Builder:
        """Return a builder by its name, or the one that the service goes to first."""
        candidates = self._routing.candidates(self._service)
        every = (*candidates, *self._plan.build.builders)
        return next((builder for builder in every if builder.name == name), every[0])
