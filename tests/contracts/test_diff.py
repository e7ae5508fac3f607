"""What the comparison of two OpenAPI documents tells, beside the catalogue: what is the same, and near misses."""

from copy import deepcopy
from datetime import date

import pytest

from pytest_superteam.contracts.diff import breaking, diff
from pytest_superteam.errors import CheckError

TEXT = {"type": "string"}
CAT = {"type": "object", "properties": {"name": TEXT}, "required": ["name"]}
DOG = {"type": "object", "properties": {"bark": TEXT, "loud": {"type": "boolean"}}, "required": ["bark", "loud"]}


def document(body=None, answer=None, version="3.1.0", schemas=None, path="/pets", root=None, **operation):
    """Return a document of one operation."""
    given = {"responses": {"200": {"description": "Done"}}, **deepcopy(operation)}
    if body is not None:
        given["requestBody"] = {"content": {"application/json": {"schema": body}}}
    if answer is not None:
        given["responses"]["200"]["content"] = {"application/json": {"schema": answer}}
    found = {"openapi": version, "info": {"title": "Pets", "version": "1"}, "paths": {path: {"post": given}}}
    return found | {"components": {"schemas": schemas or {}}} | (root or {})


def told(old, new, **options):
    """Return the kinds of change, each with the initial of its level, but what is said of the version."""
    found = (f"{change.kind}:{change.level[0]}" for change in diff(old, new, **options))
    return sorted(kind for kind in found if not kind.startswith("api-version"))


SAME = {
    "nullable flag and type list": ({"type": "string", "nullable": True}, {"type": ["string", "null"]}),
    "nullable flag and null alternative": ({**CAT, "nullable": True}, {"anyOf": [CAT, {"type": "null"}]}),
    "null alternative first": ({"oneOf": [{"type": "null"}, CAT]}, {"anyOf": [CAT, {"type": "null"}]}),
    "flag and number for an exclusive bound": (
        {"type": "number", "minimum": 5, "exclusiveMinimum": True},
        {"type": "number", "exclusiveMinimum": 5},
    ),
    "whole numbers over 4 and from 5": (
        {"type": "integer", "exclusiveMinimum": 4},
        {"type": "integer", "minimum": 5},
    ),
    "a looser bound beside the one that holds": (
        {"type": "number", "minimum": 5},
        {"type": "number", "minimum": 5, "exclusiveMinimum": 1},
    ),
    "one value as const and as enum": ({"const": "a"}, {"type": "string", "enum": ["a"]}),
    "the order of an enum": ({"enum": ["a", "b"]}, {"enum": ["b", "a"]}),
    "types as list and as alternatives": (
        {"type": ["string", "integer"]},
        {"oneOf": [{"type": "integer"}, {"type": "string"}]},
    ),
    "bounds that bound nothing": (TEXT, {"type": "string", "minLength": 0}),
    "open objects": ({"type": "object"}, {"type": "object", "additionalProperties": True}),
    "descriptions": ({**TEXT, "description": "a"}, {**TEXT, "title": "B", "examples": ["c"], "x-own": 1}),
    "an inline part and a reference": (CAT, {"$ref": "#/components/schemas/Cat"}),
    "a reference with a description": (CAT, {"$ref": "#/components/schemas/Cat", "description": "A cat"}),
    "alternatives in another order": ({"oneOf": [CAT, DOG]}, {"oneOf": [DOG, {"$ref": "#/components/schemas/Cat"}]}),
    "numbers as whole and as decimal": ({"type": "number", "maximum": 5}, {"type": "number", "maximum": 5.0}),
    "the same unknown reference": ({"$ref": "https://a.example/x.yaml"}, {"$ref": "https://a.example/x.yaml"}),
    "a type that the values say anyway": ({"enum": ["a", "b"]}, {"type": "string", "enum": ["a", "b"]}),
}


@pytest.mark.parametrize(("old", "new"), SAME.values(), ids=SAME)
@pytest.mark.parametrize("way", ["body", "answer"])
def test_same_meaning(old, new, way):
    """What OpenAPI 3.0 and 3.1, or two authors, write differently and means the same is no change."""
    schemas = {"Cat": CAT}
    one, other = document(version="3.0.3", schemas=schemas, **{way: old}), document(schemas=schemas, **{way: new})
    assert told(one, other) == []
    assert told(other, one) == []


def thing(**more):
    return {"type": "object", **more}


