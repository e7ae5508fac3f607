"""Markdown to a flat list of blocks, each with its line: headings, paragraphs, list items, tables, code."""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from pytest_superteam.architect.document.inline import plain
from pytest_superteam.architect.document.outline_text import with_headings
from pytest_superteam.architect.document.tables import html_table, split_row, text_table
from pytest_superteam.architect.document.tidy import tidy

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from typing import Any

    from pytest_superteam.architect.document.tables import Cells

__all__ = ["Block", "Row", "plain", "read_blocks"]

_BULLET = re.compile(r"^[•●◦▪‣·][\s\u00a0]{0,20}")
_CHECK = re.compile(r"^\[([ xX✓])\]\s{1,8}")
_BOLD_LINE = re.compile(r"^(?:\*\*|__)([^*\n]{1,80}?):?(?:\*\*|__)\s{0,4}:?$")
# Pictures before an item decorate it; those that forbid or lock say something.
_PICTURE = re.compile(
    "^(?:(?![\u274c\u26d4\u2716-\u2718\U0001f6ab\U0001f512\U0001f513])[\U0001f300-\U0001faff\u2600-\u27bf\u2b50\u2b55]"
    "[\ufe0f\u200d]{0,2}){1,4}\\s{0,4}(?=\\S)"
)
_INLINE = frozenset({"Emphasis", "Strong", "Strikethrough", "Link", "Image"})
_PIPED = re.compile(r"^\s{0,3}\|.{1,5000}\|\s*$")
_LISTED = re.compile(r"(?:[-*+]|\d{1,3}[.)]) |\||#{1,6} ")
_MARKED_TITLE = re.compile(r"^#{1,6}[ \t]{0,100}|[ \t]#{1,100}[ \t]{0,100}$")
_DATA = re.compile(r"^`|^(?:GET|POST|PUT|PATCH|DELETE)\b|^/|^\d")
_COLUMN = re.compile(
    r"^(?:method|verb|path|endpoint|route|url|fields?|column|attribute|property|name|type|services?|entit(?:y|ies)|table|event"
    r"|role|id|description|feature|module|component|metric|no\.?|#)$",
    re.IGNORECASE,
)
_WHOLE_BOLD = re.compile(r"^(?:\*\*|__)[^*\n]{1,80}(?:\*\*|__)\s{0,4}:?\s*$")
_DRAWN = frozenset({"", "text", "txt", "ascii", "plaintext", "plain", "table", "markdown", "md"})
_LONGEST_TITLE = 160
_BOLD_LEVEL = 7
_MOST_PADDING = 65_536
"""Cells that short rows of all tables together are given: more would let a small text fill the memory."""


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
        """Return the lines of `text` with their line numbers, as an iterator."""
        if "\n" not in self.text:
            return iter(((self.line, self.text),))
        return enumerate(self.text.split("\n"), self.line)


def read_blocks(text: str) -> list[Block]:
    """Return the blocks of a Markdown document, in order. Any text gives blocks, never an error."""
    text = with_headings(tidy(text))
    return _with_leads(_joined_tables(_Reader(text).blocks()))


