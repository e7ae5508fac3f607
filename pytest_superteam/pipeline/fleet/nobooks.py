"""What a fleet does where no books are kept: one builder, no limits, tries in memory."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from pytest_superteam.builders.base import platform_of, tier_of
from pytest_superteam.pipeline.state.attempts import Attempt

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pytest_superteam.builders.base import Builder, Tier

__all__ = ["MemoryAttempts", "NoQuotas", "NoReviews", "OneBuilder", "OneRoute"]


class OneRoute:
    """Always the same builder."""

    reason = "the only one"
    free_at = None

    def __init__(self, builder: Builder) -> None:
        """Choose `builder`."""
        self.builder = builder


class OneBuilder:
    """Routes everything to one builder."""

    def __init__(self, builder: Builder) -> None:
        """Choose `builder` for every service."""
        self._route = OneRoute(builder)

    def choose(self, _service: str) -> OneRoute:
        """Return the one."""
        return self._route

    def candidates(self, _service: str) -> tuple[Builder, ...]:
        """Return the one."""
        return (self._route.builder,)

    def platform(self, builder: Builder) -> str:
        """Return what the builder says."""
        return platform_of(builder)

    def tier(self, builder: Builder) -> Tier:
        """Return what the builder says."""
        return tier_of(builder)


class NoQuotas:
    """Limits nothing."""

    def take(self, _platform: str) -> bool:
        """Let it begin."""
        return True

    def warnings(self, _planned: Mapping[str, int]) -> list[str]:
        """Return nothing."""
        return []

    def parallel(self, _platform: str, base: int) -> int:
        """Return as many as there may be anyway."""
        return base


class NoReviews:
    """Keeps no queue."""

    def add(self, service: str, kind: str, reason: str, details: Mapping[str, Any]) -> None:
        """Let it pass."""

    def resolve(self, service: str) -> None:
        """Let it pass."""


class MemoryAttempts:
    """Keeps the tries in memory, as the store would."""

    def __init__(self) -> None:
        """Begin without any."""
        self._rows: list[Attempt] = []

    def start(
        self, *, phase: str, service: str, number: int, builder: str, model: str = "", key: str = "", hint: str = ""
    ) -> int:
        """Take down that a try begins and return its id."""
        self._rows.append(
            Attempt(
                id=len(self._rows) + 1,
                run="",
                session="",
                phase=phase,
                service=service,
                number=number,
                builder=builder,
                model=model,
                key=key,
                status="running",
                started=time.time(),
                ended=None,
                error="",
                signature="",
                retryable=None,
                hint=hint,
            )
        )
        return len(self._rows)

    def end(
        self, attempt: int, status: Any, *, error: str = "", signature: str = "", retryable: bool | None = None
    ) -> None:
        """Take down how it ended; a try of an earlier process is not known here."""
        if not 0 < attempt <= len(self._rows):
            return
        self._rows[attempt - 1] = replace(
            self._rows[attempt - 1],
            status=status,
            ended=time.time(),
            error=error,
            signature=signature,
            retryable=retryable,
        )

    def of_run(self) -> list[Attempt]:
        """Return all tries in order."""
        return list(self._rows)
