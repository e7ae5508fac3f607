"""One form for schemas of OpenAPI 3.0 and 3.1: what is written differently and means the same becomes the same.

`nullable`, a type list and a null alternative are one; boolean and numeric exclusive bounds are one; `allOf` is merged
into what it stands beside; alternatives that name nothing but types are a list of types.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from pytest_superteam.contracts.diff.changes import canonical
from pytest_superteam.contracts.diff.reading import Document, is_number, mapping, sequence, text
from pytest_superteam.errors import CheckError

__all__ = ["ANNOTATIONS", "Schemas", "View", "is_annotation"]

ANNOTATIONS = frozenset(
    {"title", "description", "example", "examples", "externalDocs", "xml", "deprecated", "$comment", "$id", "$anchor"}
)
"""Keywords that say nothing about the values."""
_LOWER = ("minimum", "exclusiveMinimum", "minLength", "minItems", "minProperties", "minContains")
_UPPER = ("maximum", "exclusiveMaximum", "maxLength", "maxItems", "maxProperties", "maxContains")
_KEPT = frozenset(
    {
        *_LOWER,
        *_UPPER,
        *(
            "multipleOf",
            "pattern",
            "format",
            "enum",
            "const",
            "uniqueItems",
            "additionalProperties",
            "items",
            "contains",
        ),
        *("prefixItems", "propertyNames", "dependentRequired", "dependentSchemas", "unevaluatedItems", "default"),
        *("unevaluatedProperties", "contentSchema", "contentMediaType", "contentEncoding", "discriminator", "readOnly"),
        *("writeOnly", "deprecated", "x-sunset", "x-stability-level", "x-extensible-enum", "title"),
    }
)
_SCHEMAS = ("additionalProperties", "items", "contains", "propertyNames", "contentSchema", "unevaluatedItems")
_MOST = 500_000  # schemas read; documents of thousands need tens of thousands
_DEEPEST = 60  # schemas within schemas by `allOf` and `$ref`


def is_annotation(raw: Any) -> bool:
    """Return whether a schema says nothing about the values."""
    return isinstance(raw, Mapping) and all(key in ANNOTATIONS or str(key).startswith("x-") for key in raw)


@dataclass(frozen=True)
class View:
    """A schema in the one form. `types` without "null"; None means any."""

    types: frozenset[str] | None = None
    nullable: bool = True
    never: bool = False
    """Nothing is valid (`false`)."""
    opaque: str = ""
    """A reference that is not followed, or what is no schema at all."""
    keywords: Mapping[str, Any] = field(default_factory=dict)
    properties: Mapping[str, Any] = field(default_factory=dict)
    required: frozenset[str] = frozenset()
    patterns: Mapping[str, Any] = field(default_factory=dict)
    """Schemas of properties by pattern of their names."""
    alternatives: tuple[tuple[str, tuple[Any, ...]], ...] = ()
    """(`oneOf` or `anyOf`, the schemas), a pair for each such list."""
    conditions: tuple[Mapping[str, Any], ...] = ()
    """`if`, `then` and `else` that belong together."""
    nots: tuple[Any, ...] = ()
    branches: tuple[Any, ...] = ()
    """The schemas of the schema's own `allOf`, as written."""

    @property
    def anything(self) -> bool:
        """Return whether the schema lets everything through."""
        return self.types is None and not (
            self.never or self.opaque or self.properties or self.alternatives or self.conditions or self.nots
        )

    @property
    def accepted(self) -> frozenset[str] | None:
        """Return the types whose values are valid: a number may be whole."""
        return self.types | {"integer"} if self.types and "number" in self.types else self.types


