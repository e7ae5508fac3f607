"""The bookstore, fact by fact: what its document says is what is designed."""

from pytest_superteam.models import Dependency

OPERATIONS = """
auth-service register POST /auth/register register User public 201
auth-service login POST /auth/login login User public 200
auth-service me GET /auth/me me User - 200
auth-service list_users GET /users list User admin 200
auth-service read_user GET /users/{id} read User admin 200
catalog-service list_authors GET /authors list Author public 200
catalog-service create_author POST /authors create Author admin 201
catalog-service read_author GET /authors/{id} read Author public 200
catalog-service list_books GET /books list Book public 200
catalog-service create_book POST /books create Book admin 201
catalog-service read_book GET /books/{id} read Book public 200
catalog-service update_book PATCH /books/{id} update Book admin 200
catalog-service delete_book DELETE /books/{id} delete Book admin 204
catalog-service receive_event POST /events receive_event None service 202
order-service create_order POST /orders create Order customer,admin 201
order-service list_orders GET /orders list Order customer,admin 200
order-service read_order GET /orders/{id} read Order customer,admin 200
order-service pay_order POST /orders/{id}/pay transition Order customer,admin 200
order-service ship_order POST /orders/{id}/ship transition Order admin 200
order-service deliver_order POST /orders/{id}/deliver transition Order admin 200
order-service cancel_order POST /orders/{id}/cancel transition Order customer,admin 200
notification-service list_notifications GET /notifications list Notification admin 200
notification-service create_notification POST /notifications create Notification admin 201
notification-service read_notification GET /notifications/{id} read Notification admin 200
notification-service receive_event POST /events receive_event None service 202
"""


def test_services_and_entities(bookstore):
    """Four services in the order of the text, five entities where the text puts them, one issuer."""
    assert [s.name for s in bookstore.services] == [
        "auth-service",
        "catalog-service",
        "order-service",
        "notification-service",
    ]
    assert [s.name for s in bookstore.services if s.issuer] == ["auth-service"]
    assert [(e.name, e.service, e.plural) for e in bookstore.entities] == [
        ("User", "auth-service", "users"),
        ("Author", "catalog-service", "authors"),
        ("Book", "catalog-service", "books"),
        ("Order", "order-service", "orders"),
        ("Notification", "notification-service", "notifications"),
    ]
    assert bookstore.roles == ("customer", "admin")


def test_operations(bookstore):
    """Every endpoint with its kind, entity, access and status, and a receiver for each consumer of events."""
    lines = [
        f"{o.service} {o.id} {o.method} {o.path} {o.kind} {o.entity} "
        f"{'public' if o.public else ','.join(o.roles) or '-'} {o.success}"
        for o in bookstore.operations
    ]
    assert lines == OPERATIONS.strip().splitlines()


def test_fields(bookstore):
    """Types, bounds, defaults and references are those of the tables."""
    book = bookstore.entity_named("Book")
    assert [f.name for f in book.fields] == (
        ["id", "title", "author_id", "isbn", "price", "stock", "genre", "published_on", "created_at", "updated_at"]
    )
    assert [f.name for f in book.fields if f.read_only] == ["id", "created_at", "updated_at"]
    price, stock, isbn = (book.field_named(n) for n in ("price", "stock", "isbn"))
    assert (price.type, price.minimum, price.maximum) == ("money", 0, 10000)
    assert (stock.type, stock.minimum, stock.default) == ("integer", 0, 0)
    assert (isbn.unique, isbn.max_length) == (True, 17)
    assert book.field_named("genre").enum == ("fiction", "science", "history", "children")
    assert not book.field_named("published_on").required
    author = book.field_named("author_id")
    assert (author.type, author.references) == ("reference", "Author")
    password = bookstore.entity_named("User").field_named("password")
    assert (password.type, password.min_length, password.max_length) == ("password", 8, 128)
    role = bookstore.entity_named("User").field_named("role")
    assert (role.enum, role.default) == (("customer", "admin"), "customer")


