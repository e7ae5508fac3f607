"""What is written in settings, the environment and options, read as the type that a setting has."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import MISSING, fields, is_dataclass
from typing import Annotated, Any, Literal, get_args, get_origin, get_type_hints

from pytest_superteam.config_entries.callers import AuthUser, auth_users
from pytest_superteam.config_entries.limits import ANY_NUMBER, LINE, Form, Range
from pytest_superteam.config_entries.messages import meant, shown
from pytest_superteam.config_entries.names import EnvironmentName, environment_name, is_name, named, texts
from pytest_superteam.config_entries.services import ServicePath, corrections, service_paths
from pytest_superteam.errors import ConfigError
from pytest_superteam.models import Severity

__all__ = ["convert", "convert_text", "is_written_as_text", "meant", "parts"]


def parts(hint: Any) -> tuple[Any, Any]:
    """Return the type behind `X | None`, and the limit that is written beside it (None where none is)."""
    options = [item for item in get_args(hint) if item is not type(None)]
    plain = options[0] if type(None) in get_args(hint) and len(options) == 1 else hint
    return (plain.__origin__, plain.__metadata__[0]) if get_origin(plain) is Annotated else (plain, None)


def is_written_as_text(hint: Any) -> bool:
    """Return whether the environment and options can hold a setting of this type, too; a file can hold all."""
    plain, _ = parts(hint)
    inner = get_args(plain)[1] if get_origin(plain) is Mapping else None
    return plain != tuple[AuthUser, ...] and not is_dataclass(inner)


def convert_text(text: str, hint: Any, place: str) -> Any:
    """Read a value that came as text (environment, option)."""
    plain, _ = parts(hint)
    if not is_written_as_text(hint):
        raise ConfigError(f"{place}: can't be written as text. Write it into superteam.yaml.")
    if plain is bool:
        return _truth(text, place)
    if plain in (int, float):
        try:
            number = plain(text)
        except ValueError:
            number = text
        return convert(number, hint, place)
    listed = [part.strip() for part in text.split(",") if part.strip()]
    if plain == tuple[ServicePath, ...]:
        return service_paths(listed, place)
    if get_origin(plain) is Mapping:
        pairs = (part.partition("=") for part in listed)
        return _mapping({name.strip(): value.strip() for name, _, value in pairs}, plain, place)
    return tuple(listed) if get_origin(plain) is tuple else convert(text, hint, place)


def _truth(text: str, place: str) -> bool:
    lowered = text.strip().lower()
    if lowered in {"1", "true", "yes", "on"}:
        return True
    if lowered in {"0", "false", "no", "off", ""}:
        return False
    raise ConfigError(f"{place}: '{shown(text)}' is no truth value. Allowed are false and true.")


def convert(value: Any, hint: Any, place: str) -> Any:
    """Check a parsed value against the type of its setting, and what is written beside the type."""
    plain, limit = parts(hint)
    if value is None and type(None) in get_args(hint):
        return None
    if get_origin(plain) is Literal:
        return _choice(value, get_args(plain), place)
    if plain is Severity:
        return Severity(_choice(value, tuple(item.value for item in Severity), place))
    if get_origin(plain) is Mapping:
        return _mapping(value, plain, place)
    if get_origin(plain) is tuple:
        return _listed(value, plain, place)
    if plain is EnvironmentName:
        return environment_name(value, place)
    if plain in (int, float):
        return _number(value, plain, limit or ANY_NUMBER, place)
    if plain is str:
        return _text(value, limit or LINE, place)
    if not isinstance(value, plain):
        raise ConfigError(f"{place}: '{shown(value)}' is no truth value. Allowed are false and true.")
    return value


def _number(value: Any, kind: type[int | float], limit: Range, place: str) -> int | float:
    """Return a number; a whole one may be written as 3.0, for JSON knows one kind of numbers only."""
    known = isinstance(value, (int, float)) and not isinstance(value, bool)
    allowed = f"Allowed is {limit.low:g} to {limit.high:g}."
    if not known or (kind is int and isinstance(value, float) and not value.is_integer()):
        called = "whole number" if kind is int else "number"
        raise ConfigError(f"{place}: '{shown(value)}' is no {called}. {allowed}")
    if not limit.low <= value <= limit.high:
        raise ConfigError(f"{place}: '{shown(value)}' is out of range. {allowed}")
    return kind(value)


def _text(value: Any, limit: Form, place: str) -> str:
    if not isinstance(value, str):
        raise ConfigError(f"{place}: '{shown(value)}' is no text. Put it in quotes.")
    if limit is LINE and not value.strip():
        raise ConfigError(f"{place}: '{shown(value)}' is empty. Write a value, or leave the line out.")
    if not limit.holds(value):
        raise ConfigError(f"{place}: '{shown(value)}' is no {limit.called}. {limit.example}.")
    return value


def _choice(value: Any, allowed: tuple[str, ...], place: str) -> Any:
    if value not in allowed:
        raise ConfigError(f"{place}: '{shown(value)}' is not allowed. Choose one of {', '.join(sorted(allowed))}.")
    return value


def _mapping(value: Any, plain: Any, place: str) -> Mapping[str, Any]:
    """Return names and what is said of each."""
    inner = get_args(plain)[1]
    if inner is ServicePath:
        return corrections(value, place)
    if is_dataclass(inner):
        return _entries(value, inner, place)  # type: ignore[arg-type]  # a class, not an instance
    return named(value, place) if inner is EnvironmentName else texts(value, place)


def _entries(value: Any, cls: type, place: str) -> Mapping[str, Any]:
    """Return names and what is set for each, such as the prices of models."""
    if not isinstance(value, Mapping) or not all(map(is_name, value)):
        raise ConfigError(f"{place}: '{shown(value)}' is no mapping of names. Write `name: {{key: value}}`.")
    return {name: _entry(entry, cls, f"{place}.{shown(name)}") for name, entry in value.items()}


def _entry(value: Any, cls: type, place: str) -> Any:
    hints = get_type_hints(cls, include_extras=True)
    if not isinstance(value, Mapping):
        raise ConfigError(f"{place}: '{shown(value)}' must hold `key: value` lines. Write `{{key: value}}`.")
    for key in value:
        if key not in hints:
            raise ConfigError(f"{place}: '{shown(key)}' is no setting.{meant(str(key), hints)}")
    for item in fields(cls):
        if item.default is MISSING and item.default_factory is MISSING and item.name not in value:
            raise ConfigError(f"{place}: has no '{item.name}'. Write `{item.name}: value`.")
    return cls(**{key: convert(value[key], hints[key], f"{place}.{key}") for key in value})


def _listed(value: Any, plain: Any, place: str) -> tuple[Any, ...]:
    if plain == tuple[ServicePath, ...]:
        return service_paths(value, place)
    if plain == tuple[AuthUser, ...]:
        return auth_users(value, place)
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise ConfigError(f"{place}: '{shown(value)}' is no list of texts. Write `[a, b]`.")
    return tuple(value)
