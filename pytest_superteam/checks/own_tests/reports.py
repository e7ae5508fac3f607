"""Test reports in files: JUnit XML, Visual Studio's TRX, the JSON of Jest. Whoever wrote them may be hostile."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pytest_superteam.checks.own_tests.counts import Counts, added
from pytest_superteam.checks.own_tests.trees import read_bytes

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from xml.etree.ElementTree import Element

__all__ = ["read_jest", "read_junit", "read_reports", "read_trx", "report_files"]

MAX_REPORT = 16 << 20
"""Bytes of the largest report that is read."""
MOST_REPORTS = 2000
_FOLDERS = 20_000
_WITHOUT = frozenset({"node_modules", ".venv", "site-packages"})
_PLACES = ("surefire-reports", "failsafe-reports", "test-results")
"""Folders that Maven and Gradle write their reports to."""


def read_junit(path: Path) -> Counts | None:
    """Read a JUnit file: one `testcase` a test, with `failure`, `error` or `skipped` in it; None where it is none."""
    root = _xml(path)
    if root is None or _local(root) not in {"testsuites", "testsuite"}:
        return None
    total = bad = skipped = 0
    failing = []
    for case in (node for node in root.iter() if _local(node) == "testcase"):
        kinds = {_local(child) for child in case}
        if "skipped" in kinds and not kinds & {"failure", "error"}:
            skipped += 1
            continue
        total += 1
        if kinds & {"failure", "error"}:
            bad += 1
            failing.append(case.get("name") or "?")
    return Counts(total, bad, skipped, tuple(failing[:50]))


def read_trx(path: Path) -> Counts | None:
    """Read a report of `dotnet test --logger trx`: one `UnitTestResult` a test, with its outcome."""
    root = _xml(path)
    if root is None or _local(root) != "TestRun":
        return None
    results = [node for node in root.iter() if _local(node) == "UnitTestResult"]
    ran = [node for node in results if node.get("outcome") not in {"NotExecuted", "Inconclusive"}]
    failing = [node.get("testName") or "?" for node in ran if node.get("outcome") != "Passed"]
    return Counts(len(ran), len(failing), len(results) - len(ran), tuple(failing[:50]))


def read_jest(path: Path) -> Counts | None:
    """Read the file of `jest --json`: counts, and a suite that could not run as one failed test."""
    text = _text(path)
    try:
        data = json.loads(text) if text else None
    except (ValueError, RecursionError):
        return None
    if not isinstance(data, dict) or not isinstance(data.get("numTotalTests"), int):
        return None
    tests = list(_jest_tests(data))
    broken = [str(s.get("name")).rsplit("/", 1)[-1] for s in _jest_suites(data) if _is_broken(s)]
    failing = [name for name, status in tests if status == "failed"]
    ran = sum(status in {"passed", "failed"} for _, status in tests)
    skipped = len(tests) - ran
    return Counts(ran + len(broken), len(failing) + len(broken), skipped, tuple([*broken, *failing][:50]))


def _jest_suites(data: dict[str, Any]) -> Iterator[dict[str, Any]]:
    suites = data.get("testResults")
    return (suite for suite in suites if isinstance(suite, dict)) if isinstance(suites, list) else iter(())


def _is_broken(suite: dict[str, Any]) -> bool:
    """Return whether a test file could not be run at all."""
    return suite.get("status") == "failed" and not suite.get("assertionResults")


def _jest_tests(data: dict[str, Any]) -> Iterator[tuple[str, str]]:
    for suite in _jest_suites(data):
        results = suite.get("assertionResults")
        for test in results if isinstance(results, list) else ():
            if isinstance(test, dict):
                yield str(test.get("fullName") or test.get("title")), str(test.get("status"))


def read_reports(results: Path, top: Path) -> Counts | None:
    """Return what the reports of a run say, None where there are none.

    Args:
        results: our own folder, that runners were told to write to.
        top: the copy of the source, where Maven and Gradle write their reports.
    """
    ours = sorted(path for path in results.iterdir() if path.is_file()) if results.is_dir() else []
    readers = {".xml": read_junit, ".json": read_jest, ".trx": read_trx}
    read = (readers[path.suffix](path) for path in ours[:MOST_REPORTS] if path.suffix in readers)
    return added(c for c in read if c is not None) or added(
        c for c in map(read_junit, report_files(top)) if c is not None
    )


def report_files(top: Path) -> Iterable[Path]:
    """Yield the reports that Maven (`target/surefire-reports`) and Gradle (`build/test-results/test`) left."""
    found = 0
    for count, (folder, names, files) in enumerate(os.walk(top)):
        if count > _FOLDERS:
            return
        names[:] = sorted(name for name in names if name not in _WITHOUT)
        if not any(place in folder for place in _PLACES):
            continue
        for name in sorted(files):
            if name.startswith("TEST-") and name.endswith(".xml") and found < MOST_REPORTS:
                found += 1
                yield Path(folder, name)


def _local(node: Element) -> str:
    return node.tag.rpartition("}")[2] if isinstance(node.tag, str) else ""


def _xml(path: Path) -> Element | None:
    from xml.etree import ElementTree as ET

    text = _text(path)
    if not text or "<!DOCTYPE" in text or "<!ENTITY" in text:  # a report has none; entity bombs do
        return None
    try:
        return ET.fromstring(text)  # noqa: S314  # entities are refused above
    except (ET.ParseError, ValueError):
        return None


def _text(path: Path) -> str:
    """Return a file's text; nothing where it is no regular file, a link, or too large."""
    data = read_bytes(path, MAX_REPORT + 1, follow=False) or b""
    wide = data.startswith((b"\xff\xfe", b"\xfe\xff"))
    return data.decode("utf-16" if wide else "utf-8-sig", "replace") if len(data) <= MAX_REPORT else ""
