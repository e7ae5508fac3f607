"""Models in Python: pydantic, dataclasses, SQLAlchemy, SQLModel, Django, Beanie."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from pytest_superteam.architect.notations.common import Column, entity, is_wrapper, members

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytest_superteam.architect.facts import EntityFact
    from pytest_superteam.architect.notations.common import Member

__all__ = ["is_python", "read_python"]

_CLASS = re.compile(
    r"^([ \t]{0,12})class[ \t]{1,4}([A-Za-z]\w{0,60})[ \t]{0,4}(?:\(([^()\n]{0,200}"
    r"(?:\([^()\n]{0,80}\)[^()\n]{0,80})?)\))?[ \t]{0,4}:",
    re.MULTILINE,
)
_STORED = re.compile(
    r"\b(?:Base|DeclarativeBase|db\.Model|models\.Model|Model|SQLModel|Document|AbstractUser|AbstractBaseUser"
    r"|TimeStampedModel)\b|table\s*=\s*True"
)
_DATA = re.compile(r"\b(?:BaseModel|NamedTuple|TypedDict|BaseSchema|Struct)\b")
_ENUM = re.compile(r"\b(?:(?:Str|Int)?Enum|TextChoices|IntegerChoices)\b")
_ANNOTATED = re.compile(r"^([A-Za-z_]\w{0,60})\s*:\s*([^=]{1,300}?)\s*(?:=\s*(.{1,1000}))?$")
_ASSIGNED = re.compile(r"^([A-Za-z_]\w{0,60})\s*=\s*((?:\w{1,30}\.){0,2}(\w{1,40})\((.{0,1500})\))$")
_TYPES = {
    "uuidfield": "uuid",
    "charfield": "string",
    "slugfield": "string",
    "textfield": "text",
    "emailfield": "email",
    "urlfield": "url",
    "imagefield": "url",
    "filefield": "url",
    "integerfield": "integer",
    "positiveintegerfield": "integer",
    "positivesmallintegerfield": "integer",
    "bigintegerfield": "integer",
    "smallintegerfield": "integer",
    "autofield": "integer",
    "bigautofield": "integer",
    "decimalfield": "decimal",
    "floatfield": "number",
    "booleanfield": "boolean",
    "datefield": "date",
    "datetimefield": "timestamp",
    "timefield": "time",
    "jsonfield": "json",
    "arrayfield": "list",
    "foreignkey": "uuid",
    "onetoonefield": "uuid",
}
_COLUMN_TYPES = re.compile(
    r"\b(?:\w{1,20}\.)?(Integer|BigInteger|SmallInteger|String|Unicode|Text|Boolean|DateTime|TIMESTAMP|Date|Time"
    r"|Numeric|DECIMAL|Float|UUID|JSONB?"
    r"|ARRAY|Enum|Uuid)\b(?:\(([^()]{0,300})\))?"
)
_KNOWN = {
    "integer": "integer",
    "biginteger": "integer",
    "smallinteger": "integer",
    "unicode": "string",
    "datetime": "timestamp",
}
_FOREIGN = re.compile(r"ForeignKey\(\s*[\"']?([\w.]{1,80})|foreign_key\s*=\s*[\"']([\w.]{1,80})")
_TARGET = re.compile(r"^\s*(?:to\s*=\s*)?[\"']?([\w.]{1,80})")
_LITERAL = re.compile(r"Literal\[([^\[\]]{1,600})\]")
_STRINGS = re.compile(r"[\"']([^\"'\n]{1,60})[\"']")
_LIMITS = (
    ("max {} characters", re.compile(r"\bmax_length\s*=\s*(\d{1,6})")),
    ("min {} characters", re.compile(r"\bmin_length\s*=\s*(\d{1,6})")),
    (">= {}", re.compile(r"\bge\s*=\s*(-?\d{1,9}(?:\.\d{1,4})?)")),
    ("<= {}", re.compile(r"\ble\s*=\s*(-?\d{1,9}(?:\.\d{1,4})?)")),
    ("value > {}", re.compile(r"\bgt\s*=\s*(-?\d{1,9}(?:\.\d{1,4})?)")),
    ("value < {}", re.compile(r"\blt\s*=\s*(-?\d{1,9}(?:\.\d{1,4})?)")),
    ("default {}", re.compile(r"\bdefault\s*=\s*(\"[^\"\n]{0,60}\"|'[^'\n]{0,60}'|-?\d[\d.]{0,12}|True|False)")),
)
_PLAIN_DEFAULT = re.compile(r"^(\"[^\"\n]{0,60}\"|'[^'\n]{0,60}'|-?\d[\d.]{0,12}|True|False)$")
_MANY = re.compile(r"^(?:Mapped\[)?(?:list|List|set|Set|Sequence|tuple|Tuple)\[\s*[\"']?(\w{1,60})")
_SKIPPED = frozenset({"model_config", "objects", "class_config", "metadata", "__tablename__"})


def is_python(text: str) -> bool:
    """Return whether a text defines Python classes."""
    return "class " in text and bool(_CLASS.search(text))


def read_python(text: str, line: int, *, in_data: bool) -> Iterator[EntityFact]:
    """Yield an entity for each class that is a table, and with `in_data` for each that holds data.

    A base class with fields gives them to the classes that are built on it in the same text.
    """
    classes = list(_classes(text, line))
    enums = {name.lower(): _enum(body, number) for name, bases, _, number, body in classes if _ENUM.search(bases)}
    bodies = {
        name: [c for m in members(_flat(body), number, by_line=True) if (c := _column(m))]
        for name, bases, _, number, body in classes
        if not _ENUM.search(bases)
    }
    names = set(bodies)
    tables = {c[0] for c in classes if _STORED.search(c[1])}
    for name, bases, head, number, _ in classes:
        if name not in bodies:
            continue
        parents = [p.strip() for p in bases.split(",") if p.strip() in bodies]
        stored = name in tables or not tables.isdisjoint(parents)
        columns = bodies[name] + [c for p in parents for c in bodies[p]]
        identified = any(c.name == "id" or c.key for c in columns)
        data = bool(_DATA.search(bases) or "dataclass" in head or (not bases and in_data)) or bool(parents)
        if (is_wrapper(name) and not stored) or not (stored or (data and in_data) or (data and identified)):
            continue
        own = [_tied(c, names) for c in columns if not (c.many and c.kind in names)]
        fact = entity(name, number, own, enums=enums, least=1 if stored else 2)
        if fact is not None:
            yield fact


def _classes(text: str, line: int) -> Iterator[tuple[str, str, str, int, str]]:
    """Yield name, bases, what stands right before, line and body of each class."""
    found = list(_CLASS.finditer(text))
    counted, number = 0, line
    for i, match in enumerate(found):
        end = found[i + 1].start() if i + 1 < len(found) else len(text)
        number += text.count("\n", counted, match.start(2))
        counted = match.start(2)
        body = text[match.end() : end]
        indent = len(match.group(1))
        stop = re.search(rf"^[ \t]{{0,{indent}}}[^\s#)\]}}]", body, re.MULTILINE)
        yield (
            match.group(2),
            match.group(3) or "",
            text[max(match.start() - 80, 0) : match.start()],
            number,
            body[: stop.start() if stop else len(body)],
        )


def _flat(body: str) -> str:
    """Return a class body without docstrings and methods, as many lines as before."""
    body = re.sub(r"\"\"\".{0,3000}?\"\"\"", lambda m: "\n" * m.group().count("\n"), body, flags=re.DOTALL)
    cut = re.search(r"^[ \t]{1,12}(?:def|class|@)\b", body, re.MULTILINE)
    return body[: cut.start()] if cut else body


def _enum(body: str, line: int) -> tuple[str, ...]:
    values = []
    for member in members(body, line, by_line=True):
        match = re.match(r"^([A-Za-z]\w{0,60})\s*=\s*(?:[(\s]*[\"']([^\"']{1,60})[\"']|\w)", member.text)
        if match:
            values.append(match.group(2) or match.group(1))
    return tuple(values)


def _column(member: Member) -> Column | None:
    text = member.text
    assigned = _ASSIGNED.match(text)
    if assigned:
        name, whole, call, inside = assigned.groups()
        if name in _SKIPPED or call.lower() in {"relationship", "manytomanyfield", "backref", "property"}:
            return None
        if call.lower() in _TYPES:
            return _django(name, call.lower(), inside, member)
        return _sqlalchemy(name, "", whole, member) if call.lower() in {"column", "mapped_column"} else None
    annotated = _ANNOTATED.match(text)
    if annotated is None or annotated.group(1) in _SKIPPED or annotated.group(1).startswith("__"):
        return None
    name, kind, value = annotated.groups()
    value = value or ""
    if "relationship(" in value.lower() or "ClassVar" in kind:
        return None
    if "column(" in value.lower():
        return _sqlalchemy(name, kind, value, member)
    return _plain(name, kind, value, member)


def _plain(name: str, kind: str, value: str, member: Member) -> Column:
    optional = "Optional[" in kind or "None" in kind or value == "None" or value.startswith("Field(None")
    core = (
        re.sub(r"\bMapped\[|\bOptional\[|\bAnnotated\[|\|\s*None|None\s*\||[\"']", "", kind).strip(" ]")
        if "Literal" not in kind
        else kind
    )
    many = _MANY.match(kind)
    literal = _LITERAL.search(kind)
    foreign = _FOREIGN.search(value)
    simple = _PLAIN_DEFAULT.match(value)
    tie = (foreign.group(1) or foreign.group(2)) if foreign else None
    return Column(
        name,
        many.group(1) if many else _KNOWN.get(core.lower(), re.sub(r"\(.*$|\[.*$|,.*$", "", core) or core),
        _said(kind + " " + value) + (f" ; default {simple.group(1)}" if simple else ""),
        member.line,
        key="primary_key=True" in value,
        optional=optional,
        unique="unique=True" in value,
        target=re.sub(r"\.\w+$", "", tie) if tie else None,
        values=tuple(_STRINGS.findall(literal.group(1))) if literal else (),
        many=bool(many),
        note=member.comment,
    )


def _sqlalchemy(name: str, kind: str, value: str, member: Member) -> Column:
    typed = _COLUMN_TYPES.search(value)
    word, inside = (
        (typed.group(1), typed.group(2) or "")
        if typed
        else (re.sub(r"Mapped\[|Optional\[|\]|\|\s*None", "", kind).strip(), "")
    )
    foreign = _FOREIGN.search(value)
    said = _said(value)
    if word == "String" and inside.isdigit():
        said += f" ; max {inside} characters"
    optional = "nullable=True" in value or (bool(kind) and ("Optional[" in kind or "None" in kind))
    return Column(
        name,
        f"decimal({inside})"
        if word in ("Numeric", "DECIMAL") and re.match(r"\d", inside)
        else _KNOWN.get(word.lower(), word),
        said,
        member.line,
        key="primary_key=True" in value,
        optional=optional,
        unique="unique=True" in value,
        target=re.sub(r"\.\w+$", "", foreign.group(1) or foreign.group(2)) if foreign else None,
        values=tuple(_STRINGS.findall(inside)) if word == "Enum" and "'" in inside.replace('"', "'") else (),
        many=word == "ARRAY",
        note=member.comment,
    )


def _django(name: str, call: str, inside: str, member: Member) -> Column:
    target = _TARGET.match(inside) if call in ("foreignkey", "onetoonefield") else None
    choices = re.search(r"choices\s*=\s*(\[.{1,600}?\]\s*(?:,|$)|\w[\w.]{1,60})", inside)
    values: tuple[str, ...] = ()
    kind = _TYPES[call]
    if choices and choices.group(1).startswith("["):
        pairs = re.findall(r"\(\s*[\"']([^\"']{1,60})[\"']\s*,", choices.group(1))
        values = tuple(pairs or _STRINGS.findall(choices.group(1)))
    elif choices:
        kind = choices.group(1).split(".")[0]
    said = _said(inside)
    if call == "positiveintegerfield":
        said += " ; >= 0"
    named = target.group(1).split(".")[-1] if target else None
    return Column(
        f"{name}_id" if target and not name.endswith("_id") else name,
        kind,
        said,
        member.line,
        key="primary_key=True" in inside,
        optional="null=True" in inside or "blank=True" in inside,
        unique="unique=True" in inside or call == "onetoonefield",
        target="User" if named and named.isupper() and "USER" in named else named,
        values=values,
        note=member.comment,
    )


def _tied(column: Column, names: set[str]) -> Column:
    """Return the column as a reference when its type is another class of the text."""
    if column.target is None and column.kind in names and not column.values:
        return column._replace(
            name=column.name if column.name.endswith("_id") else f"{column.name}_id", target=column.kind
        )
    return column


def _said(text: str) -> str:
    return " ; ".join(form.format(m.group(1)) for form, pattern in _LIMITS if (m := pattern.search(text)))
