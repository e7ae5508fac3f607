"""The HTML pieces inside a real report of pytest-html."""

import html
import json
import re

import pytest

pytest.importorskip("pytest_html")

CONFTEST = """
import pytest
from pytest_superteam.reports.assemble import assemble
from pytest_superteam.reports.html import header_cells, row_cells, summary

def pytest_runtest_setup(item):
    item.user_properties += [("layer", "3"), ("code", "SEC-001<b>"), ("severity", "high"), ("service", "auth-service")]

def pytest_html_results_table_header(cells):
    cells[1:1] = header_cells()

def pytest_html_results_table_row(report, cells):
    cells[1:1] = row_cells(dict(report.user_properties))

def pytest_html_results_summary(prefix):
    prefix.extend(summary(assemble(title="<i>Shop", run_id="r", items=[], services=["a"], phases={}, seconds=1)))
"""


def test_pytest_html_shows_and_sorts_the_columns(pytester):
    """The columns stand behind the result, pytest-html has their data to sort by, and the verdict is above them."""
    pytester.makeconftest(CONFTEST)
    pytester.makepyfile("def test_one(): pass")
    path = pytester.path / "report.html"
    pytester.runpytest(f"--html={path}", "--self-contained-html").assert_outcomes(passed=1)
    page = path.read_text(encoding="utf-8")
    types = re.findall(r'<th class="sortable" data-column-type="(\w+)"', page)
    assert types[:5] == ["result", "layer", "code", "severity", "service"]
    data = json.loads(html.unescape(re.search(r'data-jsonblob="([^"]*)"', page)[1]))
    ((test,),) = data["tests"].values()
    shown = {name: test[name] for name in types[1:5]}
    assert shown == {"layer": "3", "code": "SEC-001&lt;b&gt;", "severity": "high", "service": "auth-service"}
    assert "<strong" in page
    assert "&lt;i&gt;Shop: 0 gate items" in page
    assert "<i>Shop" not in page
