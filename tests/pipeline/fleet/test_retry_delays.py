"""The wait between two tries doubles, stays below its cap, and honours what a platform asks for."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_superteam.config import RetryConfig
from pytest_superteam.pipeline.fleet.delays import SPREAD, TooLongError, delay

LEAST, MOST = (lambda: 1.0), (lambda: 0.0)


def test_doubles_up_to_the_cap():
    """Without chance the waits are the base delay, doubled with each try, up to the cap."""
    waits = [delay(attempt, RetryConfig(), random=MOST) for attempt in range(1, 10)]
    assert waits == [1, 2, 4, 8, 16, 32, 60, 60, 60]


def test_chance_takes_a_quarter_at_most():
    """Chance makes a wait shorter, by a quarter at most, also at the cap."""
    assert delay(1, RetryConfig(), random=LEAST) == 0.75
    assert delay(9, RetryConfig(), random=LEAST) == 45


@given(
    st.integers(-1, 10_000),
    st.floats(0, 1e4),
    st.floats(0, 1e4),
    st.floats(0, 1),
)
def test_bounds(attempt, base, cap, chance):
    """Every wait lies between three quarters of the exponential and the cap."""
    retry = RetryConfig(base_delay=base, max_delay=cap)
    whole = min(cap, math.ldexp(base, min(63, max(0, attempt - 1))))
    assert whole * (1 - SPREAD) * 0.999999 <= delay(attempt, retry, random=lambda: chance) <= whole * 1.000001


def test_what_a_platform_asks_for():
    """What is asked for is waited at least, with some chance more, and our own wait where that is longer."""
    assert delay(1, RetryConfig(), retry_after=120, random=MOST) == 120
    assert delay(1, RetryConfig(), retry_after=120, random=LEAST) == 121
    assert delay(6, RetryConfig(), retry_after=2, random=MOST) == 32


@given(st.floats(0.001, 900), st.integers(1, 50), st.floats(0, 1))
def test_never_sooner_than_asked(asked, attempt, chance):
    """No wait is shorter than what a platform asks for, nor longer than allowed."""
    assert asked <= delay(attempt, RetryConfig(), retry_after=asked, random=lambda: chance) <= 900


@pytest.mark.parametrize("asked", [None, 0, -5, math.nan])
def test_nothing_asked_for(asked):
    """A wait that is none leaves our own."""
    assert delay(3, RetryConfig(), retry_after=asked, random=MOST) == 4


@pytest.mark.parametrize(("asked", "words"), [(901, "has to wait 901 s"), (math.inf, "has to wait without end")])
def test_too_long(asked, words):
    """A wait beyond the longest one allowed is refused, with both figures."""
    with pytest.raises(TooLongError, match=rf"{words}, longer than retry\.longest_wait \(900 s\)") as caught:
        delay(1, RetryConfig(), retry_after=asked)
    assert caught.value.seconds == asked


def test_by_chance():
    """Without a generator of one's own, waits differ."""
    assert len({delay(5, RetryConfig()) for _ in range(20)}) > 1
