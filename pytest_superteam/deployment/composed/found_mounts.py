"""What a found system mounts, so that the run changes nothing of it: the image's own content, copies, or read-only.

A folder of source that is mounted over what the image holds of it anyway is not mounted. Else the container gets a copy
in our folder, which it may change. What it may only read is mounted as it lies there.
"""

from __future__ import annotations

import contextlib
import os
import posixpath
import shutil
import stat
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pytest_superteam.scanners.languages.docker_words import expand

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pytest_superteam.scanners.languages.dockerfile import Stage

__all__ = ["Mounts", "clear_mounts", "holds"]

_FOLDER = "mounts"
_MOST_FILES = 20_000
_MOST_BYTES = 500 << 20
"""Of one mount; what is larger is mounted as it is, read-only."""
_OURS = ".superteam"
_LEFT_OUT = frozenset({".git", ".hg", ".svn", _OURS})
_DATA = ("/var/lib/", "/bitnami/", "/data", "/usr/share/elasticsearch/data", "/usr/share/opensearch/data")
"""Where databases and brokers keep their data in their containers."""


def clear_mounts(folder: Path) -> None:
    """Remove the copies of deployments into `folder`, as far as we may: a container may have written as root."""
    mounts = folder / _FOLDER
    if mounts.is_symlink():
        mounts.unlink()
    shutil.rmtree(mounts, ignore_errors=True)


@dataclass
class Mounts:
    """Decides on each mount, makes the copies, and keeps what was decided that a reader has to know."""

    root: Path
    """The system's."""
    folder: Path
    """Ours, for this run."""
    volumes: list[str] = field(default_factory=list)
    """Names of new volumes."""
    notes: list[str] = field(default_factory=list)
    _copies: dict[Path, Path | None] = field(default_factory=dict)

    @classmethod
    def of(cls, root: Path, folder: Path, run_id: str) -> Mounts:
        """Return the mounts of a run, whose copies lie below `folder`; those of earlier runs are removed."""
        clear_mounts(folder)
        return cls(root.resolve(), folder / _FOLDER / run_id.replace("/", "-").strip("."))

    def changed(
        self, name: str, service: Mapping[str, Any], *, stage: Stage | None, infrastructure: bool
    ) -> list[dict[str, Any]] | None:
        """Return all mounts of a service as they are to be; None where they can stay as they are."""
        mounts = service.get("volumes") or []
        if not any(mount.get("type") == "bind" for mount in mounts):
            return None
        found = [
            self._bind(name, service, mount, stage, infrastructure=infrastructure)
            if mount.get("type") == "bind"
            else [dict(mount)]
            for mount in mounts
        ]
        return [mount for mounted in found for mount in mounted]

    def _bind(
        self,
        name: str,
        service: Mapping[str, Any],
        mount: Mapping[str, Any],
        stage: Stage | None,
        *,
        infrastructure: bool,
    ) -> list[dict[str, Any]]:
        source, target = Path(str(mount.get("source"))), str(mount.get("target"))
        build = service.get("build")
        if infrastructure and target.startswith(_DATA) and not source.is_file():
            return self._volume(name, target, f"{name}: keeps its data in a new volume, not in {self._label(source)}.")
        if not source.exists():
            return self._volume(
                name, target, f"{name}: mounts {self._label(source)}, which is not there: a new volume."
            )
        if stage is not None and isinstance(build, dict) and holds(stage, Path(str(build["context"])), source, target):
            self.notes.append(f"{name}: {self._label(source)} is not mounted, its image holds it.")
            return []
        if mount.get("read_only") and not self.folder.is_relative_to(source.resolve()):
            return [_bound(source, mount, read_only=True)]
        copy = self._copied(source.resolve())
        if copy is None:
            self.notes.append(
                f"{name}: {self._label(source)} can't be copied or is too large for it: mounted read-only."
            )
            return [_bound(source, mount, read_only=True), *self._covered(source.resolve(), target)]
        return [_bound(copy, mount, read_only=bool(mount.get("read_only")))]

    def _covered(self, source: Path, target: str) -> list[dict[str, Any]]:
        """Return what hides our folder, with the secrets of runs, where it lies within a mount."""
        ours = next((p for p in self.folder.parents if p.name == _OURS), self.folder.parent.parent)
        if not ours.is_relative_to(source) or not ours.is_dir():
            return []
        return [{"type": "tmpfs", "target": posixpath.join(target, ours.relative_to(source).as_posix())}]

    def _label(self, source: Path) -> str:
        return f"./{source.relative_to(self.root).as_posix()}" if source.is_relative_to(self.root) else str(source)

    def _volume(self, name: str, target: str, note: str) -> list[dict[str, Any]]:
        self.notes.append(note)
        self.volumes.append(f"superteam-{name}-{len(self.volumes) + 1}")
        return [{"type": "volume", "source": self.volumes[-1], "target": target}]

    def _copied(self, source: Path) -> Path | None:
        """Return a copy of a file or folder, the same for all that mount it; None where that can't be."""
        if source not in self._copies:
            target = self.folder / str(len(self._copies) + 1) / source.name
            self._copies[source] = target if _copy(source, target, self.folder) else None
        return self._copies[source]


