"""The embedded deployment: a local process per service on a free loopback port, with its own SQLite file and log."""

from __future__ import annotations

import json
import os
import shutil
from typing import TYPE_CHECKING

from pytest_superteam.deployment.base import RestartError
from pytest_superteam.deployment.cleanup import sweep, teardown
from pytest_superteam.deployment.launch import PortTakenError, start_supervisor, wait_until_ready
from pytest_superteam.deployment.plan import TELEMETRY, Plan, make_plan, startable
from pytest_superteam.deployment.records import READINESS, load_deployment, read_record, save_deployment
from pytest_superteam.deployment.restarting import check_ours, plan_again, start_again
from pytest_superteam.deployment.supervisor import start_token, write_private
from pytest_superteam.errors import DeploymentError
from pytest_superteam.models import Deployment, RunningService

if TYPE_CHECKING:
    from collections.abc import Collection
    from pathlib import Path

    from pytest_superteam.deployment.base import DeployRequest

__all__ = ["DEPLOYER", "ProcessDeployer", "load_deployment", "save_deployment", "sweep", "teardown"]

PORT_RETRIES = 3
"""How often a system is started again, on other ports, because a port was taken in between."""


class ProcessDeployer:
    """Runs services as local processes below a supervisor that ends them with the owner of the run.

    In the folder of the request: `data/<service>/` (fresh each time), `logs/<service>.log`, `processes.json` (who
    runs), `deployment.json` (how to reach it; holds the secret), `readiness.json` (service -> probe that it passed).
    """

    name = "process"

    def deploy(self, request: DeployRequest) -> Deployment:
        """Start every service and return when all of them are ready; `deployment.json` is written then.

        Raises:
            DeploymentError: a service did not come up. Nothing is left running.
        """
        builds = startable(request)
        _claim(request)
        for retries_left in range(PORT_RETRIES, -1, -1):
            plan = make_plan(request, builds)
            try:
                return _attempt(plan, request.ready_timeout)
            except PortTakenError:
                if not retries_left:
                    raise
        raise AssertionError  # the last round returns or raises

    def restart(self, request: DeployRequest, services: Collection[str]) -> Deployment:
        """Take over the system of the request's owner and start `services` again, from their folders as they are now.

        They keep their addresses and get empty databases and logs; the secret stays, and everything else goes on. A
        service that has ended by itself is started again too.

        Raises:
            RestartError: there is nothing to take over, or it is not the system of the request. What the owner had
                running in the folder was stopped; what is another's was left alone.
            DeploymentError: a service did not come up again. Nothing is left running.
        """
        record = check_ours(request)
        try:
            plan = plan_again(request, startable(request), record)
            names = start_again(plan, services, record)
            request.say(_told(plan, names))
            return _come_up(plan, request.ready_timeout)
        except PortTakenError as error:
            teardown(request.folder)
            raise RestartError(str(error)) from None
        except BaseException:  # Ctrl-C as well
            teardown(request.folder)
            raise

    def teardown(self, folder: Path) -> None:
        """Stop what was deployed into `folder`; see `cleanup.teardown`."""
        teardown(folder)


DEPLOYER = ProcessDeployer()


def _told(plan: Plan, names: Collection[str]) -> str:
    again = ", ".join(service.name for service in plan.services if service.name in names)
    others = ", ".join(service.name for service in plan.services if service.name not in names)
    return "; ".join([f"starting again: {again}"] * bool(again) + [f"going on as before: {others}"] * bool(others))


def _claim(request: DeployRequest) -> None:
    """Make sure that the folder is this run's: take down its own earlier deployment, sweep what dead runs have left."""
    if os.name != "posix":
        raise DeploymentError("The process deployment needs process groups, which this system lacks. Use another one.")
    if not start_token(request.owner_pid):
        raise DeploymentError(f"The owner of the deployment, process {request.owner_pid}, is not running.")
    record = read_record(request.folder)
    if record and record.live and record.run_id != request.run_id:
        raise DeploymentError(
            f"{request.folder}: run {record.run_id!r} is still using it (process {record.owner[0]}). Let it end first."
        )
    if record and record.live:
        teardown(request.folder)
    sweep(request.folder)


def _attempt(plan: Plan, timeout: float) -> Deployment:
    _fresh_folders(plan)
    try:
        start_supervisor(plan)
        return _come_up(plan, timeout)
    except BaseException:  # Ctrl-C as well
        teardown(plan.folder)
        raise


def _come_up(plan: Plan, timeout: float) -> Deployment:
    readiness = wait_until_ready(plan, timeout)
    deployment = _deployment(plan)
    write_private(plan.folder / READINESS, json.dumps(readiness, indent=1, sort_keys=True))
    save_deployment(deployment, plan.folder)
    return deployment


def _fresh_folders(plan: Plan) -> None:
    """Empty the data of earlier deployments. A link is removed, never followed."""
    plan.folder.mkdir(parents=True, exist_ok=True)
    for name in ("data", "logs", TELEMETRY):
        folder = plan.folder / name
        if folder.is_symlink() or folder.is_file():
            folder.unlink()
        elif folder.exists():
            shutil.rmtree(folder)
        folder.mkdir()
    for service in plan.services:
        (plan.folder / "data" / service.name).mkdir()


def _deployment(plan: Plan) -> Deployment:
    record = read_record(plan.folder)
    pids = {name: state.pid for name, state in record.services.items()} if record else {}
    services = tuple(RunningService(s.name, s.url, s.log, pids.get(s.name, 0)) for s in plan.services)
    return Deployment(ProcessDeployer.name, plan.run_id, services, jwt_secret=plan.jwt_secret, telemetry=plan.telemetry)
