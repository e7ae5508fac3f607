"""Where the services answer: the ports as the engine published them, seen from this machine."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from pytest_superteam.deployment.composed.engine import LOOPBACK, version_numbers
from pytest_superteam.errors import DeploymentError, FinalDeploymentError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from pytest_superteam.deployment.composed.engine import Engine
    from pytest_superteam.deployment.composed.plan import ComposePlan, PlannedContainer
    from pytest_superteam.deployment.composed.states import Address, Container

__all__ = ["REMOTE", "Addresses", "publish_widely"]

REMOTE = "remote.yml"
_OVERRIDE_SINCE = (2, 24)
_EVERYWHERE = frozenset({"0.0.0.0", "::", "127.0.0.1", "::1", ""})  # noqa: S104 - what an engine says, not a binding


@dataclass(frozen=True)
class Addresses:
    """The published ports of a running project, and the base URLs that follow from them."""

    plan: ComposePlan
    containers: tuple[Container, ...]
    host: str
    """Where the engine's published ports answer."""

    @property
    def published(self) -> dict[str, tuple[str, ...]]:
        """Return `address:port` of everything that is published, by service; () for one that publishes nothing.

        The port is `*` for one that shares the network of the engine's machine.
        """
        found: dict[str, tuple[str, ...]] = {}
        for container in self.containers:
            texts = ["0.0.0.0:*"] if container.on_host else [address.text for address in container.published]
            found[container.service] = tuple(dict.fromkeys((*found.get(container.service, ()), *texts)))
        return found

    @property
    def gateway(self) -> str:
        """Return the base URL of the gateway; empty without one.

        Raises:
            DeploymentError: it publishes no port.
        """
        plan = self.plan
        return self._base(plan.gateway, plan.gateway_port) if plan.gateway else ""

    def url(self, service: PlannedContainer) -> str:
        """Return the base URL of a service: through the gateway where it has a path there; empty without a port.

        Raises:
            DeploymentError: nothing of it is published.
        """
        if service.prefix and self.plan.gateway:
            return self.gateway + service.prefix.rstrip("/")
        return self._base(service.compose, service.port) if service.port else ""

    def _base(self, compose: str, port: int) -> str:
        found = [a for c in self.containers if c.service == compose for a in c.published if a.port == port]
        if not found:
            raise DeploymentError(f"{compose}: the engine publishes no port for {port} of its container.")
        return f"http://{self._reachable(min(found, key=_by_family))}"

    def _reachable(self, address: Address) -> str:
        if address.address in _EVERYWHERE or self.host != LOOPBACK:
            return f"{self.host}:{address.published}"
        return address.text


def _by_family(address: Address) -> tuple[bool, int]:
    return (":" in address.address, address.published)


def publish_widely(
    plan: ComposePlan, config: Mapping[str, Any], engine: Engine, say: Callable[[str], None]
) -> ComposePlan:
    """Return the plan for an engine on another machine, whose loopback ports are out of our reach.

    What is published on loopback is published on all of its addresses instead, by one more compose file.

    Raises:
        FinalDeploymentError: this Compose can't replace the ports that a file names.
    """
    if not engine.remote:
        return plan
    changed = {
        name: [{**port, "host_ip": "0.0.0.0"} for port in ports]  # noqa: S104 - said below
        for name, service in (config.get("services") or {}).items()
        if (ports := service.get("ports")) and any(p.get("host_ip") in {LOOPBACK, "::1"} for p in ports)
    }
    if not changed:
        return plan
    numbers = version_numbers(engine.compose, 2)
    if numbers < _OVERRIDE_SINCE:
        raise FinalDeploymentError(f"deploy: compose: an engine on {engine.host} needs Compose 2.24 or newer here.")
    lines = ["services:"]
    for name, ports in sorted(changed.items()):
        lines += [f"  {json.dumps(name)}:", f"    ports: !override {json.dumps(ports)}"]
    (plan.folder / REMOTE).unlink(missing_ok=True)
    (plan.folder / REMOTE).write_text("\n".join(lines) + "\n", encoding="utf-8")
    say(f"the engine is on {engine.host}: {', '.join(sorted(changed))} can be reached on all of its addresses")
    return replace(plan, files=(*plan.files, plan.folder / REMOTE))
