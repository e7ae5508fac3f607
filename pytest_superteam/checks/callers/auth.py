"""Bearer tokens for the deployed system, one for each role.

The first token is earned as a user would: register by the issuer's contract, log in, read the subject. Roles that
nobody can register as get a token signed with the deployment's own secret, for the same subject, so that rows made by
one are visible to the others.
"""

from __future__ import annotations

import time
import uuid
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from pytest_superteam.checks.callers.accounts import log_in, sign_up
from pytest_superteam.checks.callers.credentials import TokenMap
from pytest_superteam.checks.connections import http_client, no_authorities
from pytest_superteam.errors import CheckError

if TYPE_CHECKING:
    from pytest_superteam.models import Architecture, Deployment, Operation

__all__ = [
    "ANY",
    "SERVICE_ROLE",
    "NoTokenError",
    "Tokens",
    "earn_tokens",
    "filled",
    "http_client",
    "log_in",
    "mint_token",
    "no_authorities",
    "obtain_tokens",
    "sign_up",
    "single_use_token",
    "subject_of",
    "token_for",
]

ANY = ""
"""Key of the token of any signed-in caller."""
SERVICE_ROLE = "service"
"""Role of calls between services."""

Tokens = Mapping[str, str]
"""Bearer tokens by role."""


def mint_token(secret: str, *, role: str, subject: str, issuer: str = "superteam", lifetime: int = 3600) -> str:
    """Return an HS256 token for `subject` in `role`, valid from now for `lifetime` seconds, unlike any other."""
    import jwt

    now = int(time.time())
    claims = {"sub": subject, "role": role, "iat": now, "exp": now + lifetime, "iss": issuer, "jti": uuid.uuid4().hex}
    return jwt.encode(claims, secret, algorithm="HS256")


def subject_of(token: str) -> str:
    """Return the `sub` claim of a token, unverified: it is ours, and the services verify it.

    Raises:
        CheckError: it is no JSON web token, or has no subject.
    """
    return str(_claims(token)["sub"])


def _claims(token: str) -> Mapping[str, Any]:
    import jwt

    try:
        claims: dict[str, Any] = jwt.decode(token, options={"verify_signature": False})  # nosec SEC-003 - our own login's
    except jwt.PyJWTError as error:
        raise CheckError(f"The login answered a token that is no JSON web token: {error}.") from error
    if not claims.get("sub"):
        raise CheckError("The login answered a token without a subject. Set its claim `sub` to the user's id.")
    return claims


class NoTokenError(CheckError):
    """There is no token of anybody who may call an operation."""


def token_for(tokens: Tokens, operation: Operation) -> str | None:
    """Return the token to call `operation` with: none if it is public, else one of its roles, else anybody's.

    Raises:
        NoTokenError: there is no token of a role that may call it; the message names the setting that gives one.
    """
    if operation.public:
        return None
    for role in operation.roles or (ANY,):
        if role in tokens:
            return tokens[role]
    if operation.roles:
        role = operation.roles[0]
        raise NoTokenError(
            f"{operation.id}: no token of the role {' or '.join(operation.roles)} could be had. Set auth.tokens."
            f"{role}, or an account of that role in auth.users."
        )
    problem = str(getattr(tokens, "problem", ""))
    if problem or isinstance(tokens, TokenMap):
        why = f" ({problem.rstrip('.')})" if problem else ""
        raise NoTokenError(
            f"{operation.id}: no token could be had{why}. Set auth.token or auth.users in superteam.yaml, or write a "
            "fixture auth_token in conftest.py."
        )
    return next(iter(tokens.values()), None)


def single_use_token(deployment: Deployment, token: str, architecture: Architecture | None = None) -> str:
    """Return a token for an operation that ends the validity of its own (a logout).

    With the deployment's secret it is another one of the same caller; without it another caller's, who signs up by the
    contracts of `architecture`.

    Raises:
        CheckError: there is no other token to be had.
    """
    if not deployment.jwt_secret:
        other = sign_up(architecture, deployment) if architecture is not None else None
        if other is None:
            raise NoTokenError("No second token could be had, and the only one is not to be ended.")
        return other["token"]
    claims = _claims(token)
    return mint_token(deployment.jwt_secret, role=str(claims.get("role", "")), subject=str(claims["sub"]))


def obtain_tokens(architecture: Architecture, deployment: Deployment) -> dict[str, str]:
    """Return bearer tokens by role: every role of the architecture, `service`, and `""` for any signed-in caller.

    Raises:
        CheckError: the contract has a registration or a login and it does not work.
    """
    return earn_tokens(architecture, deployment, {})[0]


def earn_tokens(
    architecture: Architecture, deployment: Deployment, account: Mapping[str, str]
) -> tuple[dict[str, str], dict[str, str]]:
    """Return tokens by role and the account behind them; one that exists is only logged in, if it still can be.

    Of a system whose secret we don't have, the only tokens are those that its login gives.

    Raises:
        CheckError: the contract has a registration or a login and it does not work.
    """
    earned = None
    if account:
        try:
            earned = log_in(architecture, deployment, account)
        except CheckError:
            account = {}  # some call has changed its password, say: there are more accounts to be had
    if earned is None:
        earned = sign_up(architecture, deployment)
    if earned is None:
        tokens = {}
    else:
        tokens = {ANY: earned["token"]}
        role = _role_of(earned["token"], deployment)
        tokens |= {role: earned["token"]} if role else {}
    known = {**(earned or {}), **account}
    known.pop("token", None)
    if not deployment.jwt_secret:
        return tokens, known
    subject = str(uuid.uuid4()) if earned is None else subject_of(earned["token"])
    return _with_minted(tokens, architecture, deployment, subject), known


def _role_of(token: str, deployment: Deployment) -> str:
    """Return the role that a token names; a stranger's may be no JSON web token at all."""
    try:
        claims = _claims(token)
    except CheckError:
        if deployment.jwt_secret:
            raise
        return ""
    role = claims.get("role")
    return role if isinstance(role, str) else ""


def _with_minted(
    tokens: Mapping[str, str], architecture: Architecture, deployment: Deployment, subject: str
) -> dict[str, str]:
    found = dict(tokens)
    for role in architecture.roles:
        found.setdefault(role, mint_token(deployment.jwt_secret, role=role, subject=subject))
    if ANY not in found:
        plain = min(architecture.roles, key=_rank, default="user")
        found[ANY] = mint_token(deployment.jwt_secret, role=plain, subject=subject)
    service = mint_token(deployment.jwt_secret, role=SERVICE_ROLE, subject="service:gate")
    return {**found, SERVICE_ROLE: found.get(SERVICE_ROLE, service)}


def filled(tokens: Tokens) -> dict[str, str]:
    """Return `tokens` with one of any caller: where there is none, that of the role which may do least."""
    if ANY in tokens or not tokens:
        return dict(tokens)
    return {**tokens, ANY: tokens[min(tokens, key=_rank)]}


def _rank(role: str) -> tuple[bool, str]:
    """Order roles so that an ordinary one stands before those that may do more."""
    return role.lower() in {"admin", "administrator", "owner", "superuser", "root", SERVICE_ROLE}, role
