"""The wish to stop as a file: how the process that owns the session tells it to the one that builds."""

from __future__ import annotations

import contextlib
import os
import threading
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from pytest_superteam.pipeline.fleet.stopping import Stopping

__all__ = ["StopFile"]

LOOK = 0.2
"""Seconds between two looks."""
_HARD = "hard"
_LONGEST = 2000  # characters of a reason


class StopFile:
    """Two lines: why to stop, and `hard` where it shall not wait. Written in signal handlers, so plainly."""

    def __init__(self, path: Path) -> None:
        """Use the file at `path`; its folder is made if needed."""
        self.path = path

    def write(self, reason: str, *, hard: bool) -> None:
        """Ask to stop; where that can't be written, the workers end with their owner all the same."""
        text = f"{reason}\n{_HARD if hard else ''}\n".encode()
        with contextlib.suppress(OSError):
            os.makedirs(self.path.parent, exist_ok=True)  # noqa: PTH103  # as little as possible in a handler
            handle = os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
            try:
                os.write(handle, text)
            finally:
                os.close(handle)

    def read(self) -> tuple[str, bool]:
        """Return why to stop, empty where nobody asked, and whether at once."""
        try:
            lines = self.path.read_text(encoding="utf-8", errors="replace")[:_LONGEST].splitlines()
        except OSError:
            return "", False
        return (lines[0] if lines else ""), _HARD in lines[1:]

    @contextlib.contextmanager
    def told_to(self, stopping: Stopping, *, owner: int) -> Iterator[None]:
        """Tell `stopping` what is written here, and that `owner`, whose child this process is, is gone.

        As long as the body is at work.
        """
        over, child = threading.Event(), os.getppid() == owner

        def look() -> None:
            while not over.wait(LOOK):
                if child and os.getppid() != owner:
                    stopping.hard("the session's owner is gone")
                reason, hard = self.read()
                if reason and not stopping.requested:
                    stopping.request(reason)
                if hard and not stopping.at_once:
                    stopping.hard(reason)

        thread = threading.Thread(target=look, name="superteam_stop", daemon=True)
        thread.start()
        try:
            yield
        finally:
            over.set()
            thread.join()
