"""One try of one builder, from its beginning until nothing of it is left: its time, its silence, its end."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from pytest_superteam.builders.base import BuildOutput
from pytest_superteam.errors import BuildError
from pytest_superteam.pipeline.fleet.stuck import Watchdog

if TYPE_CHECKING:
    from collections.abc import Callable

    from pytest_superteam.builders.base import Builder, BuildRequest
    from pytest_superteam.pipeline.fleet.bell import Bell
    from pytest_superteam.pipeline.fleet.brake import Brake
    from pytest_superteam.pipeline.fleet.lanes import Finished, Lane, Work

__all__ = ["Ended", "Limits", "Trying"]

CANCEL_SECONDS = 10.0
"""What a builder gets to end what it began, such as its own processes, after it was cancelled."""
HARD_SECONDS = 2.0
"""The same where the run is stopped at once."""
CANCELS = 3
"""So many times it is told."""
LOOKS = 10
"""So often within the time of a stall it is looked whether anything moves."""
LONGEST_LOOK = 30.0
"""Seconds between two of these looks, at most."""

Status = Literal["succeeded", "failed", "timed out", "stalled", "interrupted"]


@dataclass(frozen=True)
class Limits:
    """What one try may take, in seconds."""

    timeout: float
    stall: float


@dataclass(frozen=True)
class Ended:
    """How a try ended."""

    status: Status
    output: BuildOutput | None = None
    error: BaseException | None = None
    abandoned: bool = False
    """Whether the builder took no notice of its end."""


class Trying:
    """Runs a builder and watches it."""

    def __init__(self, lane: Lane, brake: Brake, bell: Bell, limits: Limits) -> None:
        """Run builders in `lane`, as long as `brake` and `limits` let them."""
        self._lane, self._brake, self._bell, self._limits = lane, brake, bell, limits

    async def run(self, builder: Builder, request: BuildRequest, begun: Callable[[Watchdog], None]) -> Ended:
        """Let `builder` build and return how that ended; `begun` gets who is told signs of life."""
        clock = asyncio.get_running_loop().time
        watchdog = Watchdog(request.directory, self._limits.stall, clock)
        begun(watchdog)
        work = self._lane.start(lambda: builder.build(request), request.service)
        try:
            cut = await self._watch(work, watchdog, clock() + self._limits.timeout)
            if cut is None:
                return await self._ended(work)
            return await self._cut_off(work, *cut)
        except asyncio.CancelledError:
            work.cancel()
            work.abandon()
            raise

    async def _watch(self, work: Work, watchdog: Watchdog, end: float) -> tuple[Status, str] | None:
        """Return how and why the try has to be cut off; None where it comes to an end by itself."""
        clock = asyncio.get_running_loop().time
        look = min(LONGEST_LOOK, self._limits.stall / LOOKS) or LONGEST_LOOK
        next_look = clock() + look
        while not work.done.done():
            if self._brake.cut:
                return "interrupted", self._brake.cut
            if clock() >= end:
                return "timed out", f"no end after {self._limits.timeout:g} s"
            if clock() >= next_look:
                if watchdog.stalled:
                    return "stalled", f"neither a changed file nor a word for {self._limits.stall:g} s"
                next_look = clock() + look
            await self._bell.wait(min(end, next_look, clock() + self._brake.cut_in) - clock(), until=[work.done])
        return None

    async def _cut_off(self, work: Work, status: Status, why: str) -> Ended:
        """Cancel a builder; where it ends with a result all the same, that counts."""
        for _ in range(CANCELS):
            work.cancel()
            await self._patiently(work.done, CANCEL_SECONDS / CANCELS)
            if work.done.done():
                ended = await self._ended(work)
                if ended.status == "succeeded":
                    return ended
                error = ended.error
                usage, more = (error.usage, str(error)) if isinstance(error, BuildError) else (None, "")
                told = f"{why}; {more}" if more else why
                return Ended(status, error=BuildError(told, usage=usage, retryable=True), abandoned=ended.abandoned)
        work.abandon()
        return Ended(status, error=BuildError(why, retryable=True), abandoned=True)

    async def _ended(self, work: Work) -> Ended:
        """Return how a builder ended by itself, once what it began has ended too."""
        await self._patiently(work.gone, CANCEL_SECONDS)
        if not work.gone.done():
            work.abandon()
        finished: Finished = work.done.result()
        output, error = finished.value, finished.error
        if error is None and not _is_output(output):
            what = type(output).__name__
            error = BuildError(f"the builder returned no BuildOutput whose `start` is a tuple of words, but {what}.")
        if error is None:
            return Ended("succeeded", output=output, abandoned=not work.gone.done())
        return Ended("failed", error=error, abandoned=not work.gone.done())

    async def _patiently(self, future: asyncio.Future[Any], seconds: float) -> None:
        """Wait for an end, not as long where the run is stopped at once."""
        clock = asyncio.get_running_loop().time
        start = clock()
        while not future.done():
            left = start + min(seconds, HARD_SECONDS / CANCELS if self._brake.at_once else seconds) - clock()
            if left <= 0:
                return
            await self._bell.wait(left, until=[future])


def _is_output(output: object) -> bool:
    """Return whether a builder returned what it promised; what comes from others is looked at, not believed."""
    if not isinstance(output, BuildOutput):
        return False
    vectors = (output.start, output.test)
    plain = all(isinstance(v, (tuple, list)) and all(isinstance(part, str) for part in v) for v in vectors)
    return plain and bool(output.start)
