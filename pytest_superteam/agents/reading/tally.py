"""One figure or text, followed through the output of a program."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from pytest_superteam.agents.reading.figures import figure, written_figure
from pytest_superteam.agents.reading.paths import values_at

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from pytest_superteam.agents.reading.spec import Find, Match

__all__ = ["NumberTally", "TextTally", "first_told", "holds", "matches"]

_MOST_IDS = 100_000
_MOST_TEXT = 20_000
"""Characters of a text that are kept."""


class NumberTally:
    """A number: `hear` and `read` take what comes, `value` is what is known up to now."""

    def __init__(self, find: Find, complain: Callable[[str], None]) -> None:
        """Follow `find`; what is wrong with a number is told to `complain`."""
        self._find, self._complain = find, complain
        self._pattern = re.compile(find.pattern) if find.pattern else None
        self._total: float | None = None
        self._by_id: dict[str, float] = {}

    @property
    def value(self) -> float | None:
        """Return the number, None where none was told."""
        known = [self._total] if self._total is not None else []
        known += self._by_id.values()
        if not known or (self._find.zero == "unknown" and not sum(known)):
            return None
        return sum(known)

    def hear(self, line: str) -> None:
        """Take a printed line."""
        if self._pattern and (found := self._pattern.search(line)) and found[1] is not None:
            self._take(*written_figure(found[1]), found[1])

    def read(self, document: Any) -> None:
        """Take a document."""
        if not self._find.path or not holds(self._find.when, document):
            return
        added, taken = self._numbers(document, self._find.path), self._numbers(document, self._find.less)
        if added and taken is not None:
            self._take(sum(added) - sum(taken), "", self._find.path[0], self._id(document))

    def _numbers(self, document: Any, paths: Sequence[str]) -> list[float] | None:
        """Return the numbers at some places, None where one of them is none."""
        numbers = []
        for place, value in ((path, value) for path in paths for value in values_at(document, path)):
            number, wrong = figure(value)
            if number is None or number < 0:
                self._complain(f"`{place}` {wrong or 'is negative'}")
                return None
            numbers.append(number)
        return numbers

    def _take(self, number: float | None, wrong: str, place: str, name: str = "") -> None:
        if number is None or number < 0:
            self._complain(f"`{place[:40]}` {wrong or 'is negative'}")
        elif name:
            self._by_id[name] = number
        elif self._total is None or self._find.take == "last":
            self._total = number
        elif self._find.take == "sum":
            self._total += number

    def _id(self, document: Any) -> str:
        found = values_at(document, self._find.each) if self._find.each else []
        name = str(found[0])[:200] if found and isinstance(found[0], (str, int)) else ""
        return name if name in self._by_id or len(self._by_id) < _MOST_IDS else ""


class TextTally:
    """A text, as `NumberTally` is a number."""

    def __init__(self, find: Find) -> None:
        """Follow `find`."""
        self._find = find
        self._pattern = re.compile(find.pattern) if find.pattern else None
        self.value = ""

    def hear(self, line: str) -> str:
        """Take a printed line; return what it says."""
        found = self._pattern.search(line) if self._pattern else None
        return self._take(found[1] or "") if found else ""

    def read(self, document: Any) -> str:
        """Take a document; return what it says."""
        if not self._find.path or not holds(self._find.when, document):
            return ""
        found = (value for path in self._find.path for value in reversed(values_at(document, path)))
        return self._take(next((text for text in found if isinstance(text, str) and text.strip()), ""))

    def _take(self, text: str) -> str:
        text = text[:_MOST_TEXT]
        if text and self._find.take == "sum":
            self.value = (self.value + text)[-_MOST_TEXT:]
        elif text and (self._find.take == "last" or not self.value):
            self.value = text
        return text.strip()


def first_told(tallies: Sequence[NumberTally]) -> float | None:
    """Return the first number that is known."""
    return next((tally.value for tally in tallies if tally.value is not None), None)


def holds(when: Any, document: Any) -> bool:
    """Return whether a document has each of the values; true is not 1."""
    return all(
        any(type(found) is type(wanted) and found == wanted for found in values_at(document, path))
        for path, wanted in when.items()
    )


def matches(wanted: Sequence[Match], *, document: Any = None, line: str = "", of: str = "printed") -> bool:
    """Return whether one of the conditions is met by a document or a line."""
    for match in wanted:
        if match.of != of:
            continue
        if match.pattern and line and re.search(match.pattern, line):
            return True
        if match.when and document is not None and holds(match.when, document):
            return True
    return False
