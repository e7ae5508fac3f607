# ruff: noqa: E501, RUF001 - samples stay on one line, with the characters that authors use
"""The notations of real documents, each with what is read from it, and near misses that are not read."""

import pytest

from pytest_superteam.architect.behaviour.states import state_of_verb
from pytest_superteam.architect.document.blocks import plain, read_blocks
from pytest_superteam.architect.document.kinds import kind_of
from pytest_superteam.architect.document.sections import read_document
from pytest_superteam.architect.model.fields import parse_field, parse_line
from pytest_superteam.architect.names import pascal, plural, singular, snake
from pytest_superteam.errors import PrdError


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("- `GET /books/:id` - read", ["GET /books/{id}"]),
        ("- [ ] **POST** `/books`", ["POST /books"]),
        ("#### DELETE /books/{id}", ["DELETE /books/{id}"]),
        ("#### `PATCH /api/books/<int:id>`", ["PATCH /api/books/{id}"]),
        ("```\nPOST   /auth/login    - sign in\nGET    /books\n```", ["POST /auth/login", "GET /books"]),
        ("```http\nGET /books?genre=x&limit=5 HTTP/1.1\n```", ["GET /books"]),
        ("    curl -X PUT https://shop.example/api/books/1 -d x", ["PUT /api/books/{id}"]),
        ("```python\n@app.get('/books/{id}')\n```", ["GET /books/{id}"]),
        ("GET/POST /books", ["GET /books", "POST /books"]),
        ("See `GET https://shop.example/v1/books`.", ["GET /v1/books"]),
        ("| Method | Path |\n|---|---|\n| GET | /books |\n| | |\n| POST | `/books` |", ["GET /books", "POST /books"]),
        ("| Endpoint | What |\n|---|---|\n| `GET /books/[id]` | read |", ["GET /books/{id}"]),
        ("| Path | Verb |\n|---|---|\n| /books | DELETE |", ["DELETE /books"]),
        (
            "### Books (/v1/books)\n\n- GET /\n- GET /{id}\n- POST /v1/books",
            ["GET /v1/books", "GET /v1/books/{id}", "POST /v1/books"],
        ),
        ("- GET /books\n- GET /api/books", ["GET /api/books"]),
        ("•\u00a0\u00a0 GET /a\n\n•\u00a0\u00a0 GET /b", ["GET /a", "GET /b"]),
        # near misses
        ("The page /books shows them. Get in touch. POST a letter.", []),
        ("- GET /health and GET /metrics", ["GET /health", "GET /metrics"]),
        ("- GET /files/*/x", []),
        ("BUDGET /year", []),
        ("## Out of scope\n\n- GET /reviews", []),
    ],
)
def test_endpoints(facts, text, found):
    """Every notation of an endpoint gives method and path, once."""
    assert [f"{e.method} {e.path}" for e in facts(text).endpoints] == found


@pytest.mark.parametrize(
    ("row", "public", "roles"),
    [
        ("| GET | /books | x | public |", True, ()),
        ("| GET | /books | x | Anyone |", True, ()),
        ("| GET | /books | x | No auth |", True, ()),
        ("| GET | /books | x | authenticated |", False, ()),
        ("| GET | /books | x | JWT |", False, ()),
        ("| GET | /books | x | Admin only |", False, ("admin",)),
        ("| GET | /books | x | clerks, admins |", False, ("clerk", "admin")),
        ("| GET | /books | for the admin page |  |", False, ()),
    ],
)
def test_access_columns(architect, row, public, roles):
    """The access column decides who may call; without a word, whoever is signed in."""
    text = f"# Shop\n\n## Roles\n\n- **clerk**: x\n- **admin**: y\n\n| Method | Path | What | Access |\n|---|---|---|---|\n{row}\n"
    operation = next(o for o in architect(text).operations if o.path == "/books")
    assert (operation.public, operation.roles) == (public, roles)


