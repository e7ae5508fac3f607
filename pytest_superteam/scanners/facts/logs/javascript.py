"""The log calls of a JavaScript module: console, winston, pino, bunyan, log4js, NestJS Logger, request.log, debug."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from pytest_superteam.scanners.facts.logs.calls import LOGGER, LogCall

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tree_sitter import Node

    from pytest_superteam.scanners.languages.javascript import JavaScriptModule

__all__ = ["called_console", "console_method", "log_calls"]

_METHODS = frozenset({
    "debug", "info", "warn", "warning", "error", "fatal", "trace", "log", "verbose", "silly", "http", "notice",
    "crit", "alert", "emerg", "critical", "child", "success", "write", "dir", "table", "group", "groupCollapsed",
    "assert", "errorWithContext", "mark", "setBindings", "withContext", "ready", "start", "box",
})  # fmt: skip
_LOG_NAME = re.compile(r"(?:^|[._])\w*[a-z]Log(?:$|[.(])|(?:^|\.)(?:consola|signale|tracer|log4js|roarr)(?:$|[.(])")
_FUNCTIONS = re.compile(r"_?log(?:Info|Debug|Error|Warn|Warning|Message|Event|Request|ger)?|(?:debug|info)Log")
_WRITERS = frozenset({"process.stdout.write", "process.stderr.write", "util.log"})


def console_method(module: JavaScriptModule, node: Node | None) -> str:
    """Return the method of the console that an expression is, through aliases and destructuring; else nothing."""
    name = module.qualname(node)
    head, _, method = name.rpartition(".")
    return (
        method if head in {"console", "globalThis.console", "window.console", "global.console", "node:console"} else ""
    )


def called_console(module: JavaScriptModule, call: Node) -> str:
    """Return the method of the console that a call runs, also by its `call` and `apply`; else nothing."""
    callee = module.unwrap(module.callee(call))
    if callee is not None and callee.type == "member_expression" and module.member_name(callee) in {"call", "apply"}:
        return console_method(module, callee.child_by_field_name("object"))
    return console_method(module, callee)


def log_calls(module: JavaScriptModule) -> Iterator[LogCall]:
    """Yield every call that logs, with what it is given."""
    for call in module.calls:
        if call.type != "call_expression":
            continue
        callee = module.unwrap(module.callee(call))
        if callee is not None and _is_log(module, callee):
            yield LogCall(call, tuple(("", argument) for argument in module.arguments(call)))


def _is_log(module: JavaScriptModule, callee: Node) -> bool:
    if callee.type not in {"member_expression", "subscript_expression"}:
        if callee.type != "identifier":
            return False
        name = module.qualname(callee)
        if name in {"debug", "util.debuglog"} or console_method(module, callee):
            return True
        head, _, last = name.rpartition(".")
        if head and last in _METHODS and LOGGER.search(head):
            return True
        return _FUNCTIONS.fullmatch(module.text(callee)) is not None and "math" not in name.lower()
    method = module.member_name(callee)
    if method not in _METHODS:
        return False
    name = module.qualname(callee)
    if name in _WRITERS or console_method(module, callee):
        return True
    if name.startswith(("Math.", "math")):
        return False
    owner = module.text(callee.child_by_field_name("object"))[:120]
    written = re.sub(r"\s+", "", owner).replace("?.", ".")
    head = name.rpartition(".")[0]
    if method == "write" and "log" not in written.lower():
        return False
    return any(pattern.search(text) for pattern in (LOGGER, _LOG_NAME) for text in (written, head))
