"""Whether a JavaScript call carries the trace: in its arguments, by its client, through helpers of the service."""

from __future__ import annotations

import re
from bisect import bisect_left
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

from pytest_superteam.scanners.facts.http.model import Client
from pytest_superteam.scanners.facts.services_js import definition_js
from pytest_superteam.scanners.facts.trace.javascript_agents import instrumentation_js, interceptors
from pytest_superteam.scanners.languages.javascript_tree import CLASSES, FUNCTIONS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tree_sitter import Node

    from pytest_superteam.scanners.facts.http.model import Outgoing
    from pytest_superteam.scanners.languages.javascript import JavaScriptModule
    from pytest_superteam.scanners.source import SourceTree

__all__ = ["is_traced_js", "propagates_js"]

_CALLERS = 20
"""Files with calls of a name; of one that more have, nobody can say which function it is."""
_MARKS = (b"raceparent", b"inject", b"race", b".headers")
"""One of these stands in every module that passes the trace on."""
_HOPS = 25
_MAX_DEPTH = 5
_NODES = 4000
"""Nodes of one scope that are looked at."""
_NAMES = frozenset({"identifier", "shorthand_property_identifier"})
_TELLING = re.compile(r"trace|propagat|otel|telemetry|w3c", re.IGNORECASE)
_FOREIGN = re.compile(r"b3|jaeger|xray|zipkin|uber|datadog-|opentracing|trace_?id", re.IGNORECASE)
_WRITERS = frozenset({"set", "setHeader", "append", "header", "setRequestHeader", "addHeader", "setHeaders"})
_FORWARDED = re.compile(r"(?:req|request|ctx|ctx\.req|ctx\.request|c\.req|c\.req\.raw|this\.request)\.headers?")


def is_traced_js(tree: SourceTree, module: JavaScriptModule, call: Outgoing) -> bool:
    """Return whether the request carries `traceparent`."""
    if any(_carries(tree, module, argument) for argument in call.arguments):
        return True
    if _completed(tree, module, call.node):
        return True
    if call.holder is not None and _mutated(tree, module, call.holder):
        return True
    return call.over is not None and _client_carries(tree, call.over)


def _client_carries(tree: SourceTree, over: Client, depth: int = 0) -> bool:
    """Return whether a client puts the trace into all that it sends: interceptors, hooks, headers."""
    for module, handler, client in interceptors(tree):
        same = (
            client.key == over.key and client.library == over.library and (over.key is not None or client.made is None)
        )
        nest = over.library == "nest" and client.scope == "nest"
        if (same or nest) and propagates_js(tree, module, handler):
            return True
    home: JavaScriptModule = over.home
    if over.made is not None:
        if any(_carries(tree, home, argument, hops=True) for argument in home.arguments(over.made)):
            return True
        if any(_mutated(tree, home, name) for name in _names_of(home, over.made)):
            return True
    elif over.library == "axios" and _defaults(tree):
        return True
    if isinstance(over.scope, Client):
        return depth < _MAX_DEPTH and over.library != "axios" and _client_carries(tree, over.scope, depth + 1)
    return isinstance(over.scope, tuple) and propagates_js(tree, *over.scope)


def _defaults(tree: SourceTree) -> bool:
    """Return whether the headers that axios sends with every call hold the trace."""
    return any(
        _names_header(module, node)
        for _, module in tree.javascript_with(b"traceparent")
        for node in module.of("member_expression", "subscript_expression")
        if "axios.defaults" in module.text(node)[:60]
    )


def _names_of(module: JavaScriptModule, made: Node) -> Iterator[Node]:
    """Yield what the client is bound to where it is made."""
    parent = module.parent(made)
    while parent is not None and parent.type in {"await_expression", "parenthesized_expression", "as_expression"}:
        parent = module.parent(parent)
    if parent is not None and parent.type in {
        "variable_declarator",
        "assignment_expression",
        "public_field_definition",
    }:
        target = parent.child_by_field_name("name") or parent.child_by_field_name("left")
        if target is not None:
            yield target


