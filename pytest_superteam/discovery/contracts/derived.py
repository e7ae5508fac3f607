"""An OpenAPI document made of the routes that a service's source has: what is not known stays open.

Such a document says which operations there are, and of their parameters, bodies and answers what the source says. It
does not say which statuses an operation may answer with (each has a `default` answer), nor that a body is refused.
`contracts.derived.is_derived` tells it, so that only what a document of this kind promises is held against the service.
"""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING, Any

from pytest_superteam.contracts.derived import DERIVED_KEY
from pytest_superteam.discovery.contracts.derive.paths import Template, templates

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

    from pytest_superteam.discovery.contracts.derive.details import Details
    from pytest_superteam.models import FoundService
    from pytest_superteam.scanners.facts.routes import Route
    from pytest_superteam.scanners.source import SourceTree

__all__ = ["NOTES_KEY", "PLACE_KEY", "derived_document", "document_of_routes", "source_of"]

PLACE_KEY = "x-derived-from"
NOTES_KEY = "x-derived-notes"
_METHODS = ("get", "put", "post", "delete", "patch")
_DESCRIPTION = (
    "Derived from the routes of the source. It names the operations and what the source says of them; "
    "statuses, bodies and answers that are not listed may occur."
)
_NOT_HTTP = (
    ("websocket routes", re.compile(rb"\.websocket(?:_route)?\(|@WebSocketGateway\b|\bsocket\.io\b|express-ws")),
    ("static files", re.compile(rb"\bStaticFiles\(|\bexpress\.static\(|\bServeStaticModule\b|\bfastify-?/?static\b")),
)
_MOST_NAMED = 5


def derived_document(service: FoundService, root: Path, *, beside: Iterable[str] = ()) -> dict[str, Any] | None:
    """Return the OpenAPI 3.1 document that the routes of a service make, None where it has none that can be read.

    Args:
        service: The service.
        root: Folder of the system.
        beside: Folders of the other services, relative to `root`: what lies in them is not this service's.
    """
    tree = source_of(service, root, beside)
    return document_of_routes(tree, service.name, service.folder) if tree is not None else None


def source_of(service: FoundService, root: Path, beside: Iterable[str] = ()) -> SourceTree | None:
    """Return the source of a service, without the folders of others inside its own; None where it has no folder."""
    from pytest_superteam.scanners.source import SourceTree

    folder = (root / service.folder).resolve()
    if not service.folder or not folder.is_relative_to(root.resolve()) or not folder.is_dir():
        return None
    own = "" if service.folder.strip("/") in {"", "."} else service.folder.strip("/") + "/"
    inside = (other.strip("/") for other in beside if other.strip("/") not in {"", "."})
    skip = tuple(other.removeprefix(own) for other in inside if other.startswith(own) and other != own.rstrip("/"))
    return SourceTree(folder, None, skip)


def document_of_routes(tree: SourceTree, name: str, folder: str = "", file: str = "") -> dict[str, Any] | None:
    """Return the document of the routes of `tree`; `folder` stands before the places of operations.

    Where the service is one `file` of the tree, only the routes in that file are its own.
    """
    from pytest_superteam.scanners.facts.routes import routing

    known = routing(tree)
    writer = _Writer(tree, name, folder)
    for route in known.routes:
        if file in {"", route.file}:
            writer.add(route)
    if not writer.paths:
        return None
    return writer.document(opaque=known.opaque)


