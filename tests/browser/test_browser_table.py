"""pytest-html's table in a real browser: its links, filters, sorting, rows and keys, and thousands of rows."""

from __future__ import annotations

import re

import pytest
from browser_pages import HOSTILE

pytestmark = pytest.mark.slow

ALL = "135 of 135 rows shown"


def shown(page):
    return page.locator("#gs-shown").inner_text()


def column(page, name):
    return page.locator(f"#results-table .collapsible .col-{name}").all_inner_texts()


def selected(page):
    fields = page.locator("#gs-filters select, #gs-filters input").all()
    return {field.get_attribute("name"): field.input_value() for field in fields if field.input_value()}


def settle(page, text):
    page.wait_for_function("text => document.getElementById('gs-shown').textContent === text", arg=text)


# ---- links


def test_a_cell_of_the_matrix_leads_to_its_rows_and_back(opened):
    """The rows are those of the layer and the service; back shows all again, forward and reload the chosen ones."""
    page = opened("failed")
    assert shown(page) == ALL
    page.locator(".gs-matrix tr", has_text="auth-service").locator("td.gs-failed a").click()
    settle(page, "32 of 135 rows shown")
    assert page.url.endswith("#layer=3&service=auth-service")
    assert set(column(page, "layer")) == {"3"}
    assert set(column(page, "service")) == {"auth-service"}
    assert selected(page) == {"layer": "3", "service": "auth-service"}
    assert page.locator("#gs-rows h2").evaluate("each => each.getBoundingClientRect().top") < 900
    page.go_back()
    settle(page, ALL)
    assert selected(page) == {}
    page.go_forward()
    settle(page, "32 of 135 rows shown")
    page.reload()
    settle(page, "32 of 135 rows shown")
    assert selected(page) == {"layer": "3", "service": "auth-service"}


def test_a_blocker_leads_to_its_row(opened):
    """The row is on the screen, open, marked and has the focus; its log says the same place."""
    page = opened("failed")
    page.locator("#gs-blocks .gs-card", has_text="CORS-001").get_by_role("link", name="Row in the table").click()
    row = page.locator(".gt-target")
    assert "test_item[auth-service-CORS-001-3]" in row.locator(".col-testId").inner_text()
    assert "CORS-001 app/main.py:12 CORS-001 is wrong" in row.locator(".log").inner_text()
    assert row.locator(".gt-toggle").evaluate("each => each === document.activeElement")
    assert row.locator(".gt-toggle").get_attribute("aria-expanded") == "true"
    top = row.evaluate("each => each.getBoundingClientRect().top")
    assert 0 <= top <= 900
    page.go_back()
    page.wait_for_function("() => !document.querySelector('.gt-target')")


def test_the_same_link_works_twice(opened):
    """Somebody who has closed the row or chosen others since is led to it again."""
    page = opened("failed")
    link = page.locator("#gs-blocks .gs-card", has_text="AUTHZ-001").get_by_role("link", name="Row in the table")
    link.click()
    page.locator(".gt-target .gt-toggle").click()
    assert page.locator(".gt-target .log").count() == 0
    link.click()
    assert page.locator(".gt-target .log").count() == 1


def test_a_link_to_a_hidden_row_shows_it(opened):
    """Even where the results that it has are unchecked."""
    page = opened("failed", "?visible=passed#item=test_gate.py%3A%3Atest_item%5Bauth-service-CORS-001-3%5D")
    assert page.locator(".gt-target .col-code").inner_text() == "CORS-001"
    assert set(column(page, "result")[:1]) == {"Failed"}
    assert column(page, "result").count("Failed") == 1


CHOICES = {
    "#layer=3&outcome=failed": 3,
    "#outcome=failed,error": 6,
    "#outcome=failed%2Cerror&layer=2": 2,
    "#outcome=advisory": 1,
    "#severity=critical&service=order-service": 8,
    "#code=SEC-007": 4,
    "#layer=none": 2,
    "#q=shop%20note": 0,
    "#q=ADV-001": 1,
    "#service=nobody": 0,
    "#gs-rows": 135,
    "#layer=%E0%A4%A": 0,
}


def test_a_pasted_address_chooses_the_rows(opened):
    """Pasted over another address, or gone to anew; what is not about rows changes none."""
    page = opened("failed")
    for fragment, rows in CHOICES.items():
        page.evaluate("fragment => { location.hash = fragment }", fragment)
        settle(page, f"{rows} of 135 rows shown")
    page.evaluate("() => { location.hash = '#service=catalog-service' }")
    settle(page, "34 of 135 rows shown")
    page.evaluate("() => { location.hash = '#other=1' }")
    page.wait_for_timeout(100)
    assert shown(page) == "34 of 135 rows shown"


