"""The environment of a deployed service: only what is named here, never the whole of the parent's."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from pytest_superteam.models import Architecture

__all__ = ["service_environment", "subscribers", "telemetry_variables", "url_variable", "wired_variables"]

PASSED_ON = ("PATH", "LANG", "TMPDIR", "SYSTEMROOT")
ISSUER = "superteam"


def service_environment(
    service: str,
    architecture: Architecture,
    ports: Mapping[str, int],
    *,
    folder: Path,
    jwt_secret: str,
    extra: Mapping[str, str],
    collector: str = "",
) -> dict[str, str]:
    """Return the variables of `service`: the parent's few, defaults, `extra`, and over them what wires the system.

    `ports` are those of all services of the deployment; who is not among them gets no address. `collector` is the base
    URL of ours, which subscribes to every event and takes the spans of services that export some.
    """
    database = folder.resolve() / "data" / service / "service.db"  # a link that a service has put there is none of ours
    urls = {name: f"http://127.0.0.1:{port}" for name, port in ports.items()}
    inherited = {name: os.environ[name] for name in PASSED_ON if name in os.environ}
    return inherited | wired_variables(
        service,
        architecture,
        urls,
        port=ports[service],
        database=f"sqlite:///{database}",
        jwt_secret=jwt_secret,
        extra=extra,
        collector=collector,
    )


def wired_variables(
    service: str,
    architecture: Architecture,
    urls: Mapping[str, str],
    *,
    port: int,
    database: str,
    jwt_secret: str,
    extra: Mapping[str, str],
    collector: str = "",
) -> dict[str, str]:
    """Return what every deployment tells `service`: defaults, `extra`, and over them what wires the system.

    `urls` are the base URLs of all services of the deployment, as `service` reaches them; `port` is where it listens,
    `database` its database's URL.
    """
    providers = sorted({d.provider for d in architecture.dependencies_of(service)} & set(urls))
    wiring = {
        "PORT": str(port),
        "DATABASE_URL": database,
        "JWT_SECRET": jwt_secret,
        "JWT_ISSUER": ISSUER,
        "EVENT_SUBSCRIBERS": json.dumps(_listeners(service, architecture, urls, collector), sort_keys=True),
        # No __pycache__ in the tree. A cache of its own (PYTHONPYCACHEPREFIX) would hide the one of the installed
        # libraries too: four FastAPI services then needed 4.7 s instead of 1.9 s for their first start, on two cores.
        "PYTHONDONTWRITEBYTECODE": "1",
        "PYTHONUNBUFFERED": "1",
        **{url_variable(provider): urls[provider] for provider in providers},
    }
    telemetry = telemetry_variables(service, collector) if collector else {}
    return {"CORS_ORIGINS": "", "LOG_LEVEL": "INFO"} | telemetry | dict(extra) | wiring


def telemetry_variables(service: str, collector: str) -> dict[str, str]:
    """Return what an OpenTelemetry SDK needs to send its spans to `collector`, soon after they end.

    The names and units are those of the OpenTelemetry specification (SDK environment variables; milliseconds).
    """
    return {
        "OTEL_EXPORTER_OTLP_ENDPOINT": collector,
        "OTEL_EXPORTER_OTLP_PROTOCOL": "http/protobuf",
        "OTEL_SERVICE_NAME": service,
        "OTEL_BSP_SCHEDULE_DELAY": "200",
    }


def url_variable(provider: str) -> str:
    """Return the variable that holds the address of `provider`: `catalog-service` -> `CATALOG_SERVICE_URL`."""
    return f"{provider.upper().replace('-', '_')}_URL"


def _listeners(
    service: str, architecture: Architecture, urls: Mapping[str, str], collector: str
) -> dict[str, list[str]]:
    """Return event name -> who gets it: our recorder first, so that no consumer keeps an event from it."""
    recorder = [collector] if collector else []
    return {name: [*recorder, *consumers] for name, consumers in subscribers(service, architecture, urls).items()}


def subscribers(service: str, architecture: Architecture, urls: Mapping[str, str]) -> dict[str, list[str]]:
    """Return event name -> base URLs of its deployed consumers, for the events that `service` publishes."""
    published = {name for operation in architecture.operations_of(service) for name in operation.publishes}
    return {
        event.name: [urls[consumer] for consumer in sorted(set(event.consumers)) if consumer in urls]
        for event in architecture.events
        if event.publisher == service or event.name in published
    }
