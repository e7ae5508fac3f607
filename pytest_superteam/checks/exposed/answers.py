"""What a service answers to valid calls and to calls that are none, once for all checks that read answers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from pytest_superteam.checks.access.endpoints import Endpoint, endpoints_of
from pytest_superteam.checks.access.objects import Objects
from pytest_superteam.checks.access.patience import PatientExchanges
from pytest_superteam.checks.access.users import User, caller, stand_in
from pytest_superteam.checks.callers.forms import body_schema
from pytest_superteam.errors import CheckError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from pytest_superteam.checks.base import RunningSystem

__all__ = ["collect_answers"]

_LONGEST = 200_000  # characters of an answer that are kept
_ROWS_USED_UP = {"delete", "transition"}
_QUOTES = "'\"{{"
_BROKEN_BODY = b'{"name": "unfinished'


def collect_answers(system: RunningSystem, service: str) -> list[dict[str, Any]]:
    """Return what each operation of the service answered: `operation`, `status`, `text`, `step`, and what was sent.

    Valid calls come first, then for each operation what provokes an error: half a body, wrong types, ids that are none.

    Raises:
        CheckError: no user could be made for it.
    """
    found: list[dict[str, Any]] = system.once(f"answers of {service}", lambda: _collect(system, service))
    return found


def _collect(system: RunningSystem, service: str) -> list[dict[str, Any]]:
    kept: list[dict[str, Any]] = []
    with PatientExchanges(system.config.timeouts.request) as exchanges:
        user = caller(system)
        objects = Objects(system, exchanges)
        for endpoint in endpoints_of(system, service):
            if endpoint.kind == "logout":
                continue
            for send in (_valid, _broken):
                try:
                    for told in send(objects, endpoint, stand_in(system, endpoint, user)):
                        step = str(exchanges.made[-1])
                        kept.append({"operation": endpoint.operation.id, "step": step, **told})
                except CheckError as error:
                    kept.append({"operation": endpoint.operation.id, "status": 0, "text": "", "step": str(error)})
    return kept


def _valid(objects: Objects, endpoint: Endpoint, user: User) -> Iterator[dict[str, Any]]:
    rows = {}
    if endpoint.kind in _ROWS_USED_UP and endpoint.row:
        made = objects.make(endpoint.own, user)
        rows = {endpoint.row: made.id} if made is not None else {}
        if not rows:
            raise CheckError(f"{endpoint.label}: {objects.problems.get(endpoint.own, 'there is no row')}.")
    body: Any = None
    if endpoint.kind == "login":
        body = {name: value for name, value in user.account.items() if name in endpoint.body} or None
    answer = objects.call(endpoint, user, rows, body)
    yield {"status": answer.status, "text": answer.text[:_LONGEST], "valid": True, **_names(user.account)}


def _broken(objects: Objects, endpoint: Endpoint, user: User) -> Iterator[dict[str, Any]]:
    """Yield the answers to what a service must refuse, and may tell too much about."""
    token = user.token(endpoint)
    if body_schema(endpoint.contract) is not None:
        url = objects.url(endpoint, user)
        for content in (_BROKEN_BODY, b"[1, 2", b'{"id": {"a": [null]}}'):
            answer = objects.send(endpoint, url, token=token, caller=user.name, content=content)
            yield {"status": answer.status, "text": answer.text[:_LONGEST], "valid": False}
        quoted = _quoted(objects.body(endpoint, user), endpoint)
        answer = objects.send(endpoint, url, token=token, caller=user.name, body=quoted)
        yield {"status": answer.status, "text": answer.text[:_LONGEST], "valid": False}
    for name in endpoint.named:
        if endpoint.reads:
            for odd in ("'", "%00", "-1", "9" * 40):
                url = objects.url(endpoint, user, {name: "odd"}).replace("odd", quote(odd, safe="%"))
                answer = objects.send(endpoint, url, token=token, caller=user.name)
                yield {"status": answer.status, "text": answer.text[:_LONGEST], "valid": False}


def _quoted(body: Any, endpoint: Endpoint) -> Any:
    """Return a body whose free texts hold what queries and templates stumble over."""
    if not isinstance(body, dict):
        return [_QUOTES]
    free = {n for n, schema in endpoint.body.items() if not schema.keys() & {"enum", "format", "const"}}
    return {n: _QUOTES if isinstance(v, str) and n in free else v for n, v in body.items()}


def _names(account: Mapping[str, str]) -> dict[str, Any]:
    """Return the password that was sent for the account, which no answer may repeat."""
    return {"password": next((value for name, value in account.items() if "pass" in name), "")}
