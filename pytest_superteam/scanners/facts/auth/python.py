"""What authenticates in Python: dependencies, decorators, middleware, the handler's own code."""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING

from pytest_superteam.scanners.facts.auth.names import (
    is_auth_name,
    is_password_check,
)
from pytest_superteam.scanners.facts.auth.python_effects import (
    called_name,
    decodes,
    reads_header,
    refuses,
    swallowed,
)
from pytest_superteam.scanners.facts.services import definition, value_of
from pytest_superteam.scanners.languages.python import Function, PythonModule, keyword, walk

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytest_superteam.scanners.source import SourceTree

__all__ = ["authenticates", "depends_on_caller", "enforces", "is_auth_decorator", "is_auth_dependency", "is_auth_mark"]
__all__ += ["is_lenient", "is_route_mark", "running", "stands_alone"]

_SCHEMES = frozenset({
    "HTTPBearer", "HTTPBasic", "HTTPDigest", "OAuth2PasswordBearer", "OAuth2AuthorizationCodeBearer", "OAuth2",
    "APIKeyHeader", "APIKeyQuery", "APIKeyCookie", "OpenIdConnect",
})  # fmt: skip
_NO_GUARDS = frozenset({"OAuth2PasswordRequestForm", "OAuth2PasswordRequestFormStrict"})
_ROUTES = frozenset({
    "get", "post", "put", "patch", "delete", "head", "options", "trace", "route", "api_route", "websocket", "view",
    "add_url_rule", "action", "api_view", "authentication_classes", "permission_classes", "path_operation", "doc",
    "expect", "marshal_with", "response", "arguments",
})  # fmt: skip
_ALIAS = re.compile(
    r"^(?:Current\w+|Auth(?:enticated|ed|orized)?(?:User|Dep|Admin|Account)\w*|Active\w*User\w*|Require[sd]?\w+"
    r"|\w*(?:User|Admin|Auth|Superuser|Identity|Principal)Dep(?:endency|s)?|Verified\w*User|LoggedIn\w*User)$"
)
"""Names of `Annotated[User, Depends(...)]` that a module outside the service, or one that does not parse, defines."""
_DEPTH = 6


def _dependencies(function: Function) -> Iterator[tuple[ast.expr | None, ast.expr | None]]:
    """Yield annotation and default of each parameter."""
    a = function.args
    positional = [*a.posonlyargs, *a.args]
    padding: list[ast.expr | None] = [None] * (len(positional) - len(a.defaults))
    for argument, default in zip(positional, [*padding, *a.defaults], strict=True):
        yield argument.annotation, default
    for argument, given in zip(a.kwonlyargs, a.kw_defaults, strict=True):
        yield argument.annotation, given


def depends_on_caller(tree: SourceTree, module: PythonModule, function: Function, depth: int = 0) -> bool:
    """Return whether a parameter of a function is a dependency that authenticates."""
    for annotation, default in _dependencies(function):
        if isinstance(default, ast.Call) and is_auth_mark(tree, module, default, annotation, depth):
            return True
        if isinstance(default, (ast.Name, ast.Attribute)) and is_auth_dependency(tree, module, default, depth):
            return True
        if annotation is not None and is_auth_dependency(tree, module, annotation, depth):
            return True
    return False


def is_auth_dependency(tree: SourceTree, module: PythonModule, node: ast.AST | None, depth: int = 0) -> bool:
    """Return whether a dependency, as written in a default, an annotation or a `dependencies` list, authenticates."""
    if node is None or depth > _DEPTH:
        return False
    if isinstance(node, ast.Subscript):  # Annotated[User, Depends(f)]
        if module.qualname(node.value).rsplit(".", 1)[-1] != "Annotated" or not isinstance(node.slice, ast.Tuple):
            return False
        kind, *marks = node.slice.elts
        return any(is_auth_mark(tree, module, mark, kind, depth) for mark in marks)
    if isinstance(node, ast.Call):
        return is_auth_mark(tree, module, node, None, depth)
    if isinstance(node, (ast.Name, ast.Attribute)):
        found = value_of(tree, module, node) or _type_alias(tree, module, node)
        if found is not None and isinstance(found[1], (ast.Subscript, ast.Name, ast.Attribute, ast.Call)):
            return is_auth_dependency(tree, *found, depth + 1)
        if found is None and definition(tree, module, node) is None:
            return (
                _ALIAS.match(called_name(node).rsplit(".", 1)[-1]) is not None and called_name(node) in module.imports
            )
    return False