def _bound(source: Path, mount: Mapping[str, Any], *, read_only: bool) -> dict[str, Any]:
    options = {"create_host_path": False}
    if isinstance(mount.get("bind"), dict) and mount["bind"].get("selinux"):
        options["selinux"] = mount["bind"]["selinux"]
    return {"type": "bind", "source": str(source), "target": mount["target"], "read_only": read_only, "bind": options}


def _copy(source: Path, target: Path, ours: Path) -> bool:
    """Copy a file, or a folder without its version control and our own; return whether all of it was copied."""
    target.parent.mkdir(parents=True, exist_ok=True)
    files = size = 0
    try:
        if not source.is_dir():
            if source.lstat().st_size > _MOST_BYTES:
                return False
            _copy_one(source, target)
            return True
        for folder, folders, names in os.walk(source, onerror=_fail):
            folders[:] = [n for n in folders if n not in _LEFT_OUT and not ours.is_relative_to(Path(folder, n))]
            here = target / Path(folder).relative_to(source)
            here.mkdir(exist_ok=True)
            _same_owner(Path(folder), here)
            links = [n for n in folders if Path(folder, n).is_symlink()]
            for name in (*names, *links):
                files, size = files + 1, size + Path(folder, name).lstat().st_size
                if files > _MOST_FILES or size > _MOST_BYTES:
                    shutil.rmtree(target, ignore_errors=True)
                    return False
                _copy_one(Path(folder, name), here / name)
    except OSError:
        return False
    return True


def _fail(error: OSError) -> None:
    """Let a folder that can't be read end the walk; by itself it would be left out without a word."""
    raise error


def _copy_one(source: Path, target: Path) -> None:
    """Copy a file or a link as such; anything else, such as a socket, is left out."""
    mode = source.lstat().st_mode
    if stat.S_ISLNK(mode):
        target.symlink_to(source.readlink())
    elif stat.S_ISREG(mode):
        shutil.copy2(source, target, follow_symlinks=False)
        _same_owner(source, target)


def _same_owner(source: Path, target: Path) -> None:
    """Give a copy the owner of the original, where we may; else a service that is not root could not write."""
    found = source.stat()
    with contextlib.suppress(OSError):
        os.chown(target, found.st_uid, found.st_gid)
        target.chmod(stat.S_IMODE(found.st_mode))


def holds(stage: Stage, context: Path, source: Path, target: str) -> bool:
    """Return whether the image of `stage` has at `target` all that `source`, in its build context, holds.

    It has where an instruction copies just that folder there, and no `.dockerignore` keeps anything from it.
    """
    if not source.is_dir() or not source.is_relative_to(context) or (context / ".dockerignore").exists():
        return False
    wanted = source.relative_to(context).as_posix()
    workdir = "/"
    for part in reversed(list(stage.lineage)):
        for instruction in part.effective:
            if instruction.keyword == "WORKDIR":
                workdir = posixpath.join(workdir, expand(instruction.value, {}, instruction.escape).text)
            elif instruction.keyword in {"COPY", "ADD"} and instruction.flag("from") is None:
                words = instruction.words
                same = len(words) == 2 and posixpath.normpath(words[0].lstrip("/") or ".") == wanted
                if same and posixpath.normpath(posixpath.join(workdir, words[1])) == posixpath.normpath(target):
                    return True
    return False
