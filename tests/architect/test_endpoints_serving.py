"""Where endpoints go, and which operations follow from what the text does not name."""

import pytest

from pytest_superteam.architect.contract.openapi import contracts
from pytest_superteam.architect.facts import EndpointFact
from pytest_superteam.architect.interface.paths import meaning

SERVICES = "| Service | Does |\n|---|---|\n| book-service | books |\n| loan-service | loans |\n\n"


def routes(system, kind="derived"):
    """Return `METHOD /path` of the operations of one kind of source."""
    return [f"{o.method} {o.path}" for o in system.operations if o.source.kind == kind]


def test_entities_without_endpoints_get_none(architect):
    """Where the text names endpoints for some entities, the others get no invented ones."""
    text = """\
        # Shop

        ## Data model

        - **Book**: id, title
        - **BookTag**: id, book_id (FK), tag
        - **AuditLog**: id, message

        ## API

        - GET /books
        - POST /books
        """
    assert routes(architect(text)) == []


def test_a_requirement_asks_for_operations(architect):
    """What a requirement asks for in words is derived for an entity without endpoints, and only that."""
    text = """\
        # Shop

        ## Data model

        - **Book**: id, title
        - **Author**: id, name

        ## Requirements

        - REQ-001: An editor adds authors.
        - REQ-002: An editor removes an author.

        ## API

        - GET /api/books
        - POST /api/books
        """
    found = [r for r in routes(architect(text)) if "author" in r]
    assert found == ["POST /api/authors", "DELETE /api/authors/{id}"]


def test_rows_that_operations_need_can_be_made(architect):
    """An operation that must refer to a row gets a way to make one, and the author a question."""
    text = """\
        # Shop

        ## Data model

        - **Author**: id, name
        - **Book**: id, title, author_id (FK)

        ## API

        - POST /books
        """
    system = architect(text)
    assert routes(system) == ["POST /authors"]
    assert any(q.startswith("How do rows of Author come to be?") for q in system.questions)


def test_statistics_go_to_the_service_around_them(architect):
    """An endpoint that names no entity goes where it stands, or to a service by its path; otherwise it is asked."""
    text = (
        f"# Library\n\n{SERVICES}## Data model\n\n- **Book**: id, title\n- **Loan**: id, day (date)\n\n"
        "## API\n\n- GET /loans\n- GET /stats\n- GET /book-reports\n"
    )
    system = architect(text)
    homes = {o.path: o.service for o in system.operations if o.source.kind == "explicit"}
    assert homes == {"/loans": "loan-service", "/stats": "loan-service", "/book-reports": "book-service"}
    question = next(q for q in system.questions if "GET /stats" in q)
    assert question.startswith("Which service serves GET /stats (line 16)? It went to loan-service:")


def test_query_strings_become_parameters(architect):
    """Names in a query string are optional parameters, fields of the entity or not."""
    system = architect(
        "# T\n\n## Data\n\n- **Book**: id, title\n\n- GET /books?title=x&from=y&page=1\n- GET /report?day=3\n"
    )
    document = contracts(system)[system.services[0].name]
    given = document["paths"]["/books"]["get"]["parameters"]
    assert [p["name"] for p in given] == ["title", "from", "page", "limit", "offset"]
    assert not any(p.get("required") for p in given)
    assert [p["name"] for p in document["paths"]["/report"]["get"]["parameters"]] == ["day"]


def test_contracts_tell_what_they_rest_on(architect):
    """Each operation has its line and whether the text names it; tags in use are declared."""
    system = architect("# T\n\nUsers sign in.\n\n- GET /notes\n")
    document = contracts(system)[system.services[0].name]
    notes, login = document["paths"]["/notes"]["get"], document["paths"]["/auth/login"]["post"]
    assert (notes["x-line"], notes["x-source"], "x-derived" in notes) == (5, "explicit", False)
    assert (login["x-source"], login["x-derived"]) == ("derived", True)
    assert {t["name"] for t in document["tags"]} == {
        t for i in document["paths"].values() for o in i.values() for t in o["tags"]
    }


def test_a_listed_probe_is_the_one_that_every_service_has(architect):
    """`GET /health` is a public operation that answers what the runtime answers."""
    system = architect("# T\n\nUsers sign in.\n\n- GET /health\n- GET /notes\n")
    document = contracts(system)[system.services[0].name]
    probe = document["paths"]["/health"]["get"]
    assert probe["security"] == []
    schema = probe["responses"]["200"]["content"]["application/json"]["schema"]["$ref"].rsplit("/", 1)[-1]
    assert document["components"]["schemas"][schema]["required"] == ["status"]


def test_paths_that_differ_in_names_only_are_one(architect):
    """Parameters in the same place of one path have one name, as OpenAPI demands."""
    system = architect("# T\n\n## Data\n\n- **Book**: id, title\n\n- GET /books/{book}\n- DELETE /books/{id}\n")
    assert {o.path for o in system.operations if "{" in o.path} == {"/books/{book}"}


@pytest.mark.parametrize(
    ("method", "path", "kind", "entity"),
    [
        ("GET", "/tasks/{projectId}", "list", "Task"),
        ("POST", "/tasks/{projectId}", "create", "Task"),
        ("PUT", "/tasks/{projectId}/t/{taskId}", "replace", "Task"),
        ("DELETE", "/tasks/{projectId}/st/{subTaskId}", "delete", "SubTask"),
        ("GET", "/auth/current-user", "me", "User"),
        ("POST", "/users/verify", "action", None),
        ("PUT", "/users/me/address", "update_me", "User"),
        ("POST", "/tasks/{id}/remind", "action", "Task"),
    ],
)
def test_meanings(method, path, kind, entity):
    """A method and a path mean a kind of operation on an entity."""
    found = meaning(EndpointFact(method, path, 1), ("User", "Project", "Task", "SubTask"), {})
    assert (found.kind, found.entity) == (kind, entity)


def test_services_that_refer_to_each_other(architect):
    """References in a circle give a pair in each direction, and contracts for both."""
    data = "## Data model\n\n- **Book**: id, title, loan_id (FK)\n- **Loan**: id, book_id (FK)\n\n"
    system = architect(f"# Library\n\n{SERVICES}{data}## API\n\n- POST /books\n- POST /loans\n")
    assert system.pairs == (("book-service", "loan-service"), ("loan-service", "book-service"))
    assert {name: bool(c["paths"]) for name, c in contracts(system).items()} == {
        "book-service": True,
        "loan-service": True,
    }


def test_parameters_are_filled_with_rows_of_what_they_name(architect):
    """A parameter in camel case names its entity as one in snake case does; the last one names the row itself."""
    from pytest_superteam.checks.seeding import parameter_entities

    data = "## Data\n\n- **Lot**: id, name\n- **Slot**: id, code\n\n"
    text = f"# T\n\n{data}- GET /lots\n- PATCH /lots/{{lotId}}/slots/{{code}}\n"
    operation = next(o for o in architect(text).operations if o.method == "PATCH")
    assert parameter_entities(architect(text), operation) == {"lotId": "Lot", "code": "Slot"}
