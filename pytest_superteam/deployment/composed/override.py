"""The compose file that is laid over a found system's own ones: what makes them fit to be started, called and removed.

Only what has to differ stands in it. Everything is named after the run, so that two runs do not meet.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from pytest_superteam.deployment.composed.found_builds import build_entry
from pytest_superteam.deployment.composed.found_health import health_check, is_asked
from pytest_superteam.deployment.composed.images import CA_PATH, CA_VARIABLES, replacement
from pytest_superteam.deployment.composed.tagged import RESET, Tagged, yaml_lines

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from pytest_superteam.config import DeploymentConfig
    from pytest_superteam.deployment.composed.found_mounts import Mounts
    from pytest_superteam.deployment.composed.sources import Sources
    from pytest_superteam.models import FoundService
    from pytest_superteam.scanners.languages.dockerfile import Stage

__all__ = ["FoundParts", "override_text"]

PUBLISHED = "superteam-published"
"""Network of services whose own networks have no way out, so that their ports can be published."""
_MEMORY, _PROCESSES = "2G", 2048
"""Limits of a container that has none: enough for a development server of Java, too little to stop a machine."""
_LOGGING = {"driver": "json-file", "options": {"max-size": "16m", "max-file": "4"}}
_RESTARTS = "on-failure:5"
"""For `always`: it may come up before what it needs, but must not start over for ever."""


@dataclass
class FoundParts:
    """A found system's parsed configuration and what was decided about its services, by their names in it."""

    config: Mapping[str, Any]
    sources: Sources
    settings: DeploymentConfig
    project: str
    folder: Path
    """Ours."""
    labels: Mapping[str, str]
    ours: Mapping[str, FoundService]
    """Those that are the system's own, jobs among them."""
    jobs: frozenset[str]
    infrastructure: frozenset[str]
    publish: Mapping[str, tuple[int, ...]]
    """Ports to publish, by service."""
    ready_timeout: float
    environment: Mapping[str, str]
    mounts: Mounts
    ca_bundle: Path | None = None
    stages: dict[str, Stage | None] = field(default_factory=dict)
    """What each service is built from."""
    notes: list[str] = field(default_factory=list)

    @property
    def services(self) -> dict[str, dict[str, Any]]:
        """Return the services by name."""
        return {name: service or {} for name, service in (self.config.get("services") or {}).items()}

    def entries(self, kind: str) -> dict[str, dict[str, Any]]:
        """Return the `networks` or `volumes` by name."""
        return {name: entry or {} for name, entry in (self.config.get(kind) or {}).items()}


def override_text(parts: FoundParts) -> str:
    """Return the text of the override."""
    builds = {name: build_entry(name, parts) for name in parts.services}
    waits = _waits(parts)
    services = {name: _service(name, parts, builds[name], waits.get(name, {})) for name in parts.services}
    document = {
        "services": {name: {key: value for key, value in entry.items() if value} for name, entry in services.items()},
        "networks": _networks(parts),
        "volumes": _volumes(parts),
    }
    head = [
        "# Written for one run: laid over the system's own compose files, which stay as they are.",
        "# `!override` and `!reset` take the place of what those say (Compose 2.24).",
    ]
    return "\n".join([*head, *yaml_lines({key: value for key, value in document.items() if value})]) + "\n"


def _service(name: str, parts: FoundParts, build: dict[str, Any], waits: dict[str, Any]) -> dict[str, Any]:
    service = parts.services[name]
    mine = name in parts.ours
    return {
        "container_name": RESET if service.get("container_name") else None,
        "image": _image(name, service, parts),
        "build": build,
        "platform": parts.settings.platform,
        "restart": _restart(name, service, parts),
        "ports": _ports(name, service, parts),
        "volumes": _mounts(name, service, parts),
        "healthcheck": None if name in parts.jobs else _health(name, service, parts),
        "depends_on": waits,
        "networks": {PUBLISHED: None} if name in _walled(parts) else None,
        "environment": dict(parts.environment) | _trust(parts) if mine else None,
        "deploy": _deploy(service),
        "logging": _logging(service),
        "labels": dict(parts.labels),
    }


def _image(name: str, service: Mapping[str, Any], parts: FoundParts) -> object:
    """Return the image: another one where it is replaced; for what is built a name that takes nobody else's."""
    written = str(service.get("image") or "")
    if name in parts.stages:
        repository = parts.settings.repository.strip().rstrip("/")
        return f"{repository}/{name}:{parts.project}" if repository else (RESET if written else None)
    return replacement(written, parts.settings.replace_images) if written else None


def _restart(name: str, service: Mapping[str, Any], parts: FoundParts) -> str | None:
    asked = str(service.get("restart") or "no")
    if not asked.startswith(("always", "unless-stopped", "on-failure")):
        return None
    return "no" if name in parts.jobs else _RESTARTS


def _ports(name: str, service: Mapping[str, Any], parts: FoundParts) -> Tagged | None:
    ports = parts.publish.get(name, ())
    if ports:
        return Tagged("!override", [f"127.0.0.1::{port}" for port in ports])
    return RESET if service.get("ports") else None


