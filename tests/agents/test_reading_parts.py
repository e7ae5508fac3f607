"""Paths, figures, waiting times and conditions, each by itself."""

from __future__ import annotations

import json
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pytest_superteam.agents.placeholders import fill, fill_quoted
from pytest_superteam.agents.reading import documents
from pytest_superteam.agents.reading.figures import written_figure
from pytest_superteam.agents.reading.paths import steps_of, values_at
from pytest_superteam.agents.reading.tally import holds
from pytest_superteam.agents.reading.waiting import LONGEST_WAIT, asked_wait

DOCUMENT = {"a": {"b": 1, "c": [{"d": 2}, {"d": 3}, {}], "none": None}, "m": {"x-1": {"t": 4}, "y": {"t": 5}}}
PATHS = {
    "$.a.b": [1],
    "$.a.c.*.d": [2, 3],
    "$.m.*.t": [4, 5],
    "$.m.~": ["x-1", "y"],
    "$.m.x-1.t": [4],
    "$.a.none": [],
    "$.a.b.c": [],
    "$.a.c.d": [],
    "$.zero": [],
}


@pytest.mark.parametrize("path", PATHS)
def test_values_at(path):
    """A path leads to what stands there, and to nothing where the document has another shape."""
    assert values_at(DOCUMENT, path) == PATHS[path]


@pytest.mark.parametrize(
    "path", ["", "$", "a.b", "$.", "$.a..b", "$.a[0]", "$.~.a", "$.a b", "$.a\n", "$.__import__('os')"]
)
def test_what_is_no_path(path):
    """What is no path is refused."""
    with pytest.raises(ValueError, match="is no path"):
        steps_of(path)


FIGURES = {
    "0": 0,
    "1,200": 1200,
    "2.0k": 2000,
    "12k": 12_000,
    "1.5M": 1_500_000,
    "0.06": 0.06,
    " 7 ": 7,
    "-3": -3,
    "1,042.50": 1042.5,
}


@pytest.mark.parametrize("text", FIGURES)
def test_written_figures(text):
    """Figures are read as people write them."""
    assert written_figure(text) == (pytest.approx(FIGURES[text]), "")


@pytest.mark.parametrize("text", ["", "k", "1.2.3", "1,2", "ten", "1e5", "0x10", "nan", "inf", "٣", "1" * 400])
def test_what_is_no_written_figure(text):
    """What is no figure is told as such."""
    assert written_figure(text) == (None, "is no number")


WAITS = {
    "Please try again in 1m30.5s.": 90.5,
    "retry-after: 30": 30,
    "Retry-After=7": 7,
    '{"retry_after_ms": 500}': 0.5,
    '"retry_after": "12"': 12,
    "Please retry in 12.5s.": 12.5,
    "resets in 2 hours": 7200,
    "Your quota will reset after 18h22m52s.": 66_172,
    "retry in 500ms": 0.5,
    "try again in 5s; later: try again in 20s": 20,
    "retry after 99999999": LONGEST_WAIT,
    "try again later": None,
    "Retrying in 32.0 seconds...": None,
    "waiting for it": None,
    "": None,
}


@pytest.mark.parametrize("text", WAITS)
def test_waiting_times(text):
    """The last request to wait in a text is read in seconds; what a program does by itself is none."""
    assert asked_wait(text) == WAITS[text]


@settings(max_examples=100, deadline=None)
@given(st.text(alphabet="try again in retry-after:0123456789.hms \n", max_size=400))
def test_waiting_times_of_any_text(text):
    """Any text gives a waiting time that can be waited for, or none."""
    wait = asked_wait(text)
    assert wait is None or 0 <= wait <= LONGEST_WAIT


@pytest.mark.parametrize(
    "text", ["try again in " * 20_000, "retry-after" * 20_000, "reset " + "1h" * 50_000, " " * 200_000]
)
def test_waiting_times_of_long_texts(text):
    """Long texts that are made to be slow give an answer."""
    wait = asked_wait(text)
    assert wait is None or wait <= LONGEST_WAIT


HOLDS = [
    ({"$.a": 1}, {"a": 1}, True),
    ({"$.a": True}, {"a": 1}, False),
    ({"$.a": 1}, {"a": True}, False),
    ({"$.a": "x", "$.b": "y"}, {"a": "x", "b": "y"}, True),
    ({"$.a": "x", "$.b": "y"}, {"a": "x"}, False),
    ({"$.l.*.r": "exit"}, {"l": [{"r": "user"}] * 50 + [{"r": "exit"}]}, True),
    ({"$.a": "x"}, {"a": ["x"]}, False),
    ({}, {}, True),
]


@pytest.mark.parametrize(("when", "document", "wanted"), HOLDS)
def test_conditions(when, document, wanted):
    """A condition holds where each of its values stands at its place, of the same type."""
    assert holds(when, document) is wanted


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=60), st.text(max_size=60))
def test_values_are_never_filled_themselves(prompt, home):
    """What stands for a placeholder is put in as it is, whatever placeholders it holds itself."""
    values = {"prompt": prompt, "home": home}
    assert fill("<{prompt}|{home}|{other}>", values) == f"<{prompt}|{home}|{{other}}>"


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=60))
def test_values_stay_between_their_quotes(text):
    """What is put between double quotes of a configuration file does not lead out of them."""
    filled = fill_quoted('"{prompt}"', {"prompt": text})
    assert re.fullmatch(r'"(?:[^"\\\n]|\\.)*"', filled)


def test_reading_in_vain_is_bounded(monkeypatch):
    """Of a text with many starts of objects that all go on to its end, only a few are read."""
    read = []

    class Decoder(json.JSONDecoder):
        def raw_decode(self, text, start=0):
            read.append(start)
            return super().raw_decode(text, start)

    monkeypatch.setattr(documents.json, "JSONDecoder", Decoder)
    assert documents.parse_last("noise\n" + '{"a":[\n' * 40 + "1," * 10_000) == (None, documents.CUT_OFF)
    assert 1 <= len(read) <= 3
