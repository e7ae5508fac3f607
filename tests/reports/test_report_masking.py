"""Masking of secrets, and text made fit to be shown."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_superteam.reports.masking import mask, mask_document, mask_url, secret_lines
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
        ("SG." + "a1B2c3D4" * 3 + "." + "e5F6g7H8" * 5, "SG.a****"),
        ("password=hunter2hunter2", "password=hunt****"),
        ("password: hunter2", "password: hun****"),
        ('SECRET_KEY = "correct horse"', 'SECRET_KEY = "cor**** horse"'),
        ('{"password": "pa55word!"}', '{"password": "pa55****"}'),
        (r"{\"password\": \"pa55word!\"}", r"{\"password\": \"pa55****\"}"),
        ("postgres://user:s3cr3ts3cr3t@host/db", "postgres://user:****@host/db"),
        ("| JWT_SECRET | 9f8a7b6c5d4e3f2a |", "| JWT_SECRET | 9f8a**** |"),
        ("| **Password** | `Tr0ub4dor&3` | of staging |", "| **Password** | `Tr0u****` | of staging |"),
        ("| API key | a1b2c3d4e5f6", "| API key | a1b2****"),
        ("The admin password is `Sup3rS3cret!` for now", "The admin password is `Sup3****` for now"),
        ('set the token to "abc123def456"', 'set the token to "abc1****"'),
        ("curl -u admin:TopSecret99 x", "curl -u admin:TopS**** x"),
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
        "| Reset password | FR-AUTH-012 | must |",
        "| password_hash | varchar(255) | bcrypt |",
        "| token | argon2id-v19m64 | the method |",
        "| token | string | required, 8 to 128 characters |",
        "| token_url | x1y2z3w4v5u6 |",
        "| password | 2024-01-31T10:00:00 |",
        "the secret is `HS256-a1b2c3`",
        "the token is `optional`",
        "docker run -u 1000:1000",
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
    "unit",
    [
        "eyJ-",
        "password",
        "password=",
        "-----BEGIN PRIVATE KEY-----AAAAAAAA ",
        "://a:",
        "sk-",
        "token | ",
        "token is `",
        "-u a:",
    ],
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


KEY_BLOCK = f"-----BEGIN RSA PRIVATE KEY-----\n{BODY}\n{BODY}\n{BODY}\n-----END RSA PRIVATE KEY-----\n"


def test_a_masked_document_keeps_its_lines():
    """Line numbers of a masked document are those of the original, keys of several lines included."""
    text = f"one\n{KEY_BLOCK}password=hunter2hunter2\nlast\n"
    masked = mask_document(text)
    assert masked.count("\n") == text.count("\n")
    assert BODY not in masked
    assert masked.splitlines()[-2:] == ["password=hunt****", "last"]


@given(st.text(max_size=300))
def test_any_document_keeps_its_lines(text):
    """Whatever the text, masking moves no line."""
    assert mask_document(text).count("\n") == text.count("\n")


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("nothing\nhere\n", ()),
        ("a\nAPI_KEY=abcd1234efgh\n", (2,)),
        ('{"password": "pa55word!"}', (1,)),
        (f"a\n{KEY_BLOCK}b\nAKIAIOSFODNN7EXAMPLE and ghp_abcdefghij0123456789\n", (3, 8)),
        ("API_KEY=your-api-key-here\nJWT_SECRET=changeme123\nTOKEN=xxxxxxxx\nPASSWORD=<password1>\n", ()),
        ("Bearer abcd**** is masked already", ()),
        ("password: string, at least 8 characters", ()),
    ],
)
def test_lines_that_hold_a_secret(text, lines):
    """The lines of secrets are found; placeholders and talk of passwords are none."""
    assert secret_lines(text) == lines


@pytest.mark.parametrize(
    "text",
    [
        "POST /auth/forgot-password: Schema-valid request rejected.",
        "POST /auth/forgot-password: Schema-valid",
        "PUT /users/v1/{username}/password: 'email' with a text of 28 characters takes 10.0 s",
        "SCHEMA-001 GET /api/token: Response-header missing",
        "/auth/forgot-password: Schema-valid request rejected",
        "see `/auth/reset-password: Undocumented, really",
        "Reset password: re-sends the link",
        "forgot_password: Schema-valid request rejected",
        "Rotate token: Third-party keys are kept",
    ],
)
def test_a_heading_is_no_name_of_a_secret(text):
    """An operation, a path or a title before a colon names no secret, where words follow."""
    assert mask(text) == text


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("POST /auth/forgot-password: hunter2hunter2", "POST /auth/forgot-password: hunt****"),
        ("/run/secrets/db-password: correct-horse", "/run/secrets/db-password: corr****"),
        ("/run/secrets/db-password: Tr0ub4dor works", "/run/secrets/db-password: Tr0u**** works"),
        ("/etc/app/password: 'correct'", "/etc/app/password: 'cor****'"),
        ("admin password: correct-horse battery staple", "admin password: corr**** battery staple"),
        ("POST /login password: correct-horse battery", "POST /login password: corr**** battery"),
        ("POST /login?password=correct-horse battery", "POST /login?password=corr**** battery"),
        ('{"/auth/password": "correct-horse battery"}', '{"/auth/password": "corr**** battery"}'),
        ("Reset password: correct-horse", "Reset password: corr****"),
        ("new_password: correct-horse is set", "new_password: corr**** is set"),
    ],
)
def test_what_only_resembles_a_heading_is_masked(text, masked):
    """A value that is no words, or a name that ends no path or title, stays a secret."""
    assert mask(text) == masked


@pytest.mark.parametrize(
    ("url", "masked"),
    [
        ("postgresql://me:s3cr3ts3cr3t@db:5432/x", "postgresql://me:****@db:5432/x"),
        ("postgresql+psycopg://me:with/slash:es@db/x", "postgresql+psycopg://me:****@db/x"),
        ("postgresql://:word@db/x", "postgresql://:****@db/x"),
        ("postgresql://me@db/x?password=abc&sslmode=require", "postgresql://me@db/x?password=****&sslmode=require"),
        (
            "could not connect to 'postgresql://me:abc@db/x' at all",
            "could not connect to 'postgresql://me:****@db/x' at all",
        ),
        ("postgresql://me@db:5432/x", "postgresql://me@db:5432/x"),
        ("sqlite:////var/lib/runs.db", "sqlite:////var/lib/runs.db"),
    ],
)
def test_urls_of_databases(url, masked):
    """Nothing of a password is left in the URL of a database."""
    assert mask_url(url) == masked
    assert mask_url(masked) == masked


@given(st.text(alphabet=st.characters(exclude_characters="@*", exclude_categories=("Z", "C")), min_size=1, max_size=40))
def test_any_password_in_a_url(password):
    """Whatever a password consists of, the URL is the same without it."""
    assert mask_url(f"postgresql://me:{password}@db/x") == "postgresql://me:****@db/x"
