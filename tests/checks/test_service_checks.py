"""Layer 1: builds, own tests, convergence."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import psutil
import pytest

from pytest_superteam.checks.service import check_build, check_convergence, run_own_tests
from pytest_superteam.errors import CheckError
from pytest_superteam.models import Architecture, BuildResult, Operation, Requirement, Service
from pytest_superteam.scanners.facts.routes import normalise_path

ROOT = Path(__file__).parents[2]
PYTEST = ("python", "-m", "pytest", "-q", "tests")


@pytest.fixture
def built(tmp_path):
    """Return a function that writes files and tells what was built."""

    def build(files, test=PYTEST):
        for name, text in files.items():
            path = tmp_path / "shop" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        hashes = {name: hashlib.sha256(text.encode()).hexdigest() for name, text in files.items()}
        return BuildResult("shop", "test", tmp_path / "shop", success=True, files=hashes, test=test)

    return build


def module(passing, failing=0):
    """Return a test module with so many passing and failing tests."""
    good = [f"def test_good_{number}(): pass\n" for number in range(passing)]
    bad = [f"def test_bad_{number}(): assert False\n" for number in range(failing)]
    return {"tests/test_it.py": "".join(good + bad)}


SLOW = pytest.mark.slow
SKIPPED = "import pytest\n@pytest.mark.skip\ndef test_it(): pass\n"
LEAVES = "import pytest\ndef test_a(): pass\ndef test_b(): pytest.exit('enough')\ndef test_c(): assert False\n"


def check(build, ratio=0.9, timeout=30):
    """Run the tests of a build; return (code, message) of the violations."""
    found = run_own_tests(build, ratio=ratio, timeout=timeout)
    return [(violation.code, violation.message) for violation in found.violations]


@pytest.mark.parametrize(
    ("passing", "failing", "ratio", "passes"),
    [
        (9, 1, 0.9, True),
        (8, 1, 0.9, False),
        pytest.param(3, 0, 0.9, True, marks=SLOW),
        pytest.param(0, 1, 0.9, False, marks=SLOW),
        pytest.param(1, 1, 0.5, True, marks=SLOW),
        pytest.param(9, 1, 1.0, False, marks=SLOW),
    ],
)
def test_share_of_passing_tests(built, passing, failing, ratio, passes):
    """Enough of a service's own tests must pass."""
    found = check(built(module(passing, failing)), ratio)
    assert (found == []) == passes
    if not passes:
        assert f"{failing} of {passing + failing}" in found[0][1]


@pytest.mark.parametrize(
    ("files", "test", "message"),
    [
        ({"main.py": ""}, (), "came with no tests"),
        ({"tests/test_it.py": "def broken(:"}, PYTEST, "did not run (exit 2)"),
        pytest.param({"tests/test_it.py": ""}, PYTEST, "ran no test", marks=SLOW),
        pytest.param({"main.py": ""}, PYTEST, "did not run (exit 4)", marks=SLOW),
        pytest.param({"tests/test_it.py": LEAVES}, PYTEST, "did not run (exit 2)", marks=SLOW),
        pytest.param({"tests/test_it.py": SKIPPED}, PYTEST, "ran no test", marks=SLOW),
        ({"main.py": ""}, ("python", "-c", "raise SystemExit(3)"), "did not run (exit 3)"),
    ],
)
def test_no_tests_are_no_pass(built, files, test, message):
    """No tests, only skipped tests and tests that do not run are violations, never a pass."""
    [(code, text)] = check(built(files, test))
    assert code == "TEST-001"
    assert message in text


def test_a_test_command_that_is_no_pytest(built):
    """A test command that is no pytest passes by its exit status."""
    assert check(built({"main.py": ""}, ("python", "-c", "pass"))) == []


def test_no_such_test_command(built):
    """A test command that can't be started is an error, not a finding."""
    with pytest.raises(CheckError, match="could not be started"):
        check(built({"main.py": ""}, ("no-such-command-at-all",)))


@SLOW
def test_tests_without_end(built, tmp_path, monkeypatch):
    """Tests that do not end are an error, and leave no process and no file."""
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(scratch))
    build = built({"tests/test_it.py": "import time\ndef test_it(): time.sleep(60)\n"})
    with pytest.raises(CheckError, match="did not end within 2 s"):
        check(build, timeout=2)
    assert working_below(scratch) == []
    assert list(scratch.iterdir()) == []


