"""A copy of a service's source to run its tests in: without what tools made of it, bounded, and closed in itself."""

from __future__ import annotations

import os
import re
import shutil
import stat
from pathlib import Path
from typing import TYPE_CHECKING

from pytest_superteam.checks.own_tests.trees import read_bytes
from pytest_superteam.errors import CheckError

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

__all__ = ["copy_source", "fresh_folder", "reaches_out", "remove"]

MAX_FILES = 50_000
MAX_BYTES = 512 << 20
"""Files and bytes of the largest source that is copied."""
_SKIPPED = frozenset({
    ".git", ".hg", ".svn", "node_modules", "__pycache__", ".tox", ".nox", ".mypy_cache", ".ruff_cache",
    ".pytest_cache", ".hypothesis", ".superteam", ".eggs", ".gradle", ".next", ".nuxt", ".svelte-kit", ".turbo",
    ".nyc_output", ".parcel-cache", ".terraform", ".idea", ".vs", ".cache",
})  # fmt: skip
_MADE = {
    "target": ("pom.xml", "Cargo.toml", "build.sbt"),
    "build": ("build.gradle", "build.gradle.kts"),
    "bin": (".csproj", ".fsproj"),
    "obj": (".csproj", ".fsproj"),
}
"""Folders that a tool made where a file with such an end lies beside them."""
_OUTPUT = frozenset({"dist", "build", "out", "target", "bin", "obj", "coverage", "htmlcov"})
"""Folders that are output where a `.gitignore` above them says so."""
_IGNORED = re.compile(r"^[ \t]*/?(?:\*\*/)?([\w.-]{1,60})/?[ \t]*\r?$", re.MULTILINE)
_ENV = re.compile(r"\.env(?:rc|\..*)?")
_EXAMPLE_ENV = re.compile(r"\.env\.(?:.*\.)?(?:example|sample|template|dist|defaults?|test|testing|ci)")
_MANIFEST_BYTES = 1 << 20


def copy_source(source: Path, target: Path, inner: Collection[str] = ()) -> tuple[str, ...]:
    """Copy what people wrote of `source` to `target`, which is empty.

    Left out are version control, environments, caches, what was built, links that lead out, and `.env` files, which
    hold somebody's real accounts.

    Args:
        source: folder of the source.
        target: folder of the copy.
        inner: folders of other services in it, relative to `source`.

    Returns:
        Paths of links and special files that were left out, relative to `source`.

    Raises:
        CheckError: the source is too large, or can't be read.
    """
    base, left_out, files, size = source.resolve(), [], 0, 0
    for path, entry in _walk(base, frozenset(inner)):
        place = target / path
        if entry.is_symlink():
            if not _copy_link(entry, base, place):
                left_out.append(path)
        elif entry.is_dir():
            place.mkdir(exist_ok=True)
        elif entry.is_file():
            files, size = files + 1, size + entry.stat().st_size
            if files > MAX_FILES or size > MAX_BYTES:
                raise CheckError(
                    f"its source is larger than {MAX_FILES} files or {MAX_BYTES >> 20} MiB. "
                    "Name a smaller folder in `system.services`."
                )
            _copy_file(entry, place)
        else:
            left_out.append(path)
    return tuple(left_out)


def _copy_file(entry: os.DirEntry[str], place: Path) -> None:
    try:
        shutil.copyfile(entry.path, place, follow_symlinks=False)
        place.chmod(stat.S_IMODE(entry.stat().st_mode) & 0o755 | 0o600)
    except OSError as error:
        raise CheckError(f"its source can't be copied: {entry.path}: {error.strerror or error}.") from None


def _copy_link(entry: os.DirEntry[str], base: Path, place: Path) -> bool:
    """Make the same link in the copy; return False where it leads out of the source, in a circle, or nowhere."""
    try:
        aim = Path(entry.path).resolve(strict=True)
    except (OSError, RuntimeError):
        return False
    if not aim.is_relative_to(base) or _SKIPPED.intersection(aim.relative_to(base).parts):
        return False
    place.symlink_to(os.path.relpath(aim, Path(entry.path).parent))
    return True