@pytest.mark.parametrize("fragment", ["#outcome=failed%2Cerror&layer=2", "#layer=%E0%A4%A", "#q=shop%20note"])
def test_an_address_chooses_the_rows_on_load(opened, fragment):
    """The same as later, whatever pytest-html's script makes of the address meanwhile; a list reads as one."""
    page = opened("failed", fragment)
    assert shown(page) == f"{CHOICES[fragment]} of 135 rows shown"
    if "outcome" in fragment:
        chosen = page.locator("select[name=outcome] option:checked")
        assert chosen.inner_text() == "failed or error"
        assert page.url.endswith("#outcome=failed%2Cerror&layer=2")


def test_a_service_with_a_hostile_name_can_be_chosen(opened):
    """Its name is a value like any other, in the list and in the address."""
    page = opened("failed")
    service = page.locator("select[name=service]")
    service.select_option(value=HOSTILE[:80])
    settle(page, "1 of 135 rows shown")
    page.reload()
    settle(page, "1 of 135 rows shown")
    assert service.input_value() == HOSTILE[:80]


# ---- filters


def test_filters_work_together_and_say_so(opened):
    """Select boxes and the search narrow the rows down; the count is announced; one button shows all again."""
    page = opened("failed")
    status = page.locator("#gs-shown")
    assert status.get_attribute("role") == "status"
    page.locator("select[name=layer]").select_option("3")
    page.locator("select[name=severity]").select_option("high")
    page.locator("input[name=q]").type("order-service SEC-00")
    settle(page, "2 of 135 rows shown")
    assert page.url.endswith("#layer=3&severity=high&q=order-service%20SEC-00")
    page.locator("input[name=q]").fill("nowhere to be found")
    settle(page, "0 of 135 rows shown")
    said = page.locator("#results-table tbody.results-table-row")
    assert said.inner_text() == "No row matches: layer 3, severity high, “nowhere to be found”."
    page.get_by_role("button", name="Show all rows").click()
    settle(page, ALL)
    assert "#" not in page.url


def test_the_search_reads_what_rows_say_closed_or_not(opened):
    """What somebody printed is found, too, though no row is open."""
    page = opened("failed")
    page.get_by_role("button", name="Hide all details").click()
    page.locator("input[name=q]").fill("<SCRIPT>alert(1)")
    page.wait_for_function("() => /^[1-9]\\d? of/.test(document.getElementById('gs-shown').textContent)")
    assert "Failed" in column(page, "result")


def test_typing_makes_no_history(opened):
    """One step back leaves the search, however long it was typed."""
    page = opened("failed")
    before = page.evaluate("() => history.length")
    page.locator("input[name=q]").type("CORS", delay=150)
    settle(page, "1 of 135 rows shown")
    assert page.evaluate("() => history.length") == before


# ---- sorting


@pytest.mark.parametrize(
    ("name", "first", "last"),
    [
        ("severity", ["critical", "high", "error", "warning", "info", ""], None),
        ("layer", ["1", "2", "3", "4", ""], None),
    ],
)
def test_columns_are_sorted_by_rank_and_rows_without_come_last(opened, name, first, last):
    """Severity by its rank, worst first, and layers as numbers; a second press turns the order, but for the empty."""
    page = opened("failed", "#q=test_")
    button = page.locator(f"#results-table th[data-column-type={name}] button")
    button.click()
    assert button.evaluate("each => each === document.activeElement")
    found = all_of(page, name)
    assert list(dict.fromkeys(found)) == first
    turned = {"severity": "descending", "layer": "ascending"}[name]
    assert page.locator(f"th[data-column-type={name}]").get_attribute("aria-sort") == turned
    assert page.locator("th[aria-sort]").count() == 1
    button.press("Enter")
    assert list(dict.fromkeys(all_of(page, name))) == [*reversed(first[:-1]), ""]
    assert f"sort={name}" in page.url
    assert page.url.endswith("#q=test_")


def all_of(page, name):
    """Return the cells of all rows, in order, though not all of them are in the page at a time."""
    return page.evaluate(
        """async (name) => {
          const found = new Map()
          const read = () => document.querySelectorAll('#results-table .collapsible').forEach((line) => {
            found.set(Number(line.getAttribute('aria-rowindex')), line.querySelector(`.col-${name}`).textContent)
          })
          for (let y = 0; y <= document.body.scrollHeight; y += 600) {
            scrollTo(0, y)
            await new Promise((done) => requestAnimationFrame(() => setTimeout(done)))
            read()
          }
          return [...found.keys()].sort((a, b) => a - b).map((key) => found.get(key))
        }""",
        name,
    )


