"""The headings of a Markdown text: which lines belong to which, and what lies below what."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["Part", "parts"]

_MARKED = re.compile(r" {0,3}(#{1,6})(?:[ \t]|$)")
_UNDERLINE = re.compile(r" {0,3}(=+|-+)[ \t]*$")
_FENCE = re.compile(r" {0,3}(`{3,}|~{3,})")
_NO_TITLE = re.compile(r"\s*(?:$|[|>*+#-]|\d{1,9}[.)]\s)")
"""Lines under which a row of dashes is a ruler or a table and no underlined title."""


@dataclass(frozen=True)
class Part:
    """A heading and what stands under it up to the next heading; lines from 1, both included.

    `above` are the positions of the headings that it lies below, the innermost first.
    """

    first: int
    last: int
    level: int
    above: tuple[int, ...] = ()


def parts(lines: Sequence[str]) -> tuple[Part, ...]:
    """Return the parts of a text in order; what stands before the first heading is one of level 0."""
    starts = [(1, 0), *_headings(lines)]
    if len(starts) > 1 and starts[1][0] == 1:
        del starts[0]
    found: list[Part] = []
    above: list[int] = []
    for position, (first, level) in enumerate(starts):
        while above and found[above[-1]].level >= level:
            above.pop()
        last = starts[position + 1][0] - 1 if position + 1 < len(starts) else len(lines)
        found.append(Part(first, last, level, tuple(reversed(above))))
        if level:
            above.append(position)
    return tuple(found)


def _headings(lines: Sequence[str]) -> list[tuple[int, int]]:
    """Return line and level of each heading; what looks like one in a code block is none."""
    found: list[tuple[int, int]] = []
    fence = ""
    for number, line in enumerate(lines, 1):
        mark = _FENCE.match(line)
        if fence:
            if mark and mark[1].startswith(fence) and not line.strip().strip(fence[0]):
                fence = ""
            continue
        if mark:
            fence = mark[1]
        elif heading := _MARKED.match(line):
            found.append((number, len(heading[1])))
        elif number > 1 and (under := _UNDERLINE.match(line)) and not _NO_TITLE.match(lines[number - 2]):
            found.append((number - 1, 1 if under[1][0] == "=" else 2))
    return sorted(set(found))
