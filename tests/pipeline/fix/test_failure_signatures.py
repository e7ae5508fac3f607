"""The same failures are known when they come back."""

import pytest
from gated import found, item, violation
from hypothesis import given, settings
from hypothesis import strategies as st

from pytest_superteam.pipeline.fix.signatures import signature_of, signatures


def sign(*items):
    return signatures(found(*items))


def scan(*violations):
    return item("orders", "SEC-001", *violations)


SAME = [
    (scan(violation(line=1)), scan(violation(line=99))),
    (scan(violation(message="a."), violation(message="b.")), scan(violation(message="b."), violation(message="a."))),
    (item("orders", "SEC-1", reason="ended after 3.2 s"), item("orders", "SEC-1", reason="ended after 4.7 s")),
    (
        item("orders", "CONFORM-1", reason="orders: ended. Its last log lines:\n    12:00:01 boom"),
        item("orders", "CONFORM-1", reason="orders: ended. Its last log lines:\n    12:30:09 other"),
    ),
]
OTHER = [
    (scan(violation(message="a.")), scan(violation(message="b."))),
    (scan(violation(message="a.")), scan(violation(message="a."), violation(message="b."))),
    (scan(violation(file="a.py")), scan(violation(file="b.py"))),
    (item("orders", "SEC-1", reason="no answer"), item("orders", "SEC-1", reason="not JSON")),
    (item("orders", "SEC-1", reason="is open. Protect it."), scan(violation())),
]


@pytest.mark.parametrize(("before", "after"), SAME)
def test_same(before, after):
    """Neither order nor lines nor times nor what a log says make other failures of the same ones."""
    assert sign(before) == sign(after)
    assert len(sign(before)["orders"]) == 32


@pytest.mark.parametrize(("before", "after"), OTHER)
def test_other(before, after):
    """Another message, file, number of findings or error is another failure."""
    assert sign(before) != sign(after)


ANSWER = 'The answer was 500: {"id":"%s","name":"%s 2186b96c2928","at":"2026-11-22T03:58:31.54Z"}. Answer 201.'
UUIDS = "e2d0659d-be3f-4be6-97c8-e33a57cf257d", "02d8ef5c-3c57-4f4c-8b42-efb1c93e9a3e"


@pytest.mark.parametrize(
    ("before", "after", "same"),
    [
        (ANSWER % (UUIDS[0], "ember"), ANSWER % (UUIDS[1], "birch"), True),
        (ANSWER % (UUIDS[0], "ember"), (ANSWER % (UUIDS[0], "ember")).replace("500", "404"), False),
        ("got 500: {'a': 1… (299 characters)", "got 500: {'b': 2… (301 characters)", True),
        ("no row for ember 2186b96c2928", "no row for birch 19116ccdb95f", True),
        ("http://127.0.0.1:43355/books is slow", "http://127.0.0.1:43485/books is slow", True),
        ("took 4.3 s instead of 5 ms", "took 6.1 s instead of 7 ms", True),
        ("fails 4 of 34 of its own tests", "fails 3 of 34 of its own tests", False),
        ("expected 401, got 204", "expected 401, got 200", False),
        ("GET /books/{id} answers no `isbn`", "GET /books/{id} answers no `price`", False),
        ("decade and facade are words", "decade and face are words", False),
        (f"of {UUIDS[0]} a", f"of {UUIDS[1]} b", False),
    ],
)
def test_what_a_running_system_says(before, after, same):
    """Ids, moments, made-up values, answers and addresses are left out; statuses, counts and names are not."""

    def check(text):
        return sign(item("orders", "CONFORM-001", violation(code="CONFORM-001", message=text, evidence=text)))

    assert (check(before) == check(after)) is same


@pytest.mark.parametrize(
    ("before", "after", "same"),
    [
        (
            "create of orders answered 500 to a valid body: {}",
            "create of orders answered 404 to a valid body: {}",
            False,
        ),
        ("36 calls: 404 x36; not exercised", "35 calls: 404 x35; not exercised", True),
        ('answered 500: {"a": 1}. x', 'answered 500: {"b": 2}. x', True),
    ],
)
def test_what_an_error_says(before, after, same):
    """Of an error the statuses count, and other numbers and answers do not."""
    assert (sign(item("orders", "SEC-1", reason=before)) == sign(item("orders", "SEC-1", reason=after))) is same


@pytest.mark.parametrize("text", ['{"' * 50_000, "[" * 100_000, "a" * 100_000, "1-" * 50_000, "5" * 100_000])
@pytest.mark.parametrize("code", ["CONFORM-001", "SEC-001"])
def test_long_texts(text, code):
    """Long texts of what the patterns look for have a signature, too."""
    assert sign(item("orders", code, violation(code=code, message=text)))
    assert sign(item("orders", code, reason=text))


def test_item_counts():
    """The same message of two items is two failures."""
    bad = violation(code="CONFORM-001")
    both = sign(item("orders", "CONFORM-001", bad), item("orders", "CONFORM-001", bad, test="test_other"))
    assert both != sign(item("orders", "CONFORM-001", bad))


@settings(deadline=None)
@given(st.text(max_size=300))
def test_any_text(text):
    """Whatever is said, the same is the same again."""
    signs = [sign(item("orders", "TEST-001", violation(code="TEST-001", message=text))) for _ in range(2)]
    assert signs[0] == signs[1]


def test_nothing():
    """Without findings there is no signature."""
    assert signature_of(()) == ""
    assert sign(item("orders")) == {}
