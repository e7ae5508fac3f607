"""Which document is whose: judged by its operations first, then by where it lies and what it calls itself."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from pytest_superteam.discovery.contracts.overlap import Overlap, overlap

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from pytest_superteam.discovery.contracts.candidates import Candidate
    from pytest_superteam.models import FoundService

__all__ = ["Judgement", "Owner", "Suitor", "assign", "judge", "owner_of"]

_GENERIC = frozenset({
    "service", "services", "svc", "api", "apis", "app", "apps", "server", "backend", "ms", "microservice", "srv", "web",
    "rest", "http", "openapi", "swagger", "spec", "specs", "specification", "contract", "contracts", "doc", "docs",
    "schema", "schemas", "definition", "yaml", "json", "the", "of", "for", "and", "main", "reference", "public",
    "internal", "package", "packages", "src", "v", "oas", "documentation",
})  # fmt: skip
_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")
_ENOUGH = 3.0
_ALIKE = 0.5
"""Points within which two services fit a document alike."""
_SHARE = 0.5
"""Share of a document's operations that have to be routes for it to be the service's by them alone."""


@dataclass(frozen=True)
class Suitor:
    """A service as documents are judged by. `routes` is None where nobody can read them from its source."""

    service: FoundService
    routes: tuple[tuple[str, str], ...] | None = None
    alone: bool = False
    """Whether it is the only service that may have a contract."""


@dataclass(frozen=True)
class Judgement:
    """How well a document fits a service. Below `_ENOUGH`, or with a `veto`, it is not its contract."""

    score: float
    reasons: tuple[str, ...] = ()
    veto: str = ""
    common: Overlap = field(default_factory=Overlap)

    @property
    def fits(self) -> bool:
        """Return whether the document may be the service's contract."""
        return not self.veto and self.score >= _ENOUGH


@dataclass(frozen=True)
class Owner:
    """The documents of one service, the best first."""

    found: tuple[tuple[Candidate, Judgement], ...]


def owner_of(path: str, services: Sequence[FoundService]) -> str:
    """Return the folder of the service that a document lies in, the innermost; empty for a common folder."""
    folders = [service.folder.strip("/") for service in services]
    inside = [folder for folder in folders if folder not in {"", "."} and path.startswith(f"{folder}/")]
    return max(inside, key=len) if inside else ""


def judge(candidate: Candidate, suitor: Suitor, owner: str) -> Judgement:
    """Return how well a document fits a service; `owner` is the folder of the service that it lies in."""
    service = suitor.service
    folder = service.folder.strip("/")
    if owner and folder != owner:
        return Judgement(0, veto="lies in another service's folder")
    common = overlap(candidate.operations, suitor.routes, candidate.bases) if suitor.routes else Overlap()
    if suitor.routes and not common.hits:
        return Judgement(0, veto=f"none of its operations is a route of {service.name}")
    score, reasons = 0.0, []
    if common.hits:
        score += 6 * common.share + (1 if common.share < _SHARE else 2)
        reasons.append(f"operations that are routes of the source: {common.hits} of {common.of}")
    if candidate.is_copy and common.share < _SHARE and not _names(candidate, service):
        return Judgement(0, veto="lies where a service keeps what it knows of others")
    for points, reason in _signs(candidate, service, folder, owner):
        score += points
        reasons.append(reason)
    if suitor.alone and not owner:
        score += 3
        reasons.append("it is the only service")
    return Judgement(score, tuple(reasons), common=common)


def _names(candidate: Candidate, service: FoundService) -> bool:
    """Return whether a document calls itself by the service's name."""
    wanted = _tokens(service.name)
    return bool(wanted) and wanted <= _tokens(candidate.title) | _tokens(candidate.path.rsplit("/", 1)[-1])