@pytest.mark.parametrize(
    ("text", "names"),
    [
        (
            "| Service | Does |\n|---|---|\n| User Service | x |\n| [`order-service`](./o.md) | y |",
            ["user-service", "order-service"],
        ),
        (
            "| Service | Does |\n|---|---|\n| orders | x |\n| Redis | cache |\n| API Gateway | y |\n| PostgreSQL database | z |",
            ["orders"],
        ),
        (
            "## Microservices\n\n### 3.1 Pricing Engine (Port 8000)\n\nx\n\n### 3.2 Claims Bridge (Port 8001)\n\ny",
            ["pricing-engine", "claims-bridge"],
        ),
        ("## Services\n\n- **auth-service**: x\n- **book-service**: y", ["auth-service", "book-service"]),
        (
            "# S\n\nA microservice system.\n\n#### Step 1: User Service\n\n- x\n\n#### Step 2: Order Service\n\n- y",
            ["user-service", "order-service"],
        ),
        ("```\nshop/\n├── user-service/\n├── order-service/\n└── api-gateway/\n```", ["user-service", "order-service"]),
        (
            "| Service | Does |\n|---|---|\n| Auth<br>Service | x |\n| Order Service | y |\n| ... | ... |\n| - | z |",
            ["auth-service", "order-service"],
        ),
        ("## Microservices\n\n### Overview\n\nx\n\n### Billing\n\nx\n\n### Orders\n\ny", ["billing", "orders"]),
        # bought, or no services at all
        ("## Services\n\n- GET /users - all users\n- POST /users - a new user\n- etc...", []),
        (
            "## Third-party services\n\n| Service | Purpose |\n|---|---|\n| Google Maps | maps |\n| Stripe | payments |",
            [],
        ),
        ("## Releases\n\nMicroservice world.\n\n### First (2024)\n\nx\n\n### Second (2025)\n\ny", []),
        # one backend: its modules are no services
        ("## Modules\n\n- Users\n- Orders\n- Payments", []),
        ("| Component | Technology |\n|---|---|\n| Backend | Laravel |", []),
        ("## Customer services\n\n- We answer the phone\n- We write letters", []),
        ("## Out of scope\n\n| Service | Does |\n|---|---|\n| review-service | x |", []),
    ],
)
def test_services(facts, text, names):
    """Deployables are read from tables, headings, bullets and folder trees; modules and infrastructure are none."""
    assert [s.name for s in facts(text).services] == names


