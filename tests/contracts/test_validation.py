"""Requests and answers held against their operation."""

import copy
import json

import pytest

from pytest_superteam.contracts.registry import ContractRegistry
from pytest_superteam.contracts.validating.validation import validate_endpoint
from pytest_superteam.errors import CheckError

ITEM = {
    "type": "object",
    "required": ["id", "name", "secret"],
    "properties": {
        "id": {"type": "integer", "readOnly": True},
        "name": {"type": "string", "minLength": 1},
        "secret": {"type": "string", "writeOnly": True},
        "due": {"type": "string", "format": "date-time"},
        "note": {"type": "string", "nullable": True},
        "size": {"type": "integer", "format": "int32", "minimum": 0, "exclusiveMinimum": True},
        "next": {"$ref": "#/components/schemas/Item"},
    },
    "additionalProperties": False,
}
DOCUMENT = {
    "openapi": "3.0.3",
    "info": {"title": "Items", "version": "1"},
    "servers": [{"url": "/api"}],
    "paths": {
        "/items": {
            "get": {
                "operationId": "list",
                "parameters": [
                    {"name": "limit", "in": "query", "schema": {"type": "integer", "maximum": 10}},
                    {
                        "name": "tags",
                        "in": "query",
                        "explode": False,
                        "schema": {"type": "array", "items": {"enum": ["a", "b"]}, "maxItems": 2},
                    },
                    {
                        "name": "where",
                        "in": "query",
                        "style": "deepObject",
                        "schema": {"type": "object", "properties": {"size": {"type": "integer"}}},
                    },
                    {"name": "raw", "in": "query", "content": {"application/json": {"schema": {"type": "array"}}}},
                    {"name": "X-Tenant", "in": "header", "required": True, "schema": {"type": "integer"}},
                    {"name": "visit", "in": "cookie", "schema": {"type": "boolean"}},
                    {"name": "Authorization", "in": "header", "required": True, "schema": {"type": "integer"}},
                ],
                "responses": {
                    "200": {
                        "description": "Items.",
                        "headers": {"X-Total": {"required": True, "schema": {"type": "integer"}}},
                        "content": {
                            "application/json": {
                                "schema": {"type": "array", "items": {"$ref": "#/components/schemas/Item"}}
                            },
                            "text/*": {"schema": {"type": "string", "maxLength": 3}},
                        },
                    },
                    "4XX": {
                        "description": "Refused.",
                        "content": {"application/problem+json": {"schema": {"type": "object", "required": ["title"]}}},
                    },
                },
            },
            "post": {
                "operationId": "create",
                "requestBody": {
                    "required": True,
                    "content": {
                        "application/json": {"schema": {"$ref": "#/components/schemas/Item"}},
                        "application/x-www-form-urlencoded": {
                            "schema": {
                                "type": "object",
                                "required": ["name"],
                                "properties": {
                                    "name": {"type": "string"},
                                    "size": {"type": "integer"},
                                    "tags": {"type": "array", "items": {"type": "string"}},
                                },
                            }
                        },
                        "multipart/form-data": {
                            "schema": {
                                "type": "object",
                                "required": ["name", "file"],
                                "properties": {
                                    "name": {"type": "string", "maxLength": 3},
                                    "file": {"type": "string", "format": "binary"},
                                },
                            }
                        },
                    },
                },
                "responses": {
                    "201": {
                        "description": "Made.",
                        "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Item"}}},
                    },
                    "default": {"description": "Anything."},
                },
            },
        },
        "/items/{id}": {
            "parameters": [{"name": "id", "in": "path", "required": True, "schema": {"type": "integer", "minimum": 1}}],
            "delete": {"operationId": "delete", "responses": {"204": {"description": "Gone."}}},
            "get": {
                "operationId": "read",
                "responses": {
                    "200": {
                        "description": "",
                        "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Nope"}}},
                    }
                },
            },
        },
        "/pets": {
            "post": {
                "operationId": "pet",
                "requestBody": {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/Pet"}}}},
                "responses": {"200": {"description": "Done."}},
            }
        },
    },
    "components": {
        "schemas": {
            "Item": ITEM,
            "Pet": {
                "oneOf": [{"$ref": "#/components/schemas/Cat"}, {"$ref": "#/components/schemas/Dog"}],
                "discriminator": {"propertyName": "kind", "mapping": {"cat": "#/components/schemas/Cat"}},
            },
            "Cat": {
                "type": "object",
                "required": ["kind", "lives"],
                "properties": {"kind": {"type": "string"}, "lives": {"type": "integer"}},
            },
            "Dog": {"type": "object", "required": ["kind"], "properties": {"kind": {"type": "string"}}},
        }
    },
}
REGISTRY = ContractRegistry({"items": DOCUMENT})


def where(method, path, **more):
    """Return what is wrong with an exchange: places and pointers."""
    result = validate_endpoint(REGISTRY, "items", method, path, **more)
    return [problem.where + problem.pointer for problem in result.problems]


HEADERS = {"x-tenant": "5"}


