"""Bearer tokens for the deployed system, one for each role.

The first token is earned as a user would: register by the issuer's contract, log in, read the subject. Roles that
nobody can register as get a token signed with the deployment's own secret, for the same subject, so that rows made by
one are visible to the others.
"""

from __future__ import annotations

import time
import uuid
from collections.abc import Mapping
from functools import cache
from typing import TYPE_CHECKING, Any

from pytest_superteam.checks.evidence import masked, shortened
from pytest_superteam.contracts.registry import ContractOperation, ContractRegistry
from pytest_superteam.contracts.synthesise import example_for
from pytest_superteam.errors import CheckError

if TYPE_CHECKING:
    import ssl

    import httpx

    from pytest_superteam.models import Architecture, Deployment, Operation

__all__ = [
    "ANY",
    "SERVICE_ROLE",
    "Tokens",
    "http_client",
    "mint_token",
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

_TIMEOUT = 10.0  # seconds for one call
_TOKEN_NAMES = ("access_token", "accessToken", "token", "jwt", "id_token")


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


def token_for(tokens: Tokens, operation: Operation) -> str | None:
    """Return the token to call `operation` with: none if it is public, else one of its roles, else anybody's.

    Raises:
        CheckError: there is no token of a role that may call it.
    """
    if operation.public:
        return None
    for role in operation.roles or (ANY,):
        if role in tokens:
            return tokens[role]
    if operation.roles:
        raise CheckError(f"{operation.id}: no token of the role {' or '.join(operation.roles)} could be had.")
    return next(iter(tokens.values()), None)


def single_use_token(deployment: Deployment, token: str) -> str:
    """Return another token of the same caller, for an operation that ends the validity of its own (a logout)."""
    claims = _claims(token)
    return mint_token(deployment.jwt_secret, role=str(claims.get("role", "")), subject=str(claims["sub"]))


def obtain_tokens(architecture: Architecture, deployment: Deployment) -> dict[str, str]:
    """Return bearer tokens by role: every role of the architecture, `service`, and `""` for any signed-in caller.

    Raises:
        CheckError: the contract has a registration or a login and it does not work.
    """
    earned = sign_up(architecture, deployment)
    tokens = {}
    if earned is None:
        subject = str(uuid.uuid4())
    else:
        claims = _claims(earned["token"])
        subject = str(claims["sub"])
        tokens = {ANY: earned["token"], **({str(claims["role"]): earned["token"]} if claims.get("role") else {})}
    for role in architecture.roles:
        tokens.setdefault(role, mint_token(deployment.jwt_secret, role=role, subject=subject))
    if ANY not in tokens:
        plain = min(architecture.roles, key=_rank, default="user")
        tokens[ANY] = mint_token(deployment.jwt_secret, role=plain, subject=subject)
    service = mint_token(deployment.jwt_secret, role=SERVICE_ROLE, subject="service:gate")
    return {**tokens, SERVICE_ROLE: tokens.get(SERVICE_ROLE, service)}


def _rank(role: str) -> tuple[bool, str]:
    """Order roles so that an ordinary one stands before those that may do more."""
    return role.lower() in {"admin", "administrator", "owner", "superuser", "root", SERVICE_ROLE}, role


def sign_up(architecture: Architecture, deployment: Deployment) -> dict[str, str] | None:
    """Register and log in a new user; returns `token` and the credentials by property name, None without an issuer.

    Raises:
        CheckError: the registration or the login was refused or answered no token.
    """
    found = _issuer_operations(architecture)
    if found is None:
        return None
    register, login = found
    registry = ContractRegistry.of(architecture)
    with http_client() as client:
        account = _post(client, deployment, registry.find(register.service, register.id), {})
        login_contract = registry.find(login.service, login.id)
        entered = _post(client, deployment, login_contract, account["sent"])
    token = next((str(entered["got"][name]) for name in _TOKEN_NAMES if entered["got"].get(name)), "")
    if not token:
        names = ", ".join(sorted(entered["got"])) or "nothing"
        raise CheckError(
            f"The login {login.service} {login.path} answered no token, but {names}. Answer `access_token`."
        )
    return {**{k: v for k, v in entered["sent"].items() if isinstance(v, str)}, "token": token}


def _issuer_operations(architecture: Architecture) -> tuple[Operation, Operation] | None:
    issuers = {service.name for service in architecture.services if service.issuer}
    candidates = [o for o in architecture.operations if not issuers or o.service in issuers]
    register = next((o for o in candidates if o.kind == "register"), None)
    login = next((o for o in candidates if o.kind == "login"), None)
    return (register, login) if register is not None and login is not None else None


def _post(
    client: httpx.Client, deployment: Deployment, operation: ContractOperation, overrides: Mapping[str, Any]
) -> dict[str, Any]:
    """Send a synthesised body to an operation; returns what was `sent` and `got`."""
    import httpx

    schema = operation.request_schema or {}
    body = example_for(schema, operation.document, overrides=overrides, optional=False, salt=uuid.uuid4().hex)
    url = deployment.url(operation.service) + operation.path
    try:
        answer = client.request(operation.method, url, json=body)
    except httpx.HTTPError as error:
        raise CheckError(f"{operation.method} {url} could not be called: {error}. See the service's log.") from error
    if not answer.is_success:
        raise CheckError(
            f"{operation.id} of {operation.service} answered {answer.status_code} to a valid body: "
            f"{shortened(masked(answer.text))}. No token could be had, so nothing behind the login can be tried."
        )
    try:
        got = answer.json()
    except ValueError as error:
        raise CheckError(f"{operation.id} of {operation.service} answered no JSON: {shortened(answer.text)}") from error
    return {"sent": body, "got": got if isinstance(got, dict) else {}}


def http_client() -> httpx.Client:
    """Return a client that takes no proxy or netrc from the environment and follows no redirect."""
    import httpx

    return httpx.Client(timeout=_TIMEOUT, trust_env=False, follow_redirects=False, verify=no_authorities())


@cache
def no_authorities() -> ssl.SSLContext:
    """Return a context that trusts nobody: the services answer on loopback, and loading a CA bundle costs 16 ms."""
    import ssl

    return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
