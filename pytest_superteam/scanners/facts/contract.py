"""What the OpenAPI documents of a service say about its operations, as far as source is compared with them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from pytest_superteam.scanners.facts.routes.model import join, normalise_path
from pytest_superteam.scanners.languages.yaml_nodes import check_size
from pytest_superteam.scanners.source import NotAnalysed, SourceTree

if TYPE_CHECKING:
    from yaml.nodes import Node

    from pytest_superteam.scanners.base import ScanTarget
    from pytest_superteam.scanners.source import SourceFile

__all__ = ["ContractOperation", "Document", "contract_operations", "documents"]

_METHODS = frozenset({"get", "post", "put", "patch", "delete", "head", "options", "trace"})
_NAMED = re.compile(
    r"(?:openapi|swagger|api-?docs)[\w.-]*\.(?:ya?ml|json)$|\.(?:openapi|oas|swagger)\.(?:ya?ml|json)$", re.IGNORECASE
)
_OPENING = re.compile(rb"^[\s{#-]*[\"']?(?:openapi|swagger)[\"']?\s*:\s*[\"']?[23]\.", re.MULTILINE)
_VARIABLE = re.compile(r"\{([^{}]*)\}")
_NOT_OURS = ("node_modules/", "vendor/", "tests/", "test/", "__tests__/", "site-packages/", "examples/", "third_party/")
_MAX_DOCUMENTS = 20


@dataclass(frozen=True)
class ContractOperation:
    """One operation: upper-case method, path as written, and `paths` where it may be served, normalised.

    `public`: whether anybody may call it; None where the contract says nothing about security.
    """

    method: str
    path: str
    public: bool | None
    id: str
    paths: tuple[str, ...]
    file: str = ""
    line: int = 0


@dataclass(frozen=True)
class Document:
    """One OpenAPI document. `file` is empty for one that the target came with."""

    content: Mapping[str, Any]
    file: str = ""
    lines: Mapping[tuple[str, str], int] = field(default_factory=dict, compare=False)
    """The line of each operation, by path as written and lower-case method."""


def documents(tree: SourceTree, target: ScanTarget) -> tuple[Document, ...]:
    """Return the contract that the target came with, else the OpenAPI documents in its folder."""
    if target.contract is not None:
        return (Document(target.contract),)
    if "contracts" not in tree.facts:
        found = (_load(tree, file) for file in tree.files if _is_document(file))
        tree.facts["contracts"] = tuple(document for document in found if document is not None)[:_MAX_DOCUMENTS]
    known = tree.facts["contracts"]
    return known if isinstance(known, tuple) else ()


def _is_document(file: SourceFile) -> bool:
    name = file.path.rsplit("/", 1)[-1].lower()
    if not name.endswith((".yaml", ".yml", ".json")) or any(f"/{part}" in f"/{file.path}" for part in _NOT_OURS):
        return False
    return _NAMED.search(name) is not None or _OPENING.search(file.data[:400]) is not None


def _load(tree: SourceTree, file: SourceFile) -> Document | None:
    import yaml

    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    try:
        check_size(file.text)
        content = yaml.load(file.text, Loader=loader)  # noqa: S506 - safe loaders both
        root = yaml.compose(file.text, Loader=loader)
    except (yaml.YAMLError, RecursionError, ValueError) as error:
        tree.unparsed.append(NotAnalysed(file.path, f"is no valid YAML: {' '.join(str(error).split())[:200]}"))
        return None
    if not isinstance(content, Mapping) or not isinstance(content.get("paths"), Mapping):
        return None
    return Document(content, file.path, dict(_lines(root)))


def _pairs(node: Node | None) -> list[tuple[Node, Node]]:
    value = getattr(node, "value", None)
    return [pair for pair in value if isinstance(pair, tuple)] if isinstance(value, list) else []


def _lines(root: Node | None) -> Iterator[tuple[tuple[str, str], int]]:
    """Yield path and method of each operation with its line."""
    for key, paths in _pairs(root):
        for path, item in _pairs(paths) if key.value == "paths" else ():
            for method, _ in _pairs(item):
                if str(method.value).lower() in _METHODS:
                    yield (str(path.value), str(method.value).lower()), method.start_mark.line + 1


def _is_public(security: object) -> bool | None:
    """Return whether a `security` list lets anonymous callers in: it is empty, or one alternative asks for nothing."""
    if not isinstance(security, list):
        return None
    return not security or any(item == {} for item in security)


def _server_paths(holder: Mapping[str, Any]) -> list[str]:
    """Return the paths of the servers that a document, path or operation names, variables at their defaults."""
    found = []
    for server in holder.get("servers") or ():
        if isinstance(server, Mapping):
            given = server.get("variables")
            variables = given if isinstance(given, Mapping) else {}

            def default(match: re.Match[str], known: Mapping[str, Any] = variables) -> str:
                variable = known.get(match[1])
                return str(variable.get("default", "")) if isinstance(variable, Mapping) else ""

            found.append(urlsplit(_VARIABLE.sub(default, str(server.get("url", "")))).path)
    return found


def _prefixes(content: Mapping[str, Any]) -> list[str]:
    if "swagger" in content:
        return [str(content.get("basePath") or "")]
    return _server_paths(content) or [""]


def _operations(document: Document) -> Iterator[ContractOperation]:
    content = document.content
    root = _prefixes(content)
    for path, item in (content.get("paths") or {}).items():
        for method, operation in item.items() if isinstance(item, Mapping) else ():
            if not isinstance(method, str) or method.lower() not in _METHODS or not isinstance(operation, Mapping):
                continue
            prefixes = _server_paths(operation) or _server_paths(item) or root
            public = _is_public(operation.get("security", content.get("security")))
            paths = tuple(dict.fromkeys(normalise_path(join(prefix, str(path))) for prefix in prefixes))
            line = document.lines.get((str(path), method.lower()), 0)
            name = str(operation.get("operationId", ""))
            yield ContractOperation(method.upper(), str(path), public, name, paths, document.file, line)


def operations(document: Document, served: frozenset[tuple[str, str]]) -> tuple[ContractOperation, ...]:
    """Return the operations of one document.

    A server's path that no route has while the bare paths are served is cut off by a gateway: it is left out. `served`
    holds method and normalised path of the routes.
    """
    found = tuple(_operations(document))
    if any((o.method, path) in served for o in found for path in o.paths):
        return found
    bare = tuple(
        ContractOperation(o.method, o.path, o.public, o.id, (normalise_path(o.path),), o.file, o.line) for o in found
    )
    return bare if any((o.method, path) in served for o in bare for path in o.paths) else found


def contract_operations(tree: SourceTree, target: ScanTarget) -> tuple[ContractOperation, ...]:
    """Return the operations of the service's own contract; documents of other services that lie about are left out."""
    from pytest_superteam.scanners.facts.routes import routes

    served = frozenset((route.method, normalise_path(route.path)) for route in routes(tree))
    found = [operations(document, served) for document in documents(tree, target)]
    if len(found) > 1:
        own = [some for some in found if any((o.method, path) in served for o in some for path in o.paths)]
        found = own or found[:1]
    return tuple(operation for some in found for operation in some)
