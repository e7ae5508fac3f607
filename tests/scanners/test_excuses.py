"""What names and values say about secrets, and what the module model says about Python."""

from __future__ import annotations

import pytest

from pytest_superteam.scanners.facts import excuses
from pytest_superteam.scanners.facts.names import secret_kind, words
from pytest_superteam.scanners.languages.python import UNKNOWN, parse_module


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("password", "password"), ("DB_PASSWORD", "password"), ("dbPassword", "password"), ("db-pwd", "password"),
        ("api_key", "key"), ("apiKey", "key"), ("CLIENT_SECRET", "key"), ("access_token", "key"),
        ("AWS_ACCESS_KEY_ID", "key"),
        ("password_hash", None), ("TOKEN_TTL", None), ("token_type", None), ("SECRET_NAME", None), ("public_key", None),
        ("password_prod", "password"), ("dbPassword2", "password"), ("contraseña", "password"),
        ("ERR_PASSWORD", None), ("n_tokens", None), ("has_password", None),
        ("primary_key", None), ("key", None), ("compass", None), ("tokenizer", None), ("PASSWORD_FILE", None),
        ("", None),
    ],
)  # fmt: skip
def test_secret_kind(name, kind):
    """A name is that of a secret by its last word, in any case."""
    assert secret_kind(name) == kind


def test_words():
    """Identifiers of any case come apart into words."""
    assert words("dbPasswordHTTPUrl") == ("db", "password", "http", "url")


@pytest.mark.parametrize(
    ("predicate", "yes", "no"),
    [
        (excuses.is_uuid, "3f2504e0-4f89-11d3-9a0c-0305e82c3301", "3f2504e0"),
        (excuses.is_bcrypt_or_digest, "sha256:abcdef", "hunter2"),
        (excuses.is_documented_example, "AKIAIOSFODNN7EXAMPLE", "AKIA1"),
        (excuses.is_placeholder, "<your key>", "hunter2"),
        (excuses.is_placeholder, "changeme", "changing2"),
        (excuses.is_reference, "${VAR}", "hunter2"),
        (excuses.is_prose, "Enter your password:", "hunter2"),
        (excuses.is_field_name, "user_password", "hunter2"),
        (excuses.is_low_entropy, "aaaaaaaaaaaaaaaa1", "q7Jx2Kd9Vb4Tn6Lw8"),
        (excuses.is_example_file, "a/.env.example", "a/.env"),
        (excuses.is_lock_file, "web/package-lock.json", "package.json"),
        (excuses.is_type, "required|min:8", "hunter2"),
        (excuses.is_location, "/run/secrets/db", "hunter2"),
        (excuses.is_location, "s3.region.example.com", "hunter2.x"),
        (excuses.is_expression, "getenv('X')", "abc(12)!"),
        (excuses.is_pattern, "^[a-z]{8,}$", "pa$word#1"),
        (excuses.is_wordy, "user-service-token-v2", "q7Jx-2Kd9-Vb4T"),
        (excuses.is_sequence, "0123456789", "0192837465"),
        (excuses.is_hex_digest, "d41d8cd98f00b204e9800998ecf8427e", "d41d8cd9"),
        (excuses.is_random, "q7Jx2Kd9Vb4Tn6Lw", "minioadmin123"),
        (excuses.is_dummy, "test1234", "vK9!mQ2z"),
        (excuses.is_reference, "{{ vault_password }}", "pa{ss"),
    ],
)
def test_predicates(predicate, yes, no):
    """Each excuse holds for what it is about and not for a real secret."""
    assert predicate(yes)
    assert not predicate(no)


@pytest.mark.parametrize(("value", "shown"), [("hunter2-and-more", "hunt***"), ("abc", "a***"), ("", "***")])
def test_mask(value, shown):
    """A mask shows at most four characters and at most a third."""
    assert excuses.mask(value) == shown


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("x = 1", 1),
        ("A = 'a'\nx = A", "a"),
        ("A = 'a'\nx = f'{A}b'", "ab"),
        ("x = 'a' + 'b'", "ab"),
        ("class S:\n    k = 'a'\nx = S.k", "a"),
        ("class S:\n    k: str = 'a'\ns = S()\nx = s.k", "a"),
        ("import os\nx = os.getenv('A', 'b')", "b"),
        ("import os\nx = os.environ.get('A', 'b,c').split(',')", ["b", "c"]),
        ("import os\nx = os.getenv('A')", UNKNOWN),
        ("import os\nx = os.getenv('A') or 'b'", "b"),
        ("A = 'a'\nA = 'b'\nx = A", UNKNOWN),
        ("for A in 'a':\n    pass\nx = A", UNKNOWN),
        ("x = x", UNKNOWN),
        ("x = [1, f()]", [1, UNKNOWN]),
        ("x = {'a': 1, **b}", {"a": 1}),
    ],
)
def test_literal(text, value):
    """A value counts as literal as far as the module fixes it."""
    module = parse_module("a.py", text.encode())
    assert module.literal(module.bindings["x"][-1]) == value


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("import jwt\njwt.decode()", "jwt.decode"),
        ("import jwt as j\nj.decode()", "jwt.decode"),
        ("from jwt import decode as d\nd()", "jwt.decode"),
        ("import a.b\na.b.c()", "a.b.c"),
        ("from .x import y\ny()", "pkg.x.y"),
        ("from .. import y\ny()", "y"),
        ("import httpx\nc = httpx.Client()\nc.get()", "httpx.Client.get"),
        ("import httpx\nget = httpx.get\nget()", "httpx.get"),
        ("(lambda: 1)()", ""),
    ],
)
def test_qualname(text, name):
    """Names are resolved through imports, aliases and the client that they are bound to."""
    module = parse_module("pkg/mod.py", text.encode())
    last = max(module.calls, key=lambda call: call.lineno)
    assert module.qualname(last.func) == name
