"""The hash of all that a deployment is made of: an equal one need not be made again."""

from __future__ import annotations

import hashlib
import os
import stat
from dataclasses import replace
from typing import TYPE_CHECKING

from pytest_superteam.deployment.composed.fragments import fragments
from pytest_superteam.deployment.composed.system import system_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from pytest_superteam.deployment.base import DeployRequest

__all__ = ["inputs_of"]

_LEFT_OUT = frozenset({
    ".git", ".hg", ".svn", ".superteam", ".venv", "venv", "node_modules", "__pycache__", ".pytest_cache", ".mypy_cache",
    ".ruff_cache", ".hypothesis", ".tox", ".nox", ".idea", ".vscode", ".coverage", ".DS_Store", "htmlcov",
})  # fmt: skip
"""Folders and files that no image is made of, or that come and go by themselves."""
_LARGE = 4 << 20
"""Bytes from which on a file counts by size and time of its last change instead of its content."""
_MOST_BYTES = 256 << 20
"""Bytes that are read; what is beyond counts by size and time as well."""


def inputs_of(request: DeployRequest) -> str:
    """Return a hash over the generated files, the contents of the services' folders and the settings.

    Not over the run's id, its secrets and ports. Links count by where they point and are not followed.

    Raises:
        DeploymentError: as `generate` does.
    """
    from pytest_superteam.deployment.composed.generate import files_of

    settings = replace(request.settings, keep_up=False)  # says how long it lives, not what it is made of
    request = replace(request, settings=settings)
    digest = hashlib.sha256()
    _add(digest, repr(settings), repr(sorted(request.environment.items())))
    for file in fragments(request):
        _add(digest, str(file), file.read_bytes())
    if request.found is not None:
        _add(digest, repr(request.found))
        roots = [request.found.root]
    else:
        system = system_of(replace(request, run_id="inputs"), {})
        for name, text in sorted(files_of(system).items()):
            _add(digest, name, text)
        roots = [service.directory for service in system.services]
    left = _MOST_BYTES
    for root in roots:
        for name, kind, content in _tree(root, left):
            left -= len(content)
            _add(digest, name, kind, content)
    return digest.hexdigest()


def _add(digest: hashlib._Hash, *parts: str | bytes) -> None:
    """Add texts so that no two lists of them give the same bytes."""
    for part in parts:
        data = part.encode("utf-8", "surrogatepass") if isinstance(part, str) else part
        digest.update(len(data).to_bytes(8, "big"))
        digest.update(data)


def _tree(root: Path, left: int) -> Iterator[tuple[str, str, bytes]]:
    """Yield path, mode and content of each file below `root`, in a fixed order."""
    for folder, folders, names in os.walk(root):
        folders[:] = sorted(name for name in folders if name not in _LEFT_OUT)
        links = [name for name in folders if os.path.islink(os.path.join(folder, name))]  # noqa: PTH118,PTH114
        for name in sorted([*names, *links]):
            if name in _LEFT_OUT or name.endswith((".pyc", ".pyo")):
                continue
            path = os.path.join(folder, name)  # noqa: PTH118 - some ten thousand of them
            kind, content = _content(path, left)
            left -= len(content)
            yield os.path.relpath(path, root), kind, content


def _content(path: str, left: int) -> tuple[str, bytes]:
    try:
        status = os.lstat(path)
        if stat.S_ISLNK(status.st_mode):
            return "link", os.readlink(path).encode("utf-8", "surrogateescape")  # noqa: PTH115
        if not stat.S_ISREG(status.st_mode):
            return "special", b""
        if status.st_size > _LARGE or status.st_size > left:
            return f"large {status.st_size} {status.st_mtime_ns}", b""
        with open(path, "rb") as stream:  # noqa: PTH123
            return oct(status.st_mode & 0o111), stream.read(_LARGE)
    except OSError as error:
        return f"unreadable {error.errno}", b""
