"""Source that a fix put where scanners do not look, or in a form that they do not read, and names that tools go by."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from pytest_superteam.pipeline.fix.weakened.found import Weakening
from pytest_superteam.pipeline.fix.weakened.places import is_code, is_setting, is_test
from pytest_superteam.scanners.source import DEFAULT_EXCLUDE, MAX_BYTES, MINIFIED_BYTES, MINIFIED_LINE

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from pytest_superteam.pipeline.fix.trees import Change, Entry

__all__ = ["hiding_weakenings"]

_FOREIGN = frozenset({
    "vendor", "vendored", "third_party", "node_modules", "bower_components", ".venv", "venv", "env", "site-packages",
    "build", "dist", "target", "examples", "example", "samples", "benchmarks", ".tox", ".nox", ".eggs", "coverage",
})  # fmt: skip
"""Folders of what others wrote or tools made, in lower case; a fix has no business there."""
_ASIDE = frozenset(name.rstrip("/") for name in DEFAULT_EXCLUDE if name.endswith("/")) | _FOREIGN
_IMPORT = re.compile(
    r"^\s{0,40}(?:from\s{1,9}([\w.]{1,200})\s{1,9}import\b|import\s{1,9}([\w.]{1,200}))"
    r"|(?:\bfrom|\brequire\s{0,9}\(|\bimport\s{0,9}\(?)\s{0,9}[\"']([\w./@-]{1,200})[\"']"
    r"|(?:import_module|__import__|run_path|run_module|execfile)\s{0,9}\(\s{0,9}[\"']([\w./-]{1,200})[\"']"
)
_ASIDE_NAME = re.compile(
    r"(?:^|[./])(?:test_\w{1,80}|\w{1,80}_test|conftest|setup|noxfile|fabfile|[\w-]{1,80}\.(?:test|spec|min|config))$"
)
_CODING = re.compile(rb"^[ \t\f]{0,20}#.{0,200}?coding[:=][ \t]{0,9}([-\w.]{1,40})")
_PLAIN = frozenset({"utf-8", "utf8", "ascii", "us-ascii", "utf-8-sig", "latin-1", "iso-8859-1"})
_TOOL = re.compile(
    r"^(?:src/)?(?:(?:pytest|_pytest|pluggy|coverage|unittest|hypothesis|schemathesis|xdist|pytest_\w{1,60}|sitecustomize"
    r"|usercustomize|pytest_superteam)(?:\.py$|\.so$|/))|(?:^|/)(?:sitecustomize|usercustomize)\.py$|\.pth$"
)
_CLIENT = re.compile(
    r"^(?:src/)?(?:fastapi|starlette|httpx|requests|flask|werkzeug|django|aiohttp|anyio|urllib3|respx|freezegun)"
    r"(?:\.py$|\.so$|/)"
)
"""Libraries that tests ask a service with, at the top of its tree, where they come before the installed ones."""
_READ = "Put it where the gate reads it, among the service's own source, as plain text that people can read."


def hiding_weakenings(changed: Sequence[Change]) -> Iterator[Weakening]:
    """Yield what the gate would not read, or what would stand in for its tools."""
    for change in changed:
        if change.after is None:
            continue
        if not change.after.regular:
            yield Weakening(change.path, 0, f"It is a link or a special file, which the gate does not read. {_READ}")
            continue
        if _TOOL.search(change.path) or (change.before is None and _CLIENT.search(change.path)):
            text = "It has the name of a tool that the tests are run with, and takes its place. Give it another name."
            yield Weakening(change.path, 0, text)
        if is_code(change.path) and not is_setting(change.path):
            yield from (Weakening(change.path, line, f"{what} {_READ}") for line, what in _source(change))


def _source(change: Change) -> Iterator[tuple[int, str]]:
    folders = change.path.lower().split("/")[:-1]
    aside = next((folder for folder in folders if folder in _FOREIGN), "")
    if aside:
        yield 0, f"Source in '{aside}/' is taken for somebody else's, and is not scanned."
    assert change.after is not None  # noqa: S101  # the caller's case, for the type checker
    if hidden := _unread(change.after, change.path):
        if change.before is None or _unread(change.before, change.path) != hidden:
            yield 0, hidden
        return
    if not is_test(change.path) and _ASIDE.isdisjoint(folders):
        yield from _leading_aside(change)


def _unread(entry: Entry, path: str) -> str:
    """Return why scanners would not read a source file."""
    if entry.size > MAX_BYTES:
        return f"It has more than {MAX_BYTES >> 10} KiB, so that it is not scanned."
    data = entry.data or b""
    if b"\0" in data:
        return "It holds NUL bytes, so that it is taken for no text."
    coded = next((match[1].decode() for line in data.split(b"\n", 2)[:2] if (match := _CODING.match(line))), "utf-8")
    if path.endswith(".py") and coded.lower().replace("_", "-") not in _PLAIN:
        return f"It says to be coded in '{coded}', which hides what it says."
    if path.endswith((".js", ".jsx", ".mjs", ".cjs")) and len(data) >= MINIFIED_BYTES:
        minified = len(data) > MINIFIED_LINE * (data.count(b"\n") + 1)
        return "It looks minified, and such source is not scanned." if minified else ""
    return ""


def _leading_aside(change: Change) -> Iterator[tuple[int, str]]:
    """Yield new imports of the service's source that lead to folders and files which scanners pass over."""
    before = set(change.old)
    for number, line in enumerate(change.new, 1):
        if line in before:
            continue
        for match in _IMPORT.finditer(line[:2000]):
            target = next(filter(None, match.groups()))
            if name := _passed_over(target):
                yield number, f"The service now uses source in '{name}', which is not scanned."


def _passed_over(target: str) -> str:
    """Return the folder or file of an imported place that scanners pass over; empty for libraries of others."""
    relative = target.startswith(".")
    parts = [part for part in re.split(r"[./]+" if "/" not in target else r"/+", target) if part and part != ".."]
    for part in parts if relative else parts[:-1] or parts:
        if part in _ASIDE:
            return part
    return parts[-1] if parts and relative and _ASIDE_NAME.search(parts[-1]) else ""
