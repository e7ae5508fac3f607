"""Parameters in each style, back and forth."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_superteam.contracts.validating.parameters import (
    candidates,
    deserialise,
    pairs_of,
    serialise,
    style_of,
    types_of,
)
from pytest_superteam.errors import CheckError

TEXT = st.text(st.characters(codec="utf-8", exclude_characters="\x00"), max_size=8)
PARTS = st.lists(TEXT.filter(bool), min_size=1, max_size=4)
OBJECT = st.dictionaries(st.text("abcXYZ_-", min_size=1, max_size=5), TEXT, min_size=1, max_size=4)
STYLES = [("path", "simple"), ("path", "label"), ("path", "matrix"), ("header", "simple"), ("query", "form")]
STYLES += [("cookie", "form"), ("query", "spaceDelimited"), ("query", "pipeDelimited")]


def parameter(kind, place="query", style=None, explode=None, **more):
    """Return a parameter of a type, as a style writes it."""
    found = {"name": "p", "in": place, "schema": {"type": kind}, **more}
    return found | ({"style": style} if style else {}) | ({} if explode is None else {"explode": explode})


@given(st.sampled_from(STYLES), st.booleans(), PARTS)
def test_lists_come_back(style, explode, parts):
    """A list that a style writes is read again as it was, whatever signs are in it."""
    described = parameter("array", *style, explode)
    assert deserialise(described, {}, serialise(described, parts)) == (True, parts)


@given(st.sampled_from([*STYLES[:6], ("query", "deepObject")]), st.booleans(), OBJECT)
def test_objects_come_back(style, explode, value):
    """An object that a style writes is read again as it was."""
    described = parameter("object", *style, explode)
    described["schema"]["properties"] = {name: {"type": "string"} for name in value}
    assert deserialise(described, {}, serialise(described, value)) == (True, value)


@given(st.sampled_from(STYLES), st.booleans(), TEXT)
def test_single_values_come_back(style, explode, value):
    """A text that a style writes is read again as it was."""
    described = parameter("string", *style, explode)
    assert deserialise(described, {}, serialise(described, value)) == (True, value)


@given(st.integers() | st.booleans() | st.floats(allow_nan=False, allow_infinity=False, min_value=1e-9, max_value=1e9))
def test_numbers_and_truth_values_come_back(value):
    """What text may mean holds the number or truth value that it was written from."""
    described = parameter({bool: "boolean", int: "integer", float: "number"}[type(value)])
    _, text = deserialise(described, {}, serialise(described, value))
    assert value in candidates({}, described["schema"], text)


TABLE = [
    # The table of the specification: style, explode, array, object.
    ("path", "matrix", False, ";p=blue,black", ";p=R,100,G,200"),
    ("path", "matrix", True, ";p=blue;p=black", ";R=100;G=200"),
    ("path", "label", False, ".blue,black", ".R,100,G,200"),
    ("path", "label", True, ".blue.black", ".R=100.G=200"),
    ("query", "form", False, "blue,black", "R,100,G,200"),
    ("path", "simple", False, "blue,black", "R,100,G,200"),
    ("path", "simple", True, "blue,black", "R=100,G=200"),
    ("query", "spaceDelimited", False, "blue black", "R 100 G 200"),
    ("query", "pipeDelimited", False, "blue|black", "R|100|G|200"),
]


@pytest.mark.parametrize(("place", "style", "explode", "array", "mapping"), TABLE)
def test_the_specifications_examples_are_read_and_written(place, style, explode, array, mapping):
    """Each line of the specification's table of styles holds, in both directions."""
    for kind, text, value in (
        ("array", array, ["blue", "black"]),
        ("object", mapping, {"R": "100", "G": "200"}),
    ):
        described = parameter(kind, place, style, explode)
        assert deserialise(described, {}, [("p", text)]) == (True, value)
        assert serialise(described, value) == [("p", text)]


def test_exploded_forms_and_deep_objects_are_read_from_several_pairs():
    """`p=a&p=b`, `R=1&G=2` and `p[R]=1&p[G]=2` are one value each."""
    assert deserialise(parameter("array"), {}, pairs_of("p=a&q=x&p=b")) == (True, ["a", "b"])
    exploded = parameter("object")
    exploded["schema"]["properties"] = {"R": {}, "G": {}}
    assert deserialise(exploded, {}, pairs_of("R=1&x=5&G=2")) == (True, {"R": "1", "G": "2"})
    deep = parameter("object", style="deepObject")
    assert deserialise(deep, {}, pairs_of({"p[R]": "1", "p[G]": "2", "p": "no"})) == (True, {"R": "1", "G": "2"})
    assert deserialise(deep, {}, pairs_of("q[R]=1")) == (False, None)


@pytest.mark.parametrize(
    ("described", "pairs"),
    [
        (parameter("string", "path", "label"), [("p", "blue")]),
        (parameter("string", "path", "matrix"), [("p", "blue")]),
        (parameter("object", "path", "simple"), [("p", "R,100,G")]),
        (parameter("object", "path", "simple", explode=True), [("p", "R,100")]),
        (parameter("object", content={"application/json": {}}), [("p", "{")]),
    ],
)
def test_text_of_another_style_is_refused(described, pairs):
    """What a style could not have written is no value."""
    with pytest.raises(ValueError, match="it "):
        deserialise(described, {}, pairs)


def test_styles_that_can_not_say_a_value_are_an_error():
    """Deep objects hold no lists, and delimited styles don't explode objects."""
    with pytest.raises(CheckError, match="deepObject"):
        serialise(parameter("array", style="deepObject"), ["a"])
    with pytest.raises(CheckError, match="explode"):
        serialise(parameter("object", style="pipeDelimited", explode=True), {"a": "b"})


def test_defaults_depend_on_the_place():
    """Queries and cookies are exploded forms, paths and headers simple."""
    assert [style_of({"in": place}) for place in ("path", "query", "header", "cookie")] == [
        ("simple", False),
        ("form", True),
        ("simple", False),
        ("form", True),
    ]


@pytest.mark.parametrize(
    ("schema", "text", "first"),
    [
        ({"type": "integer"}, "12", 12),
        ({"type": "integer"}, "1.0", 1),
        ({"type": "integer"}, "012", "012"),
        ({"type": "integer"}, "x", "x"),
        ({"type": "number"}, "1e3", 1000.0),
        ({"type": "boolean"}, "true", True),
        ({"type": "boolean"}, "True", "True"),
        ({"type": "string"}, "12", "12"),
        ({"type": ["integer", "null"]}, "null", None),
        ({"anyOf": [{"type": "integer"}, {"type": "null"}]}, "3", 3),
        ({"$ref": "#/n"}, "7", 7),
        ({"enum": [1, 2]}, "2", 2),
        ({}, "5", "5"),
    ],
)
def test_text_means_what_its_schema_has(schema, text, first):
    """The likeliest meaning comes first, and the text itself stays possible."""
    found = candidates({"n": {"allOf": [{"type": "integer"}]}}, schema, text)
    assert found[0] == first
    assert type(found[0]) is type(first)
    assert found[-1] == text


def test_types_are_found_through_references_and_alternatives():
    """A schema's types are those of its parts; circles end."""
    document = {"a": {"anyOf": [{"$ref": "#/a"}, {"type": "array"}]}}
    assert types_of(document, {"$ref": "#/a"}) == {"array"}
