"""One service, from its first try to its place: tried, paid, hinted, waited for, given up."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from pytest_superteam.builders.base import BuildRequest
from pytest_superteam.builders.placing import clear_site, new_site
from pytest_superteam.builders.plan import key_of
from pytest_superteam.errors import BudgetError, BuildError
from pytest_superteam.pipeline.fleet.children import end_children
from pytest_superteam.pipeline.fleet.classes import class_of, error_text
from pytest_superteam.pipeline.fleet.delays import TooLongError, delay
from pytest_superteam.pipeline.fleet.hints import hint_for
from pytest_superteam.pipeline.fleet.outcome import Outcome, Paid
from pytest_superteam.pipeline.fleet.signatures import signature
from pytest_superteam.pipeline.fleet.signs import Signs
from pytest_superteam.pipeline.fleet.standing import failed_tries, standing
from pytest_superteam.pipeline.money.caps import NoRoomError

if TYPE_CHECKING:
    from pathlib import Path

    from pytest_superteam.builders.base import Builder
    from pytest_superteam.models import BuildResult
    from pytest_superteam.pipeline.fleet.payment import Step
    from pytest_superteam.pipeline.fleet.slots import Place
    from pytest_superteam.pipeline.fleet.tools import Tools
    from pytest_superteam.pipeline.fleet.trying import Ended
    from pytest_superteam.pipeline.state.attempts import Attempt

__all__ = ["ServiceBuild"]


class ServiceBuild:
    """Builds one service, as often as it takes and may."""

    def __init__(self, tools: Tools, service: str) -> None:
        """Build `service`."""
        self._tools, self._plan, self._service = tools, tools.plan, service
        self._outcome = Outcome(tools, service)

    async def run(self) -> BuildResult:
        """Return the result; a failure is one, not an exception."""
        while True:
            tried = self._tries()
            stands = standing(tried, self._plan.retry)
            if stands.review:
                builder = self._named(tried[-1].builder)
                return self._outcome.left(builder, tried[-1].error, stands.review, stands.kind, tried)
            place = await self._tools.slots.enter(self._service)
            if place is None:
                return self._stopped()
            if place.builder is None:
                result = await self._wait_for_room(place)
            else:
                result = await self._use(place, place.builder, stands.hint or self._old_hint(tried))
            if result is not None:
                return result

    async def _use(self, place: Place, builder: Builder, hint: str) -> BuildResult | None:
        """Try once, and wait where another try is to follow; the slot is held no longer than the try takes."""
        try:
            result = await self._try(place, builder, hint)
        finally:
            self._tools.slots.leave(place)
        if isinstance(result, Pause):
            await self._tools.brake.sleep(result.seconds)
            return None
        return result

    # ------------------------------------------------------------ one try

    async def _try(self, place: Place, builder: Builder, hint: str) -> BuildResult | Pause:
        site = new_site(self._plan.build, self._service)
        try:
            signs = Signs(self._tools)
            request = self._request(site, hint, signs)
            try:
                step = await self._tools.payments.reserve(builder, request, self._parent)
            except BudgetError as error:
                return self._unpaid(builder, error)
            if not self._tools.quotas.take(place.platform):
                step.release()
                return Pause(0.0)
            return await self._paid(place, builder, replace(request, spend_usd=self._spend(step)), step, signs)
        finally:
            if not self._outcome.on_its_way:
                clear_site(site)

    async def _paid(
        self, place: Place, builder: Builder, request: BuildRequest, step: Step, signs: Signs
    ) -> BuildResult | Pause:
        attempt = self._begin(place, builder, request, step)
        try:
            ended = await self._tools.trying.run(builder, request, lambda watchdog: signs.begin(watchdog, step))
        except BaseException:  # we are cut off ourselves
            step.settle(None)
            self._tools.tries.end(attempt, "interrupted")
            raise
        finally:
            end_children(request.directory)
        signs.close()
        self._tools.parents[self._service] = step.number or self._parent
        if ended.abandoned:
            told = f"{builder.name} takes no notice of its end; it is left behind at {self._service}"
            self._plan.log.emit("attempt", told, level="warning", service=self._service, builder=builder.name)
        if ended.output is not None:
            tries = len(failed_tries(self._tries())) + 1
            try:
                return self._outcome.built(builder, ended.output, request.directory, attempt, Paid(step, signs), tries)
            except BuildError as error:  # what it left is no source tree
                ended = replace(ended, status="failed", error=BuildError(str(error), usage=ended.output.usage))
        signs.note()
        return self._failed(builder, request, attempt, step, ended)

    def _unpaid(self, builder: Builder, error: BudgetError) -> BuildResult:
        """Return what follows where a try can't be paid: the run stops where it has no money, or else a person looks.

        Before it stops, what is at work and what still fits comes to its end.
        """
        if isinstance(error, NoRoomError) and not error.cap.service:
            self._tools.unpaid = self._tools.unpaid or str(error)
            return self._outcome.not_begun(builder, str(error))
        return self._outcome.left(builder, str(error), str(error), "budget", self._tries())

    def _begin(self, place: Place, builder: Builder, request: BuildRequest, step: Step) -> int:
        """Write down that a try begins."""
        model = str(getattr(builder, "model", ""))
        try:
            attempt = self._tools.tries.start(
                phase=self._plan.phase,
                service=self._service,
                number=request.attempt,
                builder=builder.name,
                model=model,
                key=key_of(self._tools.parts(self._service, builder)),
                hint=request.hint,
            )
        except BaseException:
            step.release()
            raise
        data: dict[str, Any] = {"service": self._service, "builder": builder.name, "model": model}
        if len(self._tools.routing.candidates(self._service)) > 1:
            self._plan.log.emit("routing", f"{self._service} goes to {place.reason}", reason=place.reason, **data)
        number, of = request.attempt, self._last_number(request.attempt)
        told = f"{self._service}: try {number} by {builder.name}" + (", with a hint" if request.hint else "")
        self._plan.log.emit("attempt", told, number=number, of=of, status="running", **data)
        self._plan.log.emit("builder", f"{self._service} is being built by {builder.name}", state="building", **data)
        return attempt

    def _failed(
        self, builder: Builder, request: BuildRequest, attempt: int, step: Step, ended: Ended
    ) -> BuildResult | Pause:
        """Write down how a try failed, and return what follows from it."""
        error = ended.error or BuildError("no reason was given")
        text, found = self._without_place(error_text(error), request.directory), class_of(error)
        step.settle(getattr(error, "usage", None))
        if ended.status == "interrupted":
            self._tools.tries.end(attempt, "interrupted", error=text)
            return self._stopped()
        self._outcome.keep_files(request.directory)
        retryable = found.retryable
        self._tools.tries.end(attempt, ended.status, error=text, signature=signature(text), retryable=retryable)
        told = f"{self._service}: try {request.attempt} {ended.status}: {text}"
        data: dict[str, Any] = {
            "service": self._service,
            "number": request.attempt,
            "builder": builder.name,
            "status": ended.status,
        }
        self._plan.log.emit("attempt", told, level="warning", **data)
        return self._pause(builder, text, found.retry_after, found.kind)

    @staticmethod
    def _without_place(text: str, directory: Path) -> str:
        """Return a message without the folder of its try, which is gone when somebody reads it."""
        return text.replace(str(directory), ".").replace(str(directory.resolve()), ".")

    def _pause(self, builder: Builder, text: str, retry_after: float | None, kind: str) -> BuildResult | Pause:
        """Return how long to wait before the next try; without one, at once to the end."""
        tried = self._tries()
        failed, retry = len(failed_tries(tried)), self._plan.retry
        if standing(tried, retry).review:
            return Pause(0.0)
        try:
            seconds = delay(failed, retry, retry_after=retry_after)
        except TooLongError as error:
            again = self._plan.clock() + error.seconds
            return self._outcome.left(builder, text, f"{builder.name} {error}: {text}", kind, tried, retry_at=again)
        told = f"{self._service}: tried again in {seconds:.1f} s"
        number = self._next_number
        data = {"attempt": number, "of": self._last_number(number), "wait": seconds, "reason": text}
        self._plan.log.emit("retry", told, level="warning", service=self._service, **data)
        return Pause(seconds)

    # ------------------------------------------------------------ around it

    async def _wait_for_room(self, place: Place) -> BuildResult | None:
        """Wait until a platform has room again; where that takes too long, the service is left for a person."""
        now = self._plan.clock()
        if place.free_at is None or place.free_at - now > self._plan.retry.longest_wait:
            builder = self._named("")
            return self._outcome.left(
                builder, place.reason, place.reason, "quota", self._tries(), retry_at=place.free_at
            )
        self._plan.log.emit("quota", f"{self._service} waits: {place.reason}", level="warning", service=self._service)
        await self._tools.brake.sleep(max(0.01, place.free_at - now))
        return None

    def _stopped(self) -> BuildResult:
        """Return what it means for the service that it is time to stop."""
        builder, why = self._named(""), self._tools.brake.stopped
        if self._plan.stopping.requested or self._tools.broken:
            return self._outcome.not_begun(builder, why)
        return self._outcome.refused(builder, why, len(failed_tries(self._tries())))

    def _request(self, site: Path, hint: str, signs: Signs) -> BuildRequest:
        build = self._plan.build
        pacts = {
            provider: pact for (consumer, provider), pact in sorted(build.pacts.items()) if consumer == self._service
        }
        return BuildRequest(
            service=self._service,
            architecture=build.architecture,
            directory=site,
            pacts=pacts,
            attempt=self._next_number,
            hint=hint,
            timeout=build.timeout,
            report=signs,
        )

    def _spend(self, step: Step) -> float | None:
        return step.worst.usd if self._plan.ledger is not None else None

    def _tries(self) -> list[Attempt]:
        """Return the tries that count."""
        return [tried for tried in self._tools.tries.of(self._service) if self._tools.counts(tried)]

    def _old_hint(self, tried: list[Attempt]) -> str:
        """Return what the first try is told that a person asked for after all others had failed."""
        keys, before = self._tools.keys(self._service), self._tools.tries.of(self._service)
        old = [] if tried else [row for row in failed_tries(before) if row.key in keys]
        return hint_for(old[-1].error, old) if old else ""

    @property
    def _next_number(self) -> int:
        """Return the number of the next try: one that was cut off has one too."""
        return max((tried.number for tried in self._tools.tries.of(self._service)), default=0) + 1

    def _last_number(self, number: int) -> int:
        """Return the number that the last try has where `number` is the next one, and all fail."""
        return number + self._plan.retry.attempts - len(failed_tries(self._tries())) - 1

    @property
    def _parent(self) -> int:
        return self._tools.parents.get(self._service, self._plan.parent)

    def _named(self, name: str) -> Builder:
        """Return a builder by its name, or the one that the service goes to first."""
        candidates = (*self._plan.build.builders, *self._tools.routing.candidates(self._service))
        first = next(iter(self._tools.routing.candidates(self._service)), self._plan.build.builder)
        return next((builder for builder in candidates if builder.name == name), first)


class Pause:
    """Nothing yet: wait so many seconds, then look again."""

    def __init__(self, seconds: float) -> None:
        """Wait `seconds`."""
        self.seconds = seconds
