"""Waiting as an object: a probe, how long, how often, which errors only mean "not yet", and what to say at the end."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeVar

from pytest_superteam.errors import DeploymentError

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["CancelledError", "NotReadyError", "NotYetError", "Wait"]

T = TypeVar("T")


class NotYetError(Exception):
    """What a probe raises when the thing is not there yet; the message is the cause to report on a time-out."""


class CancelledError(DeploymentError):
    """The waiting was given up because something else failed."""


class NotReadyError(DeploymentError):
    """What was waited for did not come in time, or can't come any more.

    `cause` is the last answer of the probe, `log_tail` the last lines of the log.
    """

    def __init__(self, what: str, cause: str, log_tail: tuple[str, ...] = ()) -> None:
        self.what = what
        self.cause = cause
        self.log_tail = log_tail
        lines = "\n".join(f"    {line}" for line in log_tail)
        super().__init__(f"{what}: {cause}." + (f" Its last log lines:\n{lines}" if lines else " Its log is empty."))


@dataclass(frozen=True)
class Wait:
    """How to wait. `timeout` and `interval` are in seconds; `transient` errors of the probe mean "not yet"."""

    timeout: float
    interval: float = 0.05
    transient: tuple[type[Exception], ...] = (NotYetError,)
    cancelled: threading.Event = field(default_factory=threading.Event)

    def until(self, what: str, probe: Callable[[], T], log_tail: Callable[[], tuple[str, ...]] = tuple) -> T:
        """Return the first answer of `probe` that is no transient error. The probe is asked at least once.

        Raises:
            NotReadyError: the time is over.
            CancelledError: somebody set `cancelled`.
        """
        end = time.monotonic() + self.timeout
        while True:
            try:
                return probe()
            except self.transient as error:
                cause = str(error) or type(error).__name__
            if time.monotonic() >= end:
                raise NotReadyError(what, f"not ready after {self.timeout:g} s: {cause}", log_tail())
            if self.cancelled.wait(self.interval):
                raise CancelledError(f"{what}: given up")
