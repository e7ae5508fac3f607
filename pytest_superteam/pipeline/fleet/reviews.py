"""Services that a person has to look at: taken down when a builder gives up, taken off when the service is built."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pytest_superteam.pipeline.state.store import Store

__all__ = ["Review", "Reviews", "review_lines"]


@dataclass(frozen=True)
class Review:
    """One service that waits for a person."""

    service: str
    kind: str
    """Of the error, as in `kinds.KINDS`, or what else it is about."""
    reason: str
    """One sentence."""
    at: float
    """Seconds since the epoch."""
    details: Mapping[str, Any] = field(default_factory=dict)
    """What else a person needs, as plain data: `directory`, `log`, `command`, `retry_at` (seconds since the epoch)."""


class Reviews:
    """The review queue of a run."""

    def __init__(self, store: Store, run: str, session: str) -> None:
        """Use the queue of `run`; what is added is this session's."""
        self._store, self._run, self._session = store, run, session

    def add(self, service: str, kind: str, reason: str, details: Mapping[str, Any]) -> None:
        """Let a service wait for a person; what was said about it before is replaced."""
        table = self._store.table("reviews")
        row = {"run": self._run, "service": service, "kind": kind, "reason": reason, "at": time.time()}
        with self._store.begin() as connection:
            connection.execute(table.delete().where(table.c.run == self._run, table.c.service == service))
            connection.execute(table.insert().values(**row, details={**details, "session": self._session}))

    def resolve(self, service: str) -> None:
        """Take down that a service waits no more; one that does not wait stays as it is."""
        table = self._store.table("reviews")
        here = (table.c.run == self._run, table.c.service == service, table.c.resolved.is_(None))
        with self._store.begin() as connection:
            connection.execute(table.update().where(*here).values(resolved=time.time()))

    def open(self) -> list[Review]:
        """Return what waits, the oldest first."""
        table = self._store.table("reviews")
        query = table.select().where(table.c.run == self._run, table.c.resolved.is_(None))
        with self._store.begin() as connection:
            rows = connection.execute(query.order_by(table.c.at, table.c.service)).all()
        return [Review(row.service, row.kind, row.reason, float(row.at), _plain(row.details)) for row in rows]


def _plain(details: object) -> dict[str, Any]:
    return {str(key): value for key, value in details.items()} if isinstance(details, Mapping) else {}


def review_lines(store: Store, run: str) -> list[str]:
    """Return what a person needs to decide about each service that waits, as plain lines; none where none waits."""
    reviews = Reviews(store, run, "").open()
    if not reviews:
        return []
    from pytest_superteam.pipeline.fleet.review_text import text_of  # only where there is something to tell

    return text_of(store, run, reviews)
