"""Services that answer nonsense: each item ends with findings, a reason or a CheckError, and never with a crash."""

import asyncio
import json
from dataclasses import asdict

import pytest
from diary_service import diary_architecture
from ledger_service import ARCHITECTURE, ledger, serving, system_at, try_code
from starlette.applications import Starlette
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from pytest_superteam.checks.access.patience import PatientExchanges
from pytest_superteam.checks.access.tokens_forged import signed
from pytest_superteam.checks.access.users import two_users
from pytest_superteam.checks.exchanges import NoAnswerError
from pytest_superteam.checks.families import authorization, exposure
from pytest_superteam.errors import CheckError
from pytest_superteam.models import CheckResult

ITEMS = [(family.FAMILY, rule.id) for family in (authorization, exposure) for rule in family.FAMILY.rules]
JWT = signed({"sub": ["not", "a", "text"], "role": {"a": 1}}, "x" * 32)
ANSWERS = {
    "fails always": (500, "text/html", "<h1>Internal Server Error</h1>"),
    "answers nothing": (200, "application/json", ""),
    "answers lists": (200, "application/json", "[[], [1], {}]"),
    "answers strange values": (
        200,
        "application/json",
        json.dumps({"id": {"x": [None]}, "token": JWT, "items": {"a": 1}}),
    ),
    "answers deep": (201, "application/json", '{"access_token": "x", "id": "1", "a": ' + "[" * 3000 + "]" * 3000 + "}"),
    "answers no UTF-8": (200, "application/json", b'{"id": "\xff\xfe", "access_token": "\xff"}'),
    "answers names": (
        200,
        "application/json",
        json.dumps({"id": "1", "access_token": "a b c", "x" * 20_000: "_" * 20_000}),
    ),
}


def saying(status, media_type, content):
    async def answer(request):
        return Response(content, status, media_type=media_type)

    return Starlette(routes=[Route("/{path:path}", answer, methods=["GET", "POST", "PUT", "PATCH", "DELETE"])])


async def round_and_round(request):
    return RedirectResponse(str(request.url))


def outcomes(url, architecture, *, found):
    """Yield what becomes of each item."""
    for family, code in ITEMS:
        try:
            yield try_code(family, system_at(url, architecture, found=found, timeout=2.0), code)
        except CheckError as error:
            yield error


SLOW = ("answers strange values", "answers names")  # every item gets far with these
SAID = [pytest.param(said, marks=pytest.mark.slow if said in SLOW else ()) for said in ANSWERS]


@pytest.mark.parametrize("said", SAID)
@pytest.mark.parametrize(("architecture", "found"), [(ARCHITECTURE, False), (diary_architecture(), True)])
def test_nonsense(said, architecture, found):
    """Whatever a service answers, each item has an outcome with a text that can be shown."""
    with serving(saying(*ANSWERS[said])) as url:
        for outcome in outcomes(url, architecture, found=found):
            assert isinstance(outcome, CheckError | CheckResult)
            assert all(v.message and v.severity for v in getattr(outcome, "violations", ()))


def test_redirects_for_ever():
    """A service that redirects for ever lets nobody in, and no item follows."""
    app = Starlette(routes=[Route("/{path:path}", round_and_round, methods=["GET", "POST", "PATCH", "DELETE"])])
    with serving(app) as url:
        found = list(outcomes(url, ARCHITECTURE, found=False))
    assert sum(isinstance(outcome, CheckError) for outcome in found) == len(ITEMS) - 1  # preflights need nobody
    assert not any(getattr(outcome, "violations", ()) for outcome in found)


def test_hanging_service_is_not_waited_for():
    """After three answers that did not come an item ends, and after a login that hangs no item waits for it again."""
    calls = []

    async def hang(request):
        calls.append(request.url.path)
        await asyncio.sleep(30)

    app = Starlette(routes=[Route("/{path:path}", hang, methods=["GET", "POST", "PATCH", "DELETE"])])
    with serving(app) as url, PatientExchanges(0.1) as exchanges:
        for _ in range(5):
            with pytest.raises(NoAnswerError):
                exchanges.send("GET", f"{url}/slow")
    assert calls == ["/slow"] * 3
    assert len(exchanges.made) == 3


def test_no_user_is_asked_for_once():
    """Who can't be registered is asked for once in a process, whatever the number of items."""
    calls = []

    async def refuse(request):
        calls.append(request.url.path)
        return Response(status_code=500)

    app = Starlette(routes=[Route("/{path:path}", refuse, methods=["GET", "POST", "PATCH", "DELETE"])])
    with serving(app) as url:
        system = system_at(url)
        for code in ("AUTH-001", "AUTH-003", "AUTH-005"):
            with pytest.raises(CheckError, match="answered 500 to a valid body"):
                try_code(authorization.FAMILY, system, code)
    assert calls == ["/register"]


@pytest.mark.parametrize("code", ["EXPOSE-007", "EXPOSE-009", "EXPOSE-001"])
def test_service_that_stopped_answering(code):
    """A service that answers no more once there are users is an error of each item, never a pass."""
    with serving(ledger()) as url:
        system = system_at(url)
        users = [asdict(user) for user in two_users(system)]
    system.once = lambda name, work: users if name == "two users" else work()
    with pytest.raises(CheckError):
        try_code(exposure.FAMILY, system, code)
