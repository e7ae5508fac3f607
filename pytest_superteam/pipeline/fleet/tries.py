"""The tries of this run as its fleet knows them: read once, then kept together with the book."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from pytest_superteam.pipeline.state.attempts import Attempt

if TYPE_CHECKING:
    from pytest_superteam.pipeline.fleet.ports import AttemptBook

__all__ = ["Tries"]


class Tries:
    """All tries, by service; only the fleet makes new ones while it is at work."""

    def __init__(self, book: AttemptBook | None, session: str) -> None:
        """Write tries of `session` into `book`; without one they are in memory only."""
        self._book, self._session = book, session
        self._rows = {row.id: row for row in (book.of_run() if book is not None else ())}
        self.before = frozenset(self._rows)
        """Those that were made before."""

    def of(self, service: str) -> list[Attempt]:
        """Return the tries of a service in this run, in order."""
        return [row for row in self._rows.values() if row.service == service]

    def start(  # what a row of the attempts says
        self, *, phase: str, service: str, number: int, builder: str, model: str, key: str, hint: str
    ) -> int:
        """Take down that a try begins and return its id."""
        row: dict[str, Any] = {"phase": phase, "service": service, "number": number, "builder": builder}
        row |= {"model": model, "key": key, "hint": hint}
        made = self._book.start(**row) if self._book is not None else max(self._rows, default=0) + 1
        row |= {"run": "", "session": self._session, "status": "running", "started": time.time(), "ended": None}
        self._rows[made] = Attempt(id=made, **row, error="", signature="", retryable=None)
        return made

    def end(
        self, attempt: int, status: Any, *, error: str = "", signature: str = "", retryable: bool | None = None
    ) -> None:
        """Take down how one ended."""
        if self._book is not None:
            self._book.end(attempt, status, error=error, signature=signature, retryable=retryable)
        if attempt in self._rows:
            ended = replace(self._rows[attempt], status=status, ended=time.time(), error=error)
            self._rows[attempt] = replace(ended, signature=signature, retryable=retryable)
