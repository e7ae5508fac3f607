"""The life of a composed system: made, built, started, watched, taken over; and taken down when that fails."""

from __future__ import annotations

import json
import secrets
import shutil
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from pytest_superteam.deployment.composed.building import build_images, pull_images
from pytest_superteam.deployment.composed.owner import Owner, labels_for
from pytest_superteam.deployment.composed.project import LOG, ComposeProject, project_of, read_config
from pytest_superteam.deployment.composed.publishing import Addresses, publish_widely
from pytest_superteam.deployment.composed.record import ComposeRecord, save_compose_record
from pytest_superteam.deployment.composed.starting import Starting
from pytest_superteam.deployment.composed.states import containers_of, keep_logs
from pytest_superteam.deployment.composed.supervision import LOGS, ComposeSupervision, log_name, log_names
from pytest_superteam.deployment.composed.takedown import end_supervision, take_down
from pytest_superteam.deployment.launch import start_supervisor
from pytest_superteam.deployment.plan import TELEMETRY
from pytest_superteam.deployment.records import READINESS, save_deployment
from pytest_superteam.deployment.supervisor import write_private
from pytest_superteam.errors import DeploymentError
from pytest_superteam.models import Deployment, RunningService

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from pytest_superteam.deployment.base import DeployRequest
    from pytest_superteam.deployment.composed.engine import Engine
    from pytest_superteam.deployment.composed.plan import ComposePlan
    from pytest_superteam.deployment.composed.states import Container

__all__ = ["KIND", "TIMINGS", "Life"]

KIND = "compose"
TIMINGS = "timings.json"
"""Seconds that each step of the deployment took."""
_TAKE_OVER_SECONDS = 10.0
_POLL_SECONDS = 0.5


