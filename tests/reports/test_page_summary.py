"""The page above pytest-html's table: its structure, and that nothing from outside is more than text in it."""

import re
from collections import Counter
from dataclasses import replace
from html.parser import HTMLParser
from types import SimpleNamespace

import pytest

from pytest_superteam.models import (
    Calibration,
    Catch,
    DiffEntry,
    FaultResult,
    GateDiff,
    Outcome,
    PictureNode,
    Severity,
    SourceNote,
    Span,
    StatusChange,
    SystemPicture,
)
from pytest_superteam.reports.page.summary import summary

NAMES = ["good", "bad", "hostile", "huge", "empty"]
VOID = {"br", "img", "meta", "link", "input", "hr"}
SVG = {
    "svg",
    "g",
    "path",
    "polygon",
    "polyline",
    "ellipse",
    "rect",
    "text",
    "tspan",
    "title",
    "desc",
    "a",
    "defs",
    "style",
}
OURS = {
    *("section", "h2", "h3", "p", "span", "b", "em", "i", "strong", "code", "pre", "dl", "dt", "dd", "div", "a"),
    *(
        "figure",
        "figcaption",
        "ul",
        "ol",
        "li",
        "details",
        "summary",
        "table",
        "caption",
        "thead",
        "tbody",
        "tr",
        "th",
        "td",
        "nav",
    ),
}


class Page(HTMLParser):
    """Reads fragments: tags in order, ids, links, the text, and what is not closed where it should be."""

    def __init__(self, text):
        super().__init__()
        self.open, self.tags, self.attributes, self.text, self.faults = [], [], [], [], []
        self.feed(text)
        self.close()
        self.faults += self.open

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes += [(tag, *pair) for pair in attrs]
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        if not self.open or self.open.pop() != tag:
            self.faults.append(f"/{tag}")

    def handle_data(self, data):
        self.text.append(data)

    def values(self, name):
        return [value for _, key, value in self.attributes if key == name]


def parts(report, **options):
    """Return the fragments but for style and script, read."""
    fragments = summary(report, **options)
    return Page("".join(fragments[1:]))


def full(report, make):
    """Return a report with everything in it that has a section of its own."""
    catch = Catch(3, "test_scan[a-SEC-001]", "SEC-001", make.hostile, blocking=True)
    faults = tuple(FaultResult(make.hostile, "x", (3,), status, catches=(catch,)) for status in ("caught", "survived"))
    change = StatusChange(make.hostile, "passed", "failed")
    entry = DiffEntry(
        make.hostile, make.hostile, Severity.HIGH, make.hostile, make.hostile, make.hostile, blocking=True
    )
    return replace(
        report,
        diff=GateDiff(make.hostile, make.hostile, change, new=(entry,), notes=(make.hostile,)),
        calibration=Calibration(faults),
        notes=tuple(
            SourceNote(kind, make.hostile, make.hostile, make.hostile, 1) for kind in ("not analysed", "stale baseline")
        ),
        operations={make.hostile: False, "a:b": True},
        picture=SystemPicture((PictureNode(make.hostile, "service"),)),
        timeline=(Span("build", make.hostile, 1.0, 2.0, make.hostile, builder=make.hostile),),
    )


@pytest.mark.parametrize("name", NAMES)
def test_the_structure(reports, name):
    """Tags are closed in order, ids are unique, sections are named by their headings, and headings skip no level."""
    page = parts(reports[name], resume="pytest --prd PRD.md")
    assert page.faults == []
    ids = Counter(page.values("id"))
    assert [each for each, count in ids.items() if count > 1] == []
    assert set(page.values("aria-labelledby")) <= set(ids)
    assert page.tags.count("section") == len(page.values("aria-labelledby"))
    headings = [tag for tag in page.tags if re.fullmatch(r"h[1-6]", tag)]
    assert headings[0] == "h2"
    assert set(headings) <= {"h2", "h3"}
    assert page.tags.count("table") == page.tags.count("caption")
    assert page.tags.count("th") == len([1 for tag, key, _ in page.attributes if (tag, key) == ("th", "scope")])


@pytest.mark.parametrize("name", NAMES)
def test_the_same_report_gives_the_same_page(reports, name):
    """Nothing on the page is a matter of chance."""
    assert summary(reports[name]) == summary(reports[name])


def test_nothing_from_outside_is_markup(reports, make):
    """A report whose every text is hostile has our own tags only, links into the page, and no secret."""
    report = full(reports["hostile"], make)
    rule = SimpleNamespace(name=make.hostile, why=make.hostile)
    page = parts(report, rules={make.hostile: rule}, resume=make.hostile, interrupted=make.hostile)
    assert page.faults == []
    assert set(page.tags) <= OURS | SVG
    assert [key for _, key, _ in page.attributes if key.startswith("on")] == []
    assert all(value.startswith("#") for value in page.values("href"))
    assert page.values("src") == []
    text = "".join(page.text)
    assert "<script>alert(1)</script>" in text
    assert "hunter2hunter2" not in "".join(summary(report))
    assert not re.search(r"[\x00-\x08\x1b\u202e\u200b\udcff]", "".join(summary(report)))


