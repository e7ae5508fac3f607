"""Test counts in what runners print, for those that write no report: each by the closing lines of its documentation."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

from pytest_superteam.checks.own_tests.counts import MOST_NAMES, Counts, added

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

__all__ = ["read_go", "read_output"]

_M = re.MULTILINE
_LONGEST = 2000
"""Characters of a line that is looked at; no closing line is longer."""
_MOST_TEXT = 2 << 20
"""Characters at the end of an output that are looked at: 0.6 microseconds each."""


def _numbers(text: str) -> dict[str, int]:
    """Return `3 failed, 2 passed` as words and numbers."""
    return {word.rstrip("s"): int(number) for number, word in re.findall(r"(\d{1,9}) ([a-z]{3,12})", text)}


def _from_words(pattern: re.Pattern[str]) -> Callable[[str], Counts | None]:
    """Return a reader of lines that list words with numbers, such as Jest's `Tests: 1 failed, 2 passed, 3 total`."""

    def read(text: str) -> Counts | None:
        parts = []
        for match in pattern.finditer(text):
            said = _numbers(match[1])
            bad = said.get("failed", 0) + said.get("error", 0)
            passed = said.get("passed", 0) + said.get("xfailed", 0) + said.get("xpassed", 0)
            parts.append(Counts(passed + bad, bad, said.get("skipped", 0) + said.get("todo", 0)))
        return added(parts)

    return read


def _from_groups(pattern: re.Pattern[str]) -> Callable[[str], Counts | None]:
    """Return a reader of lines whose numbers are the groups `total` or `passed`, `failed`, `errors`, `skipped`."""

    def read(text: str) -> Counts | None:
        return added(_grouped(match) for match in pattern.finditer(text))

    return read


def _grouped(match: re.Match[str]) -> Counts:
    said = {name: int(number) for name, number in match.groupdict().items() if number}
    bad = said.get("failed", 0) + said.get("errors", 0)
    skipped = said.get("skipped", 0)
    total = said["total"] - skipped if "total" in said else said.get("passed", 0) + bad
    return Counts(max(total, 0), min(bad, max(total, 0)), skipped)


def _lines(**patterns: str) -> Callable[[str], Counts | None]:
    """Return a reader of one line a number, such as `# pass 2` of node's TAP; `passed` or `total` has to be there."""
    compiled = {name: re.compile(pattern, _M) for name, pattern in patterns.items()}

    def read(text: str) -> Counts | None:
        said = {name: [int(n) for n in pattern.findall(text)] for name, pattern in compiled.items()}
        if not any(said.values()):
            return None
        bad = sum(said.get("failed", ())) + sum(said.get("cancelled", ()))
        skipped = sum(said.get("skipped", ()))
        total = sum(said["passed"]) + bad
        return Counts(total, bad, skipped)

    return read


_UNITTEST = re.compile(
    r"^Ran (\d{1,9}) tests? in [^\n]{1,40}\n(?:\n|\r\n)?(OK|FAILED|NO TESTS RAN)(?: \(([^)\n]{1,200})\))?", _M
)


def _unittest(text: str) -> Counts | None:
    parts = []
    for match in _UNITTEST.finditer(text):
        said = {word: int(number) for word, number in re.findall(r"([a-z ]{4,30})=(\d{1,9})", match[3] or "")}
        skipped = said.get("skipped", 0) + said.get(" skipped", 0)
        bad = sum(n for word, n in said.items() if word.strip() in {"failures", "errors", "unexpected successes"})
        ran = max(int(match[1]) - skipped, bad)
        parts.append(Counts(ran, bad, skipped))
    return added(parts)


_TAP = re.compile(r"^(not )?ok\b(?: +\d{1,9})?([^\n]{0,300})", _M)
_TAP_MARK = re.compile(r"^(?:TAP version 1[34]|1\.\.\d{1,9})", _M)


def _tap(text: str) -> Counts | None:
    """Read the Test Anything Protocol: a line a test, `# SKIP` and `# TODO` as directives."""
    if not _TAP_MARK.search(text):
        return None
    skipped = bad = total = 0
    for match in _TAP.finditer(text):
        if re.search(r"# *(?:SKIP|TODO)", match[2], re.IGNORECASE):
            skipped += 1
        else:
            total, bad = total + 1, bad + bool(match[1])
    return Counts(total, bad, skipped)


_KARMA = re.compile(r"Executed (\d{1,9}) of \d{1,9}(?: \((\d{1,9}) FAILED\))?")


def _karma(text: str) -> Counts | None:
    """Read Karma's progress, whose last state counts."""
    states = _KARMA.findall(text)
    return Counts(int(states[-1][0]), int(states[-1][1] or 0)) if states else None


