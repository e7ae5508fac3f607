"""Schemas of OpenAPI 3.0 and 3.1 and AsyncAPI as plain JSON Schema 2020-12, which validators know.

What is said outside of JSON Schema becomes part of it: `nullable`, boolean bounds, formats of numbers, the
discriminator, and which properties only requests (`writeOnly`) or only answers (`readOnly`) have.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from pytest_superteam.contracts.references import pointer, resolve
from pytest_superteam.errors import CheckError

__all__ = ["Dialect", "Direction"]

Direction = Literal["request", "response"]
_HIDDEN = {"request": "readOnly", "response": "writeOnly"}
_ONE = frozenset(
    {"additionalProperties", "items", "not", "if", "then", "else", "contains", "propertyNames"}
    | {"unevaluatedItems", "unevaluatedProperties", "contentSchema"}
)
_LISTS = frozenset({"allOf", "anyOf", "oneOf", "prefixItems"})
_MAPS = frozenset({"properties", "patternProperties", "dependentSchemas"})
_DROPPED = frozenset(
    {"nullable", "discriminator", "example", "examples", "default", "xml", "externalDocs", "description", "title"}
    | {
        "readOnly",
        "writeOnly",
        "deprecated",
        "$schema",
        "$id",
        "$comment",
        "$anchor",
        "$dynamicAnchor",
        "$vocabulary",
        "$defs",
        "definitions",
    }
)
"""Neither validates nor may change what a reference means: every schema here stands under a name of ours."""
_NUMBERS = {
    "int32": {"minimum": -(2**31), "maximum": 2**31 - 1},
    "int64": {"minimum": -(2**63), "maximum": 2**63 - 1},
    "uint32": {"minimum": 0, "maximum": 2**32 - 1},
    "uint64": {"minimum": 0, "maximum": 2**64 - 1},
}
_DEPTH = 100  # levels of nesting within one named schema
Hidden = frozenset[str]


class Dialect:
    """The schemas of one document, converted as they are asked for; each named one once."""

    def __init__(self, document: Mapping[str, Any], direction: Direction = "response") -> None:
        self._document = document
        self._old = str(document.get("openapi", "")).startswith("3.0")
        self._hidden_word = _HIDDEN[direction]
        self._names: dict[tuple[str, Hidden], str] = {}
        self._named: dict[str, dict[str, Any] | bool | CheckError] = {}
        self._needs: dict[str, set[str]] = {}
        self._pending: list[tuple[str, str, Hidden]] = []
        self._current: set[str] = set()

    def standalone(self, schema: Any) -> dict[str, Any] | bool:
        """Return `schema` with everything that it refers to under `$defs`.

        Raises:
            CheckError: a reference leads nowhere, or the schema nests too deep.
        """
        (converted,), found = self._with_needs([schema])
        if not found:
            known: dict[str, Any] | bool = converted
            return known
        return {**(converted if isinstance(converted, dict) else {"allOf": [converted]}), "$defs": found}

    def together(self, schemas: Mapping[str, Any]) -> dict[str, Any]:
        """Return one schema of an object whose properties are `schemas`: what they share is there once.

        Raises:
            CheckError: one of them can't be used.
        """
        converted, found = self._with_needs(list(schemas.values()))
        return {"properties": dict(zip(schemas, converted, strict=True)), "$defs": found}

    def _with_needs(self, schemas: list[Any]) -> tuple[list[Any], dict[str, Any]]:
        """Return the converted schemas, and by name everything that they refer to."""
        needed: set[str] = set()
        self._current = needed
        converted = [self._convert(schema, _NONE, 0) for schema in schemas]
        self._convert_pending()
        found: dict[str, Any] = {}
        waiting = list(needed)
        while waiting:
            name = waiting.pop()
            if name in found:
                continue
            known = self._named[name]
            if isinstance(known, CheckError):
                raise known
            found[name] = known
            waiting += self._needs[name]
        return converted, found

    def _convert_pending(self) -> None:
        """Convert what references have named: one after the other, for chains of them may be long."""
        while self._pending:
            name, reference, hidden = self._pending.pop()
            self._current = self._needs[name] = set()
            try:
                self._named[name] = self._convert(resolve(self._document, reference), hidden, 0)
            except CheckError as error:
                self._named[name] = error

    def _convert(self, schema: Any, hidden: Hidden, depth: int) -> Any:
        if isinstance(schema, bool):
            return schema
        if not isinstance(schema, Mapping):
            raise CheckError(f"A schema is {str(schema)[:60]!r}. Write a mapping.")
        if depth > _DEPTH:
            raise CheckError(f"A schema nests more than {_DEPTH} levels deep. Name its parts and refer to them.")
        if isinstance(schema.get("$ref"), str) and self._old:
            return self._reference(schema["$ref"], hidden)  # what stands beside it is ignored in 3.0
        return self._nullable(schema, self._words(schema, hidden, depth))

    def _words(self, schema: Mapping[str, Any], around: Hidden, depth: int) -> dict[str, Any]:
        hidden = around | self._hidden_names(schema, 0) if "properties" in schema or "allOf" in schema else around
        new: dict[str, Any] = {}
        parts: list[Any] = []
        for word, value in schema.items():
            if word in {"$ref", "$dynamicRef"} and isinstance(value, str):
                new |= self._reference(value, hidden)
            elif word == "allOf" and isinstance(value, list):
                parts += [self._convert(part, hidden, depth + 1) for part in value]
            elif word == "required" and isinstance(value, list):
                new[word] = [name for name in value if not (isinstance(name, str) and name in hidden)]
            elif word not in _DROPPED and not str(word).startswith("x-"):
                new[word] = self._word(word, value, hidden, depth)
        if parts:
            new["allOf"] = parts
        self._numbers(schema, new)
        self._discriminated(schema, new, hidden)
        return new

    def _word(self, word: str, value: Any, hidden: Hidden, depth: int) -> Any:
        if word in _LISTS and isinstance(value, list):
            return [self._convert(part, _NONE if word == "prefixItems" else hidden, depth + 1) for part in value]
        if word == "properties" and isinstance(value, Mapping):
            return {str(name): self._property(part, depth) for name, part in value.items()}
        if word in _MAPS and isinstance(value, Mapping):
            return {str(name): self._convert(part, _NONE, depth + 1) for name, part in value.items()}
        return self._convert(value, _NONE, depth + 1) if word in _ONE else value

    def _property(self, part: Any, depth: int) -> Any:
        return False if self._is_hidden(part, 0) else self._convert(part, _NONE, depth + 1)

    def _is_hidden(self, part: Any, hops: int) -> bool:
        if not isinstance(part, Mapping) or hops > 10:
            return False
        if part.get(self._hidden_word) is True:
            return True
        if isinstance(part.get("$ref"), str):
            return self._is_hidden(resolve(self._document, part["$ref"]), hops + 1)
        every = part.get("allOf")
        return isinstance(every, list) and len(every) < 10 and any(self._is_hidden(one, hops + 1) for one in every)

    def _hidden_names(self, schema: Any, hops: int) -> Hidden:
        """Return the properties that this direction does not have, also those of the parts of an `allOf`."""
        if not isinstance(schema, Mapping) or hops > 10:
            return _NONE
        properties = schema.get("properties")
        own = properties if isinstance(properties, Mapping) else {}
        names = frozenset(str(name) for name, part in own.items() if self._is_hidden(part, 0))
        for part in schema.get("allOf") or () if isinstance(schema.get("allOf"), list) else ():
            known = part
            if isinstance(part, Mapping) and isinstance(part.get("$ref"), str):
                known = resolve(self._document, part["$ref"])
            names |= self._hidden_names(known, hops + 1)
        return names

    def _reference(self, reference: str, hidden: Hidden) -> dict[str, Any]:
        name = self._names.get((reference, hidden))
        if name is None:
            name = reference.rsplit("/", 1)[-1]
            if name in self._needs:
                name = f"{name}:{len(self._names)}"
            self._needs[name] = set()
            self._names[reference, hidden] = name
            self._pending.append((name, reference, hidden))
        self._current.add(name)
        return {"$ref": f"#/$defs{pointer(name).replace('%', '%25')}"}

    def _numbers(self, schema: Mapping[str, Any], new: dict[str, Any]) -> None:
        for word, bound in (("exclusiveMinimum", "minimum"), ("exclusiveMaximum", "maximum")):
            if isinstance(schema.get(word), bool):
                new.pop(word)
                if schema[word] and bound in new:
                    new[word] = new.pop(bound)
        limits = _NUMBERS.get(str(schema.get("format")))
        if limits and "string" not in _types(schema):
            new.setdefault("allOf", []).append(limits)

    def _nullable(self, schema: Mapping[str, Any], new: dict[str, Any]) -> dict[str, Any]:
        if schema.get("nullable") is not True or not self._old:
            return new
        if isinstance(new.get("type"), str) and not new.keys() & {"allOf", "anyOf", "oneOf", "not", "const"}:
            new["type"] = [new["type"], "null"]
            if "enum" in new and None not in new["enum"]:
                new["enum"] = [*new["enum"], None]
            return new
        return {"anyOf": [new, {"type": "null"}]}

    def _discriminated(self, schema: Mapping[str, Any], new: dict[str, Any], hidden: Hidden) -> None:
        """Let the discriminator choose the alternative: errors then are about the one that was meant."""
        word = next((w for w in ("oneOf", "anyOf") if isinstance(schema.get(w), list)), "")
        chooser = schema.get("discriminator")
        if not word or not isinstance(chooser, Mapping) or not isinstance(chooser.get("propertyName"), str):
            return
        branches = _branches(schema[word], chooser.get("mapping"))
        if not branches:
            return
        name = chooser["propertyName"]
        new.pop(word)
        new.setdefault("allOf", []).append(
            {"type": "object", "required": [name], "properties": {name: {"enum": list(branches)}}}
        )
        new["allOf"] += [
            {
                "if": {"required": [name], "properties": {name: {"const": value}}},
                "then": self._reference(reference, hidden),
            }
            for value, reference in branches.items()
        ]


_NONE: Hidden = frozenset()


def _branches(choices: list[Any], mapping: Any) -> dict[str, str]:
    """Return reference by the discriminator's value; empty where an alternative is no reference."""
    references = [choice.get("$ref") for choice in choices if isinstance(choice, Mapping)]
    if len(references) != len(choices) or not all(isinstance(reference, str) for reference in references):
        return {}
    found: dict[str, str] = {}
    for value, target in mapping.items() if isinstance(mapping, Mapping) else ():
        matching = [r for r in references if r in (target, f"#/components/schemas/{target}")]
        found |= {str(value): str(matching[0])} if matching else {}
    for reference in references:
        if isinstance(reference, str):
            found.setdefault(reference.rsplit("/", 1)[-1], reference)
    return found


def _types(schema: Mapping[str, Any]) -> list[Any]:
    kind = schema.get("type")
    return kind if isinstance(kind, list) else [kind]
