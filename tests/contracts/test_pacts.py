"""The pact documents that are made from an architecture."""

import json
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "checks"))

from library_architecture import architecture

from pytest_superteam.contracts.pacts import consumer_pacts, pact_name
from pytest_superteam.errors import CheckError
from pytest_superteam.models import Dependency


def interactions():
    """Return the interactions of lending with library by description."""
    document = consumer_pacts(architecture())["lending", "library"]
    return {interaction["description"]: interaction for interaction in document["interactions"]}


def test_each_pair_has_one_document_by_name():
    """The documents are keyed by pair, say Pact 4.0 and name both parties."""
    documents = consumer_pacts(architecture())
    assert list(documents) == [("lending", "library")]
    document = documents["lending", "library"]
    assert (document["consumer"], document["provider"]) == ({"name": "lending"}, {"name": "library"})
    assert document["metadata"] == {"pactSpecification": {"version": "4.0"}}
    assert pact_name("lending", "library") == "lending-library.json"


def test_a_call_that_names_a_row_has_two_interactions():
    """A read expects the row and its absence; a list and a create expect success only."""
    assert sorted(interactions()) == [
        "create_book: a Book exists",
        "list_books: a Book exists",
        "read_book: a Book exists",
        "read_book: no such Book",
    ]


def test_only_the_fields_that_the_consumer_reads_are_expected():
    """The answer holds the dependency's fields, each matched by its type."""
    response = interactions()["read_book: a Book exists"]["response"]
    assert sorted(response["body"]["content"]) == ["blurb", "id", "pages", "title"]
    rules = response["matchingRules"]["body"]
    assert rules["$.pages"]["matchers"] == [{"match": "integer"}]
    assert rules["$.title"]["matchers"] == [{"match": "type"}]
    assert rules["$.blurb"] == {"combine": "OR", "matchers": [{"match": "null"}, {"match": "type"}]}
    assert interactions()["read_book: no such Book"]["response"] == {"status": 404}


def test_ids_come_from_the_state():
    """Path and body take ids from the provider's state, whose parameters name them."""
    read, create = interactions()["read_book: a Book exists"], interactions()["create_book: a Book exists"]
    assert read["request"]["generators"]["path"]["expression"] == "/books/${book_id}"
    assert read["providerStates"][0]["params"] == {"entity": "Book", "names": ["book_id"]}
    assert create["request"]["generators"]["body"]["$.author_id"]["expression"] == "${author_id}"
    assert "generators" not in interactions()["read_book: no such Book"]["request"]


def test_rows_of_a_page_are_matched_one_by_one():
    """A list is expected to hold at least one row with the fields."""
    rules = interactions()["list_books: a Book exists"]["response"]["matchingRules"]["body"]
    assert set(rules) == {"$.items", "$.items[*].id", "$.items[*].genre"}


def test_a_field_that_the_contract_lacks_stays_expected():
    """What a consumer reads and nobody promises must fail at the provider, so it is in the document."""
    lacking = (Dependency("lending", "library", "read_book", "Book", fields=("id", "isbn")),)
    document = consumer_pacts(architecture(dependencies=lacking))["lending", "library"]
    assert "isbn" in document["interactions"][0]["response"]["body"]["content"]


def test_documents_are_deterministic_and_hold_no_token():
    """Two runs give equal bytes; no document mentions authorization."""
    one, two = (json.dumps(list(consumer_pacts(architecture()).values())) for _ in range(2))
    assert one == two
    assert "authorization" not in one.lower()


def test_an_unknown_operation_is_an_error():
    """A dependency on what the provider does not have names both."""
    with pytest.raises(CheckError, match=r"library has no operation 'fly'"):
        consumer_pacts(architecture(dependencies=(Dependency("lending", "library", "fly"),)))
