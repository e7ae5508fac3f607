"""Handlers of a Python module in which a failure vanishes, and tasks whose failure nobody sees."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from pytest_superteam.scanners.facts.failures.reasons import says_why
from pytest_superteam.scanners.languages.python import walk

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from pytest_superteam.scanners.languages.python import Function, PythonModule
    from pytest_superteam.scanners.source import SourceFile

__all__ = ["bare_handlers", "forgotten_tasks", "left_in_finally", "suppressed", "swallowed"]

BARE = "A bare `except:` catches even SystemExit; name what can happen and log it."
VANISHES = "Every failure vanishes here; name the one that may happen, and log the others."
LEAVES = "`{word}` in `finally` drops whatever failure is on its way out; move it behind the block."
FORGOTTEN = "Nobody will see this task fail: keep it, and `task.add_done_callback(...)`, or use a TaskGroup."

_BROAD = frozenset({"Exception", "BaseException", "builtins.Exception", "builtins.BaseException"})
_FAMILIES = frozenset({
    "requests.RequestException", "requests.exceptions.RequestException", "requests.ConnectionError",
    "requests.exceptions.ConnectionError", "httpx.HTTPError", "httpx.RequestError", "httpx.TransportError",
    "aiohttp.ClientError", "urllib.error.URLError", "sqlalchemy.exc.SQLAlchemyError", "sqlalchemy.exc.DBAPIError",
    "sqlalchemy.exc.OperationalError", "django.db.Error", "django.db.DatabaseError", "django.db.utils.DatabaseError",
    "redis.RedisError", "redis.exceptions.RedisError", "redis.exceptions.ConnectionError", "redis.ConnectionError",
    "psycopg.Error", "psycopg2.Error", "pymongo.errors.PyMongoError", "botocore.exceptions.ClientError",
    "botocore.exceptions.BotoCoreError", "kafka.errors.KafkaError", "pika.exceptions.AMQPError",
    "smtplib.SMTPException", "stripe.error.StripeError", "stripe.StripeError",
})  # fmt: skip
"""What a whole library raises: the other side is down, the data is not stored."""
_SUPPRESS = frozenset({"contextlib.suppress", "suppress"})
_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)


def _kinds(module: PythonModule, node: ast.expr | None) -> Iterator[str]:
    """Yield the names of the classes that a handler names, those of a tuple bound to a name too."""
    stack = [node]
    for _ in range(40):
        item = stack.pop() if stack else None
        if item is None:
            return
        if isinstance(item, ast.Name) and item.id not in module.imports:
            value = module.bound(item)
            if isinstance(value, (ast.Tuple, ast.List)):
                item = value
        if isinstance(item, (ast.Tuple, ast.List)):
            stack.extend(item.elts)
        elif isinstance(item, ast.Starred):
            stack.append(item.value)
        else:
            yield module.qualname(item)


def _does_nothing(body: Iterable[ast.stmt]) -> bool:
    """Return whether a handler's body only passes, goes on, gives up with nothing or says a string."""
    return all(
        isinstance(statement, (ast.Pass, ast.Continue, ast.Break))
        or (isinstance(statement, ast.Return) and _is_nothing(statement.value))
        or (isinstance(statement, ast.Expr) and isinstance(statement.value, (ast.Constant, ast.Name)))
        for statement in body
    )


def _is_nothing(value: ast.expr | None) -> bool:
    return value is None or (isinstance(value, ast.Constant) and value.value is None)


def _comment(file: SourceFile, first: int, last: int) -> str:
    """Return the comments on the lines from `first` to `last`, as far as they can be told from strings."""
    lines = (file.line(number).partition("#") for number in range(first, min(last, first + 12) + 1))
    return " ".join(comment for _, mark, comment in lines if mark)


def bare_handlers(module: PythonModule) -> Iterator[tuple[ast.AST, str]]:
    """Yield every `except:` that does not raise again."""
    for handler in module.of(ast.ExceptHandler):
        if handler.type is None and not any(isinstance(node, ast.Raise) for node in walk(handler)):
            yield handler, BARE


def swallowed(file: SourceFile, module: PythonModule) -> Iterator[tuple[ast.AST, str]]:
    """Yield the handlers of everything, or of all that a library raises, that do nothing and say not why."""
    for handler in module.of(ast.ExceptHandler):
        if handler.type is None or not _does_nothing(handler.body):
            continue
        kinds = set(_kinds(module, handler.type))
        if (kinds & _BROAD or kinds & _FAMILIES) and not _excused(file, handler, handler.body):
            yield handler, VANISHES


def suppressed(file: SourceFile, module: PythonModule) -> Iterator[tuple[ast.AST, str]]:
    """Yield each `suppress(Exception)` that says not why."""
    for call in module.calls:
        if module.qualname(call.func) not in _SUPPRESS:
            continue
        if not {kind for argument in call.args for kind in _kinds(module, argument)} & _BROAD:
            continue
        item = module.parents.get(call)
        block = module.parents.get(item) if isinstance(item, ast.withitem) else None
        if not isinstance(block, (ast.With, ast.AsyncWith)) or not _excused(file, block, block.body[:1]):
            yield call, VANISHES


