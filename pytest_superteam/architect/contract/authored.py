"""OpenAPI documents that the author brings: fenced in the text, or in a file beside it that the text names.

Such a document is the contract: its paths are the operations, its schemas the entities. What can't be followed, since
the file is missing, is Swagger 2.0 or is invalid, is listed with the reason.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from pytest_superteam.architect.facts import ContractFact, EndpointFact, EntityFact
from pytest_superteam.architect.notations.jsonschema import entities_of_schemas, loaded
from pytest_superteam.models import Ignored

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from pytest_superteam.architect.decomposition.services import ServiceIndex
    from pytest_superteam.architect.document.sections import Document
    from pytest_superteam.models import Architecture, Operation

__all__ = ["Authored", "author_contract", "merged_endpoints", "merged_entities", "read_authored", "with_contracts"]

MAX_BYTES = 2 * 1024 * 1024
"""Largest file that is read, in bytes."""
_MOST_FILES = 20
_METHODS = ("get", "put", "post", "delete", "patch", "options", "head", "trace")
_EMBEDDED = re.compile(
    r"(?:^|[{,])[ \t]{0,20}[\"']?(openapi|swagger)[\"']?[ \t]{0,4}:[ \t]{0,4}[\"']?(\d[\d.]{0,8})", re.MULTILINE
)
_FILE = r"(?:\.{1,2}/){0,5}(?:[\w.-]{1,60}/){0,6}[\w.-]{0,60}(?:openapi|swagger)[\w.-]{0,60}\.(?:ya?ml|json)"
_MENTION = re.compile(rf"(?<![\w/.:-])({_FILE})(?![\w/])", re.IGNORECASE)
_LINK = re.compile(r"\]\(\s{0,4}<?([^()\s<>]{1,300}\.(?:ya?ml|json))(?:#[^()\s]{0,100})?>?\s{0,4}\)", re.IGNORECASE)
_REMOTE = re.compile(r"^[a-z][a-z0-9+.-]{0,20}:", re.IGNORECASE)
_SPEC = re.compile(r"openapi|swagger|api[-_. ]?(?:spec|docs?|schema|contract)", re.IGNORECASE)


@dataclass(frozen=True)
class Authored:
    """What the author's OpenAPI documents say."""

    contracts: tuple[ContractFact, ...] = ()
    endpoints: tuple[EndpointFact, ...] = ()
    entities: tuple[EntityFact, ...] = ()
    ignored: tuple[Ignored, ...] = ()
    spans: tuple[tuple[int, int], ...] = ()
    """First and last lines of the documents within the text."""


def read_authored(document: Document, folder: Path | None, services: ServiceIndex) -> Authored:
    """Return the OpenAPI documents of the text and of the files that it names.

    Args:
        document: the text.
        folder: the folder of the text; files are read below it only. None reads no files.
        services: the services of the text, one of which a document may belong to.
    """
    contracts: list[ContractFact] = []
    endpoints: list[EndpointFact] = []
    entities: list[EntityFact] = []
    ignored: list[Ignored] = []
    spans: list[tuple[int, int]] = []
    for text, line, origin, reason, service in _candidates(document, folder, services):
        problem, data = (reason, None) if reason else _accepted(text)
        if data is None:
            ignored.append(Ignored(origin, line, problem))
            continue
        spans += [(line, line + text.count("\n"))] if origin == "the text" else []
        owner = service or _owner(data, services)
        contracts.append(ContractFact(data, line, origin, owner))
        endpoints += _endpoints(data, line, owner)
        components = data.get("components")
        schemas = components.get("schemas") if isinstance(components, Mapping) else None
        if isinstance(schemas, Mapping):
            entities += entities_of_schemas(schemas, line, text if origin == "the text" else "")
    return Authored(tuple(contracts), tuple(endpoints), tuple(entities), tuple(ignored), tuple(spans))


def _candidates(
    document: Document, folder: Path | None, services: ServiceIndex
) -> Iterator[tuple[str, int, str, str, str | None]]:
    """Yield text, line, origin and service of each document, or why there is no text."""
    seen: set[str] = set()
    quick = "openapi" in document.text or "swagger" in document.text or _LINK.search(document.text)
    for section in document.live() if quick else ():
        service = services.of_section(section) if section.level else None
        for block in section.blocks:
            if block.kind == "code":
                if _EMBEDDED.search(block.text[:4000]) and ("paths" in block.text or "swagger" in block.text[:4000]):
                    yield block.text, block.line, "the text", "", service
                continue
            for name, line in _names(block.raw or "\n".join(" ".join(r.cells) for r in block.rows), block.line):
                if name not in seen and len(seen) < _MOST_FILES:
                    seen.add(name)
                    text, reason = _read(name, folder)
                    yield text, line, name, reason, service


