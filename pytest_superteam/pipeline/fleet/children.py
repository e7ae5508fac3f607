"""The processes that builders began and left behind: none outlives the try that it belongs to."""

from __future__ import annotations

import contextlib
import os
import signal
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["end_children"]

PROC = Path("/proc")
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
        for entry in PROC.iterdir():
            if entry.name.isdecimal() and _end(int(entry.name), folder):
                yield int(entry.name)


def _end(pid: int, folder: str) -> bool:
    """End a process where it works in `folder`; it is held while that is looked at, so that no other takes its number."""
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
        place = os.readlink(PROC / str(pid) / "cwd").removesuffix(" (deleted)")
        return (place == folder or place.startswith(folder + os.sep)) and (PROC / str(pid)).stat().st_uid == os.getuid()
    except OSError:  # it has ended, or is somebody else's
        return False
