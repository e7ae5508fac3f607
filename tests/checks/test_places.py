"""Where an operation stands in the contract and in the source."""

from types import SimpleNamespace

import pytest
from library_architecture import architecture

from pytest_superteam.checks.places import at_place, place_of
from pytest_superteam.models import Severity, Violation

APP = """from fastapi import FastAPI

app = FastAPI()


@app.get("/books/{book_id}")
def read_book(book_id: str):
    return {}


@app.get("/api/books")
def list_books():
    return []
"""
YAML = """openapi: 3.1.0
info: {title: library, version: '1'}
paths:
  /books/{book_id}:
    parameters: []
    get:
      operationId: read_book
  /books:
    get: {operationId: list_books}
"""
JSON = '{"openapi": "3.1.0", "info": {},\n "paths": {\n  "/books": {\n   "get": {}}}}'


def system(project, contract=None, **changes):
    """Return what `places` asks of a running system."""
    known = architecture(contracts={"library": contract}) if contract else architecture()
    parts = {
        "architecture": known,
        "project": project,
        "sources": {"library": project / "services" / "library"},
        "config": SimpleNamespace(scan=SimpleNamespace(exclude=None)),
        "memory": {},
    }
    return SimpleNamespace(**{**parts, **changes})


@pytest.fixture
def project(tmp_path):
    """Make a project with a built service and its contract."""
    source = tmp_path / "services" / "library"
    source.mkdir(parents=True)
    (source / "main.py").write_text(APP)
    contracts = tmp_path / ".superteam" / "architecture" / "contracts"
    contracts.mkdir(parents=True)
    (contracts / "library.openapi.yaml").write_text(YAML)
    return tmp_path


def test_handler_and_contract_line_are_found(project):
    """An operation has the file and line of its handler and the line of the contract on disk."""
    place = place_of(system(project), "library", "GET /books/{book_id}")
    assert (place.file, place.contract_line) == ("main.py", 6)
    assert APP.splitlines()[place.line - 1].startswith(("@app.get", "def read_book"))
    assert place.contract == ".superteam/architecture/contracts/library.openapi.yaml"


def test_the_path_of_a_server_stands_before_the_operations(project):
    """A handler whose path has the server's in front is the operation's, too."""
    place = place_of(system(project, {"servers": [{"url": "http://x/api"}], "paths": {}}), "library", "GET /books")
    assert place.file == "main.py"


def test_a_violation_gets_its_place(project):
    """File and line are the handler's; the message names the contract's line once, behind the operation."""
    found = Violation("SCHEMA-001", Severity.ERROR, "library", "GET /books/{book_id}: Server error. Mend it.")
    placed = at_place(system(project), found, "GET /books/{book_id}")
    assert (placed.file, placed.line > 0) == ("main.py", True)
    line = "(contract line 6 of .superteam/architecture/contracts/library.openapi.yaml)"
    assert placed.message == f"GET /books/{{book_id}} {line}: Server error. Mend it."


def test_a_contract_that_was_found_counts(project):
    """Without a contract of ours, the document in the service's folder is the one that is named."""
    (project / ".superteam" / "architecture" / "contracts" / "library.openapi.yaml").unlink()
    (project / "services" / "library" / "openapi.json").write_text(JSON)
    place = place_of(system(project), "library", "GET /books")
    assert (place.contract, place.contract_line) == ("openapi.json", 4)


@pytest.mark.parametrize("text", ["{", "a: &a [*a]", "", "[]", "paths: 3", "paths: {/books: [get]}", "\x00"])
def test_a_contract_that_can_not_be_read_has_no_lines(project, text):
    """What stands in the way of the lines stands not in the way of the finding."""
    (project / ".superteam" / "architecture" / "contracts" / "library.openapi.yaml").write_text(text)
    assert place_of(system(project), "library", "GET /books").contract_line == 0


def test_without_source_there_is_no_handler(project):
    """A service of which there is no source, or none that is parsed, has findings without a place."""
    for sources in ({}, {"library": project / "gone"}):
        place = place_of(system(project, sources=sources), "library", "GET /books/{book_id}")
        assert (place.file, place.line, place.contract_line) == ("", 0, 6)
    (project / "services" / "library" / "main.py").write_text("def (:")
    assert place_of(system(project), "library", "GET /books/{book_id}").file == ""


def test_source_is_read_once(project):
    """The second look at a service is from memory."""
    running = system(project)
    place_of(running, "library", "GET /books/{book_id}")
    (project / "services" / "library" / "main.py").unlink()
    assert place_of(running, "library", "GET /books/{book_id}").file == "main.py"