_JEST = re.compile(r"^Tests: +(\d[^\n]{0,200} total)$", _M)
_JEST_SUITES = re.compile(r"^Test Suites: +(\d[^\n]{0,200} total)$", _M)


def _jest(text: str) -> Counts | None:
    """Read Jest's summary; a suite that could not run counts as one failed test."""
    counts = _from_words(_JEST)(text)
    suites = _from_words(_JEST_SUITES)(text)
    if suites is None:
        return counts
    counts = counts or Counts(0)
    broken = min(suites.bad, text.count("Test suite failed to run"))
    return Counts(counts.total + broken, counts.bad + broken, counts.skipped)


_READERS: tuple[tuple[Callable[[str], Counts | None], str], ...] = (
    (_jest, r"^ {2}● (?!Console|Test suite failed to run)([^\n]{1,200})$"),
    (_from_words(re.compile(r"^ +Tests {2}([^\n]{1,200}\(\d{1,9}\))$", _M)), r"^ ?FAIL +([^\n]{1,200})$"),  # Vitest
    (_from_words(re.compile(r"^=* ?((?:\d{1,9} [a-z]{4,12},? ){1,10})in \d[\d.]{0,9}s", _M)),
     r"^(?:FAILED|ERROR) (\S{1,200})"),  # pytest
    (_unittest, r"^(?:FAIL|ERROR): ([^\n]{1,200})$"),
    (_lines(passed=r"^ {1,6}(\d{1,9}) passing\b", failed=r"^ {1,6}(\d{1,9}) failing\b",
            skipped=r"^ {1,6}(\d{1,9}) pending\b"), r"^ {2}\d{1,4}\) ([^\n]{1,200})$"),  # Mocha
    (_lines(passed=r"^(?:#|ℹ) pass +(\d{1,9})", failed=r"^(?:#|ℹ) fail +(\d{1,9})",  # noqa: RUF001  # node's own sign
            cancelled=r"^(?:#|ℹ) cancelled +(\d{1,9})", skipped=r"^(?:#|ℹ) (?:skipped|todo) +(\d{1,9})"),  # noqa: RUF001
     r"^ {0,12}(?:not ok \d{1,6} -|✖) ([^\n]{1,200}?)(?: \([\d.]{1,12}ms\))?$"),  # node:test, tape
    (_lines(passed=r"^ +(\d{1,9}) tests? passed", failed=r"^ +(\d{1,9}) (?:tests? failed|uncaught exceptions?)",
            skipped=r"^ +(\d{1,9}) tests? (?:skipped|todo)"), r"^ +✘ (?:\[fail\]: )?([^\n]{1,200})$"),  # AVA
    (_from_groups(re.compile(r"^test result: \w{2,8}\. (?P<passed>\d{1,9}) passed; (?P<failed>\d{1,9}) failed; "
                             r"(?P<skipped>\d{1,9}) ignored", _M)), r"^test (\S[^\n]{0,200}?) \.\.\. FAILED"),  # Cargo
    (_from_groups(re.compile(r"^(?:\[\w{4,7}\] )?Tests run: (?P<total>\d{1,9}), Failures: (?P<failed>\d{1,9}), "
                             r"Errors: (?P<errors>\d{1,9}), Skipped: (?P<skipped>\d{1,9})\s*$", _M)),
     r"^\[ERROR\] {1,4}(\w[\w.$]{1,150}(?::\d{1,6}|\.\w{1,80}))"),  # Maven
    (_from_groups(re.compile(r"^(?P<total>\d{1,9}) tests? completed, (?P<failed>\d{1,9}) failed"
                             r"(?:, (?P<skipped>\d{1,9}) skipped)?", _M)), r"^(\w[^\n>]{1,100} > [^\n]{1,100}) FAILED"),
    (_from_groups(re.compile(r"^ *(?:Failed|Passed)! +- +Failed: +(?P<failed>\d{1,9}), +Passed: +(?P<passed>\d{1,9}), "
                             r"+Skipped: +(?P<skipped>\d{1,9})", _M)), r"^ {1,4}Failed (\S{1,200}) \["),  # dotnet
    (_from_groups(re.compile(r"^(?P<total>\d{1,9}) (?:specs?|examples?), (?P<failed>\d{1,9}) failures?"
                             r"(?:, (?P<skipped>\d{1,9}) pending)?", _M)), r"^rspec ([^\n]{1,200})$"),  # Jasmine, RSpec
    (_from_groups(re.compile(r"^(?P<total>\d{1,9}) (?:runs|tests), \d{1,9} assertions, (?P<failed>\d{1,9}) failures, "
                             r"(?P<errors>\d{1,9}) errors, (?P<skipped>\d{1,9}) skips", _M)), ""),  # Minitest
    (_from_groups(re.compile(r"^OK \((?P<total>\d{1,9}) tests?, \d{1,9} assertions?\)", _M)), ""),  # PHPUnit
    (_from_groups(re.compile(r"^Tests: (?P<total>\d{1,9}), Assertions: \d{1,9}(?:, Errors: (?P<errors>\d{1,9}))?"
                             r"(?:, Failures: (?P<failed>\d{1,9}))?(?:, (?!Skipped)[A-Z][a-z]{1,20}: \d{1,9}){0,4}"
                             r"(?:, Skipped: (?P<skipped>\d{1,9}))?", _M)),
     r"^\d{1,4}\) ([\w\\]{1,150}::\w{1,100})"),
    (_from_groups(re.compile(r"^(?:ok|FAILED) \| (?P<passed>\d{1,9}) passed [^|\n]{0,60}\| (?P<failed>\d{1,9}) failed",
                             _M)), ""),  # Deno
    (_from_groups(re.compile(r"^(?P<total>\d{1,9}) tests?, (?P<failed>\d{1,9}) failures?", _M)), ""),  # ExUnit, bats
    (_lines(passed=r"^ {1,4}(\d{1,9}) pass(?:ed \([^)\n]{1,20}\))?$", failed=r"^ {1,4}(\d{1,9}) fail(?:ed)?$",
            skipped=r"^ {1,4}(\d{1,9}) skip(?:ped)?$"), ""),  # Bun, Playwright
    (_karma, r"(\S[^\n]{1,200}) FAILED$"),
    (_tap, r"^not ok(?: +\d{1,9})?(?: -)? ([^\n#]{1,200})$"),
)  # fmt: skip
"""Readers of closing lines, and what finds the names of failed tests; the first that finds its lines is taken."""