class _Reader:
    """Goes through the events of the parser; the places of text in them are bytes of its UTF-8."""

    def __init__(self, text: str, *, depth: int = 0, first: int = 1, inner: bool = False) -> None:
        try:
            self.data = text.encode()
        except UnicodeEncodeError:  # half of a pair of UTF-16
            self.data = text.encode("utf-8", "replace")
            text = self.data.decode()
        self.text = text
        self.ascii = len(self.data) == len(text)
        self.starts = [0, *(m.end() for m in re.finditer(b"\n", self.data))]
        self.depth = depth
        self.first = first
        self.inner = inner
        self.quotes = 0
        self.fresh = False
        self.run: list[int] = []
        self.pieces: list[str] | None = None
        self.fence: str | None = None
        self.rows: list[tuple[int, list[str]]] = []
        self.numbered: list[tuple[bool, int]] = []
        self.padding = _MOST_PADDING
        self.found: list[Block] = []

    def blocks(self) -> list[Block]:
        """Return the blocks of the text."""
        # Imported here: a run without a PRD must not pay for the parser.
        import pyromark

        event: Any  # a name, or a mapping of one name to what belongs to it
        for event, span in pyromark.events_with_range(self.text, options=pyromark.Options.ENABLE_TABLES):
            if type(event) is str:
                continue
            ((sort, value),) = event.items()
            if sort in ("Start", "End"):
                name = value if type(value) is str else next(iter(value))
                if name not in _INLINE:
                    if sort == "Start":
                        self._start(name, value, span)
                    else:
                        self._end(name, value, span)
                    continue
            elif self.pieces is not None:
                self.pieces.append(value)
                continue
            # The text of an item may stand in no paragraph: from the first piece to the last.
            if self.run:
                self.run[1] = span["end"]
            else:
                self.run = [span["start"], span["end"]]
        return self.found

    def _start(self, name: str, value: Any, span: Any) -> None:
        self._flush()
        if name == "List":
            self.numbered.append((value["List"] is not None, len(self.found)))
            self.depth += 1
        elif name == "Item":
            self.fresh = True
        elif name == "BlockQuote":
            self.quotes += 1
        elif name in ("CodeBlock", "HtmlBlock"):
            self.pieces = []
            fenced = value["CodeBlock"] if name == "CodeBlock" else None
            self.fence = fenced["Fenced"] if isinstance(fenced, dict) else None
        elif name == "Table":
            self.rows = []
        elif name in ("TableHead", "TableRow"):
            width = len(self.rows[0][1]) if self.rows else 0
            cells = split_row(self._slice(span["start"], span["end"]), width)
            self.rows.append((self._line(span["start"]), cells))

    def _end(self, name: str, value: Any, span: Any) -> None:
        start, end = span["start"], span["end"]
        if name == "Paragraph":
            self._paragraph(self._raw(start, end), self._line(start))
        elif name == "Heading":
            self._heading(self._raw(start, end), self._line(start), int(value["Heading"][1]))
        elif name == "Table":
            self.found.append(self._table(self.rows, self._line(start)))
        elif name == "CodeBlock":
            self._code("".join(self.pieces or ()), start)
        elif name == "HtmlBlock":
            self._html("".join(self.pieces or ()), self._line(start))
        elif name in ("Item", "BlockQuote"):
            self._flush()
            self.quotes -= name == "BlockQuote"
        elif name == "List":
            self.depth -= 1
            self._one_bold_item()
        self.run = []
        if name in ("CodeBlock", "HtmlBlock"):
            self.pieces = None

    def _flush(self) -> None:
        if self.run:
            start, end = self.run
            start -= self.data[start - 1 : start] == b"\\"
            self.run = []
            self._paragraph(self._raw(start, end), self._line(start))

    def _line(self, place: int) -> int:
        return bisect_right(self.starts, place) + self.first - 1

    def _slice(self, start: int, end: int) -> str:
        return self.text[start:end] if self.ascii else self.data[start:end].decode("utf-8", "replace")

    def _raw(self, start: int, end: int) -> str:
        """Return the text of a block without the indentation and the quote marks of what it stands in."""
        text = self._slice(start, end).strip()
        if "\n" not in text:
            return text
        first, *rest = text.split("\n")
        if self.quotes:
            rest = [line.lstrip(" \t>") for line in rest]
        return "\n".join([first.rstrip(), *(line.strip() for line in rest)])

    def _heading(self, raw: str, line: int, level: int) -> None:
        raw, marked = (_MARKED_TITLE.sub("", raw), True) if raw.startswith("#") else (raw.rpartition("\n")[0], False)
        text = plain(raw).replace("\n", " ")
        if not marked and level == 2 and not _is_underlined(raw, text):
            # A paragraph over a rule of dashes is a heading to Markdown, but not to its author.
            self._paragraph(raw, line)
        else:
            kind: Literal["heading", "paragraph"] = "heading" if len(text) <= _LONGEST_TITLE else "paragraph"
            self.found.append(Block(kind, line, text, raw, level if kind == "heading" else self.depth))

    def _paragraph(self, raw: str, line: int, *, titled: bool = False) -> None:
        item, self.fresh = self.fresh, False
        raw = raw.strip()
        if not raw:
            return
        if not (item or titled) and self.depth == 0 and self._bold_title(raw, line):
            return
        if not item and ("|" in raw or "\t" in raw or "\u2502" in raw) and self._drawn(raw, line):
            return
        if not raw.isascii() and any(_BULLET.match(part) for part in raw.split("\n")):
            parts = [(line + i, part) for i, part in enumerate(raw.split("\n")) if part]
            self.found += [_item(_BULLET.sub("", part), number, 1) for number, part in parts]
        elif item:
            self.found.append(_item(raw, line, self.depth))
        else:
            self.found.append(Block("paragraph", line, plain(raw), raw, self.depth))

    def _bold_title(self, raw: str, line: int) -> bool:
        first, _, rest = raw.partition("\n")
        bold = _BOLD_LINE.match(_PICTURE.sub("", first.strip()))
        if not bold or bold.group(1).rstrip().endswith((".", "!")):
            return False
        self.found.append(Block("heading", line, plain(bold.group(1)), first, _BOLD_LEVEL))
        if rest:
            self._paragraph(rest, line + 1, titled=True)
        return True

    def _drawn(self, raw: str, line: int) -> bool:
        """Read a table that is none to Markdown, with the lines that introduce it."""
        lines = raw.split("\n")
        before = 0
        if "|" in raw and not raw.startswith(("|", "+")):
            before = next((i for i, part in enumerate(lines) if part.startswith("|")), 0)
        cells = text_table("\n".join(lines[before:]))
        if cells is None or len(lines) - before < 2:
            return False
        if before:
            self._paragraph("\n".join(lines[:before]), line)
        self.found.append(self._table_of(cells, line + before))
        return True

    def _table_of(self, rows: Sequence[Cells], line: int, *, headed: bool = False) -> Block:
        """Return a table whose first row is its header, unless it looks like the rows below."""
        placed = [(line + below, cells) for below, cells in rows]
        if not headed and any(_DATA.match(c) for c in placed[0][1]):
            placed.insert(0, (line, []))
        return self._table(placed, line)

    def _table(self, rows: Sequence[tuple[int, list[str]]], line: int) -> Block:
        header, body = (rows[0][1], list(rows[1:])) if rows else ([], [])
        width = len(header)
        # Word processors export tables whose header row is empty, and whose first row is the header.
        if not any(cell.strip() for cell in header):
            header = body.pop(0)[1] if body and _is_header(body[0][1]) else []
        done = []
        for number, cells in body:
            missing = min(max(width - len(cells), 0), self.padding)
            self.padding -= missing
            done.append(Row(number, tuple(map(plain, cells)) + ("",) * missing))
        return Block("table", line, header=tuple(map(plain, header)), rows=tuple(done))

    def _code(self, content: str, start: int) -> None:
        line = self._line(start)
        if self.fence is None:
            self._indented(content, line)
            return
        info = self.fence.strip().lower()
        drawn = text_table(content) if info in _DRAWN and "\t" not in content else None
        if drawn is not None:
            self.found.append(self._table_of(drawn, line + 1))
        else:
            self.found.append(Block("code", line + bool(content), content.rstrip("\n"), content, self.depth, info=info))

    def _indented(self, content: str, line: int) -> None:
        lines = [part for part in content.split("\n") if part.strip()]
        listed = sum(1 for part in lines if _LISTED.match(part))
        if not self.inner and len(lines) >= 2 and listed * 4 >= len(lines) * 3:
            # A list that stands four columns in is meant as a list.
            self.found += _Reader(content, depth=self.depth, first=line, inner=True).blocks()
        else:
            self.found.append(Block("code", line, content.rstrip("\n"), content, self.depth))

    def _html(self, content: str, line: int) -> None:
        table = html_table(content) if "<t" in content.lower() else None
        if table is None:
            self.fresh = False
            raw = content.strip("\n")
            if plain(raw):
                self.found.append(Block("paragraph", line, plain(raw), raw, self.depth))
        else:
            self.found.append(self._table_of(table[1], line, headed=table[0]))

    def _one_bold_item(self) -> None:
        """Take a numbered list of nothing but one bold item as a heading."""
        is_numbered, place = self.numbered.pop()
        if is_numbered and self.depth == 0 and len(self.found) == place + 1:
            block = self.found[place]
            if block.kind == "item" and _WHOLE_BOLD.match(block.raw):
                self.found[place] = Block("heading", block.line, block.text.rstrip(" :"), block.raw, _BOLD_LEVEL)


