"""Limits on the processor time that a rule may take: on one file, and where it looks at all of a service."""

from __future__ import annotations

import contextlib
import signal
import threading
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from types import FrameType

__all__ = ["FILE_SECONDS", "RULE_SECONDS", "RuleTimeoutError", "processor_limit", "whole_seconds"]

RULE_SECONDS = 10.0
"""Seconds of processor time; the slowest rule takes under a tenth of one on the largest file that is read."""

FILE_SECONDS = 20.0
"""Seconds of processor time that all rules together may take on one file."""
_BYTES_A_SECOND = 100_000
"""Bytes a second that a rule reads at least where it looks at all files; a tenth of what the slowest one does."""
_AGAIN = 0.5
"""Seconds after which the limit is raised again, should something have swallowed it."""


class RuleTimeoutError(BaseException):
    """The limit was reached. No `Exception`, so that code which survives anything does not survive this."""


def whole_seconds(size: int) -> float:
    """Return the seconds that one rule may take on all of a service, or of a system, of `size` bytes."""
    return RULE_SECONDS + size / _BYTES_A_SECOND


@contextlib.contextmanager
def processor_limit(seconds: float = RULE_SECONDS, more: Callable[[], float] | None = None) -> Iterator[None]:
    """Raise `RuleTimeoutError` in the block once this process has computed for `seconds` in it.

    `more` is asked then, once, how many further seconds it may take.

    Processor time, so that a busy machine changes nothing, and with a signal that other plugins' time limits do not
    use. Without effect outside the main thread and where the system has no such timer.
    """
    if threading.current_thread() is not threading.main_thread() or not hasattr(signal, "ITIMER_VIRTUAL"):
        yield
        return

    def stop(_signal: int, _frame: FrameType | None) -> None:
        nonlocal more
        ask, more = more, None
        further = ask() if ask is not None else 0.0
        if further <= 0:
            raise RuleTimeoutError
        signal.setitimer(signal.ITIMER_VIRTUAL, further, _AGAIN)

    before = signal.signal(signal.SIGVTALRM, stop)
    signal.setitimer(signal.ITIMER_VIRTUAL, seconds, _AGAIN)
    try:
        yield
    finally:
        try:
            signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        finally:
            signal.signal(signal.SIGVTALRM, before)
