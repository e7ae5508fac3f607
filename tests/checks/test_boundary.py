"""Boundary checks on small services: sound ones give no finding, each distortion is found by its code."""

import json

import pytest
from library_service import serving
from shop_architecture import architecture, changed_architecture, system_at
from shop_service import shop

from pytest_superteam.checks.base import CheckItem, Planning
from pytest_superteam.checks.families.boundary import FAMILY
from pytest_superteam.config import Config
from pytest_superteam.errors import CheckError
from pytest_superteam.models import Severity

CODES = [rule.id for rule in FAMILY.rules]


def check(system, service, number):
    """Answer one item."""
    code = f"BOUNDARY-{number:03}"
    return FAMILY.check(system, CheckItem(service, f"{service}-{code}", code))


def on_rows(change):
    """Return a distortion of every row that goes out, in lists too; `change` takes the path and the row."""

    def distort(service, path, body):
        del service
        if isinstance(body, dict) and isinstance(body.get("items"), list):
            return {**body, "items": [change(path, row) for row in body["items"]]}
        return change(path, body) if isinstance(body, dict) and "id" in body else body

    return distort


def with_fields(name, value):
    """Return a distortion that changes one field: `value` takes the old one."""
    return on_rows(lambda _, row: {**row, name: value(row[name])} if row.get(name) is not None else row)


def renamed(old, new):
    """Return a distortion that gives a field another name."""
    return on_rows(lambda _, row: {new if key == old else key: value for key, value in row.items()})


def pages_as(change):
    """Return a distortion of the pages of the shop."""
    return lambda service, _, body: change(body) if service == "shop" and "items" in body else body


def without_null(path, row):
    """Leave null fields out where one row is read."""
    return {k: v for k, v in row.items() if v is not None} if path.count("/") > 1 else row


DISTORTIONS = [
    ("sales", 1, renamed("book_id", "bookId"), "`bookId`"),
    ("shop", 1, renamed("created_at", "createdAt"), "`createdAt`"),
    ("shop", 2, with_fields("created_at", lambda v: v.split("+")[0]), "no time zone"),
    ("shop", 2, with_fields("created_at", lambda v: v.replace("T", " ")), "blank"),
    ("sales", 2, with_fields("updated_at", lambda _: 1769860800), "seconds"),
    ("shop", 3, with_fields("pages", lambda _: None), "is null"),
    ("shop", 3, on_rows(lambda _, row: {k: v for k, v in row.items() if k != "pages"}), "is missing"),
    ("shop", 4, with_fields("price", str), "a number as a text"),
    ("shop", 4, with_fields("in_print", lambda v: str(v).lower()), "a text where a boolean"),
    ("shop", 5, with_fields("genre", str.upper), "writes it 'novel'|writes it 'poetry'"),
    ("sales", 5, with_fields("status", lambda _: "lost"), "has only"),
    ("shop", 6, with_fields("author_id", str.upper), "upper case"),
    ("sales", 6, on_rows(lambda p, row: {**row, "id": f"{{{row['id']}}}"} if "order" in p else row), "braces"),
    ("sales", 6, with_fields("book_id", lambda _: 42), "a number"),
    ("shop", 7, pages_as(lambda body: body["items"]), "a plain list where a page"),
    ("shop", 7, pages_as(lambda b: {"data" if k == "items" else k: v for k, v in b.items()}), "no `items`, but `data`"),
    ("shop", 7, pages_as(lambda b: {**b, "total": 0} if b["items"] else b), "a total of 0"),
]
NEAR_MISSES = [
    with_fields("created_at", lambda v: v.replace("+00:00", "Z")),
    with_fields("created_at", lambda v: v.split(".")[0] + "+02:00"),
    with_fields("price", float),
    on_rows(lambda _, row: {**row, "extra": "12", "someId": 3}),
    pages_as(lambda body: {**body, "next": "/books?offset=20"}),
]


def test_items_are_planned_by_what_contracts_have():
    """Each service has an item of each code that its answers can break, and of no other."""
    items = [i.param for i in FAMILY.plan(Planning(architecture(), Config(), project=None))]
    assert items == [f"{s}-{c}" for s in ("shop", "sales") for c in CODES]
    plain = changed_architecture(contracts={"shop": {}, "sales": {"paths": {"/x": {"get": {"operationId": "me"}}}}})
    assert not list(FAMILY.plan(Planning(plain, Config(), project=None)))


def test_sound_services_give_no_finding():
    """No code finds anything on services that keep their contracts, and each says how much it judged."""
    with serving(shop()) as url:
        system = system_at(url)
        results = {
            item.param: FAMILY.check(system, item) for item in FAMILY.plan(Planning(architecture(), Config(), None))
        }
    assert not [v.message for r in results.values() for v in r.violations]
    assert not {name: r.skipped for name, r in results.items() if r.skipped}
    assert "fields in" in results["shop-BOUNDARY-002"].detail
    assert "lists in" in results["sales-BOUNDARY-007"].detail


