"""Conversion between frozen dataclasses and plain data (what JSON and YAML can say), driven by the type hints."""

from __future__ import annotations

import dataclasses
import difflib
import types
import typing
from collections.abc import Mapping
from enum import Enum
from functools import cache
from pathlib import Path
from typing import Any, Literal, TypeVar, Union, get_args, get_origin

__all__ = ["from_data", "to_data"]

T = TypeVar("T")


def to_data(obj: Any) -> Any:
    """Return `obj` as dicts, lists, strings, numbers, booleans and None.

    Dataclass fields that hold their default are left out, so that what is written stays readable.
    """
    if dataclasses.is_dataclass(obj) and not isinstance(obj, type):
        return {f.name: to_data(getattr(obj, f.name)) for f in dataclasses.fields(obj) if not _at_default(obj, f)}
    if isinstance(obj, Enum):
        return obj.value
    if isinstance(obj, Path):
        return obj.as_posix()
    if isinstance(obj, Mapping):
        return {str(key): to_data(value) for key, value in obj.items()}
    if isinstance(obj, (list, tuple, set, frozenset)):
        items = sorted(obj, key=repr) if isinstance(obj, (set, frozenset)) else obj
        return [to_data(item) for item in items]
    return obj


def _at_default(obj: Any, field: dataclasses.Field[Any]) -> bool:
    value = getattr(obj, field.name)
    if field.default is not dataclasses.MISSING:
        # True == 1 in Python, but not in a document.
        return type(value) is type(field.default) and bool(value == field.default)
    if field.default_factory is not dataclasses.MISSING:
        return bool(value == field.default_factory())
    return False


def from_data(cls: type[T], data: Any, place: str = "") -> T:
    """Return the `cls` that `data` describes.

    Args:
        cls: a dataclass, or any type that its fields may have (enums, paths, tuples, mappings, unions, literals).
        data: plain data, as `to_data` makes it.
        place: what to call the root in messages; empty for the field names alone.

    Raises:
        ValueError: `data` does not fit; the message starts with the place, such as `services[0].name`.
    """
    result: T = _convert(cls, data, place)
    return result


def _convert(hint: Any, data: Any, place: str) -> Any:
    origin = get_origin(hint)
    if hint is Any:
        return data
    if origin in (Union, types.UnionType):
        return _union(get_args(hint), data, place)
    if origin is Literal:
        return _member(data, get_args(hint), place)
    if origin in (tuple, list):
        return _sequence(hint, origin, data, place)
    if isinstance(origin, type) and issubclass(origin, Mapping):
        return _mapping(get_args(hint), data, place)
    if dataclasses.is_dataclass(hint) and isinstance(hint, type):
        return _dataclass(hint, data, place)
    if isinstance(hint, type) and issubclass(hint, Enum):
        return hint(_member(data, tuple(m.value for m in hint), place))
    return _plain(hint, data, place)


def _dataclass(cls: Any, data: Any, place: str) -> Any:
    if not isinstance(data, Mapping):
        raise ValueError(_wrong(place, "a mapping", data))  # noqa: TRY004 - callers catch one type
    hints = _hints(cls)
    for key in data:
        if key not in hints:
            near = difflib.get_close_matches(str(key), hints, n=1)
            hint = f" Did you mean '{near[0]}'?" if near else f" Allowed are {', '.join(sorted(hints))}."
            raise ValueError(f"{_at(place, str(key))}: unknown key.{hint}")
    values = {key: _convert(hints[key], value, _at(place, key)) for key, value in data.items()}
    missing = [f.name for f in dataclasses.fields(cls) if f.name not in values and _is_required(f)]
    if missing:
        raise ValueError(f"{_at(place, missing[0])}: missing.")
    return cls(**values)


def _is_required(field: dataclasses.Field[Any]) -> bool:
    return field.default is dataclasses.MISSING and field.default_factory is dataclasses.MISSING


@cache
def _hints(cls: type) -> dict[str, Any]:
    """Return the resolved type hints of the fields of `cls`; resolving is slow, so once per class."""
    hints = typing.get_type_hints(cls)
    return {f.name: hints[f.name] for f in dataclasses.fields(cls)}


def _union(options: tuple[Any, ...], data: Any, place: str) -> Any:
    if data is None and type(None) in options:
        return None
    first: ValueError | None = None
    for option in options:
        if option is type(None):
            continue
        try:
            return _convert(option, data, place)
        except ValueError as error:
            first = first or error
    raise first or ValueError(_wrong(place, "nothing", data))


def _sequence(hint: Any, origin: type, data: Any, place: str) -> Any:
    if not isinstance(data, (list, tuple)):
        raise ValueError(_wrong(place, "a list", data))  # noqa: TRY004 - callers catch one type
    args = get_args(hint) or (Any, ...)
    if origin is tuple and not (len(args) == 2 and args[1] is Ellipsis):
        if len(args) != len(data):
            raise ValueError(f"{place or 'value'}: has {len(data)} items, {len(args)} are expected.")
        return tuple(_convert(a, item, f"{place}[{i}]") for i, (a, item) in enumerate(zip(args, data, strict=True)))
    return origin(_convert(args[0], item, f"{place}[{i}]") for i, item in enumerate(data))


def _mapping(args: tuple[Any, ...], data: Any, place: str) -> dict[Any, Any]:
    if not isinstance(data, Mapping):
        raise ValueError(_wrong(place, "a mapping", data))  # noqa: TRY004 - callers catch one type
    key_hint, value_hint = args or (Any, Any)
    return {_convert(key_hint, k, place): _convert(value_hint, v, _at(place, str(k))) for k, v in data.items()}


def _member(data: Any, allowed: tuple[Any, ...], place: str) -> Any:
    for value in allowed:
        if type(value) is type(data) and value == data:
            return value
    raise ValueError(_wrong(place, "one of " + ", ".join(sorted(map(str, allowed))), data))


def _plain(hint: Any, data: Any, place: str) -> Any:
    if hint is Path and isinstance(data, (str, Path)):
        return Path(data)
    # An int is a float to Python's type system; keeping it an int keeps what is written back the same.
    accepted: tuple[type, ...] = (int, float) if hint is float else (hint,) if isinstance(hint, type) else ()
    if not isinstance(data, accepted) or (isinstance(data, bool) and hint is not bool):
        raise ValueError(_wrong(place, getattr(hint, "__name__", str(hint)), data))
    return data


def _at(place: str, key: str) -> str:
    return f"{place}.{key}" if place else key


def _wrong(place: str, expected: str, data: Any) -> str:
    shown = repr(data)
    return f"{place or 'value'}: {shown if len(shown) <= 60 else shown[:57] + '...'} is not {expected}."
