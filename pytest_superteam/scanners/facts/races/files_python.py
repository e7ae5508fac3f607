"""Files that Python service code asks for and then acts on."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from pytest_superteam.scanners.facts.races.guards import LOCK_NAME
from pytest_superteam.scanners.facts.races.spelling import spelled
from pytest_superteam.scanners.languages.python import walk

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytest_superteam.scanners.languages.python import Function, PythonModule

__all__ = ["file_races"]

_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
_CHECKS = frozenset({"os.path.exists", "os.path.isfile", "os.path.isdir", "os.access", "os.path.lexists"})
_ACTS = frozenset({
    "os.makedirs", "os.mkdir", "os.rename", "shutil.move", "shutil.copy", "shutil.copyfile", "shutil.copytree",
})  # fmt: skip
"""What makes a file or folder; one that is removed twice harms nobody."""


def file_races(module: PythonModule) -> Iterator[tuple[ast.AST, str]]:
    """Yield what a function does to a file that it has asked for in the condition around it."""
    for block in module.of(ast.If):
        function = module.function_of(block)
        if function is None:
            continue
        paths = {p for call in walk(block.test) if isinstance(call, ast.Call) and (p := _asked(module, call))}
        if not paths:
            continue
        negated = isinstance(block.test, ast.UnaryOp) and isinstance(block.test.op, ast.Not)
        later = [] if negated else _behind(module, block)
        for statement in [*block.body, *later]:
            for call in walk(statement):
                if (
                    isinstance(call, ast.Call)
                    and _acts_on(module, call, paths, negated=negated or statement in later)
                    and not _tried(module, call, function)
                ):
                    yield call, "the file"


def _behind(module: PythonModule, block: ast.If) -> list[ast.stmt]:
    """Return the statements behind an `if` that leaves the function: they run where it does not hold."""
    siblings = getattr(module.parents.get(block), "body", [])
    if block.orelse or not isinstance(block.body[-1], (ast.Return, ast.Raise)) or block not in siblings:
        return []
    found: list[ast.stmt] = siblings[siblings.index(block) + 1 :]
    return found


def _asked(module: PythonModule, call: ast.Call) -> str:
    if module.qualname(call.func) in _CHECKS and call.args:
        return spelled(call.args[0])
    if isinstance(call.func, ast.Attribute) and call.func.attr in {"exists", "is_file", "is_dir"} and not call.args:
        return spelled(call.func.value)
    return ""


def _acts_on(module: PythonModule, call: ast.Call, paths: set[str], *, negated: bool) -> bool:
    name = module.qualname(call.func)
    if call.args and spelled(call.args[0]) in paths:
        if name in {"open", "io.open", "builtins.open"}:
            mode = module.literal(call.args[1]) if len(call.args) > 1 else "r"
            return negated and isinstance(mode, str) and "w" in mode
        if name in _ACTS:
            return negated and not any(k.arg in {"exist_ok", "dirs_exist_ok"} for k in call.keywords)
    if isinstance(call.func, ast.Attribute) and spelled(call.func.value) in paths:
        kwargs = {k.arg for k in call.keywords}
        if call.func.attr == "open":
            mode = module.literal(call.args[0]) if call.args else "r"
            return negated and isinstance(mode, str) and "w" in mode
        return (call.func.attr == "mkdir" and "exist_ok" not in kwargs) or (
            call.func.attr in {"write_text", "write_bytes", "touch"} and negated
        )
    return False


def _tried(module: PythonModule, node: ast.AST, function: Function) -> bool:
    current = node
    while current is not function:
        parent = module.parents[current]
        if isinstance(parent, ast.Try) and parent.handlers and current in parent.body:
            return True
        if isinstance(parent, (ast.With, ast.AsyncWith)) and any(
            LOCK_NAME.search(spelled(i.context_expr)) for i in parent.items
        ):
            return True
        current = parent
    return False