@pytest.mark.parametrize(
    ("query", "headers", "found"),
    [
        ("limit=10", HEADERS, []),
        ("limit=11", HEADERS, ["request.query.limit"]),
        ("limit=ten", HEADERS, ["request.query.limit"]),
        ({"limit": 3}, HEADERS, []),
        ("tags=a,b", HEADERS, []),
        ("tags=a,c", HEADERS, ["request.query.tags/1"]),
        ("tags=a,b,a", HEADERS, ["request.query.tags"]),
        ("where[size]=4", HEADERS, []),
        ("where[size]=x", HEADERS, ["request.query.where/size"]),
        ("raw=[1]", HEADERS, []),
        ("raw={}", HEADERS, ["request.query.raw"]),
        ("raw={", HEADERS, ["request.query.raw"]),
        ("unknown=1", HEADERS, []),
        ("", {}, ["request.header.X-Tenant"]),
        ("", {"X-TENANT": "a"}, ["request.header.X-Tenant"]),
        ("", None, []),
        ("", HEADERS | {"Cookie": "a=b; visit=true"}, []),
        ("", HEADERS | {"Cookie": "visit=perhaps"}, ["request.cookie.visit"]),
    ],
)
def test_parameters_are_held_against_their_schemas(query, headers, found):
    """Each parameter is read in its style and place; a header is only missing where headers are known."""
    assert where("GET", "/api/items", query=query, request_headers=headers) == found


@pytest.mark.parametrize(("path", "found"), [("/api/items/3", []), ("/items/0", ["request.path.id"])])
def test_path_parameters_count(path, found):
    """The path's own values are checked, with or without the server's path in front."""
    assert where("DELETE", path, status=204) == found


GOOD = {"name": "x", "secret": "s"}


@pytest.mark.parametrize(
    ("body", "kind", "found"),
    [
        (GOOD, None, []),
        (json.dumps(GOOD).encode(), "application/json; charset=utf-8", []),
        (GOOD | {"note": None, "due": "2026-01-31T12:00:00Z", "size": 1, "next": GOOD}, None, []),
        (GOOD | {"id": 5}, None, ["request.body/id"]),
        (GOOD | {"due": "tomorrow"}, None, ["request.body/due"]),
        (GOOD | {"size": 0}, None, ["request.body/size"]),
        (GOOD | {"size": 2**31}, None, ["request.body/size"]),
        (GOOD | {"name": None}, None, ["request.body/name"]),
        (GOOD | {"more": 1}, None, ["request.body"]),
        (GOOD | {"next": {"name": "", "secret": "s"}}, None, ["request.body/next/name"]),
        ({"name": "x"}, None, ["request.body"]),
        (b"{", "application/json", ["request.body"]),
        (b"[" * 100_000, "application/json", ["request.body"]),
        (None, None, ["request.body"]),
        (b"", None, ["request.body"]),
        (GOOD, "text/plain", ["request.contentType"]),
        (b"name=a&size=3&tags=x&tags=y", "application/x-www-form-urlencoded", []),
        (b"size=three&name=a", "application/x-www-form-urlencoded", ["request.body/size"]),
        ({"size": "3"}, "application/x-www-form-urlencoded", ["request.body"]),
    ],
)
def test_bodies_are_held_against_their_schema(body, kind, found):
    """Types, formats, null, what only answers have, circles, malformed and empty bodies are told apart."""
    assert where("POST", "/items", request_body=body, request_content_type=kind) == found


@pytest.mark.parametrize(("name", "found"), [("abc", []), ("abcd", ["request.body/name"])])
def test_parts_of_a_multipart_body_are_its_fields(name, found):
    """Fields are read from the parts, files are left alone."""
    lines = ["--B", 'Content-Disposition: form-data; name="name"', "", name, "--B"]
    lines += ['Content-Disposition: form-data; name="file"; filename="f.bin"', "", "\x01\x02", "--B--", ""]
    body = "\r\n".join(lines).encode()
    assert where("POST", "/items", request_body=body, request_content_type="multipart/form-data; boundary=B") == found


@pytest.mark.parametrize(
    ("body", "found"),
    [
        ({"kind": "cat", "lives": 9}, []),
        ({"kind": "Dog"}, []),
        ({"kind": "cat"}, ["request.body"]),
        ({"kind": "cow"}, ["request.body/kind"]),
        ({}, ["request.body"]),
    ],
)
def test_the_discriminator_chooses_the_alternative(body, found):
    """A problem is one of the alternative that was meant."""
    assert where("POST", "/pets", request_body=body) == found


ANSWER = [{"id": 1, "name": "x"}]
TOTAL = {"X-Total": "1", "Content-Type": "application/json"}


