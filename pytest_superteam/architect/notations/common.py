"""What the readers of code share: bodies in brackets, their members with comments, and fields made of them."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from pytest_superteam.architect.facts import EntityFact, FieldFact
from pytest_superteam.architect.model.fields import parse_field
from pytest_superteam.architect.names import pascal, snake

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

__all__ = [
    "Column",
    "Member",
    "balanced",
    "declared",
    "entity",
    "field_of",
    "is_wrapper",
    "line_at",
    "members",
    "unquoted",
]

_PIECE = re.compile(
    r"""("(?:[^"\\\n]|\\.){0,2000}"|'(?:[^'\\\n]|\\.){0,2000}'|`[^`\n]{0,200}`)"""
    r"""|(//[^\n]*|/\*[^*]{0,4000}(?:\*(?!/)[^*]{0,4000}){0,200}\*/|(?<![^\s,;])\#[^\n]*|(?<![-<])--(?![->])[^\n]*)"""
    r"""|([()\[\]{}])|(?<=\w)(<)|(?<![-=])(>)|([,;\n])"""
)
_PAIRS = {")": "(", "]": "[", "}": "{", ">": "<"}
_COMMENT_MARKS = re.compile(r"^(?://+|/\*+|\#+|--+)\s*|\s*\*+/$|\n\s*\*\s?")
_WRAPPER = re.compile(
    r"(?:Requests?|Req|Responses?|Resp|Res|Dto|DTO|Payload|Input|Inputs|Output|Args|Arguments|Params|Parameters|Props"
    r"|Store|Context|Options|Opts|Error|Errors|Exception|Filters?|Query|Mutation|Subscription|Callback|Handlers?|Hook"
    r"|Service|Controller|Repository|Client|Provider|Factory|Manager|Reducer|Middleware|Adapter|UseCase"
    r"|Connection|Edge|PageInfo|Pagination|Credentials|ToClientEvents|ToServerEvents|Base|Mixin|Serializer"
    r"|Schema(?=s?$)"
    r"|Create|Update|Out|In|Read|Patch|Form|FormData|Slice|Reply|Wrapper|Envelope|JwtPayload|Token(?:s|Pair|Data)?)$"
)
_SCHEMA = re.compile(r"(?<=\w)_?(?:[Ss]chema|[Mm]odel|[Ee]ntity|Document)$")
_VERBED = re.compile(r"^(?:Create|Update|Delete|Get|List|Upsert|Paginated|Register|Login|Search)(?=[A-Z])")
_NO_NAMES = frozenset({"Query", "Mutation", "Subscription", "Error", "Response", "Request", "Config", "Props", "State"})
_ID = re.compile(r"^(?:id|_id|uuid|uid|guid)$", re.IGNORECASE)


class Member(NamedTuple):
    """A piece of a body: its first line, its text on one line, and the comment behind it."""

    line: int
    text: str
    comment: str = ""


class Column(NamedTuple):
    """A field as a notation gives it: words of its type, and what else is said."""

    name: str
    kind: str
    rest: str
    line: int
    key: bool = False
    """Whether it is the primary key, or a part of it."""
    optional: bool = False
    unique: bool = False
    target: str | None = None
    """The entity that it refers to, as written."""
    values: tuple[str, ...] = ()
    many: bool = False
    note: str = ""
    """The author's remark."""


def line_at(text: str, position: int, first: int) -> int:
    """Return the line number of `position` in a text that begins at line `first`."""
    return first + text.count("\n", 0, position)


def balanced(text: str, start: int, opening: str) -> int:
    """Return where the bracket that was opened before `start` closes, or the end of the text."""
    depth = 1
    closing = {"(": ")", "[": "]", "{": "}"}[opening]
    for match in _PIECE.finditer(text, start):
        mark = match.group(3)
        if mark == opening:
            depth += 1
        elif mark == closing:
            depth -= 1
            if depth == 0:
                return match.start()
    return len(text)


def members(body: str, line: int, *, by_line: bool = False) -> list[Member]:  # noqa: C901 - a scanner is one loop
    """Return the pieces of a body between commas and semicolons (and line ends), brackets and strings whole."""
    found: list[Member] = []
    depth: list[str] = []
    words: list[str] = []
    begun, number, position = line, line, 0

    def end(comment: str = "") -> None:
        text = " ".join("".join(words).split())
        if text:
            found.append(Member(begun, text, comment))
        words.clear()

    def say(text: str) -> None:
        nonlocal begun
        if text:
            if not words and text.strip():
                begun = number + text[: len(text) - len(text.lstrip())].count("\n")
            if words or text.strip():
                words.append(text)

    for match in _PIECE.finditer(body):
        say(body[position : match.start()])
        position = match.end()
        _, comment, bracket, less, more, mark = match.groups()
        piece = match.group()
        if comment:
            _remark(comment, found, words, number)
            words.append(" " if words else "")
        elif mark and not depth and (by_line or mark != "\n"):
            end()
        elif mark == "\n":
            say(" ")
        else:
            say(piece)
            opened = bracket if bracket in ("(", "[", "{") else less
            closed = bracket if bracket in (")", "]", "}") else more
            if opened:
                depth.append(opened)
            elif closed:
                _close(depth, closed)
        number += piece.count("\n")
    say(body[position:])
    end()
    return _with_remarks(found)


