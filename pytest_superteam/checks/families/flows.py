"""Sequences of steps across services: `test_flow[<service>-<entity>-<what happens>]`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_superteam.checks.base import CheckItem, Family
from pytest_superteam.models import CheckResult, Rule, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytest_superteam.checks.base import Planning, RunningSystem

__all__ = ["FAMILY"]

LAWFUL = Rule(
    id="FLOW-001",
    name="Lawful sequence of steps fails",
    severity=Severity.ERROR,
    category="behaviour",
    layer=2,
    languages=(),
    help="Follow the numbered steps and mend the service whose answer is not what the step before it led to.",
    what="A sequence that the contracts, the service map and the state machines allow (create, read back, list, "
    "filter, page, change, move through the states, delete) that is refused or leads to something else.",
    why="Each operation may keep its contract alone while what was stored is lost, stale or invisible to the next one.",
)
ILLEGAL = Rule(
    id="FLOW-002",
    name="Illegal step accepted",
    severity=Severity.ERROR,
    category="behaviour",
    layer=2,
    languages=(),
    help="Refuse the step with the status that the contract documents for it, and leave the row as it was.",
    what="A move that the state machine does not have, a reference to a row that does not exist, a second row with a "
    "unique value, or a wrong password that is not refused.",
    why="What must not happen will be tried, by mistake or on purpose, and leaves data that nothing else can handle.",
)


def _plan(planning: Planning) -> Iterator[CheckItem]:
    from pytest_superteam.checks.flows.planning import plan_flows

    for flow in plan_flows(planning.architecture):
        rule = ILLEGAL if flow.illegal else LAWFUL
        severity = Severity.WARNING if planning.found else rule.severity
        yield CheckItem(flow.service, flow.name, rule.id, severity, subject=flow.name)


def _check(system: RunningSystem, item: CheckItem) -> CheckResult:
    from pytest_superteam.checks.flows.execution import run_flow

    return run_flow(system, item.subject)


FAMILY = Family("test_flow", (LAWFUL, ILLEGAL), _plan, _check)
