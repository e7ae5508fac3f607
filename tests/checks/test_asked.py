"""What was asked for and is not there: services, operations, fields, requirements, and what is no lack."""

from dataclasses import replace

import pytest

from pytest_superteam.checks.asked import check_asked
from pytest_superteam.checks.convergence.naming import alike, core, field_key
from pytest_superteam.checks.convergence.paths import shape, shared_prefix, variants
from pytest_superteam.contracts.adopted.architecture import adopted_architecture
from pytest_superteam.contracts.derived import DERIVED_KEY
from pytest_superteam.errors import CheckError
from pytest_superteam.models import Architecture, Entity, Field, Operation, Requirement, Service, Severity, Source

KINDS = {"GET": "read", "POST": "create", "PATCH": "update", "PUT": "replace", "DELETE": "delete"}


def wish(service, line, number, *, entity=None, kind=None, source="explicit"):
    """Return an operation that a text asks for in line `number`."""
    method, path = line.split()
    name = f"{method.lower()}_{path.strip('/').replace('/', '_').replace('{', '').replace('}', '')}"
    return Operation(name, service, method, path, kind or KINDS[method], entity, source=Source(number, source))


BOOK = Entity(
    "Book",
    "catalog-service",
    (
        Field("id", "uuid", source=Source(5, "derived")),
        Field("title", source=Source(5)),
        Field("page_count", "integer", source=Source(6)),
        Field("author_id", "reference", references="Author", source=Source(7)),
        Field("slug", source=Source(5, "derived")),
        Field("created_at", "datetime"),
    ),
    plural="books",
    source=Source(4),
)
OPERATIONS = (
    wish("catalog-service", "GET /books", 10, entity="Book", kind="list"),
    wish("catalog-service", "POST /books", 11, entity="Book"),
    wish("catalog-service", "GET /books/{id}", 12, entity="Book"),
    wish("catalog-service", "PATCH /books/{id}", 13, entity="Book"),
    wish("catalog-service", "POST /events", 1, kind="receive_event", source="derived"),
    wish("order-service", "POST /orders", 20),
    wish("order-service", "GET /orders/{id}", 21),
    wish("order-service", "POST /orders/{id}/cancel", 22, kind="transition"),
)
ASKED = Architecture(
    "Books",
    "0" * 64,
    (Service("catalog-service", source=Source(2)), Service("order-service", source=Source(3))),
    (BOOK,),
    OPERATIONS,
    requirements=(
        Requirement("R-1", "Customers order books.", 30, operations=("order-service:post_orders",)),
        Requirement(
            "R-2", "Staff keeps books.", 31, operations=tuple(f"{o.service}:{o.id}" for o in OPERATIONS[1:4:2])
        ),
    ),
)
CATALOG = ("GET /books", "POST /books", "GET /books/{id}", "PATCH /books/{id}")
ORDERS = ("POST /orders", "GET /orders/{id}", "POST /orders/{id}/cancel")
BOOK_FIELDS = ("id", "title", "page_count", "author_id")


def document(*operations, fields=BOOK_FIELDS, **more):
    """Return an OpenAPI document with some operations and the schema of a book."""
    schema = {"type": "object", "properties": {name: {"type": "string"} for name in fields}}
    paths = {}
    for line in operations:
        method, path = line.split()
        answer = {"$ref": "#/components/schemas/Book"} if "book" in path else {}
        content = {"application/json": {"schema": answer}}
        paths.setdefault(path, {})[method.lower()] = {"responses": {"200": {"description": "ok", "content": content}}}
    components = {"schemas": {"Book": schema}} if fields else {}
    return {
        "openapi": "3.1.0",
        "info": {"title": "x", "version": "1"},
        "paths": paths,
        "components": components,
        **more,
    }


def found(documents, *others):
    """Return the architecture of a found system; of `others` nothing is known."""
    services = [Service(name) for name in (*documents, *others)]
    return adopted_architecture(documents, title="found", services=services).architecture


def lacks(documents, *others, asked=ASKED):
    """Return what is missing: code and what it is about."""
    return [(v.code[-3:], v.evidence) for v in violations(found(documents, *others), asked)]


def violations(system, asked=ASKED):
    """Return what is missing of all services."""
    checked = [check_asked(asked, system, service.name, 1.0) for service in asked.services]
    return [violation for result in checked for violation in result.violations]


