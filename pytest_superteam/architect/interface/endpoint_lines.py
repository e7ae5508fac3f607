# ruff: noqa: RUF001 - dashes and brackets of other scripts are what authors write
"""Endpoints in one line of text: a method and a path, in either order, in prose, samples and calls of curl."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pytest_superteam.architect.interface.routes import HOST, METHODS, PATH, QUERY, is_foreign, names_foreign, spread

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = [
    "METHOD_LIST",
    "Call",
    "bare_calls",
    "calls_in",
    "curl_calls",
    "marked",
    "methods_of",
    "narrow",
    "summary_of",
]

METHOD_LIST = rf"(?:{METHODS})(?:\s?(?:[/,|&+·、]|\band\b|\bor\b|\bet\b|\by\b|\bund\b|\be\b)\s?(?:{METHODS})\b){{0,4}}"
_TO = r"(?:requests?\s|calls?\s|-?Anfragen?\s|-?request\s)?(?:to|on|at|against|auf|an|sur|vers|para|a|à|en|na|в|на|к)\s"
_BETWEEN = rf"(?:[\s:|*\])）\"'`→>=~–—-]{{1,24}}(?:{_TO}[\"'`]?)?|：\s?|[\"'`]\s?,\s?[\"'`])"
_INLINE = re.compile(rf"(?<![\w/.-])({METHOD_LIST})(?:{_BETWEEN})({HOST})?({PATH})({QUERY})?")
_MORE = re.compile(
    rf"[`\"'*]{{0,3}}\s?(?:,|;|、|\||·|&|\band\b|\bund\b|\bet\b|\by\b|/)\s{{0,3}}[`\"'*]{{0,3}}({PATH})({QUERY})?"
)
_REVERSED = re.compile(
    rf"(?:^[\W\d]{{0,8}}?|(?<=[\s`\"'(（]))({HOST})?({PATH})({QUERY})?[`\"'*]{{0,4}}\s{{0,4}}"
    rf"(?:[(\[（【]\s?(?:methods?:?\s?)?({METHOD_LIST})\b[^()\[\]（）【】\n]{{0,120}}[)\]）】]"
    rf"|(?:[-–—:：|→=~]{{1,3}}|->|=>|\s)\s{{0,4}}[*`\[]{{0,3}}({METHOD_LIST})(?![\w/]|\s{{0,2}}/))"
)
_VIA = re.compile(
    rf"(?<![\w/.:])({HOST})?({PATH})({QUERY})?[`\"'*]{{0,4}}\s(?:via|using|with|supports?|accepts?|allows?|per|über|par|por|mit|com|met)"
    rf"\s(?:(?:the|http|both|methods?|requests?)\s){{0,2}}[`*]{{0,3}}({METHOD_LIST})(?!\s{{0,2}}/|\w)"
)
_LOWER = re.compile(
    rf"^[\W\d_]{{0,8}}(get|post|put|patch|delete|Get|Post|Put|Patch|Delete)[\s:*`'\""
    rf"|]{{1,8}}({HOST})?({PATH})({QUERY})?"
)
_SHORT = re.compile(r"^[\W\d_]{0,8}DEL(?=\s{1,8}/)")
_TICKED = re.compile(rf"`({METHOD_LIST})\s{{1,4}}((?!/)[a-z][\w./{{}}:<>\[\]$-]{{1,200}})({QUERY})?`")
_BARE = re.compile(
    rf"^[\W\d_]{{0,8}}({METHOD_LIST})[\s:|*]{{1,8}}((?!/)[a-z][\w-]{{0,40}}/[\w./{{}}:<>\[\]$-]{{1,200}})({QUERY})?"
)
_ROOTED = re.compile(r"(?:api|v\d{1,2})/", re.IGNORECASE)
_NO_RESOURCE = frozenset(
    [
        "api",
        "apis",
        "body",
        "call",
        "calls",
        "data",
        "endpoint",
        "endpoints",
        "handler",
        "http",
        "json",
        "method",
        "methods",
        "only",
        "operation",
        "operations",
        "parameter",
        "parameters",
        "params",
        "payload",
        "query",
        "request",
        "requests",
        "response",
        "route",
        "routes",
        "url",
        "verb",
    ]
)
_CURL_METHOD = re.compile(rf"(?:-X|--request)[\s=]{{0,4}}['\"]?({METHODS})\b")
_CURL_URL = re.compile(rf"({HOST}|(?<=\s)(?:localhost|127\.0\.0\.1)(?::\d{{1,5}})?)({PATH})({QUERY})?")
_CURL_BODY = re.compile(r"\s(?:-d|--data\S{0,20}|-F|--form|--json)\b")
_WIDE = re.compile(r"[\uff01-\uff5e\u3000]")
_PROBED = re.compile(
    rf"\b(?:HEAD|OPTIONS)\s?(?:[/,|&+]|and|or)\s?(?=(?:{METHODS}|HEAD|OPTIONS)\b)"
    rf"|(?<=[A-Z])\s?(?:[/,|&+]|and|or)\s?(?:HEAD|OPTIONS)\b"
)
_NARROW = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)} | {0x3000: 0x20}
_MARKED = re.compile(
    r"[(\[（【]([^()\[\]（）【】\n]{0,60}(?:admin|only|public|auth|staff|manager|owner|管理者|のみ|管理员"
    r"|公開|jwt|token"
    r"|role)[^()\[\]（）【】\n]{0,60})[)\]）】]"
    r"|\b((?:requires?|needs?) (?:\w+ ){0,2}(?:admin|auth\w*|login|role|token)\b[^\n.]{0,40}|\w+ only\b"
    r"|\bno auth\w*|\bpublic\b$)",
    re.IGNORECASE,
)
_LONGEST = 4000


@dataclass(frozen=True, slots=True)
class Call:
    """A method on a path as written. `whole` says that the path needs no prefix, `sample` that it is an example."""

    method: str
    path: str
    line: int
    summary: str = ""
    access: str = ""
    whole: bool = False
    host: str = ""
    """Scheme and host, where the path stands behind one."""
    sample: bool = False
    first: bool = False
    """Whether it begins the line."""


def narrow(text: str) -> str:
    """Return `text` with full-width Latin characters as plain ones, and without HEAD and OPTIONS beside methods."""
    if "HEAD" in text or "OPTIONS" in text:
        text = _PROBED.sub("", text)
    return text.translate(_NARROW) if not text.isascii() and _WIDE.search(text) else text


def methods_of(text: str) -> list[str]:
    """Return the methods that a list of them names."""
    return list(dict.fromkeys(m.upper() for m in re.findall(rf"\b(?:{METHODS})\b", text.upper())))


def summary_of(text: str) -> str:
    """Return what stands behind an endpoint, as its summary."""
    return " ".join(text.split()).strip(" -–—:#/→*|)`'\"")[:200]


def marked(text: str) -> str:
    """Return the words in a description that say who may call, such as `(Admin)` or `requires login`."""
    match = _MARKED.search(text[:1000])
    return next((g for g in match.groups() if g), "") if match else ""


def calls_in(text: str, line: int) -> Iterator[Call]:
    """Yield the endpoints of a line of text."""
    if "/" not in text:
        return
    text = _SHORT.sub("DELETE", text[:_LONGEST])
    matches = list(_INLINE.finditer(text))
    if not matches:
        lower = _LOWER.match(text)
        if lower and re.search(r"/[A-Za-z:{<\[]", lower.group(3)):
            yield from _made(lower, text, len(text), line)
        else:
            calls = list(_reversed(text, line))
            yield from calls or _via(text, line)
        return
    for match, following in zip(matches, [*matches[1:], None], strict=True):
        yield from _made(match, text, following.start() if following else len(text), line)


def _made(match: re.Match[str], text: str, end: int, line: int) -> Iterator[Call]:
    host, path = match.group(2) or "", match.group(3)
    if is_foreign(host) or names_foreign(text[max(0, match.start() - 60) : match.start()]):
        return
    first = match.start() <= len(text) - len(text.lstrip(" -*•0123456789.)[]|`'\"")) + 1
    paths = [path + (match.group(4) or "")]
    stop = match.end()
    while True:
        more = _MORE.match(text, stop, end)
        if not more or not re.search(r"[A-Za-z]", more.group(1)) or host:
            break
        paths.append(more.group(1) + (more.group(2) or ""))
        stop = more.end()
    rest = text[stop:end]
    for each in paths:
        for one in spread(each):
            for method in methods_of(match.group(1)):
                yield Call(method, one, line, summary_of(rest), marked(rest), whole=bool(host), host=host, first=first)


def _reversed(text: str, line: int) -> Iterator[Call]:
    for match in _REVERSED.finditer(text):
        host, path, query, inside, behind = match.groups()
        if is_foreign(host or "") or not re.search(r"[A-Za-z]", path) or (behind and match.start() > 12):
            continue
        rest = text[match.end() :]
        for one in spread(path + (query or "")):
            for method in methods_of(inside or behind):
                yield Call(method, one, line, summary_of(rest), marked(rest), whole=bool(host), host=host, first=True)


def _via(text: str, line: int) -> Iterator[Call]:
    """Yield the endpoints of a sentence that names the path first: "`/orders` via GET and POST"."""
    for match in _VIA.finditer(text):
        host, path, query, methods = match.groups()
        before = text[max(0, match.start() - 60) : match.start()]
        whose = before.rstrip(" :-`'").rsplit(" ", 1)[-1]
        if is_foreign(host or whose) or names_foreign(before) or not re.search(r"/[A-Za-z]", path):
            continue
        for one in spread(path + (query or "")):
            for method in methods_of(methods):
                yield Call(
                    method, one, line, summary_of(text[match.end() :]), whole=bool(host), host=host or "", first=True
                )


def bare_calls(raw: str, line: int, *, api: bool) -> Iterator[Call]:
    """Yield the endpoints without a leading slash: in code marks, or at the beginning of a line about the API."""
    found = list(_TICKED.finditer(raw)) if "`" in raw else []
    if not found:
        match = _BARE.match(raw[:_LONGEST])
        found = [match] if match and (api or _ROOTED.match(match.group(2))) else []
    for match in found:
        path = match.group(2)
        if "/" in path or (api and path.lower() not in _NO_RESOURCE and path.isidentifier()):
            rest = raw[match.end() :]
            for method in methods_of(match.group(1)):
                yield Call(method, f"/{path}{match.group(3) or ''}", line, summary_of(rest), marked(rest), first=True)


def curl_calls(text: str, line: int) -> Iterator[Call]:
    """Yield the endpoint that a call of curl is made to, whatever the order of its flags."""
    text = text[:_LONGEST]
    url = _CURL_URL.search(text)
    if url is None or is_foreign(url.group(1)):
        return
    method = _CURL_METHOD.search(text)
    verb = method.group(1) if method else ("POST" if _CURL_BODY.search(text) else "GET")
    yield Call(verb, url.group(2) + (url.group(3) or ""), line, whole=True, host=url.group(1), sample=True)
