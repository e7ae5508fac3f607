"""One run over one PRD: its phases, each done once for all processes, and what they hand to each other."""

from __future__ import annotations

import contextlib
import json
import shutil
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

from pytest_superteam.atomic import write_atomically
from pytest_superteam.builders.placing import sites
from pytest_superteam.builders.run import check_output, load_builds
from pytest_superteam.deployment.base import Deployer, DeployRequest
from pytest_superteam.errors import (
    CheckError,
    DeploymentError,
    FinalDeploymentError,
    GateError,
    UsageError,
)
from pytest_superteam.pipeline.building import build, build_plan, builders_of
from pytest_superteam.pipeline.evidence import contracts_valid, integration_report_exists
from pytest_superteam.pipeline.fleet.children import end_children
from pytest_superteam.pipeline.machine import TERMINAL
from pytest_superteam.pipeline.placing import GIVEN, NONE, PROCESS, Place
from pytest_superteam.pipeline.plugged import choose
from pytest_superteam.pipeline.tracked import Tracked

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pytest_superteam.agents.site import Site
    from pytest_superteam.architect.document.prd import Prd
    from pytest_superteam.builders.base import Builder
    from pytest_superteam.checks.base import RunningSystem
    from pytest_superteam.models import Architecture, BuildResult, Deployment, GateReport
    from pytest_superteam.pipeline.adopt import Adopted
    from pytest_superteam.pipeline.fix.planning import FixPlan

__all__ = ["Run"]


