"""A small system for the tests of what agents are given: two services, a call, an event, requirements with lines."""

from __future__ import annotations

from dataclasses import replace

from pytest_superteam.architect.contract import asyncapi, openapi
from pytest_superteam.builders.base import BuildRequest
from pytest_superteam.contracts.pacts import consumer_pacts
from pytest_superteam.models import (
    Architecture,
    Dependency,
    Entity,
    Event,
    Field,
    Operation,
    Requirement,
    Service,
    Source,
    StateMachine,
    Transition,
)

PRD = """\
# Bookshop

A shop for books.

## Rules for all

Every answer is JSON.

## Catalog

The catalog keeps books.

### Book

- title

### Notes on printing

Nobody reads these.

## Orders

Orders refer to books.

- POST /orders creates an order
- GET /orders/{id} reads it

## Glossary

An order is an order.
"""


def line(text: str) -> int:
    """Return the line of the document that begins with `text`."""
    return next(number for number, found in enumerate(PRD.split("\n"), 1) if found.startswith(text))


def _source(text: str) -> Source:
    return Source(line(text))


_ID = Field("id", "uuid", read_only=True)
_PLAIN = Architecture(
    title="Bookshop",
    prd_sha256="0" * 64,
    services=(
        Service("catalog", "Keeps books", issuer=True, source=_source("## Catalog")),
        Service("orders", "Takes orders", source=_source("## Orders")),
    ),
    entities=(
        Entity(
            "Book", "catalog", (_ID, Field("title", source=_source("- title"))), "books", source=_source("### Book")
        ),
        Entity(
            "Order",
            "orders",
            (
                _ID,
                Field("book_id", "reference", references="Book"),
                Field("status", "enum", enum=("open", "paid"), read_only=True),
            ),
            "orders",
            states=StateMachine("status", "open", ("open", "paid"), (Transition("open", "paid"),)),
        ),
    ),
    operations=(
        Operation("get_book", "catalog", "GET", "/books/{id}", "read", "Book", public=True),
        Operation(
            "create_order",
            "orders",
            "POST",
            "/orders",
            "create",
            "Order",
            roles=("customer",),
            success=201,
            publishes=("OrderPlaced",),
            source=_source("- POST /orders"),
        ),
        Operation("get_order", "orders", "GET", "/orders/{id}", "read", "Order", source=_source("- GET /orders")),
    ),
    events=(Event("OrderPlaced", "order.placed", "orders", ("catalog",), "Order"),),
    dependencies=(Dependency("orders", "catalog", "get_book", "Book", ("id", "title"), "to see that it is there"),),
    roles=("customer", "admin"),
    requirements=(
        Requirement("R1", "Orders can be made", line("- POST /orders"), operations=("orders:create_order",)),
    ),
    excluded=("Payments",),
)
SHOP = replace(_PLAIN, contracts=openapi.contracts(_PLAIN), asyncapi=asyncapi.document(_PLAIN))


def request(directory, service="orders", **more) -> BuildRequest:
    """Return the request for one of its services."""
    pacts = {provider: pact for (consumer, provider), pact in consumer_pacts(SHOP).items() if consumer == service}
    return BuildRequest(service, more.pop("architecture", SHOP), directory, pacts, **more)
