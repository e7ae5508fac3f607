"""The tree of what the architect understood."""

from __future__ import annotations

import unicodedata
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_superteam.models import (
    Architecture,
    Component,
    Contradiction,
    Dependency,
    Entity,
    Event,
    Field,
    Ignored,
    Operation,
    Requirement,
    Service,
    Socket,
    Source,
    StateMachine,
    Transition,
)
from pytest_superteam.reports.tree import brief, tree

SHOP = Architecture(
    title="Shop",
    prd_sha256="0",
    services=(
        Service("auth-service", "Signs users in", issuer=True, source=Source(3)),
        Service("shop-service", source=Source(4, "derived")),
    ),
    entities=(
        Entity(
            "Item",
            "shop-service",
            (
                Field("id", "uuid", read_only=True),
                Field("name", max_length=50, source=Source(9)),
                Field("price", "money", minimum=0, maximum=10, source=Source(10)),
                Field("state", "enum", enum=("new", "sold"), default="new", source=Source(11)),
                Field("owner_id", "reference", required=False, references="User", source=Source(8, "derived")),
                Field("created_at", "datetime", read_only=True, source=Source(8, "derived")),
            ),
            owner_field="owner_id",
            states=StateMachine("state", "new", ("new", "sold"), (Transition("new", "sold"),), Source(12)),
            source=Source(8),
            reason="its endpoints are there",
        ),
    ),
    operations=(
        Operation("list_items", "shop-service", "GET", "/items", "list", "Item", public=True, source=Source(20)),
        Operation(
            "create_item",
            "shop-service",
            "POST",
            "/items",
            "create",
            "Item",
            roles=("seller",),
            publishes=("ItemAdded",),
            source=Source(8, "derived"),
        ),
        Operation("me", "auth-service", "GET", "/me", "me", source=Source(21)),
    ),
    events=(Event("ItemAdded", "item.added", "shop-service", ("auth-service",), source=Source(30)),),
    dependencies=(Dependency("shop-service", "auth-service", "me", reason="Item.owner_id"),),
    roles=("seller", "buyer"),
    requirements=(
        Requirement("REQ-1", "List items", 40, operations=("shop-service:list_items",)),
        Requirement("REQ-2", "Be fast", 41, done=True),
    ),
    excluded=("Payments",),
    questions=("Who may sell?",),
    contradictions=(Contradiction("14 endpoints are announced, 3 are listed", (2, 20)),),
    components=(Component("Redis", "infrastructure", 50, "named as a cache"), Component("Reports", "module", 51)),
    sockets=(Socket("/ws/items", 60, "shop-service", summary="Live items"), Socket("/stream", 61, protocol="sse")),
    ignored=(Ignored("GET /healthz", 70, "every service has it"),),
)


def test_the_whole_tree():
    """Each thing is in its place, with what it rests on."""
    assert tree(SHOP, secrets=(80,), notes=("edited by hand: x",), everything=True, ascii_only=True) == [
        "Shop: 2 services, 1 entity, 3 operations (1 derived), 1 event, 2 sockets",
        "|-- edited by hand: x",
        "|-- services (2)",
        "|   |-- auth-service (line 3): Signs users in",
        "|   |   |-- why: the text names it; it signs users in",
        "|   |   |-- operations (1)",
        "|   |   |   `-- GET /me  me, signed in (line 21)",
        "|   |   `-- takes: ItemAdded",
        "|   `-- shop-service (derived, line 4)",
        "|       |-- why: concluded",
        "|       |-- entities (1)",
        "|       |   `-- Item (line 8); a row belongs to its owner_id; here because its endpoints are there",
        "|       |       |-- name: string, at most 50 characters (line 9)",
        "|       |       |-- price: money, 0 to 10 (line 10)",
        "|       |       |-- state: enum, new | sold, default new (line 11)",
        "|       |       |-- owner_id: reference of User, optional (derived, line 8)",
        "|       |       |-- added: id, created_at",
        "|       |       `-- states of state (line 12), first new: new -> sold",
        "|       |-- operations (2)",
        "|       |   |-- GET /items  list_items, public (line 20)",
        "|       |   `-- POST /items  create_item, for seller, publishes ItemAdded (derived, line 8)",
        "|       |-- sockets (1)",
        "|       |   `-- /ws/items (websocket, line 60): Live items",
        "|       |-- publishes: ItemAdded",
        "|       `-- calls (1)",
        "|           `-- auth-service me (Item.owner_id)",
        "|-- events (1)",
        "|   `-- ItemAdded: shop-service -> auth-service (line 30)",
        "|-- sockets without a service (1)",
        "|   `-- /stream (sse, line 61)",
        "|-- roles (2): seller, buyer",
        "|-- not services of their own (2)",
        "|   |-- Redis (infrastructure, line 50): named as a cache",
        "|   `-- Reports (module of a service, line 51)",
        "|-- inferred, since the text does not say it (3)",
        "|   |-- services: shop-service",
        "|   |-- fields: Item.owner_id",
        "|   `-- operations: 1 of shop-service",
        "|-- excluded by the text (1)",
        "|   `-- Payments",
        "|-- ignored (1)",
        "|   `-- GET /healthz (line 70): every service has it",
        "|-- contradictions (1)",
        "|   `-- 14 endpoints are announced, 3 are listed (line 2, line 20)",
        "|-- secrets in the PRD (1), masked in all that is made of it; take them out: line 80",
        "|-- questions for the author (1)",
        "|   `-- Who may sell?",
        "`-- requirements (2): 1 linked to operations, 1 not, 1 marked as done",
        "    `-- not linked (1)",
        "        `-- REQ-2 (line 41): Be fast",
    ]


