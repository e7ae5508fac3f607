"""What OpenAPI documents of somebody else's system tell."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pytest_superteam.contracts.adopted import adopted_architecture, base_path, prepared
from pytest_superteam.models import Service

TEXT = {"type": "string"}


def media(schema):
    """Return content of a schema."""
    return {"content": {"application/json": {"schema": schema}}}


def thing(**properties):
    """Return an object schema; each property is a type or a schema."""
    given_ = {name: {"type": value} if isinstance(value, str) else value for name, value in properties.items()}
    return {"type": "object", "properties": given_}


def listed(schema):
    """Return a list schema."""
    return {"type": "array", "items": schema}


def operation(answer=None, body=None, **rest):
    """Return an operation."""
    given_ = {"responses": {"200": {"description": "Fine", **(media(answer) if answer else {})}}, **rest}
    return {**given_, "requestBody": media(body)} if body else given_


LOCKED = {"security": [{"key": []}]}


def read(paths, **rest):
    """Return the architecture of one document."""
    document = {"openapi": "3.0.3", "paths": paths, **rest}
    return adopted_architecture({"api": document}, title="shop", services=[Service("api")]).architecture


def kind(path, method, definition, **others):
    """Return the kind of one operation among others."""
    system = read({**{p: {m: d for m, d in item.items()} for p, item in others.items()}, path: {method: definition}})  # noqa: C416
    return next(o.kind for o in system.operations if (o.method, o.path) == (method.upper(), path))


ACCOUNT = thing(username="string", password="string", email="string")


@pytest.mark.parametrize(
    ("path", "definition", "wanted"),
    [
        ("/login", operation(thing(token="string"), ACCOUNT), "login"),
        ("/auth/sign-in", operation(thing(data=thing(jwt="string")), ACCOUNT), "login"),
        ("/auth/token", operation(thing(access_token="string"), ACCOUNT), "login"),
        ("/session", operation(thing(access_token="string"), ACCOUNT, operationId="createSession"), "login"),
        ("/x", operation(thing(access_token="string"), ACCOUNT, operationId="userLogin"), "login"),
        ("/login", operation(None, ACCOUNT), "login"),
        ("/login", operation(thing(message="string"), ACCOUNT), "action"),
        ("/login", operation(thing(token="string"), thing(code="string")), "action"),
        ("/token/refresh", operation(thing(access_token="string"), ACCOUNT), "action"),
        ("/token", operation({"properties": {"a": {"example": "eyJhbGciOiJIUzI1NiJ9"}}}, ACCOUNT), "login"),
        (
            "/register",
            operation(thing(message="string"), ACCOUNT, summary="Register. Log in to get a token"),
            "register",
        ),
        ("/users/signup", operation(thing(id="string"), ACCOUNT), "register"),
        ("/users", operation(thing(id="string"), ACCOUNT), "register"),
        ("/users", operation(thing(id="string"), {"allOf": [ACCOUNT]}), "register"),
        ("/users", operation(thing(user=ACCOUNT), thing(user=ACCOUNT)), "register"),
        ("/users", operation(thing(id="string"), ACCOUNT, **LOCKED), "action"),
        ("/register", operation(thing(message="string"), thing(name="string")), "action"),
        ("/password/reset", operation(thing(message="string"), thing(password="string")), "action"),
        ("/logout", operation(thing(message="string")), "logout"),
    ],
)
def test_accounts(path, definition, wanted):
    """A login takes a password and answers a token; a registration is public and takes one; words decide the rest."""
    assert kind(path, "post", definition) == wanted


def test_form_login():
    """A login may take a form."""
    form = {"content": {"application/x-www-form-urlencoded": {"schema": ACCOUNT}}}
    definition = {**operation(thing(access_token="string")), "requestBody": form}
    assert kind("/login/access-token", "post", definition) == "login"


@pytest.mark.parametrize(
    ("path", "method", "definition", "wanted"),
    [
        ("/me", "get", operation(ACCOUNT, **LOCKED), "me"),
        ("/users/me", "patch", operation(ACCOUNT, ACCOUNT, **LOCKED), "update_me"),
        ("/user", "get", operation(ACCOUNT, summary="Get current user", **LOCKED), "me"),
        ("/me", "get", operation(ACCOUNT), "action"),
        ("/me", "delete", operation(**LOCKED), "action"),
        ("/books", "get", operation(listed(thing(title="string"))), "list"),
        ("/books", "get", operation(thing(items=listed(thing(title="string")), total="integer")), "list"),
        ("/books", "get", operation(thing(books=listed(thing(title="string")), message="string")), "list"),
        ("/books", "get", operation(), "list"),
        ("/books", "post", operation(thing(id="string"), thing(title="string")), "create"),
        ("/books/{id}", "get", operation(thing(id="string")), "read"),
        ("/books/{id}", "put", operation(thing(id="string"), thing(title="string")), "replace"),
        ("/books/{id}", "patch", operation(thing(id="string"), thing(title="string")), "update"),
        ("/books/{id}", "delete", operation(), "delete"),
        ("/books/{id}", "post", operation(), "action"),
        ("/books/{id}/title", "put", operation(None, thing(title="string")), "update"),
        ("/books/{id}/loan", "put", operation(None, thing(days="integer")), "action"),
        ("/books/{id}/publish", "post", operation(), "action"),
        ("/books/count", "get", operation(thing(count="integer")), "action"),
        ("/api/v2/books/{id}", "get", operation(thing(id="string")), "read"),
        ("/", "get", operation(thing(message="string")), "action"),
    ],
)
def test_rows(path, method, definition, wanted):
    """Method and path say what is done to rows; what does not follow is an action."""
    books = {
        "/books": {"get": operation(listed(thing(title="string"))), "post": operation(None, thing(title="string"))},
        "/books/{id}": {"get": operation(thing(id="string", title="string")), "delete": operation()},
    }
    assert kind(path, method, definition, **{p: item for p, item in books.items() if p != path}) == wanted


def test_entities():
    """A collection makes an entity; its fields are what bodies and answers show, references by their names."""
    paths = {
        "/books": {
            "get": operation(listed(thing(id="string", title="string", owner="string"))),
            "post": operation(
                thing(message="string"),
                {**thing(title="string", pages="integer", shelfId="string"), "required": ["title"]},
                **LOCKED,
            ),
        },
        "/books/{title}": {"get": operation(thing(title="string", owner="string", kind={"enum": ["a", "b"]}))},
        "/shelves/{shelf_id}": {"get": operation(thing(shelf_id="string")), "delete": operation()},
    }
    system = read(paths)
    book, shelf = system.entities
    fields = {f.name: f for f in book.fields}
    assert (book.name, book.plural, book.owner_field, shelf.name) == ("Book", "books", "owner", "Shelve")
    assert fields["title"].unique
    assert fields["title"].required
    assert not fields["pages"].required
    assert fields["pages"].type == "integer"
    assert fields["owner"].read_only
    assert fields["kind"].enum == ("a", "b")
    assert "message" not in fields
    assert shelf.field_named("shelf_id").references is None
    reading = next(o for o in system.operations if o.path == "/books/{title}")
    assert (reading.entity, reading.kind, reading.public) == ("Book", "read", True)


def test_references():
    """A property that is called like another entity's key refers to it."""
    paths = {
        "/orders": {"get": operation(listed(thing(id="string"))), "post": operation(None, thing(book_id="string"))},
        "/books": {"get": operation(listed(thing(id="string"))), "post": operation(None, thing(title="string"))},
    }
    order = read(paths).entity_named("Order")
    assert (order.field_named("book_id").type, order.field_named("book_id").references) == ("reference", "Book")


