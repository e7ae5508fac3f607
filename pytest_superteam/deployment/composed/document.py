"""The compose file: every part under a comment that says what it is, in an order that is always the same."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pytest_superteam.deployment.composed import authorities, databases, gateway, labels_traefik, services, telemetry
from pytest_superteam.deployment.composed.containers import LABELS, common
from pytest_superteam.deployment.composed.yaml_text import Alias, emit

if TYPE_CHECKING:
    from pytest_superteam.deployment.composed.system import System

__all__ = ["compose_document"]

Part = tuple[str, str, dict[str, Any]]
"""What it is, its name in the compose file, and what stands there."""


def compose_document(system: System) -> str:
    """Return the text of `docker-compose.yml`. It holds no secret: those are in the env file beside it."""
    lines = [*_head(system), "", *emit({"name": system.project}), ""]
    lines += ["# What all containers have in common.", *emit(common(system)), "", "services:"]
    for comment, name, part in _parts(system):
        lines += [f"  # {comment}", *emit({name: part}, 2), ""]
    lines += ["# The gateway alone is reached from outside; `backend` leads nowhere else.", *emit(_networks())]
    volumes = databases.volumes(system) | authorities.volumes(system)
    lines += ["", *emit({"volumes": volumes})] if volumes else []
    secrets = authorities.secrets(system)
    lines += ["", *emit({"secrets": secrets})] if secrets else []
    return "\n".join(lines) + "\n"


def _head(system: System) -> list[str]:
    title = "".join(c if c.isprintable() else " " for c in system.architecture.title)[:100]
    return [
        f"# {title}: made by pytest-superteam from its service map, anew for each deployment. Changes belong into",
        "# a compose file of your own, named in superteam.yaml: `deployment: {compose_files: [...]}`.",
        "# Passwords are in .env beside this file, which only you can read.",
    ]


def _networks() -> dict[str, Any]:
    return {
        "networks": {
            "frontend": {"labels": Alias(LABELS)},
            "backend": {"internal": True, "labels": Alias(LABELS)},
        }
    }


def _parts(system: System) -> list[Part]:
    names = system.names
    parts: list[Part] = []
    if system.settings.gateway == "caddy":
        parts.append(("The way in: /api/<service>, prefix stripped.", names.gateway, gateway.caddy(system)))
    elif system.settings.gateway == "traefik":
        what = "The way in: /api/<service>, prefix stripped. Reads its routes from labels, hence the engine's socket."
        parts.append((what, names.gateway, labels_traefik.traefik(system)))
    for service in system.services:
        what = next((s.description for s in system.architecture.services if s.name == service.name), "")
        what = "".join(c if c.isprintable() else " " for c in what)[:110]
        parts.append((what or "Built from the service map.", service.name, services.service(service, system)))
        if service.migration:
            what = f"Brings the tables of {service.name} up to date, once."
            parts.append((what, services.migrations_name(service, system), services.migrations(service, system)))
    if system.keeping("postgresql"):
        parts.append(("A database for each service that asks for one.", names.postgres, databases.postgres(system)))
        parts.append(("Makes the databases and their users, once.", names.database_setup, databases.setup(system)))
    if system.keeping("redis"):
        parts.append(("Caches and queues, in memory.", names.redis, databases.redis(system)))
    if system.authorities:
        parts.append(("Hands the CA certificates to the services, once.", names.authorities, authorities.once(system)))
    what = "Takes the spans and events of the services for the checks of the gate."
    return [*parts, (what, names.collector, telemetry.collector(system))]
