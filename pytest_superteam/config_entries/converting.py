"""What is written in settings, the environment and options, read as the type that a setting has."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from dataclasses import MISSING, fields, is_dataclass
from typing import Any, Literal, get_args, get_origin, get_type_hints

from pytest_superteam.config_entries.callers import AuthUser, auth_users
from pytest_superteam.config_entries.names import EnvironmentName, environment_name, named, texts
from pytest_superteam.config_entries.running import PlatformConfig, PriceConfig, ServiceConfig
from pytest_superteam.config_entries.services import ServicePath, corrections, service_paths
from pytest_superteam.errors import ConfigError
from pytest_superteam.models import Severity

__all__ = ["convert", "convert_text", "nearest"]

_NO_TEXT = {
    tuple[AuthUser, ...]: "accounts",
    Mapping[str, ServicePath]: "corrections",
    Mapping[str, ServiceConfig]: "services",
    Mapping[str, PlatformConfig]: "platforms",
    Mapping[str, PriceConfig]: "prices",
}
"""Settings that only a file can hold, and what they are called."""


def convert_text(text: str, hint: Any, place: str) -> Any:
    """Read a value that came as text (environment, option)."""
    plain = _plain(hint)
    if plain is bool:
        lowered = text.strip().lower()
        if lowered in {"1", "true", "yes", "on"}:
            return True
        if lowered in {"0", "false", "no", "off", ""}:
            return False
        raise ConfigError(f"{place}: '{text}' is no truth value. Allowed are false and true.")
    if plain in (int, float):
        try:
            return convert(plain(text), hint, place)
        except ValueError:
            raise ConfigError(f"{place}: '{text}' is no {_called(plain)}.") from None
    if plain == tuple[ServicePath, ...]:
        return service_paths([part.strip() for part in text.split(",") if part.strip()], place)
    if plain in _NO_TEXT:
        raise ConfigError(f"{place}: {_NO_TEXT[plain]} can't be written as text. Write them into superteam.yaml.")
    if get_origin(plain) is Mapping:
        pairs = (part.partition("=") for part in text.split(",") if part.strip())
        return _mapping({role.strip(): name.strip() for role, _, name in pairs}, plain, place)
    if get_origin(plain) is tuple:
        return tuple(part.strip() for part in text.split(",") if part.strip())
    return convert(text, hint, place)


def convert(value: Any, hint: Any, place: str) -> Any:
    """Check a parsed value against the type of its setting."""
    plain = _plain(hint)
    if value is None and type(None) in get_args(hint):
        return None
    if get_origin(plain) is Literal:
        return _choice(value, get_args(plain), place)
    if plain is Severity:
        return Severity(_choice(value, tuple(item.value for item in Severity), place))
    if get_origin(plain) in {tuple, Mapping}:
        return _collection(value, plain, place)
    if plain is EnvironmentName:
        return environment_name(value, place)
    if plain is float and isinstance(value, int) and not isinstance(value, bool):
        value = float(value)
    if not isinstance(value, plain) or (plain is not bool and isinstance(value, bool)):
        raise ConfigError(f"{place}: '{value}' is no {_called(plain)}.")
    if plain in (int, float):
        _check_range(value, place)
    if plain is str and not value.strip() and not place.lower().endswith(MAY_BE_EMPTY):
        raise ConfigError(f"{place}: is empty. Write a value, or leave the line out.")
    return value


def _mapping(value: Any, plain: Any, place: str) -> Mapping[str, Any]:
    if get_args(plain)[1] is ServicePath:
        return corrections(value, place)
    if is_dataclass(get_args(plain)[1]):
        return _entries(value, get_args(plain)[1], place)
    return named(value, place) if get_args(plain)[1] is EnvironmentName else texts(value, place)


def _entries(value: Any, cls: Any, place: str) -> Mapping[str, Any]:
    """Return names and what is set for each, such as the prices of models."""
    if not isinstance(value, Mapping) or not all(isinstance(name, str) and name.strip() for name in value):
        raise ConfigError(f"{place}: is no mapping of names. Write `name: {{key: value}}`.")
    hints = get_type_hints(cls)
    needed = [item.name for item in fields(cls) if item.default is MISSING and item.default_factory is MISSING]
    found = {}
    for name, entry in value.items():
        where = f"{place}.{name}"
        if not isinstance(entry, Mapping):
            raise ConfigError(f"{where}: must hold `key: value` lines.")
        for key in entry:
            if key not in hints:
                raise ConfigError(f"{where}: '{key}' is no setting.{nearest(str(key), hints)}")
        for key in needed:
            if key not in entry:
                raise ConfigError(f"{where}: has no '{key}'. Write `{key}: value`.")
        found[name] = cls(**{key: convert(entry[key], hints[key], f"{where}.{key}") for key in entry})
    return found


def _collection(value: Any, plain: Any, place: str) -> tuple[Any, ...] | Mapping[str, Any]:
    if get_origin(plain) is Mapping:
        return _mapping(value, plain, place)
    if plain == tuple[ServicePath, ...]:
        return service_paths(value, place)
    if plain == tuple[AuthUser, ...]:
        return auth_users(value, place)
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise ConfigError(f"{place}: '{value}' is no list of texts. Write `[a, b]`.")
    return tuple(value)


MAY_BE_EMPTY = ("auth.scheme", "auth_scheme")
"""Ends of the places of texts that may be empty."""


def _check_range(value: float, place: str) -> None:
    low, high = next((bounds for ending, bounds in RANGES.items() if place.lower().endswith(ending)), (0, 1e9))
    if not low <= value <= high:
        raise ConfigError(f"{place}: '{value}' is out of range. Allowed is {low:g} to {high:g}.")


RANGES: Mapping[str, tuple[float, float]] = {
    "_ratio": (0, 1),
    "minimum": (0, 1),
    "parallel": (1, 64),
    "examples": (1, 100_000),
    "response_time": (0.001, 3600),
    "retries": (0, 10),
    "retry.attempts": (1, 100),
    "retry_attempts": (1, 100),
    "same_error": (2, 100),
    "window": (1, 1e9),
    "architect": (0.1, 86_400),
    "build": (0.1, 86_400),
    "tests": (0.1, 86_400),
    "ready": (0.1, 3600),
    "timeouts.images": (0.1, 86_400),
    "timeouts_images": (0.1, 86_400),
    "request": (0.1, 3600),
}
"""Bounds of numbers by the end of their key; every other number is 0 to 1e9."""


def _plain(hint: Any) -> Any:
    """Return the type behind `X | None`."""
    options = [item for item in get_args(hint) if item is not type(None)]
    return options[0] if type(None) in get_args(hint) and len(options) == 1 else hint


def _choice(value: Any, allowed: tuple[str, ...], place: str) -> Any:
    if value not in allowed:
        raise ConfigError(f"{place}: '{value}' is not allowed. Choose one of {', '.join(sorted(allowed))}.")
    return value


def _called(kind: type) -> str:
    return {int: "whole number", float: "number", bool: "truth value", str: "text"}.get(kind, kind.__name__)


def nearest(word: str, known: Any) -> str:
    """Return ` Did you mean 'x'?`, or the choices where nothing is near."""
    candidates = sorted(known)
    near = difflib.get_close_matches(word, candidates, n=1, cutoff=0.5) or [
        name for name in candidates if name.rsplit(".", 1)[-1] == word.rsplit(".", 1)[-1]
    ]
    return f" Did you mean '{near[0]}'?" if near else f" Allowed are {', '.join(candidates)}."