def read_output(output: str) -> Counts | None:
    """Return the counts in the output of a test run; None where no runner that is known here closed it."""
    text = "\n".join(line[:_LONGEST].rstrip() for line in output[-_MOST_TEXT:].split("\n"))
    for reader, names in _READERS:
        counts = reader(text)
        if counts is not None:
            found = dict.fromkeys(re.findall(names, text, _M)) if names and counts.bad else {}
            return Counts(counts.total, counts.bad, counts.skipped, tuple(name.strip() for name in found)[:MOST_NAMES])
    return _go_text(text)


_GO_TEST = re.compile(r"^ {0,16}--- (PASS|FAIL|SKIP): (\S{1,200})", _M)
_GO_BROKEN = re.compile(r"^FAIL\s{1,4}(\S{1,200}) \[(?:build|setup) failed\]", _M)


def _go_text(text: str) -> Counts | None:
    """Read `go test -v`; without -v only packages are named, which are no count of tests."""
    tests = _GO_TEST.findall(text)
    broken = _GO_BROKEN.findall(text)
    if not tests and not broken:
        return None
    failing = [*broken, *(name for word, name in tests if word == "FAIL")]
    skipped = sum(word == "SKIP" for word, _ in tests)
    return Counts(len(tests) - skipped + len(broken), len(failing), skipped, tuple(failing[:MOST_NAMES]))


def read_go(output: str) -> Counts | None:
    """Read `go test -json`: an event a line; a package that does not build counts as one failed test."""
    ended: dict[tuple[str, str], str] = {}
    for event in _events(output):
        action, package = event.get("Action"), str(event.get("Package") or event.get("ImportPath") or "")
        if action in {"pass", "fail", "skip"}:
            ended[package, str(event.get("Test") or "")] = str(action)
    if not ended:
        return None
    tests = {key: action for key, action in ended.items() if key[1]}
    failed = {key[0] for key, action in tests.items() if action == "fail"}
    broken = [key[0] for key, action in ended.items() if not key[1] and action == "fail" and key[0] not in failed]
    failing = [*broken, *(key[1] for key, action in tests.items() if action == "fail")]
    skipped = sum(action == "skip" for action in tests.values())
    return Counts(len(tests) - skipped + len(broken), len(failing), skipped, tuple(failing[:MOST_NAMES]))


def _events(output: str) -> Iterator[dict[str, object]]:
    for line in output.split("\n"):
        if line.startswith('{"') and '"Action"' in line:
            try:
                event = json.loads(line)
            except (ValueError, RecursionError):
                continue
            if isinstance(event, dict):
                yield event
