"""Layer 1 rests on what was found when a service was built, as long as it is still the same."""

from __future__ import annotations

import hashlib

import pytest

from pytest_superteam.checks.built_tests import run_built_tests
from pytest_superteam.checks.service import check_build, check_convergence, run_own_tests
from pytest_superteam.checks.unchanged import tree_digest
from pytest_superteam.errors import CheckError
from pytest_superteam.models import Architecture, BuildResult, Evidence, Operation, Service, TestCounts

PASSES = ("python", "-c", "print('=== 3 passed in 0.1s ===')")
FAILS = ("python", "-c", "print('=== 1 failed, 2 passed in 0.1s ==='); raise SystemExit(1)")
COUNTS = TestCounts(7)


@pytest.fixture
def built(tmp_path):
    """Return a function that writes files and tells what an agent built, with evidence where it is given any."""

    def build(files, *, test=PASSES, evidence=True, **found):
        for name, text in files.items():
            path = tmp_path / "shop" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        hashes = {name: hashlib.sha256(text.encode()).hexdigest() for name, text in files.items()}
        known = Evidence(**{"files": len(files), "lines": 9, "tests": COUNTS, "tree": tree_digest(hashes), **found})
        return BuildResult(
            "shop",
            "claude",
            tmp_path / "shop",
            success=True,
            files=hashes,
            test=test,
            evidence=known if evidence else None,
        )

    return build


def test_tests_that_passed_are_not_run_again(built):
    """Of a tree that is the same the tests that passed when it was built count."""
    found = run_own_tests(built({"a.py": "x = 1\n"}, test=FAILS), ratio=0.9, timeout=30)
    assert found.violations == ()
    assert found.detail == "7 of 7 own tests pass, as found when it was built"


@pytest.mark.parametrize(
    "found",
    [
        {"tests": None, "tests_error": "they did not end within 5 s."},
        {"tests": TestCounts(0)},
        {"tests": TestCounts(7, ("test_a",))},
        {"tree": ""},
        {"tree": "0" * 64},
        {"evidence": False},
    ],
)
def test_tests_are_run_where_there_is_no_evidence(built, found):
    """Tests that failed, or of another tree, are run and judged by what they say now."""
    run = run_own_tests(built({"a.py": "x = 1\n"}, **found), ratio=0.9, timeout=30)
    assert (run.violations, run.detail) == ((), "3 of 3 own tests pass")


@pytest.mark.parametrize(
    "change",
    [
        lambda folder: (folder / "a.py").write_text("x = 2\n"),
        lambda folder: (folder / "b.py").write_text("x = 1\n"),
        lambda folder: (folder / "a.py").unlink(),
        lambda folder: (folder / "b.py").symlink_to("a.py"),
    ],
)
def test_tests_are_run_again_after_a_change(built, change):
    """A file that was changed, added, removed or linked makes the evidence worthless."""
    build = built({"a.py": "x = 1\n", "c.py": ""}, test=FAILS)
    change(build.directory)
    [violation] = run_own_tests(build, ratio=0.9, timeout=30).violations
    assert "fails 1 of 3 of its own tests" in violation.message


def test_the_gate_judges_the_ratio(built):
    """How many tests have to pass is the gate's matter, whoever built the service."""
    build = built({"a.py": ""}, test=FAILS, tests=TestCounts(3, ("test_a",)))
    assert run_own_tests(build, ratio=0.6, timeout=30).detail == "2 of 3 own tests pass"
    assert len(run_own_tests(build, ratio=0.9, timeout=30).violations) == 1


@pytest.mark.parametrize(
    ("code", "message"),
    [
        ("pass", "no test could be counted"),
        ("print('=== 3 skipped in 0.1s ===')", "ran no test"),
        ("raise SystemExit(4)", "did not run (exit 4)"),
        ("print('=== 3 passed in 0.1s ==='); raise SystemExit(2)", "passes its 3 own tests, but their command fails"),
    ],
)
def test_a_command_of_an_agent_that_counts_nothing(built, code, message):
    """A test command of an agent that tests nothing that can be counted is no pass."""
    [violation] = run_own_tests(
        built({"a.py": ""}, test=("python", "-c", code), tree=""), ratio=0.9, timeout=30
    ).violations
    assert violation.code == "TEST-001"
    assert message in violation.message


def test_the_same_finding_twice_has_one_identity(built):
    """What a broken test run prints of its duration is no part of what the finding is known by."""
    found = set()
    for seconds in ("0.11", "3.20"):
        code = f"print('ERROR: nothing could be read in {seconds}s'); raise SystemExit(2)"
        build = built({"a.py": ""}, test=("python", "-c", code), tree="")
        [violation] = run_own_tests(build, ratio=1, timeout=30).violations
        found.add(violation.message)
    assert len(found) == 1


