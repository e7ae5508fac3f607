"""One code of one service: its answers, judged beside the contract, its consumers and the other services."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pytest_superteam.checks.boundary import absence, enums, ids, names, pages, stamps, types
from pytest_superteam.checks.boundary.finding import Finding, Look, View
from pytest_superteam.checks.boundary.observing import observe
from pytest_superteam.checks.boundary.placing import placed
from pytest_superteam.checks.boundary.readers import compare, misnamed_in_pacts, readings
from pytest_superteam.checks.boundary.seen import Seen, SeenObject, flat, look
from pytest_superteam.errors import CheckError
from pytest_superteam.models import CheckResult, Violation

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from pytest_superteam.checks.base import RunningSystem

__all__ = ["check_boundary", "looks_of"]

_MOST = 8  # findings of an item

_JUDGES: dict[str, Callable[[View], Iterator[Finding]]] = {
    "BOUNDARY-001": names.judge,
    "BOUNDARY-002": stamps.judge,
    "BOUNDARY-003": absence.judge,
    "BOUNDARY-004": types.judge,
    "BOUNDARY-005": enums.judge,
    "BOUNDARY-006": ids.judge,
    "BOUNDARY-007": pages.judge,
}
_SUBJECT: dict[str, Callable[[Seen], bool]] = {
    "BOUNDARY-001": lambda _: True,
    "BOUNDARY-002": stamps.judged,
    "BOUNDARY-003": lambda _: True,
    "BOUNDARY-004": lambda seen: types.judged(seen.schema, seen.value),
    "BOUNDARY-005": lambda seen: enums.judged(seen.schema, seen.value),
    "BOUNDARY-006": lambda seen: ids.judged(seen.schema, seen.value),
}
"""Which fields a code has something to say about."""
_SOUGHT = {
    "BOUNDARY-001": "a field",
    "BOUNDARY-002": "a date or a time",
    "BOUNDARY-003": "a field",
    "BOUNDARY-004": "a value of a single type",
    "BOUNDARY-005": "a value out of a fixed set",
    "BOUNDARY-006": "an id",
    "BOUNDARY-007": "a list",
}
"""What there has to be for a code to judge anything."""
_WRONG_REQUEST = (400, 422)


def check_boundary(system: RunningSystem, service: str, code: str) -> CheckResult:
    """Return what one code finds in the answers of one service.

    Raises:
        CheckError: it gave no answer with success although its contract has operations to look at.
    """
    answers = observe(system, service)
    own = looks_of(system, service, answers)
    if not own:
        return _nothing(system, service, answers)
    view = View(service, own, _others(system, service), _partners(system, service))
    found = [*_JUDGES[code](view)]
    if code == "BOUNDARY-001":
        found += [*_misnamed_requests(system, service, answers), *misnamed_in_pacts(system, service)]
    for reading in readings(system, service):
        for one in own:
            found += [finding for about, finding in compare(reading, one) if about == code]
    count = _judged(code, own)
    if not found and not count:
        return CheckResult(skipped=f"no answer of {service} had {_SOUGHT[code]}")
    detail = f"{count} {'lists' if code == 'BOUNDARY-007' else 'fields'} in {len(own)} answers of {service}"
    return CheckResult(violations=placed(system, _violations(code, service, found)), detail=detail)


def _nothing(system: RunningSystem, service: str, answers: list[dict[str, Any]]) -> CheckResult:
    told = ", ".join(f"{a['operation']} {a['status'] or 'no answer'}" for a in answers[:8])
    if not answers:
        return CheckResult(skipped=f"{service} has nothing to look at: no row for its paths can be made")
    if system.found:
        return CheckResult(skipped=f"{service} answered nothing with success ({told})")
    raise CheckError(f"{service} answered nothing with success, so no answer could be looked at: {told}.")


def looks_of(system: RunningSystem, service: str, answers: list[dict[str, Any]]) -> tuple[Look, ...]:
    """Return the answers with success and a JSON body, each beside its schema."""
    operations = {o.id: o for o in system.architecture.operations_of(service)}
    found = []
    for answer in answers:
        operation, status = operations[answer["operation"]], answer["status"]
        contract = system.registry.find(service, operation.id)
        schema = contract.response_schema(status) if 200 <= status < 300 else None
        if schema is None or answer["body"] is None:
            continue
        parts = list(look(answer["body"], schema, contract.document))
        found.append(
            Look(
                service,
                operation.id,
                operation.kind,
                operation.entity or "",
                f"{operation.method.upper()} {operation.path}",
                answer["step"],
                answer["body"],
                flat(schema, contract.document),
                tuple(p for p in parts if isinstance(p, SeenObject)),
                tuple(p for p in parts if isinstance(p, Seen)),
            )
        )
    return tuple(found)


def _others(system: RunningSystem, service: str) -> dict[str, tuple[Look, ...]]:
    found = {}
    for other in system.registry.services:
        if other != service:
            try:
                found[other] = looks_of(system, other, observe(system, other))
            except (CheckError, KeyError):
                continue  # its own items say so
    return found


def _partners(system: RunningSystem, service: str) -> frozenset[str]:
    return frozenset(name for pair in system.architecture.pairs if service in pair for name in pair if name != service)


def _misnamed_requests(system: RunningSystem, service: str, answers: list[dict[str, Any]]) -> Iterator[Finding]:
    """Yield the fields of refused requests that the refusal speaks of under another name."""
    for answer in answers:
        if answer["status"] not in _WRONG_REQUEST or not isinstance(answer["sent"], dict):
            continue
        operation = next(o for o in system.architecture.operations_of(service) if o.id == answer["operation"])
        for name, other in names.spelled_otherwise(set(answer["sent"]), str(answer["body"])):
            message = (
                f"{operation.method.upper()} {operation.path} refused a valid body and speaks of `{other}` where the "
                f"contract has `{name}`. Read the field by the name that the contract gives it."
            )
            yield Finding(f"{operation.id} {name}", message, answer["step"])


def _judged(code: str, looks: tuple[Look, ...]) -> int:
    if code == "BOUNDARY-007":
        return sum(one.kind == "list" for one in looks)
    return sum(_SUBJECT[code](seen) for one in looks for seen in one.fields)


def _violations(code: str, service: str, found: list[Finding]) -> Iterator[Violation]:
    """Yield each finding once; of many only the first ones."""
    once: dict[str, Finding] = {}
    for finding in found:
        once.setdefault(finding.key, finding)
    worst_first = sorted(once.values(), key=lambda f: -f.severity.rank)
    for finding in worst_first[:_MOST]:
        yield Violation(code, finding.severity, finding.service or service, finding.message, evidence=finding.evidence)
