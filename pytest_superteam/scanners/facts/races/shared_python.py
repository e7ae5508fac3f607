"""State of a Python module or class that a request handler writes, without a lock."""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING

from pytest_superteam.scanners.facts.races.guards import CACHE_NAME, LOCK_NAME
from pytest_superteam.scanners.facts.races.spelling import spelled
from pytest_superteam.scanners.languages.python import walk

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytest_superteam.scanners.languages.python import Function, PythonModule

__all__ = ["handlers", "locked", "shared_writes"]

_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
_ROUTES = frozenset({
    "get", "post", "put", "patch", "delete", "head", "options", "route", "api_route", "websocket", "api_view", "action",
    "before_request", "after_request", "before_app_request", "middleware", "websocket_route", "view", "api_operation",
    "view_config", "require_http_methods", "require_POST", "require_GET", "csrf_exempt", "login_required", "expose",
    "permission_required",
})  # fmt: skip
_VIEWS = re.compile(
    r"(?:View|ViewSet|ViewSetMixin|Resource|MethodView|HTTPEndpoint|RequestHandler|Handler|Controller|APIView|Mixin)$"
)
_VERBS = frozenset({
    "get", "post", "put", "patch", "delete", "list", "create", "retrieve", "update", "destroy", "partial_update",
    "dispatch",
    "on_get", "on_post", "on_put", "on_patch", "on_delete", "perform_create", "perform_update", "form_valid", "do_GET",
    "do_POST", "do_PUT", "do_DELETE", "__call__", "prepare",
})  # fmt: skip
_MAKERS = frozenset({
    "dict", "list", "set", "collections.defaultdict", "collections.Counter", "collections.OrderedDict",
    "collections.deque",
    "bytearray", "defaultdict", "Counter", "OrderedDict", "deque",
})  # fmt: skip
_CHANGES = frozenset({
    "append", "extend", "insert", "remove", "pop", "popitem", "clear", "update", "add", "discard", "sort", "reverse",
    "appendleft", "popleft", "extendleft", "subtract", "move_to_end",
})  # fmt: skip
_ONCE = re.compile(r"init|ready|loaded|started|configured|setup|registered|patched|warned", re.IGNORECASE)
"""Names of what is done once, and done twice harms nobody."""
_LITERALS = (ast.Dict, ast.List, ast.Set, ast.DictComp, ast.ListComp, ast.SetComp)


def handlers(module: PythonModule) -> Iterator[Function]:
    """Yield the functions of a module that a web framework calls with a request."""
    for function in module.functions:
        if _is_routed(module, function) or _is_view(module, function):
            yield function


def _is_routed(module: PythonModule, function: Function) -> bool:
    for decorator in function.decorator_list:
        target = decorator.func if isinstance(decorator, ast.Call) else decorator
        name = module.qualname(target)
        last = name.rpartition(".")[2] or (target.attr if isinstance(target, ast.Attribute) else "")
        if last in _ROUTES and (
            isinstance(decorator, ast.Call) or last not in {"get", "post", "put", "patch", "delete"}
        ):
            return True
    return False


def _is_view(module: PythonModule, function: Function) -> bool:
    arguments = [a.arg for a in (*function.args.posonlyargs, *function.args.args)]
    parent = module.parents.get(function)
    if isinstance(parent, ast.ClassDef):
        bases = [module.qualname(base) for base in parent.bases]
        if any(_VIEWS.search(base) for base in bases) and (function.name in _VERBS or "request" in arguments[1:3]):
            return True
        return arguments[1:2] == ["request"]
    return arguments[:1] in (["request"], ["req"]) and not function.name.startswith("_") and parent is module.tree


def _reached(module: PythonModule) -> dict[ast.AST, Function]:
    """Return the handlers and the functions of the module that they call, which run in a request too."""
    found: dict[ast.AST, Function] = {function: function for function in handlers(module)}
    queue = list(found.values())
    while queue:
        function = queue.pop()
        for node in walk(function):
            called: ast.AST | None = None
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
                called = module.definitions.get(node.func.id)
            elif isinstance(node, _FUNCTIONS) and node is not function:
                called = node
            if isinstance(called, _FUNCTIONS) and called not in found:
                found[called] = called
                queue.append(called)
    return found


