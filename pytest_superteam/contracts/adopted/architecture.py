"""Documents of a system that exists already -> the architecture as far as they tell it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, count
from typing import Any

from pytest_superteam.contracts.adopted.entities import collection_of, collections_of, entities_of, entity_name
from pytest_superteam.contracts.adopted.kinds import account_kind, is_reset, kind_of
from pytest_superteam.contracts.adopted.reading import METHODS, FoundOperation, operations_in, part
from pytest_superteam.contracts.plans import snake
from pytest_superteam.models import Architecture, Entity, Operation, Parameter, Service

__all__ = ["Found", "adopted_architecture", "base_path", "prepared"]

_SAFE_ID = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.\-]{0,119}")
_ADMIN = re.compile(
    r"(?i)\b(?:only(?: for| by)? (?:the )?(?:admin|administrator)s?|(?:admin|administrator)s?[ -]only"
    r"|requires? (?:an? )?(?:admin|administrator)\b)"
)
_NO_ADMIN = re.compile(r"(?i)\bnot an? (?:admin|administrator|superuser)\b|\b(?:admin|superuser)s? (?:only|required)\b")
_ROLE_KEYS = ("x-roles", "x-required-roles", "x-role")


@dataclass(frozen=True)
class Found:
    """What documents tell: the architecture, and the operations that are left alone since they reset all data."""

    architecture: Architecture
    resets: Mapping[str, tuple[str, ...]]
    """`GET /createdb` and the like, by service."""


def adopted_architecture(
    documents: Mapping[str, Mapping[str, Any]], *, title: str, services: Sequence[Service]
) -> Found:
    """Return the architecture that OpenAPI documents tell.

    Operations that throw the data of the whole system away are left out of it, also out of the documents that become
    its contracts: no check may call them.

    Args:
        documents: The documents by service, as they were found.
        title: What the system is called.
        services: All services, those without a document included.
    """
    contracts, resets = {}, {}
    operations: list[FoundOperation] = []
    for service, document in documents.items():
        contracts[service], left_out = _without_resets(service, prepared(document))
        operations += operations_in(service, contracts[service])
        if left_out:
            resets[service] = left_out
    entities = _entities(operations, list(documents))
    kept: dict[str, dict[str, Entity]] = {}
    for entity in entities:
        kept.setdefault(entity.service, {})[entity.plural] = entity
    typed = tuple(_operation(found, kept.get(found.service, {})) for found in operations)
    issuers = {operation.service for operation in typed if operation.kind == "login"}
    system = Architecture(
        title=title,
        prd_sha256="",
        services=tuple(
            Service(s.name, s.description, issuer=s.name in issuers, source=s.source, reason=s.reason) for s in services
        ),
        entities=entities,
        operations=typed,
        roles=tuple(sorted({role for operation in typed for role in operation.roles})),
        contracts=contracts,
    )
    return Found(system, resets)


# ---------------------------------------------------------------- documents


def prepared(document: Mapping[str, Any]) -> dict[str, Any]:
    """Return a document whose operations all have an id that is unique and can stand in a test's name.

    Ids that are missing are made of method and path, so that they stay the same from run to run.
    """
    taken: set[str] = set()
    paths: dict[str, Any] = {}
    raw_paths = document.get("paths")
    for path, raw in raw_paths.items() if isinstance(raw_paths, Mapping) else ():
        item = dict(part(document, raw))
        for method in METHODS:
            definition = item.get(method)
            if isinstance(definition, Mapping):
                item[method] = {**definition, "operationId": _id_of(method, str(path), definition, taken)}
        paths[str(path)] = item
    return {**document, "paths": paths}


def _id_of(method: str, path: str, definition: Mapping[str, Any], taken: set[str]) -> str:
    given = definition.get("operationId")
    made = f"{method}_{snake(path) or 'root'}"[:100]
    stem = str(given) if isinstance(given, str) and given.strip() else made
    if not _SAFE_ID.fullmatch(stem):
        stem = re.sub(r"[^A-Za-z0-9_.-]+", "_", stem).strip("_.-")[:100] or made
    name = next(n for n in chain([stem], (f"{stem}_{i}" for i in count(2))) if n not in taken)
    taken.add(name)
    return name


def _without_resets(service: str, document: dict[str, Any]) -> tuple[dict[str, Any], tuple[str, ...]]:
    resets = [operation for operation in operations_in(service, document) if is_reset(operation)]
    if not resets:
        return document, ()
    paths = {path: dict(item) for path, item in document["paths"].items()}
    for operation in resets:
        del paths[operation.path][operation.method.lower()]
    kept = {path: item for path, item in paths.items() if any(method in item for method in METHODS)}
    return {**document, "paths": kept}, tuple(f"{o.method} {o.path}" for o in resets)


def base_path(document: Mapping[str, Any]) -> str:
    """Return the path of the document's first server (`/api/v3`), empty where it has none."""
    servers = document.get("servers")
    first = servers[0] if isinstance(servers, list) and servers else {}
    if not isinstance(first, Mapping):
        return ""
    url = str(first.get("url", ""))
    for name, variable in part(document, first.get("variables")).items():
        url = url.replace(f"{{{name}}}", str(part(document, variable).get("default", "")))
    path = re.sub(r"^[a-zA-Z][a-zA-Z0-9+.-]{0,20}://[^/]*", "", url[:2000])
    path = path.partition("?")[0].rstrip("/")
    return path if path.startswith("/") and "{" not in path else ""


