"""An answer beside its schema: each object and each field, with what the contract says of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from pytest_superteam.contracts.references import resolve
from pytest_superteam.errors import CheckError

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["MISSING", "Seen", "SeenObject", "flat", "is_nullable", "look", "types_of"]

_DEPTH = 12  # levels of an answer that are looked at


class _Missing:
    def __repr__(self) -> str:
        return "missing"


MISSING = _Missing()
"""The value of a declared field that an answer does not have."""


@dataclass(frozen=True)
class SeenObject:
    """An object of an answer. `schema` is flat; `name` is its component's, `""` where it stands in place."""

    place: str
    name: str
    schema: Mapping[str, Any]
    value: Mapping[str, Any]

    @property
    def declared(self) -> Mapping[str, Any]:
        """Return the declared properties."""
        found = self.schema.get("properties")
        return found if isinstance(found, Mapping) else {}


@dataclass(frozen=True)
class Seen:
    """A declared field of an object. `place` is `items[].price`; `schema` is flat."""

    place: str
    name: str
    schema: Mapping[str, Any]
    value: Any
    required: bool = False
    owner: SeenObject | None = field(default=None, repr=False)


def flat(schema: Any, document: Mapping[str, Any], depth: int = 0) -> dict[str, Any]:
    """Return a schema with its reference, its `allOf` and its only alternative besides null merged into it.

    Where several alternatives are left nothing can be said of the value: they stay away, and `anyOf` marks it.
    """
    if not isinstance(schema, Mapping) or depth > _DEPTH:
        return {}
    found = dict(schema)
    reference = found.pop("$ref", None)
    parts = [p for p in found.pop("allOf", None) or [] if isinstance(p, Mapping)]
    if isinstance(reference, str):
        try:
            parts.append(resolve(document, reference))
        except CheckError:
            return {}
    for part in parts:
        found = _merged(found, flat(part, document, depth + 1))
    for word in ("anyOf", "oneOf"):
        choices = [flat(c, document, depth + 1) for c in found.pop(word, None) or []]
        solid = [c for c in choices if c.get("type") != "null"]
        if len(choices) > len(solid):
            found["nullable"] = True
        if len(solid) == 1:
            found = _merged(found, solid[0])
        elif solid:
            found["anyOf"] = solid
    return found


def _merged(one: Mapping[str, Any], other: Mapping[str, Any]) -> dict[str, Any]:
    merged = {**other, **one}
    if "properties" in one and "properties" in other:
        merged["properties"] = {**other["properties"], **one["properties"]}
    if "required" in one and "required" in other:
        merged["required"] = [*other["required"], *one["required"]]
    return merged


def types_of(schema: Mapping[str, Any]) -> frozenset[str]:
    """Return the JSON types that a flat schema names, null left out; empty where it names none."""
    kind = schema.get("type")
    named = {str(k) for k in kind} if isinstance(kind, list) else {str(kind)} if kind is not None else set()
    if not named and "properties" in schema:
        named = {"object"}
    return frozenset(named - {"null"})


def is_nullable(schema: Mapping[str, Any]) -> bool:
    """Return whether a flat schema admits null, in the ways of OpenAPI 3.0 and 3.1, or says nothing of types."""
    kind = schema.get("type")
    if schema.get("nullable") is True or kind == "null" or (isinstance(kind, list) and "null" in kind):
        return True
    if "const" in schema or "enum" in schema:
        return schema.get("const", 0) is None or None in (schema.get("enum") or [])
    return kind is None and "properties" not in schema


def look(
    value: Any, schema: Any, document: Mapping[str, Any], place: str = "", depth: int = 0
) -> Iterator[Seen | SeenObject]:
    """Yield the objects of an answer and their declared fields, lists through their items."""
    if depth > _DEPTH:
        return
    name = str(schema.get("$ref", "")).rsplit("/", 1)[-1] if isinstance(schema, Mapping) else ""
    known = flat(schema, document)
    if isinstance(value, list):
        for part in value:
            yield from look(part, known.get("items", {}), document, f"{place}[]", depth + 1)
    elif isinstance(value, Mapping):
        thing = SeenObject(place, name, known, value)
        yield thing
        required = known.get("required") or ()
        for key, part in thing.declared.items():
            where = f"{place}.{key}" if place else str(key)
            here = value.get(key, MISSING)
            yield Seen(where, str(key), flat(part, document), here, key in required, thing)
            if here is not MISSING:
                yield from look(here, part, document, where, depth + 1)