@pytest.mark.parametrize(
    ("names", "said"),
    [
        (("../../etc", "b"), "'../../etc' (line 3) is no service name: it holds '..'"),
        (("a/b", "b"), "it holds a path separator"),
        (("a\\b", "b"), "it holds a path separator"),
        (("/etc", "b"), "it holds a path separator"),
        ((".hidden", "b"), "it begins with a dot"),
        (("***", "b"), "no Latin letter or digit is left"),
        (("auth-service", "Auth Service"), "two services are called 'auth-service' (lines 3 and 4)"),
    ],
)
def test_service_names_that_cant_be(architect, names, said):
    """A name that is no folder name, or that two services have, is one line with the lines of the text."""
    rows = "\n".join(f"| {n} | x |" for n in names)
    with pytest.raises(PrdError) as caught:
        architect(f"| Service | Does |\n|---|---|\n{rows}\n\n- GET /books\n")
    assert said in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (
            "## Data model\n\n### Book\n\n| Field | Type |\n|---|---|\n| id | uuid |\n| title | string |",
            {"Book": ["id", "title"]},
        ),
        (
            "### Table : order_items\n\n| | |\n|---|---|\n| **Champ** | **Type** |\n| **qty** | INT |\n| **note** | TEXT |",
            {"OrderItem": ["qty", "note"]},
        ),
        (
            "## Data Models\n\n#### User Account\n- ID (uuid)\n- Full Name (string)\n- Created At (time)",
            {"UserAccount": ["id", "full_name", "created_at"]},
        ),
        (
            "## Database\n\n**Book:**\n\n- `id`, `title`, `author_id` (FK)\n- `genre` (Fiction/Science)",
            {"Book": ["id", "title", "author_id", "genre"]},
        ),
        (
            "## Data model\n\n- **Book**: id, title, price\n- **Author**: id, name",
            {"Book": ["id", "title", "price"], "Author": ["id", "name"]},
        ),
        (
            "## Core tables\n\n1. **price_rules**: what things cost\n2. **tax_maps**: what is added",
            {"PriceRule": [], "TaxMap": []},
        ),
        ("## Data\n\nKey entities: Book, Author and Order.", {"Book": [], "Author": [], "Order": []}),
        (
            "## ER Model\n\n```\nBOOKS (\n  id PK,\n  title VARCHAR(80),\n  kind ENUM('a','b')\n)\n```",
            {"Book": ["id", "title", "kind"]},
        ),
        (
            "```sql\nCREATE TABLE books (\n id SERIAL PRIMARY KEY,\n title TEXT NOT NULL, -- name\n FOREIGN KEY (a_id) REFERENCES authors(id)\n);\n```",
            {"Book": ["id", "title"]},
        ),
        ("## Schema\n\n```ts\ninterface Book {\n  id: string;\n  title?: string;\n}\n```", {"Book": ["id", "title"]}),
        ("## Schema\n\n```prisma\nmodel Book {\n  id String @id\n  pages Int?\n}\n```", {"Book": ["id", "pages"]}),
        ("| Entity | Fields |\n|---|---|\n| Book | id, title, price |", {"Book": ["id", "title", "price"]}),
        ("## Loans\n\n- Loan record includes:\n  - User ID\n  - Due date", {"Loan": ["user_id", "due_date"]}),
        # no entities
        ("## Features\n\n- Search: fast\n- Export: as CSV", {}),
        ("| Metric | Type |\n|---|---|\n| p95 | ms |", {}),
        ("## Out of scope\n\n### Review\n\n| Field | Type |\n|---|---|\n| id | uuid |\n| stars | int |", {}),
        ("## Data Models\n\n### Relationships\n\n- A user has many orders", {}),
    ],
)
def test_entities(facts, text, found):
    """Entities and the names of their fields, from every way in which a data model is written."""
    assert {e.name: [f.field.name for f in e.fields] for e in facts(text).entities if e.explicit} == found


@pytest.mark.parametrize(
    ("name", "kind", "constraints", "expected"),
    [
        ("email", "VARCHAR", "UNIQUE, NOT NULL", {"type": "email", "unique": True, "required": True}),
        ("Password Hash", "string", "", {"name": "password", "type": "password"}),
        ("price", "decimal(10,2)", "min 0", {"type": "money", "minimum": 0}),
        ("Unit Price", "decimal", "", {"name": "unit_price", "type": "money"}),
        ("latitude", "DECIMAL", "", {"type": "number"}),
        ("rating", "int", "between 1 and 5", {"type": "integer", "minimum": 1, "maximum": 5}),
        ("rating", "integer (1-5)", "", {"minimum": 1, "maximum": 5}),
        ("code", "VARCHAR(10)", "", {"type": "string", "max_length": 10}),
        ("title", "string", "3 to 80 characters", {"min_length": 3, "max_length": 80}),
        ("bio", "text", "optional, max 200 characters", {"type": "text", "max_length": 200, "required": False}),
        (
            "status",
            "enum(open, closed)",
            "default open",
            {"type": "enum", "enum": ("open", "closed"), "default": "open"},
        ),
        ("status", "ENUM('a','b')", "", {"enum": ("a", "b")}),
        ("status", "'a' | 'b'", "", {"enum": ("a", "b")}),
        ("kind", "string", "one of: x, y", {"enum": ("x", "y")}),
        ("active", "boolean", "default: true", {"type": "boolean", "default": True}),
        ("stock", "int", "default 0, >= 0", {"default": 0, "minimum": 0}),
        ("stock", "int", "default 5, max 3", {"default": None, "maximum": 3}),
        ("paid_at", "TIMESTAMP", "", {"type": "datetime", "required": False}),
        ("start_time", "", "", {"type": "datetime"}),
        ("born", "date", "nullable", {"type": "date", "required": False}),
        ("tags", "string[]", "", {"type": "list"}),
        ("extra", "jsonb", "", {"type": "json"}),
        ("site", "url", "", {"type": "url"}),
        ("lot_id", "uuid", "FK → parking_lots.id", {"type": "reference", "references": "ParkingLot"}),
        ("author_id", "uuid", "required, references Author", {"type": "reference", "references": "Author"}),
        ("ref_id", "uuid", "links to Transfer or Purchase", {"type": "uuid", "references": None}),
        ("telephone?", "string", "", {"name": "telephone", "required": False}),
        ("Téléphone", "string", "", {"name": "telephone"}),
        ("2fa code", "string", "", {"name": "n_2fa_code"}),
    ],
)
def test_fields(name, kind, constraints, expected):
    """Types, bounds, defaults and references come from the words of the text."""
    field = parse_field(name, kind, constraints, 1).field
    assert {key: getattr(field, key) for key in expected} == expected