BODIES = {
    "allOf moves a property": (
        CAT,
        {"allOf": [{"$ref": "#/components/schemas/Cat"}]},
        ["request-body-all-of-added:i"],
    ),
    "allOf with a new demand": (
        {"allOf": [CAT]},
        {"allOf": [CAT, DOG]},
        ["new-required-request-property:e", "new-required-request-property:e", "request-body-all-of-added:i"],
    ),
    "closed to what was sent": (
        thing(properties={"a": TEXT}),
        thing(properties={}, additionalProperties=False),
        ["request-body-additional-properties-closed:e", "request-property-removed:e"],
    ),
    "1 is not true": ({"const": 1}, {"const": True}, ["request-body-type-changed:e"]),
    "a default of 0 is not false": (
        {"default": 0},
        {"default": False},
        ["request-body-default-value-changed:w"],
    ),
    "exclusive bound loosened": (
        {"type": "number", "exclusiveMinimum": 5},
        {"type": "number", "minimum": 5},
        ["request-body-min-set:i"],
    ),
    "exclusive bound tightened": (
        {"type": "number", "minimum": 5},
        {"type": "number", "exclusiveMinimum": 5},
        ["request-body-exclusive-min-set:e"],
    ),
    "under not, more is less": (
        {"not": {"type": "string", "maxLength": 5}},
        {"not": {"type": "string", "maxLength": 9}},
        ["request-body-max-length-increased:e"],
    ),
    "values of a map": (
        thing(additionalProperties={"type": "string", "maxLength": 5}),
        thing(additionalProperties={"type": "string", "maxLength": 3}),
        ["request-property-max-length-decreased:e"],
    ),
    "any type to one": ({}, TEXT, ["request-body-type-specialized:e"]),
    "an alternative changed inside": (
        {"oneOf": [CAT, DOG]},
        {"oneOf": [{**CAT, "required": []}, DOG]},
        ["request-property-became-optional:i"],
    ),
    "oneOf becomes anyOf": (
        {"oneOf": [CAT, DOG]},
        {"anyOf": [CAT, DOG]},
        ["request-body-alternatives-keyword-changed:w"],
    ),
    "one alternative is left": ({"oneOf": [CAT, DOG]}, DOG, ["request-body-unwrapped-from-one-of:e"]),
    "nothing is valid any more": (TEXT, False, ["request-body-became-impossible:e"]),
    "another unknown reference": (
        {"$ref": "https://a.example/x.yaml"},
        {"$ref": "https://a.example/y.yaml"},
        ["request-body-not-comparable:w"],
    ),
    "what the server sets": (
        thing(properties={"id": {**TEXT, "readOnly": True, "maxLength": 9}}),
        thing(properties={"id": {**TEXT, "readOnly": True, "maxLength": 5}}),
        ["request-read-only-property-max-length-decreased:i"],
    ),
    "format": (TEXT, {**TEXT, "format": "uuid"}, ["request-body-format-added:e"]),
    "format widened": (
        {"type": "integer", "format": "int32"},
        {"type": "integer", "format": "int64"},
        ["request-body-format-generalized:i"],
    ),
    "a property that is demanded and not described": (
        thing(),
        thing(required=["a"]),
        ["request-property-became-required:e"],
    ),
    "if changed": (
        {"if": {"required": ["a"]}},
        {"if": {"required": ["b"]}},
        ["request-body-if-changed:w"],
    ),
    "a multiple of more": ({"multipleOf": 2}, {"multipleOf": 6}, ["request-body-multiple-of-changed:e"]),
    "a multiple of less": ({"multipleOf": 6}, {"multipleOf": 2}, ["request-body-multiple-of-changed:i"]),
    "null is no alternative any more": (
        {"anyOf": [CAT, DOG, {"type": "null"}]},
        {"anyOf": [CAT, DOG]},
        ["request-body-became-not-nullable:e"],
    ),
    "an element gets a demand of its own": (
        {"type": "array", "items": TEXT},
        {"type": "array", "items": TEXT, "prefixItems": [{**TEXT, "maxLength": 3}]},
        ["request-body-prefix-items-added:i", "request-property-max-length-set:e"],
    ),
    "a longer closed tuple": (
        {"type": "array", "prefixItems": [TEXT], "items": False},
        {"type": "array", "prefixItems": [TEXT, TEXT], "items": False},
        ["request-body-prefix-items-added:i"],
    ),
}


@pytest.mark.parametrize(("old", "new", "kinds"), BODIES.values(), ids=BODIES)
def test_request_bodies(old, new, kinds):
    """Changes of what consumers send are classed by whether what was valid still is."""
    schemas = {"Cat": CAT}
    assert told(document(body=old, schemas=schemas), document(body=new, schemas=schemas)) == kinds


