"""The OpenAPI documents of a system, by service: what they say of each operation."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pytest_superteam.contracts.operations import ContractOperation, operations_of, unique_ids
from pytest_superteam.contracts.references import references, resolve
from pytest_superteam.errors import CheckError

if TYPE_CHECKING:
    from pytest_superteam.contracts.matching import MatchedOperation, Matcher
    from pytest_superteam.contracts.validating.dialect import Direction
    from pytest_superteam.contracts.validating.schematools import Validators
    from pytest_superteam.models import Architecture

__all__ = ["ContractOperation", "ContractRegistry", "ContractSummary"]


@dataclass(frozen=True)
class ContractSummary:
    """One document in figures. `notes` say how it was read: converted, references that are not followed."""

    service: str
    title: str
    version: str
    specification: str
    """`3.1.0`, or `2.0` for a converted document."""
    paths: int
    operations: int
    schemas: int
    servers: tuple[str, ...]
    security_schemes: tuple[str, ...]
    broken: tuple[str, ...]
    """Ids of operations that can't be used as they are written."""
    notes: tuple[str, ...] = ()


class ContractRegistry:
    """OpenAPI 3.0 and 3.1 documents by service name, looked up by service and operation.

    Swagger 2.0 is converted, 3.2 read as 3.1. Documents are taken as they are and may be broken: what can be used of
    them can be, and `problems` says the rest.
    """

    def __init__(self, documents: Mapping[str, Mapping[str, Any]]) -> None:
        self._written = dict(documents)
        self._documents: dict[str, Mapping[str, Any]] = {}
        self._operations: dict[str, dict[str, ContractOperation]] = {}
        self._resolved: dict[tuple[str, str], Any] = {}
        self._matchers: dict[str, Matcher] = {}
        self._validators: dict[tuple[str, Direction], Validators] = {}

    @classmethod
    def of(cls, architecture: Architecture) -> ContractRegistry:
        """Return the registry of an architecture's contracts."""
        return cls(architecture.contracts)

    @property
    def services(self) -> tuple[str, ...]:
        """Return the names of the services that have a contract, sorted."""
        return tuple(sorted(self._written))

    def document(self, service: str) -> Mapping[str, Any]:
        """Return the OpenAPI document of `service`; one of Swagger 2.0 as what it says in OpenAPI 3.0.

        Raises:
            CheckError: it has none, or a Swagger document can't be converted.
        """
        if service not in self._documents:
            if service not in self._written:
                raise CheckError(f"{service!r} has no contract. Those with one: {', '.join(self.services) or 'none'}.")
            self._documents[service] = _as_openapi(service, self._written[service])
        return self._documents[service]

    def operations(self, service: str) -> tuple[ContractOperation, ...]:
        """Return the operations of `service` in the document's order; broken ones have `problems`.

        Raises:
            CheckError: the service has no contract.
        """
        if service not in self._operations:
            self._operations[service] = unique_ids(operations_of(service, self.document(service)))
        return tuple(self._operations[service].values())

    def find(self, service: str, operation_id: str) -> ContractOperation:
        """Return one operation.

        Raises:
            CheckError: the contract does not have it.
        """
        self.operations(service)
        known = self._operations[service]
        if operation_id not in known:
            raise CheckError(f"The contract of {service} has no operation {operation_id!r}. It has {', '.join(known)}.")
        return known[operation_id]

    def match(self, service: str, method: str, path: str) -> MatchedOperation | None:
        """Return the operation that a request is for, None where the contract has none.

        Args:
            service: Whose contract.
            method: In any case.
            path: As it is requested, with or without the path of a server of the contract; a query does not count.

        Raises:
            CheckError: the service has no contract.
        """
        if service not in self._matchers:
            from pytest_superteam.contracts.matching import Matcher

            self._matchers[service] = Matcher(self.operations(service), self.document(service))
        return self._matchers[service].match(method, path)

    def resolve(self, service: str, reference: str) -> Any:
        """Return what `reference` (`#/components/schemas/Book`) names in the document of `service`.

        Raises:
            CheckError: it leads nowhere, out of the document or in a circle.
        """
        key = (service, reference)
        if key not in self._resolved:
            self._resolved[key] = resolve(self.document(service), reference)
        return self._resolved[key]

    def validators(self, service: str, direction: Direction) -> Validators:
        """Return the validators of the document's schemas, as requests or responses have to keep them.

        Raises:
            CheckError: the service has no contract.
        """
        key = (service, direction)
        if key not in self._validators:
            from pytest_superteam.contracts.validating.schematools import Validators

            self._validators[key] = Validators(self.document(service), direction)
        return self._validators[key]

    def problems(self, service: str) -> tuple[str, ...]:
        """Return what is wrong with the document by the OpenAPI specification, a line each; empty for a valid one."""
        from pytest_superteam.contracts.validating.specification import document_problems

        try:
            document = self.document(service)
        except CheckError as error:
            if service not in self._written:
                raise
            return (str(error),)
        return document_problems(document, self.operations(service))

    def summaries(self) -> tuple[ContractSummary, ...]:
        """Return every document in figures, by service; one that can't be converted is left out (see `problems`)."""
        found = []
        for service in self.services:
            try:
                found.append(self._summary(service))
            except CheckError:
                continue
        return tuple(found)

    def _summary(self, service: str) -> ContractSummary:
        document, written = self.document(service), self._written[service]
        info, components = _map(document.get("info")), _map(document.get("components"))
        servers = document.get("servers")
        operations = self.operations(service)
        return ContractSummary(
            service=service,
            title=str(info.get("title", "")),
            version=str(info.get("version", "")),
            specification=str(written.get("openapi") or written.get("swagger") or ""),
            paths=len(_map(document.get("paths"))),
            operations=len(operations),
            schemas=len(_map(components.get("schemas"))),
            servers=tuple(str(_map(s).get("url", "")) for s in servers) if isinstance(servers, list) else (),
            security_schemes=tuple(sorted(map(str, _map(components.get("securitySchemes"))))),
            broken=tuple(operation.id for operation in operations if operation.problems),
            notes=_notes(document, written),
        )


def _as_openapi(service: str, written: Mapping[str, Any]) -> Mapping[str, Any]:
    if "swagger" not in written or "openapi" in written:
        return written
    from pytest_superteam.contracts.documents.swagger import openapi_of_swagger

    try:
        return openapi_of_swagger(written)
    except CheckError as error:
        raise CheckError(f"The contract of {service} can't be used: {error}") from None


def _notes(document: Mapping[str, Any], written: Mapping[str, Any]) -> tuple[str, ...]:
    notes = []
    if document is not written:
        notes.append("Swagger 2.0 was read as OpenAPI 3.0.")
        converted = document.get("x-conversion-notes")
        notes += [str(note) for note in converted] if isinstance(converted, list) else []
    if str(document.get("openapi", "")).startswith("3.2"):
        notes.append("OpenAPI 3.2 was read as 3.1.")
    external = sorted({reference for _, reference in references(document) if not reference.startswith("#")})
    if external:
        more = f" and {len(external) - 1} more" if len(external) > 1 else ""
        notes.append(
            f"{external[0][:200]!r}{more} lead out of the document and are not followed. "
            "Set `contracts.external_references: true` to follow them."
        )
    return tuple(notes)


def _map(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}
