"""The log calls of a Python module: logging, structlog, loguru, framework loggers, and print."""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING

from pytest_superteam.scanners.facts.logs.calls import LOGGER, LogCall

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytest_superteam.scanners.languages.python import PythonModule

__all__ = ["METHODS", "log_calls", "written"]

METHODS = frozenset({
    "debug", "info", "warning", "warn", "error", "exception", "critical", "fatal", "log", "trace", "success", "msg",
    "notice", "adebug", "ainfo", "awarning", "aerror", "acritical", "aexception", "bind", "new", "contextualize",
    "bind_contextvars", "bound_contextvars", "try_bind", "failure", "err", "verbose", "alog",
})  # fmt: skip
_FUNCTIONS = re.compile(
    r"_?log(?:_?(?:info|debug|warn|warning|error|message|msg|event|request|it))?|(?:info|debug|error)_log"
)
_NOT_LOGS = frozenset({"math", "np", "numpy", "torch", "cmath", "jnp", "tf", "sympy", "scipy", "jax", "sp"})
_CONSOLES = frozenset({"print", "builtins.print", "pprint.pprint", "pprint.pp", "rich.print", "rich.pretty.pprint"})
_CONSOLES |= {"sys.stdout.write", "sys.stderr.write"}


def log_calls(module: PythonModule) -> Iterator[LogCall]:
    """Yield every call that logs, with what it is given."""
    for call in module.calls:
        console = _is_console(module, call)
        if console or _is_log(module, call):
            given = [("", argument) for argument in call.args]
            given += [
                (k.arg or "", k.value) for k in call.keywords if k.arg not in {"exc_info", "stacklevel", "file", "sep"}
            ]
            yield LogCall(call, tuple(given), console=console)


def _is_console(module: PythonModule, call: ast.Call) -> bool:
    if (
        isinstance(call.func, ast.Name)
        and call.func.id not in {"print", "pprint", "pp"}
        and call.func.id not in module.imports
    ):
        return False
    if module.qualname(call.func) not in _CONSOLES:
        return False
    file = next((k.value for k in call.keywords if k.arg == "file"), None)
    return file is None or module.qualname(file) in {"sys.stdout", "sys.stderr"}


def _is_log(module: PythonModule, call: ast.Call) -> bool:
    function = call.func
    if isinstance(function, ast.Name):
        name = module.qualname(function)
        if name.partition(".")[0] in _NOT_LOGS:
            return False
        head, _, last = name.rpartition(".")
        known = last in METHODS and LOGGER.search(head) is not None
        return known or _FUNCTIONS.fullmatch(function.id) is not None
    if not isinstance(function, ast.Attribute):
        return False
    if function.attr not in METHODS:
        return function.attr.startswith("log_") and _FUNCTIONS.fullmatch(function.attr) is not None
    owner = function.value
    name = module.qualname(owner.func if isinstance(owner, ast.Call) else owner)
    made = module.qualname(function).rpartition(".")[0]  # what the owner was made by: `structlog.get_logger`
    if name.partition(".")[0] in _NOT_LOGS or made.partition(".")[0] in _NOT_LOGS:
        return False
    if function.attr == "log" and name in {"self", "cls"}:
        return True
    return any(LOGGER.search(text) is not None for text in (name, made, written(owner)))


def written(node: ast.AST) -> str:
    """Return the dotted name as it stands in the source, without what calls on the way are given."""
    parts: list[str] = []
    while isinstance(node, (ast.Attribute, ast.Call, ast.Subscript, ast.Await)):
        if isinstance(node, ast.Attribute):
            parts.append(node.attr)
        node = node.func if isinstance(node, ast.Call) else node.value
    return ".".join([node.id, *reversed(parts)]) if isinstance(node, ast.Name) else ".".join(reversed(parts))
