"""Accounts, tokens and rows of a system that somebody else wrote."""

from __future__ import annotations

import json
import time
from pathlib import Path
from types import SimpleNamespace

import httpx
import jwt
import pytest
from found_service import CONTRACT, KEY, Notes
from library_service import serving
from starlette.responses import JSONResponse

from pytest_superteam.checks.base import RunningSystem
from pytest_superteam.checks.callers.accounts import lets_in, log_in, sign_up, token_of
from pytest_superteam.checks.callers.auth import ANY, NoTokenError, single_use_token, token_for
from pytest_superteam.checks.connections import http_client
from pytest_superteam.checks.engine.spare import caller_of, ends_access
from pytest_superteam.checks.exchanges import Answer
from pytest_superteam.checks.flows.execution import run_flow
from pytest_superteam.checks.seeding import Seeder, key_names
from pytest_superteam.config import AuthConfig, AuthUser, Config, OAuth2Config
from pytest_superteam.config_entries import EnvironmentName
from pytest_superteam.contracts.adopted import adopted_architecture
from pytest_superteam.errors import CheckError
from pytest_superteam.models import Deployment, RunningService, Service


@pytest.fixture
def notes():
    """Return a running service of theirs."""
    found = Notes()
    with serving(found.app()) as url:
        found.url = url
        yield found


def system_of(notes, auth=None, contract=CONTRACT, **changes):
    """Return the system as the checks see it."""
    found = adopted_architecture({"notes": contract}, title="notes", services=[Service("notes")])
    where = Deployment("given", "run", (RunningService("notes", notes.url, Path("none")),))
    return RunningSystem(found.architecture, Config(auth=auth or AuthConfig()), where, Path(), found=True, **changes)


def operation(system, name):
    """Return an operation by id."""
    return next(o for o in system.architecture.operations if o.id == name)


def me(notes, token):
    """Return who the service takes the caller of `token` for."""
    return httpx.get(notes.url + "/me", headers={"Authorization": f"Bearer {token}"}).json().get("username")


def test_signs_up_where_nothing_is_required(notes):
    """A contract that requires nothing is answered with everything it has, and the token found by its name."""
    system = system_of(notes)
    account = sign_up(system.architecture, system.deployment)
    assert set(account) == {"username", "password", "email", "token"}
    assert me(notes, account["token"]) == account["username"]


def test_logs_in_with_an_account_that_is_there(notes):
    """Name and password of the settings are put where the contract wants them."""
    system = system_of(notes)
    sent = log_in(system.architecture, system.deployment, {"username": "admin", "password": "admin password"})
    assert me(notes, sent["token"]) == "admin"


def test_login_refused_with_200_is_refused(notes):
    """An answer without a token is no login, whatever its status is; it is told, the password is not."""
    system = system_of(notes)
    with pytest.raises(CheckError, match=r"answered no token, but message, status .*wrong") as caught:
        log_in(system.architecture, system.deployment, {"username": "admin", "password": "not the word"})
    assert "not the word" not in str(caught.value)


def test_no_token_is_made_up(notes):
    """Without the system's secret there are no tokens but those that its login gives."""
    system = system_of(notes)
    assert set(system.tokens) == {ANY}
    with pytest.raises(NoTokenError, match=r"no token of the role admin could be had\. Set auth\.tokens\.admin"):
        token_for(system.tokens, operation(system, "delete_people_v1_username"))


def test_nothing_can_be_had(notes):
    """Without registration, settings and fixture, the message names what would help."""
    paths = {path: item for path, item in CONTRACT["paths"].items() if "register" not in path}
    system = system_of(notes, contract={**CONTRACT, "paths": paths})
    assert dict(system.tokens) == {}
    with pytest.raises(NoTokenError, match=r"get_me: no token could be had.*Set auth\.token or auth\.users"):
        token_for(system.tokens, operation(system, "get_me"))


def test_registration_that_fails_is_told(notes):
    """What the service said to the registration stands in the message of whoever needs a token."""
    schema = CONTRACT["paths"]["/people/v1/register"]["post"]["requestBody"]["content"]["application/json"]["schema"]
    less = {"type": "object", "properties": {n: v for n, v in schema["properties"].items() if n != "email"}}
    definition = {**CONTRACT["paths"]["/people/v1/register"]["post"]}
    definition["requestBody"] = {"content": {"application/json": {"schema": less}}}
    paths = {**CONTRACT["paths"], "/people/v1/register": {"post": definition}}
    system = system_of(notes, contract={**CONTRACT, "paths": paths})
    with pytest.raises(NoTokenError, match=r"answered 400 to a valid body.*email are needed"):
        token_for(system.tokens, operation(system, "get_me"))


