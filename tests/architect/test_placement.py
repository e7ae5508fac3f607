"""Where entities live, and why."""

from pytest_superteam.architect.decomposition.placement import allocate, contexts
from pytest_superteam.architect.facts import EntityFact, FieldFact, RelationFact, ServiceFact
from pytest_superteam.models import Field


def entity(name, *references, service=None):
    """Return an entity that refers to others."""
    fields = tuple(FieldFact(Field(f"{r.lower()}_id", "reference", references=r)) for r in references)
    return EntityFact(name, 1, fields, service)


def test_evidence_decides_in_its_order():
    """What the text says wins, then endpoints, names, descriptions, the text below, and what it belongs to."""
    services = (
        ServiceFact("auth-service", 1, "signs users in"),
        ServiceFact("catalog-service", 2, "keeps books", about="Key entities: Book, Author, Shelf"),
        ServiceFact("order-service", 3, "takes orders and refunds"),
    )
    facts = [
        entity("User"),
        entity("Audit", service="catalog-service"),
        entity("Author"),
        entity("Book", "Author"),
        entity("OrderItem", "Book"),
        entity("Refund"),
        entity("Review", "Book", "User"),
        entity("Planet"),
    ]
    homes = allocate(facts, services, (), "auth-service")
    assert {name: tuple(home) for name, home in homes.items()} == {
        "User": ("auth-service", "signs users in"),
        "Audit": ("catalog-service", "the text says so"),
        "Author": ("catalog-service", "the text under the service names it"),
        "Book": ("catalog-service", "the description of the service names it"),
        "OrderItem": ("order-service", "the service has its name"),
        "Refund": ("order-service", "the description of the service names it"),
        "Review": ("catalog-service", "belongs with Book"),
        "Planet": ("catalog-service", "nothing in the text speaks for another service"),
    }


def test_relations_place_what_has_no_fields():
    """A tie that the text draws is enough to know where an entity belongs."""
    services = (ServiceFact("shop-service", 1), ServiceFact("trip-service", 2))
    homes = allocate([entity("Trip"), entity("Stop")], services, (), None, [RelationFact("Trip", "Stop", 5)])
    assert homes["Stop"] == ("trip-service", "belongs with Trip")


def test_the_only_service_keeps_everything():
    """One service needs no reasons."""
    homes = allocate([entity("Trip")], [ServiceFact("ferry", 1)], (), None)
    assert homes == {"Trip": ("ferry", "the only service")}


def test_contexts_need_a_large_model_in_groups():
    """Ten entities in three groups are taken apart; few entities, or one that all hang together, are not."""
    large = [
        entity("Order"), entity("OrderItem", "Order"), entity("Refund", "Order"),
        entity("Course"), entity("Lesson", "Course"), entity("Quiz", "Lesson"),
        entity("Ticket"), entity("Reply", "Ticket"), entity("Label", "Ticket"), entity("User"),
    ]  # fmt: skip
    services, homes = contexts(large, (), 9)
    assert {s.name for s in services} == {"order-service", "lesson-service", "ticket-service", "user-service"}
    assert all(s.line == 9 and not s.explicit for s in services)
    assert homes["Refund"] == ("order-service", "belongs with Order")
    assert contexts(large[:6], (), 9) == ((), {})
    chain = [entity("A0"), *(entity(f"A{n}", f"A{n - 1}") for n in range(1, 12))]
    assert contexts(chain, (), 9) == ((), {})


def test_the_design_says_why(architect):
    """Each entity of the design carries the reason of its place."""
    result = architect(
        """\
        # Shop

        | Service | Does |
        |---|---|
        | book-service | books |
        | loan-service | loans |

        ## Data model

        - **Book**: id, title
        - **Loan**: id, book_id (FK), due_date
        """
    )
    assert {e.name: e.reason for e in result.entities} == {
        "Book": "the service has its name",
        "Loan": "the service has its name",
    }
