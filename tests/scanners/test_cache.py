"""Results kept by content: used where nothing changed, dropped where anything did, and never in the way."""

from __future__ import annotations

import sqlite3
from contextlib import closing

import pytest

from pytest_superteam.models import Severity
from pytest_superteam.scanners.base import Rule
from pytest_superteam.scanners.cache import ScanCache
from pytest_superteam.scanners.engine import FileCheck, Hit, PythonCheck, RuleScanner, TreeCheck
from pytest_superteam.scanners.run import scan
from pytest_superteam.scanners.source import source_tree

RULE = Rule("X-001", "x", Severity.ERROR, "x", 3, "Do x.")
OTHER = Rule("X-002", "y", Severity.ERROR, "x", 3, "Do y.")


class Counting:
    """A check that counts how often it is asked and finds the first line."""

    def __init__(self, *, looks_around=False):
        self.calls = 0
        self.looks_around = looks_around

    def __call__(self, file, *rest):
        self.calls += 1
        if self.looks_around:
            assert rest[-1].by_path
        return [Hit(file.path, 1, f"seen in {len(file.data)} bytes")]


@pytest.fixture
def cached(samples, tmp_path_factory):
    """Return a function that scans files with checks and one cache for the whole test."""
    path = tmp_path_factory.mktemp("cache") / "scan.db"

    def run(files, *checks, **options):
        target = samples.target(files, **options)
        with closing(ScanCache(path)) as cache:
            return scan(target, [RuleScanner(checks)], cache=cache)

    return run


def test_unchanged_file_is_not_looked_at_again(cached):
    """The second scan gives the same findings, without asking the check."""
    find = Counting()
    check = PythonCheck(RULE, (b"x",), find)
    first = cached({"a.py": "x = 1\n", "b.py": "y = 1\n"}, check)
    second = cached({}, check)
    assert find.calls == 1
    assert (second.cached, second.files) == (2, 2)
    assert second.findings == first.findings
    assert [v.line for v in second.findings["X-001"]] == [1]


def test_changed_file_is_looked_at_again(cached):
    """A changed file is, and the others are not."""
    find = Counting()
    check = PythonCheck(RULE, (b"x",), find)
    cached({"a.py": "x = 1\n", "b.py": "x = 2\n"}, check)
    found = cached({"a.py": "x = 10\n"}, check)
    assert find.calls == 3
    assert [v.message for v in found.findings["X-001"]] == ["seen in 7 bytes", "seen in 6 bytes"]


def test_further_rule_is_run(cached):
    """A rule that was not asked for before is run, and afterwards known too."""
    one, two = Counting(), Counting()
    cached({"a.py": "x = 1\n"}, PythonCheck(RULE, (b"x",), one))
    both = (PythonCheck(RULE, (b"x",), one), PythonCheck(OTHER, (b"x",), two))
    cached({}, *both)
    found = cached({}, *both)
    assert two.calls == 1
    assert {code: len(items) for code, items in found.findings.items()} == {"X-001": 1, "X-002": 1}


def test_what_looks_around_depends_on_all_files(cached):
    """A check of one file that asks for others is run again where any of them changed."""
    find = Counting(looks_around=True)
    check = PythonCheck(RULE, (b"x",), find)
    cached({"a.py": "x = 1\n", "b.py": "y = 1\n"}, check)
    cached({}, check)
    assert find.calls == 1
    found = cached({"b.py": "y = 2\n"}, check)
    assert find.calls == 2
    assert len(found.findings["X-001"]) == 1


def test_tree_check_depends_on_files_and_contract(cached):
    """A check of the whole service is run again where a file or the contract changed."""
    calls = []

    def find(tree, _target):
        calls.append(len(tree.files))
        return [Hit("a.py", 1)]

    check = TreeCheck(RULE, find)
    cached({"a.py": "x = 1\n"}, check)
    cached({}, check)
    assert calls == [1]
    cached({}, check, contract={"openapi": "3.1.0"})
    cached({"c.txt": "z"}, check)
    assert calls == [1, 1, 2]


def test_moved_file_is_looked_at(cached):
    """The path counts, since it says whether a file is service code."""
    find = Counting()
    check = PythonCheck(RULE, (b"x",), find)
    cached({"tests/a.py": "x = 1\n"}, check)
    found = cached({"a.py": "x = 1\n"}, check)
    assert [v.file for v in found.findings["X-001"]] == ["a.py"]


def test_what_was_not_analysed_stays_known(cached):
    """A file that does not parse is told by every scan, and a comment that excuses nothing as well."""
    check = PythonCheck(RULE, (b"x",), Counting())
    for _ in range(2):
        found = cached({"a.py": "def x(:\n", "b.py": "y = 1  # noqa: SEC-001\n"}, check)
        assert [note.file for note in found.not_analysed] == ["a.py"]
    excused = FileCheck(Rule("SEC-001", "x", Severity.ERROR, "x", 3, "Do.", languages=("text",)), lambda _: False, None)
    for _ in range(2):
        assert [(c.file, c.line) for c in cached({}, excused).unused] == [("b.py", 1)]


def test_broken_rule_is_asked_again(cached):
    """A result that could not be had is not kept."""
    calls = []

    def find(*_):
        calls.append(1)
        raise ZeroDivisionError

    for _ in range(2):
        found = cached({"a.py": "x = 1\n"}, PythonCheck(RULE, (b"x",), find))
        assert [note.codes for note in found.not_analysed] == [("X-001",)]
    assert len(calls) == 2


@pytest.mark.parametrize("content", [b"no database", b""])
def test_broken_cache_is_begun_anew(tmp_path, content):
    """A file that is no database is replaced."""
    path = tmp_path / "cache" / "scan.db"
    path.parent.mkdir()
    path.write_bytes(content)
    with closing(ScanCache(path)) as cache:
        cache.save({b"k": {"codes": {"X-001"}, "found": {}}})
        assert cache.load([b"k"]) == {b"k": {"codes": frozenset({"X-001"})}}


def test_damaged_entry_is_no_entry(tmp_path):
    """An entry that is no JSON is looked at again, not believed."""
    path = tmp_path / "scan.db"
    with closing(ScanCache(path)) as cache:
        cache.save({b"k": {"codes": {"X-001"}, "found": {"X-001": [[1]]}}})
    with closing(sqlite3.connect(path)) as database, database:
        database.execute("update entries set body = '{'")
    with closing(ScanCache(path)) as cache:
        assert cache.load([b"k"]) == {}


def test_old_entries_go(tmp_path):
    """What nobody asked for in a month is dropped."""
    path = tmp_path / "scan.db"
    with closing(ScanCache(path)) as cache:
        cache.save({b"old": {"codes": {"X-001"}}, b"new": {"codes": {"X-001"}}})
    with closing(sqlite3.connect(path)) as database, database:
        database.execute("update entries set used = 0")
    with closing(ScanCache(path)) as cache:
        assert cache.load([b"old", b"new"]) == {}


def test_forget(samples):
    """Text and nodes of a file can be dropped and made again."""
    target = samples.target({"a.py": "x = 1\n"})
    (file,) = source_tree(target).entries
    module = file.module
    file.forget()
    assert file.module is not module
    assert file.text == "x = 1\n"