def _signs(candidate: Candidate, service: FoundService, folder: str, owner: str) -> list[tuple[float, str]]:
    """Return what speaks for a document beside its operations."""
    wanted = _tokens(service.name) or _tokens(folder.rsplit("/", 1)[-1])
    parts = candidate.path.split("/")
    name = _tokens(parts[-1].rpartition(".")[0])
    found: list[tuple[float, str]] = []
    if owner and owner == folder:
        found.append((4, "it lies in its folder"))
    if wanted and name == wanted:
        found.append((3, "its file is called so"))
    elif wanted and wanted <= name | _tokens(parts[-2] if len(parts) > 1 and not owner else ""):
        found.append((2.5 if not name - wanted else 1.5, "its path is called so"))
    if wanted and wanted <= _tokens(candidate.title):
        found.append((3 if wanted == _tokens(candidate.title) else 1.5, "its title says so"))
    hosts = {service.name.lower(), service.compose.lower()} - {""}
    for host, port in candidate.hosts:
        if host.lower() in hosts or (port and port == service.port):
            found.append((3, f"its `servers` name {host}{f':{port}' if port else ''}"))
            break
    if wanted and _first_segments(candidate) & wanted:
        found.append((1, "its paths begin with its name"))
    return found


def _tokens(text: str) -> frozenset[str]:
    """Return the words of a name in the singular, without those that every service has: `OrdersAPI` is `order`."""
    found = set()
    for word in _WORD.findall(text[:200]):
        plain = word.lower()
        if plain not in _GENERIC and not plain.isdigit():
            found.add(_singular(plain))
    return frozenset(found)


def _singular(word: str) -> str:
    if word.endswith("ies") and len(word) > 4:
        return word[:-3] + "y"
    return word[:-1] if word.endswith("s") and not word.endswith("ss") and len(word) > 3 else word


def _first_segments(candidate: Candidate) -> frozenset[str]:
    paths = {path for _, path in candidate.operations}
    firsts = [_tokens(path.strip("/").split("/")[0]) or _tokens("/".join(path.split("/")[:4])) for path in paths]
    return frozenset.intersection(*firsts) if firsts else frozenset()


def assign(
    documents: Sequence[Candidate], suitors: Sequence[Suitor]
) -> tuple[Mapping[str, Owner], tuple[tuple[Candidate, str], ...]]:
    """Return each service's documents, and the documents that are nobody's with the reason.

    A document belongs to the one service that it fits best, and to those of the same folder; one that fits two of
    different source alike belongs to neither.
    """
    services = [suitor.service for suitor in suitors]
    homes = {service.name: service.folder.strip("/") or service.name for service in services}
    owned: dict[str, list[tuple[Candidate, Judgement]]] = {}
    left: list[tuple[Candidate, str]] = []
    for candidate in documents:
        owner = owner_of(candidate.path, services)
        judged = [(suitor.service.name, judge(candidate, suitor, owner)) for suitor in suitors]
        fitting = sorted((pair for pair in judged if pair[1].fits), key=lambda pair: -pair[1].score)
        alike = [pair for pair in fitting if fitting[0][1].score - pair[1].score < _ALIKE]
        if not fitting:
            left.append((candidate, _why(judged, owner, services)))
        elif len({homes[name] for name, _ in alike}) > 1:
            left.append((candidate, f"it fits {alike[0][0]} and {alike[1][0]} alike; name it with `contract`"))
        else:
            for name, judgement in alike:  # several only where they are the same source
                owned.setdefault(name, []).append((candidate, judgement))
    ordered = {name: Owner(tuple(sorted(found, key=_rank))) for name, found in owned.items()}
    return ordered, tuple(left)


def _rank(pair: tuple[Candidate, Judgement]) -> tuple[float, int, int, bool, str]:
    candidate, judgement = pair
    deep = candidate.path.count("/")
    return -judgement.score, -len(candidate.operations), deep, candidate.path.endswith(".json"), candidate.path


def _why(judged: Sequence[tuple[str, Judgement]], owner: str, services: Sequence[FoundService]) -> str:
    at_home = {service.name for service in services if service.folder.strip("/") == owner and owner}
    vetoes = [judgement.veto for name, judgement in judged if judgement.veto and (not at_home or name in at_home)]
    if at_home and vetoes:
        return f"it lies in {owner}, but {vetoes[0].replace('lies', 'it lies')}"
    return "nothing in it names a service of the system, and its operations are no routes of one"
