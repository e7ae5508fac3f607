"""What the gate asks: one item for each check of each service, known before anything is built."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pytest_superteam.models import Architecture, CheckResult, Outcome, Severity, Violation

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from pytest_superteam.checks.base import Check
    from pytest_superteam.config import Config
    from pytest_superteam.pipeline.adopt import Adopted
    from pytest_superteam.scanners.base import Rule, Scanner

__all__ = ["LAYER_MODULES", "SYSTEM", "GateItem", "outcome_of", "plan_items"]

SYSTEM = "system"
"""Stands for the service in items that look at all services together."""

LAYER_MODULES = {
    1: "test_layer1_service.py",
    2: "test_layer2_contract.py",
    3: "test_layer3_system.py",
    4: "test_layer4_adversarial.py",
}

BUILD, OWN_TESTS, CONVERGENCE = "BUILD-001", "TEST-001", "CONVERGENCE-001"
CONFORMANCE, PACT = "SCHEMA-001", "PACT-001"


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
    system: Architecture,
    scanners: Sequence[Scanner],
    checks: Sequence[Check],
    config: Config,
    adopted: Adopted | None = None,
) -> tuple[GateItem, ...]:
    """Return all gate items of a system, by layer, then service; of an adopted one those that read its source."""
    items = [*_scans(system, scanners, config, adopted.rest if adopted else "")]
    if adopted is None:
        items += [*_layer1(system), *_layer2(system, checks)]
    order = {service.name: index for index, service in enumerate(system.services)}
    return tuple(sorted(items, key=lambda item: (item.layer, order.get(item.service, len(order)))))


def _layer1(system: Architecture) -> Iterator[GateItem]:
    for service in system.services:
        for test, code in (("test_builds", BUILD), ("test_own_tests", OWN_TESTS), ("test_converges", CONVERGENCE)):
            yield GateItem(1, test, service.name, code, Severity.ERROR, service.name, blocking=True)


def _layer2(system: Architecture, checks: Sequence[Check]) -> Iterator[GateItem]:
    for operation in system.operations:
        name = f"{operation.service}-{operation.id}"
        yield GateItem(
            2,
            "test_conformance",
            name,
            CONFORMANCE,
            Severity.ERROR,
            operation.service,
            blocking=True,
            subject=operation.id,
        )
    for consumer, provider in system.pairs:
        name = f"{consumer}-{provider}"
        yield GateItem(2, "test_pact", name, PACT, Severity.ERROR, consumer, blocking=True, subject=provider)
    for check in checks:
        for service in system.services:
            name = f"{service.name}-{check.code}"
            yield GateItem(2, "test_check", name, check.code, check.severity, service.name, blocking=True)


EVERYWHERE = frozenset({"text", "docker", "compose"})
"""Languages of the rules that look at what lies in no service's folder too."""


def _scans(system: Architecture, scanners: Sequence[Scanner], config: Config, rest: str) -> Iterator[GateItem]:
    rules: list[Rule] = [rule for scanner in scanners for rule in scanner.codes]
    for rule in rules:
        names = [SYSTEM] if rule.scope == "system" else [service.name for service in system.services]
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
    """Return how an item ended: layers 1 and 2 block by nature, layer 3 from `blocking` up, layer 4 never."""
    if result.error:
        return Outcome.ERROR
    if result.skipped:
        return Outcome.SKIPPED
    found = active(result)
    if not found:
        return Outcome.PASSED
    if item.layer <= 2 or (item.layer == 3 and any(violation.severity.at_least(blocking) for violation in found)):
        return Outcome.FAILED
    return Outcome.ADVISORY
