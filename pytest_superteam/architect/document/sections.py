# ruff: noqa: RUF001 - titles have dashes and brackets of other scripts
"""Blocks to sections: what each heading is about, in the languages of the real documents."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING

from pytest_superteam.architect.document.blocks import Block, read_blocks
from pytest_superteam.architect.document.kinds import kind_of
from pytest_superteam.architect.names import fold, vocabulary

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["Document", "Section", "clean_title", "read_document"]

_NUMBER = re.compile(r"^(?:[(（]?\d{1,3}(?:\.\d{1,3}){0,5}[.):、）]?(?:\s+|(?=[^\W\d]))|[IVX]{1,5}[.)]\s+)")
_OUTLINE = re.compile(r"^\s?(?:[^\w\s(（]{1,4}\s{0,2})?(\d{1,2}(?:\.\d{1,2}){0,4})[.)]?\s+(?=\S)")
# "F-09 Risk alerts" is a feature, whatever its name sounds like.
_FEATURE = re.compile(r"^(?:FR?|RF|US|UC|REQ|EPIC|FEAT(?:URE)?|BF)[-_ ]?\d{1,3}(?:\.\d{1,3})*\b[.:)]?\s", re.IGNORECASE)
_STICKY = frozenset({"excluded", "glossary", "meta", "metrics", "nonfunctional", "questions", "risks"})
"""Kinds whose sections stay of that kind all the way down: an API among the risks is a risk."""
_EDGE = re.compile(r"^[^\w(（/`\[{<.]+|[^\w)）\]}>/*.]+$")
_TITLE_NOISE = re.compile(
    r"product requirements? (?:document|draft|doc)?|requirements? (?:document|specification|draft)|\bprds?\b"
    r"|\bdraft\b|\bfinal\b|\bv\d+(?:\.\d+)*\b|\bversion\b[\s\d.]*|\bspecification\b|[(（][^()（）]{0,80}[)）]",
    re.IGNORECASE,
)
_SAYS_PRD = re.compile(r"product requirements? (?:document|draft|doc)|\bprd\b", re.IGNORECASE)
_NO_TITLE = vocabulary(
    "api apis background context goals introduction microservices objective objectives overview services summary"
) | {"executive summary", "nom du projet", "problem statement", "rest api"}

_BOLD_LEVEL = 7
"""Level of a paragraph in bold that serves as a heading."""


@dataclass(frozen=True)
class Section:
    """A heading with the blocks under it, up to the next heading. `kinds` are its own kind and those of its parents.

    `titles` are its own title and those of the headings above it, innermost first.
    """

    title: str
    line: int
    level: int
    kind: str
    kinds: tuple[str, ...]
    titles: tuple[str, ...]
    blocks: tuple[Block, ...] = ()
    heading: str = ""
    """The title with its number and marks."""
    parent_kind: str = ""

    @property
    def excluded(self) -> bool:
        """Return whether the section lists what must not be built."""
        return "excluded" in self.kinds


@dataclass(frozen=True)
class Document:
    """A read requirements document: its title and its sections in order."""

    title: str
    sections: tuple[Section, ...]
    text: str = field(repr=False, default="")

    def live(self) -> Iterator[Section]:
        """Yield the sections that describe what is to be built."""
        return iter(self._live)

    @cached_property
    def _live(self) -> tuple[Section, ...]:
        return tuple(s for s in self.sections if not s.excluded)


@lru_cache(maxsize=16_384)
def clean_title(text: str) -> str:
    """Return a heading without its number, emoji and trailing colon."""
    text = _EDGE.sub("", text.strip())
    return _EDGE.sub("", _NUMBER.sub("", text)).strip()


def read_document(text: str) -> Document:
    """Return the sections of a Markdown text."""
    blocks = _levelled(read_blocks(text))
    tops = [b for b in blocks if b.kind == "heading" and b.level == 1]
    first = next((b for b in blocks if b.kind == "heading"), None)
    root = first if first is not None and _is_title(first, blocks, alone=len(tops) == 1) else None
    sections: list[Section] = []
    above: list[Section] = []
    for head, body in _grouped(blocks):
        while above and above[-1].level >= head.level:
            above.pop()
        section = _section(head, body, above[-1] if above else None, plain_title=head is root)
        sections.append(section)
        above.append(section)
    return Document(_document_title(blocks), tuple(sections), text)


def _levelled(blocks: list[Block]) -> list[Block]:
    """Let numbers decide where the marks of headings contradict them: 3.1 is below 3, whatever its level says."""
    levels: dict[str, int] = {}
    result = []
    for block in blocks:
        if block.kind == "heading":
            match = _OUTLINE.match(block.text)
            number = match.group(1) if match else ""
            parent = number.rpartition(".")[0].removesuffix(".0") if number else ""
            above = levels.get(parent, 0) if parent else 0
            if above and block.level <= above < _BOLD_LEVEL - 1:
                block = replace(block, level=above + 1)  # noqa: PLW2901 - the same heading, one level down
            if number:
                levels[number.removesuffix(".0")] = block.level
        result.append(block)
    return result


def _is_title(first: Block, blocks: list[Block], *, alone: bool) -> bool:
    """Return whether the first heading names the document, and not its first section."""
    if first.level == 1 and alone:
        return True
    if first.level == 1 and _SAYS_PRD.search(first.text):
        return True
    about_something = bool(kind_of(_TITLE_NOISE.sub(" ", first.text))) or bool(_NUMBER.match(first.text))
    return not about_something and (first.level == 1 or first is blocks[0])


def _grouped(blocks: list[Block]) -> Iterator[tuple[Block, list[Block]]]:
    body: list[Block] = []
    head = Block("heading", 1, "", "", 0)
    for block in blocks:
        if block.kind == "heading":
            yield head, body
            head, body = block, []
        else:
            body.append(block)
    yield head, body


def _section(head: Block, body: list[Block], parent: Section | None, *, plain_title: bool) -> Section:
    title = clean_title(head.text)
    own = "" if plain_title else _own_kind(head, title)
    above = parent.kinds if parent and parent.level else ()
    if own != "excluded" and above and above[0] in _STICKY:
        own = ""
    return Section(
        title=title,
        line=head.line,
        level=head.level,
        kind=own or (parent.kind if parent else ""),
        kinds=((own, *above) if own else above),
        titles=(title, *(parent.titles if parent else ())),
        blocks=tuple(body),
        heading=head.text,
        parent_kind=parent.kind if parent else "",
    )


def _own_kind(head: Block, title: str) -> str:
    if head.level == _BOLD_LEVEL and len(title.split()) > 6:
        return ""
    if _FEATURE.match(head.text.lstrip()):
        kind = kind_of(_FEATURE.sub("", head.text.lstrip()))
        return kind if kind in ("", "excluded", "api") else "requirements"
    return kind_of(title)


def _document_title(blocks: list[Block]) -> str:
    candidates = [b.text for b in blocks[:40] if b.kind == "heading"]
    for text in candidates[:6]:
        rest = _TITLE_NOISE.sub(" ", text)
        parts = [clean_title(p) for p in re.split(r"\s[–—|:-]\s|[–—|:]", rest)]
        name = next((p for p in parts if len(fold(p).strip()) >= 2 and kind_of(p) in ("", "api", "services")), "")
        if name and fold(name).strip() not in _NO_TITLE:
            return " ".join(name.split())
    return candidates[0].strip() if candidates else ""
