"""Bounded looks into a service's folder: which files are there, and what they say, in any encoding."""

from __future__ import annotations

import os
import stat
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator

__all__ = ["files_of", "read_bytes", "read_text"]

MAX_TEXT = 2 << 20
MOST_FILES = 50_000
_PASSED_OVER = frozenset({
    "node_modules", "venv", "env", "site-packages", "__pycache__", "vendor", "third_party", "dist", "build", "target",
    "coverage",
})  # fmt: skip


def files_of(folder: Path, wanted: Callable[[str], bool], inner: Collection[str] = ()) -> Iterator[Path]:
    """Yield the files whose name is wanted, sorted, without what tools made and without the folders in `inner`."""
    passed, seen = {folder / name for name in inner}, 0
    for above, names, files in os.walk(folder):
        names[:] = sorted(n for n in names if n not in _PASSED_OVER and n[0] != "." and Path(above, n) not in passed)
        for name in sorted(files):
            seen += 1
            if seen > MOST_FILES:
                return
            path = Path(above, name)
            if wanted(name) and path.is_file() and not path.is_symlink():
                yield path


def read_bytes(path: Path, most: int = MAX_TEXT, *, follow: bool = True) -> bytes | None:
    """Return the first `most` bytes of a regular file; None of anything else, which is never waited for.

    Args:
        path: the file, which may be a pipe, a device or gone.
        most: bytes that are read.
        follow: whether a link is followed.
    """
    try:
        handle = os.open(path, os.O_RDONLY | os.O_NONBLOCK | (0 if follow else os.O_NOFOLLOW))
    except OSError:
        return None
    try:
        if not stat.S_ISREG(os.fstat(handle).st_mode):
            return None
        with os.fdopen(handle, "rb", closefd=False) as stream:
            return stream.read(most)
    except OSError:
        return None
    finally:
        os.close(handle)


def read_text(path: Path) -> str:
    """Return a file's text, whether UTF-8, UTF-16 with or without a mark, or Latin-1; empty where it can't be read."""
    data = read_bytes(path) or b""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return data.decode("utf-16", "replace")
    if data.startswith(b"\xef\xbb\xbf"):
        return data.decode("utf-8-sig", "replace")
    if b"\0" in data[:200]:  # text of a Windows shell without a mark: every second byte of ASCII is zero
        return data.decode("utf-16-le" if data[1:2] == b"\0" else "utf-16-be", "replace")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return data.decode("latin-1")
