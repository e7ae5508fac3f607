"""Own tests of found services with the real tools, where they need no network."""

from __future__ import annotations

import json
import shutil
import sys
from pathlib import Path

import pytest

from pytest_superteam.checks.own_tests import python_kind
from pytest_superteam.checks.own_tests.run import run_found_tests
from pytest_superteam.errors import CheckError
from pytest_superteam.models import FoundService

UNITTEST = """\
import os, unittest
from app import total

class TotalTest(unittest.TestCase):
    def test_total(self):
        self.assertEqual(total([1, 2]), 3)

    def test_nothing(self):
        self.assertEqual(total([]), 0)

"""
NODE_TEST = """\
import test from 'node:test';
import assert from 'node:assert';
test('adds', () => assert.equal(1 + 1, 2));
test('takes', () => assert.equal(1 - 1, 1));
"""


def run(root, **options):
    """Run the tests of the service `shop` below `root`."""
    work = root / ".superteam" / "own-tests" / "shop"
    return run_found_tests(FoundService("shop", folder="shop"), root, work, ratio=0.9, timeout=60, **options)


def write(root, files):
    """Write files of the service `shop`."""
    for name, text in files.items():
        path = root / "shop" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


@pytest.mark.slow
def test_unittest_in_an_environment_of_its_own(tmp_path):
    """A service without requirements is tested by unittest in a virtual environment, without any installation."""
    write(
        tmp_path, {"app.py": "def total(xs): return sum(xs)\n", "tests/__init__.py": "", "tests/test_app.py": UNITTEST}
    )
    assert run(tmp_path).detail == "2 of 2 own tests pass"
    write(tmp_path, {"app.py": "def total(xs): return 7\n"})
    [violation] = run(tmp_path).violations
    assert violation.code == "TEST-001"
    assert "2 of 2 of its own tests fail (test_nothing" in violation.message
    assert sorted(path.name for path in (tmp_path / "shop").rglob("*")) == [
        "__init__.py",
        "app.py",
        "test_app.py",
        "tests",
    ]


@pytest.mark.slow
def test_requirements_that_can_not_be_installed(tmp_path, monkeypatch):
    """Requirements that no index has are an error with pip's reason, on each interpreter that was tried."""
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setattr(python_kind, "MOST_TRIED", 1)
    write(tmp_path, {"requirements.txt": "no-such-package==1\n", "test_app.py": "def test_it(): pass\n"})
    with pytest.raises(CheckError, match=r"'shop': .* on Python 3[.\d]+: No matching distribution found for no-such-p"):
        run(tmp_path)


@pytest.mark.slow
def test_local_requirements_and_pytest(tmp_path, monkeypatch):
    """Requirements in UTF-16 are installed, from a folder here, and pytest's report is read with its failures."""
    monkeypatch.setattr(python_kind, "_PIP", (*python_kind._PIP, "--no-index", "--no-build-isolation"))
    monkeypatch.setattr(python_kind, "_missing_tools", lambda place, needs: {})
    write(
        tmp_path,
        {"test_app.py": "import helper\ndef test_it(): assert helper.N == 1\ndef test_no(): assert helper.N == 2\n"},
    )
    write(tmp_path, {"lib/helper.py": "N = 1\n", "lib/pyproject.toml": BACKEND, "lib/backend.py": WHEEL})
    (tmp_path / "shop" / "requirements.txt").write_bytes("./lib\r\n".encode("utf-16"))
    result = run(tmp_path, command=(sys.executable, "-c", DRIVER))
    assert "1 of 2" in result.violations[0].message
    assert result.violations[0].code == "TEST-001"


BACKEND = '[build-system]\nrequires = []\nbuild-backend = "backend"\nbackend-path = ["."]\n'
WHEEL = """\
import zipfile
NAME = "helper-1-py3-none-any.whl"

def build_wheel(folder, config_settings=None, metadata_directory=None):
    with zipfile.ZipFile(f"{folder}/{NAME}", "w") as wheel:
        wheel.write("helper.py")
        wheel.writestr("helper-1.dist-info/METADATA", "Metadata-Version: 2.1\\nName: helper\\nVersion: 1\\n")
        wheel.writestr("helper-1.dist-info/WHEEL", "Wheel-Version: 1.0\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n")
        wheel.writestr("helper-1.dist-info/RECORD", "")
    return NAME
"""
DRIVER = """\
import os, sys
sys.path += __import__('glob').glob(os.environ['VIRTUAL_ENV'] + '/lib/python*/site-packages')
import pytest
sys.exit(pytest.main(['-p', 'no:superteam', '-p', 'no:schemathesis', 'test_app.py']))
"""
"""Stands in for a pytest that is installed in the environment: that of this interpreter."""


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("npm") is None, reason="npm is not on PATH")
def test_tests_of_node_itself(tmp_path):
    """Node's own runner is counted by what it prints."""
    write(
        tmp_path,
        {"package.json": json.dumps({"type": "module", "scripts": {"test": "node --test"}}), "a.test.js": NODE_TEST},
    )
    [violation] = run(tmp_path).violations
    assert (violation.code, violation.message) == (
        "TEST-001",
        "'shop': 1 of 2 of its own tests fail (takes). Mend them.",
    )


@pytest.mark.slow
def test_environment_of_another_version_is_made_anew(tmp_path):
    """An environment whose interpreter is gone is made again."""
    write(
        tmp_path, {"app.py": "def total(xs): return sum(xs)\n", "tests/__init__.py": "", "tests/test_app.py": UNITTEST}
    )
    assert run(tmp_path).violations == ()
    python = tmp_path / ".superteam" / "own-tests" / "shop" / "venv" / "bin" / "python"
    python.unlink()
    assert run(tmp_path).violations == ()
    assert Path(python).exists()