@pytest.mark.parametrize(
    ("text", "name", "kind"),
    [
        ("Balance (decimal - in cents)", "balance", "money"),
        ("role: enum(admin, user), default user", "role", "enum"),
        ("type[a|b]", "type", "enum"),
        ("due_date", "due_date", "date"),
        ("slot_type (Normal, VIP, Bike)", "slot_type", "enum"),
        ("location_tag (optional: floor, section)", "location_tag", "string"),
    ],
)
def test_fields_on_one_line(text, name, kind):
    """A bullet gives the name and the type of a field."""
    field = parse_line(text, 1).field
    assert (field.name, field.type) == (name, kind)


@pytest.mark.parametrize("text", ["", "An author writes many of the books: yes", "注文"])
def test_lines_that_are_no_fields(text):
    """A sentence, or a name without Latin letters, is no field."""
    assert parse_line(text, 1) is None


@pytest.mark.parametrize(
    ("text", "moves"),
    [
        ("## Order status\n\n`open → paid → sent`", ["open>paid", "paid>sent"]),
        (
            "## Lifecycle\n\n1. **Free → Reserved** (on booking)\n2. **Reserved → Free** (on check-out)",
            ["Free>Reserved", "Reserved>Free"],
        ),
        ("| From | To |\n|---|---|\n| a | b, c |", ["a>b", "a>c"]),
        ("## Statuts\n\n| Transition | Autorisée ? |\n|---|---|\n| a → b | ✅ OUI |\n| b → a | ❌ NON |", ["a>b"]),
        ("## Status\n\n- a -> b/c", ["a>b", "a>c"]),
        ("The client → server link is safe.", []),
    ],
)
def test_states(facts, text, moves):
    """Moves come from tables and arrows in sections about states; forbidden ones are no moves."""
    assert [f"{a}>{b}" for s in facts(text).states for a, b, *_ in s.moves] == moves


@pytest.mark.parametrize(
    ("verb", "state"),
    [
        ("pay", "paid"),
        ("ship", "shipped"),
        ("cancel", "cancelled"),
        ("check-in", "Checked-in"),
        ("close", "closed"),
        ("start", "in_progress"),
        ("archive", None),
    ],
)
def test_verbs_lead_to_states(verb, state):
    """A verb in a path means the state of its past participle."""
    assert state_of_verb(verb, ("paid", "shipped", "cancelled", "Checked-in", "closed", "in_progress")) == state


@pytest.mark.parametrize(
    ("text", "events"),
    [
        (
            "| Event | Publisher | Consumers |\n|---|---|---|\n| order.placed | order-service | mail-service |",
            [("OrderPlaced", "order-service", ("mail-service",))],
        ),
        ("### Order Service\n\n- Create order, emits `OrderCreated`", [("OrderCreated", "order-service", ())]),
        ("### Mail Service\n\n- Listens for `OrderCreated` events", [("OrderCreated", None, ("mail-service",))]),
        (
            "The order-service publishes OrderPaid; the mail-service consumes OrderPaid.",
            [("OrderPaid", "order-service", ("mail-service",))],
        ),
        ("We publish to GitHub and use FastApi.", []),
    ],
)
def test_events(facts, text, events):
    """Events with publisher and consumers, from tables and sentences."""
    head = "## Services\n\n- **order-service**: x\n- **mail-service**: y\n\n## More\n\n"
    assert [(e.name, e.publisher, e.consumers) for e in facts(head + text).events] == events


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("- REQ-001: Do it", [("REQ-001", "Do it", False)]),
        ("- [x] FR-1.2 Do it (P1)", [("FR-1.2", "Do it (P1)", True)]),
        ("### F1 — Sign in", [("F1", "Sign in", False)]),
        (
            "| # | Role | Story |\n|---|---|---|\n| US-01 | Admin | I want to sign in |",
            [("US-01", "I want to sign in", False)],
        ),
        ("- [ ] REQ-002: Do it (review_cycles: 0)", [("REQ-002", "Do it", False)]),
        ("## Features\n\n- Users sign in", [("line-3", "Users sign in", False)]),
        ("- SHA-256: a hash", []),
    ],
)
def test_requirements(facts, text, found):
    """Requirements keep the author's ids; a text without any gets its lines as ids."""
    assert [(r.id, r.text, r.done) for r in facts(text).requirements] == found


