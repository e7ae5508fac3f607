"""The files of a project at one moment: what can be seen of them without opening one."""

from __future__ import annotations

import os
import re
import stat
from collections import deque
from dataclasses import dataclass, field
from itertools import islice
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Collection
    from pathlib import Path

__all__ = ["MOST_FILES", "Change", "FileState", "Snapshot", "changes_between", "snapshot"]

MOST_FILES = 50_000
"""Files and folders of a project that are looked at: 0.3 s on one core."""
SKIPPED = frozenset({
    "node_modules", ".venv", "venv", "site-packages", "__pycache__", ".pytest_cache", ".hypothesis", ".mypy_cache",
    ".ruff_cache", ".tox", ".nox", ".hg", ".svn", ".idea", ".eggs", "htmlcov", ".gradle", ".next", ".cache",
})  # fmt: skip
"""Folders that tools write to without being asked."""
_GIT = re.compile(r"config|hooks/.*", re.DOTALL)
"""What of a repository no ordinary command changes, and what makes ordinary commands run code."""


class FileState(NamedTuple):
    """What tells whether a file changed. The time of the last change of its state can't be set by a program."""

    mode: int
    size: int
    inode: int
    modified: int
    """Nanoseconds."""
    changed: int
    """Nanoseconds; of contents, rights or names."""


@dataclass(frozen=True)
class Snapshot:
    """What lay below some folders."""

    files: dict[str, FileState] = field(default_factory=dict)
    """By absolute path; a folder's ends with a slash."""
    read: frozenset[str] = frozenset()
    """Folders of which every name was read."""
    whole: bool = True
    """Whether all were; else there were more than `MOST_FILES`."""


@dataclass(frozen=True, order=True)
class Change:
    """One file or folder that is not as it was. `when` is 0 where nobody can tell."""

    path: str
    kind: str
    """`new`, `changed` or `gone`."""
    when: int = 0
    """Nanoseconds since 1970."""


def snapshot(roots: Collection[Path], ignored: Callable[[str], bool], most: int = MOST_FILES) -> Snapshot:
    """Look at all files below some folders, the outer ones first; links are looked at, never followed.

    Args:
        roots: absolute folders.
        ignored: whether an absolute path (a folder's with a slash at its end) is passed over.
        most: files and folders that are looked at.
    """
    files: dict[str, FileState] = {}
    read: set[str] = set()
    pending = deque(f"{root}/" for root in roots)
    while pending:
        folder = pending.popleft()
        try:
            with os.scandir(folder) as scan:
                entries = sorted(islice(scan, most + 1), key=lambda entry: entry.name)
        except OSError:  # gone meanwhile, or not ours to read
            continue
        if len(files) + len(entries) > most:
            return Snapshot(files, frozenset(read), whole=False)
        for entry in entries:
            _add(entry, files, pending, ignored)
        read.add(folder)
    return Snapshot(files, frozenset(read))


def _add(
    entry: os.DirEntry[str], files: dict[str, FileState], pending: deque[str], ignored: Callable[[str], bool]
) -> None:
    try:
        found = entry.stat(follow_symlinks=False)
    except OSError:
        return
    is_folder = stat.S_ISDIR(found.st_mode)
    path = f"{entry.path}/" if is_folder else entry.path
    if (is_folder and entry.name in SKIPPED) or _is_gits(path) or ignored(path):
        return
    if is_folder:  # what is in it has states of its own
        files[path] = FileState(found.st_mode, 0, 0, 0, 0)
        pending.append(path)
        return
    files[path] = FileState(found.st_mode, found.st_size, found.st_ino, found.st_mtime_ns, found.st_ctime_ns)


def _is_gits(path: str) -> bool:
    """Return whether Git itself changes a file all the time."""
    _, git, inner = path.rpartition("/.git/")
    return bool(git and inner) and _GIT.fullmatch(inner) is None


def changes_between(before: Snapshot, after: Snapshot) -> list[Change]:
    """Return what changed in folders that were read both times, sorted; what is in a new folder counts as one."""
    found = []
    for path, state in after.files.items():
        then = before.files.get(path)
        if then is None and _folder_of(path) in before.read:
            found.append(Change(path, "new", state.changed))
        elif then is not None and then != state:
            found.append(Change(path, "changed", state.changed))
    found += [
        Change(path, "gone") for path in before.files if path not in after.files and _folder_of(path) in after.read
    ]
    return sorted(found)


def _folder_of(path: str) -> str:
    return path.rstrip("/").rpartition("/")[0] + "/"
