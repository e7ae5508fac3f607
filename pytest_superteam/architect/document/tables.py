# ruff: noqa: RUF001 - frames are drawn with signs of their own
"""Tables that are no Markdown tables: pipes without a separator row, tabs, drawn frames, HTML."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["Cells", "html_table", "split_row", "text_table"]

Cells = tuple[int, list[str]]
"""How many lines below the first a row stands, and its cells as written."""

_BAR = re.compile(r"(?<!\\)\|")
_QUOTED_BAR = re.compile(r"`[^`|\n]{0,200}(?:\|[^`|\n]{0,200}){1,40}`|'[^'|\n]{1,60}'(?:\|'[^'|\n]{1,60}'){1,40}")
_SEPARATOR = re.compile(r"^\s*\|?\s*:?[-–—]{1,200}:?\s*(?:\|\s*:?[-–—]{1,200}:?\s*){0,200}\|?\s*$")
_FRAME = re.compile(r"^\s*[+|┌├└╔╠╚╒╞╘┏┣┗│║][-=+|─━┬┼┴┐┤┘═╦╬╩╗╣╝╤╪╧╕╡╛┳╋┻┓┫┛│║:]{2,2000}\s*$")
_DRAWN = re.compile(r"[│║┃]")
_GAP = re.compile(r"\t[\t ]*")
_ROW = re.compile(r"<tr\b[^<>]{0,300}>", re.IGNORECASE)
_CELL = re.compile(r"<(t[hd])\b[^<>]{0,300}>", re.IGNORECASE)
_TAG = re.compile(r"</?(?:t[hdr]|thead|tbody|table|tfoot|caption|col|colgroup)\b[^<>]{0,300}>", re.IGNORECASE)


def split_row(raw: str, width: int = 0) -> list[str]:
    """Return the cells of a line of a pipe table, not stripped of their Markdown.

    Where the line has more cells than the table (`width`), bars in code marks and between quoted values belong to
    their cell: the author forgot to escape them.
    """
    line = raw.strip()
    if "|" not in line:
        return [line]
    cells = _cells(line)
    if width and len(cells) > width and ("`" in line or "'" in line):
        held = _cells(_QUOTED_BAR.sub(lambda m: m.group().replace("\\|", "|").replace("|", "\\|"), line))
        cells = held if len(held) >= width else cells
    return cells


def _cells(line: str) -> list[str]:
    line = line.removeprefix("|")
    if line.endswith("|") and not line.endswith("\\|"):
        line = line[:-1]
    if "\\" not in line:
        return [cell.strip() for cell in line.split("|")]
    return [cell.strip().replace("\\|", "|") for cell in _BAR.split(line)]


def text_table(text: str) -> list[Cells] | None:
    """Return the rows of a table that is drawn with bars, frames or tabs, or None when the text is no table.

    The first row is its header. A line of one cell is a group row.
    """
    lines = text.split("\n")
    if "\t" in text and "|" not in text:
        return _tabbed(lines)
    if "|" in text or "│" in text or "║" in text or "┃" in text:
        return _barred(lines)
    return None


def _tabbed(lines: Sequence[str]) -> list[Cells] | None:
    full = [(i, line.strip("\n ")) for i, line in enumerate(lines) if line.strip()]
    rows = [(i, [c.strip() for c in _GAP.split(line.strip())]) for i, line in full]
    width = max((len(cells) for _, cells in rows), default=0)
    whole = sum(len(cells) == width for _, cells in rows)
    indented = any(line.startswith("\t") for _, line in full)
    if width < 2 or len(rows) < 2 or indented or whole * 4 < len(rows) * 3:
        return None
    # Two columns may be any text with a tab in it; short cells on the left make it a table.
    return None if width == 2 and (len(rows) < 3 or any(len(c[0]) > 60 for _, c in rows)) else rows


def _barred(lines: Sequence[str]) -> list[Cells] | None:
    rows: list[Cells] = []
    framed = False
    for i, line in enumerate(lines):
        shown = line.strip()
        if not shown:
            continue
        if _FRAME.match(shown) or _SEPARATOR.match(shown):
            framed = framed or not shown.startswith("|")
            continue
        shown = _DRAWN.sub("|", shown)
        if not (shown.startswith("|") and shown.endswith("|") and len(shown) > 2):
            return None
        rows.append((i, _cells(shown)))
    widths = {len(cells) for _, cells in rows}
    width = max(widths, default=0)
    if width < 2 or not rows or len(lines) < 2:
        return None
    if framed and widths != {width}:
        return None
    return rows if sum(len(c) == width for _, c in rows) * 2 >= len(rows) else None


def html_table(html: str) -> tuple[bool, list[Cells]] | None:
    """Return whether the first row is a header, and the rows of an HTML table; None when there is no row."""
    starts = [m.start() for m in _ROW.finditer(html)]
    rows: list[Cells] = []
    header = False
    line, at = 0, 0
    for start, end in zip(starts, [*starts[1:], len(html)], strict=False):
        line, at = line + html.count("\n", at, start), start
        parts = _CELL.split(html[start:end])
        cells = [" ".join(_TAG.sub("", cell).split()) for cell in parts[2::2]]
        if cells:
            header = header or (not rows and all(kind.lower() == "th" for kind in parts[1::2]))
            rows.append((line, cells))
    return (header, rows) if rows else None
