# ruff: noqa: RUF001 - numbers and brackets of other scripts
"""Headings of a text that has no Markdown headings: numbered lines, capitals, labels; written as Markdown ones."""

from __future__ import annotations

import re
from itertools import islice
from typing import TYPE_CHECKING

from pytest_superteam.architect.document.kinds import kind_of
from pytest_superteam.architect.document.tidy import outside_code

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["with_headings"]

_MARKED = re.compile(r"^\s{0,3}#{1,6}\s+\S", re.MULTILINE)
_UNDERLINED = re.compile(r"^\S[^\n]{0,120}\n(?:={3,}|-{3,})\s*$", re.MULTILINE)
_BOLD = re.compile(r"^(?:\*\*|__)[^*\n]{2,80}(?:\*\*|__)\s*:?\s*$", re.MULTILINE)
_NUMBERED = re.compile(
    r"^\s{0,3}(?:\*\*|__)?(?:section\s+|chapter\s+)?(\d{1,2}(?:\.\d{1,2}){0,4})[.):]?\s+(?=\S)(?:\*\*|__)?"
    r"([^\n]{2,90}?)(?:\*\*|__)?\s*:?\s*$",
    re.IGNORECASE,
)
_SCRIPTED = (
    (
        2,
        re.compile(
            r"^\s{0,3}(?:第[一二三四五六七八九十\d]{1,3}[章节節部]|[一二三四五六七八九十]{1,3}[、．.])\s?\S[^\n。]{0,40}$"
        ),
    ),
    (2, re.compile(r"^\s{0,3}[■◆▼]\s?\S[^\n。]{0,40}$")),
    (3, re.compile(r"^\s{0,3}[（(][一二三四五六七八九十]{1,3}[)）]\s?\S[^\n。]{0,40}$")),
    (3, re.compile(r"^\s{0,3}【[^【】\n]{1,30}】\s*$")),
)
_NO_TITLE = re.compile(
    r"[.;,!?。；，、！？]$|[|{}=<>]|\b(?:GET|POST|PUT|PATCH|DELETE)\b|^(?:CREATE|INSERT|SELECT|DROP|ALTER)\b"
)
_EMOJI = re.compile(r"^[\U0001f000-\U0001faff\u2600-\u27bf\ufe0f]")
_ROMANS = ("I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX", "X", "XI", "XII", "XIII", "XIV", "XV")
_ROMAN = re.compile(r"^\s{0,3}[`*_]{0,3}([IVX]{1,5})[.)]\s+\S[^\n]{0,90}$")
_FEW = 3
_LONG = 60
_TITLE_LINES = 6


def with_headings(text: str) -> str:
    """Return `text` with the lines that serve as headings marked as such, where it has none (but a title)."""
    bare = _bare_until(text)
    if not bare:
        return text
    lines = text.split("\n")
    places = [i for i in outside_code(lines) if i < bare and lines[i].strip()]
    found = _numbered(lines, places)
    if len(found) < _FEW:
        found = {}
    for more in (_romans(lines, places), _capitals(lines, places), _scripted(lines, places), _labels(lines, places)):
        found = {**more, **found}
    if not found:
        return text
    first = places[0]
    if first not in found and not _MARKED.search(text, 0, 2000) and _is_title(lines[first]):
        found[first] = 1
    for i, level in found.items():
        lines[i] = "#" * level + " " + lines[i].strip().strip("`*_").strip()
    return "\n".join(lines)


def _bare_until(text: str) -> int:
    """Return how many lines from the first one on have no Markdown heading; 0 when the text has its headings."""
    marked = [m.start() for m in islice(_MARKED.finditer(text, 0, 400_000), 2)]
    # The first one may be the title.
    later = marked[1:] if marked and text.count("\n", 0, marked[0]) < _TITLE_LINES else marked
    if not later:
        others = len(_UNDERLINED.findall(text, 0, 400_000)), len(_BOLD.findall(text, 0, 400_000))
        return 0 if max(others) >= _FEW else text.count("\n") + 1
    # Signs for headings far below a long text without any are comments of code that nobody fenced.
    before = text.count("\n", 0, later[0])
    return before if before >= _LONG and not _BOLD.search(text, 0, later[0]) else 0


