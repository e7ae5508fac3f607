"""The life of an account: registered, signed in, read, changed, signed out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pytest_superteam.checks.callers.accounts import lets_in, login_body, new_accounts, token_of
from pytest_superteam.checks.callers.credentials import carrier_of
from pytest_superteam.checks.flows.design import ANYBODY
from pytest_superteam.checks.flows.listed import find_in_list
from pytest_superteam.checks.flows.paging import try_pages
from pytest_superteam.checks.flows.records import answered_fields, tell_differences
from pytest_superteam.checks.flows.refusals import expect_refusal
from pytest_superteam.checks.flows.story import ILLEGAL, LAWFUL, OutOfReachError
from pytest_superteam.checks.flows.wording import named
from pytest_superteam.checks.flows.world import Row
from pytest_superteam.contracts.synthesise import example_for
from pytest_superteam.models import Entity, Severity

if TYPE_CHECKING:
    from pytest_superteam.checks.flows.world import World
    from pytest_superteam.models import Operation

__all__ = ["account"]

_WRONG = (401, 403, 400, 422, 404)
"""Statuses that refuse a login."""


def account(world: World, name: str) -> None:
    """Register, sign in, look at the own account, change it, sign out; the same email and a wrong password fail."""
    register = next(o for o in world.design.architecture.operations if o.kind == "register")
    entity = world.design.named(name) or Entity(name, register.service, ())
    row = _registered(world, entity, register)
    _registered_twice(world, row, register)
    login = next(o for o in world.design.architecture.operations if o.kind == "login")
    token = _signed_in(world, row, login)
    _wrong_password(world, row, login)
    _own_account(world, row, token)
    _seen_by_staff(world, row, register)
    _changed(world, row, token)
    _signed_out(world, row, token)


def _new_account(world: World, register: Operation) -> dict[str, Any]:
    """Return a body to register somebody new with."""
    return _new_accounts(world, register)[0]


def _new_accounts(world: World, register: Operation) -> list[dict[str, Any]]:
    """Return bodies to try in turn: a contract that was found may not say what a registration needs."""
    return list(new_accounts(world.contract(register), ours=not world.system.found)) or [{}]


def _registered(world: World, entity: Entity, register: Operation) -> Row:
    first, *others = _new_accounts(world, register)
    body, answer = first, world.call("register", register, body=first)
    for other in others if not answer.ok else ():
        body, answer = other, world.call("register with everything", register, body=other)
    got = answer.json()
    if not answer.ok:
        problem = f"{named(register)} of {register.service} answered {answer.status} to a valid body"
        if world.system.found:
            raise OutOfReachError(problem)
        raise world.story.broken(LAWFUL, f"{problem}. Register whom the contract describes.")
    fields = got if isinstance(got, dict) else {}
    key, known = world.key_of(entity, fields, body)
    row = Row(entity, known, body, fields, key=key or "id")
    tell_differences(world, register, answer, row.sent, fields)
    return row


def _registered_twice(world: World, row: Row, register: Operation) -> None:
    if 409 in world.design.documented(register) and world.design.unique(row.entity, register):
        answer = world.call("register once more", register, body=row.sent)
        expect_refusal(world, register, answer, (409, 422, 400), "a second registration with the same values")


def _credentials(world: World, row: Row, login: Operation) -> dict[str, Any]:
    contract = world.contract(login)
    if world.system.found:
        return login_body(contract, {name: value for name, value in row.sent.items() if isinstance(value, str)})
    body = example_for(contract.request_schema or {}, contract.document, optional=False, overrides=row.sent)
    return body if isinstance(body, dict) else {}


def _signed_in(world: World, row: Row, login: Operation) -> str:
    answer = world.call("log in", login, body=_credentials(world, row, login))
    got = answer.json()
    token = token_of(got, answer.headers) if answer.ok else ""
    if not token:
        problem = "no token" if answer.ok else str(answer.status)
        message = f"{named(login)} of {login.service} answered {problem} to whom it had registered. Sign them in."
        if world.system.found:
            raise OutOfReachError(message)
        raise world.story.broken(LAWFUL, message, service=login.service)
    return carrier_of({login.service: world.contract(login).document}).written(token)


def _wrong_password(world: World, row: Row, login: Operation) -> None:
    body = _credentials(world, row, login)
    secrets = [n for n in body if "pass" in n.lower() or "secret" in n.lower()]
    if secrets:
        wrong = {n: f"{body[n]}"[:-1] + ("a" if f"{body[n]}"[-1:] != "a" else "b") for n in secrets}
        answer = world.call("log in with a wrong password", login, body=body | wrong)
        if world.system.found and not lets_in(answer):
            return  # some refuse with 200
        expect_refusal(world, login, answer, _WRONG, "a wrong password")


def _own(world: World, row: Row, kind: str) -> Operation | None:
    own = (o for o in world.design.architecture.operations_of(row.entity.service) if o.kind == kind)
    return next((o for o in own if world.design.contract(o) is not None and "{" not in o.path and not o.roles), None)


def _own_account(world: World, row: Row, token: str, sent: dict[str, Any] | None = None) -> None:
    me = _own(world, row, "me")
    if me is None:
        return
    answer = world.call("look at the own account", me, token=token)
    got = answer.json()
    if not answer.ok:
        message = (
            f"{named(me)} of {me.service} answered {answer.status} to whom it had signed in. Answer their account."
        )
        world.story.wrong(LAWFUL, message)
        return
    names = answered_fields(world, me, answer.status)
    expected = {**row.sent, **({row.key: row.id} if row.id and row.key in names else {}), **(sent or {})}
    tell_differences(world, me, answer, expected, got, "of the caller")


def _seen_by_staff(world: World, row: Row, register: Operation) -> None:
    """Read the account by its id, and find it in the list, in the roles that may."""
    read = world.design.operation(row.entity, "read")
    if not row.id or world.system.found:
        return
    if read is not None and read.roles:
        answer = world.call("read it by its id", read, role=world.design.role(read) or ANYBODY, row=row)
        if not answer.ok:
            message = (
                f"{named(read)} of {read.service} answered {answer.status} for a {row.entity.name} who had registered"
            )
            world.story.wrong(LAWFUL, f"{message}. Answer the row.")
        else:
            tell_differences(world, read, answer, row.sent, answer.json(), "as it was registered")
    listing = world.design.operation(row.entity, "list")
    if listing is not None and listing.roles:
        find_in_list(world, row)
        try_pages(world, row, lambda: world.call("register one more", register, body=_new_account(world, register)))


def _changed(world: World, row: Row, token: str) -> None:
    operation = _own(world, row, "update_me")
    if operation is None:
        return
    body, _ = world.body(row.entity, operation, kept=row)
    _, required = world.design.body_properties(operation)
    spare = {f.name for f in row.entity.fields if f.type == "password" or f.references} - required
    body = {n: v for n, v in body.items() if n not in spare} if isinstance(body, dict) else {}
    if not body:
        return
    answer = world.call("change the own account", operation, token=token, body=body)
    if not answer.ok:
        message = f"{named(operation)} of {operation.service} answered {answer.status} to a valid change. Accept it."
        world.story.wrong(LAWFUL, message)
        return
    tell_differences(world, operation, answer, body, answer.json(), "as it was changed")
    _own_account(world, row, token, body)


def _signed_out(world: World, row: Row, token: str) -> None:
    logout, me = _own(world, row, "logout"), _own(world, row, "me")
    if logout is None:
        return
    answer = world.call("log out", logout, token=token)
    if not answer.ok:
        message = f"{named(logout)} of {logout.service} answered {answer.status} to a signed-in caller. Sign them out."
        world.story.wrong(LAWFUL, message)
    elif me is not None and not me.public and world.call("look again", me, token=token).ok:
        message = (
            f"{named(me)} of {me.service} still answers a caller whose token was signed out. Refuse such a token with "
            "401, or say that sign-out is left to the client."
        )
        world.story.wrong(ILLEGAL, message, severity=Severity.WARNING)