@dataclass
class Run(Tracked):
    """What every process of a run shares."""

    prd: Prd
    architecture: Architecture
    adopted: Adopted | None = None
    """The system as it was found, where nothing is built."""
    asked: Architecture | None = None
    """What requirements ask of a system that is there, where it is compared with them."""
    site: Site | None = None
    """The folder of an agent at work, where the agent itself asks: what is there is gated as what it built."""
    place: Place = PROCESS
    """Where the system runs."""

    @cached_property
    def builders(self) -> tuple[Builder, ...]:
        """Return the builders that the settings name."""
        return builders_of(self)

    @cached_property
    def deployer(self) -> Deployer:
        """Return the chosen deployment."""
        return choose("deploy", self.place.name, self.plugged.deployers())

    @property
    def starts(self) -> bool:
        """Return whether this run starts the system, and takes it down again."""
        return self.place.name not in {NONE, GIVEN}

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

    def check_output(self) -> None:
        """Refuse an output folder with files of others.

        Raises:
            UsageError: one line about the folder.
        """
        check_output(build_plan(self))

    def builds(self) -> dict[str, BuildResult]:
        """Return the built services by name, after building them if this run has not yet (phase `builders`)."""
        if self.site is not None and "builds" not in self.memory:
            self.memory["builds"] = {self.site.service: self.site.build()}
        elif self.adopted is not None and self.site is None:
            return self.adopted.builds()
        if "builds" not in self.memory:
            self.register_contracts()
            self.phase("builders", self._build)
            self._mend()
            known = load_builds(self.layout.builds, self.layout.output)
            missing = [s.name for s in self.architecture.services if s.name not in known]
            if missing:
                raise GateError(f"the record of the build of '{missing[0]}' is gone from {self.layout.builds}.")
            self.memory["builds"] = {service.name: known[service.name] for service in self.architecture.services}
        found: dict[str, BuildResult] = self.memory["builds"]
        return found

    def _build(self) -> None:
        names = [service.name for service in self.architecture.services]
        self.advance("contracts_ready", contracts_valid=contracts_valid(self.layout, names))
        try:
            results = build(self)
        except UsageError as error:  # something was put there after the run began
            raise GateError(str(error)) from None
        self.refuse_stopped()
        self.advance("builders_done", at_least_one_builder_succeeded=any(result.success for result in results.values()))

    def _mend(self) -> None:
        """Make the fix attempt that the last gate has left, if it left one (phase `fix`)."""
        from pytest_superteam.pipeline.fixing import carry_over, mend

        def work() -> None:
            plan = self.planned_fix
            if plan is not None:
                mend(self, plan)
                carry_over(self, plan, self.memory["items"])

        if self.fixing:
            self.phase("fix", work)

    @cached_property
    def planned_fix(self) -> FixPlan | None:
        """Return the plan of the fix attempt that this session begins with; None where it begins with none."""
        from pytest_superteam.pipeline.fixing import due

        return due(self)

    @cached_property
    def fixing(self) -> bool:
        """Return whether this session begins with a fix attempt."""
        return self.store.phase(self.scope, "fix") is not None or self.planned_fix is not None

    @cached_property
    def carried(self) -> frozenset[str]:
        """Return the items whose results were carried over from the gate before the fix attempt of this session."""
        from pytest_superteam.pipeline.fixing import asked_again

        if not self.fixing:
            return frozenset()
        self.builds()
        return frozenset(asked_again(self)["carried"])

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
            if found is None or found.run_id != self.scope:
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

            found = given_deployment(self.scope, self.memory["addresses"], self.layout.deployment)
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
            run_id=self.scope,
            architecture=self.architecture,
            builds=built if self.adopted is None else (),
            folder=self.layout.deployment,
            owner_pid=self.keeper_pid or self.owner_pid,
            ready_timeout=self.config.timeouts.ready,
            environment={},
            project=self.layout.project,
            settings=self.config.deployment,
            images_timeout=self.config.timeouts.images,
            found=self.adopted.found if self.adopted is not None else None,
            say=lambda line: self.log.emit("phase", line, phase="deployment", state="progress"),
        )
        save_deployment(self._patiently(request), self.layout.deployment)
        self.advance("integration_done", integration_report_exists=integration_report_exists(self.layout, self.scope))

    def _patiently(self, request: DeployRequest) -> Deployment:
        """Deploy, again if a service did not come up, as often as `retries` says."""
        from tenacity import Retrying, retry_if_exception, stop_after_attempt, wait_random_exponential

        retrying = Retrying(
            stop=stop_after_attempt(1 + self.config.retries),
            wait=wait_random_exponential(max=5),
            retry=retry_if_exception(_may_pass),
            reraise=True,
        )
        return retrying(self._start, request)

    def _start(self, request: DeployRequest) -> Deployment:
        """Start the system; one that an earlier session of the fix loop has left running keeps what did not change."""
        if not self.fixing or not self.keeper_pid:
            return self.deployer.deploy(request)
        from pytest_superteam.deployment.again import deploy_again
        from pytest_superteam.pipeline.fixing import asked_again

        return deploy_again(self.deployer, request, asked_again(self)["changed"])

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
            deployed = self.store.phase(self.scope, "deployment") is not None
            report = not deployed or integration_report_exists(self.layout, self.scope)
            self.advance("integration_done", integration_report_exists=report)
            self.advance("fix_done")
            self.memory["in_gate"] = report

    @property
    def goes_on(self) -> bool:
        """Return whether another session of the fix loop follows, which takes the running system over."""
        return bool(self.keeper_pid and self.memory.get("fix_follows"))

    def fix(self, report: GateReport) -> GateReport:
        """Return a gate's report with its fix attempts; where another one is to be made, the run is in `fix_pass` then.

        It is not for sessions that were interrupted.
        """
        from pytest_superteam.pipeline.fix.limit import fix_limit
        from pytest_superteam.pipeline.fixing import fix_records, gated, plan_next

        if self.adopted is not None or not fix_limit(self.config):
            return report
        gated(self, report)
        end = plan_next(self, report)
        if not end:
            self.enter_gate()
            self.advance("quality_failed", fix_retries_remaining=True)
            self.memory["fix_follows"] = True
        attempts = fix_records(self).attempts()
        return replace(report, fixes=attempts, fix_end=end if attempts or report.verdict == "failed" else "")

    def finish(self, verdict: str, *, partial: bool) -> None:
        """Bring the state machine to its end and write down the verdict; a gate of which only a part ran is not over.

        It is not for sessions that were interrupted: their run stays where it is.
        """
        if self.memory.get("fix_follows"):
            self.log.emit("quality_gate", f"the gate {verdict}; a fix attempt follows", level="warning")
            self.store.update_run(self.id, verdict=verdict)
            return
        with contextlib.suppress(GateError):  # nothing was built, and the items say why
            self.enter_gate()
        level: Any = "success" if verdict == "passed" else "error"
        self.log.emit("quality_gate", f"the gate {verdict}", level=level, verdict=verdict, partial=partial)
        self.advance("quality_passed", all_layers_passed=verdict == "passed" and not partial)
        if verdict == "failed":
            self.advance("fail")
        if self.store.state(self.id) in TERMINAL:
            self.store.end_run(self.id, verdict)
        else:
            self.store.update_run(self.id, verdict=verdict)

    def close(self) -> None:
        """Stop what was deployed and let go of the project; only the process that owns the run calls it, at the end."""
        try:
            self.end_session()
            if self.starts and not self.goes_on:
                self.deployer.teardown(self.layout.deployment)
        finally:
            end_children(sites(self.layout.aside))
            self.store.close()
            shutil.rmtree(self.layout.locks / self.scope, ignore_errors=True)
            hold = self.memory.pop("hold", None)
            if hold is not None:
                hold.release()

    def end_session(self) -> None:
        """Write down that this session is over; it may be called twice."""
        from pytest_superteam.pipeline.beginning import end

        end(self)


def _may_pass(error: BaseException) -> bool:
    """Return whether deploying again may help."""
    return isinstance(error, DeploymentError) and not isinstance(error, FinalDeploymentError)
