"""When nothing new begins any more, and when what is at work is cut off."""

from __future__ import annotations

import asyncio
import contextlib
import math
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from pytest_superteam.pipeline.fleet.bell import Bell
    from pytest_superteam.pipeline.fleet.stopping import Stopping

__all__ = ["Brake"]

MOMENT = 0.05
"""Seconds after the end of the phase's time that those who wait are woken: a loop may wake a little early."""


class Brake:
    """Puts the wish to stop, the end of the phase's time and our own breakdown into one; within one event loop."""

    def __init__(self, stopping: Stopping, bell: Bell, *, grace: float, seconds: float) -> None:
        """Brake at the wish of `stopping` (`grace` seconds for what is at work), and after `seconds` at the latest."""
        self._loop = asyncio.get_running_loop()
        self._stopping, self._bell, self._grace = stopping, bell, grace
        self._seconds, self._end = seconds, self._loop.time() + seconds
        self._cut_at = math.inf
        self._broken = ""
        self._timer = self._loop.call_at(self._end + MOMENT, bell.ring)
        self._unwatch: Callable[[], None] = stopping.watch(self._heard)

    def release(self) -> None:
        """Stop listening."""
        self._unwatch()
        self._timer.cancel()

    def _heard(self) -> None:
        with contextlib.suppress(RuntimeError):  # said after all was over
            self._loop.call_soon_threadsafe(self._slow_down)

    def _slow_down(self) -> None:
        now = self._loop.time()
        self._cut_at = min(self._cut_at, now if self._stopping.at_once else now + self._grace)
        self._bell.ring()

    def break_down(self, reason: str) -> None:
        """Stop in good order, since what is done can't be written down any more."""
        self._broken = self._broken or reason
        self._cut_at = min(self._cut_at, self._loop.time() + self._grace)
        self._bell.ring()

    @property
    def stopped(self) -> str:
        """Return why nothing new begins; empty as long as it may."""
        return self._broken or self._stopping.reason or self._over()

    @property
    def cut(self) -> str:
        """Return why what is at work is cut off now; empty as long as it may go on."""
        over = self._over()
        return over or (self.stopped if self._loop.time() >= self._cut_at else "")

    @property
    def at_once(self) -> bool:
        """Return whether nobody wants to wait for anything any more."""
        return self._stopping.at_once

    @property
    def cut_in(self) -> float:
        """Return the seconds until what is at work is cut off, as far as that is known."""
        return max(0.0, min(self._cut_at, self._end) - self._loop.time())

    async def sleep(self, seconds: float) -> None:
        """Wait, at most until it is time to stop."""
        end = self._loop.time() + seconds
        while not self.stopped and (left := end - self._loop.time()) > 0:
            await self._bell.wait(min(left, max(0.0, self._end - self._loop.time())))

    def _over(self) -> str:
        return f"the phase took longer than {self._seconds:g} s" if self._loop.time() >= self._end else ""
