"""Curl lines and shortened answers."""

import shlex

import pytest
import requests

from pytest_superteam.checks.evidence import curl_line, masked, shortened

TOKEN = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJ4In0.c2lnbmF0dXJl"


def prepared(**parts):
    """Return a prepared request."""
    return requests.Request("POST", "http://127.0.0.1:1/books", **parts).prepare()


def test_a_curl_line_repeats_the_request():
    """Method, address, content type and body are in the line, quoted for a shell."""
    line = curl_line(prepared(json={"title": "it's $HOME"}, params={"q": "a b&c"}))
    words = shlex.split(line)
    assert words[:5] == ["curl", "-sS", "-i", "-X", "POST"]
    assert words[-1] == "http://127.0.0.1:1/books?q=a+b%26c"
    assert words[words.index("--data-raw") + 1] == '{"title": "it\'s $HOME"}'
    assert "Content-Type: application/json" in words


def test_the_token_is_a_variable():
    """A bearer token is `$TOKEN`; the worthless one, which reproduces a finding, is shown."""
    assert curl_line(prepared(headers={"Authorization": f"Bearer {TOKEN}"})).count("Bearer $TOKEN") == 1
    assert "Bearer not-a-token" in curl_line(prepared(headers={"Authorization": "Bearer not-a-token"}))


def test_cookies_are_masked():
    """A session cookie is a secret, too."""
    assert "abc123" not in curl_line(prepared(headers={"Cookie": "session=abc123"}))


@pytest.mark.parametrize("name", ["password", "access_token", "token", "secret", "API_KEY"])
def test_secret_properties_are_masked(name):
    """The values of secret properties are starred out, their names stay."""
    assert masked(f'{{"{name}": "hunter2", "title": "x"}}') == f'{{"{name}": "***", "title": "x"}}'


def test_tokens_are_masked_anywhere():
    """A JSON web token in any text is starred out."""
    assert masked(f"got {TOKEN}.") == "got ***."


def test_bodies_that_are_no_text_are_shown():
    """Bytes that are no UTF-8 are escaped."""
    assert "\\xff" in curl_line(prepared(data=b"\xff"))


def test_long_texts_are_cut_with_a_mark():
    """A cut text says how long it was; a short one is only put on one line."""
    assert shortened("a\n  b") == "a b"
    assert shortened("x" * 400) == "x" * 300 + "… (400 characters)"
