"""Tests of Python services: a virtual environment of their own, and pytest, unittest or Django's runner in it."""

from __future__ import annotations

import json
import os
import re
import shutil
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from pytest_superteam.checks.own_tests.copying import remove
from pytest_superteam.checks.own_tests.place import Kind, last_line, line_with
from pytest_superteam.checks.own_tests.process import Ran, run_guarded
from pytest_superteam.checks.own_tests.python_needs import INPUTS, Needs, needs_of
from pytest_superteam.checks.own_tests.python_tests import find_python, is_python, tools_used
from pytest_superteam.checks.own_tests.trees import read_text
from pytest_superteam.errors import CheckError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from pytest_superteam.checks.own_tests.place import Place

__all__ = ["PYTHON"]

_MINORS = (14, 13, 12, 11, 10, 9, 8, 7)
"""Versions of Python 3 that are looked for; those below ours first, for old pins have no wheels for new versions."""
MOST_TRIED = 3
"""Interpreters on which an installation is tried."""
_OFFLINE = re.compile(
    r"Temporary failure in name resolution|NewConnectionError|Network is unreachable|Name or service not known"
    r"|ConnectTimeoutError|nodename nor servname|Connection refused|EAI_AGAIN|ENOTFOUND|ETIMEDOUT|ECONNREFUSED"
)
_OTHER_MIGHT_DO = re.compile(
    r"Requires-Python|requires a different Python|No matching distribution|Could not find a version"
    r"|subprocess-exited-with-error|Failed building wheel|Failed to build|metadata-generation-failed"
)
_PIP = ("-m", "pip", "--no-input", "--disable-pip-version-check", "install", "--quiet", "--prefer-binary")


def _inputs(place: Place) -> list[Path]:
    found = [place.folder / name for name in INPUTS]
    found += sorted(place.folder.glob("*requirements*.*")) + sorted(place.folder.glob("requirements/*"))
    return [path for path in found if path.is_file()]


def _tools(place: Place) -> str:
    return repr((sys.executable, sys.version, sorted(tools_used(place.folder).items())))


def _make(place: Place) -> None:
    """Make the virtual environment, on another Python where what is pinned can't be installed on ours."""
    _plain_text(place)
    needs, problem = needs_of(place.folder), ""
    allowed = [python for python in _pythons(place, needs.meant) if _allowed(python, needs.python)]
    if not allowed:
        raise CheckError(
            f"it needs Python {needs.python}, and no such Python is on PATH. Install one, or set its `test`."
        )
    tries = [(*python, needs) for python in allowed[:MOST_TRIED]]
    if needs.pins:
        tries.append((*allowed[0], replace(needs, pins=())))
    for python, version, wanted in tries:
        ran = _try(place, python, wanted)
        if ran.status == 0:
            place.notes += _said(version, needs.meant)
            if wanted is not needs:
                place.notes.append("the versions of its lock file can't be installed here, others were taken")
            return
        problem = problem or _problem(ran.output)
        if _OFFLINE.search(ran.output):
            raise CheckError(
                f"its dependencies can't be installed without a network: {line_with(ran.output, _OFFLINE)}."
            )
        if not _OTHER_MIGHT_DO.search(ran.output):
            break
    tried = ", ".join(version for _, version in allowed[:MOST_TRIED])
    raise CheckError(
        f"its dependencies can't be installed on Python {tried}: {problem}. See {place.work / 'install.log'}."
    )


def _said(version: str, meant: int) -> list[str]:
    """Return what is to be known of the interpreter: that it is not ours, or not the one that the service names."""
    minor = int(version.split(".")[1])
    if meant not in (0, minor):
        return [f"on Python 3.{minor}, though it names Python 3.{meant}"]
    return [] if minor == sys.version_info.minor else [f"on Python 3.{minor}"]


_TELLING = re.compile(
    r"^.*(?:No matching distribution|Failed building wheel|Could not build wheels|requires a different Python"
    r"|Cannot install|ResolutionImpossible|Failed to build|is not a valid|Invalid requirement).*$",
    re.MULTILINE,
)


def _problem(output: str) -> str:
    """Return the line in which pip says what it could not do; the last one is often only about how."""
    match = _TELLING.search(output)
    return (" ".join(match[0].split())[:300] if match else last_line(output)).removeprefix("ERROR: ").rstrip(".")


def _plain_text(place: Place) -> None:
    """Rewrite requirements of the copy as UTF-8, which every version of pip reads."""
    for path in _inputs(place):
        if path.suffix in {".txt", ".in"} and b"\0" in path.read_bytes()[:200]:
            path.write_text(read_text(path), encoding="utf-8")


def _pythons(place: Place, meant: int) -> Iterator[tuple[str, str]]:
    """Yield the interpreters that are there with their versions: what the service is `meant` for, ours, all others."""
    environment, ours = place.given.testing(), sys.version_info.minor
    for minor in sorted({*_MINORS, ours}, key=lambda minor: (minor != meant, minor != ours, minor > ours, -minor)):
        if minor == ours:
            yield sys.executable, ".".join(map(str, sys.version_info[:3]))
            continue
        for path in _places(minor):
            ran = run_guarded((path, "-c", "import sys; print(*sys.version_info[:3])"), place.work, environment, 20)
            version = ran.output.split() if ran.status == 0 else []
            if version[:2] == ["3", str(minor)]:
                yield path, ".".join(version)
                break