@pytest.mark.parametrize(
    "path", ["/verify/{token}", "/search", "/grid/{row}/{column}", "/login", "/me", "/health/{part}"]
)
def test_no_entities(path):
    """What holds no rows makes no entity."""
    assert read({path: {"get": operation(thing(state="string")), "put": operation()}}).entities == ()


def test_two_services_with_one_name():
    """The second one's things are called by its service, so that names stay unique."""
    paths = {"/users": {"get": operation(listed(thing(id="string"))), "post": operation(None, thing(name="string"))}}
    documents = {name: {"openapi": "3.0.3", "paths": paths} for name in ("auth", "billing")}
    services = [Service("auth"), Service("billing"), Service("mail")]
    system = adopted_architecture(documents, title="", services=services).architecture
    assert [entity.name for entity in system.entities] == ["User", "BillingUser"]
    assert {(o.service, o.entity) for o in system.operations} == {("auth", "User"), ("billing", "BillingUser")}
    assert [service.name for service in system.services] == ["auth", "billing", "mail"]


@pytest.mark.parametrize(
    ("definition", "roles"),
    [
        ({"x-roles": ["admin", "editor"]}, ("admin", "editor")),
        ({"x-required-roles": "staff"}, ("staff",)),
        ({"summary": "Deletes it (only admins)"}, ("admin",)),
        ({"description": "Admins only."}, ("admin",)),
        ({"responses": {"403": {"description": "Not a superuser."}}}, ("admin",)),
        ({"responses": {"403": {"description": "Not yours."}}}, ()),
        ({"summary": "Tells the admins"}, ()),
        ({}, ()),
    ],
)
def test_roles(definition, roles):
    """Roles are what the document says; none where it says nothing."""
    assert read({"/x": {"post": {**operation(**LOCKED), **definition}}}).operations[0].roles == roles


@pytest.mark.parametrize(
    ("root", "own", "public"),
    [
        (None, None, True),
        ([{"key": []}], None, False),
        ([{"key": []}], [], True),
        (None, [{"key": []}], False),
        (None, [{}, {"key": []}], True),
    ],
)
def test_public(root, own, public):
    """An operation is public that demands nothing, or where a credential is optional."""
    definition = operation(**({"security": own} if own is not None else {}))
    assert read({"/x": {"get": definition}}, **({"security": root} if root else {})).operations[0].public is public


