"""What was tried at one service before, in this run: which of it counts, and what follows for the next try."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_superteam.pipeline.fleet.hints import hint_for
from pytest_superteam.pipeline.fleet.standing import failed_tries

if TYPE_CHECKING:
    from pytest_superteam.builders.base import Builder
    from pytest_superteam.pipeline.fleet.tools import Tools
    from pytest_superteam.pipeline.state.attempts import Attempt

__all__ = ["History"]


class History:
    """The tries at one service."""

    def __init__(self, tools: Tools, service: str, only: Builder | None = None) -> None:
        """Look at the tries at `service`, of one builder where `only` says so."""
        self._tools, self._service, self._only = tools, service, only

    def counted(self) -> list[Attempt]:
        """Return the tries that count, in order."""
        tried = (row for row in self._tools.tries.of(self._service) if self._tools.counts(row, self._only))
        return list(tried)

    def failed(self) -> int:
        """Return how many of them failed."""
        return len(failed_tries(self.counted()))

    @property
    def next_number(self) -> int:
        """Return the number of the next try: one that was cut off has one too."""
        return max((tried.number for tried in self._tools.tries.of(self._service)), default=0) + 1

    def last_number(self, number: int) -> int:
        """Return the number that the last try has where `number` is the next one, and all fail."""
        return number + self._tools.plan.retry.attempts - self.failed() - 1

    def old_hint(self) -> str:
        """Return what the first try is told that a person asked for after all others had failed."""
        keys, before = self._tools.keys(self._service, self._only), self._tools.tries.of(self._service)
        old = [] if self.counted() else [row for row in failed_tries(before) if row.key in keys]
        return hint_for(old[-1].error, old) if old else ""
