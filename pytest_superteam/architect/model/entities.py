# ruff: noqa: RUF001, E501 - authors write in many scripts, and the words of a language stay on one line
"""Entities with their fields from headings, tables, bullets and sentences; those in code are read by `ddl`."""

from __future__ import annotations

import re
from dataclasses import replace
from itertools import pairwise
from typing import TYPE_CHECKING

from pytest_superteam.architect.document.kinds import kind_of
from pytest_superteam.architect.facts import EntityFact, FieldFact
from pytest_superteam.architect.model.entity_names import PREFIX, SUFFIX, entity_name
from pytest_superteam.architect.model.fields import parse_field, parse_line, split_outside
from pytest_superteam.architect.model.lexicon import english, language_of
from pytest_superteam.architect.model.listings import (
    described_models,
    is_field_name,
    labelled_names,
    listed_names,
    listed_tables,
)
from pytest_superteam.architect.model.outlines import outlines
from pytest_superteam.architect.names import fold, singular, vocabulary, words
from pytest_superteam.architect.notations import read_code

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytest_superteam.architect.decomposition.services import ServiceIndex
    from pytest_superteam.architect.document.blocks import Block
    from pytest_superteam.architect.document.sections import Document, Section

__all__ = ["entity_name", "read_entities"]

_FIELD_HEADER = re.compile(
    r"^(?:field|column|attribute|property|champ|campo|feld|spalte|attribut|name|key)s?(?: name)?$"
    r"|^(?:フィールド|カラム|項目|字段|属性|列名?)名?$|^поле$"
)
_TYPE_HEADER = re.compile(r"type|typ\b|tipo|format|型|类型|тип")
_ENTITY_HEADER = re.compile(
    r"^(?:entity|entities|table|model|collection|object|resource|entite|entidade?|entidades|tabelle|tabla|tabela"
    r"|tabella|entita|entitat|coleccion|colecao|modele|modelo|entitas|tabel|tablo|bang|thuc the)s?(?: name|name)?$"
    r"|^(?:エンティティ|テーブル|实体|實體|数据表|資料表|表|테이블|엔티티|엔터티|таблица|сущность|модель)(?:名|名称|명)?$"
)
_DATA_HEADER = re.compile(
    r"^(?:data|resources?|objects?|models?|donnees?|datos?|dados?|daten|objet|objeto|objekt|データ|数据|資料|데이터|данные)$"
)
_IDENTIFIER_NAME = re.compile(r"^[A-Z][a-z0-9]+(?:[A-Z][a-z0-9]*)*$|^[a-z]+(?:_[a-z]+)*s$")
_FIELDS_HEADER = re.compile(r"field|attribute|column|propert|champ|campo|attribut|フィールド|字段|属性")
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
_PLAIN_ITEM = re.compile(
    r"^([A-Z][A-Za-z]{1,30}(?: ?[A-Z][a-z]{1,30}){0,2}|[a-z]+(?:_[a-z]+)*s)\s*"
    r"(?:[(（{\[]\s*([^(){}\[\]]{3,900}(?:\([^()]{0,200}\)[^(){}]{0,300}){0,9})[)）}\]]\s*\.?|\s?[:：–—-]\s*(.{3,1500}))?$"
)
_NAMES_ONLY = re.compile(r"^((?:\*\*|`)?[A-Za-z][\w /`*,&]{1,60}?(?:\s*\([^()\n]{0,60}\))?(?:\*\*|`)?)\s*:?\s*$")
_SEVERAL = re.compile(
    r"^((?:(?:\*\*|`|\*\*`)[A-Za-z][\w ]{1,40}(?:`\*\*|\*\*|`)(?:\s*(?:,|/|&|\band\b)\s*)?){2,8})\s*(?::|[–—(-]|$)"
)
_BOLD_ITEM = re.compile(
    r"^(?:\*\*|`|\*\*`)([^\W\d_][\w ]{1,50})(?:`\*\*|\*\*|`)\s*(?:\(([^()\n]{0,200})\))?\s*(?::\*\*|[:：]|[–—-]|→|$)"
)
_TYPED_ROW = re.compile(
    r"^[a-z_]\w{0,50}\??\s{0,4}:\s{0,4}(?:uuid|str(?:ing)?|text|int(?:eger)?|big|bool(?:ean)?|date|time|float|number|decimal|double|enum|json"
    r"|array|list|object|varchar|char|fk|pk|email|url|serial|reference|money)",
    re.IGNORECASE,
)
_WIDE = str.maketrans({"（": "(", "）": ")", "：": ":"})
"""Marks of East Asian type that do the same as those of ASCII."""
_BOLD_LINE = re.compile(
    r"^\*\*(?:\d{1,2}[.、)．]\s{0,3})?([^\W\d][^*\n:：]{1,50}?)\s?(?:\*\*\s?[:：]|[:：]\s?\*\*)\s{0,3}(\S.{2,1500})$"
)
_FIELD_LIKE = re.compile(r"^[A-Za-z][A-Za-z0-9_]{0,40}\??(?:\s{0,2}[(:].*|\s[A-Z]{2,}.*|$)", re.DOTALL)
_VALUES = vocabulary("status role type enum state level statuse")


