"""The registry of contracts."""

import copy
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "checks"))

from library_contract import CONTRACT, OPERATIONS

from pytest_superteam.contracts.registry import ContractRegistry
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


def test_duplicate_ids_are_an_error():
    """Two operations of one id can't be told apart."""

    def duplicate(document):
        document["paths"]["/login"]["post"]["operationId"] = "read_book"

    with pytest.raises(CheckError, match="two operations 'read_book'"):
        registry(changed(duplicate)).operations("library")


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
