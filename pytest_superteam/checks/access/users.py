"""Two ordinary users who have nothing to do with each other, made for the checks and for nothing else.

They register and log in as anybody would. What nobody can register as is signed with the issuer's own key, where it is
known: the deployment's for what we deploy, or one that was guessed.
"""

from __future__ import annotations

import time
import uuid
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING

from pytest_superteam.checks.access.tokens_forged import claims_of, signed
from pytest_superteam.checks.access.weak_keys import guessed_key, signs
from pytest_superteam.checks.callers.auth import ANY, SERVICE_ROLE, sign_up
from pytest_superteam.checks.callers.credentials import carrier_of
from pytest_superteam.contracts.plans import snake
from pytest_superteam.errors import CheckError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pytest_superteam.checks.access.endpoints import Endpoint
    from pytest_superteam.checks.base import RunningSystem

__all__ = ["User", "caller", "key_names", "new_user", "signing_key", "staff_roles", "stand_in", "two_users"]

_STAFF = {"staff", "manager", "operator", "moderator", "support", "owner", "superuser", "root", "system", SERVICE_ROLE}
_LIFETIME = 3600  # seconds
_PROBLEM = "no two users"


@dataclass(frozen=True)
class User:
    """Somebody who calls. `name` is what evidence calls the token, `account` what was sent to register and log in."""

    name: str
    subject: str
    role: str
    tokens: Mapping[str, str] = field(repr=False, default_factory=dict)
    """Bearer tokens by role; `""` is the one that the login gave."""
    account: Mapping[str, str] = field(repr=False, default_factory=dict)
    staff: tuple[str, ...] = ()
    """Roles that may see what belongs to others."""

    def role_for(self, endpoint: Endpoint, *, ordinary: bool = False) -> str | None:
        """Return the role to call `endpoint` in, None where it has none (with `ordinary`: none but staff's)."""
        roles = endpoint.operation.roles
        if not roles or self.role in roles:
            return ANY if ANY in self.tokens else self.role
        plain = [role for role in roles if role not in self.staff and role != SERVICE_ROLE]
        wanted = plain if ordinary else [*plain, *roles]
        return next((role for role in wanted if role in self.tokens), None)

    def token(self, endpoint: Endpoint, *, ordinary: bool = False) -> str | None:
        """Return the token to call `endpoint` with, None where the user has none for it."""
        role = self.role_for(endpoint, ordinary=ordinary)
        return self.tokens.get(role) if role is not None else None


def staff_roles(roles: tuple[str, ...]) -> tuple[str, ...]:
    """Return those of `roles` that may see the rows of everybody."""
    return tuple(role for role in roles if "admin" in role.lower() or snake(role) in _STAFF)


def key_names(system: RunningSystem) -> list[str]:
    """Return the words that a careless key may be made of."""
    return [system.architecture.title, *(service.name for service in system.architecture.services)]


def signing_key(system: RunningSystem, token: str) -> tuple[str, str] | None:
    """Return the key that signed `token` and how it is known (`the deployment's`, `guessed`), None if it is not."""
    secret = system.deployment.jwt_secret
    if secret and signs(secret, token):
        return secret, "the deployment's"
    guessed = guessed_key(token, key_names(system))
    return (guessed, "guessed") if guessed is not None else None


def new_user(system: RunningSystem, name: str) -> User:
    """Return a new user: registered and logged in where the contracts can, else with minted tokens only.

    Raises:
        CheckError: registration or login do not work, or no token can be had.
    """
    roles = tuple(role for role in system.architecture.roles if role != SERVICE_ROLE)
    staff = staff_roles(roles)
    known = sign_up(system.architecture, system.deployment)
    token = known["token"] if known else ""
    claims = claims_of(token)
    subject = str(claims.get("sub") or uuid.uuid4())
    role = str(claims.get("role") or next((r for r in roles if r not in staff), "") or "user")
    tokens = {ANY: token} if token else {}
    key = signing_key(system, token) if token else _minting_key(system)
    if key is not None:
        issuer = str(claims.get("iss") or "superteam")
        for each in dict.fromkeys((role, *roles, SERVICE_ROLE)):
            who = subject if each != SERVICE_ROLE else "service:gate"
            minted = _minted(key[0], who, each, issuer)
            tokens.setdefault(each, carrier_of(system.architecture.contracts).written(minted))
    if not tokens:
        raise CheckError("No token can be had: nobody can register and log in, and the signing key is not known.")
    account = {k: v for k, v in (known or {}).items() if k != "token"}
    return User(name, subject, role, tokens, account, staff)


def stand_in(system: RunningSystem, endpoint: Endpoint, user: User) -> User:
    """Return who calls `endpoint` in place of `user`: somebody new where it changes or deletes the caller's account."""
    ends = endpoint.operation.method == "DELETE" and not endpoint.named
    if not endpoint.protected or not (ends or endpoint.kind == "update_me"):
        return user
    try:
        known: User | None = system.memory.get("stand-in")
        if known is None or ends:
            known = system.memory["stand-in"] = new_user(system, "ERIN")
    except CheckError:
        if not system.found:
            raise
        return user
    return known


def _minted(secret: str, subject: str, role: str, issuer: str) -> str:
    now = int(time.time())
    claims = {"sub": subject, "role": role, "iss": issuer, "iat": now, "exp": now + _LIFETIME, "jti": uuid.uuid4().hex}
    return signed(claims, secret)


def caller(system: RunningSystem) -> User:
    """Return a user to call with: the first of `two_users`, else whoever the project's own credentials are of.

    Raises:
        CheckError: neither can be had.
    """
    try:
        return two_users(system)[0]
    except CheckError as error:
        if not system.found:
            raise
        tokens = {role: token for role, token in system.tokens.items() if token}
        if not tokens:
            raise CheckError(f"{error} Set auth.token or auth.users in superteam.yaml.") from error
    claims = claims_of(tokens.get(ANY) or next(iter(tokens.values())))
    subject, role = str(claims.get("sub") or uuid.uuid4()), str(claims.get("role") or "user")
    roles = tuple(system.architecture.roles)
    return User("CALLER", subject, role, tokens, dict(system.credentials.account()), staff_roles(roles))


def _minting_key(system: RunningSystem) -> tuple[str, str] | None:
    """Return the key to sign with where there is no login: a system that was found does not take the deployment's."""
    secret = system.deployment.jwt_secret
    return (secret, "the deployment's") if secret and not system.found else None


def two_users(system: RunningSystem) -> tuple[User, User]:
    """Return two users of the same role, made once in a run.

    Raises:
        CheckError: registration or login do not work, or no token can be had.
    """
    if _PROBLEM in system.memory:
        raise CheckError(system.memory[_PROBLEM])
    try:
        made = system.once("two users", lambda: [asdict(new_user(system, "ALICE")), asdict(new_user(system, "BOB"))])
    except CheckError as error:
        system.memory[_PROBLEM] = str(error)  # a login that hangs is not waited for again by every item
        raise
    alice, bob = (User(**{**user, "staff": tuple(user["staff"])}) for user in made)
    return alice, bob
