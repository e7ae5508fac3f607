"""The CORS policies of a Java file: Spring's annotations, registry and configuration, headers set by hand."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from pytest_superteam.scanners.facts.cors.policies import CREDENTIALS_HEADER, ORIGIN_HEADER, CorsPolicy, is_wildcard

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tree_sitter import Node

    from pytest_superteam.scanners.languages.java import JavaModule
    from pytest_superteam.scanners.source import SourceTree

__all__ = ["java_policies"]

_ORIGINS = frozenset({
    "allowedOrigins", "allowedOriginPatterns", "setAllowedOrigins", "addAllowedOrigin", "setAllowedOriginPatterns",
    "addAllowedOriginPattern", "setAccessControlAllowOrigin",
})  # fmt: skip
_CREDENTIALS = frozenset({"allowCredentials", "setAllowCredentials"})
_SETTERS = frozenset({"setHeader", "addHeader", "header", "set", "add", "putHeader", "putSingle"})
_NAMES = {"ACCESS_CONTROL_ALLOW_ORIGIN": ORIGIN_HEADER, "ACCESS_CONTROL_ALLOW_CREDENTIALS": CREDENTIALS_HEADER}
_ECHO = re.compile(
    r"""\.(?:getHeader|getHeaderString|getOrigin|getFirst|header)\(\s*(?:"(?i:origin)"|(?:HttpHeaders\.)?ORIGIN)?\s*\)$"""
)


def java_policies(module: JavaModule, _: SourceTree) -> list[CorsPolicy]:
    """Return every policy of the file."""
    return [*_annotations(module), *_configured(module), *_headers(module)]


def _annotations(module: JavaModule) -> Iterator[CorsPolicy]:
    """Read `@CrossOrigin`, which allows every origin unless it names some."""
    for node in module.of("marker_annotation", "annotation"):
        if module.text(node.child_by_field_name("name")).rpartition(".")[2] != "CrossOrigin":
            continue
        given: dict[str, Node] = {}
        for item in module.children(node.child_by_field_name("arguments")):
            if item.type == "element_value_pair":
                value = item.child_by_field_name("value")
                if value is not None:
                    given[module.text(item.child_by_field_name("key"))] = value
            elif item.type not in {"line_comment", "block_comment"}:
                given["value"] = item
        origins = [given[key] for key in ("value", "origins", "originPatterns") if key in given]
        wildcard = not origins or any(_has_wildcard(module, origin) for origin in origins)
        credentials = "allowCredentials" in given and str(module.literal(given["allowCredentials"])).lower() == "true"
        yield CorsPolicy(node, wildcard, credentials)


def _has_wildcard(module: JavaModule, node: Node) -> bool:
    if is_wildcard(module.literal(node)):
        return True
    return any(is_wildcard(module.literal(text)) for text in module.inside(node, "string_literal", "identifier"))


def _name(module: JavaModule, call: Node) -> str:
    return module.text(call.child_by_field_name("name"))


def _configured(module: JavaModule) -> Iterator[CorsPolicy]:
    """Read `registry.addMapping(...).allowedOrigins("*")` and `configuration.addAllowedOrigin("*")`."""
    calls = list(module.of("method_invocation"))
    allowed = {
        _scope(module, call)
        for call in calls
        if _name(module, call) in _CREDENTIALS and module.literal(module.argument(call, 0)) is True
    }
    for call in calls:
        name = _name(module, call)
        if name in _ORIGINS and any(_has_wildcard(module, argument) for argument in module.arguments(call)):
            yield CorsPolicy(
                call.child_by_field_name("name") or call, wildcard=True, credentials=_scope(module, call) in allowed
            )
        elif name == "addMapping" and "allowedOrigin" not in _chain(module, call):
            yield CorsPolicy(call, wildcard=True, credentials=_scope(module, call) in allowed)


def _chain(module: JavaModule, call: Node) -> str:
    """Return the names of the methods that are called on the result of a call."""
    names: list[str] = []
    for ancestor in module.ancestors(call):
        if ancestor.type != "method_invocation":
            break
        names.append(_name(module, ancestor))
    return " ".join(names)


def _scope(module: JavaModule, node: Node) -> int:
    """Return what ties settings together: the function, else the statement."""
    function = module.function_of(node)
    return function.id if function is not None else 0


def _headers(module: JavaModule) -> Iterator[CorsPolicy]:
    writes: list[tuple[str, Node, Node]] = []
    for call in module.of("method_invocation"):
        given = module.arguments(call)
        if len(given) != 2 or _name(module, call) not in _SETTERS:
            continue
        value = module.literal(given[0])
        name = value.lower() if isinstance(value, str) else _NAMES.get(module.text(given[0]).rpartition(".")[2], "")
        if name in {ORIGIN_HEADER, CREDENTIALS_HEADER}:
            writes.append((name, given[1], call))
    allowed = {
        _scope(module, call)
        for name, value, call in writes
        if name == CREDENTIALS_HEADER and str(module.literal(value)).lower() == "true"
    }
    for name, value, call in writes:
        if name != ORIGIN_HEADER:
            continue
        place = call.child_by_field_name("name") or call
        credentials = _scope(module, call) in allowed
        if _has_wildcard(module, value):
            yield CorsPolicy(place, wildcard=True, credentials=credentials)
        elif _is_origin(module, value) and not _is_checked(module, value, call):
            yield CorsPolicy(place, credentials=credentials, reflected=True)


def _is_origin(module: JavaModule, value: Node) -> bool:
    if _ECHO.search(module.text(value)[:200]):
        return True
    bound = module.bound(value) if value.type == "identifier" else None
    return bound is not None and _ECHO.search(module.text(bound)[:200]) is not None


def _is_checked(module: JavaModule, value: Node, call: Node) -> bool:
    """Return whether a condition around the call, or before it with a way out, compares the origin."""
    name = re.escape(module.text(value)) if value.type == "identifier" else r"\)"
    compared = re.compile(
        rf"""\w\([^()]*{name}|{name}\s*\.\s*(?:equals|endsWith|startsWith|matches|contains)|(?i:allow|valid|trust)\w*\("""
    )
    for ancestor in module.ancestors(call):
        if ancestor.type in {"method_declaration", "lambda_expression", "constructor_declaration"}:
            break
        if ancestor.type == "if_statement" and compared.search(
            module.text(ancestor.child_by_field_name("condition"))[:300]
        ):
            return True
    function = module.function_of(call)
    for statement in module.inside(function, "if_statement") if function is not None else ():
        test = module.text(statement.child_by_field_name("condition"))[:300]
        if statement.end_byte < call.start_byte and compared.search(test):
            branch = module.text(statement.child_by_field_name("consequence"))
            if re.search(r"\breturn\b|\bthrow\b", branch):
                return True
    return False
