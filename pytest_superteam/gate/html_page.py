"""The hooks of pytest-html: the gate report above its table, the gate's columns in it, and no secrets anywhere."""

from __future__ import annotations

import os
from html import escape
from typing import TYPE_CHECKING, Any, Protocol

import pytest

from pytest_superteam.gate.commandline import resume_command
from pytest_superteam.gate.gathered import GATHERED
from pytest_superteam.gate.session import GATE
from pytest_superteam.reports.masking import mask

if TYPE_CHECKING:
    from pytest_superteam.gate.gathered import Gathered

__all__: list[str] = []


class _Page(Protocol):
    """What pytest-html is about to write, as far as we touch it."""

    config: pytest.Config
    data: dict[str, Any]
    """`environment` by name, `tests` by node id: each a list of rows with their `log`."""


_PAGE = pytest.StashKey[_Page]()


@pytest.hookimpl(optionalhook=True)
def pytest_html_report_title(report: _Page) -> None:
    """Clean the table of the environment, and keep what will be written."""
    report.config.stash[_PAGE] = report
    report.data["environment"] = {name: _clean(name, value) for name, value in report.data["environment"].items()}


@pytest.hookimpl(optionalhook=True)
def pytest_html_results_table_header(cells: list[str]) -> None:
    """Add the gate's columns to pytest-html's table."""
    from pytest_superteam.reports.page.table import header_cells

    cells[1:1] = header_cells()


@pytest.hookimpl(optionalhook=True)
def pytest_html_results_table_row(report: pytest.TestReport | pytest.CollectReport, cells: list[str]) -> None:
    """Fill the gate's columns, and show the test's name as text."""
    from pytest_superteam.reports.page.table import name_cell, row_cells

    name = report.nodeid if report.when == "call" else f"{report.nodeid}::{report.when}"
    theirs = f'<td class="col-testId">{name}</td>'
    cells[:] = [name_cell(name) if cell == theirs else cell for cell in cells]
    cells[1:1] = row_cells(_properties(report))


@pytest.hookimpl(optionalhook=True, tryfirst=True)
def pytest_html_results_table_html(report: pytest.TestReport | pytest.CollectReport, data: list[str]) -> None:
    """Show of a gate item what it says and nothing of how it says it; mask what anybody printed."""
    from pytest_superteam.reports.page.logs import findings_log, masked_html

    data[:] = [masked_html(part) for part in data]
    if report.longreprtext and "layer" in _properties(report):
        data[0] = findings_log(_said(report))


@pytest.hookimpl(optionalhook=True)
def pytest_html_results_summary(prefix: list[str], session: pytest.Session) -> None:
    """Put the gate report above the table."""
    config = session.config
    gathered = config.stash.get(GATHERED, None)
    if _PAGE in config.stash:
        _mask_rows(config.stash[_PAGE].data["tests"])
    if gathered and gathered.report:
        from pytest_superteam.reports.page.summary import summary
        from pytest_superteam.reports.page.table import table

        prefix.extend([*summary(gathered.report, **_around(config, gathered)), *table()])


def _around(config: pytest.Config, gathered: Gathered) -> dict[str, Any]:
    """Return what the page says besides the report; nothing where there is no gate behind it."""
    if GATE not in config.stash:
        return {}
    gate = config.stash[GATE]
    return {
        "rules": gate.run.plugged.rules(),
        "resume": resume_command(config) if gathered.interrupted else "",
        "interrupted": str(gate.run.memory.get("interrupted", "")),
    }


def _properties(report: pytest.TestReport | pytest.CollectReport) -> dict[str, str]:
    """Return an item's properties; a folder or file that could not be collected has none."""
    return {name: str(value) for name, value in getattr(report, "user_properties", ())}


def _said(report: pytest.TestReport | pytest.CollectReport) -> str:
    """Return what a gate item says: its findings, or why it was not looked for any."""
    if hasattr(report, "wasxfail"):
        return str(report.wasxfail)
    return report.longrepr[2] if isinstance(report.longrepr, tuple) else report.longreprtext


def _mask_rows(tests: dict[str, list[dict[str, Any]]]) -> None:
    """Mask what pytest-html added to the rows after it had asked us: output of the teardown, and the ids."""
    from pytest_superteam.reports.page.logs import masked_html

    for name in [name for name in tests if mask(name) != name]:
        tests[mask(name)] = tests.pop(name)
    for rows in tests.values():
        for row in rows:
            row["log"] = masked_html(row["log"])


def _clean(name: str, value: Any) -> Any:
    """Return a value of the environment without secrets; one that a variable of that name has, as text.

    pytest-html takes values for HTML, and a build server's hold what somebody called a branch.
    """
    if isinstance(value, dict):
        return {key: _clean("", each) for key, each in value.items()}
    if isinstance(value, (list, tuple)):
        return [_clean("", each) for each in value]
    if not isinstance(value, str):
        return value
    masked = mask(f"{name}={value}").removeprefix(f"{name}=")
    return escape(masked) if os.environ.get(name) == value else masked
