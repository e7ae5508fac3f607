"""The services that the settings name: their folders, globs unfolded, and what each is called."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from pytest_superteam.discovery.words import safe
from pytest_superteam.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pytest_superteam.config_entries import ServicePath

__all__ = ["NamedService", "inside", "named_services", "safe_name"]

_PLACE = "system.services"
safe_name = safe
"""A name that can be a part of a path and of a test's id."""


@dataclass(frozen=True)
class NamedService:
    """A service that the settings name; `folder` is relative to the system, empty where it has none."""

    name: str
    folder: str
    entry: ServicePath


def named_services(root: Path, services: Sequence[ServicePath]) -> tuple[NamedService, ...]:
    """Return the services of the settings, those without a folder last.

    Raises:
        UsageError: a folder is not there or not in `root`, or two services have one name.
    """
    folders: dict[str, ServicePath] = {}
    for service in services:
        for folder in _matching(root, service) if service.path else ():
            folders.setdefault(folder, service)
    plain = Counter(_own_name(root, folder, entry) for folder, entry in folders.items())
    found: dict[str, NamedService] = {}
    for folder, entry in folders.items():
        name = _own_name(root, folder, entry)
        if not entry.name and plain[name] > 1:
            name = safe_name("-".join(Path(folder).parts))
        _add(found, NamedService(name, folder, entry))
    for entry in services:
        if not entry.path:
            _add(found, NamedService(safe_name(entry.name), "", entry))
    return tuple(found.values())


def inside(root: Path, path: str, place: str) -> str:
    """Return a folder or file of the settings relative to the system, POSIX style, whether or not it is there.

    Raises:
        UsageError: it is not below `root`.
    """
    given = Path(path)
    if given.is_absolute() or ".." in given.parts or not (root / given).resolve().is_relative_to(root.resolve()):
        raise UsageError(f"{place}: '{path}' is not below '{root}'. Name a folder in it.")
    return given.as_posix()


def _own_name(root: Path, folder: str, entry: ServicePath) -> str:
    return safe_name(entry.name or Path(folder).name or root.name)


def _add(found: dict[str, NamedService], service: NamedService) -> None:
    if service.name in found:
        raise UsageError(f"{_PLACE}: two services are called '{service.name}'. Name one of them otherwise.")
    found[service.name] = service


def _matching(root: Path, service: ServicePath) -> list[str]:
    """Return the folders that a path or glob of the settings stands for; links that lead out are none."""
    path = Path(service.path)
    if path.is_absolute() or ".." in path.parts:
        raise UsageError(f"{_PLACE}: '{service.path}' is not below '{root}'. Name a folder in it.")
    if any(char in service.path for char in "*?["):
        found = sorted(root.glob(service.path.rstrip("/")))
    else:
        found = [root / path]
    base = root.resolve()
    kept = [folder for folder in found if folder.is_dir() and folder.resolve().is_relative_to(base)]
    if not kept:
        raise UsageError(f"{_PLACE}: '{service.path}' is no folder in '{root}'. Name one that is there.")
    return [folder.relative_to(root).as_posix() for folder in kept]
