"""Names that mean the same: of services, entities, fields and path segments, however each system writes them."""

from __future__ import annotations

import re
from functools import lru_cache

from pytest_superteam.contracts.adopted.entities import entity_name
from pytest_superteam.contracts.plans import snake

__all__ = ["alike", "core", "field_key", "singular", "squashed"]

_AROUND = frozenset({
    "service", "svc", "microservice", "ms", "api", "module", "engine", "server", "app", "application", "backend",
})  # fmt: skip
"""Words of a service's name, of one thing, that tell it from no other."""
_KEY = re.compile(r"(?<=[a-z0-9])_(?:id|uuid|key|ref)$")
_SHORTEST = 4
"""Letters that the beginning of a word must have to stand for it: `auth` for `authentication`."""


@lru_cache(maxsize=16_384)
def squashed(text: str) -> str:
    """Return a name in lower case without separators: `order-items` and `orderItems` are `orderitems`."""
    return snake(text[:500]).replace("_", "")


@lru_cache(maxsize=16_384)
def singular(text: str) -> str:
    """Return as `squashed`, of one thing: `order-items` is `orderitem`."""
    return entity_name(text[:500]).lower()


@lru_cache(maxsize=4096)
def core(name: str) -> tuple[str, ...]:
    """Return the words that tell a service from others: `orders-api` and `OrderService` are both `order`."""
    words = [singular(word) for word in snake(name[:500]).split("_")]
    return tuple(word for word in words if word and word not in _AROUND) or tuple(words)


def alike(one: str, other: str) -> bool:
    """Return whether the words of one service's name are among those of the other, or begin them."""
    few, many = sorted((core(one), core(other)), key=len)
    return bool(few) and all(any(_begins(word, longer) for longer in many) for word in few)


def _begins(one: str, other: str) -> bool:
    short, long = sorted((one, other), key=len)
    if short == "auth" and long == "author":
        return False
    return short == long or (len(short) >= _SHORTEST and long.startswith(short))


def field_key(name: str) -> str:
    """Return what a field is called without case, separators and the mark of a key: `authorId` is `author`."""
    return _KEY.sub("", snake(name[:500])).replace("_", "")