def test_a_single_service_says_why():
    """One backend that the text does not name is explained."""
    alone = replace(SHOP, services=(Service("shop-service", source=Source(1, "derived")),))
    assert "│   └── shop-service (derived, line 1)" in "\n".join(tree(alone))
    assert any("the text does not split it into services" in line for line in tree(alone))


def test_fields_share_lines():
    """Fields stand side by side, the derived ones marked, and a hint says how to see more."""
    lines = tree(SHOP)
    assert "├── services (2); with -v each field and its line" in lines
    start = next(n for n, line in enumerate(lines) if "Item (line 8)" in line)
    assert [line.lstrip("│ ├└─") for line in lines[start + 1 : start + 4]] == [
        "name: string, at most 50 characters; price: money, 0 to 10; state: enum, new | sold, default new",
        "owner_id: reference of User, optional (derived)",
        "added: id, created_at",
    ]


def test_operations_that_were_derived_together_share_a_line():
    """What follows from one entity is one line; what the text names, or publishes, or others may call, is its own."""
    derived = Source(8, "derived")
    kinds = [("GET", "/items", "list"), ("POST", "/items", "create"), ("GET", "/items/{id}", "read")]
    made = [Operation(f"{k}_item", "shop-service", m, p, k, "Item", source=derived) for m, p, k in kinds]
    named = Operation("sell", "shop-service", "POST", "/items/{id}/sell", "action", "Item", source=Source(9))
    staff = Operation("purge", "shop-service", "DELETE", "/items", "action", "Item", roles=("staff",), source=derived)
    system = replace(SHOP, operations=(*made, named, staff))
    shown, whole = "\n".join(tree(system)), "\n".join(tree(system, everything=True))
    assert "GET, POST /items; GET /items/{id}  for Item, signed in (derived, line 8)" in shown
    assert "POST /items/{id}/sell  sell, signed in (line 9)" in shown
    assert "DELETE /items  purge, for staff (derived, line 8)" in shown
    assert "POST /items  create_item, signed in (derived, line 8)" in whole
    assert "operations (5)" in shown


def test_places_and_lines_are_named_by_the_caller():
    """Where a PRD is several files, each line is called by file and line, in the architect's own texts too."""
    said = {
        "questions": ("Which fields has Item (line 8)?", "Is a line 7 cm long?"),
        "contradictions": (Contradiction("Item (line 8) is called Thing elsewhere (line 9)", (8, 9)),),
    }
    shown = tree(replace(SHOP, **said), place="b.md:{}".format, ascii_only=True)
    text = "\n".join(shown)
    assert "GET /items  list_items, public (b.md:20)" in text
    assert "Which fields has Item (b.md:8)?" in text
    assert "Is a line 7 cm long?" in text
    assert "|   `-- Item (b.md:8) is called Thing elsewhere (b.md:9)" in shown


def test_an_id_that_was_made_of_the_line_is_not_said_twice():
    """A requirement without an id of its own is called by its line."""
    made = replace(SHOP, requirements=(Requirement("line-41", "Be fast", 41),))
    assert "        `-- line 41: Be fast" in tree(made, ascii_only=True)


def test_many_names_are_counted():
    """What was inferred is a line, however much it is."""
    many = tuple(Entity(f"Entity{n}", "shop-service", (), source=Source(n, "derived")) for n in range(1, 200))
    [line] = [line for line in tree(replace(SHOP, entities=many)) if "── entities: " in line]
    assert len(line) < 300
    assert line.endswith(" more")


def test_long_lists_are_cut_unless_everything_is_asked_for():
    """Long lists say how much is left out; services, entities and operations are never cut."""
    long = replace(SHOP, questions=tuple(f"What of {n}?" for n in range(100)), operations=SHOP.operations * 100)
    cut, whole = tree(long), tree(long, everything=True)
    assert any("... and 60 more (listed with -v)" in line for line in cut)
    assert sum("What of" in line for line in cut) == 40
    assert sum("What of" in line for line in whole) == 100
    assert sum("GET /items" in line for line in cut) == 100


def test_brief():
    """The short form has the counts and what the text leaves open."""
    assert brief(SHOP, secrets=(80,), notes=("edited",)) == [
        "Shop: 2 services, 1 entity, 3 operations (1 derived), 1 event, 2 sockets",
        "the PRD leaves 1 question, 1 contradiction, 1 ignored piece",
        "the PRD holds 1 secret; take them out",
        "edited",
    ]


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a\x1b[31mred\x1b[0m", "ared"),
        ("two\nlines\r\n", "two lines"),
        ("bell\x07", "bell"),
        ("right\u202eto left", "rightto left"),
        ("\x1b]0;title\x07gone", "gone"),
        ("password=hunter2hunter2", "password=hunt****"),
    ],
)
def test_texts_of_the_prd_are_harmless(text, shown):
    """Escapes, line ends and what hides text are taken out, secrets masked."""
    hostile = replace(SHOP, questions=(text,), title=text)
    assert tree(hostile)[0].startswith(f"{shown}: ")
    assert f"│   └── {shown}" in tree(hostile)


@given(st.text(max_size=60), st.booleans())
def test_any_text_is_shown_on_its_own_line(text, ascii_only):
    """Whatever the PRD holds, a line of the tree is one line that steers no terminal."""
    about = {"title": text, "questions": (text,), "roles": (text,), "excluded": (text,)}
    hostile = replace(
        SHOP, **about, ignored=(Ignored(text, 1, text),), components=(Component(text, "external", 1, text),)
    )
    for line in tree(hostile, ascii_only=ascii_only):
        assert not [c for c in line if unicodedata.category(c) in {"Cc", "Cf", "Cs", "Zl", "Zp"}]
        assert line.isascii() or not ascii_only