def _completed(tree: SourceTree, module: JavaScriptModule, call: Node) -> bool:
    """Return whether the trace is added to the request that a call returns: `.set("traceparent", x)`, `setHeader`."""
    current, parent = call, module.parent(call)
    while parent is not None and parent.type in {
        "member_expression",
        "call_expression",
        "await_expression",
        "parenthesized_expression",
    }:
        if parent.type == "call_expression" and parent.child_by_field_name("function") is not None:
            if parent.child_by_field_name("function").id == current.id:  # type: ignore[union-attr]  # asked just before
                verb = module.member_name(current) if current.type == "member_expression" else ""
                if verb in {"set", "use", "headers", "setHeader"}:
                    if _writes(tree, module, parent):
                        return True
                    if any(_carries(tree, module, a, hops=verb == "use") for a in module.arguments(parent)):
                        return True
            else:
                break
        current, parent = parent, module.parent(parent)
    return any(_mutated(tree, module, name) for name in _names_of(module, call))


def _is_header(module: JavaScriptModule, node: Node | None) -> bool:
    value = module.literal(node) if node is not None else None
    if isinstance(value, str):
        return value.lower() == "traceparent"
    return node is not None and node.type == "identifier" and _is_looped(module, node)


def _is_looped(module: JavaScriptModule, node: Node) -> bool:
    """Return whether a name runs over a list of names that holds the header: `for (const n of FORWARD)`, `forEach`."""
    text = module.text(node)
    for outer in module.ancestors(node):
        source: Node | None = None
        if outer.type == "for_in_statement" and text in module.text(outer.child_by_field_name("left")).split():
            source = outer.child_by_field_name("right")
        elif outer.type == "arrow_function" and text in module.text(
            outer.child_by_field_name("parameter") or outer.child_by_field_name("parameters")
        ):
            call = module.parent(module.parent(outer) or outer)
            callee = module.callee(call) if call is not None and call.type == "call_expression" else None
            source = callee.child_by_field_name("object") if callee is not None else None
        names = module.literal(source) if source is not None else None
        if isinstance(names, list):
            return any(isinstance(name, str) and name.lower() == "traceparent" for name in names)
    return False


def _names_header(module: JavaScriptModule, node: Node) -> bool:
    """Return whether a member is the header: `headers.traceparent`, `headers[TRACEPARENT]`."""
    name = module.member_name(node)
    if name is None and node.child_by_field_name("index") is not None:
        return _is_header(module, node.child_by_field_name("index"))
    return (name or "").lower() == "traceparent"


def _writes(tree: SourceTree, module: JavaScriptModule, node: Node) -> bool:
    """Return whether a node puts the header somewhere: a key, the first of a pair, an argument, an assignment."""
    kind = node.type
    if kind == "pair":
        key = node.child_by_field_name("key")
        if key is not None and key.type == "computed_property_name":
            return _is_header(module, next(iter(module.children(key)), None))
        return (module.key(key) or "").lower() == "traceparent"
    if kind == "shorthand_property_identifier":
        return module.text(node).lower() == "traceparent"
    if kind == "array":
        items = module.children(node)
        return len(items) == 2 and items[0].type in {"string", "identifier"} and _is_header(module, items[0])
    if kind in {"assignment_expression", "augmented_assignment_expression"}:
        left = node.child_by_field_name("left")
        return (
            left is not None
            and left.type in {"member_expression", "subscript_expression"}
            and _names_header(module, left)
        )
    if kind == "call_expression":
        if _is_inject(tree, module, node):
            return True
        callee = module.unwrap(module.callee(node))
        verb = module.member_name(callee) if callee is not None and callee.type == "member_expression" else ""
        return verb in _WRITERS and _is_header(module, module.argument(node, 0))
    return False


def _is_inject(tree: SourceTree, module: JavaScriptModule, call: Node) -> bool:
    """Return whether a call writes the W3C header into what it is given."""
    name = module.qualname(module.callee(call))
    owner, _, last = name.rpartition(".")
    if last == "insertDistributedTraceHeaders":
        return True
    if last != "inject" or not module.arguments(call) or _FOREIGN.search(owner):
        return False
    if "W3CTraceContext" in owner:
        return True
    known = owner.startswith(("@opentelemetry/", "dd-trace")) or "propagat" in owner.lower()
    return known and not instrumentation_js(tree).other_format


