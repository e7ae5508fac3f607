"""How far the operations of a document are the routes of a service, whatever prefix one of them has before them."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pytest_superteam.scanners.facts.routes.conventions import is_health_path
from pytest_superteam.scanners.facts.routes.model import normalise_path

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

__all__ = ["Overlap", "overlap"]

_MOST = 200  # operations, and routes, that are compared
_TRIED = 4  # prefixes that are counted out
_PREFIX = 4  # segments of the longest

Operation = tuple[str, tuple[str, ...]]


@dataclass(frozen=True)
class Overlap:
    """How many of `of` operations are routes, once the document's prefix `removed` is replaced by `added`."""

    hits: int = 0
    of: int = 0
    removed: str = ""
    added: str = ""
    more: int = 0
    """Routes that are none of the operations."""

    @property
    def share(self) -> float:
        """Return the share of the document's operations that are routes, 0 to 1."""
        return self.hits / self.of if self.of else 0.0


def overlap(
    operations: Iterable[tuple[str, str]], routes: Iterable[tuple[str, str]], bases: Iterable[str] = ()
) -> Overlap:
    """Return how operations compare with routes, both (method, path), with the prefixes under which most agree.

    Health routes don't count where there are others, for all services have them. `bases` are prefixes that the
    document itself says, in its `servers`.
    """
    given, served = _shapes(operations), _shapes(routes)
    known = set(served)
    best = Overlap(of=len(given))
    said = [((), tuple(part for part in base.split("/") if part)) for base in bases]
    for removed, added in (*said, *_prefixes(given, served)):
        hits = sum((method, _moved(path, removed, added)) in known for method, path in given)
        if hits > best.hits:
            best = Overlap(hits, len(given), _text(removed), _text(added), len(known) - hits)
    return best


def _shapes(operations: Iterable[tuple[str, str]]) -> list[Operation]:
    listed = list(dict.fromkeys(operations))[:_MOST]
    own = [(method, path) for method, path in listed if not is_health_path(path)] or listed
    return list(dict.fromkeys((method, tuple(normalise_path(path).split("/")[1:])) for method, path in own))


def _prefixes(given: list[Operation], served: list[Operation]) -> Iterator[tuple[tuple[str, ...], tuple[str, ...]]]:
    """Yield what may be to replace before the document's paths: nothing, then what the ends of paths suggest."""
    yield (), ()
    votes: Counter[tuple[tuple[str, ...], tuple[str, ...]]] = Counter()
    for method, path in given:
        for other, route in served:
            longer = abs(len(path) - len(route))
            if method != other or not 0 < longer <= _PREFIX or all(part == "{}" for part in min(path, route, key=len)):
                continue
            if path[len(path) - len(route) :] == route and len(path) > len(route):
                votes[path[:longer], ()] += 1
            elif route[len(route) - len(path) :] == path and len(route) > len(path):
                votes[(), route[:longer]] += 1
    yield from (pair for pair, _ in votes.most_common(_TRIED))


def _moved(path: tuple[str, ...], removed: tuple[str, ...], added: tuple[str, ...]) -> tuple[str, ...] | None:
    if path[: len(removed)] != removed:
        return None
    return (*added, *path[len(removed) :])


def _text(prefix: tuple[str, ...]) -> str:
    return "".join(f"/{part}" for part in prefix)