def _is_underlined(raw: str, text: str) -> bool:
    labelled = raw.startswith(("**", "__")) and not _WHOLE_BOLD.match(raw)
    return "\n" not in raw and len(text) <= 100 and not labelled and not text.endswith((".", ";", ",", "\u3002"))


def _is_header(cells: Sequence[str]) -> bool:
    filled = [c.strip() for c in cells if c.strip()]
    return all(c.startswith("**") for c in filled) or bool(len(filled) > 1 and _COLUMN.match(filled[0]))


def _item(raw: str, line: int, depth: int) -> Block:
    check = _CHECK.match(raw)
    body = raw[check.end() :] if check else raw
    if not body[:1].isascii():
        body = _PICTURE.sub("", body)
    return Block("item", line, plain(body), body, depth, checked=bool(check and check.group(1) != " "))


def _joined_tables(blocks: list[Block]) -> list[Block]:
    """Join the rows of tables that blank lines take apart."""
    if not any(b.kind == "paragraph" and _PIPED.match(b.raw) for b in blocks):
        return blocks
    result: list[Block] = []
    rows: list[Block] = []
    for block in [*blocks, None]:
        if block is not None and block.kind == "paragraph" and "\n" not in block.raw and _PIPED.match(block.raw):
            rows.append(block)
            continue
        if rows:
            result += _row_blocks(rows, result)
            rows = []
        if block is not None:
            result.append(block)
    return result


