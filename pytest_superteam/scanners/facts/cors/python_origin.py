"""The Origin of a request in Python code: where it is read, and whether it is compared before it is sent back."""

from __future__ import annotations

import ast
import re
from itertools import islice
from typing import TYPE_CHECKING, Literal, TypeAlias

from pytest_superteam.scanners.languages.python import walk

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytest_superteam.scanners.languages.python import PythonModule

__all__ = ["Guards", "origin_echo"]

_MAX_DEPTH = 8
_NEVER = 1 << 60
_READERS = frozenset({"get", "get_header", "getheader", "getlist", "getone", "getall", "pop", "header", "__getitem__"})
_KEYS = frozenset({"origin", "http_origin"})
_HOLDERS = re.compile(
    r"(?:^|[._])(?:request|req|headers?|meta|environ|event|scope|ctx|context|info|handler|self)(?:$|[._])",
    re.IGNORECASE,
)
_MEASURES = frozenset({"len", "bool", "isinstance", "str", "type", "print", "hasattr"})
_CHECKERS = re.compile(
    r"allow|valid|trust|check|permit|known|match|safe|accept|verify|whitelist|in_list", re.IGNORECASE
)
_EXITS = (ast.Return, ast.Raise, ast.Continue, ast.Break)


Guards: TypeAlias = dict[tuple[ast.AST, frozenset[str]], int]
"""The line of the first condition with a way out, by function and names of the origin."""


def origin_echo(
    module: PythonModule, value: ast.expr, place: ast.AST, guards: Guards
) -> Literal["", "checked", "unchecked"]:
    """Return whether `value` is the Origin of the request, and whether something before `place` compares it.

    `guards` keeps what was found in the functions of the module, from one call to the next.
    """
    names: set[str] = set()
    if not _is_origin(module, value, names, 0):
        return ""
    return "checked" if _is_checked(module, value, place, names, guards) else "unchecked"


def _is_origin(module: PythonModule, node: ast.AST | None, names: set[str], depth: int = 0) -> bool:  # noqa: C901  # one case for each kind of syntax
    """Return whether an expression is the request's Origin, and collect the names that it went through."""
    if node is None or depth > _MAX_DEPTH:
        return False
    if isinstance(node, ast.Name):
        function = module.function_of(node)
        values = module.local_bindings(function).get(node.id, []) if function is not None else []
        if not values and (bound := module.bound(node)) is not None:
            values = [bound]
        names.add(node.id)
        if any(_is_origin(module, value, names, depth + 1) for value in values):
            return True
        return not values and _is_header_parameter(module, node)
    if isinstance(node, ast.BoolOp):
        return any(_is_origin(module, value, names, depth + 1) for value in node.values)
    if isinstance(node, ast.IfExp):
        return _is_origin(module, node.body, names, depth + 1) or _is_origin(module, node.orelse, names, depth + 1)
    if isinstance(node, ast.JoinedStr):
        parts = [part for part in node.values if isinstance(part, ast.FormattedValue)]
        return len(node.values) == 1 and all(_is_origin(module, part.value, names, depth + 1) for part in parts)
    if isinstance(node, (ast.NamedExpr, ast.Await)):
        return _is_origin(module, node.value, names, depth + 1)
    if isinstance(node, ast.Subscript):
        if isinstance(node.value, ast.Call) and isinstance(node.slice, ast.Constant) and node.slice.value == 0:
            return _is_origin(module, node.value, names, depth + 1)
        return _is_key(module, node.slice) and _holds_headers(module, node.value)
    if isinstance(node, ast.Call):
        return _is_origin_call(module, node, names, depth)
    if isinstance(node, ast.Attribute) and node.attr in {"origin", "Origin"}:
        return _holds_headers(module, node.value)
    return False


def _is_origin_call(module: PythonModule, node: ast.Call, names: set[str], depth: int) -> bool:
    function = node.func
    if isinstance(function, ast.Name):
        return (
            function.id in {"str", "unquote"} and bool(node.args) and _is_origin(module, node.args[0], names, depth + 1)
        )
    if not isinstance(function, ast.Attribute):
        return False
    if function.attr in {"strip", "decode", "encode", "lower", "rstrip"}:
        return _is_origin(module, function.value, names, depth + 1)
    return (
        function.attr in _READERS
        and bool(node.args)
        and _is_key(module, node.args[0])
        and _holds_headers(module, function.value)
    )


def _is_key(module: PythonModule, key: ast.expr) -> bool:
    value = module.literal(key)
    if isinstance(value, bytes):
        value = value.decode("latin-1")
    return isinstance(value, str) and value.lower() in _KEYS


def _holds_headers(module: PythonModule, node: ast.AST) -> bool:
    """Return whether a name or chain is that of a request or its headers, however it is spelled."""
    parts: list[str] = []
    current: ast.AST = node
    for _ in range(12):
        if isinstance(current, ast.Attribute):
            parts.append(current.attr)
            current = current.value
        elif isinstance(current, ast.Call):
            parts += [str(arg.value) for arg in current.args if isinstance(arg, ast.Constant)]
            current = current.func if not isinstance(current.func, ast.Name) else (current.args or [current.func])[0]
        elif isinstance(current, ast.Subscript):
            parts.append(str(module.literal(current.slice)))
            current = current.value
        elif isinstance(current, ast.BoolOp):
            current = current.values[0]
        else:
            break
    if isinstance(current, ast.Name):
        parts.append(current.id)
        if (bound := module.bound(current)) is not None and isinstance(bound, (ast.Attribute, ast.Call, ast.Subscript)):
            parts += [
                n.id if isinstance(n, ast.Name) else n.attr
                for n in islice(walk(bound), 30)
                if isinstance(n, (ast.Name, ast.Attribute))
            ]
    return any(_HOLDERS.search(part) for part in parts)