@pytest.mark.parametrize(("service", "number", "distort", "told"), DISTORTIONS, ids=lambda v: str(v)[:24])
def test_distortions_are_found(service, number, distort, told):
    """What goes out in another form is found by the code for it, with the request that shows it."""
    with serving(shop(distort=distort)) as url:
        found = check(system_at(url), service, number).violations
    fitting = [v for v in found if any(part in v.message for part in told.split("|"))]
    assert fitting, [v.message for v in found]
    assert fitting[0].severity is Severity.ERROR
    assert (fitting[0].service, "curl" in fitting[0].evidence) == (service, True)


@pytest.mark.parametrize("number", range(len(NEAR_MISSES)))
def test_near_misses_are_none(number):
    """Another lawful form of the same value is no finding of any code."""
    with serving(shop(distort=NEAR_MISSES[number])) as url:
        system = system_at(url)
        found = [v for service in ("shop", "sales") for n in range(1, 8) for v in check(system, service, n).violations]
    assert not [v.message for v in found if v.severity.at_least(Severity.ERROR)]


def test_a_null_that_is_left_out_is_missing():
    """A field that the contract requires, null admitted, may not stay away where it is null."""
    with serving(shop(distort=on_rows(without_null))) as url:
        (found,) = check(system_at(url), "shop", 3).violations
    assert "blurb is missing, and the contract requires it" in found.message


def test_a_request_field_under_another_name_is_told():
    """A refusal of a valid body that speaks of the field in another spelling names both."""
    with serving(shop("request in camel case")) as url:
        found = check(system_at(url), "sales", 1).violations
    assert any("`bookId`" in v.message and "`book_id`" in v.message for v in found)


PACT = {
    "consumer": {"name": "sales"},
    "provider": {"name": "shop"},
    "interactions": [
        {
            "request": {"method": "GET", "path": "/books/00000000-0000-4000-8000-000000000000"},
            "response": {
                "status": 200,
                "body": {
                    "contentType": "application/json",
                    "content": {"id": "00000000-0000-4000-8000-000000000000", "authorId": "x", "price": "9.50"},
                },
            },
        },
        {
            "request": {"method": "POST", "path": "/books", "body": {"title": "x", "inPrint": True}},
            "response": {"status": 201},
        },
        {"request": {"method": "GET", "path": "/nowhere"}, "response": {"body": {"x": 1}}},
        "no interaction",
    ],
}


def test_a_consumers_own_pact_is_read(tmp_path):
    """What the consumer's pact reads under another name or type is told with the consumer's name."""
    (tmp_path / "pacts").mkdir()
    (tmp_path / "pacts" / "sales-shop.json").write_text(json.dumps(PACT))
    with serving(shop()) as url:
        system = system_at(url, sources={"sales": tmp_path})
        name, kind = check(system, "shop", 1).violations, check(system, "shop", 4).violations
        assert not check(system, "shop", 6).violations
    assert [v.service for v in name] == ["sales", "shop"]
    assert "takes `in_print`, and sales sends `inPrint`" in name[0].message
    assert "`author_id`" in name[1].message
    assert "sales reads `authorId`" in name[1].message
    assert ["price" in v.message and "sales reads it otherwise" in v.message for v in kind] == [True]


@pytest.mark.parametrize("text", ["", "[]", '{"interactions": 3}', "{" * 100_000])
def test_a_broken_pact_is_left_to_its_own_check(tmp_path, text):
    """A pact that can't be read adds nothing here and breaks nothing."""
    (tmp_path / "pacts").mkdir()
    (tmp_path / "pacts" / "sales-shop.json").write_text(text)
    with serving(shop()) as url:
        assert not check(system_at(url, sources={"sales": tmp_path}), "shop", 1).violations


def test_fields_that_consumers_read_are_there():
    """A field of the service map that no answer has is told as missing, with its reader."""
    from pytest_superteam.models import Dependency

    design = changed_architecture(dependencies=(Dependency("sales", "shop", "read_book", "Book", ("id", "weight")),))
    with serving(shop()) as url:
        (found,) = check(system_at(url, design=design), "shop", 3).violations
    assert "no `weight`, which sales reads (the service map)" in found.message


def test_each_service_is_looked_at_once():
    """Seven codes of two services cost the calls of one look at each."""
    seen = []

    def count(service, path, body):
        seen.append((service, path))
        return body

    with serving(shop(distort=count)) as url:
        system = system_at(url)
        assert system.samples
        before = len(seen)
        for number in range(1, 8):
            check(system, "shop", number)
            check(system, "sales", number)
    assert 0 < len(seen) - before < 40


def test_a_service_without_success_is_an_error():
    """Where nothing answers with success there is nothing to judge: an error where we built it, else a skip."""

    def broken(service, path, body):
        del service, path, body
        raise RuntimeError("out of order")

    with serving(shop()) as url:
        system, found = system_at(url), system_at(url, found=True)
        assert system.samples
        assert found.samples
    with serving(shop(distort=broken)) as url:
        for one in (system, found):
            moved = system_at(url).deployment
            one.deployment = moved
        with pytest.raises(CheckError, match="answered nothing with success"):
            check(system, "sales", 1)
        assert "answered nothing with success" in check(found, "sales", 1).skipped
