"""Counts in what test runners print and write, by the forms of their documentation."""

from __future__ import annotations

import json
import os

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_superteam.checks.own_tests.counts import Counts
from pytest_superteam.checks.own_tests.outputs import read_go, read_output
from pytest_superteam.checks.own_tests.reports import read_jest, read_junit, read_reports, read_trx

# ruff: noqa: RUF001 - the signs that runners print
JEST = """\
FAIL tests/order.test.js
  ● orders › refuses an empty cart

    expect(received).toBe(expected)

Test Suites: 1 failed, 1 passed, 2 total
Tests:       1 failed, 1 skipped, 3 passed, 5 total
Snapshots:   0 total
Time:        0.52 s
"""
JEST_BROKEN = """\
FAIL tests/a.test.js
  ● Test suite failed to run

    Cannot find module 'express' from 'src/app.js'

Test Suites: 1 failed, 1 total
Tests:       0 total
"""
VITEST = """\
 FAIL  src/a.test.ts > sums > adds
AssertionError: expected 3 to be 4

 Test Files  1 failed | 1 passed (2)
      Tests  1 failed | 4 passed | 2 skipped (7)
   Start at  10:00:00
"""
MOCHA = """\
  orders
    ✔ lists
    1) refuses

  2 passing (12ms)
  1 pending
  1 failing

  1) orders
       refuses:
     AssertionError
"""
NODE_TAP = """\
TAP version 13
# Subtest: adds
ok 1 - adds
not ok 2 - subtracts
ok 3 - divides # SKIP
1..3
# tests 3
# suites 0
# pass 1
# fail 1
# cancelled 0
# skipped 1
# todo 0
"""
NODE_SPEC = "✔ adds (0.6ms)\n✖ subtracts (0.2ms)\nℹ tests 2\nℹ pass 1\nℹ fail 1\nℹ cancelled 0\nℹ skipped 0\n"
PYTEST = "FAILED tests/test_a.py::test_b - assert 1 == 2\n=== 1 failed, 3 passed, 2 skipped, 1 error in 0.31s ===\n"
UNITTEST = """\
FAIL: test_b (tests.test_a.T.test_b)
----------------------------------------------------------------------
Ran 5 tests in 0.002s

FAILED (failures=1, errors=1, skipped=1)
"""
CARGO = """\
test tests::adds ... ok
test tests::takes ... FAILED
test result: FAILED. 1 passed; 1 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.00s
test result: ok. 2 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.00s
"""
MAVEN = """\
[ERROR] Tests run: 2, Failures: 1, Errors: 0, Skipped: 0, Time elapsed: 0.1 s <<< FAILURE! - in a.OrderTest
[ERROR] Failures:
[ERROR]   OrderTest.total:12 expected: <1> but was: <2>
[INFO] Tests run: 7, Failures: 1, Errors: 1, Skipped: 2
"""
GRADLE = (
    "OrderTest > total() FAILED\n    org.opentest4j.AssertionFailedError\n\n5 tests completed, 1 failed, 1 skipped\n"
)
DOTNET = "  Failed Shop.Total [3 ms]\nFailed!  - Failed:     1, Passed:     2, Skipped:     1, Total:     4\n"
AVA = "  ✔ adds\n  ✘ [fail]: takes\n  ─\n\n  1 test failed\n  1 test passed\n"
KARMA = "Chrome: Executed 1 of 4 SUCCESS\nChrome: Executed 4 of 4 (1 FAILED) (0.1 secs)\n"
TAP = "TAP version 14\nok 1 - a\nnot ok 2 - b\nok 3 - c # SKIP later\nnot ok 4 - d # TODO\n1..4\n"


@pytest.mark.parametrize(
    ("output", "expected"),
    [
        (JEST, Counts(4, 1, 1, ("orders › refuses an empty cart",))),
        (JEST_BROKEN, Counts(1, 1)),
        (VITEST, Counts(5, 1, 2, ("src/a.test.ts > sums > adds",))),
        (MOCHA, Counts(3, 1, 1, ("orders",))),
        (NODE_TAP, Counts(2, 1, 1, ("subtracts",))),
        (NODE_SPEC, Counts(2, 1, 0, ("subtracts",))),
        (PYTEST, Counts(5, 2, 2, ("tests/test_a.py::test_b",))),
        ("no tests ran in 0.01s\n", None),
        (UNITTEST, Counts(4, 2, 1, ("test_b (tests.test_a.T.test_b)",))),
        ("Ran 3 tests in 0.1s\n\nOK (skipped=3)\n", Counts(0, 0, 3)),
        ("Ran 0 tests in 0.000s\n\nNO TESTS RAN\n", Counts(0)),
        (CARGO, Counts(4, 1, 1, ("tests::takes",))),
        (MAVEN, Counts(5, 2, 2, ("OrderTest.total:12",))),
        (GRADLE, Counts(4, 1, 1, ("OrderTest > total()",))),
        (DOTNET, Counts(3, 1, 1, ("Shop.Total",))),
        (AVA, Counts(2, 1, 0, ("takes",))),
        ("5 specs, 1 failure, 1 pending spec\n", Counts(4, 1, 1)),
        ("3 examples, 0 failures\n", Counts(3)),
        ("4 runs, 9 assertions, 1 failures, 1 errors, 1 skips\n", Counts(3, 2, 1)),
        ("OK (12 tests, 20 assertions)\n", Counts(12)),
        ("Tests: 4, Assertions: 9, Errors: 1, Failures: 1, Warnings: 1, Skipped: 1.\n", Counts(3, 2, 1)),
        ("ok | 3 passed (2 steps) | 0 failed (10ms)\n", Counts(3)),
        (" 5 pass\n 1 fail\nRan 6 tests across 2 files. [9.00ms]\n", Counts(6, 1)),
        (KARMA, Counts(4, 1)),
        (TAP, Counts(2, 1, 2, ("b",))),
        (
            "--- PASS: TestA (0.00s)\n--- FAIL: TestB (0.00s)\nFAIL\tshop [build failed]\n",
            Counts(3, 2, 0, ("shop", "TestB")),
        ),
        ("All files linted.\n", None),
        ("", None),
        ("I ran Tests: today, they passed\n", None),
    ],
)
def test_closing_lines(output, expected):
    """The closing lines of each runner give the numbers of tests that ran, failed and were skipped."""
    assert read_output(output) == expected


