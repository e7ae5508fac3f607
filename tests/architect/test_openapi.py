"""Contracts written from the bookstore's architecture."""

import sys
from pathlib import Path

import pytest

from pytest_superteam.architect.contract import openapi
from pytest_superteam.contracts.schemas import admits, example, field_schema
from pytest_superteam.models import Field

sys.path.insert(0, str(Path(__file__).parents[1] / "builders"))

from architectures import BOOKSTORE, contracted

ORDERS = BOOKSTORE.contracts["order-service"]
BOOKS = BOOKSTORE.contracts["catalog-service"]
USERS = BOOKSTORE.contracts["auth-service"]


@pytest.mark.parametrize("service", BOOKSTORE.contracts)
def test_documents_are_valid(service):
    """Each document is valid OpenAPI 3.1."""
    from openapi_spec_validator import validate

    document = BOOKSTORE.contracts[service]
    validate(document)
    assert document["openapi"].startswith("3.1")


def test_same_architecture_gives_the_same_documents():
    """The documents do not depend on anything but the architecture, their order included."""
    import json

    assert json.dumps(openapi.contracts(BOOKSTORE)) == json.dumps(BOOKSTORE.contracts)


def test_every_operation_is_there_under_its_id():
    """Each operation stands at its path and method, with its id and extensions."""
    for operation in BOOKSTORE.operations:
        found = BOOKSTORE.contracts[operation.service]["paths"][operation.path][operation.method.lower()]
        assert found["operationId"] == operation.id
        assert found["x-kind"] == operation.kind
        assert ("security" in found) is operation.public
        assert found.get("x-roles", []) == list(operation.roles)


@pytest.mark.parametrize(
    ("document", "path", "method", "statuses"),
    [
        (USERS, "/auth/register", "post", {"201", "409", "422"}),
        (USERS, "/auth/login", "post", {"200", "401", "422"}),
        (USERS, "/auth/me", "get", {"200", "401"}),
        (BOOKS, "/books", "get", {"200", "422"}),
        (BOOKS, "/books/{id}", "get", {"200", "404", "422"}),
        (BOOKS, "/books/{id}", "patch", {"200", "401", "403", "404", "409", "422"}),
        (BOOKS, "/books/{id}", "delete", {"204", "401", "403", "404", "422"}),
        (BOOKS, "/events", "post", {"202", "401", "403", "422"}),
        (ORDERS, "/orders", "post", {"201", "401", "403", "409", "422", "503"}),
        (ORDERS, "/orders/{id}/pay", "post", {"200", "401", "403", "404", "409", "422"}),
    ],
)
def test_statuses(document, path, method, statuses):
    """An operation documents every status that it can answer and no other."""
    assert set(document["paths"][path][method]["responses"]) == statuses


def test_errors_are_problem_documents():
    """Each error answers application/problem+json."""
    for document in BOOKSTORE.contracts.values():
        for operations in document["paths"].values():
            for operation in operations.values():
                for status, response in operation["responses"].items():
                    if status >= "400":
                        assert list(response["content"]) == ["application/problem+json"]


def test_bodies_leave_out_what_the_service_sets():
    """Ids, stamps, owners, states and the role of a stranger are no part of a body; passwords of no answer."""
    schemas = ORDERS["components"]["schemas"]
    assert list(schemas["OrderCreate"]["properties"]) == ["book_id", "quantity", "note"]
    assert schemas["OrderCreate"]["required"] == ["book_id", "quantity"]
    assert list(USERS["components"]["schemas"]["UserRegister"]["properties"]) == ["email", "password", "name"]
    assert "password" not in USERS["components"]["schemas"]["User"]["properties"]
    assert BOOKS["components"]["schemas"]["BookUpdate"]["minProperties"] == 1


def test_optional_fields_are_nullable():
    """A field that may be missing may be null, one that may not be may not."""
    properties = BOOKS["components"]["schemas"]["BookCreate"]["properties"]
    assert properties["published_on"]["type"] == ["string", "null"]
    assert properties["title"]["type"] == "string"
    assert properties["stock"]["default"] == 0


