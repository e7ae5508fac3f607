"""Which operations are implemented, and how that is known."""

import pytest

from pytest_superteam.contracts.implemented import Evidence, ImplementedOperations
from pytest_superteam.contracts.registry import ContractRegistry
from pytest_superteam.errors import CheckError

PATHS = {
    "/books": {"get": {"operationId": "list"}, "post": {"operationId": "create"}},
    "/books/{id}": {"get": {"operationId": "read"}, "delete": {"operationId": "delete"}},
}
REGISTRY = ContractRegistry({"shop": {"openapi": "3.1.0", "info": {}, "paths": PATHS}})


def test_routes_of_any_framework_count(tmp_path):
    """Parameters are parameters however they are written and called."""
    known = ImplementedOperations(tmp_path / "implemented.json")
    routes = [
        ("get", "/books/", "app.py:1"),
        ("GET", "/books/<int:book>", "app.py:2"),
        ("DELETE", "/books/:id", "app.py:3"),
        ("POST", "/other", "app.py:4"),
    ]
    assert known.mark_routes(REGISTRY, "shop", routes) == 3
    assert known.unimplemented(REGISTRY, "shop") == ("create",)
    assert known.implemented("shop")["read"] == Evidence("route", "app.py:2")


def test_answers_count_for_more_than_routes(tmp_path):
    """A 2xx answer replaces a route; refusals and requests that no operation is for are none."""
    known = ImplementedOperations(tmp_path / "implemented.json")
    known.mark_implemented("shop", "read", Evidence("route", "app.py:2"))
    assert known.mark_answer(REGISTRY, "shop", "get", "/books/1", 200)
    assert not known.mark_answer(REGISTRY, "shop", "get", "/books", 500)
    assert not known.mark_answer(REGISTRY, "shop", "get", "/nothing", 200)
    known.mark_implemented("shop", "read", Evidence("route", "app.py:9"))
    assert dict(known.implemented("shop")) == {"read": Evidence("answer", "GET /books/{id} answered 200")}


def test_what_is_known_outlives_the_run(tmp_path):
    """The file is read again, and what another process saved meanwhile stays."""
    path = tmp_path / "deep" / "implemented.json"
    one, other = ImplementedOperations(path), ImplementedOperations(path)
    one.mark_implemented("shop", "list", Evidence("route", "a.py:1"))
    other.mark_implemented("shop", "list", Evidence("answer", "GET /books answered 200"))
    other.mark_implemented("mail", "send", Evidence("route", "b.py:1"))
    other.save()
    one.save()
    again = ImplementedOperations(path)
    assert again.implemented("shop")["list"].kind == "answer"
    assert again.implemented("mail") == {"send": Evidence("route", "b.py:1")}
    assert again.implemented("unknown") == {}


@pytest.mark.parametrize(
    "text", ["{", "[]", '{"a": {"b": {}}}', '{"a": {"b": {"kind": "x", "detail": ""}}}', '{"a": 1}']
)
def test_a_foreign_file_is_an_error(tmp_path, text):
    """What is no such list is not overwritten."""
    path = tmp_path / "implemented.json"
    path.write_text(text)
    with pytest.raises(CheckError, match="is no list of implemented operations"):
        ImplementedOperations(path)
