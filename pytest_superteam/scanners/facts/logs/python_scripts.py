"""Which Python modules are command-line tools or scripts, whose output is print's business."""

from __future__ import annotations

import ast
from functools import lru_cache
from typing import TYPE_CHECKING

from pytest_superteam.scanners.languages.python import walk

if TYPE_CHECKING:
    from pytest_superteam.scanners.languages.python import PythonModule

__all__ = ["is_command_line", "is_server", "is_tool_output", "script_functions"]

_FILES = frozenset(
    {"__main__.py", "manage.py", "cli.py", "console.py", "cmdline.py", "commands.py", "wsgi_cli.py", "tasks_cli.py"}
)
_FOLDERS = frozenset({"cli", "commands", "bin", "management", "cmd", "tools", "notebooks", "hack", "devtools"})
_LIBRARIES = frozenset(
    {"argparse", "click", "typer", "fire", "optparse", "docopt", "cmd", "rich_click", "cyclopts", "cleo"}
)
_LIBRARIES |= {"plumbum", "getopt", "invoke", "asyncclick", "cliff", "tap", "tyro", "prompt_toolkit", "questionary"}
_SERVERS = frozenset(
    {"fastapi", "flask", "django", "starlette", "aiohttp", "sanic", "tornado", "bottle", "falcon", "litestar"}
)
_SERVERS |= {
    "quart",
    "pyramid",
    "rest_framework",
    "celery",
    "blacksheep",
    "robyn",
    "uvicorn",
    "grpc",
    "connexion",
    "kafka",
}
_SERVERS |= {"pika", "aiokafka", "faust", "ninja"}


def is_server(module: PythonModule) -> bool:
    """Return whether the module imports what services are made with: a server may well begin with `#!`."""
    return bool(_SERVERS & {origin.partition(".")[0] for origin in module.imports.values()})


def is_command_line(module: PythonModule, data: bytes = b"") -> bool:
    """Return whether all of the module is a command-line tool: by its path, by what it imports and does not.

    The `#!` that `data`, its source, begins with says so of what is no server.
    """
    folders = module.path.split("/")
    name = folders[-1]
    if name in _FILES or name.endswith("_cli.py") or name.startswith("cli_") or _FOLDERS & set(folders[:-1]):
        return True
    roots = {origin.partition(".")[0] for origin in module.imports.values()}
    return (bool(_LIBRARIES & roots) or data.startswith(b"#!")) and not is_server(module)


def _is_main_guard(node: ast.AST) -> bool:
    return isinstance(node, ast.If) and "__name__" in {n.id for n in walk(node.test) if isinstance(n, ast.Name)}


def script_functions(module: PythonModule) -> frozenset[str]:
    """Return the functions that run when the file is started as a script, of a module that is no server."""
    guards = [node for node in module.tree.body if _is_main_guard(node)]
    if not guards or is_server(module):
        return frozenset()
    pending: list[ast.AST] = [*guards]
    found: set[str] = set()
    while pending:
        for node in walk(pending.pop()):
            name = node.id if isinstance(node, ast.Name) else ""
            if name in module.definitions and name not in found:
                found.add(name)
                pending.append(module.definitions[name])
    return frozenset(found)


@lru_cache(maxsize=256)
def _is_command(decorator: str) -> bool:
    return decorator.endswith((".command", ".group", ".callback", "click.option", "click.argument", "cli"))


def is_tool_output(module: PythonModule, node: ast.AST, scripted: frozenset[str]) -> bool:
    """Return whether `node` runs only when the file is started as a script, or in a command of a command line."""
    current: ast.AST | None = node
    while current is not None:
        if _is_main_guard(current):
            return True
        if isinstance(current, (ast.FunctionDef, ast.AsyncFunctionDef)):
            if current.name in scripted and module.definitions.get(current.name) is current:
                return True
            for decorator in current.decorator_list:
                called = decorator.func if isinstance(decorator, ast.Call) else decorator
                if _is_command(module.qualname(called)):
                    return True
        elif (isinstance(current, ast.ClassDef) and current.name in scripted) or (
            isinstance(current, ast.ClassDef) and any("Command" in module.qualname(base) for base in current.bases)
        ):
            return True
        current = module.parents.get(current)
    return False