def read_entities(document: Document, services: ServiceIndex) -> tuple[EntityFact, ...]:
    """Return the entities that the text describes, one a name, the best description of each.

    Names of one entity that only differ in number, case or language are one: `users`, `User` and `Benutzer`.
    """
    facts = _translated(list(_all(document, services)), language_of(document.text))
    best: dict[str, EntityFact] = {}
    for fact in facts:
        best[fact.name] = _merged(best.get(fact.name), fact)
    kept = [f for f in best.values() if not _is_enum(f)]
    return tuple(sorted(kept, key=lambda f: f.line))


def _merged(known: EntityFact | None, fact: EntityFact) -> EntityFact:
    if known is None:
        return fact
    if fact.rank > known.rank:
        return replace(fact, service=fact.service or known.service)
    if fact.rank < known.rank or not fact.fields:
        return known
    names = {f.field.name for f in known.fields}
    more = tuple(f for f in fact.fields if f.field.name not in names)
    return replace(known, fields=known.fields + more, service=known.service or fact.service)


def _is_enum(fact: EntityFact) -> bool:
    """Return whether a name such as TaskStatus lists values and not fields."""
    parts = words(fact.name)
    if len(parts) < 2 or singular(parts[-1]) not in _VALUES or fact.rank >= 3:
        return False
    return not any(f.field.name == "id" or f.field.name.endswith(("_id", "_at")) for f in fact.fields)


def _translated(facts: list[EntityFact], language: str) -> tuple[EntityFact, ...]:
    """Give entities with a name of another language their English one, and the references to them."""
    if language in ("en", "zh", "ja", "ko", "ru"):
        return tuple(facts)
    names: dict[str, str] = {}
    for name in {f.name for f in facts}:
        spaced = " ".join(words(name))
        new = "" if english(spaced, "en") else english(spaced, language)
        if new:
            names[name] = new
    return tuple(
        replace(f, name=names.get(f.name, f.name), fields=tuple(_retargeted(x, names) for x in f.fields)) for f in facts
    )


def _retargeted(fact: FieldFact, names: dict[str, str]) -> FieldFact:
    target = fact.field.references
    if target not in names:
        return fact
    return replace(fact, field=replace(fact.field, references=names[target]))


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
            yield from _fence(block, section, in_data=in_data)
        elif block.kind == "item":
            items.append(block)
            yield from _sentence(block)
        elif block.kind == "paragraph":
            yield from _paragraph(block, section, in_data=in_data)
        if block.kind in ("item", "paragraph"):
            yield from _listed(block, section, in_data=in_data)
            yield from _described(block)
    for name, line in labelled_names(items, section.title):
        yield EntityFact(entity_name(name) or name, line, rank=1)
    if in_data and not _own_name(section):
        if kind_of(section.title) == "data":
            yield from _plain(items)
        yield from _field_bullets(items)
    yield from _items(items, section, in_data=in_data)


def _listed(block: Block, section: Section, *, in_data: bool) -> Iterator[EntityFact]:
    """Read names of tables in code marks or brackets; below the heading of an entity they are something else."""
    own = kind_of(section.title) != "data" and entity_name(section.title)
    for name, line in listed_tables(block, in_data=in_data and not own):
        if entity_name(name):
            yield EntityFact(entity_name(name), line, rank=1)


def _fence(block: Block, section: Section, *, in_data: bool) -> Iterator[EntityFact]:
    facts = list(read_code(block, in_data=in_data, title=section.title))
    yield from facts or (_bare_fields(block, section) if in_data else ())
    if len(block.text) < 5000:
        yield from _sentence(block)


