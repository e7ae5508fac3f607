"""Moments and spans of time are said in one form, whatever a database holds."""

from __future__ import annotations

import math
import time
from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_superteam.reports.times import iso, moment, span


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (-1, "0.0 s"),
        (0, "0.0 s"),
        (4.14, "4.1 s"),
        (59.94, "59.9 s"),
        (59.96, "1 min 0 s"),
        (725, "12 min 5 s"),
        (3599.6, "1 h 0 min"),
        (8100, "2 h 15 min"),
        (86399, "23 h 59 min"),
        (266_400, "3 d 2 h"),
    ],
)
def test_span(seconds, words):
    """A span is told in the two largest units that it has."""
    assert span(seconds) == words


def test_moment():
    """A moment is told in the machine's own time."""
    at = time.mktime((2026, 11, 22, 14, 30, 5, 0, 0, -1))
    assert moment(at) == "2026-11-22 14:30:05"


@given(st.floats() | st.integers())
def test_any_number(value):
    """Any number at all gives one short line."""
    for words in (moment(value), span(value)):
        assert words.isprintable()
        assert len(words) < 40


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf, -1e300, 1e300, 10**400])
def test_no_moment(value):
    """What is no moment is told as such."""
    assert moment(value) == "a moment that can't be"


@pytest.mark.parametrize("value", [math.nan, math.inf, 1e300, 10**400])
def test_no_span(value):
    """What is no length of time is told as such."""
    assert span(value) == "a time that can't be"


@given(st.floats(allow_nan=True) | st.integers() | st.none())
def test_moments_for_programs(seconds):
    """A moment is ISO 8601 in UTC, to the millisecond, or nothing where no calendar has it."""
    told = iso(seconds)
    if told is not None:
        assert told.endswith("Z")
        assert abs(datetime.fromisoformat(told).timestamp() - seconds) < 0.002


@pytest.mark.parametrize(
    ("seconds", "told"),
    [
        (0, "1970-01-01T00:00:00.000Z"),
        (1_800_000_000.1234, "2027-01-15T08:00:00.123Z"),
        (1e18, None),
        (10**400, None),
        (math.inf, None),
        (math.nan, None),
        (None, None),
    ],
)
def test_known_moments_for_programs(seconds, told):
    """Moments that a hostile database may hold are left out."""
    assert iso(seconds) == told