def _inside(module: JavaScriptModule, scope: Node) -> Iterator[Node]:
    for count, node in enumerate(module.inside(scope)):
        if count > _NODES:
            return
        yield node


def propagates_js(tree: SourceTree, module: JavaScriptModule, scope: Node) -> bool:
    """Return whether `scope`, or what it calls or names within the service, puts the trace into a request."""
    seen: set[tuple[str, int]] = set()
    pending: list[tuple[JavaScriptModule, Node]] = [(module, scope)]
    while pending and len(seen) < _HOPS:
        home, node = pending.pop()
        key = (home.path, node.start_byte)
        if key in seen:
            continue
        seen.add(key)
        for part in _inside(home, node):
            if _writes(tree, home, part):
                return True
            if part.type in _NAMES or part.type == "member_expression":
                found = _function(tree, home, part)
                if found is not None:
                    pending.append(found)
    return False


def _function(tree: SourceTree, module: JavaScriptModule, node: Node) -> tuple[JavaScriptModule, Node] | None:
    """Return the function of the service that a name stands for, a method of the same class too."""
    if node.type in _NAMES and not module.lookup(node) and module.text(node) not in module.imports:
        return None
    found = definition_js(tree, module, node)
    if found is None or found[1].type not in (*FUNCTIONS, *CLASSES):
        return None
    return found


def _carries(tree: SourceTree, module: JavaScriptModule, node: Node, depth: int = 0, *, hops: bool = False) -> bool:
    """Return whether the value of an expression holds the header; with `hops` also through functions that it names."""
    if depth > _MAX_DEPTH:
        return False
    return any(_part_carries(tree, module, part, depth, hops=hops) for part in _inside(module, node))


def _part_carries(tree: SourceTree, module: JavaScriptModule, part: Node, depth: int, *, hops: bool) -> bool:
    if _writes(tree, module, part):
        return True
    if part.type in {"call_expression", "new_expression"}:
        return _helper(tree, module, part)
    if part.type in _NAMES:
        found = _function(tree, module, part) if hops else None
        if found is not None and propagates_js(tree, *found):
            return True
        return _is_value(module, part) and _name_carries(tree, module, part, depth)
    if part.type != "member_expression":
        return False
    own = module.text(part).startswith("this.")
    if own and (_mutated(tree, module, part, depth) or _member_carries(tree, module, part, depth)):
        return True
    return _forwards(module, part)


def _is_value(module: JavaScriptModule, node: Node) -> bool:
    """Return whether a name is used as a value here and not as what is called."""
    parent = module.parent(node)
    return not (
        parent is not None and parent.type == "call_expression" and parent.child_by_field_name("function") == node
    )


def _forwards(module: JavaScriptModule, node: Node) -> bool:
    """Return whether all headers of the request that is being answered are passed on, the trace's among them."""
    if not _FORWARDED.fullmatch(module.text(node)):
        return False
    parent = module.parent(node)
    if parent is not None and parent.type in {"member_expression", "subscript_expression"}:
        return parent.child_by_field_name("object") != node
    return True


def _helper(tree: SourceTree, module: JavaScriptModule, call: Node) -> bool:
    """Return whether a call is one of a function that makes headers with the trace in them, in the service or not."""
    callee = module.callee(call)
    if callee is None:
        return False
    found = definition_js(tree, module, callee)
    if found is not None:
        return found[1].type in FUNCTIONS and propagates_js(tree, *found)
    name = module.qualname(callee)
    return _is_telling(module, callee, name)


def _is_telling(module: JavaScriptModule, node: Node, name: str) -> bool:
    """Return whether a name from elsewhere says that it is about trace headers."""
    root = module.text(node).partition(".")[0].partition("(")[0]
    last = name.rpartition("/")[2]
    return (
        root in module.imports
        and bool(_TELLING.search(last))
        and "header" in last.lower()
        and not _FOREIGN.search(last)
    )


