"""Whether a value came back as it was sent: forms of the same value, and others."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_superteam.checks.flows.lists import rows_of
from pytest_superteam.checks.flows.values import differences, same

ONE = "6f9619ff-8b86-4d01-b42d-00cf4fc964ff"


@pytest.mark.parametrize(
    ("sent", "got", "expected"),
    [
        ("x", "x", True),
        (1, 1.0, True),
        (9.99, 9.990000001, True),
        (9.99, "9.99", True),
        (ONE, ONE.upper(), True),
        (ONE, f"{{{ONE}}}", True),
        ("Reader@Example.com", "reader@example.com", True),
        ("2026-01-31T12:00:00Z", "2026-01-31T12:00:00.000+00:00", True),
        ("2026-01-31T12:00:00Z", "2026-01-31T13:00:00+01:00", True),
        ("2026-01-31T12:00:00Z", "2026-01-31 12:00:00", True),
        ("09:30", "09:30:00", True),
        ({"a": 1}, {"a": 1, "b": 2}, True),
        ([1, "2"], [1.0, "2"], True),
        (True, "true", True),
        (None, None, True),
        ("x", "X", False),
        ("x", None, False),
        (1, 2, False),
        (1, True, False),
        (9.99, 9.98, False),
        (9.99, "much", False),
        (True, 1, False),
        (True, False, False),
        (None, "x", False),
        (ONE, ONE.replace("6", "7"), False),
        ("2026-01-31T12:00:00Z", "2026-01-31T13:00:00Z", False),
        ("2026-01-31T12:00:00Z", "soon", False),
        ("09:30", "09:31", False),
        ({"a": 1}, {"b": 1}, False),
        ({"a": 1}, [], False),
        ([1], [1, 2], False),
        ([1], 1, False),
    ],
)
def test_the_same_value(sent, got, expected):
    """An instant, a number or an id is the same however it is written; anything else has to be equal."""
    assert same(sent, got) is expected


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.floats(-1e15, 1e15) | st.text(),
    lambda c: st.lists(c, max_size=3) | st.dictionaries(st.text(max_size=5), c, max_size=3),
    max_leaves=8,
)


@given(JSON)
def test_everything_is_the_same_as_itself(value):
    """No value that is answered just as it was sent is a difference."""
    assert same(value, value)


@given(JSON, JSON)
def test_no_answer_breaks_the_comparison(sent, got):
    """Whatever comes back, the comparison says yes or no."""
    assert same(sent, got) in {True, False}


def test_differences_name_field_and_values():
    """A difference names the field, what it is and what was sent; null that stays away is none."""
    sent = {"title": "Notes", "pages": 3, "blurb": None, "secret": "x"}
    assert differences(sent, {"title": "notes"}, ["blurb", "pages", "title"]) == [
        "pages is missing, sent was 3",
        "title is 'notes', sent was 'Notes'",
    ]
    assert differences(sent, [1], ["title"]) == ["the answer is no object"]


@pytest.mark.parametrize(
    ("answer", "rows", "total"),
    [
        ([{"id": 1}, 2], [{"id": 1}], 2),
        ({"items": [{"id": 1}], "total": 9}, [{"id": 1}], 9),
        ({"data": [], "count": 0}, [], 0),
        ({"other": [{"id": 1}]}, [{"id": 1}], None),
        ({"tags": [], "items": [{"id": 1}], "total": "many"}, [{"id": 1}], None),
        ({"total": 3}, None, 3),
        ("text", None, None),
        (None, None, None),
    ],
)
def test_rows_of_lists(answer, rows, total):
    """Rows are found in plain lists and in pages of any of the usual shapes."""
    assert rows_of(answer) == (rows, total)