def _names(raw: str, line: int) -> Iterator[tuple[str, int]]:
    lower = raw.lower()
    if ".json" not in lower and ".y" not in lower:
        return
    for i, text in enumerate(raw.split("\n")):
        for match in _LINK.finditer(text[:4000]):
            # A link may lead to any data; only a description of an API is one.
            if _SPEC.search(match.group(1)) or _SPEC.search(text[max(match.start() - 80, 0) : match.start()]):
                yield match.group(1), line + i
        for match in _MENTION.finditer(_LINK.sub("](", text[:4000])):
            yield match.group(1), line + i


def _read(name: str, folder: Path | None) -> tuple[str, str]:
    """Return the text of a file below `folder`, or why it is not read."""
    if _REMOTE.match(name):
        return "", "it lies elsewhere, and nothing is fetched; put the document beside the PRD"
    if folder is None:
        return "", "the folder of the PRD is not known"
    try:
        base = folder.resolve()
        path = (base / name).resolve()
        if not path.is_relative_to(base):
            return "", "it lies outside the folder of the PRD, and only files below that are read"
        if not path.is_file():
            return "", "there is no such file beside the PRD; embed the document or put it there"
        with path.open("rb") as stream:
            data = stream.read(MAX_BYTES + 1)
    except (OSError, ValueError) as error:
        return "", f"it can't be read: {getattr(error, 'strerror', None) or 'a bad name'}"
    if len(data) > MAX_BYTES:
        return "", f"it is larger than {MAX_BYTES} bytes"
    try:
        return data.decode("utf-8-sig"), ""
    except UnicodeDecodeError:
        return "", "it is not UTF-8"


def _accepted(text: str) -> tuple[str, Mapping[str, Any] | None]:
    """Return the document in a text, or why it is no contract."""
    try:
        data = loaded(text)
    except ValueError as error:
        return f"it is neither YAML nor JSON: {error}", None
    if not isinstance(data, Mapping) or not ({"openapi", "swagger"} & set(data)):
        return "it is no OpenAPI document", None
    if "swagger" in data:
        return f"it is Swagger {data['swagger']}; only OpenAPI 3.0 and 3.1 are followed, convert it first", None
    version = str(data["openapi"])
    if not version.startswith(("3.0", "3.1")):
        return f"it is OpenAPI {version}; only 3.0 and 3.1 are followed", None
    if not isinstance(data.get("paths"), Mapping) or not data["paths"]:
        return "it has no paths", None
    problem = _problem(data, version)
    return (problem, None) if problem else ("", data)


def _problem(data: Mapping[str, Any], version: str) -> str:
    if _refers_outside(data):
        return "it refers to other files; only references within the document are followed"
    from openapi_spec_validator import OpenAPIV30SpecValidator, OpenAPIV31SpecValidator

    validator = (OpenAPIV30SpecValidator if version.startswith("3.0") else OpenAPIV31SpecValidator)(dict(data))
    try:
        error = next(iter(validator.iter_errors()), None)
    except Exception as failure:  # noqa: BLE001 - a reference that leads nowhere raises errors of several libraries
        return f"it is invalid: {' '.join(str(failure).split())[:200]}"
    if error is None:
        return ""
    where = "/".join(str(p) for p in getattr(error, "absolute_path", ()))
    message = " ".join(str(getattr(error, "message", error)).split())[:200]
    return f"it is invalid{f' at {where}' if where else ''}: {message}"


def _refers_outside(data: Any) -> bool:
    todo = [data]
    while todo:
        value = todo.pop()
        if isinstance(value, Mapping):
            reference = value.get("$ref")
            if isinstance(reference, str) and not reference.startswith("#"):
                return True
            todo += value.values()
        elif isinstance(value, list):
            todo += value
    return False


def _owner(data: Mapping[str, Any], services: ServiceIndex) -> str | None:
    info = data.get("info")
    title = info.get("title") if isinstance(info, Mapping) else None
    return services.find(title) if isinstance(title, str) else None


