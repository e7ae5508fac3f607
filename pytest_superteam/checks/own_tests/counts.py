"""What a test run says of itself: how many tests ran, which failed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["Counts", "added"]

MOST_NAMES = 50


@dataclass(frozen=True)
class Counts:
    """Numbers of a test run. `total` are those that ran: skipped ones are none of them."""

    total: int
    bad: int = 0
    """Those that failed, or could not be set up or torn down."""
    skipped: int = 0
    failing: tuple[str, ...] = ()
    """Names of the bad ones, as far as they are known; at most `MOST_NAMES`."""


def added(parts: Iterable[Counts]) -> Counts | None:
    """Return the sum of several runs, None of none."""
    known = list(parts)
    if not known:
        return None
    names = dict.fromkeys(name for part in known for name in part.failing)
    return Counts(
        sum(part.total for part in known),
        sum(part.bad for part in known),
        sum(part.skipped for part in known),
        tuple(names)[:MOST_NAMES],
    )
