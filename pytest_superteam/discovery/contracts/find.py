"""The contract of each service of a found system: as the settings say, of the tree, or derived from its routes.

What a running service serves comes between the two last; it is asked for when the system runs (`served.with_served`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_superteam.discovery.contracts.candidates import candidates, explicit_document
from pytest_superteam.discovery.contracts.contract import FoundContract, FoundContracts
from pytest_superteam.discovery.contracts.derived import NOTES_KEY, document_of_routes, source_of
from pytest_superteam.discovery.contracts.matching import Suitor, assign

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from pytest_superteam.discovery.contracts.candidates import Candidate
    from pytest_superteam.discovery.contracts.matching import Judgement, Owner
    from pytest_superteam.models import FoundService, FoundSystem
    from pytest_superteam.scanners.facts.routes import Route
    from pytest_superteam.scanners.source import SourceTree

__all__ = ["ONE_FILE", "contract_of", "find_contracts", "own_file"]

_NO_CONTRACT = frozenset({"frontend", "worker"})
"""Roles of services that nobody calls by a contract."""
_NAMED = 3
ONE_FILE = "its one file lies there"
"""What discovery says of a service that is one file of a folder with several."""


def find_contracts(
    found: FoundSystem, *, explicit: Mapping[str, str] | None = None, external: bool = False
) -> FoundContracts:
    """Return the contract of each service that has one, by its name.

    Args:
        found: The system as it lies there.
        explicit: Documents that the settings name, by service, relative to the system.
        external: Whether documents may refer to others elsewhere; files of the system they may in any case.

    Raises:
        UsageError: a document that the settings name can't be read.
    """
    return _Finder(found.root, found.services, dict(explicit or {}), external=external).contracts()


def contract_of(
    service: FoundService, root: Path, routes: Iterable[Route] | None = None, url: str = ""
) -> FoundContract | None:
    """Return the contract of one service of several: of the tree, as it serves it at `url`, or derived.

    Args:
        service: The service.
        root: Folder of the system.
        routes: Those of its source, where they were read already.
        url: Where it runs, empty where it does not.
    """
    from pytest_superteam.discovery.contracts.served import with_served

    finder = _Finder(root, (service,), {}, whole=False)
    if routes is not None:
        finder.known[service.name] = tuple((route.method, route.path) for route in routes)
    contracts = finder.contracts()
    return (with_served(contracts, {service.name: url}) if url else contracts).get(service.name)


class _Finder:
    def __init__(
        self,
        root: Path,
        services: Iterable[FoundService],
        explicit: dict[str, str],
        *,
        whole: bool = True,
        external: bool = False,
    ) -> None:
        self.root = root
        self.external = external
        self.whole = whole
        """Whether `services` are all that the system has."""
        self.services = tuple(services)
        self.explicit = explicit
        self.known: dict[str, tuple[tuple[str, str], ...]] = {}
        """Routes that somebody read already."""
        self._trees: dict[str, SourceTree | None] = {}

    def contracts(self) -> FoundContracts:
        """Return the contracts of all services."""
        calling = [s for s in self.services if s.role not in _NO_CONTRACT or s.name in self.explicit]
        owned, notes = self._of_tree(calling)
        found: dict[str, FoundContract] = {}
        for service in calling:
            contract, why = self._contract(service, owned.get(service.name))
            if contract is not None:
                found[service.name] = contract
            else:
                notes.append(f"{service.name}: no contract: {why}")
        return FoundContracts(found, tuple(notes))

    def _contract(self, service: FoundService, owner: Owner | None) -> tuple[FoundContract | None, str]:
        """Return the contract of a service by the order in which they count, or why there is none."""
        place = self.explicit.get(service.name)
        if place:
            document = explicit_document(self.root, place, external=self.external)
            return FoundContract(document, "explicit", place, "as the settings say"), ""
        if owner is not None:
            return _told(service, owner), ""
        return self._derived(service)

    # ------------------------------------------------------------ documents of the tree

    def _of_tree(self, calling: list[FoundService]) -> tuple[Mapping[str, Owner], list[str]]:
        documents, unread = candidates(self.root, [service.folder for service in self.services], external=self.external)
        named = set(self.explicit.values())
        documents = tuple(document for document in documents if document.path not in named)
        waiting = [service for service in calling if service.name not in self.explicit]
        if not documents:
            return {}, list(unread)
        alone = self.whole and len(calling) == 1
        homes = [s for s in self.services if s not in waiting]  # their documents are theirs, even if nobody asks
        suitors = [Suitor(service, self._routes(service), alone) for service in waiting]
        owned, left = assign(documents, [*suitors, *(Suitor(home) for home in homes)])
        notes = [*unread, *(f"{document.path} is no service's contract: {why}" for document, why in left)]
        return owned, notes

    def _routes(self, service: FoundService) -> tuple[tuple[str, str], ...] | None:
        """Return method and path of the routes of a service, None where nobody can tell them all."""
        from pytest_superteam.scanners.facts.routes import routing

        if service.name in self.known:
            return self.known[service.name]
        tree = self._tree(service)
        known = routing(tree) if tree is not None and not self._sharing(service) else None
        if known is None or not known.routes or known.opaque or any(route.partial for route in known.routes):
            return None
        file = own_file(service)
        return tuple((route.method, route.path) for route in known.routes if file in {"", route.file})

    def _tree(self, service: FoundService) -> SourceTree | None:
        if service.name not in self._trees:
            beside = [other.folder for other in self.services if other.folder != service.folder]
            self._trees[service.name] = source_of(service, self.root, beside)
        return self._trees[service.name]

    def _sharing(self, service: FoundService) -> list[str]:
        """Return the services made otherwise of the same folder, whose routes can't be told from those of this one."""
        if own_file(service) or not service.folder:
            return []
        others = (o for o in self.services if o.name != service.name and o.folder == service.folder)
        started = (service.dockerfile, service.port)
        return [o.name for o in others if o.role not in _NO_CONTRACT and (o.dockerfile, o.port) != started]

    # ------------------------------------------------------------ derived

    def _derived(self, service: FoundService) -> tuple[FoundContract | None, str]:
        tree = self._tree(service)
        if tree is None:
            return None, "it has no source here, and no document of the system is its own"
        sharing = self._sharing(service)
        if sharing:
            others = ", ".join(sharing[:_NAMED])
            return None, f"its source lies in one folder with that of {others}: nothing tells whose routes they are"
        document = document_of_routes(tree, service.name, service.folder, own_file(service))
        if document is None:
            return None, f"no document of the system is its own, and {self._why_none(tree, own_file(service))}"
        count = sum(len(item) for item in document["paths"].values())
        notes = "; ".join(document.get(NOTES_KEY, ()))
        note = f"derived from its source: {count} operation{'s' if count != 1 else ''}{f' ({notes})' if notes else ''}"
        return FoundContract(document, "derived", service.folder, note), ""

    @staticmethod
    def _why_none(tree: SourceTree, file: str) -> str:
        from pytest_superteam.scanners.facts.routes import routing

        count = sum(file in {"", route.file} for route in routing(tree).routes)
        if not count:
            return "no routes could be read from its source"
        return f"the source does not tell the whole path of any of its {count} routes"


