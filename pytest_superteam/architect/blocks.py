"""Markdown to a flat list of blocks, each with its line: headings, paragraphs, list items, tables, code."""

from __future__ import annotations

import html
import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from markdown_it.token import Token

__all__ = ["Block", "Row", "plain", "read_blocks"]

_TAGS = (
    "a|b|br|center|code|details|div|em|h[1-6]|hr|i|img|kbd|li|ol|p|span|strong|sub|summary|sup"
    "|table|tbody|td|th|thead|tr|u|ul"
)
_TAG = re.compile(rf"</?(?:{_TAGS})(?:\s[^<>\n]{{0,500}})?/?>", re.IGNORECASE)
_BREAK = re.compile(r"<br\s{0,4}/?>", re.IGNORECASE)
_COMMENT = re.compile(r"<!--|-->")
_LINK = re.compile(r"!?\[([^\[\]\n]{0,300})\]\([^()\n]{0,1000}\)")
_STAR = re.compile(r"(?<![\w*])\*([^*\n]{1,400})\*(?![\w*])")
_SCORE = re.compile(r"(?<![\w_])_([^_\n]{1,400})_(?![\w_])")
_ESCAPE = re.compile(r"\\([\\`*_{}\[\]()#+.!|<>~\-])")
_BULLET = re.compile(r"^[•●◦▪‣·][\s\u00a0]{0,20}")
_CHECK = re.compile(r"^\[([ xX✓])\]\s{1,8}")
_BOLD_LINE = re.compile(r"^(?:\*\*|__)([^*\n]{1,80}?):?(?:\*\*|__)\s{0,4}:?$")
_FRONT_MATTER = re.compile(r"\A---\n(?:[^\n]{0,2000}\n){0,200}?---\n")


@dataclass(frozen=True, slots=True)
class Row:
    """A line of a table, its cells as plain text."""

    line: int
    cells: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Block:
    """A piece of the document. `text` is plain, `raw` still has its Markdown; both may have several lines.

    `lead` is what introduces an item, a table or code: the item above it in the tree, or the paragraph before.
    """

    kind: Literal["heading", "paragraph", "item", "table", "code"]
    line: int
    text: str = ""
    raw: str = ""
    level: int = 0
    header: tuple[str, ...] = ()
    rows: tuple[Row, ...] = ()
    info: str = ""
    checked: bool = False
    lead: str = ""

    def lines(self) -> Iterator[tuple[int, str]]:
        """Yield the lines of `text` with their line numbers."""
        yield from enumerate(self.text.split("\n"), self.line)


def plain(raw: str) -> str:
    """Return Markdown inline text without its marks: links by their text, no emphasis, no code marks, no HTML."""
    text = _LINK.sub(r"\1", _BREAK.sub("\n", raw))
    text = _TAG.sub("", _COMMENT.sub("", text)).replace("**", "").replace("~~", "").replace("`", "")
    text = _SCORE.sub(r"\1", _STAR.sub(r"\1", text))
    text = html.unescape(_ESCAPE.sub(r"\1", text)).replace("\u00a0", " ").replace("\t", " ")
    return "\n".join(" ".join(line.split(" ")).strip() for line in text.split("\n")).strip()


def read_blocks(text: str) -> list[Block]:
    """Return the blocks of a Markdown document, in order. Any text gives blocks, never an error."""
    # Imported here: a run without a PRD must not pay for the parser.
    from markdown_it import MarkdownIt

    front = _FRONT_MATTER.match(text)
    if front:
        text = "\n" * front.group().count("\n") + text[front.end() :]
    parser = MarkdownIt("commonmark").enable("table").disable("inline")
    return _with_leads([b for token in _walk(parser.parse(text)) for b in token])


def _walk(tokens: Sequence[Token]) -> Iterator[list[Block]]:
    depth, fresh, index = 0, False, 0
    while index < len(tokens):
        token = tokens[index]
        line = token.map[0] + 1 if token.map else 1
        if token.type in ("bullet_list_open", "ordered_list_open"):
            depth += 1
        elif token.type in ("bullet_list_close", "ordered_list_close"):
            depth -= 1
        elif token.type == "list_item_open":
            fresh = True
        elif token.type == "heading_open":
            yield [_heading(tokens[index + 1].content, line, int(token.tag[1]))]
            index += 2
        elif token.type == "table_open":
            end = next(i for i in range(index, len(tokens)) if tokens[i].type == "table_close")
            yield [_table(tokens[index:end], line)]
            index = end
        elif token.type in ("fence", "code_block"):
            start = line + (token.type == "fence")
            yield [
                Block("code", start, token.content.rstrip("\n"), token.content, depth, info=token.info.strip().lower())
            ]
        elif token.type == "html_block":
            yield _paragraph(token.content.strip("\n"), line, depth, item=False)
        elif token.type == "inline":
            yield _paragraph(token.content, line, depth, item=fresh)
            fresh = False
        index += 1


def _heading(raw: str, line: int, level: int) -> Block:
    text = plain(raw).replace("\n", " ")
    # A paragraph over a rule of dashes is a heading to Markdown, but not to its author.
    return Block("heading" if len(text) <= 160 else "paragraph", line, text, raw, level)


def _paragraph(raw: str, line: int, depth: int, *, item: bool) -> list[Block]:
    bold = _BOLD_LINE.match(raw.strip())
    if bold and not item and depth == 0 and not bold.group(1).rstrip().endswith((".", "!")):
        return [Block("heading", line, plain(bold.group(1)), raw, 7)]
    lines = raw.split("\n")
    if any(_BULLET.match(part.strip()) for part in lines):
        return [_item(_BULLET.sub("", part.strip()), line + i, 1) for i, part in enumerate(lines) if part.strip()]
    if item:
        return [_item(raw, line, depth)]
    return [Block("paragraph", line, plain(raw), raw, depth)] if raw.strip() else []


def _item(raw: str, line: int, depth: int) -> Block:
    check = _CHECK.match(raw)
    body = raw[check.end() :] if check else raw
    return Block("item", line, plain(body), body, depth, checked=bool(check and check.group(1) != " "))


def _table(tokens: Sequence[Token], line: int) -> Block:
    rows: list[tuple[int, list[str]]] = []
    for token in tokens:
        if token.type == "tr_open":
            rows.append((token.map[0] + 1 if token.map else line, []))
        elif token.type == "inline" and rows:
            rows[-1][1].append(token.content)
    header = rows.pop(0)[1] if rows else []
    # Word processors export tables whose header row is empty and whose first row is bold.
    if not any(cell.strip() for cell in header):
        header = []
        if rows and all(cell.strip().startswith("**") for cell in rows[0][1] if cell.strip()):
            header = rows.pop(0)[1]
    body = tuple(Row(number, tuple(plain(c) for c in cells)) for number, cells in rows)
    return Block("table", line, header=tuple(plain(c) for c in header), rows=body)


def _with_leads(blocks: list[Block]) -> list[Block]:
    result: list[Block] = []
    above: dict[int, str] = {}
    for block in blocks:
        if block.kind == "heading":
            above = {}
        elif block.kind == "paragraph":
            above = {0: block.text} if block.level == 0 else {**above, block.level: block.text}
        else:
            lead = next((above[d] for d in range(block.level - 1, -1, -1) if d in above), "")
            if block.kind == "item":
                above = {d: t for d, t in above.items() if d < block.level} | {block.level: block.text}
            elif block.level in above:
                lead = above[block.level]
            block = replace(block, lead=lead.split("\n")[-1])  # noqa: PLW2901 - the same block, completed
        result.append(block)
    return result
