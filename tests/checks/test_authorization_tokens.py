"""Bad tokens made of good ones, keys that are guessed, users, and what is held to be private."""

from dataclasses import replace

import jwt
import pytest
from ledger_service import ARCHITECTURE, ledger, serving, system_at

from pytest_superteam.checks.access import tokens_forged, weak_keys
from pytest_superteam.checks.access.privacy import names_people, owner_like, writer_like
from pytest_superteam.checks.access.users import caller, new_user, staff_roles, two_users
from pytest_superteam.checks.exposed.near_matches import is_matched, kind_by_name, shapes_for
from pytest_superteam.errors import CheckError

KEY = "k" * 40
GOOD = jwt.encode({"sub": "u", "role": "reader", "iat": 1, "exp": 4_000_000_000}, KEY, "HS256")


def verified(token):
    """Return the claims of a token that a careful service would take."""
    return jwt.decode(token, KEY, algorithms=["HS256"])


def test_tampered_tokens_are_refused():
    """Each tampered token differs in its own way, keeps the caller, and no library takes it."""
    made = tokens_forged.tampered(GOOD)
    assert len({GOOD, *made.values()}) == 4
    for token in made.values():
        with pytest.raises(jwt.InvalidSignatureError):
            verified(token)
        assert tokens_forged.claims_of(token)["sub"] == "u"


def test_unsigned_tokens_are_refused():
    """Each unsigned token says another algorithm and has no signature."""
    made = tokens_forged.unsigned(GOOD)
    assert [tokens_forged.header_of(token)["alg"] for token in made.values()] == ["none", "None", "nOnE", "HS256"]
    for token in made.values():
        with pytest.raises(jwt.InvalidTokenError):
            verified(token)


def test_expired_token_is_nothing_but_expired():
    """An expired token has the right signature and the same caller, so that only its end can be the reason."""
    token = tokens_forged.expired(GOOD, KEY)
    with pytest.raises(jwt.ExpiredSignatureError):
        verified(token)
    assert jwt.decode(token, KEY, algorithms=["HS256"], options={"verify_exp": False})["role"] == "reader"


@pytest.mark.parametrize("carrier", ["", "Authorization: JWT ", "Cookie: session="])
def test_carried_tokens(carrier):
    """A token behind another header or in a cookie is forged in its place."""
    credential = carrier + GOOD
    assert tokens_forged.is_jwt(credential)
    made = [tokens_forged.expired(credential, KEY), *tokens_forged.tampered(credential).values()]
    made += tokens_forged.unsigned(credential).values()
    assert all(token.startswith(carrier) and tokens_forged.is_jwt(token) for token in made)


@pytest.mark.parametrize("text", ["", "abc", "a.b.c", "eyJh.eyJi", "....", "e30.e30.", "Basic dXNlcjpwYXNz", "é.é.é"])
def test_no_token(text):
    """What is no JSON web token is told as none, and signed by nobody."""
    assert not tokens_forged.is_jwt(text)
    assert weak_keys.guessed_key(text) is None


@pytest.mark.parametrize("algorithm", ["HS256", "HS384", "HS512"])
@pytest.mark.parametrize(
    "secret", ["secret", "SECRET", "changeme", "book-shop-secret", "bookshop123", "orders_key", ""]
)
def test_guessed_keys(algorithm, secret):
    """Common secrets and those made of names are guessed, whatever the hash."""
    token = tokens_forged.signed({"sub": "u"}, secret, algorithm)
    assert weak_keys.guessed_key(token, ["Book Shop", "orders"]) == secret


def test_good_keys_are_not_guessed():
    """A random key is not guessed, and no candidate is tried twice as often as needed."""
    assert weak_keys.guessed_key(GOOD, ["Book Shop"]) is None
    assert 300 <= len(list(weak_keys.candidates())) <= 400


def test_two_users_are_two():
    """Two users of the same ordinary role register and log in; staff's roles are minted for them."""
    with serving(ledger()) as url:
        alice, bob = two_users(system_at(url))
    assert (alice.name, bob.name, alice.role, bob.role) == ("ALICE", "BOB", "writer", "writer")
    assert alice.subject != bob.subject
    assert set(alice.tokens) == {"", "writer", "admin", "service"}
    assert alice.staff == ("admin",)
    assert "token" not in alice.account
    assert alice.tokens[""] not in repr(alice)