def _mounts(name: str, service: Mapping[str, Any], parts: FoundParts) -> object:
    stage = parts.stages.get(name)
    found = parts.mounts.changed(name, service, stage=stage, infrastructure=name in parts.infrastructure)
    extra = []
    if parts.ca_bundle is not None and name in parts.ours:
        source, options = str(parts.ca_bundle), {"create_host_path": False}
        extra = [{"type": "bind", "source": source, "target": CA_PATH, "read_only": True, "bind": options}]
    return Tagged("!override", [*found, *extra]) if found is not None else extra


def _trust(parts: FoundParts) -> dict[str, str]:
    return dict.fromkeys(CA_VARIABLES, CA_PATH) if parts.ca_bundle is not None else {}


def _health(name: str, service: Mapping[str, Any], parts: FoundParts) -> dict[str, Any] | None:
    found = parts.ours.get(name)
    return health_check(
        service,
        stage=parts.stages.get(name),
        port=found.port if found and "service:" not in str(service.get("network_mode")) else 0,
        path=found.health if found else "",
        ready_timeout=parts.ready_timeout,
        every=max(1, len(parts.services) // 4),  # each question starts a process
    )


def _deploy(service: Mapping[str, Any]) -> dict[str, Any]:
    """Return limits where there are none, and no restart policy, which would go before `restart`."""
    deploy = service.get("deploy") or {}
    limits = (deploy.get("resources") or {}).get("limits") or {}
    reserved = (deploy.get("resources") or {}).get("reservations") or {}
    new: dict[str, Any] = {}
    own = ("mem_limit", "mem_reservation", "memswap_limit", "mem_swappiness")
    if not limits.get("memory") and not reserved.get("memory") and not any(service.get(key) for key in own):
        new["memory"] = _MEMORY
    if not limits.get("pids") and not service.get("pids_limit"):
        new["pids"] = _PROCESSES
    policy = {"restart_policy": RESET} if deploy.get("restart_policy") else {}
    return {**({"resources": {"limits": new}} if new else {}), **policy}


def _logging(service: Mapping[str, Any]) -> Tagged | None:
    """Return a log that we can read, in the place of one that goes elsewhere."""
    driver = str((service.get("logging") or {}).get("driver") or "json-file")
    return None if driver in {"json-file", "local", "journald"} else Tagged("!override", _LOGGING)


def _walled(parts: FoundParts) -> set[str]:
    """Return the services to publish whose networks are all internal."""
    inner = {name for name, network in parts.entries("networks").items() if network.get("internal")}
    return {name for name in parts.publish if (own := set(parts.services[name].get("networks") or ())) and own <= inner}


def _networks(parts: FoundParts) -> dict[str, Any]:
    names = [name for name, network in parts.entries("networks").items() if not network.get("external")]
    names += [PUBLISHED] if _walled(parts) else []
    return {name: {"name": f"{parts.project}_{name}", "labels": dict(parts.labels)} for name in names}


def _volumes(parts: FoundParts) -> dict[str, Any]:
    """Return the volumes, after the run; one that is a folder of the system becomes a plain one."""
    found: dict[str, Any] = {}
    known = {name: entry for name, entry in parts.entries("volumes").items() if not entry.get("external")}
    for name in [*known, *parts.mounts.volumes]:
        found[name] = {"name": f"{parts.project}_{name}", "labels": dict(parts.labels)}
        options = known.get(name, {}).get("driver_opts") or {}
        if str(options.get("device") or "").startswith("/"):
            found[name]["driver_opts"] = RESET
            parts.notes.append(f"the volume {name}: a new one, not the folder that it names.")
    return found


# ---------------------------------------------------------------- what waits for what


def _waits(parts: FoundParts) -> dict[str, dict[str, Any]]:
    """Return further conditions, service by service: stores are waited for until they answer, jobs until they end."""
    waits: dict[str, dict[str, Any]] = {}
    stores = {name for name in parts.infrastructure if is_asked(parts.services[name], parts.stages.get(name))}
    for name, service in parts.services.items():
        for other, how in _needs(service).items():
            if other in stores and how == "service_started":
                waits.setdefault(name, {})[other] = {"condition": "service_healthy"}
    for job in sorted(parts.jobs):
        for name in _dependants(job, parts):
            waits.setdefault(name, {})[job] = {"condition": "service_completed_successfully"}
    return waits


def _needs(service: Mapping[str, Any]) -> dict[str, str]:
    """Return what a service waits for, and until when."""
    return {name: str((how or {}).get("condition")) for name, how in (service.get("depends_on") or {}).items()}


def _dependants(job: str, parts: FoundParts) -> list[str]:
    """Return who waits for a job: those that say so, else ours of the same source, such as those that it migrates for.

    Not those that the job itself waits for.
    """
    said = [name for name, service in parts.services.items() if job in _needs(service)]
    if said:
        return said
    before = _before(job, parts)
    free = [name for name in parts.ours if name not in before and name not in parts.jobs]
    return [name for name in free if _made_of(name, parts) == _made_of(job, parts)]


def _before(job: str, parts: FoundParts) -> set[str]:
    """Return all that a job waits for, and itself."""
    found, stack = {job}, [job]
    while stack:
        for other in _needs(parts.services.get(stack.pop(), {})):
            if other not in found:
                found.add(other)
                stack.append(other)
    return found


def _made_of(name: str, parts: FoundParts) -> str:
    service = parts.services[name]
    build = service.get("build") or {}
    return str(build.get("context") or service.get("image") or name)
