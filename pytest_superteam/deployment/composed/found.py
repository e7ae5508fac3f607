"""A system that exists, started by its own compose files with an override of ours: nothing of it is changed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pytest_superteam.deployment.composed.engine import version_numbers
from pytest_superteam.deployment.composed.found_mounts import Mounts
from pytest_superteam.deployment.composed.fragments import fragments
from pytest_superteam.deployment.composed.inputs import inputs_of
from pytest_superteam.deployment.composed.names import project_name
from pytest_superteam.deployment.composed.override import FoundParts, override_text
from pytest_superteam.deployment.composed.plan import ComposePlan, PlannedContainer
from pytest_superteam.deployment.composed.refuse import located, refuse_config
from pytest_superteam.deployment.composed.sources import ALLOW, Sources, is_inside, read_sources
from pytest_superteam.deployment.composed.tagged import OLDEST_COMPOSE
from pytest_superteam.errors import DeploymentError, FinalDeploymentError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from pytest_superteam.deployment.base import DeployRequest
    from pytest_superteam.models import FoundService, FoundSystem

__all__ = [
    "OVERRIDE",
    "check_compose",
    "found_directory",
    "found_files",
    "found_sources",
    "generate_found",
    "read_found",
]

OVERRIDE = "override.yml"
_GATEWAY = "gateway"


def check_compose(version: str) -> None:
    """Refuse a Compose that does not know what the override is made of.

    Raises:
        FinalDeploymentError: it is older than 2.24.4.
    """
    numbers = version_numbers(version, 3)
    if numbers and numbers < OLDEST_COMPOSE:
        oldest = ".".join(map(str, OLDEST_COMPOSE))
        raise FinalDeploymentError(
            f"Compose {version} can't start a system that exists: {oldest} or newer is needed for `!override`. "
            "Update the plugin docker-compose-plugin."
        )


def found_files(request: DeployRequest) -> tuple[Path, ...]:
    """Return the compose files of the found system, then those of `deployment.compose_files`.

    Raises:
        FinalDeploymentError: the system has no compose file, or one that lies outside of it.
    """
    found = _found(request)
    if not found.compose_files:
        raise FinalDeploymentError(
            f"{found.root}: has no compose file, so it can't be started from here. Start it yourself and name its "
            "services by --url, or use --deploy none."
        )
    for name in found.compose_files:
        if not request.settings.allow_outside and not is_inside(found.root / name, found.root):
            raise FinalDeploymentError(f"{name}: lies outside of the system, by a link or its name. {ALLOW}")
    return (*(found.root.resolve() / name for name in found.compose_files), *fragments(request))


def found_directory(request: DeployRequest) -> Path:
    """Return what the paths of the compose files are relative to: the folder of the first one, as Compose has it."""
    return found_files(request)[0].parent


def found_sources(request: DeployRequest) -> Sources:
    """Return the compose files with their lines, before Compose reads any of them.

    Raises:
        FinalDeploymentError: one is missing, broken, includes itself or leads out of the system.
    """
    found = _found(request)
    allowed = request.settings.allow_outside
    return read_sources(found_files(request), found_directory(request), found.root, allow_outside=allowed)


def read_found(
    request: DeployRequest, read_config: Callable[[Sequence[Path], Path, Sequence[str]], dict[str, Any]]
) -> dict[str, Any]:
    """Return the parsed configuration of the system; Compose's complaints with file and line.

    Raises:
        FinalDeploymentError: the files are refused by us or by Compose.
    """
    sources, files = found_sources(request), found_files(request)
    try:
        return read_config(files, sources.directory, request.settings.profiles)
    except DeploymentError as error:
        said = str(error).removeprefix(", ".join(file.name for file in files) + ": ")
        raise FinalDeploymentError(located(said, sources)) from None


def generate_found(request: DeployRequest, labels: Mapping[str, str], config: Mapping[str, Any]) -> ComposePlan:
    """Write the override of a found system into the request's folder and return what there is to start.

    Args:
        request: `found` is the system.
        labels: what everything is labelled with.
        config: what `docker compose config --format json` makes of `found_files(request)`.

    Raises:
        FinalDeploymentError: the files ask for something outside of the system, or can't be started; one line.
    """
    found, sources = _found(request), found_sources(request)
    folder = request.folder.resolve()
    folder.mkdir(parents=True, exist_ok=True)
    notes = refuse_config(config, sources, ours=folder.parent if folder.parent.name == ".superteam" else folder)
    services = {name: service or {} for name, service in (config.get("services") or {}).items()}
    planned, publish, left_out = _planned(found, services)
    parts = FoundParts(
        config=config,
        sources=sources,
        settings=request.settings,
        project=project_name(request.run_id),
        folder=folder,
        labels=dict(sorted(labels.items())),
        ours={s.compose: s for s in (*found.services, *found.jobs) if s.compose in services},
        jobs=frozenset(s.compose for s in found.jobs if s.compose in services),
        infrastructure=frozenset(s.compose for s in found.infrastructure if s.compose in services),
        publish=publish,
        ready_timeout=request.ready_timeout,
        environment=dict(sorted(request.environment.items())),
        mounts=Mounts.of(found.root, folder, request.run_id),
        ca_bundle=_ca_bundle(request),
    )
    text = override_text(parts)
    override = folder / OVERRIDE
    override.unlink(missing_ok=True)  # a link would lead elsewhere
    override.write_text(text, encoding="utf-8", errors="replace")
    for note in (*notes, *left_out, *parts.mounts.notes, *parts.notes):
        request.say(note)
    return ComposePlan(
        run_id=request.run_id,
        project=parts.project,
        folder=folder,
        directory=sources.directory,
        files=(*found_files(request), override),
        services=planned,
        profiles=tuple(request.settings.profiles),
        inputs=inputs_of(request),
        labels=parts.labels,
    )


def _found(request: DeployRequest) -> FoundSystem:
    if request.found is None:
        raise TypeError("the request has no found system")
    return request.found


def _ca_bundle(request: DeployRequest) -> Path | None:
    if not request.settings.ca_bundle:
        return None
    file = (request.project / request.settings.ca_bundle).resolve()
    if not file.is_relative_to(request.project.resolve()) or not file.is_file():
        place = f"deployment.ca_bundle: '{request.settings.ca_bundle}'"
        raise FinalDeploymentError(f"{place} is no file of the project. Name the file of CA certificates.")
    return file


def _planned(
    found: FoundSystem, services: Mapping[str, Mapping[str, Any]]
) -> tuple[tuple[PlannedContainer, ...], dict[str, tuple[int, ...]], list[str]]:
    """Return who is called, which ports are published, and a line on each service that is not called."""
    planned: list[PlannedContainer] = []
    publish: dict[str, tuple[int, ...]] = {}
    left_out: list[str] = []
    for service in found.services:
        why = _uncalled(service, services)
        if why:
            left_out.append(f"{service.name}: {why}.")
            continue
        port = service.port or port_of(services[service.compose])
        owner = _answers_for(service.compose, services)
        publish[owner] = tuple(dict.fromkeys((*publish.get(owner, ()), port)))
        planned.append(PlannedContainer(service.name, owner, port, health=service.health))
    for other in found.infrastructure:
        port = other.port or port_of(services.get(other.compose, {}))
        if other.role == _GATEWAY and other.compose in services and port and other.compose not in publish:
            publish[other.compose] = (port,)  # so that people can look at it
    return tuple(planned), publish, left_out


def _uncalled(service: FoundService, services: Mapping[str, Mapping[str, Any]]) -> str:
    """Return why a service is not called; empty where it is."""
    if service.compose not in services:
        if service.profiles:
            return f"is not started without the profile {' or '.join(service.profiles)}"
        return "is not started: it is in none of the compose files"
    own = services[service.compose]
    if own.get("scale") == 0 or (own.get("deploy") or {}).get("replicas") == 0:
        return "is not started: the compose files ask for none of it"
    owner = _answers_for(service.compose, services)
    if owner not in services or services[owner].get("network_mode") in {"host", "none"}:
        return "is not called: its network is not its own"
    if not service.port and not port_of(own):
        return "is not called: it listens on no port that is known, as a worker does"
    return ""


def _answers_for(name: str, services: Mapping[str, Mapping[str, Any]]) -> str:
    """Return the service whose network `name` uses: its own, or another's (`network_mode: service:other`)."""
    for _ in range(10):
        mode = str(services.get(name, {}).get("network_mode") or "")
        if not mode.startswith("service:"):
            return name
        name = mode.removeprefix("service:")
    return name


def port_of(service: Mapping[str, Any]) -> int:
    """Return the first TCP port that a service publishes or exposes; 0 where there is none."""
    for port in service.get("ports") or ():
        if str(port.get("protocol") or "tcp") == "tcp":
            return int(port.get("target") or 0)
    for exposed in service.get("expose") or ():
        number, _, protocol = str(exposed).partition("/")
        if number.isdecimal() and protocol in {"", "tcp"}:
            return int(number)
    return 0
