"""The OpenAPI documents of a system, by service: what they say of each operation."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from pytest_superteam.contracts.references import deref, resolve
from pytest_superteam.errors import CheckError

if TYPE_CHECKING:
    from pytest_superteam.models import Architecture

__all__ = ["ContractOperation", "ContractRegistry"]

_METHODS = frozenset({"get", "put", "post", "delete", "options", "head", "patch", "trace"})
_JSON = "application/json"


@dataclass(frozen=True)
class ContractOperation:
    """One operation of a document; `method` in upper case, `definition` as it is written, `parameters` dereferenced."""

    service: str
    id: str
    method: str
    path: str
    definition: Mapping[str, Any] = field(repr=False)
    parameters: tuple[Mapping[str, Any], ...] = field(repr=False, default=())
    document: Mapping[str, Any] = field(repr=False, default_factory=dict)

    @property
    def path_parameters(self) -> tuple[str, ...]:
        """Return the names of the path's parameters, in the path's order."""
        named = {str(p["name"]) for p in self.parameters if p.get("in") == "path"}
        order = [part[1:-1] for part in self.path.split("/") if part.startswith("{") and part.endswith("}")]
        return tuple(dict.fromkeys([*order, *sorted(named - set(order))]))

    @property
    def request_schema(self) -> Mapping[str, Any] | None:
        """Return the schema of the JSON body that the operation takes, references unresolved, if it takes one."""
        return _json_schema(deref(self.document, self.definition.get("requestBody", {})))

    @property
    def success(self) -> int:
        """Return the lowest documented status of 200 to 299, 200 where there is none."""
        return min((int(s) for s in map(str, self.responses) if s.isdigit() and s.startswith("2")), default=200)

    @property
    def responses(self) -> Mapping[str, Any]:
        """Return the documented answers by status."""
        found = self.definition.get("responses", {})
        return found if isinstance(found, Mapping) else {}

    def response_schema(self, status: int) -> Mapping[str, Any] | None:
        """Return the schema of the JSON answer with `status`, references unresolved, if there is one."""
        answers = {str(code): answer for code, answer in self.responses.items()}
        answer = answers.get(str(status), answers.get("default", {}))
        return _json_schema(deref(self.document, answer))


def _json_schema(part: Mapping[str, Any]) -> Mapping[str, Any] | None:
    content = part.get("content", {})
    media: Mapping[str, Any] = content.get(_JSON) or next(
        (m for name, m in content.items() if name.split(";")[0].endswith("json")), {}
    )
    schema = media.get("schema")
    return schema if isinstance(schema, Mapping) else None


class ContractRegistry:
    """OpenAPI 3.0 and 3.1 documents by service name, looked up by service and operation."""

    def __init__(self, documents: Mapping[str, Mapping[str, Any]]) -> None:
        self._documents = dict(documents)
        self._operations: dict[str, dict[str, ContractOperation]] = {}

    @classmethod
    def of(cls, architecture: Architecture) -> ContractRegistry:
        """Return the registry of an architecture's contracts."""
        return cls(architecture.contracts)

    @property
    def services(self) -> tuple[str, ...]:
        """Return the names of the services that have a contract, sorted."""
        return tuple(sorted(self._documents))

    def document(self, service: str) -> Mapping[str, Any]:
        """Return the OpenAPI document of `service`.

        Raises:
            CheckError: it has none.
        """
        if service not in self._documents:
            raise CheckError(f"{service!r} has no contract. Those with one: {', '.join(self.services) or 'none'}.")
        return self._documents[service]

    def operations(self, service: str) -> tuple[ContractOperation, ...]:
        """Return the operations of `service` in the document's order.

        Raises:
            CheckError: the service has no contract, or two operations share an id.
        """
        if service not in self._operations:
            self._operations[service] = self._read(service)
        return tuple(self._operations[service].values())

    def _read(self, service: str) -> dict[str, ContractOperation]:
        found: dict[str, ContractOperation] = {}
        for operation in _operations_of(service, self.document(service)):
            if operation.id in found:
                raise CheckError(f"The contract of {service} has two operations {operation.id!r}. Rename one.")
            found[operation.id] = operation
        return found

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

    def resolve(self, service: str, reference: str) -> Any:
        """Return what `reference` (`#/components/schemas/Book`) names in the document of `service`.

        Raises:
            CheckError: it leads nowhere, out of the document or in a circle.
        """
        return resolve(self.document(service), reference)

    def problems(self, service: str) -> tuple[str, ...]:
        """Return what is wrong with the document by the OpenAPI specification, a line each; empty for a valid one."""
        from jsonschema.exceptions import ValidationError
        from openapi_spec_validator import OpenAPIV30SpecValidator, OpenAPIV31SpecValidator

        document = self.document(service)
        version = str(document.get("openapi", ""))
        kinds = {"3.0": OpenAPIV30SpecValidator, "3.1": OpenAPIV31SpecValidator}
        validator = kinds.get(version[:3])
        if validator is None:
            return (f"openapi: {version or 'no version'!s} is not supported. Allowed are 3.0 and 3.1.",)
        try:
            errors = list(validator(dict(document)).iter_errors())
        except (ValidationError, ValueError, LookupError, TypeError) as error:
            return (f"The document can't be validated: {error}",)
        return tuple(
            f"{'/'.join(map(str, error.absolute_path)) or '(root)'}: {error.message[:300]}" for error in errors
        )


def _operations_of(service: str, document: Mapping[str, Any]) -> Iterator[ContractOperation]:
    for path, item in (document.get("paths") or {}).items():
        item = deref(document, item)  # noqa: PLW2901  # a path item may be a reference
        for method, definition in item.items():
            if method not in _METHODS or not isinstance(definition, Mapping):
                continue
            written = [deref(document, p) for p in [*item.get("parameters", ()), *definition.get("parameters", ())]]
            parameters = {(p.get("in"), p.get("name")): p for p in written}
            name = str(definition.get("operationId") or f"{method}_{path}")
            yield ContractOperation(
                service, name, method.upper(), str(path), definition, tuple(parameters.values()), document
            )