def _name_carries(tree: SourceTree, module: JavaScriptModule, node: Node, depth: int) -> bool:
    if _mutated(tree, module, node, depth):
        return True
    bindings = module.lookup(node)
    for binding in bindings:
        if binding.kind == "parameter":
            return _callers_carry(tree, module, node, depth)
        value = binding.value
        plain = value is not None and value.id != node.id and value.type not in FUNCTIONS
        if value is not None and plain and _carries(tree, module, value, depth + 1):
            return True
    if module.text(node) in module.imports:
        found = definition_js(tree, module, node)
        if found is not None:
            return found[0] is not module and found[1].type not in FUNCTIONS and _carries(tree, *found, depth + 1)
        return _is_telling(module, node, module.qualname(node))
    return False


def _member_carries(tree: SourceTree, module: JavaScriptModule, node: Node, depth: int) -> bool:
    """Return whether `this.headers` is a getter or a field that holds the header."""
    cls, name = module.class_of(node), module.member_name(node)
    if cls is None or name is None or not _is_value(module, node):
        return False
    for binding in module.members.get(cls.id, {}).get(name, ()):
        value = binding.value
        if value is None:
            continue
        if value.type in FUNCTIONS:
            if propagates_js(tree, module, value):
                return True
        elif _carries(tree, module, value, depth + 1):
            return True
    return False


def _callers_carry(tree: SourceTree, module: JavaScriptModule, node: Node, depth: int) -> bool:
    """Return whether every call in the service of the function around `node` passes the header on to it."""
    text = module.text(node)
    if depth > 1 or text in {
        "url",
        "path",
        "req",
        "res",
        "request",
        "id",
        "data",
        "body",
        "params",
        "method",
        "payload",
    }:
        return False
    function = module.function_of(node)
    while function is not None and not any(
        module.text(n) == text
        for p in module.parameters(function)
        for n in module.inside(p)
        if n.type in _NAMES | {"shorthand_property_identifier_pattern"}
    ):
        function = module.function_of(function)
    if function is None:
        return False
    for parameter in module.parameters(function):
        default = module.default(parameter)
        if (
            default is not None
            and module.text(module.pattern(parameter)) == text
            and _carries(tree, module, default, depth + 2)
        ):
            return True
    name = module.name_of(function)
    if len(name) < 2:
        return False
    word = name.encode() + b"("
    users = [file for file in tree.service_files("javascript", "typescript") if word in file.data]
    if len(users) > _CALLERS or any(not any(mark in file.data for mark in _MARKS) for file in users):
        return False  # who says nothing of a trace passes none
    places = [
        (home, call)
        for home in (file.javascript for file in users)
        if home is not None
        for call in home.calls
        if home.text(home.callee(call)).rpartition(".")[2] == name and _reaches(tree, home, call, function)
    ]
    return bool(places) and all(
        any(_carries(tree, home, argument, depth + 2) for argument in home.arguments(call)) for home, call in places
    )


def _reaches(tree: SourceTree, module: JavaScriptModule, call: Node, function: Node) -> bool:
    """Return whether a call is one of `function`; a method of an object that nobody knows counts by its name."""
    callee = module.callee(call)
    found = definition_js(tree, module, callee) if callee is not None else None
    if found is not None:
        return found[1].start_byte == function.start_byte
    root = module.text(callee).partition(".")[0]
    return "." in module.text(callee) and root not in module.imports


_LONGEST = 80
"""Bytes of the longest name that is followed."""


