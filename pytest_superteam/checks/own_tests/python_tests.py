"""The tests of a Python service: whether it has some, what runs them, and which tools they use."""

from __future__ import annotations

import fnmatch
import re
from typing import TYPE_CHECKING

from pytest_superteam.checks.own_tests.place import Found
from pytest_superteam.checks.own_tests.trees import files_of, read_text

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence
    from pathlib import Path

__all__ = ["PYTEST", "find_python", "is_python", "tools_used"]

PYTEST = ("python", "-m", "pytest", "-q")
_MANIFESTS = ("pyproject.toml", "requirements.txt", "setup.py", "setup.cfg", "Pipfile", "requirements.in", "tox.ini")
_TEST = re.compile(r"^[ \t]*(?:async[ \t]+)?def[ \t]+test|^[ \t]*class[ \t]+\w*Test|TestCase\b", re.MULTILINE)
_CUSTOM = re.compile(r"^[ \t]*python_files[ \t]*=[ \t]*([^\n]{1,300})", re.MULTILINE)
_SETTINGS = ("pytest.ini", ".pytest.ini", "pyproject.toml", "tox.ini", "setup.cfg", "pytest.toml")
_DEFAULT = ("test*.py", "*_test.py", "tests.py")

_TOOLS = {
    "pytest_asyncio": "pytest-asyncio", "httpx": "httpx", "requests": "requests", "freezegun": "freezegun",
    "factory": "factory-boy", "faker": "Faker", "respx": "respx", "responses": "responses", "mock": "mock",
    "moto": "moto", "testcontainers": "testcontainers", "asgi_lifespan": "asgi-lifespan", "aiosqlite": "aiosqlite",
    "hypothesis": "hypothesis", "parameterized": "parameterized", "pytest_mock": "pytest-mock", "anyio": "anyio",
    "fakeredis": "fakeredis", "mongomock": "mongomock", "requests_mock": "requests-mock",
    "time_machine": "time-machine", "polyfactory": "polyfactory", "webtest": "WebTest",
    "pytest_django": "pytest-django", "model_bakery": "model-bakery",
    "aioresponses": "aioresponses", "schemathesis": "schemathesis", "syrupy": "syrupy", "vcr": "vcrpy",
    "mongomock_motor": "mongomock-motor", "pytest_httpx": "pytest-httpx", "dirty_equals": "dirty-equals",
}  # fmt: skip
"""Tools that tests import, and the packages that bring them. A name that is not listed is never installed: a guess
at a registry is how strangers' code gets in."""
_SIGNS = (
    (r"asyncio_mode|pytest\.mark\.asyncio", "pytest_asyncio", "pytest-asyncio"),
    (r"--cov\b|--cov=", "pytest_cov", "pytest-cov"),
    (r"DJANGO_SETTINGS_MODULE[ \t]*=|pytest\.mark\.django_db", "pytest_django", "pytest-django"),
    (r"\bmocker\b", "pytest_mock", "pytest-mock"),
    (r"(?:starlette|fastapi)\.testclient", "httpx", "httpx"),
    (r"addopts[^\n]{0,200}(?:-n[ =]?(?:\d|auto)|--numprocesses)", "xdist", "pytest-xdist"),
    (r"--timeout=|pytest\.mark\.timeout", "pytest_timeout", "pytest-timeout"),
)
"""What in tests or settings says that a plugin is needed: the module that it brings, and its package."""
_IMPORT = re.compile(r"^[ \t]*(?:from|import)[ \t]+(\w{1,60})", re.MULTILINE)
MOST_READ = 400
"""Test files that are read."""


def is_python(folder: Path) -> bool:
    """Return whether a folder is a Python project, or holds Python files at its top."""
    return any((folder / name).is_file() for name in _MANIFESTS) or any(folder.glob("*.py"))


def find_python(folder: Path, inner: Sequence[str]) -> Found:
    """Return what runs the tests of a Python service: Django's runner, unittest where nothing else is meant, pytest."""
    tests = [path for path in _test_files(folder, inner) if _TEST.search(read_text(path))]
    if not tests:
        return Found(reason="has no tests: no test_*.py or *_test.py with a test in it.")
    if (folder / "manage.py").is_file() and not _says(folder, "DJANGO_SETTINGS_MODULE"):
        return Found(("python", "manage.py", "test", "--noinput"))
    return Found(_unittest_command(folder, tests) or PYTEST)


def _test_files(folder: Path, inner: Collection[str]) -> Iterator[Path]:
    globs = _DEFAULT + tuple(
        glob for text in _settings(folder) for line in _CUSTOM.findall(text) for glob in _globs(line)
    )
    return files_of(folder, lambda name: any(fnmatch.fnmatchcase(name, glob) for glob in globs), inner)


def _globs(line: str) -> list[str]:
    """Return the globs of a `python_files` line, in INI or TOML."""
    return [word for word in re.split(r"[\s,\[\]\"']+", line) if word.endswith(".py")]


def _settings(folder: Path) -> list[str]:
    return [read_text(folder / name) for name in _SETTINGS if (folder / name).is_file()]


def _says(folder: Path, word: str) -> bool:
    return any(word in text for text in _settings(folder))


def _unittest_command(folder: Path, tests: Sequence[Path]) -> tuple[str, ...]:
    """Return unittest's command where tests in one folder use it, and nothing speaks of pytest."""
    folders = {path.parent for path in tests}
    texts = [read_text(path) for path in tests]
    names = [*folder.glob("*requirements*.txt"), *(folder / name for name in (*_SETTINGS, "Pipfile"))]
    if len(folders) != 1 or any("pytest" in text for text in (*texts, *map(read_text, names))):
        return ()
    at = folders.pop()
    plain = all("TestCase" in text and path.name.startswith("test") for text, path in zip(texts, tests, strict=True))
    if not plain or any((at / name).is_file() for name in ("conftest.py",)) or (folder / "conftest.py").is_file():
        return ()
    start = at.relative_to(folder).as_posix()
    top = ("-t", ".") if (at / "__init__.py").is_file() and start != "." else ()
    return ("python", "-m", "unittest", "discover", "-s", start, *top)


def tools_used(folder: Path, inner: Sequence[str] = ()) -> dict[str, str]:
    """Return the test tools that the tests use: module to package."""
    paths = list(_test_files(folder, inner))[:MOST_READ]
    paths += list(files_of(folder, lambda name: name == "conftest.py", inner))[:50]
    texts = [read_text(path) for path in paths] + _settings(folder)
    imported = {name for text in texts for name in _IMPORT.findall(text)}
    found = {module: package for module, package in _TOOLS.items() if module in imported}
    found |= {module: package for sign, module, package in _SIGNS if any(re.search(sign, text) for text in texts)}
    return found
