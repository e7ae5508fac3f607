"""Operations of a service as the security checks call them: what they do, and which rows their paths name.

Contracts that were made from a PRD say both. Of one that was found the kind is read off method and path, and a row is
known by the path before its parameter: `{id}` of `/books/{id}` names one of `/books`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from pytest_superteam.checks.callers.forms import body_schema
from pytest_superteam.errors import CheckError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pytest_superteam.checks.base import RunningSystem
    from pytest_superteam.contracts.registry import ContractOperation
    from pytest_superteam.models import Architecture, CheckResult, Operation

__all__ = ["Endpoint", "body_properties", "creator_of", "endpoints_of", "flat", "placed"]

_LOGIN = re.compile(r"log-?_?in|sign-?_?in|authenticate", re.IGNORECASE)
_SESSION = re.compile(r"tokens?|sessions?", re.IGNORECASE)
_REGISTER = re.compile(r"register|registration|sign-?_?up", re.IGNORECASE)
_PARAMETER = re.compile(r"\{[^{}/]*\}")
_LABEL = re.compile(r"[A-Z]{3,7} /[^\s:]{0,300}")


@dataclass(frozen=True)
class Endpoint:
    """One operation with its contract. `named` says for each path parameter which rows it names."""

    operation: Operation
    contract: ContractOperation
    kind: str
    named: Mapping[str, str]
    own: str
    """The rows that it is about, `""` where it is about none: an entity's name, or the path of a collection."""

    @property
    def label(self) -> str:
        """Return `GET /books/{id}`."""
        return f"{self.operation.method} {self.operation.path}"

    @property
    def protected(self) -> bool:
        """Return whether the contract demands a credential."""
        return not self.operation.public

    @property
    def reads(self) -> bool:
        """Return whether a call changes nothing."""
        return self.operation.method in {"GET", "HEAD"}

    @property
    def row(self) -> str:
        """Return the name of the path parameter that names a row of its own, `""` where there is none."""
        names = [name for name, target in self.named.items() if target == self.own]
        return names[-1] if names else ""

    @property
    def query(self) -> tuple[Mapping[str, Any], ...]:
        """Return the query parameters, as the contract has them."""
        return tuple(p for p in self.contract.parameters if p.get("in") == "query")

    @property
    def body(self) -> Mapping[str, Any]:
        """Return the properties that its body may have, in JSON or as a form, by name, references followed."""
        schema = body_schema(self.contract)
        return body_properties(schema, self.contract.document) if schema is not None else {}

    def answered(self, status: int) -> Mapping[str, Any]:
        """Return the properties that the contract gives the answer with `status`, at its top."""
        schema = self.contract.response_schema(status)
        return body_properties(schema, self.contract.document) if schema is not None else {}


def body_properties(schema: Any, document: Mapping[str, Any]) -> dict[str, Any]:
    """Return the properties of an object schema, those of its parts and alternatives included, references followed."""
    merged = flat(schema, document)
    return {name: flat(part, document) for name, part in (merged.get("properties") or {}).items()}


def flat(schema: Any, document: Mapping[str, Any], depth: int = 0) -> dict[str, Any]:
    """Return `schema` with its reference followed and the properties of its parts and alternatives beside its own.

    What can't be read (a broken reference, a circle) is left out.
    """
    from pytest_superteam.contracts.references import deref

    try:
        schema = deref(document, schema)
    except CheckError:
        return {}
    if not isinstance(schema, dict) or depth > 8:
        return {}
    merged = dict(schema)
    for word in ("allOf", "anyOf", "oneOf"):
        parts = [flat(part, document, depth + 1) for part in schema.get(word) or ()]
        for part in parts:
            properties = {**(part.get("properties") or {}), **(merged.get("properties") or {})}
            merged = {**part, **merged, **({"properties": properties} if properties else {})}
    return merged


