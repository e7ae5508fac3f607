"""Shapes of data and the spelling of their fields."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import lru_cache

__all__ = ["Shape", "Wanted", "declared_keys", "other_spelling", "shape_key"]

_CAMEL = re.compile(r"[a-z][a-z0-9]*(?:[A-Z][a-z0-9]*)+")
_SNAKE = re.compile(r"[a-z][a-z0-9]*(?:_[a-z0-9]+)+")
_HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_ENDINGS = re.compile(
    r"(?:Response|Request|Dto|DTO|Out|In|Schema|Model|Read|Create|Update|Serializer|Payload|Event|Body|Data|View|Base|Public|Detail|Message|Props)$"
)
_DECLARED = tuple(re.compile(word + rb"[ \t]{1,4}([A-Z]\w{0,80})") for word in (b"class", b"interface", b"type"))
_TECHNICAL = frozenset({
    "statusCode", "status_code", "contentType", "content_type", "statusText", "baseUrl", "base_url", "userAgent",
    "user_agent",    "maxLength", "max_length", "minLength", "min_length", "raiseForStatus", "raise_for_status",
    "accessToken", "access_token",    "refreshToken", "refresh_token", "tokenType", "token_type", "expiresIn",
    "expires_in", "toString", "operationId",
})  # fmt: skip
"""Names of protocols and libraries; OAuth's are given by its standard."""


@lru_cache(maxsize=4096)
def other_spelling(name: str) -> str:
    """Return `first_name` for `firstName` and the other way round; empty for names of one word, and of protocols."""
    if name in _TECHNICAL:
        return ""
    if _CAMEL.fullmatch(name):
        return "_".join(part.lower() for part in _HUMP.split(name))
    if _SNAKE.fullmatch(name):
        head, *rest = name.split("_")
        return head + "".join(part[:1].upper() + part[1:] for part in rest)
    return ""


@lru_cache(maxsize=4096)
def shape_key(name: str) -> str:
    """Return what names of one thing have in common: `UserResponse`, `IUser` and `UserDto` are all `user`."""
    plain = re.sub(r"^I(?=[A-Z][a-z])", "", name)
    for _ in range(3):
        shorter = _ENDINGS.sub("", plain)
        if not shorter or shorter == plain:
            break
        plain = shorter
    return plain.lower().replace("_", "")


def declared_keys(data: bytes) -> frozenset[str]:
    """Return the keys of what a file declares, read without parsing it."""
    names = {match[1] for pattern in _DECLARED for match in pattern.finditer(data)}
    return frozenset(shape_key(name.decode("ascii", "replace")) for name in names)


@dataclass(frozen=True)
class Shape:
    """A model by its name, with the names that its fields have outside, each with its line."""

    name: str
    file: str
    fields: dict[str, int] = field(hash=False)
    contract: bool = False
    """Whether an OpenAPI document says so, and not code."""


@dataclass(frozen=True)
class Wanted:
    """A field that is read from an answer of another service, or sent to it."""

    name: str
    file: str
    line: int
