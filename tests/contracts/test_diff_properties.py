"""What holds for the comparison of any two documents, sound or broken."""

import json
from copy import deepcopy

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pytest_superteam.contracts.diff import breaking, diff
from pytest_superteam.errors import CheckError

QUICK = settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow])
NAMES = ("A", "B", "C")
WORDS = st.sampled_from(["a", "b", "c", "d"])
TEXTS = st.fixed_dictionaries(
    {"type": st.just("string")},
    optional={
        "minLength": st.integers(0, 3),
        "maxLength": st.integers(4, 9),
        "enum": st.lists(WORDS, min_size=1, unique=True),
        "pattern": st.just("^a"),
        "nullable": st.booleans(),
        "default": WORDS,
    },
)
NUMBERS = st.fixed_dictionaries(
    {"type": st.sampled_from(["integer", "number", ["integer", "null"]])},
    optional={
        "minimum": st.integers(-5, 0),
        "exclusiveMaximum": st.integers(5, 9),
        "multipleOf": st.sampled_from([1, 2, 3, 6]),
    },
)
REFERENCES = st.sampled_from(NAMES).map(lambda name: {"$ref": f"#/components/schemas/{name}"})


def _around(inner):
    properties = st.dictionaries(WORDS, inner, max_size=3)
    things = st.fixed_dictionaries(
        {"type": st.just("object"), "properties": properties},
        optional={"required": st.lists(WORDS, unique=True), "additionalProperties": st.booleans() | inner},
    )
    several = st.lists(inner, min_size=1, max_size=3)
    return st.one_of(
        things,
        inner.map(lambda schema: {"type": "array", "items": schema}),
        several.map(lambda schemas: {"oneOf": schemas}),
        several.map(lambda schemas: {"anyOf": [*schemas, {"type": "null"}]}),
        several.map(lambda schemas: {"allOf": schemas}),
        inner.map(lambda schema: {"not": schema}),
    )


SCHEMAS = st.recursive(TEXTS | NUMBERS | REFERENCES | st.booleans(), _around, max_leaves=8)


def document(body, answer, components):
    """Return a document with a schema on either way and components that may refer to each other."""
    operation = {
        "requestBody": {"content": {"application/json": {"schema": body}}},
        "parameters": [{"name": "q", "in": "query", "schema": body}],
        "responses": {"200": {"description": "Done", "content": {"application/json": {"schema": answer}}}},
    }
    return {
        "openapi": "3.1.0",
        "info": {"title": "Any", "version": "1.0.0"},
        "paths": {"/a/{id}": {"post": operation}},
        "components": {"schemas": components},
    }


DOCUMENTS = st.builds(document, SCHEMAS, SCHEMAS, st.fixed_dictionaries(dict.fromkeys(NAMES, SCHEMAS)))


@QUICK
@given(DOCUMENTS)
def test_nothing_changed(old):
    """A document compared with its copy, circles of references and all, shows no change."""
    assert diff(old, json.loads(json.dumps(old))) == ()


@QUICK
@given(DOCUMENTS, DOCUMENTS)
def test_same_question_same_answer(old, new):
    """The order of keys and the run do not change what is found, and the worst comes first."""
    found = diff(old, new)
    assert diff(json.loads(json.dumps(old, sort_keys=True)), deepcopy(new)) == found
    assert [change.level.rank for change in found] == sorted((c.level.rank for c in found), reverse=True)


def only(body=None, answer=None):
    """Return a document with one schema, on one way."""
    found = document(body, answer, {})
    operation = found["paths"]["/a/{id}"]["post"]
    del operation["parameters"]
    del operation["requestBody" if body is None else "responses"]
    return found


LOWERED = {"maxLength": -1, "maximum": -1, "maxItems": -1, "exclusiveMaximum": -1, "maxProperties": -1}
RAISED = {"minLength": 1, "minimum": 1, "minItems": 1, "exclusiveMinimum": 1, "minProperties": 1}


