"""Log lines of any shape and files that grow, as hostile services may write them."""

import json
import os

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_superteam.checks.tracing import following
from pytest_superteam.checks.tracing.context import malformed_headers, new_trace
from pytest_superteam.checks.tracing.data import changed, same
from pytest_superteam.checks.tracing.following import Follower, read_line
from pytest_superteam.checks.tracing.watch import Watch
from pytest_superteam.models import Deployment, RunningService

TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"
SPAN = "00f067aa0ba902b7"


def test_our_header_is_valid_and_new():
    """A trace of ours has the form of W3C Trace Context and is nobody else's."""
    one, other = new_trace(), new_trace()
    version, trace, span, flags = one.header.split("-")
    assert (version, len(trace), len(span), flags) == ("00", 32, 16, "01")
    assert int(trace, 16)
    assert one.trace_id != other.trace_id


def test_malformed_headers_are_malformed():
    """Each malformed header breaks one rule: hexadecimal digits, or the version."""
    digits, version = malformed_headers()
    assert not digits.header.startswith("ff")
    with pytest.raises(ValueError, match="invalid literal"):
        int(digits.trace_id, 16)
    assert version.header.startswith("ff-")
    assert version.trace_id in version.header
    assert (digits.example[31:36], version.example[:3]) == ("47zz-", "ff-")


@pytest.mark.parametrize(
    ("line", "traces", "paths", "status"),
    [
        ({"trace_id": TRACE, "path": "/books/1", "status": 200}, (TRACE,), ("/books/1",), 200),
        ({"traceId": TRACE.upper(), "http": {"path": "/books", "status_code": 404}}, (TRACE,), ("/books",), 404),
        ({"dd": {"trace_id": TRACE}, "msg": "GET /books"}, (TRACE,), ("/books",), 0),
        ({"traceparent": f"00-{TRACE}-{SPAN}-01"}, (TRACE,), (), 0),
        ({"message": f"trace_id={TRACE} done"}, (TRACE,), (), 0),
        ({"id": TRACE}, (), (), 0),
        ({"trace_id": "none", "status": "ok"}, (), (), 0),
        (f'INFO [trace_id={TRACE} span_id={SPAN}] "GET /books/1 HTTP/1.1" 200 OK', (TRACE,), ("/books/1",), 200),
        (f"traceparent: 00-{TRACE}-{SPAN}-01", (TRACE,), (), 0),
        ('127.0.0.1:4 - "POST /events HTTP/1.1" 202 Accepted', (), ("/events",), 202),
        (f"md5 {TRACE}", (), (), 0),
        (f"web-1  | {json.dumps({'trace_id': TRACE})}", (TRACE,), (), 0),
        ("", (), (), 0),
        ("{not json", (), (), 0),
        ("[1, 2]", (), (), 0),
    ],
)
def test_lines_of_any_shape(line, traces, paths, status):
    """Trace ids, paths and statuses are found in JSON under any key and in plain text."""
    found = read_line((json.dumps(line) if isinstance(line, dict) else line).encode())
    assert (found.traces, found.paths, found.status) == (traces, paths, status)


@pytest.mark.parametrize(
    "written",
    [TRACE, TRACE.upper(), f"00-{TRACE}-{SPAN}-01", "4bf92f35-77b3-4da6-a3ce-929d0e0e4736"],
)
def test_a_trace_id_is_known_in_any_spelling(written):
    """The id counts in upper case, within the header, and with the dashes of a UUID."""
    assert read_line(f"x {written} y".encode()).has(TRACE)
    assert not read_line(f"x {written[:30]} y".encode()).has(TRACE)


def test_spans_of_a_line():
    """A line's own span and its parent's are told apart, whatever they are called."""
    one = read_line(json.dumps({"span_id": SPAN, "parent_id": "1" * 16}).encode())
    other = read_line(json.dumps({"trace": {"parentSpanId": "2" * 16, "spanId": SPAN}}).encode())
    assert (one.span_id, one.parent_id) == (SPAN, "1" * 16)
    assert (other.span_id, other.parent_id) == (SPAN, "2" * 16)


def test_what_is_shown_is_short_masked_and_the_same_in_every_run():
    """A shown line has no secret, no id, no time and no more than a few hundred characters."""
    lines = [
        {
            "time": f"2026-01-0{n}T00:00:00Z",
            "password": "hunter2" * n,
            "trace_id": str(n) * 32,
            "ms": 1.5 * n,
            "text": "y" * 999,
        }
        for n in (1, 2)
    ]
    first, second = (read_line(json.dumps(line).encode()).shown for line in lines)
    assert first == second
    assert "hunter2" not in first
    assert len(first) < 300
    plain = [f"2026-01-0{n} 10:00:0{n},123 INFO {str(n) * 32} GET /books took 0.{n}12 s" for n in (1, 2)]
    shown = {read_line(line.encode()).shown for line in plain}
    assert len(shown) == 1
    jwt = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl"
    assert jwt not in read_line(json.dumps({"header": f"Bearer {jwt}"}).encode()).shown


