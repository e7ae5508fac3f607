"""What a method on a path means: which entity it is about and which kind of operation it is."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pytest_superteam.architect.behaviour.states import state_of_verb
from pytest_superteam.architect.names import pascal, singular, vocabulary, words

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from pytest_superteam.architect.facts import EndpointFact
    from pytest_superteam.models import OperationKind

__all__ = ["Meaning", "collections", "entity_of_segment", "meaning", "segments"]

_REGISTER = frozenset({"register", "signup", "sign-up", "registration", "sign_up"})
_LOGIN = frozenset({"login", "signin", "sign-in", "log-in", "sign_in"})
_LOGOUT = frozenset({"logout", "signout", "sign-out", "log-out"})
_ACCOUNT = frozenset(
    {"auth", "authentication", "user", "users", "account", "accounts", "profile", "identity", "session", "me"}
)
_OWN = frozenset({"me", "mine", "my", "self", "current"})
_MYSELF = frozenset(
    {"me", "profile", "current-user", "current_user", "currentuser", "whoami", "userinfo", "my-profile"}
)
_STATE_PARTS = frozenset({"state", "status"})
_VIEWS = _OWN | {
    "search",
    "all",
    "list",
    "history",
    "recent",
    "latest",
    "popular",
    "featured",
    "active",
    "available",
    "pending",
}
_FUNCTIONS = vocabulary(
    "admin analytics api auth authentication authorize backup batch bulk callback cache check checkout "
    "chat config configuration current dashboard debug detect download export feed generate graphql "
    "health home identity import internal login logout manage me metrics mine monitoring my oauth "
    "password ping profile public query refresh register reset rpc search settings sign-in sign-up signup "
    "socket stats statistics status stream summary sync test token upload validate verify version webhook "
    "webhooks ws"
)
_BY_METHOD: Mapping[tuple[str, bool], OperationKind] = {
    ("GET", False): "list",
    ("POST", False): "create",
    ("GET", True): "read",
    ("PUT", True): "replace",
    ("PATCH", True): "update",
    ("DELETE", True): "delete",
}


@dataclass(frozen=True)
class Meaning:
    """The kind of an operation, its entity and, for a transition, where it leads (None: the body says it)."""

    kind: OperationKind
    entity: str | None = None
    target: str | None = None


def segments(path: str) -> list[str]:
    """Return the segments behind an `/api` or version prefix; parameters keep their braces."""
    return [s for s in re.sub(r"^(?:/api)?(?:/v\d+)?(?=/)", "", path).split("/") if s]


def entity_of_segment(segment: str, known: Iterable[str], parent: str = "") -> str | None:
    """Return the known entity that a path segment means: `order-items` is OrderItem, as is `items` below an Order."""
    name = pascal(segment).lower()
    exact = {k.lower(): k for k in known}
    return exact.get(name) or (exact.get(parent.lower() + name) if parent else None)


def collections(endpoints: Iterable[EndpointFact], known: Iterable[str]) -> dict[str, tuple[str, int]]:
    """Return the entities that only paths name: name to (segment, line).

    A segment counts when a row of it is addressed (`/things/{id}`), or when a plural at the end is listed or created.
    """
    known = set(known)
    found: dict[str, tuple[str, int]] = {}
    for fact in endpoints:
        parts = segments(fact.path)
        for i, part in enumerate(parts):
            if part.startswith("{") or part.lower() in _FUNCTIONS or not re.fullmatch(r"[A-Za-z][A-Za-z0-9_-]*", part):
                continue
            addressed = i + 1 < len(parts) and parts[i + 1].startswith("{")
            last = i == len(parts) - 1
            is_plural = singular(words(part)[-1]) != words(part)[-1] if words(part) else False
            nested = any(p.startswith("{") for p in parts[:i])
            listed = last and is_plural and (fact.method == "POST" or (fact.method == "GET" and not nested))
            name = pascal(part)
            if (
                (addressed or listed)
                and 1 < len(name) <= 60
                and not entity_of_segment(part, known)
                and not _is_verb(part, fact)
            ):
                found.setdefault(name, (part, fact.line))
    return found


def _is_verb(part: str, fact: EndpointFact) -> bool:
    # `POST /verify/{token}` addresses no row of a "verify".
    return fact.method == "POST" and not part.endswith("s")


def meaning(fact: EndpointFact, known: Iterable[str], states: Mapping[str, tuple[str, ...]]) -> Meaning:
    """Return what `fact` means, given the names of the entities and the states of those that have any."""
    known = tuple(known)
    parts = [p.lower() if not p.startswith("{") else p for p in segments(fact.path)]
    special = _account(fact, parts)
    if special:
        return special
    entity, at = _resource(parts, known)
    if entity is None:
        return Meaning("action")
    tail = parts[at + 1 :]
    named = _below(tail, entity, known)
    below = _BY_METHOD.get((fact.method, named[1])) if named else None
    if named and below:
        return Meaning(below, named[0])
    if not tail or (len(tail) == 1 and tail[0].startswith("{")):
        kind = _BY_METHOD.get((fact.method, bool(tail)))
        return Meaning(kind, entity) if kind else Meaning("action", entity)
    return _further(fact, entity, tail, states.get(entity))


def _further(fact: EndpointFact, entity: str, tail: list[str], states: tuple[str, ...] | None) -> Meaning:
    """Return what is meant by a path that goes on behind a collection or a row."""
    if len(tail) == 1 and fact.method == "GET" and tail[0] in _VIEWS:
        return Meaning("list", entity)
    if len(tail) == 2 and tail[0].startswith("{") and fact.method != "GET":
        if states is not None and tail[1] in _STATE_PARTS:
            return Meaning("transition", entity)
        target = state_of_verb(tail[1], states or ())
        if target:
            return Meaning("transition", entity, target)
    if entity == "User" and tail[0] in _OWN:
        return Meaning("update_me", entity) if fact.method in ("PUT", "PATCH") else Meaning("action")
    if entity == "User" and fact.method == "POST" and not any(p.startswith("{") for p in tail):
        return Meaning("action")  # `POST /users/verify` makes no user
    return Meaning("action", entity)


def _below(tail: list[str], entity: str, known: tuple[str, ...]) -> tuple[str, bool] | None:
    """Return the entity that the last parameter of a path is about, and whether it names a row of it.

    `/tasks/{projectId}` has the tasks of a project, `/tasks/{projectId}/t/{taskId}` one of them.
    """
    if not tail or not all(p.startswith("{") or len(p) <= 2 for p in tail) or not tail[-1].startswith("{"):
        return None
    last = _named(tail[-1], known)
    if len(tail) == 1:
        return (entity, False) if last not in (None, entity) and last != "User" else None
    if last is None or _named(tail[0], known) in (None, entity):
        return None
    return last, True


def _named(parameter: str, known: tuple[str, ...]) -> str | None:
    """Return the entity that a parameter such as `{taskId}` is named after."""
    name = "".join(words(re.sub(r"(?<=[a-z])_?(?:Id|ID|id|Uuid|uuid)$", "", parameter.strip("{}"))))
    return next((k for k in known if k.lower() == name), None) if name and name != "id" else None


def _account(fact: EndpointFact, parts: list[str]) -> Meaning | None:
    statics = {p for p in parts if not p.startswith("{")}
    if fact.method == "POST" and len(statics) == len(parts):
        kinds: tuple[tuple[frozenset[str], OperationKind], ...] = (
            (_REGISTER, "register"),
            (_LOGIN, "login"),
            (_LOGOUT, "logout"),
        )
        for names, kind in kinds:
            if statics & names and len(parts) <= 3:
                return Meaning(kind, "User")
    if parts and parts[-1] in _MYSELF and set(parts[:-1]) <= _ACCOUNT:
        if fact.method == "GET":
            return Meaning("me", "User")
        if fact.method in ("PUT", "PATCH"):
            return Meaning("update_me", "User")
    return None


def _resource(parts: list[str], known: tuple[str, ...]) -> tuple[str | None, int]:
    for i in range(len(parts) - 1, -1, -1):
        if not parts[i].startswith("{"):
            parent = next((pascal(p) for p in reversed(parts[:i]) if not p.startswith("{")), "")
            entity = entity_of_segment(parts[i], known, parent)
            if entity:
                return entity, i
    return None, -1
