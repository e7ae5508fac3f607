"""Accounts: which service registers users and signs tokens, what a User has, and the operations for it."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING

from pytest_superteam.architect.behaviour.roles import is_staff
from pytest_superteam.architect.facts import EndpointFact, EntityFact, FieldFact, ServiceFact
from pytest_superteam.architect.interface.paths import meaning
from pytest_superteam.models import Field, Operation, Source

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

__all__ = ["account_operations", "api_prefix", "issuer_of", "with_user"]

_NAMED = ("auth", "authentication", "identity", "iam", "user", "users", "account", "accounts", "login", "sso")


def issuer_of(
    services: Sequence[ServiceFact], endpoints: Iterable[EndpointFact], entities: Iterable[EntityFact]
) -> str | None:
    """Return the service that signs tokens: where the text puts accounts, or named after them, or the only one.

    A password is checked where it is kept, so the User lives there too.
    """
    places = Counter(e.service for e in entities if e.name == "User" and e.service)
    places.update(e.service for e in endpoints if e.service and meaning(e, (), {}).kind in ("register", "login"))
    if places:
        return max((s.name for s in services), key=lambda name: places[name])
    for name in _NAMED:
        for service in services:
            if name in service.name.split("-"):
                return service.name
    return services[0].name if len(services) == 1 else None


def with_user(entities: Sequence[EntityFact], roles: tuple[str, ...], line: int) -> list[EntityFact]:
    """Return the entities with a User that has an email, a password and, where there are roles, a role."""
    user = next((e for e in entities if e.name == "User"), EntityFact("User", line, rank=0, explicit=False))
    source = Source(line, "derived")
    fields = {f.field.name: f for f in user.fields}
    email = fields.get("email", FieldFact(Field("email", "email", source=source)))
    fields["email"] = replace(
        email, field=replace(email.field, type="email", required=True, unique=True, enum=(), default=None)
    )
    secret = fields.get("password", FieldFact(Field("password", "password", source=source)))
    least = secret.field.min_length or 8
    most = secret.field.max_length or 128
    fields["password"] = replace(
        secret,
        field=replace(secret.field, type="password", required=True, min_length=min(least, most), max_length=most),
    )
    if roles:
        role = fields.get("role", FieldFact(Field("role", source=source))).field
        values = role.enum or roles
        default = (
            role.default if role.default in values else next((v for v in values if not is_staff(v.lower())), values[-1])
        )
        fields["role"] = FieldFact(replace(role, type="enum", enum=values, default=default, required=True))
    order = [n for n in ("email", "password", "role") if n not in {f.field.name for f in user.fields}]
    names = [*order, *(n for n in fields if n not in order)] if not user.fields else list(fields)
    finished = replace(user, fields=tuple(fields[n] for n in names if n in fields))
    return (
        [finished if e.name == "User" else e for e in entities]
        if any(e.name == "User" for e in entities)
        else [finished, *entities]
    )


def account_operations(service: str, present: Sequence[Operation], line: int) -> list[Operation]:
    """Return those of register, login and me that the text leaves out, beside the ones that it has."""
    kinds = {o.kind for o in present}
    beside = next((o.path for o in present if o.kind in ("login", "register", "logout")), None)
    prefix = beside.rsplit("/", 1)[0] if beside and "{" not in beside else f"{api_prefix(present)}/auth"
    # `/users/me` beside `/users/{id}` would be two readings of one path.
    if any(o.path.startswith(prefix + "/{") for o in present):
        prefix = f"{api_prefix(present)}/auth"
    source = Source(line, "derived")
    made = [
        Operation(
            "register",
            service,
            "POST",
            f"{prefix}/register",
            "register",
            "User",
            "Register a user",
            public=True,
            success=201,
            source=source,
        ),
        Operation(
            "login",
            service,
            "POST",
            f"{prefix}/login",
            "login",
            "User",
            "Sign in, answers a bearer token",
            public=True,
            source=source,
        ),
        Operation("me", service, "GET", f"{prefix}/me", "me", "User", "The caller's own user", source=source),
    ]
    return [o for o in made if o.kind not in kinds]


def api_prefix(present: Sequence[Operation]) -> str:
    """Return what the paths of a service begin with: `/api`, a version, both or nothing."""
    found = (re.match(r"(?:/api)?(?:/v\d+)?(?=/)", o.path) for o in present)
    return next((m.group() for m in found if m), "")