def _romans(lines: Sequence[str], places: Sequence[int]) -> dict[int, int]:
    """Return the lines that count in Roman numbers, from I on and one after the other."""
    found: dict[int, int] = {}
    for i in places:
        match = _ROMAN.match(lines[i]) if len(lines[i]) <= 110 else None
        if match and len(found) < len(_ROMANS) and match.group(1) == _ROMANS[len(found)]:
            found[i] = 2
    return found if len(found) >= _FEW else {}


def _numbered(lines: Sequence[str], places: Sequence[int]) -> dict[int, int]:
    """Return the level of each line whose number continues that of the heading before it.

    The items of a list are numbered too, but begin again below each heading, or stand in a row.
    """
    numbers: list[tuple[int, int, tuple[int, ...]]] = []
    for order, i in enumerate(places):
        match = _NUMBERED.match(lines[i][:200]) if lines[i].lstrip(" *_")[:1].isalnum() else None
        if match and len(lines[i]) <= 110 and not _NO_TITLE.search(match.group(2)) and len(match.group(2).split()) <= 9:
            numbers.append((order, i, tuple(int(n) for n in match.group(1).split("."))))
    found: dict[int, int] = {}
    last: tuple[int, ...] = ()
    item: tuple[int, int] = (-9, 0)
    for position, (order, i, number) in enumerate(numbers):
        following = numbers[position + 1] if position + 1 < len(numbers) else None
        in_row = following is not None and following[0] == order + 1 and following[2] == (*number[:-1], number[-1] + 1)
        listed = len(number) == 1 and (in_row or number[0] == item[1] + 1 > 1)
        if not listed and _continues(number, last):
            found[i] = min(1 + len(number), 6)
            last = number
            item = (order, 0)
        elif len(number) == 1:
            item = (order, number[0])
    return found


def _continues(number: tuple[int, ...], last: tuple[int, ...]) -> bool:
    if not last:
        return number in ((1,), (0,), (1, 0), (1, 1))
    if number[:-1] == last and number[-1] in (0, 1):
        return True
    depth = len(number)
    if depth > len(last):
        return False
    # A gap of one is an author's slip.
    return number[:-1] == last[: depth - 1] and 0 < number[-1] - last[depth - 1] <= 2


def _capitals(lines: Sequence[str], places: Sequence[int]) -> dict[int, int]:
    found = {
        i: 2
        for i in places
        if lines[i].isupper()
        and 4 <= len(lines[i].strip()) <= 70
        and lines[i].strip()[0].isalnum()
        and sum(c.isalpha() for c in lines[i]) * 2 > len(lines[i].strip())
        and "_" not in lines[i]
        and not _NO_TITLE.search(lines[i].strip())
        and _apart(lines, i)
    }
    return found if len(found) >= _FEW else {}


def _scripted(lines: Sequence[str], places: Sequence[int]) -> dict[int, int]:
    found = {}
    for i in places:
        if not lines[i].isascii() and len(lines[i]) <= 60:
            level = next((n for n, pattern in _SCRIPTED if pattern.match(lines[i])), 0)
            found.update({i: level} if level else {})
    return found if len(found) >= _FEW else {}


def _labels(lines: Sequence[str], places: Sequence[int]) -> dict[int, int]:
    """Return the lines that stand alone, say what a section is about, and end in a colon or begin with a picture."""
    found = {}
    for i in places:
        shown = lines[i].strip()
        marked = shown.endswith((":", "：")) or bool(_EMOJI.match(shown))
        title = shown.rstrip(":：").strip("*_ ")
        if (
            marked
            and 3 <= len(shown) <= 60
            and (shown[0].isalpha() or _EMOJI.match(shown))
            and len(shown.split()) <= 5
            and _apart(lines, i)
            and not _NO_TITLE.search(title)
            and kind_of(title)
        ):
            found[i] = 3
    return found if len(found) >= 2 else {}


def _is_title(line: str) -> bool:
    shown = line.strip()
    return 3 <= len(shown) <= 100 and len(shown.split()) <= 12 and shown[0].isalpha() and not _NO_TITLE.search(shown)


def _apart(lines: Sequence[str], i: int) -> bool:
    return i == 0 or not lines[i - 1].strip()
