"""Asking containers for their health now, by their own health check, rather than when the engine does so next."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from pytest_superteam.deployment.composed.states import docker
from pytest_superteam.errors import DeploymentError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from pytest_superteam.deployment.composed.states import Container

__all__ = ["Asking"]

_SECONDS = 5.0
"""For one answer. Later ones count as none: the engine's own check goes on, with the time limit that it has."""
_AT_ONCE = 4


@dataclass
class Asking:
    """Which containers have passed their own health check, before the engine has run it.

    The engine asks only after a whole interval, and one that suits a running system is long for one that starts.
    """

    environment: Mapping[str, str]
    say: Callable[[str], None]
    _passed: set[str] = field(default_factory=set)

    def asked(self, containers: Iterable[Container]) -> tuple[Container, ...]:
        """Return the containers, those healthy that pass their check now or did before."""
        given = tuple(containers)
        starting = [c for c in given if c.state == "running" and c.health == "starting" and c.check]
        with ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="health") as pool:
            new = [c for c, passed in zip(starting, pool.map(self._passes, starting), strict=True) if passed]
        for container in new:
            if container.id not in self._passed:
                self._passed.add(container.id)
                self.say(f"{container.service}: healthy")
        healthy = {container.id for container in new}
        return tuple(replace(c, health="healthy") if c.id in healthy else c for c in given)

    def _passes(self, container: Container) -> bool:
        if container.id in self._passed:
            return True
        try:
            words = ("exec", container.id, *container.check)
            return docker(*words, environment=self.environment, seconds=_SECONDS).status == 0
        except DeploymentError:
            return False