def own_file(service: FoundService) -> str:
    """Return the file that is all of a service, relative to its folder; empty where the whole folder is its own."""
    start = "" if service.folder in {"", "."} else f"{service.folder}/"
    files = (c.file for c in service.conclusions if c.fact == "folder" and c.reason == ONE_FILE)
    return next((file.removeprefix(start) for file in files if file.startswith(start)), "")


def _told(service: FoundService, owner: Owner) -> FoundContract:
    """Return the best document of a service, with why it is this one."""
    (best, judgement), *others = owner.found
    note = "; ".join(judgement.reasons)
    if others:
        note += f"; preferred to {_listed([candidate for candidate, _ in others])}"
    base = _base(judgement)
    if judgement.common.more:
        note += f"; routes of the source that it does not have: {judgement.common.more}"
    if judgement.common.removed:
        note += f"; {service.name} itself serves its paths without {judgement.common.removed}"
    elif base:
        note += f"; {service.name} itself serves its paths below {base}"
    return FoundContract(best.document, "tree", best.path, note, base)


def _base(judgement: Judgement) -> str | None:
    common = judgement.common
    return common.added if common.hits and not common.removed else None


def _listed(documents: list[Candidate]) -> str:
    more = f" and {len(documents) - _NAMED} more" if len(documents) > _NAMED else ""
    return ", ".join(document.path for document in documents[:_NAMED]) + more
