"""What the pages are put together of."""

from __future__ import annotations

import html
import inspect
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

__all__ = ["anchor", "code", "page", "paragraphs", "table"]


def page(*parts: str) -> str:
    """Return a page of its parts, an empty line between each."""
    return "\n\n".join(part.strip("\n") for part in parts if part.strip()) + "\n"


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a table; bars in cells are escaped, a line break becomes a space."""
    lines = [head, ["---"] * len(head), *([_cell(text) for text in row] for row in rows)]
    return "\n".join(f"| {' | '.join(row)} |" for row in lines)


def _cell(text: str) -> str:
    """Return the text of a cell. Readers of Markdown differ about bars within code, but not within an element."""
    text = re.sub(r"`([^`]*\|[^`]*)`", lambda m: f"<code>{html.escape(m[1]).replace('|', '&#124;')}</code>", text)
    return " ".join(text.split()).replace("|", r"\|")


def code(text: str) -> str:
    """Return text as code; nothing stays nothing."""
    return f"`{text}`" if text else ""


def anchor(heading: str) -> str:
    """Return the anchor that GitHub and this site give a heading."""
    return re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")


_SECTION = re.compile(r"^(Args|Returns|Raises|Yields|Attributes):$")


def paragraphs(docstring: str | None) -> str:
    """Return a docstring as Markdown: its sections of Google's form become lists."""
    lines, listing = [], False
    for line in inspect.cleandoc(docstring or "").splitlines():
        section = _SECTION.match(line)
        if section:
            listing = True
            lines += [f"{section[1]}:", ""]
        elif listing and (entry := re.match(r"    ([\w.*]+): (.*)", line)):
            lines.append(f"- `{entry[1]}`: {entry[2]}")
        elif listing and line.startswith("        "):
            lines.append(f"  {line.strip()}")
        else:
            listing = listing and not line
            lines.append(line)
    return "\n".join(lines).strip()
