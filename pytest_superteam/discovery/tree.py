"""The files of a folder, named in one walk and read when they are asked for: bounded, and never out of the folder."""

from __future__ import annotations

import os
import stat
from bisect import bisect_left
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

from pytest_superteam.discovery.places import skipped, unread

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["MAX_BYTES", "Tree", "below", "folder_of", "joined", "read_tree"]

MAX_BYTES = 1 << 20
"""Bytes of a file beyond which it is not read: manifests and source are far smaller."""
_MAX_TOTAL = 96 << 20
"""Bytes that are read of all files together."""
_MAX_FILES = 120_000
_MAX_FOLDERS = 30_000
_MAX_DEPTH = 24
_OPEN = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_CLOEXEC", 0)
_BOMS = (
    (b"\xff\xfe\0\0", "utf-32"),
    (b"\0\0\xfe\xff", "utf-32"),
    (b"\xff\xfe", "utf-16"),
    (b"\xfe\xff", "utf-16"),
    (b"\xef\xbb\xbf", "utf-8-sig"),
)


@dataclass(eq=False)
class Tree:
    """The files below `root` by path: relative to it, POSIX style, sorted. Links are left out wherever they lead."""

    root: Path
    files: tuple[str, ...] = ()
    notes: list[str] = field(default_factory=list)
    _texts: dict[str, str] = field(default_factory=dict, repr=False)
    _read: int = 0

    @cached_property
    def names(self) -> dict[str, frozenset[str]]:
        """Return the names of the files of each folder, `.` being the root."""
        found: dict[str, list[str]] = {".": []}
        for path in self.files:
            folder, _, name = path.rpartition("/")
            found.setdefault(folder or ".", []).append(name)
        return {folder: frozenset(names) for folder, names in found.items()}

    @cached_property
    def folders(self) -> frozenset[str]:
        """Return every folder that has a file in it or below it."""
        found = {"."}
        for folder in self.names:
            parts = folder.split("/")
            found.update("/".join(parts[:count]) for count in range(1, len(parts) + 1))
        return frozenset(found)

    def has(self, folder: str, name: str) -> bool:
        """Return whether `folder` has a file of that name."""
        return name in self.names.get(folder, frozenset())

    def is_file(self, path: str) -> bool:
        """Return whether there is a file at `path`."""
        return self.has(folder_of(path), path.rpartition("/")[2])

    def under(self, folder: str) -> tuple[str, ...]:
        """Return the files below `folder`, at any depth."""
        if folder == ".":
            return self.files
        start = bisect_left(self.files, folder + "/")
        return self.files[start : bisect_left(self.files, folder + "0")]  # "0" is what follows "/"

    def text(self, path: str) -> str:
        """Return the text of a file, read once; of what is absent, too long, binary or unreadable nothing."""
        if path not in self._texts:
            self._texts[path] = self._load(path) if self.is_file(path) else ""
        return self._texts[path]

    def _load(self, path: str) -> str:
        if self._read > _MAX_TOTAL:
            self._note(f"more than {_MAX_TOTAL >> 20} MB would have to be read: the rest of the files was left out")
            return ""
        try:
            data = _bytes(self.root / path)
        except OSError as error:
            self._note(f"{path} can't be read: {error.strerror or 'error'}")
            return ""
        if len(data) > MAX_BYTES:
            self._note(f"{path} is longer than {MAX_BYTES >> 20} MB and was left out")
            return ""
        self._read += len(data)
        return _decoded(data)

    def _note(self, text: str) -> None:
        if text not in self.notes and len(self.notes) < 100:
            self.notes.append(text)


def folder_of(path: str) -> str:
    """Return the folder of a path; `.` for one in the root."""
    return path.rpartition("/")[0] or "."


def below(folder: str) -> str:
    """Return how the paths of the files in a folder begin: `api/`, and nothing for the root."""
    return "" if folder == "." else f"{folder}/"


def joined(folder: str, path: str) -> str | None:
    """Return `path` as seen from `folder`, relative to the root; None where it leads out of it or is absolute."""
    if path.startswith(("/", "~")) or "\\" in path or "\0" in path:
        return None
    parts: list[str] = [] if folder == "." else folder.split("/")
    for part in path.split("/"):
        if part == "..":
            if not parts:
                return None
            parts.pop()
        elif part not in {"", "."}:
            parts.append(part)
    return "/".join(parts) or "."


def _bytes(path: Path) -> bytes:
    """Return what a regular file holds, up to one byte more than is read."""
    handle = os.open(path, _OPEN)
    with os.fdopen(handle, "rb") as file:
        if not stat.S_ISREG(os.fstat(handle).st_mode):
            return b""
        return file.read(MAX_BYTES + 1)


def _decoded(data: bytes) -> str:
    """Return bytes as text, by their byte order mark or their zeros (UTF-16); what is binary is empty."""
    encoding = next((name for mark, name in _BOMS if data.startswith(mark)), "")
    if not encoding and b"\0" in data[:4096]:
        head = data[:4096]
        if not head[0::2].strip(b"\0") or not head[1::2].strip(b"\0"):
            encoding = "utf-16-be" if not head[0::2].strip(b"\0") else "utf-16-le"
        else:
            return ""
    return data.decode(encoding or "utf-8", "replace").replace("\r\n", "\n").replace("\0", "")


def read_tree(root: Path) -> Tree:
    """Return the files below `root` within the bounds on files, folders and depth; a note says what was cut."""
    files: list[str] = []
    notes: list[str] = []
    level, folders = [""], 0
    for _ in range(_MAX_DEPTH):
        further: list[str] = []
        for prefix in level:
            folders += 1
            if folders > _MAX_FOLDERS or len(files) > _MAX_FILES:
                notes.append(f"only the first {len(files)} files in {folders - 1} folders were looked at")
                return Tree(root, tuple(sorted(files)), notes)
            names, inner = _listed(root, prefix, notes)
            files += [prefix + name for name in names]
            beside = frozenset(names)
            further += [f"{prefix}{name}/" for name in inner if not skipped(name, beside)]
            notes += [f"{prefix}{name}/ was left out: {unread(name)}" for name in inner if unread(name)]
        level = further
    if level:
        notes.append(f"folders deeper than {_MAX_DEPTH} levels were left out")
    return Tree(root, tuple(sorted(files)), notes)


def _listed(root: Path, prefix: str, notes: list[str]) -> tuple[list[str], list[str]]:
    """Return the names of files and of folders in a folder, links left out, sorted."""
    names: list[str] = []
    inner: list[str] = []
    try:
        with os.scandir(root / prefix if prefix else root) as scan:
            for entry in scan:
                if not entry.name.isprintable():  # also what is no UTF-8
                    continue
                if entry.is_file(follow_symlinks=False):
                    names.append(entry.name)
                elif entry.is_dir(follow_symlinks=False):
                    inner.append(entry.name)
    except OSError as error:
        if len(notes) < 100:
            notes.append(f"{prefix or './'} can't be read: {error.strerror or 'error'}")
    return sorted(names), sorted(inner)