def endpoints_of(system: RunningSystem, service: str) -> tuple[Endpoint, ...]:
    """Return the operations of `service` that both the design and its contract have.

    Raises:
        CheckError: the service has no contract.
    """
    known: dict[str, tuple[Endpoint, ...]] = system.memory.setdefault("endpoints", {})
    if service not in known:
        contracts = {operation.id: operation for operation in system.registry.operations(service)}
        operations = [o for o in system.architecture.operations_of(service) if o.id in contracts]
        collections = {_before(o.path, name) for o in operations for name in _names(o.path)}
        known[service] = tuple(_endpoint(system.architecture, o, contracts[o.id], collections) for o in operations)
    return known[service]


def placed(system: RunningSystem, result: CheckResult) -> CheckResult:
    """Return `result` with the place of the operation that each message begins with: contract's line and handler."""
    if not result.violations:
        return result
    from pytest_superteam.checks.places import at_place

    labels = [(violation, _LABEL.match(violation.message)) for violation in result.violations]
    found = tuple(at_place(system, violation, label[0]) if label else violation for violation, label in labels)
    return replace(result, violations=found)


def creator_of(system: RunningSystem, rows: str) -> Endpoint | None:
    """Return the operation that makes one of `rows` (`Endpoint.own`), whichever service has it."""
    found = [
        endpoint
        for service in system.architecture.services
        if service.name in system.architecture.contracts
        for endpoint in endpoints_of(system, service.name)
        if endpoint.own == rows and endpoint.kind in {"create", "register"}
    ]
    return min(found, key=lambda e: (e.kind != "create", len(_names(e.operation.path))), default=None)


def _endpoint(
    architecture: Architecture, operation: Operation, contract: ContractOperation, collections: set[str]
) -> Endpoint:
    from pytest_superteam.checks.seeding import parameter_entities

    known = parameter_entities(architecture, operation)
    named = {name: known.get(name, _before(operation.path, name)) for name in _names(operation.path)}
    own = operation.entity or ""
    kind = operation.kind if operation.kind != "action" else _kind(operation, contract, collections)
    if not own:
        own = _collection(operation.path, collections)
        if kind == "register":
            own = next((c for c in sorted(collections) if _is_people(c)), own)
    return Endpoint(operation, contract, kind, named, own)


def _kind(operation: Operation, contract: ContractOperation, collections: set[str]) -> str:
    """Return what an operation that nobody classified does, by its method and path."""
    last = operation.path.rstrip("/").rsplit("/", 1)[-1]
    above = _PARAMETER.sub("{}", operation.path).rstrip("/")
    ends = bool(_PARAMETER.fullmatch(last))
    taken = body_schema(contract)
    if operation.method == "POST" and taken is not None and not _names(operation.path):
        secret = "password" in body_properties(taken, contract.document)
        if _LOGIN.fullmatch(last) or (secret and _SESSION.fullmatch(last)):
            return "login"
        if _REGISTER.fullmatch(last) or (secret and above in collections):
            return "register"
    if operation.method == "GET":
        return "read" if ends else "list"
    if operation.method == "POST" and not ends:
        return "create" if above in collections else "action"
    return (
        {"PATCH": "update", "PUT": "replace", "DELETE": "delete"}.get(operation.method, "action") if ends else "action"
    )


def _is_people(collection: str) -> bool:
    return bool(re.search(r"users?|accounts?|customers?|members?|people|profiles?", collection, re.IGNORECASE))


def _names(path: str) -> list[str]:
    return [part[1:-1] for part in path.split("/") if _PARAMETER.fullmatch(part)]


def _before(path: str, name: str) -> str:
    """Return the path before `{name}`, with all parameters alike: `/users/{}/books` of `/users/{u}/books/{b}`."""
    return _PARAMETER.sub("{}", path.split(f"/{{{name}}}", maxsplit=1)[0])


def _collection(path: str, collections: set[str]) -> str:
    """Return the collection whose rows the path is about: its own, else that of its last parameter."""
    plain = _PARAMETER.sub("{}", path).rstrip("/")
    if plain in collections:
        return plain
    names = _names(path)
    return _before(path, names[-1]) if names else ""