def test_states_and_owner(bookstore):
    """Orders belong to the customer of the token and move as the table says."""
    order = bookstore.entity_named("Order")
    assert order.owner_field == "customer_id"
    assert order.field_named("customer_id").read_only
    assert order.states.initial == "pending"
    assert [(t.source, t.target, t.roles) for t in order.states.transitions] == [
        ("pending", "paid", ("customer", "admin")),
        ("pending", "cancelled", ("customer", "admin")),
        ("paid", "shipped", ("admin",)),
        ("paid", "cancelled", ("admin",)),
        ("shipped", "delivered", ("admin",)),
    ]
    assert {o.id: o.target_state for o in bookstore.operations if o.target_state} == {
        "pay_order": "paid",
        "ship_order": "shipped",
        "deliver_order": "delivered",
        "cancel_order": "cancelled",
    }


def test_events_and_dependencies(bookstore):
    """Events go out where their fact happens; references to other services become calls, those to the User do not."""
    assert {o.id: o.publishes for o in bookstore.operations if o.publishes} == {
        "create_order": ("OrderPlaced",),
        "pay_order": ("OrderPaid",),
        "ship_order": ("OrderShipped",),
        "cancel_order": ("OrderCancelled",),
    }
    assert [(e.channel, e.publisher, e.consumers) for e in bookstore.events] == [
        ("order.placed", "order-service", ("notification-service",)),
        ("order.paid", "order-service", ("notification-service",)),
        ("order.shipped", "order-service", ("notification-service", "catalog-service")),
        ("order.cancelled", "order-service", ("notification-service",)),
    ]
    assert bookstore.dependencies == (
        Dependency("order-service", "catalog-service", "read_book", "Book", reason="Order.book_id references Book"),
        Dependency(
            "notification-service",
            "order-service",
            "read_order",
            "Order",
            reason="Notification.order_id references Order",
        ),
    )


def test_filters(bookstore):
    """Lists have the filters that their descriptions name, typed like the fields."""
    filters = {o.id: [(p.name, p.type) for p in o.parameters] for o in bookstore.operations if o.parameters}
    assert filters == {
        "list_books": [("genre", "enum"), ("author_id", "reference")],
        "list_orders": [("status", "enum")],
    }


def test_requirements_plan_and_limits(bookstore):
    """Nine requirements with the operations that carry them, two milestones, three exclusions, nothing left open."""
    carried = {r.id: {o.split(":")[1] for o in r.operations} for r in bookstore.requirements}
    assert carried == {
        "REQ-001": {"register"},
        "REQ-002": {"login"},
        "REQ-003": {"list_authors", "read_author", "list_books", "read_book"},
        "REQ-004": {"create_book", "update_book", "delete_book"},
        "REQ-005": {"create_order"},
        "REQ-006": {"list_orders", "read_order"},
        "REQ-007": {"pay_order", "ship_order", "deliver_order", "cancel_order"},
        "REQ-008": {"create_order", "pay_order", "ship_order", "cancel_order", "receive_event"},
        "REQ-009": {"list_notifications", "read_notification"},
    }
    assert [(m.id, m.title, m.status, m.dependencies) for m in bookstore.milestones] == [
        ("milestone-1", "Accounts and catalogue", "PENDING", ()),
        ("milestone-2", "Orders and notifications", "PENDING", ("milestone-1",)),
    ]
    assert bookstore.excluded == (
        "Payments with a real payment provider",
        "Reviews and ratings",
        "A web front end",
    )
    assert bookstore.questions == ()
    assert bookstore.contradictions == ()


def test_facts_know_their_lines(bookstore):
    """What the text says carries its line, what follows from it is marked as derived."""
    sources = {o.id: o.source.kind for o in bookstore.operations}
    assert sources.pop("receive_event") == "derived"
    assert set(sources.values()) == {"explicit"}
    assert bookstore.entity_named("Book").source.line == 40
    assert bookstore.entity_named("Book").field_named("price").source.line == 48