def _walk(base: Path, inner: frozenset[str]) -> Iterator[tuple[str, os.DirEntry[str]]]:
    """Yield what is copied, folders before what is in them; `scandir` says what an entry is without a look at it."""
    pending: list[tuple[str, frozenset[str]]] = [("", frozenset())]
    while pending:
        folder, ignored = pending.pop()
        try:
            with os.scandir(base / folder) as scan:
                entries = sorted(scan, key=lambda entry: entry.name)
        except OSError as error:
            raise CheckError(f"its source can't be read: {base / folder}: {error.strerror or error}.") from None
        names = frozenset(entry.name for entry in entries)
        if ".gitignore" in names:
            ignored |= _ignored(base / folder / ".gitignore")
        for entry in entries:
            path = f"{folder}{entry.name}"
            is_folder = entry.is_dir(follow_symlinks=False)
            if (is_folder and (path in inner or _is_made(entry, names, ignored))) or _is_secret(entry.name):
                continue
            yield path, entry
            if is_folder:
                pending.append((f"{path}/", ignored))


def _is_made(entry: os.DirEntry[str], names: frozenset[str], ignored: frozenset[str]) -> bool:
    """Return whether a folder was made by a tool: an environment, a cache, output of a build."""
    name = entry.name
    if name in _SKIPPED or name.endswith(".egg-info") or (name in _OUTPUT and name in ignored):
        return True
    if any(other.endswith(end) for end in _MADE.get(name, ()) for other in names):
        return True
    return Path(entry.path, "pyvenv.cfg").is_file()


def _is_secret(name: str) -> bool:
    return _ENV.fullmatch(name) is not None and _EXAMPLE_ENV.fullmatch(name) is None


def _ignored(file: Path) -> frozenset[str]:
    """Return the plain names that a .gitignore leaves out."""
    text = (read_bytes(file, _MANIFEST_BYTES, follow=False) or b"").decode("utf-8", "replace")
    return frozenset(_IGNORED.findall(text))


_WORKSPACES = {
    "pnpm-workspace.yaml": "", "lerna.json": "", "nx.json": "", "turbo.json": "", "go.work": "",
    "settings.gradle": "", "settings.gradle.kts": "", "Directory.Build.props": "", "Directory.Packages.props": "",
    "package.json": '"workspaces"', "Cargo.toml": "[workspace", "pom.xml": "<modules>", "pyproject.toml": ".workspace]",
}  # fmt: skip
"""Files above a service that tie it to its neighbours, and the text in them that says so."""
_MANIFESTS = (
    "package.json", "go.mod", "Cargo.toml", "pom.xml", "build.gradle", "build.gradle.kts", "settings.gradle",
    "settings.gradle.kts", "pyproject.toml", "Pipfile", "setup.py", "tsconfig.json", "jest.config.js",
    "jest.config.ts", "vitest.config.ts", "pytest.ini", "tox.ini", "setup.cfg",
)  # fmt: skip
_UP = re.compile(r"(?<![\w./-])\.\.[/\\]|[\"'=(@ :]\.\.[/\\]")


def reaches_out(folder: Path, root: Path) -> bool:
    """Return whether the tests of a service need what lies outside its folder: a workspace, files beside it."""
    above = folder
    while above not in (root, above.parent):
        above = above.parent
        if any(_holds(above / name, text) for name, text in _WORKSPACES.items()):
            return True
    own = [folder / name for name in _MANIFESTS]
    own += [
        path for pattern in ("requirements*.txt", "requirements/*.txt", "*.csproj") for path in folder.glob(pattern)
    ]
    return any(path.parent == folder and _UP.search(_text(path)) for path in own)


def _holds(path: Path, text: str) -> bool:
    return path.is_file() and (not text or text in _text(path))


def _text(path: Path) -> str:
    return (read_bytes(path, _MANIFEST_BYTES) or b"").replace(b"\0", b"").decode("utf-8", "replace")


def fresh_folder(path: Path) -> Path:
    """Return an empty folder at `path`, whatever was there before; a link there is removed, not followed."""
    remove(path)
    path.mkdir(parents=True)
    return path


def remove(path: Path) -> None:
    """Remove a file, a link or a folder, also one whose folders were made unwritable."""
    if path.is_symlink() or (path.exists() and not path.is_dir()):
        path.unlink()
        return
    if not path.exists():
        return
    for folder, names, _ in os.walk(path):
        for inner in (Path(folder, name) for name in names):
            if not inner.is_symlink() and not os.access(inner, os.R_OK | os.W_OK | os.X_OK):
                inner.chmod(0o700)
    try:
        shutil.rmtree(path)
    except OSError as error:
        raise CheckError(f"{path} can't be removed: {error.strerror or error}. Remove it.") from None
