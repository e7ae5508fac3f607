"""Contracts against the baseline of the last release: which items there are, and what they find."""

from copy import deepcopy

import pytest
import yaml

from pytest_superteam.checks.base import Planning, RunningSystem
from pytest_superteam.checks.families.breaking import FAMILY
from pytest_superteam.config import Config, ContractsConfig
from pytest_superteam.errors import CheckError
from pytest_superteam.models import Architecture, Deployment, Event, Service, Severity

BOOK = {"type": "object", "properties": {"title": {"type": "string"}, "pages": {"type": "integer"}}}
BOOK["required"] = ["title", "pages"]
CONTRACT = {
    "openapi": "3.1.0",
    "info": {"title": "catalog", "version": "1.0.0"},
    "paths": {
        "/books": {
            "get": {
                "operationId": "list_books",
                "parameters": [{"name": "limit", "in": "query", "schema": {"type": "integer", "maximum": 100}}],
                "responses": {
                    "200": {
                        "description": "Done",
                        "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Book"}}},
                    }
                },
            }
        }
    },
    "components": {"schemas": {"Book": BOOK}},
}
EVENTS = {
    "asyncapi": "3.0.0",
    "info": {"title": "Books", "version": "1.0.0"},
    "channels": {"BookSold": {"address": "book.sold", "messages": {"BookSold": {"payload": BOOK}}}},
}


def without(document, *path):
    """Return a copy without one part."""
    found = deepcopy(document)
    target = found
    for key in path[:-1]:
        target = target[key]
    del target[path[-1]]
    return found


@pytest.fixture
def shop(tmp_path):
    """Return a function that writes a baseline and gives what the family finds, by the parameter of its item."""

    def planned(files, contract=CONTRACT, events=EVENTS, services=("orders", "catalog"), baseline="released"):
        folder = tmp_path / "released"
        folder.mkdir(exist_ok=True)
        for name, content in files.items():
            text = content if isinstance(content, str) else yaml.safe_dump(content)
            (folder / name).write_text(text, encoding="utf-8")
        architecture = Architecture(
            "Shop",
            "0" * 64,
            tuple(map(Service, services)),
            contracts={"catalog": contract} if contract else {},
            events=(Event("BookSold", "book.sold", "catalog"),),
            asyncapi=events,
        )
        config = Config(contracts=ContractsConfig(baseline=baseline))
        items = tuple(FAMILY.plan(Planning(architecture, config, tmp_path)))
        system = RunningSystem(architecture, config, Deployment("test", "run", ()), tmp_path)
        return items, lambda item: FAMILY.check(system, item)

    return planned


def test_nothing_configured_plans_nothing(shop):
    """Without a baseline there are no items, and a service without a released contract has none."""
    assert shop({"catalog.openapi.yaml": CONTRACT}, baseline=None)[0] == ()
    items, _check = shop({"catalog.openapi.yaml": CONTRACT})
    assert [(item.param, item.service) for item in items] == [("catalog", "catalog")]


@pytest.mark.parametrize("name", ["catalog.openapi.yaml", "catalog.openapi.yml", "catalog.openapi.json"])
def test_same_contract_passes(shop, name):
    """A contract that is the released one passes and says with what it was compared."""
    (item,), check = shop({name: CONTRACT})
    result = check(item)
    assert result.violations == ()
    assert result.detail == f"compared with {name}: 0 changes, 0 breaking, 0 that may break"


def test_breaking_change_is_an_error(shop):
    """What breaks consumers is an error that names operation, place, old and new, and what to do."""
    new = deepcopy(CONTRACT)
    new["paths"]["/books"]["get"]["parameters"][0]["schema"]["maximum"] = 50
    (item,), check = shop({"catalog.openapi.yaml": CONTRACT}, contract=new)
    (violation,) = check(item).violations
    assert (violation.code, violation.severity, violation.service) == ("BREAK-001", Severity.ERROR, "catalog")
    assert violation.message == (
        "GET /books, the query parameter `limit`: `maximum` was lowered: 100 -> 50; that breaks consumers of the last "
        "release (request-parameter-max-decreased). Keep what was there beside it, or release a new version beside "
        "the old one."
    )


