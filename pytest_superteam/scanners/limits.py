"""A limit on the processor time that one rule may take on one file."""

from __future__ import annotations

import contextlib
import signal
import threading
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import FrameType

__all__ = ["RULE_SECONDS", "RuleTimeoutError", "processor_limit"]

RULE_SECONDS = 10.0
"""Seconds of processor time; the slowest rule takes under a tenth of one on the largest file that is read."""


class RuleTimeoutError(Exception):
    """The limit was reached."""


def _raise(_signal: int, _frame: FrameType | None) -> None:
    raise RuleTimeoutError


@contextlib.contextmanager
def processor_limit(seconds: float = RULE_SECONDS) -> Iterator[None]:
    """Raise `RuleTimeoutError` in the block once this process has computed for `seconds` in it.

    Processor time, so that a busy machine changes nothing, and with a signal that other plugins' time limits do not
    use. Without effect outside the main thread and where the system has no such timer.
    """
    if threading.current_thread() is not threading.main_thread() or not hasattr(signal, "ITIMER_VIRTUAL"):
        yield
        return
    before = signal.signal(signal.SIGVTALRM, _raise)
    signal.setitimer(signal.ITIMER_VIRTUAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, before)
