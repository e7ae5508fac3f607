"""The registry of contracts."""

import contextlib
import copy
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

sys.path.insert(0, str(Path(__file__).parents[1] / "checks"))

from library_contract import CONTRACT, OPERATIONS

from pytest_superteam.contracts.registry import ContractRegistry
from pytest_superteam.contracts.testing.generate import generate_tests
from pytest_superteam.contracts.validating.validation import validate_endpoint
from pytest_superteam.errors import CheckError


def registry(document=CONTRACT):
    """Return a registry of one document."""
    return ContractRegistry({"library": document})


def changed(change):
    """Return a changed copy of the contract."""
    document = copy.deepcopy(CONTRACT)
    change(document)
    return document


def test_operations_are_listed_in_order():
    """All operations of a document are there, with method and path."""
    found = registry().operations("library")
    assert tuple(operation.id for operation in found) == OPERATIONS
    assert {(o.method, o.path) for o in found if o.id == "read_book"} == {("GET", "/books/{book_id}")}


def test_an_operation_knows_its_parts():
    """Path parameters, request schema, success status and answers can be asked for."""
    operation = registry().find("library", "update_book")
    assert operation.path_parameters == ("book_id",)
    assert operation.request_schema == {"$ref": "#/components/schemas/BookUpdate"}
    assert operation.success == 200
    assert operation.response_schema(404) == {"$ref": "#/components/schemas/Problem"}
    assert registry().find("library", "delete_book").response_schema(204) is None


def test_parameters_of_the_path_item_count():
    """What is declared beside the methods belongs to each; the method's own declaration wins."""

    def move(document):
        item = document["paths"]["/books/{book_id}"]
        document["components"]["parameters"] = {"Id": item["get"].pop("parameters")[0]}
        item["parameters"] = [{"$ref": "#/components/parameters/Id"}]

    assert registry(changed(move)).find("library", "read_book").path_parameters == ("book_id",)


def test_references_are_resolved():
    """A reference gives the part that it names, also through another reference."""

    def alias(document):
        document["components"]["schemas"]["Tome"] = {"$ref": "#/components/schemas/Book"}

    found = registry(changed(alias)).resolve("library", "#/components/schemas/Tome")
    assert found == CONTRACT["components"]["schemas"]["Book"]
    assert registry().resolve("library", "#/paths/~1books~1{book_id}/get/operationId") == "read_book"


@pytest.mark.parametrize(
    "reference", ["#/components/schemas/Nope", "other.yaml#/x", "https://example.com/x", "#/paths/x/0"]
)
def test_references_that_lead_nowhere_are_an_error(reference):
    """A missing part and another document are said, not followed."""
    with pytest.raises(CheckError, match="reference"):
        registry().resolve("library", reference)


def test_circles_are_an_error():
    """References that refer to each other end."""

    def circle(document):
        document["components"]["schemas"] |= {
            "A": {"$ref": "#/components/schemas/B"},
            "B": {"$ref": "#/components/schemas/A"},
        }

    with pytest.raises(CheckError, match="circle"):
        registry(changed(circle)).resolve("library", "#/components/schemas/A")


def test_unknown_names_are_an_error():
    """A service without a contract and an operation that is not there are named."""
    with pytest.raises(CheckError, match="'shop' has no contract"):
        registry().operations("shop")
    with pytest.raises(CheckError, match="no operation 'fly'"):
        registry().find("library", "fly")


def test_the_second_of_two_equal_ids_gets_another():
    """Both operations stay usable, and the document's problems name the id."""

    def duplicate(document):
        document["paths"]["/login"]["post"]["operationId"] = "read_book"

    found = registry(changed(duplicate))
    assert found.find("library", "read_book").path != found.find("library", "read_book__post_login").path
    assert len(found.operations("library")) == len(OPERATIONS)
    assert any("'read_book' is also that of" in problem for problem in found.problems("library"))


