"""References within a document."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_superteam.contracts.references import pointer, references, resolve
from pytest_superteam.errors import CheckError

KEYS = st.lists(st.text(max_size=8), min_size=1, max_size=5)


@given(KEYS, st.integers())
def test_every_key_can_be_pointed_at(keys, value):
    """A pointer made of any keys leads to what stands under them, once percent signs are encoded."""
    document = value
    for key in reversed(keys):
        document = {key: document}
    assert resolve(document, "#" + pointer(*keys).replace("%", "%25")) == value


@pytest.mark.parametrize(
    ("reference", "found"),
    [
        ("#/a~1b/~0x", 1),
        ("#/list/1", "second"),
        ("#/a%20b", 2),
        ("#/codes/200", "ok"),
        ("#/through/inner", 3),
        ("#/alias", {"inner": 3}),
        ("#", None),
    ],
)
def test_references_are_followed_by_the_rules_of_json_pointer(reference, found):
    """Escapes, percent-encoding, list positions, numbers as keys and references on the way are understood."""
    document = {
        "a/b": {"~x": 1},
        "list": ["first", "second"],
        "a b": 2,
        "codes": {200: "ok"},
        "target": {"inner": 3},
        "through": {"$ref": "#/target", "description": "more"},
        "alias": {"$ref": "#/target"},
    }
    assert resolve(document, reference) == (document if found is None else found)


@pytest.mark.parametrize("reference", ["#/list/-1", "#/list/01", "#/list/2", "#/list/x", "#anchor", "#/text/0", "#/x"])
def test_what_is_not_there_is_an_error(reference):
    """Positions from the end, anchors and letters of a text are nothing to refer to."""
    with pytest.raises(CheckError, match="reference"):
        resolve({"list": [1, 2], "text": "abc"}, reference)


@pytest.mark.parametrize(
    "document",
    [
        {"a": {"$ref": "#/a"}},
        {"a": {"$ref": "#/b/x"}, "b": {"$ref": "#/a/x"}},
        {"a": {"$ref": "#/a/b"}},
    ],
)
def test_circles_end(document):
    """Circles through each other's parts end as an error."""
    with pytest.raises(CheckError, match=r"circle|nowhere"):
        resolve(document, "#/a/x")


def test_only_references_are_listed():
    """Data in examples, and properties of that name, are none."""
    document = {
        "schema": {"properties": {"$ref": {"type": "string"}, "default": {"$ref": "#/d"}}, "default": {"$ref": "no"}},
        "example": {"$ref": "no"},
        "responses": {"default": {"$ref": "#/r"}},
        "examples": {"value": {"$ref": "#/e"}, "x": {"value": {"$ref": "no"}}},
        "allOf": [{"$ref": "#/l"}],
    }
    assert sorted(references(document)) == [
        ("/allOf/0", "#/l"),
        ("/examples/value", "#/e"),
        ("/responses/default", "#/r"),
        ("/schema/properties/default", "#/d"),
    ]
