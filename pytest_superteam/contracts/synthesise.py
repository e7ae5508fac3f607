"""A valid value for a JSON schema, without drawing: the same schema and salt give the same value.

Schemathesis' strategies explore; seeding, registering and pacts need one plain, valid, repeatable record. The subset
of JSON Schema 2020-12 that contracts of services use is honoured: `$ref`, `allOf`, `anyOf`, `oneOf`, `const`, `enum`,
`default`, types and lists of types, bounds, lengths, `multipleOf`, formats, items, required properties, and patterns
made of classes, literals and bounded repeats.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import math
import uuid
from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

from pytest_superteam.contracts.patterns import is_match, text_matching
from pytest_superteam.contracts.references import resolve
from pytest_superteam.errors import CheckError

__all__ = ["Schema", "example_for"]

Schema: TypeAlias = "Mapping[str, Any] | bool"
"""A JSON schema; the two booleans allow everything and nothing."""

_DEPTH = 24  # levels of nesting; a schema that must nest deeper has no finite value of use
_WORDS = ("amber", "birch", "cedar", "delta", "ember", "fjord", "grove", "heath", "inlet", "jetty", "karst", "larch")
_EPOCH = dt.datetime(2024, 1, 1, 12, tzinfo=dt.UTC)


def example_for(
    schema: Schema,
    contract: Mapping[str, Any],
    *,
    overrides: Mapping[str, Any] | None = None,
    optional: bool = True,
    salt: str = "",
) -> Any:
    """Return a value that satisfies `schema`.

    Args:
        schema: A JSON schema; `$ref` is looked up in `contract`.
        contract: The document that the schema is of.
        overrides: Values of top-level properties to use as they are.
        optional: Whether optional properties are given, too.
        salt: Another salt, other words and ids.

    Raises:
        CheckError: the schema allows nothing, never ends, or has a pattern outside of the supported subset.
    """
    made = _Synthesiser(contract, salt, optional=optional).value(schema, "", 0)
    if overrides and isinstance(made, dict):
        made |= {
            name: value for name, value in overrides.items() if name in made or name in _properties(schema, contract)
        }
    return made


def _properties(schema: Schema, contract: Mapping[str, Any]) -> Mapping[str, Any]:
    if isinstance(schema, Mapping) and "$ref" in schema:
        schema = resolve(contract, str(schema["$ref"]))
    found = schema.get("properties", {}) if isinstance(schema, Mapping) else {}
    return found if isinstance(found, Mapping) else {}


class _Synthesiser:
    def __init__(self, contract: Mapping[str, Any], salt: str, *, optional: bool) -> None:
        self._contract = contract
        self._salt = salt
        self._optional = optional

    def value(self, schema: Schema, place: str, depth: int) -> Any:
        if schema is True:
            return "text"
        if schema is False:
            raise CheckError(f"The schema at {place or 'the root'!r} allows no value.")
        if depth > _DEPTH:
            raise CheckError(f"The schema nests without an end at {place!r}. Give it an optional or empty alternative.")
        schema = self._flat(schema, depth)
        if "const" in schema:
            return schema["const"]
        if schema.get("enum"):
            return schema["enum"][self._number(place) % len(schema["enum"])]
        return self._of_type(schema, place, depth)

    def _flat(self, schema: Mapping[str, Any], depth: int) -> dict[str, Any]:
        """Return `schema` with its reference, its `allOf` and one alternative merged into it."""
        flat = dict(schema)
        if depth > _DEPTH:
            raise CheckError("The schema refers to itself without an end.")
        for part in ([resolve(self._contract, flat.pop("$ref"))] if "$ref" in flat else []) + flat.pop("allOf", []):
            flat = _merged(flat, self._flat(part, depth + 1))
        for word in ("anyOf", "oneOf"):
            choices = flat.pop(word, None)
            if choices:
                flat = _merged(flat, self._flat(_richest(choices), depth + 1))
        return flat

    def _of_type(self, schema: Mapping[str, Any], place: str, depth: int) -> Any:
        kind = _type_of(schema)
        if kind == "object":
            return self._object(schema, place, depth)
        if kind == "array":
            return self._array(schema, place, depth)
        if kind in {"integer", "number"}:
            return _number_within(schema, self._number(place), whole=kind == "integer")
        if kind == "boolean":
            return True
        return None if kind == "null" else self._string(schema, place)

    def _object(self, schema: Mapping[str, Any], place: str, depth: int) -> dict[str, Any]:
        properties: Mapping[str, Any] = schema.get("properties") or {}
        required = list(schema.get("required") or ())
        made = {name: self.value(properties.get(name, True), f"{place}/{name}", depth + 1) for name in required}
        least, most = schema.get("minProperties", 0), schema.get("maxProperties", math.inf)
        for name, part in properties.items():
            wanted = self._optional or len(made) < least
            if name in made or not wanted or len(made) >= most or part is False or _is_read_only(part):
                continue
            try:
                made[name] = self.value(part, f"{place}/{name}", depth + 1)
            except CheckError:
                continue  # what is optional may stay away
        extra = schema.get("additionalProperties", True)
        while len(made) < least and extra is not False:
            made[f"extra_{len(made)}"] = self.value(extra, f"{place}/extra", depth + 1)
        return {name: made[name] for name in properties if name in made} | made

    def _array(self, schema: Mapping[str, Any], place: str, depth: int) -> list[Any]:
        items = schema.get("items", True)
        least = int(schema.get("minItems", 0))
        count = max(least, 1) if self._optional and schema.get("maxItems", 1) else least
        if items is False or (least == 0 and depth >= _DEPTH // 3):
            count = least
        prefix = list(schema.get("prefixItems") or ())
        count = max(count, len(prefix)) if prefix else count
        parts = [prefix[n] if n < len(prefix) else items for n in range(count)]
        try:
            return [self.value(part, f"{place}/{n}", depth + 1) for n, part in enumerate(parts)]
        except CheckError:
            if least:
                raise
            return []

    def _string(self, schema: Mapping[str, Any], place: str) -> str:
        least, most = int(schema.get("minLength", 0)), schema.get("maxLength")
        known = self._formatted(str(schema.get("format", "")), place)
        pattern = str(schema.get("pattern", ""))
        fits = known is not None and len(known) >= least and (most is None or len(known) <= most)
        if known is not None and fits and (not pattern or is_match(pattern, known)):
            return known
        plain = self._plain(place, least, most)
        if known is None and (not pattern or is_match(pattern, plain)):
            return plain
        if pattern:
            return text_matching(pattern, least, most, self._number(place))
        raise CheckError(f"No {schema['format']} of {least} to {most} characters could be made.")

    def _plain(self, place: str, least: int, most: float | None) -> str:
        """Return readable text; where there is little room, what differs from salt to salt takes all of it."""
        text = f"{_WORDS[self._number(place) % len(_WORDS)]} {self._digest(place)[:12]}".ljust(least, "x")
        if most is None or len(text) <= most:
            return text
        return self._digest(place).ljust(int(most), "x")[: int(most)]

    def _formatted(self, name: str, place: str) -> str | None:
        number, digest = self._number(place), self._digest(place)
        moment = _EPOCH + dt.timedelta(minutes=number % 500_000)
        formats: dict[str, Callable[[], str]] = {
            "uuid": lambda: str(uuid.UUID(digest[:32], version=4)),
            "email": lambda: f"{_WORDS[number % len(_WORDS)]}.{digest[:12]}@example.com",
            "idn-email": lambda: f"{digest[:12]}@example.com",
            "uri": lambda: f"https://example.com/{digest[:12]}",
            "url": lambda: f"https://example.com/{digest[:12]}",
            "uri-reference": lambda: f"/{digest[:12]}",
            "hostname": lambda: f"h{digest[:8]}.example.com",
            "ipv4": lambda: f"192.0.2.{number % 254 + 1}",
            "ipv6": lambda: f"2001:db8::{number % 65535:x}",
            "date": lambda: moment.date().isoformat(),
            "date-time": lambda: moment.isoformat().replace("+00:00", "Z"),
            "time": lambda: moment.time().isoformat() + "Z",
            "duration": lambda: f"P{number % 28 + 1}D",
            "byte": lambda: "dGV4dA==",
        }
        return formats[name]() if name in formats else None

    def _digest(self, place: str) -> str:
        return hashlib.sha256(f"{self._salt}\x1f{place}".encode()).hexdigest()

    def _number(self, place: str) -> int:
        return int(self._digest(place)[:8], 16)


def _merged(one: Mapping[str, Any], other: Mapping[str, Any]) -> dict[str, Any]:
    """Return both schemas as one: properties and required add up, tighter bounds win, else `one` does."""
    merged = {**other, **one}
    if "properties" in one and "properties" in other:
        merged["properties"] = {**other["properties"], **one["properties"]}
    if "required" in one and "required" in other:
        merged["required"] = list(dict.fromkeys([*other["required"], *one["required"]]))
    for words, tighter in ((_LEAST, max), (_MOST, min)):
        for word in words & one.keys() & other.keys():
            merged[word] = tighter(one[word], other[word])
    return merged


_LEAST = {"minimum", "exclusiveMinimum", "minLength", "minItems", "minProperties"}
_MOST = {"maximum", "exclusiveMaximum", "maxLength", "maxItems", "maxProperties"}


def _richest(choices: list[Any]) -> Mapping[str, Any]:
    """Return the first alternative that is more than null."""
    usable = [c for c in choices if isinstance(c, Mapping)]
    if not usable:
        raise CheckError("The schema offers no alternative that a value could be made for.")
    return next((c for c in usable if c.get("type") != "null"), usable[0])


def _type_of(schema: Mapping[str, Any]) -> str:
    kind = schema.get("type")
    if isinstance(kind, list):
        return next((k for k in kind if k != "null"), "null")
    if kind is not None:
        return str(kind)
    if "properties" in schema or "required" in schema:
        return "object"
    if "items" in schema:
        return "array"
    return "number" if schema.keys() & {"minimum", "maximum", "multipleOf"} else "string"


def _is_read_only(part: Any) -> bool:
    return isinstance(part, Mapping) and part.get("readOnly") is True


def _number_within(schema: Mapping[str, Any], number: int, *, whole: bool) -> int | float:
    """Return a number within the bounds of `schema`, on its grid; small and positive where there is room."""
    step = schema.get("multipleOf") or (1 if whole else 0.01)
    first, last = _grid(schema, step)
    if first is None:
        first = math.ceil(1 / step - _TINY) if last is None else min(math.ceil(1 / step - _TINY), last)
    last = first + 1000 if last is None else min(last, first + 1000)
    if last < first:
        if whole or "multipleOf" in schema or "minimum" not in schema or "maximum" not in schema:
            raise CheckError(f"No number satisfies {dict(schema)}.")
        return float(schema["minimum"] + schema["maximum"]) / 2
    value = (first + number % (last - first + 1)) * step
    return int(value) if whole or float(value).is_integer() else round(value, 9)


_TINY = 1e-9  # what dividing floats may be off by


def _grid(schema: Mapping[str, Any], step: float) -> tuple[int | None, int | None]:
    """Return the least and the greatest multiple of `step` within the bounds, in steps; None without a bound."""
    low, above = schema.get("minimum"), schema.get("exclusiveMinimum")
    high, below = schema.get("maximum"), schema.get("exclusiveMaximum")
    if above is True:  # OpenAPI 3.0 says so that the minimum itself is out
        low, above = None, low
    if below is True:
        high, below = None, high
    firsts = [math.ceil(low / step - _TINY)] if low is not None else []
    firsts += [math.floor(above / step + _TINY) + 1] if above is not None and above is not False else []
    lasts = [math.floor(high / step + _TINY)] if high is not None else []
    lasts += [math.ceil(below / step - _TINY) - 1] if below is not None and below is not False else []
    return max(firsts, default=None), min(lasts, default=None)
