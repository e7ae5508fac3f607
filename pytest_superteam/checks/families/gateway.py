"""Nothing but the gateway of a composed system is reachable from outside: `test_gateway[<service>]`.

Planned only where a gateway stands in front of the services; in other deployments each service is called directly.
"""

from __future__ import annotations

from ipaddress import ip_address
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from pytest_superteam.checks.base import CheckItem, Family
from pytest_superteam.errors import CheckError
from pytest_superteam.models import CheckResult, Rule, Severity, Violation

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from pytest_superteam.checks.base import Planning, RunningSystem
    from pytest_superteam.models import Deployment

__all__ = ["FAMILY"]

GATEWAY = Rule(
    id="GATEWAY-001",
    name="Reachable around the gateway",
    severity=Severity.ERROR,
    category="deployment",
    layer=2,
    languages=(),
    help="Publish no port but the gateway's, and that one on loopback.",
    what="A port that the engine publishes of a service, or of what a service keeps its data in, beside the gateway's "
    "own; or a gateway of this run that listens on more than loopback, though the engine is on this machine. The "
    "engine is asked, not the compose file.",
    why="What the gateway checks (addresses, sizes, rates, who may call at all) is not checked on the way around it, "
    "and a database that the outside reaches is one password away from it.",
)


def _plan(planning: Planning) -> Iterator[CheckItem]:
    if planning.gateway:
        for service in planning.architecture.services:
            yield CheckItem(service.name, service.name, GATEWAY.id, subject=service.name)


def _check(system: RunningSystem, item: CheckItem) -> CheckResult:
    """Hold what the engine publishes against what may be: the gateway, on loopback."""
    deployment = system.deployment
    if not deployment.gateway:
        raise CheckError("no gateway stands in front of the services, though one was planned.")
    if item.service not in deployment.published:
        raise CheckError(f"the engine knows no container of '{item.service}'.")
    names = {service.name for service in system.architecture.services}
    own = {item.service: deployment.published[item.service]}
    shared = {name: ports for name, ports in deployment.published.items() if name not in names}
    found = [*_around(deployment, item.service, own), *_around(deployment, item.service, shared)]
    return CheckResult(violations=tuple(found), detail=f"{len(shared) + 1} containers publish what they may")


def _around(deployment: Deployment, service: str, published: Mapping[str, Iterable[str]]) -> Iterator[Violation]:
    """Yield what is published of `published` (name in the compose file -> `address:port`) and may not be.

    Of an engine on another machine, the gateway's port has to be on more than loopback, for us to reach it.
    """
    port = urlsplit(deployment.gateway).port
    for name, addresses in published.items():
        for address in addresses:
            host, _, number = address.rpartition(":")
            if number == "*":
                message = f"'{name}' has the network of the engine's machine, around the gateway. Give it its own."
            elif number != str(port):
                message = f"'{name}' answers at {address}, around the gateway. Publish no port of it."
            elif not _loopback(host) and not deployment.engine_host:
                message = f"the gateway answers at {address}, on more than loopback. Publish it on 127.0.0.1."
            else:
                continue
            yield Violation(GATEWAY.id, GATEWAY.severity, service, message, evidence=f"{name}: {address}")


def _loopback(host: str) -> bool:
    try:
        return ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return host == "localhost"


FAMILY = Family("test_gateway", (GATEWAY,), _plan, _check)
