"""One attempt to bring a planned system up: start its supervisor, then watch all services until each is ready."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
import threading
from concurrent.futures import FIRST_EXCEPTION, Future, ThreadPoolExecutor, wait
from typing import TYPE_CHECKING, Any, Protocol

from pytest_superteam.deployment import supervisor
from pytest_superteam.deployment.environment import PASSED_ON
from pytest_superteam.deployment.logs import tail
from pytest_superteam.deployment.ports import is_free, listens
from pytest_superteam.deployment.readiness import TRANSIENT, check_ready
from pytest_superteam.deployment.records import ServiceState, read_record
from pytest_superteam.deployment.waiting import CancelledError, NotReadyError, NotYetError, Wait
from pytest_superteam.errors import DeploymentError

if TYPE_CHECKING:
    from pathlib import Path

    from pytest_superteam.deployment.plan import Plan, PlannedService

__all__ = ["PortTakenError", "Supervised", "start_supervisor", "wait_until_ready"]

SUPERVISOR_LOG = "supervisor.log"
_SUPERVISOR_SECONDS = 30.0
_IN_USE = ("address already in use", "eaddrinuse", "address in use")


class PortTakenError(DeploymentError):
    """Another program took the port between choosing it and binding it."""


class Supervised(Protocol):
    """What a supervisor needs to know."""

    @property
    def folder(self) -> Path:
        """Return where its record goes."""
        ...

    @property
    def marker(self) -> str:
        """Return what is in the environment of everything that it starts."""
        ...

    def specification(self) -> dict[str, Any]:
        """Return what it reads."""
        ...


def start_supervisor(plan: Supervised) -> None:
    """Start the supervisor of `plan` and return when its record is there. The specification goes through a pipe.

    Raises:
        DeploymentError: it did not start.
    """
    log = plan.folder / SUPERVISOR_LOG
    with log.open("wb") as output:
        process = subprocess.Popen(  # noqa: S603 - our own script, no shell
            [sys.executable, "-I", "-S", supervisor.__file__],
            cwd=plan.folder,
            env={name: os.environ[name] for name in PASSED_ON if name in os.environ},
            stdin=subprocess.PIPE,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    started = supervisor.start_token(process.pid)
    with contextlib.suppress(BrokenPipeError):  # it died at once: its log says why
        _send(process, plan)
    process.returncode = 0  # let go: the teardown, maybe of another process, ends and collects it

    def probe() -> None:
        record = read_record(plan.folder)
        if record and record.marker == plan.marker:
            return
        if not supervisor.alive(process.pid, started):
            raise NotReadyError("The supervisor of the services", "ended at once", tail(log))
        raise NotYetError("its record is not there")

    Wait(_SUPERVISOR_SECONDS).until("The supervisor of the services", probe, lambda: tail(log))


def _send(process: subprocess.Popen[bytes], plan: Supervised) -> None:
    if process.stdin:
        with process.stdin as stream:
            stream.write(json.dumps(plan.specification()).encode())


def wait_until_ready(plan: Plan, timeout: float) -> dict[str, str]:
    """Return service -> the probe that it passed, when all services are ready; `timeout` in seconds, for each.

    Raises:
        PortTakenError: a service found its port in use.
        DeploymentError: services ended or were not ready in time; the message names each with its log's end.
    """
    waiting = Wait(timeout, transient=TRANSIENT, cancelled=threading.Event())
    with ThreadPoolExecutor(max_workers=len(plan.processes), thread_name_prefix="ready") as pool:
        futures = {pool.submit(_watch, plan, process, waiting): process.name for process in plan.processes}
        try:
            wait(futures, return_when=FIRST_EXCEPTION)
        finally:
            waiting.cancelled.set()
    _raise_failures(list(futures))
    for process in plan.processes:  # one may have ended while the last one was waited for
        _running(plan, process)
    names = {service.name for service in plan.services}
    return {name: future.result() for future, name in futures.items() if name in names}


def _raise_failures(futures: list[Future[str]]) -> None:
    errors = [error for future in futures if (error := future.exception())]
    taken = [error for error in errors if isinstance(error, PortTakenError)]
    bugs = [error for error in errors if not isinstance(error, DeploymentError)]
    failures = [error for error in errors if not isinstance(error, CancelledError)]
    for error in (*bugs, *taken):
        raise error
    if len(failures) == 1:
        raise failures[0]
    if failures:
        raise DeploymentError("\n".join(str(error) for error in failures))


def _watch(plan: Plan, service: PlannedService, waiting: Wait) -> str:
    """Return which probe `service` passed."""

    def probe() -> str:
        state = _running(plan, service)
        if listens(state.pid, service.port) is False:  # an answer there would be another program's
            raise NotYetError(f"none of its processes listens on port {service.port}")
        return check_ready(service.url)

    return waiting.until(service.name, probe, lambda: _tail(plan, service.log))


def _running(plan: Plan, service: PlannedService) -> ServiceState:
    """Return the state of `service` while its process runs.

    Raises:
        NotYetError: it is not started yet.
        NotReadyError: it has ended, could not be started, or its supervisor is gone.
        PortTakenError: it has ended because its port was in use.
    """
    record = read_record(plan.folder)
    if record is None or record.marker != plan.marker:
        raise NotReadyError(service.name, "its supervisor is gone", tail(plan.folder / SUPERVISOR_LOG))
    state = record.services.get(service.name)
    if state is None:
        raise NotYetError("not started yet")
    if state.error:
        raise NotReadyError(service.name, f"could not be started: {state.error}", _tail(plan, service.log))
    if state.exit is not None:
        raise _ended(plan, service, state.exit)
    return state


def _ended(plan: Plan, service: PlannedService, status: int) -> DeploymentError:
    lines = _tail(plan, service.log)
    said = "\n".join(lines).lower()
    if any(words in said for words in _IN_USE) or not is_free(service.port):
        return PortTakenError(f"{service.name}: port {service.port} was taken by another program.")
    how = f"was killed by signal {-status}" if status < 0 else f"ended with exit code {status}"
    return NotReadyError(service.name, f"{how} before it was ready", lines)


def _tail(plan: Plan, log: Path) -> tuple[str, ...]:
    return tail(log, hide=plan.jwt_secret)
