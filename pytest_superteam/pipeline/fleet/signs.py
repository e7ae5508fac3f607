"""The signs of life of a builder at work, from whatever thread they come."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

from pytest_superteam.builders.base import Progress
from pytest_superteam.models import Usage

if TYPE_CHECKING:
    from pytest_superteam.pipeline.fleet.payment import Step
    from pytest_superteam.pipeline.fleet.stuck import Watchdog
    from pytest_superteam.pipeline.fleet.tools import Tools

__all__ = ["Signs"]

REPORT_SECONDS = 1.0
"""Between two notes in the ledger of what was used so far."""


class Signs:
    """Takes signs of life; those that come faster than they are taken are taken together."""

    def __init__(self, tools: Tools) -> None:
        """Take signs in the fleet's event loop."""
        self._tools = tools
        self._watchdog: Watchdog | None = None
        self._step: Step | None = None
        self._said: Usage | None = None
        self._usage: Usage | None = None  # the same until it is taken down
        self._noted_at = float("-inf")
        self._coming = self._over = False

    def __call__(self, progress: Progress) -> None:
        """Take one, in any thread."""
        if not isinstance(progress, Progress) or self._over:
            return
        if isinstance(progress.usage, Usage):
            self._usage = self._said = progress.usage
        if not self._coming:
            self._coming = True
            with contextlib.suppress(RuntimeError):  # the fleet is home; nobody listens any more
                self._tools.loop.call_soon_threadsafe(self._hear)

    def begin(self, watchdog: Watchdog, step: Step) -> None:
        """Tell signs from now on to `watchdog`, and what was used to `step`."""
        self._watchdog, self._step = watchdog, step

    def close(self) -> None:
        """Take no more."""
        self._over = True

    @property
    def said(self) -> Usage | None:
        """Return what the builder said last that it has used."""
        return self._said

    def _hear(self) -> None:
        self._coming = False
        if self._over:
            return
        if self._watchdog is not None:
            self._watchdog.touched()
        if self._tools.loop.time() - self._noted_at >= REPORT_SECONDS:
            try:
                self.note()
            except Exception as error:  # noqa: BLE001  # the books fail, not the builder
                self._tools.break_down(error)

    def note(self) -> None:
        """Take down in the ledger what was used, as it was said last."""
        usage, self._usage = self._usage, None
        if usage is not None and self._step is not None:
            self._noted_at = self._tools.loop.time()
            self._step.report(usage)
