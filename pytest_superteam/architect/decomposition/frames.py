"""Names in the frames of a picture that is drawn with characters: `| Backend |` between two lines of dashes."""

from __future__ import annotations

import re
from itertools import pairwise
from typing import TYPE_CHECKING

from pytest_superteam.architect.decomposition.parts import Part, part_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytest_superteam.architect.document.blocks import Block

__all__ = ["framed_parts"]

_EDGE = re.compile("[┌╭┏╔+][─━═-]{3,200}")
_SIDE = re.compile(r"[│┃║|]")
_NAME = re.compile(r"^[^\W\d][\w .&/+-]{1,40}$")
_REMARK = re.compile(r"\s{0,4}[(\[:].{0,80}$")
_MOST_LINES = 120
_MOST_FRAMES = 60


def framed_parts(block: Block) -> Iterator[Part]:
    """Yield the names in the frames of a picture, each the first line of its frame.

    A second line is a part of the name where the first alone is not written out: `Socket.io` above `Server`.
    """
    if not _EDGE.search(block.text[:20_000]):
        return
    frames = 0
    # Frames that are open on the line before: where each begins, and the lines of its name.
    opened: dict[int, list[tuple[str, int]]] = {}
    for line, text in list(block.lines())[:_MOST_LINES]:
        if frames > _MOST_FRAMES:
            return
        tops = [m.start() for m in _EDGE.finditer(text[:400])]
        if tops:
            yield from _closed(opened)
            opened = {start: [] for start in tops}
            frames += len(tops)
            continue
        if not opened:
            continue
        sides = [m.start() for m in _SIDE.finditer(text[:400])]
        if not sides:
            yield from _closed(opened)
            opened = {}
            continue
        for left, right in pairwise(sides):
            if left in opened and len(opened[left]) < 2:
                opened[left].append((" ".join(text[left + 1 : right].split()), line))
    yield from _closed(opened)


def _closed(opened: dict[int, list[tuple[str, int]]]) -> Iterator[Part]:
    for lines in opened.values():
        if not lines:
            continue
        name, line = lines[0]
        second = lines[1][0] if len(lines) > 1 else ""
        if second.lower() in {"server", "service", "worker", "workers", "api", "app", "backend", "frontend", "bot"}:
            name = f"{name} {second}"
        plain = _REMARK.sub("", name).strip()
        if _NAME.match(plain):
            yield part_of(plain, line, second)