def test_what_failed_comes_first_and_its_worst_before_the_rest(opened):
    """Without being asked, rows stand by result as pytest-html has it, and alike ones by severity."""
    page = opened("failed")
    rows = list(zip(column(page, "result"), column(page, "severity"), strict=True))[:7]
    assert rows == [
        ("Error", "warning"),
        ("Failed", "critical"),
        ("Failed", "high"),
        ("Failed", "error"),
        ("Failed", "error"),
        ("Failed", ""),
        ("XFailed", "info"),
    ]


# ---- what pytest-html has of its own


def test_pytest_html_filters_go_on_working(opened):
    """Unchecking a result hides its rows, is kept in the address as ever, and goes along with a choice of ours."""
    page = opened("failed", "#service=auth-service")
    page.get_by_role("checkbox", name=re.compile("Passed")).uncheck()
    settle(page, "2 of 135 rows shown")
    assert "visible=skipped,failed" in page.url
    assert page.url.endswith("#service=auth-service")
    page.reload()
    settle(page, "2 of 135 rows shown")
    assert not page.get_by_role("checkbox", name=re.compile("Passed")).is_checked()
    page.get_by_role("checkbox", name=re.compile("Passed")).check()
    settle(page, "34 of 135 rows shown")
    page.go_back()
    settle(page, "2 of 135 rows shown")
    assert not page.get_by_role("checkbox", name=re.compile("Passed")).is_checked()


@pytest.mark.parametrize(
    ("query", "opened_results"),
    [
        ("", {"Error", "Failed", "XFailed", "Skipped"}),
        ("?collapsed=all", set()),
        ("?collapsed=failed,error", {"Passed", "Skipped", "XFailed"}),
        ('?collapsed=""', {"Error", "Failed", "XFailed", "Skipped", "Passed"}),
    ],
)
def test_the_parameter_collapsed_says_what_is_drawn_closed(opened, query, opened_results):
    """As pytest-html documents it; without it passed rows are closed."""
    page = opened("failed", query)
    found = page.evaluate(
        """() => [...document.querySelectorAll('.gt-toggle[aria-expanded=true]')].map((each) => each.textContent)"""
    )
    assert set(found) == opened_results


def test_all_details_can_be_shown_and_hidden(opened):
    """The two buttons open and close the rows that are shown."""
    page = opened("failed", "#service=catalog-service")
    page.get_by_role("button", name="Show all details").click()
    assert page.locator(".gt-toggle[aria-expanded=false]").count() == 0
    page.get_by_role("button", name="Hide all details").click()
    assert page.locator(".gt-toggle[aria-expanded=true]").count() == 0
    assert page.locator(".extras-row").count() == 0


def test_extras_of_other_plugins_are_there(opened):
    """Links stand in their column, HTML and pictures below the row, one picture at a time."""
    page = opened("failed", "#item=test_own.py%3A%3Atest_with_extras")
    row = page.locator(".gt-target")
    assert row.locator(".col-links a").get_attribute("href") == "https://shop.example/"
    assert row.locator(".own-extra").inner_text() == "bold"
    assert row.locator(".media__name").inner_text() == "first"
    assert row.locator(".media img").evaluate("each => each.decode().then(() => each.naturalWidth)") == 1
    row.get_by_role("button", name="Next picture").click()
    assert row.locator(".media__name").inner_text() == "second"
    assert row.locator(".media__counter").inner_text() == "2 / 2"
    assert "printed at the end: password=hunt****" in row.locator(".log").inner_text()


def test_a_row_of_a_gate_item_says_its_finding_and_no_code_of_ours(opened):
    """What is advisory, held back or could not be tried reads as one that failed, without a traceback."""
    page = opened("failed", "#layer=4")
    logs = page.locator(".log").all_inner_texts()
    assert logs[0].startswith("ADV-001 app/main.py:12 ADV-001 is wrong in <img")
    assert logs[1].strip() == f"Skipped: held back: {HOSTILE}"
    assert "def test_item" not in "".join(logs)


# ---- keys


def test_the_keyboard_reaches_filters_sorting_and_rows(opened):
    """Tab goes through the controls, the headers and the rows in this order; Enter opens a row and closes it again."""
    page = opened("failed")
    page.locator("select[name=layer]").focus()
    names = []
    for _ in range(40):
        names.append(
            page.evaluate(
                """() => { const on = document.activeElement
                return on.dataset.testResult || on.name || on.id || on.dataset.columnType || on.className }"""
            )
        )
        if names[-1] == "gt-toggle":
            break
        page.keyboard.press("Tab")
    assert names[:6] == ["layer", "severity", "service", "code", "outcome", "q"]
    assert [name for name in names if name in ("failed", "passed")] == ["failed", "passed"]
    assert names[-10:] == [
        *("show_all_details", "hide_all_details"),
        *("result", "layer", "code", "severity", "service", "testId", "duration"),
        "gt-toggle",
    ]
    toggle = page.locator(":focus")
    was = toggle.get_attribute("aria-expanded")
    page.keyboard.press("Enter")
    assert toggle.get_attribute("aria-expanded") != was
    page.keyboard.press("Space")
    assert toggle.get_attribute("aria-expanded") == was


