"""Accounts in the running system: registered and logged in by the contracts, as a user would."""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pytest_superteam.checks.callers.credentials import carrier_of
from pytest_superteam.checks.callers.forms import FORM, body_schema, encoded, form_schema
from pytest_superteam.checks.connections import http_client
from pytest_superteam.checks.evidence import masked, shortened
from pytest_superteam.contracts.adopted.reading import properties
from pytest_superteam.contracts.plans import snake
from pytest_superteam.contracts.registry import ContractOperation, ContractRegistry
from pytest_superteam.contracts.synthesise import example_for
from pytest_superteam.errors import CheckError

if TYPE_CHECKING:
    import httpx

    from pytest_superteam.checks.exchanges import Answer
    from pytest_superteam.models import Architecture, Deployment, Operation

__all__ = ["PASSWORDS", "credible", "lets_in", "log_in", "login_body", "new_accounts", "sign_up", "token_of"]

_TOKEN_NAMES = ("access_token", "token", "auth_token", "jwt", "id_token", "session_token", "api_key", "session_id")
_NO_TOKENS = frozenset({"type", "expires", "refresh", "csrf", "xsrf", "expiry", "name", "ttl"})
PASSWORDS = frozenset({"password", "passwd", "pwd", "pass", "passphrase"})
"""Names, in snake case, of properties that hold a password."""
_REPEATED = frozenset({"password_confirmation", "confirm_password", "password_confirm", "password2", "repeat_password"})
_IDENTITIES = ("email", "username", "login", "user_name", "user", "identifier", "handle", "nickname", "name", "phone")
_KEYS = frozenset({"id", "_id", "uuid", "user_id"})
_DEPTH = 4  # levels of an answer in which a token is looked for


def sign_up(architecture: Architecture, deployment: Deployment) -> dict[str, str] | None:
    """Register and log in a new user; returns `token` and the credentials by property name, None without an issuer.

    Raises:
        CheckError: the registration or the login was refused or answered no token.
    """
    register, login = _entrances(architecture)
    registry = ContractRegistry.of(architecture)
    if register is None or (login is None and deployment.jwt_secret):
        return None
    with http_client() as client:
        door = _Door(client, deployment, registry)
        sent, got = door.register(register)
        account = {**_keys(got), **dict(_leaves(sent))} if not deployment.jwt_secret else dict(_leaves(sent))
        if login is None:
            token = token_of(got)
            if not token:
                return None
            return {**account, "token": carrier_of(architecture.contracts).written(token)}
        return {**account, **door.enter(login, account)}


def log_in(architecture: Architecture, deployment: Deployment, account: Mapping[str, str]) -> dict[str, str]:
    """Log in by the contracts with an account that exists; returns what was sent, and `token`.

    Args:
        architecture: The system's.
        deployment: Where it runs.
        account: Values by property name, `password` and one of `username` and `email` among them.

    Raises:
        CheckError: the contracts have no login, or it was refused or answered no token.
    """
    _, login = _entrances(architecture)
    if login is None:
        raise CheckError("The contracts have no login. Set auth.token or auth.tokens to tokens that you have.")
    with http_client() as client:
        return _Door(client, deployment, ContractRegistry.of(architecture)).enter(login, account)


def _entrances(architecture: Architecture) -> tuple[Operation | None, Operation | None]:
    issuers = {service.name for service in architecture.services if service.issuer}
    candidates = [o for o in architecture.operations if not issuers or o.service in issuers]
    register = next((o for o in candidates if o.kind == "register"), None)
    return register, next((o for o in candidates if o.kind == "login"), None)


@dataclass(frozen=True)
class _Door:
    """Registration and login of one running system."""

    client: httpx.Client
    deployment: Deployment
    registry: ContractRegistry

    def register(self, operation: Operation) -> tuple[dict[str, Any], Any]:
        """Register somebody new; returns the body and the answer."""
        contract = self.registry.find(operation.service, operation.id)
        bodies = list(new_accounts(contract, ours=bool(self.deployment.jwt_secret))) or [{}]
        for body in bodies[:-1]:
            answer = self.send(contract, body)
            if answer.is_success:
                return body, self._answered(contract, answer)
        return bodies[-1], self._answered(contract, self.send(contract, bodies[-1]))

    def enter(self, operation: Operation, account: Mapping[str, str]) -> dict[str, str]:
        """Log in; returns what was sent, and the `token`."""
        contract = self.registry.find(operation.service, operation.id)
        body = login_body(contract, account)
        response = self.send(contract, body)
        got = self._answered(contract, response)
        token = token_of(got, response.headers)
        if not token:
            names = ", ".join(sorted(map(str, got))) if isinstance(got, Mapping) and got else "nothing"
            told = "" if self.deployment.jwt_secret else f" ({shortened(masked(response.text), 120)})"
            raise CheckError(
                f"The login {operation.service} {operation.path} answered no token, but {names}{told}. "
                "Answer `access_token`."
            )
        carrier = carrier_of({operation.service: contract.document})
        return {**dict(_leaves(body)), "token": carrier.written(token)}

    def send(self, contract: ContractOperation, body: Mapping[str, Any]) -> httpx.Response:
        """Send a body as the contract wants it, in JSON or as a form."""
        import httpx

        url = self.deployment.url(contract.service) + contract.path
        try:
            if form_schema(contract) is not None:
                return self.client.request(contract.method, url, content=encoded(body), headers={"Content-Type": FORM})
            return self.client.request(contract.method, url, json=body)
        except httpx.HTTPError as error:
            raise CheckError(f"{contract.method} {url} could not be called: {error}. See the service's log.") from error

    def _answered(self, contract: ContractOperation, answer: httpx.Response) -> Any:
        if not answer.is_success:
            raise CheckError(
                f"{contract.id} of {contract.service} answered {answer.status_code} to a valid body: "
                f"{shortened(masked(answer.text))}. No token could be had, so nothing behind the login can be tried."
            )
        if not answer.content:
            return {}
        try:
            return answer.json()
        except (ValueError, RecursionError) as error:
            told = shortened(answer.text)
            raise CheckError(f"{contract.id} of {contract.service} answered no JSON: {told}") from error