def _endpoints(data: Mapping[str, Any], line: int, service: str | None) -> Iterator[EndpointFact]:
    everyone = data.get("security") == []
    for path, item in data["paths"].items():
        if not isinstance(item, Mapping) or not path.startswith("/"):
            continue
        for method in _METHODS[:5]:
            operation = item.get(method)
            if not isinstance(operation, Mapping):
                continue
            parameters = [*_listed(item.get("parameters")), *_listed(operation.get("parameters"))]
            query = tuple(str(p["name"]) for p in parameters if p.get("in") == "query" and p.get("name"))
            public = operation.get("security") == [] or (everyone and "security" not in operation)
            yield EndpointFact(
                method.upper(),
                path,
                line,
                str(operation.get("summary") or "")[:200],
                "public" if public else "",
                service,
                query,
            )


def _listed(value: Any) -> list[Mapping[str, Any]]:
    return [v for v in value if isinstance(v, Mapping)] if isinstance(value, list) else []


def author_contract(document: Mapping[str, Any], operations: tuple[Operation, ...]) -> dict[str, Any]:
    """Return the author's document with an operationId for each operation: theirs, else that of the architecture."""
    ids = {(o.method.lower(), _bare(o.path)): o.id for o in operations}
    taken = {
        str(operation["operationId"])
        for item in document["paths"].values()
        if isinstance(item, Mapping)
        for operation in item.values()
        if isinstance(operation, Mapping) and operation.get("operationId")
    }
    paths: dict[str, Any] = {}
    for path, item in document["paths"].items():
        if not isinstance(item, Mapping):
            continue
        paths[path] = dict(item)
        for method in _METHODS:
            operation = item.get(method)
            if not isinstance(operation, Mapping) or operation.get("operationId"):
                continue
            wanted = (
                ids.get((method, _bare(path))) or f"{method}_{'_'.join(re.findall(r'[A-Za-z0-9]+', path)) or 'root'}"
            )
            name, number = wanted, 2
            while name in taken:
                name, number = f"{wanted}_{number}", number + 1
            taken.add(name)
            paths[path][method] = {**operation, "operationId": name}
    return {**document, "paths": paths}


def merged_endpoints(authored: Authored, said: tuple[EndpointFact, ...]) -> tuple[EndpointFact, ...]:
    """Return the endpoints of the author's documents, then those that only the text around them names."""
    if not authored.endpoints:
        return said
    known = {(e.method, _bare(e.path)) for e in authored.endpoints}
    more = [e for e in said if not any(a <= e.line <= b for a, b in authored.spans)]
    return (*authored.endpoints, *(e for e in more if (e.method, _bare(e.path)) not in known))


def merged_entities(given: tuple[EntityFact, ...], said: tuple[EntityFact, ...]) -> tuple[EntityFact, ...]:
    """Return the entities of the author's documents, with the fields that the text adds, then those of the text."""
    if not given:
        return said
    spoken = {e.name: e for e in said}
    result = []
    for fact in {e.name: e for e in reversed(given)}.values():
        other = spoken.pop(fact.name, None)
        names = {f.field.name for f in fact.fields}
        more = tuple(f for f in other.fields if f.field.name not in names) if other else ()
        result.append(replace(fact, fields=fact.fields + more, service=other.service if other else None))
    return tuple(sorted([*result, *spoken.values()], key=lambda e: e.line))


def _bare(path: str) -> str:
    return re.sub(r"\{[^{}/]{0,100}\}", "{}", path.rstrip("/") or "/")


def with_contracts(
    system: Architecture, contracts: tuple[ContractFact, ...]
) -> tuple[dict[str, dict[str, Any]], list[str]]:
    """Return the author's contract of each service that has one, and the questions about the others.

    A document that names no service is that of the only service; of several documents for one service the first counts.
    """
    found: dict[str, dict[str, Any]] = {}
    questions: list[str] = []
    names = [s.name for s in system.services]
    for fact in contracts:
        service = fact.service if fact.service in names else names[0] if len(names) == 1 else None
        if service is None:
            questions.append(
                f"Whose contract is the OpenAPI document of {fact.origin} (line {fact.line})? The text names several "
                "services and none for it, so its operations are placed by what they are about."
            )
        elif service in found:
            questions.append(
                f"Which OpenAPI document is the contract of {service}? The one of {fact.origin} (line {fact.line}) is "
                "not the first, and only that is followed."
            )
        else:
            found[service] = author_contract(fact.document, system.operations_of(service))
    return found, questions
