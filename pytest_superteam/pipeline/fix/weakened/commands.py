"""Commands that run a service's tests, and thresholds in them, that a fix changed in scripts and build files."""

from __future__ import annotations

import json
import re
import shlex
from typing import TYPE_CHECKING, Any

from pytest_superteam.pipeline.fix.trees import Entry
from pytest_superteam.pipeline.fix.weakened.found import Weakening
from pytest_superteam.pipeline.fix.weakened.places import is_document, is_setting, is_test

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence
    from pathlib import Path

    from pytest_superteam.pipeline.fix.trees import Change

__all__ = ["command_weakenings", "named_scripts"]

_THRESHOLD = re.compile(
    r"cov-fail-under|fail[_-]under|coverageThreshold|minimumCoverage|check-coverage|--deselect|--ignore-glob"
    r"|--ignore[= ]\S{0,100}test|(?:^|\s)-k[= ]?[\"']?not |--maxfail|PYTEST_ADDOPTS|PYTEST_DISABLE_PLUGIN"
    r"|--passWithNoTests|--testPathIgnore|-DskipTests|maven\.test\.skip|-x test\b|testFailureIgnore|ignoreFailures"
)
_BUILD_FILE = re.compile(
    r"(?:^|/)(?:GNU)?(?:makefile|justfile|taskfile\.ya?ml|rakefile|build\.gradle(?:\.kts)?|pom\.xml|build\.sbt|gulpfile\.\w{1,3}"
    r"|gruntfile\.\w{1,3}|procfile\.test)$|\.mk$",
    re.IGNORECASE,
)
_TESTING = re.compile(r"\btests?\b|pytest|unittest|surefire|failsafe|jacoco|coverage|jest|mocha|vitest", re.IGNORECASE)
_LIBRARY = re.compile(
    r"<(?:groupId|artifactId|version|scope|dependency)>|^\s*(?:test|androidTest)?(?:Implementation|RuntimeOnly)\b"
)
"""Lines that say which libraries tests need."""
_KEEP = "How tests are run and what is enough stays as it is: put it back, and mend the service."


def named_scripts(folder: Path) -> frozenset[str]:
    """Return the files of a service that the commands of its tests name, as `service.json` and `package.json` say."""
    words: list[str] = []
    for name in ("service.json", "package.json"):
        try:
            text = Entry(folder / name).text
            data = json.loads(text)
        except (OSError, ValueError, RecursionError):
            continue
        found = data.get("test") if name == "service.json" and isinstance(data, dict) else _scripts(data)
        words += [str(word) for word in found] if isinstance(found, list) else []
    return frozenset(word.removeprefix("./") for word in words if "." in word or "/" in word)


def _scripts(data: Any) -> list[str]:
    scripts = data.get("scripts") if isinstance(data, dict) else None
    text = scripts.get("test") if isinstance(scripts, dict) else None
    try:
        return shlex.split(text)[:100] if isinstance(text, str) else []
    except ValueError:
        return []


def command_weakenings(changed: Sequence[Change], scripts: Collection[str] = ()) -> Iterator[Weakening]:
    """Yield changed commands of tests, changed scripts that those start, and thresholds that were changed or added.

    Args:
        changed: what differs.
        scripts: the files that the commands of the tests name.
    """
    for change in changed:
        if is_setting(change.path) or is_document(change.path) or is_test(change.path):
            continue
        if change.path in scripts:
            yield Weakening(change.path, 0, f"The command of the tests starts it, and it was changed. {_KEEP}")
            continue
        build = _BUILD_FILE.search(change.path) is not None or _runs_tests(change)
        for number, line in _touched(change):
            about = build and _TESTING.search(line) and not _LIBRARY.search(line)
            if about or _THRESHOLD.search(line):
                what = "A line of how tests are run" if about else "A threshold or a choice of tests"
                yield Weakening(change.path, number, f"{what} was changed: `{line.strip()[:80]}`. {_KEEP}")
                break


def _runs_tests(change: Change) -> bool:
    """Return whether it was a script of a shell that runs tests."""
    script = change.path.endswith((".sh", ".bash", ".ps1", ".bat", ".cmd"))
    return script and change.before is not None and _TESTING.search(change.before.text) is not None


def _touched(change: Change) -> Iterator[tuple[int, str]]:
    """Yield the lines that are in only one version, with their number as they are now, 0 for those that went."""
    old, new = set(change.old), set(change.new)
    yield from ((number, line[:2000]) for number, line in enumerate(change.new, 1) if line not in old)
    yield from ((0, line[:2000]) for line in change.old if line not in new)
