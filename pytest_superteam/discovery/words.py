"""Names as people vary them: case and separators dropped, the endings that say nothing left out."""

from __future__ import annotations

import re
from itertools import islice
from typing import TYPE_CHECKING

from pytest_superteam.models.architecture import free_name

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["core", "line_of", "matches", "plain", "safe", "squashed"]

_UNSAFE = re.compile(r"[^A-Za-z0-9._-]+")
_SEPARATORS = re.compile(r"[^a-z0-9]+")
_ENDINGS = re.compile(r"(?:[-_.](?:service|svc|api|app|server|micro|microservice|ms|image|docker))+$", re.IGNORECASE)


def safe(text: str) -> str:
    """Return a name that a folder or a report can carry."""
    return free_name(_UNSAFE.sub("-", text).strip("-.") or "service")


def squashed(name: str) -> str:
    """Return a name in lower case without separators."""
    return _SEPARATORS.sub("", name.lower())


def core(name: str) -> str:
    """Return what is left of a name without an ending such as `-service`, in lower case without separators."""
    return squashed(_ENDINGS.sub("", name)) or squashed(name)


def plain(value: str) -> str:
    """Return a value without the quotes around it."""
    value = value.strip()
    return value[1:-1] if len(value) > 1 and value[0] == value[-1] and value[0] in "\"'" else value


def matches(pattern: re.Pattern[str], text: str) -> Iterator[re.Match[str]]:
    """Yield the first matches of a pattern: a manifest with more than a thousand names is none."""
    return islice(pattern.finditer(text), 1000)


def line_of(text: str, offset: int) -> int:
    """Return the number of the line on which the character at `offset` stands."""
    return text.count("\n", 0, max(offset, 0)) + 1