SAME = {
    "the same": {"catalog-service": document(*CATALOG), "order-service": document(*ORDERS)},
    "more than asked": {
        "catalog-service": document(*CATALOG, "DELETE /books/{id}", fields=(*BOOK_FIELDS, "cover")),
        "order-service": document(*ORDERS),
        "extra-service": document("GET /extras"),
    },
    "other words for services": {"Catalogs-API": document(*CATALOG), "orders": document(*ORDERS)},
    "names that tell nothing": {"alpha": document(*CATALOG), "beta": document(*ORDERS)},
    "one for all": {"shop": document(*CATALOG, *ORDERS)},
    "one split": {
        "catalog-read": document(*CATALOG[::2]),
        "catalog-write": document(*CATALOG[1::2]),
        "order-service": document(*ORDERS),
    },
    "versions, gateways and names of parameters": {
        "catalog-service": document(*(line.replace(" /", " /api/v1/").replace("{id}", "{bookId}") for line in CATALOG)),
        "order-service": document(*(line.replace(" /", " /order-service/") for line in ORDERS)),
    },
    "a prefix of its own": {
        "catalog-service": document(*(line.replace(" /", " /shop/backoffice/") for line in CATALOG)),
        "order-service": document(*ORDERS),
    },
    "camel case": {
        "catalog-service": document(*CATALOG, fields=("_id", "Title", "pageCount", "author")),
        "order-service": document(*ORDERS),
    },
    "schemas of each use": {
        "catalog-service": document(
            *CATALOG,
            fields=("id", "title"),
            components={
                "schemas": {
                    "Book": {"properties": {"title": {}}},
                    "BookCreateRequest": {"allOf": [{"properties": {"pageCount": {}}}]},
                    "UpdateBookDto": {"properties": {"authorId": {}}},
                }
            },
        ),
        "order-service": document(*ORDERS),
    },
    "no schemas at all": {"catalog-service": document(*CATALOG, fields=()), "order-service": document(*ORDERS)},
    "derived from routes": {
        "catalog-service": document(*CATALOG, fields=("id",), **{DERIVED_KEY: True}),
        "order-service": document(*ORDERS),
    },
}


@pytest.mark.parametrize("documents", SAME.values(), ids=SAME)
def test_system_that_has_it_all(documents):
    """What is there under another name, prefix or spelling is there, and what nobody asked for is no lack."""
    assert lacks(documents) == []


@pytest.mark.parametrize(
    ("documents", "missing"),
    [
        (
            {"catalog-service": document(*CATALOG)},
            [("002", "order-service"), ("005", "R-1")],
        ),
        (
            {"catalog-service": document(*CATALOG), "order-service": document(*ORDERS[1:])},
            [("003", "POST /orders"), ("005", "R-1")],
        ),
        (
            {"catalog-service": document(*CATALOG[:3], "PUT /books/{id}"), "order-service": document(*ORDERS)},
            [("003", "PATCH /books/{id}")],
        ),
        (
            {"shop": document(*CATALOG, *ORDERS[:2])},
            [("003", "POST /orders/{id}/cancel")],
        ),
        (
            {
                "catalog-service": document(*CATALOG, fields=("id", "title", "author")),
                "order-service": document(*ORDERS),
            },
            [("004", "Book.page_count")],
        ),
        (
            {"catalog-service": document("GET /covers"), "order-service": document(*ORDERS)},
            [*(("003", line) for line in CATALOG), ("005", "R-2")],
        ),
        ({}, [("002", "catalog-service"), ("005", "R-2"), ("002", "order-service"), ("005", "R-1")]),
    ],
)
def test_what_is_missing(documents, missing):
    """Each service, operation, field and requirement that is not there is told, once."""
    assert lacks(documents) == missing


@pytest.mark.parametrize(
    ("there", "told"),
    [
        ("PUT /books/{id}", "has PUT /books/{id} instead of PATCH"),
        ("PATCH /book/{id}", "has PATCH /book/{id} instead"),
        ("PATCH /bookss/{id}", "has PATCH /bookss/{id}, which comes near"),
        ("PATCH /shelves/{id}/lamp", "has nothing like it"),
    ],
)
def test_near_misses_are_named(there, told):
    """What comes near a missing operation stands in the message, with the line that asks for it."""
    system = found({"catalog-service": document(*CATALOG[:3], there), "order-service": document(*ORDERS)})
    (violation,) = violations(system)
    assert violation.message == (f"PATCH /books/{{id}} is asked for (line 13); 'catalog-service' {told}. Add it.")


