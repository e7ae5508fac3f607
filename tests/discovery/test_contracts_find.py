"""Which document of a tree is whose, in which order contracts count, and what is said of those that are nobody's."""

from __future__ import annotations

import json
from textwrap import dedent

import pytest
from contracts_trees import plant

from pytest_superteam.contracts.derived import is_derived
from pytest_superteam.discovery.contracts.contract import FoundContract, FoundContracts
from pytest_superteam.discovery.contracts.find import contract_of, find_contracts
from pytest_superteam.discovery.contracts.overlap import overlap
from pytest_superteam.errors import UsageError
from pytest_superteam.models import FoundService, FoundSystem


def app(*routes):
    """Return the source of a Flask application with routes, each `METHOD path`."""
    lines = ["from flask import Flask", "app = Flask(__name__)"]
    for number, route in enumerate(routes):
        method, path = route.split(" ")
        lines += [f"@app.{method.lower()}('{path}')", f"def f{number}(**_): ..."]
    return "\n".join(lines) + "\n"


def document(title, *operations, server=""):
    """Return an OpenAPI document with operations, each `METHOD path`, as JSON."""
    paths: dict = {}
    for one in operations:
        method, path = one.split(" ")
        paths.setdefault(path, {})[method.lower()] = {"responses": {"200": {"description": "ok"}}}
    servers = {"servers": [{"url": server}]} if server else {}
    return json.dumps({"openapi": "3.0.3", "info": {"title": title, "version": "1"}, **servers, "paths": paths})


ORDERS = ("GET /orders", "POST /orders", "GET /orders/{id}")
USERS = ("GET /users", "POST /users", "GET /users/{id}")
SOURCES = {
    "orders/app.py": app("GET /orders", "POST /orders", "GET /orders/<id>", "GET /health"),
    "users/app.py": app("GET /users", "POST /users", "GET /users/<id>", "GET /health"),
}
SERVICES = (
    FoundService("order-service", folder="orders", port=8001),
    FoundService("user-service", folder="users", port=8002),
)


def places(root, files, services=SERVICES, **options):
    """Return origin and place of the contract of each service, and the notes."""
    found = find_contracts(FoundSystem(plant(root, files), tuple(services)), **options)
    return {name: (contract.origin, contract.place) for name, contract in found.items()}, found.notes


DERIVED = {"order-service": ("derived", "orders"), "user-service": ("derived", "users")}


@pytest.mark.parametrize(
    ("files", "wanted"),
    [
        ({"orders/openapi.json": document("X", *ORDERS)}, {"order-service": ("tree", "orders/openapi.json")}),
        ({"docs/api/orders.json": document("X", *ORDERS)}, {"order-service": ("tree", "docs/api/orders.json")}),
        ({"specs/a.json": document("X", *USERS)}, {"user-service": ("tree", "specs/a.json")}),
        (
            {"openapi/o.json": document("X", "GET /{id}", "GET /", "POST /", server="http://localhost:8001/orders")},
            {"order-service": ("tree", "openapi/o.json")},
        ),
        ({"contracts/users.json": document("X", *(o.replace("/u", "/api/u") for o in USERS))},
         {"user-service": ("tree", "contracts/users.json")}),
        ({"tests/fixtures/orders.json": document("Orders", *ORDERS)}, {}),
        ({"node_modules/p/orders.json": document("Orders", *ORDERS)}, {}),
        ({"orders/vendor/openapi.json": document("Orders", *ORDERS)}, {}),
        ({"orders/clients/users.json": document("User service", *USERS)}, {}),
        ({"docs/other.json": document("Weather", "GET /forecast")}, {}),
        ({"docs/events.yaml": "asyncapi: 3.0.0\ninfo: {title: orders, version: '1'}\n"}, {}),
        ({"docs/parts.json": document("Orders")}, {}),
    ],
    ids=[
        "own folder", "file name", "routes only", "port and prefix", "prefix of a gateway", "fixtures", "node_modules",
        "vendored", "copy at a consumer", "nobody's", "asyncapi", "no operations",
    ],
)  # fmt: skip
def test_documents_of_the_tree(tmp_path, files, wanted):
    """A document is the contract of the service whose routes it has, wherever it lies but among tests and copies."""
    found, _ = places(tmp_path, {**SOURCES, **files})
    assert found == {**DERIVED, **wanted}


def test_nobodys_documents_are_told(tmp_path):
    """A note says of each document that is nobody's contract why."""
    _, notes = places(
        tmp_path,
        {
            **SOURCES,
            "orders/clients/users.json": document("User service", *USERS),
            "docs/other.json": document("Weather", "GET /forecast"),
            "docs/broken.yaml": "openapi: 3.0.0\n  paths: [",
        },
    )
    told = "\n".join(notes)
    assert "orders/clients/users.json is no service's contract: it lies in orders, but none of its operations" in told
    assert "docs/other.json is no service's contract: nothing in it names a service" in told
    assert "docs/broken.yaml is passed over" in told
    assert len(notes) == 3


