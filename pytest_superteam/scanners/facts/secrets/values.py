"""A literal that is bound to a name, and the pattern of a string literal in any language."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

__all__ = ["NAME", "STRING", "How", "NamedValue", "text_of"]

How = Literal[
    "assign", "compare", "default", "call", "sql", "pair", "tag", "bare", "flag", "inner", "dsn", "positional", "tuple"
]

NAME = r"[^\W\d][\w.\-]{0,80}"
STRING = (
    r"(?:[rRbBuUfFN@$L]{0,2}|r?#{1,2}|%[qQ]?(?=[\"']))"
    r"(?:(?P<escaped>\\{1,3}[\"'])(?P<inner>[^\"'\\\n]{1,300})\\{1,3}[\"']"
    r"|(?P<triple>\"{3}|'{3})(?P<long>[^\"'\n]{1,300})(?P=triple)"
    r"|\"(?P<double>(?:[^\"\\\n]|\\.){1,300})\"|'(?P<single>(?:[^'\\\n]|\\.){1,300})'|`(?P<tick>[^`\\\n]{1,300})`)"
)
"""A string literal of one line: its groups are `double`, `single`, `tick`, `long` or, inside a string, `inner`."""

_GROUPS = ("double", "single", "tick", "long", "inner", "value", "quoted", "bare")
_ESCAPE = re.compile(r"\\([\"'\\/`$@#!%&*])")


@dataclass(frozen=True)
class NamedValue:
    """One value as it is bound on a line; `column` is that of the value, from 1."""

    name: str
    value: str
    line: int
    column: int
    how: str
    """What binds it: one of `How`."""


def text_of(match: re.Match[str]) -> tuple[str, int]:
    """Return the literal that a match of a pattern above holds, and where it starts; empty where there is none."""
    groups = match.groupdict()
    for name in _GROUPS:
        if groups.get(name):
            return _ESCAPE.sub(r"\1", groups[name]), match.start(name)
    return "", 0