@dataclass
class Life:
    """One deployment by `request` on `engine`. `inputs` says what it is made of."""

    request: DeployRequest
    engine: Engine
    inputs: str
    timings: dict[str, float] = field(default_factory=dict)

    def bring_up(self) -> Deployment:
        """Make, build and start the system, and return when all of it answers.

        Raises:
            DeploymentError: something of it did not come up. Nothing is left but the logs.
        """
        request = self.request
        _fresh_folders(request)
        try:
            with self._timed("generate"):
                plan = self._plan()
                record = self._recorded(plan)
            with self._timed("supervise"), ThreadPoolExecutor(1) as pool:
                reading = pool.submit(_config, plan)  # Compose reads its files meanwhile
                start_supervisor(ComposeSupervision(record, self.engine.environment))
                config = reading.result()
            project = self._project(record)
            hide = (*plan.secrets, plan.jwt_secret)
            with self._timed("build"):
                build_images(project, config, request, hide)
            with self._timed("pull"):
                pull_images(project, config, request)
            return self._started(project, record)
        except BaseException:  # Ctrl-C as well
            self._keep_logs()
            take_down(request.folder, self.engine.environment)
            raise

    def take_over(self, record: ComposeRecord) -> Deployment | None:
        """Return the deployment that was left running, as this run's; None where not all of it runs as it did.

        Nothing is built or started; only who follows the logs is new.
        """
        if record.plan.inputs != self.inputs:
            return None
        containers = self._settled(record)
        if not containers:
            return None
        _fresh_folders(self.request)
        marker = secrets.token_hex(8)
        owner = Owner.of(self.request.owner_pid)
        taken = replace(record, run_id=self.request.run_id, owner=owner, marker=marker, command=(0, ""))
        starting = self._starting(project_of(record.plan, self.engine.environment), record.plan)
        try:
            with self._timed("ready"):
                addresses = self._addresses(record.plan, containers)
                readiness = replace(starting, ready_timeout=_TAKE_OVER_SECONDS).ready(addresses)
        except DeploymentError:
            return None
        save_compose_record(taken)
        start_supervisor(ComposeSupervision(taken, self.engine.environment, since=f"{time.time():.3f}"))
        self.request.say(f"took over what runs already ({record.plan.project}): nothing of it has changed")
        return self._done(taken, addresses, readiness)

    # ------------------------------------------------------------ steps

    def _plan(self) -> ComposePlan:
        """Return what there is to start; its files are written."""
        request, labels = self.request, labels_for(self.request, self.inputs)
        if request.found is not None:
            from pytest_superteam.deployment.composed.found import check_compose, generate_found, read_found

            check_compose(self.engine.compose)
            plan = generate_found(request, labels, read_found(request, read_config))
        else:
            from pytest_superteam.deployment.composed.generate import generate

            plan = generate(request, labels)
        plan = replace(plan, inputs=self.inputs)
        if self.engine.remote:
            plan = publish_widely(plan, _config(plan), self.engine, request.say)
        return plan

    def _settled(self, record: ComposeRecord) -> tuple[Container, ...]:
        """Return the containers of what was kept, once all that ran does; () where something of it has ended."""
        end = time.monotonic() + _TAKE_OVER_SECONDS
        while True:
            containers = containers_of(record.plan.project, self.engine.environment)
            if _running(containers) == record.containers:
                return containers
            if not any(c.delay for c in containers) or time.monotonic() >= end:  # one was started again just now
                return ()
            time.sleep(_POLL_SECONDS)

    def _recorded(self, plan: ComposePlan) -> ComposeRecord:
        """Write down what is about to be started, so that whoever comes later can take it down."""
        owner = Owner.of(self.request.owner_pid)
        record = ComposeRecord(self.request.run_id, owner, secrets.token_hex(8), plan)
        save_compose_record(record)
        return record

    def _project(self, record: ComposeRecord) -> ComposeProject:
        """Return the compose project; each command of it is in the record while it runs."""
        project = project_of(record.plan, self.engine.environment)

        def note(pid: int, start: str) -> None:
            save_compose_record(replace(record, command=(pid, start)))

        project.started = note
        return project

    def _started(self, project: ComposeProject, record: ComposeRecord) -> Deployment:
        plan = record.plan
        starting = self._starting(project, plan)
        self.request.say("starting the containers")
        with self._timed("start"):
            containers = starting.up()
        with self._timed("ready"):
            addresses = self._addresses(plan, containers)
            readiness = starting.ready(addresses)
            containers = starting.settled()
        done = replace(record, containers=_running(containers), kept=self.request.settings.keep_up)
        save_compose_record(done)
        return self._done(done, addresses, readiness)

    def _done(self, record: ComposeRecord, addresses: Addresses, readiness: Mapping[str, str]) -> Deployment:
        folder, plan = record.plan.folder, record.plan
        services = tuple(
            RunningService(service.name, addresses.url(service), folder / LOGS / log_name(service.name))
            for service in plan.services
        )
        deployment = Deployment(
            KIND,
            self.request.run_id,
            services,
            jwt_secret=plan.jwt_secret,
            telemetry=folder / TELEMETRY if plan.collector else None,
            gateway=addresses.gateway,
            published=addresses.published,
            project=plan.project,
            stop=f"docker compose -p {plan.project} down --volumes --rmi local" if record.kept else "",
            engine_host=self.engine.host if self.engine.remote else "",
        )
        write_private(folder / READINESS, json.dumps(dict(readiness), indent=1, sort_keys=True))
        write_private(folder / TIMINGS, json.dumps(self.timings, indent=1))
        save_deployment(deployment, folder)
        return deployment

    # ------------------------------------------------------------ parts

    def _starting(self, project: ComposeProject, plan: ComposePlan) -> Starting:
        return Starting(project, plan, self.request.ready_timeout, self.request.say)

    def _addresses(self, plan: ComposePlan, containers: tuple[Container, ...]) -> Addresses:
        return Addresses(plan, containers, self.engine.host)

    def _keep_logs(self) -> None:
        """Write the whole log of each container, for whoever reads the error: followers may not have come so far."""
        from pytest_superteam.deployment.composed.record import read_compose_record

        record = read_compose_record(self.request.folder)
        if record is None:
            return
        with suppress(DeploymentError, OSError):
            keep_logs(record.plan.project, record.plan.folder / LOGS, log_names(record), self.engine.environment)

    @contextmanager
    def _timed(self, name: str) -> Iterator[None]:
        began = time.monotonic()
        try:
            yield
        finally:
            self.timings[name] = round(self.timings.get(name, 0.0) + time.monotonic() - began, 3)


def _running(containers: tuple[Container, ...]) -> tuple[str, ...]:
    return tuple(sorted({c.service for c in containers if c.settled}))


def _config(plan: ComposePlan) -> dict[str, Any]:
    return read_config(plan.files, plan.directory, plan.profiles, project=plan.project, env_file=plan.env_file)


def _fresh_folders(request: DeployRequest) -> None:
    """Empty the logs of earlier deployments. A link is removed, never followed."""
    end_supervision(request.folder)
    folder = request.folder.resolve()
    folder.mkdir(parents=True, exist_ok=True)
    for name in (LOGS, TELEMETRY):
        path = folder / name
        if path.is_symlink() or path.is_file():
            path.unlink()
        elif path.exists():
            shutil.rmtree(path)
        path.mkdir(mode=0o700)
    for name in (LOG, "build.log", "ending.log", "following.log", TIMINGS):
        (folder / name).unlink(missing_ok=True)
