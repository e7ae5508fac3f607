"""A system that exists already: which folders are its services, and a run that gates them as they are."""

from __future__ import annotations

import hashlib
import os
import re
from collections import Counter
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pytest_superteam.errors import UsageError
from pytest_superteam.models import Architecture, BuildResult, Service

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from pytest_superteam.config import ServicePath

__all__ = ["Adopted", "adopt", "anchor"]

COMPOSE_NAMES = ("compose.yaml", "compose.yml", "docker-compose.yaml", "docker-compose.yml")
_MANIFESTS = (
    "pyproject.toml", "package.json", "setup.cfg", "Pipfile", "go.mod", "pom.xml", "build.gradle",
    "Dockerfile", "Containerfile", "Makefile",
)  # fmt: skip
_DEPTH = 3
"""Folders below the system in which a Dockerfile still makes a service; deeper ones belong to one above."""
_FOLDERS = 20_000
"""Folders that are looked into at most; above it the system has to name its services."""
_SKIPPED = frozenset(
    {"node_modules", "venv", "site-packages", "vendor", "third_party", "dist", "build", "tests", "test"}
)
_UNSAFE = re.compile(r"[^A-Za-z0-9._-]+")


@dataclass(frozen=True)
class Adopted:
    """A system as it was found: its folder, its services' folders by name, and how they were found."""

    root: Path
    services: Mapping[str, Path]
    how: str
    rest: str = ""
    """Name of what lies in no service's folder, where that is looked at too."""
    running: Mapping[str, ServicePath] = field(default_factory=dict)
    """The services that answer already somewhere, by name; some of them may have no folder."""

    @property
    def names(self) -> tuple[str, ...]:
        """Return the names of all services."""
        return tuple(dict.fromkeys((*self.services, *self.running)))

    def inner(self, folder: Path) -> tuple[str, ...]:
        """Return the services' folders below `folder`, relative to it: what is in them is theirs."""
        start = f"{folder.as_posix()}/"
        others = (other.as_posix() for other in self.services.values())
        return tuple(other.removeprefix(start) for other in others if other.startswith(start))

    @cached_property
    def compose(self) -> tuple[tuple[Any, ...], str]:
        """Return the services of the compose files in the system's folder, and a digest of these files."""
        from pytest_superteam.scanners.languages.compose import services

        texts = [(name, _text(self.root / name)) for name in COMPOSE_NAMES if (self.root / name).is_file()]
        found = tuple(service for name, text in texts for service in services(text, name))
        return found, hashlib.sha256(repr(texts).encode("utf-8", "replace")).hexdigest()

    def architecture(self) -> Architecture:
        """Return the architecture as far as it is known: the services."""
        return Architecture(title=self.title, prd_sha256="", services=self.nouns())

    @property
    def title(self) -> str:
        """Return what the system is called."""
        return self.root.name or str(self.root)

    def nouns(self) -> tuple[Service, ...]:
        """Return the services as the architecture has them."""
        return tuple(Service(name=name, reason=self.how) for name in self.names)

    def builds(self) -> dict[str, BuildResult]:
        """Return the services as if they had been built where they are."""
        return {
            name: BuildResult(service=name, builder="existing", directory=folder, success=True)
            for name, folder in self.services.items()
        }


def anchor(root: Path, config_file: Path | None) -> Path:
    """Return the file that the gate's items are collected from: settings, compose file, else what the folder has.

    Raises:
        UsageError: the folder has no file.
    """
    if config_file is not None and config_file.parent == root:
        return config_file
    for name in (*COMPOSE_NAMES, *_MANIFESTS):
        if (root / name).is_file():
            return root / name
    documents = (".md", ".markdown", ".txt", ".rst")  # an id that begins with one of these is that of a PRD
    for folder, names, files in os.walk(root):
        names[:] = sorted(name for name in names if not name.startswith(".") and name not in _SKIPPED)
        usable = sorted(name for name in files if not name.startswith(".") and not name.endswith(documents))
        if usable:
            return Path(folder, usable[0])
    raise UsageError(f"--system: '{root}' has no source. Name the folder of a system.")


def adopt(root: Path, services: Sequence[ServicePath]) -> Adopted:
    """Return the system in `root`: the services that the settings name, else those that are found.

    Raises:
        UsageError: a folder of the settings is not there or not in `root`, or two services have one name.
    """
    if services:
        folders, running = _explicit(root, services)
        return Adopted(root, folders, "named in superteam.yaml", running=running)
    for how, found in (("built by the compose file", _composed(root)), ("has a Dockerfile", _with_dockerfile(root))):
        if found and set(found.values()) != {root}:
            taken = set(found)
            rest = next(name for name in (root.name or "system", "project", "whole-project") if name not in taken)
            return Adopted(root, found, how, rest=_named(rest))
    return Adopted(root, {_named(root.name or "system"): root}, "the whole folder")