@pytest.fixture
def later(monkeypatch):
    """Return a function that moves the gate's clock forward by some seconds."""

    def move(seconds):
        clock = SimpleNamespace(time=lambda: time.time() + seconds)
        monkeypatch.setattr("pytest_superteam.checks.callers.credentials.time", clock)

    return move


def test_tokens_that_end_are_had_again(notes, later):
    """A token is renewed a minute before its end, for the same account."""
    notes.life = 600
    system = system_of(notes)
    first = system.tokens[ANY]
    assert system.tokens[ANY] == first
    later(545)
    second = system.tokens[ANY]
    assert second != first
    subjects = {jwt.decode(token, KEY, algorithms=["HS256"])["sub"] for token in (first, second)}
    assert subjects == {system.credentials.account()["username"]}


def test_account_that_was_lost(notes, later):
    """Where some call has changed the account's password, another account takes its place."""
    notes.life = 600
    system = system_of(notes)
    name = system.credentials.account()["username"]
    notes.people[name]["password"] = "another"
    later(545)
    assert me(notes, system.tokens[ANY]) not in {name, None}


def test_rows_are_named_by_what_their_path_takes(notes):
    """A row whose creation answers no id is known by what was sent, or by its place in the list."""
    system = system_of(notes)
    rows = system.samples["notes"]
    assert set(rows["Note"]) == set(notes.notes)
    assert {notes.notes[title]["owner"] for title in rows["Note"]} == {system.credentials.account()["username"]}
    assert rows["Person"][0] == system.credentials.account()["username"]
    assert rows["Feed"] == ["0", "1"]


def test_second_run_makes_other_rows(notes):
    """What an earlier run has left is in nobody's way."""
    one, two = (set(system_of(notes).samples["notes"]["Note"]) for _ in range(2))
    assert not one & two
    assert len(notes.notes) == 4


def test_keys_with_signs(notes):
    """A key may hold blanks and slashes; it is quoted in paths."""
    system = system_of(notes)
    notes.notes["a b/c"] = {"text": "", "owner": system.credentials.account()["username"]}
    with http_client() as client:
        seeder = Seeder(system.architecture, system.deployment, system.tokens, client, {})
        answer = seeder.call(operation(system, "get_notes_note_title"), {"note_title": "a b"})
    assert answer.request.url.raw_path == b"/notes/a%20b"


def test_key_names():
    """The field that the path is called like comes first, then what keys are usually called."""
    system = adopted_architecture({"notes": CONTRACT}, title="", services=[Service("notes")]).architecture
    assert key_names(system, system.entity_named("Note"))[:2] == ("note_title", "id")
    assert key_names(system, system.entity_named("Person"))[0] == "username"


def test_calls_that_end_access_have_a_caller_of_their_own(notes):
    """What sets a password is tried by somebody whom no other check needs, on their own row."""
    system = system_of(notes)
    change = operation(system, "put_people_v1_username_password")
    assert [o.id for o in system.architecture.operations if ends_access(system, o)] == [change.id]
    token, rows, lacking = caller_of(system, change)
    assert (me(notes, token), lacking) == (rows["username"][0], "")
    assert me(notes, token) != me(notes, system.tokens[ANY])


def test_a_role_that_nobody_has(notes):
    """Where no token of the role is there, any other is tried, and what is lacking is said."""
    system = system_of(notes)
    token, rows, lacking = caller_of(system, operation(system, "delete_people_v1_username"))
    assert (token, rows) == (system.tokens[ANY], {})
    assert "auth.tokens.admin" in lacking


def test_single_use_token_of_a_stranger(notes):
    """Without the secret, a token to be ended is another account's; without accounts there is none."""
    system = system_of(notes)
    token = single_use_token(system.deployment, system.tokens[ANY], system.architecture)
    assert me(notes, token) not in {me(notes, system.tokens[ANY]), None}
    with pytest.raises(NoTokenError, match="only one is not to be ended"):
        single_use_token(system.deployment, token)


