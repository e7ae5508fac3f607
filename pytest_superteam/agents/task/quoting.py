"""Text of others in a task: shown as data, so that it can't pass for a part of the task."""

from __future__ import annotations

import re

__all__ = ["fence_around", "fenced", "inline", "visible"]

_HIDDEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b\u2028\u2029\u202a-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb"
    "\U000e0000-\U000e007f\ud800-\udfff]"
)
"""What is not seen and is read all the same: control characters, direction marks, tag characters, lone surrogates."""
_FENCES = re.compile(r"`{3,}")
_CUT = " [...]"


def visible(text: str) -> str:
    """Return `text` without characters that people don't see; its lines, ended by a line feed, stay where they are."""
    return _HIDDEN.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))


def inline(text: str, limit: int = 200) -> str:
    """Return `text` as a piece of one line, `limit` characters at most, that ends neither a code span nor a cell."""
    line = " ".join(visible(text[: 4 * limit]).split()).replace("`", "'").replace("|", "/")
    return line if len(line) <= limit else line[: limit - len(_CUT)] + _CUT


def fenced(text: str, limit: int = 20_000) -> str:
    """Return `text` as a Markdown code block that nothing in it can end; of a longer text head and tail.

    Args:
        text: whatever somebody else wrote.
        limit: characters that are kept, at most.
    """
    shown = visible(text).strip("\n")
    if len(shown) > limit:
        half = limit // 2
        shown = f"{shown[:half]}\n[... {len(shown) - 2 * half} characters left out ...]\n{shown[-half:]}"
    return fence_around(shown)


def fence_around(text: str) -> str:
    """Return `text`, as it is, in a Markdown code block that nothing in it can end."""
    fence = "`" * (1 + max((len(run) for run in _FENCES.findall(text)), default=2))
    return f"{fence}text\n{text}\n{fence}"