ANSWERS = {
    "a new property of a closed answer": (
        thing(additionalProperties=False),
        thing(properties={"a": TEXT}, additionalProperties=False),
        ["response-optional-property-added:w"],
    ),
    "opened": (thing(additionalProperties=False), thing(), ["response-body-additional-properties-opened:w"]),
    "extensible values": (
        {"enum": ["a"], "x-extensible-enum": ["a"]},
        {"enum": ["a", "b"], "x-extensible-enum": ["a", "b"]},
        ["response-body-enum-value-added:i", "response-body-x-extensible-enum-value-added:i"],
    ),
    "maximum gone": ({"maximum": 5}, {}, ["response-body-max-unset:e"]),
    "deeper": (
        {"type": "array", "items": CAT},
        {"type": "array", "items": {**CAT, "required": []}},
        ["response-property-became-optional:e"],
    ),
}


@pytest.mark.parametrize(("old", "new", "kinds"), ANSWERS.values(), ids=ANSWERS)
def test_answers(old, new, kinds):
    """Changes of what consumers read are classed by whether they can meet what they never met."""
    assert told(document(answer=old), document(answer=new)) == kinds


def query(**more):
    return [{"name": "q", "in": "query", "schema": {"type": "array", "items": TEXT}, **more}]


OPERATIONS = {
    "a parameter of the path is renamed": (document(path="/pets/{id}"), document(path="/pets/{pet}"), []),
    "a header in other letters": (
        document(parameters=[{"name": "X-A", "in": "header", "schema": TEXT}]),
        document(parameters=[{"name": "x-a", "in": "header", "schema": TEXT}]),
        [],
    ),
    "a parameter moves to the path item": (
        document(parameters=query()),
        {**document(), "paths": {"/pets": {**document()["paths"]["/pets"], "parameters": query()}}},
        [],
    ),
    "the usual style said": (document(parameters=query()), document(parameters=query(style="form", explode=True)), []),
    "another style": (
        document(parameters=query()),
        document(parameters=query(style="pipeDelimited")),
        ["request-parameter-style-changed:e"],
    ),
    "not exploded": (
        document(parameters=query()),
        document(parameters=query(explode=False)),
        ["request-parameter-explode-changed:e"],
    ),
    "a parameter moves": (
        document(parameters=[{"name": "q", "in": "query", "schema": TEXT}]),
        document(parameters=[{"name": "q", "in": "header", "required": True, "schema": TEXT}]),
        ["new-required-request-parameter:e", "request-parameter-removed:w"],
    ),
    "a number where text was": (
        document(parameters=query(schema=TEXT)),
        document(parameters=query(schema={"type": "integer"})),
        ["request-parameter-type-specialized:e"],
    ),
    "a status within its range": (
        document(responses={"201": {"description": "Made"}}),
        document(responses={"2XX": {"description": "Well"}}),
        ["response-success-status-added:i"],
    ),
    "an error described before as any": (
        document(responses={"200": {"description": ""}, "default": {"description": "Error"}}),
        document(responses={"default": {"description": "Error"}}),
        ["response-success-status-removed:e"],
    ),
    "a draft": (
        document(body=CAT, **{"x-stability-level": "draft"}),
        document(body=DOG, **{"x-stability-level": "draft"}),
        ["new-required-request-property:i", "new-required-request-property:i", "request-property-removed:i"],
    ),
    "a path moves from the servers": (
        document(root={"servers": [{"url": "https://a.example/v1"}]}),
        document(path="/v1/pets", root={"servers": [{"url": "https://a.example"}]}),
        ["server-added:i", "server-removed:w"],
    ),
    "every path begins otherwise": (
        document(root={"servers": [{"url": "https://a.example/v1"}]}),
        document(root={"servers": [{"url": "https://a.example/v2"}]}),
        ["server-added:i", "server-path-changed:e"],
    ),
    "a callback reads what it read": (
        document(callbacks={"done": {"{$url}": document(body=CAT)["paths"]["/pets"]}}),
        document(callbacks={"done": {"{$url}": document(body={**CAT, "required": []})["paths"]["/pets"]}}),
        ["callee-request-property-became-optional:e"],
    ),
    "open to everybody, then not": (
        document(security=[]),
        document(security=[{"key": []}]),
        ["api-security-became-required:e"],
    ),
    "the document's security, said again": (
        document(root={"security": [{"key": []}]}),
        document(root={"security": [{"key": []}]}, security=[{"key": []}]),
        [],
    ),
    "a role may no longer": (
        document(**{"x-roles": ["admin", "clerk"]}),
        document(**{"x-roles": ["admin", "guest"]}),
        ["api-role-added:i", "api-role-removed:e"],
    ),
    "only some roles": (document(), document(**{"x-roles": ["admin"]}), ["api-roles-limited:e"]),
    "every role": (document(**{"x-roles": ["admin"]}), document(), ["api-roles-unlimited:i"]),
    "one credential less needed": (
        document(security=[{"key": [], "user": []}]),
        document(security=[{"key": []}]),
        ["api-security-added:i", "api-security-removed:i"],
    ),
}


