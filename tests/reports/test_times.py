"""Moments and spans of time are said in one form, whatever a database holds."""

from __future__ import annotations

import math
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_superteam.reports.times import moment, span


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


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf, -1e300, 1e300])
def test_no_moment(value):
    """What is no moment is told as such."""
    assert moment(value) == "a moment that can't be"
