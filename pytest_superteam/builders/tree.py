"""Source trees on disk: what is in one, and whether somebody else touched it."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path
from typing import TYPE_CHECKING

from pytest_superteam.errors import BuildError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

__all__ = ["INSTALLED", "LEFTOVERS", "differences", "hash_tree", "tree_files"]

LEFTOVERS = frozenset(
    {"__pycache__", ".pytest_cache", ".hypothesis", ".mypy_cache", ".ruff_cache", ".venv", "node_modules", ".git"}
)
"""Folders that tools leave behind; nobody wrote them by hand."""
INSTALLED = frozenset({".venv", "node_modules"})
"""Those of them that a service may need to run: packages that were installed for it."""
MAX_FILES = 20_000
MAX_BYTES = 512 << 20


def tree_files(root: Path) -> Iterator[Path]:
    """Yield the files below `root`, leftovers of tools excepted; links are yielded, never followed."""
    for folder, names, files in os.walk(root, followlinks=False):
        linked = [name for name in names if (Path(folder) / name).is_symlink()]
        names[:] = sorted(name for name in names if name not in LEFTOVERS and name not in linked)
        for name in sorted([*files, *linked]):
            yield Path(folder) / name


def hash_tree(root: Path) -> dict[str, str]:
    """Return relative POSIX path -> sha256 of every file below `root`.

    Raises:
        BuildError: there is no file, a link, or there are too many files or bytes.
    """
    found: dict[str, str] = {}
    total = 0
    for path in tree_files(root):
        relative = path.relative_to(root).as_posix()
        if path.is_symlink() or not path.is_file():
            raise BuildError(f"'{relative}' is a link or a special file. A service is made of plain files only.")
        total += path.stat().st_size
        if len(found) >= MAX_FILES or total > MAX_BYTES:
            raise BuildError(f"more than {MAX_FILES} files or {MAX_BYTES >> 20} MiB were written.")
        with path.open("rb") as stream:
            found[relative] = hashlib.file_digest(stream, "sha256").hexdigest()
    if not found:
        raise BuildError("the builder wrote no file.")
    return found


def differences(root: Path, written: Mapping[str, str]) -> tuple[list[str], list[str], list[str]]:
    """Compare a tree with what a builder wrote: relative paths that are (missing, edited, foreign)."""
    present = {path.relative_to(root).as_posix(): path for path in tree_files(root)}
    missing = [name for name in written if name not in present]
    edited = [
        name
        for name, digest in written.items()
        if name in present
        and (present[name].is_symlink() or hashlib.sha256(present[name].read_bytes()).hexdigest() != digest)
    ]
    foreign = [name for name in present if name not in written]
    return missing, edited, foreign
