"""Starting the containers and waiting until they are healthy and answer where the gate will call them."""

from __future__ import annotations

import threading
import time
from concurrent.futures import FIRST_EXCEPTION, ThreadPoolExecutor, wait
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pytest_superteam.deployment.composed.asking import Asking
from pytest_superteam.deployment.composed.problems import PortInUseError, container_problems, general_problem
from pytest_superteam.deployment.composed.progress import StartProgress
from pytest_superteam.deployment.composed.project import ComposeCommandError
from pytest_superteam.deployment.composed.states import containers_of, log_lines
from pytest_superteam.deployment.logs import last_lines
from pytest_superteam.deployment.readiness import ANY_ANSWER, TRANSIENT, check_ready
from pytest_superteam.deployment.waiting import CancelledError, NotYetError, Wait
from pytest_superteam.errors import DeploymentError, FinalDeploymentError

if TYPE_CHECKING:
    from collections.abc import Callable

    from pytest_superteam.deployment.composed.plan import ComposePlan, PlannedContainer
    from pytest_superteam.deployment.composed.project import ComposeProject
    from pytest_superteam.deployment.composed.publishing import Addresses
    from pytest_superteam.deployment.composed.states import Container

__all__ = ["Starting"]

PORT_RETRIES = 2
"""How often a start is tried again because a port was taken in between."""
_SETTLE_SECONDS = 1.0
_ASK_SECONDS = 0.3
_MARGIN_SECONDS = 30.0
"""What Compose may take beyond the time that the containers have: for creating them ..."""
_EACH_SECONDS = 2.0
"""... and for each of them."""
_ROUTE_SECONDS = 3.0
"""How long a gateway has to learn of a route: until then its "not found" may be its own."""


