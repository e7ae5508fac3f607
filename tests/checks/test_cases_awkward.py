"""Valid texts that careless code trips over, among the requests that are drawn."""

import pytest
from library_contract import CONTRACT

from pytest_superteam.checks.engine.awkward import AWKWARD, make_awkward
from pytest_superteam.checks.engine.cases import drawn_cases, find_operation, generate, is_negative, load_schema

CORPUS = {
    "openapi": "3.1.0",
    "info": {"title": "t", "version": "1"},
    "paths": {
        "/things": {
            "post": {
                "operationId": "make",
                "parameters": [
                    {"name": "q", "in": "query", "required": True, "schema": {"$ref": "#/components/schemas/Free"}},
                    {"name": "kind", "in": "query", "required": True, "schema": {"type": "string", "enum": ["a"]}},
                ],
                "requestBody": {
                    "required": True,
                    "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Thing"}}},
                },
                "responses": {"200": {"description": "Done."}},
            }
        }
    },
    "components": {
        "schemas": {
            "Free": {"type": "string"},
            "Thing": {
                "type": "object",
                "additionalProperties": False,
                "required": ["free", "long", "short", "mail", "code", "count"],
                "properties": {
                    "free": {"type": "string", "maxLength": 40},
                    "long": {"type": "string", "minLength": 5, "maxLength": 60},
                    "short": {"type": "string", "maxLength": 1},
                    "mail": {"type": "string", "format": "email"},
                    "code": {"type": "string", "pattern": "^[A-Z]{3}$"},
                    "count": {"type": "integer"},
                },
            },
        }
    },
}


@pytest.fixture(scope="module")
def cases():
    """Draw valid requests and make every second one awkward."""
    operation = find_operation(load_schema(CORPUS, 1), "make")
    drawn = [case for case in drawn_cases(operation, seed=1, count=60) if not is_negative(case)]
    make_awkward(drawn)
    return drawn


def test_free_texts_of_every_second_case_are_awkward(cases):
    """Parameter and property that may hold any text get one of the list, in turn."""
    changed = cases[1::2]
    assert len(changed) > 5
    for number, case in enumerate(changed):
        assert case.query["q"] == AWKWARD[number % len(AWKWARD)]
        assert case.body["free"] == AWKWARD[number % len(AWKWARD)]


def test_what_is_awkward_is_still_valid(cases):
    """Lengths, formats, patterns and enumerations hold as before."""
    for case in cases:
        assert 5 <= len(case.body["long"]) <= 60
        assert len(case.body["short"]) <= 1
        assert "@" in case.body["mail"]
        assert len(case.body["code"].rstrip("\n")) == 3
        assert case.query["kind"] == "a"


@pytest.mark.parametrize("text", AWKWARD)
def test_awkward_texts_can_be_sent(text):
    """No control characters and no lone surrogates, which a service may refuse."""
    assert text.encode()
    assert all(character.isprintable() or character == "\u202e" for character in text)


def test_what_coverage_leaves_of_the_budget_is_drawn():
    """A list with few bounds still uses its budget."""
    operation = find_operation(load_schema(CONTRACT, 1), "list_books")
    assert len(generate(operation, seed=1, budget=100)) > 80


def test_the_path_is_asked_for_its_methods():
    """OPTIONS is among the methods that the contract does not have."""
    operation = find_operation(load_schema(CONTRACT, 1), "list_books")
    assert "OPTIONS" in {case.method for case in generate(operation, seed=1, budget=60)}