def _places(minor: int) -> list[str]:
    """Return where a version of Python may be: on PATH, where pyenv may have put a script that does not start it."""
    pyenv = Path(os.environ.get("PYENV_ROOT", "~/.pyenv")).expanduser() / "versions"
    found = [
        shutil.which(f"python3.{minor}"),
        *(str(p) for p in sorted(pyenv.glob(f"3.{minor}.*/bin/python3.{minor}"))),
    ]
    return [path for path in found if path]


def _allowed(python: tuple[str, str], wanted: str) -> bool:
    from packaging.specifiers import InvalidSpecifier, SpecifierSet

    try:
        return not wanted or SpecifierSet(wanted).contains(python[1], prereleases=True)
    except InvalidSpecifier:
        return True


def _try(place: Place, python: str, needs: Needs) -> Ran:
    """Make the environment on one interpreter and install what is needed; stop at the first command that fails."""
    venv = place.work / "venv"
    remove(venv)
    tools = _missing_tools(place, needs)
    bare = ("--without-pip",) if needs.nothing and not tools else ()
    ran = place.install((python, "-m", "venv", *bare, str(venv)), place.work)
    if ran.status != 0:
        raise CheckError(f"a virtual environment can't be made: {last_line(ran.output)}.")
    for command in _installations(place, needs, tools):
        ran = place.install((str(venv / "bin" / "python"), *_PIP, *command), place.folder, _QUIET)
        if ran.status != 0:
            return ran
    if not bare:
        _add_absent(place, tools)
    return ran


_QUIET = {"SETUPTOOLS_SCM_PRETEND_VERSION": "0.0.0", "PIP_DISABLE_PIP_VERSION_CHECK": "1"}


def _installations(place: Place, needs: Needs, tools: Mapping[str, str]) -> Iterator[Sequence[str]]:
    """Yield the arguments of each `pip install`: hashes in requirements files allow nothing beside them."""
    pins: tuple[str, ...] = ()
    if needs.pins:
        (place.work / "pins.txt").write_text("\n".join(needs.pins), encoding="utf-8")
        pins = ("--constraint", str(place.work / "pins.txt"))
    if needs.files:
        yield [word for path in needs.files for word in ("--requirement", str(path))]
    if needs.project:
        yield ("--editable", ".[test,tests,dev]", *pins)
    specs = [*needs.specs, *(["pytest"] if "pytest" in tools else [])]
    if specs:
        (place.work / "specs.txt").write_text("\n".join(specs), encoding="utf-8")
        yield ("--requirement", str(place.work / "specs.txt"), *pins)


def _missing_tools(place: Place, needs: Needs) -> dict[str, str]:
    """Return the test tools that are wanted, pytest among them unless unittest does without."""
    tools = tools_used(place.folder)
    plain = needs.nothing and not tools and "pytest" not in find_python(place.folder, ()).command
    return tools if plain else {"pytest": "pytest", **tools}


def _add_absent(place: Place, tools: Mapping[str, str]) -> None:
    """Install the test tools that what is installed did not bring; tests that miss one say so themselves."""
    python = str(place.work / "venv" / "bin" / "python")
    look = "import sys, json, importlib.util as u; print(json.dumps([m for m in sys.argv[1:] if not u.find_spec(m)]))"
    ran = run_guarded((python, "-I", "-c", look, *tools), place.work, place.given.testing(), 60)
    absent = json.loads(ran.output.strip().splitlines()[-1]) if ran.status == 0 and ran.output.strip() else []
    packages = [tools[module] for module in absent if module in tools]
    if packages and place.install((python, *_PIP, *packages), place.folder).status != 0:
        place.notes.append(f"without {', '.join(packages)}, which could not be installed")


def _enter(place: Place) -> None:
    venv = place.work / "venv"
    place.extra["VIRTUAL_ENV"] = str(venv)
    place.extra["PATH"] = f"{venv / 'bin'}{os.pathsep}{os.environ.get('PATH', os.defpath)}"
    place.extra["PYTEST_ADDOPTS"] = f"-p no:cacheprovider --junitxml={place.results / 'junit.xml'}"
    if (place.folder / "src").is_dir():
        place.extra["PYTHONPATH"] = str(place.folder / "src")


def _dress(_place: Place, command: tuple[str, ...]) -> tuple[str, ...]:
    """Return the command with shorter tracebacks: their tail is what people see."""
    return (*command, "--tb=short") if "pytest" in command[:3] else command


PYTHON = Kind(
    name="python",
    languages=frozenset({"python"}),
    is_here=is_python,
    find=find_python,
    inputs=_inputs,
    tools=_tools,
    make=_make,
    enter=_enter,
    dress=_dress,
)
"""Services in Python."""
