# ruff: noqa: RUF001, E501 - authors write in many scripts, and the words of a language stay on one line
"""What the text says must not be built: items of sections about it, columns of scope tables, marks, plain sentences."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from pytest_superteam.architect.document.kinds import kind_of
from pytest_superteam.architect.facts import Exclusion
from pytest_superteam.architect.names import fold

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytest_superteam.architect.document.blocks import Block
    from pytest_superteam.architect.document.sections import Document

__all__ = ["excludes", "read_exclusions"]

_SENTENCE = re.compile(
    r"\b(?:is|are|will) not (?:be )?(?:yet )?(?:implemented|supported|included|built|part of|in scope|needed|planned)"
    r"|\bout of scope\b|\bnot (?:in|part of) (?:the )?(?:scope|mvp|v1|this (?:version|release|phase))\b"
    r"|\bwe (?:do not|don'?t|will not|won'?t) (?:want|need|build|support|implement|include|store)\b|\bnot (?:yet )?(?:built|implemented)\b"
    r"|\bn'(?:est|sont) pas (?:implement|inclu|prevu|support|dans)|\bhors (?:perimetre|scope|mvp)\b|\bne (?:sera|seront) pas\b"
    r"|\bno (?:se )?(?:incluye|incluyen|implementa|soporta|contempla)\b|\bfuera de(?:l)? alcance\b|\bno esta(?:n)? incluid"
    r"|\bnao (?:inclui|sera|serao|esta incluid|contempla|suporta)\b|\bfora d[eo] escopo\b"
    r"|\b(?:ist|sind|wird|werden) nicht (?:enthalten|vorgesehen|teil|bestandteil|umgesetzt|unterstutzt|benotigt)\b"
    r"|\bnicht im (?:umfang|scope|mvp)\b|\bkeine?n? \w{3,30} (?:vorgesehen|notig|erforderlich|geplant)\b"
    r"|\bnon (?:e|sono) (?:inclus|previst|supportat)|\bfuori (?:ambito|scope)\b|\bkapsam disi|\bdahil degil"
    r"|\bkhong (?:bao gom|ho tro|thuoc pham vi)\b|\bngoai pham vi\b|\btidak (?:termasuk|didukung|mendukung)\b|\bdi luar (?:lingkup|cakupan)\b"
)
_OTHER_SCRIPTS = re.compile(
    "実装しません|実装しない|対象外|サポートしない|対応しない|含まない|含めない|保存しない|不实现|不實現|不支持|不支援|不包含|不包括|本期不做|暂不|暫不|不做"
    "|지원하지 않|포함하지 않|구현하지 않|제외한다|범위 외|미지원|не реализу|не входит|не входят|не поддержива|не требуется|не планиру|не предусмотр"
)
_MARK = re.compile(r"^\s*(?:❌|🚫|⛔|✗|✘|✖)\s*")
_NO = re.compile(
    r"^(?:no|pas de|pas d'|aucune?|sin|sem|senza|keine?|kein|ohne|geen|brak|без|нет|khong co|tidak ada|yok)[:\s]+"
    r"((?:[^\s.,;:]+\s?){1,4})[.;]?$"
)
_LATER = re.compile(
    r"[(（\[]\s{0,3}(?:future|later|post[- ]?mvp|not in mvp|out of scope|deferred|coming soon|phase [2-9]|v[2-9](?:\.\d)?|v1\.[1-9]"
    r"|not (?:yet )?(?:built|implemented)|won'?t have|二期|后续|後續|将来|今後|향후|추후|plus tard|futuro|spater|in futuro|позже)[^()（）\[\]]{0,40}[)）\]]",
    re.IGNORECASE,
)
_STRUCK = re.compile(r"~~([^~\n]{2,200})~~")
_SCOPE_HEADER = re.compile(
    r"^(?:in )?(?:scope|mvp|v1|included|in mvp|mvp scope|phase 1|release 1|this release|inclus|incluido|incluso|umfang)\??$"
    r"|^(?:MVP)?(?:スコープ|対応|対応範囲|本期|是否实现|범위|포함)$"
)
_NO_CELL = re.compile(
    r"^(?:❌|✗|✘|no|non|nein|nao|out|excluded|not included|対象外|否|不做|아니오|нет|x)\b|^(?:❌|✗|✘|対象外|否|不做)"
)


def excludes(text: str, raw: str = "") -> bool:
    """Return whether a line says by itself that what it speaks of is not built."""
    if _MARK.match(text) or _STRUCK.match(raw[:300].lstrip()):  # raw is the whole block, of whatever length
        return True
    if len(text) >= 300:
        return False
    return bool(_LATER.search(text) or _OTHER_SCRIPTS.search(text) or _SENTENCE.search(fold(text)))


def read_exclusions(document: Document) -> tuple[Exclusion, ...]:
    """Return what must not be built, in the author's words, in order."""
    found: dict[str, Exclusion] = {}
    for text, line in _all(document):
        clean = " ".join(_LATER.sub(" ", _MARK.sub("", text)).split()).strip(" .;-~")[:300]
        if clean:
            found.setdefault(clean.lower(), Exclusion(clean, line))
    return tuple(found.values())


def _all(document: Document) -> Iterator[tuple[str, int]]:
    for section in document.sections:
        for block in section.blocks:
            if block.kind == "table":
                yield from _table(block, excluded=section.excluded)
            elif section.excluded and block.kind in ("item", "code"):
                yield from ((text, line) for line, text in block.lines() if text.strip() and not _is_label(text))
            elif section.excluded and block.kind == "paragraph" and len(block.text) < 200:
                if not _is_label(block.text):
                    yield block.text, block.line
            elif block.kind in ("item", "paragraph"):
                yield from _said(block)


def _is_label(text: str) -> bool:
    """Return whether a line of such a section only repeats what its title says: "Out of scope:"."""
    return len(text.split()) <= 4 and len(text) < 40 and kind_of(text) == "excluded"


def _table(block: Block, *, excluded: bool) -> Iterator[tuple[str, int]]:
    """Read the columns of a table that are about what is left out, and its rows that a column for the scope denies."""
    columns = [i for i, h in enumerate(block.header) if kind_of(h) == "excluded"]
    if excluded and not columns:
        columns = [0]
    yield from ((r.cells[i], r.line) for r in block.rows for i in columns if i < len(r.cells))
    scope = [i for i, h in enumerate(block.header) if i and _SCOPE_HEADER.match(fold(h).strip() or h.strip())]
    for row in block.rows if scope else ():
        if any(i < len(row.cells) and _NO_CELL.match(fold(row.cells[i]) or row.cells[i]) for i in scope):
            yield row.cells[0], row.line


def _said(block: Block) -> Iterator[tuple[str, int]]:
    if "~~" in block.raw:
        yield from ((m.group(1), block.line) for m in _STRUCK.finditer(block.raw[:5000]))
    for line, text in block.lines():
        if len(text) < 300 and excludes(text):
            yield text, line
        elif block.kind == "item" and len(text) < 80:
            match = _NO.match(text.lower() if not text.isascii() else fold(text))
            if match:
                yield text.split(None, 1)[1], line