@dataclass(frozen=True)
class Starting:
    """One start of a project. `ready_timeout` is in seconds, for the containers and then for the routes."""

    project: ComposeProject
    plan: ComposePlan
    ready_timeout: float
    say: Callable[[str], None]

    @property
    def hide(self) -> tuple[str, ...]:
        """Return what no message may show."""
        return (*self.plan.secrets, *((self.plan.jwt_secret,) if self.plan.jwt_secret else ()))

    def up(self) -> tuple[Container, ...]:
        """Start everything and return the containers once all have been started, each after what it waits for.

        Raises:
            FinalDeploymentError: the engine can't start them, and trying again would not help.
            DeploymentError: a container ended, is not healthy, or was not in time; with its last log lines.
        """
        for retries_left in range(PORT_RETRIES, -1, -1):
            try:
                self._up()
                break
            except PortInUseError as error:
                if not retries_left:
                    raise
                self.say(f"{error} Trying again.")
                self.project.clear()  # what ran once must not run twice on the same data
        return self._checked()

    def settled(self) -> tuple[Container, ...]:
        """Return the containers once each is healthy, runs, or has done its work.

        Asking costs as much as a start does, so it is for after `ready`: what answers there passes at once.

        Raises:
            DeploymentError: as of `up`.
        """
        end = time.monotonic() + self.ready_timeout
        asking = Asking(self.project.environment, self.say)
        while True:
            containers = asking.asked(self._checked())
            if not any(c.delay for c in containers):
                return containers
            if time.monotonic() >= end:
                raise self.late(containers)
            time.sleep(_ASK_SECONDS)

    def _up(self) -> None:
        progress = StartProgress(self.plan.project, self.say)
        check = _Patience(self).check
        try:
            # Without `--wait`: that waits for the engine's own checks, which begin after a whole interval.
            finished = self.project.run(
                "up", "--detach", "--no-build", timeout=self._limit, listen=progress.take, check=check
            )
        except ComposeCommandError as error:
            raise self.late(self.containers()) from error
        if not finished.status:
            return
        general = general_problem(finished.lines, self.plan.project)
        if general:
            raise general
        for name, reason in progress.not_pulled.items():  # an image with a policy of its own
            raise FinalDeploymentError(f"deploy: compose: {name}: its image can't be pulled: {reason.rstrip('.')}.")
        containers = self.containers()
        found = container_problems(containers, self._logs, late=f"{self.ready_timeout:g} s", names=self._names)
        complete = {c.service for c in containers}.issuperset(self._called.values())
        found = found or (self._gone(containers) if complete else None)
        if found:
            raise found
        if not complete or any(c.state == "created" for c in containers):
            reason = " ".join(last_lines(finished.lines, self.hide, 1)) or f"exit status {finished.status}"
            raise DeploymentError(f"deploy: compose: the containers could not be started: {reason.rstrip('.')}.")

    def ready(self, addresses: Addresses) -> dict[str, str]:
        """Return service -> the probe that it passed, once each answers where it is called.

        Raises:
            DeploymentError: one does not answer in time, or a container ended meanwhile.
        """
        waiting = Wait(self.ready_timeout, interval=0.2, transient=TRANSIENT, cancelled=threading.Event())
        called = [service for service in self.plan.services if service.port]
        with ThreadPoolExecutor(max_workers=len(called) + 1, thread_name_prefix="ready") as pool:
            futures = {pool.submit(self._answer, service, addresses, waiting): service.name for service in called}
            try:
                while wait(futures, timeout=_SETTLE_SECONDS, return_when=FIRST_EXCEPTION).not_done:
                    if any(future.done() and future.exception() for future in futures):
                        break
                    self._checked()
            finally:
                waiting.cancelled.set()
        errors = [error for future in futures if (error := future.exception())]
        bugs = [error for error in errors if not isinstance(error, DeploymentError)]
        told = [error for error in errors if not isinstance(error, CancelledError)]
        for error in (*bugs, *(told[:1] if len(told) == 1 else ())):
            raise error
        if told:
            raise DeploymentError("\n".join(map(str, told)))
        return {name: future.result() for future, name in futures.items()}

    def _answer(self, service: PlannedContainer, addresses: Addresses, waiting: Wait) -> str:
        url = addresses.url(service)
        began = time.monotonic()

        def probe() -> str:
            passed = check_ready(url, first=service.health)
            if passed == ANY_ANSWER and service.prefix and time.monotonic() - began < _ROUTE_SECONDS:
                raise NotYetError("only the gateway answers")
            return passed

        return waiting.until(f"{service.name} at {url}", probe, lambda: self._log_of(service.compose))

    # ------------------------------------------------------------ what the engine says

    def containers(self) -> tuple[Container, ...]:
        """Return what the engine says of the containers now."""
        return containers_of(self.plan.project, self.project.environment)

    def _checked(self) -> tuple[Container, ...]:
        """Return the containers while nothing is wrong with any for good."""
        containers = self.containers()
        found = container_problems(containers, self._logs, names=self._names) or self._gone(containers)
        if found:
            raise found
        return containers

    def _gone(self, containers: tuple[Container, ...]) -> DeploymentError | None:
        """Return that a service that is called has ended, though without an error, or is not there at all."""
        running = {c.service for c in containers if c.state not in {"exited", "dead", "removing"}}
        for name, compose in self._called.items():
            if compose not in running:
                log = "".join(f"\n    {line}" for line in self._log_of(compose))
                end = f" Its last log lines:{log}" if log else " Its log is empty."
                return DeploymentError(f"{name}: ended before it was ready, though without an error.{end}")
        return None

    def late(self, containers: tuple[Container, ...]) -> DeploymentError:
        """Return that `containers` are not ready though their time is over."""
        late = f"{self.ready_timeout:g} s"
        found = container_problems(containers, self._logs, late=late, names=self._names)
        waiting = ", ".join(sorted({c.service for c in containers if c.state == "created"})) or "the engine"
        return found or DeploymentError(f"deploy: compose: not ready after {late}: still waiting for {waiting}.")

    def _logs(self, container: Container) -> tuple[str, ...]:
        return log_lines(container, self.project.environment, self.hide)

    def _log_of(self, compose: str) -> tuple[str, ...]:
        return next((self._logs(c) for c in self.containers() if c.service == compose), ())

    @property
    def _limit(self) -> float:
        return self.ready_timeout + _MARGIN_SECONDS + _EACH_SECONDS * len(self.plan.services)

    @property
    def _names(self) -> dict[str, str]:
        return {service.compose: service.name for service in self.plan.services}

    @property
    def _called(self) -> dict[str, str]:
        """Return what has to run all the time: name -> compose."""
        gateway = {self.plan.gateway: self.plan.gateway} if self.plan.gateway else {}
        return {service.name: service.compose for service in self.plan.services} | gateway


class _Patience:
    """How long each container has, from when it is seen to run: Compose itself waits for dependencies for ever."""

    def __init__(self, starting: Starting) -> None:
        self._starting = starting
        self._since: dict[str, float] = {}

    def check(self) -> None:
        """Look at the containers.

        Raises:
            DeploymentError: one is not ready after its time.
        """
        now = time.monotonic()
        containers = self._starting.containers()
        for container in containers:
            if container.state in {"running", "restarting"}:
                self._since.setdefault(container.id, now)
        limit = self._starting.ready_timeout
        late = [c for c in containers if c.delay and now - self._since.get(c.id, now) >= limit]
        if late:
            raise self._starting.late(tuple(late))
