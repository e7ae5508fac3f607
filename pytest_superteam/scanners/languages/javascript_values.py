"""Values of JavaScript that Python has none for, and what operators make of known values."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from pytest_superteam.scanners.languages.python import UNKNOWN

__all__ = ["LONGEST_TEXT", "ObjectValue", "Regex", "as_text", "computed", "number", "truthy"]

LONGEST_TEXT = 100_000
"""Bytes of the longest string that is read or put together."""


@dataclass(frozen=True)
class Regex:
    """The value of a regular expression."""

    pattern: str
    flags: str = ""


class ObjectValue(dict[Any, Any]):
    """The value of an object; `open` says that a spread or a computed key may add what is not known."""

    open: bool = False


def number(text: str) -> Any:
    """Return the value of a number as it is written."""
    text = text.replace("_", "").removesuffix("n")
    try:
        if text[:2].lower() in {"0x", "0o", "0b"}:
            return int(text, 0) if len(text) < 300 else UNKNOWN
        return int(text) if text.isdecimal() and len(text) < 300 else float(text)
    except ValueError:
        return UNKNOWN


def truthy(value: Any) -> bool:
    """Return whether JavaScript counts a known value as true."""
    return bool(value) or isinstance(value, (list, dict))


def as_text(value: Any) -> str:
    """Return what a known value is as text."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)


def computed(operator: str, left: Any, right: Any) -> Any:
    """Return the value of an arithmetic expression or concatenation of known values."""
    if right is UNKNOWN:
        return UNKNOWN
    if operator == "+" and (isinstance(left, str) or isinstance(right, str)):
        if isinstance(left, (list, dict, Regex)) or isinstance(right, (list, dict, Regex)):
            return UNKNOWN
        joined = as_text(left) + as_text(right)
        return joined if len(joined) <= LONGEST_TEXT else UNKNOWN
    numbers = isinstance(left, (int, float)) and isinstance(right, (int, float))
    if not numbers or abs(left) > 1e15 or abs(right) > 1e15:
        return UNKNOWN
    if operator == "+":
        return left + right
    if operator == "-":
        return left - right
    if operator == "*":
        return left * right
    return left / right if operator == "/" and right else UNKNOWN