# ---------------------------------------------------------------- nouns


def _entities(operations: Sequence[FoundOperation], services: Sequence[str]) -> tuple[Entity, ...]:
    """Return the entities of all services; where two keep things of one name, the later is called by its service."""
    found: list[Entity] = []
    taken: set[str] = set()
    for service in services:
        own = [operation for operation in operations if operation.service == service]
        names: dict[str, str] = {}
        for segment in collections_of(own):
            name = entity_name(segment)
            if name in taken:
                name = entity_name(service) + name
            if name and name not in taken:
                names[segment] = name
                taken.add(name)
        found += entities_of(service, own, names)
    return tuple(found)


def _operation(found: FoundOperation, own: Mapping[str, Entity]) -> Operation:
    segment = collection_of(found, own)
    entity = own.get(segment) if segment else None
    kind = account_kind(found)
    if kind is None:
        fields = frozenset(field.name for field in entity.fields) if entity else frozenset()
        kind = kind_of(found, own, fields)
    elif entity is None or kind in {"register", "me", "update_me"}:
        entity = entity or next((e for e in own.values() if e.name in {"User", "Account", "Customer"}), None)
    return Operation(
        id=found.id,
        service=found.service,
        method=found.method,
        path=found.path,
        kind=kind,
        entity=entity.name if entity else None,
        summary=str(found.definition.get("summary", ""))[:300],
        public=found.public,
        roles=_roles(found),
        success=found.success,
        parameters=tuple(_parameter(p, found.document) for p in found.parameters if p.get("in") == "query"),
    )


def _roles(found: FoundOperation) -> tuple[str, ...]:
    """Return the roles that may call the operation: those it names, or `admin` where its words say so."""
    for key in _ROLE_KEYS:
        given = found.definition.get(key)
        if isinstance(given, str | list) and given:
            return tuple(str(role) for role in ([given] if isinstance(given, str) else given) if str(role))
    text = f"{found.definition.get('summary', '')} {found.definition.get('description', '')}"[:2000]
    refusal = str(part(found.document, found.answers.get("403")).get("description", ""))[:200]
    told = _ADMIN.search(text) or _NO_ADMIN.search(refusal)
    return ("admin",) if told and not found.public else ()


def _parameter(raw: Mapping[str, Any], document: Mapping[str, Any]) -> Parameter:
    schema = part(document, raw.get("schema"))
    kinds = {"integer": "integer", "number": "number", "boolean": "boolean", "array": "list"}
    values = schema.get("enum")
    return Parameter(
        str(raw.get("name")),
        kinds.get(str(schema.get("type")), "string"),  # type: ignore[arg-type]  # values of the table are field types
        required=raw.get("required") is True,
        enum=tuple(str(value) for value in values) if isinstance(values, list) else (),
    )
