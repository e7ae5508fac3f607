"""Constraints of a value, as pydantic, REST framework and class-validator name them, in the words of JSON Schema."""

from __future__ import annotations

import math
import re
from typing import Any

__all__ = ["defaulted", "limited", "nullable", "safe_pattern"]

_NUMBERS = {
    "ge": "minimum",
    "gt": "exclusiveMinimum",
    "le": "maximum",
    "lt": "exclusiveMaximum",
    "multiple_of": "multipleOf",
    "min_value": "minimum",
    "max_value": "maximum",
}
_LENGTHS = {
    "min_length": ("minLength", "minItems"),
    "max_length": ("maxLength", "maxItems"),
    "min_items": ("", "minItems"),
    "max_items": ("", "maxItems"),
}
_KINDS: dict[str, tuple[type, ...]] = {
    "integer": (int,),
    "number": (int, float),
    "string": (str,),
    "boolean": (bool,),
}
_LONGEST = 100
_ODD = re.compile(r"\(\?|\\[AZzpP]|[+*}]\)[+*{]")
"""What other engines read otherwise, and repetitions in repetitions."""


def safe_pattern(text: object) -> str:
    """Return a regular expression that any engine reads alike and in good time; empty for all others."""
    if not isinstance(text, str) or len(text) > _LONGEST or _ODD.search(text):
        return ""
    try:
        re.compile(text)
    except (re.error, OverflowError, RecursionError):
        return ""
    return text


def limited(schema: dict[str, Any], limits: dict[str, Any]) -> dict[str, Any]:
    """Return `schema` with those of `limits` that are written down and say something of its type."""
    if "anyOf" in schema:
        return {**schema, "anyOf": [limited(part, limits) for part in schema["anyOf"]]}
    found = dict(schema)
    kind = schema.get("type")
    for name, value in limits.items():
        if name in _NUMBERS and kind in {"integer", "number"} and _is_number(value):
            if name != "multiple_of" or value > 0:
                found[_NUMBERS[name]] = value
        elif name in _LENGTHS and kind in {"string", "array"} and isinstance(value, int) and value >= 0:
            word = _LENGTHS[name][kind == "array"]
            found |= {word: int(value)} if word else {}
        elif name in {"pattern", "regex"} and kind == "string" and safe_pattern(value):
            found["pattern"] = value
    return found


def defaulted(schema: dict[str, Any], value: object) -> dict[str, Any]:
    """Return a schema with a default, where that is one value of its type."""
    kinds: dict[str, tuple[type, ...]] = {
        "integer": (int,),
        "number": (int, float),
        "string": (str,),
        "boolean": (bool,),
    }
    wanted = kinds.get(str(schema.get("type")), ())
    if not isinstance(value, wanted) or (isinstance(value, bool) and bool not in wanted):
        return schema
    return {**schema, "default": value} if _within(schema, value) else schema


def _within(schema: dict[str, Any], value: Any) -> bool:
    """Return whether a number lies within the bounds of a schema; of other limits nothing is said."""
    if set(schema) == {"type"}:
        return not isinstance(value, float) or math.isfinite(value)
    if set(schema) - {"type", "minimum", "maximum"} or not _is_number(value):
        return False
    return bool(schema.get("minimum", value) <= value <= schema.get("maximum", value))


def nullable(schema: dict[str, Any]) -> dict[str, Any]:
    """Return a schema of the same or null."""
    if not schema or schema.get("type") == "null":
        return schema
    parts = schema["anyOf"] if set(schema) == {"anyOf"} else [schema]
    return {"anyOf": [*(part for part in parts if part != {"type": "null"}), {"type": "null"}]}


def _is_number(value: object) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value)