def _type_alias(tree: SourceTree, module: PythonModule, node: ast.AST) -> tuple[PythonModule, ast.expr] | None:
    """Return what `type CurrentUser = ...` stands for, here or where the name is imported from."""
    kind = getattr(ast, "TypeAlias", None)
    if kind is None or not isinstance(node, ast.Name):
        return None
    origin, _, name = module.imports.get(node.id, "").rpartition(".")
    file = tree.modules_by_name.get(origin) if origin else None
    home, name = (file.python, name) if file is not None else (module, node.id)
    if home is None:
        return None
    return next(((home, a.value) for a in home.of(kind) if getattr(a.name, "id", "") == name), None)


def is_auth_mark(tree: SourceTree, module: PythonModule, node: ast.AST, kind: ast.expr | None, depth: int) -> bool:
    """Return whether one `Depends(f)` or `Security(f)` authenticates."""
    if isinstance(node, (ast.Name, ast.Attribute)):
        found = value_of(tree, module, node)
        if found is None or not isinstance(found[1], ast.Call):
            return False
        module, node = found
    if not isinstance(node, ast.Call):
        return False
    name = module.qualname(node.func).rsplit(".", 1)[-1]
    if name in {"Depends", "Security", "Provide"}:
        target = node.args[0] if node.args else keyword(node, "dependency") or kind
        return target is not None and _authenticates(tree, module, target, depth + 1)
    made = definition(tree, module, node.func)  # a helper that returns Depends(...)
    if made is not None and isinstance(made[1], (ast.FunctionDef, ast.AsyncFunctionDef)) and depth < _DEPTH:
        returned = (r.value for r in made[0].scope_nodes(made[1]) if isinstance(r, ast.Return))
        return any(isinstance(r, ast.Call) and is_auth_mark(tree, made[0], r, None, depth + 1) for r in returned)
    return False


def _authenticates(tree: SourceTree, module: PythonModule, target: ast.expr, depth: int) -> bool:
    """Return whether what a dependency names refuses callers that it does not know."""
    if depth > _DEPTH:
        return False
    if isinstance(target, ast.Call) and called_name(target).rsplit(".", 1)[-1] == "partial" and target.args:
        target = target.args[0]
    called = target.func if isinstance(target, ast.Call) else target
    if _is_scheme(module, target):
        return True
    found = definition(tree, module, called)
    if found is not None:
        lenient = isinstance(target, ast.Call) and is_lenient(module, target)
        if lenient and isinstance(found[1], (ast.FunctionDef, ast.AsyncFunctionDef)):
            return False
        return authenticates(tree, *found, depth, lenient=lenient)
    bound = value_of(tree, module, target)
    if bound is not None and isinstance(bound[1], (ast.Call, ast.Name, ast.Attribute)) and bound[1] is not target:
        return _authenticates(tree, *bound, depth + 1)
    if isinstance(called, ast.Attribute) and isinstance(called.value, (ast.Name, ast.Call)):
        owner = _instance_method(tree, module, called)
        if owner is not None:
            return authenticates(tree, *owner, depth)
    name = module.qualname(called) or called_name(called)
    last = name.rsplit(".", 1)[-1]
    if isinstance(target, ast.Call) and is_lenient(module, target):
        return False
    return last not in _SCHEMES and last not in _NO_GUARDS and is_auth_name(name)


def _instance_method(
    tree: SourceTree, module: PythonModule, node: ast.Attribute
) -> tuple[PythonModule, ast.AST] | None:
    """Return the method that `instance.method` names, where the instance's class is of the service."""
    found = (module, node.value) if isinstance(node.value, ast.Call) else value_of(tree, module, node.value)
    if found is None or not isinstance(found[1], ast.Call):
        return None
    cls = definition(tree, found[0], found[1].func)
    if cls is None or not isinstance(cls[1], ast.ClassDef):
        return None
    method = next((m for m in cls[1].body if getattr(m, "name", "") == node.attr), None)
    return (cls[0], method) if method is not None else None


