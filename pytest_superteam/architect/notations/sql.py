"""SQL: tables with their columns and constraints, enum types, keys that are added later; all else is skipped."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from pytest_superteam.architect.notations.common import Column, balanced, entity, line_at, members, unquoted

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytest_superteam.architect.facts import EntityFact

__all__ = ["is_sql", "read_sql"]

_NAME = r"((?:[`\"\[]?[\w$#]{1,64}[`\"\]]?\.){0,2}[`\"\[]?[\w$#]{1,64}[`\"\]]?)"
_CREATE = re.compile(r"\bcreate\s{1,20}(?:\w{1,12}\s{1,4}){0,2}(?:table|type)\b", re.IGNORECASE)
_TABLE = re.compile(
    r"\bcreate\s{1,20}(?:or\s{1,4}replace\s{1,4})?(?:(?:global\s{1,4})?temp(?:orary)?\s{1,4}|unlogged\s{1,4}"
    r"|foreign\s{1,4})?"
    rf"table\s{{1,20}}(?:if\s{{1,4}}not\s{{1,4}}exists\s{{1,20}})?{_NAME}\s{{0,20}}\(",
    re.IGNORECASE,
)
_TYPE = re.compile(
    rf"\bcreate\s{{1,20}}type\s{{1,20}}{_NAME}\s{{1,20}}as\s{{1,20}}enum\s{{0,20}}\(([^()]{{1,4000}})\)", re.IGNORECASE
)
_ALTER = re.compile(
    rf"\balter\s{{1,20}}table\s{{1,20}}(?:only\s{{1,4}})?(?:if\s{{1,4}}exists\s{{1,4}})?{_NAME}\s{{1,20}}"
    rf"([^;]{{1,2000}})",
    re.IGNORECASE,
)
_ADDED = re.compile(r"\badd\s{1,4}(?:column\s{1,4})?(?:if\s{1,4}not\s{1,4}exists\s{1,4})?", re.IGNORECASE)
_REMARK = re.compile(
    r"\bcomment\s{1,20}on\s{1,20}column\s{1,20}((?:[\w\"]{1,66}\.){0,2}[\w\"]{1,66})\.([\w\"]{1,66})"
    r"\s{1,20}is\s{1,20}'([^'\n]{1,300})'",
    re.IGNORECASE,
)
_UNIQUE_INDEX = re.compile(
    rf"\bcreate\s{{1,20}}unique\s{{1,20}}index\b[^;()]{{0,200}}\bon\s{{1,20}}{_NAME}\s{{0,20}}\(\s{{0,20}}"
    rf"([\w`\"]{{1,66}})\s{{0,20}}\)"
    r"(?!\s{0,20}where)",
    re.IGNORECASE,
)
_COLUMN = re.compile(r"^([`\"\[][^`\"\[\]]{1,64}[`\"\]]|[^\W\d][\w$#]{0,63})(?:\s+|:\s*)(.*)$", re.DOTALL)
_CONSTRAINT = re.compile(
    r"^(?:constraint\s+[`\"\[]?\w{1,64}[`\"\]]?\s+)?(primary\s+key|foreign\s+key|unique(?:\s+(?:key"
    r"|index))?|check|fulltext"
    r"|spatial|key|index|exclude|period|partition|like|inherits)\b",
    re.IGNORECASE,
)
_COLUMNS = re.compile(r"\(([^()]{1,500})\)")
_REFERENCES = re.compile(rf"\breferences\s{{1,20}}{_NAME}", re.IGNORECASE)
_IN = re.compile(
    r"[`\"\[(]{0,4}([A-Za-z_]\w{0,63})[`\"\])]{0,4}(?:::\w{1,20})?\s{1,20}in\s{0,20}\(([^()]{1,3000})\)"
    r"|[`\"\[(]{0,4}([A-Za-z_]\w{0,63})[`\"\])]{0,4}"
    r"(?:::\w{1,20})?\s{0,20}=\s{0,20}any\s{0,20}\(\s{0,20}\(?(?:array)?\s{0,20}\[([^\[\]]{1,3000})\]",
    re.IGNORECASE,
)
_ENUM = re.compile(r"^(?:enum|set)\s*\(([^()]{1,4000})\)", re.IGNORECASE)
_STRING = re.compile(r"N?'((?:[^'\n]|''){1,60})'")
_TYPE_END = re.compile(
    r"\b(?:not\s+null|null|default|primary|unique|references|check|constraint|collate|generated|identity"
    r"|auto_?increment"
    r"|comment|on\s+(?:update|delete)|key|foreign|pk|fk)\b",
    re.IGNORECASE,
)
_FILLED = re.compile(
    r"\bdefault\s+(?!null)|\bnot\s+null\b|\bprimary\s+key\b|\bserial\b|\bbigserial\b|\bidentity\b|\bpk\b", re.IGNORECASE
)
_NOT_NULL = re.compile(r"\bnot\s+null\b", re.IGNORECASE)
_KEY = re.compile(r"\bprimary\s+key\b|\bpk\b", re.IGNORECASE)
_LOOSE = re.compile(
    r"\bon\s+(?:delete|update)\s+(?:set\s+(?:null|default)|cascade|restrict|no\s+action)", re.IGNORECASE
)
_CHECK = re.compile(r"\bcheck\s{0,20}\(", re.IGNORECASE)
_DEFAULT = re.compile(r"\bdefault\s+(?:\(\s*)?(N?'(?:[^'\n]|''){0,100}'|-?[\w.]+(?:\(\))?)", re.IGNORECASE)
_COMMENT = re.compile(r"\bcomment\s+'([^'\n]{0,300})'", re.IGNORECASE)
_CAST = re.compile(r"::\w{1,40}(?:\(\d{1,6}(?:,\s*\d{1,4})?\))?(?:\[\])?")


@dataclass
class _Table:
    """A table while it is read: constraints may follow far behind it."""

    name: str
    line: int
    columns: dict[str, Column] = field(default_factory=dict)


def is_sql(text: str) -> bool:
    """Return whether a text creates a table."""
    return bool(_CREATE.search(text))


def read_sql(text: str, line: int) -> Iterator[EntityFact]:
    """Yield an entity for each table that a text creates.

    Args:
        text: the statements.
        line: the line number of its first line.
    """
    enums = {unquoted(m.group(1)).lower(): tuple(_STRING.findall(m.group(2))) for m in _TYPE.finditer(text)}
    tables: dict[str, _Table] = {}
    position = 0
    while match := _TABLE.search(text, position):
        position = balanced(text, match.end(), "(")
        table = _Table(unquoted(match.group(1)), line_at(text, match.start(), line))
        _fill(table, text[match.end() : position], line_at(text, match.end(), line), enums)
        tables.setdefault(table.name.lower(), table)
    for table in _completed(text, line, tables, enums):
        fact = entity(table.name, table.line, table.columns.values())
        if fact is not None:
            yield fact


def _fill(table: _Table, body: str, line: int, enums: dict[str, tuple[str, ...]]) -> None:
    later = []
    for member in members(body, line):
        if _CONSTRAINT.match(member.text) and not _is_column(member.text):
            later.append(member.text)
            continue
        column = column_of(member.text, member.comment, member.line, enums)
        if column is not None:
            table.columns.setdefault(column.name.lower(), column)
    # Where no column says NOT NULL, the author does not speak of it.
    if not _NOT_NULL.search(body):
        table.columns.update({n: c._replace(optional=False) for n, c in table.columns.items()})
    for text in later:
        constrain(table.columns, text)


def _is_column(text: str) -> bool:
    """Return whether a piece that begins with a word such as `key` is a column of that name."""
    return bool(
        re.match(
            r"^(?:key|index|period|like)\s+(?:var)?(?:char|text|int|uuid|bool|json|date|time)", text, re.IGNORECASE
        )
    )


def column_of(text: str, comment: str, line: int, enums: dict[str, tuple[str, ...]]) -> Column | None:
    """Return the column that `name TYPE constraints` defines; without NOT NULL it may be empty."""
    match = _COLUMN.match(text[:4000])
    if match is None:
        return None
    name, rest = match.group(1).strip('`"[]'), match.group(2).strip()
    end = _TYPE_END.search(rest)
    kind = (rest[: end.start()] if end else rest).strip()
    if kind.startswith("["):  # T-SQL
        kind = kind.replace("[", "", 1).replace("]", "", 1)
    inline = _ENUM.match(rest)
    values = tuple(_STRING.findall(inline.group(1))) if inline else enums.get(unquoted(kind).lower(), ())
    checks = _CHECK.search(rest)
    if checks:
        values = values or _values_in(rest[checks.end() :], name)
    target = _REFERENCES.search(rest)
    after = inline.end() if inline else end.start() if end else len(rest)
    said, note = _said(rest[after:], comment, checked=bool(checks))
    column = Column(
        name,
        "timestamp" if kind.lower() in {"datetime2", "datetimeoffset", "smalldatetime"} else kind,
        said,
        line,
        key=bool(_KEY.search(rest)),
        optional=not _FILLED.search(rest),
        unique=bool(re.search(r"\bunique\b", rest, re.IGNORECASE)),
        target=unquoted(target.group(1)) if target else None,
        values=values,
        note=note,
    )
    if kind.lower().endswith("[]") or kind.lower().endswith(" array"):
        column = column._replace(many=True)
    return column


def _values_in(text: str, name: str) -> tuple[str, ...]:
    for match in _IN.finditer(text[:4000]):
        who, inside = match.group(1) or match.group(3), match.group(2) or match.group(4)
        if who.lower() == name.lower():
            return tuple(_STRING.findall(inside))
    return ()


def _said(text: str, comment: str, *, checked: bool) -> tuple[str, str]:
    """Return what default and bounds are read from, and the remark."""
    text = _CAST.sub("", _LOOSE.sub(" ", _REFERENCES.sub(" ", text)))
    remark = _COMMENT.search(text)
    if remark:
        comment = comment or remark.group(1)
        text = text.replace(remark.group(), " ")
    found = []
    default = _DEFAULT.search(text)
    if default and not default.group(1).endswith("()"):
        found.append(f"default {default.group(1).lstrip('N')}")
    if checked:
        check = _CHECK.search(text)
        if check:
            found.append(text[check.end() : balanced(text, check.end(), "(")])
    return " ; ".join(found), comment


def constrain(columns: dict[str, Column], text: str) -> None:
    """Apply a constraint of the whole table to its columns."""
    match = _CONSTRAINT.match(text)
    kind = match.group(1).lower().split()[0] if match else ""
    named = _COLUMNS.search(text, match.end() if match else 0)
    names = [unquoted(re.sub(r"\s.*$", "", n.strip())).lower() for n in named.group(1).split(",")] if named else []
    present = [n for n in names if n in columns]
    if kind == "primary":
        for name in present:
            columns[name] = columns[name]._replace(key=True, optional=False)
    elif kind == "unique" and len(names) == 1 and present:
        columns[present[0]] = columns[present[0]]._replace(unique=True)
    elif kind == "foreign" and len(names) == 1 and present:
        target = _REFERENCES.search(text)
        if target:
            columns[present[0]] = columns[present[0]]._replace(target=unquoted(target.group(1)))
    elif kind == "check":
        for name, column in columns.items():
            if re.search(rf"\b{re.escape(name)}\b", text, re.IGNORECASE):
                inside = text[text.find("(") + 1 :].rstrip(") ")
                columns[name] = column._replace(
                    values=column.values or _values_in(text, name), rest=f"{column.rest} ; {inside}".strip(" ;")
                )
                break


def _completed(text: str, line: int, tables: dict[str, _Table], enums: dict[str, tuple[str, ...]]) -> list[_Table]:  # noqa: C901 - statements of three kinds
    """Return the tables with what other statements say of them."""
    for match in _ALTER.finditer(text):
        table = tables.get(unquoted(match.group(1)).lower())
        if table is None:
            continue
        start = line_at(text, match.start(), line)
        for member in members(match.group(2), start):
            added = _ADDED.match(member.text)
            rest = member.text[added.end() :] if added else ""
            if rest and _CONSTRAINT.match(rest):
                constrain(table.columns, rest)
            elif rest:
                column = column_of(rest, member.comment, member.line, enums)
                if column:
                    table.columns.setdefault(column.name.lower(), column)
    for match in _UNIQUE_INDEX.finditer(text):
        table, name = tables.get(unquoted(match.group(1)).lower()), unquoted(match.group(2)).lower()
        if table and name in table.columns:
            table.columns[name] = table.columns[name]._replace(unique=True)
    for match in _REMARK.finditer(text):
        table, name = tables.get(unquoted(match.group(1)).lower()), unquoted(match.group(2)).lower()
        if table and name in table.columns:
            column = table.columns[name]
            table.columns[name] = column._replace(note=column.note or match.group(3))
    return list(tables.values())
