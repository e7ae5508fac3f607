"""Flows and boundary checks on services that misbehave and on designs that are strange: each ends with its reason."""

import time
import uuid
from dataclasses import replace

import pytest
from library_service import serving
from shop_architecture import architecture, changed_architecture, system_at
from shop_service import shop
from starlette.applications import Starlette
from starlette.responses import JSONResponse, PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route

from pytest_superteam.checks import exchanges
from pytest_superteam.checks.base import CheckItem, Planning
from pytest_superteam.checks.families import boundary, flows
from pytest_superteam.checks.flows.execution import run_flow
from pytest_superteam.config import Config, Timeouts
from pytest_superteam.errors import CheckError
from pytest_superteam.models import Entity, Field, Operation, StateMachine, Transition

METHODS = ["GET", "POST", "PATCH", "DELETE"]


def hang(_request):
    """Answer too late."""
    time.sleep(0.6)
    return PlainTextResponse("late")


def loop(request):
    """Lead back to where the request came from."""
    return RedirectResponse(request.url)


def fail(_request):
    """Fail always."""
    return Response("boom", 500)


def flood(_request):
    """Answer more than anybody wants."""
    return Response(b'[{"id": "' + b"x" * 300_000 + b'"}]', 201, media_type="application/json")


def nonsense(_request):
    """Answer JSON of another kind than anything expected."""
    return Response(b'["id", null, 3, {"items": 7, "total": "many"}]', 200, media_type="application/json")


@pytest.fixture(scope="module")
def prepared():
    """Return a sound shop's system, for the checks to begin with its tokens and rows."""
    with serving(shop()) as url:
        system = system_at(url)
        assert system.samples
        return system


def misbehaving(url, prepared):
    """Return the system at `url` with tokens and rows that were had before."""
    memory = {name: prepared.once(name, dict) for name in ("tokens", "samples")}

    def once(name, work):
        return memory[name] if name in memory else memory.setdefault(name, work())

    return replace(system_at(url), config=Config(timeouts=Timeouts(request=0.2)), once=once)


@pytest.mark.parametrize("behaviour", [hang, loop, fail, flood, nonsense])
@pytest.mark.parametrize("name", ["sales-order-unknown-book", "shop-book-crud", "shop-account"])
def test_misbehaving_services_end_a_flow(behaviour, name, prepared, monkeypatch):
    """A flow through a service that misbehaves is a finding or an error with its reason, and soon over."""
    monkeypatch.setattr(exchanges, "LARGEST", 100_000)
    monkeypatch.setattr("pytest_superteam.checks.callers.auth.obtain_tokens", lambda *_: prepared.tokens)
    with serving(Starlette(routes=[Route("/{path:path}", behaviour, methods=METHODS)])) as url:
        try:
            found = run_flow(misbehaving(url, prepared), name).violations
        except CheckError as error:
            found = (error,)
    assert found
    assert all(str(one) for one in found)


@pytest.mark.parametrize("behaviour", [hang, loop, fail, flood, nonsense])
def test_misbehaving_services_end_a_look(behaviour, prepared, monkeypatch):
    """A look at a service that misbehaves is a finding, a skip or an error with its reason."""
    monkeypatch.setattr(exchanges, "LARGEST", 100_000)
    told = []
    with serving(Starlette(routes=[Route("/{path:path}", behaviour, methods=METHODS)])) as url:
        system = misbehaving(url, prepared)
        for number in range(1, 8):
            code = f"BOUNDARY-{number:03}"
            try:
                result = boundary.FAMILY.check(system, CheckItem("shop", f"shop-{code}", code))
                told.append(result.violations or result.skipped)
            except CheckError as error:
                told.append(str(error))
    assert any(told)


STRANGE = [
    {"entities": ()},
    {"operations": ()},
    {"services": ()},
    {"contracts": {"shop": {"paths": {"/books": {"post": {"operationId": "create_book"}}}}, "sales": {"paths": None}}},
    {"contracts": {"shop": {"paths": {"/books": {"post": {"$ref": "#/nowhere"}}}}, "sales": {"paths": {"/x": 3}}}},
    {
        "contracts": {
            "shop": {
                "paths": {
                    "/books": {
                        "post": {
                            "operationId": "create_book",
                            "requestBody": {"content": {"application/json": {"schema": {"$ref": "#/components/a"}}}},
                            "responses": {
                                "201": {"content": {"application/json": {"schema": {"$ref": "#/components/a"}}}},
                            },
                        }
                    }
                },
                "components": {"a": {"allOf": [{"$ref": "#/components/a"}]}},
            },
            "sales": {"paths": {}},
        }
    },
]


@pytest.mark.parametrize("number", range(len(STRANGE)))
def test_planning_never_fails(number):
    """A design without parts, or with contracts that are broken or go in circles, is planned to what is left of it."""
    planning = Planning(changed_architecture(**STRANGE[number]), Config(), project=None)
    assert len(list(flows.FAMILY.plan(planning))) < len(
        list(flows.FAMILY.plan(Planning(architecture(), Config(), None)))
    )
    assert len(list(boundary.FAMILY.plan(planning))) < 14


@pytest.mark.parametrize("first", ["hen", "egg"])
def test_rows_that_refer_to_each_other_come_to_an_end(first):
    """Of entities that refer to each other in a circle one is made without the other, and the flow goes on."""
    ident = Field("id", "uuid", read_only=True)
    hen = Entity("Hen", "shop", (ident, Field("egg_id", "reference", references="Egg")), plural="hens")
    egg = Entity("Egg", "shop", (ident, Field("hen_id", "reference", references="Hen")), plural="eggs")
    made = tuple(
        Operation(f"{verb}_{e.name}", "shop", method, f"/{e.plural}", verb, e.name)
        for e in (hen, egg)
        for verb, method in (("create", "POST"), ("list", "GET"))
    )
    design = changed_architecture(entities=(hen, egg), operations=made, events=(), dependencies=())
    made = []

    def answer(request):
        made.append(request.url.path)
        return JSONResponse({"id": str(uuid.uuid4())}, 201 if request.method == "POST" else 200)

    with serving(Starlette(routes=[Route("/{path:path}", answer, methods=METHODS)])) as url:
        run_flow(system_at(url, design=design), f"shop-{first}-crud")
    assert made[:2] == [f"/shop/{'egg' if first == 'hen' else 'hen'}s", f"/shop/{first}s"]


def test_a_state_machine_in_a_circle_is_walked_once():
    """States that lead round and round, and others that nothing leads to, give walks that end."""
    from pytest_superteam.checks.flows.design import Design
    from pytest_superteam.checks.flows.moves import lawful_moves, walks

    states = StateMachine(
        "status",
        "a",
        ("a", "b", "c", "island"),
        (*(Transition(x, y) for x, y in ("ab", "bc", "ca", "aa")), Transition("island", "a")),
    )
    thing = Entity(
        "Thing",
        "shop",
        (Field("id", "uuid", read_only=True), Field("status", "enum", enum=states.states)),
        "things",
        None,
        states,
    )
    moves = tuple(
        Operation(f"to_{s}", "shop", "POST", f"/things/{{id}}/{s}", "transition", "Thing", target_state=s)
        for s in "abc"
    )
    make = Operation("make", "shop", "POST", "/things", "create", "Thing", success=201)
    design = changed_architecture(entities=(thing,), operations=(make, *moves), events=(), dependencies=())
    found = walks(lawful_moves(Design(design), thing), "a")
    assert [(m.source, m.target) for walk in found for m in walk] == [("a", "b"), ("b", "c"), ("c", "a")]