def test_several_runs_add_up():
    """A command that runs a runner twice is counted as one run."""
    assert read_output(JEST + JEST).total == 8


def test_go_events():
    """`go test -json` counts tests, and a package that does not build as one failed test."""
    events = [
        {"Action": "run", "Package": "shop", "Test": "TestA"},
        {"Action": "output", "Package": "shop", "Output": '{"Action":"fail"}\n'},
        {"Action": "pass", "Package": "shop", "Test": "TestA"},
        {"Action": "fail", "Package": "shop", "Test": "TestB"},
        {"Action": "skip", "Package": "shop", "Test": "TestC"},
        {"Action": "fail", "Package": "shop"},
        {"Action": "fail", "Package": "shop/broken"},
        {"Action": "skip", "Package": "shop/empty"},
    ]
    output = "go: downloading x\n" + "\n".join(json.dumps(event) for event in events) + '\n{"Action": broken\n'
    assert read_go(output) == Counts(3, 2, 1, ("shop/broken", "TestB"))
    assert read_go("ok  \tshop\t0.1s\n") is None


JUNIT = """<?xml version="1.0"?><testsuites><testsuite>
<testcase name="a"/><testcase name="b"><failure message="m">t</failure></testcase>
<testcase name="c"><skipped/></testcase><testcase name="d"><error/></testcase></testsuite></testsuites>"""
TRX = """<TestRun xmlns="http://microsoft.com/schemas/VisualStudio/TeamTest/2010"><Results>
<UnitTestResult testName="a" outcome="Passed"/><UnitTestResult testName="b" outcome="Failed"/>
<UnitTestResult testName="c" outcome="NotExecuted"/></Results></TestRun>"""
JEST_JSON = {
    "numTotalTests": 3,
    "testResults": [
        {
            "name": "/x/a.test.js",
            "status": "failed",
            "assertionResults": [
                {"fullName": "adds", "status": "passed"},
                {"fullName": "takes", "status": "failed"},
                {"fullName": "later", "status": "pending"},
            ],
        },
        {"name": "/x/b.test.js", "status": "failed", "assertionResults": []},
    ],
}


def test_report_files(tmp_path):
    """JUnit, TRX and Jest's JSON are read; a Jest file that could not run is a failed test."""
    (tmp_path / "a.xml").write_text(JUNIT)
    (tmp_path / "a.trx").write_text(TRX, encoding="utf-16")
    (tmp_path / "a.json").write_text(json.dumps(JEST_JSON))
    assert read_junit(tmp_path / "a.xml") == Counts(3, 2, 1, ("b", "d"))
    assert read_trx(tmp_path / "a.trx") == Counts(2, 1, 1, ("b",))
    assert read_jest(tmp_path / "a.json") == Counts(3, 2, 1, ("b.test.js", "takes"))
    assert read_reports(tmp_path, tmp_path) == Counts(8, 5, 3, ("b.test.js", "takes", "b", "d"))


def test_reports_of_maven_and_gradle(tmp_path):
    """Where nothing was written to our own folder, the reports in `target` and `build` of the copy are added up."""
    for place in ("target/surefire-reports", "api/build/test-results/test", "src/test"):
        (tmp_path / "source" / place).mkdir(parents=True)
        (tmp_path / "source" / place / "TEST-a.xml").write_text(JUNIT)
    assert read_reports(tmp_path / "results", tmp_path / "source") == Counts(6, 4, 2, ("b", "d"))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "<testsuites",
        '<!DOCTYPE a [<!ENTITY b "c">]><testsuite><testcase name="&b;"/></testsuite>',
        "<html><testcase/></html>",
        '{"numTotalTests": "many"}',
        "[" * 100_000,
        "\0",
    ],
)
def test_what_is_no_report(tmp_path, text):
    """What is cut off, has entities or another form is no report, and no pass."""
    path = tmp_path / "a.xml"
    path.write_text(text)
    assert read_junit(path) is read_trx(path) is read_jest(path) is None


def test_traps_instead_of_reports(tmp_path):
    """A pipe, a link, a folder and a huge file are not read; none of them makes the reader wait."""
    os.mkfifo(tmp_path / "a.xml")
    (tmp_path / "secret").write_text(JUNIT)
    (tmp_path / "b.xml").symlink_to(tmp_path / "secret")
    (tmp_path / "c.xml").mkdir()
    with (tmp_path / "d.xml").open("wb") as stream:
        stream.truncate(1 << 30)
    assert [read_junit(tmp_path / f"{name}.xml") for name in "abcd"] == [None] * 4


@given(st.text(max_size=400))
def test_any_output_can_be_read(text):
    """Whatever is printed, counts are None or add up."""
    counts = read_output(text)
    assert counts is None or 0 <= counts.bad <= counts.total


@pytest.mark.parametrize("line", ["1 " * 200_000, " " * 300_000, "ok " * 100_000, "Tests: 1" + ", 1 a" * 100_000])
def test_long_lines(line):
    """Lines without end are read as far as a closing line can be."""
    counts = read_output(line)
    assert counts is None or counts.bad <= counts.total