def test_milestones(facts):
    """Milestones have id, status and what they depend on; phases count as such."""
    text = "## Milestone 2: Orders\n\n- ID: m2\n- Status: DONE\n- Dependencies: m1, m0\n\n### Phase 3 - Polish\n\n## Milestones\n"
    found = [(m.id, m.title, m.status, m.dependencies) for m in facts(text).milestones]
    assert found == [("m2", "Orders", "DONE", ("m1", "m0")), ("phase-3", "Polish", "", ())]


def test_exclusions_are_not_built(architect):
    """What is out of scope is listed and not built; what is excluded and specified is a contradiction."""
    text = """\
        # Shop

        ## Data model

        - **Book**: id, title
        - **Review**: id, stars (int)

        ## Scope

        | In scope | Out of scope |
        |---|---|
        | Books | Review |

        ## Non-goals

        - Payments

        > The wish list is not implemented.
        """
    result = architect(text)
    assert result.excluded == ("Review", "Payments", "The wish list is not implemented")
    assert [e.name for e in result.entities] == ["Book", "Review"]
    assert [c.lines for c in result.contradictions] == [(12, 6)]


def test_no_endpoint_means_derived_ones(architect):
    """A text without endpoints gets CRUD for its entities, marked as derived, and moves between states."""
    text = "# Help Desk\n\n## Data model\n\n- **Ticket**: id, title, status (enum: open, done)\n\n## Ticket status\n\nopen → done\n"
    result = architect(text)
    assert [s.name for s in result.services] == ["help-desk"]
    assert [f"{o.id} {o.method} {o.path}" for o in result.operations] == [
        "list_tickets GET /tickets",
        "create_ticket POST /tickets",
        "read_ticket GET /tickets/{id}",
        "update_ticket PATCH /tickets/{id}",
        "delete_ticket DELETE /tickets/{id}",
        "mark_ticket_done POST /tickets/{id}/mark-done",
    ]
    assert {o.source.kind for o in result.operations} == {"derived"}
    assert all(o.public for o in result.operations)
    assert "so all of them are public" in result.questions[0]


def test_accounts_bring_an_issuer(architect):
    """A text that speaks of users gets a User with email, password and role, and the operations to sign in."""
    result = architect(
        "# Notes\n\nUsers sign in.\n\n- GET /api/notes\n- POST /api/notes\n- DELETE /api/notes/{id} (admin only)\n"
    )
    assert [s.issuer for s in result.services] == [True]
    assert [(o.id, o.path, o.public) for o in result.operations if o.source.kind == "derived"] == [
        ("register", "/api/auth/register", True),
        ("login", "/api/auth/login", True),
        ("me", "/api/auth/me", False),
    ]
    user = result.entity_named("User")
    assert {f.name: f.type for f in user.fields if not f.read_only} == {
        "email": "email",
        "password": "password",
        "role": "enum",
    }
    assert user.field_named("email").unique
    assert next(o for o in result.operations if o.kind == "delete").roles == ("admin",)


