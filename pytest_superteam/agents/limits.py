"""What an agent may use, and what it has used: memory, disk and processes, looked at again and again while it works."""

from __future__ import annotations

import contextlib
import errno
import os
import stat
import sys
import time
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    import psutil

__all__ = ["MIB", "Exceeded", "Limits", "Watch", "written"]

Exceeded = Literal["memory", "disk", "processes"]
MIB = 1 << 20
MOST_FILES = 500_000
"""Files that are counted; who makes more fills the disk with them."""
_TOO_DEEP = 1 << 60
"""Bytes that stand for a folder whose path is too long to be looked into: more than any limit."""
DISK_SHARE = 10
"""A look at the disk is followed by a pause of so many times its length: it costs less than a tenth of a core."""


@dataclass(frozen=True)
class Limits:
    """The most that an agent and all its children may use together."""

    memory_mib: int
    disk_mib: int
    """What is written into the counted folders, and into files that were removed and are still open."""
    printed_mib: int
    processes: int = 1000
    file_mib: int | None = None
    """The largest single file, wherever it is; unset: as `disk_mib`."""

    @property
    def file_bytes(self) -> int:
        """Return the largest size of a single file."""
        return MIB * (self.disk_mib if self.file_mib is None else self.file_mib)


class Watch:
    """Looks at what the processes below one process use. Not for use by several threads at once."""

    def __init__(self, limits: Limits, counted: Iterable[Path]) -> None:
        """Begin before the processes do: what lies in the `counted` folders now was not written by them."""
        self._limits = limits
        folders = set(counted)
        self._counted = tuple(folder for folder in folders if not folders.intersection(folder.parents))
        self._before = sum(written(self._counted))
        self._disk_after = 0.0
        self.peak = 0
        """The most bytes of memory that were seen."""
        self.seen: dict[int, float] = {}
        """Process id -> start time of all that were seen."""

    def exceeded(self, pid: int) -> Exceeded | None:
        """Return the limit that the processes below `pid` pass now."""
        processes = self._tree(pid)
        if len(processes) > self._limits.processes:
            return "processes"
        if self._memory(processes) > self._limits.memory_mib * MIB:
            return "memory"
        return "disk" if time.monotonic() >= self._disk_after and self.disk_full(processes) else None

    def disk_full(self, processes: Iterable[psutil.Process] = ()) -> bool:
        """Return whether all that may be written is written; `processes` may hold files that have no name any more."""
        begun = time.monotonic()
        limit, used, count = self._limits.disk_mib * MIB, -self._before, 0
        held = {key: size for process in processes for key, size in _nameless(process.pid)}
        for size in chain(held.values(), written(self._counted)):
            used, count = used + size, count + 1
            if used >= limit or count > MOST_FILES:
                return True
        ended = time.monotonic()
        self._disk_after = ended + DISK_SHARE * (ended - begun)
        return False

    def _tree(self, pid: int) -> list[psutil.Process]:
        import psutil

        try:
            found = psutil.Process(pid).children(recursive=True)
        except psutil.Error:
            return []
        for process in found:
            self.seen.setdefault(process.pid, process.create_time())
        return found

    def _memory(self, processes: list[psutil.Process]) -> int:
        """Return the bytes that `processes` hold; pages that several share are counted once where that decides."""
        used = sum(_held(process, exact=False) for process in processes)
        if used > self._limits.memory_mib * MIB and sys.platform.startswith("linux"):
            used = sum(_held(process, exact=True) for process in processes)
        self.peak = max(self.peak, used)
        return used


def _held(process: psutil.Process, *, exact: bool) -> int:
    import psutil

    try:
        if exact:  # the kernel's own sum over a process's pages: too dear to ask for each time
            return int(process.memory_full_info().pss)
        return int(process.memory_info().rss)
    except (psutil.Error, OSError):  # it has ended meanwhile, or shut us out
        return 0


def written(folders: Iterable[Path]) -> Iterator[int]:
    """Yield the bytes of each file and folder below `folders`; links are not followed.

    A file counts as what it takes on the disk or what it pretends to hold, whichever is more: whoever copies it pays
    for its holes. What comes and goes meanwhile does not matter.
    """
    pending = [os.fspath(folder) for folder in folders]
    while pending:
        try:
            with os.scandir(pending.pop()) as entries:
                for entry in entries:
                    if entry.is_dir(follow_symlinks=False):
                        pending.append(entry.path)
                    yield _size(entry)
        except OSError as error:
            if error.errno == errno.ENAMETOOLONG:  # below that files of any size may lie, and nobody would see them
                yield _TOO_DEEP


def _nameless(pid: int) -> Iterator[tuple[tuple[int, int], int]]:
    """Yield device and number, and the bytes, of each removed file that a process still has open, where /proc tells."""
    folder = Path(f"/proc/{pid}/fd")
    with contextlib.suppress(OSError):  # it has ended meanwhile
        for path in folder.iterdir():
            with contextlib.suppress(OSError):
                found = path.stat()
                if stat.S_ISREG(found.st_mode) and not found.st_nlink:
                    yield (found.st_dev, found.st_ino), max(found.st_size, found.st_blocks * 512)


def _size(entry: os.DirEntry[str]) -> int:
    try:
        found = entry.stat(follow_symlinks=False)
    except OSError:
        return 0
    held = found.st_blocks * 512
    return max(held, found.st_size) if stat.S_ISREG(found.st_mode) else held
