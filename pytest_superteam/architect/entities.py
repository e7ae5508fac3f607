# ruff: noqa: RUF001 - dashes and brackets of other scripts are what authors write
"""Entities with their fields from headings, tables, bullets and sentences; those in code are read by `ddl`."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from pytest_superteam.architect.ddl import read_code
from pytest_superteam.architect.facts import EntityFact, FieldFact
from pytest_superteam.architect.fields import parse_field, parse_line, split_outside
from pytest_superteam.architect.kinds import kind_of
from pytest_superteam.architect.names import fold, pascal, vocabulary, words
from pytest_superteam.architect.outlines import outlines
from pytest_superteam.architect.sections import Document, Section, clean_title

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytest_superteam.architect.blocks import Block
    from pytest_superteam.architect.services import ServiceIndex

__all__ = ["entity_name", "read_entities"]

_FIELD_HEADER = re.compile(
    r"^(?:field|column|attribute|property|champ|campo|feld|spalte|attribut|name|key)s?(?: name)?$"
    r"|^(?:フィールド|カラム|項目|字段|属性|列名?)名?$|^поле$"
)
_TYPE_HEADER = re.compile(r"type|typ\b|tipo|format|型|类型|тип")
_ENTITY_HEADER = re.compile(
    r"^(?:entity|entities|table|model|collection|object|resource|entite|entidad|tabelle)s?(?: name)?$"
    r"|^(?:エンティティ|テーブル|实体|表)名?$"
)
_FIELDS_HEADER = re.compile(r"field|attribute|column|propert|champ|campo|attribut|フィールド|字段|属性")
_PREFIX = re.compile(
    r"^(?:table|entity|model|collection|entite|champs?|fields? (?:of|for))\s*:?\s+(?=\w)", re.IGNORECASE
)
_SUFFIX = re.compile(
    r"\s+(?:table|entity|model|schema|object|fields?|attributes|collection|record|data model)$", re.IGNORECASE
)
_PARENS = re.compile(r"\s*[(（\[][^()（）\[\]]{0,80}[)）\]]")
_LEAD_FIELDS = re.compile(
    r"^(?:key |main |core )?(?:fields?|attributes?|properties|columns?|champs|campos|attribut\w*|contains"
    r"|metadata)\b\s*:?$",
    re.IGNORECASE,
)
_LEAD_ENTITY = re.compile(
    r"^(?:an? |the |each |every )?([A-Za-z][\w ]{1,40}?)(?: (?:record|entry|object|entity|row"
    r"|table)s?)? (?:includes?|contains?|has|stores?|consists? of|fields|attributes)\s*:$",
    re.IGNORECASE,
)
_KEY_ENTITIES = re.compile(
    r"(?:^|\b)(?:key|main|core|domain|primary)?\s*(?:entities|domain objects|data objects|tables"
    r"|models)\s*(?:are|include|:)\s*:?\s*([^.\n]{3,400})",
    re.IGNORECASE,
)
_BOLD_ITEM = re.compile(
    r"^(?:\*\*|`|\*\*`)([A-Za-z][\w ]{1,50})(?:`\*\*|\*\*|`)\s*(?:\(([^()\n]{0,200})\))?\s*(?::\*\*|:|[–—-]|→|$)"
)
_NO_ENTITY = vocabulary(
    "api api_gateway overview note example relationship relation index constraint diagram er_diagram "
    "schema database table entity field model migration key_benefit validation rule business_rule "
    "data_model summary total status enum type multi_tenancy storage security"
)


def entity_name(text: str) -> str:
    """Return the PascalCase singular name in a heading, cell or bullet, or an empty string when it names no entity."""
    text = clean_title(_PARENS.sub("", text))
    text = _SUFFIX.sub("", _PREFIX.sub("", text)).strip()
    parts = words(text)
    if not parts or len(parts) > 4 or re.search(r"\bupdates?$", fold(text)) or not re.match(r"[\w\s'-]+$", text):
        return ""
    name = pascal(text)
    return "" if "_".join(parts) in _NO_ENTITY or name.lower() in _NO_ENTITY or len(name) > 60 else name


def read_entities(document: Document, services: ServiceIndex) -> tuple[EntityFact, ...]:
    """Return the entities that the text describes, one a name, the best description of each."""
    best: dict[str, EntityFact] = {}
    for fact in _all(document, services):
        known = best.get(fact.name)
        if known is None or fact.rank > known.rank:
            service = fact.service or (known.service if known else None)
            best[fact.name] = EntityFact(fact.name, fact.line, fact.fields, service, fact.description, fact.rank)
        elif fact.rank == known.rank and fact.fields:
            names = {f.field.name for f in known.fields}
            more = tuple(f for f in fact.fields if f.field.name not in names)
            best[fact.name] = EntityFact(
                known.name,
                known.line,
                known.fields + more,
                known.service or fact.service,
                known.description,
                known.rank,
            )
    return tuple(sorted(best.values(), key=lambda f: f.line))


def _all(document: Document, services: ServiceIndex) -> Iterator[EntityFact]:
    for section in document.live():
        service = services.of_section(section) if section.level else None
        for fact in (*_section(section), *_outlined(section, services)):
            yield EntityFact(fact.name, fact.line, fact.fields, fact.service or service, fact.description, fact.rank)


def _outlined(section: Section, services: ServiceIndex) -> Iterator[EntityFact]:
    """Read bullets with the fields below them, in a section about data whose title names no entity itself."""
    if "data" not in section.kinds or (kind_of(section.title) != "data" and entity_name(section.title)):
        return
    for title, remark, line, fields in outlines([b for b in section.blocks if b.kind == "item"]):
        name = entity_name(title)
        if name and len(_kept(fields)) >= 2:
            yield EntityFact(name, line, _kept(fields), services.find(remark) if remark else None, rank=2)


def _section(section: Section) -> Iterator[EntityFact]:
    in_data = "data" in section.kinds
    items: list[Block] = []
    for block in section.blocks:
        if block.kind == "table":
            yield from _table(block, section, in_data=in_data)
        elif block.kind == "code":
            yield from read_code(block, in_data=in_data)
        elif block.kind == "item":
            items.append(block)
        elif block.kind == "paragraph":
            yield from _sentence(block)
    yield from _items(items, section, in_data=in_data)


def _table(block: Block, section: Section, *, in_data: bool) -> Iterator[EntityFact]:
    headers = [fold(h).strip() or h.strip() for h in block.header]
    if not headers:
        return
    if _ENTITY_HEADER.match(headers[0]) and (in_data or len(headers) > 1):
        yield from _entity_table(block, headers)
        return
    typed = next((i for i, h in enumerate(headers) if _TYPE_HEADER.search(h)), None)
    if not _FIELD_HEADER.match(headers[0]) or (typed is None and not in_data) or len(headers) < 2:
        return
    name = entity_name(section.title) or entity_name(block.lead.rstrip(":"))
    if in_data and section.kind == "data" and kind_of(section.title) == "data" and entity_name(block.lead.rstrip(":")):
        name = entity_name(block.lead.rstrip(":"))
    fields = []
    for row in block.rows:
        cells = [*row.cells, "", "", ""]
        kind = cells[typed] if typed is not None else ""
        rest = " ; ".join(c for i, c in enumerate(row.cells) if i not in (0, typed) and c)
        fields.append(parse_field(cells[0], kind, rest, row.line))
    if name and any(fields):
        yield EntityFact(name, section.line if section.title else block.line, _kept(fields), rank=3)


def _entity_table(block: Block, headers: list[str]) -> Iterator[EntityFact]:
    column = next((i for i, h in enumerate(headers) if i and _FIELDS_HEADER.search(h)), None)
    for row in block.rows:
        name = entity_name(row.cells[0]) if row.cells else ""
        if name:
            text = row.cells[column] if column is not None and column < len(row.cells) else ""
            fields = _inline(text, row.line)
            about = "" if column is not None or len(row.cells) < 2 else row.cells[1]
            yield EntityFact(name, row.line, fields, description=" ".join(about.split())[:300], rank=2 if fields else 1)


def _inline(text: str, line: int) -> tuple[FieldFact, ...]:
    """Read `id, name, price (decimal)`; a sentence gives nothing."""
    parts = split_outside(text.replace("\n", ",").strip("{} "), ",;")
    facts = [parse_line(p, line) for p in parts]
    return _kept(facts) if len(parts) >= 2 and all(facts) else ()


def _kept(facts: list[FieldFact | None]) -> tuple[FieldFact, ...]:
    seen: dict[str, FieldFact] = {}
    for fact in facts:
        if fact is not None:
            seen.setdefault(fact.field.name, fact)
    return tuple(seen.values())


def _sentence(block: Block) -> Iterator[EntityFact]:
    for line, text in block.lines():
        match = _KEY_ENTITIES.search(text[:2000])
        if match:
            for part in re.split(r",| and |;", match.group(1)):
                name = entity_name(part)
                if name and len(part.split()) <= 3:
                    yield EntityFact(name, line, rank=1)


def _items(items: list[Block], section: Section, *, in_data: bool) -> Iterator[EntityFact]:
    own = entity_name(section.title) if kind_of(section.title) != "data" or _PREFIX.match(section.title) else ""
    fields: list[FieldFact | None] = []
    strong = 0
    led: dict[str, list[FieldFact | None]] = {}
    lines: dict[str, int] = {}
    for block in items:
        lead = _LEAD_ENTITY.match(block.lead)
        name = entity_name(lead.group(1)) if lead else ""
        named = _LEAD_FIELDS.match(block.lead.rstrip(":") or "-")
        if name:
            led.setdefault(name, []).extend(_item_fields(block)[0])
            lines.setdefault(name, block.line)
        elif in_data and not own and (not section.title or kind_of(section.title)):
            yield from _bold(block)
        elif own and (in_data or named or re.match(r"champs?\b", fold(section.title))):
            found, sure = _item_fields(block)
            fields += found
            strong += len(found) if sure or named else 0
    if own and in_data and len(fields) < 2 and not any(b.kind != "item" for b in section.blocks):
        for block in items:
            yield from _bold(block)
    if own and len([f for f in fields if f]) >= 2 and strong * 2 >= len(fields):
        yield EntityFact(own, section.line, _kept(fields), rank=2)
    for name, found in led.items():
        if len(_kept(found)) >= 2:
            yield EntityFact(name, lines[name], _kept(found), rank=1)


def _bold(block: Block) -> Iterator[EntityFact]:
    """Read `**User**: id, email` and `1. **orders**: what customers buy` of a section about data."""
    match = _BOLD_ITEM.match(block.raw.strip())
    if not match or block.level > 1:
        return
    name = "" if match.group(1).endswith("_id") else entity_name(match.group(1))
    text = block.text.split("\n")[0]
    rest = text[len(match.group(1)) :].lstrip(" :–—-→")
    if name:
        fields = _inline(match.group(2) or _unwrapped(rest), block.line)
        yield EntityFact(name, block.line, fields, description="" if fields else rest[:300], rank=2 if fields else 1)


def _item_fields(block: Block) -> tuple[list[FieldFact | None], bool]:
    """Return the fields of one bullet and whether it surely is about fields."""
    text = " ".join(block.text.split())
    raw = block.raw.strip()
    parts = split_outside(text)
    ticked = raw.startswith(("`", "**`"))
    if len(parts) >= 2 and (
        (ticked and not re.match(r"\w+\s*:", text))
        or all(re.match(r"^[a-z_][a-z0-9_]*\??(?: \([^()]*\))?$", p) for p in parts)
    ):
        names = [
            parse_line(re.sub(r"\s[–—-]\s.*$", "", p), block.line)
            for p in parts
            if re.match(r"[\w?]+(?:\s*\(|$|\s[–—-]\s|:)", p)
        ]
        return names, ticked or any("_" in p for p in parts)
    if fold(text).startswith(("example", "note", "e.g")):
        return [], False
    fact = parse_line(text, block.line)
    if fact is None:
        return [], False
    sure = ticked or bool(
        re.match(
            r"^[a-z]+(?:_[a-z0-9]+)+\b|^id\b|^[\w ]{1,40}\??\s*[(:]\s*(?:uuid|string|int|text|enum|bool|date|time"
            r"|decimal|number|float|email|money|varchar|list|array|json|url|fk|pk)",
            fold(text),
        )
    )
    return [fact], sure


def _unwrapped(text: str) -> str:
    return text[1:-1] if text.startswith("(") and text.endswith(")") else text