@given(st.binary(max_size=400))
def test_any_bytes_are_a_line(raw):
    """No bytes break the reading of a line."""
    read_line(raw).has(TRACE)


def test_only_what_was_appended_is_read(tmp_path):
    """A follower begins at the end of the file, gives whole lines, and waits for the rest of one."""
    log = tmp_path / "x.log"
    log.write_bytes(b"old\n")
    follower = Follower(log)
    with log.open("ab") as stream:
        stream.write(b"one\ntw")
        stream.flush()
        assert follower.lines() == [b"one"]
        stream.write(b"o\n")
    assert follower.lines() == [b"two"]
    assert follower.lines() == []
    log.write_bytes(b"new\n")  # begun anew
    assert follower.lines() == [b"new"]


def test_a_huge_log_is_not_read_whole(tmp_path, monkeypatch):
    """Where more came than one look may read, the oldest is left out and that is said."""
    monkeypatch.setattr(following, "MOST_BYTES", 100)
    log = tmp_path / "x.log"
    follower = Follower(log)
    log.write_bytes(b"0123456789\n" * 50)
    assert len(follower.lines()) < 12
    assert follower.skipped


def test_what_is_no_file_is_not_read(tmp_path):
    """A log that is absent, a pipe or a link to elsewhere has no lines, and nothing waits for it."""
    (tmp_path / "secret").write_text("secret\n")
    (tmp_path / "link.log").symlink_to(tmp_path / "secret")
    os.mkfifo(tmp_path / "pipe.log")
    for name in ("absent.log", "link.log", "pipe.log"):
        follower = Follower(tmp_path / name)
        follower._offset = 0
        assert follower.lines() == []


def test_a_watch_keeps_lines_of_its_tokens_only(tmp_path):
    """Lines with a watched id are kept, those that came shortly before it was watched for too, others are not."""
    log = tmp_path / "a.log"
    log.write_bytes(b"")
    watch = Watch(Deployment("test", "run", (RunningService("a", "http://127.0.0.1:1", log),)))
    log.write_bytes(f"early {TRACE}\nother\n".encode())
    watch.look()
    assert watch.of("a", TRACE) == []
    watch.tokens((TRACE, ""))
    assert [s.line.text for s in watch.of("a", TRACE)] == [f"early {TRACE}"]
    with log.open("ab") as stream:
        stream.write(f"late {TRACE.upper()}\n\n".encode())
    watch.look()
    assert len(watch.of("a", TRACE)) == 2
    assert watch.told == {"a": 3}
    assert not watch.recording


@pytest.mark.parametrize(
    ("sent", "got", "verdict"),
    [
        (3, 3, True),
        (3, 3.0, True),
        (0.1 + 0.2, 0.3, True),
        (3, "3", False),
        (True, 1, False),
        (None, None, True),
        (None, "", False),
        ("a", "a", True),
        ("a", "A", False),
        ("3F0A8D5E-6C1B-4F7E-9D2A-5B8C7E1F4A60", "3f0a8d5e-6c1b-4f7e-9d2a-5b8c7e1f4a60", True),
        ("2026-01-31T12:00:00Z", "2026-01-31T12:00:00+00:00", True),
        ("2026-01-31T12:00:00Z", "2026-01-31T13:00:00+01:00", True),
        ("2026-01-31T12:00:00Z", "2026-01-31T12:00:00+01:00", False),
        ("12:00:00", "12:00:00Z", True),
        ("https://example.com", "https://example.com/", True),
        ("Ann@Example.com", "ann@example.com", True),
        (["a", {"b": 1}], ["a", {"b": 1, "c": 2}], True),
        (["a"], ["a", "b"], False),
        ({"b": 1}, {"b": "1"}, False),
    ],
)
def test_what_counts_as_the_same(sent, got, verdict):
    """Numbers are numbers, moments are moments in any zone; everything else is as it was sent."""
    assert same(sent, got) is verdict


def test_changes_are_told_by_name():
    """Each changed value is told with both values, an absent one only where it must be there, a secret never."""
    sent = {"title": "A", "pages": 3, "password": "one", "note": None}
    got = {"title": "B", "pages": "3", "password": "two"}
    assert changed(sent, got, must=["note"]) == [
        '`title` is "B" and not "A"',
        '`pages` is "3" and not 3',
        "`note` is missing",
    ]
    assert changed(sent, got, names=["note", "absent"]) == []