# ---------------------------------------------------------------- bodies


def new_accounts(contract: ContractOperation, *, ours: bool) -> Iterator[dict[str, Any]]:
    """Yield bodies of a registration to try: what is required, and where the contract was found everything it has.

    Args:
        contract: The registration.
        ours: Whether the contract is ours, and says what it needs.
    """
    schema, document = body_schema(contract) or {}, contract.document
    for optional in (False, True):
        salt = uuid.uuid4().hex
        body = example_for(schema, document, optional=optional, salt=salt)
        if not isinstance(body, dict):
            continue
        if ours:
            yield body
            return
        body = credible(document, schema, body, salt)
        if optional or any(snake(name) in PASSWORDS for name, _ in _leaves(body)):
            yield body


def login_body(contract: ContractOperation, account: Mapping[str, str]) -> dict[str, Any]:
    """Return the body of a login with what it asks for of an account, by property name."""
    return _credentials(contract.document, body_schema(contract) or {}, account)


def credible(document: Mapping[str, Any], schema: Any, body: Mapping[str, Any], salt: str) -> dict[str, Any]:
    """Return a registration with a name, an address and a password that services take which say less than they want.

    Args:
        document: The contract.
        schema: The body's schema.
        body: A valid body.
        salt: Makes the name and the address differ from others'; at least 12 letters and digits.
    """
    known = properties(document, schema)
    made = {
        **dict.fromkeys(PASSWORDS | _REPEATED, f"Gate-{salt[:8]}-7aA"),
        **dict.fromkeys(("username", "login", "user_name", "handle", "nickname"), f"gate{salt[:10]}"),
        "email": f"gate.{salt[:12]}@example.com",
    }
    result: dict[str, Any] = {}
    for name, value in body.items():
        said = known.get(name, {})
        if isinstance(value, dict):
            result[name] = credible(document, said, value, salt)
        elif isinstance(value, str) and snake(name) in made and not said.keys() & {"pattern", "enum", "const"}:
            result[name] = _within(made[snake(name)], said)
        else:
            result[name] = value
    return result


def _within(text: str, schema: Mapping[str, Any]) -> str:
    """Return `text` as long as the schema wants it."""
    least, most = schema.get("minLength"), schema.get("maxLength")
    text = text.ljust(least, "x") if isinstance(least, int) and least < 200 else text
    return text[-most:] if isinstance(most, int) and 0 < most < len(text) else text


def _credentials(document: Mapping[str, Any], schema: Any, account: Mapping[str, str]) -> dict[str, Any]:
    """Return the body of a login: what it asks for of an account, and whatever else it requires."""
    body = example_for(schema, document, optional=False)
    result = dict(body) if isinstance(body, dict) else {}
    for name, said in properties(document, schema).items():
        if properties(document, said):
            inner = _credentials(document, said, account)
            if any(snake(leaf) in PASSWORDS for leaf, _ in _leaves(inner)):
                result[name] = inner
            continue
        value = _value_for(name, account)
        if value is not None:
            result[name] = value
    return result


def _value_for(name: str, account: Mapping[str, str]) -> str | None:
    said = snake(name)
    by_name = {snake(known): value for known, value in account.items()}
    if name in account:
        return account[name]
    if said in by_name:
        return by_name[said]
    if said in PASSWORDS:
        return next((value for known, value in by_name.items() if known in PASSWORDS), None)
    if said in _IDENTITIES:
        return next((by_name[known] for known in _IDENTITIES if known in by_name), None)
    return None


def _leaves(value: Any, depth: int = _DEPTH) -> Iterator[tuple[str, str]]:
    """Yield the texts of a body by property name, those of objects within included."""
    if isinstance(value, Mapping) and depth:
        for name, inner in value.items():
            if isinstance(inner, str):
                yield str(name), inner
            else:
                yield from _leaves(inner, depth - 1)


# ---------------------------------------------------------------- answers


def token_of(got: Any, headers: Mapping[str, str] | None = None) -> str:
    """Return the token in an answer, empty without one: a property that is called like one, a bare text, or a header.

    A login that failed has none, whatever its status is.

    Args:
        got: The parsed body.
        headers: The answer's headers.
    """
    if isinstance(got, str) and len(got) >= 16 and " " not in got:
        return got
    texts = [(snake(name), value) for name, value in _leaves(got) if value]
    for wanted in _TOKEN_NAMES:
        for name, value in texts:
            if name == wanted:
                return value
    for name, value in texts:
        if name.endswith("token") and not _NO_TOKENS & set(name.split("_")):
            return value
    said = next((value for name, value in (headers or {}).items() if name.lower() == "authorization"), "")
    return said.rpartition(" ")[2]


def lets_in(answer: Answer) -> bool:
    """Return whether a login's answer lets its caller in: a success with a token, or a cookie; some refuse with 200."""
    return answer.ok and bool(token_of(answer.json(), answer.headers) or "set-cookie" in answer.headers)


def _keys(got: Any, depth: int = _DEPTH) -> dict[str, str]:
    """Return what an answer to a registration says of the new user's key."""
    if not isinstance(got, Mapping) or not depth:
        return {}
    found = {
        str(n): str(v) for n, v in got.items() if snake(str(n)) in _KEYS and isinstance(v, int | str) and v is not True
    }
    for inner in got.values():
        found = {**_keys(inner, depth - 1), **found}
    return found
