"""Texts that nearly match a format or pattern, of any length: what careless regular expressions are slow at."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from pytest_superteam.errors import CheckError

__all__ = ["Shape", "is_matched", "shapes_for"]

_FORMATS = frozenset({"email", "idn-email", "uri", "url", "hostname"})
_TRIVIAL = re.compile(r"\^?\[\^?(?:\\.|[^\]\\]){1,60}\][*+]\$?|\^?\.[*+]\$?")
"""One class, repeated once: nothing to go back to."""

Shape = Callable[[int], str]
"""Makes a text of about so many characters."""


def is_matched(schema: Mapping[str, Any]) -> bool:
    """Return whether a text of `schema` is held against something that could be slow."""
    name, pattern = str(schema.get("format", "")), str(schema.get("pattern", ""))
    return name in _FORMATS or (bool(pattern) and not _TRIVIAL.fullmatch(pattern[:200]))


def shapes_for(schema: Mapping[str, Any]) -> dict[str, Shape]:
    """Return texts that nearly match what `schema` asks for, by what they look like; empty where nothing is matched."""
    name, pattern = str(schema.get("format", "")), str(schema.get("pattern", ""))
    if "email" in name or ("@" in pattern and name not in _FORMATS):
        return {
            "a…a": lambda n: "a" * n,
            "a@a…a": lambda n: "a@" + "a" * n,
            "a@a.a.…": lambda n: "a@" + "a." * (n // 2),
            "a.a.…@": lambda n: "a." * (n // 2) + "@",
            "a-a-…!": lambda n: "a-" * (n // 2) + "!",
        }
    if name in {"uri", "url"}:
        return {
            "http://a…": lambda n: "http://" + "a" * n + " ",
            "http://a/a/…": lambda n: f"http://a{'/a' * (n // 2)} ",
        }
    if name == "hostname":
        return {"a.a.…!": lambda n: "a." * (n // 2) + "!"}
    if is_matched(schema):
        return {f"{char}…{end!r}": _repeated(char, end) for char in _characters(pattern) for end in ("!", "\x00")}
    return {}


def _repeated(char: str, end: str) -> Shape:
    return lambda n: char * n + end


def _characters(pattern: str) -> list[str]:
    """Return characters that the pattern is likely to repeat: some of a text that it matches."""
    from pytest_superteam.contracts.patterns import text_matching

    try:
        text = text_matching(pattern)
    except CheckError:
        text = ""
    return list(dict.fromkeys([*text[:1], *text[-1:], "a", "0"]))[:3]