@SLOW
def test_environment_is_not_ours(built, monkeypatch):
    """A service's tests see none of our environment, and write no bytecode into the source."""
    monkeypatch.setenv("CLOUD_TOKEN", "precious")
    build = built(
        {
            "app.py": "import os\nSEEN = sorted(os.environ)\n",
            "tests/test_it.py": "import app\ndef test_it(): assert 'CLOUD_TOKEN' not in app.SEEN\n",
        }
    )
    assert check(build) == []
    assert list(build.directory.rglob("__pycache__")) == []


@SLOW
def test_conftest_of_the_project_stays_out(built, tmp_path):
    """The conftest.py of the project that the services lie in is none of the service's."""
    (tmp_path / "conftest.py").write_text("raise RuntimeError('not yours')\n")
    (tmp_path / "pytest.ini").write_text("[pytest]\naddopts = --no-such-option\n")
    assert check(built(module(1))) == []


@SLOW
def test_pytest_settings_of_the_service_count(built):
    """A service's own settings for pytest are used."""
    ini = {"pytest.ini": "[pytest]\npython_functions = check_*\n"}
    assert check(built({**ini, "tests/test_it.py": "def check_it(): pass\ndef test_not(): assert False\n"})) == []


def test_build_that_failed(built):
    """A build that failed is a violation with the builder's reason."""
    build = built({"main.py": "x = 1\n"})
    assert check_build(build).violations == ()
    failed = BuildResult("shop", "test", build.directory, success=False, error="no nails")
    assert "no nails" in check_build(failed).violations[0].message


@pytest.mark.parametrize(("text", "line"), [("x = 1\ndef broken(:\n", 2), ("x = (\n", 1)])
def test_unreadable_python(built, text, line):
    """A file that is no Python is a violation with its place."""
    [violation] = check_build(built({"app/main.py": text})).violations
    assert (violation.code, violation.file, violation.line) == ("BUILD-001", "app/main.py", line)


SYSTEM = Architecture(
    "Shop",
    "0" * 64,
    (Service("shop"),),
    operations=tuple(Operation(f"read_{n}", "shop", "GET", f"/things{n}/{{id}}", "read") for n in range(9)),
    requirements=(Requirement("REQ-1", "reads", 1, operations=("shop:read_0", "other:read")),),
)


@pytest.mark.parametrize(("there", "passes"), [(9, True), (8, False), (0, False)])
def test_convergence(there, passes):
    """Nine tenths of operations and requirements must have a route, whatever its parameter is called."""
    routes = frozenset(("GET", normalise_path(f"/things{n}/{{thing_id}}")) for n in range(9 - there, 9))
    found = check_convergence(SYSTEM, "shop", routes, 0.9, normalise_path)
    assert (not found.violations) == passes
    if not passes:
        assert "GET /things0/{id}" in found.violations[0].message


@SLOW
def test_nothing_outlives_a_killed_run(built, tmp_path):
    """A test run ends with the process that asked for it, even if that is killed."""
    build = built({"tests/test_it.py": "import time\ndef test_it(): time.sleep(60)\n"})
    script = (
        "from pathlib import Path\n"
        "from pytest_superteam.checks.service import run_own_tests\n"
        "from pytest_superteam.models import BuildResult\n"
        f"build = BuildResult('shop', 'test', Path({str(build.directory)!r}), success=True, test={PYTEST!r})\n"
        "run_own_tests(build, ratio=0.9, timeout=50)\n"
    )
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    asker = subprocess.Popen([sys.executable, "-c", script], cwd=ROOT, env={**os.environ, "TMPDIR": str(scratch)})
    wait_for(lambda: working_below(scratch))
    asker.kill()
    asker.wait()
    wait_for(lambda: not working_below(scratch))


def working_below(folder):
    """Return the processes whose working directory lies below `folder`."""
    return [p for p in psutil.process_iter(["cwd"]) if (p.info["cwd"] or "").startswith(f"{folder}/")]


def wait_for(condition):
    """Wait up to twenty seconds until a condition holds."""
    end = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.05)
