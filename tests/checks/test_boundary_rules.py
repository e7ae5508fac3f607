"""The judgements of the boundary checks, value by value: tables of what is good, what is bad, what only looks so."""

import uuid

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_superteam.checks.boundary import absence, enums, ids, names, pages, stamps, types
from pytest_superteam.checks.boundary.finding import Look, View
from pytest_superteam.checks.boundary.seen import MISSING, Seen, SeenObject, flat, is_nullable, look

STAMP = {"type": "string", "format": "date-time"}
ID = {"type": "string", "format": "uuid"}
ONE = "6f9619ff-8b86-4d01-b42d-00cf4fc964ff"


@pytest.mark.parametrize(
    ("declared", "present", "expected"),
    [
        (["order_id"], ["orderId"], [("order_id", "orderId")]),
        (["order_id"], ["OrderID"], [("order_id", "OrderID")]),
        (["createdAt"], ["created_at"], [("createdAt", "created_at")]),
        (["order-id"], ["order_id"], [("order-id", "order_id")]),
        (["order_id", "orderId"], ["orderId"], []),
        (["order_id"], ["order_id", "orderId"], []),
        (["order_id"], ["orders_id"], []),
        (["order_id"], [], []),
    ],
)
def test_renamed_fields(declared, present, expected):
    """A declared field that is absent is known again in any case and with any divider, and in nothing else."""
    assert names.renamed(declared, present) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("bookId: field required", [("book_id", "bookId")]),
        ('{"loc": ["body", "BookID"]}', [("book_id", "BookID")]),
        ("book_id: value is not a valid uuid", []),
        ("The Title is wrong", []),
        ("", []),
    ],
)
def test_names_in_refusals(text, expected):
    """Only names of several words are known again in a refusal: a single one may be prose."""
    assert names.spelled_otherwise({"book_id", "title"}, text) == expected


@pytest.mark.parametrize(
    ("value", "schema", "told"),
    [
        ("2026-01-31T12:00:00Z", STAMP, ""),
        ("2026-01-31T12:00:00+00:00", STAMP, ""),
        ("2026-01-31t12:00:00.123456789z", STAMP, ""),
        ("2026-01-31T12:00:00.5+05:30", STAMP, ""),
        (None, STAMP, ""),
        (MISSING, STAMP, ""),
        ("2026-01-31T12:00:00", STAMP, "no time zone"),
        ("2026-01-31T12:00:00.123", STAMP, "no time zone"),
        ("2026-01-31 12:00:00", STAMP, "no time zone"),
        ("2026-01-31 12:00:00Z", STAMP, "blank"),
        ("2026-01-31T12:00:00+0000", STAMP, "colon"),
        ("2026-01-31", STAMP, "without a time"),
        ("Sat, 31 Jan 2026 12:00:00 GMT", STAMP, "no timestamp"),
        ("1769860800", STAMP, "seconds"),
        (1769860800, STAMP, "seconds"),
        (1769860800123, {"type": "integer"}, ""),
        ("2026-01-31T12:00:00", {"type": "string"}, "no time zone"),
        ("tomorrow", {"type": "string"}, ""),
        ("2026-01-31", {"type": "string", "format": "date"}, ""),
        ("2026-01-31T00:00:00Z", {"type": "string", "format": "date"}, "where a date"),
    ],
)
def test_timestamps(value, schema, told):
    """A timestamp has a date, a T, a time and a zone; Z and +00:00 are one."""
    found = stamps.problem("created_at", schema, value)
    assert bool(found) == bool(told)
    assert told in found


def test_a_name_without_a_format_is_no_timestamp_by_itself():
    """A text that looks like a time is only judged where the field's name says that it is one."""
    assert not stamps.problem("note", {"type": "string"}, "2026-01-31T12:00:00")