# ---------------------------------------------------------------- named in the settings


def _explicit(root: Path, services: Sequence[ServicePath]) -> tuple[dict[str, Path], dict[str, ServicePath]]:
    """Return the folders by name, and the services that run already by name."""
    folders: dict[Path, str] = {}
    entries: dict[Path, ServicePath] = {}
    for service in services:
        for folder in _matching(root, service) if service.path else ():
            folders.setdefault(folder, service.name)
            entries.setdefault(folder, service)
    named = _unique(root, folders)
    running = {name: entries[folder] for name, folder in named.items() if entries[folder].url}
    for service in services:
        if service.path:
            continue
        name = _named(service.name)
        if name in named or name in running:
            raise UsageError(f"system.services: two services are called '{name}'. Name one of them otherwise.")
        running[name] = service
    return named, running


def _matching(root: Path, service: ServicePath) -> list[Path]:
    path = Path(service.path)
    if path.is_absolute() or ".." in path.parts:
        raise UsageError(f"system.services: '{service.path}' is not below '{root}'. Name a folder in it.")
    if any(char in service.path for char in "*?["):
        found = sorted(match for match in root.glob(service.path.rstrip("/")) if match.is_dir())
    else:
        found = [root / path] if (root / path).is_dir() else []
    base = root.resolve()
    inside = [folder for folder in found if folder.resolve().is_relative_to(base)]
    if not inside:
        raise UsageError(f"system.services: '{service.path}' is no folder in '{root}'. Name one that is there.")
    return inside


def _unique(root: Path, folders: Mapping[Path, str]) -> dict[str, Path]:
    """Return the folders by name: the given one, the folder's own, or its path where two folders are called alike."""
    plain = Counter(name or _named(folder.name or root.name) for folder, name in folders.items())
    found: dict[str, Path] = {}
    for folder, given in folders.items():
        name = given or _named(folder.name or root.name)
        if not given and plain[name] > 1:
            name = _named("-".join(folder.relative_to(root).parts))
        if name in found:
            raise UsageError(f"system.services: two services are called '{name}'. Name one of them otherwise.")
        found[name] = folder
    return found


def _named(text: str) -> str:
    return _UNSAFE.sub("-", text).strip("-.") or "service"


# ---------------------------------------------------------------- found


def _composed(root: Path) -> dict[str, Path]:
    """Return what a compose file of the system builds, by the name that it has there."""
    from pytest_superteam.scanners.languages.compose import services

    found: dict[str, Path] = {}
    base = root.resolve()
    for name in COMPOSE_NAMES:
        for service in services(_text(root / name), name) if (root / name).is_file() else ():
            folder = (root / service.context).resolve() if service.context else None
            if folder and folder.is_dir() and folder.is_relative_to(base):
                inside = root / folder.relative_to(base)
                if inside not in found.values():
                    found.setdefault(_named(service.name), inside)
    return found


def _text(file: Path) -> str:
    """Return the text of a compose file; of one that is none by its size nothing."""
    return file.read_text(encoding="utf-8", errors="replace") if file.stat().st_size <= 1 << 20 else ""


def _with_dockerfile(root: Path) -> dict[str, Path]:
    """Return the folders with a Dockerfile; without any the folders that hold one package each."""
    for names in (("Dockerfile", "Containerfile"), ("package.json", "pyproject.toml", "requirements.txt", "go.mod")):
        folders = [folder for folder in _folders(root) if any((folder / name).is_file() for name in names)]
        if root in folders:
            return {}
        outer = [folder for folder in folders if not any(other in folder.parents for other in folders)]
        if outer:
            return _unique(root, dict.fromkeys(outer, ""))
    return {}


def _folders(root: Path) -> Iterator[Path]:
    """Yield the folders of the system, the nearest first, without what is installed, hidden or a test."""
    level, seen = [root], 0
    for _ in range(_DEPTH + 1):
        below: list[Path] = []
        for folder in level:
            seen += 1
            if seen > _FOLDERS:
                return
            yield folder
            with os.scandir(folder) as scan:
                inner = sorted(entry.name for entry in scan if entry.is_dir(follow_symlinks=False))
            below += [folder / name for name in inner if not name.startswith(".") and name not in _SKIPPED]
        level = below