def _row_blocks(rows: list[Block], before: list[Block]) -> list[Block]:
    above = before[-1] if before and before[-1].kind == "table" else None
    cells = text_table("\n".join([rows[0].raw, *(r.raw for r in rows)]))
    if cells is None:
        return rows
    read = tuple(Row(rows[max(i - 1, 0)].line, tuple(map(plain, texts))) for i, texts in cells if i)
    if above is not None and read and len(above.header or above.rows[0].cells) == len(read[0].cells):
        before[-1] = Block("table", above.line, header=above.header, rows=above.rows + read)
        return []
    if len(read) < 2:
        return rows
    header = () if any(_DATA.match(c) for c in read[0].cells) else read[0].cells
    return [Block("table", rows[0].line, header=header, rows=read[1:] if header else read)]


def _with_leads(blocks: list[Block]) -> list[Block]:
    result: list[Block] = []
    above: dict[int, str] = {}
    for block in blocks:
        kind, level = block.kind, block.level
        if kind == "heading":
            above = {}
        elif kind == "paragraph":
            above = {0: block.text} if level == 0 else {**above, level: block.text}
        else:
            lead = next((above[d] for d in range(level - 1, -1, -1) if d in above), "")
            if kind == "item":
                above = {d: t for d, t in above.items() if d < level} | {level: block.text}
            elif level in above:
                lead = above[level]
            if lead:
                lead = lead.rpartition("\n")[2]
                result.append(
                    Block(
                        kind,
                        block.line,
                        block.text,
                        block.raw,
                        level,
                        block.header,
                        block.rows,
                        block.info,
                        block.checked,
                        lead,
                    )
                )
                continue
        result.append(block)
    return result
