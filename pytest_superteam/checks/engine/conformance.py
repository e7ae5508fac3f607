"""One operation of the running service against its contract, by Schemathesis.

The engine makes the requests (`cases`) and judges the answers; sending, connection, tokens, real ids, noise and
evidence are ours (`calls`, `door`, `noise`, `checks.evidence`). Nothing is shrunk or replayed: the
coverage phase already makes the smallest request of its kind, and a request that changes rows can't be replayed.
"""

from __future__ import annotations

import time
import warnings
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from pytest_superteam.checks.base import NOT_EXERCISED
from pytest_superteam.checks.engine.calls import Caller
from pytest_superteam.checks.engine.cases import (
    changes_others,
    check_references,
    find_operation,
    generate,
    ground,
    is_negative,
    load_schema,
    plain,
)
from pytest_superteam.checks.engine.door import is_protected, try_door
from pytest_superteam.checks.engine.findings import Finding
from pytest_superteam.checks.engine.settings import FILE, excluded, is_enabled, signs_calls
from pytest_superteam.checks.engine.wire import connection
from pytest_superteam.checks.evidence import curl_line
from pytest_superteam.errors import CheckError, GateError
from pytest_superteam.models import CheckResult, Severity, Violation

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from pytest_superteam.checks.engine.settings import EngineSettings
    from pytest_superteam.checks.engine.types import EngineOperation

__all__ = ["CODE", "ConformanceOptions", "check_operation"]

CODE = "SCHEMA-001"


@dataclass(frozen=True)
class ConformanceOptions:
    """How thoroughly one operation is tried."""

    seed: int = 0
    max_examples: int = 50
    """Generated calls, at most; those without a token, with a worthless one and with wrong roles come on top."""
    response_time: float = 5.0
    """Seconds that an answer may take; two answers over it are a violation, one may be the machine's hiccup."""
    request_timeout: float = 10.0
    """Seconds until a call counts as hanging."""
    samples: Mapping[str, Sequence[str]] = field(default_factory=dict)
    """Existing ids by name of the path parameter, query parameter or body property that takes them (`cases`)."""
    must_succeed: bool = False
    """Whether an operation that never answers 2xx is an error: its success was not tried."""
    spare_others: bool = False
    """Whether there are rows of others, so that only those of `samples` may be changed."""
    unique: Sequence[str] = ()
    """Body properties of which every row needs another value."""
    engine: EngineSettings | None = None
    """The project's own settings of the engine, which win over those above."""
    found: bool = False
    """Whether the contract was found (`noise.is_undeclared_refusal`)."""
    address: tuple[str, str] | None = None
    """Method (upper case) and path of the operation, where its id may be missing or stand twice."""

    @property
    def item_seconds(self) -> float:
        """Return how long all calls of an operation may take together, in seconds."""
        return 3 * self.request_timeout + 0.2 * self.max_examples


def check_operation(
    *,
    contract: Mapping[str, Any],
    service: str,
    operation_id: str,
    base_url: str,
    token: str | None,
    other_tokens: Mapping[str, str],
    options: ConformanceOptions,
) -> CheckResult:
    """Return what the service at `base_url` does other than `contract` says of one operation.

    Args:
        contract: The OpenAPI document of the service.
        service: Name of the service, for the report.
        operation_id: The operation to try.
        base_url: Where the service answers, without a trailing slash.
        token: A bearer token that may call the operation; None for public ones.
        other_tokens: Tokens by role; those whose role the operation's `x-roles` do not name must get 403.
        options: How thoroughly.

    Raises:
        CheckError: the service can't be reached, the operation can't be tried, or no call was answered.
    """
    started = time.perf_counter()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the engine's remarks on schemas are no business of the user's test run
        schema = load_schema(contract, options.seed, options.engine)
        operation = find_operation(schema, operation_id, options.address)
        if excluded(schema, operation):
            return CheckResult(skipped=f"{operation.label} is switched off by {FILE}.")
        caller = _guarded(operation, contract, service, base_url, token, other_tokens, options)
    return CheckResult(
        violations=tuple(_violation(service, finding) for finding in caller.ordered),
        detail=_detail(caller),
        seconds=time.perf_counter() - started,
    )


