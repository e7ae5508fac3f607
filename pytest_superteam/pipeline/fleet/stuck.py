"""Whether a builder is stuck: nothing moves any more, or the same error comes again and again."""

from __future__ import annotations

import os
import time
from collections import deque
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from pytest_superteam.config_entries import RetryConfig

__all__ = ["MAX_ENTRIES", "Tried", "Watchdog", "same_error"]

MAX_ENTRIES = 10_000
"""So many files and folders are looked at, those near the top first: a look stays below a tenth of a second."""


class Tried(Protocol):
    """A try, as far as it matters here."""

    @property
    def signature(self) -> str:
        """Return what stays the same of its error, empty where it had none."""
        ...


def same_error(attempts: Sequence[Tried], retry: RetryConfig) -> bool:
    """Return whether the error of the last try that had one came `retry.same_error` times, or more often.

    Tries without an error, such as interrupted ones, neither count nor come between; nor do other errors, so that one
    that alternates with another is found as well.

    Args:
        attempts: the tries of one service, in order.
        retry: the settings.
    """
    signatures = [tried.signature for tried in attempts if tried.signature]
    return bool(signatures) and signatures.count(signatures[-1]) >= retry.same_error


class Watchdog:
    """Tells how long a builder has neither said a word nor changed a file below its folder."""

    def __init__(self, directory: Path, stall: float, clock: Callable[[], float] = time.monotonic) -> None:
        """Watch `directory`; `stall` seconds of silence count as stuck, 0 as never."""
        self.directory = directory
        self.stall = stall
        self._clock = clock
        self._seen = self._look()
        self._last = clock()

    def touched(self) -> None:
        """Take note of a sign of life."""
        self._last = self._clock()

    def silent_for(self) -> float:
        """Return the seconds since the last sign of life; looks through the folder."""
        now = self._clock()
        seen = self._look()
        if seen != self._seen:
            self._seen, self._last = seen, now
        return max(0.0, now - self._last)

    @property
    def stalled(self) -> bool:
        """Return whether it has been silent for too long."""
        return self.stall > 0 and self.silent_for() >= self.stall

    def _look(self) -> int:
        return hash(frozenset(_entries(str(self.directory))))


def _entries(top: str) -> Iterator[tuple[str, int, int]]:
    """Yield path, size and time of change of what lies below `top`, links not followed, at most `MAX_ENTRIES`."""
    left = MAX_ENTRIES
    folders = deque([top])
    while folders:
        try:
            with os.scandir(folders.popleft()) as entries:
                for entry in entries:
                    left -= 1
                    if left < 0:
                        return
                    if (found := _entry(entry)) is not None:
                        yield found
                    if entry.is_dir(follow_symlinks=False):
                        folders.append(entry.path)
        except OSError:  # it is being removed, or is not ours to read: what is left is looked at
            continue


def _entry(entry: os.DirEntry[str]) -> tuple[str, int, int] | None:
    try:
        found = entry.stat(follow_symlinks=False)
    except OSError:
        return None
    return entry.path, found.st_size, found.st_mtime_ns
