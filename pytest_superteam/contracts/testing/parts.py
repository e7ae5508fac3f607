"""What the generator of conformance tests reads from a document, and how it writes names and texts."""

from __future__ import annotations

import re
from collections.abc import Mapping
from itertools import chain, count
from typing import TYPE_CHECKING, Any

from pytest_superteam.contracts.references import deref
from pytest_superteam.contracts.testing.literals import literal

if TYPE_CHECKING:
    from pytest_superteam.contracts.operations import ContractOperation

__all__ = [
    "body_schema",
    "docstring_text",
    "for_python",
    "helper_name",
    "is_of_kind",
    "is_read_only",
    "properties_of",
    "required_fields",
    "tuple_of",
    "unique_names",
]


def unique_names(operations: list[ContractOperation]) -> dict[str, str]:
    """Return the name of the tests of each operation, by its id."""
    found: dict[str, str] = {}
    taken: set[str] = set()
    for operation in operations:
        plain = re.sub(r"_+", "_", re.sub(r"\W", "_", re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", operation.id))).strip("_")
        plain = plain.lower() or "operation"
        name = next(n for n in chain([plain], (f"{plain}_{i}" for i in count(2))) if n not in taken)
        taken.add(name)
        found[operation.id] = name
    return found


def is_of_kind(operation: ContractOperation, kind: str, path: re.Pattern[str]) -> bool:
    """Return whether the operation is of `kind`, by our extension or else by its path."""
    known = operation.definition.get("x-kind")
    return known == kind if known else operation.method == "POST" and bool(path.search(operation.path))


def body_schema(operation: ContractOperation) -> Mapping[str, Any] | None:
    """Return the schema of the JSON body, or of the form, that the operation takes."""
    if operation.request_schema is not None:
        return operation.request_schema
    content = operation.request_body.get("content")
    media = content.get("application/x-www-form-urlencoded") if isinstance(content, Mapping) else None
    schema = media.get("schema") if isinstance(media, Mapping) else None
    return schema if isinstance(schema, Mapping) else None


def properties_of(document: Mapping[str, Any], schema: Any, depth: int = 0) -> dict[str, Any]:
    """Return the properties of a schema and of the parts of its `allOf`."""
    schema = deref(document, schema) if schema is not None else {}
    if not isinstance(schema, Mapping) or depth > 5:
        return {}
    own = schema.get("properties")
    found = dict(own) if isinstance(own, Mapping) else {}
    for part in schema.get("allOf") or () if isinstance(schema.get("allOf"), list) else ():
        found |= properties_of(document, part, depth + 1)
    return found


def required_fields(document: Mapping[str, Any], schema: Any, depth: int = 0) -> list[str]:
    """Return the fields that a schema and the parts of its `allOf` require."""
    schema = deref(document, schema)
    if not isinstance(schema, Mapping) or depth > 5:
        return []
    own = schema.get("required")
    found = [name for name in own if isinstance(name, str)] if isinstance(own, list) else []
    for part in schema.get("allOf") or () if isinstance(schema.get("allOf"), list) else ():
        found += required_fields(document, part, depth + 1)
    return found


def for_python(value: Any) -> Any:
    """Return a schema without the patterns that Python's engine does not know."""
    if isinstance(value, list):
        return [for_python(item) for item in value]
    if not isinstance(value, dict):
        return value
    return {key: for_python(item) for key, item in value.items() if key != "pattern" or _compiles(item)}


def _compiles(pattern: Any) -> bool:
    if not isinstance(pattern, str):
        return True  # a property of that name
    try:
        re.compile(pattern)
    except (re.error, RecursionError, OverflowError):
        return False
    return True


def tuple_of(*texts: str) -> str:
    """Return a tuple of texts as an expression."""
    return f"({', '.join(map(literal, texts))})"


def docstring_text(text: str) -> str:
    """Return `text` as it may stand in a docstring."""
    return re.sub(r'[\\"\x00-\x1f]', "", text)[:100]


def is_read_only(schema: Any) -> bool:
    """Return whether only answers have a property."""
    return isinstance(schema, Mapping) and schema.get("readOnly") is True


def helper_name(prefix: str) -> str:
    """Return the name of the function that makes a row at a path."""
    return "at_" + re.sub(r"\W+", "_", prefix, flags=re.ASCII).strip("_").lower()
