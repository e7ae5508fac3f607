"""Architectures written by hand: the bookstore of `pipelines/bookstore/PRD.md` and what the tests vary."""

from __future__ import annotations

from dataclasses import replace

from pytest_superteam.architect.contract import asyncapi, openapi
from pytest_superteam.models import (
    Architecture,
    Dependency,
    Entity,
    Event,
    Field,
    Operation,
    Parameter,
    Service,
    StateMachine,
    Transition,
)

STAMPS = (
    Field("created_at", "datetime", read_only=True),
    Field("updated_at", "datetime", read_only=True),
)
ID = Field("id", "uuid", read_only=True)
BOTH = ("customer", "admin")


def entity(name: str, service: str, *fields: Field, **more: object) -> Entity:
    """Return an entity with the fields that each one has."""
    plural = f"{name.lower()}s"
    return Entity(name, service, (ID, *fields, *STAMPS), plural=plural, **more)


def contracted(architecture: Architecture) -> Architecture:
    """Return the architecture with its contracts."""
    return replace(architecture, contracts=openapi.contracts(architecture), asyncapi=asyncapi.document(architecture))


ENTITIES = (
    entity(
        "User",
        "auth-service",
        Field("email", "email", unique=True),
        Field("password", "password", min_length=8, max_length=128),
        Field("name", "string", max_length=100),
        Field("role", "enum", enum=BOTH, default="customer"),
    ),
    entity(
        "Author",
        "catalog-service",
        Field("name", "string", max_length=200),
        Field("biography", "text", required=False, max_length=5000),
    ),
    entity(
        "Book",
        "catalog-service",
        Field("title", "string", max_length=300),
        Field("author_id", "reference", references="Author"),
        Field("isbn", "string", unique=True, max_length=17),
        Field("price", "money", minimum=0, maximum=10000),
        Field("stock", "integer", minimum=0, default=0),
        Field("genre", "enum", enum=("fiction", "science", "history", "children")),
        Field("published_on", "date", required=False),
    ),
    entity(
        "Order",
        "order-service",
        Field("customer_id", "reference", references="User", read_only=True),
        Field("book_id", "reference", references="Book"),
        Field("quantity", "integer", minimum=1, maximum=20),
        Field("note", "string", required=False, max_length=500),
        Field("status", "enum", enum=("pending", "paid", "shipped", "delivered", "cancelled"), default="pending"),
        owner_field="customer_id",
        states=StateMachine(
            "status",
            "pending",
            ("pending", "paid", "shipped", "delivered", "cancelled"),
            (
                Transition("pending", "paid", BOTH),
                Transition("pending", "cancelled", BOTH),
                Transition("paid", "shipped", ("admin",)),
                Transition("paid", "cancelled", ("admin",)),
                Transition("shipped", "delivered", ("admin",)),
            ),
        ),
    ),
    entity(
        "Notification",
        "notification-service",
        Field("order_id", "reference", references="Order"),
        Field("channel", "enum", enum=("email", "sms")),
        Field("subject", "string", max_length=200),
        Field("body", "text", required=False, max_length=2000),
    ),
)


def operation(service: str, line: str, kind: str, name: str, of: str | None, **more: object) -> Operation:
    """Return the operation of a line such as `GET /books`."""
    method, path = line.split()
    success = {"create": 201, "register": 201, "delete": 204, "receive_event": 202}.get(kind, 200)
    return Operation(name, service, method, path, kind, of, **{"success": success, "summary": f"{name}.", **more})


