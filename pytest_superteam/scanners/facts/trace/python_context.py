"""Whether a Python call carries the trace: in its arguments, by its client, through helpers of the service."""

from __future__ import annotations

import ast
import re
from itertools import islice
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

from pytest_superteam.scanners.facts.http.python_clients import dotted
from pytest_superteam.scanners.facts.services import called_functions, definition, literal, value_of
from pytest_superteam.scanners.facts.trace.python_agents import sends_other_format
from pytest_superteam.scanners.languages.python import walk

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytest_superteam.scanners.facts.http.model import Client, Outgoing
    from pytest_superteam.scanners.languages.python import Function, PythonModule
    from pytest_superteam.scanners.source import SourceFile, SourceTree

__all__ = ["is_traced", "propagates"]

_CALLERS = 20
"""Files with calls of a name; of one that more have, nobody can say which function it is."""
_MARKS = (b"raceparent", b"inject", b"trace", b".headers")
"""One of these stands in every module that passes the trace on."""
_HOPS = 30
_MAX_DEPTH = 5
_TELLING = re.compile(r"trace|propagat|otel|telemetry|w3c", re.IGNORECASE)
_FOREIGN = re.compile(r"b3|jaeger|xray|zipkin|uber|datadog|opentracing|trace_?id", re.IGNORECASE)
_OTEL_CLIENTS = frozenset({"SyncOpenTelemetryTransport", "AsyncOpenTelemetryTransport", "create_trace_config"})
_CHANGERS = frozenset({"update", "setdefault", "add_header", "append", "mount", "extend", "register_event_handler"})
_INJECTING = frozenset({"insert_distributed_trace_headers", "create_trace_config"})


def is_traced(tree: SourceTree, module: PythonModule, call: Outgoing) -> bool:
    """Return whether the request carries `traceparent`."""
    if any(_carries(tree, module, argument) for argument in call.arguments):
        return True
    if call.holder is not None and _mutated(tree, module, call.holder, call.node):
        return True
    return call.over is not None and _client_carries(tree, module, call.over, call.node)


def _client_carries(tree: SourceTree, module: PythonModule, over: Client, call: ast.Call) -> bool:
    """Return whether a client puts the trace into all that it sends: hooks, transport, headers, an own class."""
    home: PythonModule = over.home
    if over.made is not None:
        given = (*over.made.args, *(k.value for k in over.made.keywords))
        if propagates(tree, home, over.made) or any(_carries(tree, home, argument) for argument in given):
            return True
    if over.scope is not None:
        owner = module.class_of(call)
        inside = isinstance(over.scope, ast.ClassDef) and home.path == module.path and _same(owner, over.scope)
        if not inside and propagates(tree, home, over.scope):
            return True
        function = module.function_of(call) if inside else None
        if function is not None and propagates(tree, module, function):
            return True
    return over.made is not None and any(
        _mutated(tree, home, target, over.made) for target in _names_of(home, over.made)
    )


def _names_of(module: PythonModule, made: ast.AST) -> Iterator[ast.expr]:
    """Yield what the client is bound to where it is made."""
    parent = module.parents.get(made)
    while isinstance(parent, (ast.Await, ast.BoolOp, ast.IfExp)):
        parent = module.parents.get(parent)
    if isinstance(parent, ast.Assign):
        yield from parent.targets
    elif isinstance(parent, (ast.AnnAssign, ast.NamedExpr)):
        yield parent.target
    elif isinstance(parent, ast.withitem) and parent.optional_vars is not None:
        yield parent.optional_vars


