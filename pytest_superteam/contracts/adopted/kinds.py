"""Which kind an operation of a found document is: what its path, its words and its bodies show, and no more."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from pytest_superteam.contracts.adopted.reading import properties, record
from pytest_superteam.contracts.plans import snake

if TYPE_CHECKING:
    from collections.abc import Container, Mapping

    from pytest_superteam.contracts.adopted.reading import FoundOperation
    from pytest_superteam.models import OperationKind

__all__ = ["account_kind", "is_reset", "is_token", "kind_of", "takes_password"]

_PASSWORDS = frozenset({"password", "passwd", "pwd", "pass", "passphrase", "password_hash", "plain_password"})
_TOKENS = frozenset({"jwt", "bearer", "id_token", "session_id", "sessionid", "api_key", "apikey"})
_NO_TOKENS = frozenset({"type", "expires", "expiry", "refresh", "csrf", "count", "name", "ttl", "lifetime", "limit"})
_LOGIN = ("login", "log in", "signin", "sign in", "logon", "authenticate", "access token", "obtain token", "get token")
_LOGIN_ENDS = frozenset({"token", "tokens", "session", "sessions", "auth", "jwt", "authentication"})
_REGISTER = ("register", "registration", "signup", "sign up", "enroll", "create account", "create user", "new user")
_LOGOUT = ("logout", "log out", "signout", "sign out", "logoff")
_OTHER_ACCOUNT = ("reset", "forgot", "change", "recover", "verify", "confirm", "refresh", "revoke", "validate", "check")
_ME = frozenset({"me", "self", "whoami", "current", "current_user", "currentuser", "my_profile", "userinfo"})
_ME_SAID = ("current user", "logged in user", "authenticated user", "own profile", "my profile", "user me")
_WHOLE = r"s?_(?:and_[a-z]{1,20}_)?(?:the_|all_|all_the_|whole_|entire_)?"
_RESET = re.compile(
    rf"(?:create|init|initiali[sz]e|populate|recreate|rebuild|seed){_WHOLE}(?:db|databases?|tables)(?:_|$)"
    rf"|(?:reset|drop|wipe|purge|truncate|flush|clear){_WHOLE}(?:db|databases?|data|tables|everything)(?:_|$)"
)
_RESET_ENDS = frozenset({"createdb", "initdb", "resetdb", "dropdb", "reset", "wipe", "shutdown", "reseed", "truncate"})
_WHOLE_PLACES = frozenset(
    {"db", "database", "data", "all", "test", "tests", "testing", "admin", "system", "state", "app"}
)


def is_token(name: str, schema: Mapping[str, Any]) -> bool:
    """Return whether a property of an answer is what callers show to be let in."""
    said = snake(name)
    parts = set(said.split("_"))
    called = "token" in parts or said.endswith("token")
    if said in _TOKENS or (called and not parts & _NO_TOKENS):
        return True
    return schema.get("format") == "jwt" or str(schema.get("example", "")).startswith("eyJ")


def takes_password(operation: FoundOperation) -> bool:
    """Return whether the body has a password."""
    return any(
        snake(name) in _PASSWORDS or schema.get("format") == "password"
        for name, schema in operation.leaves(operation.body)
    )


def account_kind(operation: FoundOperation) -> OperationKind | None:
    """Return `register`, `login`, `logout`, `me` or `update_me` where the operation is about the caller's account."""
    if "account_kind" not in operation.memory:
        operation.memory["account_kind"] = _account_kind(operation)
    known: OperationKind | None = operation.memory["account_kind"]
    return known


def _account_kind(operation: FoundOperation) -> OperationKind | None:
    if operation.says(*_LOGOUT) and operation.method in {"POST", "DELETE", "GET"}:
        return "logout"
    if operation.method == "POST" and operation.public and takes_password(operation):
        return _entrance(operation)
    if operation.public or any(segment.startswith("{") for segment in operation.segments):
        return None
    last = snake(operation.segments[-1]) if operation.segments else ""
    if last in _ME or (operation.says(*_ME_SAID) and last in {"user", "profile", "account"}):
        kinds: dict[str, OperationKind] = {"GET": "me", "PUT": "update_me", "PATCH": "update_me"}
        return kinds.get(operation.method)
    return None


def _entrance(operation: FoundOperation) -> OperationKind | None:
    """Tell a login from a registration among public operations that take a password."""
    if operation.says(*_OTHER_ACCOUNT):
        return None
    fixed = [segment for segment in operation.segments if not segment.startswith("{")]
    last = snake(fixed[-1]) if fixed else ""
    answered = operation.answer
    tokens = any(is_token(name, schema) for name, schema in operation.leaves(answered))
    # The path says what it is; the text may speak of the other ("Register. Log in to get a token.").
    for texts in ((last.replace("_", " "),), (" ".join(operation.said),)):
        spoken = f" {' '.join(texts)} "
        registers = any(f" {phrase} " in spoken for phrase in _REGISTER)
        enters = any(f" {phrase} " in spoken for phrase in _LOGIN)
        if enters != registers:
            silent = not properties(operation.document, answered)
            return "register" if registers else ("login" if tokens or silent else None)
    if last in _LOGIN_ENDS and tokens:
        return "login"
    return "register" if last.rstrip("s") in {"user", "account", "customer", "member"} else None


def kind_of(operation: FoundOperation, collections: Container[str], entity_fields: frozenset[str]) -> OperationKind:
    """Return what the operation does to the rows of its entity; `action` where that can't be told.

    Args:
        operation: One that is not about the caller's account.
        collections: The path segments that rows are kept under.
        entity_fields: Names of the fields of its entity, empty without one.
    """
    if not operation.segments:
        return "action"
    last = operation.segments[-1]
    if last.startswith("{"):
        kinds: dict[str, OperationKind] = {"GET": "read", "PUT": "replace", "PATCH": "update", "DELETE": "delete"}
        return kinds.get(operation.method, "action")
    if operation.method == "GET":
        _, several = record(operation.document, operation.answer, frozenset({snake(last)}))
        return "list" if several or (not operation.answer and last in collections) else "action"
    if last in collections:
        return "create" if operation.method == "POST" else "action"
    below = any(segment.startswith("{") for segment in operation.segments)
    taken = set(properties(operation.document, operation.body))
    if below and operation.method in {"PUT", "PATCH"} and taken and taken <= entity_fields:
        return "update"
    return "action"


def is_reset(operation: FoundOperation) -> bool:
    """Return whether the operation throws the data of the whole system away, by what its name and summary say."""
    if any(segment.startswith("{") for segment in operation.segments):
        return False
    *above, last = (snake(segment) for segment in operation.segments or ("",))
    if last in _RESET_ENDS and set(above) <= _WHOLE_PLACES:
        return True
    texts = (last, snake(operation.id), snake(str(operation.definition.get("summary", ""))[:200]))
    return any(_RESET.search(text) for text in texts)
