"""How long to wait before the next try."""

from __future__ import annotations

import math
import random as chance
from typing import TYPE_CHECKING

from pytest_superteam.errors import GateError

if TYPE_CHECKING:
    from collections.abc import Callable

    from pytest_superteam.config_entries import RetryConfig

__all__ = ["TooLongError", "delay"]

SPREAD = 0.25
"""The part of a wait that is left to chance, so that builders that failed together do not come back together."""

MOST_DOUBLED = 64
"""From so many tries on the wait stays as it is: it is far beyond every cap."""


class TooLongError(GateError):
    """A platform asks for a longer wait than the settings allow; `seconds` is what it asks for."""

    def __init__(self, seconds: float, longest: float) -> None:
        """Say what was asked for and what is allowed."""
        asked = f"{seconds:g} s" if math.isfinite(seconds) else "without end"
        super().__init__(f"has to wait {asked}, longer than retry.longest_wait ({longest:g} s)")
        self.seconds = seconds


def delay(
    attempt: int,
    retry: RetryConfig,
    *,
    retry_after: float | None = None,
    random: Callable[[], float] = chance.random,
) -> float:
    """Return how many seconds to wait after a try that failed.

    The wait doubles from `base_delay` up to `max_delay`, less up to a quarter by chance. What a platform asks for is
    the least that is waited, with up to `base_delay` more by chance.

    Args:
        attempt: the number of the try that failed, 1 for the first.
        retry: the settings.
        retry_after: seconds that the other side asks for; NaN and what is negative count as nothing.
        random: gives a number from 0 to 1.

    Raises:
        TooLongError: the other side asks for more than `longest_wait`.
    """
    asked = retry_after if retry_after is not None and retry_after > 0 else 0.0
    if asked > retry.longest_wait:
        raise TooLongError(asked, retry.longest_wait)
    own = _exponential(min(max(1, attempt), MOST_DOUBLED), retry) * (1 - SPREAD * random())
    return max(own, min(asked + retry.base_delay * random(), retry.longest_wait)) if asked else own


def _exponential(attempt: int, retry: RetryConfig) -> float:
    import tenacity  # only where something is tried again

    state = tenacity.RetryCallState(tenacity.Retrying(), None, (), {})
    state.attempt_number = attempt
    return float(tenacity.wait_exponential(multiplier=retry.base_delay, max=retry.max_delay)(state))
