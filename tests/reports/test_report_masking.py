"""Masking of secrets, and text made fit to be shown."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_superteam.reports.masking import mask
from pytest_superteam.reports.text import one_line, plural

BODY = "MIIEpAIBAAKCAQEA1234567890abcdefghijKLMNOP"


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("Authorization: Bearer abcd1234efgh", "Authorization: Bearer abcd****"),
        ("Authorization: Basic dXNlcjpwYXNzd29yZDE=", "Authorization: Basic dXNl****"),
        ("got eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.abc_def-123.", "got eyJh****."),
        ("key AKIAIOSFODNN7EXAMPLE here", "key AKIA**** here"),
        ("ghp_abcdefghij0123456789", "ghp_****"),
        ("sk-proj-abc123abc123abc123abc", "sk-p****"),
        ("password=hunter2hunter2", "password=hunt****"),
        ("password: hunter2", "password: hun****"),
        ('SECRET_KEY = "correct horse"', 'SECRET_KEY = "cor**** horse"'),
        ('{"password": "pa55word!"}', '{"password": "pa55****"}'),
        (r"{\"password\": \"pa55word!\"}", r"{\"password\": \"pa55****\"}"),
        ("postgres://user:s3cr3ts3cr3t@host/db", "postgres://user:s3cr****@host/db"),
        (
            f"-----BEGIN RSA PRIVATE KEY-----\n{BODY}\n{BODY}\nabc=\n-----END RSA PRIVATE KEY-----",
            "-----BEGIN RSA PRIVATE KEY-----\nMIIE****\n-----END RSA PRIVATE KEY-----",
        ),
    ],
)
def test_a_secret_is_cut_down_to_its_first_characters(text, masked):
    """At most four characters of a secret stay, of a short one at most half; masking again changes nothing."""
    assert mask(text) == masked
    assert mask(masked) == masked


@pytest.mark.parametrize(
    "text",
    [
        "Bearer authentication is missing",
        "password: required field",
        "password: str",
        "password = get_password()",
        'password = os.environ["DB_PASSWORD"]',
        "password=None",
        "token == expected",
        '"token_type": "bearer"',
        "token_url=https://example.org/token",
        "max_tokens_limit=4096",
        "secret: hardcoded value found in settings",
        "GET http://127.0.0.1:8000/books/1 answered 500",
        "skip-reason-is-a-long-kebab-case-name-without-figures",
    ],
)
def test_what_only_talks_about_secrets_stays(text):
    """Sentences, types, expressions and addresses are left as they are."""
    assert mask(text) == text


@given(st.text(alphabet="aA1-_=:\"'\\ \n.*/@eyJpasswordtokenBEGINPRIVATEKEY", max_size=200))
def test_masking_twice_is_masking_once(text):
    """Masking is idempotent and never fails."""
    assert mask(mask(text)) == mask(text)


@pytest.mark.parametrize(
    "unit", ["eyJ-", "password", "password=", "-----BEGIN PRIVATE KEY-----AAAAAAAA ", "://a:", "sk-"]
)
def test_a_long_repetitive_text_is_masked(unit):
    """Text made to send a pattern back and forth comes through; it would not end if the time were not linear."""
    assert isinstance(mask(unit * 50_000), str)


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("a\n\tb  c", "a b c"),
        ("\x1b[31mred\x1b[0m \x1b]0;title\x07x", "red x"),
        ("nul\x00 bell\x07 bidi\u202e zero\u200bwidth lone\udcff", "nul bell bidi zerowidth lone"),
        ("pass\x1b[0mword=hunter2hunter2", "password=hunt****"),
        ("pass\u200bword=hunter2hunter2", "password=hunt****"),
        ("x" * 400, "x" * 297 + "..."),
        ("é 漢 🎉", "é 漢 🎉"),
    ],
)
def test_shown_text_is_one_harmless_line(text, line):
    """Line breaks become blanks, what steers a terminal goes, and hiding a secret behind it does not help."""
    assert one_line(text) == line


@given(st.text(), st.integers(min_value=3, max_value=50))
def test_a_shown_line_is_printable_and_bounded(text, limit):
    """Whatever comes in, the line is not longer than asked for and is printable."""
    line = one_line(text, limit)
    assert len(line) <= limit
    assert line.isprintable()


def test_plural_follows_the_count():
    """One item, two items."""
    assert [plural(n, "item") for n in (0, 1, 2)] == ["0 items", "1 item", "2 items"]