def _excused(file: SourceFile, node: ast.stmt | ast.ExceptHandler, body: list[ast.stmt]) -> bool:
    last = (body[-1].end_lineno or body[-1].lineno) if body else node.lineno
    return says_why(_comment(file, node.lineno, last))


def left_in_finally(module: PythonModule) -> Iterator[tuple[ast.AST, str]]:
    """Yield the `return`, `break` and `continue` in a `finally` that leave it."""
    blocks: list[ast.Try | ast.TryStar] = [*module.of(ast.Try), *module.of(ast.TryStar)]
    for block in blocks:
        stack: list[tuple[ast.AST, bool]] = [(statement, False) for statement in block.finalbody]
        while stack:
            node, looped = stack.pop()
            if isinstance(node, ast.Return) or (isinstance(node, (ast.Break, ast.Continue)) and not looped):
                yield node, LEAVES.format(word=type(node).__name__.lower())
            elif not isinstance(node, (*_FUNCTIONS, ast.ClassDef)):
                inner = looped or isinstance(node, (ast.For, ast.AsyncFor, ast.While))
                stack.extend((child, inner) for child in ast.iter_child_nodes(node))


def _starts_task(module: PythonModule, call: ast.Call) -> bool:
    name = module.qualname(call.func)
    if name in {"asyncio.create_task", "asyncio.ensure_future", "asyncio.tasks.create_task"}:
        return True
    if not isinstance(call.func, ast.Attribute):
        return False
    holder = call.func.value
    owner = module.qualname(holder.func if isinstance(holder, ast.Call) else holder)
    last = owner.rpartition(".")[2].lower()
    if call.func.attr == "create_task":
        return last in {
            "loop",
            "get_event_loop",
            "get_running_loop",
            "new_event_loop",
            "asyncio",
            "_loop",
            "event_loop",
        }
    if call.func.attr == "run_in_executor":
        return last in {"loop", "get_event_loop", "get_running_loop", "_loop", "event_loop"}
    return name == "asyncio.run_coroutine_threadsafe"


def forgotten_tasks(module: PythonModule) -> Iterator[tuple[ast.AST, str]]:
    """Yield the tasks that are started and neither kept, awaited nor given a callback."""
    statements: list[ast.Expr | ast.Assign | ast.AnnAssign] = [*module.of(ast.Expr), *module.of(ast.Assign)]
    statements += module.of(ast.AnnAssign)
    for statement in statements:
        call = statement.value
        if not isinstance(call, ast.Call) or not _starts_task(module, call):
            continue
        if not isinstance(statement, ast.Expr) and _is_used(module, statement):
            continue
        if not _watches_itself(module, call):
            yield statement, FORGOTTEN


def _is_used(module: PythonModule, statement: ast.Assign | ast.AnnAssign) -> bool:
    """Return whether what a task is assigned to is looked at, or may be, by somebody."""
    targets = statement.targets if isinstance(statement, ast.Assign) else [statement.target]
    function = module.function_of(statement)
    if len(targets) != 1 or not isinstance(targets[0], ast.Name) or function is None:
        return True
    name = targets[0].id
    return any(
        isinstance(node, ast.Name) and node.id == name and isinstance(node.ctx, ast.Load)
        for node in module.walk(function)
    ) or any(isinstance(node, (ast.Global, ast.Nonlocal)) and name in node.names for node in module.walk(function))


def _watches_itself(module: PythonModule, call: ast.Call) -> bool:
    """Return whether the body of the coroutine that a task runs is one `try` that catches everything."""
    given = call.args[0] if call.args else None
    target = given.func if isinstance(given, ast.Call) else None
    found: ast.AST | None = None
    if isinstance(target, ast.Attribute) and isinstance(target.value, ast.Name) and target.value.id in {"self", "cls"}:
        owner = module.class_of(call)
        found = next((n for n in owner.body if getattr(n, "name", "") == target.attr), None) if owner else None
    elif isinstance(target, ast.Name):
        found = module.definitions.get(target.id) or _nested(module, call, target.id)
    return isinstance(found, (ast.FunctionDef, ast.AsyncFunctionDef)) and _catches_all(module, found)


def _nested(module: PythonModule, node: ast.AST, name: str) -> ast.AST | None:
    function = module.function_of(node)
    return next((n for n in function.body if getattr(n, "name", "") == name), None) if function is not None else None


def _catches_all(module: PythonModule, function: Function) -> bool:
    """Return whether everything of weight in a function stands in a `try` with a handler of everything."""
    stack: list[ast.stmt] = list(function.body)
    for _ in range(60):
        if not stack:
            return True
        statement = stack.pop()
        if isinstance(statement, (ast.While, ast.For, ast.AsyncFor, ast.With, ast.AsyncWith)):
            stack.extend(statement.body)
        elif isinstance(statement, ast.Try):
            if not any(h.type is None or set(_kinds(module, h.type)) & _BROAD for h in statement.handlers):
                return False
        elif any(isinstance(node, (ast.Await, ast.Raise)) for node in walk(statement)) and not _sleeps(
            module, statement
        ):
            return False
    return False


def _sleeps(module: PythonModule, statement: ast.stmt) -> bool:
    value = statement.value if isinstance(statement, ast.Expr) else None
    inner = value.value if isinstance(value, ast.Await) else None
    return isinstance(inner, ast.Call) and module.qualname(inner.func).endswith("sleep")
