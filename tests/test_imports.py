"""The house rules: imports point one way, and only the rim knows pytest."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

import pytest_superteam

ROOT = Path(pytest_superteam.__file__).parent
RIM = ("plugin.py", "fixtures.py", "hookspecs.py", "gate/")
ORDER = {
    "atomic": 0,
    "errors": 0.25,
    "options": 0,
    "models": 0,
    "codec": 1,
    "config_entries": 0.5,
    "config": 1,
    "contracts": 2,
    "architect": 2,
    "scanners": 2,
    "builders": 2,
    "deployment": 2,
    "discovery": 2,
    "checks": 2,
    "reports": 2,
    "settings": 2.5,
    "agents": 2.5,
    "pipeline": 3,
    "calibration": 4,
    "hookspecs": 5,
    "gate": 5,
    "fixtures": 6,
    "plugin": 7,
}
"""Rooms may import rooms of a lower number, and of their own number where `FRIENDS` says so."""
FRIENDS = {
    ("builders", "contracts"),
    ("architect", "agents"),
    ("architect", "contracts"),
    ("checks", "builders"),
    ("checks", "contracts"),
    ("checks", "scanners"),
    ("deployment", "scanners"),
    ("discovery", "contracts"),
    ("discovery", "scanners"),
}


def sources():
    """Return every source file of the package, templates excepted."""
    return [path for path in sorted(ROOT.rglob("*.py")) if "templates" not in path.parts]


def imports(path):
    """Return (line, module) of each import of a file, also those within functions."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}:{node.lineno}: relative import"
            yield node.lineno, node.module
            yield from ((node.lineno, f"{node.module}.{alias.name}") for alias in node.names)


def room(name):
    """Return the room of a module of ours."""
    return name.split(".")[1]


@pytest.mark.parametrize("path", sources(), ids=lambda path: path.relative_to(ROOT).as_posix())
def test_imports(path):
    """No room but the rim imports pytest, and no room imports one above it."""
    relative = path.relative_to(ROOT).as_posix()
    own = relative.split("/")[0].removesuffix(".py")
    for line, name in imports(path):
        top = name.split(".")[0]
        if not relative.startswith(RIM):
            assert top not in {"pytest", "_pytest"}, f"{relative}:{line} imports {name}"
        assert top != "_pytest", f"{relative}:{line} imports {name}"
        if top != "pytest_superteam" or name.count(".") < 1 or own == "__init__":
            continue
        other = room(name)
        if other in ORDER and other != own:
            assert ORDER[other] < ORDER[own] or (own, other) in FRIENDS, f"{relative}:{line} imports {name}"


IDLE = ("plugin", "options", "hookspecs", "models/architecture", "models/calibration", "models/run", "errors")


@pytest.mark.parametrize("module", IDLE)
def test_rim_imports_only_the_standard_library(module):
    """What an idle session loads needs the standard library and pytest only, at module level."""
    tree = ast.parse((ROOT / f"{module}.py").read_text(encoding="utf-8"))
    found = set()
    for node in tree.body:
        if isinstance(node, ast.Import):
            found.update(alias.name.split(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and not node.module.startswith(
            ("pytest_superteam.models.", "pytest_superteam.options")
        ):
            found.add(node.module.split(".")[0])
    allowed = {
        "__future__",
        "collections",
        "dataclasses",
        "enum",
        "hashlib",
        "pathlib",
        "posixpath",
        "re",
        "typing",
        "pytest",
    }
    assert found <= allowed
