"""Follows the events of a session as its processes write them."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from pytest_superteam.pipeline.watch.journal import open_plain
from pytest_superteam.pipeline.watch.lines import LONGEST, event_of

if TYPE_CHECKING:
    from pathlib import Path

    from pytest_superteam.pipeline.watch.events import Event

__all__ = ["Tail"]

CHUNK = 1 << 20
"""Bytes that are read at a time."""


class Tail:
    """What one session adds to a file of events."""

    def __init__(self, path: Path, session: str) -> None:
        """Follow `path` from its beginning; events of other sessions are passed over."""
        self.path, self.session = path, session
        self.behind = False
        """Whether there is more to read than the last poll has read."""
        self._file = self._offset = 0
        self._rest = b""

    def poll(self) -> list[Event]:
        """Return the events that have come since; none where the file can't be read."""
        data = self._read()  # first, for it may find that the rest was of another file
        lines = (self._rest + data).split(b"\n")
        self._rest = lines.pop()[-LONGEST:]  # the end of what is too long to be an event is none either
        found = (event_of(line) for line in lines)
        return [event for event in found if event is not None and event.session == self.session]

    def _read(self) -> bytes:
        """Return the next part of the file, from its beginning where another one was put in its place."""
        try:
            with open_plain(self.path, os.O_RDONLY) as (handle, found):
                if found.st_ino != self._file or found.st_size < self._offset:
                    self._file, self._offset, self._rest = found.st_ino, 0, b""
                os.lseek(handle, self._offset, os.SEEK_SET)
                data = os.read(handle, CHUNK)
        except OSError:
            self.behind = False
            return b""
        self._offset += len(data)
        self.behind = self._offset < found.st_size
        return data
