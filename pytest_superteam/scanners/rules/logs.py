"""LOG-001, LOG-004 and LOG-005: what a service says, how, and what it had better keep to itself."""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING

from pytest_superteam.models import Severity
from pytest_superteam.scanners.base import Rule
from pytest_superteam.scanners.engine import Hit, PythonCheck, RuleScanner
from pytest_superteam.scanners.facts.names import secret_kind, words
from pytest_superteam.scanners.source import CODE_LANGUAGES, SourceFile, SourceTree

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytest_superteam.scanners.languages.python import PythonModule

__all__ = ["SCANNER"]

PRINT = Rule(
    "LOG-001",
    "print instead of a logger",
    Severity.WARNING,
    "logging",
    3,
    "Log it, so that level, time and trace id come with it: `logger = logging.getLogger(__name__)`, "
    '`logger.info("...")`.',
)
_CLI_FILES = frozenset({"__main__.py", "manage.py", "cli.py", "console.py"})
_CLI_LIBRARIES = frozenset({"argparse", "click", "typer", "fire", "optparse", "docopt", "cmd"})


def _is_command_line(module: PythonModule) -> bool:
    """Return whether the module is a command-line tool, whose output is print's business."""
    folders = module.path.split("/")
    if folders[-1] in _CLI_FILES or {"cli", "commands"} & set(folders[:-1]):
        return True
    return any(origin.split(".")[0] in _CLI_LIBRARIES for origin in module.imports.values())


def _is_main_guard(node: ast.AST) -> bool:
    return isinstance(node, ast.If) and "__name__" in {n.id for n in ast.walk(node.test) if isinstance(n, ast.Name)}


def _in_main_guard(module: PythonModule, node: ast.AST) -> bool:
    """Return whether `node` runs only when the file is started as a script."""
    current: ast.AST | None = node
    while current is not None:
        if _is_main_guard(current):
            return True
        current = module.parents.get(current)
    return False


def _print(file: SourceFile, module: PythonModule, _: SourceTree) -> Iterator[Hit]:
    """Find calls of the builtin `print`."""
    if file.data.startswith(b"#!") or _is_command_line(module):
        return
    if "print" in module.imports or "print" in module.definitions or "print" in module.bindings:
        return
    for call in module.calls:
        if isinstance(call.func, ast.Name) and call.func.id == "print" and not _in_main_guard(module, call):
            yield Hit.at(file, call)


SENSITIVE = Rule(
    "LOG-005",
    "Sensitive data in logs",
    Severity.ERROR,
    "logging",
    3,
    'Log who and what, never the secret: `logger.info("login of %s", user.id)`.',
    applies_to=CODE_LANGUAGES,
    cwe=532,
)
_METHODS = frozenset({
    "debug", "info", "warning", "warn", "error", "exception", "critical", "fatal", "log", "trace", "success", "msg",
    "adebug", "ainfo", "awarning", "aerror", "acritical", "aexception", "bind",
})  # fmt: skip
_LOGGER = re.compile(
    r"(?:^|[._])(?:log|logs|logger|logging|loguru|structlog|getlogger|get_logger)(?:[._]|$)", re.IGNORECASE
)
_SAFE_CALLS = re.compile(
    r"mask|redact|hash|obfuscat|sanitiz|scrub|censor|digest|len|bool|type|isinstance|fingerprint", re.IGNORECASE
)
_MORE = frozenset({"cvv", "cvc", "ssn", "pan", "iban", "bearer", "otp"})
_CARD = frozenset({("card", "number"), ("credit", "card"), ("card", "no")})


def _is_sensitive(name: str) -> bool:
    """Return whether a value of that name is nobody's business."""
    parts = words(name)
    if secret_kind(name) is not None or (parts and parts[-1] in _MORE) or parts[-2:] in _CARD:
        return True
    return parts == ("private", "key") or parts[-2:] in {("session", "cookie"), ("session", "key"), ("auth", "header")}


def _is_log_call(module: PythonModule, call: ast.Call) -> bool:
    if not isinstance(call.func, ast.Attribute) or call.func.attr not in _METHODS:
        return False
    name = module.qualname(call.func.value)
    if not name and isinstance(call.func.value, ast.Attribute):
        name = call.func.value.attr
    written = _written(call.func.value)
    return _LOGGER.search(name) is not None or _LOGGER.search(written) is not None


def _written(node: ast.AST) -> str:
    """Return the dotted name as it stands in the source."""
    parts: list[str] = []
    while isinstance(node, (ast.Attribute, ast.Call)):
        if isinstance(node, ast.Attribute):
            parts.append(node.attr)
        node = node.value if isinstance(node, ast.Attribute) else node.func
    return ".".join([node.id, *reversed(parts)]) if isinstance(node, ast.Name) else ".".join(reversed(parts))