def test_a_valid_document_has_no_problems():
    """The specification's validator finds nothing in a valid document."""
    assert registry().problems("library") == ()


@pytest.mark.parametrize(
    ("change", "word"),
    [
        (lambda document: document.pop("info"), "info"),
        (lambda document: document["paths"]["/login"]["post"].update(responses=[]), "responses"),
        (lambda document: document.update(openapi="2.0"), "not supported"),
    ],
)
def test_an_invalid_document_has_problems(change, word):
    """A missing part and another version are told."""
    assert any(word in problem for problem in registry(changed(change)).problems("library"))


def document(paths, version="3.1.0", **more):
    """Return a small document of `paths`."""
    return {"openapi": version, "info": {"title": "t", "version": "1"}, "paths": paths, **more}


def operation(*parameters, **more):
    """Return an operation with parameters of a path."""
    described = [{"name": p, "in": "path", "required": True, "schema": {"type": "string"}} for p in parameters]
    return {"parameters": described, "responses": {"200": {"description": "Done."}}, **more}


ROUTES = {
    "/books": {"get": operation(operationId="list"), "post": operation(operationId="create")},
    "/books/{id}": {"get": operation("id", operationId="read")},
    "/books/mine": {"get": operation(operationId="mine")},
    "/books/{id}/pages/{n}.{kind}": {"get": operation("id", "n", "kind", operationId="page")},
    "/": {"get": operation(operationId="root")},
}


@pytest.mark.parametrize(
    ("method", "path", "found", "values"),
    [
        ("GET", "/books", "list", {}),
        ("post", "/books?draft=1", "create", {}),
        ("GET", "/books/12", "read", {"id": "12"}),
        ("GET", "/books/a%2Fb%20c", "read", {"id": "a/b c"}),
        ("GET", "/books/mine", "mine", {}),
        ("GET", "/books/7/pages/3.tar.gz", "page", {"id": "7", "n": "3", "kind": "tar.gz"}),
        ("GET", "/", "root", {}),
        ("GET", "/books/", None, {}),
        ("DELETE", "/books/12", None, {}),
        ("GET", "/books/1/2", None, {}),
        ("GET", "/nothing", None, {}),
    ],
)
def test_a_request_is_matched_to_its_operation(method, path, found, values):
    """A path's literal parts win over parameters, whose values are decoded."""
    match = registry(document(ROUTES)).match("library", method, path)
    assert (match.operation.id if match else None, dict(match.parameters) if match else {}) == (found, values)


def test_the_path_of_a_server_is_part_of_a_request():
    """A server's path is taken off in front, variables by their default; a call past the gateway matches as well."""
    servers = [{"url": "https://x.example/{stage}/v1/", "variables": {"stage": {"default": "live"}}}]
    found = registry(document(ROUTES, servers=servers))
    assert found.match("library", "GET", "/live/v1/books/3").parameters == {"id": "3"}
    assert found.match("library", "GET", "/books/3").operation.id == "read"
    assert found.match("library", "GET", "/live/v2/books/3") is None


def test_one_broken_operation_leaves_the_others_usable():
    """Broken references, unknown schemes and items without sense are told of the operation that has them."""
    paths = {
        "/a": {"get": operation(operationId="a") | {"parameters": [{"$ref": "#/components/parameters/no"}]}},
        "/b": {"get": operation(operationId="b", security=[{"key": []}])},
        "/c": {"$ref": "#/paths/~1nope"},
        "/d": {"get": operation(operationId="d") | {"responses": {"200": {"$ref": "#/components/responses/no"}}}},
        "/e": {"get": operation(operationId="e")},
        "/f": None,
    }
    found = registry(document(paths))
    broken = {o.id: len(o.problems) for o in found.operations("library")}
    assert broken == {"a": 1, "b": 1, "d": 1, "e": 0}
    assert found.match("library", "GET", "/e").operation.id == "e"
    lines = "\n".join(found.problems("library"))
    assert all(word in lines for word in ("parameters/no", "'key' is unknown", "~1nope", "responses/no"))
    assert found.summaries()[0].broken == ("a", "b", "d")


