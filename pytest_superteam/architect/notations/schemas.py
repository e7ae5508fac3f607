"""Schema languages: Prisma, DBML, GraphQL SDL and protobuf."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from pytest_superteam.architect.notations.common import Column, Member, declared, entity, is_wrapper, members, unquoted

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytest_superteam.architect.facts import EntityFact

__all__ = [
    "is_dbml",
    "is_graphql",
    "is_prisma",
    "is_protobuf",
    "read_dbml",
    "read_graphql",
    "read_prisma",
    "read_protobuf",
]

Enums = dict[str, tuple[str, ...]]

_MODEL = re.compile(r"^[ \t]{0,12}model[ \t]{1,4}([A-Za-z]\w{0,60})[ \t]{0,8}\{", re.MULTILINE)
_ENUM = re.compile(r"^[ \t]{0,12}enum[ \t]{1,4}\"?([A-Za-z]\w{0,60})\"?[ \t]{0,8}\{", re.MULTILINE | re.IGNORECASE)
_PRISMA_FIELD = re.compile(r"^([A-Za-z_]\w{0,60})\s+([A-Za-z]\w{0,60}(?:\(\"[^\"\n]{0,80}\"\))?)(\[\])?(\?)?\s*(.*)$")
_PRISMA_DEFAULT = re.compile(r"@default\(\s*(\"[^\"\n]{0,100}\"|[\w.+-]{1,60})\s*\)")
_PRISMA_KEYS = re.compile(r"@relation\([^()\n]{0,200}?fields:\s{0,4}\[([^\[\]\n]{1,200})\]")
_TABLE = re.compile(
    r"^[ \t]{0,12}Table[ \t]{1,4}((?:\"?\w{1,60}\"?\.)?\"?[A-Za-z]\w{0,60}\"?)(?:[ \t]{1,4}as[ \t]{1,4}\w{1,60})?"
    r"[ \t]{0,8}(?:\[[^\[\]\n]{0,200}\])?[ \t]{0,8}\{",
    re.MULTILINE | re.IGNORECASE,
)
_DBML_FIELD = re.compile(
    r"^\"?([A-Za-z_]\w{0,60})\"?\s+(\"?[A-Za-z][\w.]{0,60}\"?(?:\([^()\n]{0,100}\))?(?:\[\])?)\s*(?:\[(.{0,500})\])?$"
)
_DBML_TIE = re.compile(r"^ref\s*:\s*[<>-]{1,2}\s*([\w.\"]{1,120})", re.IGNORECASE)
_DBML_REF = re.compile(
    r"^[ \t]{0,12}Ref(?:[ \t]{1,4}\w{1,60})?[ \t]{0,4}[:{]\s{0,8}([\w.\"]{1,120})\s{0,4}([<>-])\s{0,4}([\w.\"]{1,120})",
    re.MULTILINE | re.IGNORECASE,
)
_SDL = re.compile(
    r"^[ \t]{0,12}(?:extend[ \t]{1,4})?(type|interface)[ \t]{1,4}([A-Za-z]\w{0,60})"
    r"(?:[ \t]{1,4}implements[ \t]{1,4}[\w& \t,]{1,120})?"
    r"(?:[ \t]{1,4}@[^{\n]{1,200})?[ \t]{0,8}\{",
    re.MULTILINE,
)
_SDL_FIELD = re.compile(
    r"^([A-Za-z_]\w{0,60})\s*(\([^()]{0,1000}\))?\s*:\s*(\[?)\s*([A-Za-z_]\w{0,60})\s*(!?)\s*(\]?)\s*(!?)\s*(.*)$"
)
_SDL_SCALARS = {
    "id": "uuid",
    "int": "integer",
    "float": "number",
    "string": "string",
    "boolean": "boolean",
    "datetime": "timestamp",
    "date": "date",
    "json": "json",
    "bigint": "integer",
    "decimal": "decimal",
}
_MESSAGE = re.compile(r"^[ \t]{0,12}message[ \t]{1,4}([A-Za-z]\w{0,60})[ \t]{0,8}\{", re.MULTILINE)
_PROTO_FIELD = re.compile(
    r"^(optional\s+|required\s+|repeated\s+)?(map\s*<[^<>\n]{1,80}>|[A-Za-z][\w.]{0,100})\s+"
    r"([A-Za-z_]\w{0,60})\s*=\s*\d{1,9}\b"
)
_PROTO_TYPES = {"google.protobuf.Timestamp": "timestamp", "bytes": "text", "double": "number"}


def _enums(text: str, line: int) -> Enums:
    """Return the values of each enum, by its name in lower case."""
    if "enum" not in text.lower():
        return {}
    found: Enums = {}
    for match, number, body in declared(text, _ENUM, line):
        values = []
        for member in members(body, number, by_line=True):
            for word in [member.text] if re.search(r"[=@(\[]", member.text) else member.text.split():
                value = re.match(r"\"?([A-Za-z][\w-]{0,60})\"?", word)
                if value and value.group(1).lower() not in {"option", "reserved"}:
                    values.append(value.group(1))
        found[match.group(1).lower()] = tuple(values)
    return found


def is_prisma(text: str) -> bool:
    """Return whether a text defines Prisma models."""
    return "model" in text and bool(_MODEL.search(text))


def read_prisma(text: str, line: int) -> Iterator[EntityFact]:
    """Yield an entity for each model; the list side of a relation is no field."""
    enums = _enums(text, line)
    bodies = list(declared(text, _MODEL, line))
    models = {match.group(1) for match, _, _ in bodies}
    for match, number, body in bodies:
        ties: dict[str, str] = {}
        columns: list[Column] = []
        for member in members(body, number, by_line=True):
            found = _PRISMA_FIELD.match(member.text)
            if found is None:
                continue
            name, kind, many, optional, rest = found.groups()
            keys = _PRISMA_KEYS.search(rest)
            if keys:
                ties |= {k.strip(): kind for k in keys.group(1).split(",")}
            if kind in models or keys or "@relation" in rest:
                continue
            columns.append(
                _prisma_column(name, kind, rest, member.line, member.comment, many=bool(many), optional=bool(optional))
            )
        # Shared by notations that are not Prisma: `model User { id: uuid }` has fields of another form.
        fact = entity(match.group(1), number, [c._replace(target=ties.get(c.name)) for c in columns], enums=enums)
        if fact is not None:
            yield fact


def _prisma_column(name: str, kind: str, rest: str, line: int, note: str, *, many: bool, optional: bool) -> Column:
    default = _PRISMA_DEFAULT.search(rest)
    words = {"String": "string", "DateTime": "timestamp", "Float": "number", "Decimal": "decimal", "BigInt": "integer"}
    if "@db.Text" in rest:
        words["String"] = "text"
    sized = re.search(r"@db\.(?:VarChar|Char)\((\d{1,6})\)", rest)
    precise = re.search(r"@db\.Decimal\((\d{1,3}, ?\d{1,2})\)", rest)
    said = (
        f"decimal({precise.group(1)})" if precise else f"varchar({sized.group(1)})" if sized else words.get(kind, kind)
    )
    if "uuid(" in rest or "@db.Uuid" in rest:
        said = "uuid"
    return Column(
        name,
        said,
        f"default {default.group(1)}" if default else "",
        line,
        key=bool(re.search(r"@id\b", rest)),
        optional=optional,
        unique=bool(re.search(r"@unique\b", rest)),
        many=many,
        note=note.strip("/ "),
    )


def is_dbml(text: str) -> bool:
    """Return whether a text defines DBML tables."""
    return "able" in text and bool(_TABLE.search(text))


def read_dbml(text: str, line: int) -> Iterator[EntityFact]:
    """Yield an entity for each DBML table, with the references that stand outside of it."""
    enums = _enums(text, line)
    ties: dict[tuple[str, str], str] = {}
    for match in _DBML_REF.finditer(text):
        one, sign, other = match.groups()
        child, parent = (other, one) if sign == "<" else (one, other)
        parts = child.replace('"', "").split(".")
        if len(parts) >= 2:
            ties[parts[-2].lower(), parts[-1].lower()] = _table_of(parent)
    for match, number, body in declared(text, _TABLE, line):
        table = unquoted(match.group(1))
        columns = []
        for member in members(re.sub(r"(?i)\b(?:indexes|note)\s*\{[^{}]{0,2000}\}", "", body), number, by_line=True):
            found = _DBML_FIELD.match(member.text)
            if found and found.group(1).lower() not in ("note", "indexes"):
                name, kind, settings = found.groups()
                tie = ties.get((table.lower(), name.lower()))
                columns.append(_dbml_column(name, kind, settings, member, tie))
        fact = entity(table, number, columns, enums=enums)
        if fact is not None:
            yield fact


def _table_of(text: str) -> str:
    parts = text.replace('"', "").split(".")
    return parts[-2] if len(parts) >= 2 else parts[-1]


def _dbml_column(name: str, kind: str, settings: str | None, member: Member, target: str | None) -> Column:
    options = [o.strip() for o in re.findall(r"(?:'[^']{0,300}'|[^,'])+", settings or "")]
    low = [o.lower() for o in options]
    tie = next((m for o in options if (m := _DBML_TIE.match(o))), None)
    default = next((o.split(":", 1)[1].strip(" `") for o in options if o.lower().startswith("default:")), "")
    remark = next((o.split(":", 1)[1].strip(" '\"") for o in options if o.lower().startswith("note:")), "")
    return Column(
        name,
        kind.strip('"'),
        f"default {default}" if default and "(" not in default else "",
        member.line,
        key="pk" in low or "primary key" in low,
        optional="null" in low,
        unique="unique" in low,
        target=_table_of(tie.group(1)) if tie else target,
        many=kind.endswith("[]"),
        note=remark or member.comment,
    )


def is_graphql(text: str) -> bool:
    """Return whether a text defines GraphQL object types."""
    if "type" not in text and "interface" not in text:
        return False
    match = _SDL.search(text)
    return bool(
        match and re.search(r":\s{0,4}\[?(?:ID|String|Int|Float|Boolean)\b|:\s{0,4}\[?[A-Z]\w{0,60}!?\]?!", text)
    )


def read_graphql(text: str, line: int) -> Iterator[EntityFact]:
    """Yield an entity for each object type that is no query, payload or connection; inputs are no entities."""
    enums = _enums(text, line)
    bodies = [(m.group(2), n, b) for m, n, b in declared(text, _SDL, line)]
    types = {name for name, _, _ in bodies}
    for name, number, body in bodies:
        if is_wrapper(name):
            continue
        columns = []
        for member in members(body, number, by_line=True):
            found = _SDL_FIELD.match(member.text)
            if found is None or (found.group(2) and found.group(4) in types):
                continue
            many, kind, filled = bool(found.group(3)), found.group(4), bool(found.group(5 if not found.group(3) else 7))
            if kind in types and many:
                continue
            columns.append(
                Column(
                    found.group(1) + ("_id" if kind in types else ""),
                    _SDL_SCALARS.get(kind.lower(), kind),
                    "unique" if "@unique" in found.group(8) else "",
                    member.line,
                    optional=not filled and kind.lower() not in enums,
                    target=kind if kind in types else None,
                    many=many,
                    note=member.comment,
                )
            )
        fact = entity(name, number, columns, enums=enums)
        if fact is not None:
            yield fact


def is_protobuf(text: str) -> bool:
    """Return whether a text defines protobuf messages."""
    return "message" in text and bool(_MESSAGE.search(text)) and bool(re.search(r"=\s{0,4}\d{1,9}\s{0,4}[;\[]", text))


def read_protobuf(text: str, line: int) -> Iterator[EntityFact]:
    """Yield an entity for each message that is no request, response or list."""
    enums = _enums(text, line)
    bodies = list(declared(text, _MESSAGE, line))
    types = {m.group(1) for m, _, _ in bodies}
    for match, number, body in bodies:
        if is_wrapper(match.group(1)) or re.search(r"(?:List|Empty|Event|Status)$", match.group(1)):
            continue
        columns = []
        for member in members(body, number):
            found = _PROTO_FIELD.match(member.text)
            if found is None:
                continue
            label, kind, name = (found.group(1) or "").strip(), found.group(2), found.group(3)
            many = label == "repeated"
            if many and kind in types:
                continue
            target = kind if kind in types else None
            columns.append(
                Column(
                    f"{name}_id" if target else name,
                    "json" if kind.startswith("map") else _PROTO_TYPES.get(kind, kind),
                    "",
                    member.line,
                    optional=label == "optional",
                    target=target,
                    many=many,
                    note=member.comment,
                )
            )
        fact = entity(match.group(1), number, columns, enums=enums, least=2)
        if fact is not None:
            yield fact