def _is_inject(tree: SourceTree, module: PythonModule, call: ast.Call) -> bool:
    """Return whether a call writes the W3C header into what it is given."""
    name = module.qualname(call.func)
    last = name.rpartition(".")[2]
    if last in _INJECTING:
        return True
    if last != "inject" or not (call.args or call.keywords):
        return False
    owner = name.rpartition(".")[0] or (dotted(call.func) if "." in dotted(call.func) else "")
    if isinstance(call.func, ast.Attribute) and isinstance(call.func.value, ast.Call):
        owner = owner or module.qualname(call.func.value.func)
    if _FOREIGN.search(owner):
        return False
    if isinstance(call.func, ast.Name) and not owner and call.func.id not in module.bindings:
        return definition(tree, module, call.func) is None  # of a fragment that leaves out its imports
    if "TraceContext" in owner:
        return True
    known = owner.startswith(("opentelemetry", "ddtrace")) or _TELLING.search(owner) or "textmap" in owner.lower()
    return bool(known) and not sends_other_format(tree)


def _names_header(tree: SourceTree, module: PythonModule, node: ast.AST | None) -> bool:
    value = node.value if isinstance(node, ast.Constant) else literal(tree, module, node)
    if isinstance(node, ast.Name) and not isinstance(value, (str, bytes)):
        return any(_lists_header(tree, module, source) for source in _looped(module, node))
    if isinstance(value, bytes):
        value = value.decode("latin-1")
    return isinstance(value, str) and value.lower() == "traceparent"


def _lists_header(tree: SourceTree, module: PythonModule, node: ast.AST) -> bool:
    """Return whether the header is among the names that a loop runs over."""
    value = literal(tree, module, node)
    return isinstance(value, (list, dict)) and any(isinstance(v, str) and v.lower() == "traceparent" for v in value)


def _looped(module: PythonModule, node: ast.Name) -> Iterator[ast.expr]:
    """Yield what a name runs over where it is the variable of a loop around it."""
    current = module.parents.get(node)
    while current is not None and not isinstance(current, (ast.FunctionDef, ast.AsyncFunctionDef)):
        loops = [current] if isinstance(current, (ast.For, ast.AsyncFor)) else getattr(current, "generators", [])
        yield from (loop.iter for loop in loops if isinstance(loop.target, ast.Name) and loop.target.id == node.id)
        current = module.parents.get(current)


def _writes(tree: SourceTree, module: PythonModule, node: ast.AST) -> bool:
    """Return whether a node puts the header somewhere: a key, a keyword, the first of a pair, an argument, a store."""
    if isinstance(node, ast.Dict):
        return any(_names_header(tree, module, key) for key in node.keys if key is not None)
    if isinstance(node, ast.keyword):
        return (node.arg or "").lower() == "traceparent"
    if isinstance(node, ast.Tuple):
        return len(node.elts) == 2 and _names_header(tree, module, node.elts[0])
    if isinstance(node, ast.Subscript):
        return isinstance(node.ctx, ast.Store) and _names_header(tree, module, node.slice)
    if isinstance(node, ast.Call):
        if _is_inject(tree, module, node):
            return True
        last = node.func.attr if isinstance(node.func, ast.Attribute) else ""
        writer = last in {"add_header", "setdefault", "putheader", "add", "append", "set", "__setitem__"}
        return writer and len(node.args) > 1 and _names_header(tree, module, node.args[0])
    return isinstance(node, ast.DictComp) and _names_header(tree, module, node.key)


def _mentions(tree: SourceTree, module: PythonModule, scope: ast.AST) -> bool:
    for node in module.walk(scope):
        if _writes(tree, module, node):
            return True
        if isinstance(node, (ast.Name, ast.Attribute)) and dotted(node).rpartition(".")[2] in _OTEL_CLIENTS:
            return True
    return False


def propagates(tree: SourceTree, module: PythonModule, scope: ast.AST) -> bool:
    """Return whether `scope`, or what it calls or names within the service, puts the trace into a request."""
    known: dict[tuple[object, ...], bool] = tree.facts.setdefault("propagates", {})  # type: ignore[assignment]  # ours
    end = (getattr(scope, "end_lineno", 0), getattr(scope, "end_col_offset", 0))
    key = (module.path, getattr(scope, "lineno", 0), getattr(scope, "col_offset", 0), *end)
    if key not in known:
        known[key] = _marked(tree) and _reaches(tree, module, scope)
    return known[key]


