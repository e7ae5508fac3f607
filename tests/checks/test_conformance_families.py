"""The items of conformance and of sequences, on the running library: from the plan to the result."""

from dataclasses import replace

import pytest
from library_architecture import architecture, deployment
from library_service import serving
from starlette.applications import Starlette
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from pytest_superteam.checks.base import CheckItem, Planning, RunningSystem
from pytest_superteam.checks.engine.conformance import ConformanceOptions, check_operation
from pytest_superteam.checks.engine.settings import FILE
from pytest_superteam.checks.families import conformance, sequences
from pytest_superteam.config import load_config
from pytest_superteam.contracts.adopted import adopted_architecture
from pytest_superteam.errors import CheckError
from pytest_superteam.models import Deployment, RunningService, Service, Severity


def running(url, project, *, known=None, **changes):
    """Return the library as a running system that is tried a little."""
    config = load_config(None, environment={}, options={"gate.examples": 12, "timeouts.request": 5.0})
    return RunningSystem(known or architecture(), config, deployment(url), project, **changes)


def items(family, known=None):
    """Return the planned items by their parameter."""
    planning = Planning(known or architecture(), load_config(None, environment={}, options={}), project=None)
    return {item.param: item for item in family.plan(planning)}


def without(*names):
    """Return the architecture without some operations."""
    known = architecture()
    return replace(known, operations=tuple(o for o in known.operations if o.id not in names))


def test_each_operation_has_an_item():
    """Conformance has an item for each operation."""
    planned = items(conformance.FAMILY)
    assert {item.subject for item in planned.values()} == {o.id for o in architecture().operations}
    assert all(param == f"library-{item.subject}" for param, item in planned.items())


@pytest.mark.parametrize(
    ("known", "planned"),
    [
        (architecture(), ["library"]),
        (without("read_book", "update_book", "delete_book"), []),
        (without("create_book"), ["library"]),
        (without("create_book", "list_books"), []),
    ],
    ids=["all", "no items", "only a list", "nothing above"],
)
def test_sequences_are_planned_where_calls_can_be_chained(known, planned):
    """A service has an item where a path of an item lies below one that makes or lists items."""
    assert list(items(sequences.FAMILY, known)) == planned


def test_a_sound_service_passes(serve, tmp_path):
    """Operation and sequences of a correct service are tried and give nothing."""
    system = running(serve().url, tmp_path)
    result = conformance.FAMILY.check(system, items(conformance.FAMILY)["library-create_book"])
    assert (result.violations, result.skipped) == ((), "")
    result = sequences.FAMILY.check(system, items(sequences.FAMILY)["library"])
    assert (result.violations, result.skipped) == ((), "")
    assert "204" in result.detail


def test_a_fault_is_found_with_its_place(serve, tmp_path):
    """A violation of either family names the handler's file and line."""
    (tmp_path / "main.py").write_text(
        'from fastapi import FastAPI\napp = FastAPI()\n\n@app.get("/books/{book_id}")\ndef read_book(book_id): ...\n'
    )
    system = running(serve("server error").url, tmp_path, sources={"library": tmp_path})
    for family, param, code in (
        (conformance.FAMILY, "library-read_book", "SCHEMA-001"),
        (sequences.FAMILY, "library", "STATEFUL-001"),
    ):
        result = family.check(system, items(family)[param])
        found = next(v for v in result.violations if v.message.startswith("GET /books/{book_id}: Server error"))
        assert (found.code, found.severity, found.file) == (code, Severity.ERROR, "main.py")
        assert found.line in {4, 5}


def test_what_was_found_and_never_succeeds_is_a_warning(serve, tmp_path):
    """In a system that was there before us an operation without a 2xx is named, as advice."""
    known = without("create_book")
    item = items(conformance.FAMILY, known)["library-read_book"]
    url = serve("media type").url
    system = running(url, tmp_path, known=known, found=True)
    result = conformance.FAMILY.check(system, item)
    warning = next(v for v in result.violations if v.code == "SCHEMA-002")
    assert warning.severity is Severity.WARNING
    assert warning.message.startswith("GET /books/{book_id}: was not exercised: ")


def test_what_is_ours_and_can_not_succeed_is_skipped(serve, tmp_path):
    """Where our own contracts can make no row, the item says which row is missing."""
    known = without("create_book")
    result = conformance.FAMILY.check(
        running(serve().url, tmp_path, known=known), items(conformance.FAMILY, known)["library-read_book"]
    )
    assert "no row for book_id can be made" in result.skipped


