"""Swagger 2.0, said in OpenAPI 3.0."""

import copy

import pytest

from pytest_superteam.contracts.documents.swagger import NOTES, openapi_of_swagger
from pytest_superteam.contracts.registry import ContractRegistry
from pytest_superteam.errors import CheckError

OLD = {
    "swagger": "2.0",
    "info": {"title": "Shop", "version": "1"},
    "host": "shop.example",
    "basePath": "/v1/",
    "schemes": ["https", "http"],
    "consumes": ["application/json"],
    "produces": ["application/json", "application/xml"],
    "security": [{"key": []}],
    "securityDefinitions": {
        "key": {"type": "apiKey", "in": "header", "name": "X-Key"},
        "login": {"type": "basic"},
        "sso": {
            "type": "oauth2",
            "flow": "accessCode",
            "authorizationUrl": "https://a.example",
            "tokenUrl": "https://t.example",
            "scopes": {"read": "Reads."},
        },
    },
    "parameters": {
        "Limit": {"name": "limit", "in": "query", "type": "integer", "maximum": 10, "exclusiveMaximum": True},
        "NewItem": {"name": "item", "in": "body", "required": True, "schema": {"$ref": "#/definitions/Item"}},
    },
    "responses": {"Gone": {"description": "Gone.", "schema": {"$ref": "#/definitions/Item"}}},
    "definitions": {
        "Item": {
            "type": "object",
            "required": ["name"],
            "discriminator": "kind",
            "properties": {
                "name": {"type": "string", "x-nullable": True},
                "kind": {"type": "string"},
                "discriminator": {"type": "string"},
                "parts": {"type": "array", "items": {"$ref": "#/definitions/Item"}},
            },
        }
    },
    "paths": {
        "/items": {
            "parameters": [{"$ref": "#/parameters/Limit"}],
            "get": {
                "operationId": "list",
                "parameters": [
                    {"name": "tags", "in": "query", "type": "array", "items": {"type": "string"}},
                    {
                        "name": "ids",
                        "in": "query",
                        "type": "array",
                        "items": {"type": "integer"},
                        "collectionFormat": "pipes",
                    },
                    {
                        "name": "each",
                        "in": "query",
                        "type": "array",
                        "items": {"type": "string"},
                        "collectionFormat": "multi",
                    },
                    {
                        "name": "rows",
                        "in": "query",
                        "type": "array",
                        "items": {"type": "string"},
                        "collectionFormat": "tsv",
                    },
                    {"name": "X-Marks", "in": "header", "type": "array", "items": {"type": "string"}},
                ],
                "responses": {
                    200: {
                        "description": "Items.",
                        "schema": {"type": "array", "items": {"$ref": "#/definitions/Item"}},
                        "headers": {"X-Total": {"type": "integer", "description": "How many."}},
                        "examples": {"application/json": [{"name": "a", "kind": "Item"}]},
                    },
                    "410": {"$ref": "#/responses/Gone"},
                },
            },
            "post": {
                "operationId": "create",
                "parameters": [{"$ref": "#/parameters/NewItem"}],
                "responses": {"201": {"description": "Made."}},
            },
        },
        "/items/{id}/photo": {
            "put": {
                "operationId": "photo",
                "parameters": [
                    {"name": "id", "in": "path", "required": True, "type": "string"},
                    {"name": "file", "in": "formData", "type": "file", "required": True},
                    {"name": "note", "in": "formData", "type": "string"},
                ],
                "produces": ["image/png"],
                "responses": {"200": {"description": "Photo.", "schema": {"type": "file"}}},
            }
        },
    },
}


def test_a_document_is_converted_to_a_valid_one():
    """The specification's validator and every look-up accept what comes out."""
    registry = ContractRegistry({"shop": OLD})
    assert registry.problems("shop") == ()
    assert [operation.id for operation in registry.operations("shop")] == ["list", "create", "photo"]
    assert registry.match("shop", "PUT", "/v1/items/7/photo").parameters == {"id": "7"}


def test_each_part_has_its_counterpart():
    """Servers, bodies, lists, files, security and schemas are what they were."""
    new = openapi_of_swagger(OLD)
    assert [server["url"] for server in new["servers"]] == ["https://shop.example/v1", "http://shop.example/v1"]
    listing = new["paths"]["/items"]["get"]
    styles = {p["name"]: (p.get("style"), p.get("explode")) for p in listing["parameters"]}
    assert styles == {
        "tags": ("form", False),
        "ids": ("pipeDelimited", False),
        "each": ("form", True),
        "rows": (None, None),
        "X-Marks": (None, None),
    }
    assert "rows" in new[NOTES][0]
    answer = listing["responses"]["200"]
    assert set(answer["content"]) == {"application/json", "application/xml"}
    assert answer["headers"]["X-Total"]["schema"] == {"type": "integer"}
    assert listing["responses"]["410"] == {"$ref": "#/components/responses/Gone"}
    body = new["paths"]["/items"]["post"]["requestBody"]
    assert body["required"] is True
    assert body["content"]["application/json"]["schema"] == {"$ref": "#/components/schemas/Item"}
    photo = new["paths"]["/items/{id}/photo"]["put"]
    form = photo["requestBody"]["content"]["multipart/form-data"]["schema"]
    assert form["required"] == ["file"]
    assert form["properties"]["file"] == {"type": "string", "format": "binary"}
    assert set(photo["responses"]["200"]["content"]) == {"image/png"}
    schemes = new["components"]["securitySchemes"]
    assert schemes["login"] == {"type": "http", "scheme": "basic"}
    assert list(schemes["sso"]["flows"]) == ["authorizationCode"]
    item = new["components"]["schemas"]["Item"]
    assert item["properties"]["name"] == {"type": "string", "nullable": True}
    assert item["discriminator"] == {"propertyName": "kind"}
    assert item["properties"]["discriminator"] == {"type": "string"}


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda d: d.update(swagger="1.2"), "1.2 is not supported"),
        (lambda d: d.pop("paths"), "without paths"),
        (lambda d: d["securityDefinitions"].update(x={"type": "saml"}), "securityDefinitions/x"),
        (lambda d: d["securityDefinitions"]["sso"].update(flow="magic"), "'magic' is unknown"),
    ],
)
def test_what_can_not_be_converted_is_refused(change, words):
    """A plain sentence names the part."""
    document = copy.deepcopy(OLD)
    change(document)
    with pytest.raises(CheckError, match=words):
        openapi_of_swagger(document)
    assert any(words.split()[0] in problem for problem in ContractRegistry({"shop": document}).problems("shop"))


@pytest.mark.parametrize(
    "paths",
    [
        {"/x": None},
        {"/x": {"get": None}},
        {"/x": {"get": {"parameters": [None, 5, {"$ref": "#/no"}], "responses": None}}},
        {"/x": {"get": {"parameters": {}, "responses": {"200": None}}}},
        {"/x": {"post": {"parameters": [{"in": "formData"}, {"in": "body"}], "responses": []}}},
        {"/x": {"post": {"parameters": [{"in": "query", "type": "array", "items": None}], "responses": {}}}},
    ],
)
def test_malformed_parts_do_not_stop_the_rest(paths):
    """What is broken stays broken in its place, and is told as a problem."""
    document = {"swagger": "2.0", "info": {"title": "t", "version": "1"}, "paths": paths}
    assert openapi_of_swagger(document)["openapi"] == "3.0.3"
    assert ContractRegistry({"x": document}).problems("x")