def _paragraph(block: Block, section: Section, *, in_data: bool) -> Iterator[EntityFact]:
    yield from read_code(block, in_data=in_data, title=section.title)
    yield from _sentence(block)
    yield from _field_line(block, section, in_data=in_data)
    if in_data and "**" in block.raw:
        yield from _bold_line(block)


def _bare_fields(block: Block, section: Section) -> Iterator[EntityFact]:
    """Read a fence of lines `email: string (unique)` below the name of an entity."""
    rows = [(n, r.strip()) for n, r in enumerate(block.text[:20_000].split("\n"), block.line + 1) if r.strip()]
    name = _own_name(section)
    if not name or not 2 <= len(rows) <= 100 or not all(_TYPED_ROW.match(r) for _, r in rows):
        return
    yield EntityFact(name, section.line, _kept([parse_line(r, n) for n, r in rows]), rank=2)


def _described(block: Block) -> Iterator[EntityFact]:
    """Read sentences that state a table or a model with its fields."""
    for text, said, line in described_models(block):
        name = entity_name(text)
        if name:
            fields = _inline(said, line)
            yield EntityFact(name, line, fields, rank=2 if fields else 1)


def _bold_line(block: Block) -> Iterator[EntityFact]:
    """Read `**2. 分类表 categories**` and, behind its colon, `id、name、parent_id`, of a section about data: all that follows are identifiers."""
    for number, row in enumerate(block.raw[:20_000].split("\n"), block.line):
        match = _BOLD_LINE.match(row[:2000]) if row.startswith("**") else None
        if match is None:
            continue
        said = re.sub(r"[（(][^（）()]{0,200}[）)]", "", match.group(2))
        parts = [p.strip(" `。.") for p in re.split(r"[,、，]", said)]
        names = [p for p in parts if re.fullmatch(r"[a-z][a-z0-9_]{0,40}", p)]
        name = entity_name(match.group(1))
        if len(parts) < 2 or len(names) < len(parts):
            continue
        if name and (len(parts) >= 3 or "表" in match.group(1) or any(is_field_name(n) for n in names)):
            yield EntityFact(name, number, _kept([parse_line(p, number) for p in parts]), rank=2)
        elif not name and not re.search("[A-Za-z]", match.group(1)) and all("_" in n for n in names):
            yield from (EntityFact(entity_name(n), number, rank=1) for n in names if entity_name(n))


def _field_line(block: Block, section: Section, *, in_data: bool) -> Iterator[EntityFact]:
    """Read the fields of the heading's entity from one line: "`id, email UNIQUE, role('a' | 'b'), created_at`"."""
    if not in_data or (kind_of(section.title) == "data" and not PREFIX.match(section.title)):
        return
    name = entity_name(section.title)
    parts = split_outside(block.text.replace("\n", " ")[:4000]) if name and "," in block.text else []
    if len(parts) < 3 or sum(bool(_FIELD_LIKE.match(p)) for p in parts) * 4 < len(parts) * 3:
        return
    facts = [_spaced_field(p, block.line) for p in parts]
    if "id" in {f.field.name for f in facts if f} or any("_" in p for p in parts) or "`" in block.raw:
        yield EntityFact(name, section.line, _kept(facts), rank=2)


def _spaced_field(text: str, line: int) -> FieldFact | None:
    name, _, rest = text.partition(" ")
    if "(" in name:
        name, _, rest = text.partition("(")
        rest = f"({rest}"
    return parse_field(name, rest, "", line)


def _table(block: Block, section: Section, *, in_data: bool) -> Iterator[EntityFact]:
    headers = [fold(h).strip() or h.strip() for h in block.header]
    if not headers:
        return
    firsts = [r.cells[0].strip("` *") for r in block.rows if r.cells and r.cells[0].strip()]
    named = [c for c in firsts if _IDENTIFIER_NAME.match(c)]
    vague = _DATA_HEADER.match(headers[0])
    if (_ENTITY_HEADER.match(headers[0]) and not vague and (in_data or len(headers) > 1)) or (
        vague and len(named) >= 3 and len(named) * 3 >= len(firsts) * 2
    ):
        yield from _entity_table(block, headers)
        return
    typed = next((i for i, h in enumerate(headers) if _TYPE_HEADER.search(h)), None)
    if not _FIELD_HEADER.match(headers[0]) or (typed is None and not in_data) or len(headers) < 2:
        return
    name = _own_name(section) or entity_name(section.title) or entity_name(block.lead.rstrip(":"))
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
        name = entity_name(row.cells[0]) if row.cells and "." not in row.cells[0] else ""
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
    waiting = ""
    for line, text in block.lines():
        joined = f"{waiting} {text.strip()}" if waiting else text
        # A list may go on in the next line.
        waiting = joined if text.rstrip().endswith(",") and len(joined) < 1000 else ""
        for part in () if waiting else listed_names(joined):
            name = entity_name(part)
            if name:
                yield EntityFact(name, line, rank=1)


