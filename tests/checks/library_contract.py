"""The OpenAPI document of the small library service that the checks are tried on."""

from typing import Any

STAMPS = {
    "created_at": {"type": "string", "format": "date-time"},
    "updated_at": {"type": "string", "format": "date-time"},
}
UUID = {"type": "string", "format": "uuid"}
TITLE = {"type": "string", "minLength": 1, "maxLength": 40}
PAGES = {"type": "integer", "minimum": 1, "maximum": 5000}
GENRE = {"type": "string", "enum": ["novel", "poetry", "reference"]}
EMAIL = {"type": "string", "format": "email", "maxLength": 120}
PASSWORD = {"type": "string", "minLength": 8, "maxLength": 72}


def record(properties: dict[str, Any], required: list[str], **more: Any) -> dict[str, Any]:
    """Return an object schema that allows no other properties."""
    return {"type": "object", "properties": properties, "required": required, "additionalProperties": False, **more}


def response(schema: str, description: str = "Done.") -> dict[str, Any]:
    """Return a JSON answer of the named schema."""
    return {
        "description": description,
        "content": {"application/json": {"schema": {"$ref": f"#/components/schemas/{schema}"}}},
    }


def problems(*codes: int) -> dict[str, Any]:
    """Return the error answers with `codes`."""
    content = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
    return {str(code): {"description": "Refused.", "content": content} for code in codes}


def body(schema: str) -> dict[str, Any]:
    """Return a required JSON request body of the named schema."""
    return {
        "required": True,
        "content": {"application/json": {"schema": {"$ref": f"#/components/schemas/{schema}"}}},
    }


def page(item: str) -> dict[str, Any]:
    """Return the schema of a page of `item`."""
    return record(
        {
            "items": {"type": "array", "items": {"$ref": f"#/components/schemas/{item}"}},
            "total": {"type": "integer", "minimum": 0},
            "limit": {"type": "integer", "minimum": 1, "maximum": 100},
            "offset": {"type": "integer", "minimum": 0},
        },
        ["items", "total", "limit", "offset"],
    )


BOOK_FIELDS = {
    "title": TITLE,
    "pages": PAGES,
    "genre": GENRE,
    "author_id": UUID,
    "blurb": {"type": ["string", "null"], "maxLength": 200},
}

SCHEMAS: dict[str, Any] = {
    "Author": record({"id": UUID, "name": TITLE, **STAMPS}, ["id", "name", "created_at", "updated_at"]),
    "AuthorCreate": record({"name": TITLE}, ["name"]),
    "Book": record(
        {"id": UUID, **BOOK_FIELDS, **STAMPS},
        ["id", "title", "pages", "genre", "author_id", "created_at", "updated_at"],
    ),
    "BookCreate": record(BOOK_FIELDS, ["title", "pages", "genre", "author_id"]),
    "BookUpdate": record(BOOK_FIELDS, [], minProperties=1),
    "BookPage": page("Book"),
    "User": record({"id": UUID, "email": EMAIL, **STAMPS}, ["id", "email", "created_at", "updated_at"]),
    "UserCreate": record({"email": EMAIL, "password": PASSWORD}, ["email", "password"]),
    "Credentials": record(
        {"email": EMAIL, "password": {"type": "string", "minLength": 1, "maxLength": 72}}, ["email", "password"]
    ),
    "Token": record(
        {"access_token": {"type": "string"}, "token_type": {"const": "bearer"}, "expires_in": {"type": "integer"}},
        ["access_token", "token_type", "expires_in"],
    ),
    "Problem": record(
        {
            "type": {"type": "string"},
            "title": {"type": "string"},
            "status": {"type": "integer"},
            "detail": {"type": "string"},
        },
        ["title", "status"],
    ),
}

BOOK_ID = {"name": "book_id", "in": "path", "required": True, "schema": UUID}
PAGING = [
    {"name": "limit", "in": "query", "schema": {"type": "integer", "minimum": 1, "maximum": 100, "default": 20}},
    {"name": "offset", "in": "query", "schema": {"type": "integer", "minimum": 0, "maximum": 2**31 - 1, "default": 0}},
    {"name": "genre", "in": "query", "schema": GENRE},
]


def operation(name: str, kind: str, entity: str, **parts: Any) -> dict[str, Any]:
    """Return an operation object with the extensions that the architect writes."""
    return {"operationId": name, "x-kind": kind, "x-entity": entity, **parts}


PATHS: dict[str, Any] = {
    "/authors": {
        "post": operation(
            "create_author", "create", "Author", requestBody=body("AuthorCreate"),
            responses={"201": response("Author"), **problems(401, 422)},
        )
    },
    "/books": {
        "post": operation(
            "create_book", "create", "Book", requestBody=body("BookCreate"),
            responses={"201": response("Book"), **problems(401, 409, 422)},
        ),
        "get": operation(
            "list_books", "list", "Book", security=[], parameters=PAGING,
            responses={"200": response("BookPage"), **problems(422)},
        ),
    },
    "/books/{book_id}": {
        "get": operation(
            "read_book", "read", "Book", parameters=[BOOK_ID],
            responses={"200": response("Book"), **problems(401, 404, 422)},
        ),
        "patch": operation(
            "update_book", "update", "Book", parameters=[BOOK_ID], requestBody=body("BookUpdate"),
            responses={"200": response("Book"), **problems(401, 404, 409, 422)},
        ),
        "delete": operation(
            "delete_book", "delete", "Book", parameters=[BOOK_ID], **{"x-roles": ["admin"]},
            responses={"204": {"description": "Gone."}, **problems(401, 403, 404, 422)},
        ),
    },
    "/register": {
        "post": operation(
            "register_user", "register", "User", security=[], requestBody=body("UserCreate"),
            responses={"201": response("User"), **problems(409, 422)},
        )
    },
    "/login": {
        "post": operation(
            "login", "login", "User", security=[], requestBody=body("Credentials"),
            responses={"200": response("Token"), **problems(401, 422)},
        )
    },
}  # fmt: skip

CONTRACT: dict[str, Any] = {
    "openapi": "3.1.0",
    "info": {"title": "library", "version": "1.0.0"},
    "paths": PATHS,
    "security": [{"bearerAuth": []}],
    "components": {
        "schemas": SCHEMAS,
        "securitySchemes": {"bearerAuth": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}},
    },
}

OPERATIONS = tuple(o["operationId"] for methods in PATHS.values() for o in methods.values())
