"""One planned flow, walked through on the running system."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from pytest_superteam.checks.boundary.placing import placed
from pytest_superteam.checks.exchanges import Exchanges
from pytest_superteam.checks.flows.accounts import account
from pytest_superteam.checks.flows.design import Design
from pytest_superteam.checks.flows.planning import plan_flows
from pytest_superteam.checks.flows.records import crud, duplicate, unknown_reference
from pytest_superteam.checks.flows.states import illegal_moves, lifecycle
from pytest_superteam.checks.flows.story import LAWFUL, BrokenFlowError, OutOfReachError, Story
from pytest_superteam.checks.flows.told import told
from pytest_superteam.checks.flows.world import World
from pytest_superteam.errors import CheckError
from pytest_superteam.models import CheckResult, Severity

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pytest_superteam.checks.base import RunningSystem
    from pytest_superteam.checks.flows.planning import Flow

__all__ = ["run_flow"]


def run_flow(system: RunningSystem, name: str) -> CheckResult:
    """Walk through the flow called `name`.

    Raises:
        CheckError: a row or token that the flow needs could not be had, or it was not over in time.
    """
    if "flows" not in system.memory:
        system.memory["flows"] = Design(system.architecture), {f.name: f for f in plan_flows(system.architecture)}
    design, planned = system.memory["flows"]
    flow: Flow = planned[name]
    system.url(flow.service)
    with Exchanges(system.config.timeouts.request) as exchanges:
        story = Story(flow.service, exchanges)
        try:
            _walk(World(system, design, story, _tokens(system, design, flow, story)), flow)
        except BrokenFlowError:
            pass  # what is wrong is told
        except (OutOfReachError, CheckError) as error:
            if not story.findings and system.found:
                return CheckResult(skipped=f"{flow.name} could not be tried on a system that was found: {error}")
            if not story.findings:
                raise
    made = f"{len(exchanges.made)} calls, {len(story.findings)} of them wrong" if story.findings else _calls(exchanges)
    if not exchanges.made:
        raise CheckError(f"The flow {flow.name} made no call: its contracts make no step of it possible.")
    violations = placed(system, story.findings)
    if system.found:  # what its operations are for is what we read out of its contract
        violations = tuple(replace(violation, severity=Severity.WARNING) for violation in violations)
    return CheckResult(violations=violations, detail=f"{flow.name}: {made}")


def _calls(exchanges: Exchanges) -> str:
    return f"{len(exchanges.made)} calls, as the contracts and the service map say"


def _tokens(system: RunningSystem, design: Design, flow: Flow, story: Story) -> Mapping[str, str]:
    """Return the shared tokens, or those of a new user where rows belong to somebody."""
    owned = any(e.owner_field for e in system.architecture.entities) and flow.kind not in {"account", "unknown"}
    if not owned or not system.deployment.jwt_secret:
        return system.tokens
    from pytest_superteam.checks.callers.auth import obtain_tokens

    if design.account:
        story.opening = f"0. register and log in a new {design.account}; further roles are signed for the same one"
    return obtain_tokens(system.architecture, system.deployment)


def _walk(world: World, flow: Flow) -> None:
    entity = world.design.named(flow.entity)
    if flow.kind == "account":
        account(world, flow.entity)
    elif entity is None:
        raise CheckError(f"There is no entity {flow.entity!r}.")
    elif flow.kind == "told":
        about = world.design.named(flow.about)
        told(world, entity, about or entity)
    elif flow.kind == "unknown":
        unknown_reference(world, entity, flow.about)
    else:
        {"crud": crud, "duplicate": duplicate, "lifecycle": lifecycle, "illegal-moves": illegal_moves}[flow.kind](
            world, entity
        )
    if not world.story.titles:
        world.story.wrong(LAWFUL, f"{flow.name} had no step to make.")
