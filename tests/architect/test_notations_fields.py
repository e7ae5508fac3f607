"""Types and constraints of a field, in the words and languages that authors use."""

import pytest

from pytest_superteam.architect.model.field_words import in_english
from pytest_superteam.architect.model.fields import parse_field, without_own_key

CHOICES = [
    ("string", "open | paid"),
    ("'open' | 'paid'", ""),
    ("String", "enum: open, paid"),
    ("string", "one of: open, paid"),
    ("open / paid", ""),
    ("string", "open / paid"),
    ("string", "open, paid"),
    ("string", "open、paid"),
    ("ENUM", "open|paid"),
    ("enum(open, paid)", ""),
    ("Enum[open, paid]", ""),
    ("枚举", "open、paid"),
]


@pytest.mark.parametrize(("kind", "rest"), CHOICES)
def test_choices(kind, rest):
    """Values are listed in many ways; each gives an enum."""
    field = parse_field("status", kind, rest, 1).field
    assert (field.type, field.enum) == ("enum", ("open", "paid"))


@pytest.mark.parametrize(
    "rest",
    [
        "optional",
        "nullable",
        "可选",
        "任意",
        "선택",
        "opcional",
        "facultatif",
        "optionnel",
        "необязательно",
        "nicht erforderlich",
    ],
)
def test_optional(rest):
    """A field that may be left out is said so in many languages."""
    assert parse_field("label", "string", rest, 1).field.required is False


@pytest.mark.parametrize("kind", ["string?", "string | null", "VARCHAR(9) NULL"])
def test_optional_types(kind):
    """A type can say that there may be no value."""
    assert parse_field("label", kind, "", 1).field.required is False


@pytest.mark.parametrize("rest", ["unique", "唯一", "一意", "고유", "único", "eindeutig", "уникальный"])
def test_unique(rest):
    """A value that occurs once is said so in many languages."""
    assert parse_field("label", "string", rest, 1).field.unique


@pytest.mark.parametrize(
    ("kind", "found"),
    [
        ("整数", "integer"),
        ("정수", "integer"),
        ("целое число", "integer"),
        ("entero", "integer"),
        ("inteiro", "integer"),
        ("Ganzzahl", "integer"),
        ("日時", "datetime"),
        ("fecha", "date"),
        ("Datum", "date"),
        ("data", "date"),
        ("布尔", "boolean"),
        ("booleano", "boolean"),
        ("texto", "text"),
        ("Zahl", "number"),
        ("lista", "list"),
        ("decimal(10, 2)", "money"),
        ("NUMERIC(12,2)", "money"),
        ("cadena", "string"),
    ],
)
def test_types_of_other_languages(kind, found):
    """The words of the type column are read in the languages of real documents."""
    assert parse_field("x", kind, "", 1).field.type == found


@pytest.mark.parametrize(
    ("kind", "rest", "bounds"),
    [
        ("string", "max 200 characters", (None, 200)),
        ("string", "at least 8 characters", (8, None)),
        ("string", "1-100 characters", (1, 100)),
        ("string", "length 3..20", (3, 20)),
        ("string", "100文字以内", (None, 100)),
        ("string", "最大100文字", (None, 100)),
        ("NVARCHAR(50)", "", (None, 50)),
        ("integer", "1-5", (1, 5)),
        ("int", "0〜100", (0, 100)),
        ("int", "1 ≤ x ≤ 5", (1, 5)),
        ("int", "entre 1 y 5", (1, 5)),
        ("int", ">= 0", (0, None)),
        ("int", "positive", (1, None)),
        ("float", "> 0", (0, None)),
        ("number", "up to 3 decimal places", (None, None)),
        ("integer", "since 2024-01", (None, None)),
        ("money", "> 0", (0.01, None)),
    ],
)
def test_bounds(kind, rest, bounds):
    """Bounds are read with their units; figures that bound nothing are left alone."""
    field = parse_field("x", kind, rest, 1).field
    assert (
        (field.minimum, field.maximum)
        if field.min_length is field.max_length is None
        else (field.min_length, field.max_length)
    ) == bounds


def test_own_keys():
    """The key of an entity that is called after it is its id, a reference to another is none."""
    facts = [parse_field("order_id", "uuid", "PK", 1), parse_field("user_id", "uuid", "FK -> users", 2)]
    assert [f.field.name for f in without_own_key("Order", facts)] == ["user_id"]


@pytest.mark.parametrize("text", ["", "string", "varchar(20), not null", "data model of the shop", "title"])
def test_english_stays(text):
    """English words are left as they are."""
    assert in_english(text) == text
