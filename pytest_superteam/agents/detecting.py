"""How a service is started and tested whose builder does not say so: by what is usual for the files that it has."""

from __future__ import annotations

import json
import os
import re
import shlex
from itertools import islice
from typing import TYPE_CHECKING, Any

from pytest_superteam.agents.python_application import application

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

__all__ = ["start_of", "test_of"]

_MOST_BYTES = 256 << 10
_MOST_FILES, _MOST_FOLDERS, _MOST_ENTRIES, _DEPTH = 200, 500, 2_000, 2
_FIRST = (
    "app/main.py",
    "main.py",
    "app.py",
    "src/main.py",
    "src/app/main.py",
    "server.py",
    "api.py",
    "app/__init__.py",
)
_ASIDE = frozenset(
    {"tests", "test", "venv", "node_modules", "migrations", "alembic", "scripts", "docs", "build", "dist"}
)
_SHELL = re.compile(r"[|&;<>`\n]|\$\(")
_VARIABLE = re.compile(r"\$(?:\{PORT(?::-\d{1,5})?\}|PORT\b)")
_HOST = ("--host", "127.0.0.1", "--port", "{port}")


def start_of(directory: Path) -> tuple[tuple[str, ...], str]:
    """Return the argument vector that starts the service in `directory`, and the file that shows it; else nothing."""
    ways: tuple[Callable[[Path], tuple[tuple[str, ...], str]], ...] = (_procfile, _python, _django, _node, _go)
    for way in ways:
        start, found = way(directory)
        if start:
            return start, found
    return (), ""


def test_of(directory: Path) -> tuple[str, ...]:
    """Return the argument vector that runs the service's own tests; nothing where it has none of a usual kind."""
    named = (directory / name for name in ("tests", "test"))
    folders = [folder for folder in named if folder.is_dir() and not folder.is_symlink()]
    if any(_has_tests(folder) for folder in (*folders, directory)):
        return ("python", "-m", "pytest", "-q", *(folder.name for folder in folders[:1]))
    script = _scripts(directory).get("test")
    if isinstance(script, str) and script.strip() and "no test specified" not in script:
        return ("npm", "test")
    return ("go", "test", "./...") if (directory / "go.mod").is_file() else ()


def _has_tests(folder: Path) -> bool:
    patterns = ("test_*.py", "*_test.py", "*/test_*.py") if folder.name in {"tests", "test"} else ("test_*.py",)
    return any(True for pattern in patterns for _ in folder.glob(pattern))


def _procfile(directory: Path) -> tuple[tuple[str, ...], str]:
    """Return the `web` process of a Procfile, where it needs no shell."""
    for line in _text(directory / "Procfile").splitlines():
        name, _, command = line.partition(":")
        if name.strip() != "web" or len(command) > 1_000:
            continue
        command = _VARIABLE.sub("{port}", command.strip())
        if "$" in command or _SHELL.search(command):
            return (), ""
        try:
            words = tuple(shlex.split(command))
        except ValueError:
            return (), ""
        return (_vector(words), "Procfile") if words else ((), "")
    return (), ""


def _python(directory: Path) -> tuple[tuple[str, ...], str]:
    """Return how to serve the application that a Python module makes."""
    for file in _modules(directory):
        name = file.relative_to(directory).as_posix()
        kind, variable = application(_text(file))
        folder, module = _module(name)
        if not kind:
            continue
        if kind == "wsgi":
            return ("python", "-m", "flask", "--app", f"{module}:{variable}", "run", *_HOST), name
        options = (*(("--app-dir", folder) if folder else ()), *(("--factory",) if kind == "factory" else ()))
        return ("python", "-m", "uvicorn", f"{module}:{variable}", *options, *_HOST), name
    return (), ""


def _modules(directory: Path) -> Iterator[Path]:
    """Yield the Python files that may make the application, the usual ones first."""
    root = directory.resolve()
    first = [directory / name for name in _FIRST]
    yield from (
        file for file, name in zip(first, _FIRST, strict=True) if file.is_file() and file.resolve() == root / name
    )
    others = (file for file in _files(directory) if file.suffix == ".py" and file not in first)
    yield from islice(others, _MOST_FILES)


def _files(directory: Path) -> Iterator[Path]:
    """Yield the files in a folder and in those below it, two levels deep; links are not followed."""
    waiting, looked = [(directory, 0)], 0
    while waiting and looked < _MOST_FOLDERS:
        looked += 1
        folder, depth = waiting.pop(0)
        try:
            with os.scandir(folder) as found:
                entries = sorted(islice(found, _MOST_ENTRIES), key=lambda entry: entry.name)
        except OSError:
            continue
        for entry in entries:
            if entry.name in _ASIDE or entry.name.startswith((".", "test_")):
                continue
            if entry.is_file(follow_symlinks=False):
                yield folder / entry.name
            elif depth < _DEPTH and entry.is_dir(follow_symlinks=False):
                waiting.append((folder / entry.name, depth + 1))


def _module(name: str) -> tuple[str, str]:
    """Return the folder that a module is imported from, empty for the service's own, and its dotted name."""
    path = name.removesuffix(".py").removesuffix("/__init__")
    folder, rest = ("src", path.removeprefix("src/")) if path.startswith("src/") else ("", path)
    return folder, rest.replace("/", ".")


def _django(directory: Path) -> tuple[tuple[str, ...], str]:
    if "DJANGO_SETTINGS_MODULE" not in _text(directory / "manage.py"):
        return (), ""
    return ("python", "manage.py", "runserver", "127.0.0.1:{port}", "--noreload"), "manage.py"


def _node(directory: Path) -> tuple[tuple[str, ...], str]:
    """Return the start of a Node.js package: its script, else its main file."""
    script, main = _scripts(directory).get("start"), _package(directory).get("main")
    if isinstance(script, str) and script.strip():
        return ("npm", "start"), "package.json"
    names = [main] if isinstance(main, str) else []
    for name in (*names, "server.js", "index.js", "src/index.js", "src/server.js"):
        if _package(directory) and not name.startswith("/") and ".." not in name and (directory / name).is_file():
            return ("node", name), "package.json"
    return (), ""


def _scripts(directory: Path) -> dict[str, Any]:
    scripts = _package(directory).get("scripts")
    return scripts if isinstance(scripts, dict) else {}


def _package(directory: Path) -> dict[str, Any]:
    try:
        data = json.loads(_text(directory / "package.json") or "{}")
    except (ValueError, RecursionError):
        return {}
    return data if isinstance(data, dict) else {}


def _go(directory: Path) -> tuple[tuple[str, ...], str]:
    if not (directory / "go.mod").is_file():
        return (), ""
    commands = sorted(path.parent.name for path in directory.glob("cmd/*/main.go"))
    if (directory / "main.go").is_file():
        return ("go", "run", "."), "go.mod"
    return (("go", "run", f"./cmd/{commands[0]}"), "go.mod") if len(commands) == 1 else ((), "")


def _vector(words: tuple[str, ...]) -> tuple[str, ...]:
    from pytest_superteam.agents.service_file import vector

    return vector(words, "Procfile")


def _text(file: Path) -> str:
    """Return the text of a file; nothing of what is none, or too large."""
    try:
        if file.is_symlink() or not file.is_file() or file.stat().st_size > _MOST_BYTES:
            return ""
        return file.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""