def test_every_control_has_a_name_and_the_count_is_announced(opened):
    """pytest-html's check boxes have labels, a row's button says of what it shows details."""
    page = opened("failed")
    assert page.get_by_role("checkbox", name="5 Failed").count() == 1
    assert page.get_by_role("button", name="Failed: details of test_gate.py::test_item[auth-service-CORS").count() == 1
    assert page.get_by_role("table", name="All gate items").count() == 1
    assert page.get_by_role("search", name="Gate items").count() == 1


# ---- thousands of rows

WINDOW = 200
"""Rows that may be in the page at a time: a screen and what is drawn ahead above and below."""


def in_page(page):
    return page.locator("#results-table tbody.results-table-row").count()


def test_of_thousands_of_rows_only_some_are_in_the_page(opened):
    """Whatever is done (all open, sorted, searched, scrolled), the page holds a window on them."""
    page = opened("many")
    assert shown(page) == "6000 of 6000 rows shown"
    assert 10 < in_page(page) <= WINDOW
    page.get_by_role("button", name="Show all details").click()
    assert 10 < in_page(page) <= WINDOW
    page.get_by_role("button", name="Hide all details").click()
    page.locator("th[data-column-type=testId] button").click()
    assert 10 < in_page(page) <= WINDOW
    page.evaluate("() => scrollTo(0, document.body.scrollHeight)")
    page.wait_for_function("() => document.querySelector('#results-table [aria-rowindex=\"6001\"]')")
    assert 10 < in_page(page) <= WINDOW
    assert page.locator("#results-table").get_attribute("aria-rowcount") == "6001"
    page.locator("input[name=q]").fill("SEC-007")
    page.wait_for_function("() => /^1\\d\\d of/.test(document.getElementById('gs-shown').textContent)")
    assert 10 < in_page(page) <= WINDOW


def test_scrolling_through_thousands_of_rows_shows_each_of_them_in_order(opened):
    """Nothing is left out or shown twice, down and up again."""
    page = opened("many", "?collapsed=all#layer=4")
    count = int(shown(page).split()[0])
    assert count > 80
    found = all_of(page, "testId")
    assert len(set(found)) == len(found) == count
    page.evaluate("() => scrollTo(0, 0)")
    page.wait_for_function("() => document.querySelector('#results-table [aria-rowindex=\"2\"]')")
    assert column(page, "testId")[0] == found[0]


def test_what_is_on_the_screen_stays_there_while_rows_are_drawn_above(opened):
    """Rows of other heights than was reckoned with don't push away what somebody reads."""
    page = opened("many", '?collapsed=""')
    moved = page.evaluate(
        """async () => {
          const frame = () => new Promise((done) => requestAnimationFrame(() => setTimeout(done)))
          scrollTo(0, document.body.scrollHeight / 2)
          for (let n = 0; n < 5; n += 1) await frame()
          const jumps = []
          for (let n = 0; n < 25; n += 1) {
            const row = [...document.querySelectorAll('#results-table .collapsible')].find(
              (each) => each.getBoundingClientRect().top > 100)
            const before = row.getBoundingClientRect().top
            scrollBy(0, -150)
            await frame()
            await frame()
            jumps.push(Math.round(row.getBoundingClientRect().top - before - 150))
          }
          return jumps
        }"""
    )
    assert max(map(abs, moved)) <= 2, moved


def test_a_link_leads_into_the_middle_of_thousands_of_rows(opened):
    """The row is on the screen and open, and the page still holds a window only."""
    page = opened("many")
    ids = page.evaluate("() => document.getElementById('data-container').dataset.jsonblob.length")
    assert ids < 3000  # pytest-html's script got no rows to draw
    page.evaluate("() => { location.hash = '#q=SEC-011' }")
    page.wait_for_function("() => /^[1-9]\\d* of/.test(document.getElementById('gs-shown').textContent)")
    target = all_of(page, "testId")[20]
    page.evaluate("target => { location.hash = `#item=${encodeURIComponent(target)}` }", target)
    page.wait_for_selector(".gt-target")
    assert page.locator(".gt-target .col-testId").inner_text() == target
    assert page.locator(".gt-target .log").count() == 1
    assert 0 <= page.locator(".gt-target").evaluate("each => each.getBoundingClientRect().top") <= 900
    assert shown(page) == "6000 of 6000 rows shown"
    assert in_page(page) <= WINDOW
