"""Text from outside is fit to be shown."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_superteam.reports.text import steerless


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("two\n\tlines", "two\n\tlines"),
        ("\x1b[31mred\x1b[0m", "red"),
        ("\x1b]0;title\x07after", "after"),
        ("\x1b]8;;file:///etc\x1b\\link", "link"),
        ("alone \x1b and \x9b2J", "alone  and 2J"),
        ("over\rwritten\x08\x00", "overwritten"),
        ("\u202eturned\u2066", "turned"),
        ("größer → ✓", "größer → ✓"),
    ],
)
def test_nothing_steers_the_terminal(text, shown):
    """Escapes, other control characters and turned directions go; lines, tabs and letters stay."""
    assert steerless(text) == shown


@given(st.text(alphabet=st.sampled_from("\x1b[]0m;\x07\\\n\ta\x9b\u202e")))
def test_no_text_keeps_an_escape(text):
    """However escapes lie within one another, none is left, and doing it again changes nothing."""
    shown = steerless(text)
    assert not set(shown) & set("\x1b\x07\x9b\u202e")
    assert shown.count("\n") <= text.count("\n")
