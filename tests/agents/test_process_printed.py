"""What is heard of what an agent prints, and what is kept of it."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pytest_superteam.agents import printed
from pytest_superteam.agents.printed import KEPT_BYTES, LINE_BYTES, Printed, plain


def take(*chunks):
    """Return the lines that are heard, and what is kept."""
    lines = []
    made = Printed(lines.append)
    for chunk in chunks:
        made.take(chunk)
    made.end()
    return lines, made.text()


@pytest.mark.parametrize(
    ("chunks", "lines", "text"),
    [
        ([], [], ""),
        ([b"a\nb\n"], ["a", "b"], "a\nb\n"),
        ([b"a", b"b\nc", b"d"], ["ab", "cd"], "ab\ncd"),
        ([b"\n\n a \n\n"], [" a"], "\n\n a \n\n"),
        ([b"a\r\nb\r", b"\nc"], ["a", "b", "c"], "a\nb\nc"),
        ([b"10%\r20%\rdone\n"], ["10%", "20%", "done"], "10%\n20%\ndone\n"),
        ([b"\x1b[1;31mred\x1b[0m \x1b[38;2;1;2;3mx\x1b[m\n"], ["red x"], "red x\n"),
        ([b"\x1b]0;title\x07a\x1b]8;;http://x\x1b\\link\x1b]8;;\x1b\\\n"], ["alink"], "alink\n"),
        ([b"\x1b[?25l\x1b[2K\x1b[1Gx\x1b(B\x1b=\x1b7\n"], ["x"], "x\n"),
        ([b"a\x00\x07\x08b\x7f\tc\n"], ["ab\tc"], "ab\tc\n"),
        ([b"\x1b[31", b"mred\n"], ["red"], "red\n"),
        ([b"caf\xc3", b"\xa9 \xff\n"], ["caf\u00e9 \ufffd"], "caf\u00e9 \ufffd\n"),
        ([b'{"a": "\\u001b[0m"}\n'], ['{"a": "\\u001b[0m"}'], '{"a": "\\u001b[0m"}\n'),
        ([b"\x1b", b"\x1b["], [], ""),
    ],
)
def test_lines(chunks, lines, text):
    """Lines are told whole, whatever pieces they come in, without colours, control characters and blank ones."""
    assert take(*chunks) == (lines, text)


def test_a_long_line():
    """Of a line that never ends the beginning is told once, and the next line is whole again."""
    lines, text = take(*[b"x" * 70_000] * 40, b"\nnext\n")
    assert [len(line) for line in lines] == [LINE_BYTES, 4]
    left_out = 40 * 70_000 + 6 - 2 * KEPT_BYTES
    assert text == "x" * KEPT_BYTES + f"\n[... {left_out} bytes left out ...]\n" + "x" * (KEPT_BYTES - 6) + "\nnext\n"


def test_what_is_kept_up_to_the_last_byte():
    """Nothing is left out of what fits, and a byte of what is one byte too long."""
    assert take(b"x" * 2 * KEPT_BYTES)[1] == "x" * 2 * KEPT_BYTES
    assert "[... 1 bytes left out ...]" in take(b"x" * (2 * KEPT_BYTES + 1))[1]


def test_too_many_lines(monkeypatch):
    """After so many lines only some are told, each of them whole; the last ones are in what is kept."""
    now = iter(range(10_000))
    monkeypatch.setattr(printed, "MOST_LINES", 10)
    monkeypatch.setattr(printed.time, "monotonic", lambda: next(now) / 100)
    numbers = b"".join(b"line %d\n" % number for number in range(1000))
    lines, text = take(*(numbers[at : at + 100] for at in range(0, len(numbers), 100)))
    assert lines[:10] == [f"line {number}" for number in range(10)]
    assert 12 < len(lines) < 60
    assert set(lines) <= set(text.splitlines())
    assert text == numbers.decode()


@settings(deadline=None)
@given(st.lists(st.binary(max_size=60), max_size=8))
def test_any_bytes(chunks):
    """Whatever bytes come in whatever pieces, lines hold no line end or escape, and pieces make no difference."""
    lines, text = take(*chunks)
    assert (lines, text) == take(b"".join(chunks))
    for line in lines:
        assert line.strip()
        assert not set(line) & set("\x1b\n\r\x00\x07")
    assert not set(text) & set("\x1b\r\x00\x07")


@settings(deadline=None)
@given(st.text(alphabet="\x1b[]0;m\x07\\x ", max_size=200))
def test_escapes(text):
    """No escape character outlives, and what is plain stays as it is."""
    once = plain(text)
    assert "\x1b" not in once
    assert plain(once) == once


def test_escapes_without_an_end():
    """A string of escapes that have no end costs no more than its length."""
    assert plain("\x1b]" * 200_000) == ""
    assert len(plain("\x1b]" + "x" * 500_000)) == 500_000
