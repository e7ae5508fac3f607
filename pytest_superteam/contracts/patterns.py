"""A text that matches a regular expression, for the patterns that contracts use."""

from __future__ import annotations

import importlib
import re
import warnings
from typing import Any

from pytest_superteam.errors import CheckError

__all__ = ["is_match", "text_matching"]

# The parser and its names are what `re` itself compiles with; they have no public name.
op: Any = importlib.import_module("re._constants")
parser: Any = importlib.import_module("re._parser")

_LONGEST = 500  # characters of a pattern; longer ones are data, not rules
_CATEGORIES = {
    op.CATEGORY_DIGIT: "0123456789",
    op.CATEGORY_WORD: "abcdefghijklmnopqrstuvwxyz0123456789",
    op.CATEGORY_SPACE: " ",
}
_PLAIN = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ-_. !#$%&()*+,/:;<=>?@[]^{|}~'\"\\"


def text_matching(pattern: str, least: int = 0, most: int | None = None, number: int = 0) -> str:
    """Return a text of `least` to `most` characters that `pattern` finds; `number` varies it.

    Raises:
        CheckError: the pattern is invalid, too long, or uses look-around, back-references or other unsupported parts.
    """
    if len(pattern) > _LONGEST:
        raise CheckError(f"The pattern of {len(pattern)} characters is too long to make a text for.")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree = parser.parse(pattern)
    except re.error as error:
        raise CheckError(f"The pattern {pattern!r} is invalid: {error}.") from error
    for more in range(max(1, least + 1)):
        text = _Writer(number, more).sequence(tree)
        if len(text) >= least and (most is None or len(text) <= most) and is_match(pattern, text):
            return text
    raise CheckError(f"No text of {least} to {most} characters could be made for the pattern {pattern!r}.")


def is_match(pattern: str, text: str) -> bool:
    """Return whether `pattern` is found in `text`, by an engine that a pattern can't keep busy for ever.

    Raises:
        CheckError: the pattern is invalid in JSON Schema.
    """
    import jsonschema_rs

    try:
        return bool(jsonschema_rs.Draft202012Validator({"pattern": pattern}).is_valid(text))
    except (ValueError, jsonschema_rs.ValidationError) as error:
        raise CheckError(f"The pattern {pattern!r} is invalid.") from error


class _Writer:
    """Writes the shortest text that matches, with `more` characters where the pattern leaves room."""

    def __init__(self, number: int, more: int) -> None:
        self._number = number
        self._more = more

    def sequence(self, tree: Any) -> str:
        return "".join(self._part(code, value) for code, value in tree)

    def _part(self, code: Any, value: Any) -> str:
        if code is op.LITERAL:
            return chr(value)
        if code is op.AT:
            return ""
        if code in {op.MAX_REPEAT, op.MIN_REPEAT, op.POSSESSIVE_REPEAT}:
            return self._repeat(*value)
        if code is op.SUBPATTERN:
            return self.sequence(value[3])
        if code is op.BRANCH:
            return self.sequence(value[1][self._number % len(value[1])])
        return self._turned(self._letters(code, value))

    def _repeat(self, least: int, most: int, tree: Any) -> str:
        spare = 0 if most is op.MAXREPEAT else max(0, int(most) - least)
        extra = self._more if most is op.MAXREPEAT else min(spare, self._more)
        count = least + extra
        self._more -= extra
        return "".join(self.sequence(tree) for _ in range(count))

    def _letters(self, code: Any, value: Any) -> str:
        if code is op.ANY:
            return _PLAIN[:36]
        if code is op.NOT_LITERAL:
            return _PLAIN.replace(chr(value), "")
        if code is op.CATEGORY and value in _CATEGORIES:
            return _CATEGORIES[value]
        if code is op.RANGE:
            return "".join(map(chr, range(value[0], min(value[1], value[0] + 255) + 1)))
        if code is op.LITERAL:
            return chr(value)
        if code is op.IN:
            return self._class(value)
        raise CheckError(f"A pattern with {str(code).lower()} is not supported here.")

    def _class(self, members: Any) -> str:
        negated = bool(members) and members[0][0] is op.NEGATE
        found = "".join(self._letters(code, value) for code, value in members[negated:])
        return "".join(c for c in _PLAIN if c not in found) if negated else found

    def _turned(self, letters: str) -> str:
        if not letters:
            raise CheckError("A pattern's class allows no character that could be written.")
        self._number = (self._number * 1_103_515_245 + 12_345) % 2**31
        return letters[(self._number >> 8) % len(letters)]
