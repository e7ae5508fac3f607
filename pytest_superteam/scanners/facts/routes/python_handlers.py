"""What a Python route names: a function, or a class with a method for each HTTP method; and who may call it."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pytest_superteam.scanners.facts.auth.names import is_auth_name
from pytest_superteam.scanners.facts.auth.python import (
    is_auth_decorator,
)
from pytest_superteam.scanners.facts.auth.python_effects import called_name
from pytest_superteam.scanners.facts.auth.python_guards import function_guards
from pytest_superteam.scanners.facts.auth.python_handlers import (
    checks_signature,
    handler_authenticates,
    is_public_mark,
    signs_in,
)
from pytest_superteam.scanners.facts.routes.python_values import collection
from pytest_superteam.scanners.facts.services import definition, value_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytest_superteam.scanners.languages.python import Function, PythonModule
    from pytest_superteam.scanners.source import SourceTree

__all__ = ["Handler", "class_handlers", "function_handler", "handlers"]

HTTP_METHODS = frozenset({"get", "post", "put", "patch", "delete", "head", "options", "trace"})
_WRAPPERS = frozenset({"as_view", "Resource", "view"})
_DEPTH = 4


@dataclass(frozen=True)
class Handler:
    """One function that answers. `methods` is empty where the route's declaration says them; `line` its own place."""

    module: PythonModule
    node: ast.AST
    name: str
    methods: tuple[str, ...]
    protected: bool
    public: bool = False
    signed: bool = False
    signs_in: bool = False
    of_class: bool = False
    line: int = 0


def function_handler(
    tree: SourceTree, module: PythonModule, function: Function, methods: tuple[str, ...] = (), *, guarded: bool = False
) -> Handler:
    """Return what is to be known of one function."""
    safe = guarded or handler_authenticates(tree, module, function)
    return Handler(
        module,
        function,
        function.name,
        methods,
        safe,
        public=any(is_public_mark(d) for d in function.decorator_list),
        signed=not safe and checks_signature(tree, module, function),
        signs_in=not safe and signs_in(function),
        line=function.lineno,
    )


def _bases(tree: SourceTree, module: PythonModule, cls: ast.ClassDef) -> list[tuple[PythonModule, ast.ClassDef]]:
    """Return the class and those of its bases that are of the service, nearest first."""
    found = [(module, cls)]
    for home, node in found:
        if len(found) > _DEPTH * 2:
            break
        for base in node.bases:
            outer = definition(tree, home, base)
            if outer is not None and isinstance(outer[1], ast.ClassDef) and outer[1] not in {c for _, c in found}:
                found.append((outer[0], outer[1]))
    return found


def _class_guarded(tree: SourceTree, module: PythonModule, cls: ast.ClassDef) -> bool:
    """Return whether something on the class stands before all of its methods."""
    for home, node in _bases(tree, module, cls):
        if any(is_auth_decorator(tree, home, d) for d in node.decorator_list if "route" not in called_name(d)):
            return True
        for name in ("decorators", "method_decorators"):
            for value in home.local_bindings(node).get(name, []):
                if any(is_auth_decorator(tree, h, mark) for h, mark in collection(tree, home, value)):
                    return True
        for method in node.body:
            if isinstance(method, (ast.FunctionDef, ast.AsyncFunctionDef)) and method.name in {
                "prepare", "dispatch", "dispatch_request", "before_request", "on_request",
            } and function_guards(tree, home, method):  # fmt: skip
                return True
        for base in node.bases:
            if definition(tree, home, base) is None and is_auth_name(called_name(base)):
                return True
    return False


def _method_marks(tree: SourceTree, module: PythonModule, cls: ast.ClassDef, name: str) -> bool:
    """Return whether `method_decorators = {"get": [login_required]}` guards one method."""
    for value in module.local_bindings(cls).get("method_decorators", []):
        pairs = zip(value.keys, value.values, strict=True) if isinstance(value, ast.Dict) else ()
        for key, marks in pairs:
            if isinstance(key, ast.Constant) and str(key.value).lower() == name:
                return any(is_auth_decorator(tree, h, mark) for h, mark in collection(tree, module, marks))
    return False


