"""What the platforms of builders allow: so many attempts in a window of time, over all runs of a database."""

from __future__ import annotations

import math
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from sqlalchemy import Connection

    from pytest_superteam.config_entries import PlatformConfig
    from pytest_superteam.pipeline.state.store import Store

__all__ = ["WARN_AT", "Quotas"]

WARN_AT = 0.9
"""The part of a limit from which on a batch is warned of."""


class Quotas:
    """Counts the attempts on each platform. A platform without a limit is not counted in any decision."""

    def __init__(
        self,
        store: Store,
        platforms: Mapping[str, PlatformConfig],
        run: str,
        *,
        clock: Callable[[], float] = time.time,
    ) -> None:
        """Keep to the limits of `platforms`; `clock` tells seconds since the epoch."""
        self._store = store
        self._platforms = platforms
        self._run = run
        self._clock = clock

    def room(self, platform: str) -> int | None:
        """Return how many attempts may still start now, or None where there is no limit."""
        limit = self._limit(platform)
        return None if limit is None else max(0, limit - self.used(platform))

    def used(self, platform: str) -> int:
        """Return how many attempts started within the window."""
        return len(self._times(platform))

    def use(self, platform: str) -> None:
        """Count an attempt, whether there is room or not."""
        limited = self._limit(platform) is not None  # without a limit nothing is lost with the power
        with self._store.begin(durable=limited) as connection:
            connection.execute(self._store.table("uses").insert().values(**self._row(platform)))

    def take(self, platform: str) -> bool:
        """Count an attempt where there is room, in one step that holds against other processes.

        Returns:
            Whether there was room; without it nothing is counted.
        """
        limit = self._limit(platform)
        if limit is None:
            self.use(platform)
            return True
        with self._store.begin() as connection:
            return self._take(connection, platform, limit)

    def free_at(self, platform: str) -> float:
        """Return when the next attempt may start, in seconds since the epoch: now, or infinity where never."""
        now, limit = self._clock(), self._limit(platform)
        if limit is None:
            return now
        times = self._times(platform)
        if len(times) < limit:
            return now
        # A time ahead of us was written by a clock that went wrong: it holds one window at most.
        return min(times[len(times) - limit], now) + self._window(platform) if limit else math.inf

    def warnings(self, planned: Mapping[str, int]) -> list[str]:
        """Return a line for each platform whose limit a batch would come near to, or go past.

        Args:
            planned: how many attempts the batch begins with, by platform.
        """
        lines = []
        for platform, count in sorted(planned.items()):
            limit, used = self._limit(platform), self.used(platform)
            if limit is not None and count > 0 and used + count >= WARN_AT * limit:
                lines.append(self._warning(platform, used, count, limit))
        return lines

    def parallel(self, platform: str, base: int) -> int:
        """Return how many builders may work at the same time: `base`, and at most half of what has room."""
        room = self.room(platform)
        return max(1, base if room is None else min(base, room // 2))

    def _warning(self, platform: str, used: int, planned: int, limit: int) -> str:
        window = _span(self._window(platform))
        line = f"{platform}: {used} of {limit} attempts in {window} are used and {planned} are planned"
        if used + planned <= limit:
            return f"{line}, {(used + planned) / limit:.0%} of the limit."
        return f"{line}, {used + planned - limit} more than the limit allows."

    def _limit(self, platform: str) -> int | None:
        found = self._platforms.get(platform)
        return None if found is None else found.limit

    def _window(self, platform: str) -> float:
        return self._platforms[platform].window if platform in self._platforms else math.inf

    def _row(self, platform: str) -> dict[str, object]:
        return {"platform": platform, "run": self._run, "at": self._clock()}

    def _times(self, platform: str) -> list[float]:
        """Return when the attempts within the window started, the earliest first."""
        from sqlalchemy import select

        uses = self._store.table("uses")
        since = self._clock() - self._window(platform)
        query = select(uses.c.at).where(uses.c.platform == platform, uses.c.at > since).order_by(uses.c.at)
        with self._store.begin() as connection:
            return [float(at) for at in connection.execute(query).scalars()]

    def _take(self, connection: Connection, platform: str, limit: int) -> bool:
        """Count and insert in one statement: SQLite takes the lock of the writer before it counts."""
        from sqlalchemy import func, literal, select

        if connection.dialect.name == "postgresql":  # there a statement counts what was there when it began
            connection.execute(select(func.pg_advisory_xact_lock(func.hashtext(f"superteam:{platform}"))))
        uses, row = self._store.table("uses"), self._row(platform)
        since = self._clock() - self._window(platform)
        used = select(func.count()).select_from(uses).where(uses.c.platform == platform, uses.c.at > since)
        chosen = select(*(literal(value) for value in row.values())).where(used.scalar_subquery() < limit)
        insert = uses.insert().from_select(list(row), chosen).execution_options(preserve_rowcount=True)
        return connection.execute(insert).rowcount == 1


def _span(seconds: float) -> str:
    """Return a span of time in its largest whole unit."""
    for size, unit in ((86_400, "d"), (3600, "h"), (60, "min")):
        if seconds >= size and seconds % size == 0:
            return f"{seconds / size:g} {unit}"
    return f"{seconds:g} s"
