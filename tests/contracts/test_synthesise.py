"""The maker of example values."""

import jsonschema_rs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pytest_superteam.contracts.synthesise import example_for
from pytest_superteam.errors import CheckError


def holds(schema, value, document=None):
    """Validate with formats."""
    jsonschema_rs.Draft202012Validator({**schema, **(document or {})}, validate_formats=True).validate(value)


@st.composite
def strings(draw):
    """A schema of strings with bounds that leave room."""
    schema = {"type": "string"}
    if draw(st.booleans()):
        schema["minLength"] = draw(st.integers(0, 60))
    if draw(st.booleans()):
        schema["maxLength"] = schema.get("minLength", 0) + draw(st.integers(0, 60))
    return schema


@st.composite
def numbers(draw):
    """A schema of numbers with bounds that leave room."""
    schema = {"type": draw(st.sampled_from(["integer", "number"]))}
    low = draw(st.integers(-1000, 1000))
    if draw(st.booleans()):
        schema[draw(st.sampled_from(["minimum", "exclusiveMinimum"]))] = low
    if draw(st.booleans()):
        schema[draw(st.sampled_from(["maximum", "exclusiveMaximum"]))] = low + draw(st.integers(20, 1000))
    if draw(st.booleans()):
        schema["multipleOf"] = draw(st.sampled_from([1, 2, 5]))
    return schema


FORMATS = st.sampled_from(["uuid", "email", "date", "date-time", "time", "uri", "ipv4", "ipv6", "hostname", "duration"])
PATTERNS = st.sampled_from(
    [
        r"^[A-Z]{3}-\d{4}$",
        r"^\+?[0-9]{7,15}$",
        r"^(red|green|blue)$",
        r"^[^@\s]+@[^@\s]+\.[a-z]{2,}$",
        r"\d+",
        r"^#[0-9a-fA-F]{6}$",
    ]
)
LEAVES = st.one_of(
    strings(),
    numbers(),
    FORMATS.map(lambda name: {"type": "string", "format": name}),
    PATTERNS.map(lambda pattern: {"type": "string", "pattern": pattern}),
    st.lists(st.text(max_size=5), min_size=1, max_size=4, unique=True).map(lambda words: {"enum": words}),
    st.just({"type": ["null", "boolean"]}),
    st.just({"const": 7}),
)


def nested(parts):
    """Objects, arrays and combinations of `parts`."""
    names = st.dictionaries(st.sampled_from(["a", "b", "c", "d"]), parts, min_size=1, max_size=4)
    return st.one_of(
        st.builds(
            lambda properties, closed: {
                "type": "object",
                "properties": properties,
                "required": sorted(properties)[:2],
                "additionalProperties": not closed,
            },
            names,
            st.booleans(),
        ),
        st.builds(lambda items, least: {"type": "array", "items": items, "minItems": least}, parts, st.integers(0, 3)),
        parts.map(lambda part: {"anyOf": [{"type": "null"}, part]}),
        parts.map(lambda part: {"allOf": [part]}),
    )


SCHEMAS = st.recursive(LEAVES, nested, max_leaves=6)


@settings(max_examples=150, deadline=None)
@given(schema=SCHEMAS, salt=st.text(max_size=3), optional=st.booleans())
def test_made_values_are_valid(schema, salt, optional):
    """Whatever is made for a schema satisfies it, its formats included."""
    holds(schema, example_for(schema, {}, salt=salt, optional=optional))


@settings(max_examples=40, deadline=None)
@given(schema=SCHEMAS)
def test_the_same_schema_gives_the_same_value(schema):
    """Nothing is drawn: two runs make equal values."""
    assert example_for(schema, {}, salt="s") == example_for(schema, {}, salt="s")


def test_another_salt_gives_another_email():
    """The salt varies what has room to vary."""
    schema = {"type": "string", "format": "email"}
    assert len({example_for(schema, {}, salt=str(n)) for n in range(20)}) == 20


