"""Words and variables as Docker reads them: split at spaces outside quotes, `${VAR:-default}` in all its forms.

`expand` follows BuildKit's shell lexer (quotes and escapes are taken off), `interpolate` that of compose (`$$` is a
dollar, quotes are text). Both leave a variable that nobody set as `${NAME}` in the text and say so.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

__all__ = ["UNSET", "Expansion", "expand", "interpolate", "split_words"]

UNSET = re.compile(r"\$\{\w+\}")
"""What an expansion leaves of a variable that nobody set."""

_MAX_DEPTH = 8
"""Defaults within defaults that are followed; deeper ones count as unknown."""

_MAX_VARIABLES = 200
_MAX_VALUE = 4096
"""Variables in one text, and characters of the value of one, beyond which the text counts as unknown."""

_NAME = re.compile(r"[A-Za-z_]\w*|\d")
_OPERATOR = re.compile(r":?[-+?]|##?|%%?|//?")


@dataclass(frozen=True)
class Expansion:
    """A text with its variables put in; `known` is false where one of them has no value here."""

    text: str
    known: bool = True


@dataclass(frozen=True)
class _Variable:
    """One `$NAME` or `${NAME<operator>word}`; `end` is the offset behind it."""

    name: str
    operator: str
    word: str
    end: int


def split_words(text: str, escape: str = "\\") -> list[tuple[int, str]]:
    """Return the words of `text` with their offsets, quotes and escapes left on; a quote that never closes ends it."""
    words: list[tuple[int, str]] = []
    start, quote, index = -1, "", 0
    while index < len(text):
        char = text[index]
        if not quote and char in " \t\r\n":
            if start >= 0:
                words.append((start, text[start:index]))
            start = -1
        else:
            start = index if start < 0 else start
            if char == escape and quote != "'":
                index += 1
            elif char == quote:
                quote = ""
            elif not quote and char in "'\"":
                quote = char
        index += 1
    if start >= 0:
        words.append((start, text[start:]))
    return words


def expand(raw: str, known: Mapping[str, str], escape: str = "\\") -> Expansion:
    """Return a word of a Dockerfile as BuildKit sees it: quotes off, escapes done, variables of `known` put in."""
    if "$" not in raw and not any(mark in raw for mark in ("'", '"', escape)):
        return Expansion(raw)
    return _expand(raw, known, escape, 0) if raw.count("$") <= _MAX_VARIABLES else Expansion(raw, known=False)


def interpolate(raw: str, known: Mapping[str, str] | None = None) -> Expansion:
    """Return a value of a compose file with its variables put in; those of the caller's environment are unknown."""
    return _interpolate(raw, known or {}, 0) if raw.count("$") <= _MAX_VARIABLES else Expansion(raw, known=False)


def _expand(raw: str, known: Mapping[str, str], escape: str, depth: int) -> Expansion:
    parts: list[str] = []
    complete, double, index = True, False, 0
    while index < len(raw):
        char = raw[index]
        if char == "'" and not double:
            end = raw.find("'", index + 1)
            end = len(raw) if end < 0 else end
            parts.append(raw[index + 1 : end])
            index = end + 1
        elif char == '"':
            double, index = not double, index + 1
        elif char == escape and index + 1 < len(raw):
            keeps = double and raw[index + 1] not in {'"', "$", escape}
            parts.append(raw[index : index + 2] if keeps else raw[index + 1])
            index += 2
        elif char == "$" and (variable := _variable(raw, index)) is not None:
            value = _value(variable, known, lambda word: _expand(word, known, escape, depth + 1), depth)
            parts.append(value.text)
            complete, index = complete and value.known, variable.end
        else:
            parts.append(char)
            index += 1
    return Expansion("".join(parts), complete)


def _interpolate(raw: str, known: Mapping[str, str], depth: int) -> Expansion:
    parts: list[str] = []
    complete, index = True, 0
    while (dollar := raw.find("$", index)) >= 0:
        parts.append(raw[index:dollar])
        variable = _variable(raw, dollar)
        if raw.startswith("$$", dollar):
            parts.append("$")
            index = dollar + 2
        elif variable is None:
            parts.append("$")
            index = dollar + 1
        else:
            value = _value(variable, known, lambda word: _interpolate(word, known, depth + 1), depth)
            parts.append(value.text)
            complete, index = complete and value.known, variable.end
    return Expansion("".join([*parts, raw[index:]]), complete)


def _variable(text: str, dollar: int) -> _Variable | None:
    """Return the variable that the `$` at offset `dollar` begins; None where it is a mere dollar."""
    braced = text.startswith("{", dollar + 1)
    match = _NAME.match(text, dollar + 1 + braced)
    if match is None:
        return None
    if not braced:
        return _Variable(match[0], "", "", match.end())
    if text.startswith("}", match.end()):
        return _Variable(match[0], "", "", match.end() + 1)
    operator = _OPERATOR.match(text, match.end())
    end = _closing(text, match.end()) if operator is not None else -1
    if operator is None or end < 0:
        return None
    return _Variable(match[0], operator[0], text[operator.end() : end], end + 1)


def _closing(text: str, index: int) -> int:
    """Return the offset of the brace that closes what is open at `index`; -1 where none does within a long line."""
    open_braces = 1
    for position in range(index, min(len(text), index + 2000)):
        if text[position] == "{" and text[position - 1] == "$":
            open_braces += 1
        elif text[position] == "}":
            open_braces -= 1
            if not open_braces:
                return position
    return -1


def _value(variable: _Variable, known: Mapping[str, str], inner: Callable[[str], Expansion], depth: int) -> Expansion:
    """Return what a variable stands for; `inner` expands the word behind its operator."""
    unknown = Expansion(f"${{{variable.name}}}", known=False)
    value = known.get(variable.name)
    is_set = value is not None and (bool(value) or not variable.operator.startswith(":"))
    kind = variable.operator[-1:]
    if kind == "-" and not is_set:
        return inner(variable.word) if depth < _MAX_DEPTH else unknown
    if kind == "+":
        return (inner(variable.word) if depth < _MAX_DEPTH else unknown) if is_set else Expansion("")
    if (
        value is None or len(value) > _MAX_VALUE or kind in {"#", "%", "/"}
    ):  # a part of a value is left alone: nothing here depends on it
        return unknown
    return Expansion(value)
