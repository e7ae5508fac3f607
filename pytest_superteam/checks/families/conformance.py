"""Each operation of each contract, tried with generated requests: `test_conformance[<service>-<operation>]`."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from pytest_superteam.checks.base import CheckItem, Family
from pytest_superteam.models import CheckResult, Rule, Severity, Violation

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytest_superteam.checks.base import Planning, RunningSystem
    from pytest_superteam.models import Operation

__all__ = ["FAMILY"]

CONFORMANCE = Rule(
    id="SCHEMA-001",
    name="Operation breaks its contract",
    severity=Severity.ERROR,
    category="contract",
    layer=2,
    languages=(),
    help="Make the handler and the contract agree: run the curl line, compare the answer with the contract's line.",
    what="An answer with a status, header, content type or body that the contract does not have; a valid request that "
    "is refused; an invalid one that is accepted; a protected operation that lets somebody in; an answer over "
    "`gate.response_time`.",
    why="Consumers are written against the contract; what departs from it breaks them, one at a time and later.",
)
NOT_EXERCISED = Rule(
    id="SCHEMA-002",
    name="Operation not exercised",
    severity=Severity.WARNING,
    category="contract",
    layer=2,
    languages=(),
    help="Give the gate what the operation needs: an account (`auth:`), rows that exist, examples in the contract.",
    what="An operation of a system that was found which answered none of the generated requests with 2xx.",
    why="Its success was never seen, so nothing is known of the answers that its callers get.",
)


def _plan(planning: Planning) -> Iterator[CheckItem]:
    for operation in planning.architecture.operations:
        name = f"{operation.service}-{operation.id}"
        yield CheckItem(operation.service, name, CONFORMANCE.id, subject=operation.id)


def _check(system: RunningSystem, item: CheckItem) -> CheckResult:
    from pytest_superteam.checks.base import NOT_EXERCISED as NEVER_OK
    from pytest_superteam.checks.places import at_place

    operation = next(op for op in system.architecture.operations_of(item.service) if op.id == item.subject)
    label = f"{operation.method} {operation.path}"
    result, unmet = _tried(system, operation)
    result = replace(result, violations=tuple(at_place(system, found, label) for found in result.violations))
    if result.skipped or NEVER_OK not in result.detail:
        return result
    if system.found:
        message = f"{label}: was not exercised: {result.detail}. {NOT_EXERCISED.help}"
        warning = Violation(NOT_EXERCISED.id, NOT_EXERCISED.severity, item.service, message)
        return replace(result, violations=(*result.violations, at_place(system, warning, label)))
    if unmet and not result.violations:
        why = f"no row for {', '.join(unmet)} can be made through the contracts ({result.detail})"
        return replace(result, skipped=f"{operation.id} was not exercised: {why}")
    return result


def _tried(system: RunningSystem, operation: Operation) -> tuple[CheckResult, tuple[str, ...]]:
    """Return the result of the operation's requests, and the rows that it needs and nobody can make."""
    from pytest_superteam.checks.callers.auth import single_use_token, token_for
    from pytest_superteam.checks.engine.conformance import ConformanceOptions, check_operation
    from pytest_superteam.checks.engine.preparing import operation_options, unmet_needs
    from pytest_superteam.checks.engine.settings import load_settings
    from pytest_superteam.checks.engine.spare import caller_of

    gate, tokens, service = system.config.gate, system.tokens, operation.service
    options = ConformanceOptions(
        seed=gate.seed,
        max_examples=gate.examples,
        response_time=gate.response_time,
        request_timeout=system.config.timeouts.request,
        engine=load_settings(system.project),
        address=(operation.method, operation.path),
    )
    lacking = ""
    if system.found:
        token, own, lacking = caller_of(system, operation)
        options = replace(options, samples=own, spare_others=True, found=True)
    else:
        token = token_for(tokens, operation)
        if operation.kind == "logout" and token:  # what it revokes must not be what the other checks use
            token = single_use_token(system.deployment, token)
    options = operation_options(system.architecture, system.deployment, tokens, system.samples, operation, options)
    unmet = unmet_needs(system.architecture, operation, options)
    result = check_operation(
        contract=system.architecture.contracts[service],
        service=service,
        operation_id=operation.id,
        base_url=system.url(service),
        token=token,
        other_tokens=tokens,
        options=replace(options, must_succeed=not unmet and not system.found),
    )
    return replace(result, detail="; ".join(part for part in (result.detail, lacking) if part)), unmet


FAMILY = Family("test_conformance", (CONFORMANCE, NOT_EXERCISED), _plan, _check)