@pytest.mark.parametrize(
    ("status", "body", "headers", "kind", "found"),
    [
        (200, ANSWER, TOTAL, None, []),
        (200, json.dumps(ANSWER).encode(), TOTAL, None, []),
        (200, [{"id": 1, "name": "x", "secret": "s"}], TOTAL, None, ["response.body/0/secret"]),
        (200, [{"name": "x"}], TOTAL, None, ["response.body/0"]),
        (200, ANSWER, {"Content-Type": "application/json"}, None, ["response.header.X-Total"]),
        (200, ANSWER, TOTAL | {"X-Total": "many"}, None, ["response.header.X-Total"]),
        (200, ANSWER, None, "application/xml", ["response.contentType"]),
        (200, b"abc", None, "text/plain", []),
        (200, b"abcd", None, "text/plain", ["response.body"]),
        (200, None, None, None, ["response.body"]),
        (200, b"not json", None, "application/json", ["response.body"]),
        (404, {"title": "x"}, None, "application/problem+json", []),
        (404, {}, None, "application/problem+json", ["response.body"]),
        (500, {}, None, None, ["response.status"]),
        (202, None, None, None, ["response.status"]),
    ],
)
def test_answers_are_held_against_the_documented_ones(status, body, headers, kind, found):
    """Status, headers, content type and body; what only requests have must not come back."""
    more = {"response_body": body, "response_headers": headers, "content_type": kind}
    assert where("GET", "/items", status=status, **more) == found


def test_statuses_without_a_body_have_none():
    """204 with a body is wrong, and any status will do where there is a default."""
    assert where("DELETE", "/items/1", status=204, response_body=b"x") == ["response.body"]
    assert where("POST", "/items", request_body=GOOD, status=418, response_body={"any": "thing"}) == []


def test_a_problem_says_where_the_rule_stands():
    """The message reads as a sentence, and the contract's place can be looked up."""
    (problem,) = validate_endpoint(REGISTRY, "items", "GET", "/items", status=500).problems
    assert str(problem) == "response.status: 500 is not documented; documented: 200, 4XX."
    assert REGISTRY.resolve("items", f"#{problem.contract}/operationId") == "list"
    body = [{"id": "one", "name": "x"}]
    (problem,) = validate_endpoint(REGISTRY, "items", "GET", "/items", status=200, response_body=body).problems
    assert REGISTRY.resolve("items", f"#{problem.contract}")["type"] == "array"


def test_a_request_that_was_made_to_be_wrong_is_left_alone():
    """With `request=False` only the answer counts."""
    assert where("GET", "/items", query="limit=99", status=200, response_body=ANSWER, request=False) == []


def test_unknown_operations_and_broken_contracts_are_told_apart():
    """A request that no operation takes is a problem; a schema that is not there is an error of the contract."""
    result = validate_endpoint(REGISTRY, "items", "GET", "/nothing")
    assert (result.operation, result.ok) == (None, False)
    with pytest.raises(CheckError, match=r"items: GET /items/\{id\}: The reference"):
        validate_endpoint(REGISTRY, "items", "GET", "/items/1", status=200, response_body={})
    assert validate_endpoint(REGISTRY, "items", "GET", "/items/1").ok


@pytest.mark.parametrize("pattern", [r"^(a|a)*b\1$", r"^((a+)+)+\1b$"])
def test_hostile_patterns_do_not_hang(pattern):
    """A pattern that would take for ever ends as an error of the contract."""
    document = copy.deepcopy(DOCUMENT)
    document["components"]["schemas"]["Dog"]["properties"]["kind"]["pattern"] = pattern
    registry = ContractRegistry({"items": document})
    document["components"]["schemas"]["Pet"] = {"$ref": "#/components/schemas/Dog"}
    with pytest.raises(CheckError, match="takes too long"):
        validate_endpoint(registry, "items", "POST", "/pets", request_body={"kind": "a" * 5000})


@pytest.mark.parametrize("body", [{"kind": {1, 2}}, {1: 2}, {"kind": "\ud800"}])
def test_values_that_are_no_json_are_a_problem(body):
    """What can't be JSON is told, not raised."""
    assert where("POST", "/pets", request_body=body) == ["request.body"]


def test_many_schemas_are_compiled_together():
    """What is found is the same whether an operation is the first or the last of many, a broken one aside."""
    paths = {}
    for number in range(20):
        content = {"application/json": {"schema": {"type": "object", "properties": {"n": {"maximum": number}}}}}
        body = {"requestBody": {"content": content}, "responses": {"200": {"description": "", "content": content}}}
        paths[f"/p{number}"] = {"post": body}
    for broken in (None, {"$ref": "#/nope"}):
        document = {
            **DOCUMENT,
            "paths": paths
            | (
                {
                    "/broken": {
                        "post": {"requestBody": {"content": {"application/json": {"schema": broken}}}, "responses": {}}
                    }
                }
                if broken
                else {}
            ),
        }
        registry = ContractRegistry({"items": document})
        for number in range(20):
            for value, count in ((number, 0), (number + 1, 2)):
                body = {"n": value}
                result = validate_endpoint(
                    registry, "items", "POST", f"/p{number}", request_body=body, status=200, response_body=body
                )
                assert [problem.pointer for problem in result.problems] == ["/n"] * count
