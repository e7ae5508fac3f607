"""Entities in an outline: a bullet that names one, with a bullet below it for each of its fields."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from pytest_superteam.architect.model.fields import parse_line

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from pytest_superteam.architect.document.blocks import Block
    from pytest_superteam.architect.facts import FieldFact

__all__ = ["Outline", "outlines"]

Outline = tuple[str, str, int, list["FieldFact | None"]]
"""Name and remark (the words in brackets behind it) as written, line, and what each bullet below it says."""

_HEAD = re.compile(r"^([A-Za-z][\w -]{1,50}?)\s*(?:[(\[]([^()\[\]\n]{1,200})[)\]])?\s*:?$")


def outlines(items: Sequence[Block]) -> Iterator[Outline]:
    """Yield the top bullets of which nearly all bullets right below are fields."""
    for head, below in _grouped(items):
        match = _HEAD.match(head.text.strip()[:300])
        if match is None or len(below) < 2 or not _is_name(match.group(1), head.raw):
            continue
        facts = [parse_line(" ".join(b.text.split()), b.line) for b in below]
        if len([f for f in facts if f]) * 4 >= len(facts) * 3:
            yield match.group(1), match.group(2) or "", head.line, facts


def _is_name(text: str, raw: str) -> bool:
    """Return whether the author wrote a name and no label: bold, in code marks, or capitalised."""
    return raw.lstrip().startswith(("**", "__", "`")) or text[0].isupper()


def _grouped(items: Sequence[Block]) -> Iterator[tuple[Block, list[Block]]]:
    head: Block | None = None
    below: list[Block] = []
    for block in items:
        if block.level <= 1:
            if head is not None:
                yield head, below
            head, below = block, []
        elif block.level == 2:
            below.append(block)
    if head is not None:
        yield head, below
