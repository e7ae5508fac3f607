# ruff: noqa: RUF001 - dashes and brackets of other scripts are what authors write
"""Lists of parts in a text, whatever their form: tables, headings, bullets, sentences, compose files, folder trees."""

from __future__ import annotations

import re
from collections import defaultdict
from typing import TYPE_CHECKING

from pytest_superteam.architect.decomposition.part_code import TITLED, lists_in_code
from pytest_superteam.architect.decomposition.parts import (
    CODED,
    MICRO,
    MOST_LINES,
    SERVICES,
    Part,
    PartList,
    is_about_parts,
    part_of,
    parts_of,
)
from pytest_superteam.architect.decomposition.service_names import PORT, plain_name
from pytest_superteam.architect.document.sections import Document, Section, clean_title
from pytest_superteam.architect.names import fold, kebab, words

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytest_superteam.architect.document.blocks import Block

__all__ = ["mentions", "read_lists"]

_SERVICE_HEADER = re.compile(
    r"^(?:(?:core |backend |main )?(?:micro-?)?services?(?:/module)?(?: ?names?)?|deployables?|name of (?:the )?service"
    r"|(?:nombre del )?(?:micro)?servicio|(?:nome do )?(?:micros)?servico|(?:micro)?dienst(?:name)?|servizio"
    r"|nom du service"
    r"|usluga|layanan|dich vu|(?:サービス|服务|服務|微服务|微服務|서비스|マイクロサービス|сервис"
    r"|микросервис)(?:名称|名稱|名|명)?)$",
    re.IGNORECASE,
)
_PART_HEADER = re.compile(
    r"^(?:components?|modules?|parts?|packages?|workspaces?|folders?|director(?:y|ies)|layers?|applications?|apps?|containers?|tiers?|names?|systems?|area|category"
    r"|componentes?|composants?|komponenten?|schicht|couche|capa|camada|modulos?|ebene|bereich|componenti|comp\w{0,8}"
    r"|コンポーネント|レイヤー|层级|层|组件|模块|模組|컴포넌트|모듈|계층|구분|компонент|модуль|слой|thanh phan)$"
)
_ABOUT = re.compile(
    r"responsib|description|purpose|role|what|zustaendig|fonction|descri|responsab|tech|stack|funcion|aufgabe"
    r"|説明|責任|责任|职责|描述|役割|技术|技術|역할|설명|기술|назначен|описан|технолог"
)
_PORT_HEADER = re.compile(
    r"^(?:ports?|puertos?|portas?|url|host|端口|ポート|포트|порт)\b|^(?:端口|ポート|포트|порт)", re.IGNORECASE
)
# Tables that have a service in each row without being a list of services.
_BY_SERVICE = {
    "path", "endpoint", "endpoints", "method", "entity", "table", "event", "field", "from", "requirement", "story",
    "alert",
    "metric", "price", "duration", "cost", "plan", "vendor", "provider", "customer",
    "availability", "uptime", "sla", "strength", "strengths", "weakness", "competitor",
}  # fmt: skip
_NAMED_ITEM = re.compile(r"^(?:\*\*|__|`|\[)+([^*`\]\n]{2,80}?)(?:\*\*|__|`|\])")
_SUBJECT = re.compile(r"^(.{2,70}?)\s*(?:[:：]|\s[–—-]\s|→|->|$)")
_BACK = re.compile(
    "back-?\\s?end|server|バックエンド|サーバ|백엔드|서버|后端|後端|服务|бэк|сервер|\\bapi\\b", re.IGNORECASE
)
_METHOD = re.compile(r"\b(?:GET|POST|PUT|PATCH|DELETE|HEAD|OPTIONS|WS)\b")
_LABEL = re.compile(r"^[-•*\s]{0,4}([^\W\d][\w .&/+()-]{1,40}?)\s{0,3}[:：]\s+(\S.{1,300})$")
_BARE = re.compile(
    r"^\s{0,8}((?:rest |web )?(?:back-?\s?end|front-?\s?end|server|client|api server)(?: (?:&|and) api| api)?)\s{0,4}$",
    re.IGNORECASE,
)
_SENTENCE = re.compile(
    r"(?:\b(?:two|three|four|five|six|seven|eight|nine|ten|\d{1,2}|following|main|core|separate|independent|several"
    r"|these"
    r"|deux|trois|quatre|cinq|suivants|dos|tres|cuatro|cinco|siguientes|dois|quatro|seguintes|zwei|drei|vier|funf"
    r"|folgende\w{0,2})"
    r"\s+(?:\w{1,15}\s+){0,2}|(?:consists? of|comprises|composed of|made up of|split into|divided into|broken into"
    r"|include[sd]?"
    r"|bestehen aus|besteht aus|composto por|compuesto por|compose de)\s+(?:\w{1,15}\s+){0,3})"
    r"(?:micro-?\s?services?|services?|deployables|microservicios|servicios|microsservicos|microservicos|servicos"
    r"|dienste[n]?"
    r"|mikroservices|microservizi|servizi)\s*(?:[:：–—(]|\s-\s|are\b|is\b|,? (?:namely|such as))\s*([^.\n;。]{5,400})"
)
_MICRO_LISTED = re.compile(
    r"\b(?:micro-?\s?services?|mikroservices|microservicios|micros?servicos)\s{0,3}[:：(]\s{0,3}([^.\n;()。]{8,300})"
)
_SENTENCE_NATIVE = re.compile(
    "(?:微?服务|微?服務|サービス|서비스|сервис\\w{0,4})\\s{0,3}(?:[:：(（]|包括|分为|即)\\s{0,3}([^。.\\n]{3,300})",
    re.IGNORECASE,
)
_AND = re.compile(r",? and |,? und |,? et |,? y |,? e |[,，、;；]| и |와 |과 |和|及")


