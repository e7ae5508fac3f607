# ruff: noqa: RUF001 - words and brackets of other scripts
"""What stands before the paths of a document, a section, a list: base URLs and the prefixes of groups."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from pytest_superteam.architect.interface.endpoint_lines import narrow
from pytest_superteam.architect.interface.routes import HOST, METHODS, PATH, cleaned, is_foreign

if TYPE_CHECKING:
    from pytest_superteam.architect.document.sections import Document, Section

__all__ = ["Bases", "group_prefix", "plain_prefix"]

_WORDS = (
    r"(?:base|root|common)[ -]?(?:api[ -]?)?(?:url|path|uri|route|endpoint)|(?:api|url|global|route|path)[ -]?prefix"
    r"|prefix(?:ed)?\b|pr[eé]fixe?s?\b|prefijo|prefixo|präfix|prefisso|basis-?\s?(?:url|pfad)"
    r"|url (?:de )?base|base de (?:la )?(?:api|url)"
    r"|ベース\s?(?:url|パス)|プレフィックス|接頭辞|基础\s?(?:路径|url|地址)|基本\s?(?:路径|url)|根路径"
    r"|(?:统一|接口)?前缀"
    r"|(?:기본|베이스)\s?(?:url|경로)|접두사|базов\w{2} (?:url|путь|адрес)|префикс\w{0,3}|tien to|tiền tố"
    r"|versioned|api root|server url"
    r"|(?:all|alle|tous|toutes|todos|todas|tutti|все|すべての|所有)\s?(?:les |los |las |os |as |the |of the |our )?"
    r"(?:(?:api|rest|backend|public) )?(?:end-?points?|endpunkte|routes?|routen|rutas|rotas|paths|apis?|接口"
    r"|エンドポイント|эндпоинты)"
    r"[^.。\n]{0,40}?\b(?:under|with|at|start\w*|begin\w*|unter|mit|sous|par|bajo|en|com|sob|liegen|live|served)"
)
_BASE = re.compile(rf"(?:{_WORDS})(?P<between>[^\n/]{{0,60}}?)(?P<host>{HOST})?(?P<path>{PATH})", re.IGNORECASE)
_TITLE = re.compile(_WORDS, re.IGNORECASE)
_SHORT = 100
_BEFORE = re.compile(
    r"(?P<path>/(?:api|v\d)(?:/[\w.-]{1,40}){0,4})/?[`\"'*]{0,3}\s{0,2}(?:is |as |ist |を|作为|为|를"
    r"|를 )?(?:the |a |an |als |das |der |le |un )?"
    r"(?:base|common|api|url|global)?\s?(?:prefix|präfix|préfixe|prefijo|prefixo|base path|base url"
    r"|プレフィックス|前缀|접두사|префикс)",
    re.IGNORECASE,
)
_HINT = re.compile(
    r"base|bas[ei]|prefi|pref|präf|préf|versioned|プレ|ベース|接頭|基础|基本|前缀|根路径|기본|베이스|접두"
    r"|базов|префикс|root|all |alle |tou|tod|все|すべて|所有|server",
    re.IGNORECASE,
)
_BRACKETED = re.compile(
    rf"[(（\[【]\s?[`\"'*]{{0,3}}(?:[^()\[\]/]{{0,30}}[\s:：])?[`\"']?({HOST})?({PATH})[`\"'*]{{0,3}}\s?(?:[,;][^()\[\]]{{0,40}})?[)）\]】]"
)
_ENDING = re.compile(rf"(?:^|[\s:：`\"'*–—-])({HOST})?({PATH})[`\"'*]{{0,3}}\s{{0,2}}[:：]?$")
_METHOD = re.compile(rf"\b(?:{METHODS})\b")
_SCREEN = re.compile(
    r"\b(?:pages?|screens?|views?|seite|écran|pantalla|tela|страниц\w|folder|directory|files?|component)\b"
    r"|画面|ページ|页面?|페이지|화면",
    re.IGNORECASE,
)
_FILE = re.compile(r"\.[a-z]{1,5}$|^/(?:src|app|home|var|etc|usr|tmp|docs|public|static|assets|components)(?:/|$)")
_STATIC = re.compile(r"^(?:/[A-Za-z0-9._~-]{1,60}){1,5}$")
_PLACEHOLDER = re.compile(r"/(?:\{(?:resource|endpoint|path|entity|module|service)s?\}|<[^<>]*>|\.{3}|\*+|\[[^\]]*\])$")


def plain_prefix(path: str) -> str:
    """Return a path as a prefix, or an empty string when it is none."""
    if path.startswith("//"):  # a host without a path
        return ""
    path = _PLACEHOLDER.sub("", path.strip().rstrip("/*.:,;…"))
    found = cleaned(path) if path else None
    return found if found and found != "/" and not _FILE.search(found) else ""


def group_prefix(text: str, *, heading: bool = False) -> str:
    """Return the path that a heading, a lead or a bullet gives to what stands below, such as `Auth (/v1/auth)`."""
    if "/" not in text and "／" not in text:
        return ""
    text = narrow(text.strip())
    if len(text) > 160 or _METHOD.search(text) or _SCREEN.search(text):
        return ""
    match = _BRACKETED.search(text) or _ENDING.search(text)
    if not match or (match.group(1) and is_foreign(match.group(1))) or match.group(2) == "/":
        return ""
    if not heading and match.start() and len(text[: match.start()].split()) > 8:
        return ""
    return plain_prefix(match.group(2))


class Bases:
    """The prefixes that the text gives to a whole document, or to a section and what is below it."""

    def __init__(self, document: Document) -> None:
        self.everywhere = ""
        self._of: dict[tuple[str, ...], str] = {}
        found: list[tuple[Section, str]] = []
        for section in document.live():
            for text in _texts(section):
                base = _base(text, api="api" in section.kinds)
                if base:
                    found.append((section, base))
                    break
        distinct = {base for _, base in found}
        if len(distinct) == 1:
            self.everywhere = distinct.pop()
        else:
            for section, base in found:
                self._of.setdefault(section.titles, base)
            api = [base for section, base in found if section.level <= 1 or "api" in section.kinds[:1]]
            self.everywhere = api[0] if len(set(api)) == 1 else ""

    def of(self, section: Section) -> str:
        """Return the base of the paths in `section`."""
        titles = section.titles
        own = (self._of.get(titles[i:]) for i in range(len(titles))) if self._of else ()
        return next((base for base in own if base), self.everywhere)


def _texts(section: Section) -> list[str]:
    texts = [section.heading] if "/" in section.heading else []
    # What the heading asks for, the next lines say.
    title = f"{section.title}: " if len(section.title) < _SHORT and _TITLE.search(section.title) else ""
    for block in section.blocks:
        if block.kind == "table":
            rows = [block.header, *(r.cells for r in block.rows)]
            texts += [": ".join(cells) for cells in rows if len(cells) == 2 and "/" in cells[1]]
        elif title and "/" in block.text and len(block.text) < _SHORT * 3:
            texts += [title + t for t in block.text.split("\n") if "/" in t]
        elif "/" in block.text and (block.kind != "code" or len(block.text) < 400):
            texts += [t[:2000] for t in block.text.split("\n") if "/" in t]
    return [t for t in texts if _HINT.search(t)]


def _base(text: str, *, api: bool) -> str:
    text = narrow(text)
    match = _BASE.search(text)
    if match and not _METHOD.search(match["between"]):
        if match["host"] and is_foreign(match["host"]):
            return ""
        base = plain_prefix(match["path"])
        sure = match["host"] or re.match(r"/(?:api|v\d)\b", base) or (api and "prefi" not in match.group().lower())
        sure = sure or re.match(r"base", match.group(), re.IGNORECASE)
        if base and sure and _STATIC.match(base):
            return base
    match = _BEFORE.search(text)
    return plain_prefix(match["path"]) if match else ""
