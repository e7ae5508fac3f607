"""Schemas written as JavaScript objects and calls: Mongoose, Sequelize, zod, Drizzle, Convex; and migrations."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from pytest_superteam.architect.names import singular
from pytest_superteam.architect.notations.common import Column, Member, balanced, entity, is_wrapper, line_at, members

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytest_superteam.architect.facts import EntityFact

__all__ = ["is_objects", "read_objects"]

_NAMED = (
    r"(?:(?:export|const|let|var|default|module\.exports\s{0,2}=)[ \t]{1,4}){0,4}([A-Za-z_$][\w$]{0,60})\s{0,4}"
    r"(?::\s{0,2}[\w<>.\[\]]{1,60})?\s{0,4}[=:]\s{0,4}"
)
_MONGOOSE = re.compile(rf"{_NAMED}(?:new\s{{1,4}})?(?:mongoose\.)?Schema\s{{0,4}}(?:<[^<>\n]{{1,80}}>)?\(\s{{0,8}}\{{")
_CALLED = re.compile(
    rf"(?:{_NAMED})?(?:\w{{1,30}}\.)?(?:pgTable|mysqlTable|sqliteTable|define"
    rf"|defineModel)\s{{0,4}}\(\s{{0,8}}[\"'`]([\w-]{{1,60}})[\"'`]\s{{0,4}},\s{{0,8}}\{{"
)
_TABLED = re.compile(rf"{_NAMED}(?:z\.object|defineTable|yup\.object|Joi\.object)\s{{0,4}}\(\s{{0,8}}\{{")
_PLAIN = re.compile(
    r"^[ \t]{0,8}(?:(?:export|const|let|var)[ \t]{1,4}){0,2}([A-Za-z_$][\w$]{0,60})[ \t]{0,4}"
    r"(?:Schema)?[ \t]{0,4}[=:][ \t]{0,4}\{",
    re.MULTILINE,
)
_TYPED_MEMBER = re.compile(r"^\{\s{0,40}\w{1,60}\s{0,4}:\s{0,4}\{\s{0,40}(?:type|required|ref)\s{0,4}:", re.MULTILINE)
_BLUEPRINT = re.compile(r"Schema::create\(\s{0,4}[\"']([\w.]{1,60})[\"']\s{0,4},[^{}]{0,120}\{")
_BLUEPRINT_FIELD = re.compile(r"\$table->(\w{1,40})\(\s{0,4}(?:[\"'](\w{1,60})[\"'])?([^;\n]{0,300})")
_RAILS = re.compile(
    r"^[ \t]{0,8}create_table[ (]{1,2}[:\"'](\w{1,60})[\"']?[^\n]{0,200}\bdo[ \t]{1,4}\|\w{1,4}\|", re.MULTILINE
)
_RAILS_FIELD = re.compile(r"^[ \t]{0,12}\w{1,4}\.(\w{1,30})[ (]{1,2}[:\"'](\w{1,60})[\"']?([^\n]{0,300})")
_ECTO = re.compile(r"^[ \t]{0,8}schema[ (]{1,2}\"(\w{1,60})\"\)?[ \t]{1,4}do\b", re.MULTILINE)
_ECTO_FIELD = re.compile(r"^[ \t]{0,12}(field|belongs_to)[ (]{1,2}:(\w{1,60}),?\s{0,4}:?([\w.]{1,60})?")
_END = re.compile(r"^[ \t]{0,8}end\b", re.MULTILINE)
_KEY = re.compile(r"^[\"'`]?([A-Za-z_$][\w$-]{0,60})[\"'`]?\s*(\?)?\s*:\s*(.*)$")
_REF = re.compile(
    r"\bref\s*:\s*[\"'`]?([A-Za-z]\w{0,60})|\breferences\(\s*\(\)\s*=>\s*(\w{1,60})\.|\bv\.id\(\s*[\"'](\w{1,60})"
)
_TYPED = re.compile(r"\btype\s*:\s*(\[?)\s*(?:\w{1,20}\.){0,3}([A-Za-z]\w{0,40})")
_ENUM = re.compile(
    r"\b(?:enum|oneOf|valid|values|literal)\w{0,12}\s*[:(]\s*"
    r"(?:Object\.values\()?\[?((?:\s*[\"'][^\"'\n]{1,60}[\"']\s*,?){1,60})"
)
_LITERALS = re.compile(r"literal\(\s*[\"']([^\"'\n]{1,60})[\"']\s*\)")
_STRINGS = re.compile(r"[\"'`]([^\"'`\n]{1,60})[\"'`]")
_DEFAULT = re.compile(r"\bdefault(?:Value|To)?\s*[:(]\s*(\"[^\"\n]{0,60}\"|'[^'\n]{0,60}'|-?[\w.]{1,40})(?!\s*[(.])")
_LIMIT = re.compile(
    r"\b(min|max|minlength|maxlength|gte|lte|length)\s*[:(]\s*\[?\s*(-?\d{1,9}(?:\.\d{1,4})?)", re.IGNORECASE
)
_CALL = re.compile(r"^(?:\w{1,20}\.)?([A-Za-z]\w{0,30})\(")
_TYPES = {
    "objectid": "uuid",
    "string": "string",
    "varchar": "string",
    "char": "string",
    "text": "text",
    "number": "number",
    "int": "integer",
    "integer": "integer",
    "bigint": "integer",
    "int64": "integer",
    "serial": "integer",
    "bigserial": "integer",
    "smallint": "integer",
    "real": "number",
    "float": "number",
    "float64": "number",
    "double": "number",
    "doubleprecision": "number",
    "decimal": "decimal",
    "decimal128": "decimal",
    "numeric": "decimal",
    "boolean": "boolean",
    "date": "date",
    "datetime": "timestamp",
    "datetimetz": "timestamp",
    "timestamp": "timestamp",
    "timestamptz": "timestamp",
    "timestamps": "timestamp",
    "utc_datetime": "timestamp",
    "naive_datetime": "timestamp",
    "uuid": "uuid",
    "id": "uuid",
    "foreignid": "uuid",
    "foreignuuid": "uuid",
    "references": "uuid",
    "belongs_to": "uuid",
    "json": "json",
    "jsonb": "json",
    "mixed": "json",
    "object": "json",
    "map": "json",
    "record": "json",
    "any": "json",
    "buffer": "text",
    "array": "list",
    "email": "email",
    "url": "url",
    "enum": "string",
    "longtext": "text",
    "mediumtext": "text",
    "unsignedbiginteger": "integer",
    "biginteger": "integer",
    "tinyinteger": "integer",
    "unsignedinteger": "integer",
}
_SKIPPED_CALLS = frozenset(
    {"timestamps", "softdeletes", "remembertoken", "primary", "index", "unique", "foreign", "dropcolumn"}
)


def is_objects(text: str) -> bool:
    """Return whether a text calls one of the functions that define a schema."""
    return any(
        word in text
        for word in (
            "Schema(",
            "Schema<",
            "Table(",
            "z.object",
            ".define(",
            "Schema::create",
            "create_table",
            'schema "',
            "Joi.object",
            "yup.object",
        )
    )


def read_objects(text: str, line: int, *, in_data: bool) -> Iterator[EntityFact]:
    """Yield an entity for each schema; those for checking input (zod, Joi) count only with `in_data`."""
    patterns = [_MONGOOSE, _CALLED]
    if in_data or "defineTable" in text:
        patterns.append(_TABLED)
    for pattern in patterns:
        position = 0
        while match := pattern.search(text, position):
            position = balanced(text, match.end(), "{")
            name = match.group(2) if pattern is _CALLED else match.group(1)
            if is_wrapper(re.sub(r"Schema$", "", name)):
                continue
            body = text[match.end() : position]
            yield from _entity(name, body, line_at(text, match.end(), line), line_at(text, match.start(), line))
    yield from _migrations(text, line)


def is_typed_object(text: str) -> bool:
    """Return whether a text is one object without a name whose members say their types."""
    return bool(_TYPED_MEMBER.match(text.lstrip()))


def read_plain_objects(text: str, line: int, title: str = "") -> Iterator[EntityFact]:
    """Yield an entity for each `User = { name: String }` or `users: { name: string }` that stands at the left edge.

    An object without a name whose members are `name: { type: String }` has the fields of what its title names.
    """
    start = len(text) - len(text.lstrip())
    if is_typed_object(text):
        name = re.sub(r"\s*(?:Schema|Model|Table)$", "", title.strip(" :*`"), flags=re.IGNORECASE)
        if name and len(name) < 60 and not is_wrapper(name):
            body = text[start + 1 : balanced(text, start + 1, "{")]
            yield from _entity(name, body, line_at(text, start + 1, line), line_at(text, start, line))
        return
    position = 0
    while match := _PLAIN.search(text, position):
        position = balanced(text, match.end(), "{")
        name = match.group(1)
        if not is_wrapper(re.sub(r"Schema$", "", name)):
            body = text[match.end() : position]
            yield from _entity(name, body, line_at(text, match.end(), line), line_at(text, match.start(1), line))


def _entity(name: str, body: str, first: int, line: int) -> Iterator[EntityFact]:
    columns = [c for m in members(body, first, by_line=True) if (c := _column(m)) is not None]
    fact = entity(name, line, columns, least=2)
    if fact is not None:
        yield fact


def _column(member: Member) -> Column | None:
    match = _KEY.match(member.text)
    if match is None:
        bare = re.fullmatch(r"[a-z_]\w{1,60}", member.text)
        return Column(member.text, "", "", member.line) if bare else None
    name, mark, value = match.groups()
    if name in {"timestamps", "_id"} or value.startswith(("(", "function", "async")):
        return None
    ref = _REF.search(value)
    typed, called = _TYPED.search(value), _CALL.match(value)
    many = value.startswith(("[", "z.array", "v.array")) or bool(typed and typed.group(1)) or ".array(" in value
    kind = _kind(value, typed, called)
    values = _LITERALS.findall(value)
    found = _ENUM.search(value)
    if not values and found:
        values = _STRINGS.findall(found.group(1))
    filled = (
        "required: false" not in value
        and "optional(" not in value
        and "nullable" not in value
        and "nullish" not in value
    )
    return Column(
        name,
        kind,
        _bounds(value, kind),
        member.line,
        key=bool(re.search(r"primaryKey", value)),
        optional=bool(mark)
        or not filled
        or (not many and "required" not in value and bool(typed) and "default" not in value and "'" not in value[:1]),
        unique=bool(re.search(r"unique\s*:\s*true|\.unique\(", value)),
        target=next((g for g in ref.groups() if g), None) if ref and not many else None,
        values=tuple(values) if len(values) >= 2 and not many else (),
        many=many,
        note=member.comment,
    )


def _kind(value: str, typed: re.Match[str] | None, called: re.Match[str] | None) -> str:
    """Return the type in the words that fields are read in."""
    refined = next((k for k in ("email", "url", "uuid", "int") if f".{k}(" in value), None)
    if refined:
        return "integer" if refined == "int" else refined
    if value.startswith("{") and not typed:
        return "json"
    if typed or called:
        word = typed.group(2) if typed else called.group(1) if called else ""
        return _TYPES.get(word.lower(), "string")
    word = re.sub(r"^\[?\s*(?:\w{1,20}\.){0,3}", "", value.strip("{} "))
    return _TYPES.get(word.rstrip("],;?").lower(), word)


def _bounds(value: str, kind: str) -> str:
    said = []
    for word, number in _LIMIT.findall(value):
        text = " characters" if kind in {"string", "text", "email", "url"} else ""
        said.append(f"{'min' if word.lower() in ('min', 'minlength', 'gte') else 'max'} {number}{text}")
    default = _DEFAULT.search(value)
    if default and default.group(1) not in {"Date", "null", "uuidv4", "uuid", "sql"}:
        said.append(f"default {default.group(1)}")
    return " ; ".join(said)


def _migrations(text: str, line: int) -> Iterator[EntityFact]:
    """Read tables of Laravel, Rails and Ecto."""
    for opening, field, closed in (
        (_BLUEPRINT, _BLUEPRINT_FIELD, None),
        (_RAILS, _RAILS_FIELD, _END),
        (_ECTO, _ECTO_FIELD, _END),
    ):
        position = 0
        while match := opening.search(text, position):
            end = closed.search(text, match.end()) if closed else None
            position = end.start() if end else balanced(text, match.end(), "{") if not closed else len(text)
            columns = []
            first = line_at(text, match.end(), line)
            for number, row in enumerate(text[match.end() : position].split("\n"), first):
                found = field.search(row[:500]) if field is _BLUEPRINT_FIELD else field.match(row[:500])
                if found and found.group(1).lower() not in _SKIPPED_CALLS:
                    method, name, rest = found.groups()
                    columns.append(_called(method, name, rest, number))
            fact = entity(match.group(1), line_at(text, match.start(), line), columns)
            if fact is not None:
                yield fact


def _called(method: str, name: str | None, rest: str | None, line: int) -> Column:
    rest = rest or ""
    word = rest if method == "field" else method
    kind = _TYPES.get(word.lower().rstrip("("), "string")
    tie = method in {"references", "belongs_to"} or method.lower() in {"foreignid", "foreignuuid"}
    name = name or "id"
    if method in {"references", "belongs_to"}:
        name += "_id"
    values = tuple(_STRINGS.findall(rest)) if method.lower() == "enum" else ()
    return Column(
        name,
        kind,
        "",
        line,
        key=method == "id",
        optional="nullable()" in rest,
        unique="unique()" in rest or "unique: true" in rest,
        target=singular(re.sub(r"_id$", "", name)) if tie else None,
        values=values,
    )
