# ruff: noqa: RUF001, E501 - authors write in many scripts, and the words of a language stay on one line
"""Entities that the text only lists: "Key entities: User, Order", "tables (users, orders)", "`users`, `orders`"."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from pytest_superteam.architect.names import fold, pascal, singular, vocabulary, words

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from pytest_superteam.architect.document.blocks import Block

__all__ = ["described_models", "is_field_name", "labelled_names", "listed_names", "listed_tables"]

_ABOUT = re.compile(
    r"\b(?:tables?|entit(?:y|ies|es?|ites)|collections?|(?:data |domain |mongoose |orm |db |database |core |eloquent |prisma "
    r"|sequelize |django )models?|models(?= ?[(:])|schemas?|data ?model|database|domain objects?|resources|core objects"
    r"|postgres(?:ql)?|mongodb|mysql|sqlite|firestore|tablas?|tabelas?|tabellen?|tabelle|entidad(?:e|es)?|entita|entitaeten"
    r"|entitaten|colecciones|colecoes|modele de donnees|modelo de d\w+|banco de dados|base de d\w+|bdd|datenmodell"
    r"|thuc the|cac bang|tabel|entitas|tablolar|varliklar)\b"
)
_ABOUT_OTHER = re.compile(
    r"таблиц|сущност|модел[ьи] данных|数据表|[实實][体體]|数据模型|テーブル|エンティティ|테이블|엔티티"
)
_SAYS = re.compile(
    r"(?:^|[\s(*-])(?:(?:key|main|core|domain|primary|principal|important|central|business)\s+)?"
    r"(?:entities|domain objects|data objects|data entities|tables|models|collections|aggregates)"
    r"(?:\s+(?:required|involved|used|managed|owned|needed|affected))?(?:\s*\([^()]{0,40}\))?"
    r"\s*(?:\*\*)?\s*(?:are|include|:|=)\s*:?\s*(?:\*\*)?\s*([^.\n]{3,600})"
    r"|(?:(?:principales )?entit[eé]s(?: principales| cl[eé]s)?|entidad(?:e)?s(?: principa(?:les|is)| clave)?|tablas|tabelas"
    r"|entit[aà](?: principali)?|entit[aä]ten|tabellen|сущности|таблицы|(?:核心|主要)?实体|数据表|(?:主要)?エンティティ"
    r"|テーブル|(?:주요 ?)?엔티티|테이블|các bảng|thực thể|entitas|tabel)\s*(?:\*\*)?\s*[:：]\s*([^.。\n]{3,600})",
    re.IGNORECASE,
)
_TICKED = re.compile(r"`([^`\n]{2,60})`")
_TICKED_LONG = re.compile(r"`([^`]{8,1500})`")
_BRACKETS = re.compile(r"[(（]([^()（）\n]{6,400})[)）]")
_NAME = re.compile(r"^[A-Za-z][A-Za-z0-9]*(?:_[A-Za-z0-9]+)*$")
_FIELD = re.compile(
    r"^(?:id|uuid|email|password|name|title|status|type|role|description|price|slug|phone|url|date)$|_(?:id|at|on|url|hash|by|name|date|type|count|status|key|uid)$|^(?:is|has|can)_"
)
_CHAIN = re.compile(
    r"(?:`[^`\n]{2,40}`\s{0,3}(?:\([^()\n]{0,60}\)\s{0,3})?(?:[,、，;/&+]|and\b|und\b|et\b|y\b|e\b|и\b|$)[\s*]{0,3}){2,60}"
)
_PROSE = vocabulary("etc others more other and")
_LABEL = re.compile(
    r"^(?:(?:key|core|main|domain) )?(?:models?|entities|tables|collections)"
    r"(?: (?:used|involved|required|needed|affected|touched))?\s{0,2}:?$",
    re.IGNORECASE,
)
_BARE = re.compile(r"^[A-Za-z][A-Za-z]{1,30}(?:_[A-Za-z]{1,30}){0,3}$")
_MADE = re.compile(
    r"\b(?:creates?|implements?|adds?|defines?|introduces?)\s(?:an?\s|the\s|new\s){0,2}`([A-Za-z_]{3,50})`\s(?:table|collection|model)\b"
    r"(?:\s(?:with|containing)\s([^.\n]{3,400}?)\s(?:fields|columns)\b)?",
    re.IGNORECASE,
)
_WITH = re.compile(
    r"^\s{0,8}(?:(?:[-*+]|\d{1,3}[.)])\s)?(?:the\s)?[`*]{0,3}([A-Z]\w{1,40})[`*]{0,3}\s(?:model|table|entity|collection)\s(?:with|has|contains)"
    r"\s(?:the\s)?(?:following\s)?(?:fields|columns|attributes|properties)\s{0,2}:\s{0,3}(\S.{2,1500})$",
    re.IGNORECASE,
)
_SHEET = re.compile(
    r"^\s{0,4}\d{1,2}(?:\.\d{1,2}){1,3}\.?\s{1,3}(?:(?:table|tab|sheet|collection|entity)\s{0,2}:\s{0,3}([A-Za-z][\w ]{1,40})"
    r"|([A-Za-z][\w ]{1,40}?)\s(?:table|collection|entity))\s{0,4}$",
    re.IGNORECASE,
)
_HEADER_CELL = re.compile(r"^\s{0,8}(?:field|column|attribute)s?(?: (?:name|header))?\s{0,4}$", re.IGNORECASE)


def is_field_name(text: str) -> bool:
    """Return whether an identifier is that of a field: `updated_at`, `item_id`, `email`."""
    return bool(_FIELD.search(text))


def labelled_names(items: Sequence[Block], title: str) -> list[tuple[str, int]]:
    """Return the names in bullets right below "Models used:", written as heading or as lead: name and line.

    Each must be one bare identifier and most of them plural or in snake case, so "Model: Regression" lists none.
    """
    groups: dict[str, list[Block]] = {}
    for block in items:
        if block.level <= 1:
            groups.setdefault(block.lead.strip(" *") or title, []).append(block)
    found: list[tuple[str, int]] = []
    for label, blocks in groups.items():
        if len(label) < 60 and _LABEL.match(label):
            names = [b.text.strip(" `*") for b in blocks]
            sure = sum("_" in n or singular(n.lower()) != n.lower() for n in names)
            if all(_BARE.match(n) and not _FIELD.search(n) for n in names) and sure * 2 > len(names):
                found += [(n, b.line) for n, b in zip(names, blocks, strict=True)]
    return found


def described_models(block: Block) -> Iterator[tuple[str, str, int]]:
    """Yield name, fields and line of "Create `quotes` table with a, b fields", "User model with fields: ..."."""
    raw = block.raw
    if not any(word in raw for word in ("able", "odel", "ollection", "ntity", "Tab:", "Sheet:")):
        return
    rows = raw[:20_000].split("\n")
    for number, row in enumerate(rows):
        text = row[:2000]
        for match in _MADE.finditer(text) if "`" in text else ():
            if not _FIELD.search(match.group(1)):
                yield match.group(1), match.group(2) or "", block.line + number
        said = _WITH.match(text)
        if said:
            yield said.group(1), said.group(2), block.line + number
        sheet = _SHEET.match(text) if len(text) < 100 else None
        if sheet and any(_HEADER_CELL.match(r) for r in rows[number + 1 : number + 3]):
            yield sheet.group(1) or sheet.group(2), "", block.line + number


def listed_tables(block: Block, *, in_data: bool) -> list[tuple[str, int]]:
    """Return the names of tables in code marks or brackets, of a block that speaks of tables: name and line."""
    raw = block.raw
    if "`" not in raw and "(" not in raw and "（" not in raw:
        return []
    if not (in_data or _ABOUT.search(fold(raw[:3000])) or _ABOUT_OTHER.search(raw[:3000])):
        return []
    found: dict[str, int] = {}
    for names, at in _runs(raw[:8000]):
        near = _ABOUT.search(fold(raw[max(0, at - 25) : at + 1]))
        if _are_tables(names, loose=in_data or bool(near)):
            for name in names:
                found.setdefault(pascal(name), block.line + raw.count("\n", 0, at))
    return list(found.items())


def _runs(raw: str) -> Iterator[tuple[list[str], int]]:
    if "`" in raw:
        for match in _TICKED_LONG.finditer(raw):
            names = [n.strip() for n in re.split(r"[,、，\s]+", match.group(1)) if n.strip()]
            if len(names) >= 3 and match.group(1).count(",") >= len(names) - 2:
                yield names, match.start()
        for match in _CHAIN.finditer(raw):
            yield [n.strip() for n in _TICKED.findall(match.group())], match.start()
    for match in _BRACKETS.finditer(raw):
        names = [n.strip(" `*") for n in re.split(r"[,、，]", match.group(1))]
        # In brackets, capitalised words are tables only right behind the word for it: "models (`User`, `Order`)".
        if len(names) >= 2 and (
            names[0][:1].islower() or _ABOUT.search(fold(raw[max(0, match.start() - 25) : match.start()]))
        ):
            yield names, match.start()


def _are_tables(names: list[str], *, loose: bool) -> bool:
    """Return whether these are names of tables or models and not of fields or values."""
    if len(names) < 2 or not all(_NAME.match(n) and len(n) < 50 for n in names):
        return False
    if any(_FIELD.search(n) for n in names):
        return False
    plural = sum(singular(words(n)[-1]) != words(n)[-1] for n in names if n[0].islower())
    classes = sum(bool(re.match(r"^[A-Z][a-z]+", n)) for n in names)
    enough = 2 if loose else 3
    return (plural * 4 >= len(names) * 3 and len(names) >= enough) or (
        classes == len(names) and len(names) >= 2 and loose
    )


def listed_names(text: str) -> list[str]:
    """Return the names that a sentence such as "Key entities: User, Order, etc." lists, as written."""
    if ":" not in text and "：" not in text and "=" not in text and " are " not in text and " include" not in text:
        return []
    match = _SAYS.search(text[:2000])
    if not match:
        return []
    said = match.group(1) or match.group(2)
    parts = [p.strip(" *`.;") for p in re.split(r",|、|，|;|\band\b|&|\be\b|\bet\b|\by\b|\bund\b|\bи\b", said)]
    parts = [re.sub(r"\s*[(（][^()（）]{0,80}[)）]?$", "", p) for p in parts]
    return [p for p in parts if p and len(p.split()) <= 3 and p.lower() not in _PROSE] if len(parts) >= 2 else []