@pytest.mark.parametrize(("old", "new", "kinds"), OPERATIONS.values(), ids=OPERATIONS)
def test_operations(old, new, kinds):
    """Operations are matched by what consumers send, and their parts by what OpenAPI says they mean."""
    assert told(old, new) == kinds


def test_change_names_its_place():
    """A change names operation, place, values and the other operations that meet it through a shared schema."""
    schemas = {
        "Cat": CAT,
        "Cats": thing(properties={"items": {"type": "array", "items": {"$ref": "#/components/schemas/Cat"}}}),
    }
    old = document(answer={"$ref": "#/components/schemas/Cats"}, schemas=schemas)
    old["paths"]["/cats"] = deepcopy(old["paths"]["/pets"])
    new = deepcopy(old)
    new["components"]["schemas"]["Cat"]["properties"]["name"] = {"type": "string", "nullable": True}
    (change,) = breaking(diff(old, new))
    assert (change.operation, change.also) == ("POST /pets", ("POST /cats",))
    assert str(change) == (
        "POST /pets (and 1 more operation), the body of the 200 answer: `items[].name`: null became valid"
    )


def test_schemas_in_circles():
    """Schemas that refer to each other in circles are compared once, and their change is told once."""
    tree = thing(properties={"value": TEXT, "left": {"$ref": "#/components/schemas/Tree"}})
    forest = thing(properties={"trees": {"type": "array", "items": {"$ref": "#/components/schemas/Tree"}}})
    tree["properties"]["forest"] = {"$ref": "#/components/schemas/Forest"}
    old = document(body={"$ref": "#/components/schemas/Forest"}, schemas={"Tree": tree, "Forest": forest})
    new = deepcopy(old)
    new["components"]["schemas"]["Tree"]["properties"]["value"]["maxLength"] = 3
    (change,) = breaking(diff(old, new))
    assert change.where == "the body: `trees[].value`"


@pytest.mark.parametrize("count", [300, pytest.param(3000, marks=pytest.mark.slow)])
def test_many_schemas(count):
    """Of many schemas that refer to each other, each changed one is told once, with all its operations."""
    schemas = {}
    for n in range(count):
        others = {"b": n * 7 % count, "c": (n + 1) % count}
        references = {name: {"$ref": f"#/components/schemas/S{other}"} for name, other in others.items()}
        schemas[f"S{n}"] = thing(properties={"a": {**TEXT, "maxLength": 9}, **references})
    old = document(schemas=schemas)
    for n in range(50):
        item = document(body={"$ref": f"#/components/schemas/S{n}"})["paths"]["/pets"]
        old["paths"][f"/p{n}"] = item
    new = deepcopy(old)
    assert diff(old, new) == ()
    for n in range(0, count, count // 30):
        new["components"]["schemas"][f"S{n}"]["properties"]["a"]["maxLength"] = 5
    found = breaking(diff(old, new))
    assert len(found) == 30
    assert {len(change.also) for change in found} == {49}


@pytest.mark.parametrize(
    ("today", "kinds"),
    [
        (date(2026, 5, 31), ["api-path-removed-before-sunset:e"]),
        (date(2026, 6, 1), ["api-path-removed-with-deprecation:i"]),
    ],
)
def test_announced_end(today, kinds):
    """A deprecated operation may go on the day that was announced, and not the day before."""
    old = document(deprecated=True, **{"x-sunset": "2026-06-01"})
    assert told(old, {**old, "paths": {}}, today=today) == kinds


@pytest.mark.parametrize(
    ("old", "said"),
    [
        ({"swagger": "2.0"}, "The old version says Swagger 2.0. Convert it to OpenAPI 3"),
        ({}, "The old version says no version of OpenAPI 3"),
        ([], "The old version is no OpenAPI document, but list"),
    ],
)
def test_other_documents(old, said):
    """What is no OpenAPI 3 document is refused in one line."""
    with pytest.raises(CheckError, match=said):
        diff(old, document())
