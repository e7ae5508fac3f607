"""The JSON schema of superteam.yaml, made of the settings' types: `python -m pytest_superteam.settings.schema`.

It accepts what a run accepts without variables and options, but for three things that no schema can say: that a key
stands in the file twice, that an IPv6 address is one, and that names of agents and builders are known.
Draft 7, for that is what the editors' YAML plugins complete by.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from dataclasses import MISSING, fields, is_dataclass
from enum import Enum
from typing import Any, Literal, get_args, get_origin, get_type_hints

from pytest_superteam.config import DEPTHS, Config
from pytest_superteam.config_entries.callers import OAUTH2_NEEDS, AuthUser, OAuth2Config
from pytest_superteam.config_entries.converting import parts
from pytest_superteam.config_entries.limits import ANY_NUMBER, LINE, Form
from pytest_superteam.config_entries.names import NAME, TEXT_NAME, EnvironmentName
from pytest_superteam.config_entries.services import (
    ADDRESS,
    COMMAND,
    HEALTH,
    KINDS,
    NONE,
    OF_MANY,
    OPERATION,
    ROLES,
    WORD,
    ServicePath,
)
from pytest_superteam.models import Severity
from pytest_superteam.settings import SCHEMA_FILE
from pytest_superteam.settings.meanings import meanings

__all__ = ["schema_text", "settings_schema"]

_GLOB = r"[*?\[]"


def schema_text() -> str:
    """Return the schema as the file holds it."""
    return json.dumps(settings_schema(), indent=1, ensure_ascii=False) + "\n"


def settings_schema() -> dict[str, Any]:
    """Return the schema of the whole file, which may be empty."""
    by_command = {"properties": {"architect": {"const": "command"}}, "required": ["architect"]}
    command = {"properties": {"architect_command": {"minItems": 1}}, "required": ["architect_command"]}
    return {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "title": "Settings of pytest-superteam (superteam.yaml)",
        **_group(Config, ""),
        "type": ["object", "null"],
        "if": by_command,
        "then": command,
    }


def _group(cls: type, prefix: str) -> dict[str, Any]:
    """Return the schema of a class of settings; `prefix` is the dotted key of its group, with a dot, or empty."""
    hints, told = get_type_hints(cls, include_extras=True), meanings(cls)
    properties = {}
    for item in fields(cls):
        key, hint = prefix + item.name, hints[item.name]
        if is_dataclass(hint):
            properties[item.name] = _group(hint, f"{key}.")  # type: ignore[arg-type]  # a class, not an instance
        else:
            about = " ".join(filter(None, (told.get(item.name, ""), _presets(key))))
            properties[item.name] = {**_value(hint), **_default(item), **({"description": about} if about else {})}
    required = [item.name for item in fields(cls) if item.default is MISSING and item.default_factory is MISSING]
    schema = _object(properties, required, description=cls.__doc__ or "")
    if cls is OAuth2Config:
        schema |= {"if": {"minProperties": 1}, "then": {"required": list(OAUTH2_NEEDS)}}
    return schema


def _presets(key: str) -> str:
    """Return what the depths make of a setting."""
    presets = [f"{preset[key]:g} with depth {depth}" for depth, preset in DEPTHS.items() if key in preset]
    return f"({', '.join(presets)}.)" if presets else ""


def _default(item: Any) -> dict[str, Any]:
    """Return the default where it is one that could be written."""
    value = item.default.value if isinstance(item.default, Enum) else item.default
    return {} if value is MISSING or value in ((), "") else {"default": value}


def _value(hint: Any) -> dict[str, Any]:
    """Return the schema of a setting's type, and of what is written beside the type."""
    plain, limit = parts(hint)
    schema = _plain(plain, limit)
    if type(None) in get_args(hint):
        if "enum" in schema:
            return {"enum": [*schema["enum"], None]}
        return {**schema, "type": [schema["type"], "null"]}
    return schema


def _plain(plain: Any, limit: Any) -> dict[str, Any]:
    if get_origin(plain) is Literal:
        return {"enum": sorted(get_args(plain))}
    if plain is Severity:
        return {"enum": [severity.value for severity in Severity]}
    if plain in (int, float):
        bounds = limit or ANY_NUMBER
        kind = "integer" if plain is int else "number"
        return {"type": kind, "minimum": _number(bounds.low), "maximum": _number(bounds.high)}
    if plain is bool:
        return {"type": "boolean"}
    if plain is str:
        return _text(limit or LINE)
    if plain is EnvironmentName:
        return _text(NAME)
    return _mapping(get_args(plain)[1]) if get_origin(plain) is Mapping else _list(get_args(plain)[0])


def _number(value: float) -> float:
    return int(value) if float(value).is_integer() else value


def _text(form: Form) -> dict[str, Any]:
    return {"type": "string", "pattern": form.pattern}


def _object(properties: dict[str, Any], required: list[str], **more: Any) -> dict[str, Any]:
    schema = {"type": "object", **more, "additionalProperties": False, "properties": properties}
    return {**schema, "required": required} if required else schema


def _mapping(inner: Any) -> dict[str, Any]:
    """Return the schema of names and what is said of each."""
    if inner is str:
        values: dict[str, Any] = {"type": ["string", "number", "boolean"]}
        return {"type": "object", "propertyNames": {"pattern": TEXT_NAME.pattern}, "additionalProperties": values}
    if inner is EnvironmentName:
        values = _text(NAME)
    elif inner is ServicePath:
        values = _service() | {"minProperties": 1}
        values["properties"]["path"] = {**_text(LINE), "not": {"pattern": _GLOB}}
    else:
        values = _group(inner, "")
    return {"type": "object", "propertyNames": {"pattern": r"\S"}, "additionalProperties": values}


def _list(inner: Any) -> dict[str, Any]:
    if inner is AuthUser:
        return {"type": "array", "minItems": 1, "items": _group(AuthUser, "")}
    if inner is not ServicePath:
        return {"type": "array", "items": {"type": "string"}}
    entry = {
        **_service(),
        "anyOf": [{"required": ["path"]}, {"required": ["name", "url"]}],
        "if": {"properties": {"path": {"pattern": _GLOB}}, "required": ["path"]},
        "then": {"propertyNames": {"enum": sorted(OF_MANY)}},
        "dependencies": {"reset": ["url"]},
    }
    return {"type": "array", "minItems": 1, "items": {"anyOf": [_text(LINE), entry]}}


def _service() -> dict[str, Any]:
    """Return the schema of what can be said of a service that is there."""
    words = {"anyOf": [{"const": NONE}, {"type": "array", "items": _text(LINE)}]}
    known: dict[str, dict[str, Any]] = {
        "url": _text(ADDRESS),
        "reset": _text(OPERATION),
        "kind": {"enum": sorted(KINDS)},
        "role": {"enum": sorted(ROLES)},
        "port": {"anyOf": [{"const": NONE}, {"type": "integer", "minimum": 1, "maximum": 65_535}]},
        "health": _text(HEALTH),
        "test": {"anyOf": [_text(COMMAND), {"type": "array", "items": _text(WORD)}]},
        "depends_on": words,
        "datastores": words,
    }
    told = meanings(ServicePath)
    properties = {
        item.name: {**known.get(item.name, _text(LINE)), "description": told[item.name]} for item in fields(ServicePath)
    }
    return _object(properties, [], description=str(ServicePath.__doc__).partition("\n")[0])


if __name__ == "__main__":
    SCHEMA_FILE.write_text(schema_text(), encoding="utf-8")
    sys.stdout.write(f"{SCHEMA_FILE} is written.\n")
