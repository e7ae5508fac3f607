"""What a failed login tells: whether the user exists, and how often one may try (OWASP API2, API4)."""

from __future__ import annotations

import re
import uuid
from typing import TYPE_CHECKING, Any

from pytest_superteam.checks.access.endpoints import Endpoint, endpoints_of
from pytest_superteam.checks.access.objects import Objects, shown_since
from pytest_superteam.checks.access.trial import Trial, called_by
from pytest_superteam.checks.access.users import User, new_user
from pytest_superteam.checks.callers.accounts import lets_in
from pytest_superteam.checks.callers.forms import GRANT
from pytest_superteam.contracts.synthesise import example_for
from pytest_superteam.errors import CheckError
from pytest_superteam.models import CheckResult

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from pytest_superteam.checks.base import CheckItem, RunningSystem
    from pytest_superteam.checks.exchanges import Answer, Exchanges

__all__ = ["endless_logins", "login_tells"]

_TRIES = 30  # failed logins in a row; people who forgot give up before
_LIMITED = frozenset({423, 429})
_CHANGING = re.compile(
    r"[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}|[0-9a-fA-F]{16,64}"
    r"|\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d[.\d]{0,10}(?:Z|[+-]\d\d:?\d\d)?|\b\d{9,17}(?:\.\d{1,9})?\b"
)
"""What differs from answer to answer: ids, trace ids, moments."""


def login_tells(system: RunningSystem, item: CheckItem) -> CheckResult:
    """Return whether a login answers an unknown user otherwise than a wrong password; how fast is not judged."""

    def judge(login: Endpoint, send: Callable[[Mapping[str, str]], Answer], user: User) -> Iterator[str]:
        known = _with_password(_credentials(login, user))
        stranger = {n: v if "pass" in n else _stranger(v, login.body.get(n, {})) for n, v in known.items()}
        wrong, unknown = send(known), send(stranger)
        if lets_in(wrong) or lets_in(unknown):
            yield "lets in a wrong password: expected 401. Compare the password's hash before anything is answered"
        elif wrong.status != unknown.status:
            yield (
                f"tells whether a user exists: {wrong.status} to a wrong password, {unknown.status} to an unknown "
                "user. Answer both alike"
            )
        elif _plain(wrong.text, known) != _plain(unknown.text, stranger):
            yield (
                f"tells whether a user exists: with the same status {wrong.status} the body differs between a wrong "
                "password and an unknown user. Answer both alike"
            )

    return _each_login(system, item, judge, "a wrong password and an unknown user compared")


def endless_logins(system: RunningSystem, item: CheckItem) -> CheckResult:
    """Return whether thirty wrong passwords in a row are all answered alike, with nothing that slows the next down."""

    def judge(login: Endpoint, send: Callable[[Mapping[str, str]], Answer], user: User) -> Iterator[str]:
        known = _with_password(_credentials(login, user))
        statuses = []
        for number in range(_TRIES):
            guess = {n: f"{v[:-2]}{number:02}" if "pass" in n else v for n, v in known.items()}
            statuses.append(send(guess).status)
            if statuses[-1] in _LIMITED or statuses[-1] != statuses[0]:
                return
        yield (
            f"answered {_TRIES} wrong passwords in a row with {statuses[0]}, none with 429 or 423. Limit failed logins "
            "per account and per address"
        )

    return _each_login(system, item, judge, f"{_TRIES} wrong passwords")


def _each_login(
    system: RunningSystem,
    item: CheckItem,
    judge: Callable[[Endpoint, Callable[[Mapping[str, str]], Answer], User], Iterator[str]],
    detail: str,
) -> CheckResult:
    """Return what `judge` says of each login of the service, tried for an account of its own."""

    def work(exchanges: Exchanges, user: User) -> CheckResult:
        logins = [e for e in endpoints_of(system, item.service) if e.kind == "login" and _credentials(e, user)]
        if not logins:
            return CheckResult(skipped="there is no account whose login could fail: nobody can register")
        trial = Trial(system, item, exchanges, user)
        for login in logins:
            send = _sender(trial.objects, login, user)
            entered = send(_credentials(login, user))
            if not entered.ok:
                raise CheckError(f"{login.label} answered {entered.status} to the right password of a new user.")
            start = len(exchanges.made)
            for said in judge(login, send, user):
                trial.add(f"{login.label} {said}.", shown_since(exchanges, start))
        return CheckResult(tuple(trial.violations), detail=detail)

    without = "no user could be registered to log in as"
    return called_by(system, lambda: new_user(system, "DAVE"), work, without)


def _sender(objects: Objects, login: Endpoint, user: User) -> Callable[[Mapping[str, str]], Answer]:
    made = objects.body(login, user)
    whole: dict[str, Any] = made if isinstance(made, dict) else {}
    url = objects.url(login, user)

    def send(given: Mapping[str, str]) -> Answer:
        return objects.send(login, url, token=None, caller="", body={**whole, **given})

    return send


def _credentials(login: Endpoint, user: User) -> dict[str, str]:
    """Return what the user signs in with here, empty where nobody knows a password."""
    found = {name: value for name, value in user.account.items() if name in login.body and name not in GRANT}
    return found if any("pass" in name for name in found) and len(found) > 1 else {}


def _with_password(account: Mapping[str, str]) -> dict[str, str]:
    """Return the account with a password of the same form that is wrong by its last character."""
    return {n: v[:-1] + ("a" if v[-1:] != "a" else "b") if "pass" in n else v for n, v in account.items()}


def _stranger(value: str, schema: Mapping[str, Any]) -> str:
    """Return a name of the same form that nobody has: what a pattern asks for, or an address like the other."""
    if "pattern" in schema:
        made = example_for(schema, {}, salt=uuid.uuid4().hex)
        if isinstance(made, str) and made != value:
            return made
    fresh, at, domain = uuid.uuid4().hex, *value.partition("@")[1:]
    return f"{fresh[: max(len(value) - len(at + domain), 8)]}{at}{domain}"


def _plain(text: str, sent: Mapping[str, str]) -> str:
    """Return an answer without what it repeats of the request and without what is new each time."""
    for value in sorted(sent.values(), key=len, reverse=True):
        text = text.replace(value, "*") if value else text
    return _CHANGING.sub("*", text)
