"""What the engine reports and we don't: each predicate is one excuse, its docstring the reason.

A predicate gets the report and says whether the report is noise. Excused failures are counted
by the predicate's name in `CheckResult.detail`, so that nothing disappears silently.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from pytest_superteam.contracts.references import deref
from pytest_superteam.errors import CheckError

if TYPE_CHECKING:
    from schemathesis import Response
    from schemathesis.engine.recorder import ScenarioRecorder

    from pytest_superteam.checks.engine.types import Case

__all__ = ["FILTERS", "Report", "excuse"]


@dataclass(frozen=True)
class Report:
    """One failure that the engine reports: its class name, the request, the answer and the calls before them."""

    kind: str
    case: Case
    response: Response
    recorder: ScenarioRecorder | None = None
    found: bool = False
    """Whether somebody else wrote the contract."""


Filter = Callable[[Report], bool]

_REFUSED_DATA = "AcceptedNegativeData"
_REFUSED_VALID = "RejectedPositiveData"
_UNEXPECTED = "object_unexpected_properties"
_UNDECLARED = frozenset({"UndefinedStatusCode", "UndefinedContentType", "MissingContentType"})


def is_text_on_the_wire(report: Report) -> bool:
    """The only wrong values travel as text where text is allowed: `null` in a header or query arrives as "null"."""
    if report.kind != _REFUSED_DATA:
        return False
    wrong = _wrong_parts(report.case)
    return bool(wrong) and all(_allows_text(report.case, name, location) for name, location in wrong)


def is_undeclared_header(report: Report) -> bool:
    """The request is wrong in headers that the contract does not declare, which servers ignore."""
    if report.kind != _REFUSED_DATA:
        return False
    wrong = _wrong_parts(report.case)
    declared = {parameter.name.lower() for parameter in report.case.operation.headers}
    return bool(wrong) and all(location == "HEADER" and name.lower() not in declared for name, location in wrong)


def is_undeclared_query(report: Report) -> bool:
    """The request is right but for a query parameter that the contract does not declare: OpenAPI can't forbid those."""
    if report.kind != _REFUSED_DATA or report.case.meta is None:
        return False
    wrong = _wrong_parts(report.case)
    if not wrong:
        negative = {place.name for place, part in report.case.meta.components.items() if part.mode.is_negative}
        scenario = getattr(report.case.meta.phase.data, "scenario", None)
        return negative == {"QUERY"} and getattr(scenario, "value", None) == _UNEXPECTED
    return all(location == "QUERY" and not _declares(report.case, name) for name, location in wrong)


def is_whole_float(report: Report) -> bool:
    """JSON Schema takes 120.0 for an integer; strict parsers refuse it, and no client writes integers so."""
    return report.kind == _REFUSED_VALID and any(
        isinstance(value, float) and value.is_integer() for value in _leaves(report.case.body)
    )


def is_other_address(report: Report) -> bool:
    """A wrong path value changed the address itself ("", ".", "a/b"), so another route, or none, has answered."""
    if report.response.status_code not in {301, 307, 308, 404, 405} or not _is_wrong_in_path(report.case):
        return False
    values = [str(value) for value in (report.case.path_parameters or {}).values()]
    return any(value in {"", ".", ".."} or "/" in value or "%2F" in value.upper() for value in values)


def is_refused_by_transport(report: Report) -> bool:
    """The HTTP server refused a malformed request (400 in plain text) before the service saw it."""
    content_type = ",".join(report.response.headers.get("content-type", ["text/plain"]))
    wrong = report.case.meta is not None and report.case.meta.generation.mode.is_negative
    return wrong and report.response.status_code == 400 and content_type.startswith("text/plain")


def is_unreadable_body(report: Report) -> bool:
    """The body is bytes and no JSON at all: 400 is what HTTP has for that, and contracts seldom spell it out."""
    return (
        report.kind == "UndefinedStatusCode"
        and report.response.status_code == 400
        and isinstance(report.case.body, bytes)
    )


def is_surrogate(report: Report) -> bool:
    """A lone surrogate is no character: UTF-8 can't carry it, so refusing it is right though the schema allows it."""
    return report.kind == _REFUSED_VALID and any(
        isinstance(value, str) and any("\ud800" <= char <= "\udfff" for char in value)
        for value in _leaves(report.case.body)
    )


def is_anothers_row(report: Report) -> bool:
    """Who calls an operation without a token makes an account of his own, which is not there for the gate's caller."""
    if report.kind != "EnsureResourceAvailability" or report.recorder is None:
        return False
    maker = report.recorder.find_parent(case_id=report.case.id)
    return maker is not None and _is_public(maker) and not _is_public(report.case)


