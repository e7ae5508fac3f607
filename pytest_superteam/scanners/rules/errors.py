"""ADV-005 and ADV-006: failures that vanish or that reach the caller as they are, and state that two requests share."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from pytest_superteam.models import Severity
from pytest_superteam.scanners.base import Rule
from pytest_superteam.scanners.engine import Hit, PythonCheck, RuleScanner
from pytest_superteam.scanners.facts.outgoing import TRIGGERS, outgoing_calls
from pytest_superteam.scanners.source import CODE_LANGUAGES, SourceFile, SourceTree

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytest_superteam.scanners.languages.python import Function, PythonModule

__all__ = ["SCANNER"]

RULE = Rule(
    "ADV-005",
    "Missing error handling",
    Severity.WARNING,
    "adversarial",
    4,
    "Catch what can happen, log it and answer for it: `except httpx.HTTPError as error:` with a 502.",
    applies_to=CODE_LANGUAGES,
    cwe=703,
)

_BROAD = frozenset({"Exception", "BaseException"})
_HANDLED = ("Exception", "httpx.", "requests.", "aiohttp.", "urllib3.", "urllib.error.")
_TASKS = frozenset({"asyncio.create_task", "asyncio.ensure_future"})


def _is_broad(module: PythonModule, kind: ast.expr | None) -> bool:
    if kind is None:
        return True
    kinds = kind.elts if isinstance(kind, ast.Tuple) else [kind]
    return any(module.qualname(item).rsplit(".", 1)[-1] in _BROAD for item in kinds)


def _does_nothing(body: list[ast.stmt]) -> bool:
    """Return whether a handler's body only passes, goes on, gives up with nothing or says a string."""
    return all(
        isinstance(statement, (ast.Pass, ast.Continue, ast.Break))
        or (isinstance(statement, ast.Return) and _is_nothing(statement.value))
        or (isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant))
        for statement in body
    )


def _is_nothing(value: ast.expr | None) -> bool:
    return value is None or (isinstance(value, ast.Constant) and value.value is None)


def _raises(handler: ast.ExceptHandler) -> bool:
    return any(isinstance(node, ast.Raise) for node in ast.walk(handler))


def _handlers(file: SourceFile, module: PythonModule) -> Iterator[Hit]:
    """Find bare `except:` that does not raise again, broad handlers that do nothing, and `suppress(Exception)`."""
    for handler in module.of(ast.ExceptHandler):
        if handler.type is None and not _raises(handler):
            yield Hit.at(file, handler, "A bare `except:` catches even SystemExit; name what can happen and log it.")
        elif _is_broad(module, handler.type) and _does_nothing(handler.body):
            yield Hit.at(file, handler, "Every failure vanishes here; name the one that may, and log the others.")
    for call in module.calls:
        if module.qualname(call.func) == "contextlib.suppress" and any(_is_broad(module, arg) for arg in call.args):
            yield Hit.at(file, call, "Every failure vanishes here; name the one that may.")


def _is_tried(module: PythonModule, node: ast.AST) -> bool:
    """Return whether a `try` with handlers, or a `suppress`, stands around `node` in its function."""
    current: ast.AST | None = node
    while current is not None and not isinstance(current, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)):
        parent = module.parents.get(current)
        if isinstance(parent, (ast.Try, ast.TryStar)) and parent.handlers and current in parent.body:
            return True
        if isinstance(parent, (ast.With, ast.AsyncWith)) and current in parent.body:
            names = (module.qualname(getattr(item.context_expr, "func", None)) for item in parent.items)
            if any(name.endswith(("suppress", "errors", "translate")) for name in names):
                return True
        current = parent
    return False


def _has_handler(tree: SourceTree) -> bool:
    """Return whether the framework has a handler for errors of HTTP clients, or middleware that catches all."""
    known = tree.facts.get("error handler")
    if known is None:
        modules = tree.module_with(b"exception_handler", b"errorhandler", b"exception_handlers", b"call_next")
        known = tree.facts["error handler"] = any(_registers(module) for _, module in modules)
    return bool(known)


def _registers(module: PythonModule) -> bool:
    for call in module.calls:
        name = call.func.attr if isinstance(call.func, ast.Attribute) else ""
        if (
            name in {"exception_handler", "add_exception_handler", "errorhandler", "register_error_handler"}
            and call.args
        ):
            kind = module.qualname(call.args[0])
            if kind.startswith(_HANDLED) or module.literal(call.args[0]) == 500:
                return True
        if isinstance(call.func, ast.Name) and call.func.id == "call_next" and _is_tried(module, call):
            return True
    tables = (k.value for call in module.calls for k in call.keywords if k.arg == "exception_handlers")
    keys = (key for table in tables if isinstance(table, ast.Dict) for key in table.keys if key is not None)
    return any(module.qualname(key).startswith(_HANDLED) for key in keys)


def _callers_try(tree: SourceTree, name: str, depth: int = 0) -> bool:
    """Return whether every call of a function of that name in the service stands in a `try`, or its callers' do."""
    places = [
        (module, node)
        for _, module in tree.module_with(name.encode())
        for node in module.calls
        if (node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")) == name
    ]
    return bool(places) and all(_is_covered(tree, module, node, depth + 1) for module, node in places)


def _is_covered(tree: SourceTree, module: PythonModule, node: ast.AST, depth: int = 0) -> bool:
    """Return whether a failure at `node` meets a handler on its way up to the request."""
    if _is_tried(module, node):
        return True
    function: Function | None = module.function_of(node)
    if function is None or depth > 3:
        return False
    return _callers_try(tree, function.name, depth)


def _calls(file: SourceFile, module: PythonModule, tree: SourceTree) -> Iterator[Hit]:
    """Find outgoing calls whose failure nothing handles up to the request, and tasks that are started and forgotten."""
    if any(trigger in file.data for trigger in TRIGGERS) and not _has_handler(tree):
        for call in outgoing_calls(tree, module):
            if not _is_covered(tree, module, call.node):
                message = "Nothing handles a failure of this call: wrap it in `try`/`except` and answer 502 or 503."
                yield Hit.at(file, call.node, message)
    for statement in module.of(ast.Expr):
        if isinstance(statement.value, ast.Call) and module.qualname(statement.value.func) in _TASKS:
            message = "Nobody will see this task fail: keep it, and `task.add_done_callback(...)`, or use a TaskGroup."
            yield Hit.at(file, statement, message)


def _find(file: SourceFile, module: PythonModule, tree: SourceTree) -> Iterator[Hit]:
    """Find swallowed failures and calls and tasks that nothing watches."""
    yield from _handlers(file, module)
    yield from _calls(file, module, tree)


RACE = Rule(
    "ADV-006",
    "Race condition",
    Severity.WARNING,
    "adversarial",
    4,
    "Let the database decide: one atomic `UPDATE ... SET n = n + 1`, a transaction, or a lock around shared state.",
    pending="nothing looks for shared state between requests yet",
    applies_to=CODE_LANGUAGES,
    cwe=362,
)

SCANNER = RuleScanner(
    (
        PythonCheck(
            RULE,
            (b"Exception", b"except:", b"except :", b"suppress", b"create_task", b"ensure_future", *TRIGGERS),
            _find,
        ),
    ),
    (RACE,),
)
