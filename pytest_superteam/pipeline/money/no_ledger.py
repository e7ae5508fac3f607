"""A ledger for what costs nothing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pytest_superteam.models import Cost

if TYPE_CHECKING:
    from pytest_superteam.models import Usage

__all__ = ["NoLedger", "Total"]


@dataclass(frozen=True)
class Total:
    """What the steps of a lineage cost together, in US dollars."""

    usd: float = 0.0
    """Spent up to now, what steps at work have reported included."""
    reserved: float = 0.0
    """Set aside beyond that for steps at work."""
    estimated_usd: float = 0.0
    """The part of `usd` that was worked out by us."""
    unknown_steps: int = 0
    """Steps that ended and of which nobody could say what they cost; `usd` has nothing for them."""


_NOTHING = Cost(
    id=0,
    run="",
    session="",
    phase="",
    service="",
    attempt=0,
    builder="",
    platform="",
    model="",
    parent=0,
    status="settled",
    reserved_usd=0.0,
    usd=0.0,
    estimated=False,
    unknown=False,
    input_tokens=0,
    output_tokens=0,
    cache_read_tokens=0,
    at=0.0,
)


class NoLedger:
    """Has the methods of a `Ledger` and writes nothing down: for builders that cost nothing."""

    def reserve(self, **_step: object) -> int:
        """Set nothing aside."""
        return 0

    def report(self, step: int, usage: Usage) -> None:
        """Let it pass."""

    def settle(self, step: int, usage: Usage | None) -> Cost:  # noqa: ARG002  # named as those of a ledger
        """Return a step that cost nothing."""
        return _NOTHING

    def release(self, step: int) -> None:
        """Let it pass."""

    def settle_dead(self) -> list[Cost]:
        """Return nothing."""
        return []

    def costs(self) -> list[Cost]:
        """Return nothing."""
        return []

    def total(self) -> Total:
        """Return nothing but zeros."""
        return Total()

    def exhausted(self, *, phase: str = "") -> str:  # noqa: ARG002  # named as that of a ledger
        """Return that nothing stands in the way."""
        return ""
