"""Texts that nearly match a format or pattern, of any length: what careless regular expressions are slow at."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from pytest_superteam.contracts.plans import snake
from pytest_superteam.errors import CheckError

__all__ = ["Shape", "is_matched", "kind_by_name", "shapes_for"]

_FORMATS = frozenset({"email", "idn-email", "uri", "url", "hostname"})
_NAMED = {
    **dict.fromkeys(("email", "mail", "e_mail", "email_address", "mail_address"), "email"),
    **dict.fromkeys(("url", "uri", "website", "homepage", "web_site"), "url"),
    **dict.fromkeys(("phone", "phone_number", "telephone", "mobile", "mobile_number", "tel"), "phone"),
    **dict.fromkeys(("username", "user_name", "login_name", "hostname"), "name"),
}
"""What texts are commonly matched against for their name alone, in snake case, where the contract says nothing."""
_SAID = frozenset({"format", "pattern", "enum", "const"})
_TRIVIAL = re.compile(r"\^?\[\^?(?:\\.|[^\]\\]){1,60}\][*+]\$?|\^?\.[*+]\$?")
"""One class, repeated once: nothing to go back to."""

Shape = Callable[[int], str]
"""Makes a text of about so many characters."""


def is_matched(schema: Mapping[str, Any], called: str = "") -> bool:
    """Return whether a text is held against something that could be slow, by what its schema says or it is `called`."""
    if kind_by_name(schema, called):
        return True
    name, pattern = str(schema.get("format", "")), str(schema.get("pattern", ""))
    return name in _FORMATS or (bool(pattern) and not _TRIVIAL.fullmatch(pattern[:200]))


def kind_by_name(schema: Mapping[str, Any], called: str) -> str:
    """Return what a text is by its name, where its schema says no more: `email`, `url`, `phone`, `name`, or ""."""
    kinds = schema.get("type")
    is_text = "string" in (kinds if isinstance(kinds, list) else [kinds])
    return _NAMED.get(snake(called), "") if is_text and not schema.keys() & _SAID else ""


def shapes_for(schema: Mapping[str, Any], called: str = "") -> dict[str, Shape]:
    """Return texts that nearly match what `schema` asks for, by what they look like; empty where nothing is matched.

    Args:
        schema: Of a property.
        called: Its name, which tells what it is where the schema does not.
    """
    known = kind_by_name(schema, called)
    name, pattern = known or str(schema.get("format", "")), str(schema.get("pattern", ""))
    if name in _SHAPES_BY_NAME:
        return dict(_SHAPES_BY_NAME[name])
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


_SHAPES_BY_NAME: dict[str, dict[str, Shape]] = {
    "phone": {
        "0…0!": lambda n: "0" * n + "!",
        "0-0-…!": lambda n: "0-" * (n // 2) + "!",
    },
    "name": {
        "a…a!": lambda n: "a" * n + "!",
        "a.a.…!": lambda n: "a." * (n // 2) + "!",
    },
}


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
