"""What a found OpenAPI document says of an operation, read so that nothing in the document can break it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from pytest_superteam.contracts.plans import snake
from pytest_superteam.contracts.references import deref
from pytest_superteam.errors import CheckError

__all__ = ["METHODS", "FoundOperation", "operations_in", "part", "properties", "record", "words"]

METHODS = ("get", "post", "put", "patch", "delete")
"""Methods that operations of a service are found under; the others say nothing of its data."""

_HOPS = 6  # levels of allOf and alternatives that are merged
_WRAPPERS = frozenset({"data", "result", "item", "payload", "response", "attributes", "content"})
_VERSION = re.compile(r"v\d{1,3}(?:\.\d{1,3})?|api|rest")


def part(document: Mapping[str, Any], value: Any) -> Mapping[str, Any]:
    """Return a mapping of the document, or what it refers to; nothing where it is none or leads nowhere."""
    try:
        found = deref(document, value)
    except CheckError:
        return {}
    return found if isinstance(found, Mapping) else {}


def properties(document: Mapping[str, Any], schema: Any, hops: int = _HOPS) -> dict[str, Mapping[str, Any]]:
    """Return the properties of an object schema, those of its `allOf` and of its first alternative included."""
    flat = part(document, schema)
    found: dict[str, Mapping[str, Any]] = {}
    if hops:
        for word in ("allOf", "anyOf", "oneOf"):
            choices = [c for c in _sequence(flat.get(word)) if part(document, c).get("type") != "null"]
            for choice in choices if word == "allOf" else choices[:1]:
                found |= properties(document, choice, hops - 1)
    own = flat.get("properties")
    if isinstance(own, Mapping):
        found |= {str(name): part(document, value) or _reference(value) for name, value in own.items()}
    return found


def _reference(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _sequence(value: Any) -> Sequence[Any]:
    return value if isinstance(value, list) else ()


def record(
    document: Mapping[str, Any], schema: Any, names: frozenset[str] = frozenset()
) -> tuple[Mapping[str, Any], bool]:
    """Return the schema of the thing that a body is about, and whether the body is a list of them.

    A thing may be wrapped: `{"data": {...}}`, or by its name as in `{"article": {...}}`; a list in a page.
    """
    flat = part(document, schema)
    several = False
    for _ in range(_HOPS):
        items = _items(document, flat)
        if items is not None:
            flat, several = items, True
            continue
        inner = properties(document, flat)
        lists = [value for value in inner.values() if _items(document, value) is not None]
        wrapped = [
            value for name, value in inner.items() if snake(name) in names | _WRAPPERS and properties(document, value)
        ]
        if wrapped and len(inner) <= 4:
            flat = wrapped[0]
        elif len(lists) == 1 and _is_page(document, inner, names):
            flat = lists[0]
        else:
            break
    return flat, several


def _is_page(document: Mapping[str, Any], inner: Mapping[str, Mapping[str, Any]], names: frozenset[str]) -> bool:
    """Return whether an object with one list is a page of it: what stands beside are numbers, or it bears its name."""
    listed = next(name for name, value in inner.items() if _items(document, value) is not None)
    plain = [value.get("type") for name, value in inner.items() if name != listed]
    return (
        snake(listed).rstrip("s") in {name.rstrip("s") for name in names}
        or (len(inner) <= 8 and all(kind in {"integer", "number", "boolean", "object", None} for kind in plain))
        or len(inner) == 1
    )


def _items(document: Mapping[str, Any], schema: Mapping[str, Any]) -> Mapping[str, Any] | None:
    if schema.get("type") == "array" or "items" in schema:
        return part(document, schema.get("items"))
    return None


def words(text: str) -> tuple[str, ...]:
    """Return the words of a name or a sentence in lower case: `createUser` gives `create`, `user`."""
    return tuple(word for word in snake(text[:500]).split("_") if word)


@dataclass(frozen=True)
class FoundOperation:
    """One operation as a found document has it."""

    service: str
    id: str
    method: str
    """Upper case."""
    path: str
    definition: Mapping[str, Any] = field(repr=False)
    parameters: tuple[Mapping[str, Any], ...] = field(repr=False)
    document: Mapping[str, Any] = field(repr=False)
    memory: dict[str, Any] = field(repr=False, compare=False, default_factory=dict)
    """What was found out of it and is asked again."""

    @cached_property
    def segments(self) -> tuple[str, ...]:
        """Return the parts of the path that name things, `{name}` among them, without versions and `api`."""
        parts = [part for part in self.path.split("/") if part]
        kept = [part for part in parts if not _VERSION.fullmatch(part.lower())]
        return tuple(kept)

    @cached_property
    def said(self) -> tuple[str, ...]:
        """Return the words of the path's fixed end, the id and the summary."""
        fixed = [segment for segment in self.segments if not segment.startswith("{")][-1:]
        return (*words(" ".join(fixed)), "|", *words(self.id), "|", *words(str(self.definition.get("summary", ""))))

    def says(self, *phrases: str) -> bool:
        """Return whether one of `phrases` (words with blanks between) stands among its words."""
        text = f" {' '.join(self.said)} "
        return any(f" {phrase} " in text for phrase in phrases)

    @cached_property
    def body(self) -> Mapping[str, Any]:
        """Return the schema of the body that it takes, in JSON or as a form."""
        content = part(self.document, part(self.document, self.definition.get("requestBody")).get("content"))
        for wanted in ("json", "x-www-form-urlencoded", "form-data"):
            for name, media in content.items():
                if wanted in str(name):
                    return part(self.document, part(self.document, media).get("schema"))
        return {}

    @cached_property
    def success(self) -> int:
        """Return the lowest documented status of 200 to 299, 200 where there is none."""
        found = (int(code) for code in map(str, self.answers) if re.fullmatch(r"2\d\d", code))
        return min(found, default=200)

    @cached_property
    def answers(self) -> Mapping[str, Any]:
        """Return the documented answers by status."""
        return {str(code): value for code, value in part(self.document, self.definition.get("responses")).items()}

    @cached_property
    def answer(self) -> Mapping[str, Any]:
        """Return the schema of the answer to a success."""
        given = self.answers
        chosen = given.get(str(self.success), given.get("2XX", given.get("default")))
        content = part(self.document, part(self.document, chosen).get("content"))
        media = next((m for name, m in content.items() if "json" in str(name)), None)
        return part(self.document, part(self.document, media).get("schema"))

    @cached_property
    def public(self) -> bool:
        """Return whether the document demands no credential; an empty requirement makes it optional."""
        demanded = self.definition.get("security", self.document.get("security"))
        return not isinstance(demanded, list) or not demanded or not all(demanded)

    def leaves(self, schema: Mapping[str, Any], depth: int = 3) -> Iterator[tuple[str, Mapping[str, Any]]]:
        """Yield the names and schemas of all properties, those of objects within included."""
        for name, value in properties(self.document, schema).items():
            yield name, value
            if depth:
                yield from self.leaves(value, depth - 1)


def operations_in(service: str, document: Mapping[str, Any]) -> Iterator[FoundOperation]:
    """Yield the operations of a document whose operations all have ids (`prepared`)."""
    paths = document.get("paths")
    for path, raw in paths.items() if isinstance(paths, Mapping) else ():
        item = part(document, raw)
        for method in METHODS:
            definition = item.get(method)
            if not isinstance(definition, Mapping) or not isinstance(path, str):
                continue
            written = [*_sequence(item.get("parameters")), *_sequence(definition.get("parameters"))]
            parameters = {(p.get("in"), p.get("name")): p for p in (part(document, one) for one in written)}
            name = str(definition.get("operationId"))
            yield FoundOperation(service, name, method.upper(), path, definition, tuple(parameters.values()), document)
