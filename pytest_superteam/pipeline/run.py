"""One run over one PRD: its phases, each done once for all processes, and what they hand to each other."""

from __future__ import annotations

import contextlib
import hashlib
import json
import shutil
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

from pytest_superteam.atomic import write_atomically
from pytest_superteam.builders.run import BuildPlan, build_services, check_output, load_builds
from pytest_superteam.deployment.base import Deployer, DeployRequest
from pytest_superteam.errors import CheckError, DeploymentError, FinalDeploymentError, GateError, UsageError
from pytest_superteam.pipeline.machine import Facts, Pipeline
from pytest_superteam.pipeline.placing import GIVEN, NONE, PROCESS, Place
from pytest_superteam.pipeline.plugged import Plugged, choose
from pytest_superteam.pipeline.state.store import Store

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from pytest_superteam.architect.document.prd import Prd
    from pytest_superteam.builders.base import Builder
    from pytest_superteam.checks.base import RunningSystem
    from pytest_superteam.config import Config
    from pytest_superteam.models import Architecture, BuildResult, Deployment
    from pytest_superteam.pipeline.adopt import Adopted
    from pytest_superteam.pipeline.files import Layout

__all__ = ["Run"]


@dataclass
class Run:
    """What every process of a run shares. `owner_pid` is the process that tears everything down at the end."""

    id: str
    owner_pid: int
    layout: Layout
    config: Config
    prd: Prd
    architecture: Architecture
    plugged: Plugged
    adopted: Adopted | None = None
    """The system as it was found, where nothing is built."""
    asked: Architecture | None = None
    """What requirements ask of a system that is there, where it is compared with them."""
    place: Place = PROCESS
    """Where the system runs."""
    memory: dict[str, Any] = field(default_factory=dict, repr=False)
    """What this process already knows of the run."""

    @cached_property
    def store(self) -> Store:
        """Return the run's memory on disk."""
        return Store(self.layout.store)

    @cached_property
    def builder(self) -> Builder:
        """Return the chosen builder."""
        return choose("builder", self.config.builder, self.plugged.builders())

    @cached_property
    def deployer(self) -> Deployer:
        """Return the chosen deployment."""
        return choose("deploy", self.place.name, self.plugged.deployers())

    @property
    def starts(self) -> bool:
        """Return whether this run starts the system, and takes it down again."""
        return self.place.name not in {NONE, GIVEN}

    @contextlib.contextmanager
    def lock(self, name: str) -> Iterator[None]:
        """Hold the lock `name` of this run against its other processes; a process that dies lets go of it."""
        from filelock import FileLock  # not needed to collect

        digest = hashlib.sha256(name.encode()).hexdigest()[:20]
        folder = self.layout.locks / self.id
        folder.mkdir(parents=True, exist_ok=True)
        with FileLock(folder / f"{digest}.lock"):
            yield

    # ------------------------------------------------------------ states

    def advance(self, trigger: str, **facts: Any) -> None:
        """Fire a transition of the state machine where it leaves the run's present state."""
        with self.lock("state"):
            record = lambda name, source, target: self.store.record_transition(self.id, name, source, target)  # noqa: E731
            pipeline = Pipeline(self.store.state(self.id), record, Facts(**facts))
            if pipeline.may(trigger):
                pipeline.fire(trigger)

    def phase(self, name: str, work: Callable[[], Any]) -> None:
        """Do the work of a phase once in this run, whichever process comes first.

        Raises:
            GateError: the phase failed, here or in the process that did it.
        """
        with self.lock(f"phase-{name}"):
            known = self.store.phase(self.id, name)
            if known and known.status == "failed":
                raise GateError(known.error)
            if known and known.status == "done":
                return
            self.store.start_phase(self.id, name)
            self.plugged.phase(name, "started")
            try:
                work()
            except BaseException as error:
                self.store.end_phase(self.id, name, str(error) or type(error).__name__)
                self.plugged.phase(name, "failed")
                raise
            self.store.end_phase(self.id, name)
            self.plugged.phase(name, "done")

    # ------------------------------------------------------------ phases

    def pacts(self) -> dict[tuple[str, str], dict[str, Any]]:
        """Return the consumer expectations of the architecture, by (consumer, provider)."""
        if "pacts" not in self.memory:
            from pytest_superteam.contracts.pacts import consumer_pacts

            self.memory["pacts"] = consumer_pacts(self.architecture)
        found: dict[tuple[str, str], dict[str, Any]] = self.memory["pacts"]
        return found

    def register_contracts(self) -> None:
        """Check the contracts and write the consumer expectations beside them (phase `contracts`)."""

        def work() -> None:
            known = {f"{consumer}-{provider}.json" for consumer, provider in self.pacts()}
            for file in self.layout.pacts.glob("*.json"):
                if file.name not in known:
                    file.unlink()
            for (consumer, provider), pact in self.pacts().items():
                text = json.dumps(pact, indent=2, sort_keys=True) + "\n"
                write_atomically(self.layout.pacts / f"{consumer}-{provider}.json", text)
            self._write_contract_tests()

        self.phase("contracts", work)

    def _write_contract_tests(self) -> None:
        """Write the tests that anybody can run against a service of these contracts; the gate does not run them."""
        from pytest_superteam.contracts.testing.generate import generate_tests

        for service, contract in self.architecture.contracts.items():
            name = f"test_{service.replace('-', '_')}_contract.py"
            try:
                text = generate_tests(contract, service)
            except CheckError:  # what is wrong with the document, the items of its operations tell
                continue
            write_atomically(self.layout.contract_tests / name, text)

    def build_plan(self) -> BuildPlan:
        """Return what to build and where to."""
        return BuildPlan(
            architecture=self.architecture,
            builder=self.builder,
            output=self.layout.output,
            records=self.layout.builds,
            aside=self.layout.aside,
            pacts=self.pacts(),
            fresh=self.config.fresh,
            parallel=self.config.parallel,
            timeout=self.config.timeouts.build,
        )

    def check_output(self) -> None:
        """Refuse an output folder with files of others.

        Raises:
            UsageError: one line about the folder.
        """
        check_output(self.build_plan())

    def builds(self) -> dict[str, BuildResult]:
        """Return the built services by name, after building them if this run has not yet (phase `builders`)."""
        if self.adopted is not None:
            return self.adopted.builds()
        if "builds" not in self.memory:
            self.register_contracts()
            self.phase("builders", self._build)
            known = load_builds(self.layout.builds, self.layout.output)
            missing = [s.name for s in self.architecture.services if s.name not in known]
            if missing:
                raise GateError(f"the record of the build of '{missing[0]}' is gone from {self.layout.builds}.")
            self.memory["builds"] = {service.name: known[service.name] for service in self.architecture.services}
        found: dict[str, BuildResult] = self.memory["builds"]
        return found

    def _build(self) -> None:
        self.advance("contracts_ready", contracts_valid=True)
        try:
            results = build_services(self.build_plan())
        except UsageError as error:  # something was put there after the run began
            raise GateError(str(error)) from None
        self.advance("builders_done", a_builder_succeeded=any(result.success for result in results.values()))

    def deployment(self) -> Deployment:
        """Return the running system, after starting it if nobody has yet (phase `deployment`).

        Raises:
            DeploymentError: a service did not come up.
        """
        if self.place.name == NONE:
            raise DeploymentError(f"nothing of the system runs: {self.place.reason}.")
        if self.place.name == GIVEN and self.adopted is not None:
            return self._given(self.adopted)
        if "deployment" not in self.memory:
            self.builds()
            try:
                self.phase("deployment", self._deploy)
            except GateError as error:
                raise DeploymentError(str(error)) from None
            from pytest_superteam.deployment.records import load_deployment

            found = load_deployment(self.layout.deployment)
            if found is None or found.run_id != self.id:
                raise DeploymentError("the record of the deployment is gone.")
            self.memory["deployment"] = found
        return self._based(self.memory["deployment"])

    def _based(self, deployment: Deployment) -> Deployment:
        """Return a found system's deployment with what its contracts put before their paths."""
        bases: Mapping[str, str] = self.memory.get("bases", {})
        if self.adopted is None or not any(bases.values()):
            return deployment
        services = tuple(replace(s, url=s.url.rstrip("/") + bases.get(s.name, "")) for s in deployment.services)
        return replace(deployment, services=services)

    def not_run(self, service: str) -> str:
        """Return why nothing can call a service, though nothing is wrong with it; empty where something can.

        Raises:
            DeploymentError: the system did not come up.
        """
        if self.place.name == NONE:
            return self.place.reason
        if self.adopted is None or any(running.name == service for running in self.deployment().services):
            return ""
        if self.place.name == GIVEN:
            return f"where '{service}' answers is not known; --url {service}=http://... says it"
        return f"'{service}' listens nowhere in what the system's compose files start"

    def _given(self, adopted: Adopted) -> Deployment:
        """Return the system that runs already, once it answers (phase `deployment`); nothing of it is started."""
        if "deployment" not in self.memory:
            from pytest_superteam.pipeline.given import check_answers, given_deployment

            found = given_deployment(self.id, self.memory["addresses"], self.layout.deployment)
            try:
                self.phase("deployment", lambda: check_answers(found, adopted.running, self.config.timeouts.ready))
            except GateError as error:
                raise DeploymentError(str(error)) from None
            self.memory["deployment"] = found
        running: Deployment = self.memory["deployment"]
        return running

    def _deploy(self) -> None:
        from pytest_superteam.deployment.records import save_deployment

        self.advance("start_integration")
        built = tuple(result for result in self.builds().values() if result.success)
        if not built and self.adopted is None:
            raise DeploymentError("no service was built, so there is nothing to deploy.")
        request = DeployRequest(
            run_id=self.id,
            architecture=self.architecture,
            builds=built if self.adopted is None else (),
            folder=self.layout.deployment,
            owner_pid=self.owner_pid,
            ready_timeout=self.config.timeouts.ready,
            environment={},
            project=self.layout.project,
            settings=self.config.deployment,
            images_timeout=self.config.timeouts.images,
            found=self.adopted.found if self.adopted is not None else None,
            say=self.plugged.say,
        )
        save_deployment(self._patiently(request), self.layout.deployment)
        self.advance("integration_done")

    def _patiently(self, request: DeployRequest) -> Deployment:
        """Deploy, again if a service did not come up, as often as `retries` says."""
        from tenacity import Retrying, retry_if_exception, stop_after_attempt, wait_random_exponential

        retrying = Retrying(
            stop=stop_after_attempt(1 + self.config.retries),
            wait=wait_random_exponential(max=5),
            retry=retry_if_exception(_may_pass),
            reraise=True,
        )
        return retrying(self.deployer.deploy, request)

    def once(self, name: str, work: Callable[[], Any]) -> Any:
        """Return plain data that is worked out once in this run, by the first process that needs it."""
        if name not in self.memory:
            key = f"once::{name}"
            with self.lock(key):
                known = self.store.result(self.id, key)
                if known is None:
                    known = {"value": work()}
                    self.store.save_result(self.id, key, known)
            self.memory[name] = known["value"]
        return self.memory[name]

    def system(self) -> RunningSystem:
        """Return the running system as the checks see it.

        Raises:
            DeploymentError: a service did not come up.
        """
        if "system" not in self.memory:
            from pytest_superteam.checks.base import RunningSystem

            self.memory["system"] = RunningSystem(
                architecture=self.architecture,
                config=self.config,
                deployment=self.deployment(),
                project=self.layout.project,
                found=self.adopted is not None,
                sources={name: build.directory for name, build in self.builds().items()},
                pacts=self.pacts(),
                once=self.once,
                auth_token=self.auth_token,
            )
        running: RunningSystem = self.memory["system"]
        return running

    def auth_token(self) -> Any:
        """Return what the project's fixture `auth_token` gives; None where it has none, or no test can ask it."""
        ask = self.memory.get("auth_token")
        return ask() if ask is not None else None

    def enter_gate(self) -> None:
        """Bring the state machine to the quality gate, also where nothing had to be deployed for it."""
        if not self.memory.get("in_gate"):
            self.builds()
            self.advance("start_integration")
            self.advance("integration_done")
            self.memory["in_gate"] = True

    def finish(self, verdict: str) -> None:
        """Bring the state machine to its end and write down the verdict."""
        self.enter_gate()
        if verdict == "passed":
            self.advance("quality_passed", gate_passed=True)
        elif verdict == "failed":
            self.advance("fail")
        self.store.end_run(self.id, verdict)

    def phase_seconds(self) -> dict[str, float]:
        """Return how long each phase of this run took, in seconds."""
        done = {record.name: round(record.seconds, 3) for record in self.store.phases(self.id)}
        return {"architect": round(self.memory.get("architect_seconds", 0.0), 3), **done}

    def close(self) -> None:
        """Stop what was deployed and let go of the project; only the process that owns the run calls it, at the end."""
        self.store.close()
        if self.starts:
            self.deployer.teardown(self.layout.deployment)
        shutil.rmtree(self.layout.locks / self.id, ignore_errors=True)
        hold = self.memory.pop("hold", None)
        if hold is not None:
            hold.release()


def _may_pass(error: BaseException) -> bool:
    """Return whether deploying again may help."""
    return isinstance(error, DeploymentError) and not isinstance(error, FinalDeploymentError)
