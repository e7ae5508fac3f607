"""The contracts of a system that exists already: read from files or asked of the services, and what they tell."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pytest_superteam.atomic import write_atomically
from pytest_superteam.errors import CheckError, UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from pytest_superteam.config import AuthConfig, ServicePath
    from pytest_superteam.models import Architecture
    from pytest_superteam.pipeline.adopt import Adopted

__all__ = ["Interfaces", "find_interfaces", "read_interfaces", "write_interfaces"]

_ASKING = 5.0  # seconds that a service has to answer with its document


@dataclass(frozen=True)
class Interfaces:
    """What is known of how to call a system. `addresses` are base URLs by service, `notes` lines for the header."""

    documents: Mapping[str, Mapping[str, Any]]
    addresses: Mapping[str, str]
    resets: Mapping[str, tuple[str, ...]]
    notes: tuple[str, ...] = ()

    def architecture(self, adopted: Adopted, auth: AuthConfig) -> Architecture:
        """Return the architecture that the documents tell; the settings say how credentials are sent."""
        from pytest_superteam.contracts.adopted import adopted_architecture

        marked = {name: _marked(document, auth) for name, document in self.documents.items()}
        return adopted_architecture(marked, title=adopted.title, services=adopted.nouns()).architecture


def _marked(document: Mapping[str, Any], auth: AuthConfig) -> Mapping[str, Any]:
    from pytest_superteam.checks.callers.credentials import CARRIER_KEY

    if not auth.header and auth.scheme is None:
        return document
    header = auth.header or "Authorization"
    usual = "Bearer" if header.lower() == "authorization" else ""
    scheme = usual if auth.scheme is None else auth.scheme
    return {**document, CARRIER_KEY: {"header": header, "scheme": scheme}}


def find_interfaces(adopted: Adopted, *, external: bool = False) -> Interfaces:
    """Return the contracts and addresses of the services that run already.

    Args:
        adopted: The system as it was found.
        external: Whether contracts may refer to documents elsewhere; files of the system they may in any case.

    Raises:
        UsageError: a contract that the settings name can't be read.
    """
    from pytest_superteam.contracts.adopted import adopted_architecture, base_path

    documents: dict[str, Mapping[str, Any]] = {}
    addresses: dict[str, str] = {}
    notes: list[str] = []
    for name, entry in adopted.running.items():
        addresses[name] = entry.url.rstrip("/")
        document, note = _document(adopted, name, entry, external=external)
        notes += [f"{name}: {note}"] if note else []
        if document is None:
            continue
        documents[name] = document
        if not _has_path(entry.url):
            addresses[name] += base_path(document)
    resets = adopted_architecture(documents, title="", services=()).resets
    for name, calls in resets.items():
        wanted = adopted.running[name].reset
        left = [call for call in calls if call != wanted]
        notes += [f"{name}: not called, since it resets all data: {', '.join(left)}"] if left else []
    return Interfaces(documents, addresses, resets, tuple(notes))


def _has_path(url: str) -> bool:
    from urllib.parse import urlsplit

    return bool(urlsplit(url).path.strip("/"))


def _document(
    adopted: Adopted, name: str, entry: ServicePath, *, external: bool
) -> tuple[Mapping[str, Any] | None, str]:
    """Return a service's document and where it is from, or why there is none."""
    from pytest_superteam.contracts.documents.loading import find_documents, load_document

    if entry.contract:
        note = f"contract {entry.contract}"
        try:
            file = _inside(adopted.root, entry.contract)
            return _whole(_usable(load_document(file)), file, adopted.root, external=external), note
        except CheckError as error:
            raise UsageError(f"system.services: contract: {error}") from None
    folder = adopted.services.get(name)
    found = [one for one in find_documents(folder) if one.kind in _OPENAPI] if folder is not None else []
    known = [one for one in found if not one.problem]
    if known:
        place = known[0].path.relative_to(adopted.root).as_posix()
        others = f" (and {len(known) - 1} more; `contract` names another)" if len(known) > 1 else ""
        document = _whole(_usable(known[0].document), known[0].path, adopted.root, external=external)
        return document, f"contract {place}{others}"
    return _served(entry.url, found[0].problem if found else "")


def _whole(document: Mapping[str, Any], file: Path, root: Path, *, external: bool) -> Mapping[str, Any]:
    """Return a document with the files of the system inside that it refers to; what it may not is left as it is."""
    from pytest_superteam.contracts.documents.external import bundle, external_references

    elsewhere = external_references(document)
    if not elsewhere or (not external and any("://" in reference for reference in elsewhere)):
        return document
    try:
        return bundle(document, file, root, fetch=None if external else _refuse)
    except CheckError:
        return document  # the operations that refer to nothing are errors of their own


def _refuse(url: str) -> Mapping[str, Any]:
    raise CheckError(f"{url} is not followed. Set `contracts.external_references: true`.")


_OPENAPI = frozenset({"openapi", "swagger"})


def _served(url: str, problem: str) -> tuple[Mapping[str, Any] | None, str]:
    """Return the document that the service serves; `problem` is what is wrong with the one in its folder."""
    from pytest_superteam.contracts.documents.served import served_document

    try:
        served = served_document(url, timeout=_ASKING, total=_ASKING)
        if served is not None:
            return _usable(served.document), f"contract as served at {served.url}"
    except CheckError as error:
        problem = problem or str(error)
    why = problem or f"none lies in its folder, and {url} serves none."
    return None, f"layer 2 is left out, for there is no contract: {why} Name one with `contract`."


def _usable(document: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return an OpenAPI document as it is, and one of Swagger 2.0 as what it says in OpenAPI 3."""
    from pytest_superteam.contracts.documents.loading import document_kind
    from pytest_superteam.contracts.documents.swagger import openapi_of_swagger

    kind = document_kind(document)
    if kind not in _OPENAPI:
        raise CheckError("the document is no OpenAPI. Name one that begins with `openapi:`.")
    return openapi_of_swagger(document) if kind == "swagger" else document


def _inside(root: Path, name: str) -> Path:
    file = (root / name).resolve()
    if not file.is_relative_to(root.resolve()) or not file.is_file():
        raise UsageError(f"system.services: contract: '{name}' is no file in '{root}'. Name one that is there.")
    return file


# ---------------------------------------------------------------- from process to process


def write_interfaces(interfaces: Interfaces, file: Path) -> None:
    """Write down for the other processes of the run what was found."""
    file.parent.mkdir(parents=True, exist_ok=True)
    data = {
        "documents": interfaces.documents,
        "addresses": interfaces.addresses,
        "resets": interfaces.resets,
        "notes": interfaces.notes,
    }
    write_atomically(file, json.dumps(data, default=str))


def read_interfaces(file: Path) -> Interfaces:
    """Return what the process that owns the run found.

    Raises:
        UsageError: the record is gone.
    """
    try:
        data = json.loads(file.read_text(encoding="utf-8"))
        resets = {name: tuple(calls) for name, calls in data["resets"].items()}
        return Interfaces(data["documents"], data["addresses"], resets, tuple(data["notes"]))
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise UsageError(f"--system: '{file}' can't be read: {error}. Start the run again.") from None