@pytest.mark.parametrize(
    ("value", "schema", "told"),
    [
        (12, {"type": "integer"}, ""),
        (12.0, {"type": "integer"}, ""),
        (12.5, {"type": "number"}, ""),
        ("12", {"type": "string"}, ""),
        (True, {"type": "boolean"}, ""),
        (12, {"type": ["integer", "string"]}, ""),
        (None, {"type": ["integer", "null"]}, ""),
        (12, {}, ""),
        (12, {"anyOf": [{"type": "string"}, {"type": "object"}]}, ""),
        ("12", {"type": ["integer", "null"]}, "a number as a text"),
        ("12.50", {"type": "number"}, "a number as a text"),
        ("1e5", {"type": "number"}, "a number as a text"),
        ("true", {"type": "boolean"}, "a text where a boolean"),
        (1, {"type": "boolean"}, "a number where a boolean"),
        (True, {"type": "integer"}, "a boolean where a number"),
        (12, {"type": "string"}, "a number where a text"),
        (12, ID, ""),
        (1769860800, STAMP, ""),
    ],
)
def test_scalar_types(value, schema, told):
    """A scalar has its declared JSON type; ids and timestamps have checks of their own."""
    found = types.problem(schema, value)
    assert bool(found) == bool(told)
    assert told in found


@pytest.mark.parametrize(
    ("value", "told"),
    [
        ("pending", ""),
        (None, ""),
        (MISSING, ""),
        (3, ""),
        ("PENDING", "writes it 'pending'"),
        ("in-progress", "writes it 'in_progress'"),
        ("In Progress", "writes it 'in_progress'"),
        ("lost", "has only"),
    ],
)
def test_enum_values(value, told):
    """A member is spelled as in the contract; another spelling names the right one."""
    found = enums.problem({"type": "string", "enum": ["pending", "in_progress", None]}, value)
    assert bool(found) == bool(told)
    assert told in found


@pytest.mark.parametrize(
    ("value", "told"),
    [
        (ONE, ""),
        ("12345678-1234-4234-8234-123456789012", ""),
        (None, ""),
        (ONE.upper(), "upper case"),
        ("6F9619ff-8b86-4d01-b42d-00cf4fc964ff", "mixed case"),
        (f"{{{ONE}}}", "braces"),
        (ONE.replace("-", ""), "without dashes"),
        (f"urn:uuid:{ONE}", "URN"),
        (f"book_{ONE}", "prefixed"),
        ("bk_42", "prefixed"),
        ("42", "number as a text"),
        (42, "a number"),
        ("", "another text"),
    ],
)
def test_ids(value, told):
    """A uuid is in lower case with dashes; each other form has its name."""
    found = ids.problem(ID, value)
    assert bool(found) == bool(told)
    assert told in found


@pytest.mark.parametrize(
    ("schema", "nullable"),
    [
        ({"type": ["string", "null"]}, True),
        ({"type": "string", "nullable": True}, True),
        ({"anyOf": [{"type": "string"}, {"type": "null"}]}, True),
        ({"oneOf": [{"type": "null"}, {"$ref": "#/x"}]}, True),
        ({"enum": ["a", None]}, True),
        ({"const": None}, True),
        ({}, True),
        ({"type": "string"}, False),
        ({"type": "string", "enum": ["a"]}, False),
        ({"allOf": [{"type": "object"}]}, False),
        ({"properties": {}}, False),
    ],
)
def test_which_schemas_admit_null(schema, nullable):
    """Null is admitted in the ways of both versions of OpenAPI, and where nothing is said."""
    assert is_nullable(flat(schema, {"x": {"type": "string"}})) is nullable


@pytest.mark.parametrize(
    ("value", "schema", "required", "there", "told"),
    [
        ("x", {"type": "string"}, True, {}, ""),
        (None, {"type": ["string", "null"]}, True, {}, ""),
        (MISSING, {"type": "string"}, False, {}, ""),
        (MISSING, {"type": "string", "writeOnly": True}, True, {}, ""),
        (MISSING, {"type": "string"}, True, {"theField": 1}, ""),
        (None, {"type": "string"}, False, {}, "is null"),
        (MISSING, {"type": "string"}, True, {"other": 1}, "is missing"),
    ],
)
def test_null_and_missing(value, schema, required, there, told):
    """What is required is there unless it has another name, and null only where it may be."""
    owner = SeenObject("", "Thing", {"properties": {"the_field": schema}}, there)
    found = absence.problem(Seen("the_field", "the_field", schema, value, required, owner))
    assert bool(found) == bool(told)
    assert told in found


