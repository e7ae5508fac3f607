"""Settings of test runs and scanners that a fix changed: whole files, and tables of files that say other things too."""

from __future__ import annotations

import configparser
import json
import re
import tomllib
from typing import TYPE_CHECKING, Any

from pytest_superteam.pipeline.fix.weakened.found import Weakening
from pytest_superteam.pipeline.fix.weakened.places import is_setting, is_test
from pytest_superteam.pipeline.fix.weakened.python_tests import same_python

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from pytest_superteam.pipeline.fix.trees import Change

__all__ = ["setting_weakenings"]

_KEEP = "Settings of tests and scanners stay as they are: put it back, and mend the service."
_TOOLS = frozenset({
    "pytest", "coverage", "tox", "nox", "ruff", "flake8", "bandit", "mypy", "pyright", "pylint", "semgrep", "vulture",
    "pytest-ini-options", "superteam", "pytest-superteam", "schemathesis", "detect-secrets", "hypothesis", "hatch",
    "poe", "taskipy",
})  # fmt: skip
"""Tables below `[tool]` of pyproject.toml."""
_SECTION = re.compile(
    r"(?:tool:)?pytest|coverage:.*|flake8|mypy(?:-.*)?|bandit|pylint.*|testenv.*|tox|pycodestyle|run|report"
)
_SCRIPT = re.compile(r"(?:pre|post)?test(?::.{0,60})?|coverage|lint(?::.{0,60})?|check|ci")
_NODE_KEYS = ("jest", "mocha", "ava", "nyc", "c8", "vitest", "eslintConfig", "eslintIgnore", "tap", "lint-staged")


def setting_weakenings(changed: Sequence[Change]) -> Iterator[Weakening]:
    """Yield the changed settings by which tests and scanners ask or see less; they may not even be added."""
    for change in changed:
        name = change.path.rpartition("/")[2].lower()
        if is_setting(change.path):
            if not _same(change):
                yield Weakening(change.path, _first(change), f"{_what(name)} {_verb(change)}. {_KEEP}")
        elif name in _READERS and not (is_test(change.path) and name == "package.json"):
            yield from _tables(change, _READERS[name])


def _what(name: str) -> str:
    if "baseline" in name:
        return "A baseline, which excuses findings,"
    return "What sets up the tests" if name == "conftest.py" else "A file of settings of the gate"


def _verb(change: Change) -> str:
    return "was added" if change.before is None else "was removed" if change.after is None else "was changed"


def _same(change: Change) -> bool:
    """Return whether a file of settings says the same as before, whatever its layout and comments."""
    if change.before is None or change.after is None or change.before.binary or change.after.binary:
        return False
    if not change.after.regular:
        return False
    if change.path.endswith(".py"):
        return same_python(change.before.text, change.after.text)
    return _significant(change.old) == _significant(change.new)


def _significant(lines: Sequence[str]) -> list[str]:
    stripped = (line.rstrip() for line in lines)
    return [line for line in stripped if line and not line.lstrip().startswith(("#", ";", "//"))]


def _first(change: Change) -> int:
    """Return the first line that is not as it was, 0 where all of the file is new or gone."""
    if change.before is None or change.after is None:
        return 0
    pairs = enumerate(zip(change.old, change.new, strict=False), 1)
    return next((number for number, (old, new) in pairs if old != new), 0)


# ---------------------------------------------------------------- tables of a file


def _tables(change: Change, read: Callable[[str], Mapping[str, Any]]) -> Iterator[Weakening]:
    if change.after is not None and not change.after.regular:
        yield Weakening(change.path, 0, f"A link or a special file stands where settings were. {_KEEP}")
        return
    old = _read(read, "" if change.before is None else change.before.text)
    new = _read(read, "" if change.after is None else change.after.text)
    if old is None:  # nothing obeyed it before: whatever makes it one is better
        return
    if new is None:
        yield Weakening(change.path, 0, f"It can't be read any more, so that its settings are not obeyed. {_KEEP}")
        return
    for key in sorted({*old, *new}):
        if old.get(key) != new.get(key):
            verb = "was added" if key not in old else "was removed" if key not in new else "was changed"
            yield Weakening(change.path, _line(change.new, key), f"'{key}' {verb}. {_KEEP}")


def _read(read: Callable[[str], Mapping[str, Any]], text: str) -> Mapping[str, Any] | None:
    """Return the settings in a text by name; None where it can't be read."""
    if not text.strip():
        return {}
    try:
        return read(text)
    except (ValueError, configparser.Error, RecursionError):
        return None


def _line(lines: Sequence[str], key: str) -> int:
    word = key.rpartition(".")[2].strip("[]")
    return next((number for number, line in enumerate(lines, 1) if word in line), 0)


def _pyproject(text: str) -> dict[str, Any]:
    data = tomllib.loads(text)
    tool = data.get("tool")
    tables = tool if isinstance(tool, dict) else {}
    found = {f"tool.{name}": table for name, table in tables.items() if name in _TOOLS or name.startswith("pytest")}
    pdm = tables.get("pdm")
    if isinstance(pdm, dict) and isinstance(pdm.get("scripts"), dict):
        found |= {f"tool.pdm.scripts.{name}": value for name, value in _scripts(pdm["scripts"]).items()}
    return found


def _ini(text: str) -> dict[str, Any]:
    parser = configparser.RawConfigParser(strict=False, allow_no_value=True)
    parser.read_string(text)
    return {f"[{name}]": dict(parser.items(name)) for name in parser.sections() if _SECTION.fullmatch(name)}


def _json(text: str) -> dict[str, Any]:
    data = json.loads(text)
    if not isinstance(data, dict):
        raise ValueError("no object")  # noqa: TRY004  # as all that is wrong with a file
    return data


def _scripts(scripts: object) -> dict[str, Any]:
    table = scripts if isinstance(scripts, dict) else {}
    return {name: value for name, value in table.items() if _SCRIPT.fullmatch(name)}


def _package(text: str) -> dict[str, Any]:
    data = _json(text)
    found = {f"scripts.{name}": value for name, value in _scripts(data.get("scripts")).items()}
    return found | {key: data[key] for key in _NODE_KEYS if key in data}


def _service(text: str) -> dict[str, Any]:
    data = _json(text)
    return {"test": data["test"]} if "test" in data else {}


def _tasks(text: str) -> dict[str, Any]:
    data = _json(text)
    return {f"tasks.{name}": value for name, value in _scripts(data.get("tasks")).items()}


_READERS: Mapping[str, Callable[[str], Mapping[str, Any]]] = {
    "pyproject.toml": _pyproject,
    "setup.cfg": _ini,
    "tox.ini": _ini,
    "package.json": _package,
    "composer.json": _package,
    "service.json": _service,
    "deno.json": _tasks,
}