@st.composite
def narrowings(draw):
    """Return a schema and one that admits strictly fewer values."""
    wide, narrow = draw(
        st.one_of(
            st.tuples(st.sampled_from(sorted(LOWERED | RAISED)), st.integers(2, 50)).map(
                lambda bound: ({bound[0]: bound[1]}, {bound[0]: bound[1] + (LOWERED | RAISED)[bound[0]]})
            ),
            st.sampled_from(sorted(LOWERED | RAISED)).map(lambda name: ({}, {name: 7})),
            st.just(({"type": ["string", "null"]}, {"type": "string"})),
            st.just(({"type": "number"}, {"type": "integer"})),
            st.just(({"enum": ["a", "b"]}, {"enum": ["b"]})),
            st.just(({"type": "object"}, {"type": "object", "additionalProperties": False})),
            st.just(({"type": "object"}, {"type": "object", "patternProperties": {"^a": {"type": "string"}}})),
            st.just(({"uniqueItems": False}, {"uniqueItems": True})),
            st.just(({"multipleOf": 2}, {"multipleOf": 4})),
            st.just(({"not": {"enum": ["a"]}}, {"not": {"enum": ["a", "b"]}})),
            st.just(({}, {"not": {"type": "object"}})),
            st.just(({"anyOf": [{"minLength": 1}, {"pattern": "a"}]}, {"anyOf": [{"minLength": 2}, {"pattern": "a"}]})),
        )
    )
    for wrap in draw(st.lists(st.sampled_from(("items", "property", "allOf", "map")), max_size=3)):
        wide, narrow = (_wrapped(schema, wrap) for schema in (wide, narrow))
    return wide, narrow


def _wrapped(schema, wrap):
    if wrap == "items":
        return {"type": "array", "items": schema}
    if wrap == "property":
        return {"type": "object", "properties": {"p": schema}, "required": ["p"]}
    return {"allOf": [schema]} if wrap == "allOf" else {"type": "object", "additionalProperties": schema}


LENIENT = {"additional-properties-opened"}


@QUICK
@given(narrowings())
def test_narrowing_breaks_one_way_only(pair):
    """Fewer values break those who send and not those who read; more values the other way round."""
    wide, narrow = pair
    assert breaking(diff(only(body=wide), only(body=narrow)))
    assert not breaking(diff(only(body=narrow), only(body=wide)))
    assert not breaking(diff(only(answer=wide), only(answer=narrow)))
    back = diff(only(answer=narrow), only(answer=wide))
    assert breaking(back) or any(change.kind.endswith("additional-properties-opened") for change in back)


RUBBISH = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-3, 3),
    st.floats(allow_nan=True),
    st.text(max_size=3),
    st.just([]),
    st.just({}),
    st.just({"$ref": "#/components/schemas/Nowhere"}),
    st.just({"$ref": "https://elsewhere.example/a.yaml"}),
    st.just({"$ref": 5}),
    st.just({"$ref": "#/paths"}),
    st.lists(st.integers(0, 2), max_size=2),
)


def _spots(value, path=()):
    yield path
    if isinstance(value, dict):
        for key, item in value.items():
            yield from _spots(item, (*path, key))
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _spots(item, (*path, index))


def _broken(document, data):
    found = deepcopy(document)
    for _ in range(data.draw(st.integers(1, 3))):
        spots = [path for path in _spots(found) if len(path) > 1]
        if not spots:
            break
        *path, last = data.draw(st.sampled_from(spots))
        target = found
        for key in path:
            target = target[key]
        target[last] = deepcopy(data.draw(RUBBISH))
    return found


@settings(QUICK, max_examples=40)
@given(DOCUMENTS, st.data())
def test_broken_documents(old, data):
    """Whatever stands where something else should, documents are compared or refused in one line; never a crash."""
    rich = deepcopy(old)
    rich |= {
        "servers": [{"url": "https://{h}.example/v1", "variables": {"h": {"default": "a"}}}],
        "security": [{"key": ["read"]}],
        "webhooks": {"w": deepcopy(old["paths"]["/a/{id}"])},
    }
    rich["components"]["securitySchemes"] = {
        "key": {"type": "oauth2", "flows": {"password": {"tokenUrl": "https://a.example", "scopes": {"read": "R"}}}}
    }
    operation = rich["paths"]["/a/{id}"]["post"]
    operation |= {"callbacks": {"c": {"{$url}": deepcopy(old["paths"]["/a/{id}"])}}, "tags": ["a"], "deprecated": True}
    operation["responses"]["200"] |= {"headers": {"X-A": {"schema": {"type": "string"}}}, "links": {"l": {}}}
    broken = _broken(rich, data)
    for pair in ((rich, broken), (broken, rich), (broken, deepcopy(broken))):
        assert "\n" not in _said(*pair)


def _said(old, new):
    """Return the changes, or why there are none, one after the other."""
    try:
        return "; ".join(map(str, diff(old, new)))
    except CheckError as error:
        return str(error)


def _circle():
    found = {"type": "object", "properties": {}}
    found["properties"]["self"] = found
    return found


def _deep():
    found = {"type": "string"}
    for _ in range(5000):
        found = {"type": "array", "items": found}
    return found


@pytest.mark.parametrize("schema", [_circle, _deep])
def test_documents_without_end(schema):
    """A document that holds itself, or nests beyond measure, is refused in one line."""
    with pytest.raises(CheckError, match="nested too deeply, or in a circle"):
        diff(only(body=schema()), only(body=schema()))