def locked(module: PythonModule, node: ast.AST, function: ast.AST) -> bool:
    """Return whether a lock is held at `node`: a `with` around it, a decorator, or `acquire()` before it."""
    current: ast.AST | None = node
    while current is not None and current is not module.tree:
        parent = module.parents.get(current)
        if isinstance(parent, (ast.With, ast.AsyncWith)) and any(
            _is_lock(module, i.context_expr) for i in parent.items
        ):
            return True
        if isinstance(parent, _FUNCTIONS) and any(LOCK_NAME.search(spelled(d)) for d in parent.decorator_list):
            return True
        if parent is function:
            break
        current = parent
    line = getattr(node, "lineno", 0)
    return any(
        isinstance(n, ast.Call) and isinstance(n.func, ast.Attribute) and n.func.attr == "acquire" and n.lineno <= line
        for n in walk(function)
    )


def _is_lock(module: PythonModule, node: ast.expr) -> bool:
    target = node.func if isinstance(node, ast.Call) else node
    names = [module.qualname(target)]
    value = module.bound(target) if isinstance(target, ast.Name) else None
    if isinstance(value, ast.Call):
        names.append(module.qualname(value.func))
    if isinstance(target, ast.Subscript):
        names.append(module.qualname(target.value))
    return any(LOCK_NAME.search(name) or name.rpartition(".")[2] in {"Condition", "RLock"} for name in names)


def _state(module: PythonModule) -> dict[str, bool]:
    """Return the names at the top of a module that stand for state, and whether that can be changed in place."""
    found: dict[str, bool] = {}
    for name, values in module.bindings.items():
        mutable = any(
            isinstance(v, _LITERALS) or (isinstance(v, ast.Call) and module.qualname(v.func) in _MAKERS) for v in values
        )
        found[name] = mutable
    return found


def shared_writes(module: PythonModule) -> Iterator[tuple[ast.AST, str]]:
    """Yield the writes of shared state in functions that run in a request, and the name of what is written."""
    state = _state(module)
    for function in sorted(_reached(module), key=lambda f: getattr(f, "lineno", 0)):
        declared = {n for g in walk(function) if isinstance(g, ast.Global) for n in g.names}
        local = _locals(module, function) - declared
        for node in module.scope_nodes(function):
            for name in _written(module, node, state, declared, local):
                if (
                    not CACHE_NAME.search(name)
                    and not locked(module, node, function)
                    and not _fills(module, node, name)
                ):
                    yield node, name
                    break


def _locals(module: PythonModule, function: ast.AST) -> set[str]:
    names = set(module.local_bindings(function))
    scope: ast.AST | None = function
    while isinstance(scope, _FUNCTIONS):
        a = scope.args
        names |= {arg.arg for arg in (*a.posonlyargs, *a.args, *a.kwonlyargs, a.vararg, a.kwarg) if arg}
        scope = module.function_of(scope)
        if scope is not None:
            names |= set(module.local_bindings(scope))
    return names


def _written(  # noqa: C901  # one case for each kind of statement
    module: PythonModule, node: ast.AST, state: dict[str, bool], declared: set[str], local: set[str]
) -> Iterator[str]:
    """Yield the names of the shared state that a statement writes."""
    if isinstance(node, ast.Assign):
        targets = list(node.targets)
    elif isinstance(node, (ast.AugAssign, ast.AnnAssign)):
        targets = [node.target]
    elif isinstance(node, ast.Delete):
        targets = list(node.targets)
    elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in _CHANGES:
        root = _root(node.func.value)
        if root and root not in local and state.get(root):
            yield root
        elif _class_member(module, node.func.value, mutable=True):
            yield spelled(node.func.value)
        return
    else:
        return
    for target in (t for item in targets for t in (item.elts if isinstance(item, ast.Tuple) else [item])):
        root = _root(target)
        if isinstance(target, ast.Name):
            if target.id in declared and target.id in state:
                yield target.id
        elif isinstance(target, ast.Subscript) and root and root not in local and state.get(root):
            yield root
        elif isinstance(target, ast.Subscript) and _class_member(module, target.value, mutable=True):
            yield spelled(target.value)
        elif isinstance(target, ast.Attribute) and not isinstance(node, ast.Delete):
            if _class_member(module, target) or _updated_holder(module, node, target, state, local):
                yield spelled(target)
        elif isinstance(target, ast.Subscript) and isinstance(node, ast.AugAssign) and _application(target.value):
            yield spelled(target)


