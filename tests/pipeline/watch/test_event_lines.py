"""Events as lines of JSON, and the reader that follows them while they are written."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import get_args

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_superteam.pipeline.files import Layout
from pytest_superteam.pipeline.watch import lines, tail
from pytest_superteam.pipeline.watch.events import Event, Kind, Level
from pytest_superteam.pipeline.watch.lines import LONGEST, event_of, line_of
from pytest_superteam.pipeline.watch.log import RunLog
from pytest_superteam.pipeline.watch.tail import Tail

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=50),
    lambda inner: st.lists(inner, max_size=5) | st.dictionaries(st.text(max_size=20), inner, max_size=5),
    max_leaves=20,
)


@given(st.text(max_size=300), st.dictionaries(st.text(max_size=20), VALUES, max_size=5), st.floats(0, 4e9))
def test_an_event_comes_back(message, data, at):
    """Every event makes one line of JSON, which reads back as an event of the same kind and time."""
    line = line_of(Event(at, "builder", message, "warning", "shop", "r", "s", data))
    assert line.count("\n") == 1
    assert line.isascii()
    found = event_of(line.encode())
    assert found is not None
    assert (found.kind, found.level, found.service, found.session) == ("builder", "warning", "shop", "s")
    assert abs(found.at - at) <= 0.001
    assert "\n" not in found.message


def test_the_schema_describes_the_lines():
    """The JSON schema beside the log knows each kind and level, and takes the lines that are written."""
    schema = json.loads((Path(lines.__file__).parent / "event.schema.json").read_text(encoding="utf-8"))
    known = schema["properties"]
    assert known["kind"]["enum"] == list(get_args(Kind))
    assert known["level"]["enum"] == list(get_args(Level))
    data = {"phase": "builders", "state": "done", "seconds": 1.5, "usd": 2, "total_usd": 3.5, "estimated": True}
    line = line_of(Event(1.0, "phase", "done", "success", "", "r", "s", data))
    jsonschema.validate(json.loads(line), schema, format_checker=jsonschema.FormatChecker())
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(json.loads(line) | {"kind": "nonsense"}, schema)


@given(st.binary(max_size=400))
def test_garbage_is_no_event(garbage):
    """Whatever stands in a line, reading it raises nothing."""
    assert event_of(garbage) is None or b'"kind"' in garbage


GOOD = json.loads(line_of(Event(1.0, "builder", "x")))


@pytest.mark.parametrize(
    "changed",
    [
        {"at": 12},
        {"at": "yesterday"},
        {"at": None},
        {"kind": "nonsense"},
        {"kind": []},
        {"level": "fatal"},
        {"data": []},
        {"message": 1},
        {"session": None},
    ],
    ids=str,
)
def test_what_is_no_event_is_passed_over(changed):
    """A line with a field of another type, or a kind that there is not, is no event."""
    assert event_of(json.dumps(GOOD).encode()) is not None
    assert event_of(json.dumps(GOOD | changed).encode()) is None


@pytest.mark.parametrize(
    "line",
    [b"", b"null", b"[]", b"{}", b"[" * 60_000, b'{"at": ' + b"1" * 5000 + b"}", json.dumps(GOOD).encode()[:40]],
    ids=["empty", "null", "list", "no fields", "deep", "digits", "half"],
)
def test_hostile_lines_are_passed_over(line):
    """A line that is nested without end, cut off or no object is no event."""
    assert event_of(line) is None


def test_what_is_too_long_is_passed_over():
    """A line longer than any that is written is no event."""
    assert event_of(json.dumps(GOOD | {"message": "x" * LONGEST}).encode()) is None


def test_read_text_steers_no_terminal():
    """What somebody else wrote into the file is cleaned when it is read."""
    found = event_of(json.dumps(GOOD | {"message": "a\x1b[2J\nb"}).encode())
    assert found is not None
    assert found.message == "a b"


# ---------------------------------------------------------------- following


@pytest.fixture
def layout(tmp_path):
    return Layout(tmp_path)


def messages(followed):
    return [event.message for event in followed.poll()]


def test_a_tail_brings_each_event_once(layout):
    """What was added since the last look comes, in order, and only once; events of other sessions do not."""
    followed = Tail(layout.events, "mine")
    assert messages(followed) == []
    mine, other = RunLog(layout, "r", "mine"), RunLog(layout, "r", "other")
    mine.emit("builder", "one")
    other.emit("builder", "of the other")
    mine.emit("builder", "two")
    assert messages(followed) == ["one", "two"]
    assert messages(followed) == []
    mine.emit("builder", "three")
    assert messages(followed) == ["three"]


def test_half_a_line_waits_for_its_other_half(layout):
    """An event that is only half written comes when it is whole, also when a character is cut in two."""
    line = line_of(Event(1.0, "builder", "whole", session="s")).encode()
    layout.state.mkdir()
    layout.events.write_bytes(line[:30])
    followed = Tail(layout.events, "s")
    assert messages(followed) == []
    with layout.events.open("ab") as file:
        file.write(line[30:])
    assert messages(followed) == ["whole"]


def test_a_line_that_was_cut_off_costs_only_itself(layout):
    """Half a line that a full disk left does not take the next one with it."""
    mine = RunLog(layout, "r", "s")
    mine.emit("builder", "one")
    with layout.events.open("ab") as file:
        file.write(b'{"at": "2026')
    mine.emit("builder", "two")
    assert messages(Tail(layout.events, "s")) == ["one", "two"]


@pytest.mark.parametrize("events", [1, 5])
def test_a_tail_follows_into_a_new_file(layout, events):
    """A file that was put aside is left, and its successor read from its beginning."""
    mine, followed = RunLog(layout, "r", "s"), Tail(layout.events, "s")
    mine.emit("builder", "a long message in the old file")
    with layout.events.open("ab") as file:
        file.write(b'{"at": "2026')  # cut off there
    assert len(messages(followed)) == 1
    layout.events.rename(layout.state / "events.1.jsonl")
    for n in range(events):
        mine.emit("builder", f"new {n}")
    assert messages(followed) == [f"new {n}" for n in range(events)]


def test_a_tail_reads_a_part_at_a_time(layout, monkeypatch):
    """A large file comes in parts, and the tail says that it is behind."""
    monkeypatch.setattr(tail, "CHUNK", 100)
    mine, followed = RunLog(layout, "r", "s"), Tail(layout.events, "s")
    for n in range(5):
        mine.emit("builder", str(n))
    found = messages(followed)
    assert followed.behind
    while followed.behind:
        found += messages(followed)
    assert found == ["0", "1", "2", "3", "4"]


def test_a_line_without_an_end_fills_no_memory(layout, monkeypatch):
    """What follows a line that never ends is found again; of the line itself no more than one event's size is kept."""
    monkeypatch.setattr(tail, "CHUNK", 50_000)
    layout.state.mkdir()
    layout.events.write_bytes(b"x" * 300_000 + b"\n" + line_of(Event(1.0, "builder", "after", session="s")).encode())
    followed, found = Tail(layout.events, "s"), []
    followed.behind = True
    while followed.behind:
        found += messages(followed)
        assert len(followed._rest) <= LONGEST
    assert found == ["after"]


@pytest.mark.parametrize("kind", ["folder", "pipe", "link"])
def test_what_is_no_file_is_not_read(layout, tmp_path, kind):
    """A folder, a pipe or a link in the file's place brings nothing, and holds nobody up."""
    layout.state.mkdir()
    if kind == "folder":
        layout.events.mkdir()
    elif kind == "pipe":
        os.mkfifo(layout.events)
    else:
        (tmp_path / "other").write_text(line_of(Event(1.0, "builder", "x", session="s")))
        layout.events.symlink_to(tmp_path / "other")
    assert messages(Tail(layout.events, "s")) == []