def test_templates_left_as_they_were(built):
    """A template that an agent left as it was is a violation, until somebody fills it in."""
    build = built({"Dockerfile": "FROM <image>\n", "a.py": ""}, untouched=("Dockerfile",))
    [violation] = check_build(build).violations
    assert (violation.code, violation.file) == ("BUILD-001", "Dockerfile")
    (build.directory / "Dockerfile").write_text("FROM python\n")
    assert check_build(build).violations == ()


def test_what_was_changed_elsewhere(built):
    """What an agent changed outside of its folder is a violation each."""
    found = check_build(built({"a.py": ""}, outside=("conftest.py (changed)", "b/ (new)"))).violations
    assert [violation.evidence for violation in found] == ["conftest.py (changed)", "b/ (new)"]
    assert len({violation.fingerprint for violation in found}) == 2


@pytest.mark.parametrize("evidence", [True, False])
@pytest.mark.parametrize(
    ("name", "text", "line"),
    [
        ("app/main.py", "x = 1\ndef broken(:\n", 2),
        ("tests/test_main.py", "x = (\n", 1),
        ("src/app.js", "function (\n", 1),
        ("main.go", "package main\nfunc main() {\n", 2),
        ("package.json", "[]", 1),
    ],
)
def test_code_that_does_not_read(built, evidence, name, text, line):
    """A file that its language can't read is a violation with its place, whoever built it."""
    [violation] = check_build(built({name: text}, evidence=evidence)).violations
    assert (violation.code, violation.file, violation.line) == ("BUILD-001", name, line)


def test_code_that_is_gone(built):
    """A file of code that was built and is not there is a violation; other files may go."""
    build = built({"app.py": "", "notes.txt": "x\n"})
    (build.directory / "app.py").unlink()
    (build.directory / "notes.txt").unlink()
    [violation] = check_build(build).violations
    assert violation.file == "app.py"


def test_the_folder_is_gone(built):
    """A service whose folder was removed can't be judged."""
    build = built({"app.py": ""})
    (build.directory / "app.py").unlink()
    build.directory.rmdir()
    with pytest.raises(CheckError, match="is gone"):
        check_build(build)


def test_what_is_told_of_a_good_build(built):
    """How much there is is told with the result."""
    assert check_build(built({"a.py": "", "b.py": ""}, lines=1234)).detail == "2 files with 1,234 lines in 0.0 s"


def test_links_lead_where_they_did(tmp_path):
    """In the copy that tests run in, packages are there by a link, links lead where they did, and rights are kept."""
    shop = tmp_path / "shop"
    (shop / "node_modules").mkdir(parents=True)
    (shop / "node_modules" / "a.js").write_text("x")
    (shop / "__pycache__").mkdir()
    (shop / ".superteam").mkdir()
    (shop / "empty").mkdir()
    (shop / "run").write_text("x")
    (shop / "run").chmod(0o755)
    (shop / "link").symlink_to("run")
    code = (
        "import os; assert os.path.exists('node_modules/a.js') and os.path.isdir('empty');"
        "assert os.readlink('link') == 'run' and os.access('run', os.X_OK) and not os.path.exists('__pycache__');"
        "assert not os.path.exists('.superteam');"
        "assert os.path.basename(os.getcwd()) == 'shop'; print('=== 1 passed in 0.1s ===')"
    )
    run = run_built_tests(shop, ("python", "-c", code), timeout=30)
    assert (run.problem, run.counts.total) == ("", 1), run.output


def test_a_service_too_large_to_copy(tmp_path, monkeypatch):
    """A service of more files than anybody writes is an error, and no disk is filled with it."""
    monkeypatch.setattr("pytest_superteam.checks.built_tests.MAX_FILES", 3)
    for number in range(4):
        (tmp_path / str(number)).write_text("")
    with pytest.raises(CheckError, match="more than 3 files"):
        run_built_tests(tmp_path, PASSES, timeout=30)


SYSTEM = Architecture("Shop", "0" * 64, (Service("shop"),), operations=(Operation("a", "shop", "GET", "/a", "list"),))


def test_routes_that_are_not_read():
    """Where routes are not read a missing one is no finding, and no pass either."""
    found = check_convergence(SYSTEM, "shop", frozenset(), 0.9, str, ("go",))
    assert found.violations == ()
    assert "of go nothing is read here" in found.skipped
    assert check_convergence(SYSTEM, "shop", frozenset({("GET", "/a")}), 0.9, str, ("go",)).skipped == ""


def test_foreign_code_is_left_alone(built):
    """Code of others in a service's folder needs not read."""
    assert check_build(built({"a.py": "", "vendor/old.py": "print 1\n"})).violations == ()