DOCUMENT = {
    "components": {
        "schemas": {
            "Name": {"type": "string", "minLength": 3},
            "Node": {
                "type": "object",
                "properties": {
                    "name": {"$ref": "#/components/schemas/Name"},
                    "next": {"$ref": "#/components/schemas/Node"},
                },
                "required": ["name"],
            },
            "Endless": {
                "type": "object",
                "properties": {"next": {"$ref": "#/components/schemas/Endless"}},
                "required": ["next"],
            },
        }
    }
}


def test_references_are_followed():
    """A reference to a recursive schema gives a finite value that satisfies it."""
    value = example_for({"$ref": "#/components/schemas/Node"}, DOCUMENT)
    holds({"$ref": "#/components/schemas/Node"}, value, DOCUMENT)


def test_overrides_replace_properties_that_exist():
    """A given value is used as it is; one for a property that the schema lacks is left out."""
    schema = {"$ref": "#/components/schemas/Node"}
    made = example_for(schema, DOCUMENT, overrides={"name": "Ada", "size": 3}, optional=False)
    assert made == {"name": "Ada"}


@pytest.mark.parametrize(
    ("schema", "value"),
    [
        ({"type": "integer", "maximum": 1, "multipleOf": 2}, 0),
        ({"type": "integer", "maximum": -7}, -7),
        ({"type": "integer", "minimum": 3, "exclusiveMinimum": True, "maximum": 4}, 4),
        ({"type": "integer", "maximum": 4, "exclusiveMaximum": True, "minimum": 3}, 3),
        ({"type": "integer", "exclusiveMinimum": 0, "maximum": 1}, 1),
        ({"type": "number", "minimum": 0.001, "maximum": 0.002}, 0.0015),
        ({"type": "integer", "exclusiveMinimum": 0, "exclusiveMaximum": 2}, 1),
    ],
)
def test_bounds_leave_one_number(schema, value):
    """Narrow bounds, exclusive ones of both dialects, and grids give the number that is left."""
    assert example_for(schema, {}) == pytest.approx(value)


@pytest.mark.parametrize(
    "schema",
    [
        {"type": "string", "format": "date", "pattern": r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$"},
        {"type": "string", "format": "email", "pattern": r"^[^@\s]+@[^@\s]+$", "maxLength": 60},
        {"type": "string", "format": "uuid", "minLength": 36, "maxLength": 36},
        {"type": "string", "format": "date-time", "pattern": r"(Z|[+-]\d{2}:\d{2})$"},
    ],
)
def test_format_and_pattern_hold_together(schema):
    """A text with a format and a pattern or lengths satisfies all of them."""
    holds(schema, example_for(schema, {}))


def test_read_only_properties_are_left_out():
    """What only the service sets is not made up."""
    schema = {"type": "object", "properties": {"id": {"type": "string", "readOnly": True}, "n": {"const": 1}}}
    assert example_for(schema, {}) == {"n": 1}


def test_at_least_one_property_is_made():
    """`minProperties` is met from the optional properties."""
    schema = {"type": "object", "properties": {"a": {"const": 1}, "b": {"const": 2}}, "minProperties": 1}
    assert example_for(schema, {}, optional=False) == {"a": 1}


@pytest.mark.parametrize(
    "schema",
    [
        False,
        {"$ref": "#/components/schemas/Endless"},
        {"$ref": "#/components/schemas/Missing"},
        {"$ref": "https://example.com/schema.json"},
        {"type": "integer", "minimum": 3, "maximum": 2},
        {"type": "string", "format": "email", "maxLength": 3},
        {"type": "string", "pattern": "("},
        {"type": "string", "pattern": "(?=a)b"},
        {"type": "string", "pattern": "^a{5}$", "maxLength": 3},
        {"type": "string", "pattern": "a" * 501},
    ],
)
def test_impossible_schemas_are_an_error(schema):
    """A schema that allows nothing, never ends or can't be read says so."""
    with pytest.raises(CheckError):
        example_for(schema, DOCUMENT)