def test_references_across_services(architect):
    """A reference to a service that has no operation to ask gets one, marked as derived, and a question."""
    text = """\
        | Service | Does |
        |---|---|
        | book-service | books |
        | loan-service | loans |

        ## Data model

        - **Book**: id, title
        - **Loan**: id, book_id (FK), due_date

        ## API

        - GET /books
        - POST /loans
        """
    result = architect(text)
    assert result.pairs == (("loan-service", "book-service"),)
    read = next(o for o in result.operations if o.id == result.dependencies[0].operation)
    assert (read.path, read.source.kind) == ("/books/{id}", "derived")
    assert any("How does loan-service check Loan.book_id?" in q for q in result.questions)


@pytest.mark.parametrize(
    "text",
    [
        "The rain in Spain.\n\nIt stays mainly in the plain.",
        "# Poem\n\n- roses\n- violets",
        "# T\n\n## Out of scope\n\n- GET /books",
    ],
)
def test_a_text_without_a_backend_is_refused(architect, text):
    """Nothing is invented for a text that describes nothing to build."""
    from pytest_superteam.errors import PrdError

    with pytest.raises(PrdError, match=r"^--prd: the text describes no backend"):
        architect(text)


@pytest.mark.parametrize(
    ("title", "kind"),
    [
        ("Out of Scope (V1)", "excluded"),
        ("Non-goals", "excluded"),
        ("対象外", "excluded"),
        ("Hors périmètre", "excluded"),
        ("Nicht im Umfang", "excluded"),
        ("In Scope / Out of Scope", ""),
        ("Non-Functional Requirements", "nonfunctional"),
        ("Data Models", "data"),
        ("Modèle de données", "data"),
        ("データモデル", "data"),
        ("API Endpoints", "api"),
        ("Functional Requirements", "requirements"),
        ("User Roles & Permissions", "roles"),
        ("Orders", ""),
    ],
)
def test_section_kinds(title, kind):
    """The words of a title, in several languages, say what a section is about."""
    assert kind_of(title) == kind


@pytest.mark.parametrize(
    ("text", "title"),
    [
        ("# PRD: Live Learning (V1)\n\nx", "Live Learning"),
        ("# Product Requirements Document (PRD)\n## Banking REST API\n\nx", "Banking REST API"),
        ("# 🚗 Parking System – Detailed PRD\n\nx", "Parking System"),
        ("**Fixit**\n\n**PRD V3 FINAL**\n\n# 1. Contexte", "Fixit"),
    ],
)
def test_titles(text, title):
    """The title is what the document is about, without the words that every such document has."""
    assert read_document(text).title == title


def test_blocks_know_their_lines():
    """Front matter, tables, items and code keep the line numbers of the file."""
    text = (
        "---\na: b\n---\n# T\n\n- [x] one\n  - two\n\n| a | b |\n|---|---|\n| **c** | d<br>e |\n\n```sql\nselect\n```\n"
    )
    found = [(b.kind, b.line, b.text) for b in read_blocks(text)]
    assert found == [
        ("heading", 4, "T"),
        ("item", 6, "one"),
        ("item", 7, "two"),
        ("table", 9, ""),
        ("code", 14, "select"),
    ]
    table = read_blocks(text)[3]
    assert (table.header, table.rows[0].line, table.rows[0].cells) == (("a", "b"), 11, ("c", "d\ne"))


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        ("**bold** and `code_x`", "bold and code_x"),
        ("[link](./a.md) ![pic](b.png)", "link pic"),
        ("a\\_b &amp; c<br/>d", "a_b & c\nd"),
        ("`/users/<id>`", "/users/<id>"),
        ("*one* __two__ ~~three~~ snake_case_name", "one __two__ three snake_case_name"),
    ],
)
def test_inline_marks_are_removed(raw, text):
    """Marks vanish, names with underscores and angle brackets stay."""
    assert plain(raw) == text


@pytest.mark.parametrize(
    ("word", "many"),
    [
        ("order", "orders"),
        ("category", "categories"),
        ("status", "statuses"),
        ("class", "classes"),
        ("box", "boxes"),
        ("day", "days"),
        ("person", "people"),
        ("purchase", "purchases"),
    ],
)
def test_singular_and_plural(word, many):
    """English plurals are made and undone."""
    assert plural(word) == many
    assert singular(many) == word


