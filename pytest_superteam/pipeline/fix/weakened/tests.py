"""Tests of a service that a fix changed, removed or keeps from running."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from pytest_superteam.pipeline.fix.weakened.found import KEEP_TESTS, Weakening
from pytest_superteam.pipeline.fix.weakened.other_tests import added_other, changed_other
from pytest_superteam.pipeline.fix.weakened.places import is_setting, is_test
from pytest_superteam.pipeline.fix.weakened.python_tests import added_python, changed_python

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from pytest_superteam.pipeline.fix.trees import Change

__all__ = ["weakenings_of_tests"]

_INLINE = re.compile(r"#\[cfg\(test\)\]|#\[(?:\w{1,20}::)?test\]")


def weakenings_of_tests(changed: Sequence[Change]) -> Iterator[Weakening]:
    """Yield what the changes do to the tests that were there; more tests are welcome."""
    for change in changed:
        if is_setting(change.path):
            continue
        if is_test(change.path):
            yield from (Weakening(change.path, line, what) for line, what in _of(change))
        elif change.path.endswith(".rs"):
            yield from _rust(change)


def _of(change: Change) -> Iterator[tuple[int, str]]:
    if change.after is None:
        yield 0, f"It belongs to the tests and was removed. {KEEP_TESTS}"
    elif not change.after.regular:
        yield 0, f"A link or a special file stands where tests are. {KEEP_TESTS}"
    elif change.before is None:
        yield from _added(change.path, change.after.text)
    elif change.before.binary or change.after.binary:
        yield 0, f"What belongs to the tests was changed. {KEEP_TESTS}"
    elif change.path.endswith(".py"):
        yield from changed_python(change.before.text, change.after.text)
    else:
        yield from changed_other(change.path, change.before.text, change.after.text)


def _added(path: str, text: str) -> Iterator[tuple[int, str]]:
    yield from added_python(text) if path.endswith(".py") else added_other(path, text)


def _rust(change: Change) -> Iterator[Weakening]:
    """Yield tests that stand in a source file of Rust and are not all there any more."""
    old, new = (entry.text if entry is not None else "" for entry in (change.before, change.after))
    found = _INLINE.search(old)
    if found is None:
        return
    here = _INLINE.search(new)
    if here is None:
        yield Weakening(change.path, 0, f"The tests in it were removed. {KEEP_TESTS}")
        return
    above = new.count("\n", 0, here.start())
    for line, what in changed_other(change.path, old[found.start() :], new[here.start() :]):
        yield Weakening(change.path, line + above if line else 0, what)
