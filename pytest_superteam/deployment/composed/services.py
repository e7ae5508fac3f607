"""A built service in the compose file, and the run-once service of its migrations."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pytest_superteam.deployment.composed import authorities, databases, labels_traefik, telemetry
from pytest_superteam.deployment.composed.containers import HARDENED, LABELS, checked, limits, reference, resolved
from pytest_superteam.deployment.composed.dockerfiles import SECRET
from pytest_superteam.deployment.composed.yaml_text import Alias, Line, escaped
from pytest_superteam.deployment.environment import wired_variables

if TYPE_CHECKING:
    from pytest_superteam.deployment.composed.system import ComposedService, System

__all__ = ["ARGUMENT", "EXTRA", "JWT_SECRET", "dockerfile_path", "migrations", "migrations_name", "service"]

JWT_SECRET = "JWT_SECRET"  # noqa: S105 - the name of a variable
EXTRA = "extra_"
"""How the variables of the env file begin that hold the user's own; those of a service begin in upper case."""

ARGUMENT = "build_"
"""How the variables of the env file begin that hold build arguments of the settings: they may hold a password."""


def service(one: ComposedService, system: System) -> dict[str, Any]:
    """Return the compose service of a built one."""
    networks = ["backend"] if system.settings.gateway != "none" else ["frontend", "backend"]
    traefik = system.settings.gateway == "traefik"
    return {
        "<<": Alias(HARDENED),
        "image": _image(one, system),
        "build": _build(one, system),
        "environment": _environment(one, system),
        "volumes": Line([authorities.mount()]) if system.authorities else None,
        "ports": Line([f"127.0.0.1::{one.port}"]) if system.settings.gateway == "none" else None,
        "networks": Line(networks),
        "labels": labels_traefik.traefik_labels(one, system) if traefik else None,
        "deploy": limits("1.0", "512M", 256),
        "healthcheck": _healthcheck(one, system),
        "depends_on": _needs(one, system),
    }


def migrations_name(one: ComposedService, system: System) -> str:
    """Return what the run-once service of the migrations is called."""
    return system.names.migrations(one.name, {other.name for other in system.services})


def migrations(one: ComposedService, system: System) -> dict[str, Any]:
    """Return the run-once service that brings the tables of `one` up to date."""
    return {
        "<<": Alias(HARDENED),
        "image": _image(one, system),
        "pull_policy": "never",  # it is built for the service
        "entrypoint": Line([]),
        "command": Line([escaped(word) for word in one.migration]),
        "environment": _environment(one, system),
        "volumes": Line([authorities.mount()]) if system.authorities else None,
        "networks": Line(["backend"]),
        "deploy": limits("1.0", "512M", 256),
        "healthcheck": {"disable": True},
        "depends_on": _stores(one, system) or None,
    }


def dockerfile_path(one: ComposedService) -> str:
    """Return where a Dockerfile lies that is built in place of a service's own, below the folder."""
    return f"dockerfiles/{one.name}/Dockerfile"


def _image(one: ComposedService, system: System) -> str | None:
    """Return what the built image is called; where nobody asks for it by name, Compose makes up the same one."""
    return system.built(one.name) or (f"{system.project}-{one.name}" if one.migration else None)


def _build(one: ComposedService, system: System) -> dict[str, Any]:
    given = {name: reference(f"{ARGUMENT}{name}") for name in system.settings.build_args}
    arguments = {name: resolved(value) for name, value in sorted({**one.arguments(system), **given}.items())}
    own = system.folder / dockerfile_path(one)
    adapted = system.path(own, one.directory) if one.adapted(system) else ""  # Compose starts from the context
    return {
        "context": escaped(system.path(one.directory)),
        "dockerfile": escaped(adapted) or None,
        "args": arguments or None,
        "secrets": Line([SECRET]) if system.authorities and one.facts.takes_authorities else None,
        "labels": Alias(LABELS),
    }


def _environment(one: ComposedService, system: System) -> dict[str, Any]:
    urls = {other.name: f"http://{other.name}:{other.port}" for other in system.services}
    wired = wired_variables(
        one.name,
        system.architecture,
        urls,
        port=one.port,
        database=databases.database_url(one, system),
        jwt_secret=reference(JWT_SECRET),
        extra={name: reference(f"{EXTRA}{name}") for name in system.environment},
        collector=telemetry.collector_url(system),
    )
    defaults = {"DATABASE_CONNECTIONS": str(databases.pool(system))} if one.keeps("postgresql") else {}
    defaults |= authorities.VARIABLES if system.authorities else {}
    cache = databases.redis_url(one, system)
    wired |= {"REDIS_URL": cache} if cache else {}
    return {name: resolved(value) for name, value in (defaults | wired).items()}


def _healthcheck(one: ComposedService, system: System) -> dict[str, Any] | None:
    """Return the Dockerfile's own check at our pace, else one with what its image brings; None where it is bare."""
    if one.facts.healthcheck:
        return checked(system)
    test = _asking(one)
    return checked(system, test) if test else None


def _asking(one: ComposedService) -> list[str]:
    """Return a command that fails unless something answers over HTTP, whatever the status: paths are the service's."""
    url = f"http://127.0.0.1:{one.port}/health"
    base = one.facts.base.lower()
    if "distroless" in base or base == "scratch" or "/static" in base:
        return []  # nothing in it could ask
    python = f"import http.client as h; c = h.HTTPConnection('127.0.0.1', {one.port}, timeout=3); "
    python += "c.request('GET', '/health'); c.getresponse()"
    node = f"fetch('{url}').then(() => process.exit(0), () => process.exit(1))"
    if "python" in base:
        return ["CMD", "python", "-c", python]
    if "node" in base:
        return ["CMD", "node", "-e", node]
    shell = f'curl -s -o /dev/null {url} || wget -q -O /dev/null {url} || python3 -c "{python}" || node -e "{node}"'
    return ["CMD-SHELL", shell]


def _stores(one: ComposedService, system: System) -> dict[str, Any]:
    needs: dict[str, Any] = {}
    if one.keeps("postgresql"):
        needs[system.names.database_setup] = {"condition": "service_completed_successfully"}
    if one.keeps("redis"):
        needs[system.names.redis] = {"condition": "service_healthy"}
    if system.authorities:
        needs[system.names.authorities] = {"condition": "service_completed_successfully"}
    return needs


def _needs(one: ComposedService, system: System) -> dict[str, Any]:
    """Return what has to be there first: stores, migrations, the collector.

    Not other services: they may come later, and some need each other.
    """
    needs = _stores(one, system)
    if one.migration:
        needs[migrations_name(one, system)] = {"condition": "service_completed_successfully"}
    return {**needs, system.names.collector: {"condition": "service_healthy"}}