def _guarded(operation: EngineOperation, *arguments: Any) -> Caller:
    """Try the operation; whatever the engine stumbles over, and a try that says nothing, is an error of the check."""
    options: ConformanceOptions = arguments[-1]
    try:
        caller = _tried(operation, *arguments)
    except GateError:
        raise
    except Exception as error:
        raise CheckError(f"{operation.label} could not be tried: {type(error).__name__}: {plain(error)}.") from error
    if not caller.calls:
        told = " ".join(finding.told for finding in caller.ordered)
        raise CheckError(f"{operation.label} was not exercised: no call was answered. {told}".strip())
    if not caller.findings and caller.exhausted:
        raise CheckError(f"{operation.label} was not tried to the end: {_detail(caller)}.")
    if options.must_succeed and not caller.findings and not _exercised(caller):
        raise CheckError(f"{operation.label} was not exercised, so nothing is known of its success: {_detail(caller)}.")
    return caller


def _tried(
    operation: EngineOperation,
    contract: Mapping[str, Any],
    service: str,
    base_url: str,
    token: str | None,
    other_tokens: Mapping[str, str],
    options: ConformanceOptions,
) -> Caller:
    check_references(operation)
    config = operation.schema.config
    budget = config.generation_for(operation=operation, phase="fuzzing").max_examples or options.max_examples
    cases = generate(operation, seed=config.seed, budget=budget)
    ground(cases, options.samples, options.unique, spare_others=options.spare_others)
    definition = operation.definition.raw
    valid = next((case for case in cases if not is_negative(case)), None)
    if valid is None:
        raise CheckError(f"{operation.label} was not exercised: no valid request can be made from its contract.")
    if options.spare_others:
        cases = [case for case in cases if not changes_others(case, options.samples)]
    timeout = config.request_timeout_for(operation=operation) or options.request_timeout
    with connection() as session:
        caller = Caller(service, base_url.rstrip("/"), token, session, timeout, enabled=is_enabled, found=options.found)
        caller.deadline = time.monotonic() + options.item_seconds
        if signs_calls(operation):
            caller.notes.append(f"not called without a credential, for {FILE} signs every call")
        elif is_protected(contract, definition):
            try_door(caller, valid, definition, other_tokens)
        for case in cases:
            if caller.exhausted:
                break
            caller.exercise(case)
    _time(caller, options.response_time, operation.label)
    return caller


def _time(caller: Caller, limit: float, label: str) -> None:
    """Add a finding where two answers took longer than `limit` seconds."""
    slow = sorted((duration for duration in caller.durations if duration[0] > limit), key=lambda pair: pair[0])
    if len(slow) >= min(2, len(caller.durations)) and slow:
        message = (
            f"{len(slow)} of {len(caller.durations)} answers took longer than {limit:g} s, "
            f"the slowest {slow[-1][0]:.2f} s. Make the handler faster, or raise the limit."
        )
        line = curl_line(slow[-1][1])
        caller.add(Finding("ResponseTimeExceeded", "The answer takes too long", message, line, 2, label))


def _violation(service: str, finding: Finding) -> Violation:
    return Violation(
        code=CODE,
        severity=Severity.ERROR,
        service=service,
        message=f"{finding.label}: {finding.told}",
        evidence=finding.evidence,
    )


def _exercised(caller: Caller) -> bool:
    """Return whether the operation succeeded at least once, by its own method."""
    return caller.succeeded > 0


def _detail(caller: Caller) -> str:
    """Return e.g. `42 calls: 201 x12, 422 x30; excused: is_whole_float x2`."""
    seen = ", ".join(f"{status} x{count}" for status, count in sorted(caller.statuses.items()))
    parts = [f"{caller.calls} calls: {seen}"]
    if not _exercised(caller):
        parts.append(NOT_EXERCISED)
    if caller.excused:
        parts.append("excused: " + ", ".join(f"{name} x{count}" for name, count in sorted(caller.excused.items())))
    if caller.exhausted:
        parts.append(f"given up: {caller.exhausted}")
    return "; ".join([*parts, *caller.notes])