def _marked(tree: SourceTree) -> bool:
    """Return whether a word that has to do with W3C's header stands anywhere in the service's code."""
    if "trace marks" not in tree.facts:
        words = (b"raceparent", b"inject", b"insert_distributed", b"create_trace_config", b"OpenTelemetryTransport")
        tree.facts["trace marks"] = any(word in f.data for f in tree.service_files("python") for word in words)
    return bool(tree.facts["trace marks"])


def _reaches(tree: SourceTree, module: PythonModule, scope: ast.AST) -> bool:
    seen: set[tuple[str, int, int]] = set()
    pending: list[tuple[PythonModule, ast.AST]] = [(module, scope)]
    while pending and len(seen) < _HOPS:
        home, node = pending.pop()
        key = (home.path, getattr(node, "lineno", 0), getattr(node, "col_offset", 0))
        if key in seen:
            continue
        seen.add(key)
        if _mentions(tree, home, node):
            return True
        pending.extend(called_functions(tree, home, node))
        made = (definition(tree, home, inner.func) for inner in walk(node) if isinstance(inner, ast.Call))
        pending.extend(found for found in made if found is not None and isinstance(found[1], ast.ClassDef))
    return False


def _carries(tree: SourceTree, module: PythonModule, node: ast.AST, depth: int = 0) -> bool:
    """Return whether the value of an expression holds the header."""
    if depth > _MAX_DEPTH:
        return False
    for part in walk(node):
        if _writes(tree, module, part) or _forwards(module, part):
            return True
        if isinstance(part, ast.Call) and _helper(tree, module, part):
            return True
        if isinstance(part, ast.Name) and isinstance(part.ctx, ast.Load) and _name_carries(tree, module, part, depth):
            return True
        loaded = isinstance(part, ast.Attribute) and isinstance(part.ctx, ast.Load)
        if loaded and _attribute_carries(tree, module, part, depth):  # type: ignore[arg-type]  # an attribute
            return True
    return False


def _forwards(module: PythonModule, node: ast.AST) -> bool:
    """Return whether all headers of the request that is being answered are passed on, the trace's among them."""
    if not (isinstance(node, ast.Attribute) and node.attr in {"headers", "META"}):
        return False
    if dotted(node.value).rpartition(".")[2] not in {"request", "req"}:
        return False
    parent = module.parents.get(node)
    if isinstance(parent, ast.Subscript) and parent.value is node:
        return False
    if isinstance(parent, ast.Attribute):
        return parent.attr in {"raw", "items", "copy", "mutablecopy"} and not isinstance(parent.value, ast.Call)
    return not isinstance(parent, ast.Compare)


def _helper(tree: SourceTree, module: PythonModule, call: ast.Call) -> bool:
    """Return whether a call is one of a function that makes headers with the trace in them, in the service or not."""
    found = definition(tree, module, call.func)
    if found is not None:
        return propagates(tree, *found)
    name = dotted(call.func)
    return _is_telling(module, name) and "headers" in name.lower()


def _is_telling(module: PythonModule, name: str) -> bool:
    """Return whether a name of another package says that it is about trace headers."""
    head = name.partition(".")[0]
    return head in module.imports and bool(_TELLING.search(name)) and not _FOREIGN.search(name)


def _name_carries(tree: SourceTree, module: PythonModule, node: ast.Name, depth: int) -> bool:
    if _mutated(tree, module, node, node):
        return True
    function = module.function_of(node)
    while function is not None:
        values = module.local_bindings(function).get(node.id, [])
        if values:
            return any(_carries(tree, module, value, depth + 1) for value in values if value is not node)
        if module.is_parameter(node.id, function):
            return _callers_carry(tree, module, function, node.id, depth)
        function = module.function_of(function)
    values = module.bindings.get(node.id, [])
    if values:
        return any(_carries(tree, module, value, depth + 1) for value in values if value is not node)
    outside = value_of(tree, module, node) if node.id in module.imports else None
    if outside is not None and outside[0] is not module:
        return _carries(tree, *outside, depth + 1)
    return _is_telling(module, node.id) and "headers" in node.id.lower()


