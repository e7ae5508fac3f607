"""The CORS policies of a Go file: rs/cors, gin-contrib, chi, echo, fiber, gorilla handlers, headers set by hand."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from pytest_superteam.scanners.facts.cors.policies import CREDENTIALS_HEADER, ORIGIN_HEADER, CorsPolicy, is_wildcard

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tree_sitter import Node

    from pytest_superteam.scanners.languages.go import GoModule
    from pytest_superteam.scanners.source import SourceTree

__all__ = ["go_policies"]

_PACKAGE = re.compile(r"(?:^|/)(?:cors|middleware|handlers)(?:/v\d+)?\.")
_OPEN = re.compile(
    r"cors(?:/v\d+)?\.(?:Default|AllowAll)$|echo(?:/v\d+)?/middleware\.CORS$|fiber(?:/v\d+)?/middleware/cors\.New$|gofiber/cors\.New$"
)
_OPTIONS = re.compile(r"(?:cors|middleware)(?:/v\d+)?\.(?:Options|Config|CORSConfig)$")
_ORIGINS = ("AllowedOrigins", "AllowOrigins")
_SETTERS = frozenset({"Set", "Add", "Header", "SetHeader", "AddHeader", "WriteHeader"})
_ECHO = re.compile(
    r"""(?:\.Get|\.GetHeader|\.Header\.Get|\.Peek)\(\s*["`]Origin["`]\s*\)$|\.Header\[["`]Origin["`]\](?:\[0\])?$""",
    re.IGNORECASE,
)


def go_policies(module: GoModule, _: SourceTree) -> list[CorsPolicy]:
    """Return every policy of the file."""
    return [*_calls(module), *_options(module), *_assigned(module), *_headers(module)]


def _calls(module: GoModule) -> Iterator[CorsPolicy]:
    for call in module.calls:
        name = module.called(call)
        if _OPEN.search(name) and not module.arguments(call):
            yield CorsPolicy(call, wildcard=True)
        elif name.endswith("handlers.AllowedOrigins") and is_wildcard(module.literal(module.argument(call, 0))):
            around = module.text(module.parent(module.parent(call) or call))
            yield CorsPolicy(call, wildcard=True, credentials="AllowCredentials()" in around)


def _options(module: GoModule) -> Iterator[CorsPolicy]:
    """Read `cors.Options{...}` and its relatives."""
    for table in module.of("composite_literal"):
        kind = table.child_by_field_name("type")
        if kind is None or not _OPTIONS.search(module.qualname(kind) or module.text(kind)):
            continue
        given = {
            key: module.option(table, key)
            for key in (*_ORIGINS, "AllowAllOrigins", "AllowCredentials", "AllowOriginFunc")
        }
        wildcard = any(is_wildcard(module.literal(given[key])) for key in _ORIGINS if given[key] is not None)
        wildcard = wildcard or module.literal(given["AllowAllOrigins"]) is True
        credentials = module.literal(given["AllowCredentials"]) is True
        decides = given["AllowOriginFunc"]
        yield CorsPolicy(table, wildcard, credentials, decides is not None and _always(module, decides))


def _always(module: GoModule, function: Node) -> bool:
    """Return whether a function does nothing but return true."""
    body = function.child_by_field_name("body")
    return body is not None and re.fullmatch(r"\{\s*return\s+true\s*;?\s*\}", module.text(body)[:80]) is not None


def _assigned(module: GoModule) -> Iterator[CorsPolicy]:
    """Read `config.AllowAllOrigins = true` of a configuration that is filled field by field."""
    fields: list[tuple[str, str, Node, Node]] = []
    for node in module.of("assignment_statement"):
        target, value = node.child_by_field_name("left"), node.child_by_field_name("right")
        owner, _, field = module.text(target).rpartition(".")
        if value is not None and field in {*_ORIGINS, "AllowAllOrigins", "AllowCredentials", "AllowOriginFunc"}:
            inner = next(iter(module.children(value)), value) if value.type == "expression_list" else value
            fields.append((owner, field, inner, node))
    allowed = {
        owner for owner, field, value, _ in fields if field == "AllowCredentials" and module.literal(value) is True
    }
    for owner, field, value, node in fields:
        if field == "AllowOriginFunc":
            if _always(module, value):
                yield CorsPolicy(node, credentials=owner in allowed, reflected=True)
        elif (field == "AllowAllOrigins" and module.literal(value) is True) or (
            field in _ORIGINS and is_wildcard(module.literal(value))
        ):
            yield CorsPolicy(node, wildcard=True, credentials=owner in allowed)


def _headers(module: GoModule) -> Iterator[CorsPolicy]:
    writes: list[tuple[str, Node, Node]] = []
    for call in module.calls:
        callee = module.callee(call)
        given = module.arguments(call)
        if callee is None or len(given) < 2 or module.text(callee).rpartition(".")[2] not in _SETTERS:
            continue
        name = module.literal(given[0])
        header = name.lower() if isinstance(name, str) else module.text(given[0]).rpartition(".")[2].lower()
        header = "access-control-" + header[19:] if header.startswith("headeraccesscontrol") else header
        header = {
            "access-control-alloworigin": ORIGIN_HEADER,
            "access-control-allowcredentials": CREDENTIALS_HEADER,
        }.get(header, header)
        if header in {ORIGIN_HEADER, CREDENTIALS_HEADER} and not _is_request(module, callee):
            writes.append((header, given[1], call))
    allowed = {
        _scope(module, call)
        for name, value, call in writes
        if name == CREDENTIALS_HEADER and module.literal(value) == "true"
    }
    for name, value, call in writes:
        if name != ORIGIN_HEADER:
            continue
        credentials = _scope(module, call) in allowed
        if is_wildcard(module.literal(value)):
            yield CorsPolicy(call, wildcard=True, credentials=credentials)
        elif _is_origin(module, value) and not _is_checked(module, value, call):
            yield CorsPolicy(call, credentials=credentials, reflected=True)


def _is_request(module: GoModule, callee: Node) -> bool:
    """Return whether the header is one of a request that is sent: `req.Header.Set`."""
    return re.match(r"(?:req|request|r)\.Header\.", module.text(callee)) is not None


def _scope(module: GoModule, call: Node) -> int:
    function = module.function_of(call)
    return function.id if function is not None else 0


def _is_origin(module: GoModule, value: Node) -> bool:
    if _ECHO.search(module.text(value)[:200]):
        return True
    bound = module.bound(value) if value.type == "identifier" else None
    return bound is not None and _ECHO.search(module.text(bound)[:200]) is not None


def _is_checked(module: GoModule, value: Node, call: Node) -> bool:
    """Return whether a condition around the call, or before it with a way out, compares the origin."""
    name = rf"\b{re.escape(module.text(value))}\b" if value.type == "identifier" else r"""["`]Origin["`]\)"""
    compared = re.compile(
        rf"""\(\s*[^()"]*{name}|\[{name}|{name}\s*(?:==|!=)(?!\s*(?:""|``|nil))|(?:==|!=)\s*{name}|(?i:allow|valid|trust)\w*"""
    )
    for ancestor in module.ancestors(call):
        if ancestor.type in {"function_declaration", "method_declaration", "func_literal"}:
            break
        if ancestor.type == "if_statement":
            test = module.text(ancestor.child_by_field_name("condition"))[:300]
            initial = module.text(ancestor.child_by_field_name("initializer"))[:300]
            if compared.search(test) or compared.search(initial.partition("=")[2]):
                return True
        if ancestor.type in {"expression_switch_statement", "for_statement"} and re.search(
            name, module.text(ancestor)[:300]
        ):
            return True
    function = module.function_of(call)
    for statement in module.inside(function, "if_statement") if function is not None else ():
        if statement.end_byte < call.start_byte and compared.search(
            module.text(statement.child_by_field_name("condition"))[:300]
        ):
            branch = module.text(statement.child_by_field_name("consequence"))
            if re.search(r"\breturn\b|\bcontinue\b|\bAbort", branch):
                return True
    return False
