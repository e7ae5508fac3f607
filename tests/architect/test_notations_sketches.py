# ruff: noqa: E501, ISC004 - tables of fragments
"""Data models without a language: lists in brackets, names above fields, boxes, document trees, samples in JSON."""

import pytest

GOOD = {
    "capitals": (
        "USERS ( id PK, role ENUM('user','admin'), team_id FK )",
        {"User": "id:uuid role:enum(user|admin) team_id:reference"},
    ),
    "values in square brackets": ("exams(id, type[a|b], x_id?)", {"Exam": "id:uuid type:enum(a|b) x_id:uuid?"}),
    "a colon": ("users: id, email, name", {"User": "id:uuid email:email name:string"}),
    "an arrow to another": (
        "jars: id, lid_id -> lids.id, total decimal(10,2)",
        {"Jar": "id:uuid lid_id:reference->Lid total:money"},
    ),
    "bullets below a name": (
        "Jar\n- id: uuid\n- label: string\n- kind: glass | clay\n\nLid\n- id: uuid\n- jar_id: uuid",
        {"Jar": "id:uuid label:string kind:enum(glass|clay)", "Lid": "id:uuid jar_id:uuid"},
    ),
    "columns below a name": (
        "jars\n  id        UUID PK\n  label     VARCHAR(9)\n  lid_id    FK -> lids.id",
        {"Jar": "id:uuid label:string[..9] lid_id:reference->Lid"},
    ),
    "yaml": (
        "Jar:\n  id: uuid\n  label: string\nLid:\n  id: uuid\n  size: int",
        {"Jar": "id:uuid label:string", "Lid": "id:uuid size:integer"},
    ),
    "branches": ("Jar\n├── id (UUID)\n├── label\n└── filled_at", {"Jar": "id:uuid label:string filled_at:datetime?"}),
    "a document tree": (
        "users/{uid}\n  name: string\n  email: string\nposts/{postId}: { title, author_id, body }",
        {"User": "name:string email:email", "Post": "title:string author_id:uuid body:text"},
    ),
    "braces": ("Jar {\n  id: uuid\n  label: string\n}", {"Jar": "id:uuid label:string"}),
    "an object": (
        "Jar = {\n  label: String,\n  kind: 'glass' | 'clay'\n}",
        {"Jar": "label:string kind:enum(glass|clay)"},
    ),
    "boxes": (
        "┌───────────┐      ┌────────────┐\n│ jars      │      │ lids       │\n├───────────┤      ├────────────┤\n"
        "│ id (PK)   │─1:N─►│ id (PK)    │\n│ label     │      │ jar_id (FK)│\n└───────────┘      └────────────┘",
        {"Jar": "id:uuid label:string", "Lid": "id:uuid jar_id:reference"},
    ),
    "boxes of plus and minus": (
        "+---------+\n| jars    |\n+---------+\n| id PK   |\n| size int|\n+---------+",
        {"Jar": "id:uuid size:integer"},
    ),
    "signs": ("User 1──* Order\nOrder 1──* Line", {"User": "", "Order": "", "Line": ""}),
}
BAD = {
    "a call": "save(jar, lid, user)",
    "folders": "src\n├── app.py\n├── models/\n└── views.py",
    "steps": "Start\n- open the jar\n- fill it\n- close it",
    "one tie": "User 1──* Order",
    "boxes of services": "┌──────────┐\n│ API      │\n├──────────┤\n│ Python 3 │\n│ fast, ok │\n└──────────┘",
    "settings": "server:\n  port: 8080\n  host: localhost",
    "endpoints": "GET /jars\n  id: uuid\n  label: string",
    "a shell": "export A=1\ncp a(b, c) d",
}


@pytest.mark.parametrize(("text", "found"), GOOD.values(), ids=GOOD)
def test_sketches(models, text, found):
    """A name with fields is an entity, however it is drawn."""
    assert models(text) == found


@pytest.mark.parametrize("text", BAD.values(), ids=BAD)
def test_what_is_no_sketch_of_data(models, text):
    """Calls, folders, settings and pictures of services are no entities."""
    assert models(text) == {}


def test_a_sentence_is_no_sketch(models):
    """Words in brackets within running text are no fields; a line with an id is an entity."""
    assert models("Users (customers, admins, drivers) do things.", kind="paragraph") == {}
    assert models("jars(id, label, size)\nlids(id, jar_id)", kind="paragraph") == {
        "Jar": "id:uuid label:string size:integer",
        "Lid": "id:uuid jar_id:uuid",
    }


SAMPLE = '{\n  "id": "3f2b8c1e-0000-4000-8000-000000000000",\n  "label": "x", // shown\n  "state": "full|empty",\n  "litres": 3,\n  "open": true,\n  "filled": "2024-01-02T03:04:05Z",\n  "lids": ["a"],\n  ...\n}'


@pytest.mark.parametrize(("title", "lead"), [("Jar", ""), ("Data model", "Jar document:"), ("Jars collection", "")])
def test_samples(models, title, lead):
    """A sample of JSON is the entity that the line above it or its heading names."""
    fields = "id:uuid label:string state:enum(full|empty) litres:integer open:boolean filled:datetime lids:list"
    assert models(SAMPLE, "json", title=title, lead=lead) == {"Jar": fields}


@pytest.mark.parametrize("title", ["Create response", "Error format", "Token", "Request body", "Webhook payload"])
def test_samples_that_are_messages(models, title):
    """A sample of a request, an answer, an error or a token is no entity."""
    assert models(SAMPLE, "json", title=title) == {}


def test_samples_named_by_keys(models):
    """An object of objects names an entity with each key."""
    text = '{"users": {"name": "x", "age": 3}, "error": {"code": 1, "text": "x"}}'
    assert models(text, "json", title="Data") == {"User": "name:string age:integer"}
