"""Operations as the security checks call them: kinds that are read off paths, rows that are made, places."""

from dataclasses import replace

import pytest
from diary_service import diary, diary_architecture
from ledger_service import ARCHITECTURE, ledger, serving, system_at

from pytest_superteam.checks.access.endpoints import body_properties, creator_of, endpoints_of, placed
from pytest_superteam.checks.access.objects import Objects
from pytest_superteam.checks.access.users import caller, stand_in
from pytest_superteam.checks.exchanges import Answer, Exchanges
from pytest_superteam.errors import CheckError
from pytest_superteam.models import Architecture, CheckResult, Operation, Service, Severity, Violation

BODY = {"requestBody": {"content": {"application/json": {"schema": {"properties": {"password": {"type": "string"}}}}}}}
PLAIN = {
    ("POST", "/auth/sign-in"): "login",
    ("POST", "/auth/token"): "login",
    ("POST", "/sign_up"): "register",
    ("POST", "/users"): "register",
    ("GET", "/users"): "list",
    ("GET", "/users/{name}"): "read",
    ("PUT", "/users/{name}"): "replace",
    ("PATCH", "/users/{name}"): "update",
    ("DELETE", "/users/{name}"): "delete",
    ("POST", "/users/{name}/ban"): "action",
    ("POST", "/carts/{id}/items"): "create",
    ("GET", "/carts/{id}/items/{item}"): "read",
}


def plain_system():
    """Return a system whose operations nobody has classified."""
    paths = {}
    for method, path in PLAIN:
        names = [part[1:-1] for part in path.split("/") if part.startswith("{")]
        parameters = [{"name": name, "in": "path", "required": True, "schema": {"type": "string"}} for name in names]
        said = {"operationId": f"{method} {path}", "parameters": parameters, "responses": {"200": {}}}
        paths.setdefault(path, {})[method.lower()] = {**said, **(BODY if method == "POST" else {})}
    operations = tuple(Operation(f"{method} {path}", "plain", method, path, "action") for method, path in PLAIN)
    document = {"openapi": "3.0.0", "info": {}, "paths": paths}
    return Architecture("Plain", "", (Service("plain"),), operations=operations, contracts={"plain": document})


def test_kinds_are_read_off_paths():
    """What nobody classified is classified by its method, path and body."""
    system = system_at("http://127.0.0.1:9", plain_system(), found=True)
    found = {(e.operation.method, e.operation.path): e.kind for e in endpoints_of(system, "plain")}
    assert found == PLAIN


def test_rows_are_known_by_their_paths():
    """Rows that no entity names are those of the collection before the parameter."""
    system = system_at("http://127.0.0.1:9", plain_system(), found=True)
    named = {e.operation.path: (e.named, e.own, e.row) for e in endpoints_of(system, "plain")}
    assert named["/users/{name}/ban"] == ({"name": "/users"}, "/users", "name")
    assert named["/carts/{id}/items/{item}"] == ({"id": "/carts", "item": "/carts/{}/items"}, "/carts/{}/items", "item")
    assert named["/carts/{id}/items"] == ({"id": "/carts"}, "/carts/{}/items", "")
    assert creator_of(system, "/users").label == "POST /sign_up"
    assert creator_of(system, "/carts") is None


@pytest.mark.parametrize(
    "schema",
    [
        {"properties": {"a": {}, "b": {}}},
        {"allOf": [{"properties": {"a": {}}}, {"$ref": "#/s/B"}]},
        {"oneOf": [{"$ref": "#/s/B"}, {"properties": {"a": {}}}]},
        {"$ref": "#/s/Both"},
    ],
)
def test_body_properties(schema):
    """Properties are found through references, parts and alternatives; a circle or a broken reference ends it."""
    both = {"allOf": [{"$ref": "#/s/B"}, {"properties": {"a": {}}}, {"$ref": "#/s/Both"}, {"$ref": "#/gone"}]}
    document = {"s": {"B": {"properties": {"b": {"$ref": "#/gone"}}}, "Both": both}}
    assert set(body_properties(schema, document)) == {"a", "b"}


def test_rows_belong_to_the_check():
    """What writes is called on a row that was made for it, and a row is made once for each user."""
    with serving(ledger()) as url, Exchanges() as exchanges:
        system = system_at(url)
        user, objects = caller(system), Objects(system, exchanges)
        by_id = {e.operation.id: e for e in endpoints_of(system, "ledger")}
        first = objects.url(by_id["update_note"], user)
        assert first == objects.url(by_id["delete_note"], user)
        assert objects.call(by_id["update_note"], user).ok
        assert objects.make("Note", user).id not in first
        assert objects.make("Nothing", user) is None
        assert objects.problems == {"Nothing": "no operation makes a Nothing"}
        assert "limit=7" in objects.url(by_id["list_notes"], user, query={"limit": 7})


def test_rows_by_name():
    """A row of a found system is named by what its path asks for, from the answer or from what was sent."""
    with serving(diary()) as url, Exchanges() as exchanges:
        system = system_at(url, diary_architecture(), found=True)
        user, objects = caller(system), Objects(system, exchanges)
        made = objects.make("Diary", user)
        assert made.id == made.sent["title"]
        assert objects.id_of("Member", user) == user.account["username"]
        with pytest.raises(CheckError, match=r"no row is there for \{title\}"):
            objects.url(next(e for e in endpoints_of(system, "diary") if e.own == "Page"), user)


@pytest.mark.parametrize(
    ("content", "key"),
    [
        (b'{"id": 7}', "7"),
        (b'{"data": {"id": "x", "text": "y"}, "status": "ok"}', "x"),
        (b'{"status": "ok"}', None),
        (b"[]", None),
        (b"no JSON", None),
    ],
)
def test_key_of_an_answer(content, key):
    """The key of a new row is found in the answer, in its wrapping, or not at all."""
    system = system_at("http://127.0.0.1:9")
    with Exchanges() as exchanges:
        made = Objects(system, exchanges).made("Note", {"text": "y"}, Answer(201, {}, content))
    assert (made.id if made else None) == key


def test_stand_in():
    """What changes the caller's own account is called by somebody else, for the users are shared."""
    with serving(ledger()) as url:
        operations = (*ARCHITECTURE.operations, Operation("gone", "ledger", "DELETE", "/me", "action", entity="User"))
        system = system_at(url, replace(ARCHITECTURE, operations=operations))
        user = caller(system)
        me = next(e for e in endpoints_of(system, "ledger") if e.operation.id == "me")
        assert stand_in(system, me, user) is user
        leaving = replace(me, operation=operations[-1])
        first, second = stand_in(system, leaving, user), stand_in(system, leaving, user)
        assert len({user.subject, first.subject, second.subject}) == 3


def test_places(tmp_path):
    """A finding tells where its operation stands in the contract on disk; other findings stay as they are."""
    contracts = tmp_path / ".superteam" / "architecture" / "contracts"
    contracts.mkdir(parents=True)
    (contracts / "ledger.openapi.yaml").write_text("openapi: 3.1.0\npaths:\n  /me:\n    get:\n      responses: {}\n")
    system = system_at("http://127.0.0.1:9")
    system.project = tmp_path
    said = ("GET /me lets in", "GET /me: a user", "The login's tokens")
    found = tuple(Violation("AUTH-001", Severity.HIGH, "ledger", text) for text in said)
    told = [v.message for v in placed(system, CheckResult(found)).violations]
    where = " (contract line 4 of .superteam/architecture/contracts/ledger.openapi.yaml)"
    assert told == [f"GET /me{where} lets in", f"GET /me{where}: a user", "The login's tokens"]
