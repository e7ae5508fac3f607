"""What the gate asks: one item for each check of each service, known before anything is built."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pytest_superteam.models import SYSTEM, Architecture, CheckResult, Outcome, Severity, Violation

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from pytest_superteam.checks.base import Check, Planning
    from pytest_superteam.config import Config
    from pytest_superteam.pipeline.adopt import Adopted
    from pytest_superteam.scanners.base import Rule, Scanner

__all__ = ["LAYER_MODULES", "SYSTEM", "GateItem", "outcome_of", "plan_items"]

LAYER_MODULES = {
    1: "test_layer1_service.py",
    2: "test_layer2_contract.py",
    3: "test_layer3_system.py",
    4: "test_layer4_adversarial.py",
}

BUILD, OWN_TESTS, CONVERGENCE = "BUILD-001", "TEST-001", "CONVERGENCE-001"
PROJECT_CHECK = "test_check"
"""The function of layer 2 that carries the checks of the project."""


@dataclass(frozen=True)
class GateItem:
    """One check of one service. `subject` is what it looks at within the service: an operation, a provider."""

    layer: int
    test: str
    """Name of the test function that carries it."""
    param: str
    """What stands between the brackets of its id."""
    code: str
    severity: Severity
    service: str
    blocking: bool
    subject: str = ""

    @property
    def key(self) -> str:
        """Return the end of its node id, which names it in the store."""
        return f"layer{self.layer}::{self.test}[{self.param}]"


def plan_items(
    planning: Planning,
    scanners: Sequence[Scanner],
    checks: Sequence[Check],
    adopted: Adopted | None = None,
    asked: Architecture | None = None,
) -> tuple[GateItem, ...]:
    """Return all gate items of a system, by layer, then service.

    Of an adopted one these are those that read its source, those that run its own tests, and those that call it as far
    as its contracts are known; with `asked` also those that compare it with what was asked for.
    """
    system = planning.architecture
    readable = [s.name for s in system.services if adopted is None or s.name in adopted.services]
    items = [*_scans(readable, scanners, planning.config, adopted.rest if adopted else "")]
    items += _layer1(system) if adopted is None else _layer1_of_found(adopted, asked)
    called = [s.name for s in system.services if adopted is None or s.name in {*system.contracts, *adopted.running}]
    if called:
        items += _layer2(planning, checks, called)
    order = {service.name: index for index, service in enumerate(system.services)}
    return tuple(sorted(items, key=lambda item: (item.layer, order.get(item.service, len(order)))))


def _layer1(system: Architecture) -> Iterator[GateItem]:
    for service in system.services:
        for test, code in (("test_builds", BUILD), ("test_own_tests", OWN_TESTS), ("test_converges", CONVERGENCE)):
            yield GateItem(1, test, service.name, code, Severity.ERROR, service.name, blocking=True)


def _layer1_of_found(adopted: Adopted, asked: Architecture | None) -> Iterator[GateItem]:
    """Yield the items of services that were there before us: no builder made them, so they may lack tests."""
    for name in adopted.services:
        for test, code in (("test_builds", BUILD), ("test_own_tests", OWN_TESTS)):
            yield GateItem(1, test, name, code, Severity.ERROR, name, blocking=True)
    for service in asked.services if asked is not None else ():
        yield GateItem(1, "test_converges", service.name, CONVERGENCE, Severity.ERROR, service.name, blocking=True)


def _layer2(planning: Planning, checks: Sequence[Check], called: Sequence[str]) -> Iterator[GateItem]:
    from pytest_superteam.checks.registry import builtin_families

    for family in builtin_families():
        for item in family.plan(planning):
            yield GateItem(
                2,
                family.test,
                item.param,
                item.code,
                item.severity,
                item.service,
                blocking=item.severity.at_least(Severity.ERROR),
                subject=item.subject,
            )
    for check in checks:
        for service in called:
            blocking = check.severity.at_least(Severity.ERROR)
            name = f"{service}-{check.code}"
            yield GateItem(2, PROJECT_CHECK, name, check.code, check.severity, service, blocking=blocking)


EVERYWHERE = frozenset({"text", "docker", "compose"})
"""Languages of the rules that look at what lies in no service's folder too."""


def _scans(services: Sequence[str], scanners: Sequence[Scanner], config: Config, rest: str) -> Iterator[GateItem]:
    rules: list[Rule] = [rule for scanner in scanners for rule in scanner.codes]
    for rule in rules:
        names = [SYSTEM] * bool(services) if rule.scope == "system" else list(services)
        if rest and rule.scope == "service" and EVERYWHERE.intersection(rule.languages):
            names.append(rest)
        test = "test_scan" if rule.layer == 3 else "test_review"
        blocking = rule.layer == 3 and rule.severity.at_least(config.gate.blocking_severity)
        for name in names:
            yield GateItem(rule.layer, test, f"{name}-{rule.id}", rule.id, rule.severity, name, blocking=blocking)


def active(result: CheckResult) -> tuple[Violation, ...]:
    """Return the violations that nothing excuses."""
    return tuple(violation for violation in result.violations if not violation.suppressed_by)


def outcome_of(item: GateItem, result: CheckResult, blocking: Severity) -> Outcome:
    """Return how an item ended: layers 1 and 2 block from `error` up, 3 from `blocking` up, 4 never."""
    if result.error:
        return Outcome.ERROR
    if result.skipped:
        return Outcome.SKIPPED
    found = active(result)
    if not found:
        return Outcome.PASSED
    threshold = {1: Severity.ERROR, 2: Severity.ERROR, 3: blocking}.get(item.layer)
    if threshold is not None and any(violation.severity.at_least(threshold) for violation in found):
        return Outcome.FAILED
    return Outcome.ADVISORY
