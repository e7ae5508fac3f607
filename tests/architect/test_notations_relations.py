# ruff: noqa: E501, RUF001 - tables of fragments
"""Ties between entities: signs and words in several languages, and the fields that follow from them."""

import pytest

from pytest_superteam.architect.document.sections import read_document
from pytest_superteam.architect.model.relations import read_relations

ONE_TO_MANY = """User 1──* Order
User 1───N Order
Order N───1 User
User (1) ── (N) Order
User "1" -- "0..*" Order
users ||--o{ orders
User 1:N Order
User --< Order
User → Order (1:N)
User and Order: one-to-many
Order – User: N:1
A user has many orders
Each User can have multiple Orders.
An order belongs to one user.
`User` hasMany `Order`
There is a one-to-many relationship between User and Order
Un User tiene muchos Orders
Un User a plusieurs Orders
Um User possui vários Orders
Ein User hat mehrere Orders
User 一对多 Order
User 1対多 Order
User 일대다 Order
Order 属于 User""".splitlines()


@pytest.mark.parametrize("text", ONE_TO_MANY)
def test_one_to_many(text):
    """Signs and sentences say that one thing has many of another."""
    ties = read_relations(read_document(f"# T\n\n## Data model\n\n- {text}\n"))
    assert [(t.parent, t.child, t.cardinality, t.line) for t in ties] == [("User", "Order", "one-to-many", 5)]


@pytest.mark.parametrize(
    ("text", "cardinality"),
    [
        ("Student N──M Course", "many-to-many"),
        ("Student ↔ Course: many-to-many", "many-to-many"),
        ("Student (N:M) Course", "many-to-many"),
        ("Student 1──1 Course", "one-to-one"),
        ("A student has exactly one course.", "one-to-one"),
        ("Student ||--|| Course", "one-to-one"),
    ],
)
def test_other_cardinalities(text, cardinality):
    """One of one and many of many are told apart from one of many."""
    ties = read_relations(read_document(f"# T\n\n## Data model\n\n- {text}\n"))
    assert [(t.parent, t.child, t.cardinality) for t in ties] == [("Student", "Course", cardinality)]


@pytest.mark.parametrize(
    "text",
    [
        "It has many advantages",
        "The page has 1-5 items",
        "1. First - second",
        "a → b",
        "10:30 to 11:00",
    ],
)
def test_no_ties(text):
    """Words that only sound like a tie are none."""
    assert read_relations(read_document(f"# T\n\n## Data model\n\n- {text}\n")) == ()


def test_ties_in_a_table():
    """A row of two names and a ratio is a tie."""
    text = "# T\n\n## Relationships\n\n### Data model\n\n| From | To | Kind |\n|---|---|---|\n| Shop | Jar | 1:N |\n"
    assert [(t.parent, t.child) for t in read_relations(read_document(text))] == [("Shop", "Jar")]


def test_only_data_sections_tie():
    """A feature that speaks of many things ties no entities; a picture does wherever it stands."""
    assert read_relations(read_document("# T\n\n## Features\n\n- A user has many orders\n")) == ()
    text = "# T\n\n## Features\n\n```mermaid\nerDiagram\nUSER ||--o{ ORDER : has\n```\n"
    assert [(t.parent, t.child) for t in read_relations(read_document(text))] == [("User", "Order")]


TEXT = "# Jars\n\n## Data model\n\n### Jar\n\n- id: uuid\n- label: string\n\n### Lid\n\n- id: uuid\n- colour: string{more}\n\n### Relationships\n\n- {tie}\n"


def test_a_tie_gives_the_child_a_reference(architect):
    """A child without a field for its parent gets one."""
    lid = architect(TEXT.format(more="", tie="A jar has many lids")).entity_named("Lid")
    field = lid.field_named("jar_id")
    assert (field.type, field.references, field.source.kind) == ("reference", "Jar", "derived")


def test_a_reference_is_not_doubled(architect):
    """A child that names its parent keeps the author's field."""
    lid = architect(TEXT.format(more="\n- owner_jar: uuid (FK -> Jar)", tie="A jar has many lids")).entity_named("Lid")
    assert [f.name for f in lid.fields if f.references == "Jar"] == ["owner_jar"]


def test_many_of_many_is_a_question(architect):
    """Two that have many of each other get no invented entity between them, but a question."""
    system = architect(TEXT.format(more="", tie="Jar N──M Lid"))
    assert {e.name for e in system.entities} == {"Jar", "Lid"}
    assert [q for q in system.questions if "Each has many of the other" in q]