# ---------------------------------------------------------------- what the project gives


def test_tokens_of_the_settings_come_first(notes, monkeypatch):
    """A variable's token is used as it is, and nobody is registered."""
    monkeypatch.setenv("THEIR_TOKEN", notes.token("admin"))
    system = system_of(notes, AuthConfig(token=EnvironmentName("THEIR_TOKEN")))
    assert me(notes, system.tokens[ANY]) == "admin"
    assert set(notes.people) == {"admin"}


def test_roles_of_the_settings(notes, monkeypatch):
    """Tokens by role stand beside the one that is earned."""
    monkeypatch.setenv("ADMIN_TOKEN", notes.token("admin"))
    system = system_of(notes, AuthConfig(tokens={"admin": EnvironmentName("ADMIN_TOKEN")}))
    assert me(notes, token_for(system.tokens, operation(system, "delete_people_v1_username"))) == "admin"
    assert me(notes, system.tokens[ANY]).startswith("gate")


def test_accounts_of_the_settings(notes, monkeypatch):
    """An account is logged in by the contract; a wrong password is told without it."""
    user = AuthUser("admin", "admin", EnvironmentName("ADMIN_PASSWORD"))
    monkeypatch.setenv("ADMIN_PASSWORD", "admin password")
    assert me(notes, system_of(notes, AuthConfig(users=(user,))).tokens["admin"]) == "admin"
    monkeypatch.setenv("ADMIN_PASSWORD", "a wrong one")
    with pytest.raises(CheckError, match=r"auth\.users: 'admin' could not log in") as caught:
        _ = system_of(notes, AuthConfig(users=(user,))).tokens
    assert "a wrong one" not in str(caught.value)


def test_variable_that_is_not_set(notes, monkeypatch):
    """The setting and the variable are named."""
    monkeypatch.delenv("GONE", raising=False)
    with pytest.raises(CheckError, match=r"auth\.token: the environment variable GONE is not set"):
        _ = system_of(notes, AuthConfig(token=EnvironmentName("GONE"))).tokens


def client_of(notes):
    """Return the settings of an OAuth2 client."""
    return AuthConfig(
        oauth2=OAuth2Config(f"{notes.url}/token", "machine", EnvironmentName("CLIENT_SECRET"), scope="notes")
    )


def test_client_credentials(notes, monkeypatch, later):
    """A client's token is asked for once, and again when it ends."""
    monkeypatch.setenv("CLIENT_SECRET", "right")
    notes.life = 600
    system = system_of(notes, client_of(notes))
    assert me(notes, system.tokens[ANY]) == me(notes, system.tokens[ANY]) == "machine"
    assert [call["grant_type"] for call in notes.calls] == ["client_credentials"]
    assert notes.calls[0]["scope"] == "notes"
    later(590)
    _ = system.tokens
    assert len(notes.calls) == 2


def test_client_that_is_refused(notes, monkeypatch):
    """The error of the token endpoint is told, the secret is not."""
    monkeypatch.setenv("CLIENT_SECRET", "wrong-secret")
    with pytest.raises(CheckError, match=r"answered 401 and no access_token \(invalid_client\)") as caught:
        _ = system_of(notes, client_of(notes)).tokens
    assert "wrong-secret" not in str(caught.value)


def test_token_endpoint_that_is_not_there(notes, monkeypatch):
    """A token endpoint that does not answer is named."""
    monkeypatch.setenv("CLIENT_SECRET", "right")
    auth = AuthConfig(oauth2=OAuth2Config("http://127.0.0.1:9/token", "machine", EnvironmentName("CLIENT_SECRET")))
    with pytest.raises(CheckError, match=r"auth\.oauth2: http://127\.0\.0\.1:9/token can't be reached"):
        _ = system_of(notes, auth).tokens


def test_fixture_wins(notes, monkeypatch):
    """What the project's fixture gives comes before the settings; by role or alone; and it is asked once."""
    monkeypatch.setenv("THEIR_TOKEN", notes.token("somebody"))
    asked = []

    def give():
        asked.append(1)
        return {"admin": notes.token("admin")}

    system = system_of(notes, AuthConfig(token=EnvironmentName("THEIR_TOKEN")), auth_token=give)
    assert (me(notes, system.tokens["admin"]), me(notes, system.tokens[ANY])) == ("admin", "somebody")
    assert asked == [1]
    alone = system_of(notes, auth_token=lambda: notes.token("admin"))
    assert me(notes, alone.tokens[ANY]) == "admin"


