"""How long the other side wants us to wait is read from what it says."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_superteam.pipeline.fleet.waits import wait_in, wait_of_header

NOW = datetime(2026, 11, 22, 12, 0, 0, tzinfo=UTC).timestamp()


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("Retry-After: 120", 120),
        ("HTTP/1.1 429 Too Many Requests\r\nretry-after: 7\r\ncontent-type: text/plain", 7),
        ('{"retry-after": "15"}', 15),
        ("{'retry-after': '15'}", 15),
        ("Retry-After=1.5", 1.5),
        ("retry-after-ms: 250", 0.25),
        ("Retry-After: 5 minutes", 300),
        ("Retry-After: Sun, 22 Nov 2026 12:01:30 GMT", 90),
        ("Retry-After: Sun, 22 Nov 2026 11:00:00 GMT", 0),
        ("Please try again in 20s.", 20),
        ("Please try again in 6m0s. Visit the page of limits", 360),
        ("Please retry in 34.52s.", 34.52),
        ("try again in 1h2m3s", 3723),
        ("retry after 1 hour and 5 minutes", 3900),
        ("retrying in 2 days", 172_800),
        ("wait for 90 seconds", 90),
        ("resets in 3 h", 10_800),
        ("try again in 850ms", 0.85),
        ('"retryDelay": "34s"', 34),
        ("retry_delay: 12s", 12),
        ("limit resets at 2026-11-22T13:00:00Z", 3600),
        ("resets on 2026-11-22 13:00:00+01:00", 0),
        (f"usage limit reached|{int(NOW) + 500}", 500),
        ("retry in 5s, then: Retry-After: 60", 60),
    ],
)
def test_waits(text, seconds):
    """Headers, spans in prose and moments are understood; the longest one counts."""
    assert wait_in(text, NOW) == pytest.approx(seconds)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "retry after 3 attempts",
        "retry in 2 steps",
        "try again in 5 more runs",
        "try again later",
        "Retry-After: soon",
        "Retry-After: 1.2.3",
        "Retry-After: Sun, 99 Nov 2026 12:01:30 GMT",
        "resets at 2026-13-45T00:00:00Z",
        "resets at 2026-11-22T13:00:00",
        "limit reached|12345",
        "waited 30 s already",
        "attempt 2 of 5 took 12 s",
    ],
)
def test_no_waits(text):
    """What names no wait, or none that can be understood, asks for none."""
    assert wait_in(text, NOW) is None


@given(st.integers(0, 10**6))
def test_date_header_round_trip(seconds):
    """A date that lies so many seconds ahead asks for so many seconds."""
    when = datetime.fromtimestamp(NOW, UTC) + timedelta(seconds=seconds)
    assert wait_of_header(format_datetime(when, usegmt=True), NOW) == seconds


@given(st.text(max_size=200))
def test_any_text(text):
    """No text breaks the reader, and no wait is negative."""
    for said in (text, f"Retry-After: {text}", f"retry in {text}"):
        wait = wait_in(said, NOW)
        assert wait is None or wait >= 0
