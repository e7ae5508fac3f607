"""What a fleet does where no books are kept: one builder, no limits, no queue."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pytest_superteam.builders.base import platform_of, tier_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pytest_superteam.builders.base import Builder, Tier

__all__ = ["NoQuotas", "NoReviews", "OneBuilder", "OneRoute"]


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

    def named(self, name: str) -> Builder | None:
        """Return the one, if it is called so."""
        return self._route.builder if self._route.builder.name == name else None

    def only(self, builder: Builder) -> OneBuilder:
        """Return what chooses that builder."""
        return OneBuilder(builder)

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