def _callers_carry(tree: SourceTree, module: PythonModule, function: Function, name: str, depth: int) -> bool:
    """Return whether every call of `function` in the service passes the header in the parameter `name`."""
    if depth > 1 or name in {"self", "cls", "url", "path", "client", "session", "timeout", "params", "json", "data"}:
        return False
    default = _default(function, name)
    if default is not None and propagates(tree, module, default):
        return True
    users = _users(tree, function.name.encode())
    if len(users) > _CALLERS or any(not any(mark in file.data for mark in _MARKS) for file in users):
        return False  # who says nothing of a trace passes none
    places = [
        (home, call)
        for home in (file.python for file in users)
        if home is not None
        for call in home.calls
        if _calls(tree, home, call, function)
    ]
    return bool(places) and all(
        any(_carries(tree, home, argument, depth + 2) for argument in (*call.args, *(k.value for k in call.keywords)))
        for home, call in places
    )


def _users(tree: SourceTree, name: bytes) -> list[SourceFile]:
    """Return the files with calls of a name, as many as are looked at and one more; each name is looked for once."""
    key = f"calls of {name!r}"
    if key not in tree.facts:
        word, own = name + b"(", b"def " + name + b"("
        found = (f for f in tree.service_files("python") if word in f.data and f.data.count(word) > f.data.count(own))
        tree.facts[key] = list(islice(found, _CALLERS + 1))
    return tree.facts[key]  # type: ignore[return-value]  # the key holds nothing else


def _calls(tree: SourceTree, module: PythonModule, call: ast.Call, function: Function) -> bool:
    """Return whether a call is one of `function`; a method of an object that nobody knows counts by its name."""
    name = dotted(call.func)
    if name.rpartition(".")[2] != function.name:
        return False
    found = definition(tree, module, call.func)
    if found is not None:
        return _same(found[1], function)
    return "." in name and name.partition(".")[0] not in module.imports


def _default(function: Function, name: str) -> ast.expr | None:
    a = function.args
    positional = [*a.posonlyargs, *a.args]
    pairs = [*zip(positional[len(positional) - len(a.defaults) :], a.defaults, strict=True)]
    pairs += [(arg, value) for arg, value in zip(a.kwonlyargs, a.kw_defaults, strict=True) if value is not None]
    return next((value for argument, value in pairs if argument.arg == name), None)


def _attribute_carries(tree: SourceTree, module: PythonModule, node: ast.Attribute, depth: int) -> bool:
    """Return whether `self.headers` is a property or an attribute that holds the header."""
    name = dotted(node)
    if name.startswith(("self.", "cls.")) and name.count(".") == 1:
        owner = module.class_of(node)
        if owner is None:
            return False
        if isinstance(module.parents.get(node), ast.Call) and module.parents[node].func is node:  # type: ignore[attr-defined]  # it is a call
            return False
        if _mutated(tree, module, node, owner):
            return True
        method = next((m for m in owner.body if getattr(m, "name", "") == node.attr), None)
        if method is not None:
            return propagates(tree, module, method)
        stores = (
            part.value
            for part in module.walk(owner)
            if isinstance(part, (ast.Assign, ast.AnnAssign)) and part.value is not None
            for target in (part.targets if isinstance(part, ast.Assign) else [part.target])
            if dotted(target) in {name, node.attr}
        )
        return any(_carries(tree, module, value, depth + 1) for value in stores)
    outside = value_of(tree, module, node)
    return outside is not None and outside[1] is not node and _carries(tree, *outside, depth + 1)


