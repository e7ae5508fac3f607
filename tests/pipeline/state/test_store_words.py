"""Texts as every database takes them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_superteam.pipeline.state.words import fitting

any_text = st.text(st.characters(exclude_categories=()), max_size=60)  # unpaired surrogates as well


@given(any_text, st.integers(20, 40), st.booleans())
def test_fitting(text, size, name):
    """What fits is as long as it may be, can be encoded, has no NUL, and does not change when it is fitted again."""
    fit = fitting(text, size, name=name)
    assert len(fit.encode()) <= size
    assert b"\0" not in fit.encode()
    assert fitting(fit, size, name=name) == fit


@given(any_text, any_text)
def test_names_stay_apart(one, other):
    """Two names that are too long and begin alike are two names."""
    same = fitting("x" * 40 + one, 32, name=True) == fitting("x" * 40 + other, 32, name=True)
    assert same == (one == other)


@pytest.mark.parametrize(
    ("text", "size", "fit"),
    [
        ("short", 20, "short"),
        ("x" * 20, 20, "x" * 20),
        ("x" * 21, 20, "x" * 17 + "…"),
        ("ä" * 11, 20, "ä" * 8 + "…"),
        ("a\0b", 20, "a\ufffdb"),
    ],
)
def test_texts_are_cut(text, size, fit):
    """A text that is too long is cut, and shows it."""
    assert fitting(text, size, name=False) == fit
