"""The tries of builders at services, from their beginning to how they ended."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from pytest_superteam.pipeline.state.store import Store

__all__ = ["ENDED_AS", "Attempt", "AttemptStatus", "Attempts"]

AttemptStatus = Literal["running", "succeeded", "failed", "timed out", "stalled", "interrupted"]
ENDED_AS = ("succeeded", "failed", "timed out", "stalled", "interrupted")
"""How an attempt can end."""


@dataclass(frozen=True)
class Attempt:
    """One try of a builder at a service, as it is written down; times in seconds since the epoch."""

    id: int
    run: str
    session: str
    phase: str
    """`architect`, `builders` or `fix`."""
    service: str
    number: int
    """1 for the first try of the service in its run."""
    builder: str
    model: str
    key: str
    """Hash of everything the build depends on."""
    status: AttemptStatus
    started: float
    ended: float | None
    """None while it runs."""
    error: str
    signature: str
    """What stays of the error when it comes again: without numbers, paths and times."""
    retryable: bool | None
    """Whether another try may help; None where nobody said."""
    hint: str
    """What the try was told about those before it."""

    @property
    def seconds(self) -> float:
        """Return how long it took, 0 while it runs."""
        return max(0.0, self.ended - self.started) if self.ended is not None else 0.0


class Attempts:
    """The attempts of one run; new ones are this session's."""

    def __init__(self, store: Store, run: str, session: str) -> None:
        """Use the attempts of `run`; `session` is who makes new ones."""
        self._store, self._run, self._session = store, run, session

    def start(
        self, *, phase: str, service: str, number: int, builder: str, model: str = "", key: str = "", hint: str = ""
    ) -> int:
        """Write down that a try begins, and return its id."""
        row = {"run": self._run, "session": self._session, "phase": phase, "service": service, "number": number}
        row |= {"builder": builder, "model": model, "key": key, "hint": hint}
        row |= {"status": "running", "started": time.time()}
        with self._store.begin() as connection:
            made: Any = connection.execute(self._store.table("attempts").insert().values(**row))
        return int(made.inserted_primary_key[0])

    def end(
        self, attempt: int, status: str, *, error: str = "", signature: str = "", retryable: bool | None = None
    ) -> None:
        """Write down how a try ended (one of `ENDED_AS`); the first end of a try is the one that counts.

        Only success comes after an interruption: a session crashed when its builder had finished, and the next one has
        found the work.

        Raises:
            ValueError: no such status, or one that is no end.
        """
        if status not in ENDED_AS:
            raise ValueError(f"'{status}' is no end of an attempt. Allowed are {', '.join(ENDED_AS)}.")
        table = self._store.table("attempts")
        ended = {"status": status, "ended": time.time(), "error": error, "signature": signature}
        with self._store.begin() as connection:
            gives_way = ("running", "interrupted") if status == "succeeded" else ("running",)
            changed = table.update().where(table.c.id == attempt, table.c.status.in_(gives_way))
            connection.execute(changed.values(**ended, retryable=retryable))

    def of_run(self, *, service: str | None = None) -> list[Attempt]:
        """Return the attempts of the run, or of one service in it, over all its sessions, as they began."""
        table = self._store.table("attempts")
        query = table.select().where(table.c.run == self._run)
        if service is not None:
            query = query.where(table.c.service == service)
        return self._store.read(Attempt, query.order_by(table.c.id))
