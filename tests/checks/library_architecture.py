"""The architecture of the library service, and of a consumer that does not run here."""

from library_contract import CONTRACT, PATHS
from library_service import SECRET

from pytest_superteam.models import (
    Architecture,
    Dependency,
    Deployment,
    Entity,
    Field,
    Operation,
    RunningService,
    Service,
)


def operations():
    """Read the operations off the contract."""
    for path, methods in PATHS.items():
        for method, definition in methods.items():
            yield Operation(
                id=definition["operationId"],
                service="library",
                method=method.upper(),
                path=path,
                kind=definition["x-kind"],
                entity=definition["x-entity"],
                public=definition.get("security") == [],
                roles=tuple(definition.get("x-roles", ())),
            )


AUTHOR = Entity("Author", "library", (Field("id", "uuid", read_only=True), Field("name")), plural="authors")
BOOK = Entity(
    "Book",
    "library",
    (
        Field("id", "uuid", read_only=True),
        Field("title"),
        Field("pages", "integer"),
        Field("author_id", "reference", references="Author"),
    ),
    plural="books",
)
USER = Entity("User", "library", (Field("id", "uuid", read_only=True), Field("email", "email", unique=True)))
SHELF = Entity("Shelf", "library", (Field("id", "uuid", read_only=True),), plural="shelves")


def architecture(**changes):
    """Return the architecture, with books declared before the authors that they refer to."""
    parts = {
        "title": "Library",
        "prd_sha256": "0" * 64,
        "services": (Service("library", issuer=True), Service("lending")),
        "entities": (BOOK, AUTHOR, USER, SHELF),
        "operations": tuple(operations()),
        "dependencies": (
            Dependency("lending", "library", "read_book", entity="Book", fields=("id", "title", "pages", "blurb")),
            Dependency("lending", "library", "list_books", entity="Book", fields=("id", "genre")),
            Dependency("lending", "library", "create_book", entity="Book", fields=("id",)),
        ),
        "roles": ("admin", "reader"),
        "contracts": {"library": CONTRACT},
    }
    return Architecture(**{**parts, **changes})


def deployment(url):
    """Return a deployment of the library at `url`."""
    return Deployment("process", "run", (RunningService("library", url, log=None),), jwt_secret=SECRET)
