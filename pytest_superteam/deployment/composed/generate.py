"""From a request to a composed system in its folder: compose file, env file, and the images of our own parts."""

from __future__ import annotations

import secrets
import shutil
from typing import TYPE_CHECKING

from pytest_superteam.deployment.composed import authorities, databases, gateway, services, telemetry
from pytest_superteam.deployment.composed.document import compose_document
from pytest_superteam.deployment.composed.env_file import env_text, sensitive
from pytest_superteam.deployment.composed.fragments import fragments
from pytest_superteam.deployment.composed.inputs import inputs_of
from pytest_superteam.deployment.composed.plan import ComposePlan, PlannedContainer
from pytest_superteam.deployment.composed.system import System, system_of
from pytest_superteam.deployment.supervisor import write_private

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from pytest_superteam.deployment.base import DeployRequest

__all__ = ["COMPOSE_FILE", "ENV_FILE", "files_of", "generate"]

COMPOSE_FILE = "docker-compose.yml"
ENV_FILE = ".env"


def generate(request: DeployRequest, labels: Mapping[str, str]) -> ComposePlan:
    """Write the composed system of `request` into its folder and return what there is to start.

    Each time with fresh passwords. `labels` go on every container, network, volume and image.

    Raises:
        DeploymentError: nothing was built, or services have no Dockerfile; each is named.
        FinalDeploymentError: a setting names a file that is not there, not the project's, or no compose file.
    """
    system = system_of(request, labels)
    extra = fragments(request)
    passwords = {name: secrets.token_hex(16) for name in databases.passwords(system)}
    jwt_secret = secrets.token_hex(32)
    _write(system, {services.JWT_SECRET: jwt_secret, **passwords})
    gatewayed = request.settings.gateway != "none"
    return ComposePlan(
        run_id=request.run_id,
        project=system.project,
        folder=system.folder,
        directory=system.directory,
        files=(system.folder / COMPOSE_FILE, *extra),
        services=tuple(
            PlannedContainer(s.name, s.name, s.port, gateway.prefix(s.name) if gatewayed else "")
            for s in system.services
        ),
        env_file=system.folder / ENV_FILE,
        profiles=request.settings.profiles if extra else (),
        gateway=system.names.gateway if gatewayed else "",
        gateway_port=gateway.PORT if gatewayed else 0,
        collector=system.names.collector,
        collector_port=telemetry.PORT,
        inputs=inputs_of(request),
        jwt_secret=jwt_secret,
        secrets=(*passwords.values(), *sensitive({**request.settings.build_args, **request.environment})),
        labels=system.labels,
    )


def files_of(system: System) -> dict[str, str]:
    """Return the generated files but the env file, by path below the folder."""
    parts = {"collector": telemetry.collector_files(system)}
    if system.settings.gateway == "caddy":
        parts["gateway"] = gateway.caddy_files(system)
    if system.keeping("postgresql"):
        parts["database-setup"] = databases.setup_files(system)
    if system.authorities:
        parts["ca-bundle"] = authorities.files(system)
    adapted = {}
    for service in system.services:
        if text := service.adapted(system):
            adapted[services.dockerfile_path(service)] = text
            if service.facts.ignored:  # the builder looks for it beside the Dockerfile that it reads
                adapted[f"{services.dockerfile_path(service)}.dockerignore"] = service.facts.ignored
    below = adapted | {f"{folder}/{name}": text for folder, files in parts.items() for name, text in files.items()}
    return {COMPOSE_FILE: compose_document(system), **below}


def _write(system: System, generated: Mapping[str, str]) -> None:
    """Write everything, in place of what an earlier deployment left there. A link is removed, never followed."""
    system.folder.mkdir(parents=True, exist_ok=True)
    files = files_of(system)
    for name in ("collector", "gateway", "database-setup", "ca-bundle", "dockerfiles"):
        _remove(system.folder / name)
    for name, text in files.items():
        file = system.folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        _remove(file)
        file.write_bytes(text.encode("utf-8", "surrogateescape"))
    extra = {f"{services.EXTRA}{name}": value for name, value in system.environment.items()}
    arguments = {f"{services.ARGUMENT}{name}": value for name, value in sorted(system.settings.build_args.items())}
    write_private(system.folder / ENV_FILE, env_text({**generated, **extra, **arguments}))


def _remove(path: Path) -> None:
    if path.is_symlink() or path.is_file():
        path.unlink()
    elif path.exists():
        shutil.rmtree(path)