def test_users_of_found_systems():
    """In a system that was found a user has the login's token and no other, and without a login there is nobody."""
    with serving(ledger()) as url:
        assert set(new_user(system_at(url, found=True), "CAROL").tokens) == {""}
    nobody = system_at("http://127.0.0.1:9", found=True)
    with pytest.raises(CheckError):
        caller(nobody)


def test_staff_roles():
    """Roles that may see what belongs to others are those of staff."""
    assert staff_roles(("customer", "admin", "SuperAdmin", "manager", "reader")) == ("admin", "SuperAdmin", "manager")
    assert ARCHITECTURE.roles == ("writer", "admin")


@pytest.mark.parametrize(
    ("names", "owner", "writer"),
    [
        (["id", "user_id"], "user_id", None),
        (["customerId"], "customerId", None),
        (["owner"], "owner", None),
        (["author", "title"], None, "author"),
        (["created_by"], None, "created_by"),
        (["userAgent", "username_hint", "customers", "title"], None, None),
    ],
)
def test_owner_names(names, owner, writer):
    """A field that says whose a record is, is told from one that says who wrote it."""
    fields = dict.fromkeys(names, "x")
    assert (owner_like(fields), writer_like(fields)) == (owner, writer)


@pytest.mark.parametrize(
    ("rows", "people"),
    [
        ("/users/v1", True),
        ("User", True),
        ("/api/accounts", True),
        ("/users/{}/orders", False),
        ("Book", False),
        ("", False),
    ],
)
def test_people(rows, people):
    """Accounts are known by the last word of their path or by their entity's name."""
    assert names_people(rows) is people


@pytest.mark.parametrize(
    ("schema", "tried"),
    [
        ({"type": "string", "format": "email"}, True),
        ({"type": "string", "pattern": r"^(\d+-?)+$"}, True),
        ({"type": "string", "pattern": "^[^\\x00]*$"}, False),
        ({"type": "string", "pattern": ".*"}, False),
        ({"type": "string", "format": "uuid"}, False),
        ({"type": "string"}, False),
    ],
)
def test_matched_fields(schema, tried):
    """Texts are made for what is matched against something that could be slow, each as long as asked."""
    assert is_matched(schema) is tried
    shapes = shapes_for(schema)
    assert bool(shapes) is tried
    assert all(90 <= len(shape(100)) <= 130 for shape in shapes.values())


@pytest.mark.parametrize(
    ("name", "schema", "kind"),
    [
        ("email", {"type": "string"}, "email"),
        ("emailAddress", {"type": ["string", "null"], "maxLength": 80}, "email"),
        ("website", {"type": "string", "example": "x"}, "url"),
        ("phone_number", {"type": "string"}, "phone"),
        ("userName", {"type": "string"}, "name"),
        ("email", {"type": "string", "format": "uuid"}, ""),
        ("email", {"type": "string", "pattern": ".*"}, ""),
        ("email", {"type": "string", "enum": ["home", "work"]}, ""),
        ("email", {"type": "boolean"}, ""),
        ("email", {}, ""),
        ("email_verified", {"type": "string"}, ""),
        ("mailbox", {"type": "string"}, ""),
        ("name", {"type": "string"}, ""),
        ("title", {"type": "string"}, ""),
    ],
)
def test_fields_matched_for_their_name(name, schema, kind):
    """A plain text whose name commonly has an expression is tried, one that says what it is goes by that."""
    assert kind_by_name(schema, name) == kind
    assert is_matched(schema, name) is bool(kind)
    shapes = shapes_for(schema, name)
    assert bool(shapes) is bool(kind)
    assert all(90 <= len(shape(100)) <= 130 for shape in shapes.values())


def test_nobody_is_staff_by_default():
    """Who registers where the only known role is that of staff is an ordinary user."""
    admins = replace(ARCHITECTURE, roles=("admin",))
    with serving(ledger()) as url:
        known = new_user(system_at(url, admins), "CAROL").role
        nobody = new_user(system_at("http://127.0.0.1:9", replace(admins, operations=())), "CAROL")
    assert known == "writer"  # as the login's token says
    assert nobody.role == "user"
    assert nobody.staff == ("admin",)