def _is_header_parameter(module: PythonModule, node: ast.Name) -> bool:
    """Return whether a name is FastAPI's parameter for the Origin header."""
    function = module.function_of(node)
    if function is None or "origin" not in node.id.lower():
        return False
    a = function.args
    positional = [*a.posonlyargs, *a.args]
    pairs = [
        *zip(reversed(positional), reversed(a.defaults), strict=False),
        *zip(a.kwonlyargs, a.kw_defaults, strict=True),
    ]
    default = next((value for arg, value in pairs if arg.arg == node.id), None)
    if isinstance(default, ast.Call) and module.qualname(default.func).rpartition(".")[2] == "Header":
        return True
    argument = next((arg for arg in (*positional, *a.kwonlyargs) if arg.arg == node.id), None)
    annotation = argument.annotation if argument is not None else None
    return isinstance(annotation, ast.Subscript) and any(
        isinstance(part, ast.Call) and module.qualname(part.func).rpartition(".")[2] == "Header"
        for part in walk(annotation)
    )


def _is_checked(module: PythonModule, value: ast.expr, place: ast.AST, names: set[str], guards: Guards) -> bool:
    """Return whether a condition compares the origin on every way to `place`, as far as the function's form tells."""
    if isinstance(value, ast.IfExp):
        return _compares(module, value.test, names)
    bound = module.bound(value) if isinstance(value, ast.Name) else None
    if isinstance(bound, ast.IfExp):
        return _compares(module, bound.test, names)
    child: ast.AST = place
    current = module.parents.get(place)
    while current is not None and not isinstance(current, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)):
        tests = (
            [current.test] if isinstance(current, (ast.If, ast.IfExp, ast.While)) and child is not current.test else []
        )
        if any(_compares(module, test, names) for test in tests):
            return True
        child, current = current, module.parents.get(current)
    scope = current if current is not None else module.tree
    key = (scope, frozenset(names))
    if key not in guards:
        guards[key] = min(_guard_lines(module, scope, names), default=_NEVER)
    return guards[key] < getattr(place, "lineno", 0)


def _guard_lines(module: PythonModule, scope: ast.AST, names: set[str]) -> Iterator[int]:
    """Yield the lines of conditions that compare the origin and leave the function, or replace it."""
    for node in module.scope_nodes(scope):
        if isinstance(node, ast.Assert) and _compares(module, node.test, names):
            yield node.lineno
        elif isinstance(node, ast.If):
            branches = [branch for branch in (node.body, node.orelse) if branch]
            decides = any(_leaves(branch) or _rebinds(branch, names) for branch in branches)
            if decides and _compares(module, node.test, names):
                yield node.lineno


def _leaves(branch: list[ast.stmt]) -> bool:
    """Return whether a branch ends the function (or the turn of its loop)."""
    last = branch[-1]
    if isinstance(last, _EXITS):
        return True
    call = last.value if isinstance(last, ast.Expr) else None
    called = call.func if isinstance(call, ast.Call) else None
    name = called.attr if isinstance(called, ast.Attribute) else called.id if isinstance(called, ast.Name) else ""
    return name in {"abort", "exit", "fail", "halt"}


def _rebinds(branch: list[ast.stmt], names: set[str]) -> bool:
    return any(
        isinstance(target, ast.Name) and target.id in names
        for statement in branch
        if isinstance(statement, ast.Assign)
        for target in statement.targets
    )


def _compares(module: PythonModule, test: ast.expr, names: set[str]) -> bool:
    """Return whether a condition compares the origin with something, rather than asking whether there is one."""
    if isinstance(test, ast.Name) and (bound := module.bound(test)) is not None and not isinstance(bound, ast.Name):
        test = bound
    return any(_is_comparison(module, node, names) for node in islice(walk(test), 400))


def _is_comparison(module: PythonModule, node: ast.AST, names: set[str]) -> bool:
    if isinstance(node, ast.Compare):
        sides = [node.left, *node.comparators]
        if any(isinstance(op, (ast.In, ast.NotIn, ast.Eq, ast.NotEq)) for op in node.ops):
            others = [side for side in sides if not _mentions(module, side, names)]
            return len(others) < len(sides) and any(not _is_empty(side) for side in others)
        return False
    if not isinstance(node, ast.Call):
        return False
    function = node.func
    called = (
        function.attr if isinstance(function, ast.Attribute) else function.id if isinstance(function, ast.Name) else ""
    )
    if called in _MEASURES or _is_origin(module, node, set()):
        return False
    if any(_mentions(module, arg, names) for arg in (*node.args, *(k.value for k in node.keywords))):
        return True
    if (
        isinstance(function, ast.Attribute)
        and called not in {"strip", "lower"}
        and _mentions(module, function.value, names)
    ):
        return True
    return _CHECKERS.search(called) is not None


def _mentions(module: PythonModule, node: ast.AST, names: set[str], depth: int = 0) -> bool:
    """Return whether an expression uses the origin, also through a name: `host = urlparse(origin).hostname`."""
    for part in islice(walk(node), 400):
        if isinstance(part, ast.Name):
            if part.id in names:
                return True
            bound = module.bound(part) if depth < 2 else None
            if bound is not None and not isinstance(bound, ast.Constant) and _mentions(module, bound, names, depth + 1):
                return True
        elif _is_origin(module, part, set()):
            return True
    return False


def _is_empty(node: ast.expr) -> bool:
    """Return whether an expression is None, an empty text, or a collection of such."""
    if isinstance(node, (ast.List, ast.Tuple, ast.Set)):
        return all(_is_empty(item) for item in node.elts)
    return isinstance(node, ast.Constant) and node.value in {None, "", "null", b""}