def test_names_for_code():
    """Names of every notation become those of code."""
    assert [snake(t) for t in ("createdAt", "Created At", "HTTPCode", "user-id", "Prénom")] == [
        "created_at",
        "created_at",
        "http_code",
        "user_id",
        "prenom",
    ]
    assert [pascal(t) for t in ("order_items", "PARKING_LOTS", "ai summaries", "Book")] == [
        "OrderItem",
        "ParkingLot",
        "AiSummary",
        "Book",
    ]


def test_attributes_in_sentences(architect):
    """An entity that only paths name gets the attributes that a sentence gives it; a clause gives none."""
    text = """\
        # Board

        - Tasks have a title, an optional note, a due date and a priority (low, high)
        - The board has a clear interface that works on every device, and more
        - GET /tasks
        - GET /boards
        """
    result = architect(text)
    assert [(f.name, f.type, f.required) for f in result.entity_named("Task").fields if not f.read_only] == [
        ("title", "string", True),
        ("note", "text", False),
        ("due_date", "date", True),
        ("priority", "enum", True),
    ]
    assert [f.name for f in result.entity_named("Board").fields if not f.read_only] == ["name"]
    assert any("Which fields has Board" in q for q in result.questions)


def test_numbers_that_do_not_add_up(architect):
    """A wrong number of endpoints is a contradiction with both lines; a right one is none."""
    text = "# T\n\nAll {} endpoints are public.\n\n- GET /books\n- POST /books\n"
    assert [c.lines for c in architect(text.format(3)).contradictions] == [(3, 5)]
    assert architect(text.format(2)).contradictions == ()


def test_states_that_do_not_exist(architect):
    """A move to a state that the field does not have is left out and reported with both lines."""
    text = "# T\n\n## Data\n\n- **Slot**: id, status (enum: free, taken)\n\n## Slot lifecycle\n\n- free → taken\n- taken → expired\n"
    result = architect(text)
    assert [(t.source, t.target) for t in result.entity_named("Slot").states.transitions] == [("free", "taken")]
    assert [c.lines for c in result.contradictions] == [(5, 10)]


def test_nullable_columns(facts):
    """Where a table says NOT NULL for some columns, the others may be empty."""
    text = (
        "```sql\nCREATE TABLE things (\n id UUID PRIMARY KEY,\n a TEXT NOT NULL,\n b TEXT,\n c INT DEFAULT 1\n);\n```"
    )
    fields = facts(text).entities[0].fields
    assert {f.field.name: f.field.required for f in fields} == {"id": True, "a": True, "b": False, "c": True}


def test_a_path_with_a_parameter_beside_own_user(architect):
    """A derived operation never takes a path that a parameter of the text's own would swallow."""
    result = architect("# T\n\n- POST /users/login\n- GET /users/{id}\n")
    assert {o.kind: o.path for o in result.operations if o.source.kind == "derived"} == {
        "register": "/auth/register",
        "me": "/auth/me",
    }


def test_the_issuer_keeps_the_users(architect):
    """Where text and endpoints put accounts into different services, one of them gets both."""
    text = """\
        | Service | Does |
        |---|---|
        | people-service | people |
        | book-service | books |

        ## Data model

        ### User (people-service)

        | Field | Type |
        |---|---|
        | email | email |

        ## API

        ### book-service

        - POST /login
        - POST /register
        - GET /books
        """
    result = architect(text)
    assert [s.name for s in result.services if s.issuer] == ["book-service"]
    assert result.entity_named("User").service == "book-service"


@pytest.mark.parametrize("form", ["### {}\n\nKeeps it.\n", "- **{}**: keeps it\n", "| {} | keeps it |\n"])
def test_a_path_is_no_service_in_any_form(architect, form):
    """A name that leads out of a folder is refused in headings, bullets and tables."""
    head = "| Service | Purpose |\n| --- | --- |\n" if form.startswith("|") else ""
    text = "# Shop\n\n## Services\n\n" + head + form.format("user-service") + form.format("../../etc")
    with pytest.raises(PrdError, match=r"'\.\./\.\./etc' \(line \d+\) is no service name"):
        architect(text)
