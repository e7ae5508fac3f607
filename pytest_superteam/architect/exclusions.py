"""What the text says must not be built: items of sections about it, columns of scope tables, plain sentences."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from pytest_superteam.architect.facts import Exclusion
from pytest_superteam.architect.kinds import kind_of
from pytest_superteam.architect.names import fold

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytest_superteam.architect.sections import Document

__all__ = ["read_exclusions"]

_SENTENCE = re.compile(
    r"\b(?:is|are|will) not (?:be )?(?:implemented|supported|included|built|part of|in scope)"
    r"|\bout of scope\b|\bn'est pas (?:implemente|inclus)",
)
_OTHER_SCRIPTS = re.compile("実装しません|実装しない|対象外|不实现|不支持")


def read_exclusions(document: Document) -> tuple[Exclusion, ...]:
    """Return what must not be built, in the author's words, in order."""
    found: dict[str, Exclusion] = {}
    for text, line in _all(document):
        clean = " ".join(text.split()).strip(" .;-")[:300]
        # "Out of scope:" inside such a section is a heading, "X is not implemented" is what we look for.
        if clean and (kind_of(clean) != "excluded" or len(clean.split()) > 4):
            found.setdefault(clean.lower(), Exclusion(clean, line))
    return tuple(found.values())


def _all(document: Document) -> Iterator[tuple[str, int]]:
    for section in document.sections:
        for block in section.blocks:
            if block.kind == "table":
                columns = [i for i, h in enumerate(block.header) if kind_of(h) == "excluded"]
                if section.excluded and not columns:
                    columns = [0]
                yield from ((r.cells[i], r.line) for r in block.rows for i in columns if i < len(r.cells))
            elif section.excluded and block.kind in ("item", "code"):
                yield from ((text, line) for line, text in block.lines() if text.strip())
            elif section.excluded and block.kind == "paragraph" and len(block.text) < 200:
                yield block.text, block.line
            elif block.kind in ("item", "paragraph") and len(block.text) < 300:
                lower = fold(block.text)
                if _SENTENCE.search(lower) or _OTHER_SCRIPTS.search(block.text):
                    yield block.text, block.line
