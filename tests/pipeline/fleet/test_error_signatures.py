"""An error that comes again has the same signature, another error another one."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_superteam.pipeline.fleet.signatures import normalised, signature

SAME = [
    ("took 12 s", "took 7 s"),
    ("no end after 1800 s", "no end after 90.5 s"),
    ("line 3, column 14", "line 210, column 1"),
    ("Waited 1m 20s", "waited 45s"),
    ("File '/a/b/orders-x1/app/main.py', line 3", "File '/tmp/q/orders-zz/app/main.py', line 99"),
    (r"File 'C:\a\b\main.py'", r"File 'D:\other\main.py'"),
    ("cannot read ./app/models.py", "cannot read app/models.py"),
    ("cannot read ~/x/models.py", "cannot read /home/me/y/models.py"),
    ("can't open /tmp/tmpab12cd/x.json", "can't open /tmp/tmpzz99yy/x.json"),
    ("bad row 7d444840-9dc0-11d1-b245-5ffdce74fad2", "bad row 00000000-0000-4000-8000-000000000000"),
    ("request req_011CQabcDEF23 failed", "request req_9Z8y7X6w5 failed"),
    ("commit deadbeef01 failed", "commit 0123456789abcdef failed"),
    ("<User object at 0x7f3a2b>", "<User object at 0x10ffee>"),
    ("at 2026-11-22T12:00:01.123Z: no", "at 2025-01-02 03:04:05+01:00: no"),
    ("on Sun, 22 Nov 2026 12:00:00 GMT: no", "on Mon, 1 Feb 2027 01:02:03 GMT: no"),
    ("[12:00:01] no", "[23:59:59.999] no"),
    ("resets 3pm", "resets 11:30 am"),
    ("connect to 127.0.0.1:8001 refused", "connect to 10.0.0.7:43210 refused"),
    ("connect to localhost:8001 refused", "connect to 127.0.0.1:5432 refused"),
    ("connect to [::1]:8001 refused", "connect to [2001:db8::7]:80 refused"),
    ("GET http://127.0.0.1:41234/users/7 failed", "GET http://127.0.0.1:33333/users/9 failed"),
    ("GET https://me:pw@a.example:8443/x failed", "GET https://b.example/x failed"),
    ("\x1b[31mError\x1b[0m: no", "error: no"),
    ("\x1b]0;title\x07Error: no", "Error:   no\n"),
    ("rows 1, 2, 3 are bad", "rows 4, 5 are bad"),
    ("1,234 tokens", "99 tokens"),
    ("nothing in /a/building/orders-ab_defgh", "nothing in /a/building/orders-1bcdefgh"),
    ("wrote tmpab_cdef", "wrote tmpzyxwvu"),
]
OTHER = [
    ("HTTP 500", "HTTP 404"),
    ("status code: 401", "status code: 403"),
    ("exit code 1", "exit code 2"),
    ("exited with code 1", "exited with code 127"),
    ("No module named 'jose'", "No module named 'httpx'"),
    ("/x/app/main.py: invalid syntax", "/x/app/models.py: invalid syntax"),
    ("GET /users failed", "GET /orders failed"),
    ("GET http://a/users failed", "GET http://a/orders failed"),
    ("AuthService2Test failed", "UserService2Test failed"),
    ("connection refused", "connection reset"),
    ("no order-services", "no order-frontend"),
    ("KeyError: 'name'", "KeyError: 'email'"),
]


@pytest.mark.parametrize(("one", "two"), SAME)
def test_same(one, two):
    """Numbers, paths, ids, times, addresses and colours make no difference."""
    assert normalised(one) == normalised(two)
    assert signature(one) == signature(two)


@pytest.mark.parametrize(("one", "two"), OTHER)
def test_other(one, two):
    """Words, names of files, operations, HTTP statuses and exit codes do."""
    assert signature(one) != signature(two)


def test_form():
    """A signature is 32 hexadecimal digits, and none for what says nothing."""
    assert re.fullmatch(r"[0-9a-f]{32}", signature("x"))
    assert signature("") == signature(" \n\x1b[0m\x00") == ""


PATHS = st.lists(st.from_regex(r"[a-z]{1,8}", fullmatch=True), min_size=1, max_size=5).map("/".join)


@given(PATHS, PATHS, st.integers(0, 10**9), st.integers(0, 10**9), st.uuids(), st.uuids())
def test_what_changes_never_counts(folder, other, number, another, uid, uid2):
    """The same sentence about other folders, lines and rows is the same error."""
    sentence = "orders: /{}/app/main.py:{}: row {} is missing after {} s"
    assert signature(sentence.format(folder, number, uid, another)) == signature(
        sentence.format(other, another, uid2, number)
    )


@given(st.text(max_size=400))
def test_any_text(text):
    """No text breaks it; what is normalised holds no digit that counts something and fits on a line."""
    words = normalised(text)
    assert "\n" not in words
    assert "\x1b" not in words
    assert signature(text) == signature(f"  {text}\n")


@pytest.mark.parametrize(
    "piece", ["a/", "/", "1:", "1.", "::", "http://", "a.", "tmp", "ab1", "12 s ", "\x1b[", "x-", "\\"]
)
def test_long_texts_take_no_time(piece):
    """Texts made to keep patterns busy are read in one go."""
    assert len(normalised(piece * 50_000)) <= 40_000
