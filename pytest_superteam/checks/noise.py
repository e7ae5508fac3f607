"""What the engine reports and we don't: each predicate is one excuse, its docstring the reason.

A predicate gets the failure, the case and the answer and says whether the report is noise. Excused failures are counted
by the predicate's name in `CheckResult.detail`, so that nothing disappears silently.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

from pytest_superteam.contracts.references import deref
from pytest_superteam.errors import CheckError

if TYPE_CHECKING:
    from schemathesis import Case, Response
    from schemathesis.core.failures import Failure

__all__ = ["FILTERS", "excuse"]

Filter = Callable[["Failure", "Case", "Response"], bool]

_REFUSED_DATA = "AcceptedNegativeData"
_REFUSED_VALID = "RejectedPositiveData"


def is_text_on_the_wire(failure: Failure, case: Case, response: Response) -> bool:
    """The only wrong values travel as text where text is allowed: `null` in a header or query arrives as "null"."""
    if type(failure).__name__ != _REFUSED_DATA:
        return False
    wrong = _wrong_parts(case)
    return bool(wrong) and all(_allows_text(case, name, location) for name, location in wrong)


def is_undeclared_header(failure: Failure, case: Case, response: Response) -> bool:
    """The request is wrong in headers that the contract does not declare; servers ignore headers that they don't know."""
    if type(failure).__name__ != _REFUSED_DATA:
        return False
    wrong = _wrong_parts(case)
    declared = {parameter.name.lower() for parameter in case.operation.headers}
    return bool(wrong) and all(location == "HEADER" and name.lower() not in declared for name, location in wrong)


def is_whole_float(failure: Failure, case: Case, response: Response) -> bool:
    """JSON Schema takes 120.0 for an integer; strict parsers refuse it, and no client writes integers so."""
    return type(failure).__name__ == _REFUSED_VALID and any(
        isinstance(value, float) and value.is_integer() for value in _leaves(case.body)
    )


def is_other_address(failure: Failure, case: Case, response: Response) -> bool:
    """A wrong path value changed the address itself ("", ".", "a/b"), so another route, or none, has answered."""
    if response.status_code not in {301, 307, 308, 404, 405} or not _is_wrong_in_path(case):
        return False
    values = [str(value) for value in (case.path_parameters or {}).values()]
    return any(value in {"", ".", ".."} or "/" in value or "%2F" in value.upper() for value in values)


def is_refused_by_transport(failure: Failure, case: Case, response: Response) -> bool:
    """The HTTP server refused a malformed request (400 in plain text) before the service saw it."""
    content_type = ",".join(response.headers.get("content-type", ["text/plain"]))
    wrong = case.meta is not None and case.meta.generation.mode.is_negative
    return wrong and response.status_code == 400 and content_type.startswith("text/plain")


def is_unreadable_body(failure: Failure, case: Case, response: Response) -> bool:
    """The body is bytes and no JSON at all: 400 is what HTTP has for that, and contracts seldom spell it out."""
    return type(failure).__name__ == "UndefinedStatusCode" and response.status_code == 400 and isinstance(case.body, bytes)


def is_surrogate(failure: Failure, case: Case, response: Response) -> bool:
    """A lone surrogate is no character: UTF-8 can't carry it, so refusing it is right though the schema allows it."""
    return type(failure).__name__ == _REFUSED_VALID and any(
        isinstance(value, str) and any("\ud800" <= char <= "\udfff" for char in value) for value in _leaves(case.body)
    )


FILTERS: tuple[Filter, ...] = (
    is_text_on_the_wire,
    is_undeclared_header,
    is_whole_float,
    is_other_address,
    is_refused_by_transport,
    is_unreadable_body,
    is_surrogate,
)


def excuse(failure: Failure, case: Case, response: Response) -> str:
    """Return the name of the filter that says the failure is noise, or an empty string."""
    return next((test.__name__ for test in FILTERS if test(failure, case, response)), "")


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


def _parameter_schema(case: Case, name: str, location: str) -> dict[str, Any]:
    contract = case.operation.schema.raw_schema
    item = contract.get("paths", {}).get(case.operation.path, {})
    for raw in [*case.operation.definition.raw.get("parameters", []), *item.get("parameters", [])]:
        parameter = deref(contract, raw)
        if parameter.get("name") == name and str(parameter.get("in")).upper() == location:
            return dict(deref(contract, parameter.get("schema", {})))
    return {}


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
