"""JSON references within one document."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from urllib.parse import unquote

from pytest_superteam.errors import CheckError

__all__ = ["deref", "pointer", "references", "resolve"]

_HOPS = 50  # references that lead to references; more is a circle
_DATA = frozenset({"example", "default", "enum", "const", "value"})  # what stands below is data, where $ref is a name
_NAMES = frozenset(
    {"properties", "patternProperties", "$defs", "definitions", "schemas", "responses", "parameters", "examples"}
    | {"requestBodies", "headers", "securitySchemes", "links", "callbacks", "pathItems", "mapping", "paths", "messages"}
    | {"channels", "operations", "dependentSchemas", "variables", "content", "encoding", "webhooks", "servers"}
)
"""Below these stand names that people chose: `default` is a status or a property there, not a value."""


def resolve(document: Mapping[str, Any], reference: str) -> Any:
    """Return what `reference` (`#/components/schemas/Book`) names in `document`; references are followed on.

    Raises:
        CheckError: it leads nowhere, out of the document or in a circle.
    """
    return _resolve(document, str(reference), _HOPS)


def _resolve(document: Mapping[str, Any], reference: str, hops: int) -> Any:
    seen = reference
    while hops > 0:
        hops -= 1
        found = _at(document, seen, hops)
        if not (isinstance(found, Mapping) and set(found) == {"$ref"} and isinstance(found["$ref"], str)):
            return found
        seen = found["$ref"]
    raise CheckError(f"The reference {reference!r} leads in a circle. Let one of its parts say what it is.")


def deref(document: Mapping[str, Any], value: Any) -> Any:
    """Return `value`, or what it refers to."""
    return resolve(document, str(value["$ref"])) if isinstance(value, Mapping) and "$ref" in value else value


def pointer(*parts: str | int) -> str:
    """Return the JSON pointer (RFC 6901) of `parts`; put `#` in front for a reference."""
    return "".join(f"/{str(part).replace('~', '~0').replace('/', '~1')}" for part in parts)


def references(value: Any) -> Iterator[tuple[str, str]]:
    """Yield (pointer of where it stands, reference) of each `$ref` below `value`, examples and other data aside."""
    waiting: list[tuple[Any, tuple[str | int, ...], bool]] = [(value, (), False)]
    seen: set[int] = set()  # aliases of YAML make one object stand in many places
    while waiting:
        part, place, named = waiting.pop()
        if not isinstance(part, (Mapping, list)) or id(part) in seen:
            continue
        seen.add(id(part))
        if isinstance(part, list):
            waiting += reversed([(item, (*place, n), False) for n, item in enumerate(part)])
            continue
        if isinstance(part.get("$ref"), str) and not named:
            yield pointer(*place), part["$ref"]
        inner = [
            (item, (*place, str(key)), not named and key in _NAMES)
            for key, item in part.items()
            if named or key not in _DATA
        ]
        waiting += reversed(inner)


def _at(document: Mapping[str, Any], reference: str, hops: int) -> Any:
    if not reference.startswith("#"):
        raise CheckError(
            f"The reference {reference!r} leads out of the document, which is not followed. "
            "Move it inside, or set `contracts.external_references: true`."
        )
    if reference[1:2] not in {"", "/"}:
        raise CheckError(
            f"The reference {reference!r} names an anchor, which is not followed. Write a path like #/a/b."
        )
    found: Any = document
    for part in unquote(reference[1:]).split("/")[1:]:
        found = _step(document, found, part.replace("~1", "/").replace("~0", "~"), reference, hops)
    return found


def _step(document: Mapping[str, Any], found: Any, key: str, reference: str, hops: int) -> Any:
    if isinstance(found, Mapping):
        if key in found:
            return found[key]
        if key.isdecimal() and int(key[:9]) in found:  # a status that a YAML reader took for a number
            return found[int(key[:9])]
        if isinstance(found.get("$ref"), str):  # a reference may lead through another one
            return _step(document, _resolve(document, found["$ref"], hops), key, reference, hops - 1)
    is_index = key == "0" or (key.isascii() and key.isdecimal() and not key.startswith("0") and len(key) < 10)
    if isinstance(found, Sequence) and not isinstance(found, str) and is_index and int(key) < len(found):
        return found[int(key)]
    raise CheckError(f"The reference {reference!r} leads nowhere. Add the part, or correct the reference.")