def test_examples_follow_their_schemas():
    """Each example that a schema gives is valid by that schema."""
    import jsonschema_rs

    for document in BOOKSTORE.contracts.values():
        for schema in document["components"]["schemas"].values():
            for value in schema.get("examples", []):
                whole = schema | {"components": document["components"]}
                assert jsonschema_rs.Draft202012Validator(whole, validate_formats=True).is_valid(value)


@pytest.mark.parametrize(
    ("field", "good", "bad"),
    [
        (Field("a", "string", min_length=2, max_length=3), ["ab", "äöü"], ["a", "abcd", 1, None, "a\0b"]),
        (Field("a", "string"), ["x"], ["", "x" * 256]),
        (Field("a", "text", required=False), ["", "a\nb"], ["x" * 10_001]),
        (Field("a", "integer", minimum=1, maximum=3), [1, 3, 2.0], [0, 4, 1.5, "1", True]),
        (Field("a", "money", minimum=0, maximum=10), [0, 10, 9.99], [-0.01, 10.01, "1"]),
        (Field("a", "enum", enum=("x", "y")), ["x"], ["z", "", None]),
        (Field("a", "email"), ["a+b@c.example"], ["a", "a@b", "a b@c.de", "a@b..c"]),
        (Field("a", "url"), ["https://a.example/x?y=1#z"], ["ftp://a.example", "https://a b", "https://a/%zz"]),
        (Field("a", "uuid"), ["3f0a8d5e-6c1b-4f7e-9d2a-5b8c7e1f4a60"], ["3f0a8d5e6c1b4f7e9d2a5b8c7e1f4a60", ""]),
        (Field("a", "date"), ["2024-02-29"], ["2023-02-29", "2024-2-1", "2024-02-29T00:00:00Z"]),
        (Field("a", "datetime"), ["2024-02-29T23:59:59.5+02:00"], ["2024-02-29", "2024-02-29 10:00:00Z"]),
        (Field("a", "time"), ["09:30", "23:59:59"], ["24:00", "9:30"]),
        (Field("a", "list", max_length=1), [[], ["x"]], [["x", "y"], [1], "x"]),
        (Field("a", "json"), [{}, {"x": [1]}], [[], "x", None]),
        (Field("a", "boolean"), [True], [1, "true"]),
    ],
    ids=lambda value: value.type if isinstance(value, Field) else "",
)
def test_field_schemas(field, good, bad):
    """The schema of a field takes what its type and bounds allow and nothing else; its example is among that."""
    import jsonschema_rs

    validator = jsonschema_rs.Draft202012Validator(field_schema(field), validate_formats=True)
    assert [value for value in [*good, example(field)] if not validator.is_valid(value)] == []
    assert [value for value in bad if validator.is_valid(value)] == []


@pytest.mark.parametrize(
    ("field", "value", "expected"),
    [
        (Field("a", "integer", minimum=0), 0, True),
        (Field("a", "integer", minimum=0), -1, False),
        (Field("a", "integer"), "0", False),
        (Field("a", "integer"), True, False),
        (Field("a", "boolean"), False, True),
        (Field("a", "datetime"), "now()", False),
        (Field("a", "string", max_length=2), "abc", False),
        (Field("a", "enum", enum=("x",)), "y", False),
    ],
)
def test_defaults_must_be_values(field, value, expected):
    """A default that the field itself would refuse, or that is no constant, is none."""
    assert admits(field, value) is expected


def test_names_that_collide_with_shared_schemas():
    """An entity called Problem or Token keeps its name and the shared schema gives way."""
    from dataclasses import replace

    from pytest_superteam.models import Entity, Operation

    thing = Entity("Problem", "auth-service", (Field("title"),), plural="problems")
    act = Operation("list_problems", "auth-service", "GET", "/problems", "list", "Problem")
    system = contracted(
        replace(BOOKSTORE, entities=(*BOOKSTORE.entities, thing), operations=(*BOOKSTORE.operations, act))
    )
    schemas = system.contracts["auth-service"]["components"]["schemas"]
    assert "title" in schemas["Problem"]["properties"]
    assert schemas["ApiProblem"]["required"] == ["type", "title", "status"]
