"""The OpenAPI documents of a tree, each with what it says of the service that it may belong to."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from pytest_superteam.errors import CheckError, UsageError

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

__all__ = ["METHODS", "Candidate", "candidates", "explicit_document", "usable"]

METHODS = ("get", "post", "put", "patch", "delete")
_OPENAPI = frozenset({"openapi", "swagger"})
_ASIDE = frozenset({
    "tests", "test", "__tests__", "testing", "e2e", "fixtures", "__fixtures__", "fixture", "testdata", "test-data",
    "mocks", "__mocks__", "mock", "snapshots", "__snapshots__", "node_modules", "vendor", "vendored", "third_party",
    "third-party", "examples", "example", "samples", "templates", "build", "coverage", "bower_components", "pods",
})  # fmt: skip
"""Folders of documents that are nobody's contract."""
_COPIES = frozenset({
    "client", "clients", "sdk", "sdks", "generated", "gen", "__generated__", "external", "upstream", "consumers",
    "consumer", "stubs", "wiremock", "integrations", "remote", "remotes",
})  # fmt: skip
"""Folders in which a service keeps what it knows of others."""


@dataclass(frozen=True)
class Candidate:
    """A document of the tree, as OpenAPI 3."""

    path: str
    """Relative to the system, POSIX style."""
    document: Mapping[str, Any] = field(repr=False)

    @cached_property
    def operations(self) -> tuple[tuple[str, str], ...]:
        """Return method, upper case, and path of each operation."""
        found = []
        paths = self.document.get("paths")
        for path, item in paths.items() if isinstance(paths, Mapping) else ():
            methods = [m for m in METHODS if isinstance(item, Mapping) and isinstance(item.get(m), Mapping)]
            found += [(method.upper(), str(path)) for method in methods]
        return tuple(found)

    @cached_property
    def bases(self) -> tuple[str, ...]:
        """Return the paths of the URLs of `servers`, those that are no more than a slash left out."""
        from pytest_superteam.contracts.matching import base_paths

        return tuple(base for base in base_paths(self.document.get("servers")) if base)

    @cached_property
    def title(self) -> str:
        """Return `info.title`."""
        info = self.document.get("info")
        return str(info.get("title", ""))[:200] if isinstance(info, Mapping) else ""

    @cached_property
    def hosts(self) -> tuple[tuple[str, int], ...]:
        """Return host and port, 0 without one, of each URL of `servers`."""
        servers = self.document.get("servers")
        found = []
        for server in servers if isinstance(servers, list) else ():
            try:
                url = urlsplit(str(server.get("url", "")) if isinstance(server, Mapping) else "")
                found.append((url.hostname or "", url.port or 0))
            except ValueError:
                continue
        return tuple(found)

    @cached_property
    def is_copy(self) -> bool:
        """Return whether it lies where services keep what they know of others."""
        return bool(_COPIES & {part.lower() for part in self.path.split("/")[:-1]})


def candidates(
    root: Path, folders: Iterable[str], *, external: bool = False
) -> tuple[tuple[Candidate, ...], tuple[str, ...]]:
    """Return the documents of a system that have operations, and what could not be read.

    Args:
        root: Folder of the system.
        folders: Those of its services, relative to `root`: what is left out counts from there.
        external: Whether documents may refer to others elsewhere.
    """
    from pytest_superteam.contracts.documents.loading import find_documents

    found, notes = [], []
    services = [folder.strip("/") for folder in folders]
    for document in find_documents(root):
        path = document.path.relative_to(root).as_posix()
        if _is_aside(path, services):
            continue
        if document.problem:
            notes.append(f"{path} is passed over: {_told(document.problem, root)}")
        elif document.kind in _OPENAPI:
            try:
                candidate = Candidate(path, usable(document.document, document.path, root, external=external))
            except CheckError as error:
                notes.append(f"{path} is passed over: {_told(str(error), root)}")
                continue
            found += [candidate] if candidate.operations else []
    return tuple(found), tuple(notes)


def _is_aside(path: str, services: list[str]) -> bool:
    inside = [service for service in services if service not in {"", "."} and path.startswith(f"{service}/")]
    rest = path.removeprefix(max(inside, key=len)) if inside else path
    return bool(_ASIDE & {part.lower() for part in rest.split("/")[:-1]})


def _told(problem: str, root: Path) -> str:
    return re.sub(r"\s+", " ", problem.replace(f"{root}/", ""))[:300]


def usable(document: Mapping[str, Any], file: Path, root: Path, *, external: bool = False) -> Mapping[str, Any]:
    """Return a document as OpenAPI 3, with what it refers to inside: files of the system, and with `external` others.

    Raises:
        CheckError: it is no OpenAPI, or a Swagger document that can't be converted.
    """
    from pytest_superteam.contracts.documents.external import bundle, external_references
    from pytest_superteam.contracts.documents.loading import document_kind
    from pytest_superteam.contracts.documents.swagger import openapi_of_swagger

    kind = document_kind(document)
    if kind not in _OPENAPI:
        raise CheckError("the document is no OpenAPI. Name one that begins with `openapi:`.")
    new = openapi_of_swagger(document) if kind == "swagger" else document
    elsewhere = external_references(new)
    if not elsewhere or (not external and any("://" in reference for reference in elsewhere)):
        return new
    try:
        return bundle(new, file, root, fetch=None if external else _refuse)
    except CheckError:
        return new  # the operations that refer to nothing are errors of their own


def _refuse(url: str) -> Mapping[str, Any]:
    raise CheckError(f"{url} is not followed. Set `contracts.external_references: true`.")


def explicit_document(root: Path, place: str, *, external: bool = False) -> Mapping[str, Any]:
    """Return the document that the settings name for a service.

    Raises:
        UsageError: it is no file of the system, or can't be read.
    """
    from pytest_superteam.contracts.documents.loading import load_document

    file = (root / place).resolve()
    if not file.is_relative_to(root.resolve()) or not file.is_file():
        raise UsageError(f"system.services: contract: '{place}' is no file in '{root}'. Name one that is there.")
    try:
        return usable(load_document(file), file, root, external=external)
    except CheckError as error:
        problem = str(error).rstrip(".")
        raise UsageError(f"system.services: contract: {problem}. Name an OpenAPI document.") from None
