"""The JSON schema of each field type: what a contract promises and a generated service accepts, to the letter.

Every text, number and list is bounded, also where the requirements name no bound, and text holds no NUL (databases
refuse it). Whole numbers stay within what a JSON number holds exactly (2**53 - 1, RFC 8259 section 6).
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pytest_superteam.models import Field, FieldType

__all__ = ["DATE", "DATE_TIME", "EMAIL", "TEXT", "TIME", "URL", "admits", "example", "field_schema"]

TEXT = r"^[^\u0000]*$"
_ATOM = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]"
_LABEL = r"[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
EMAIL = rf"^{_ATOM}+(\.{_ATOM}+)*@{_LABEL}(\.{_LABEL})+$"
_PATH = r"([A-Za-z0-9._~!$&'()*+,;=:@/-]|%[0-9A-Fa-f]{2})"
URL = rf"^https?://{_LABEL}(\.{_LABEL})*(:[0-9]{{1,5}})?(/{_PATH}*)?(\?({_PATH}|\?)*)?(#({_PATH}|\?)*)?$"
TIME = r"^([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9])?$"
DATE = r"^[12][0-9]{3}-[0-9]{2}-[0-9]{2}$"
DATE_TIME = (
    r"^[12][0-9]{3}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-5][0-9]:[0-5][0-9](\.[0-9]{1,9})?"
    r"(Z|[+-]([01][0-9]|2[0-3]):[0-5][0-9])$"
)
_LARGEST = 2**53 - 1
_LONGEST = {"string": 255, "text": 10_000, "email": 254, "url": 2048, "password": 128}
_UNBOUNDED: dict[str, tuple[float, float]] = {
    "integer": (-_LARGEST, _LARGEST),
    "number": (-1e15, 1e15),
    "money": (-9_999_999_999.99, 9_999_999_999.99),
}
_FIXED: dict[str, dict[str, Any]] = {
    "boolean": {"type": "boolean"},
    "date": {"type": "string", "format": "date", "pattern": DATE},
    "datetime": {"type": "string", "format": "date-time", "pattern": DATE_TIME},
    "time": {"type": "string", "pattern": TIME},
    "uuid": {"type": "string", "format": "uuid"},
    "reference": {"type": "string", "format": "uuid"},
    "json": {"type": "object", "maxProperties": 100},
}


def field_schema(field: Field, *, nullable: bool = False) -> dict[str, Any]:
    """Return the JSON schema (2020-12) of the field's values; `nullable` admits null too."""
    schema = _schema(field)
    if nullable:
        schema["type"] = [schema["type"], "null"]
        if "enum" in schema:
            schema["enum"] = [*schema["enum"], None]
    return schema


def _schema(field: Field) -> dict[str, Any]:
    if field.type in _FIXED:
        return dict(_FIXED[field.type])
    if field.type == "enum":
        return {"type": "string", "enum": list(field.enum)}
    if field.type in _UNBOUNDED:
        return _number(field)
    if field.type == "list":
        items = {"type": "string", "maxLength": _LONGEST["string"], "pattern": TEXT}
        longest = max(field.max_length or 100, field.min_length or 0)
        return {"type": "array", "items": items, "minItems": field.min_length or 0, "maxItems": longest}
    return _text(field)


def _text(field: Field) -> dict[str, Any]:
    shortest = field.min_length
    if shortest is None:
        shortest = 1 if field.required and field.type in {"string", "password"} else 0
    longest = field.max_length if field.max_length is not None else max(_LONGEST[field.type], shortest)
    schema: dict[str, Any] = {"type": "string"}
    if field.type == "email":
        schema |= {"format": "email", "maxLength": min(longest, 254), "pattern": EMAIL}
    elif field.type == "url":
        schema |= {"format": "uri", "maxLength": longest, "pattern": URL}
    else:
        schema |= {"minLength": min(shortest, longest), "maxLength": longest, "pattern": TEXT}
    return schema


def _number(field: Field) -> dict[str, Any]:
    low, high = _UNBOUNDED[field.type]
    low = max(low, field.minimum) if field.minimum is not None else low
    high = min(high, field.maximum) if field.maximum is not None else high
    if field.type == "integer":
        return {"type": "integer", "minimum": math.ceil(low), "maximum": math.floor(high)}
    if field.type == "money":
        low, high = math.ceil(round(low * 100, 4)) / 100, math.floor(round(high * 100, 4)) / 100
    return {"type": "number", "minimum": _plain(low), "maximum": _plain(high)}


def _plain(value: float) -> float:
    return int(value) if float(value).is_integer() else value


_EXAMPLES: dict[FieldType, Any] = {
    "boolean": True,
    "date": "2026-01-31",
    "datetime": "2026-01-31T12:00:00Z",
    "time": "09:30",
    "uuid": "3f0a8d5e-6c1b-4f7e-9d2a-5b8c7e1f4a60",
    "reference": "3f0a8d5e-6c1b-4f7e-9d2a-5b8c7e1f4a60",
    "email": "reader@example.com",
    "url": "https://example.com/page",
    "json": {},
}


def example(field: Field) -> Any:
    """Return a value that the field's schema accepts."""
    if field.type in _EXAMPLES:
        return _EXAMPLES[field.type]
    schema = _schema(field)
    if field.default is not None and field.type not in {"list", "password"}:
        return field.default
    if "enum" in schema:
        return schema["enum"][0]
    if schema["type"] == "array":
        return ["example"] * max(1, schema["minItems"]) if schema["maxItems"] else []
    if schema["type"] in {"integer", "number"}:
        return min(max(1, schema["minimum"]), schema["maximum"])
    text = f"Example {field.name.replace('_', ' ')}".replace("\0", "")
    return text.ljust(schema["minLength"], "x")[: schema["maxLength"]]


def admits(field: Field, value: Any) -> bool:
    """Return whether `value` can be the field's default: a constant of its type and within its bounds."""
    schema = _schema(field)
    if field.type == "boolean":
        return isinstance(value, bool)
    if field.type in {"integer", "number", "money"}:
        fits = isinstance(value, int) or (isinstance(value, float) and field.type != "integer")
        return fits and not isinstance(value, bool) and schema["minimum"] <= value <= schema["maximum"]
    if not isinstance(value, str) or "\0" in value:
        return False
    if field.type == "enum":
        return value in field.enum
    if field.type in {"string", "text"}:
        return bool(schema["minLength"] <= len(value) <= schema["maxLength"])
    return False