def _mutated(tree: SourceTree, module: PythonModule, target: ast.expr, place: ast.AST) -> bool:
    """Return whether the trace is put into what `target` names, by a statement near `place` or in its class."""
    name = dotted(target)
    if not name:
        return False
    scope: ast.AST | None = module.function_of(place)
    if name.startswith(("self.", "cls.")):
        scope = module.class_of(place)
    elif scope is not None and name.partition(".")[0] not in module.local_bindings(scope):
        is_own = module.is_parameter(name.partition(".")[0], scope)  # type: ignore[arg-type]  # a function, as asked
        scope = scope if is_own else module.tree
    scope = scope or module.tree
    known = _mutations.setdefault(module, {})
    if (scope, name) not in known:
        known[scope, name] = any(_puts(tree, module, node, name) for node in _changes(module, scope).get(name, ()))
    return known[scope, name]


_mutations: WeakKeyDictionary[PythonModule, dict[tuple[ast.AST, str], bool]] = WeakKeyDictionary()
_changed: WeakKeyDictionary[PythonModule, dict[ast.AST, dict[str, list[ast.AST]]]] = WeakKeyDictionary()


def _changes(module: PythonModule, scope: ast.AST) -> dict[str, list[ast.AST]]:
    """Return the calls and assignments in `scope` that are about each name, found once: there are thousands to ask."""
    scopes = _changed.setdefault(module, {})
    if scope not in scopes:
        found = scopes[scope] = {}
        for node in module.walk(scope):
            parts: list[ast.expr] = []
            if isinstance(node, ast.Call):
                parts = [*node.args, *(k.value for k in node.keywords)]
                parts += [node.func.value] if isinstance(node.func, ast.Attribute) else []
            elif isinstance(node, (ast.Assign, ast.AugAssign)):
                parts = node.targets if isinstance(node, ast.Assign) else [node.target]
            for name in {name for part in parts for name in _roots(part)}:
                found.setdefault(name, []).append(node)
    return scopes[scope]


def _puts(tree: SourceTree, module: PythonModule, node: ast.AST, name: str) -> bool:
    """Return whether one statement or call puts the header into `name` or into a part of it."""
    if isinstance(node, ast.Call):
        arguments = (*node.args, *(k.value for k in node.keywords))
        if any(_rooted(argument, name) for argument in arguments):
            if _is_inject(tree, module, node):
                return True
            found = definition(tree, module, node.func)
            if found is not None and isinstance(found[1], (ast.FunctionDef, ast.AsyncFunctionDef)):
                return propagates(tree, *found)
            return False
        changed = (
            isinstance(node.func, ast.Attribute) and node.func.attr in _CHANGERS and _rooted(node.func.value, name)
        )
        return changed and (_writes(tree, module, node) or any(propagates(tree, module, a) for a in arguments))
    if isinstance(node, (ast.Assign, ast.AugAssign)):
        targets = node.targets if isinstance(node, ast.Assign) else [node.target]
        stored = [
            t for t in targets if not isinstance(t, (ast.Name, ast.Tuple)) and _rooted(t, name) and dotted(t) != name
        ]
        if isinstance(node, ast.AugAssign) and dotted(node.target) == name:
            stored.append(node.target)
        return bool(stored) and (
            any(_writes(tree, module, part) for t in stored for part in walk(t)) or propagates(tree, module, node.value)
        )
    return False


def _rooted(node: ast.AST, name: str) -> bool:
    """Return whether `node` is what `name` names or a part of it: `client.headers`, `kwargs["headers"]`."""
    return any(root == name for root in _roots(node))


def _roots(node: ast.AST) -> Iterator[str]:
    """Yield the names of what `node` is a part of, itself first."""
    current = node
    while True:
        yield dotted(current)
        if isinstance(current, (ast.Attribute, ast.Subscript)):
            current = current.value
        elif isinstance(current, ast.Call):
            current = current.func
        else:
            return


def _same(one: ast.AST | None, other: ast.AST) -> bool:
    """Return whether two nodes are one place of a file, which may have been parsed twice."""
    return one is not None and (getattr(one, "lineno", 0), getattr(one, "col_offset", 0)) == (
        getattr(other, "lineno", 1),
        getattr(other, "col_offset", 1),
    )
