"""Whether a service is tried again, worked out from the tries that were written down: the same after a crash."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pytest_superteam.errors import BuildError
from pytest_superteam.pipeline.fleet.classes import class_of
from pytest_superteam.pipeline.fleet.hints import hint_for
from pytest_superteam.pipeline.fleet.stuck import same_error

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pytest_superteam.config_entries import RetryConfig
    from pytest_superteam.pipeline.state.attempts import Attempt

__all__ = ["Standing", "failed_tries", "standing"]

FAILED = ("failed", "timed out", "stalled")
"""Ends that are the try's own; what was interrupted says nothing about the service."""


@dataclass(frozen=True)
class Standing:
    """Where a service stands after its tries."""

    hint: str = ""
    """What the next try is told."""
    review: str = ""
    """Why a person has to look at it and no further try is made; empty where one is."""
    kind: str = ""
    """Of what `review` is about."""


def failed_tries(tries: Sequence[Attempt]) -> list[Attempt]:
    """Return those that came to an end of their own, and to none that one would want."""
    return [tried for tried in tries if tried.status in FAILED]


def standing(tries: Sequence[Attempt], retry: RetryConfig) -> Standing:
    """Return whether, and with which hint, a service is tried again.

    Args:
        tries: those that count for it, in order.
        retry: the settings.
    """
    failed = failed_tries(tries)
    if not failed:
        return Standing()
    last = failed[-1]
    kind = last.status if last.status != "failed" else class_of(BuildError(last.error)).kind
    if last.retryable is False:
        return Standing(review=f"another try would not help: {last.error}", kind=kind)
    if same_error(failed, retry) and last.hint:
        times = sum(tried.signature == last.signature for tried in failed)
        return Standing(review=f"the same error {times} times, after a hint too: {last.error}", kind="same_error")
    if last.status == "stalled" and last.hint and sum(tried.status == "stalled" for tried in failed) > 1:
        return Standing(review=f"stalled again, after a hint: {last.error}", kind="stalled")
    if len(failed) >= retry.attempts:
        times_word = "once" if len(failed) == 1 else f"{len(failed)} times"
        return Standing(review=f"failed {times_word}, the last time: {last.error}", kind=kind)
    return Standing(hint=hint_for(last.error, failed))
