"""Each operation of each contract, tried with generated requests: `test_conformance[<service>-<operation>]`."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from pytest_superteam.checks.base import CheckItem, Family
from pytest_superteam.models import CheckResult, Rule, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytest_superteam.checks.base import Planning, RunningSystem

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


def _plan(planning: Planning) -> Iterator[CheckItem]:
    for operation in planning.architecture.operations:
        name = f"{operation.service}-{operation.id}"
        yield CheckItem(operation.service, name, CONFORMANCE.id, subject=operation.id)


def _check(system: RunningSystem, item: CheckItem) -> CheckResult:
    from pytest_superteam.checks.auth import single_use_token, token_for
    from pytest_superteam.checks.conformance import NOT_EXERCISED, ConformanceOptions, check_operation
    from pytest_superteam.checks.preparing import operation_options, unmet_needs

    gate, tokens = system.config.gate, system.tokens
    operation = next(op for op in system.architecture.operations_of(item.service) if op.id == item.subject)
    options = ConformanceOptions(
        seed=gate.seed,
        max_examples=gate.examples,
        response_time=gate.response_time,
        request_timeout=system.config.timeouts.request,
    )
    options = operation_options(system.architecture, system.deployment, tokens, system.samples, operation, options)
    unmet = unmet_needs(system.architecture, operation, options)
    token = token_for(tokens, operation)
    if operation.kind == "logout" and token:  # what it revokes must not be what the other checks use
        token = single_use_token(system.deployment, token)
    result = check_operation(
        contract=system.architecture.contracts[item.service],
        service=item.service,
        operation_id=operation.id,
        base_url=system.url(item.service),
        token=token,
        other_tokens=tokens,
        options=replace(options, must_succeed=not unmet and not system.found),
    )
    if unmet and not result.violations and NOT_EXERCISED in result.detail:
        why = f"no row for {', '.join(unmet)} can be made through the contracts ({result.detail})"
        return replace(result, skipped=f"{operation.id} was not exercised: {why}")
    return result


FAMILY = Family("test_conformance", (CONFORMANCE,), _plan, _check)
