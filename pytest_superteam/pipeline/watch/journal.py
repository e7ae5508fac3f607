"""A file that several processes add whole lines to, and that nothing a run does can make them follow elsewhere."""

from __future__ import annotations

import os
import stat
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

__all__ = ["append", "open_plain", "put_aside"]

_GUARD = getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
"""A link is not followed, and a pipe that nobody reads does not hold anybody up: the folder is open to builders."""


@contextmanager
def open_plain(path: Path, flags: int) -> Iterator[tuple[int, os.stat_result]]:
    """Yield the descriptor of a plain file, and what the system says of it.

    Raises:
        OSError: it can't be opened, or is a link, a pipe or a folder.
    """
    handle = os.open(path, flags | _GUARD, 0o600)
    try:
        found = os.fstat(handle)
        if not stat.S_ISREG(found.st_mode):
            raise OSError(f"{path} is no plain file")
        yield handle, found
    finally:
        os.close(handle)


def append(path: Path, text: str, *, limit: int, full: Callable[[], str]) -> None:
    """Add `text` in one write; the file and its folder are made if needed.

    Writes of several processes do not mix, for each goes to the end of the file as a whole. What a full disk cut off
    stays half a line: whoever writes next begins a new one.

    Args:
        path: the file.
        text: whole lines.
        limit: bytes that the file may hold; what would go past them is left out.
        full: makes the line that then stands there instead, once.

    Raises:
        OSError: it can't be written.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with open_plain(path, os.O_RDWR | os.O_APPEND | os.O_CREAT) as (handle, found):
        size = found.st_size
        if size >= limit:
            return
        data = text.encode("utf-8", "backslashreplace")
        if size + len(data) > limit:
            data = full().encode().ljust(limit - size, b"\n")  # blank lines, for from here on it counts as full
        os.write(handle, data if _at_line_start(handle, size) else b"\n" + data)


def _at_line_start(handle: int, size: int) -> bool:
    """Return whether the file ends with a whole line."""
    if size == 0:
        return True
    os.lseek(handle, size - 1, os.SEEK_SET)  # only where it reads: it is opened to write at its end
    return os.read(handle, 1) == b"\n"


def put_aside(path: Path, *, larger_than: int) -> None:
    """Rename a file that has grown large, or is no plain file, to `<stem>.1<suffix>`, in place of the one before.

    It never raises: where that is not possible, the file just goes on.
    """
    with suppress(OSError):
        found = path.lstat()
        if found.st_size > larger_than or not stat.S_ISREG(found.st_mode):
            path.replace(path.with_name(f"{path.stem}.1{path.suffix}"))
