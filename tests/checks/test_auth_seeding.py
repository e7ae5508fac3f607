"""Tokens and rows, had from a running service by its own operations."""

from dataclasses import replace

import jwt
import pytest
from library_architecture import architecture, deployment
from library_service import SECRET

from pytest_superteam.checks.callers.auth import (
    ANY,
    SERVICE_ROLE,
    mint_token,
    obtain_tokens,
    single_use_token,
    subject_of,
    token_for,
)
from pytest_superteam.checks.engine.conformance import ConformanceOptions
from pytest_superteam.checks.engine.preparing import operation_options
from pytest_superteam.checks.seeding import NOTES, parameter_entities, seed
from pytest_superteam.errors import CheckError
from pytest_superteam.models import Operation


def claims(token):
    """Verify a token as a service does."""
    return jwt.decode(token, SECRET, algorithms=["HS256"], issuer="superteam")


def operation(name):
    """Return an operation of the library."""
    return next(o for o in architecture().operations if o.id == name)


def test_minted_tokens_are_valid_and_distinct():
    """A minted token carries role, subject, issuer and lifetime; no two are equal."""
    one, two = (mint_token(SECRET, role="admin", subject="s", lifetime=60) for _ in range(2))
    found = claims(one)
    assert (found["role"], found["sub"], found["exp"] - found["iat"]) == ("admin", "s", 60)
    assert one != two


def test_tokens_are_earned_by_registration_and_login(serve):
    """The first token is the login's; the other roles have its subject; calls between services have their own."""
    tokens = obtain_tokens(architecture(), deployment(serve().url))
    assert set(tokens) == {ANY, "admin", "reader", SERVICE_ROLE}
    assert tokens[ANY] == tokens["reader"]
    assert claims(tokens["admin"])["sub"] == claims(tokens["reader"])["sub"] == subject_of(tokens[ANY])
    assert claims(tokens[SERVICE_ROLE])["role"] == "service"


def test_two_runs_register_two_users(serve):
    """Each run has its own account, so the second does not meet the first one's email."""
    one, two = (obtain_tokens(architecture(), deployment(serve().url)) for _ in range(2))
    assert subject_of(one[ANY]) != subject_of(two[ANY])


def test_without_an_issuer_tokens_are_minted():
    """Where nobody can register, every role gets a token of one made-up subject."""
    plain = replace(architecture(), operations=())
    tokens = obtain_tokens(plain, deployment("http://127.0.0.1:9"))
    assert {claims(token)["sub"] for role, token in tokens.items() if role != SERVICE_ROLE} == {subject_of(tokens[ANY])}
    assert claims(tokens[ANY])["role"] == "reader"


def test_a_login_that_fails_is_an_error(serve):
    """A login of the contract that refuses a new account is told with its answer, and without the password."""
    with pytest.raises(CheckError, match=r"login of library answered 401") as caught:
        obtain_tokens(architecture(), deployment(serve("login").url))
    assert 'password":' not in str(caught.value)


def test_an_unreachable_issuer_is_an_error():
    """Where nothing listens, no token is made up."""
    with pytest.raises(CheckError, match="could not be called"):
        obtain_tokens(architecture(), deployment("http://127.0.0.1:9"))


def test_the_right_token_is_chosen():
    """Public operations get none, limited ones a role's, others anybody's; a role without a token is an error."""
    tokens = {ANY: "any", "admin": "boss"}
    assert token_for(tokens, operation("login")) is None
    assert token_for(tokens, operation("delete_book")) == "boss"
    assert token_for(tokens, operation("read_book")) == "any"
    with pytest.raises(CheckError, match="role admin"):
        token_for({ANY: "any"}, operation("delete_book"))


def test_rows_are_created_in_order_of_reference(serve):
    """Authors come before the books that refer to them; what can't be created is noted, the caller's user is known."""
    library = serve()
    tokens = obtain_tokens(architecture(), deployment(library.url))
    rows = seed(architecture(), deployment(library.url), tokens)
    assert {entity: len(ids) for entity, ids in rows["library"].items()} == {"Author": 2, "Book": 2, "User": 3}
    assert rows["library"]["User"][0] == subject_of(tokens[ANY])
    assert rows[NOTES] == {"Shelf": ["library has no operation that creates a Shelf."]}
    for book in rows["library"]["Book"]:
        assert library.client.get(f"/books/{book}").json()["author_id"] in rows["library"]["Author"]


def test_what_is_refused_is_noted(serve):
    """A create operation that refuses valid rows leaves a note with its answer."""
    url = serve("refuses valid").url
    rows = seed(architecture(), deployment(url), obtain_tokens(architecture(), deployment(url)))
    assert "create_book of library answered 422" in rows[NOTES]["Book"][0]
    assert "Book" not in rows["library"]


def test_path_parameters_name_entities():
    """The last parameter is the operation's own entity; others are known by reference or by the path before them."""
    nested = Operation("list_pages", "library", "GET", "/books/{id}/pages", "list", entity="Page")
    assert parameter_entities(architecture(), operation("read_book")) == {"book_id": "Book"}
    assert parameter_entities(architecture(), nested) == {"id": "Book"}


def test_operations_get_what_they_need(serve):
    """A read gets existing rows, a delete rows of its own, a login an account, a registration fresh emails."""
    library = serve()
    system, running = architecture(), deployment(library.url)
    tokens = obtain_tokens(system, running)
    rows = seed(system, running, tokens)

    def options(name):
        return operation_options(system, running, tokens, rows, operation(name), ConformanceOptions())

    assert options("read_book").samples["book_id"] == rows["library"]["Book"]
    assert options("create_book").samples["author_id"] == rows["library"]["Author"]
    assert not set(options("delete_book").samples["book_id"]) & set(rows["library"]["Book"])
    assert set(options("login").samples) >= {"email", "password"}
    assert "email" in options("register_user").unique


def test_a_single_use_token_is_the_same_caller():
    """What a logout may end the validity of is not the token that the other checks use."""
    token = mint_token(SECRET, role="reader", subject="s")
    other = single_use_token(deployment("http://127.0.0.1:9"), token)
    assert other != token
    assert (claims(other)["sub"], claims(other)["role"]) == ("s", "reader")
