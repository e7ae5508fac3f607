"""The processes that builders began and left behind: none outlives the try that it belongs to."""

from __future__ import annotations

import contextlib
import os
import signal
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

__all__ = ["end_children"]

PROC = "/proc"
ROUNDS = 20
"""So often it is looked again: what is ended may have begun something meanwhile."""


def end_children(folder: Path) -> int:
    """End every process of ours that works in `folder` or below it, and return how many that were.

    A builder that was cut off has lost sight of them. Only Linux tells where a process works; elsewhere none is found.
    """
    ended: set[int] = set()
    for _ in range(ROUNDS):
        found = [pid for pid in _working_in(os.path.realpath(folder)) if pid not in ended]
        if not found:
            break
        ended.update(found)
    return len(ended)


def _working_in(folder: str) -> Iterator[int]:
    """Yield the processes that were found there, each ended already."""
    with contextlib.suppress(OSError):
        # Plain strings: there are hundreds of processes, and this is asked after each try.
        names = os.listdir(PROC)  # noqa: PTH208
        yield from (int(name) for name in names if name.isdecimal() and _end(int(name), folder))


def _end(pid: int, folder: str) -> bool:
    """End a process where it works in `folder`; it is held while that is looked at: no other can take its number."""
    if pid == os.getpid() or not _is_in(pid, folder):
        return False
    try:
        held = os.pidfd_open(pid)
    except OSError:
        return False
    try:
        if not _is_in(pid, folder):
            return False
        signal.pidfd_send_signal(held, signal.SIGKILL)
    except OSError:
        return False
    else:
        return True
    finally:
        os.close(held)


def _is_in(pid: int, folder: str) -> bool:
    try:
        place = os.readlink(f"{PROC}/{pid}/cwd").removesuffix(" (deleted)")  # noqa: PTH115
    except OSError:  # it has ended, or is somebody else's
        return False
    return place == folder or place.startswith(folder + os.sep)
