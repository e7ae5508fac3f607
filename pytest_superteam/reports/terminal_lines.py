"""Lines of the report on a terminal: paragraphs that are wrapped, rows that are cut, commands that stay whole."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pytest_superteam.reports.text import one_line

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from rich.console import RenderableType
    from rich.text import Text

    from pytest_superteam.reports.fixes import Row

__all__ = ["Whole", "cut", "paragraph", "rows", "shortened", "styled", "titled"]


@dataclass(frozen=True)
class Whole:
    """A line that is there to be copied: never wrapped and never cut, however narrow the terminal is."""

    text: str
    style: str = ""


def styled(content: str, style: str = "") -> Text:
    """Return text that is shown as it stands."""
    from rich.text import Text

    return Text(content, style=style)


def paragraph(content: str, style: str = "", *, indent: int = 4) -> RenderableType:
    """Return a paragraph whose further lines are indented; leading empty lines are kept."""
    from rich.padding import Padding

    text = content.lstrip("\n")
    above = len(content) - len(text)
    depth = len(text) - len(text.lstrip(" "))
    return Padding(styled(text.lstrip(" "), style), (above, 0, 0, min(depth, indent)))


def cut(content: str, width: int, indent: int, style: str = "") -> RenderableType:
    """Return a text as one row below others, cut where it is too wide."""
    from rich.cells import cell_len, set_cell_size
    from rich.padding import Padding

    text, room = one_line(content, 4 * width), max(8, width - indent)
    if cell_len(text) > room:
        text = f"{set_cell_size(text, room - 3).rstrip()}..."
    return Padding(styled(text, style), (0, 0, 0, indent))


def shortened(text: str, limit: int) -> str:
    """Return at most `limit` characters: the beginning, and the end, where messages say what to do."""
    if len(text) <= limit:
        return text
    tail = min(160, limit // 3)
    return f"{text[: limit - tail - 5].rstrip()} ... {text[len(text) - tail :].lstrip()}"


def titled(title: str, count: int | None = None) -> RenderableType:
    """Return the title of a section, with how many there are, below an empty line."""
    return paragraph(f"\n{title}" if count is None else f"\n{title} ({count})", "bold")


def rows(title: str, told: Iterable[Row]) -> Iterator[RenderableType]:
    """Yield lines below a title, each as deep as it stands."""
    from rich.padding import Padding

    yield titled(title)
    for depth, row in told:
        yield Padding(styled(row), (0, 0, 0, 2 + 4 * depth))