@pytest.mark.parametrize(
    ("path", "definition", "left_out"),
    [
        ("/createdb", {}, True),
        ("/db/reset", {}, True),
        ("/x", {"summary": "Creates and populates the database with dummy data"}, True),
        ("/x", {"operationId": "dropAllTables"}, True),
        ("/x", {"summary": "Reset the password"}, False),
        ("/data", {"summary": "Create data points"}, False),
        ("/password/reset/{id}", {}, False),
        ("/databases", {"summary": "Lists the databases"}, False),
    ],
)
def test_resets(path, definition, left_out):
    """What throws everything away is left out of the operations and of the contract, and told."""
    document = {"openapi": "3.0.3", "paths": {path: {"get": operation(**definition)}, "/y": {"get": operation()}}}
    found = adopted_architecture({"api": document}, title="", services=[Service("api")])
    assert found.resets == ({"api": (f"GET {path}",)} if left_out else {})
    assert (path in found.architecture.contracts["api"]["paths"]) is not left_out
    assert {o.path for o in found.architecture.operations} == ({"/y"} if left_out else {path, "/y"})


def test_ids():
    """Ids that are missing, double or no names are made up, always the same; good ones stay; the document is copied."""
    paths = {
        "/a": {"get": operation(operationId="list.a-1"), "post": operation()},
        "/b/{id}": {"get": operation(operationId="list.a-1"), "put": operation(operationId="put [b]::x")},
        "/": {"get": operation()},
    }
    document = {"paths": paths}
    ids = [d["operationId"] for item in prepared(document)["paths"].values() for d in item.values()]
    assert ids == ["list.a-1", "post_a", "list.a-1_2", "put_b_x", "get_root"]
    assert prepared(document) == prepared(document)
    assert "operationId" not in paths["/a"]["post"]


@pytest.mark.parametrize(
    ("servers", "path"),
    [
        (None, ""),
        ([], ""),
        ([{"url": "/api/v3"}], "/api/v3"),
        ([{"url": "https://example.com/api/"}], "/api"),
        ([{"url": "https://example.com"}], ""),
        ([{"url": "https://{host}/{base}", "variables": {"base": {"default": "v1"}}}], "/v1"),
        ([{"url": "/{x}"}], ""),
        ("nonsense", ""),
        ([3], ""),
    ],
)
def test_base_path(servers, path):
    """The first server's path stands before the paths of the document."""
    assert base_path({"servers": servers}) == path


CIRCLE = {"$ref": "#/components/schemas/A"}
BROKEN = [
    {},
    {"paths": None},
    {"paths": {"/x": None, 3: {"get": {}}}},
    {"paths": {"/x": {"get": {"operationId": 5, "parameters": "x", "responses": [1], "requestBody": "x"}}}},
    {"paths": {"/x": {"$ref": "#/nowhere"}, "/y": {"get": {"security": "no"}}}},
    {"paths": {"/y": {"get": {"parameters": [None, {"$ref": "a.yaml"}]}}}},
    {"paths": {"/x": {"get": operation(CIRCLE)}}, "components": {"schemas": {"A": CIRCLE}}},
]


@pytest.mark.parametrize("document", BROKEN)
def test_broken_documents(document):
    """What is broken in a document says nothing, and breaks nothing else."""
    assert isinstance(adopted_architecture({"api": document}, title="", services=[]).architecture.operations, tuple)


def test_schemas_that_hold_themselves():
    """A schema that nests without an end is read as far as it goes."""
    node = {"type": "object", "properties": {"id": TEXT, "next": {"$ref": "#/components/schemas/Node"}}}
    node["allOf"] = [{"$ref": "#/components/schemas/Node"}]
    paths = {"/nodes": {"get": operation(listed({"$ref": "#/components/schemas/Node"})), "post": operation()}}
    system = read(paths, components={"schemas": {"Node": node}})
    assert [field.name for field in system.entities[0].fields] == ["id", "next"]


WORDS = (
    *("$ref", "type", "properties", "items", "allOf", "get", "post", "content", "application/json", "schema"),
    *("responses", "200", "parameters", "name", "in", "enum", "required", "requestBody", "format"),
)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5) | st.sampled_from(["string", "array", "#/paths"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(WORDS),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)


@settings(max_examples=150, deadline=None)
@given(st.dictionaries(st.sampled_from(["/a", "/a/{b}", "/users/login", "x"]), VALUES, max_size=4))
def test_any_document(paths):
    """Whatever stands below the paths, the document is read."""
    document = {"openapi": "3.1.0", "paths": paths, "components": paths, "security": paths}
    adopted_architecture({"api": document}, title="", services=[Service("api")])