def is_lenient(module: PythonModule, call: ast.Call) -> bool:
    """Return whether a call asks what it makes to let unknown callers pass."""
    if module.literal(keyword(call, "optional")) is True or module.literal(keyword(call, "auto_error")) is False:
        return True
    last = called_name(call).rsplit(".", 1)[-1]
    if last == "jwt_required" and call.args and module.literal(call.args[0]) is True:
        return True
    if last == "accept_token":  # flask-oidc: without require_token the token is only looked at
        given = keyword(call, "require_token") or (call.args[0] if call.args else None)
        return module.literal(given) is not True
    return module.literal(keyword(call, "required")) is False


def _is_scheme(module: PythonModule, node: ast.expr) -> bool:
    """Return whether `node` makes one of FastAPI's security schemes that refuses by itself."""
    if not isinstance(node, ast.Call) or module.qualname(node.func).rsplit(".", 1)[-1] not in _SCHEMES:
        return False
    return not is_lenient(module, node)


def authenticates(
    tree: SourceTree, module: PythonModule, node: ast.AST, depth: int = 1, *, lenient: bool = False
) -> bool:
    """Return whether a function or class of the service refuses callers that it does not know."""
    key = f"auth {module.path}:{getattr(node, 'lineno', 0)}:{getattr(node, 'col_offset', 0)}:{lenient}"
    if key not in tree.facts:
        tree.facts[key] = False  # a circle of functions that only call each other authenticates nobody
        tree.facts[key] = _decide(tree, module, node, depth, lenient=lenient)
    return bool(tree.facts[key])


def _decide(tree: SourceTree, module: PythonModule, node: ast.AST, depth: int, *, lenient: bool) -> bool:
    if refuses(module, node) or decodes(module, node):
        return True
    functions = [f for f in walk(node) if isinstance(f, (ast.FunctionDef, ast.AsyncFunctionDef))]
    if any(depends_on_caller(tree, module, f, depth + 1) for f in functions):
        return True
    if any(reads_header(f) and refuses(module, f, (400,)) for f in functions[:1] if f is node):
        return True  # FastAPI's tutorial answers 400 where the header is wrong
    if depth >= _DEPTH:
        return False
    inner = (d for f in functions if f is not node for d in f.decorator_list)
    if any(is_auth_decorator(tree, module, d) for d in inner) or (
        functions
        and functions[0] is node
        and any(is_auth_decorator(tree, module, d) for d in functions[0].decorator_list if not is_route_mark(d))
    ):
        return True
    if isinstance(node, ast.ClassDef) and _class_authenticates(tree, module, node, depth, lenient=lenient):
        return True
    return _calls_authentication(tree, module, node, depth)


def _class_authenticates(
    tree: SourceTree, module: PythonModule, node: ast.ClassDef, depth: int, *, lenient: bool
) -> bool:
    bases = [(base, definition(tree, module, base)) for base in node.bases]
    if any(authenticates(tree, *found, depth + 1, lenient=lenient) for _, found in bases if found is not None):
        return True
    names = {module.qualname(base).rsplit(".", 1)[-1] for base, found in bases if found is None}
    if names & _SCHEMES:
        calls = (c for c in walk(node) if isinstance(c, ast.Call) and called_name(c.func).endswith("__init__"))
        return not lenient and not any(is_lenient(module, call) for call in calls)
    return False


def _calls_authentication(tree: SourceTree, module: PythonModule, node: ast.AST, depth: int) -> bool:
    """Return whether `node` calls something that authenticates, of the service or by the name of a library's."""
    for home, function in _named_functions(tree, module, node):
        if (
            function is not node
            and not _is_plain_reader(function.name)
            and authenticates(tree, home, function, depth + 1)
        ):
            return True
    for call in running(node):
        if not isinstance(call, ast.Call) or definition(tree, module, call.func) is not None:
            continue
        if isinstance(call.func, ast.Attribute):
            method = _instance_method(tree, module, call.func)
            if method is not None:
                if method[1] is not node and authenticates(tree, *method, depth + 1):
                    return True
                continue
        if enforces(module, call) and not swallowed(module, call, node) and stands_alone(module, call):
            return True
    return False


def _named_functions(tree: SourceTree, module: PythonModule, scope: ast.AST) -> Iterator[tuple[PythonModule, Function]]:
    """Yield the functions of the service that `scope` names; parameters and local variables are none."""
    for node in running(scope):
        if not isinstance(node, (ast.Name, ast.Attribute)) or not isinstance(node.ctx, ast.Load):
            continue
        called = module.parents.get(node)
        if isinstance(called, ast.Call) and called.func is node and is_lenient(module, called):
            continue
        if isinstance(node, ast.Name) and _is_local(module, node):
            continue
        found = definition(tree, module, node)
        if found is not None and isinstance(found[1], (ast.FunctionDef, ast.AsyncFunctionDef)):
            yield found[0], found[1]