def _mutated(tree: SourceTree, module: JavaScriptModule, target: Node, depth: int = 0) -> bool:
    """Return whether the trace is put into what `target` names, by a statement of its function, module or class."""
    name = module.text(target)
    if depth > _MAX_DEPTH or not name or len(name) > _LONGEST or not re.fullmatch(r"[\w$.]+", name):
        return False
    scope: Node | None = module.class_of(target) if name.startswith("this.") else module.function_of(target)
    if scope is not None and not name.startswith("this.") and target.type == "identifier":
        binding = next(iter(module.lookup(target)), None)
        owner = module.function_of(binding.name) if binding is not None else None
        scope = owner if binding is not None else scope
    scope = scope or module.root
    known = _mutations.setdefault(module, {})
    key = (scope.id, name, depth)
    if key not in known:
        known[key] = any(_puts(tree, module, node, name, depth) for node in _marked(module, scope, name))
    return known[key]


_mutations: WeakKeyDictionary[JavaScriptModule, dict[tuple[int, str, int], bool]] = WeakKeyDictionary()
_changed: WeakKeyDictionary[JavaScriptModule, dict[str, list[Node]]] = WeakKeyDictionary()


def _marked(module: JavaScriptModule, scope: Node, name: str) -> Iterator[Node]:
    """Yield the calls and assignments in a scope that are about `name`."""
    if module not in _changed:
        _changed[module] = _changes(module)
    nodes = _changed[module].get(name, [])
    for index in range(
        bisect_left(nodes, scope.start_byte, key=_start), bisect_left(nodes, scope.end_byte, key=_start)
    ):
        if nodes[index].end_byte <= scope.end_byte:
            yield nodes[index]


def _start(node: Node) -> int:
    return node.start_byte


def _changes(module: JavaScriptModule) -> dict[str, list[Node]]:
    """Return the calls and assignments that are about each name, in order, found once for thousands of questions."""
    found: dict[str, list[Node]] = {}
    kinds = ("call_expression", "assignment_expression", "augmented_assignment_expression")
    for node in sorted(module.of(*kinds), key=_start):
        parts: list[Node | None] = [node.child_by_field_name("left")]
        if node.type == "call_expression":
            callee = module.unwrap(module.callee(node))
            parts = [*module.arguments(node), callee]
        for name in {name for part in parts for name in _roots(module, part)}:
            found.setdefault(name, []).append(node)
    return found


def _puts(tree: SourceTree, module: JavaScriptModule, node: Node, name: str, depth: int) -> bool:
    """Return whether one statement or call puts the header into `name` or into a part of it."""
    if node.type == "call_expression":
        arguments = module.arguments(node)
        if any(_rooted(module, argument, name) for argument in arguments):
            if _is_inject(tree, module, node):
                return True
            callee = module.unwrap(module.callee(node))
            if module.text(callee) == "Object.assign":
                return _rooted(module, arguments[0], name) and any(
                    _carries(tree, module, a, depth + 3) for a in arguments[1:]
                )
            found = definition_js(tree, module, callee)
            return found is not None and found[1].type in FUNCTIONS and propagates_js(tree, *found)
        callee = module.unwrap(module.callee(node))
        if callee is not None and callee.type == "member_expression":
            holder = callee.child_by_field_name("object")
            if (
                holder is not None
                and _rooted(module, holder, name)
                and module.member_name(callee) in _WRITERS | {"push", "use", "assign"}
            ):
                return _writes(tree, module, node)
        return False
    left, right = node.child_by_field_name("left"), node.child_by_field_name("right")
    if left is None or right is None or left.type not in {"member_expression", "subscript_expression"}:
        return False
    if not _rooted(module, left, name) or module.text(left) == name:
        return False
    return _names_header(module, left) or _carries(tree, module, right, depth + 3)


def _rooted(module: JavaScriptModule, node: Node | None, name: str) -> bool:
    """Return whether `node` is what `name` names or a part of it: `config.headers`."""
    return any(root == name for root in _roots(module, node))


def _roots(module: JavaScriptModule, node: Node | None) -> Iterator[str]:
    """Yield the names of what `node` is a part of, itself first, and no longer ones than anybody asks for."""
    for _ in range(9):
        node = module.unwrap(node)
        if node is None:
            return
        if node.end_byte - node.start_byte <= _LONGEST:
            yield module.text(node)
        if node.type not in {"member_expression", "subscript_expression", "call_expression"}:
            return
        node = node.child_by_field_name("object") or node.child_by_field_name("function")
