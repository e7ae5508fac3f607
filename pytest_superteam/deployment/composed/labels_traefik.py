"""Traefik as the gateway: it reads its routes from the labels of the containers.

For that it needs the engine's socket, read-only: Traefik's Docker provider has no other way to learn of containers.
Whoever takes over that container can ask the engine for anything, a read-only mount notwithstanding; where that weighs,
take Caddy. The constraint on the run's label keeps the containers of other projects of the engine out of the routes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pytest_superteam.deployment.composed.containers import HARDENED, LABELS, checked, limits
from pytest_superteam.deployment.composed.gateway import PORT, prefix
from pytest_superteam.deployment.composed.yaml_text import Alias, Line, escaped

if TYPE_CHECKING:
    from pytest_superteam.deployment.composed.system import ComposedService, System

__all__ = ["traefik", "traefik_labels"]

_PING = 8082
_OWN_LABEL = "superteam.gateway"
"""Says whose routes a container's are: the constraint compares it with the project's name."""


def traefik_labels(service: ComposedService, system: System) -> dict[str, Any]:
    """Return the labels of a service: one router, one middleware and one load balancer, called like it."""
    name, path = service.name, prefix(service.name)
    labels = {
        _OWN_LABEL: system.project,
        "traefik.enable": "true",
        "traefik.docker.network": f"{system.project}_backend",
        f"traefik.http.routers.{name}.entrypoints": "web",
        # A segment of the path ends behind the name: /api/order must not take /api/order-service.
        f"traefik.http.routers.{name}.rule": f"Path(`{path}`) || PathPrefix(`{path}/`)",
        f"traefik.http.routers.{name}.middlewares": name,
        f"traefik.http.routers.{name}.service": name,
        f"traefik.http.middlewares.{name}.stripprefix.prefixes": path,
        f"traefik.http.services.{name}.loadbalancer.server.port": str(service.port),
    }
    return {"<<": Alias(LABELS), **{key: escaped(value) for key, value in labels.items()}}


def traefik(system: System) -> dict[str, Any]:
    """Return Traefik, configured by its command line alone. It takes up a service once that is healthy."""
    ping = ["--ping=true", "--ping.entrypoint=ping", f"--entrypoints.ping.address=127.0.0.1:{_PING}"]
    return {
        "<<": Alias(HARDENED),
        "image": system.image("traefik"),
        "command": [
            *ping,
            f"--entrypoints.web.address=:{PORT}",
            # Paths go to the services as they were sent; each of them answers for its own.
            "--entrypoints.web.http.sanitizepath=false",
            "--serverstransport.forwardingtimeouts.idleconntimeout=3s",  # sooner than the services hang up
            "--providers.docker=true",
            "--providers.docker.exposedbydefault=false",
            f"--providers.docker.constraints=Label(`{_OWN_LABEL}`,`{system.project}`)",
            "--global.checknewversion=false",
            "--global.sendanonymoususage=false",
            "--log.level=WARN",
            "--log.format=json",
        ],
        "volumes": Line(["/var/run/docker.sock:/var/run/docker.sock:ro"]),
        "ports": Line([f"127.0.0.1::{PORT}"]),
        "networks": Line(["frontend", "backend"]),
        "deploy": limits("1.0", "256M", 256),
        "healthcheck": checked(system, ["CMD", "traefik", "healthcheck", *ping]),
    }
