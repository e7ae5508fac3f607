"""One endpoint of several mentions: samples of known paths, the same route with and without its prefix."""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import replace
from typing import TYPE_CHECKING

from pytest_superteam.architect.interface.routes import normal_path
from pytest_superteam.architect.interface.sockets import STREAMS
from pytest_superteam.models import Socket

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pytest_superteam.architect.facts import EndpointFact

__all__ = ["Known", "as_socket", "merged", "without_repeats"]

_MOST_FORMS = 100
"""Different places of parameters in paths of one length; no system has more."""
_MOST_PREFIXES = 30
"""Prefixes that one route has, at most, to be told apart."""


class Known:
    """Answers whether a sample such as `/books/clean-code` is one of the paths with parameters."""

    def __init__(self, facts: Sequence[EndpointFact]) -> None:
        self.same = {(f.method, normal_path(f.path)) for f in facts}
        # By the places of their fixed segments, so that a sample is looked up and not compared with every path.
        self.of: dict[tuple[str, int], dict[tuple[int, ...], set[tuple[str, ...]]]] = defaultdict(dict)
        for fact in facts:
            parts = _form(fact.path)
            fixed = tuple(i for i, p in enumerate(parts) if p != "{}")
            masks = self.of[fact.method, len(parts)]
            if len(fixed) < len(parts) and (fixed in masks or len(masks) < _MOST_FORMS):
                masks.setdefault(fixed, set()).add(tuple(parts[i] for i in fixed))

    def covers(self, fact: EndpointFact) -> bool:
        """Return whether another fact's path is the sample's, or has its form."""
        if (fact.method, normal_path(fact.path)) in self.same:
            return True
        parts = _form(fact.path)
        masks = self.of.get((fact.method, len(parts)), {})
        return any(tuple(parts[i] for i in fixed) in texts for fixed, texts in masks.items())


def _form(path: str) -> list[str]:
    return re.sub(r"\{\w+\}", "{}", path).lower().split("/")


def as_socket(fact: EndpointFact) -> Socket:
    """Return the stream that a fact with `WS` or `SSE` for a method is."""
    protocol = "sse" if STREAMS[fact.method] == "sse" else "websocket"
    return Socket(fact.path, fact.line, fact.service, protocol, fact.summary)  # type: ignore[arg-type]  # one of two


def merged(facts: list[EndpointFact]) -> list[EndpointFact]:
    """Join what is said in several places about one method and path of a service."""
    found: dict[tuple[str | None, str, str], EndpointFact] = {}
    for fact in facts:
        path = re.sub(r"\{\w+\}", "{}", fact.path).lower()
        key = (fact.service, fact.method, path)
        key = key if key in found or (None, *key[1:]) not in found else (None, *key[1:])
        known = found.get(key)
        if known is None:
            found[key] = fact
        else:
            bare = not known.access and not known.summary
            found[key] = replace(
                known,
                summary=fact.summary if bare else known.summary,
                access=fact.access if bare else known.access,
                query=tuple(dict.fromkeys(known.query + fact.query)),
            )
    return list(found.values())


def without_repeats(facts: list[EndpointFact]) -> tuple[EndpointFact, ...]:
    """Drop a route that stands elsewhere with its prefix, or with its service."""
    groups: dict[tuple[str, str], list[EndpointFact]] = defaultdict(list)
    for fact in facts:
        groups[fact.method, normal_path(fact.path)].append(fact)
    kept: list[EndpointFact] = []
    for group in groups.values():
        few = len(group) <= _MOST_PREFIXES
        longest = [f for f in group if not any(_is_shorter(f.path, o.path) for o in group)] if few else group
        owned = [f for f in longest if f.service] or longest
        owners = {f.service for f in group if f.service}
        owner = owners.pop() if len(owners) == 1 else None
        heard = next((f for f in group if f.summary or f.access), None)
        for fact in owned:
            bare = heard is not None and not (fact.summary or fact.access)
            whole = replace(fact, service=fact.service or owner)
            kept.append(replace(whole, summary=heard.summary, access=heard.access) if heard and bare else whole)
    return tuple(sorted(kept, key=lambda f: f.line))


def _is_shorter(path: str, other: str) -> bool:
    """Return whether `other` is `path` with more of `/api` and a version before it."""
    own, more = path.split("/"), other.split("/")
    rest = iter(more)
    return len(own) < len(more) and all(any(a == b or (a[:1] == b[:1] == "{") for b in rest) for a in own)
