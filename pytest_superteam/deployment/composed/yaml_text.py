"""YAML as people write it: comments, short lists on one line, anchors; every text quoted where a reader could err.

Written by hand, because the readers of a compose file follow YAML 1.2 and PyYAML writes 1.1: `1e3` or `0o17`, plain,
would be numbers to them.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

__all__ = ["Alias", "Anchored", "Line", "emit", "escaped", "scalar"]

_PLAIN = re.compile(r"[A-Za-z/][A-Za-z0-9_./-]*\Z|[A-Za-z][A-Za-z0-9_./-]*(?::[A-Za-z0-9_./-]+)+\Z")
_WORDS = frozenset({"y", "n", "yes", "no", "on", "off", "true", "false", "null", "nan", "inf"})
_ESCAPES = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\t": "\\t", "\r": "\\r"}


class Line(list[Any]):
    """A list of texts that stands on one line: `[a, b]`."""


@dataclass(frozen=True)
class Alias:
    """A reference to what `Anchored` named: `*name`."""

    name: str


class Anchored(dict[str, Any]):
    """A mapping with a name of its own, `&name`, for others to merge."""

    def __init__(self, name: str, content: dict[str, Any]) -> None:
        super().__init__(content)
        self.name = name


def escaped(text: str) -> str:
    """Return `text` as it has to stand in a compose file, where `$` begins a variable."""
    return text.replace("$", "$$")


def scalar(value: Any) -> str:
    """Return one value as YAML.

    Raises:
        TypeError: it is no text, number or truth value.
    """
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, Alias):
        return f"*{value.name}"
    if not isinstance(value, str):
        raise TypeError(type(value).__name__)
    if _PLAIN.match(value) and value.lower() not in _WORDS:
        return value
    if value.isascii() and value.isprintable() and ('"' in value or "\\" in value):
        return "'" + value.replace("'", "''") + "'"
    return '"' + "".join(_character(c) for c in value) + '"'


def _character(char: str) -> str:
    """Return one character within double quotes. What can't be encoded (half a pair) becomes the replacement sign."""
    code = ord(char)
    if char in _ESCAPES:
        return _ESCAPES[char]
    if 0xD800 <= code <= 0xDFFF:
        return "\\uFFFD"
    if char.isprintable() and code < 0x7F:
        return char
    if code < 0x100:
        return f"\\x{code:02X}"
    return f"\\u{code:04X}" if code < 0x10000 else f"\\U{code:08X}"


def emit(value: dict[str, Any], indent: int = 0) -> list[str]:
    """Return the lines of a mapping, in its own order; what is None is left out."""
    lines = []
    for key, item in value.items():
        if item is not None:
            lines += _entry(f"{' ' * indent}{scalar(key) if key != '<<' else key}:", item, indent)
    return lines


def _entry(head: str, item: Any, indent: int) -> list[str]:
    if isinstance(item, Anchored):
        return [f"{head} &{item.name}", *emit(item, indent + 2)]
    if isinstance(item, Line):
        return [f"{head} [{', '.join(scalar(part) for part in item)}]"]
    if isinstance(item, dict):
        return [head, *emit(item, indent + 2)] if item else [f"{head} {{}}"]
    if isinstance(item, list):
        return [head, *(f"{' ' * (indent + 2)}- {scalar(part)}" for part in item)] if item else [f"{head} []"]
    return [f"{head} {scalar(item)}"]