BOOK = {"type": "object", "properties": {"title": {"type": "string"}}, "required": ["title"]}


def answer(schema, **more):
    """Return a document whose one operation answers with `schema`."""
    content = {"application/json": {"schema": schema, **more}}
    return document({"/x": {"get": operation() | {"responses": {"200": {"description": "", "content": content}}}}})


@pytest.mark.parametrize(
    ("broken", "word"),
    [
        (answer({"$ref": "other.yaml#/Book"}), "leads out of the document"),
        (answer({"$ref": "https://example.com/book.json"}), "contracts.external_references"),
        (answer({"$ref": "#/components/schemas/Nope"}), "leads nowhere"),
        (answer({"type": "strin"}), "strin"),
        (answer({"type": "string", "pattern": "(["}), "no regular expression"),
        (answer(BOOK, example={"title": 3}), "does not fit its schema"),
        (answer(BOOK, examples={"bad": {"value": {}}}), "examples/bad"),
        (answer({"type": "integer", "example": "x"}), "does not fit its schema"),
        (document({"/x/{id}": {"get": operation()}}), "'id' is not described"),
        (document({"/x": {"get": operation("id")}}), "'id' is not in the path"),
        (document({"/x/{a}": {"get": operation("a")}, "/x/{b}": {"get": operation("b")}}), "the same requests"),
        (document({"/x/{a}": {"get": operation("a", "a")}}), "described twice"),
        (document({}, version="4.0.0"), "not supported"),
        (document({}, version="3.0.3", components={"schemas": {"A": {"type": "strin"}}}), "strin"),
        ({"swagger": "2.0", "info": {}}, "paths"),
        ({}, "no version"),
    ],
)
def test_what_is_wrong_with_a_document_is_told(broken, word):
    """Each problem has a line of its own that says what and where."""
    problems = registry(broken).problems("library")
    assert any(word in problem for problem in problems), problems
    assert all("\n" not in problem for problem in problems)


@pytest.mark.parametrize(
    "sound",
    [
        answer(BOOK, example={"title": "x"}),
        answer({"type": "object", "properties": {"$ref": {"type": "string"}, "example": {"type": "integer"}}}),
        answer({}, example={"$ref": "#/just/data"}),
        document({"/x": {"get": operation()}}, version="3.2.0"),
        document({"/x": {"get": operation()}}, version="3.0.3", components={"schemas": {"A": {"nullable": True}}}),
    ],
)
def test_a_sound_document_has_no_problems(sound):
    """Names that look like keywords, data that looks like references and missing servers are nobody's problem."""
    assert registry(sound).problems("library") == ()


def test_thousands_of_schemas_that_refer_to_each_other_are_no_trouble():
    """A document of 3,000 schemas in circles is listed, resolved, validated and used."""
    count = 3000
    schemas = {
        f"S{n}": {
            "type": "object",
            "properties": {"next": {"$ref": f"#/components/schemas/S{(n + 1) % count}"}, "name": {"type": "string"}},
        }
        for n in range(count)
    }
    big = answer({"$ref": "#/components/schemas/S0"}, example={"next": {"next": {"name": 5}}})
    found = registry({**big, "components": {"schemas": schemas}})
    (problem,) = found.problems("library")
    assert "/next/next/name" in problem
    assert found.summaries()[0].schemas == count
    assert found.resolve("library", "#/components/schemas/S2999/properties/next/properties/name") == {"type": "string"}


def test_huge_enumerations_are_no_trouble():
    """An enumeration of 50,000 values is validated, and a message about it stays short."""
    big = answer({"enum": [f"value {n}" for n in range(50_000)]}, example="no")
    (problem,) = registry(big).problems("library")
    assert len(problem) < 500


