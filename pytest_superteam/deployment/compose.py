"""The composed deployment: images from Dockerfiles, containers on a Docker engine, a gateway in front."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import TYPE_CHECKING

from pytest_superteam.deployment.supervisor import start_token
from pytest_superteam.errors import DeploymentError, FinalDeploymentError

if TYPE_CHECKING:
    from pathlib import Path

    from pytest_superteam.deployment.base import DeployRequest
    from pytest_superteam.models import Deployment

__all__ = ["DEPLOYER", "ComposeDeployer"]


class ComposeDeployer:
    """Runs the system by Docker Compose, as it would be deployed.

    In the folder of the request: the generated files, `compose.json` (what runs and for whom; holds the secrets),
    `deployment.json` and `readiness.json` as the process deployment has them, `logs/<service>.log` and `telemetry/`
    (followed while it runs), `build.log`, `compose.log`, and `timings.json` (seconds of each step).
    """

    name = "compose"

    def deploy(self, request: DeployRequest) -> Deployment:
        """Build and start everything and return when all of it is healthy and answers through the gateway.

        A deployment of this folder that was left running is taken over where it is made of the same; it stays up then.

        Raises:
            FinalDeploymentError: there is no engine, an image can't be built or pulled, a file is refused.
            DeploymentError: a service did not come up; the message ends with the last lines of its log. Nothing is left
                running.
        """
        from pytest_superteam.deployment.composed.engine import Engine
        from pytest_superteam.deployment.composed.record import forget_compose, read_compose_record
        from pytest_superteam.deployment.composed.sweeping import sweep_dead
        from pytest_superteam.deployment.composed.takedown import take_down

        request = replace(request, folder=request.folder.resolve())
        _claim(request)
        with ThreadPoolExecutor(1) as pool:  # the engine answers while libraries are loaded
            asked = pool.submit(Engine.find)
            from pytest_superteam.deployment.composed.inputs import inputs_of
            from pytest_superteam.deployment.composed.life import Life  # needs the extra `compose`
        try:
            engine = asked.result()
        except FinalDeploymentError as error:
            raise FinalDeploymentError(f"deploy: compose: {error}") from None
        sweep_dead(engine.environment)
        # Whether it is kept is no part of what it is made of.
        settings = replace(request.settings, keep_up=False)
        life = Life(request, engine, inputs_of(replace(request, settings=settings)))
        record = read_compose_record(request.folder)
        if record and not record.here:  # the folder came from another machine, which takes care of its own
            forget_compose(request.folder)
            record = None
        if record and record.kept and (taken := life.take_over(record)):
            return taken
        if record and not take_down(request.folder, engine.environment):
            raise DeploymentError(
                f"deploy: compose: what {record.plan.project!r} has left could not be removed. Try "
                f"`docker compose -p {record.plan.project} down --volumes`."
            )
        return life.bring_up()

    def teardown(self, folder: Path) -> None:
        """Remove what was deployed into `folder`, from any process; what is kept goes on without us.

        Idempotent. Where the engine does not answer, the record stays and the next start tries again.
        """
        from pytest_superteam.deployment.composed.takedown import release

        release(folder)


DEPLOYER = ComposeDeployer()


def _claim(request: DeployRequest) -> None:
    """Make sure that the folder is this run's."""
    from pytest_superteam.deployment.cleanup import sweep, teardown
    from pytest_superteam.deployment.composed.record import read_compose_record
    from pytest_superteam.deployment.records import read_record

    if os.name != "posix":
        raise DeploymentError("The composed deployment needs process groups, which this system lacks. Run it in WSL.")
    if not start_token(request.owner_pid):
        raise DeploymentError(f"The owner of the deployment, process {request.owner_pid}, is not running.")
    for record in (read_record(request.folder), read_compose_record(request.folder)):
        if record and record.live and record.run_id != request.run_id:
            raise DeploymentError(f"{request.folder}: run {record.run_id!r} is still using it. Let it end first.")
    processes = read_record(request.folder)
    if processes and processes.live:
        teardown(request.folder)
    sweep(request.folder)
