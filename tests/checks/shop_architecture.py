"""Two services that need each other: a shop of books with accounts, and sales of them in orders with states."""

from dataclasses import replace
from functools import cache
from pathlib import Path

from pytest_superteam.architect.contract.openapi import contracts
from pytest_superteam.checks.base import RunningSystem
from pytest_superteam.config import Config
from pytest_superteam.models import (
    Architecture,
    Dependency,
    Deployment,
    Entity,
    Event,
    Field,
    Operation,
    Parameter,
    RunningService,
    Service,
    StateMachine,
    Transition,
)

SECRET = "a-secret-of-the-tests-that-is-long-enough"
STAMPS = (Field("created_at", "datetime", read_only=True), Field("updated_at", "datetime", read_only=True))
ID = Field("id", "uuid", read_only=True)

USER = Entity(
    "User",
    "shop",
    (ID, Field("email", "email", unique=True), Field("password", "password", min_length=8), Field("name"), *STAMPS),
    plural="users",
)
AUTHOR = Entity("Author", "shop", (ID, Field("name"), *STAMPS), plural="authors")
BOOK = Entity(
    "Book",
    "shop",
    (
        ID,
        Field("title"),
        Field("author_id", "reference", references="Author"),
        Field("isbn", unique=True, max_length=20),
        Field("price", "money", minimum=0, maximum=100),
        Field("pages", "integer", minimum=1, maximum=999),
        Field("in_print", "boolean"),
        Field("genre", "enum", enum=("novel", "poetry")),
        Field("blurb", "text", required=False),
        *STAMPS,
    ),
    plural="books",
)
NOTE = Entity(
    "Notification",
    "shop",
    (ID, Field("order_id", "reference", references="Order"), Field("subject"), *STAMPS),
    plural="notifications",
)
STATES = StateMachine(
    "status",
    "open",
    ("open", "paid", "sent", "cancelled"),
    (
        Transition("open", "paid", ("reader", "admin")),
        Transition("open", "cancelled", ("reader", "admin")),
        Transition("paid", "sent", ("admin",)),
        Transition("paid", "cancelled", ("admin",)),
    ),
)
ORDER = Entity(
    "Order",
    "sales",
    (
        ID,
        Field("reader_id", "reference", references="User", read_only=True),
        Field("book_id", "reference", references="Book"),
        Field("quantity", "integer", minimum=1, maximum=9),
        Field("status", "enum", enum=STATES.states),
        *STAMPS,
    ),
    plural="orders",
    owner_field="reader_id",
    states=STATES,
)
ADMIN, BOTH = ("admin",), ("reader", "admin")


def _crud(entity, roles, *kinds, filters=()):
    noun, path = entity.name.lower(), f"/{entity.plural}"
    made = {
        "create": ("POST", path, f"create_{noun}"),
        "list": ("GET", path, f"list_{entity.plural}"),
        "read": ("GET", f"{path}/{{id}}", f"read_{noun}"),
        "update": ("PATCH", f"{path}/{{id}}", f"update_{noun}"),
        "delete": ("DELETE", f"{path}/{{id}}", f"delete_{noun}"),
    }
    for kind in kinds:
        method, where, name = made[kind]
        more = tuple(Parameter(n, t) for n, t in filters) if kind == "list" else ()
        status = {"create": 201, "delete": 204}.get(kind, 200)
        yield Operation(
            name, entity.service, method, where, kind, entity.name, roles=roles, success=status, parameters=more
        )


def _move(name, target, roles, *events):
    return Operation(
        f"{name}_order",
        "sales",
        "POST",
        f"/orders/{{id}}/{name}",
        "transition",
        "Order",
        roles=roles,
        target_state=target,
        publishes=events,
    )


OPERATIONS = (
    Operation("register", "shop", "POST", "/register", "register", "User", public=True, success=201),
    Operation("login", "shop", "POST", "/login", "login", "User", public=True),
    Operation("me", "shop", "GET", "/me", "me", "User"),
    Operation("update_me", "shop", "PATCH", "/me", "update_me", "User"),
    Operation("logout", "shop", "POST", "/logout", "logout", "User", success=204),
    *_crud(USER, ADMIN, "list", "read"),
    *_crud(AUTHOR, ADMIN, "create", "read"),
    *_crud(
        BOOK,
        ADMIN,
        "create",
        "list",
        "read",
        "update",
        "delete",
        filters=(("genre", "enum"), ("author_id", "reference"), ("in_print", "boolean")),
    ),
    *_crud(NOTE, ADMIN, "list"),
    Operation("receive_event", "shop", "POST", "/events", "receive_event", roles=("service",)),
    replace(*_crud(ORDER, BOTH, "create"), publishes=("OrderPlaced",)),
    *_crud(ORDER, BOTH, "list", "read", filters=(("status", "enum"),)),
    _move("pay", "paid", BOTH, "OrderPaid"),
    _move("send", "sent", ADMIN),
    _move("cancel", "cancelled", BOTH),
)


@cache
def architecture():
    """Return the system's architecture with its contracts."""
    return changed_architecture()


def changed_architecture(**changes):
    """Return the system's architecture with its contracts, where `changes` replace parts of it."""
    parts = {
        "title": "Shop",
        "prd_sha256": "0" * 64,
        "services": (Service("shop", issuer=True), Service("sales")),
        "entities": (USER, AUTHOR, BOOK, NOTE, ORDER),
        "operations": OPERATIONS,
        "events": tuple(
            Event(name, f"order.{name[5:].lower()}", "sales", ("shop",), "Order")
            for name in ("OrderPlaced", "OrderPaid")
        ),
        "dependencies": (
            Dependency("sales", "shop", "read_book", "Book", ("id", "price")),
            Dependency("shop", "sales", "read_order", "Order", ("id",)),
        ),
        "roles": BOTH,
        **changes,
    }
    plain = Architecture(**parts)
    return plain if "contracts" in changes else Architecture(**parts, contracts=contracts(plain))


def system_at(url, design=None, **changes):
    """Return the running system whose services answer below `url`."""
    design = design or architecture()
    running = tuple(RunningService(s.name, f"{url}/{s.name}", log=None) for s in design.services)
    memory = {}

    def once(name, work):
        return memory[name] if name in memory else memory.setdefault(name, work())

    deployment = Deployment("process", "run", running, jwt_secret=SECRET)
    return RunningSystem(design, Config(), deployment, project=Path(__file__).parent, once=once, **changes)
