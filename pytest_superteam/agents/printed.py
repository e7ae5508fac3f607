"""What an agent prints: the lines as they come, and the beginning and the end of it all."""

from __future__ import annotations

import re
import time
from typing import TYPE_CHECKING

from pytest_superteam.checks.own_tests.kept import Kept

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["KEPT_BYTES", "LINE_BYTES", "Printed", "plain"]

KEPT_BYTES = 512 << 10
"""Bytes of the beginning, and again of the end, that are kept."""
LINE_BYTES = 1 << 20
"""Bytes of a line that are heard; the rest of it is let go."""
MOST_LINES = 100_000
"""Lines that are all heard; of those after them one in `PAUSE_SECONDS`, as a sign of life."""
PAUSE_SECONDS = 0.1
_ESCAPES = re.compile(
    r"\x1b(?:\[[0-?]{0,64}[ -/]{0,8}[@-~]|[\]PX^_][^\x07\x1b]{0,4096}(?:\x07|\x1b\\)|[ -/]{0,4}[0-~])"
    r"|[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]"
)
"""Terminal control as in ECMA-48: CSI, strings such as a window's title, short escapes; and single control characters
but tab, line feed and carriage return."""


def plain(text: str) -> str:
    """Return `text` without what steers a terminal."""
    return text if text.isprintable() else _ESCAPES.sub("", text)


class Printed:
    """Takes bytes, tells lines to `heard`, and keeps the beginning and the end."""

    def __init__(self, heard: Callable[[str], None]) -> None:
        """Tell whole lines, as plain text without their ends, blank ones left out; what is no UTF-8 is marked."""
        self._heard = heard
        self._kept, self._line = Kept(KEPT_BYTES, KEPT_BYTES), bytearray()
        self._cut = False  # the rest of the line that is told already is to come
        self._lines, self._next = 0, 0.0

    @property
    def total(self) -> int:
        """Return how many bytes were printed."""
        return self._kept.total

    def take(self, data: bytes) -> None:
        """Take what was printed next."""
        self._kept.add(data)
        if self._lines >= MOST_LINES:
            data = self._thinned(data)
        first, *others = data.replace(b"\r", b"\n").split(b"\n")
        self._add(first)
        for part in filter(None, others[:-1]):
            self._end_line()
            self._add(part)
        if others:
            self._end_line()
            self._add(others[-1])

    def end(self) -> None:
        """Tell a last line that has no end."""
        self._end_line()

    def text(self) -> str:
        """Return what is kept, as plain text, and between its parts how much is not."""
        text, _ = self._kept.text("\n[... {cut} bytes left out ...]\n")
        return plain(text.replace("\r\n", "\n").replace("\r", "\n"))

    def _add(self, part: bytes) -> None:
        if self._cut:
            return
        self._line += part[: LINE_BYTES - len(self._line)]
        if len(self._line) == LINE_BYTES:
            self._tell()
            self._cut = True

    def _end_line(self) -> None:
        if not self._cut:
            self._tell()
        self._cut = False

    def _tell(self) -> None:
        """Tell the line that is there, unless it is blank."""
        line, self._line = self._line, bytearray()
        text = plain(line.decode("utf-8", "replace")).rstrip()
        if text:
            self._lines += 1
            self._heard(text)

    def _thinned(self, data: bytes) -> bytes:
        """Return the last whole line of `data` if it is time for one, or else nothing."""
        self._line.clear()
        self._cut = False
        if time.monotonic() < self._next:
            return b""
        lines = data.replace(b"\r", b"\n").split(b"\n")[1:-1]
        if not any(lines):
            return b""
        self._next = time.monotonic() + PAUSE_SECONDS
        return next(filter(None, reversed(lines))) + b"\n"
