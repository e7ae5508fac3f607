# ruff: noqa: RUF001 - dashes and brackets of other scripts are what authors write
"""What the system is called: in the text, and as the short name of its only service."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from pytest_superteam.architect.document.kinds import kind_of
from pytest_superteam.architect.document.sections import clean_title
from pytest_superteam.architect.names import fold, vocabulary

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytest_superteam.architect.document.sections import Document

__all__ = ["short_name", "system_title"]

_NOISE = re.compile(
    r"product[ -]requirements?[ -](?:document(?:ation)?|draft|doc|specification)?s?|requirements? (?:document"
    r"|definition|specification|draft)s?"
    r"|software requirements? specification|functional specification"
    r"|technical specification|project specification"
    r"|documento de (?:requisitos|requerimientos)(?: (?:do|de|del) (?:produto|producto|sistema|proyecto))?"
    r"|especifica\w+ de requisitos"
    r"|cahier des charges|document d.exigences|spécifications? fonctionnelles?|pflichtenheft|lastenheft"
    r"|anforderungs\w+|produktanforderung\w*"
    r"|tài liệu yêu cầu(?: sản phẩm)?"
    r"|dokumen (?:persyaratan|kebutuhan)(?: produk)?|ürün gereksinim\w*(?: dok\w+)?"
    r"|gereksinim\w* dok\w*"
    r"|产品需求文档|產品需求文件|需求文档|需求规格说明书?|需求说明书?"
    r"|プロダクト要求仕様書|要件定義書|要求仕様書|製品要求仕様書"
    r"|요구사항 정의서|제품 요구사항(?: 정의서| 문서)?|기획서"
    r"|техническое задание|документ требований|требования к продукту|\bтз\b|\bprd'?s?\b|\bsrs\b|\bbrd\b|\bmrd\b"
    r"|\bdraft\b|\bfinal\b"
    r"|\bv\.?\d+(?:\.\d+)*\b|\bversion\b[\s\d.]*|\bdetailed\b|\bproject documentation\b"
    r"|[(（\[][^()（）\[\]]{0,80}[)）\]]",
    re.IGNORECASE,
)
_SPLIT = re.compile(r"\s[–—|:-]{1,2}\s|[–—|:：]|\s[/·•]\s")
_GENERIC = vocabulary(
    "api apis background context goals goal introduction objective objectives overview services summary product "
    "project document "
    "name requirements scope purpose title readme mvp users user vision metadata version document-information author "
    "date status "
    "features architecture backend frontend"
) | {
    "executive summary", "nom du projet", "problem statement", "rest api", "project overview", "product overview",
    "product name",
    "project name", "document information", "table of contents", "original requirements", "user stories",
    "product goals",
    "target audience", "system overview", "core idea", "tech stack", "rest api endpoints", "product vision", "app name",
}  # fmt: skip
_NUMBERED = re.compile(r"\s*(?:\d|[IVX]{1,4}[.)])")
_NATIVE = frozenset(
    {"архитектура", "概要", "概述", "はじめに", "개요", "目次", "목차", "目录", "введение", "обзор", "背景"}
)
_LABEL = re.compile(
    r"^\W{0,6}(?:(?:product|project|app(?:lication)?|system|platform|software|working|service)[ -](?:name"
    r"|title)(?: \(working\))?|name of the (?:product|project|app)"
    r"|product|project|application|nom du (?:projet|produit)|nombre del? (?:proyecto|producto|sistema)"
    r"|nome do (?:projeto|produto|sistema)"
    r"|projektname|produktname|nome del (?:progetto|prodotto)|产品名称|產品名稱"
    r"|项目名称|系统名称|プロダクト名|サービス名|システム名|製品名|프로젝트명|서비스명|제품명"
    r"|название(?: проекта| продукта)?|tên (?:dự án|sản phẩm)|nama (?:proyek|produk|aplikasi)"
    r"|proje adı)\W{0,4}[:：|]\W{0,6}(\w.{1,80})$",
    re.IGNORECASE,
)
_IS_A = re.compile(
    r"^\W{0,4}(?:the )?(?!(?:Here|This|There|It|That|What|Below|Our|My|We|Each|Every|A|An|User"
    r"|Users)\b)([A-Z][\w'’-]{1,30}(?: [A-Z][\w'’-]{0,30}){0,3})\W{0,4}(?:\([^()]{0,60}\)\s?)?\s?(?:is|est|es|é"
    r"|ist)\s(?:an?|the|une?|una?|uma?|eine?)\s"
)
_CALLED = re.compile(
    r"\b(?:the|our|an?|called|named)\s+((?:[\w'’-]{2,24} ){1,3}(?:service|platform|system|app|application|portal"
    r"|marketplace|website|tool|engine|api|store|backend))\b",
    re.IGNORECASE,
)
_EMPTY = vocabulary(
    "a an and are be build building by can complete comprehensive create current delivering design develop entire "
    "existing fast "
    "following for full fully functional given high-level in integrated is it modern new of on or other our overall "
    "own proposed "
    "robust same scalable secure simple single software system that the their this to unified web web-based which "
    "with will your "
    "application back-end backend front-end frontend online digital platform mobile operating file"
)
_CUT = re.compile(r"\b(?:for|using|with|built|based|powered|para|pour|mit|fur|per)\b.*$")
_DROPPED = vocabulary("the a an mvp prd project product v1 v2 app-idea detailed")
_LONGEST = 32


def system_title(document: Document) -> str:
    """Return what the text calls the system: its first heading, a label, or a sentence that names it."""
    shown = [s for s in document.sections if s.level > 0][:6]
    for place, section in enumerate(shown[:3]):
        name = "" if _NUMBERED.match(section.heading) else _name_in(section.heading, first=place == 0)
        if name:
            return name
        if section.blocks or not _NOISE.search(section.heading):
            break
    lines = list(_first_lines(document))
    for pattern in (_LABEL, _IS_A, _CALLED):
        for text in lines:
            match = pattern.search(text[:400])
            if match:
                name = _meant(match.group(1))
                if name:
                    return name
    numbered = bool(shown) and bool(_NUMBERED.match(shown[0].heading))
    return "" if numbered and kind_of(document.title) else document.title


def _name_in(heading: str, *, first: bool) -> str:
    rest = _NOISE.sub(" ", heading)
    for part in _SPLIT.split(rest):
        name = " ".join(clean_title(part).split()).strip(" .:-–—\"'“”")
        folded = fold(name).strip()
        if (
            len(name) < 2
            or folded in _GENERIC
            or name.lower() in _NATIVE
            or (folded and len(folded) < 2 and name.isascii())
        ):
            continue
        if first or not kind_of(name):
            return name
    return ""


def _first_lines(document: Document) -> Iterator[str]:
    count = 0
    for section in document.sections:
        for block in section.blocks:
            rows = [" : ".join(r.cells[:2]) for r in block.rows[:10]]
            for text in (*([] if block.kind == "code" else block.text.split("\n")[:20]), *rows):
                if text.strip():
                    count += 1
                    yield text
                if count > 60:
                    return


def _meant(text: str) -> str:
    name = " ".join(_NOISE.sub(" ", text).split()).strip(" .:*_`\"'“”|")
    parts = name.split()
    while parts and fold(parts[0]) in _EMPTY:
        parts = parts[1:]
    name = " ".join(parts)
    return name if len(parts) <= 8 and fold(name).strip() not in _GENERIC | _EMPTY and len(name) > 1 else ""


def short_name(title: str) -> str:
    """Return the name of the only service of a system of this title: at most some 30 characters, or `backend`."""
    folded = fold(title)
    if not title.isascii() and len(re.sub(r"[^a-z]", "", folded)) < 4:
        return "backend"
    folded = _CUT.sub("", re.split(r"[:|]", folded)[0]) if len(folded) > _LONGEST else folded
    parts = [p for p in re.findall(r"[a-z0-9]+", folded) if p not in _DROPPED] or re.findall(r"[a-z0-9]+", folded)
    name = ""
    for part in parts:
        if name and len(name) + len(part) >= _LONGEST:
            break
        name = f"{name}-{part[:_LONGEST]}" if name else part[:_LONGEST]
    if not name:
        return "backend"
    return name if name[0].isalpha() else f"service-{name}"