PAGE = {
    "type": "object",
    "required": ["items", "total", "limit", "offset"],
    "properties": {
        "items": {"type": "array"},
        "total": {"type": "integer"},
        "limit": {"type": "integer"},
        "offset": {"type": "integer"},
    },
}


@pytest.mark.parametrize(
    ("schema", "body", "told"),
    [
        (PAGE, {"items": [], "total": 0, "limit": 10, "offset": 0}, []),
        (PAGE, {"items": [1] * 10, "total": 99, "limit": 10, "offset": 0, "next": "/x"}, []),
        ({"type": "array"}, [1, 2], []),
        ({}, {"anything": 1}, []),
        (PAGE, [1, 2], ["a plain list where a page with items, total, limit, offset is declared"]),
        ({"type": "array"}, {"items": []}, ["an object where a plain list is declared"]),
        (PAGE, {"data": [], "total": 0, "limit": 10, "offset": 0}, ["no `items`, but `data`"]),
        (PAGE, {"items": [], "count": 0, "limit": 10, "offset": 0}, ["no `total`, but `count`"]),
        (PAGE, {"items": [], "total": 0, "offset": 0}, ["no `limit`"]),
        (PAGE, {"items": [1, 2], "total": 1, "limit": 10, "offset": 0}, ["a total of 1 with 2 rows on the page"]),
        (
            PAGE,
            {"items": [1] * 11, "total": 11, "limit": 10, "offset": 0},
            ["11 rows where `limit=10` was asked for"],
        ),
        (PAGE, "text", ["no page"]),
    ],
)
def test_page_shapes(schema, body, told):
    """A page has the fields that are declared, as many rows as asked for, and a total that fits."""
    assert pages.problems(schema, body, 10) == told


def test_optional_fields_stay_away_in_one_way():
    """A field that is null in one answer and missing in another is a warning that names both."""
    schema = {"type": "object", "properties": {"note": {"type": ["string", "null"]}}}
    views = [_look({"note": None}, schema, "GET /a"), _look({}, schema, "POST /a")]
    (found,) = absence.judge(View("s", tuple(views)))
    assert (found.severity.value, "GET /a" in found.message, "POST /a" in found.message) == ("warning", True, True)
    assert not list(absence.judge(View("s", (views[0], views[0]))))
    assert not list(absence.judge(View("s", (views[1], views[1]))))


def _look(body, schema, label="GET /a", service="s", entity="A", kind="read"):
    parts = list(look(body, schema, {}))
    things = tuple(p for p in parts if isinstance(p, SeenObject))
    fields = tuple(p for p in parts if isinstance(p, Seen))
    return Look(service, label, kind, entity, label, label, body, schema, things, fields)


def _stamped(*values, service="s"):
    schema = {"type": "object", "properties": {"created_at": {}}}
    return tuple(_look({"created_at": value}, schema, service=service) for value in values)


def test_precision_is_compared_with_other_services():
    """Stamps that never have a fraction beside a service that writes them are a warning, a few are none."""
    plain, fine = "2026-01-31T12:00:00Z", "2026-01-31T12:00:00.250000+00:00"
    others = {"t": _stamped(fine, service="t")}
    (found,) = stamps.judge(View("s", _stamped(plain, plain, plain), others))
    assert found.severity.value == "warning"
    assert not list(stamps.judge(View("s", _stamped(plain, plain), others)))
    assert not list(stamps.judge(View("s", _stamped(plain, plain, fine), others)))
    assert not list(stamps.judge(View("t", others["t"], {"s": _stamped(plain, plain, plain)})))


def test_numbers_beside_text_are_two_forms():
    """A service that writes seconds beside one that writes text is told, even if its contract has numbers."""
    schema = {"type": "object", "properties": {"createdAt": {"type": "integer"}}}
    own = (_look({"createdAt": 1769860800}, schema),)
    (found,) = stamps.judge(View("s", own, {"t": _stamped("2026-01-31T12:00:00Z")}))
    assert "t writes timestamps as text" in found.message
    assert not list(stamps.judge(View("s", own)))


def test_references_have_the_form_of_what_they_name():
    """A reference is compared with the ids of the service that has the row, not with anything else."""
    orders = {"orders": (_look({"id": 7}, {}, entity="Order"),)}
    for name, value, expected in [("order_id", ONE, 1), ("orderId", "7", 1), ("order_id", 7, 0), ("other_id", ONE, 0)]:
        assert len(list(ids.judge(View("s", (_look({name: value}, {}),), orders)))) == expected


