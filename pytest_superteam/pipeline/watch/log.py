"""Takes down what happens in a run: an event a line for programs, and the run log for people."""

from __future__ import annotations

import time
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from pytest_superteam.pipeline.watch import markdown
from pytest_superteam.pipeline.watch.events import Event
from pytest_superteam.pipeline.watch.journal import append, put_aside
from pytest_superteam.pipeline.watch.lines import line_of

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from pytest_superteam.pipeline.files import Layout
    from pytest_superteam.pipeline.watch.events import Kind, Level

__all__ = ["LARGE", "MOST", "RunLog"]

LARGE = 1 << 20
"""Bytes from which on a log is put aside when a session begins; one of each kind is kept besides."""
MOST = 32 << 20
"""Bytes that a log may hold; what happens after that is not taken down any more."""
_FULL = "the log is full; what happens from here on is not in it"


class RunLog:
    """The two logs of a project, `events.jsonl` and `run-log.md`; every process of a session writes them.

    Nothing here raises, takes a lock or waits: it may be called in a signal handler, and a full disk costs lines only.
    """

    def __init__(self, layout: Layout, run: str, session: str, *, clock: Callable[[], float] = time.time) -> None:
        """Write for a session that works on `run`; `clock` tells seconds since the epoch."""
        self.layout, self.run, self.session, self.clock = layout, run, session, clock

    def begin(self, *, title: str, services: Sequence[str], resumed: str = "") -> None:
        """Put the old logs aside where they are large, and write the head of this session; once, in its owner.

        Args:
            title: what the run is about.
            services: those that are to be built, as far as they are known.
            resumed: why it goes on with an earlier run; empty where it does not.
        """
        for path in (self.layout.events, self.layout.run_log):
            put_aside(path, larger_than=LARGE)
        head = markdown.head(
            run=self.run,
            session=self.session,
            at=self.clock(),
            title=title,
            services=services,
            resumed=resumed,
        )
        self._note(head)

    def emit(self, kind: Kind, message: str, *, level: Level = "info", service: str = "", **data: Any) -> None:
        """Take down an event; never raises."""
        with suppress(Exception):  # a full disk, or data that can't even be looked at
            event = Event(self.clock(), kind, message, level, service, self.run, self.session, data)
            full = Event(event.at, "run", _FULL, "warning", "", self.run, self.session)
            with suppress(OSError):
                append(self.layout.events, line_of(event), limit=MOST, full=lambda: line_of(full))
            self._note(markdown.entry(event))

    def end(self, *, verdict: str, seconds: float, usd: float, completed: int, failed: int, review: int) -> None:
        """Write the summary of this session; once, in its owner.

        Args:
            verdict: how it ended.
            seconds: how long it took.
            usd: what the run has cost so far, over all its sessions.
            completed: services that were built, now or before.
            failed: services that could not be built.
            review: services that a person has to look at.
        """
        counts = {"completed": completed, "failed": failed, "review": review}
        self._note(markdown.summary(at=self.clock(), verdict=verdict, seconds=seconds, usd=usd, **counts))

    def _note(self, text: str) -> None:
        """Add to the log for people."""
        with suppress(OSError):
            append(self.layout.run_log, text, limit=MOST, full=lambda: f"\n{_FULL}\n")
