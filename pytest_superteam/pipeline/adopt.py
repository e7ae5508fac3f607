"""A system that exists already: which folders are its services, and a run that gates them as they are."""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pytest_superteam.discovery.named import safe_name
from pytest_superteam.errors import UsageError
from pytest_superteam.models import Architecture, BuildResult, FoundService, Service
from pytest_superteam.reports.masking import mask

if TYPE_CHECKING:
    from collections.abc import Container, Mapping

    from pytest_superteam.config import Config, ServicePath
    from pytest_superteam.models import FoundSystem

__all__ = ["Adopted", "adopt", "anchor"]

COMPOSE_NAMES = ("compose.yaml", "compose.yml", "docker-compose.yaml", "docker-compose.yml")
_MANIFESTS = (
    "pyproject.toml", "package.json", "setup.cfg", "Pipfile", "go.mod", "pom.xml", "build.gradle",
    "Dockerfile", "Containerfile", "Makefile", "skaffold.yaml",
)  # fmt: skip
_SKIPPED = frozenset(
    {"node_modules", "venv", "site-packages", "vendor", "third_party", "dist", "build", "tests", "test"}
)
_NONE_FOUND = "no service was found, so the whole folder is taken for one: name them in system.services"


@dataclass(frozen=True)
class Adopted:
    """A system as it was found: its folder, its services' folders by name, and how they were found."""

    root: Path
    services: Mapping[str, Path]
    how: str
    found: FoundSystem
    """What is known of it beyond that."""
    rest: str = ""
    """Name of what lies in no service's folder, where that is looked at too."""
    entries: Mapping[str, ServicePath] = field(default_factory=dict)
    """What the settings say of how services are called, by name."""

    @property
    def names(self) -> tuple[str, ...]:
        """Return the names of all services; some of them may have no folder."""
        return tuple(dict.fromkeys((*self.services, *(service.name for service in self.found.services))))

    @property
    def running(self) -> Mapping[str, ServicePath]:
        """Return the services that answer already somewhere, by name."""
        return {name: entry for name, entry in self.entries.items() if entry.url}

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
        known = {service.name: service for service in self.found.services}
        return tuple(
            Service(name=name, reason=self.how, datastores=known[name].datastores if name in known else ())
            for name in self.names
        )

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
    licences = ("license", "licence", "copying", "notice", "authors", "codeowners")
    for folder, names, files in os.walk(root):
        names[:] = sorted(name for name in names if not name.startswith(".") and name not in _SKIPPED)
        usable = sorted(name for name in files if not name.startswith(".") and not name.endswith(documents))
        usable = [name for name in usable if not name.lower().startswith(licences)]
        if usable:
            return Path(folder, usable[0])
    raise UsageError(f"--system: '{root}' has no source. Name the folder of a system.")


def adopt(root: Path, config: Config, *, urls: Mapping[str, ServicePath] | None = None) -> Adopted:
    """Return the system in `root`: what is found there, corrected by the settings and by `urls` of the command line.

    Raises:
        UsageError: a folder of the settings is not there or not in `root`, or two services have one name.
    """
    from pytest_superteam.discovery.corrections import resolved
    from pytest_superteam.discovery.discover import discover

    settings = config.system
    there = _masked(discover(root, profiles=config.deployment.profiles))
    if not there.services and not settings.services:
        whole_folder = FoundService(_name(root, ()), folder=".")
        there = replace(there, services=(whole_folder,), notes=(*there.notes, _NONE_FOUND))
    found = resolved(
        there,
        settings.services,
        settings.correct,
        urls=urls,
        compose_files=settings.compose_files,
    )
    system = found.system
    services = {service.name: root / service.folder for service in system.services if service.folder}
    whole = set(services.values()) == {root}
    how = "the whole folder" if whole and not settings.services else system.how
    rest = "" if whole or settings.services else _name(root, services)
    return Adopted(root, services, how, system, rest, found.entries)


def _masked(found: FoundSystem) -> FoundSystem:
    """Return what was found without the secrets in the lines that it was concluded from: it is printed and written."""

    def part(service: FoundService) -> FoundService:
        told = (replace(c, value=mask(c.value), reason=mask(c.reason)) for c in service.conclusions)
        return replace(service, conclusions=tuple(told))

    return replace(
        found,
        services=tuple(map(part, found.services)),
        jobs=tuple(map(part, found.jobs)),
        infrastructure=tuple(map(part, found.infrastructure)),
        notes=tuple(map(mask, found.notes)),
    )


def _name(root: Path, services: Container[str]) -> str:
    """Return what to call what lies in no service's folder, or the whole folder: none of the names that are taken."""
    names = map(safe_name, (root.name or "project", "project", "whole-project"))
    return next(name for name in names if name not in services)


def _text(file: Path) -> str:
    """Return the text of a compose file; of one that is none by its size nothing."""
    return file.read_text(encoding="utf-8", errors="replace") if file.stat().st_size <= 1 << 20 else ""