def _secret_in(module: PythonModule, node: ast.AST | None, depth: int = 0) -> ast.AST | None:
    """Return the part of a logged expression that shows something sensitive, or None."""
    if node is None or depth > 8:
        return None
    if isinstance(node, ast.Name):
        if _is_sensitive(node.id):
            return None if isinstance(module.bound(node), (ast.Compare, ast.Constant)) else node
        origin = module.bound(node)
        return (
            node
            if isinstance(origin, (ast.Attribute, ast.Subscript, ast.Call)) and _reads_secret(module, origin)
            else None
        )
    if isinstance(node, (ast.Attribute, ast.Subscript)):
        return node if _reads_secret(module, node) else None
    if isinstance(node, ast.Call):
        return _secret_in_call(module, node, depth)
    if isinstance(node, (ast.Compare, ast.Lambda, ast.Constant)):
        return None
    if isinstance(node, ast.IfExp):
        parts: list[ast.AST | None] = [node.body, node.orelse]
    elif isinstance(node, ast.Dict):
        return _secret_in_dict(module, node, depth)
    else:
        parts = list(ast.iter_child_nodes(node))
    return next((found for part in parts if (found := _secret_in(module, part, depth + 1)) is not None), None)


def _secret_in_dict(module: PythonModule, node: ast.Dict, depth: int) -> ast.AST | None:
    for key, value in zip(node.keys, node.values, strict=True):
        name = module.literal(key)
        hidden = isinstance(value, ast.Call) and _SAFE_CALLS.search(_written(value.func)) is not None
        shown = not hidden and not isinstance(value, (ast.Constant, ast.Compare))
        if shown and isinstance(name, str) and _is_sensitive(name):
            return value
        if (found := _secret_in(module, value, depth + 1)) is not None:
            return found
    return None


def _secret_in_call(module: PythonModule, node: ast.Call, depth: int) -> ast.AST | None:
    """Look through a call: what it is called on and given, unless it hides or measures the value."""
    if _reads_secret(module, node):
        return node
    if _SAFE_CALLS.search(_written(node.func).rsplit(".", 1)[-1]):
        return None
    inner: list[ast.expr] = [*node.args, *(k.value for k in node.keywords)]
    if isinstance(node.func, ast.Attribute) and node.func.attr in {
        "format",
        "join",
        "strip",
        "decode",
        "get_secret_value",
        "encode",
    }:
        inner.append(node.func.value)
    elif not isinstance(node.func, ast.Name) or node.func.id not in {"str", "repr", "dict", "f", "vars", "list"}:
        return None  # what another function makes of a secret is not the secret
    return next((found for part in inner if (found := _secret_in(module, part, depth + 1)) is not None), None)


def _reads_secret(module: PythonModule, node: ast.AST) -> bool:
    """Return whether `node` reads a sensitive attribute, key or header, or all headers or cookies of a request."""
    if isinstance(node, ast.Attribute):
        if node.attr in {"headers", "cookies"}:
            return words(_written(node.value))[-1:] in {("request",), ("req",)}
        return _is_sensitive(node.attr)
    key: ast.expr | None = None
    if isinstance(node, ast.Subscript):
        key = node.slice
    elif (
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in {"get", "pop"}
        and node.args
    ) or (isinstance(node, ast.Call) and module.qualname(node.func) in {"os.getenv", "os.environ.get"} and node.args):
        key = node.args[0]
    name = module.literal(key) if key is not None else None
    if not isinstance(name, str):
        return False
    holder = node.func.value if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) else None
    holder = node.value if isinstance(node, ast.Subscript) else holder
    in_cookies = isinstance(holder, ast.Attribute) and holder.attr == "cookies" and "session" in name.lower()
    return in_cookies or _is_sensitive(name) or name.lower() in {"authorization", "cookie", "set-cookie", "x-api-key"}


def _sensitive(file: SourceFile, module: PythonModule, _: SourceTree) -> Iterator[Hit]:
    """Find log calls that are given something sensitive, in any argument."""
    for call in module.calls:
        if _is_log_call(module, call):
            for value in call.args:
                if _secret_in(module, value) is not None:
                    yield Hit.at(file, call)
                    break
            else:
                if _secret_in_keywords(module, call):
                    yield Hit.at(file, call)


def _secret_in_keywords(module: PythonModule, call: ast.Call) -> bool:
    for argument in call.keywords:
        named = argument.arg is not None and _is_sensitive(argument.arg)
        plain = isinstance(argument.value, (ast.Name, ast.Attribute, ast.Subscript))
        if (named and plain) or _secret_in(module, argument.value) is not None:
            return True
    return False


CONSOLE = Rule(
    "LOG-004",
    "console.log in production",
    Severity.WARNING,
    "logging",
    3,
    'Use the logger: `logger.info({ orderId }, "order placed")`.',
    languages=("javascript", "typescript"),
    pending="JavaScript and TypeScript are not read yet",
)

SCANNER = RuleScanner(
    (
        PythonCheck(PRINT, (b"print(", b"print ("), _print),
        PythonCheck(SENSITIVE, tuple(f".{method}(".encode() for method in sorted(_METHODS)), _sensitive),
    ),
    (CONSOLE,),
)