def test_the_settings_of_the_project_are_honoured(serve, tmp_path):
    """An operation that the project's file switches off is skipped; a broken file is an error of each item."""
    (tmp_path / FILE).write_text('[[operations]]\ninclude-operation-id = "list_books"\nenabled = false\n')
    system, item = running(serve().url, tmp_path), items(conformance.FAMILY)["library-list_books"]
    assert FILE in conformance.FAMILY.check(system, item).skipped
    (tmp_path / FILE).write_text("seed = ")
    with pytest.raises(CheckError, match=f"{FILE}:1: is no TOML"):
        conformance.FAMILY.check(system, item)


def test_sequences_that_say_nothing_are_an_error_where_the_contract_is_ours(serve, tmp_path):
    """Where no call gets a usable id the item errors; in a system that was found it is skipped with the reason."""
    paths = architecture().contracts["library"]["paths"]
    contract = {**architecture().contracts["library"], "paths": {**paths, "/books": {"get": paths["/books"]["get"]}}}
    known = replace(without("create_book", "create_author"), contracts={"library": contract})
    item = items(sequences.FAMILY)["library"]
    empty = serve("refuses valid").url  # nothing is in its list
    with pytest.raises(CheckError, match="say nothing"):
        sequences.FAMILY.check(running(empty, tmp_path, known=known), item)
    assert sequences.FAMILY.check(running(empty, tmp_path, known=known, found=True), item).skipped


def test_sequences_that_the_project_switches_off_are_skipped(serve, tmp_path):
    """What the project's own file switches off is no error."""
    (tmp_path / FILE).write_text("[phases.stateful]\nenabled = false\n")
    result = sequences.FAMILY.check(running(serve().url, tmp_path), items(sequences.FAMILY)["library"])
    assert result.skipped == f"sequences are switched off by {FILE}"


@pytest.mark.parametrize(("status", "told"), [(404, True), (200, False)])
def test_only_the_method_of_the_operation_counts(tmp_path, status, told):
    """An answer to another method, as any path gives to OPTIONS, says nothing of the operation's own success."""

    async def things(request):
        if request.method == "OPTIONS":
            return Response(status_code=200, headers={"Allow": "GET, HEAD, OPTIONS"})
        return JSONResponse({}, status)

    answers = {code: {"description": "So."} for code in ("200", "404")}
    contract = {
        "openapi": "3.0.3",
        "info": {"title": "Things", "version": "1"},
        "paths": {"/things": {"get": {"operationId": "things", "responses": answers}}},
    }
    found = adopted_architecture({"things": contract}, title="Things", services=[Service("things")]).architecture
    with serving(Starlette(routes=[Route("/things", things, methods=["GET", "OPTIONS"])])) as url:
        where = Deployment("given", "run", (RunningService("things", url, None),))
        config = load_config(None, environment={}, options={"gate.examples": 8})
        system = RunningSystem(found, config, where, tmp_path, found=True)
        item = CheckItem("things", "things-things", "SCHEMA-001", Severity.ERROR, "things")
        result = conformance.FAMILY.check(system, item)
    assert "200 x" in result.detail  # OPTIONS was tried
    assert any(violation.code == "SCHEMA-002" for violation in result.violations) is told


@pytest.mark.parametrize(("found", "codes"), [(True, set()), (False, {"SCHEMA-001"})])
def test_refusals_that_a_found_contract_leaves_out(tmp_path, found, codes):
    """A 401 that only a contract of ours would have to list is counted by its reason, and no finding."""

    async def things(request):
        return JSONResponse({}, 200 if request.headers.get("authorization") == "Bearer given" else 401)

    contract = {
        "openapi": "3.0.3",
        "info": {"title": "Things", "version": "1"},
        "components": {"securitySchemes": {"bearerAuth": {"type": "http", "scheme": "bearer"}}},
        "security": [{"bearerAuth": []}],
        "paths": {"/things": {"get": {"operationId": "things", "responses": {"200": {"description": "So."}}}}},
    }
    with serving(Starlette(routes=[Route("/things", things, methods=["GET"])])) as url:
        result = check_operation(
            contract=contract, service="things", operation_id="things", base_url=url, token="given",
            other_tokens={}, options=ConformanceOptions(max_examples=5, found=found),
        )  # fmt: skip
    told = [violation for violation in result.violations if "401" in violation.message]
    assert {violation.code for violation in told} == codes
    assert ("is_undeclared_refusal" in result.detail) is found
