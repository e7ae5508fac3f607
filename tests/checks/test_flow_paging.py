"""Pages of a list that don't fit together are told; rows that others make, change and delete meanwhile are not."""

import pytest
from library_service import serving
from shop_architecture import system_at
from shop_service import shop

from pytest_superteam.checks.flows.execution import run_flow
from pytest_superteam.checks.flows.paging import Page, is_reordered, misfit
from pytest_superteam.models import Severity

BOOKS = "shop-book-crud"


def page(*names, total=None, **changed):
    """Return a page of rows, of which some have another content."""
    return Page({name: changed.get(name, "as ever") for name in names}, total)


@pytest.mark.parametrize(
    ("broken", "flow", "told"),
    [
        ("total of the page", BOOKS, "GET /books of shop with limit=1 answers a total of 1, and with more"),
        ("total without offset", BOOKS, "and with offset=1 one of 3"),
        ("offset ignored", BOOKS, "GET /books of shop with limit=1 and offset=1 answers the same row as with offset=0"),
        ("offset ignored", "sales-order-crud", "GET /orders of sales with limit=1 and offset=1"),
        ("offset ignored", "shop-account", "GET /users of shop with limit=1 and offset=1"),
        ("any order", BOOKS, "GET /books of shop answers the same page in another order each time"),
        ("any order", "shop-account", "GET /users of shop answers the same page in another order each time"),
    ],
)
def test_pages_that_do_not_fit_together_are_told(broken, flow, told):
    """A total of the page, an offset without effect and rows in no order are each found, on any list of the flow."""
    with serving(shop(broken)) as url:
        found = run_flow(system_at(url), flow).violations
    fitting = [v for v in found if told in v.message]
    assert fitting, [v.message for v in found]
    assert (fitting[0].code, fitting[0].severity) == ("FLOW-001", Severity.ERROR)
    assert "limit=1" in fitting[0].evidence


@pytest.mark.parametrize(
    "broken", ["newest first", "new rows first", "total grows", "read counts", "bare lists", "small pages"]
)
@pytest.mark.parametrize("flow", [BOOKS, "shop-account"])
def test_lawful_pages_are_left_alone(broken, flow):
    """Any order, rows that come in at the front all the time, rows that are never twice the same: all are lawful."""
    with serving(shop(broken)) as url:
        assert not run_flow(system_at(url), flow).violations


def test_pages_of_a_system_that_was_found_are_warnings():
    """What a found system does with its pages blocks nobody."""
    with serving(shop("offset ignored")) as url:
        (found,) = run_flow(system_at(url, found=True), BOOKS).violations
    assert found.severity is Severity.WARNING
    assert "offset=1" in found.message


@pytest.mark.parametrize(
    ("before", "after", "reordered"),
    [
        (page("a", "b", "c"), page("a", "b", "c"), False),
        (page("a", "b", "c"), page("a", "c", "b"), True),
        (page("a", "b", "c"), page("a", "b", "c", "d"), False),
        (page("a", "b", "c"), page("d", "a", "b"), False),
        (page("a", "b", "c"), page("a", "c"), False),
        (page("a", "b", "c"), page("b", "a", "c", b="changed"), False),
        (page("a", "b", "c", total=9), page("e", "f", "c", total=9), True),
        (page("a", "b", "c", total=9), page("e", "f", "c", total=11), False),
        (page("a", "b", "c"), page(), False),
    ],
)
def test_only_rows_that_are_the_same_tell_of_an_order(before, after, reordered):
    """Rows that are new, gone or changed say nothing, a page of others where none was added does."""
    assert is_reordered(before, after) is reordered


@pytest.mark.parametrize(
    ("whole", "first", "second", "told"),
    [
        (page("a", "b", total=2), page("a", total=2), page("b", total=2), ""),
        (page("a", "b", total=2), page("a", total=1), page("b", total=1), "a total of 1"),
        (page("a", "b", total=2), page("a", total=3), page("b", total=4), ""),
        (page("a", "b", total=2), page("a", total=2), page("b", total=1), "one of 1"),
        (page("a", "b"), page("a"), page("a"), "the same row"),
        (page("a", "b"), page("a"), page(), "no row"),
        (page("a", "b"), page("a"), page("b"), ""),
        (page("a"), page("a"), page(), ""),
        (page("a", "b"), page("a"), None, ""),
    ],
)
def test_pages_of_one_row_fit_beside_a_longer_one(whole, first, second, told):
    """A total that is less than the rows there are and a second row that is the first one are told, growth is not."""
    assert (told in misfit(whole, first, second)) if told else misfit(whole, first, second) == ""


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        ({"items": [{"id": 1}], "total": 7}, (["1"], 7)),
        ({"data": [{"id": "x"}], "count": 1}, (["x"], None)),
        ({"items": [{"id": 1}], "total": True}, (["1"], None)),
        ([{"id": 1}, {"id": 2}], (["1", "2"], None)),
        ([], ([], None)),
        ([{"name": "no id"}], None),
        ({"detail": "no list"}, None),
        ("text", None),
    ],
)
def test_pages_are_read_whatever_their_shape(answer, expected):
    """Rows are told apart by their ids, and a count that may be that of the page is no total."""
    read = Page.of(answer)
    assert (read and ([*read.rows], read.total)) == expected