def test_the_odd_shape_of_a_system_is_told_once():
    """Of three services the one with another page is told, as an error only where one of them calls it."""
    page, other = {"items": [], "total": 0}, {"data": [], "count": 0}
    looks = {name: (_look(page, {}, service=name, kind="list"),) for name in "ab"}
    looks["c"] = (_look(other, {}, service="c", kind="list"),)
    for name in "ab":
        assert not list(pages.judge(View(name, looks[name], {n: v for n, v in looks.items() if n != name})))
    for partners, severity in ((frozenset(), "warning"), (frozenset("a"), "error")):
        (found,) = pages.judge(View("c", looks["c"], {n: looks[n] for n in "ab"}, partners))
        assert found.severity.value == severity


# ---------------------------------------------------------------- whatever a schema admits is good

TEXTS = st.text(max_size=20)
STAMPS = st.datetimes(timezones=st.just(__import__("datetime").UTC)).map(lambda d: d.isoformat())
FIELDS = st.one_of(
    st.tuples(st.just({"type": "string"}), TEXTS),
    st.tuples(st.just({"type": "integer"}), st.integers(-(2**53), 2**53)),
    st.tuples(st.just({"type": "number"}), st.floats(allow_nan=False, allow_infinity=False)),
    st.tuples(st.just({"type": "boolean"}), st.booleans()),
    st.tuples(st.just({"type": ["string", "null"]}), st.none() | TEXTS),
    st.tuples(st.just(ID), st.uuids().map(str)),
    st.tuples(st.just(STAMP), STAMPS),
    st.tuples(st.just({"type": "string", "format": "date"}), st.dates().map(str)),
    st.tuples(st.just({"enum": ["a", "B", "c_d"], "type": "string"}), st.sampled_from(["a", "B", "c_d"])),
    st.tuples(st.just({"anyOf": [{"type": "null"}, {"type": "integer"}]}), st.none() | st.integers()),
)


@given(st.dictionaries(st.from_regex(r"[a-z]{1,5}(_[a-z]{1,4})?", fullmatch=True), FIELDS, max_size=5), st.data())
def test_what_a_schema_admits_is_no_finding(fields, data):
    """A row with any of its optional fields, whose values are as declared, is judged good by every rule."""
    chosen = data.draw(st.sets(st.sampled_from(sorted(fields)))) if fields else set()
    schema = {
        "type": "object",
        "properties": {name: schema for name, (schema, _) in fields.items()},
        "required": sorted(chosen),
    }
    row = {name: value for name, (_, value) in fields.items() if name in chosen or data.draw(st.booleans())}
    # A name that says "time" with a text that has none of it is left to the strategies of texts: they make none.
    view = View("s", (_look(row, schema),))
    for judge in (names.judge, stamps.judge, absence.judge, types.judge, enums.judge, ids.judge):
        assert not list(judge(view))


@given(
    st.recursive(st.none() | st.booleans() | st.integers() | TEXTS, lambda c: st.lists(c) | st.dictionaries(TEXTS, c))
)
def test_no_answer_breaks_the_look(body):
    """Whatever JSON a hostile service answers, looking at it beside a schema ends without an error."""
    schema = {"$ref": "#/s"}
    document = {
        "s": {"type": "object", "properties": {"a": {"$ref": "#/s"}, "id": ID, "at": STAMP, "n": {"type": "integer"}}}
    }
    parts = list(look(body, schema, document))
    things = tuple(p for p in parts if isinstance(p, SeenObject))
    seen = tuple(p for p in parts if isinstance(p, Seen))
    one = Look("s", "o", "list", "A", "GET /a", "step", body, flat(schema, document), things, seen)
    for judge in (names.judge, stamps.judge, absence.judge, types.judge, enums.judge, ids.judge, pages.judge):
        list(judge(View("s", (one,), {"t": (one,)})))


def test_ids_of_the_standard_library_are_good():
    """Every version of uuid that Python makes is in the good form."""
    assert {ids.form_of(str(make())) for make in (uuid.uuid1, uuid.uuid4)} == {ids.GOOD}
