"""The operations of an OpenAPI document; a broken one says so and leaves the others usable."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from itertools import chain, count
from typing import Any

from pytest_superteam.contracts.references import deref, pointer
from pytest_superteam.errors import CheckError

__all__ = ["METHODS", "ContractOperation", "operations_of", "unique_ids"]

METHODS = frozenset({"get", "put", "post", "delete", "options", "head", "patch", "trace"})
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
    problems: tuple[str, ...] = field(repr=False, default=())
    """What of it can't be used, a line each: broken references, an id that is taken, an unknown security scheme."""

    @property
    def pointer(self) -> str:
        """Return where the document has it, as a JSON pointer."""
        return pointer("paths", self.path, self.method.lower())

    @property
    def path_parameters(self) -> tuple[str, ...]:
        """Return the names of the path's parameters, in the path's order."""
        named = {str(p.get("name")) for p in self.parameters if p.get("in") == "path"}
        order = [part[1:-1] for part in self.path.split("/") if part.startswith("{") and part.endswith("}")]
        return tuple(dict.fromkeys([*order, *sorted(named - set(order))]))

    @property
    def request_schema(self) -> Mapping[str, Any] | None:
        """Return the schema of the JSON body that the operation takes, references unresolved, if it takes one."""
        return _json_schema(self.request_body)

    @property
    def request_body(self) -> Mapping[str, Any]:
        """Return what the operation takes as its body, dereferenced; empty where it takes none."""
        found = deref(self.document, self.definition.get("requestBody", {}))
        return found if isinstance(found, Mapping) else {}

    @property
    def success(self) -> int:
        """Return the lowest documented status of 200 to 299, 200 where there is none."""
        return min((int(s) for s in map(str, self.responses) if s.isdigit() and s.startswith("2")), default=200)

    @property
    def responses(self) -> Mapping[str, Any]:
        """Return the documented answers by status."""
        found = self.definition.get("responses", {})
        return found if isinstance(found, Mapping) else {}

    @property
    def security(self) -> tuple[Mapping[str, Any], ...]:
        """Return the alternatives of what a caller must have, by scheme; empty where anybody may call."""
        found = self.definition.get("security", self.document.get("security"))
        return tuple(need for need in found if isinstance(need, Mapping)) if isinstance(found, list) else ()

    @property
    def is_protected(self) -> bool:
        """Return whether a caller without any credentials must be refused."""
        return bool(self.security) and all(self.security)

    def response(self, status: int) -> tuple[str, Mapping[str, Any]] | None:
        """Return the documented answer with `status` and its key: the status itself, `2XX` or `default`."""
        answers = {str(code).upper(): (str(code), answer) for code, answer in self.responses.items()}
        found = answers.get(str(status)) or answers.get(f"{status // 100}XX") or answers.get("DEFAULT")
        if found is None:
            return None
        answer = deref(self.document, found[1])
        return found[0], answer if isinstance(answer, Mapping) else {}

    def response_schema(self, status: int) -> Mapping[str, Any] | None:
        """Return the schema of the JSON answer with `status`, references unresolved, if there is one."""
        found = self.response(status)
        return _json_schema(found[1]) if found else None


def _json_schema(part: Mapping[str, Any]) -> Mapping[str, Any] | None:
    content = part.get("content")
    if not isinstance(content, Mapping):
        return None
    media: Any = content.get(_JSON) or next(
        (m for name, m in content.items() if str(name).split(";")[0].endswith("json")), {}
    )
    schema = media.get("schema") if isinstance(media, Mapping) else None
    return schema if isinstance(schema, Mapping) else None


def operations_of(service: str, document: Mapping[str, Any]) -> Iterator[ContractOperation]:
    """Yield the operations in the document's order, with the ids that they have or one of method and path."""
    paths = document.get("paths")
    for path, written in paths.items() if isinstance(paths, Mapping) else ():
        try:
            item = deref(document, written)
        except CheckError:
            continue  # an operation that can't be seen has no name to tell it by; `problems` of the document does
        if not isinstance(item, Mapping):
            continue
        for method, definition in item.items():
            if method in METHODS and isinstance(definition, Mapping):
                yield _operation(service, document, str(path), item, str(method), definition)


def _operation(
    service: str,
    document: Mapping[str, Any],
    path: str,
    item: Mapping[str, Any],
    method: str,
    definition: Mapping[str, Any],
) -> ContractOperation:
    problems: list[str] = []
    parameters: dict[tuple[str, str], Mapping[str, Any]] = {}
    for written in [*_listed(item.get("parameters")), *_listed(definition.get("parameters"))]:
        try:
            parameter = deref(document, written)
        except CheckError as error:
            problems.append(str(error))
            continue
        if isinstance(parameter, Mapping) and isinstance(parameter.get("name"), str):
            parameters[str(parameter.get("in")), parameter["name"]] = parameter
        else:
            problems.append("A parameter has no name. Give it one.")
    problems += _broken(document, definition) + _unknown_schemes(document, definition)
    name = str(definition.get("operationId") or f"{method}_{path}")
    return ContractOperation(
        service, name, method.upper(), path, definition, tuple(parameters.values()), document, tuple(problems)
    )


def _broken(document: Mapping[str, Any], definition: Mapping[str, Any]) -> list[str]:
    """Return what is wrong with the references that the operation itself has; schemas are looked at when used."""
    responses = definition.get("responses")
    parts = [definition.get("requestBody", {}), *(responses.values() if isinstance(responses, Mapping) else ())]
    problems = []
    for part in parts:
        try:
            deref(document, part)
        except CheckError as error:
            problems.append(str(error))
    return problems


def _unknown_schemes(document: Mapping[str, Any], definition: Mapping[str, Any]) -> list[str]:
    components = document.get("components")
    known = components.get("securitySchemes") if isinstance(components, Mapping) else None
    known = known if isinstance(known, Mapping) else {}
    needs = _listed(definition.get("security", document.get("security")))
    names = {str(name) for need in needs if isinstance(need, Mapping) for name in need}
    return [
        f"The security scheme {name!r} is unknown. Those known: {', '.join(sorted(map(str, known))) or 'none'}."
        for name in sorted(names - {str(name) for name in known})
    ]


def unique_ids(operations: Iterator[ContractOperation]) -> dict[str, ContractOperation]:
    """Return the operations by id; one whose id is taken gets another and a problem that says so."""
    found: dict[str, ContractOperation] = {}
    written = list(operations)
    taken = {operation.id for operation in written}
    for operation in written:
        name = operation.id
        if name in found:
            plain = f"{operation.id}__{operation.method.lower()}_{operation.path.strip('/').replace('/', '_')}"
            name = next(n for n in chain([plain], (f"{plain}_{i}" for i in count(2))) if n not in taken)
            taken.add(name)
            first = found[operation.id]
            problem = (
                f"The id {operation.id!r} is also that of {first.method} {first.path}. Rename one; until then this "
                f"operation is called {name!r}."
            )
            operation = replace(operation, id=name, problems=(*operation.problems, problem))  # noqa: PLW2901
        found[name] = operation
    return found


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []
