"""What of an answer is secret, and what of it the contract does not have: tables of answers."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_superteam.checks.access.tokens_forged import signed
from pytest_superteam.checks.exposed.disclosures import secrets_in, traces_in, undeclared
from pytest_superteam.checks.exposed.enumeration import _plain

BCRYPT = "$2b$12$" + "Ab./" * 13 + "x"
JWT = signed({"sub": "x"}, "k" * 32)


@pytest.mark.parametrize(
    ("answer", "found"),
    [
        ({"password": "hunter2"}, "a password or its hash in 'password'"),
        ({"user": [{"passwordHash": "5f4dcc3b5aa765d61d8327deb882cf99"}]}, "in 'user.passwordHash'"),
        ({"hashed_password": BCRYPT}, "in 'hashed_password'"),
        ({"note": f"x {BCRYPT}"}, "a hash or key in 'note'"),
        ({"credential": "$argon2id$v=19$m=65536,t=3,p=4$c29tZXNhbHQ$aGFzaA"}, "a hash or key in 'credential'"),
        ({"key": "-----BEGIN RSA PRIVATE KEY-----\nMIIE"}, "a hash or key in 'key'"),
        ({"django": "pbkdf2_sha256$600000$salt$aGFzaGhhc2hoYXNo"}, "a hash or key in 'django'"),
        ({"meta": {"api_key": "abc"}}, "a token or key in 'meta.api_key'"),
        ({"last": JWT}, "a token or key in 'last'"),
    ],
)
def test_secret(answer, found):
    """A password, a hash or a key is found at any depth, and told by its place."""
    assert any(found in said for said in secrets_in(answer))


@pytest.mark.parametrize(
    "answer",
    [
        {"password": None},
        {"password": "********"},
        {"password": "[hidden]"[1:-1]},
        {"password_changed_at": "2024-01-01T00:00:00Z"},
        {"has_password": True},
        {"sha256": "5f4dcc3b5aa765d61d8327deb882cf99", "etag": "d41d8cd98f00b204e9800998ecf8427e"},
        {"price": "$200", "id": "3f0a8d5e-6c1b-4f7e-9d2a-5b8c7e1f4a60"},
        ["a", 1, None],
        "password",
    ],
)
def test_no_secret(answer):
    """What only sounds like a secret, or is masked, is none."""
    assert list(secrets_in(answer)) == []


def test_tokens_where_they_belong():
    """A login may answer tokens, and an operation the key that its contract declares."""
    assert list(secrets_in({"access_token": JWT}, gives_tokens=True)) == []
    assert list(secrets_in({"api_key": "abc"}, frozenset({"api_key"}))) == []
    assert list(secrets_in({"password": "abc"}, frozenset({"password"}))) != []


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ('Traceback (most recent call last):\n  File "x.py"', "a stack trace"),
        ("TypeError: x\n    at Object.<anonymous> (/srv/x/index.js:10:5)", "a stack trace"),
        ("java.lang.NullPointerException\n\tat com.acme.Api.read(Api.java:42)", "a stack trace"),
        ("goroutine 17 [running]:", "a stack trace"),
        ('(sqlite3.OperationalError) near "x": syntax error', "an error of the database"),
        ('duplicate key value violates unique constraint "users_email_key"', "an error of the database"),
        ("You have an error in your SQL syntax; check the manual", "an error of the database"),
        ("can't read /usr/src/app/config/settings.py", "a path of the server"),
        (r"C:\\inetpub\\wwwroot\\app.cs missing", "a path of the server"),
    ],
)
def test_trace(text, what):
    """What an error tells of the inside is found in the words of many languages and databases."""
    assert what in traces_in(text)


@pytest.mark.parametrize(
    "text",
    [
        '{"detail": "Look at /app/orders for help", "status": 404}',
        '{"detail": "Be at the door (10:30)"}',
        '{"type": "https://example.com/usr/problem.py"}',
        '{"detail": "email must be unique"}',
        "",
    ],
)
def test_no_trace(text):
    """An ordinary error is none, though it names a path of the API, a time or an address."""
    assert traces_in(text) == []


DOCUMENT = {
    "components": {
        "schemas": {
            "Base": {"type": "object", "properties": {"id": {"type": "integer"}}},
            "Tree": {
                "allOf": [{"$ref": "#/components/schemas/Base"}],
                "properties": {"children": {"type": "array", "items": {"$ref": "#/components/schemas/Tree"}}},
            },
        }
    }
}
TREE = {"$ref": "#/components/schemas/Tree"}


@pytest.mark.parametrize(
    ("value", "schema", "paths"),
    [
        ({"id": 1, "children": []}, TREE, []),
        ({"id": 1, "children": [{"id": 2, "cost": 3}, {"cost": 4}]}, TREE, [("children", "cost")]),
        ({"x": 1}, {"type": "object"}, []),
        ({"x": 1}, {"properties": {"id": {}}, "additionalProperties": {"type": "integer"}}, []),
        ({"x": 1}, {"properties": {"id": {}}, "additionalProperties": False}, [("x",)]),
        ({"x": 1}, {"oneOf": [{"properties": {"x": {}}}, {"properties": {"y": {}}}]}, []),
        ({"z": 1}, {"anyOf": [{"properties": {"x": {}}}, {"type": "null"}]}, [("z",)]),
        ({"x": 1}, {"$ref": "#/nowhere"}, []),
        ("text", {"properties": {"id": {}}}, []),
    ],
)
def test_undeclared(value, schema, paths):
    """Properties that a schema does not name are told by their path; an open schema names them all."""
    assert list(undeclared(value, schema, DOCUMENT)) == paths


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20),
    lambda parts: st.lists(parts, max_size=3) | st.dictionaries(st.text(max_size=12), parts, max_size=3),
    max_leaves=12,
)


@given(JSON, JSON)
def test_strange_answers(value, schema):
    """No answer and no schema is too strange to be read."""
    assert isinstance(list(secrets_in(value)), list)
    assert isinstance(list(undeclared(value, schema, {"components": {}})), list)
    assert isinstance(traces_in(str(value)), list)


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("No account a@x.org", "No account b@x.org", True),
        ("Failed 2024-01-01T10:00:00Z", "Failed 2024-01-01T10:00:01.5Z", True),
        ("trace 4bf92f3577b34da6a3ce929d0e0e4736", "trace 00f067aa0ba902b700f067aa0ba902b7", True),
        ("Wrong password", "No such user", False),
    ],
)
def test_normalised(one, other, same):
    """Answers are compared without what they repeat and without what is new each time."""
    assert (_plain(one, {"email": "a@x.org"}) == _plain(other, {"email": "b@x.org"})) is same
