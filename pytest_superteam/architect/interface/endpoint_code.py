"""Endpoints in blocks of code: samples, calls of curl, route declarations of frameworks, route files, OpenAPI."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from pytest_superteam.architect.interface.endpoint_lines import (
    Call,
    bare_calls,
    calls_in,
    curl_calls,
    methods_of,
    narrow,
)
from pytest_superteam.architect.interface.routes import HOST, METHODS, PATH, is_foreign, joined

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytest_superteam.architect.document.blocks import Block

__all__ = ["code_calls", "declared", "route_file"]

_VERBS = "get|post|put|patch|delete"
_CALLED = re.compile(
    rf"\b(?P<on>\w{{1,40}}(?:\(\w{{0,20}}\))?)\.(?P<method>{_VERBS})(?:<[^<>\n]{{0,80}}>)?\(\s{{0,8}}[\"'`](?P<path>[^\"'`\s]{{0,300}})[\"'`]",
    re.IGNORECASE,
)
_FETCH = re.compile(
    rf"\bfetch\(\s{{0,4}}[\"'`]({PATH})[\"'`]\s?,\s?\{{[^{{}}\n]{{0,100}}?\bmethod\s?:\s?[\"'`]({METHODS})\b",
    re.IGNORECASE,
)
_MAPPING = re.compile(
    rf"@(?P<method>{_VERBS})(?:Mapping)?\(\s{{0,8}}(?:(?:value"
    rf"|path)\s?=\s?)?\{{?[\"'](?P<path>[^\"'\s]{{0,300}})[\"']"
    rf"|@(?P<bare>{_VERBS})(?:Mapping)?(?:\(\s{{0,8}}\)|\s*$)",
    re.IGNORECASE,
)
_GROUPED = re.compile(
    r"@(?:RequestMapping|Controller|Path)\(\s{0,8}(?:(?:value|path)\s?=\s?)?\{?[\"'](?P<path>[^\"'\s]{0,200})[\"']"
    r"|(?:APIRouter|Blueprint)\([^\n]{0,120}?prefix\s?=\s?[\"'](?P<prefix>/[^\"'\s]{0,200})[\"']"
    r"|\bapp\.use\(\s{0,4}[\"'](?P<used>/[^\"'\s]{1,200})[\"']\s?,"
    r"|\[Route\(\"(?P<route>[^\"\s]{0,200})\"\)\]"
)
_REQUEST_METHOD = re.compile(rf"RequestMethod\.({METHODS})")
_FLASK = re.compile(r"@\w{1,40}\.route\(\s{0,4}[\"'](/[^\"'\s]{0,300})[\"'](?P<rest>[^\n]{0,200})")
_ASP = re.compile(rf"\[Http({_VERBS})(?:\(\"([^\"\s]{{0,200}})\"[^\n]{{0,60}}\))?\]", re.IGNORECASE)
_MINIMAL = re.compile(rf"\.(?:Map|Handle)({_VERBS})\(\s{{0,4}}\"(/[^\"\s]{{0,300}})\"", re.IGNORECASE)
_LARAVEL = re.compile(rf"Route::({_VERBS})\(\s{{0,4}}[\"']([^\"'\s]{{1,300}})[\"']", re.IGNORECASE)
_RESOURCE = re.compile(r"Route::apiResource\(\s{0,4}[\"']([\w/-]{1,100})[\"']")
_GO = re.compile(r"\.(?:HandleFunc|Handle)\(\s{0,4}\"(/[^\"\s]{0,300})\"[^\n]{0,200}\.Methods\(([^()\n]{1,100})\)")
_AXUM = re.compile(r"\.route\(\s{0,4}\"(/[^\"\s]{0,300})\"\s?,(?P<rest>[^\n]{1,300})")
_ROUTE_FILE = re.compile(
    r"(?<![\w/])(?:src/)?(?:app(?P<app>/[\w./\[\]()@-]{1,200})/route\.(?:ts|js)x?"
    r"|pages(?P<pages>/api/[\w./\[\]-]{1,200})\.(?:ts|js)x?)(?P<rest>[^\n]{0,200})"
)
_SPEC_PATH = re.compile(r"^(\s{0,12})[\"']?(/[^\s\"':]{0,200})[\"']?\s?:\s{0,4}\{?\s{0,4}(?:#.{0,100})?$")
_SPEC_METHOD = re.compile(rf"^(\s{{1,24}})[\"']?({_VERBS})[\"']?\s?:\s{{0,4}}\{{?\s{{0,4}}(?:#.{{0,100}})?$")
_LONE_PATH = re.compile(rf"^(\s{{0,12}})({PATH})\s{{0,4}}$")
_LONE_METHOD = re.compile(rf"^(\s{{1,24}})({METHODS})\b(?!\s{{0,4}}/)")
_MESSAGE = re.compile(r"^\s{0,20}(\w[\w .-]{0,60}?)\s?[-=]{1,2}>{1,2}[+-]?\s?(\w[\w .-]{0,60}?)\s?:\s?(.{1,400})$")
# What a comment says that code calls is some other system's, or is declared where it is ours.
_COMMENTED_CALL = re.compile(
    r"^\s{0,20}(?://|#|\*|--)\s{0,4}(?:(?:step )?\d{1,2}[.):]\s{0,3})?(?:calls?|invokes?|queries|query)\s(?!to\b)"
    r"(?:[\w-]{1,20}\s){0,3}(?:service|api|server|backend)s?\b",
    re.IGNORECASE,
)
_OBJECT_METHOD = re.compile(rf"[\"']?\b(?:http_?)?method[\"']?\s?:\s{{0,4}}[\"']?({METHODS})\b", re.IGNORECASE)
_OBJECT_PATH = re.compile(rf"[\"']?\b(?:path|url|uri|route|endpoint)[\"']?\s?:\s{{0,4}}[\"']?({HOST})?({PATH})")
_NEAR = 4
"""Lines between the two in one object, at most."""
_SKIPPED = frozenset({"sql", "css", "html", "prisma", "graphql", "dockerfile", "protobuf", "proto", "ddl", "diff"})
# What calls a server, and what only asks for something of the same form.
_CLIENTS = frozenset(
    {"axios", "client", "requests", "httpx", "request", "http", "fetch", "agent", "api_client", "apiclient"}
)
_NO_ROUTER = re.compile(
    r"^(?:cache|redis|map|headers?|params?|config|storage|session|localstorage|formdata|cookies?|store|db|data|res"
    r"|response|queue|environ|settings|args|form|dict|state|query|set|item|options|user|self|this|prefs|kv|s3)\b",
    re.IGNORECASE,
)


def code_calls(block: Block, *, api: bool) -> Iterator[Call]:
    """Yield the endpoints of a block of code."""
    language = block.info.split(" ")[0]
    if language in _SKIPPED or not any(mark in block.text for mark in ("/", "@", "[Http", "Route::")):
        return
    if language == "mermaid" or block.text.lstrip().startswith("sequenceDiagram"):
        yield from _messages(block)
        return
    yield from _objects(block)
    group, command, began, spec = "", "", 0, ("", 0)
    for line, whole in block.lines():
        text = narrow(whole[:4000])
        if command or "curl " in text:
            command, began = f"{command} {text.strip()}", began or line
            if text.rstrip().endswith("\\") and len(command) < 4000:
                command = command.rstrip("\\")
                continue
            yield from curl_calls(command, began)
            command, began = "", 0
            continue
        path = _SPEC_PATH.match(text) or _LONE_PATH.match(text)
        if path:
            spec = (path.group(2), len(path.group(1)))
            continue
        method = (_SPEC_METHOD.match(text) or _LONE_METHOD.match(text)) if spec[0] else None
        if method and len(method.group(1)) > spec[1]:
            yield Call(method.group(2).upper(), spec[0], line, whole=bool(_SPEC_METHOD.match(text)), first=True)
            continue
        found = _GROUPED.search(text) if "(" in text else None
        if found and not _REQUEST_METHOD.search(text):
            group = "/" + next(g for g in found.groups() if g is not None).strip("/")
            group = group if "[" not in group else ""
            continue
        yield from _plain(text, line, group, api=api)


def _plain(text: str, line: int, group: str, *, api: bool) -> Iterator[Call]:
    """Yield the endpoints of a line of code below the prefix of its class or router."""
    calls = [*declared(text, line)]
    if calls:
        # A handler without its controller: where it lies is not said.
        lost = not group and "@" in text and "/" not in text
        yield from () if lost else (replace(c, path=joined(group, c.path)) if group else c for c in calls)
        return
    calls = [] if _COMMENTED_CALL.match(text) else [*calls_in(text, line)] or [*bare_calls(text, line, api=api)]
    yield from (replace(c, sample=c.sample or " HTTP/" in text) for c in calls)


def _objects(block: Block) -> Iterator[Call]:
    """Yield the endpoints that objects describe: `{"method": "GET", "path": "/orders"}`, in one line or several."""
    if "method" not in block.text.lower():
        return
    method, path = ("", 0), ("", "", 0)
    for line, whole in block.lines():
        text = whole[:2000]
        for found in _OBJECT_METHOD.finditer(text) if "method" in text.lower() else ():
            method = (found.group(1).upper(), line)
        if "/" in text and (at := _OBJECT_PATH.search(text)) and len(at.group(2)) > 1:
            path = (at.group(2), at.group(1) or "", line)
        if method[0] and path[0] and abs(method[1] - path[2]) <= _NEAR:
            if not is_foreign(path[1]) and "fetch(" not in text:
                yield Call(method[0], path[0], min(method[1], path[2]), whole=bool(path[1]), host=path[1], first=True)
            method, path = ("", 0), ("", "", 0)
        elif "}" in text:
            method, path = ("", 0), ("", "", 0)


def declared(text: str, line: int) -> Iterator[Call]:
    """Yield the routes that a line of a framework's code declares, or that a client's code calls."""
    if not any(mark in text for mark in (".", "@", "[", "::", "fetch(")):
        return
    for found in _CALLED.finditer(text):
        on, path = found["on"], found["path"]
        absolute = re.match(r"https?://[^/]{1,200}", path)
        if absolute and is_foreign(absolute.group()):
            continue
        path = path[absolute.end() :] if absolute else path
        if path.startswith("/") and not _NO_ROUTER.match(on):
            is_client = on.lower().split("(")[0] in _CLIENTS
            yield Call(found["method"].upper(), path, line, whole=bool(absolute), sample=is_client, first=True)
    for found in _FETCH.finditer(text) if "fetch(" in text else ():
        yield Call(found.group(2).upper(), found.group(1), line, sample=True, first=True)
    yield from _annotated(text, line)
    yield from _chained(text, line)
    yield from route_file(text, line)


def _chained(text: str, line: int) -> Iterator[Call]:
    for pattern in (_MINIMAL, _LARAVEL):
        for found in pattern.finditer(text):
            yield Call(found.group(1).upper(), "/" + found.group(2).lstrip("/"), line, first=True)
    for found in _RESOURCE.finditer(text):
        base = "/" + found.group(1).strip("/")
        for method, tail in (("GET", ""), ("POST", ""), ("GET", "/{id}"), ("PUT", "/{id}"), ("DELETE", "/{id}")):
            yield Call(method, base + tail, line, first=True)
    for found in _GO.finditer(text):
        for method in methods_of(found.group(2)):
            yield Call(method, found.group(1), line, first=True)


def _annotated(text: str, line: int) -> Iterator[Call]:
    if "@" in text:
        flask = _FLASK.search(text)
        if flask:
            for method in methods_of(flask["rest"]) if "methods" in flask["rest"] else ["GET"]:
                yield Call(method, flask.group(1), line, first=True)
        mapped = None if _CALLED.search(text) else _MAPPING.search(text)
        if mapped:
            path = mapped["path"] or ""
            yield Call((mapped["method"] or mapped["bare"]).upper(), "/" + path.lstrip("/"), line, first=True)
        wanted = _REQUEST_METHOD.search(text)
        found = _GROUPED.search(text) if wanted else None
        if wanted and found and found["path"] is not None:
            yield Call(wanted.group(1), "/" + found["path"].lstrip("/"), line, first=True)
    for one in _ASP.finditer(text) if "[Http" in text else ():
        yield Call(one.group(1).upper(), "/" + (one.group(2) or "").lstrip("/"), line, first=True)
    axum = _AXUM.search(text) if ".route(" in text and "@" not in text else None
    if axum:
        for method in dict.fromkeys(re.findall(rf"\b({_VERBS})\(", axum["rest"])):
            yield Call(method.upper(), axum.group(1), line, first=True)


def route_file(text: str, line: int) -> Iterator[Call]:
    """Yield the endpoints of a route file of Next.js, where the line names its methods too."""
    if "/route." not in text and "pages/" not in text:
        return
    for found in _ROUTE_FILE.finditer(text):
        path = found["app"] or found["pages"].removesuffix("/index")
        path = "/".join(p for p in path.split("/") if not p.startswith(("(", "@")))
        for method in methods_of(found["rest"]) if found["rest"].upper() != found["rest"].lower() else ():
            if re.search(rf"\b{method}\b", found["rest"]):
                yield Call(method, path, line, found["rest"].strip(" -–—:()#")[:200], whole=True, first=True)  # noqa: RUF001


def _messages(block: Block) -> Iterator[Call]:
    """Yield what one part of a sequence diagram calls another with; they are examples of what is listed elsewhere."""
    for line, text in block.lines():
        found = _MESSAGE.match(text[:600]) if "/" in text else None
        if found and not is_foreign(found.group(2)):
            yield from (replace(c, sample=True) for c in calls_in(found.group(3), line))
