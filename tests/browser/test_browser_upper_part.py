"""The part above the table in a real browser: its order, links and copy buttons, and what is left without script."""

from __future__ import annotations

from itertools import pairwise

import pytest

pytestmark = pytest.mark.slow


def test_the_page_is_put_into_order(opened):
    """One main part with the verdict first and the table last, a name in the tab, a language, headings without gaps."""
    page = opened("failed")
    assert page.title().startswith("Failed: ")
    assert page.evaluate("() => document.documentElement.lang") == "en"
    assert page.locator("main").count() == 1
    sections = page.evaluate("() => [...document.querySelectorAll('main section[id]')].map(each => each.id)")
    assert sections[:2] == ["gs-verdict", "gs-blocks"]
    assert sections[-1] == "gs-rows"
    levels = page.evaluate(
        "() => [...document.querySelectorAll('h1, h2, h3, h4')].filter(each => each.checkVisibility())"
        ".map(each => +each.tagName[1])"
    )
    assert levels[0] == 1
    assert all(after - before <= 1 for before, after in pairwise(levels))
    assert page.locator("footer #environment th[scope=row]").count() > 0
    assert page.evaluate("() => document.querySelector('link[rel=icon]').href") == "data:,"


def test_every_link_into_the_page_has_a_target(opened):
    """Figures and navigation lead to sections that are there."""
    page = opened("failed")
    missing = page.evaluate(
        "() => [...document.querySelectorAll('main a[href^=\"#\"]')].map(each => each.getAttribute('href'))"
        ".filter(href => !href.includes('=') && !document.getElementById(href.slice(1)))"
    )
    assert missing == []


def test_a_figure_opens_the_section_behind_it(opened):
    """The number of advisory findings leads to their list, which is unfolded."""
    page = opened("failed")
    details = page.locator("#gs-advice details")
    assert details.get_attribute("open") is None
    page.locator('.gs-facts a[href="#gs-advice"]').click()
    assert details.get_attribute("open") is not None
    assert page.locator("#gs-advice .gs-places li").first.is_visible()


def test_a_command_is_copied(opened):
    """The button copies the whole line and says so; it is reached and pressed with the keyboard."""
    page = opened("real", permissions=["clipboard-read", "clipboard-write"])
    command = page.locator("#gs-blocks .gs-command").first
    button = command.get_by_role("button", name="Copy the command")
    button.focus()
    page.keyboard.press("Enter")
    page.wait_for_function("() => document.querySelector('#gs-blocks .gs-copy').textContent === 'Copied'")
    assert page.evaluate("() => navigator.clipboard.readText()") == command.locator("code").text_content()


def test_folded_parts_are_open_in_print(opened):
    """What is folded on the screen is open on paper, and folded again afterwards."""
    page = opened("failed")
    folded = "() => document.querySelectorAll('details.gs-print:not([open])').length"
    before = page.evaluate(folded)
    assert before > 0
    page.evaluate("() => dispatchEvent(new Event('beforeprint'))")
    assert page.evaluate(folded) == 0
    page.evaluate("() => dispatchEvent(new Event('afterprint'))")
    assert page.evaluate(folded) == before


def test_without_a_script_the_verdict_is_there(browser, page_of):
    """Where scripts are forbidden the page still says the verdict, what blocks and how to run it again."""
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(page_of("real").as_uri())
    assert "Failed" in page.locator(".gs-verdict").inner_text()
    assert page.locator("#gs-blocks .gs-card").first.is_visible()
    assert page.locator("#gs-blocks .gs-command code").first.is_visible()
    assert page.locator(".gs-copy").count() == 0
    assert not page.locator(".controls").is_visible()
    context.close()
