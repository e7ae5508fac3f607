"""Places in a JSON document: `$.usage.input_tokens`, `$.models.*.tokens`, `$.models.~`."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

__all__ = ["steps_of", "values_at"]

_PATH = re.compile(r"\$(?:\.(?:[A-Za-z_][A-Za-z0-9_-]*|\*|~))+")
MOST_VALUES = 100_000
"""Values that one path may yield; a document of a hostile agent may hold more."""


@cache
def steps_of(path: str) -> tuple[str, ...]:
    """Return the steps of a path: names, `*` for each member or item, `~` for the names of the members.

    Raises:
        ValueError: it is no path.
    """
    if not _PATH.fullmatch(path) or "~" in path[:-1]:
        raise ValueError(f"'{path}' is no path. Write it as `$.usage.input_tokens` or `$.models.*.tokens`.")
    return tuple(path.split(".")[1:])


def values_at(document: Any, path: str) -> list[Any]:
    """Return what stands at `path`, nulls left out; nothing where the document has another shape."""
    found: list[Any] = [document]
    for step in steps_of(path):
        found = [value for holder in found for value in _step(holder, step)][:MOST_VALUES]
    return [value for value in found if value is not None]


def _step(holder: Any, step: str) -> Iterator[Any]:
    if step == "*":
        yield from holder.values() if isinstance(holder, Mapping) else holder if isinstance(holder, list) else ()
    elif isinstance(holder, Mapping):
        if step == "~":
            yield from holder
        elif step in holder:
            yield holder[step]