def _close(depth: list[str], mark: str) -> None:
    wanted = _PAIRS[mark]
    if depth and depth[-1] == "<" and wanted != "<":
        depth.pop()
    if depth and depth[-1] == wanted:
        depth.pop()


def _remark(comment: str, found: list[Member], words: list[str], number: int) -> None:
    """Keep a comment for the piece that stands on its line: the one being read, else the last one read."""
    text = " ".join(_COMMENT_MARKS.sub(" ", comment).split())[:500]
    if any(w.strip() for w in words):
        words.append(f"\x00{text.replace(chr(0), ' ')}\x01")
    elif found and text:
        found.append(Member(number, "", text))


def _with_remarks(found: list[Member]) -> list[Member]:
    """Give each comment to the piece before it when that ends on the same line."""
    result: list[Member] = []
    for member in found:
        text, inner = re.subn(r"\x00[^\x01]*\x01", " ", member.text)
        if member.text:
            notes = " ".join(re.findall(r"\x00([^\x01]*)\x01", member.text)) if inner else ""
            clean = " ".join(text.split())
            if clean:
                result.append(Member(member.line, clean, notes))
        elif result and result[-1].line == member.line and not result[-1].comment:
            result[-1] = result[-1]._replace(comment=member.comment)
    return result


def declared(
    text: str, opening: re.Pattern[str], line: int, mark: str = "{"
) -> Iterator[tuple[re.Match[str], int, str]]:
    """Yield each match of `opening`, which ends behind a bracket, with its line and the body in the bracket."""
    position, counted, number = 0, 0, line
    while match := opening.search(text, position):
        end = balanced(text, match.end(), mark)
        number += text.count("\n", counted, match.start(1))
        counted = match.start(1)
        yield match, number, text[match.end() : end]
        position = end + 1


def unquoted(name: str) -> str:
    """Return an identifier without quotes, back-ticks, square brackets and the schema before it."""
    last = re.split(r"\.", name.strip())[-1]
    return last.strip("`\"'[] ")


def is_wrapper(name: str) -> bool:
    """Return whether a type is named like a message, a piece of a program or a view and not like a thing."""
    return name in _NO_NAMES or bool(_WRAPPER.search(name) or _VERBED.match(name))


def field_of(column: Column) -> FieldFact | None:
    """Return the field that a column describes."""
    kind = column.kind
    if column.values:
        kind = "enum(" + ", ".join(column.values) + ")"
    elif column.many:
        kind = "list"
    said = " ; ".join(
        s for s in (column.rest, column.note, f"references {column.target}" if column.target else "") if s
    )
    fact = parse_field(column.name, kind, said, column.line)
    if fact is None:
        return None
    field = replace(fact.field, description=" ".join(column.note.split())[:300])
    if column.optional:
        field = replace(field, required=False)
    if column.unique and field.name != "id":
        field = replace(field, unique=True)
    return replace(fact, field=field)


def entity(
    name: str,
    line: int,
    columns: Iterable[Column],
    *,
    rank: int = 3,
    least: int = 1,
    enums: Mapping[str, tuple[str, ...]] | None = None,
) -> EntityFact | None:
    """Return the entity of these columns, or None when it has fewer than `least` or no usable name.

    A primary key called after its entity (`user_id` of users) is the `id` that every entity has.
    """
    title = pascal(_SCHEMA.sub("", unquoted(name)))
    if not title or len(title) > 60:
        return None
    given = [c._replace(values=enums[c.kind.lower()]) if enums and c.kind.lower() in enums else c for c in columns]
    keys = [c for c in given if c.key]
    found: dict[str, FieldFact] = {}
    for column in given:
        fact = field_of(_keyed(column, title, alone=len(keys) == 1))
        if fact is not None:
            found.setdefault(fact.field.name, fact)
    if len(found) < least:
        return None
    return EntityFact(title, line, tuple(found.values()), rank=rank)


def _keyed(column: Column, title: str, *, alone: bool) -> Column:
    """Return the column as what a primary key is: the id, a unique value, or a reference of one to one."""
    own = snake(column.name) == f"{snake(title)}_id"
    if not column.target and (
        _ID.match(column.name) or own or (column.key and alone and snake(column.name).endswith("_id"))
    ):
        return column._replace(name="id", kind="uuid", rest="", unique=False, optional=False)
    if column.key and alone:
        return column._replace(unique=True)
    return column
