"""What lies in an agent's folder and can't be part of a service: links, devices, names that are no text."""

from __future__ import annotations

import os
import stat
from collections import Counter
from typing import TYPE_CHECKING

from pytest_superteam.agents.telling import first_of, shown_path

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

__all__ = ["strange_files"]

MOST_ENTRIES = 200_000
"""Files and folders that are looked at, those that tools left behind included."""
MOST_LEVELS = 64
"""Levels of folders; services have ten, and ways of looking at a folder end at some hundred."""
MOST_TOLD = 20
_SPECIAL = {
    stat.S_IFIFO: "a pipe",
    stat.S_IFSOCK: "a socket",
    stat.S_IFCHR: "a device",
    stat.S_IFBLK: "a device",
}
_NO_TEXT = "its name is no UTF-8, or has characters that can't be printed"


def strange_files(directory: Path) -> tuple[str, ...]:
    """Return what of a folder can't be part of a service, a line each, such as `data.db: a link out of the folder`.

    In folders of packages and caches (`builders.tree.LEFTOVERS`) links and hard links are ordinary, and not told.

    Args:
        directory: folder that an agent worked in; nothing in it is followed or opened.

    Returns:
        At most `MOST_TOLD` lines, sorted as they are found; a last one tells how many more there are.
    """
    return first_of(list(_Look(directory).strange()), MOST_TOLD)


class _Look:
    """One walk through a folder that somebody else filled."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.seen = 0
        self.names: Counter[tuple[int, int]] = Counter()
        """How many names of each file that has several were found, by device and inode."""
        self.shared: dict[tuple[int, int], tuple[str, int]] = {}
        """The first of these names, and how many there are in all."""

    def strange(self) -> Iterator[str]:
        pending = [("", 0, False)]
        while pending:
            folder, level, leftover = pending.pop()
            try:
                with os.scandir(self.directory / folder) as scan:
                    entries = sorted(scan, key=lambda entry: os.fsencode(entry.name))
            except OSError as error:
                yield f"{shown_path(folder) or '.'}: can't be read ({error.strerror or error})"
                continue
            self.seen += len(entries)
            if self.seen > MOST_ENTRIES:
                yield f"more than {MOST_ENTRIES:,} files and folders"
                return
            for entry in entries:
                path = f"{folder}{entry.name}"
                problem, is_folder = self._problem(path, entry, leftover=leftover)
                if problem:
                    yield f"{shown_path(path)}: {problem}"
                elif is_folder and level >= MOST_LEVELS:
                    yield f"{shown_path(path)[:200]}: folders more than {MOST_LEVELS} deep"
                elif is_folder:
                    pending.append((f"{path}/", level + 1, leftover or _is_leftover(entry.name)))
        yield from self._shared()

    def _problem(self, path: str, entry: os.DirEntry[str], *, leftover: bool) -> tuple[str, bool]:
        """Return what is wrong with an entry, and whether it is a folder."""
        try:
            found = entry.stat(follow_symlinks=False)
        except OSError as error:
            return f"can't be read ({error.strerror or error})", False
        kind = stat.S_IFMT(found.st_mode)
        if kind in _SPECIAL:
            return _SPECIAL[kind], False
        if kind == stat.S_IFREG and found.st_mode & (stat.S_ISUID | stat.S_ISGID):
            return "it runs with the rights of its owner (setuid or setgid)", False
        if leftover:
            return "", kind == stat.S_IFDIR
        if not _is_text(entry.name):
            return _NO_TEXT, False
        if kind == stat.S_IFLNK:
            return self._link(path), False
        if kind == stat.S_IFREG:
            if not os.access(entry.path, os.R_OK):
                return "can't be read (its rights)", False
            self._count(path, found)
        return "", kind == stat.S_IFDIR

    def _link(self, path: str) -> str:
        try:
            inside = (self.directory / path).resolve(strict=False).is_relative_to(self.directory.resolve())
        except (OSError, RuntimeError):  # a circle
            inside = True
        return "a link" if inside else "a link out of the folder"

    def _count(self, path: str, found: os.stat_result) -> None:
        if found.st_nlink > 1:
            key = (found.st_dev, found.st_ino)
            self.names[key] += 1
            self.shared.setdefault(key, (path, found.st_nlink))

    def _shared(self) -> Iterator[str]:
        """Yield files that have a name elsewhere, too: who writes to them here writes there."""
        for key, (path, all_names) in self.shared.items():
            if self.names[key] < all_names:
                yield f"{shown_path(path)}: the same file as one outside of the folder (a hard link)"


def _is_leftover(name: str) -> bool:
    from pytest_superteam.builders.tree import LEFTOVERS

    return name in LEFTOVERS


def _is_text(name: str) -> bool:
    try:
        name.encode()
    except UnicodeEncodeError:
        return False
    return name.isprintable()