@pytest.mark.parametrize("value", [3, "", {"admin": None}, {1: "x"}])
def test_fixture_that_gives_no_text(notes, value):
    """A fixture that gives something else is told what to give."""
    with pytest.raises(CheckError, match="Return a token, or a dict of role to token"):
        _ = system_of(notes, auth_token=lambda: value).tokens


@pytest.mark.parametrize(
    ("got", "token"),
    [
        ({"access_token": "a1"}, "a1"),
        ({"accessToken": "a1"}, "a1"),
        ({"data": {"user": {"token": "a1"}}}, "a1"),
        ({"token_type": "bearer", "refresh_token": "r", "token": "a1"}, "a1"),
        ({"userToken": "a1", "csrf_token": "c"}, "a1"),
        ({"refresh_token": "r"}, ""),
        ({"message": "wrong"}, ""),
        ("eyJhbGciOiJIUzI1NiJ9.e30.x", "eyJhbGciOiJIUzI1NiJ9.e30.x"),
        ("this is a sentence of some words", ""),
        ([], ""),
        (None, ""),
    ],
)
def test_token_in_an_answer(got, token):
    """A token is told by its property's name; refreshing and other tokens are none."""
    assert token_of(got) == token


@pytest.mark.parametrize(
    ("status", "headers", "body", "entered"),
    [
        (200, {}, b'{"token": "a1"}', True),
        (200, {"set-cookie": "s=1"}, b"{}", True),
        (200, {}, b'{"message": "wrong"}', False),
        (401, {}, b'{"token": "a1"}', False),
        (200, {}, b"no json", False),
    ],
)
def test_lets_in(status, headers, body, entered):
    """A login lets in with a token or a cookie, not with a mere 200."""
    assert lets_in(Answer(status, headers, body)) is entered


# ---------------------------------------------------------------- rows of others


def test_rows_of_others_are_left_alone(notes):
    """Conformance changes rows of the gate only: no example and no drawn key names another one in a changing call."""
    from pytest_superteam.checks.engine.cases import changes_others, find_operation, generate, ground, load_schema

    changed = json.loads(json.dumps(CONTRACT))
    changed["paths"]["/notes/{note_title}"]["delete"]["parameters"][0]["example"] = "theirs"
    schema = load_schema(system_of(notes, contract=changed).architecture.contracts["notes"], 1)
    change = find_operation(schema, "delete_notes_note_title")
    cases = generate(change, seed=1, budget=40)
    ground(cases, {"note_title": ["mine"]}, spare_others=True)
    kept = [case for case in cases if not changes_others(case, {"note_title": ["mine"]})]
    named = {case.path_parameters["note_title"] for case in kept if case.method == "DELETE" and not is_wrong(case)}
    assert named == {"mine"}
    left = [case for case in cases if not changes_others(case, {})]
    assert all(case.method in {"GET", "HEAD", "OPTIONS", "TRACE"} or is_wrong(case) for case in left)


def is_wrong(case):
    """Return whether the path of a case is wrong on purpose."""
    from schemathesis.core.parameters import ParameterLocation

    part = case.meta.components.get(ParameterLocation.PATH)
    return part is not None and part.mode.is_negative


@pytest.mark.parametrize("flow", ["notes-account", "notes-note-crud"])
def test_flows_know_rows_by_what_their_path_takes(notes, flow):
    """A flow registers whom the service takes, and knows a row whose creation answers no id by what was sent."""
    result = run_flow(system_of(notes), flow)
    assert [violation.message for violation in result.violations] == []
    assert (result.skipped, result.error) == ("", "")


class Forgetful(Notes):
    """A service that has no note under its name."""

    async def note(self, _request):
        return JSONResponse({"message": "none"}, 404)


def test_flow_tells_of_a_row_that_is_not_found():
    """A row that is not under its own name is a finding, however it is called."""
    notes = Forgetful()
    with serving(notes.app()) as notes.url:
        found = run_flow(system_of(notes), "notes-note-crud").violations[0]
    assert "GET /notes/{note_title} of notes answered 404 for a Note that was created" in found.message