def test_what_may_break_is_advisory(shop):
    """A change that may break is a warning; one that does not break is none."""
    new = without(CONTRACT, "paths", "/books", "get", "parameters")
    new["paths"]["/authors"] = {"get": {"responses": {"200": {"description": "Done"}}}}
    (item,), check = shop({"catalog.openapi.yaml": CONTRACT}, contract=new)
    result = check(item)
    assert [violation.severity for violation in result.violations] == [Severity.WARNING]
    assert result.detail.endswith("2 changes, 0 breaking, 1 that may break")


def test_removed_property_is_found_once(shop):
    """What a shared schema lost is one violation, whatever the number of operations that answer with it."""
    new = deepcopy(CONTRACT)
    for document in (new, (old := deepcopy(CONTRACT))):
        document["paths"]["/books/best"] = deepcopy(document["paths"]["/books"])
    new["components"]["schemas"]["Book"] = {**BOOK, "properties": {"title": {"type": "string"}}, "required": ["title"]}
    (item,), check = shop({"catalog.openapi.yaml": old}, contract=new)
    (violation,) = check(item).violations
    assert violation.message.startswith("GET /books (and 1 more operation), the body of the 200 answer: `pages`: ")
    assert "GET /books/best" in violation.evidence


def test_service_that_is_gone(shop):
    """A released contract without a service is an item of its own, carried by the first service, and an error."""
    items, check = shop({"billing.openapi.yaml": CONTRACT, "catalog.openapi.yaml": CONTRACT})
    assert [(item.param, item.service) for item in items] == [("billing-gone", "orders"), ("catalog", "catalog")]
    (violation,) = check(items[0]).violations
    assert violation.severity is Severity.ERROR
    assert violation.message.startswith("The service 'billing' of billing.openapi.yaml is gone, and its paths")


@pytest.mark.parametrize(
    ("events", "kinds"),
    [
        (EVENTS, []),
        (None, ["channel-removed"]),
        (without(EVENTS, "channels", "BookSold", "messages", "BookSold"), ["message-removed"]),
        (without(EVENTS, "channels", "BookSold", "messages", "BookSold", "payload"), ["message-payload-removed"]),
    ],
)
def test_events(shop, events, kinds):
    """Events are held against the released ones, and findings count for the service that publishes."""
    (item,), check = shop({"events.asyncapi.yaml": EVENTS}, events=events)
    assert (item.param, item.service) == ("events", "orders")
    violations = check(item).violations
    assert [violation.evidence.split(":")[0] for violation in violations] == kinds
    assert {violation.service for violation in violations} <= {"catalog"}


@pytest.mark.parametrize(
    ("files", "contract", "said"),
    [
        ({}, CONTRACT, "holds no contract of a release"),
        ({"catalog.openapi.yaml": "paths: ["}, CONTRACT, "catalog.openapi.yaml"),
        ({"catalog.openapi.yaml": "- 1"}, CONTRACT, "catalog.openapi.yaml"),
        ({"catalog.openapi.yaml": {"swagger": "2.0"}}, CONTRACT, "Convert it to OpenAPI 3"),
        ({"catalog.openapi.yaml": CONTRACT}, None, "has no contract"),
        ({"events.asyncapi.yaml": {"asyncapi": "2.6.0"}}, CONTRACT, "AsyncAPI 3"),
    ],
)
def test_what_cannot_be_compared_is_an_error(shop, files, contract, said):
    """A baseline that is empty or can't be read makes its item an error of one line, never a pass."""
    (item,), check = shop(files, contract=contract)
    with pytest.raises(CheckError, match=said) as caught:
        check(item)
    assert "\n" not in str(caught.value)


def test_flood_is_cut(shop):
    """Of a contract that shares nothing with the released one, the first changes are told and the rest counted."""
    old = deepcopy(CONTRACT)
    old["paths"] = {f"/old{number}": {"get": {"responses": {}}} for number in range(300)}
    (item,), check = shop({"catalog.openapi.yaml": old})
    violations = check(item).violations
    assert len(violations) == 201
    assert violations[-1].message.startswith("100 more changes break consumers or may.")
