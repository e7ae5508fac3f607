"""`Access-Control-Allow-Origin` set by hand in JavaScript: by a call, in an object, a pair, an assignment."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from pytest_superteam.scanners.facts.cors.policies import CREDENTIALS_HEADER, ORIGIN_HEADER, CorsPolicy, is_wildcard
from pytest_superteam.scanners.languages.javascript_tree import FUNCTIONS, IDENTIFIERS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tree_sitter import Node

    from pytest_superteam.scanners.facts.cors.javascript_origin import OriginReader
    from pytest_superteam.scanners.languages.javascript import JavaScriptModule

__all__ = ["header_policies"]

_SETTERS = frozenset({
    "setHeader", "set", "header", "append", "addHeader", "add", "appendHeader", "setResponseHeader",
    "appendResponseHeader", "setHeaders", "writeHeader", "putHeader", "Header",
})  # fmt: skip
_CALLS = frozenset({"call_expression", "new_expression"})
_CLIENTS = frozenset({
    "fetch", "axios", "got", "ky", "superagent", "request", "node-fetch", "undici", "needle", "cross-fetch",
    "isomorphic-fetch", "$fetch", "useFetch", "ofetch", "jQuery", "$", "uni", "wx", "HttpHeaders", "Request",
    "supertest", "https", "phin", "wretch", "isomorphic-unfetch", "unfetch", "$http", "@angular/common/http",
    "request-promise", "XMLHttpRequest",
})  # fmt: skip
_CLIENT_NAMES = re.compile(
    r"(?:^|\.)(?:https?|\$?http|httpClient|httpService|axios\w*|client|api|instance|apiClient|agent)$"
)
_VERBS = frozenset({"get", "post", "put", "patch", "delete", "request", "head", "options", "ajax", "create", "fetch"})


class _Write(NamedTuple):
    name: str
    value: Node
    place: Node


def header_policies(module: JavaScriptModule, reader: OriginReader) -> Iterator[CorsPolicy]:
    """Read headers that are set by hand; credentials count where the same function, or object, allows them."""
    writes = [write for write in _writes(module) if not _is_request(module, write.place)]
    allowed = {
        _scope(module, write.place)
        for write in writes
        if write.name == CREDENTIALS_HEADER and any(str(v).lower() == "true" for v in module.possible(write.value))
    }
    for write in writes:
        if write.name != ORIGIN_HEADER:
            continue
        credentials = _scope(module, write.place) in allowed
        echo = reader.echo(write.value, write.place)
        if echo == "unchecked":
            yield CorsPolicy(write.place, credentials=credentials, reflected=True)
        elif any(map(is_wildcard, _values(module, reader, write.value, echo))):
            yield CorsPolicy(write.place, wildcard=True, credentials=credentials)


def _values(module: JavaScriptModule, reader: OriginReader, value: Node, echo: str) -> list[object]:
    """Return what the header may be; of an origin that was compared only the branches that are not the origin."""
    if not echo:
        return module.possible(value)
    return [module.literal(choice) for choice in reader.expanded(value)]


def _scope(module: JavaScriptModule, place: Node) -> int:
    """Return what ties headers together: the function, else the object or the module."""
    function = module.function_of(place)
    if function is not None:
        return function.id
    owner = module.parent(place)
    return owner.id if owner is not None and owner.type == "object" else module.root.id


def _header(module: JavaScriptModule, node: Node | None) -> str:
    """Return the lower-case name of one of the two headers that an expression is, else nothing."""
    if node is None:
        return ""
    if node.type == "computed_property_name":
        node = next(iter(module.children(node)), None)
    if node is None or node.type not in {"string", "template_string", "member_expression", *IDENTIFIERS}:
        return ""
    value = module.literal(node)
    if isinstance(value, str):
        name = value.lower()
    else:
        last = module.text(node).rpartition(".")[2]
        name = last.lower().replace("_", "-") if last.isupper() else ""
    return name if name in {ORIGIN_HEADER, CREDENTIALS_HEADER} else ""


def _writes(module: JavaScriptModule) -> Iterator[_Write]:
    for pair in module.of("pair"):
        key, value = pair.child_by_field_name("key"), pair.child_by_field_name("value")
        name = module.string(key) if key is not None and key.type == "string" else None
        found = (
            (name.lower() if name is not None else "")
            if key is not None and key.type == "string"
            else _header(module, key)
        )
        if found in {ORIGIN_HEADER, CREDENTIALS_HEADER} and value is not None:
            yield _Write(found, value, pair)
        elif value is not None and key is not None and module.key(key) in {"key", "name", "header"}:
            yield from _entry(module, pair, value)
    for call in module.calls:
        yield from _call(module, call)
    for node in module.of("assignment_expression"):
        target, value = node.child_by_field_name("left"), node.child_by_field_name("right")
        if target is not None and value is not None and target.type == "subscript_expression":
            found = _header(module, target.child_by_field_name("index"))
            if found:
                yield _Write(found, value, node)
    for array in module.of("array"):
        items = module.children(array)
        if len(items) == 2 and (found := _header(module, items[0])):
            yield _Write(found, items[1], array)


def _entry(module: JavaScriptModule, pair: Node, value: Node) -> Iterator[_Write]:
    """Read `{ key: "Access-Control-Allow-Origin", value: "*" }`."""
    found = _header(module, value)
    owner = module.parent(pair)
    given = module.option(owner, "value") if found and owner is not None else None
    if given is not None:
        yield _Write(found, given, pair)


def _call(module: JavaScriptModule, call: Node) -> Iterator[_Write]:
    callee = module.unwrap(module.callee(call))
    if callee is None:
        return
    member = callee.type == "member_expression"
    if (module.member_name(callee) if member else module.text(callee)) not in _SETTERS:
        return
    given = module.arguments(call)
    for at, argument in enumerate(given[:2]):
        found = _header(module, argument)
        if found and len(given) > at + 1:
            named = callee.child_by_field_name("property") if member else callee
            value = given[at + 1]
            if value.type == "array" and module.children(value):
                value = module.children(value)[0]
            yield _Write(found, value, named or call)


# ---- headers of requests, which have no effect ----------------------------------------------------------------------


def _is_request(module: JavaScriptModule, place: Node) -> bool:
    """Return whether the header goes out with a request that the code sends."""
    current = place
    for ancestor in module.ancestors(place):
        if ancestor.type in FUNCTIONS or ancestor.type.endswith("statement"):
            break
        if ancestor.type in _CALLS and (_is_client(module, ancestor) or _is_request_chain(module, ancestor)):
            return True
        if ancestor.type == "variable_declarator":
            return _sent(module, ancestor.child_by_field_name("name"))
        current = ancestor
    if current.type == "assignment_expression":
        target = module.text(current.child_by_field_name("left"))[:200]
        owner = current.child_by_field_name("left")
        if "axios" in target or ".defaults." in target:
            return True
        if owner is not None and owner.type == "subscript_expression":
            return _sent(module, owner.child_by_field_name("object"))
    return False


def _is_request_chain(module: JavaScriptModule, call: Node) -> bool:
    """Return whether a setter belongs to a request of superagent: `request.get(url).set(...)`."""
    callee = module.unwrap(module.callee(call))
    owner = (
        module.unwrap(callee.child_by_field_name("object"))
        if callee is not None and callee.type == "member_expression"
        else None
    )
    for _ in range(10):
        if owner is None or owner.type != "call_expression":
            return owner is not None and owner.type in IDENTIFIERS and _is_request_object(module, owner)
        if _is_client(module, owner):
            return True
        inner = module.unwrap(module.callee(owner))
        owner = (
            module.unwrap(inner.child_by_field_name("object"))
            if inner is not None and inner.type == "member_expression"
            else None
        )
    return False


def _is_request_object(module: JavaScriptModule, name: Node) -> bool:
    bound = module.bound(name)
    return bound is not None and bound.type in _CALLS and _is_client(module, bound)


def _is_client(module: JavaScriptModule, call: Node) -> bool:
    callee = module.callee(call)
    name = module.qualname(callee) or module.dotted(callee)
    root = name.partition(".")[0]
    if root in _CLIENTS or name in _CLIENTS or name.startswith("@angular/common/http"):
        return not name.endswith((".createServer", ".Server"))
    written = module.dotted(callee)
    head, _, last = written.rpartition(".")
    return last in _VERBS and _CLIENT_NAMES.search(head) is not None


def _sent(module: JavaScriptModule, name: Node | None) -> bool:
    """Return whether an object is given to calls of an HTTP client, and to no other calls."""
    if name is None or name.type not in IDENTIFIERS:
        return False
    text = module.text(name)
    users: list[Node] = []
    for other in module.of("identifier", "shorthand_property_identifier"):
        if other.id == name.id or module.text(other) != text:
            continue
        for ancestor in module.ancestors(other):
            if ancestor.type in _CALLS:
                given = ancestor.child_by_field_name("arguments")
                if given is not None and given.start_byte <= other.start_byte < given.end_byte:
                    users.append(ancestor)
                break
            if ancestor.type in FUNCTIONS or ancestor.type.endswith("statement"):
                break
    return bool(users) and all(_is_client(module, call) for call in users)