def _root(node: ast.AST) -> str:
    """Return the name that a chain of subscripts starts with: `counts` of `counts[a][b]`."""
    while isinstance(node, ast.Subscript):
        node = node.value
    return node.id if isinstance(node, ast.Name) else ""


def _class_member(module: PythonModule, node: ast.AST, *, mutable: bool = False) -> bool:
    """Return whether `node` is an attribute of a class, not of an object: `Stats.hits`, `cls.hits`, `type(self).hits`.

    With `mutable` also one of `self`, which the class binds to a collection and no method to one of its own.
    """
    while isinstance(node, ast.Subscript):
        node = node.value
    if not isinstance(node, ast.Attribute):
        return False
    owner = node.value
    text = spelled(owner)
    if isinstance(owner, ast.Name):
        defined = module.definitions.get(owner.id)
        if isinstance(defined, ast.ClassDef):
            return True
        if owner.id == "cls":
            return True
        if owner.id == "self" and mutable:
            cls = module.class_of(node)
            values = module.local_bindings(cls).get(node.attr, []) if cls is not None else []
            own = cls is not None and any(
                isinstance(n, ast.Assign)
                and any(
                    isinstance(t, ast.Attribute) and t.attr == node.attr and spelled(t.value) == "self"
                    for t in n.targets
                )
                for n in walk(cls)
            )
            made = (
                isinstance(v, _LITERALS) or (isinstance(v, ast.Call) and module.qualname(v.func) in _MAKERS)
                for v in values
            )
            return not own and any(made)
    return text in {"self.__class__", "type(self)"}


def _application(node: ast.AST) -> bool:
    return spelled(node) in {"request.app", "app", "current_app.config", "app.config"} or spelled(node).endswith(
        ".app.state"
    )


def _updated_holder(
    module: PythonModule, node: ast.AST, target: ast.Attribute, state: dict[str, bool], local: set[str]
) -> bool:
    """Return whether an attribute of an object of the whole application is changed from its old value."""
    if not _depends(node, target):
        return False
    text = spelled(target.value)
    if text.endswith("app.state") or text in {"current_app", "app", "request.app"}:
        return True
    if not isinstance(target.value, ast.Name) or target.value.id in local or target.value.id not in state:
        return False
    values = module.bindings.get(target.value.id, [])
    name = module.qualname(values[0].func) if len(values) == 1 and isinstance(values[0], ast.Call) else ""
    return bool(name) and not any(
        word in name for word in ("local", "ContextVar", "Lock", "Metric", "Gauge", "Histogram")
    )


def _depends(node: ast.AST, target: ast.expr) -> bool:
    """Return whether a statement writes to `target` what it makes of its old value."""
    if isinstance(node, ast.AugAssign):
        return True
    text = spelled(target)
    return isinstance(node, ast.Assign) and any(
        isinstance(n, (ast.Attribute, ast.Subscript)) and spelled(n) == text for n in walk(node.value)
    )


def _fills(module: PythonModule, node: ast.AST, name: str) -> bool:
    """Return whether a write fills what was empty: `if x is None: x = make()`, `if k not in d: d[k] = load(k)`.

    Filled twice it harms nobody, unless what is written is taken from the request (a claim of who was first).
    """
    if not isinstance(node, ast.Assign):
        return False
    if isinstance(node.value, ast.Constant) and node.value.value is True and _ONCE.search(name):
        return True
    target = spelled(node.targets[0])
    root = name.partition("[")[0]
    current: ast.AST = node
    while not isinstance(current, (*_FUNCTIONS, ast.Module)):
        parent = module.parents.get(current)
        if parent is None:
            return False
        if isinstance(parent, ast.If) and current in parent.body and _is_missing(parent.test, root, target):
            return isinstance(node.value, (ast.Call, ast.Await, *_LITERALS)) or target == root
        current = parent
    return False


def _is_missing(test: ast.expr, name: str, target: str) -> bool:
    """Return whether a condition says that something is not there yet."""
    if isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not):
        return spelled(test.operand) in {name, target} or spelled(test.operand).startswith(f"{name}.get(")
    if not isinstance(test, ast.Compare) or len(test.ops) != 1:
        return False
    if isinstance(test.ops[0], ast.NotIn):
        return spelled(test.comparators[0]) == name
    left = spelled(test.left)
    none = isinstance(test.comparators[0], ast.Constant) and test.comparators[0].value is None
    return isinstance(test.ops[0], (ast.Is, ast.Eq)) and none and left in {name, target}
