"""Schemas of OpenAPI documents and JSON Schema as entities with fields."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from pytest_superteam.architect.names import snake
from pytest_superteam.architect.notations.common import Column, entity, is_wrapper

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytest_superteam.architect.facts import EntityFact

__all__ = ["entities_of_schemas", "fragment", "loaded"]

MAX_NODES = 60_000
MAX_DEPTH = 64
_MAX_TEXT = 2 * 1024 * 1024
_NOT_STORED = re.compile(
    r"(?:List|Page|Paged|Status|Enum|Id|Meta|Metadata|Links?|Result|Problem|ProblemDetails|Event|Config)$"
    r"|(?<=[a-z])(?:Collection|Public|Private|Register|Login|Info|Summary|Details?|Stats?|Brief|Body|Ref)$"
    r"|^(?:New|Api|Http|Validation|Paginated|Error|Problem)(?=[A-Z])|^Body_"
)
_FORMATS = {
    "date-time": "timestamp",
    "date": "date",
    "uuid": "uuid",
    "email": "email",
    "uri": "url",
    "url": "url",
    "password": "string",
    "time": "time",
}
_TYPES = {"integer": "integer", "number": "number", "boolean": "boolean", "string": "string", "object": "json"}
_SCHEMA = re.compile(r"^\s{0,20}[\"']?properties[\"']?\s{0,4}:", re.MULTILINE)


def loaded(text: str) -> Any:
    """Return a YAML or JSON text as plain JSON values: keys are strings, dates their text.

    Raises:
        ValueError: it is neither, is too large, or nests too deeply.
    """
    import json

    if len(text) > _MAX_TEXT:
        raise ValueError(f"it has more than {_MAX_TEXT} characters")
    try:
        if text.lstrip()[:1] == "{":
            data = json.loads(text)
        else:
            import yaml

            loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
            _check_depth(yaml.parse(text, Loader=loader))
            data = yaml.load(text, Loader=loader)  # noqa: S506 - both are safe
    except RecursionError:
        raise ValueError("it nests too deeply") from None
    except Exception as error:  # noqa: BLE001
        # PyYAML raises its own errors, ValueError for dates such as 2024-13-01, and others for odd keys.
        raise ValueError(" ".join(str(error).split())[:200]) from None
    return _json(data, [MAX_NODES], 0)


def _check_depth(events: Iterator[Any]) -> None:
    """Refuse what nests deeply before it is built: the C loader recurses, and the process would end with it."""
    depth = 0
    for event in events:
        name = type(event).__name__
        depth += name in ("MappingStartEvent", "SequenceStartEvent")
        depth -= name in ("MappingEndEvent", "SequenceEndEvent")
        if depth > MAX_DEPTH:
            raise ValueError("it nests too deeply")


def _json(value: Any, budget: list[int], depth: int) -> Any:
    budget[0] -= 1
    if budget[0] < 0 or depth > MAX_DEPTH:
        # Aliases make a small text endless.
        raise ValueError("it is too large or nests too deeply")
    if isinstance(value, dict):
        return {_key(k): _json(v, budget, depth + 1) for k, v in value.items()}
    if isinstance(value, (list, tuple)):
        return [_json(v, budget, depth + 1) for v in value]
    if value is None or isinstance(value, (str, int, bool)):
        return value
    if isinstance(value, float):
        return value if value == value and abs(value) != float("inf") else str(value)  # noqa: PLR0124 - not a number
    return value.isoformat() if hasattr(value, "isoformat") else str(value)


def _key(key: Any) -> str:
    if isinstance(key, bool):
        return "on" if key else "off"  # what YAML 1.1 makes of a key called `on`
    return str(key)


def fragment(text: str, line: int, *, name: str = "") -> Iterator[EntityFact]:
    """Yield the entities of a piece of an OpenAPI document or of a JSON Schema; a text that is none gives nothing."""
    if not _SCHEMA.search(text) and '"properties"' not in text:
        return
    try:
        data = loaded(text)
    except ValueError:
        return
    if not isinstance(data, Mapping):
        return
    components = data.get("components")
    schemas: Any = components.get("schemas") if isinstance(components, Mapping) else None
    schemas = schemas or data.get("schemas") or data.get("definitions") or data.get("$defs")
    if not isinstance(schemas, Mapping):
        title = data.get("title") or name
        schemas = {str(title): data} if isinstance(data.get("properties"), Mapping) and title else data
    yield from entities_of_schemas(schemas, line, text)


def entities_of_schemas(schemas: Mapping[str, Any], line: int, text: str = "") -> Iterator[EntityFact]:
    """Yield an entity for each schema of an object that is stored: no body, page, error or token."""
    for name, schema in list(schemas.items())[:500]:
        if (
            not isinstance(schema, Mapping)
            or is_wrapper(name)
            or _NOT_STORED.search(name[:1].upper() + name[1:])
            or not re.match(r"[A-Za-z]", name)
        ):
            continue
        properties, required = _merged(schema, schemas, 0)
        at = re.search(rf"^\s{{0,40}}[\"']?{re.escape(name)}[\"']?\s{{0,4}}:", text, re.MULTILINE) if text else None
        number = line + text.count("\n", 0, at.end()) if at else line
        columns = [
            _column(key, value, schemas, number, optional=bool(required) and key not in required)
            for key, value in properties.items()
        ]
        fact = entity(name, number, [c for c in columns if c is not None], least=2)
        if fact is not None and not {"access_token", "items"} & set(properties):
            yield fact


def _merged(schema: Mapping[str, Any], schemas: Mapping[str, Any], depth: int) -> tuple[dict[str, Any], set[str]]:
    properties: dict[str, Any] = {}
    required: set[str] = set()
    if depth > 8:
        return properties, required
    target = schemas.get(_target(schema))
    parts = [target, *(schema.get("allOf") or [])] if isinstance(schema.get("allOf", []), list) else [target]
    for part in parts:
        if isinstance(part, Mapping):
            more, needed = _merged(part, schemas, depth + 1)
            properties |= more
            required |= needed
    own = schema.get("properties")
    if isinstance(own, Mapping):
        properties |= {k: v for k, v in own.items() if isinstance(v, Mapping)}
    needed_own = schema.get("required")
    if isinstance(needed_own, list):
        required |= {str(n) for n in needed_own}
    return properties, required


def _target(schema: Any) -> str:
    reference = schema.get("$ref") if isinstance(schema, Mapping) else None
    return reference.rsplit("/", 1)[-1] if isinstance(reference, str) else ""


def _column(
    name: str, schema: Mapping[str, Any], schemas: Mapping[str, Any], line: int, *, optional: bool
) -> Column | None:
    target = _target(schema)
    known = schemas.get(target)
    if isinstance(known, Mapping) and isinstance(known.get("enum"), list):
        schema, target = known, ""
    kinds = schema.get("type")
    nullable = schema.get("nullable") is True or (isinstance(kinds, list) and "null" in kinds)
    kind = next((k for k in kinds if k != "null"), "") if isinstance(kinds, list) else kinds
    if kind == "array":
        if _target(schema.get("items")):
            return None  # rows of another schema say whose they are
        return Column(name, "list", "", line, optional=optional or nullable, many=True)
    values = schema.get("enum")
    said = []
    for word, key, unit in (
        ("min", "minimum", ""),
        ("max", "maximum", ""),
        ("min", "minLength", " characters"),
        ("max", "maxLength", " characters"),
    ):
        number = schema.get(key)
        if isinstance(number, (int, float)) and not isinstance(number, bool):
            said.append(f"{word} {number}{unit}")
    default = schema.get("default")
    if isinstance(default, (str, int, float)):
        said.append(f"default {str(default).lower() if isinstance(default, bool) else repr(default)}")
    if schema.get("readOnly") is True:
        said.append("read-only")
    words = _FORMATS.get(str(schema.get("format")), _TYPES.get(str(kind), ""))
    return Column(
        f"{name}_id" if target and not snake(name).endswith("_id") else name,
        words,
        " ; ".join(said),
        line,
        optional=optional or nullable,
        target=target or None,
        values=tuple(str(v) for v in values if v is not None) if isinstance(values, list) else (),
        note=" ".join(str(schema.get("description") or "").split())[:300],
    )
