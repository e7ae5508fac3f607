"""Rows of the database as dataclasses: what a file from outside may hold is looked at before it is believed."""

from __future__ import annotations

import dataclasses
import types
import typing
from functools import cache
from typing import TYPE_CHECKING, Any, TypeVar

from pytest_superteam.pipeline.state.migrations import foreign

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["record_of"]

T = TypeVar("T")


def record_of(cls: type[T], row: Mapping[str, Any]) -> T:
    """Return a row as a `cls`; columns that it has no field for are left out.

    Raises:
        StoreError: a value is none that we write, for SQLite takes any value in any column.
    """
    values = {}
    kind: Any = cls
    for name, allowed in _fields(kind).items():
        value = row[name]
        if not isinstance(value, allowed) or (isinstance(value, bool) and bool not in allowed):
            raise foreign(f"'{name}' of a row is {type(value).__name__}")
        values[name] = value
    return cls(**values)


@cache
def _fields(cls: Any) -> dict[str, tuple[type, ...]]:
    """Return the types that the value of each field may have."""
    hints = typing.get_type_hints(cls)
    return {field.name: _types(hints[field.name]) for field in dataclasses.fields(cls)}


def _types(hint: Any) -> tuple[type, ...]:
    if typing.get_origin(hint) is typing.Literal:
        return (str,)
    if isinstance(hint, types.UnionType):
        return tuple(each for part in typing.get_args(hint) for each in _types(part))
    return (int, float) if hint is float else (hint,)