def is_partial_allow(report: Report) -> bool:
    """Routers with a route for each method (Starlette's) name in Allow only those of the first route of the path."""
    if report.kind != "AllowHeaderMismatch" or report.response.status_code != HTTPStatus.METHOD_NOT_ALLOWED:
        return False
    named = {name.strip().lower() for name in ",".join(report.response.headers.get("allow", [])).split(",")}
    declared = {method.lower() for method in report.case.operation.schema[report.case.operation.path]}
    return named <= declared | {"head", "options"}


def is_undeclared_refusal(report: Report) -> bool:
    """Contracts that are found say of what to protect, and seldom how: a gate in front of the handler answers 401."""
    return (
        report.found
        and report.kind in _UNDECLARED
        and report.response.status_code == HTTPStatus.UNAUTHORIZED
        and not _is_public(report.case)
    )


FILTERS: tuple[Filter, ...] = (
    is_text_on_the_wire,
    is_undeclared_header,
    is_undeclared_query,
    is_whole_float,
    is_other_address,
    is_refused_by_transport,
    is_unreadable_body,
    is_surrogate,
    is_anothers_row,
    is_partial_allow,
    is_undeclared_refusal,
)


def excuse(report: Report) -> str:
    """Return the name of the filter that says the report is noise, or an empty string."""
    return next((test.__name__ for test in FILTERS if test(report)), "")


def _is_public(case: Case) -> bool:
    """Whether the contract lets anybody call the operation."""
    demanded = case.operation.definition.raw.get("security", case.operation.schema.raw_schema.get("security", []))
    return not demanded or not all(demanded)


def _wrong_parts(case: Case) -> list[tuple[str, str]]:
    """Return (name, location) of the parameters that are wrong on purpose; a wrong body makes it ("", "BODY")."""
    if case.meta is None:
        return []
    wrong = [location.name for location, part in case.meta.components.items() if part.mode.is_negative]
    data = case.meta.phase.data
    mutated = [
        (str(mutation.parameter), location)
        for mutation in getattr(data, "mutations", ())
        for location in wrong
        if mutation.parameter and location != "BODY"
    ]
    named = getattr(data, "parameter", None)
    if not mutated and named:
        mutated = [(str(named), location) for location in wrong if location != "BODY"]
    return mutated + [("", "BODY")] * ("BODY" in wrong)


def _allows_text(case: Case, name: str, location: str) -> bool:
    """Whether the parameter is declared as text without a form that would exclude the value."""
    if location not in {"HEADER", "QUERY", "COOKIE", "PATH"}:
        return False
    values = case.headers if location == "HEADER" else case.query if location == "QUERY" else case.path_parameters
    if not values or name not in values:
        return False  # it is missing, which no reading of the text excuses
    try:
        schema = _parameter_schema(case, name, location)
    except CheckError:
        return False
    kinds = schema.get("type", "")
    is_text = kinds == "string" or (isinstance(kinds, list) and "string" in kinds)
    narrow = schema.keys() & {"enum", "const", "pattern", "format", "minLength", "maxLength"}
    return is_text and not narrow and not isinstance(values[name], list | dict)


def _parameters(case: Case) -> Iterator[Mapping[str, Any]]:
    """Yield the parameters that the contract declares for the operation and its path; raises CheckError."""
    contract = case.operation.schema.raw_schema
    item = contract.get("paths", {}).get(case.operation.path, {})
    for raw in [*case.operation.definition.raw.get("parameters", []), *item.get("parameters", [])]:
        yield deref(contract, raw)


def _parameter_schema(case: Case, name: str, location: str) -> dict[str, Any]:
    contract = case.operation.schema.raw_schema
    for parameter in _parameters(case):
        if parameter.get("name") == name and str(parameter.get("in")).upper() == location:
            return dict(deref(contract, parameter.get("schema", {})))
    return {}


def _declares(case: Case, name: str) -> bool:
    """Whether the contract has a query parameter of this name, as far as it can be read."""
    try:
        return any(one.get("name") == name and one.get("in") == "query" for one in _parameters(case))
    except CheckError:
        return True


def _is_wrong_in_path(case: Case) -> bool:
    if case.meta is None:
        return False
    return any(part.mode.is_negative for location, part in case.meta.components.items() if location.name == "PATH")


def _leaves(value: Any) -> Iterator[Any]:
    if isinstance(value, dict):
        for part in value.values():
            yield from _leaves(part)
    elif isinstance(value, list):
        for part in value:
            yield from _leaves(part)
    else:
        yield value
