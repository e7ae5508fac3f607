"""Removing what a builder left, whatever it is: folders too deep for a path, links, folders without rights."""

from __future__ import annotations

import contextlib
import os
import shutil
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

__all__ = ["remove_tree"]

_BY_HANDLE = {os.open, os.rename, os.rmdir, os.unlink} <= os.supports_dir_fd and os.scandir in os.supports_fd
_FOLDER = os.O_RDONLY | getattr(os, "O_DIRECTORY", 0) | getattr(os, "O_NOFOLLOW", 0)


def remove_tree(folder: Path) -> None:
    """Remove a folder with everything in it, links unfollowed; what can't be removed stays, without a word.

    `shutil.rmtree` goes down by recursion, which a builder can exhaust, and names a path, which it can make too long.
    Here each folder is moved up to the top before it is looked into, so that nothing is ever deep.
    """
    if not _BY_HANDLE:
        with contextlib.suppress(RecursionError):
            shutil.rmtree(folder, ignore_errors=True)
        return
    with contextlib.suppress(OSError):
        handle = os.open(folder, _FOLDER)
        try:
            _empty(handle)
        finally:
            os.close(handle)
        folder.rmdir()


def _empty(top: int) -> None:
    """Remove what lies below the folder that is open as `top`."""
    failed: set[str] = set()
    moved = 0
    while names := [name for name in _folders(top) if name not in failed]:
        for name in names:
            try:
                moved = _flatten(top, name, moved)
                os.rmdir(name, dir_fd=top)
            except OSError:
                failed.add(name)


def _flatten(top: int, name: str, moved: int) -> int:
    """Move the folders within the folder `name` up to the top; return how many names were given up to now."""
    with _opened(top, name) as handle:
        for inner in _folders(handle):
            moved = _free(top, moved)
            try:
                os.rename(inner, _name(moved), src_dir_fd=handle, dst_dir_fd=top)
            except PermissionError:  # a folder that may not be written can't be told that it moves
                os.chmod(inner, 0o700, dir_fd=handle)
                os.rename(inner, _name(moved), src_dir_fd=handle, dst_dir_fd=top)
    return moved


@contextlib.contextmanager
def _opened(top: int, name: str) -> Iterator[int]:
    """Open a folder, with rights to change it where they are missing."""
    try:
        handle = os.open(name, _FOLDER, dir_fd=top)
    except PermissionError:
        os.chmod(name, 0o700, dir_fd=top)
        handle = os.open(name, _FOLDER, dir_fd=top)
    try:
        with contextlib.suppress(OSError):
            os.fchmod(handle, 0o700)
        yield handle
    finally:
        os.close(handle)


def _folders(handle: int) -> list[str]:
    """Remove all that is no folder from the open one, and return the names of its folders."""
    found = []
    with os.scandir(handle) as entries:
        listed = [(entry.name, entry.is_dir(follow_symlinks=False)) for entry in entries]
    for name, is_folder in listed:
        if is_folder:
            found.append(name)
        else:
            with contextlib.suppress(OSError):
                os.unlink(name, dir_fd=handle)
    return found


def _free(top: int, moved: int) -> int:
    """Return the next number whose name is free at the top."""
    while True:
        moved += 1
        try:
            os.stat(_name(moved), dir_fd=top, follow_symlinks=False)
        except FileNotFoundError:
            return moved


def _name(number: int) -> str:
    return f".removed-{number}"