class Schemas:
    """The schemas of one document as views, each worked out once."""

    def __init__(self, document: Document) -> None:
        """Read the schemas of `document`."""
        self.document = document
        self._views: dict[int, View] = {}
        self._cut = False  # whether what is being read left out a part that leads back to itself
        self._read_so_far = 0
        self._made: list[Any] = []  # what we put together stays alive, for it is known by its id()

    def target(self, raw: Any) -> Any:
        """Return `raw`, or the schema that it refers to when it does nothing else and that can be followed."""
        if isinstance(raw, Mapping) and isinstance(raw.get("$ref"), str) and _only_refers(raw):
            found = self.document.follow(raw["$ref"])
            return raw if found is None else found
        return raw

    def view(self, raw: Any, above: frozenset[int] = frozenset()) -> View:
        """Return the one form of the schema `raw`; `above` are those that it is being merged into."""
        raw = self.target(raw)
        if isinstance(raw, bool) or not isinstance(raw, Mapping):
            return _of_what_is_no_mapping(raw)
        key = id(raw)
        if key in self._views:
            return self._views[key]
        self._read_so_far += 1
        if self._read_so_far > _MOST:
            raise CheckError(f"The schemas merge each other more than {_MOST} times. Untangle their `allOf`.")
        outside, self._cut = self._cut, False
        found = self._read(raw, above | {key})
        if not (self._cut and above):  # within a circle it lacks what is above it
            self._views[key] = found
        self._cut = self._cut or outside
        return found

    def _read(self, raw: Mapping[str, Any], above: frozenset[int]) -> View:
        found = own = _own(raw)
        parts = list(sequence(raw.get("allOf")))
        if isinstance(raw.get("$ref"), str):
            target = self.document.follow(raw["$ref"])
            if target is None:
                found = replace(found, opaque=raw["$ref"])
            else:
                parts.insert(0, target)
        lists, null = self._alternatives(raw) if "oneOf" in raw or "anyOf" in raw else ([], False)
        for name, schemas in lists:
            if not schemas:  # null alone
                found = replace(found, types=frozenset())
            elif len(schemas) == 1:
                parts.append(schemas[0])
            elif (types := self._plain_types(schemas)) is not None:
                found = self._merge(found, View(types=types, nullable=null))
            else:
                admits = null or any(self._admits_null(schema, above) for schema in schemas)
                groups = (*found.alternatives, (name, schemas))
                found = replace(found, alternatives=groups, nullable=found.nullable and admits)
        for part in parts:
            inner = self.target(part)
            if id(inner) in above or len(above) >= _DEEPEST:
                self._cut = True
                continue
            found = self._merge(found, self.view(inner, above))
        named = null and own.nullable
        admits = named or (raw.get("nullable") is True and "type" not in raw)
        return replace(found, nullable=True) if admits else found

    def _admits_null(self, raw: Any, above: frozenset[int]) -> bool:
        inner = self.target(raw)
        if id(inner) in above or len(above) >= _DEEPEST:
            self._cut = True
            return False
        return self.view(inner, above).nullable

    def _alternatives(self, raw: Mapping[str, Any]) -> tuple[list[tuple[str, tuple[Any, ...]]], bool]:
        """Return the lists of alternatives without null, and whether one of them was null."""
        found, null = [], False
        for name in ("oneOf", "anyOf"):
            schemas = sequence(raw.get(name))
            rest = tuple(schema for schema in schemas if not _is_null(self.target(schema)))
            null = null or len(rest) < len(schemas)
            if schemas:
                found.append((name, rest))
        return found, null

    def _plain_types(self, schemas: tuple[Any, ...]) -> frozenset[str] | None:
        """Return the types that alternatives name when they name nothing else."""
        found: set[str] = set()
        for schema in schemas:
            inner = self.target(schema)
            if not isinstance(inner, Mapping) or text(inner.get("type")) in {"", "object", "array"}:
                return None
            if any(key != "type" and key not in ANNOTATIONS for key in inner):
                return None
            found.add(inner["type"])
        return frozenset(found)

    def _merge(self, one: View, other: View) -> View:
        """Return what both demand."""
        if one.types is None or other.types is None:
            types = one.types if other.types is None else other.types
        else:
            types = (one.accepted or frozenset()) & (other.accepted or frozenset())
            types = types - {"integer"} if "number" in types else types
        return View(
            types=types,
            nullable=one.nullable and other.nullable,
            never=one.never or other.never or (types is not None and not types and not one.nullable),
            opaque=one.opaque or other.opaque,
            keywords=self._merge_keywords(one.keywords, other.keywords),
            properties=self._both(one.properties, other.properties),
            required=one.required | other.required,
            patterns=self._both(one.patterns, other.patterns),
            alternatives=one.alternatives + other.alternatives,
            conditions=one.conditions + other.conditions,
            nots=one.nots + other.nots,
            branches=one.branches,
        )

    def _both(self, one: Mapping[str, Any], other: Mapping[str, Any]) -> dict[str, Any]:
        """Return the union; a name in both stands for what both demand."""
        found = dict(one)
        for name, schema in other.items():
            found[name] = self._all(found[name], schema) if name in found else schema
        return found

    def _all(self, one: Any, other: Any) -> Any:
        if one == other:
            return one
        made = {"allOf": [one, other]}
        self._made.append(made)
        return made

    def _merge_keywords(self, one: Mapping[str, Any], other: Mapping[str, Any]) -> dict[str, Any]:
        found = dict(one)
        for name, value in other.items():
            found[name] = self._keyword(name, found[name], value) if name in found else value
        return found

    def _keyword(self, name: str, one: Any, other: Any) -> Any:
        if one == other or name in {"title", "default", "discriminator", "x-extensible-enum"}:
            return one
        if name in _LOWER:
            return max(one, other)
        if name in _UPPER:
            return min(one, other)
        if name == "enum":
            known = {canonical(value) for value in other}
            return [value for value in one if canonical(value) in known]
        if name in _SCHEMAS:
            return False if one is False or other is False else self._all(one, other)
        if name in {"dependentRequired", "dependentSchemas"}:
            return {**other, **one}
        if name in {"pattern", "format"}:
            return " and ".join(sorted({str(one), str(other)}))
        return one