def test_the_better_of_two(tmp_path):
    """Of two documents that fit one service the better one counts, and the note names the other."""
    system = FoundSystem(
        plant(
            tmp_path,
            {
                **SOURCES,
                "docs/orders-old.json": document("Orders", "GET /orders", "GET /basket"),
                "docs/orders.json": document("Orders", *ORDERS),
            },
        ),
        SERVICES,
    )
    contract = find_contracts(system)["order-service"]
    assert contract.place == "docs/orders.json"
    assert "operations that are routes of the source: 3 of 3" in contract.note
    assert "preferred to docs/orders-old.json" in contract.note


def test_document_that_fits_two_alike(tmp_path):
    """A document that fits two services alike is neither's, and the note says how to settle it."""
    same = app("GET /things", "GET /things/<id>")
    services = (FoundService("red", folder="red"), FoundService("blue", folder="blue"))
    files = {"red/app.py": same, "blue/app.py": same, "docs/api.json": document("X", "GET /things", "GET /things/{id}")}
    found, notes = places(tmp_path, files, services)
    assert {origin for origin, _ in found.values()} == {"derived"}
    assert "docs/api.json is no service's contract: it fits red and blue alike; name it with `contract`" in notes


def test_services_of_one_source_share_their_document(tmp_path):
    """Two services that are built from the same folder have the same document."""
    services = (FoundService("blue", folder="shop"), FoundService("green", folder="shop"))
    files = {"shop/app.py": app("GET /a"), "docs/api.json": document("X", "GET /a")}
    found, notes = places(tmp_path, files, services)
    assert found == {"blue": ("tree", "docs/api.json"), "green": ("tree", "docs/api.json")}
    assert notes == ()


@pytest.mark.parametrize(
    ("operations", "server", "base"),
    [
        (("GET /orders", "GET /orders/{id}"), "", ""),
        (("GET /list", "GET /list/{id}"), "", "/orders"),
        (("GET /orders", "GET /orders/{id}"), "http://gateway/api", ""),
        (("GET /shop/orders", "GET /shop/orders/{id}"), "", None),
    ],
    ids=["same", "below a prefix", "behind a gateway", "with a gateway's prefix"],
)
def test_base_of_a_document(tmp_path, operations, server, base):
    """The routes of the source tell what the service itself has before the document's paths."""
    inner = "/orders" if base == "/orders" else ""
    routes = [f"GET {inner}{path.split(' ')[1].removeprefix('/shop').replace('{id}', '<id>')}" for path in operations]
    files = {"app.py": app(*routes), "openapi.json": document("Orders", *operations, server=server)}
    found = find_contracts(FoundSystem(plant(tmp_path, files), (FoundService("orders", folder="."),)))
    assert (found["orders"].origin, found["orders"].base) == ("tree", base)


def test_order_of_contracts(tmp_path):
    """What the settings name comes first, then the tree, then what the routes say."""
    files = {
        **SOURCES,
        "orders/openapi.json": document("Orders", *ORDERS),
        "elsewhere/any.json": document("Anything", "GET /any"),
    }
    found, notes = places(tmp_path, files, explicit={"order-service": "elsewhere/any.json"})
    assert found == {**DERIVED, "order-service": ("explicit", "elsewhere/any.json")}
    found, _ = places(tmp_path, files)
    assert found == {**DERIVED, "order-service": ("tree", "orders/openapi.json")}
    assert notes == ()


@pytest.mark.parametrize("place", ["missing.yaml", "../outside.yaml", "orders/app.py"])
def test_explicit_document_that_is_none(tmp_path, place):
    """A document that the settings name and that can't be read is the user's to mend."""
    (tmp_path / "outside.yaml").write_text("openapi: 3.0.0\n")
    with pytest.raises(UsageError, match=r"system\.services: contract: "):
        places(tmp_path / "system", SOURCES, explicit={"order-service": place})


def test_swagger_is_converted(tmp_path):
    """A Swagger 2.0 document in YAML comes as OpenAPI 3."""
    swagger = dedent("""
        swagger: "2.0"
        info: {title: Orders, version: "1"}
        basePath: /
        paths:
          /orders: {get: {responses: {200: {description: ok}}}}
    """)
    system = FoundSystem(plant(tmp_path, {**SOURCES, "docs/orders.yml": swagger}), SERVICES)
    assert find_contracts(system)["order-service"].document["openapi"].startswith("3.")


def test_services_without_a_contract(tmp_path):
    """A service without routes or documents has none, with a note; nobody asks for one of a front end or worker."""
    services = (
        FoundService("batch", folder="batch"),
        FoundService("redis-like", image="x/y:1"),
        FoundService("web", folder="web", role="frontend"),
        FoundService("mailer", folder="mailer", role="worker"),
    )
    files = {"batch/run.py": "print(1)\n", "web/app.py": app("GET /"), "mailer/app.py": app("GET /health")}
    found, notes = places(tmp_path, files, services)
    assert found == {}
    assert notes == (
        "batch: no contract: no document of the system is its own, and no routes could be read from its source",
        "redis-like: no contract: it has no source here, and no document of the system is its own",
    )