ADMIN = {"roles": ("admin",)}
PUBLIC = {"public": True}
OPERATIONS = (
    operation("auth-service", "POST /auth/register", "register", "register", "User", **PUBLIC),
    operation("auth-service", "POST /auth/login", "login", "login", "User", **PUBLIC),
    operation("auth-service", "GET /auth/me", "me", "get_me", "User"),
    operation("auth-service", "GET /users", "list", "list_users", "User", **ADMIN),
    operation("auth-service", "GET /users/{id}", "read", "get_user", "User", **ADMIN),
    operation("catalog-service", "GET /authors", "list", "list_authors", "Author", **PUBLIC),
    operation("catalog-service", "POST /authors", "create", "create_author", "Author", **ADMIN),
    operation("catalog-service", "GET /authors/{id}", "read", "get_author", "Author", **PUBLIC),
    operation(
        "catalog-service",
        "GET /books",
        "list",
        "list_books",
        "Book",
        parameters=(
            Parameter("genre", "enum", enum=("fiction", "science", "history", "children")),
            Parameter("author_id", "uuid"),
        ),
        **PUBLIC,
    ),
    operation("catalog-service", "POST /books", "create", "create_book", "Book", **ADMIN),
    operation("catalog-service", "GET /books/{id}", "read", "get_book", "Book", **PUBLIC),
    operation("catalog-service", "PATCH /books/{id}", "update", "update_book", "Book", **ADMIN),
    operation("catalog-service", "DELETE /books/{id}", "delete", "delete_book", "Book", **ADMIN),
    operation("catalog-service", "POST /events", "receive_event", "receive_event", None, roles=("service",)),
    operation(
        "order-service", "POST /orders", "create", "create_order", "Order", roles=BOTH, publishes=("OrderPlaced",)
    ),
    operation(
        "order-service",
        "GET /orders",
        "list",
        "list_orders",
        "Order",
        roles=BOTH,
        parameters=(Parameter("status", "enum", enum=("pending", "paid", "shipped", "delivered", "cancelled")),),
    ),
    operation("order-service", "GET /orders/{id}", "read", "get_order", "Order", roles=BOTH),
    operation(
        "order-service",
        "POST /orders/{id}/pay",
        "transition",
        "pay_order",
        "Order",
        roles=BOTH,
        target_state="paid",
        publishes=("OrderPaid",),
    ),
    operation(
        "order-service",
        "POST /orders/{id}/ship",
        "transition",
        "ship_order",
        "Order",
        target_state="shipped",
        publishes=("OrderShipped",),
        **ADMIN,
    ),
    operation(
        "order-service",
        "POST /orders/{id}/deliver",
        "transition",
        "deliver_order",
        "Order",
        target_state="delivered",
        **ADMIN,
    ),
    operation(
        "order-service",
        "POST /orders/{id}/cancel",
        "transition",
        "cancel_order",
        "Order",
        roles=BOTH,
        target_state="cancelled",
        publishes=("OrderCancelled",),
    ),
    operation("notification-service", "GET /notifications", "list", "list_notifications", "Notification", **ADMIN),
    operation("notification-service", "POST /notifications", "create", "create_notification", "Notification", **ADMIN),
    operation("notification-service", "GET /notifications/{id}", "read", "get_notification", "Notification", **ADMIN),
    operation("notification-service", "POST /events", "receive_event", "receive_event", None, roles=("service",)),
)
TOLD = ("notification-service",)

BOOKSTORE = contracted(
    Architecture(
        title="Bookstore",
        prd_sha256="0" * 64,
        services=(
            Service("auth-service", "Registers customers and issues the tokens", issuer=True),
            Service("catalog-service", "Keeps authors and books"),
            Service("order-service", "Takes orders and moves them through their states"),
            Service("notification-service", "Writes a notification for each thing that happens to an order"),
        ),
        entities=ENTITIES,
        operations=OPERATIONS,
        events=(
            Event("OrderPlaced", "order.placed", "order-service", TOLD, "Order"),
            Event("OrderPaid", "order.paid", "order-service", TOLD, "Order"),
            Event("OrderShipped", "order.shipped", "order-service", (*TOLD, "catalog-service"), "Order"),
            Event("OrderCancelled", "order.cancelled", "order-service", TOLD, "Order"),
        ),
        dependencies=(
            Dependency("order-service", "catalog-service", "get_book", "Book", ("id",)),
            Dependency("notification-service", "order-service", "get_order", "Order", ("id",)),
        ),
        roles=BOTH,
    )
)
