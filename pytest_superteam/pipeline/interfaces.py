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

    from pytest_superteam.config import AuthConfig, Config
    from pytest_superteam.discovery.contracts.contract import FoundContract, FoundContracts
    from pytest_superteam.models import Architecture, Deployment
    from pytest_superteam.pipeline.adopt import Adopted

__all__ = ["NOTHING", "Interfaces", "documented", "find_interfaces", "is_derived", "read_interfaces"]
__all__ += ["write_interfaces"]

_DERIVED = "derived from its routes"
_EARLIER = " in an earlier run"
"""How the origin of a document ends that stands until its service is asked again."""
_WITHOUT = "no contract"
_ASKING = 5.0  # seconds that a service has to answer with its document


def is_derived(origin: str) -> bool:
    """Return whether a contract of this origin, in words, was derived from source."""
    return origin.startswith(_DERIVED)


@dataclass(frozen=True)
class Interfaces:
    """What is known of how to call a system. `addresses` are base URLs by service, `notes` lines for the header."""

    documents: Mapping[str, Mapping[str, Any]]
    addresses: Mapping[str, str]
    """Where services answer that somebody else runs."""
    bases: Mapping[str, str]
    """What comes between a service's address and the paths of its document."""
    resets: Mapping[str, tuple[str, ...]]
    origins: Mapping[str, str]
    """Where each document is from, in words: `docs/api.yaml`, `as served`, `derived from the routes`."""
    notes: tuple[str, ...] = ()

    @property
    def about_contracts(self) -> tuple[str, ...]:
        """Return the notes that say of a service where its contract is from, or why it has none."""
        return tuple(note for note in self.notes if note.partition(": ")[2].startswith(("contract ", _WITHOUT)))

    @property
    def without(self) -> tuple[str, ...]:
        """Return the services that nothing calls, since nobody knows their contract."""
        told = (note.partition(": ") for note in self.notes)
        return tuple(name for name, _, text in told if text.startswith(_WITHOUT))

    def incomplete(self, adopted: Adopted) -> bool:
        """Return whether the running system may tell more of a service's contract than is known without asking it."""
        told = (self.origins.get(name, _DERIVED) for name in adopted.names)
        return any(is_derived(origin) or origin.endswith(_EARLIER) for origin in told)

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


NOTHING = Interfaces({}, {}, {}, {}, {})
"""What is known where nothing calls the system."""


def documented(adopted: Adopted, config: Config) -> FoundContracts:
    """Return the contracts that the source of a system tells: its parsing is the work, so do it once.

    Raises:
        UsageError: a contract that the settings name can't be read.
    """
    from pytest_superteam.discovery.contracts.find import find_contracts

    explicit = {name: entry.contract for name, entry in adopted.entries.items() if entry.contract}
    return find_contracts(adopted.found, explicit=explicit, external=config.contracts.external_references)


def find_interfaces(
    adopted: Adopted,
    config: Config,
    *,
    known: FoundContracts | None = None,
    deployment: Deployment | None = None,
    earlier: Path | None = None,
) -> Interfaces:
    """Return the contracts of a system's services and how they are called.

    A contract is the one that the settings name, else a document of the system's own, else what the running service
    serves, else what its routes tell.

    Args:
        adopted: The system as it was found.
        config: Contracts may refer to documents elsewhere where it says so; files of the system they may in any case.
        known: What its source tells (`documented`), where that was read already.
        deployment: The system as this run has started it; without one only services that run anyway can be asked.
        earlier: The record of an earlier run: what a service served then stands until it is asked again.

    Raises:
        UsageError: a contract that the settings name can't be read.
    """
    from pytest_superteam.contracts.adopted import adopted_architecture

    known = documented(adopted, config) if known is None else known
    started = {service.name: service.url for service in deployment.services} if deployment else {}
    given = {name: entry.url.rstrip("/") for name, entry in adopted.running.items()}
    before = _served_before(earlier) if earlier is not None else {}
    documents: dict[str, Mapping[str, Any]] = {}
    bases: dict[str, str] = {}
    origins: dict[str, str] = {}
    notes = list(known.notes)
    for name in adopted.names:
        contract = known.get(name)
        if contract is None or contract.origin == "derived":
            served, problem = _served(name, started.get(name) or given.get(name, ""), before.get(name))
            contract = served or contract
            notes += [f"{name}: {problem}"] if problem and (contract is None or contract.origin == "derived") else []
        if contract is None:
            continue
        documents[name], origins[name] = contract.document, _origin(contract)
        bases[name] = "" if _has_path(given.get(name, "")) else _base(contract)
        why = contract.note if contract.origin == "tree" else ""
        notes.append(f"{name}: contract {origins[name]}" + (f" ({why})" if why else ""))
    notes = [note for note in notes if not any(note.startswith(f"{name}: {_WITHOUT}") for name in documents)]
    resets = adopted_architecture(documents, title="", services=()).resets
    for name, calls in resets.items():
        wanted = adopted.entries[name].reset if name in adopted.entries else ""
        left = [call for call in calls if call != wanted]
        notes += [f"{name}: not called, since it resets all data: {', '.join(left)}"] if left else []
    addresses = {name: url + bases.get(name, "") for name, url in given.items()}
    return Interfaces(documents, addresses, bases, resets, origins, tuple(notes))


def _origin(contract: FoundContract) -> str:
    said = {"derived": f"{_DERIVED} in {contract.place}", "served": f"as served at {contract.place}"}
    return said.get(contract.origin, contract.place)


def _base(contract: FoundContract) -> str:
    from pytest_superteam.contracts.adopted import base_path

    return base_path(contract.document) if contract.base is None else contract.base


def _served(name: str, url: str, before: Mapping[str, Any] | None) -> tuple[FoundContract | None, str]:
    """Return what the running service serves, or served in an earlier run; and why there is none."""
    from pytest_superteam.discovery.contracts.contract import FoundContract
    from pytest_superteam.discovery.contracts.served import served_contract

    if url:
        try:
            found = served_contract(name, url, _ASKING)
        except CheckError as error:
            return None, str(error)
        return found, "" if found else f"{url} serves no contract"
    if before is not None:
        return FoundContract(before["document"], "served", f"{before['place']}{_EARLIER}"), ""
    return None, ""


def _served_before(file: Path) -> dict[str, Any]:
    """Return the documents that services served in an earlier run, by name."""
    try:
        interfaces = read_interfaces(file)
    except UsageError:
        return {}
    marks = {name: said.partition("as served at ")[2] for name, said in interfaces.origins.items()}
    return {
        name: {"document": interfaces.documents[name], "place": place.removesuffix(_EARLIER)}
        for name, place in marks.items()
        if place
    }


def _has_path(url: str) -> bool:
    from urllib.parse import urlsplit

    return bool(urlsplit(url).path.strip("/"))


# ---------------------------------------------------------------- from process to process


def write_interfaces(interfaces: Interfaces, file: Path) -> None:
    """Write down for the other processes of the run what was found."""
    file.parent.mkdir(parents=True, exist_ok=True)
    data = {
        "documents": interfaces.documents,
        "addresses": interfaces.addresses,
        "bases": interfaces.bases,
        "origins": interfaces.origins,
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
        told = data["documents"], data["addresses"], data["bases"], resets, data["origins"], tuple(data["notes"])
        return Interfaces(*told)
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise UsageError(f"--system: '{file}' can't be read: {error}. Start the run again.") from None
