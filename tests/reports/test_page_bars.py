"""The timeline's axis."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_superteam.models import Span
from pytest_superteam.reports.page.bars import bars_of
from pytest_superteam.reports.page.summary import summary

DAY = 86_400.0


def session(number, start, end):
    return Span("session", str(number), start, end, "done", number)


def test_bars_stand_in_proportion():
    """Bars begin and end where their times do, as parts of the whole."""
    spans = (session(1, 100.0, 200.0), Span("phase", "builders", 110.0, 160.0), Span("build", "a", 110.0, 120.0))
    found = bars_of(spans)
    assert [(bar.name, bar.depth, bar.left, bar.width) for bar in found.bars] == [
        ("Session 1", 0, 0.0, 100.0),
        ("Builders", 1, 10.0, 50.0),
        ("Build a", 2, 10.0, 10.0),
    ]
    assert found.gaps == ()


def test_the_night_between_two_sessions_is_folded():
    """A run that went on the next day has a narrow gap that says how long it was."""
    found = bars_of((session(1, 0.0, 60.0), session(2, DAY, DAY + 40.0)))
    first, second = found.bars
    (gap,) = found.gaps
    assert (gap.left, gap.took) == (first.width, "23 h 59 min")
    assert gap.width < 6
    assert second.left == pytest.approx(gap.left + gap.width, abs=0.01)
    assert second.left + second.width == pytest.approx(100, abs=0.01)
    assert first.width / second.width == pytest.approx(1.5, abs=0.01)


def test_a_short_pause_is_not_folded():
    """Two seconds within a minute stay as they are."""
    assert bars_of((session(1, 0.0, 30.0), session(2, 32.0, 60.0))).gaps == ()


@pytest.mark.parametrize(
    ("span", "took"),
    [
        (Span("phase", "x", 10.0, 10.25), "250 ms"),
        (Span("phase", "x", 10.0, 10.0 + 7500), "2 h 5 min"),
        (Span("phase", "x", 10.0, None), "end not known"),
        (Span("phase", "x", 10.0, 5.0), "end not known"),
        (Span("phase", "x", 10.0, float("nan")), "end not known"),
    ],
)
def test_how_long_it_took(span, took):
    """From milliseconds to hours; an end that is not known, or can't be, is said to be so."""
    (bar,) = bars_of((span,)).bars
    assert (bar.took, bar.left) == (took, 0.0)


@pytest.mark.parametrize("started", [float("nan"), float("inf"), -1.0, 1e300])
def test_moments_that_can_not_be_are_left_out(started):
    """A database from outside may hold anything; such a span has no place on an axis."""
    assert bars_of((Span("phase", "x", started, started),)).bars == ()


def test_names_say_attempt_and_builder():
    """Builders' and fix attempts are told apart, and a bad end stands out in words."""
    spans = (
        Span("build", "orders", 0.0, 1.0, "timed out", builder="claude", number=2),
        Span("fix", "orders", 1.0, 2.0, "changed", builder="claude", number=1),
    )
    stopped = Span("phase", "gate", 2.0, 3.0, "interrupted: SIGINT")
    build, fix, gate = bars_of((*spans, stopped)).bars
    assert (build.name, build.outcome, build.bad) == ("Build orders by claude, try 2", "timed out", True)
    assert (fix.name, fix.bad) == ("Fix orders by claude, attempt 1", False)
    assert (gate.name, gate.bad) == ("Gate", True)


times = st.floats(0, 4e9, allow_nan=False)
spans = st.lists(
    st.builds(
        lambda kind, start, length: Span(kind, "x", start, None if length is None else start + length),
        st.sampled_from(["session", "phase", "build", "fix"]),
        times,
        st.none() | st.floats(0, 1e6) | st.floats(0, 1),
    ),
    max_size=30,
)


@given(spans)
def test_every_bar_lies_on_the_axis(found):
    """Whatever the times, bars and gaps lie between 0 and 100 percent, and a later bar does not begin before."""
    timeline = bars_of(sorted(found, key=lambda span: span.started))
    for part in (*timeline.bars, *timeline.gaps):
        assert 0 <= part.left <= 100
        assert part.width >= 0
        assert part.left + part.width <= 100.01
    lefts = [bar.left for bar in timeline.bars]
    assert lefts == sorted(lefts)


def test_the_section_is_a_table(reports):
    """Each bar is a row with its words, so that nothing is in the picture alone; an empty timeline has no section."""
    report = replace(reports["good"], timeline=(session(1, 0.0, 60.0), session(2, DAY, DAY + 40.0)))
    (text,) = [each for each in summary(report) if 'id="gs-timeline"' in each]
    assert '<th scope="row" class="gs-depth-0">Session 2</th>' in text
    assert "Idle time is folded: 23 h 59 min." in text
    assert text.count('<div aria-hidden="true">') == 2
    assert 'id="gs-timeline"' not in "".join(summary(reports["good"]))
