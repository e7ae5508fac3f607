"""Two versions of a service's folder, read with care: whatever wrote them is not trusted."""

from __future__ import annotations

import hashlib
import os
import stat
from dataclasses import dataclass
from functools import cached_property
from itertools import islice
from typing import TYPE_CHECKING

from pytest_superteam.agents.site import INPUT
from pytest_superteam.agents.telling import shown_path
from pytest_superteam.builders.tree import tree_files

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["MAX_FILES", "MAX_TEXT", "Change", "Entry", "changes"]

MAX_TEXT = 2 << 20
"""Bytes of a file up to which its text is looked at; of larger ones only whether they changed."""
MAX_FILES = 20_000
"""Files of a tree that are looked at."""
_LONGEST_PATH = 500


class Entry:
    """One file of a tree; its bytes are read when they are first asked for."""

    def __init__(self, place: Path) -> None:
        self._place = place
        status = place.lstat()
        self.regular = stat.S_ISREG(status.st_mode)
        self.size = status.st_size if self.regular else 0

    @cached_property
    def digest(self) -> str:
        """Return what tells its content from another: a hash, or for what is no file where it leads or what it is."""
        if not self.regular:
            return f"link to {self._place.readlink()}" if self._place.is_symlink() else "special"
        handle = self._open()
        if handle is None:
            return "unreadable"
        with os.fdopen(handle, "rb") as stream:
            return hashlib.file_digest(stream, "sha256").hexdigest()

    @cached_property
    def data(self) -> bytes | None:
        """Return its bytes; None where it is no file, too large, or can't be read."""
        handle = self._open() if self.regular and self.size <= MAX_TEXT else None
        if handle is None:
            return None
        with os.fdopen(handle, "rb") as stream:
            found = stream.read(MAX_TEXT + 1)
        return found if len(found) <= MAX_TEXT else None

    @property
    def binary(self) -> bool:
        """Return whether it is no text, as far as its bytes were looked at."""
        return self.data is None or b"\0" in self.data

    @cached_property
    def text(self) -> str:
        """Return its text; empty where it is none."""
        return "" if self.data is None or self.binary else self.data.decode("utf-8-sig", "replace")

    @cached_property
    def lines(self) -> list[str]:
        r"""Return its lines without their ends, split at `\n` only."""
        lines = [line.rstrip("\r") for line in self.text.split("\n")]
        return lines[:-1] if lines and not lines[-1] else lines

    def _open(self) -> int | None:
        try:
            return os.open(self._place, os.O_RDONLY | os.O_NONBLOCK | os.O_NOFOLLOW)
        except OSError:
            return None


@dataclass(frozen=True)
class Change:
    """A file that is not in both trees as it was."""

    path: str
    """Relative, POSIX style, fit to be written down."""
    before: Entry | None
    """None where it was added."""
    after: Entry | None
    """None where it was removed."""

    @property
    def old(self) -> list[str]:
        """Return the lines that were there."""
        return [] if self.before is None else self.before.lines

    @property
    def new(self) -> list[str]:
        """Return the lines that are there."""
        return [] if self.after is None else self.after.lines


def _entries(root: Path) -> dict[str, Entry]:
    """Return the files of a tree by path; those that went while we looked are left out."""
    found: dict[str, Entry] = {}
    for place in islice(tree_files(root), MAX_FILES):
        relative = place.relative_to(root)
        if relative.parts[0] == INPUT:
            continue
        try:
            found[relative.as_posix()] = Entry(place)
        except OSError:
            continue
    return found


def changes(before: Path, after: Path) -> tuple[Change, ...]:
    """Return the files that differ between two trees, sorted by path; tools' leftovers and `.superteam` left out."""
    old, new = _entries(before), _entries(after)
    found = (Change(shown_path(path)[:_LONGEST_PATH], old.get(path), new.get(path)) for path in sorted({*old, *new}))
    return tuple(change for change in found if _differs(change))


def _differs(change: Change) -> bool:
    if change.before is None or change.after is None:
        return True
    return change.before.size != change.after.size or change.before.digest != change.after.digest
