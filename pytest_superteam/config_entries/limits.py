"""What values a setting takes besides its type: bounds of numbers, forms of texts. Messages and the schema read them.

Written beside the type, `parallel: Annotated[int, Range(1, 64)]`, so that a bound stands in one place.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Annotated

__all__ = ["ANY_NUMBER", "CONTROL", "END", "LINE", "Form", "Range", "Ratio", "Seconds"]


@dataclass(frozen=True)
class Range:
    """Bounds of a number, both allowed."""

    low: float = 0
    high: float = 1e9


@dataclass(frozen=True)
class Form:
    """What a text has to look like: a regular expression that is read alike by Python and by JSON schema.

    `$` alone would let a line end through in Python: `END` does not.
    """

    pattern: str
    called: str
    """What it is, in a message: `'x' is no <called>.`"""
    example: str
    """What to write instead."""

    def holds(self, text: str) -> bool:
        """Return whether a text has this form."""
        return bool(re.search(self.pattern, text))


END = r"$(?!\n)"
ANY_NUMBER = Range()
CONTROL = r"\x00-\x1f\x7f-\x9f\u2028\u2029"
"""Characters that break a line or a terminal."""
LINE = Form(rf"^(?=.*\S)[^{CONTROL}]*{END}", "text", "Write a word, in quotes where YAML reads another")
"""Every text is one: it fits in one line, and is not of blanks alone."""

Seconds = Annotated[float, Range(0.1, 86_400)]
Ratio = Annotated[float, Range(0, 1)]