def test_the_summary_says_how_a_document_was_read():
    """A converted document, a newer version and references that are not followed have a note each."""
    swagger = {"swagger": "2.0", "info": {"title": "Old", "version": "1"}, "host": "x.example", "paths": {}}
    newer = {**answer({"$ref": "b.yaml#/B"}), "openapi": "3.2.0"}
    old, new = ContractRegistry({"old": swagger, "young": newer, "zz": {"swagger": "1.2"}}).summaries()
    assert (old.specification, old.title, old.servers) == ("2.0", "Old", ("https://x.example",))
    assert "Swagger 2.0 was read as OpenAPI 3.0." in old.notes
    assert any("3.2 was read" in note for note in new.notes)
    assert any("contracts.external_references" in note for note in new.notes)


def test_an_operation_knows_who_may_call_it():
    """Its own security replaces the document's; none, or an empty alternative, lets anybody in."""
    paths = {
        "/a": {"get": operation()},
        "/b": {"get": operation(security=[])},
        "/c": {"get": operation(security=[{}, {"key": []}])},
    }
    schemes = {"securitySchemes": {"key": {"type": "apiKey", "in": "header", "name": "X"}}}
    found = registry(document(paths, security=[{"key": []}], components=schemes))
    assert [o.is_protected for o in found.operations("library")] == [True, False, False]


def places(value, here=()):
    """Yield the place of every part of a document."""
    for key, inner in value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ():
        yield (*here, key)
        yield from places(inner, (*here, key))


PLACES = list(places(CONTRACT))
JUNK = [None, 5, "x", "([", True, [], {}, [None], ["a", {}], {"$ref": "#/no"}, {"$ref": 5}, {"$ref": "#/paths"}]
JUNK += [{"properties": []}, {"allOf": {}}, {"type": "strin"}, {"a": None}, "\ud800"]


@settings(max_examples=60)
@given(st.sampled_from(PLACES), st.sampled_from(JUNK))
def test_junk_anywhere_in_a_document_stops_nothing(place, junk):
    """Whatever part is broken: operations are listed, problems told, and using it is at most a CheckError."""
    document = copy.deepcopy(CONTRACT)
    part = document
    for key in place[:-1]:
        part = part[key]
    part[place[-1]] = junk
    found = registry(document)
    assert isinstance(found.problems("library"), tuple)
    assert len(found.summaries()) == 1
    for read in found.operations("library"):
        with contextlib.suppress(CheckError):
            more = {"request_body": {"title": "x"}, "query": "limit=1", "response_body": {}, "response_headers": {}}
            assert validate_endpoint(found, "library", read.method, read.path, status=200, **more) is not None
    with contextlib.suppress(CheckError):
        assert compile(generate_tests(document, "library"), "test_x.py", "exec")


def _refer(name):
    return {"$ref": f"#/components/schemas/{name}"}


@pytest.mark.parametrize(
    ("schemas", "endless"),
    [
        ({"A": {"allOf": [_refer("A")]}}, ["A"]),
        ({"A": {"anyOf": [{"type": "null"}, {"not": _refer("A")}]}}, ["A"]),
        ({"A": {"allOf": [_refer("B")]}, "B": {"oneOf": [_refer("A")]}}, ["A", "B"]),
        ({"A": {"properties": {"next": _refer("A")}}}, []),
        ({"A": {"type": "array", "items": _refer("A")}}, []),
        ({"A": {"allOf": [_refer("B")]}, "B": {"type": "object"}}, []),
    ],
)
def test_a_schema_composed_of_itself_is_told(schemas, endless):
    """What holds for the same value again and again has no end; a property or an item of its own kind has."""
    info = {"title": "T", "version": "1"}
    document = {"openapi": "3.1.0", "info": info, "paths": {}, "components": {"schemas": schemas}}
    told = [line for line in ContractRegistry({"shop": document}).problems("shop") if "composed of itself" in line]
    assert [line.split(":")[0].rsplit("/", 1)[-1] for line in told] == endless