class _Writer:
    """Puts routes into a document."""

    def __init__(self, tree: SourceTree, name: str, folder: str) -> None:
        from pytest_superteam.discovery.contracts.derive.readers import Readers

        self.tree = tree
        self.name = name
        self.folder = "" if folder.strip("/") in {"", "."} else folder.strip("/") + "/"
        self.readers = Readers(tree)
        self.paths: dict[str, dict[str, Any]] = {}
        self.left: dict[str, list[str]] = {}
        """Routes that are left out, by the reason."""
        self.merged: list[str] = []
        self.schemes: dict[str, dict[str, Any]] = {}
        self._ids: Counter[str] = Counter()
        self._keys: dict[str, str] = {}
        """The path in the document by its shape: names of parameters and a slash at its end don't matter."""

    def add(self, route: Route) -> None:
        """Add the operations of a route, or note why there are none."""
        method = route.method.lower()
        if route.hidden or method not in _METHODS:
            return
        if route.partial:
            self._leave("a part of the path is not known", route)
            return
        found, reason = templates(route.path)
        if reason:
            self._leave(reason, route)
        for template in found:
            self._add(route, method, template)

    def _leave(self, reason: str, route: Route) -> None:
        self.left.setdefault(reason, []).append(f"{route.method} {route.path}")

    def _add(self, route: Route, method: str, template: Template) -> None:
        shape = re.sub(r"\{[^{}]*\}", "{}", template.path)
        written = template.path + ("/" if route.slash and template.path != "/" else "")
        path = self._keys.setdefault(shape, written)
        item = self.paths.setdefault(path, {})
        details = self.readers.details(route, frozenset(template.parameters))
        names = dict(zip(template.parameters, re.findall(r"\{([^{}]*)\}", path), strict=True))
        if method in item:
            self._merge(item[method], route, template, details, names)
            return
        item[method] = self._operation(route, template, details, names)

    def _merge(
        self, operation: dict[str, Any], route: Route, template: Template, details: Details, names: Mapping[str, str]
    ) -> None:
        """Let an operation stand for a second route of the same path: what they don't have in common is open."""
        place = self._place(route)
        if place != operation[PLACE_KEY]:
            self.merged.append(f"{route.method} {template.path}")
        given = {p["name"]: p["schema"] for p in operation["parameters"] if p["in"] == "path"}
        for name, schema in self._path_schemas(template, details).items():
            if given.get(names[name]) != schema:
                for parameter in operation["parameters"]:
                    if parameter["in"] == "path" and parameter["name"] == names[name]:
                        parameter["schema"] = {}

    # ------------------------------------------------------------ operations

    def _operation(
        self, route: Route, template: Template, details: Details, names: Mapping[str, str]
    ) -> dict[str, Any]:
        operation: dict[str, Any] = {"operationId": self._id(route, template)}
        operation |= {"summary": details.summary} if details.summary else {}
        operation[PLACE_KEY] = self._place(route)
        schemas = self._path_schemas(template, details)
        operation["parameters"] = [
            {"name": names[name], "in": "path", "required": True, "schema": schemas[name]}
            for name in template.parameters
        ]
        operation["parameters"] += [
            {"name": p.name, "in": p.place, "required": p.required, "schema": p.schema}
            for p in details.parameters.values()
            if not (p.place == "header" and p.name.lower() in {"accept", "content-type", "authorization"})
        ]
        writes = route.method in {"POST", "PUT", "PATCH"}
        if details.body is not None and (writes or (details.body and route.method == "DELETE")):
            media: dict[str, Any] = {"schema": details.body} if details.body else {}
            operation["requestBody"] = {"required": details.body_required, "content": {details.body_type: media}}
        operation["responses"] = _responses(details)
        operation["security"] = self._security(route, details)
        return operation

    def _path_schemas(self, template: Template, details: Details) -> dict[str, dict[str, Any]]:
        return {name: schema or details.path.get(name, {}) for name, schema in template.parameters.items()}

    def _place(self, route: Route) -> str:
        return f"{self.folder}{route.file}:{route.line}"

    def _id(self, route: Route, template: Template) -> str:
        """Return an id that no other operation has: the handler's name, else method and path."""
        name = re.sub(r"\W+", "_", route.handler, flags=re.ASCII).strip("_")
        if not name or self._ids[name]:
            words = re.sub(r"\W+", "_", template.path.replace("{", "by_"), flags=re.ASCII).strip("_")
            name = f"{route.method.lower()}_{words or 'root'}"
        while self._ids[name]:
            name += "_"
        self._ids[name] += 1
        return name

    def _security(self, route: Route, details: Details) -> list[dict[str, list[str]]]:
        """Return what the handler demands, as far as a guard of known callers stands before it."""
        from pytest_superteam.scanners.facts.routes.conventions import signs_in_by_name

        if not route.protected or route.public or route.signs_in or signs_in_by_name(route.handler):
            return []
        scheme = details.scheme or {"type": "http", "scheme": "bearer"}
        name = {"bearer": "bearerAuth", "basic": "basicAuth"}.get(str(scheme.get("scheme")), "apiKeyAuth")
        while self.schemes.setdefault(name, scheme) != scheme:
            name += "2"
        return [{name: []}]

    # ------------------------------------------------------------ the document

    def document(self, *, opaque: bool) -> dict[str, Any]:
        """Return the whole document."""
        components: dict[str, Any] = {}
        schemas = self.readers.components()
        components |= {"schemas": schemas} if schemas else {}
        components |= {"securitySchemes": self.schemes} if self.schemes else {}
        document: dict[str, Any] = {
            "openapi": "3.1.0",
            "info": {"title": self.name or "service", "version": "0", "description": _DESCRIPTION, DERIVED_KEY: True},
            "paths": dict(sorted(self.paths.items())),
            DERIVED_KEY: True,
        }
        document |= {"components": components} if components else {}
        notes = self._notes(opaque=opaque)
        return self.readers.finished(document) | ({NOTES_KEY: notes} if notes else {})

    def _notes(self, *, opaque: bool) -> list[str]:
        found = [f"left out, for it is {why}: {_listed(which)}" for why, which in self.left.items() if why[:2] == "a "]
        found = [note.replace("for it is a part of the path is", "for a part of the path is") for note in found]
        found += [f"several routes of one path, told as one: {_listed(self.merged)}"] if self.merged else []
        found += [f"left out: {what}" for what in self._not_http()]
        return [*found, *(["routes that the source computes are not among them"] if opaque else [])]

    def _not_http(self) -> list[str]:
        files = list(self.tree.service_files("python", "javascript", "typescript"))
        return [what for what, pattern in _NOT_HTTP if any(pattern.search(file.data) for file in files)]


def _responses(details: Details) -> dict[str, Any]:
    """Return the answers: those of success that are known, and one for all others."""
    found: dict[str, Any] = {}
    for number, status in enumerate(details.statuses):
        answer: dict[str, Any] = {"description": "Success, as the source says."}
        if number == 0 and details.answer:
            answer["content"] = {"application/json": {"schema": details.answer}}
        found[str(status)] = answer
    for status in details.others:
        found.setdefault(str(status), {"description": "Declared in the source."})
    return dict(sorted(found.items())) | {"default": {"description": "Anything else: the source was not asked."}}


def _listed(names: Sequence[str]) -> str:
    unique = list(dict.fromkeys(names))
    more = f" and {len(unique) - _MOST_NAMED} more" if len(unique) > _MOST_NAMED else ""
    return ", ".join(unique[:_MOST_NAMED]) + more
