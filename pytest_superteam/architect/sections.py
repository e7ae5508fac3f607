"""Blocks to sections: what each heading is about, in the languages of the real documents."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from pytest_superteam.architect.blocks import Block, read_blocks
from pytest_superteam.architect.names import fold

__all__ = ["Document", "Section", "read_document"]

# Order is precedence: the first pattern that a title matches decides. Titles are folded to lower-case ASCII for the
# first pattern of each pair; the second one sees the title itself, for other scripts.
_KINDS: tuple[tuple[str, str, str], ...] = (
    (
        "excluded",
        r"out[- ]of[- ]scope|non[- ]?goals?\b|not in scope|\bexclu(?:ded|sions?|s)\b|\bwon'?t\b|will not|\bdeferred|not implemented"
        r"|\bfuture\b|nice[- ]to[- ]have|later phases?|post[- ]mvp|hors (?:du )?(?:scope|perimetre|champ)|non[- ]objectifs"
        r"|fuera de(?:l)? alcance|fora d[eo] escopo|nicht[- ]ziele|nicht im (?:umfang|scope)|abgrenzung|ausserhalb"
        r"|fuori (?:ambito|scope)|buiten (?:de )?scope|kapsam disi|ngoai pham vi",
        "対象外|スコープ外|範囲外|非目標|実装しない|不包含|不在范围|范围外|非目标|暂不|범위 외|제외|вне (?:рамок|скоупа|объ)|не входит",
    ),
    ("nonfunctional", r"non[- ]?functional|nfrs?\b|performance|scalab|reliab|non[- ]fonctionnel|nicht[- ]funktional|nao funcionai", "非機能|非功能|нефункц"),
    ("questions", r"open (?:questions|issues|points)|questions ouvertes|offene (?:fragen|punkte)", "未決|待定|未解决"),
    ("glossary", r"glossar|definitions|terminolog", "用語|术语"),
    ("risks", r"\brisks?\b|risques?\b|riesgos|riscos|risiken", "リスク|风险|риски"),
    ("metrics", r"success (?:metrics|criteria)|\bkpis?\b|metriques", "成功指标"),
    ("stack", r"tech(?:nology|nical)? stack|technologies|stack technique|architecture technique", "技術スタック|技术栈"),
    ("states", r"\bstates?\b|\bstatus(?:es)?\b|lifecycle|life cycle|state machine|transitions?\b|\bstatuts?\b|estados", "状態|状态|статус"),
    ("data", r"data ?(?:models?|architecture|structures?|schema|entities)|database|\bschemas?\b|\bentit(?:y|ies|es|ites)\b|domain model|\ber[- ](?:model|diagram)|\berd\b|modele de donnees|\btables?\b|modelo de d|datenmodell|\bmodels\b|key objects|core objects", "データモデル|データベース|テーブル|数据模型|数据库|实体|데이터 모델|модель данных|сущности"),
    ("events", r"\bevents?\b|messaging|\btopics?\b|evenements|eventos|ereignisse", "イベント|事件|события"),
    ("api", r"\bapis?\b|endpoints?\b|\broutes?\b|\brest\b|schnittstelle", "エンドポイント|接口|エンドポイント|эндпоинт"),
    ("services", r"micro-?services?\b|^(?:the |core |backend |system )?services?\b|\bdeployables?\b|\bservices\b", "マイクロサービス|微服务|サービス一覧|микросервис"),
    ("roles", r"\broles?\b|\bactors?\b|\bpersonas?\b|permissions?\b|user types|target users|acteurs|rollen|papeis|access control", "ユーザー種別|ターゲットユーザー|権限|角色|роли"),
    ("plan", r"milestones?|\bphases?\b|roadmap|timeline|\bsprints?\b|development plan|\bplanning\b|\bjalons\b|meilenstein", "マイルストーン|ロードマップ|里程碑|路线图"),
    ("ui", r"\bui\b|\bux\b|screens?\b|wireframes?|\bpages\b|front[- ]?end|design guidelines|ecrans", "画面|界面|デザイン"),
    ("requirements", r"requirements?\b|features?\b|functional|user stor|stories|use cases?|capabilit|acceptance|business rules|exigences|fonctionnalites|regles metier|anforderung|funktion|requisitos|funcionalidad|recursos|user flows?", "機能|要件|功能|需求|기능|функц|требован"),
)
_PATTERNS = tuple((kind, re.compile(latin), re.compile(other)) for kind, latin, other in _KINDS)
_NUMBER = re.compile(r"^(?:[(（]?\d{1,3}(?:\.\d{1,3}){0,5}[.):、）]?(?:\s+|(?=[^\W\d]))|[IVX]{1,5}[.)]\s+)")
_EDGE = re.compile(r"^[^\w(（/`\[{<.]+|[^\w)）\]}>/*.]+$")
_TITLE_NOISE = re.compile(
    r"product requirements? (?:document|draft|doc)?|requirements? (?:document|specification|draft)|\bprds?\b|\bdraft\b|\bfinal\b"
    r"|\bv\d+(?:\.\d+)*\b|\bversion\b[\s\d.]*|\bspecification\b|[(（][^()（）]{0,80}[)）]",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Section:
    """A heading with the blocks under it, up to the next heading. `kinds` are its own kind and those of its parents.

    `titles` are its own title and those of the headings above it, innermost first.
    """

    title: str
    line: int
    level: int
    kind: str
    kinds: tuple[str, ...]
    titles: tuple[str, ...]
    blocks: tuple[Block, ...] = ()
    heading: str = ""
    """The title with its number and marks."""

    @property
    def excluded(self) -> bool:
        """Return whether the section lists what must not be built."""
        return "excluded" in self.kinds


@dataclass(frozen=True)
class Document:
    """A read requirements document: its title and its sections in order."""

    title: str
    sections: tuple[Section, ...]
    text: str = field(repr=False, default="")

    def live(self) -> Iterator[Section]:
        """Yield the sections that describe what is to be built."""
        return (s for s in self.sections if not s.excluded)


def clean_title(text: str) -> str:
    """Return a heading without its number, emoji and trailing colon."""
    text = _EDGE.sub("", text.strip())
    return _EDGE.sub("", _NUMBER.sub("", text)).strip()


def kind_of(title: str) -> str:
    """Return what a section of this title is about, or an empty string."""
    folded = fold(title)
    if re.search(r"\bin[- ]scope\b.{0,20}\bout", folded):
        return ""
    return next((k for k, latin, other in _PATTERNS if latin.search(folded) or other.search(title)), "")


def read_document(text: str) -> Document:
    """Return the sections of a Markdown text."""
    blocks = read_blocks(text)
    tops = [b for b in blocks if b.kind == "heading" and b.level == 1]
    first = next((b for b in blocks if b.kind == "heading"), None)
    root = first if first is not None and (first.level == 1 or first is blocks[0]) and first.text else None
    if root is not None and _NUMBER.match(root.text) and len(tops) > 1:
        root = None
    sections: list[Section] = []
    for head, body in _grouped(blocks):
        sections.append(_section(head, body, sections, plain_title=head is root))
    return Document(_document_title(blocks), tuple(sections), text)


def _grouped(blocks: list[Block]) -> Iterator[tuple[Block, list[Block]]]:
    head, body = Block("heading", 1, "", "", 0), []
    for block in blocks:
        if block.kind == "heading":
            yield head, body
            head, body = block, []
        else:
            body.append(block)
    yield head, body


def _section(head: Block, body: list[Block], before: list[Section], *, plain_title: bool) -> Section:
    title = clean_title(head.text)
    parent = next((s for s in reversed(before) if s.level < head.level), None)
    # Bold lines are headings of their own level: two of them in a row are siblings, whatever stands above.
    own = "" if plain_title or (head.level == 7 and len(title.split()) > 6) else kind_of(title)
    above = parent.kinds if parent else ()
    return Section(
        title=title,
        line=head.line,
        level=head.level,
        kind=own or (parent.kind if parent else ""),
        kinds=((own, *above) if own else above),
        titles=(title, *(parent.titles if parent else ())),
        blocks=tuple(body),
        heading=head.text,
    )


def _document_title(blocks: list[Block]) -> str:
    candidates = [b.text for b in blocks[:40] if b.kind == "heading"]
    for text in candidates[:6]:
        rest = _TITLE_NOISE.sub(" ", text)
        parts = [clean_title(p) for p in re.split(r"\s[–—|:-]\s|[–—|:]", rest)]
        name = next((p for p in parts if len(fold(p).strip()) >= 2 and not kind_of(p)), "")
        if name and fold(name).strip() not in {"overview", "introduction", "summary", "executive summary", "nom du projet"}:
            return " ".join(name.split())
    return candidates[0].strip() if candidates else ""