def read_lists(document: Document) -> list[PartList]:
    """Return the lists of parts of the text to be built, in order of line within each form."""
    found: list[PartList] = []
    for section in document.live():
        labels: list[Part] = []
        bullets: dict[tuple[int, str], list[Block]] = defaultdict(list)
        above = ""
        for block in section.blocks:
            if block.kind == "table":
                found += _table(block, section, above)
            elif block.kind == "item":
                bullets[block.level, block.lead].append(block)
                if "icroserv" in block.text[:200]:
                    found += _sentences(block, section)
            elif block.kind == "code":
                found += lists_in_code(block, section)
                labels += [] if block.info else _labels(block)
            else:
                labels += _labels(block) or _bold(block)
                found += _sentences(block, section)
                above = block.text.rpartition("\n")[2][-200:]
        for (_, lead), items in bullets.items():
            found += _bullets(items, lead, section)
        if len(labels) > 1:
            found.append(parts_of("labels", tuple(labels), section, ""))
    return found + list(_headings(document))


# ---------------------------------------------------------------- tables


def _table(block: Block, section: Section, above: str) -> Iterator[PartList]:
    headers = [fold(h).strip() or h.strip() for h in block.header]
    column = next((i for i, h in enumerate(headers) if _SERVICE_HEADER.match(h)), None)
    headed = column is not None
    if column is None:
        column = 0 if headers and _PART_HEADER.match(headers[0]) else None
    if column is None and headers and (section.kind == "services" or MICRO.search(fold(section.title))):
        column = 0
    if column is None and not any(headers) and block.rows:
        column = 0
    if column is None or (column and section.kind != "services" and not MICRO.search(fold(above))):
        return
    if headed and _BY_SERVICE & {w for i, h in enumerate(headers) if i != column for w in words(h)}:
        return
    about = next((i for i, h in enumerate(headers) if i != column and _ABOUT.search(h)), None)
    if about is None and len(headers) > 1:
        about = 1 if column == 0 else 0
    port = next((i for i, h in enumerate(headers) if _PORT_HEADER.match(h)), None)
    parts = []
    for row in block.rows:
        text = " ".join(row.cells[column].split()) if column < len(row.cells) else ""
        if not text.strip("-–—.…~? "):
            continue
        detail = row.cells[about] if about is not None and about < len(row.cells) else ""
        ported = port is not None and port < len(row.cells) and any(c.isdigit() for c in row.cells[port])
        parts.append(part_of(text, row.line, detail, port=ported))
    if parts:
        yield parts_of("table", tuple(parts), section, f"{above} {' '.join(headers) if headed else ''}", headed=headed)


# ---------------------------------------------------------------- bullets, labels, sentences


def _bullets(items: list[Block], lead: str, section: Section) -> Iterator[PartList]:
    if not is_about_parts(section, lead) and not any(_BACK.search(b.text[:80]) for b in items[:MOST_LINES]):
        return
    parts = [p for p in map(_item, items[:MOST_LINES]) if p]
    if parts and len(parts) * 2 >= len(items):
        yield parts_of("bullets", tuple(parts), section, lead)