def _only_refers(raw: Mapping[str, Any]) -> bool:
    return all(key == "$ref" or key in {"summary", "description"} for key in raw)


def _of_what_is_no_mapping(raw: Any) -> View:
    if raw is True:
        return View()
    return View(never=True, nullable=False) if raw is False else View(opaque=f"no schema: {canonical(raw)[:60]}")


def _is_null(raw: Any) -> bool:
    if not isinstance(raw, Mapping):
        return False
    return raw.get("type") in ("null", ["null"]) or raw.get("enum") == [None] or raw.get("const", 0) is None


_NAMES: tuple[tuple[type, str], ...] = (
    (bool, "boolean"),
    (int, "integer"),
    (float, "number"),
    (str, "string"),
    (list, "array"),
    (dict, "object"),
)


def _type_of(value: Any) -> str:
    if isinstance(value, float) and value.is_integer():
        return "integer"
    return next((name for cls, name in _NAMES if isinstance(value, cls)), "string")


def _own(raw: Mapping[str, Any]) -> View:
    """Return what the schema itself says, without what it refers to or merges."""
    types, nullable = _types(raw)
    condition = {name: raw[name] for name in ("if", "then", "else") if name in raw}
    return View(
        types=types,
        nullable=nullable,
        keywords=_keywords(raw),
        properties=mapping(raw.get("properties")),
        required=frozenset(name for name in sequence(raw.get("required")) if isinstance(name, str)),
        patterns=mapping(raw.get("patternProperties")),
        conditions=(condition,) if "if" in condition else (),
        nots=(raw["not"],) if "not" in raw else (),
        branches=tuple(sequence(raw.get("allOf"))),
    )


def _types(raw: Mapping[str, Any]) -> tuple[frozenset[str] | None, bool]:
    named = raw.get("type")
    names = [named] if isinstance(named, str) else [name for name in sequence(named) if isinstance(name, str)]
    if names:
        nullable = "null" in names or raw.get("nullable") is True
        found = frozenset(names) - {"null"}
        return (found - {"integer"} if "number" in found else found), nullable
    values = [raw["const"]] if "const" in raw else sequence(raw.get("enum"))
    if values:
        found = frozenset(_type_of(value) for value in values if value is not None)
        return (found - {"integer"} if "number" in found else found), None in values
    if raw.get("properties"):
        return frozenset({"object"}), raw.get("nullable") is True
    if "items" in raw:
        return frozenset({"array"}), raw.get("nullable") is True
    return None, True


def _keywords(raw: Mapping[str, Any]) -> dict[str, Any]:
    found = {name: value for name, value in raw.items() if name in _KEPT and _usable(name, value)}
    for bound, exclusive in (("minimum", "exclusiveMinimum"), ("maximum", "exclusiveMaximum")):
        if raw.get(exclusive) is True and bound in found:  # 3.0: a flag beside the bound
            found[exclusive] = found.pop(bound)
    if "enum" in found:
        found["enum"] = [value for value in found["enum"] if value is not None]
    return found


def _usable(name: str, value: Any) -> bool:
    """Return whether the value has a type that the keyword can have."""
    if name in _LOWER or name in _UPPER or name == "multipleOf":
        return is_number(value)
    if name in {"enum", "prefixItems", "x-extensible-enum"}:
        return isinstance(value, list)
    if name in {"dependentRequired", "dependentSchemas", "discriminator"}:
        return isinstance(value, Mapping)
    return isinstance(value, str) if name in {"pattern", "format", "title"} else True
