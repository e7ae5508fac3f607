"""Paths that mean the same: parameters without names, whatever version or gateway stands before them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from pytest_superteam.checks.convergence.naming import core, singular, squashed

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

__all__ = ["Shape", "shape", "shared_prefix", "singular_shape", "variants"]

Shape = tuple[str, ...]
"""The segments of a path, parameters as `{}`, in lower case without separators."""

_PARAMETER = re.compile(r"\{[^{}]*\}|<[^<>]*>|:[A-Za-z_]\w*|\[[^\[\]]*\]")
_BEFORE = re.compile(r"api|apis|rest|public|v\d{1,3}(?:\.\d{1,3})?")
_MOST_SEGMENTS = 40
_FEWEST = 2
"""Paths that a service must have before what they all begin with is taken for a prefix."""


def shape(path: str) -> Shape:
    """Return the segments of a path: `/order-items/{itemId}/?x=1` is `orderitems`, `{}`."""
    segments = (part for part in path[:2000].partition("?")[0].split("/") if part)
    return tuple("{}" if _PARAMETER.search(part) else _literal(part) for part in segments)[:_MOST_SEGMENTS]


def _literal(part: str) -> str:
    return part.lower() if _BEFORE.fullmatch(part.lower()) else squashed(part) or part.lower()


def singular_shape(path: Shape) -> Shape:
    """Return a shape whose segments are of one thing."""
    return tuple(part if part == "{}" else singular(part) for part in path)


def variants(path: Shape, service: str, prefix: Shape = ()) -> frozenset[Shape]:
    """Return a path as it is, and without what may stand before it: `api`, a version, its service, the `prefix`."""
    found = {path}
    ahead = [path]
    while ahead:
        for shorter in _shorter(ahead.pop(), service, prefix):
            if shorter not in found:
                found.add(shorter)
                ahead.append(shorter)
    return frozenset(found)


def _shorter(path: Shape, service: str, prefix: Shape) -> Iterator[Shape]:
    if not path:
        return
    rest = path[1:]
    if _BEFORE.fullmatch(path[0]):
        yield rest
    if rest and rest[0] != "{}" and (path[0] == squashed(service) or singular(path[0]) == "".join(core(service))):
        yield rest
    if prefix and path[: len(prefix)] == prefix:
        yield path[len(prefix) :]


def shared_prefix(paths: Iterable[Shape]) -> Shape:
    """Return what all paths of a service begin with, if each goes on with a name."""
    listed = list(dict.fromkeys(paths))
    if len(listed) < _FEWEST:
        return ()
    shared: Shape = ()
    for parts in zip(*listed, strict=False):
        if len(set(parts)) > 1 or parts[0] == "{}":
            break
        shared = (*shared, parts[0])
    while shared and any(len(path) == len(shared) or path[len(shared)] == "{}" for path in listed):
        shared = shared[:-1]
    return shared
