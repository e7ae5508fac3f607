"""The folders of fix attempts, for people: `.superteam/attempts/<n>/<service>/`, written whole or not at all.

Builders that are not confined can reach them, so nothing is decided by what lies there, and no link in it is followed.
"""

from __future__ import annotations

import contextlib
import os
import re
import stat
from typing import TYPE_CHECKING

from pytest_superteam.atomic import write_atomically
from pytest_superteam.builders.removing import remove_tree

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["AttemptFolders"]

_OWNER = "run"
"""The file that says whose attempts these are."""
_LONGEST = 200
_NUMBER = re.compile(r"[1-9][0-9]{0,5}")
_NAME = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9_-]|\.(?!\.)){0,127}")
_READ = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)


class AttemptFolders:
    """The attempts of one run; those of an earlier run go when its first one begins."""

    def __init__(self, folder: Path, run: str) -> None:
        """Write below a folder, which is made when it is needed."""
        self.folder = folder
        self.run = run

    def begin(self, number: int) -> None:
        """Make room for an attempt: what is there of that number, or of another run, is removed."""
        with contextlib.suppress(OSError):  # what can't be written there is in the store all the same
            _make(self.folder)
            others = _read(self.folder / _OWNER) != self.run
            for path in self.folder.iterdir():
                if _NUMBER.fullmatch(path.name) and (others or int(path.name) >= number):
                    _remove(path)
            if (sign := self.folder / _OWNER).is_dir():
                _remove(sign)
            write_atomically(sign, self.run)

    def write(self, number: int, service: str, name: str, text: str) -> None:
        """Write a file of an attempt, of one service where one is named.

        Raises:
            ValueError: the service has no name that a folder may have.
        """
        if service and not _NAME.fullmatch(service):
            raise ValueError(service)
        folder = self.folder / str(number)
        with contextlib.suppress(OSError):
            for path in (self.folder, folder, *((folder / service,) if service else ())):
                _make(path)
            write_atomically((folder / service if service else folder) / name, text)


def _make(folder: Path) -> None:
    """Make a folder; whatever else has its name, such as a link, makes way."""
    if folder.is_symlink() or (folder.exists() and not folder.is_dir()):
        folder.unlink()
    folder.mkdir(parents=True, exist_ok=True)


def _remove(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        remove_tree(path)
    else:
        path.unlink()


def _read(path: Path) -> str:
    """Return the start of a small file; nothing where there is none, or something that is no file."""
    try:
        handle = os.open(path, _READ)
    except OSError:
        return ""
    try:
        if not stat.S_ISREG(os.fstat(handle).st_mode):
            return ""
        return os.read(handle, _LONGEST).decode("utf-8", "replace").strip()
    finally:
        os.close(handle)