def class_handlers(
    tree: SourceTree, module: PythonModule, cls: ast.ClassDef, *, guarded: bool = False, prefix: str = ""
) -> Iterator[Handler]:
    """Yield a handler for each method of a class that answers one: `get`, or `on_get` with the prefix `on_`."""
    guarded = guarded or _class_guarded(tree, module, cls)
    seen: set[str] = set()
    for home, node in _bases(tree, module, cls):
        for method in node.body:
            if not isinstance(method, (ast.FunctionDef, ast.AsyncFunctionDef)) or method.name in seen:
                continue
            name = method.name.removeprefix(prefix) if method.name.startswith(prefix) else ""
            if name == "dispatch_request" and not seen:
                name, methods = "get", home.literal(next(iter(home.local_bindings(node).get("methods", [])), None))
                verbs = tuple(str(m).upper() for m in methods) if isinstance(methods, list) else ("GET",)
            else:
                verbs = (name.upper(),)
            if name in HTTP_METHODS:
                seen.add(method.name)
                safe = guarded or _method_marks(tree, home, node, name)
                made = function_handler(tree, home, method, verbs, guarded=safe)
                public = made.public or any(is_public_mark(d) for d in cls.decorator_list)
                yield Handler(
                    home,
                    method,
                    f"{cls.name}.{method.name}",
                    verbs,
                    made.protected,
                    public,
                    made.signed,
                    made.signs_in,
                    of_class=True,
                    line=method.lineno,
                )


def handlers(
    tree: SourceTree, module: PythonModule, node: ast.AST, *, prefix: str = "", depth: int = 0
) -> list[Handler]:
    """Return the handlers that an expression names: `f`, `View.as_view("v")`, `login_required(f)`, `Resource()`."""
    guarded = False
    for _ in range(_DEPTH):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in _WRAPPERS:
            node = node.func.value
        elif (isinstance(node, ast.Call) and isinstance(node.func, ast.Call) and node.args) or (
            isinstance(node, ast.Call) and node.args and not isinstance(_class(tree, module, node.func), ast.ClassDef)
        ):  # jwt_required()(f)
            guarded = guarded or is_auth_decorator(tree, module, node.func)
            node = node.args[0]
        elif isinstance(node, ast.Call):
            node = node.func
        else:
            break
    found = definition(tree, module, node)
    if found is None:
        bound = value_of(tree, module, node)
        if bound is not None and bound[1] is not node and depth < _DEPTH:
            return handlers(tree, *bound, prefix=prefix, depth=depth + 1)
        known = guarded or isinstance(node, ast.Lambda) or _of_this_program(module, node)
        return [_unknown(module, node, guarded=guarded)] if known else []
    home, target = found
    if isinstance(target, (ast.FunctionDef, ast.AsyncFunctionDef)):
        return [function_handler(tree, home, target, guarded=guarded)]
    return (
        list(class_handlers(tree, home, target, guarded=guarded, prefix=prefix))
        if isinstance(target, ast.ClassDef)
        else []
    )


def _class(tree: SourceTree, module: PythonModule, node: ast.AST) -> ast.AST | None:
    found = definition(tree, module, node)
    return found[1] if found is not None else None


def _of_this_program(module: PythonModule, node: ast.AST) -> bool:
    """Return whether a name that is not found is one of the program's own: imported relatively, or from nowhere."""
    name = called_name(node).split(".")[0]
    if not name or name in module.bindings:
        return False
    if name not in module.imports:
        return name not in module.definitions and name != "self"
    return any(s.level and any((a.asname or a.name) == name for a in s.names) for s in module.of(ast.ImportFrom))


def _unknown(module: PythonModule, node: ast.AST, *, guarded: bool) -> Handler:
    return Handler(module, node, called_name(node) or "lambda", (), guarded, line=getattr(node, "lineno", 0))