def _own_name(section: Section) -> str:
    """Return the entity that a heading names, itself or with the heading above it ("Garden" / "Fields")."""
    titles = section.titles[:2]
    title = titles[1] if len(titles) > 1 and _LEAD_FIELDS.match(section.title) else section.title
    if kind_of(title) == "data" and not (PREFIX.match(title) or SUFFIX.search(title)):
        return ""
    return entity_name(title)


def _plain(items: list[Block]) -> Iterator[EntityFact]:
    """Read a list of entities without marks: "Garden: id, title", "Garden (id, title)", "Garden - what ...", "Garden"."""
    tops = [b for b in items if b.level <= 1]
    matches = [(b, _PLAIN_ITEM.match(" ".join(b.text.split())[:2000])) for b in tops]
    found = [(b, m) for b, m in matches if m and entity_name(m.group(1))]
    if len(found) < 2 or len(found) * 3 < len(tops) * 2:
        return
    nested = len(items) > len(tops)
    facts = [(b, m, _inline(m.group(2) or m.group(3) or "", b.line)) for b, m in found]
    listed = all(not m.group(2) and not m.group(3) for _, m, _ in facts) and len(facts) >= 3 and not nested
    for block, match, fields in facts:
        if fields:
            yield EntityFact(entity_name(match.group(1)), block.line, fields, rank=2)
        elif listed or any(f for _, _, f in facts):
            yield EntityFact(entity_name(match.group(1)), block.line, rank=1)


def _field_bullets(items: list[Block]) -> Iterator[EntityFact]:
    """Read a bullet with names of entities and one bullet below it that has all fields: "- **Cart**" / "- `id`, `total`".

    Of two names in one bullet, the last one has the fields: they are those of the lines of the first.
    """
    for block, below in pairwise(items):
        if block.level > 1 or below.level != block.level + 1:
            continue
        head = _NAMES_ONLY.match(block.raw.strip())
        found, sure = _item_fields(below) if head and "," in below.text else ([], False)
        names = (
            [entity_name(n.strip(" *`:")) for n in re.split(r"\s/\s|,|&", re.sub(r"\s*\([^()]*\)", "", head.group(1)))]
            if head
            else []
        )
        if sure and len(_kept(found)) >= 2 and names and all(names):
            yield EntityFact(names[-1], block.line, _kept(found), rank=2)
            for name in names[:-1]:
                yield EntityFact(name, block.line, rank=1)


def _items(items: list[Block], section: Section, *, in_data: bool) -> Iterator[EntityFact]:
    own = _own_name(section)
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
    raw = block.raw.strip().translate(_WIDE)
    match = _BOLD_ITEM.match(raw)
    if block.level > 1:
        return
    several = _SEVERAL.match(raw)
    if several and not match:
        for part in re.split(r"[,/&]|\band\b", several.group(1)):
            name = entity_name(part.strip(" *`"))
            if name:
                yield EntityFact(name, block.line, description=raw[several.end() :].strip(" :–—-")[:300], rank=1)
        return
    if not match:
        return
    name = "" if raw.startswith("`") and is_field_name(match.group(1)) else entity_name(match.group(1))
    text = block.text.split("\n")[0]
    rest = text[len(match.group(1)) :].lstrip(" :：–—-→")
    if name:
        fields = _inline(match.group(2) or _unwrapped(rest), block.line)
        yield EntityFact(name, block.line, fields, description="" if fields else rest[:300], rank=2 if fields else 1)


def _item_fields(block: Block) -> tuple[list[FieldFact | None], bool]:
    """Return the fields of one bullet and whether it surely is about fields."""
    text = " ".join(block.text.translate(_WIDE).split())
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
