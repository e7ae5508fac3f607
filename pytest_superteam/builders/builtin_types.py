"""Fields as the generated source types them: annotations of request and answer models, columns of tables."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pytest_superteam.builders.builtin_names import literal
from pytest_superteam.contracts.schemas import field_schema

if TYPE_CHECKING:
    from pytest_superteam.models import Field

__all__ = ["annotation", "answer_annotation", "column_parts", "column_type", "query_annotation"]

_PLAIN = {
    "boolean": "fields.Boolean",
    "date": "fields.Date",
    "datetime": "fields.DateTime",
    "time": "fields.Time",
    "uuid": "fields.Uuid",
    "reference": "fields.Uuid",
}
_QUERY = {"integer": "fields.IntegerText", "number": "fields.NumberText"}
_COLUMNS = {
    "integer": ("int", "BigInteger"),
    "number": ("float", "Double"),
    "money": ("Decimal", "Cents"),
    "boolean": ("bool", "Boolean"),
    "date": ("date", "Date"),
    "datetime": ("datetime", "UtcDateTime"),
    "time": ("time", "Time"),
    "uuid": ("UUID", "Uuid"),
    "reference": ("UUID", "Uuid"),
    "list": ("list[str]", "JSON"),
    "json": ("dict[str, Any]", "JSON"),
    "text": ("str", "Text"),
}


def annotation(field: Field, *, nullable: bool = False) -> str:
    """Return the annotation of `field` in a model of the generated service."""
    source = _constrained(field, field_schema(field))
    return f"{source} | None" if nullable else source


def answer_annotation(field: Field) -> str:
    """Return the annotation of `field` in an answer, which is read from a row and needs no check."""
    return "fields.Amount" if field.type == "money" else column_type(field)[0]


def query_annotation(field: Field) -> str:
    """Return the annotation of a query parameter: as `annotation`, for values that come as text."""
    schema = field_schema(field) | ({"minLength": 0} if field.type != "password" else {})
    if field.type == "boolean":
        return "fields.BooleanText"
    if field.type in _QUERY:
        return _limited(_QUERY[field.type], _bounds(schema))
    if field.type == "money":
        bounds = f"fields.between({schema['minimum']!r}, {schema['maximum']!r})"
        return f"Annotated[Decimal, fields.ROUNDED, {bounds}, fields.FROM_TEXT]"
    return _constrained(field, schema)


def _constrained(field: Field, schema: dict[str, Any]) -> str:
    if field.type in _PLAIN:
        return _PLAIN[field.type]
    if "enum" in schema:
        return f"Literal[{', '.join(literal(v) for v in schema['enum'])}]"
    if field.type == "money":
        return f"Annotated[fields.Money, fields.between({schema['minimum']!r}, {schema['maximum']!r})]"
    if field.type in {"integer", "number"}:
        return _limited(f"fields.{field.type.title()}", _bounds(schema))
    if field.type == "json":
        return f"Annotated[fields.Json, Field(max_length={schema['maxProperties']})]"
    if field.type == "list":
        items = f"Annotated[fields.Text, Field(max_length={schema['items']['maxLength']})]"
        return _limited(f"list[{items}]", _lengths(schema, "minItems", "maxItems"))
    base = {"email": "fields.Email", "url": "fields.Url"}.get(field.type, "fields.Text")
    return _limited(base, _lengths(schema, "minLength", "maxLength"))


def _limited(base: str, limits: list[str]) -> str:
    return f"Annotated[{base}, Field({', '.join(limits)})]" if limits else base


def _bounds(schema: dict[str, Any]) -> list[str]:
    return [f"ge={schema['minimum']!r}", f"le={schema['maximum']!r}"]


def _lengths(schema: dict[str, Any], low: str, high: str) -> list[str]:
    shortest = [f"min_length={schema[low]}"] if schema.get(low) else []
    return [*shortest, f"max_length={schema[high]}"]


def column_type(field: Field) -> tuple[str, str]:
    """Return the Python type and the SQL type of the field's column."""
    if field.type in _COLUMNS:
        return _COLUMNS[field.type]
    if field.type == "password":
        return "str", "String(255)"
    schema = field_schema(field)
    longest = max((len(v) for v in schema["enum"]), default=1) if "enum" in schema else schema["maxLength"]
    # Beyond this PostgreSQL refuses the length of a varchar.
    return "str", f"String({max(longest, 1)})" if longest <= 10_000_000 else "Text"


def column_parts(field: Field, *, target: str | None) -> list[str]:
    """Return the arguments of the field's `mapped_column`; `target` is the table.column that it refers to."""
    stored = column_type(field)[1]
    # PostgreSQL has no order for its type json, which a unique index needs.
    parts = ["JsonText" if stored == "JSON" and field.unique else stored]
    if target:
        parts.append(f'ForeignKey("{target}")')
    if field.type == "reference":
        parts.append("index=True")
    if field.unique:
        parts.append("unique=True")
    if field.read_only and field.default is not None:
        parts.append(f"default={literal(field.default)}")
    return parts