def running(scope: ast.AST) -> Iterator[ast.AST]:
    """Yield the nodes of a function or class without parameters: their defaults and types are read as dependencies."""
    pending: list[ast.AST] = [scope]
    while pending:
        node = pending.pop()
        yield node
        pending.extend(child for child in ast.iter_child_nodes(node) if not isinstance(child, ast.arguments))


def _is_local(module: PythonModule, node: ast.Name) -> bool:
    function = module.function_of(node)
    while function is not None:
        if module.is_parameter(node.id, function) or node.id in module.local_bindings(function):
            return True
        function = module.function_of(function)
    return False


def _is_plain_reader(name: str) -> bool:
    return name.startswith(("login", "sign_in", "authenticate_user"))


_ENFORCERS = (
    "verify",
    "require",
    "check",
    "ensure",
    "enforce",
    "authenticate",
    "validate",
    "login_required",
    "jwt_required",
    "protect",
    "current_user",
    "get_current_user",
    "assert",
    "authorize",
    "accept_token",
    "roles_required",
)


def enforces(module: PythonModule, call: ast.Call) -> bool:
    """Return whether a call of a library's function refuses unknown callers, by its name."""
    name = called_name(call.func)
    last = name.rsplit(".", 1)[-1].lstrip("_")
    return (
        last.startswith(_ENFORCERS)
        and is_auth_name(last)
        and not is_password_check(name)
        and not is_lenient(module, call)
    )


def stands_alone(module: PythonModule, call: ast.Call) -> bool:
    """Return whether a call's result is no mere condition: `if verify_token(t): user = ...` stops nobody."""
    child: ast.AST = call
    current = module.parents.get(call)
    while isinstance(current, (ast.UnaryOp, ast.BoolOp, ast.Await, ast.Compare, ast.NamedExpr)):
        child, current = current, module.parents.get(current)
    return not (isinstance(current, (ast.If, ast.IfExp, ast.While)) and current.test is child)


def is_route_mark(decorator: ast.expr) -> bool:
    """Return whether a decorator declares a route or describes it, and so guards nothing."""
    called = decorator.func if isinstance(decorator, ast.Call) else decorator
    last = called_name(called).rsplit(".", 1)[-1]
    return last in _ROUTES and (isinstance(called, ast.Attribute) or isinstance(decorator, ast.Call))


def is_auth_decorator(tree: SourceTree, module: PythonModule, decorator: ast.expr) -> bool:
    """Return whether a decorator lets only known callers through; an optional login does not."""
    called = decorator.func if isinstance(decorator, ast.Call) else decorator
    last = called_name(called).rsplit(".", 1)[-1]
    if isinstance(decorator, ast.Call) and last in {"method_decorator", "before", "decorator_from_middleware", "use"}:
        target = decorator.args[0] if decorator.args else None
        items = target.elts if isinstance(target, (ast.List, ast.Tuple)) else [target] if target is not None else []
        return any(is_auth_decorator(tree, module, item) for item in items)
    if isinstance(decorator, ast.Call) and is_lenient(module, decorator):
        return False
    found = definition(tree, module, called)
    if found is not None:
        return authenticates(tree, *found, 1)
    bound = value_of(tree, module, called)
    if bound is not None and isinstance(bound[1], ast.Call) and bound[1] is not decorator:
        if isinstance(decorator, ast.Call):  # require_oauth = ResourceProtector(); @require_oauth("profile")
            maker = called_name(bound[1]).rsplit(".", 1)[-1]
            return is_auth_name(last) or is_auth_name(maker) or "ResourceProtector" in maker
        return is_auth_decorator(tree, bound[0], bound[1])
    if isinstance(called, ast.Attribute):
        method = _instance_method(tree, module, called)
        if method is not None:
            return authenticates(tree, *method, 1)
    name = module.qualname(called) or called_name(called)
    last = name.rsplit(".", 1)[-1]
    return last in {"requires", "user_passes_test", "login_required", "cache_authenticated"} or is_auth_name(last)