def _item(block: Block) -> Part | None:
    raw = block.raw.lstrip("# ")[:400].strip().split("\n")[0]
    first = block.text.split("\n")[0][:600].lstrip("# ")
    match = _NAMED_ITEM.match(raw)
    subject = match.group(1) if match else ""
    if not subject or (subject not in first):
        found = _SUBJECT.match(first)
        subject = found.group(1) if found else ""
    subject = subject.strip().rstrip(":：").strip()
    short = len(subject.split()) <= 6 and len(subject) <= 70
    if not subject.strip("-–—.…~? ") or _METHOD.search(subject) or not (short or ".." in subject):
        return None
    at = first.find(subject)
    rest = first[at + len(subject) :] if at >= 0 else ""
    port = bool(PORT.search(rest[:60]))
    rest = PORT.sub("", re.sub(r"^\s*[(（\[][^()（）\[\]\n]{0,120}[)）\]]", "", rest)) if port else rest
    return part_of(subject, block.line, rest.lstrip(" :：–—-)→").strip(), port=port)


def _labels(block: Block) -> list[Part]:
    found = []
    for line, text in block.lines():
        match = _LABEL.match(text[:400]) if ":" in text or "：" in text else None
        if match:
            found.append(part_of(match.group(1), line, match.group(2)))
        elif len(text) < 40 and _BARE.match(text):
            found.append(part_of(text.strip(), line))
    return found if len(found) < MOST_LINES else []


def _bold(block: Block) -> list[Part]:
    """Return what a paragraph is about that begins with a name in bold."""
    part = _item(block) if block.raw.startswith("**") and _NAMED_ITEM.match(block.raw[:100]) else None
    return [part] if part and (part.port or part.named) else []


def _sentences(block: Block, section: Section) -> Iterator[PartList]:
    for line, text in block.lines():
        low = text[:3000]
        wanted = SERVICES.search(low.lower()) or MICRO.search(low.lower())
        folded = fold(low) if wanted or not low.isascii() else ""
        match = (_SENTENCE.search(folded) if folded else None) or (
            None if low.isascii() else _SENTENCE_NATIVE.search(low)
        )
        short = _MICRO_LISTED.search(folded) if folded and not match else None
        match = match or short
        if not match:
            continue
        # The same place in the text as it is: folding keeps the length of ASCII only.
        listed = low[match.start(1) : match.end(1)] if low.isascii() or match.string is low else match.group(1)
        names = [n.strip(" *`\"'()（）") for n in _AND.split(listed)]
        names = [re.sub(r"^(?:and|the|an?|und|et|y|e)\s+", "", n, flags=re.IGNORECASE) for n in names if n]
        if short and (len(names) < 3 or any(words(n) and not plain_name(kebab(n), empty=True) for n in names)):
            continue
        if len(names) >= 2 and all(1 <= len(n.split()) <= 4 and len(n) <= 40 for n in names):
            yield parts_of("sentence", tuple(part_of(n, line) for n in names), section, text[:200], headed=True)


# ---------------------------------------------------------------- headings


def _headings(document: Document) -> Iterator[PartList]:
    groups: dict[tuple[tuple[str, ...], int], list[Section]] = defaultdict(list)
    parents: dict[tuple[str, ...], Section] = {}
    for section in document.live():
        if section.level > 0:
            groups[section.titles[1:3], section.level].append(section)
            parents.setdefault(section.titles[:2], section)
    for (titles, _), group in groups.items():
        parts = tuple(_heading(s) for s in group if clean_title(s.title))
        parent = parents.get(titles)
        if len(parts) < 2 or not parts:
            continue
        shown = parent or Section("", 1, 0, "", (), ())
        lead = "" if parent is None else _last_line(parent)
        yield parts_of("headings", parts, shown, lead)


def _last_line(section: Section) -> str:
    last = section.blocks[-1] if section.blocks else None
    return last.text.rpartition("\n")[2] if last is not None and last.kind == "paragraph" else ""


def _heading(section: Section) -> Part:
    about = next((b.text.split("\n")[0] for b in section.blocks if b.kind in ("paragraph", "item")), "")
    about = re.sub(r"^(?:purpose|responsibilit\w{1,3}|description|role)\s*:\s*", "", about, flags=re.IGNORECASE)
    return part_of(clean_title(section.heading or section.title), section.line, about)


def mentions(document: Document, *, titled: bool) -> PartList | None:
    """Return names of the form `order-service` anywhere in the text, and where asked for of `Order Service`."""
    facts: dict[str, Part] = {}
    last: Section | None = None
    for section in document.live():
        for block in section.blocks:
            for line, text in (*block.lines(), *((r.line, " ".join(r.cells)) for r in block.rows)):
                if "ervice" not in text and "-svc" not in text:
                    continue
                for match in CODED.finditer(text[:5000]):
                    facts.setdefault(match.group(), part_of(match.group(), line))
                    last = last or section
                if titled and block.kind != "code":
                    for match in TITLED.finditer(text[:5000]):
                        facts.setdefault(kebab(match.group()), part_of(match.group(), line))
                        last = last or section
    return parts_of("mentions", tuple(facts.values()), last, "") if len(facts) >= 2 and last is not None else None
