"""How a credential is sent."""

from __future__ import annotations

import time

import jwt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_superteam.checks.callers.credentials import (
    BEARER,
    CARRIER_KEY,
    Carrier,
    carrier_of,
    headers_for,
    query_for,
    renewal,
    with_query,
)

TOKEN_LETTERS = "ABCDEFabcdef0123456789-._~+/="


def contract(**schemes):
    """Return a document with security schemes."""
    return {"api": {"components": {"securitySchemes": schemes}}}


@pytest.mark.parametrize(
    ("scheme", "headers", "query"),
    [
        ({"type": "http", "scheme": "bearer"}, {"Authorization": "Bearer k1"}, {}),
        ({"type": "oauth2", "flows": {}}, {"Authorization": "Bearer k1"}, {}),
        ({"type": "openIdConnect"}, {"Authorization": "Bearer k1"}, {}),
        ({"type": "http", "scheme": "Basic"}, {"Authorization": "Basic k1"}, {}),
        ({"type": "apiKey", "in": "header", "name": "X-API-Key"}, {"X-API-Key": "k1"}, {}),
        ({"type": "apiKey", "in": "query", "name": "api_key"}, {}, {"api_key": "k1"}),
        ({"type": "apiKey", "in": "cookie", "name": "sid"}, {"Cookie": "sid=k1"}, {}),
        ({"type": "apiKey", "in": "header", "name": "Authorization"}, {"Authorization": "k1"}, {}),
        (
            {"type": "apiKey", "in": "header", "name": "Authorization", "description": "Send 'Token xxxx.yyyy'"},
            {"Authorization": "Token k1"},
            {},
        ),
        ({"type": "apiKey", "in": "header", "name": "no header\n"}, {"Authorization": "Bearer k1"}, {}),
        ("nonsense", {"Authorization": "Bearer k1"}, {}),
    ],
)
def test_by_the_contract(scheme, headers, query):
    """The contract's security scheme says where a credential goes."""
    credential = carrier_of(contract(one=scheme)).written("k1")
    assert (headers_for(credential), query_for(credential)) == (headers, query)


def test_tokens_win_over_keys():
    """Of several schemes that of tokens is taken, which a login gives."""
    key = {"type": "apiKey", "in": "header", "name": "X-API-Key"}
    assert carrier_of(contract(a=key, b={"type": "http", "scheme": "bearer"})) == BEARER
    assert carrier_of(contract(a=key)) == Carrier("header", "X-API-Key", "")
    assert carrier_of({}) == BEARER


def test_settings_win():
    """What the settings say stands in the contract and comes first."""
    document = {**contract(a={"type": "http", "scheme": "bearer"})["api"]}
    document[CARRIER_KEY] = {"header": "X-Token", "scheme": ""}
    assert headers_for(carrier_of({"api": document}).written("k1")) == {"X-Token": "k1"}


def test_scheme_that_the_value_has_already():
    """A variable may hold the word before the token, too."""
    assert headers_for(BEARER.written("Bearer k1")) == {"Authorization": "Bearer k1"}
    assert headers_for(Carrier("header", "Authorization", "Token").written("Token k1")) == {"Authorization": "Token k1"}


def test_nothing_to_send():
    """Without a credential nothing is sent."""
    assert headers_for(None) == headers_for("") == query_for(None) == {}
    assert with_query("http://h/p", "token") == "http://h/p"


def test_query():
    """A key for the query is added to what is there, and quoted."""
    assert with_query("http://h/p?a=1", "?k=a b") == "http://h/p?a=1&k=a+b"
    assert with_query("http://h/p", "?k=1") == "http://h/p?k=1"


@given(st.text(TOKEN_LETTERS, min_size=1))
def test_bearer_tokens_are_never_taken_for_anything_else(token):
    """Every token of RFC 6750 comes back as it went in."""
    assert headers_for(BEARER.written(token)) == {"Authorization": f"Bearer {token}"}


@given(st.text(TOKEN_LETTERS + " :?", min_size=1))
def test_values_of_headers_come_back(value):
    """Whatever a key is made of, its header holds just that."""
    assert headers_for(Carrier("header", "X-Key", "").written(value)) == {"X-Key": value}
    assert query_for(Carrier("query", "key", "").written(value)) == {"key": value}


def test_renewal():
    """The shortest life counts: half of it, or all but a minute; what tells no end has none."""

    def token(seconds):
        return jwt.encode({"exp": time.time() + seconds}, "k" * 32, algorithm="HS256")

    now = time.time()
    assert renewal(["opaque", "a.b.c"]) is None
    assert renewal([token(-5)]) is None
    assert renewal([token(20), token(3600)]) == pytest.approx(now + 10, abs=2)
    assert renewal([f"Authorization: Token {token(3600)}"]) == pytest.approx(now + 3540, abs=2)
