"""The environment of Python services: which interpreter, which versions, and what is said where none does."""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path

import pytest

from pytest_superteam.checks.own_tests import python_kind
from pytest_superteam.checks.own_tests.place import Place, last_line
from pytest_superteam.checks.own_tests.process import Ran, run_guarded
from pytest_superteam.checks.own_tests.python_kind import PYTHON
from pytest_superteam.checks.own_tests.python_needs import needs_of
from pytest_superteam.checks.own_tests.surroundings import Surroundings
from pytest_superteam.checks.own_tests.trees import read_text
from pytest_superteam.errors import CheckError

OLD = "ERROR: Failed building wheel for greenlet\nerror: subprocess-exited-with-error\n"
OURS = (sys.executable, ".".join(map(str, sys.version_info[:3])))
OTHERS = [("/usr/bin/python3.9", "3.9.1"), ("/usr/bin/python3.8", "3.8.2"), ("/usr/bin/python3.7", "3.7.3")]


@pytest.fixture
def place(tmp_path):
    """Return a place in which nothing was made yet."""
    (tmp_path / "source").mkdir()
    given = Surroundings(tmp_path, tmp_path / ".cache")
    return Place("shop", tmp_path / "source", tmp_path / "source", tmp_path, given, time.monotonic() + 60)


@pytest.fixture
def tried(monkeypatch):
    """Let installations end as a function says; return what was tried: interpreters, and whether with pins."""
    seen = []

    def arrange(outcome, pythons=(OURS, *OTHERS)):
        def attempt(_place, python, needs):
            seen.append((Path(python).name if python != sys.executable else "ours", bool(needs.pins)))
            return outcome(*seen[-1])

        monkeypatch.setattr(python_kind, "_try", attempt)
        monkeypatch.setattr(python_kind, "_pythons", lambda place, meant: iter(pythons))
        return seen

    return arrange


def test_first_interpreter_that_does(place, tried):
    """Where what is pinned can't be installed on ours, others are tried, and which one it was is told."""
    seen = tried(lambda name, pins: Ran(0 if name == "python3.9" else 1, OLD))
    PYTHON.make(place)
    assert seen == [("ours", False), ("python3.9", False)]
    assert place.notes == ["on Python 3.9"]


def test_lock_file_that_fits_no_interpreter(place, tried):
    """Where the versions of a lock file can't be installed anywhere, others are, and that is told."""
    (place.folder / "poetry.lock").write_text('[[package]]\nname = "a"\nversion = "1"\n')
    seen = tried(lambda name, pins: Ran(int(pins), OLD))
    PYTHON.make(place)
    assert seen == [("ours", True), ("python3.9", True), ("python3.8", True), ("ours", False)]
    assert place.notes == ["the versions of its lock file can't be installed here, others were taken"]


def test_reason_that_another_interpreter_does_not_mend(place, tried):
    """A reason that has nothing to do with versions is told at once; it is the line that says it."""
    seen = tried(lambda name, pins: Ran(1, "ERROR: Invalid requirement: '=='\n"))
    with pytest.raises(
        CheckError, match=r"can't be installed on Python 3[^:]+: Invalid requirement: '=='. See .*install.log"
    ):
        PYTHON.make(place)
    assert len(seen) == 1


def test_no_network(place, tried):
    """Without a network the error says so, with the line that does."""
    tried(
        lambda name, pins: Ran(
            1, "WARNING: NewConnectionError: no route to pypi.invalid\nERROR: No matching distribution\n"
        )
    )
    with pytest.raises(
        CheckError, match=r"without a network: WARNING: NewConnectionError: no route to pypi.invalid\.$"
    ):
        PYTHON.make(place)


def test_no_such_python(place, tried):
    """A service that allows no interpreter of this machine is an error that names the version."""
    (place.folder / "pyproject.toml").write_text('[project]\nname = "a"\nrequires-python = "<3.7"\n')
    assert tried(lambda name, pins: Ran(0, "")) == []
    with pytest.raises(CheckError, match=r"needs Python <3.7, and no such Python is on PATH"):
        PYTHON.make(place)


def test_interpreter_that_the_service_names(place, tmp_path, monkeypatch):
    """The version in the service's Dockerfile goes first where it is there, then ours, then older ones."""
    programs = tmp_path / "programs"
    programs.mkdir()
    for minor in (8, 9):
        (programs / f"python3.{minor}").write_text(f"#!/bin/sh\necho 3 {minor} 1\n")
        (programs / f"python3.{minor}").chmod(0o755)
    (programs / "python3.7").write_text("#!/bin/sh\nexit 127\n")
    (programs / "python3.7").chmod(0o755)
    monkeypatch.setenv("PATH", str(programs))
    monkeypatch.setenv("PYENV_ROOT", str(tmp_path))
    (place.folder / "Dockerfile").write_text("FROM python:3.8-slim AS base\n")
    assert needs_of(place.folder).meant == 8
    versions = [version for _, version in python_kind._pythons(place, 8)]
    assert versions == ["3.8.1", OURS[1], "3.9.1"]
    assert python_kind._said("3.12.1", 8) == ["on Python 3.12, though it names Python 3.8"]


def test_sources_of_other_encodings_are_rewritten(place):
    """Requirements in UTF-16 are plain text in the copy before pip reads them, with or without a mark."""
    for name, encoding in (("requirements.txt", "utf-16"), ("requirements-dev.txt", "utf-16-le")):
        (place.folder / name).write_bytes("flask==2.0\r\n".encode(encoding))
    python_kind._plain_text(place)
    assert (place.folder / "requirements.txt").read_text().split() == ["flask==2.0"]
    assert (place.folder / "requirements-dev.txt").read_text().split() == ["flask==2.0"]


@pytest.mark.parametrize(
    ("output", "expected"),
    [
        ("one\nValueError: bad\n    at x (y.js:1)\n", "ValueError: bad"),
        ("> 25 | process.exit(1)\n  at Object.exit (a.js:2)\nnpm error missing script\n", "npm error missing script"),
        ("could not find it\nall done\n", "could not find it"),
        ("all done\n", "all done"),
        ("", ""),
    ],
)
def test_the_line_that_tells(output, expected):
    """Of an output the line is told that names an error, not a frame of its source."""
    assert last_line(output) == expected


def test_pipes_are_not_waited_for(place):
    """A pipe or a device with the name of a manifest is read as nothing."""
    os.mkfifo(place.folder / "requirements-pipe.txt")
    (place.folder / "package.json").symlink_to("/dev/zero")
    assert read_text(place.folder / "requirements-pipe.txt") == read_text(place.folder / "package.json") == ""
    assert PYTHON.find(place.folder, ()).command == ()


def test_guard_that_was_stopped(tmp_path):
    """A test run that stops the process that guards it is ended all the same."""
    stop = "import os, signal, time; os.kill(os.getppid(), signal.SIGSTOP); time.sleep(60)"
    environment = {"PATH": os.environ["PATH"]}
    ran = run_guarded((sys.executable, "-c", stop), tmp_path, environment, 1)
    assert ran.late
