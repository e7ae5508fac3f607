"""How findings on hops are told, and what is told where nothing could be tried."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_superteam.checks.tracing.choosing import triggers
from pytest_superteam.errors import CheckError
from pytest_superteam.models import CheckResult, Severity, Violation

if TYPE_CHECKING:
    from pytest_superteam.checks.base import RunningSystem
    from pytest_superteam.checks.tracing.records import Journey
    from pytest_superteam.models import Operation

__all__ = ["distinct", "excuse", "operation_of", "summary", "sure_triggers", "untried", "violation"]

_WIDTH = 24  # of the first column of a table


def operation_of(system: RunningSystem, journey: Journey) -> Operation | None:
    """Return the operation that `journey` called."""
    return next((o for o in system.architecture.operations_of(journey.service) if o.id == journey.operation), None)


def sure_triggers(system: RunningSystem, consumer: str, provider: str) -> set[str]:
    """Return the ids of the operations that have to ask the provider."""
    dependencies = [d for d in system.architecture.dependencies_of(consumer) if d.provider == provider]
    return {operation.id for d in dependencies for operation in triggers(system.architecture, d)}


def untried(system: RunningSystem, made: list[Journey], what: str) -> CheckResult:
    """Return why nothing could be tried, where the system gives no way.

    Raises:
        CheckError: a valid request was refused, though the contract is ours.
    """
    if not made:
        return CheckResult(skipped=f"no operation {what}")
    why = excuse(system, made)
    if why or system.found:
        return CheckResult(skipped=f"no request that {what} could be made: {why or made[0].problem}")
    raise CheckError(f"No request that {what} could be made: {made[0].problem}.")


def excuse(system: RunningSystem, made: list[Journey]) -> str:
    """Return which rows the operations of `made` need that the contracts can't make; empty where they can."""
    from pytest_superteam.checks.engine.conformance import ConformanceOptions
    from pytest_superteam.checks.engine.preparing import unmet_needs
    from pytest_superteam.checks.seeding import (
        parameter_entities,
        reference_entities_of_all,
        rows_by_entity,
    )

    rows, architecture = rows_by_entity(system.samples), system.architecture
    lacking: list[str] = []
    for journey in made:
        operation = operation_of(system, journey)
        if operation is None:
            return ""
        named = {**reference_entities_of_all(architecture), **parameter_entities(architecture, operation)}
        samples = {name: rows[target] for name, target in named.items() if rows.get(target)}
        unmet = unmet_needs(architecture, operation, ConformanceOptions(samples=samples))
        if not unmet:
            return ""
        lacking += unmet
    return f"no row for {', '.join(sorted(set(lacking)))} can be made through the contracts"


def summary(journey: Journey, *services: str) -> str:
    """Return which of `services` told of `journey`, in a few words."""
    return ", ".join(f"{service} {'seen' if journey.seen_in(service) else 'NOT seen'}" for service in services)


def _table(journey: Journey, services: tuple[str, ...]) -> str:
    """Return the hops of a journey, a line each: service, whether it was seen, by what."""
    rows = []
    for service in dict.fromkeys(services):
        traced = journey.seen_in(service)
        other = [s for s in journey.seen if s.service == service and not s.traced]
        line = traced[0].shown if traced else (f"(not this trace) {other[0].shown}" if other else "-")
        rows.append(f"{service:<{_WIDTH}} {'seen' if traced else 'NOT seen':<9} {line}")
    return "\n".join(rows)


def violation(
    code: str, service: str, message: str, journey: Journey, *hops: str, severity: Severity = Severity.ERROR
) -> Violation:
    """Return a violation of `service` with the hops of `journey` and what was sent as its evidence."""
    return Violation(code, severity, service, message, evidence=f"{_table(journey, hops)}\n{journey.shown}")


def distinct(found: list[Violation]) -> tuple[Violation, ...]:
    """Return each violation once: several events of one row tell the same."""
    return tuple({(v.code, v.service, v.message): v for v in found}.values())
