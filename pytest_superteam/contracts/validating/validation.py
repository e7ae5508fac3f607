"""A request and its answer held against the operation that they are for."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from pytest_superteam.contracts.references import deref, pointer
from pytest_superteam.contracts.validating.bodies import (
    FORM,
    MULTIPART,
    form_value,
    is_json,
    media_type,
    parsed_body,
    plain_type,
)
from pytest_superteam.contracts.validating.parameters import Pairs, candidates, deserialise, pairs_of
from pytest_superteam.errors import CheckError

if TYPE_CHECKING:
    from pytest_superteam.contracts.matching import MatchedOperation
    from pytest_superteam.contracts.operations import ContractOperation
    from pytest_superteam.contracts.registry import ContractRegistry
    from pytest_superteam.contracts.validating.schematools import SchemaProblem

__all__ = ["Problem", "ValidationResult", "validate_endpoint"]

_PLACES = {"path": "path", "query": "query", "header": "header", "cookie": "cookie"}
_NOT_PARAMETERS = frozenset({"accept", "content-type", "authorization"})  # OpenAPI: described elsewhere, ignored here
_WITHOUT_BODY = frozenset({204, 205, 304})
Headers = Mapping[str, str] | Iterable[tuple[str, str]]


@dataclass(frozen=True)
class Problem:
    """One departure from the contract.

    `where` is `request.body`, `request.query.limit`, `response.status`, `response.header.Location` and so on;
    `pointer` a JSON pointer into that value; `contract` a JSON pointer to the rule in the document.
    """

    where: str
    message: str
    pointer: str = ""
    contract: str = ""

    def __str__(self) -> str:
        """Return the problem in one line."""
        return f"{self.where}{f' at {self.pointer}' if self.pointer else ''}: {self.message}"


@dataclass(frozen=True)
class ValidationResult:
    """What came of it. `operation` is None where the contract has no operation for the request."""

    operation: ContractOperation | None
    problems: tuple[Problem, ...] = ()
    path_parameters: Mapping[str, str] = field(default_factory=dict)

    @property
    def ok(self) -> bool:
        """Return whether the contract is kept."""
        return not self.problems


def validate_endpoint(
    registry: ContractRegistry,
    service: str,
    method: str,
    path: str,
    *,
    request_body: Any = None,
    request_headers: Headers | None = None,
    request_content_type: str | None = None,
    query: str | Mapping[str, Any] | Iterable[tuple[str, str]] | None = None,
    status: int | None = None,
    response_body: Any = None,
    response_headers: Headers | None = None,
    content_type: str | None = None,
    request: bool = True,
) -> ValidationResult:
    """Hold a request and its answer against the contract of `service`.

    Args:
        registry: The contracts.
        service: Whose contract.
        method: The request's method.
        path: The requested path, percent-encoded as it was sent; a query in it counts where `query` is None.
        request_body: Bytes as they were sent, or the value; None for no body.
        request_headers: As they were sent; None leaves header and cookie parameters unlooked at.
        request_content_type: Of the request's body; by default that of the headers, else JSON.
        query: Raw, or as names and values.
        status: Of the answer; None where only the request is looked at.
        response_body: Bytes as they came, or the value; None for no body.
        response_headers: As they came; None leaves headers unlooked at.
        content_type: Of the answer's body; by default that of the headers, else JSON.
        request: Whether the request is looked at; not for one that was made to be wrong.

    Raises:
        CheckError: the service has no contract, or the operation's part of it is broken.
    """
    document = registry.document(service)
    matched = registry.match(service, method, path)
    if matched is None:
        problem = Problem("request", f"{method.upper()} {path.partition('?')[0][:200]} is not in the contract.")
        return ValidationResult(None, (problem,))
    operation = matched.operation
    problems: list[Problem] = []
    try:
        if request:
            check = _Request(registry, matched, document)
            headers = _pairs(request_headers)
            query = path.partition("?")[2] if query is None else query
            problems += check.parameters(pairs_of(query), headers, with_headers=request_headers is not None)
            kind = request_content_type or _header(headers, "content-type")
            problems += check.body(request_body, kind)
        if status is not None:
            answer = _Response(registry, operation, document)
            problems += answer.check(method, status, response_body, response_headers, content_type)
    except CheckError as error:
        raise CheckError(f"{service}: {operation.method} {operation.path}: {error}") from None
    return ValidationResult(operation, tuple(problems), matched.parameters)


class _Request:
    def __init__(self, registry: ContractRegistry, matched: MatchedOperation, document: Mapping[str, Any]) -> None:
        self._operation, self._values, self._document = matched.operation, matched.parameters, document
        self._validators = registry.validators(matched.operation.service, "request")

    def parameters(self, query: Pairs, headers: Pairs, *, with_headers: bool) -> Iterator[Problem]:
        given = {
            "path": list(self._values.items()),
            "query": query,
            "header": [(name.lower(), text) for name, text in headers],
            "cookie": _cookies(headers),
        }
        for parameter in self._operation.parameters:
            place = str(parameter.get("in"))
            hidden = place in {"header", "cookie"} and not with_headers
            if place in _PLACES and not hidden and str(parameter["name"]).lower() not in _skipped(place):
                yield from self._parameter(parameter, place, given[place])

    def _parameter(self, parameter: Mapping[str, Any], place: str, pairs: Pairs) -> Iterator[Problem]:
        name = str(parameter["name"])
        where, contract = f"request.{place}.{name}", f"{self._operation.pointer}/parameters"
        looked_up = {**parameter, "name": name.lower()} if place == "header" else parameter
        try:
            is_given, value = deserialise(looked_up, self._document, pairs)
        except ValueError as error:
            yield Problem(where, f"can't be read: {error}.", contract=contract)
            return
        if not is_given:
            if parameter.get("required") is True or place == "path":
                yield Problem(where, "is required and missing.", contract=contract)
            return
        if value == "" and parameter.get("allowEmptyValue") is True:
            return
        schema, choices = parameter.get("schema", {}), [value]
        if isinstance(parameter.get("content"), Mapping):
            media: Any = next(iter(parameter["content"].values()), {})
            schema = media.get("schema", {}) if isinstance(media, Mapping) else {}
        else:
            choices = candidates(self._document, schema, value)
        for found in _fewest(self._validators.problems(schema, choice) for choice in choices):
            yield Problem(where, f"{found.message}.", found.pointer, contract)

    def body(self, body: Any, content_type: str | None) -> Iterator[Problem]:
        described = self._operation.request_body
        contract = f"{self._operation.pointer}/requestBody"
        if body is None or body == b"":
            if described.get("required") is True:
                yield Problem("request.body", "is required and missing.", contract=contract)
            return
        content = described.get("content")
        if not isinstance(content, Mapping) or not content:
            return  # the contract says nothing of a body
        kind = content_type or ("application/json" if "application/json" in content else str(next(iter(content))))
        found = media_type(content, kind)
        if found is None:
            known = ", ".join(map(str, content))
            yield Problem(
                "request.contentType", f"{plain_type(kind)!r} is not documented. Allowed: {known}.", "", contract
            )
            return
        rule = contract + pointer("content", found[0])
        yield from _body_problems(self._validators, self._document, "request.body", body, kind, found[1], rule)


class _Response:
    def __init__(self, registry: ContractRegistry, operation: ContractOperation, document: Mapping[str, Any]) -> None:
        self._operation, self._document = operation, document
        self._validators = registry.validators(operation.service, "response")

    def check(
        self, method: str, status: int, body: Any, headers: Headers | None, content_type: str | None
    ) -> Iterator[Problem]:
        found = self._operation.response(status)
        if found is None:
            known = ", ".join(map(str, self._operation.responses)) or "none"
            yield Problem(
                "response.status", f"{status} is not documented; documented: {known}.", "", self._operation.pointer
            )
            return
        contract = self._operation.pointer + pointer("responses", found[0])
        if headers is not None:
            yield from self._headers(found[1], _pairs(headers), contract)
        kind = content_type or _header(_pairs(headers), "content-type")
        if method.upper() != "HEAD":
            yield from self._body(status, found[1], body, kind, contract)

    def _headers(self, answer: Mapping[str, Any], headers: Pairs, contract: str) -> Iterator[Problem]:
        described = answer.get("headers")
        given = [(name.lower(), text) for name, text in headers]
        for name, written in described.items() if isinstance(described, Mapping) else ():
            header = deref(self._document, written)
            if str(name).lower() == "content-type" or not isinstance(header, Mapping):
                continue
            where, rule = f"response.header.{name}", contract + pointer("headers", name)
            is_given, value = _or_problem({**header, "name": str(name).lower(), "in": "header"}, self._document, given)
            if isinstance(value, ValueError):
                yield Problem(where, f"can't be read: {value}.", contract=rule)
            elif not is_given:
                if header.get("required") is True:
                    yield Problem(where, "is required and missing.", contract=rule)
            else:
                schema = header.get("schema", {})
                choices = candidates(self._document, schema, value)
                for found in _fewest(self._validators.problems(schema, choice) for choice in choices):
                    yield Problem(where, f"{found.message}.", found.pointer, rule)

    def _body(
        self, status: int, answer: Mapping[str, Any], body: Any, content_type: str | None, contract: str
    ) -> Iterator[Problem]:
        content = answer.get("content")
        is_empty = body is None or body == b""
        if status in _WITHOUT_BODY:
            if not is_empty:
                yield Problem("response.body", f"must be empty with status {status}.", contract=contract)
            return
        if not isinstance(content, Mapping) or not content:
            return  # nothing is said of the body
        if is_empty and content_type is None and not _is_null(body, content):
            yield Problem("response.body", f"is missing; documented: {', '.join(map(str, content))}.", "", contract)
            return
        kind = content_type or ("application/json" if "application/json" in content else str(next(iter(content))))
        found = media_type(content, kind)
        if found is None:
            known = ", ".join(map(str, content))
            yield Problem(
                "response.contentType", f"{plain_type(kind)!r} is not documented; documented: {known}.", "", contract
            )
            return
        rule = contract + pointer("content", found[0])
        yield from _body_problems(self._validators, self._document, "response.body", body, kind, found[1], rule)


def _body_problems(
    validators: Any, document: Mapping[str, Any], where: str, body: Any, kind: str, media: Mapping[str, Any], rule: str
) -> Iterator[Problem]:
    schema = media.get("schema")
    plain = plain_type(kind)
    try:
        value = parsed_body(body, kind)
    except ValueError as error:
        yield Problem(where, f"can't be read as {plain}: {error}.", contract=rule)
        return
    if schema is None:
        return
    if plain in {FORM, MULTIPART}:
        try:
            choices = candidates(document, schema, form_value(document, media, value))
        except ValueError as error:
            yield Problem(where, f"can't be read as {plain}: {error}.", contract=rule)
            return
    elif is_json(plain) or isinstance(value, str):
        choices = [value]
    else:
        return  # of bytes and foreign formats a schema says nothing that could be looked at
    for found in _fewest(validators.problems(schema, choice) for choice in choices):
        yield Problem(where, f"{found.message}.", found.pointer, f"{rule}/schema")


def _fewest(readings: Iterator[tuple[SchemaProblem, ...]]) -> tuple[SchemaProblem, ...]:
    """Return the problems of the first reading that has none; else of the first, which is the likeliest."""
    first: tuple[SchemaProblem, ...] | None = None
    for problems in readings:
        if not problems:
            return ()
        first = problems if first is None else first
    return first or ()


def _or_problem(parameter: Mapping[str, Any], document: Mapping[str, Any], pairs: Pairs) -> tuple[bool, Any]:
    try:
        return deserialise(parameter, document, pairs)
    except ValueError as error:
        return True, error


def _is_null(body: Any, content: Mapping[str, Any]) -> bool:
    """Return whether no body at all may be the JSON value null, handed over as a value."""
    if body is not None:
        return False
    return any(
        isinstance(media, Mapping) and "null" in str(media.get("schema", {}).get("type", ""))
        for media in content.values()
    )


def _skipped(place: str) -> frozenset[str]:
    return _NOT_PARAMETERS if place == "header" else frozenset()


def _pairs(headers: Headers | None) -> Pairs:
    if headers is None:
        return []
    items = headers.items() if isinstance(headers, Mapping) else headers
    return [(str(name), str(text)) for name, text in items]


def _header(headers: Pairs, name: str) -> str | None:
    return next((text for key, text in headers if key.lower() == name), None)


def _cookies(headers: Pairs) -> Pairs:
    found: Pairs = []
    for name, text in headers:
        if name.lower() == "cookie":
            for part in text.split(";"):
                key, equals, value = part.strip().partition("=")
                found += [(key, value.strip('"'))] if equals else []
    return found
