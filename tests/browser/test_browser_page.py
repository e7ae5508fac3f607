"""The report page in a real browser, whole: it loads, shows hostile text as text, reads and prints."""

from __future__ import annotations

from importlib.resources import files

import pytest
from browser_pages import HOSTILE, SECRET

pytestmark = pytest.mark.slow

PAGES = ("passed", "failed", "interrupted", "assets", "real")


@pytest.mark.parametrize("name", PAGES)
def test_the_page_loads_without_an_error_and_asks_for_nothing(opened, name):
    """A page says its verdict and draws its rows; whatever it asks for besides its own style fails the test."""
    page = opened(name)
    verdict = {"passed": "passed", "interrupted": "interrupted"}.get(name, "failed")
    assert verdict in page.locator(".gs-head").inner_text().lower()
    assert page.locator("#results-table tbody.results-table-row").count() > 5
    assert (
        page.evaluate("() => performance.getEntriesByType('resource').filter(e => e.name.startsWith('http')).length")
        == 0
    )


@pytest.mark.parametrize(
    ("script", "noted"),
    [
        ("fetch('http://127.0.0.1:9/').catch(() => 0)", "asked for http://127.0.0.1:9/"),
        ("alert('here')", "a dialog: here"),
        ("setTimeout(() => { throw Error('lost') })", "lost"),
        ("console.error('bad')", "bad"),
    ],
)
def test_what_must_not_happen_is_noticed(opened, script, noted):
    """A request, a dialog, an error and a complaint in the console are each noted, so their absence says something."""
    page = opened("passed")
    page.evaluate(f"async () => {{ await {script}; await new Promise((done) => setTimeout(done, 100)) }}")
    assert noted in page.watched.wrong
    page.watched.wrong.clear()


@pytest.mark.parametrize("name", ["failed", "real"])
def test_hostile_text_is_shown_as_text(opened, name):
    """Names, titles, findings, output and the environment's values stand there as somebody wrote them; nothing runs."""
    page = opened(name)
    page.get_by_role("button", name="Show all details").click()
    assert "<script>alert(1)</script>" in page.locator("#results-table").inner_text()
    for details in page.locator("details").all():
        details.evaluate("each => { each.open = true }")
    page.mouse.wheel(0, 20_000)
    page.wait_for_timeout(200)
    text = page.evaluate("() => document.body.textContent")
    assert text.count("onerror=") > 3
    assert page.locator("[onerror]").count() == 0
    assert page.locator("img[src='x']").count() == 0
    scripts = page.evaluate("() => [...document.scripts].map(each => each.textContent)")
    assert all("alert(" not in script for script in scripts)
    environment = page.locator("#environment").text_content()
    assert HOSTILE in environment


@pytest.mark.parametrize("name", ["failed", "real"])
def test_no_secret_stands_in_the_file(page_of, name):
    """Neither in what is seen nor in pytest-html's data: not of findings, not of what a test or its end printed."""
    text = page_of(name).read_text(encoding="utf-8")
    assert "GIT_URL" in text
    assert SECRET not in text
    assert "hunter2hunter2" not in text
    assert "ghp_****" in text or name == "real"


AXE = """async () => {
  const found = await axe.run(document, { resultTypes: ['violations'] })
  return found.violations.filter(({ impact }) => ['serious', 'critical'].includes(impact)).map(
    ({ id, nodes }) => `${id}: ${nodes.slice(0, 3).map(({ html, any, failureSummary }) =>
      html.slice(0, 160) + (any[0]?.data?.contrastRatio ? JSON.stringify(any[0].data) : '')).join(' | ')}`)
}"""


@pytest.mark.parametrize("name", ["passed", "failed", "interrupted"])
def test_axe_finds_nothing_serious(opened, name):
    """Nothing that axe calls serious or critical, with some rows open, in both colour schemes; it does find a fault."""
    page = opened(name)
    page.locator(".gt-toggle").first.click()
    page.evaluate(files("axe_playwright_python").joinpath("axe.min.js").read_text(encoding="utf-8"))
    assert page.evaluate(AXE) == []
    page.emulate_media(color_scheme="dark")
    assert page.evaluate(AXE) == []
    page.evaluate("() => document.getElementById('gs-main').append(document.createElement('select'))")
    assert [found.partition(":")[0] for found in page.evaluate(AXE)] == ["select-name"]


@pytest.mark.parametrize("name", ["passed", "failed", "interrupted"])
def test_a_phone_shows_the_page_without_scrolling_sideways(opened, name):
    """At the width of a phone nothing is wider than the screen, with all rows open."""
    page = opened(name, viewport={"width": 360, "height": 740}, has_touch=True, is_mobile=True)
    page.get_by_role("button", name="Show all details").click()
    assert page.evaluate("() => document.documentElement.scrollWidth") <= 360
    row = page.locator("#results-table .collapsible").first.bounding_box()
    assert row["x"] >= 0
    assert row["x"] + row["width"] <= 360


def test_paper_shows_what_blocks_and_the_first_rows(opened):
    """In print what blocks is there with its place, controls are not, and no gap stands for rows that are not there."""
    page = opened("failed")
    page.emulate_media(media="print")
    blockers = page.locator("#gs-blocks")
    assert blockers.is_visible()
    assert "app/main.py:12" in blockers.inner_text()
    assert not page.locator("#gs-filters").is_visible()
    assert not page.locator(".gt-gap").first.is_visible()


def test_many_rows_make_a_print_of_bounded_length(opened):
    """Of 6,000 rows the first are printed, said in words; the rest makes no empty sheets."""
    page = opened("many")
    printed = page.pdf()
    sheets = printed.count(b"/Type /Page\n") + printed.count(b"/Type /Page/") + printed.count(b"/Type /Page ")
    assert 3 <= sheets <= 60
    assert page.locator("#gs-shown").get_attribute("data-more") == "The first 400 are printed."
    assert page.locator("tbody.results-table-row").count() < 400
