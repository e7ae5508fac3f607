"""What pytest's own sections say of gate items: in full nothing, for our summary does, and in short a line each."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any

import pytest

from pytest_superteam.gate.gathered import GATHERED
from pytest_superteam.gate.session import GATE
from pytest_superteam.reports.findings import of_item
from pytest_superteam.reports.terminal_findings import brief
from pytest_superteam.reports.text import one_line

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytest_superteam.models import GateReport, ItemResult

__all__ = ["said", "show_briefly_what_is_ours"]

_IN_FULL = ("error", "failed")
"""Kinds of reports that pytest shows whole, in sections of their own."""
_LONGEST = 300
_HIDDEN = pytest.StashKey[dict[str, list[Any]]]()


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> Iterator[Any]:
    """Leave gate items out of what pytest shows in full: the same findings follow in our summary, ordered."""
    report = config.stash[GATHERED].report if GATHERED in config.stash else None
    if GATE in config.stash and report is not None and report.items and not config.option.collectonly:
        told = {item.id for item in report.items}
        stats = config.stash[_HIDDEN] = {}
        for kind in _IN_FULL:
            if kind in terminalreporter.stats:
                stats[kind] = terminalreporter.stats[kind]
                terminalreporter.stats[kind] = [one for one in stats[kind] if not _is_told(one, told)]
    try:
        return (yield)
    finally:
        _show_again(terminalreporter, config)


def _is_told(report: Any, told: set[str]) -> bool:
    """Return whether our summary says what this report says: not of an error of our own, whose traceback is needed."""
    return isinstance(report, pytest.TestReport) and report.nodeid in told and said(report) is not None


def said(report: pytest.TestReport) -> str | None:
    """Return what a report says where it was made to say it, None where it shows where an error was raised."""
    crash = getattr(report.longrepr, "reprcrash", None)
    if crash is None:
        return report.longreprtext
    text = str(report.longrepr)  # longreprtext has a line on the worker before it
    return text if crash.message.removeprefix("Failed: ").strip() == text.strip() else None


def _show_again(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Bring back what was left out."""
    hidden: dict[str, list[Any]] = config.stash.get(_HIDDEN, {})
    terminalreporter.stats.update(hidden)
    config.stash[_HIDDEN] = {}


def show_briefly_what_is_ours(
    terminalreporter: pytest.TerminalReporter, config: pytest.Config, report: GateReport
) -> None:
    """Bring back what was left out, each gate item with one line, for pytest's short summary and its counts."""
    _show_again(terminalreporter, config)
    items = {item.id: item for item in report.items}
    for kind in (*_IN_FULL, "xfailed", "skipped"):
        found = terminalreporter.stats.get(kind, [])
        if found:
            shown = (_brief(one, items[one.nodeid]) if _is_ours(one, items) else one for one in found)
            terminalreporter.stats[kind] = list(shown)


def _is_ours(report: Any, items: dict[str, ItemResult]) -> bool:
    return isinstance(report, pytest.TestReport) and report.nodeid in items


def _brief(report: pytest.TestReport, item: ItemResult) -> pytest.TestReport:
    """Return a copy of a report that says one line: code, place and message of the worst finding."""
    found = sorted(of_item(item, {}), key=lambda finding: -finding.severity.rank)  # the id names the service
    more = f" (and {len(found) - 1} more)" if len(found) > 1 else ""
    line = one_line(brief(found[0], service=False), _LONGEST) + more
    shown = copy.copy(report)
    if hasattr(report, "wasxfail"):
        shown.wasxfail = line
    elif report.skipped:
        where: Any = (item.id.partition("::")[0], None, one_line(item.reason, _LONGEST))
        shown.longrepr = where  # pytest's short summary takes one without a line, too
    elif said(report) is not None:
        shown.longrepr = _Line(line)
    return shown


class _Line(str):
    """What a report says, in one line; pytest 8 shows only the message of a crash."""

    __slots__ = ()

    @property
    def reprcrash(self) -> _Line:
        """Return itself."""
        return self

    @property
    def message(self) -> str:
        """Return the line."""
        return str(self)
