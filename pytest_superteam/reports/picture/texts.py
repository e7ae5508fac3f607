"""Texts in a drawing: how wide they are, as far as that is known without a font, and where they are broken."""

from __future__ import annotations

import re
import unicodedata

__all__ = ["broken", "cut", "width"]

_PIECE = re.compile(r"[^-_.\s/]{1,200}[-_.\s/]{0,8}|[-_.\s/]{1,200}")
_NARROW = frozenset("ijlftrI.,:;'|!()[]1 -")
_WIDE = frozenset("mwMW@%")


def width(text: str, size: float) -> float:
    """Return about how wide a text is in a page's font of `size` pixels; of most fonts it is a little less."""
    return sum(map(_units, text)) * size


def _units(character: str) -> float:
    """Return the width of a character in units of the font's size."""
    if character in _NARROW:
        return 0.36
    if unicodedata.east_asian_width(character) in "WF":
        return 1.02
    return 0.9 if character in _WIDE else 0.68 if character.isupper() else 0.59


def cut(text: str, size: float, room: float) -> str:
    """Return as much of a text as has room, in pixels; `…` stands for the rest."""
    if width(text, size) <= room:
        return text
    room -= width("…", size)
    kept = 0
    for character in text:
        room -= _units(character) * size
        if room < 0:
            break
        kept += 1
    return f"{text[:kept].rstrip()}…"


def broken(text: str, size: float, room: float, most: int = 2) -> list[str]:
    """Return a text in at most so many lines of a width, broken behind hyphens, dots and spaces where it has any."""
    lines = [""]
    for piece in _PIECE.findall(text):
        if lines[-1] and width((lines[-1] + piece).rstrip(), size) > room and len(lines) < most:
            lines.append("")
        lines[-1] += piece
    return [cut(line.strip(), size, room) for line in lines]
