# ruff: noqa: RUF001, E501 - dashes and brackets of other scripts are what authors write
"""Requirements with their ids and lines, and the milestones of the plan."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from pytest_superteam.architect.document.sections import Document, Section, clean_title
from pytest_superteam.architect.names import fold, kebab
from pytest_superteam.models import Milestone, Requirement

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytest_superteam.architect.document.blocks import Row

__all__ = ["read_milestones", "read_requirements"]

_ID = (
    r"(?:[A-Z]{1,6}(?:-[A-Z]{1,8}){0,2}-\d{1,4}(?:\.\d{1,3}){0,3}"
    r"|(?:FR|NFR|RF|RNF|US|UC|BR|REQ|F|R|AC)\d{1,3}(?:\.\d{1,3}){0,3})"
)
_LEAD = re.compile(rf"^\(?({_ID})\)?\s*(?:[:.)\]–—-]|\s)\s*(.*)$", re.DOTALL)
_CELL = re.compile(rf"^\(?({_ID})\)?$")
_HASHES = frozenset({"SHA", "RSA", "AES", "ISO", "UTF", "RFC", "HTTP", "TLS", "HS", "RS", "ES", "PHASE", "COVID"})
_PRIORITY = re.compile(
    r"\b(P[0-4]|Must(?: have)?|Should(?: have)?|Could(?: have)?|Won't have|High|Medium|Low|Critical)\b", re.IGNORECASE
)
_TAIL = re.compile(r"\s*\(review_cycles:\s*\d+\)\s*$")
_MILESTONE = re.compile(
    r"^(milestone|phase|sprint|iteration|jalon|meilenstein|[eé]tape|fase|etapa|hito|marco|этап|фаза|спринт|giai đoạn|tahap"
    r"|fas[ei]|aşama|etap)\s+#?\s*([\w.]{1,10})\s*(?:[:–—.-]\s*(.*))?$"
    r"|^(里程碑|阶段|フェーズ|マイルストーン|단계|마일스톤)\s{0,3}#?(\d{1,3})\s*(?:[:：–—.-]\s*(.*))?$",
    re.IGNORECASE,
)
_STORY = re.compile(
    r"^[\"“«「]?(?:as an? .{2,60}?,? (?:i|we) (?:want|can|need|would like|should|must)\b|en tant qu.{2,60}?,? je "
    r"|como .{2,60}?,? (?:quiero|necesito|puedo|quero|preciso|posso|eu quero)\b|als .{2,60}? (?:m[oö]chte|will|kann) ich\b"
    r"|come .{2,60}?,? (?:voglio|posso)\b|как .{2,60}?,? я (?:хочу|могу)\b|là .{2,60}?,? tôi muốn\b|sebagai .{2,60}?,? saya (?:ingin|dapat)\b"
    r"|作为.{1,40}(?:我想|我希望|我要|我可以|我能)|作為.{1,40}(?:我想|我希望|我要|我可以|我能)|.{1,40}として、?.{1,200}(?:たい|できる)"
    r"|.{1,40}(?:로서|으로서),?\s)",
    re.IGNORECASE,
)
"""The begin of a user story in the languages of real documents."""
_ATTRIBUTE = re.compile(r"^(id|status|dependencies|depends on|description)\s*:\s*(.*)$", re.IGNORECASE | re.DOTALL)


def read_requirements(document: Document) -> tuple[Requirement, ...]:
    """Return the requirements in order; where the author gave no ids at all, they are called `line-N`."""
    found: dict[str, Requirement] = {}
    for requirement in _with_ids(document):
        found.setdefault(requirement.id, requirement)
    if not found:
        for requirement in _without_ids(document):
            found.setdefault(requirement.id, requirement)
    return tuple(found.values())


def _with_ids(document: Document) -> Iterator[Requirement]:
    for section in document.live():
        match = _LEAD.match(section.heading) if section.level else None
        if match and _is_id(match.group(1)):
            yield _made(match.group(1), clean_title(match.group(2)), section.line)
        for block in section.blocks:
            if block.kind == "table":
                yield from _from_table(block.rows, block.header)
            elif block.kind in ("item", "paragraph"):
                match = _LEAD.match(block.text)
                if match and _is_id(match.group(1)) and match.group(2).strip():
                    yield _made(match.group(1), match.group(2), block.line, done=block.checked)


def _from_table(rows: tuple[Row, ...], header: tuple[str, ...]) -> Iterator[Requirement]:
    priority = next((i for i, h in enumerate(header) if re.search(r"priorit", fold(h))), None)
    for row in rows:
        cells = row.cells
        match = _CELL.match(cells[0].strip()) if cells else None
        if match and _is_id(match.group(1)) and len(cells) > 1:
            rest = [c for i, c in enumerate(cells) if i and i != priority]
            text = max(rest, key=len, default="")
            level = cells[priority].strip() if priority is not None and priority < len(cells) else ""
            if text.strip():
                yield _made(match.group(1), text, row.line, priority=level)


def _is_id(text: str) -> bool:
    return text.split("-", maxsplit=1)[0].rstrip("0123456789.") not in _HASHES


def _made(key: str, text: str, line: int, *, done: bool = False, priority: str = "") -> Requirement:
    text = " ".join(_TAIL.sub("", text).split())
    found = _PRIORITY.search(" ".join(re.findall(r"[(\[]([^()\[\]]{1,40})[)\]]", text))) if not priority else None
    return Requirement(key, text[:1000], line, priority=priority or (found.group(1) if found else ""), done=done)


def _without_ids(document: Document) -> Iterator[Requirement]:
    for section in document.live():
        demands = section.kind == "requirements"
        for block in section.blocks:
            text = " ".join(block.text.split())
            told = block.kind in ("item", "paragraph") and _STORY.match(text[:400])
            if told or (demands and block.kind == "item" and block.level == 1 and len(text.split()) >= 2):
                yield _made(f"line-{block.line}", text, block.line, done=block.checked)


def read_milestones(document: Document) -> tuple[Milestone, ...]:
    """Return the milestones or phases that have a heading of their own."""
    found: dict[str, Milestone] = {}
    for section in document.live():
        match = _MILESTONE.match(section.title) if section.level else None
        if match:
            milestone = _milestone(section, match)
            found.setdefault(milestone.id, milestone)
    return tuple(found.values())


def _milestone(section: Section, match: re.Match[str]) -> Milestone:
    said: dict[str, str] = {}
    for block in section.blocks:
        attribute = _ATTRIBUTE.match(block.text) if block.kind == "item" else None
        if attribute:
            said.setdefault(attribute.group(1).lower(), attribute.group(2).strip())
    depends = said.get("dependencies", said.get("depends on", ""))
    names = tuple(
        d.strip()
        for d in re.split(r"[,;]", depends)
        if d.strip() and fold(d).strip() not in {"none", "n/a", "-", "no", "null", ""}
    )
    word, number = match.group(1) or match.group(4), match.group(2) or match.group(5)
    key = said.get("id", "").split("\n")[0].strip() or kebab(f"{word} {number}" if fold(word) else f"phase {number}")
    return Milestone(
        key, clean_title(match.group(3) or match.group(6) or section.title), section.line, said.get("status", ""), names
    )
