# ruff: noqa: RUF001 - dashes and brackets of other scripts are what authors write
"""Endpoints in every notation: tables, bullets, code, headings, prose, curl and framework code."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from pytest_superteam.architect.facts import EndpointFact
from pytest_superteam.architect.names import fold, snake

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytest_superteam.architect.blocks import Block
    from pytest_superteam.architect.sections import Document, Section
    from pytest_superteam.architect.services import ServiceIndex

__all__ = ["normal_path", "read_endpoints"]

_METHOD = r"GET|POST|PUT|PATCH|DELETE"
_PATH = r"(?:https?://[^\s/`'\"]{1,200})?(/[^\s`'\"|,;)→]{0,300})"
_INLINE = re.compile(rf"(?<![\w/])((?:{_METHOD})(?:\s?[/,|&]\s?(?:{_METHOD})){{0,4}})[\s:|*]{{1,24}}{_PATH}")
_CURL = re.compile(
    rf"\bcurl\b[^\n]{{0,200}}?(?:-X"
    rf"|--request)\s{{0,4}}({_METHOD})[^\n]{{0,200}}?https?://[^\s/'\"]{{1,200}}(/[^\s'\"]{{0,300}})"
)
_CODE = re.compile(
    r"\b(?:app|router|api|server|route|r)\.(get|post|put|patch|delete)\(\s{0,4}[\"'](/[^\"'\s]{0,300})[\"']",
    re.IGNORECASE,
)
_ONLY_METHOD = re.compile(rf"^\s*({_METHOD})\s*$", re.IGNORECASE)
_ONLY_PATH = re.compile(r"^\s*(/[^\s]{0,300})")
_GROUP = re.compile(r"[(（\[`:\s](/[a-z0-9][\w./-]{0,100})(?:/\*)?[)）\]`\s]?\s*$")
_ACCESS_HEADER = re.compile(
    r"^(?:access|auth\w*|roles?|permissions?|who|protected|security|allowed roles?|acces|zugriff"
    r"|requires? auth\w*|auth required\??|権限|認証|权限)$"
)
_ABOUT_HEADER = re.compile(r"descri|purpose|summary|action|what|function|beschreibung|説明|描述|功能")
_PARAMETERS = (
    (re.compile(r"\{\s*\.{0,3}([A-Za-z_]\w*)[^{}/]*\}"), r"{\1}"),
    (re.compile(r"<(?:\w+:)?([A-Za-z_]\w*)>"), r"{\1}"),
    (re.compile(r"\[(?:\.{3})?([A-Za-z_]\w*)\]"), r"{\1}"),
    (re.compile(r"(?<=/):([A-Za-z_]\w*)\??"), r"{\1}"),
)
_VALID = re.compile(r"^/(?:[A-Za-z0-9._~-]+|\{[A-Za-z_]\w*\})(?:/(?:[A-Za-z0-9._~-]+|\{[A-Za-z_]\w*\}))*$")
_PROBES = frozenset(
    {"/health", "/healthz", "/ready", "/readyz", "/live", "/livez", "/metrics", "/docs", "/openapi.json"}
)
_MARKED = re.compile(
    r"[(\[（【]([^()\[\]（）【】\n]{0,60}(?:admin|only|public|auth|staff|manager|owner|管理者|のみ|管理员|公開|jwt|token"
    r"|role)[^()\[\]（）【】\n]{0,60})[)\]）】]"
    r"|\b((?:requires?|needs?) (?:\w+ ){0,2}(?:admin|auth\w*|login|role|token)\b[^\n.]{0,40}|\w+ only\b"
    r"|\bno auth\w*|\bpublic\b$)",
    re.IGNORECASE,
)


def read_endpoints(document: Document, services: ServiceIndex) -> tuple[EndpointFact, ...]:
    """Return the endpoints that the text names, one a method and path of a service, in order."""
    found: dict[tuple[str | None, str, str], EndpointFact] = {}
    for section in document.live():
        service = services.of_section(section) if section.level else None
        prefix = _prefix(section)
        for fact in _section(section):
            path = _clean(_joined(prefix, fact.path))
            if path is None or path in _PROBES:
                continue
            whole = EndpointFact(fact.method, path, fact.line, fact.summary, fact.access, service, _query(fact.path))
            key = (service, fact.method, normal_path(path))
            known = found.get(key) or found.get((None, *key[1:]))
            if known is None:
                found[key] = whole
            elif not known.access and not known.summary and (whole.access or whole.summary):
                found[(known.service, *key[1:])] = EndpointFact(
                    known.method,
                    known.path,
                    known.line,
                    whole.summary,
                    whole.access,
                    known.service,
                    known.query or whole.query,
                )
    return _without_repeats(list(found.values()))


def _without_repeats(facts: list[EndpointFact]) -> tuple[EndpointFact, ...]:
    """Drop a route without service or prefix that stands elsewhere with it."""
    owned = {(f.method, normal_path(f.path)) for f in facts if f.service}
    kept = [f for f in facts if f.service or (f.method, normal_path(f.path)) not in owned]
    return tuple(sorted(kept, key=lambda f: f.line))


def normal_path(path: str) -> str:
    """Return `path` for comparison: without an `/api` or version prefix, parameters without names."""
    path = re.sub(r"^(?:/api)?(?:/v\d+)?(?=/)", "", path)
    return re.sub(r"\{\w+\}", "{}", path).lower()


def _section(section: Section) -> Iterator[EndpointFact]:
    about = next((b.text.split("\n")[0] for b in section.blocks if b.kind == "paragraph"), "")
    yield from _text(section.heading, section.line, about=about)
    for block in section.blocks:
        if block.kind == "table":
            yield from _table(block)
        elif block.info.split(" ")[0] not in {"sql", "mermaid", "css", "html"}:
            for line, text in block.lines():
                yield from _text(text[:2000], line)


def _text(text: str, line: int, about: str = "") -> Iterator[EndpointFact]:
    for pattern in (_CURL, _CODE):
        match = pattern.search(text)
        if match:
            yield EndpointFact(match.group(1).upper(), match.group(2), line)
            return
    matches = list(_INLINE.finditer(text))
    for i, match in enumerate(matches):
        end = matches[i + 1].start() if i + 1 < len(matches) else len(text)
        rest = _summary(text[match.end() : end]) or about[:200]
        for method in re.findall(_METHOD, match.group(1)):
            yield EndpointFact(method, match.group(2), line, rest, _marked(text[match.end() : end]))


def _table(block: Block) -> Iterator[EndpointFact]:
    headers = [fold(h).strip() or h.strip() for h in block.header]
    access = next((i for i, h in enumerate(headers) if _ACCESS_HEADER.match(h)), None)
    about = next((i for i, h in enumerate(headers) if _ABOUT_HEADER.search(h)), None)
    for row in block.rows:
        for method, path, used in _row(row.cells):
            rest = [c for i, c in enumerate(row.cells) if i not in used and i != access and c]
            text = row.cells[about] if about is not None and about < len(row.cells) else (rest[0] if rest else "")
            who = row.cells[access] if access is not None and access < len(row.cells) else _marked(" ".join(rest))
            yield EndpointFact(method, path, row.line, _summary(text), who.strip())


def _row(cells: tuple[str, ...]) -> Iterator[tuple[str, str, set[int]]]:
    for i, cell in enumerate(cells):
        match = _INLINE.search(cell[:2000])
        if match:
            for method in re.findall(_METHOD, match.group(1)):
                yield method, match.group(2), {i}
            return
    method_at = next((i for i, c in enumerate(cells) if _ONLY_METHOD.match(c)), None)
    path_at = next((i for i, c in enumerate(cells) if _ONLY_PATH.match(c)), None)
    if method_at is not None and path_at is not None:
        found = _ONLY_PATH.match(cells[path_at])
        if found:
            yield cells[method_at].strip().upper(), found.group(1), {method_at, path_at}


def _summary(text: str) -> str:
    return " ".join(text.split()).strip(" -–—:#/→*|)")[:200]


def _marked(text: str) -> str:
    """Return the words in a description that say who may call, such as `(Admin)` or `requires login`."""
    match = _MARKED.search(text[:1000])
    return next((g for g in match.groups() if g), "") if match else ""


def _prefix(section: Section) -> str:
    """Return the path in the heading of a group, such as `Auth (/v1/auth)`."""
    for title in (section.heading, *section.titles[1:]):
        match = _GROUP.search(f" {title}") if not _INLINE.search(title) else None
        if match:
            return match.group(1).rstrip("/")
    return ""


def _joined(prefix: str, path: str) -> str:
    if (
        not prefix
        or path == prefix
        or path.startswith(prefix + "/")
        or normal_path(path).startswith(normal_path(prefix))
    ):
        return path
    last = "/" + prefix.rsplit("/", 1)[-1]
    if path == last or path.startswith(last + "/"):
        return prefix.removesuffix(last) + path
    return prefix + path


def _clean(path: str) -> str | None:
    path = path.split("?", maxsplit=1)[0].split("#", maxsplit=1)[0].rstrip(".,:;*")
    for pattern, replacement in _PARAMETERS:
        path = pattern.sub(replacement, path)
    path = re.sub(r"/{2,}", "/", path).rstrip("/")
    if not _VALID.match(path) or path.count("/") > 12:
        return None
    seen: list[str] = []
    for name in re.findall(r"\{(\w+)\}", path):
        if name in seen or not snake(name):
            return None
        seen.append(name)
    return path


def _query(path: str) -> tuple[str, ...]:
    if "?" not in path:
        return ()
    names = (part.split("=")[0].strip("{}[]<>.* ") for part in re.split(r"[&,]", path.split("?", 1)[1]))
    return tuple(dict.fromkeys(n for n in names if re.fullmatch(r"[A-Za-z_]\w{0,40}", n)))
