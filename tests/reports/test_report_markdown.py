"""The Markdown of a pull request: commands that can be copied, parts folded away, and what GitHub makes of it."""

from __future__ import annotations

from dataclasses import replace
from html.parser import HTMLParser

import pytest
from markdown_it import MarkdownIt

from pytest_superteam.models import Alone, Outcome
from pytest_superteam.reports.comparing import compare
from pytest_superteam.reports.markdown import LIMIT, to_markdown


class Page(HTMLParser):
    """Collects blocks of code, what is folded away under which title, and attributes."""

    def __init__(self, text):
        super().__init__()
        self.blocks, self.titles, self.attributes, self.spans = [], [], [], []
        self._within = []
        self.feed(MarkdownIt("gfm-like", {"html": True, "linkify": False}).render(text))
        self.close()

    def handle_starttag(self, tag, attrs):
        """Note where we are."""
        self.attributes += attrs
        self._within.append(tag)
        kinds = {"pre": self.blocks, "summary": self.titles, "code": self.spans}
        if tag in kinds and not (tag == "code" and "pre" in self._within):
            kinds[tag].append("")

    def handle_endtag(self, tag):
        """Leave a tag, and those in it that have no end."""
        while self._within and self._within.pop() != tag:
            pass

    def handle_data(self, data):
        """Note a text."""
        for tag, texts in (("pre", self.blocks), ("summary", self.titles), ("code", self.spans)):
            if tag in self._within and not (tag == "code" and "pre" in self._within):
                texts[-1] += data


@pytest.fixture
def known(make):
    """Return a function that makes a report whose items can be run again."""

    def report(*items, command="pytest --prd PRD.md", **changes):
        return replace(make.report(items, **changes), alone=Alone(command, "PRD.md"))

    return report


def test_below_what_blocks_stands_the_command_that_runs_it_again(known, make):
    """A block to copy from, once for an item that several findings are of; at the end the one for the whole run."""
    found = tuple(make.violation(file="a.py", line=n, message=f"Mend {n}.") for n in (1, 2))
    page = Page(to_markdown(known(make.item(Outcome.FAILED, violations=found))))
    assert page.blocks == [
        "pytest --prd PRD.md 'PRD.md::layer3::test_scan[auth-service-SEC-001]'\n",
        "pytest --prd PRD.md\n",
    ]


@pytest.mark.parametrize("text", ["```", "`a` ``b``", "<b>&amp;</b>", "@everyone #1 $x$ https://x.example", "~~~~ * _"])
def test_a_command_is_shown_letter_by_letter(known, make, text):
    """Nothing in it ends its block, and what Markdown, HTML or GitHub read elsewhere stands there as it is."""
    item = make.item(Outcome.FAILED, id=f"PRD.md::layer2::test_flow[{text}]")
    page = Page(to_markdown(known(item)))
    assert page.blocks[0] == f"pytest --prd PRD.md 'PRD.md::layer2::test_flow[{text}]'\n"
    assert len(page.blocks) == 2


@pytest.mark.parametrize("text", ["a\nb", "\x1b[31m", "\u202e", "x" * 2000])
def test_a_command_that_can_not_be_copied_is_left_out(known, make, text):
    """Neither is one that shows something else than it is, nor one that is too long for a comment."""
    item = make.item(Outcome.FAILED, id=f"PRD.md::layer2::test_flow[{text}]")
    assert Page(to_markdown(known(item))).blocks == ["pytest --prd PRD.md\n"]


def test_what_does_not_block_is_folded_away(known, make, reports):
    """Each part under a title that counts, the comparison with another report among them."""
    report = replace(reports["bad"], diff=compare(reports["good"], reports["bad"]))
    titles = Page(to_markdown(report)).titles
    assert titles[0] == "Since run run-1: 4 new, 0 mended, 1 unchanged"
    assert titles[1:3] == ["Advisory (1)", "Not analysed (1)"]
    assert {"Suppressed (1)", "Requirements: 0 proven, 1 failing, 0 unproven"} <= set(titles)


def test_what_a_message_has_between_backticks_is_code(known, make):
    """A remedy is shown as code, and nothing in it acts."""
    message = "Write `user: Annotated[User, Depends(x)]`, not `<b onload=x>`; a ` alone stays."
    page = Page(to_markdown(known(make.item(Outcome.FAILED, violations=(make.violation(message=message),)))))
    assert {"user: Annotated[User, Depends(x)]", "<b onload=x>"} <= set(page.spans)
    assert [name for name, _ in page.attributes] == ["class", "class"]  # of the two blocks: language-sh


def test_six_thousand_findings_with_commands_fit(reports):
    """The most severe is the first, and the comment is still within GitHub's limit."""
    report = replace(reports["huge"], alone=Alone("pytest --prd PRD.md", "PRD.md"))
    text = to_markdown(report)
    assert len(text.encode()) < LIMIT
    assert Page(text).blocks[0].endswith("[service-11-SEC-4711]'\n")


def test_alike_findings_leave_room_for_the_others(known, make):
    """Findings of one code in one service stand together, so that what is found once is not crowded out."""
    many = make.item(
        Outcome.FAILED,
        violations=tuple(
            make.violation(message=f"No token is asked for. {'Do this. ' * 40}", file="app/main.py", line=n)
            for n in range(1, 400)
        ),
    )
    once = make.item(
        Outcome.FAILED, code="CORS-001", violations=(make.violation("CORS-001", message="Any origin may read."),)
    )
    text = to_markdown(known(many, once))
    assert len(text.encode()) < LIMIT
    assert "**400 blocking findings**" in text
    assert text.count("No token is asked for.") < 10
    assert "393 more" in text
    assert "Any origin may read." in text
