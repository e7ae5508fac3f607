"""What blocks, in cards."""

import re
from dataclasses import replace
from types import SimpleNamespace

from pytest_superteam.models import Alone, Outcome, Severity
from pytest_superteam.reports.page.blockers import MOST, OPEN, PLACES, blockers_of
from pytest_superteam.reports.page.summary import summary


def section(report, **options):
    """Return the section of what blocks."""
    (found,) = [each for each in summary(report, **options) if 'id="gs-blocks"' in each]
    return found


def test_the_most_severe_is_first(reports):
    """Cards are ordered by severity, and what could not run says so in the place of its severity."""
    found = blockers_of(reports["bad"])
    assert [(card.grade, card.codes) for card in found.open] == [
        ("critical", ("SEC-SECRET-001",)),
        ("high", ("L1-TESTS",)),
        ("could not run", ("L2-CONF",)),
        ("high", ("SEC-001",)),
    ]
    assert found.grades == (("critical", 1), ("high", 3))


def test_a_card_has_place_reason_command_and_link(reports):
    """A card says code, severity, service, place, what is wrong, the line that runs it again, and where its row is."""
    report = replace(reports["bad"], alone=Alone("pytest --prd PRD.md", "PRD.md", "."))
    text = section(report, rules={"SEC-001": SimpleNamespace(name="No login", why="Anybody can `read` it.")})
    card = text.split('<li class="gs-card')[4]
    assert (
        '<span class="gs-badge gs-high">high</span> <code>SEC-001</code> <span class="gs-name">No login</span>' in card
    )
    assert '<span class="gs-service">auth-service</span>' in card
    assert '<code class="gs-place">app/main.py:12</code> <span class="gs-message">No authentication.</span>' in card
    assert "Anybody can <code>read</code> it." in card
    assert "curl -H &#39;Authorization: Bearer abcd****&#39; http://x/" in card
    assert "pytest --prd PRD.md &#39;PRD.md::layer3::test_scan[auth-service-SEC-003]&#39;</code>" in card
    assert 'href="#item=PRD.md%3A%3Alayer3%3A%3Atest_scan%5Bauth-service-SEC-003%5D"' in card


def test_findings_of_one_check_share_a_card(make):
    """Thirty places of one check are one card with one open, the others folded; beyond twenty they are counted."""
    found = tuple(make.violation(file="a.py", line=n) for n in range(1, 31))
    report = make.report([make.item(Outcome.FAILED, violations=found)])
    report = replace(report, alone=Alone("pytest --prd PRD.md", "PRD.md"))
    (card,) = blockers_of(report).open
    assert card.first.where == "a.py:1"
    assert [place.where for place in card.folded] == [f"a.py:{n}" for n in range(2, PLACES + 1)]
    assert card.more == 30 - PLACES
    assert [place.again != "" for place in (card.first, *card.folded)] == [True] + [False] * (PLACES - 1)
    assert {place.message for place in card.folded} == {""}
    text = section(report)
    assert f"{PLACES - 1} more of the same" in text
    assert f"and {30 - PLACES} more of the same, in gate-report.json" in text


def test_findings_of_one_code_in_one_service_share_a_card(make):
    """Each of the checks has its own line and link."""
    report = make.report(
        [
            make.item(Outcome.FAILED, id=f"PRD.md::layer2::test_conformance[a-{name}]", violations=(make.violation(),))
            for name in ("list", "make")
        ]
    )
    (card,) = blockers_of(replace(report, alone=Alone("pytest --prd PRD.md", "PRD.md"))).open
    assert [place.again for place in (card.first, *card.folded)] == [
        "pytest --prd PRD.md 'PRD.md::layer2::test_conformance[a-list]'",
        "pytest --prd PRD.md 'PRD.md::layer2::test_conformance[a-make]'",
    ]
    assert len({card.first.link, *(place.link for place in card.folded)}) == 2


def test_checks_that_could_not_run_for_one_reason_share_a_card(make):
    """The codes are named, the reason is said once, and each check has its line."""
    items = [make.item(Outcome.ERROR, code=f"B-{n}", reason="the service is down") for n in range(6)]
    (card,) = blockers_of(make.report(items)).open
    assert (card.codes, card.more_codes, card.grade) == (("B-0", "B-1", "B-2", "B-3"), 2, "could not run")
    assert [place.code for place in (card.first, *card.folded)] == [f"B-{n}" for n in range(6)]
    assert section(make.report(items)).count("the service is down") == 1


def test_findings_of_two_severities_have_two_cards(make):
    """One code may stand for a bad and a worse thing; they do not share a badge."""
    found = (make.violation(), make.violation(severity=Severity.CRITICAL))
    cards = blockers_of(make.report([make.item(Outcome.FAILED, violations=found)])).open
    assert [card.severity for card in cards] == ["critical", "high"]


def test_long_lists_are_folded_and_cut(reports):
    """The first cards are open, further ones folded, and the rest is counted."""
    found = blockers_of(reports["huge"])
    assert (len(found.open), len(found.folded), found.more) == (OPEN, MOST - OPEN, 6000 - MOST)
    assert found.open[0].codes == ("SEC-4711",)
    text = section(reports["huge"])
    assert f'<ol class="gs-cards" start="{OPEN + 1}">' in text
    assert text.count('<li class="gs-card') == MOST


def test_why_a_code_matters_is_said_once(make):
    """The second card of a code does not repeat it."""
    items = [make.item(Outcome.FAILED, service=name, violations=(make.violation(service=name),)) for name in ("a", "b")]
    rules = {"SEC-001": SimpleNamespace(name="No login", why="Anybody can read it.")}
    text = section(make.report(items), rules=rules)
    assert text.count("Anybody can read it.") == 1
    assert len(re.findall("No login", text)) == 2


def test_a_requirement_that_blocks_has_a_card_without_a_row(make):
    """Requirements without a proof share a card; no row of the table is theirs."""
    row = {"line": 3, "status": "unproven", "blocks": True, "priority": "must", "reason": "no check", "text": "x"}
    found = blockers_of(make.report([], requirements=({"id": "R-1", **row}, {"id": "R-2", **row})))
    (card,) = found.open
    assert card.codes == ("UNPROVEN",)
    assert [(place.where, place.link) for place in (card.first, *card.folded)] == [("line 3", "")] * 2
