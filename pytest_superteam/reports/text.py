"""Text from outside, made fit to be shown: secrets masked, one line, nothing that steers a terminal, bounded."""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING

from pytest_superteam.reports.masking import mask

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["fitting", "one_line", "plural", "steerless"]

_ESCAPE = re.compile(r"\x1b(?:\[[0-?]{0,64}[ -/]{0,16}[@-~]|\][^\x07\x1b]{0,1024}(?:\x07|\x1b\\)|[@-Z\\-_])")
_READ = 20_000
"""Characters of a text that are looked at: a reason may be a whole traceback."""
_HIDDEN = frozenset({"Cc", "Cf", "Co", "Cs", "Cn"})
"""Unicode categories that show nothing or reorder what is shown."""


def one_line(text: str, limit: int = 300) -> str:
    """Return `text` masked, on one line, without control characters, at most `limit` characters, `...` included."""
    plain = _ESCAPE.sub("", text[:_READ])
    shown = "".join(" " if c.isspace() else "" if unicodedata.category(c) in _HIDDEN else c for c in plain)
    line = mask(" ".join(shown.split()))  # last: what hides inside a secret would hide it from the mask
    return line if len(line) <= limit else f"{line[: max(0, limit - 3)].rstrip()}..."


def steerless(text: str) -> str:
    """Return `text` with its lines and tabs, but without what steers a terminal or reorders what it shows."""
    plain = _ESCAPE.sub("", text)
    return "".join(c for c in plain if c in "\n\t" or unicodedata.category(c) not in _HIDDEN)


def plural(count: int, noun: str) -> str:
    """Return `1 item` or `2 items`."""
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


def fitting(names: Sequence[str], room: int) -> str:
    """Return as many names as fit into `room` characters, at least one, and how many more there are."""
    for shown in range(len(names), 1, -1):
        more = f" and {len(names) - shown} more" if shown < len(names) else ""
        line = ", ".join(names[:shown]) + more
        if len(line) <= room:
            return line
    return ", ".join(names) if len(names) < 2 else f"{names[0]} and {len(names) - 1} more"