def test_operations_that_were_concluded_may_have_another_form():
    """Where the text gives no method or path, another that means the same will do."""
    derived = tuple(replace(o, source=Source(9, "derived")) for o in OPERATIONS)
    documents = {
        "catalog-service": document(*CATALOG[:3], "PUT /book/{id}"),
        "order-service": document(*ORDERS[:2], "PATCH /orders/{id}/cancel"),
    }
    assert lacks(documents, asked=replace(ASKED, operations=derived)) == []
    assert len(lacks(documents)) == 2


def test_what_we_concluded_does_not_block():
    """An operation that no line states is a warning, and does not count, beside others that the text does state."""
    more = wish("order-service", "DELETE /orders/{id}", 23, source="derived")
    asked = replace(ASKED, operations=(*OPERATIONS, more))
    system = found({"catalog-service": document(*CATALOG), "order-service": document(*ORDERS)})
    (violation,) = check_asked(asked, system, "order-service", 1.0).violations
    assert (violation.evidence, violation.severity) == ("DELETE /orders/{id}", Severity.WARNING)
    assert "concluded from line 23" in violation.message


def test_service_without_operations():
    """A service that the text only names is missing among several, and can't be told apart within a single one."""
    named = replace(ASKED, services=(*ASKED.services, Service("search-service", source=Source(8))))
    several = {"catalog-service": document(*CATALOG), "order-service": document(*ORDERS)}
    assert lacks(several, asked=named) == [("002", "search-service")]
    assert lacks({"shop": document(*CATALOG, *ORDERS)}, asked=named) == []


@pytest.mark.parametrize(
    ("ratio", "severity"), [(0.9, Severity.ERROR), (0.5, Severity.WARNING)], ids=["too little", "enough"]
)
def test_share_decides_whether_it_blocks(ratio, severity):
    """What is missing is an error where too little of a service is there, and a warning otherwise."""
    system = found({"shop": document(*CATALOG, *ORDERS[:2])})
    result = check_asked(ASKED, system, "order-service", ratio)
    assert [(v.evidence, v.severity) for v in result.violations] == [("POST /orders/{id}/cancel", severity)]
    assert result.detail == "2 of 3 operations that the text asks for are there, in shop"


def test_missing_service_blocks_whatever_the_share():
    """A service of which nothing is there is an error, and the message says what was found instead."""
    result = check_asked(ASKED, found({"catalog-service": document(*CATALOG)}), "order-service", 0.0)
    assert {v.severity for v in result.violations} == {Severity.ERROR}
    assert result.violations[0].message == (
        "'order-service' is asked for (line 3) and no service does its work: POST /orders, GET /orders/{id}, "
        "POST /orders/{id}/cancel. Those found: catalog-service. Add it."
    )


def test_service_of_which_nothing_is_known():
    """A service without a contract is neither whole nor lacking: the check can't run."""
    system = found({"catalog-service": document(*CATALOG)}, "order-service")
    with pytest.raises(CheckError, match="no operation is known"):
        check_asked(ASKED, system, "order-service", 0.9)


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("orders-api", "OrderService", True),
        ("auth-service", "authentication", True),
        ("auth-service", "author-service", False),
        ("product-catalog", "catalog-service", True),
        ("order-service", "invoice-service", False),
        ("backend", "api", False),
    ],
)
def test_names_of_services(one, other, same):
    """Names are compared by the words that tell services apart."""
    assert alike(one, other) is same


def test_cores_and_keys():
    """Case, separators, plurals and what every service is called do not count."""
    assert core("Order-Items-Microservice") == ("order", "item")
    assert core("service") == ("service",)
    assert {field_key(name) for name in ("authorId", "author_id", "Author", "AUTHOR")} == {"author"}
    assert field_key("id") == "id"


def test_shapes_of_paths():
    """Parameters have no names, and prefixes are optional; a path is never stripped to its parameters."""
    assert shape("/Order-Items/:id/<int:n>/?q=1") == ("orderitems", "{}", "{}")
    assert ("books",) in variants(shape("/api/v2/catalog/books"), "catalog-service")
    assert variants(shape("/orders/{id}"), "order-service") == {("orders", "{}")}
    assert shared_prefix([("a", "b", "c"), ("a", "b", "d"), ("a", "b", "e")]) == ("a", "b")
    assert shared_prefix([("a", "b"), ("a", "b", "{}"), ("a", "b", "c")]) == ("a",)
