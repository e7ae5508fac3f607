"""Files in a folder that somebody else may have arranged: written and removed without following a link."""

from __future__ import annotations

import contextlib
import hashlib
import os
import stat
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Literal

from pytest_superteam.builders.removing import remove_tree
from pytest_superteam.builders.tree import INSTALLED, LEFTOVERS

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["is_folder", "leftovers", "lies_there", "put", "remove"]

CACHES = LEFTOVERS - INSTALLED
"""Folders that tools leave and that no service needs to run."""
_UNSEEN = INSTALLED | {"venv"}
"""Folders of installed packages: they are no part of what was built, and too much to look through."""
_MOST_FOLDERS = 50_000


def put(root: Path, path: str, text: str) -> None:
    """Write a file below `root`; what stands in its way, a link or a folder of its name, is removed.

    Raises:
        OSError: it can't be written.
        ValueError: the path leads out of `root`, or is none.
    """
    parts = PurePosixPath(path).parts
    if not parts or PurePosixPath(path).is_absolute() or ".." in parts:
        raise ValueError(f"{path!r} leads out of the folder")
    folder = root
    for part in parts[:-1]:
        folder /= part
        if _kind(folder) != "folder":
            remove(folder)
            folder.mkdir()
        elif not os.access(folder, os.W_OK | os.X_OK):
            folder.chmod(0o755)
    target = folder / parts[-1]
    remove(target)
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_NOFOLLOW", 0)
    with os.fdopen(os.open(target, flags, 0o644), "w", encoding="utf-8", newline="\n") as stream:
        stream.write(text)


def is_folder(path: Path) -> bool:
    """Return whether there is a folder at `path`, itself and not through a link."""
    return _kind(path) == "folder"


def remove(path: Path) -> None:
    """Remove a file, a link or a folder with all that is in it, whatever that is; nothing where there is none."""
    kind = _kind(path)
    if kind == "folder":
        with contextlib.suppress(OSError):
            path.chmod(0o700)  # or nothing could be taken out of it
        remove_tree(path)
    elif kind:
        path.unlink(missing_ok=True)


def lies_there(root: Path, path: str, sha256: str) -> Literal["same", "changed", "missing"]:
    """Return what became of a file below `root` that had the hash `sha256`; a link in its place is a change."""
    current = root
    for part in PurePosixPath(path).parts:
        kind = _kind(current)
        if kind != "folder":
            return "changed" if kind else "missing"
        current /= part
    kind = _kind(current)
    if kind != "file":
        return "changed" if kind else "missing"
    try:
        with current.open("rb") as stream:
            same = hashlib.file_digest(stream, "sha256").hexdigest() == sha256
    except OSError:
        return "changed"
    return "same" if same else "changed"


def leftovers(root: Path) -> Iterator[Path]:
    """Yield the folders below `root` that tools left behind; links are not followed, `root` is no leftover."""
    waiting, seen = [root], 0
    while waiting and seen < _MOST_FOLDERS:
        seen += 1
        try:
            with os.scandir(waiting.pop()) as entries:
                folders = [entry for entry in entries if entry.is_dir(follow_symlinks=False)]
        except OSError:  # too deep, or without rights: whoever looks at the tree tells it
            continue
        for entry in folders:
            if entry.name in CACHES:
                yield Path(entry.path)
            elif entry.name not in _UNSEEN:
                waiting.append(Path(entry.path))


def _kind(path: Path) -> Literal["", "file", "folder", "other"]:
    """Return what is at `path` itself; a link is something other."""
    try:
        mode = path.lstat().st_mode
    except (FileNotFoundError, NotADirectoryError):
        return ""
    except OSError:
        return "other"
    return "folder" if stat.S_ISDIR(mode) else "file" if stat.S_ISREG(mode) else "other"
