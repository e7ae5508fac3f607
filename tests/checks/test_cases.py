"""Which requests are made for an operation."""

import uuid

import pytest
from library_contract import CONTRACT, OPERATIONS

from pytest_superteam.checks.engine.cases import choose, find_operation, generate, ground, is_negative, load_schema
from pytest_superteam.errors import CheckError

BOOKS = [str(uuid.UUID(int=n)) for n in (1, 2)]
AUTHORS = [str(uuid.UUID(int=n)) for n in (3, 4)]


def made(name, budget=30, seed=1):
    """Generate the cases of an operation of the library."""
    return generate(find_operation(load_schema(CONTRACT, seed), name), seed=seed, budget=budget)


def told(case):
    """Return what makes a case that case."""
    return case.method, dict(case.path_parameters or {}), dict(case.query or {}), repr(case.body)


@pytest.mark.parametrize("name", OPERATIONS)
@pytest.mark.parametrize("budget", [6, 30])
def test_the_budget_is_kept(name, budget):
    """There are valid and wrong requests, valid ones first, not more than the budget."""
    cases = made(name, budget)
    wrong = [is_negative(case) for case in cases]
    assert 2 <= len(cases) <= budget
    assert wrong == sorted(wrong)
    assert wrong[0] is False
    assert wrong[-1] is True


@pytest.mark.parametrize("name", OPERATIONS)
def test_the_same_seed_makes_the_same_cases(name):
    """What is made depends on contract, operation and seed, not on what was made before."""
    first = [told(case) for case in made(name)]
    made("list_books")
    made("delete_book")
    assert [told(case) for case in made(name)] == first


def test_another_seed_draws_other_cases():
    """The seed changes what is drawn."""
    assert {told(case)[3] for case in made("create_book", seed=1)} != {
        told(case)[3] for case in made("create_book", seed=2)
    }


def test_documents_are_loaded_once():
    """The same document and seed give the same loaded schema; the given document is not changed."""
    assert load_schema(CONTRACT, 1) is load_schema(dict(CONTRACT), 1)
    assert load_schema(CONTRACT, 1) is not load_schema(CONTRACT, 2)


def test_valid_parts_point_at_existing_rows():
    """Three of four valid cases name existing rows in path and body, the fourth keeps what was generated."""
    cases = [case for case in made("update_book", 40) if not is_negative(case)]
    ground(cases, {"book_id": BOOKS, "author_id": AUTHORS})
    kept = [case.path_parameters["book_id"] not in BOOKS for case in cases]
    assert kept == [index % 4 == 3 for index in range(len(cases))]
    named = {case.body["author_id"] for case in cases[:3] if "author_id" in case.body}
    assert named
    assert named <= set(AUTHORS)


def test_wrong_parts_are_left_alone():
    """A body that is wrong on purpose keeps every value but ids, while the valid path beside it names a row."""
    cases = [case for case in made("update_book", 40) if is_negative(case) and case.method == "PATCH"]
    before = [_without_author(case.body) for case in cases]
    ids = [case.path_parameters["book_id"] for case in cases]
    wrong_path = [case.meta.components and _is_wrong(case, "PATH") for case in cases]
    ground(cases, {"book_id": BOOKS, "author_id": AUTHORS})
    assert [_without_author(c.body) for c in cases if _is_wrong(c, "BODY")] == [
        text for text, case in zip(before, cases, strict=True) if _is_wrong(case, "BODY")
    ]
    for case, old, wrong in zip(cases, ids, wrong_path, strict=True):
        assert case.path_parameters["book_id"] == old if wrong else case.path_parameters["book_id"] in BOOKS


def _without_author(body):
    """Return a body as text, without an author's id that is whole."""
    if isinstance(body, dict) and isinstance(body.get("author_id"), str) and len(body["author_id"]) == 36:
        body = {name: value for name, value in body.items() if name != "author_id"}
    return repr(body)


def test_ids_of_wrong_bodies_name_rows():
    """A whole id beside what is wrong names a row, so that only the mistake can be refused; a broken id stays."""
    cases = [case for case in made("create_book", 80) if _is_wrong(case, "BODY") and isinstance(case.body, dict)]
    broken = [case.body.get("author_id") for case in cases if not _is_id(case.body.get("author_id"))]
    ground(cases, {"author_id": AUTHORS})
    named = [case.body["author_id"] for case in cases if _is_id(case.body.get("author_id"))]
    assert set(named) == set(AUTHORS)
    assert broken == [case.body.get("author_id") for case in cases if not _is_id(case.body.get("author_id"))]


def _is_id(value):
    try:
        return isinstance(value, str) and str(uuid.UUID(value)) == value
    except ValueError:
        return False


def _is_wrong(case, location):
    return any(place.name == location and part.mode.is_negative for place, part in case.meta.components.items())


def test_unique_properties_get_fresh_values():
    """A property that must be unique differs in every valid case but those that are left alone."""
    cases = [case for case in made("register_user", 30) if not is_negative(case)]
    ground(cases, {}, ["email"])
    emails = [case.body["email"] for index, case in enumerate(cases) if index % 4 != 3]
    assert len(set(emails)) == len(emails) > 2


def test_grounding_keeps_valid_cases_valid():
    """The engine still takes a grounded case for a valid one."""
    cases = [case for case in made("create_book", 30) if not is_negative(case)]
    ground(cases, {"author_id": AUTHORS}, ["title"])
    assert not any(is_negative(case) for case in cases)


def test_one_of_each_kind_comes_first():
    """A small budget is spent on different kinds of mistakes, not on one."""
    kinds = {repr(case.meta.phase.data) for case in choose(made("create_book", 60), 12)}
    assert len(kinds) >= 8


@pytest.mark.parametrize("document", [{}, {"openapi": "9.9"}, {"openapi": "3.1.0", "paths": {}}])
def test_unusable_documents_are_an_error(document):
    """A document that can't be loaded, or lacks the operation, is an error of the check."""
    with pytest.raises(CheckError):
        find_operation(load_schema(document, 1), "read_book")
