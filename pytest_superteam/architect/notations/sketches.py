# ruff: noqa: RUF001 - dashes of other scripts are what authors write
"""Data models as people sketch them: `users(id, email)`, a name above its fields, boxes of lines, document trees.

None of these has a keyword, so each needs evidence that its words are fields: an id, a foreign key, a type.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from pytest_superteam.architect.model.fields import split_outside
from pytest_superteam.architect.names import vocabulary, words
from pytest_superteam.architect.notations.common import Column, balanced, entity, is_wrapper, line_at, members

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from pytest_superteam.architect.facts import EntityFact

__all__ = ["columns_of_list", "read_sketches"]

_TYPE_WORDS = (
    r"(?:u?int(?:eger)?\d{0,2}|bigint|smallint|serial|long|float|double|decimal|numeric|number|money|string|str"
    r"|(?:n?var)?char|text"
    r"|bool(?:ean)?|date|date-?time|timestamp(?:tz)?|time|uuid|guid|ulid|objectid|jsonb?|json|enum|array|list"
    r"|map|object|email|url"
    r"|pk|fk|blob|bytea|vector|reference|auto)"
)
_TYPED = re.compile(rf"(?:^|[\s:(|,<\[]){_TYPE_WORDS}(?:$|[\s:(\[<|),;?!*])", re.IGNORECASE)
_SURE_NAME = re.compile(r"^(?:id|_id|uuid|\w{1,50}(?:_id|_at|Id|At|_uuid))\??$")
_CALL = re.compile(
    r"^[ \t]{0,12}(?:[-*•]\s{1,4}|\d{1,3}[.)]\s{1,4})?(?:table\s{1,4}|entity\s{1,4})?[`*\"\[]{0,3}"
    r"((?:[A-Za-z]\w{0,40}\.)?[A-Za-z]\w{1,60})[`*\"\]]{0,3}\s{0,8}([({])",
    re.MULTILINE | re.IGNORECASE,
)
_LISTED = re.compile(
    r"^[ \t]{0,12}(?:[-*•]\s{1,4}|\d{1,3}[.)]\s{1,4})?[`*]{0,3}([A-Za-z]\w{1,60})[`*]{0,3}[ \t]{0,4}(?::|=|->|→"
    r"|–|—)[ \t]{0,4}\[?([a-z_]\w{0,60}\??(?:[^\n,]{0,120}),[^\n]{1,2000})$",
    re.MULTILINE,
)
_FIELD = re.compile(
    r"^[`\"*]{0,3}([A-Za-z_][\w-]{0,60})[`\"*]{0,3}\s{0,4}(\?)?\s{0,40}(?:\[([^\[\]]{1,300})\]|[:=|–—-]\s{1,8}|:"
    r"|\s|$|(?=\())(.*)$"
)
_DRAWN = re.compile(r"^[\s│|├└─┬┌╰╭`+•*>·-]{0,40}(?<![\w])")
_HEAD = re.compile(
    r"^(?:\d{1,3}[.)]\s{1,4}|\#{1,6}\s{1,4}|[-*•]\s{1,4})?(?:(?:table|entity|model|collection|tabla|tabela"
    r"|tabelle)\s{0,2}:?\s{1,4})?[`*\"\[]{0,3}"
    r"/?([A-Za-z][\w ]{1,50}?)[`*\"\]]{0,3}\s{0,4}(?:/\s{0,2}\{[\w.-]{1,40}\}/?)?\s{0,4}(?:\([^()\n]{0,120}\)"
    r"|\[[^\[\]\n]{0,60}\]|(?:table|collection|entity|model))?\s{0,4}[:{]?\s{0,4}(?:(?:--|//|\#|←|<-)[^\n]{0,200})?$",
    re.IGNORECASE,
)
_TREE_HEAD = re.compile(r"^/?([A-Za-z]\w{1,50})/\{\w{1,40}\}/?:?\s{0,4}(?:(?:--|//|\#|←)[^\n]{0,200})?$")
_NESTED_HEAD = re.compile(
    r"^/?(?:[A-Za-z]\w{1,50}/\{\w{1,40}\}/){0,4}([A-Za-z]\w{1,50})/\{\w{1,40}\}/?\s{0,4}[:=-]{0,2}>?\s{0,4}\{?"
)
_TAIL = re.compile(r"(?:^|\s)(?:--|//|\#)\s?(.{1,300})$")
_TOP = re.compile(r"[┌╔╭+][─═━-]{3,300}(?:[┬╦+][─═━-]{3,300}){0,4}[┐╗╮+]")
_EDGES = "│|║┃├╠┠┣+"
_FILES = re.compile(
    r"\.(?:py|tsx?|jsx?|mjs|json|md|sql|ya?ml|html?|css|go|rs|java|kt|php|rb|env|toml|txt|png|svg|prisma|vue"
    r"|dart|cs|sh|lock)\b"
    r"|/$|^\."
)
_MOST = 400
_KEY = re.compile(r"\bPK\b|\bprimary key\b", re.IGNORECASE)
_UNIQUE = re.compile(r"\bunique\b|\bUK\b|\bUQ\b", re.IGNORECASE)
_NO_HEADS = vocabulary(
    "fields columns indexes index relationships relations constraints notes note example schema database tables"
)


class _Line(NamedTuple):
    number: int
    indent: int
    text: str
    note: str


def read_sketches(text: str, line: int, *, sure: bool) -> Iterator[EntityFact]:
    """Yield the entities of a sketch.

    Args:
        text: the block.
        line: the line number of its first line.
        sure: whether it stands in code; in running text one line must be all of an entity.
    """
    yield from _calls(text, line)
    yield from _lists(text, line)
    if sure:
        yield from _boxes(text, line)
        yield from _stacks(text, line)


def columns_of_list(text: str, line: int) -> list[Column]:
    """Return the columns of `id, role[a|b], x_id?, total decimal`, or none when these are no fields."""
    columns = []
    for member in members(text, line):
        column = _column(member.text, member.comment, member.line)
        if column is None:
            return []
        columns.append(column)
    evidence = [c for c in columns if _SURE_NAME.match(c.name) or _TYPED.search(f" {c.kind} ") or c.values]
    return columns if len(columns) >= 2 and evidence else []


def _column(text: str, note: str, line: int) -> Column | None:
    match = _FIELD.match(text.strip()[:600])
    if match is None:
        return None
    name, mark, inside, rest = match.groups()
    rest = f"{inside or ''} {rest}".strip()
    if "-" in name or len(name) > 50 or (rest and not _speaks_of_type(rest) and len(rest.split()) > 8):
        return None
    values = (
        tuple(v.strip(" '\"") for v in re.split(r"[|,/]", inside)) if inside and re.search(r"[|,/]", inside) else ()
    )
    array = rest.startswith("[]") or "[]" in rest.split("(")[0]
    return Column(
        name,
        ""
        if values
        else rest.replace("[]", " ").strip(" ()")
        if rest.startswith("(")
        else rest.replace("[]", " ").strip(),
        "",
        line,
        key=bool(_KEY.search(rest)),
        optional=bool(mark),
        unique=bool(_UNIQUE.search(rest)),
        values=values,
        many=array,
        note=note,
    )


def _speaks_of_type(text: str) -> bool:
    return bool(_TYPED.search(f" {text[:200]} "))


def _calls(text: str, line: int) -> Iterator[EntityFact]:
    position = 0
    for _ in range(_MOST):
        match = _CALL.search(text, position)
        if match is None:
            return
        end = balanced(text, match.end(), match.group(2))
        body = text[match.end() : end]
        name = match.group(1)
        columns = []
        if not is_wrapper(name) and len(body) < 20_000:
            first = line_at(text, match.end(), line)
            columns = columns_of_list(
                body if "," in body or "\n" not in body.strip() else body.strip().replace("\n", ",\n"), first
            )
        fact = entity(name, line_at(text, match.start(1), line), columns, least=2) if columns else None
        if fact is not None:
            yield fact
        position = end + 1 if fact is not None else match.end()


def _lists(text: str, line: int) -> Iterator[EntityFact]:
    for match in _LISTED.finditer(text):
        body = _TAIL.sub("", match.group(2).rstrip("] ."))
        parts = split_outside(body)
        if is_wrapper(match.group(1)) or any(len(p.split()) > 5 for p in parts):
            continue
        columns = columns_of_list(body, line_at(text, match.start(), line))
        sure = [c for c in columns if _SURE_NAME.match(c.name)]
        if len(columns) >= 3 or sure:
            fact = entity(match.group(1), line_at(text, match.start(1), line), columns, least=2)
            if fact is not None:
                yield fact


# ---------------------------------------------------------------- a name above its fields


def _stacks(text: str, line: int) -> Iterator[EntityFact]:
    head: _Line | None = None
    below: list[_Line] = []
    for item in _lines(text, line):
        if head is not None and item.indent > head.indent:
            # A collection may lie below a document of another.
            if "{" in item.text and _NESTED_HEAD.match(item.text):
                yield from _stack(head, below)
                head, below = item, []
            else:
                below.append(item)
            continue
        if head is not None:
            yield from _stack(head, below)
        head, below = None, []
        nested = _NESTED_HEAD.match(item.text)
        if nested and nested.group().endswith("{") and item.text.endswith("}"):
            columns = columns_of_list(item.text[nested.end() : -1], item.number)
            yield from _some(entity(nested.group(1), item.number, columns, least=2))
        elif nested or _HEAD.match(item.text):
            head = item
    if head is not None:
        yield from _stack(head, below)


def _some(fact: EntityFact | None) -> Iterator[EntityFact]:
    if fact is not None:
        yield fact


def _lines(text: str, line: int) -> Iterator[_Line]:
    """Yield the lines with how far their words are indented; bullets and branches of a tree count as white space."""
    for number, raw in enumerate(text.split("\n"), line):
        clean = raw[:1000].expandtabs(2).rstrip()
        if not clean.strip(" │|-=─+"):
            continue
        drawn = _DRAWN.match(clean)
        indent = drawn.end() if drawn else 0
        body = clean[indent:]
        tail = _TAIL.search(body)
        note = tail.group(1).strip() if tail else ""
        body = body[: tail.start()].rstrip() if tail else body
        if body:
            yield _Line(number, indent, body.rstrip(",;"), note)


def _stack(head: _Line, below: Sequence[_Line]) -> Iterator[EntityFact]:
    if not below or len(below) > 200:
        return
    inner = min(b.indent for b in below)
    own = [b for b in below if b.indent == inner and b.text not in "{}[]()"]
    match = _NESTED_HEAD.match(head.text) if "/{" in head.text else _HEAD.match(head.text)
    if match is None or len(own) < 2 or match.group(1).lower() in _NO_HEADS or len(words(match.group(1))) > 4:
        return
    columns = [None if _FILES.search(b.text) else _column(b.text, b.note, b.number) for b in own]
    given = [c for c in columns if c is not None]
    typed = [c for c in given if _speaks_of_type(c.kind) or c.values]
    sure = [c for c in given if _SURE_NAME.match(c.name)]
    if len(given) * 5 < len(own) * 4 or not ((sure and len(sure) + len(typed) >= 2) or len(typed) * 2 >= len(own)):
        return
    if is_wrapper(match.group(1)):
        return
    fact = entity(match.group(1), head.number, given, least=2)
    if fact is not None:
        yield fact


# ---------------------------------------------------------------- boxes of lines


class _Box:
    """A box while its lines are read: where it stands, its title, its fields."""

    def __init__(self, start: int, end: int) -> None:
        self.start, self.end = start, end
        self.title, self.line, self.parted = "", 0, False
        self.columns: list[Column] = []
        self.strange = 0


def _boxes(text: str, line: int) -> Iterator[EntityFact]:
    if not _TOP.search(text):
        return
    drawn: list[_Box] = []
    for number, raw in enumerate(text.split("\n"), line):
        row = raw[:2000].expandtabs(4)
        closed = [*_edges(row, drawn)] if any(c in row for c in "─═━-") else []
        for box in drawn:
            mark = row[box.start : box.start + 1] or " "
            if mark in "└╚╰":
                closed.append(box)
            elif mark in "├╠┠┣":
                box.parted = True
            elif mark in "│|║┃":
                _inside(box, row[box.start + 1 : box.end - 1].strip(" │|║┃"), number)
        for box in closed:
            drawn.remove(box)
            yield from _boxed(box)


def _edges(row: str, drawn: list[_Box]) -> Iterator[_Box]:
    """Open the boxes whose upper edge is in a row, part those that have a title, and yield those that end."""
    for match in _TOP.finditer(row):
        known = next((b for b in drawn[-50:] if b.start == match.start()), None)
        if known is None:
            drawn.append(_Box(match.start(), match.end()))
        elif known.title and not known.parted:
            known.parted = True
        else:
            yield known


def _inside(box: _Box, text: str, number: int) -> None:
    if not text:
        return
    if not box.title:
        box.title, box.line = text, number
    elif box.parted:
        column = _column(re.sub(r"^[-+*•#]\s{0,4}|^(?:PK|FK)[\s,:|│]{1,8}", "", text), "", number)
        if column is None:
            box.strange += 1
        else:
            box.columns.append(column)


def _boxed(box: _Box) -> Iterator[EntityFact]:
    sure = [c for c in box.columns if _SURE_NAME.match(c.name) or _speaks_of_type(c.kind)]
    if (
        re.fullmatch(r"[A-Za-z][\w ]{1,50}", box.title)
        and sure
        and len(box.columns) > box.strange
        and len(box.columns) >= 2
    ):
        fact = entity(box.title, box.line, box.columns, least=2)
        if fact is not None:
            yield fact
