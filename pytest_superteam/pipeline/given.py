"""A system that somebody else runs: its services answer at addresses of the settings, and are left running."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from pytest_superteam.checks.connections import http_client
from pytest_superteam.deployment.waiting import NotReadyError, NotYetError, Wait
from pytest_superteam.errors import DeploymentError
from pytest_superteam.models import Deployment, RunningService

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    import httpx

    from pytest_superteam.config import ServicePath

__all__ = ["check_answers", "given_deployment"]


def given_deployment(run_id: str, addresses: Mapping[str, str], folder: Path) -> Deployment:
    """Return the deployment that the addresses make. It has no secret: tokens are earned, or given."""
    services = tuple(RunningService(name, url, folder / f"{name}.log") for name, url in addresses.items())
    return Deployment(kind="given", run_id=run_id, services=services)


def check_answers(deployment: Deployment, entries: Mapping[str, ServicePath], seconds: float) -> None:
    """Wait until every service answers anything at all; then bring those to a known state that have a `reset`.

    Raises:
        DeploymentError: one does not answer within `seconds`, or refuses its reset.
    """
    with http_client() as client:
        for service in deployment.services:
            try:
                Wait(timeout=seconds).until(service.name, partial(_answers, client, service.url))
            except NotReadyError as error:
                cause = str(error).rstrip(".")
                raise DeploymentError(f"system.services: {cause} ({service.url}). Start it, or mend its url.") from None
        for service in deployment.services:
            reset = entries[service.name].reset
            if reset:
                _reset(client, service, reset)


def _answers(client: httpx.Client, url: str) -> bool:
    import httpx

    try:
        client.get(url)
    except httpx.TransportError as error:
        raise NotYetError(f"no answer ({type(error).__name__})") from error
    return True


def _reset(client: httpx.Client, service: RunningService, reset: str) -> None:
    import httpx

    method, _, path = reset.partition(" ")
    try:
        answer = client.request(method, service.url + path)
    except httpx.HTTPError as error:
        raise DeploymentError(f"system.services: reset of '{service.name}': {type(error).__name__}.") from error
    if not answer.is_success:
        raise DeploymentError(f"system.services: reset of '{service.name}': {reset} answered {answer.status_code}.")