def test_unknown_paths_are_told(tmp_path):
    """A service whose routes hang at places that the source does not tell has no contract, and the note says why."""
    source = "import os\nfrom flask import Flask, Blueprint\napp = Flask(__name__)\nbp = Blueprint('b', __name__)\n"
    source += "@bp.get('/x')\ndef x(): ...\napp.register_blueprint(bp, url_prefix=os.environ['AT'])\n"
    found, notes = places(tmp_path, {"a/app.py": source}, (FoundService("a", folder="a"),))
    assert found == {}
    assert notes[0].endswith("the source does not tell the whole path of any of its 1 routes")


def test_routes_that_a_document_lacks(tmp_path):
    """The note of a document says how many routes of the source it does not have."""
    files = {"app.py": app("GET /a", "GET /b", "GET /c"), "openapi.json": document("X", "GET /a")}
    found = find_contracts(FoundSystem(plant(tmp_path, files), (FoundService("x", folder="."),)))
    assert "routes of the source that it does not have: 2" in found["x"].note


def test_service_around_others(tmp_path):
    """The source of a service in the root is without the folders of the others."""
    services = (FoundService("root", folder="."), FoundService("inner", folder="inner"))
    files = {"main.py": app("GET /outer"), "inner/app.py": app("GET /inner")}
    found = find_contracts(FoundSystem(plant(tmp_path, files), services))
    assert {name: list(contract.document["paths"]) for name, contract in found.items()} == {
        "root": ["/outer"],
        "inner": ["/inner"],
    }


def test_contract_of_one_service(tmp_path):
    """The contract of one service is derived where nothing else is there, and marked."""
    contract = contract_of(FoundService("orders", folder="orders"), plant(tmp_path, SOURCES))
    assert isinstance(contract, FoundContract)
    assert is_derived(contract.document)
    assert contract.note == "derived from its source: 4 operations"


@pytest.mark.parametrize("title", ["Orders", "Stock"])
def test_contract_of_one_service_among_others(tmp_path, title):
    """Where the routes can't be read, a document is a service's only if it names it."""
    plant(tmp_path, {"stock/main.go": "package main\n", "docs/api.json": document(title, "GET /x")})
    contract = contract_of(FoundService("stock", folder="stock"), tmp_path)
    assert (contract is not None) == (title == "Stock")


@pytest.mark.parametrize("title", ["Orders", "Stock"])
def test_generated_document_of_unread_source(tmp_path, title):
    """A generated document in the folder of a service is its own if it says so, else what it knows of another."""
    services = (FoundService("stock", folder="stock"), FoundService("orders", folder="orders"))
    files = {"stock/main.go": "package main\n", "stock/gen/api.json": document(title, "GET /x"), "orders/a.go": ""}
    found, _ = places(tmp_path, files, services)
    assert set(found) == ({"stock"} if title == "Stock" else set())


def test_folder_outside_is_not_read(tmp_path):
    """A service whose folder leads out of the system has no source."""
    plant(tmp_path, {"outside/app.py": app("GET /x"), "system/a.txt": ""})
    assert contract_of(FoundService("x", folder="../outside"), tmp_path / "system") is None


def test_found_contracts_are_a_mapping():
    """The contracts are a mapping by service that carries its notes."""
    found = FoundContracts({"a": FoundContract({}, "tree", "a.yaml")}, ("note",))
    assert (dict(found)["a"].place, len(found), found.notes) == ("a.yaml", 1, ("note",))


@pytest.mark.parametrize(
    ("operations", "routes", "wanted"),
    [
        ([("GET", "/a/{x}")], [("GET", "/a/:id")], (1, 1, "", "")),
        ([("GET", "/a")], [("POST", "/a")], (0, 1, "", "")),
        ([("GET", "/a"), ("GET", "/b")], [("GET", "/v1/a"), ("GET", "/v1/b")], (2, 2, "", "/v1")),
        ([("GET", "/v1/a"), ("GET", "/v1/b")], [("GET", "/a"), ("GET", "/b")], (2, 2, "/v1", "")),
        ([("GET", "/health"), ("GET", "/a")], [("GET", "/health"), ("GET", "/b")], (0, 1, "", "")),
        ([("GET", "/health")], [("GET", "/health")], (1, 1, "", "")),
        ([("GET", "/{id}")], [("GET", "/a/{id}")], (0, 1, "", "")),
        ([], [("GET", "/a")], (0, 0, "", "")),
    ],
)
def test_overlap(operations, routes, wanted):
    """Operations are compared with routes whatever their parameters are called and whatever prefix one side has."""
    found = overlap(operations, routes)
    assert (found.hits, found.of, found.removed, found.added) == wanted
