"""The badge: what it says of which report, in which colour, and that it is safe and the same each time."""

from dataclasses import replace
from xml.etree import ElementTree as ET

import pytest

from pytest_superteam.models import Calibration, Outcome
from pytest_superteam.reports.badge import badge_svg, badge_words
from pytest_superteam.reports.timeline import timeline_data

SVG = "{http://www.w3.org/2000/svg}"
GOOD, BAD, WARN = "#1b6e20", "#b00020", "#8a5a00"


def report_of(make, kind):
    """Return a report of a kind."""
    passed, failed = make.item(), make.item(Outcome.FAILED, code="SEC-002")
    return {
        "passed": make.report([passed], planned=1),
        "partial": make.report([passed], planned=2),
        "failed": make.report([passed, failed, make.item(Outcome.ERROR, code="SEC-003")], planned=3),
        "failed in part": make.report([failed], planned=9),
        "interrupted": make.report([passed], planned=1, interrupted=True),
        "interrupted in part": make.report([passed], planned=9, interrupted=True),
        "empty": make.report([], planned=9),
        "calibration": replace(make.report([passed]), calibration=Calibration(()), verdict="passed", planned=0),
    }[kind]


@pytest.mark.parametrize(
    ("kind", "words", "color"),
    [
        ("passed", ("gate", "passed"), GOOD),
        ("partial", ("gate", "passed, partial"), WARN),
        ("failed", ("gate", "failed, 2 blocking"), BAD),
        ("failed in part", ("gate", "failed, 1 blocking, partial"), BAD),
        ("interrupted", ("gate", "interrupted"), WARN),
        ("interrupted in part", ("gate", "interrupted, partial"), WARN),
        ("empty", ("gate", "incomplete, partial"), WARN),
        ("calibration", ("calibration", "passed"), GOOD),
    ],
)
def test_what_it_says(make, kind, words, color):
    """The badge says the verdict and how much blocks; only a whole gate that passed is green."""
    report = report_of(make, kind)
    assert badge_words(report) == words
    tree = ET.fromstring(badge_svg(report))
    assert tuple(text.text for text in tree.iter(f"{SVG}text")) == words
    assert tree.findall(f"{SVG}g/{SVG}rect")[1].get("fill") == color
    assert tree.find(f"{SVG}title").text == tree.get("aria-label") == ": ".join(words)
    assert tree.get("role") == "img"


def test_small_and_the_same_each_time(make):
    """Equal reports give equal bytes, under two kilobytes, which name nothing on a network."""
    badge = badge_svg(report_of(make, "failed"))
    assert badge == badge_svg(report_of(make, "failed"))
    assert len(badge.encode()) < 2000
    assert badge.count("http") == 1  # the namespace


def test_hostile_verdict(make):
    """Whatever stands for a verdict is a text."""
    report = replace(report_of(make, "passed"), verdict="<script>&\x00")
    assert [text.text for text in ET.fromstring(badge_svg(report)).iter(f"{SVG}text")] == ["gate", "<script>&"]


def test_as_wide_as_its_texts(make):
    """Both texts have room in their fields, and the fields make up the badge."""
    tree = ET.fromstring(badge_svg(report_of(make, "failed in part")))
    fields = [float(field.get("width")) for field in tree.findall(f"{SVG}g/{SVG}rect")]
    assert sum(fields) == float(tree.get("width"))
    assert all(float(text.get("textLength")) < wide for text, wide in zip(tree.iter(f"{SVG}text"), fields, strict=True))


def test_timeline_as_data(make):
    """The JSON has each span with its times as texts, and no end where none is known."""
    from pytest_superteam.models import Span

    spans = (
        Span("build", "orders", 1_700_000_000.0, 1_700_000_002.5, "failed", 2, 3, "agent"),
        Span("session", "1", 1_700_000_000.0, None, "password=hunter2hunter2\n\x1b[31m"),
    )
    first, second = timeline_data(replace(make.report([]), timeline=spans))
    assert first == {
        "kind": "build",
        "name": "orders",
        "started": "2023-11-14T22:13:20.000Z",
        "ended": "2023-11-14T22:13:22.500Z",
        "seconds": 2.5,
        "outcome": "failed",
        "session": 2,
        "number": 3,
        "builder": "agent",
    }
    assert (second["ended"], second["seconds"], second["outcome"]) == (None, None, "password=hunt****")
