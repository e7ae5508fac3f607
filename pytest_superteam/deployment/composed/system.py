"""What is composed: the built services as a compose file needs to know them, beside the settings."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from pytest_superteam.deployment.composed.dockerfiles import DockerfileFacts, read_dockerfile
from pytest_superteam.deployment.composed.env_file import check_names
from pytest_superteam.deployment.composed.image_names import check_texts
from pytest_superteam.deployment.composed.images import replacement
from pytest_superteam.deployment.composed.migrations import migration_command
from pytest_superteam.deployment.composed.names import Names, names_for, project_name
from pytest_superteam.deployment.plan import startable
from pytest_superteam.errors import FinalDeploymentError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from pytest_superteam.config import DeploymentConfig
    from pytest_superteam.deployment.base import DeployRequest
    from pytest_superteam.models import Architecture, BuildResult

__all__ = ["ComposedService", "System", "system_of"]

PORT = 8000
"""Where services listen in their containers, unless their Dockerfile names one port of its own."""
_KNOWN_STORES = frozenset({"postgresql", "redis"})


@dataclass(frozen=True)
class ComposedService:
    """One built service. `directory` is its source, the context of its image."""

    name: str
    directory: Path
    dockerfile: Path
    facts: DockerfileFacts
    port: int
    datastores: tuple[str, ...]
    migration: tuple[str, ...] = ()
    """Argument vector that brings its tables up to date, run once in its image; empty where there is none."""

    def arguments(self, system: System) -> dict[str, str]:
        """Return the build arguments: the settings', and the image of Python where the Dockerfile asks for it."""
        ours = {"PYTHON_IMAGE": system.image("python")} if "PYTHON_IMAGE" in self.facts.arguments else {}
        return dict(sorted({**ours, **system.settings.build_args}.items()))

    def adapted(self, system: System) -> str:
        """Return the Dockerfile to build in place of its own; empty where that can stay as it is.

        Raises:
            FinalDeploymentError: an image is replaced by nothing.
        """
        text = self.facts.adapted(system.settings.replace_images, self.arguments(system), system.authorities_text)
        return text if text != self.facts.text else ""

    def keeps(self, store: str) -> bool:
        """Return whether it keeps data in `store`."""
        return store in self.datastores


@dataclass(frozen=True)
class System:
    """Everything that a compose file is made from."""

    project: str
    folder: Path
    directory: Path
    """What relative paths of the compose files are relative to."""
    services: tuple[ComposedService, ...]
    architecture: Architecture
    settings: DeploymentConfig
    names: Names
    labels: Mapping[str, str]
    environment: Mapping[str, str] = field(default_factory=dict)
    """Variables of the user's, for every service."""
    authorities: Path | None = None
    """The user's CA certificates."""
    authorities_text: str = ""
    """What stands in it."""
    ready_timeout: float = 60.0
    """Seconds from the start of a service until it has to be ready."""

    def keeping(self, store: str) -> tuple[ComposedService, ...]:
        """Return the services that keep data in `store`."""
        return tuple(service for service in self.services if service.keeps(store))

    def path(self, path: Path, start: Path | None = None) -> str:
        """Return a path as it stands in the compose file; relative to `start`, else to the project directory."""
        relative = os.path.relpath(path, start or self.directory).replace(os.sep, "/")
        return relative if relative.startswith("..") else f"./{relative}"

    def built(self, name: str) -> str | None:
        """Return what the image built for `name` is called; None where Compose calls it after the project."""
        repository = self.settings.repository.strip().rstrip("/")
        return f"{repository}/{name}:{self.project}" if repository else None

    def image(self, name: str) -> str:
        """Return one of the images of the settings, or what is taken instead of it."""
        image: str = getattr(self.settings.images, name)
        return replacement(image, self.settings.replace_images) or image


def system_of(request: DeployRequest, labels: Mapping[str, str]) -> System:
    """Return the system of a request.

    Raises:
        DeploymentError: nothing was built.
        FinalDeploymentError: services have no Dockerfile, each is named; the CA bundle of the settings is not there,
            holds no certificate or lies outside of the project; an image is no name of one; a variable has no name that
            an environment may have.
    """
    builds = sorted(startable(request), key=lambda build: build.service)
    _demand_dockerfiles(builds)
    check_texts(request.settings)
    check_names([*request.environment, *request.settings.build_args])
    folder = request.folder.resolve()
    services = tuple(_service(build, request.architecture) for build in builds)
    authorities = _authorities(request)
    return System(
        project=project_name(request.run_id),
        folder=folder,
        directory=request.project.resolve() if request.settings.compose_files else folder,
        services=services,
        architecture=request.architecture,
        settings=request.settings,
        names=names_for(service.name for service in services),
        labels=dict(sorted(labels.items())),
        environment=dict(sorted(request.environment.items())),
        authorities=authorities,
        authorities_text=authorities.read_text(encoding="utf-8", errors="replace") if authorities else "",
        ready_timeout=request.ready_timeout,
    )


def _demand_dockerfiles(builds: list[BuildResult]) -> None:
    without = [build.service for build in builds if not _has_dockerfile(build.directory.resolve())]
    if without:
        verb = "has" if len(without) == 1 else "have"
        raise FinalDeploymentError(
            f"deploy: compose: {', '.join(without)} {verb} no Dockerfile. Add one that listens on 0.0.0.0 at $PORT "
            "to the service's folder, or use `--deploy process`."
        )


def _has_dockerfile(directory: Path) -> bool:
    """Return whether a folder has a Dockerfile of its own; a link that leads out of it is none."""
    file = directory / "Dockerfile"
    return file.is_file() and file.resolve().is_relative_to(directory)


def _service(build: BuildResult, architecture: Architecture) -> ComposedService:
    directory = build.directory.resolve()
    dockerfile = directory / "Dockerfile"
    facts = read_dockerfile(dockerfile)
    return ComposedService(
        build.service,
        directory,
        dockerfile,
        facts,
        facts.exposed[0] if len(facts.exposed) == 1 else PORT,
        _datastores(build.service, architecture),
        migration_command(directory, facts),
    )


def _datastores(name: str, architecture: Architecture) -> tuple[str, ...]:
    """Return what the service keeps data in: what the service map asks for, else a database where it has entities."""
    asked = next((service.datastores for service in architecture.services if service.name == name), ())
    known = tuple(sorted(_KNOWN_STORES & set(asked)))
    return known or (("postgresql",) if architecture.entities_of(name) and not asked else ())


def _authorities(request: DeployRequest) -> Path | None:
    if not request.settings.ca_bundle:
        return None
    file = (request.project / request.settings.ca_bundle).resolve()
    place = f"deployment.ca_bundle: '{request.settings.ca_bundle}'"
    if not file.is_relative_to(request.project.resolve()):
        raise FinalDeploymentError(f"{place} lies outside of the project. Name a file of the project.")
    if not file.is_file():
        raise FinalDeploymentError(f"{place} is no file. Name the file of CA certificates.")
    if "-----BEGIN CERTIFICATE-----" not in file.read_text(encoding="utf-8", errors="replace"):
        raise FinalDeploymentError(f"{place} holds no certificate. Name a file of CA certificates in PEM form.")
    return file