def test_every_section_says_something_of_the_hostile_report(reports, make):
    """The test before has looked at each kind of section."""
    found = set(parts(full(reports["hostile"], make)).values("id"))
    wanted = (
        "verdict blocks changes system matrix "
        "timeline costs builds fixes traced calibration skipped unread idle excused"
    )
    assert {f"gs-{name}" for name in wanted.split()} <= found


@pytest.mark.parametrize("name", NAMES)
def test_the_page_asks_for_nothing(reports, name):
    """No address of another machine stands in markup, style or script."""
    assets, *rest = summary(reports[name])
    assert not re.search(r"https?:|url\(|@import|fetch\(|XMLHttpRequest|</script>.*</script>", assets, re.DOTALL)
    assert not re.search(r'(?:src|href|action)="(?!#|data:,)', "".join(rest))


def test_the_sections_stand_in_their_order(reports):
    """The verdict is first, then what blocks, and what is only counted comes last."""
    found = [each for each in parts(reports["bad"]).values("id") if not each.endswith("-title")]
    assert found[:3] == ["gs-verdict", "gs-blocks", "gs-matrix"]
    assert found[-2:] == ["gs-advice", "gs-excused"]


def test_what_there_is_nothing_of_has_no_section(reports):
    """A run in which nothing blocks, and in which nothing was paid or mended, says so in the head only."""
    found = parts(replace(reports["good"], costs=())).values("id")
    assert not {"gs-blocks", "gs-costs", "gs-fixes", "gs-builds", "gs-timeline", "gs-traced"} & set(found)


def test_huge_reports_stay_readable(reports, make):
    """6,000 findings, 2,000 requirements and 300 services make a page of bounded size that says what it leaves out."""
    rows = tuple(
        {
            "id": f"R-{n}",
            "line": n,
            "status": "failing",
            "text": "x" * 500,
            "reason": "",
            "items": [{"id": "i", "outcome": "failed"}] * 80,
        }
        for n in range(2000)
    )
    services = tuple(f"service-{n:03}" for n in range(300))
    notes = tuple(SourceNote("not analysed", "a", f"{n}.py", "x" * 500) for n in range(2000))
    items = tuple(make.item(Outcome.ADVISORY, 4, f"ADV-{n}", violations=(make.violation(),)) for n in range(1000))
    report = replace(
        reports["huge"],
        requirements=rows,
        services=services,
        notes=notes,
        items=(*reports["huge"].items, *items),
        operations={f"a:{n}": False for n in range(1000)},
        timeline=tuple(Span("phase", "p", float(n), n + 0.5) for n in range(1000)),
        builds=reports["hostile"].builds * 100,
    )
    page = parts(report)
    text = " ".join("".join(page.text).split())
    assert sum(map(len, page.text)) < 5_000_000
    for left in (
        "5800 more findings",
        "1500 more requirements",
        "30 more checks",
        "1800 more notes",
        "800 more findings",
        "800 more operations",
        "800 more spans",
    ):
        assert f"… and {left}, in gate-report.json." in text
    assert "361 more services" in text
    assert re.search(r"… and [0-9]+ more lines, in gate-report.json.", text)


def test_links_lead_to_rows(reports):
    """Findings and checks link to the row of their item, cells to the rows of their service and layer."""
    row = {
        "id": "R-1",
        "line": 3,
        "status": "failing",
        "text": "",
        "items": [{"id": "PRD.md::a[b c]", "outcome": "failed"}],
    }
    links = parts(replace(reports["bad"], requirements=(row,))).values("href")
    assert "#item=PRD.md%3A%3Alayer3%3A%3Atest_scan%5Bauth-service-SEC-SECRET-001%5D" in links
    assert "#item=PRD.md%3A%3Aa%5Bb%20c%5D" in links
    assert "#layer=3&service=auth-service" in links


def test_a_calibration_says_what_survived(reports):
    """The faults that nothing caught are open, those that were caught are folded."""
    catch = Catch(3, "test_scan[a-SEC-001]", "SEC-001", "No authentication.", blocking=True)
    faults = (
        FaultResult("F-1", "auth-removed", (3,), "caught", what="no token is asked for", catches=(catch,)),
        FaultResult("F-2", "log-removed", (3,), "survived", what="a line is not logged"),
    )
    (section,) = [
        each for each in summary(replace(reports["empty"], calibration=Calibration(faults))) if "gs-calibration" in each
    ]
    assert re.search(r"<details[^>]* open><summary>Survived: what the gate cannot see", section)
    assert re.search(r'<details class="gs-fold gs-print"><summary>Caught', section)
    assert "F-2: a line is not logged" in section
    assert "layer 3: test_scan[a-SEC-001] found: No authentication." in section
