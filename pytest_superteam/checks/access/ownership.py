"""Whether one user reaches what is another's (OWASP API1): one makes a row, the other tries everything on it."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from pytest_superteam.checks.access.endpoints import Endpoint, creator_of, endpoints_of
from pytest_superteam.checks.access.objects import Made, shown_since
from pytest_superteam.checks.access.privacy import names_people, why_private
from pytest_superteam.checks.access.trial import Trial, called_by
from pytest_superteam.checks.access.users import User, new_user, two_users
from pytest_superteam.checks.callers.accounts import lets_in
from pytest_superteam.checks.exchanges import Exchanges, NoAnswerError
from pytest_superteam.errors import CheckError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pytest_superteam.checks.base import CheckItem, RunningSystem
    from pytest_superteam.checks.exchanges import Answer
    from pytest_superteam.models import CheckResult, Entity

__all__ = ["others_objects"]

_ORDER = ("read", "list", "action", "update", "replace", "transition", "delete")
_VERBS = {"read": "reads", "list": "lists", "delete": "deletes", "transition": "moves", "create": "adds to"}
_PAGE = 100  # rows of a list that are looked at
_ADVICE = "Look the row up by its owner, too, and answer 404."


def others_objects(system: RunningSystem, item: CheckItem) -> CheckResult:
    """Return what one of two users reaches of what the other made in the service."""

    def work(exchanges: Exchanges, users: tuple[User, User]) -> CheckResult:
        alice, bob = users
        trial = _Trial(system, item, exchanges, alice, bob=bob)
        for rows in _kinds(system, item.service):
            trial.try_kind(rows)
        nothing = "no ordinary user may touch rows that have an owner"
        return trial.result("calls to what is another user's", nothing)

    return called_by(system, lambda: two_users(system), work, "two users can't be had")


def _kinds(system: RunningSystem, service: str) -> list[str]:
    """Return the kinds of rows of the service that may be somebody's: in a design, those that have an owner."""
    named = [rows for e in endpoints_of(system, service) if e.protected for rows in (e.own, *e.named.values()) if rows]
    return [rows for rows in dict.fromkeys(named) if system.found or _owned(system, rows) is not None]


def _owned(system: RunningSystem, rows: str) -> Entity | None:
    """Return the entity whose rows are `rows` where the design gives it an owner; of what was found it is a guess."""
    entity = system.architecture.entity_named(rows)
    return entity if entity is not None and entity.owner_field and not system.found else None


@dataclass
class _Trial(Trial):
    """The user is Alice, who owns what Bob tries to reach."""

    bob: User = field(kw_only=True)

    def __post_init__(self) -> None:
        """Know the service's operations."""
        super().__post_init__()
        self.endpoints = endpoints_of(self.system, self.item.service)

    def try_kind(self, rows: str) -> None:
        """Let Alice make a row of this kind, and Bob try every operation on it that his role may call."""
        entity, creator = _owned(self.system, rows), creator_of(self.system, rows)
        if entity is not None and creator is not None and self.user.role_for(creator, ordinary=True) is None:
            return  # staff makes these rows for others: nobody ordinary can
        try:
            owner, made = self._alices(rows, creator)
        except CheckError as error:
            self.problems.append(str(error))
            return
        if made is None:
            self.problems.append(self.objects.problems.get(rows, f"no {rows} could be made"))
            return
        start = len(self.exchanges.made) - 1
        for endpoint in self._operations(rows):
            try:
                self._try(endpoint, rows, made, owner, entity, start)
            except CheckError as error:
                self.problems.append(str(error))

    def _alices(self, rows: str, creator: Endpoint | None) -> tuple[User, Made | None]:
        """Return the row and whose it is: an account is a third user's, for it may not survive."""
        if creator is not None and creator.kind == "register":
            victim = new_user(self.system, "CAROL")
            names = [name for e in self.endpoints for name, target in e.named.items() if target == rows]
            known = [victim.account[name] for name in names if name in victim.account]
            return victim, Made(known[0] if known else victim.subject, victim.account)
        return self.user, self.objects.make(rows, self.user)

    def _operations(self, rows: str) -> list[Endpoint]:
        chosen = [e for e in self.endpoints if e.protected and self.bob.token(e, ordinary=True) is not None]
        chosen = [e for e in chosen if rows in e.named.values() or (e.own == rows and e.kind == "list")]
        return sorted(chosen, key=lambda e: _ORDER.index(e.kind) if e.kind in _ORDER else 2)

    # ------------------------------------------------------------ one operation

    def _try(self, endpoint: Endpoint, rows: str, made: Made, owner: User, entity: Entity | None, start: int) -> None:
        if endpoint.kind == "list" and rows not in endpoint.named.values():
            self._list(endpoint, made, entity.owner_field if entity is not None else None, start)
            return
        ids = {name: made.id for name, target in endpoint.named.items() if target == rows}
        if endpoint.reads:
            self._read(endpoint, ids, owner, entity, start)
        else:
            self._write(endpoint, rows, ids, owner, entity)

    def _read(self, endpoint: Endpoint, ids: Mapping[str, str], owner: User, entity: Entity | None, start: int) -> None:
        own = self.objects.call(endpoint, owner, ids)
        if not own.ok:
            self.problems.append(f"{endpoint.label} answered {own.status} to the row's own user")
            return
        why = self._why(endpoint, entity, own.json())
        if not why:
            return
        self.tried += 1
        if self._as_bob(endpoint, ids).ok:
            self._add(endpoint, "read", why, shown_since(self.exchanges, start))

    def _list(self, endpoint: Endpoint, made: Made, owner_field: str | None, start: int) -> None:
        token = self.bob.token(endpoint, ordinary=True)
        paged = {"limit": _PAGE} if any(p.get("name") == "limit" for p in endpoint.query) else {}
        asked = owner_field if any(p.get("name") == owner_field for p in endpoint.query) else None
        for query in (paged, *([{**paged, asked: self.user.subject}] if asked else [])):
            url = self.objects.url(endpoint, self.bob, query=query)
            answer = self.objects.send(endpoint, url, token=token, caller=self.bob.name)
            self.tried += 1
            why = self._why_listed(endpoint, _rows(answer.json()), made, owner_field) if answer.ok else ""
            if why:
                self._add(endpoint, "list", why, shown_since(self.exchanges, start))
                return

    def _why_listed(
        self, endpoint: Endpoint, rows: list[Mapping[str, Any]], made: Made, owner_field: str | None
    ) -> str:
        """Return why one of the rows that Bob is shown is not his to see, `""` where all are."""
        hers = [row for row in rows if made.id in map(str, row.values())]
        if owner_field is None:
            return why_private(endpoint, hers[0]) if hers and not names_people(endpoint.own) else ""
        foreign = [row for row in rows if row.get(owner_field, self.bob.subject) != self.bob.subject]
        return f"its field '{owner_field}' says whose it is" if hers or foreign else ""

    def _write(self, endpoint: Endpoint, rows: str, ids: Mapping[str, str], owner: User, entity: Entity | None) -> None:
        before, start = self._seen(rows, ids, owner), len(self.exchanges.made)
        why = self._why(endpoint, entity, before)
        if not why:
            return
        body = self._harmful(endpoint)
        answer = self._as_bob(endpoint, ids, body)
        self.tried += 1
        if answer.status == 409 and entity is not None and self._as_bob(endpoint, _nobodys(ids), body).status == 404:
            self._add(endpoint, "reach", why, shown_since(self.exchanges, start))
        elif answer.ok and self._took(endpoint, rows, ids, owner, before, body):
            self._add(endpoint, endpoint.kind, why, shown_since(self.exchanges, start))

    def _as_bob(self, endpoint: Endpoint, ids: Mapping[str, str], body: Any = None) -> Answer:
        url = self.objects.url(endpoint, self.bob, ids)
        token = self.bob.token(endpoint, ordinary=True)
        return self.objects.send(endpoint, url, token=token, caller=self.bob.name, body=body)

    def _harmful(self, endpoint: Endpoint) -> Any:
        """Return a valid body for Bob to send, unlike what is stored."""
        return self.objects.body(endpoint, self.bob)

    def _seen(self, rows: str, ids: Mapping[str, str], owner: User) -> Mapping[str, Any]:
        """Return the row as its own user reads it, empty where nothing reads it."""
        for endpoint in self.endpoints:
            if endpoint.kind == "read" and endpoint.own == rows and endpoint.row:
                try:
                    found = self.objects.call(endpoint, owner, {endpoint.row: next(iter(ids.values()))}).json()
                except NoAnswerError:
                    return {}
                return found if isinstance(found, dict) else {}
        return {}

    def _took(
        self,
        endpoint: Endpoint,
        rows: str,
        ids: Mapping[str, str],
        owner: User,
        before: Mapping[str, Any],
        body: Any,
    ) -> bool:
        """Return whether what Bob's call was accepted for really happened to the other's row, as far as one can see.

        Some services take the caller from the token whatever the path says: then nothing happened to the other's.
        """
        if endpoint.kind in {"delete", "transition"} or not isinstance(body, dict):
            return not before or self._seen(rows, ids, owner) != before
        if any("password" in name for name in body) and owner.account:
            return not self._still_logs_in(owner)
        shown = [name for name in body if name in before]
        if not shown:
            return not names_people(endpoint.own) or not before
        after = self._seen(rows, ids, owner)
        return any(after.get(name) != before.get(name) for name in shown)

    def _still_logs_in(self, owner: User) -> bool:
        for endpoint in (e for s in self.system.architecture.services for e in endpoints_of(self.system, s.name)):
            if endpoint.kind == "login":
                body = {n: v for n, v in owner.account.items() if n in endpoint.body}
                url = self.objects.url(endpoint, owner)
                return lets_in(self.objects.send(endpoint, url, token=None, caller="", body=body))
        return True

    def _why(self, endpoint: Endpoint, entity: Entity | None, seen: Any) -> str:
        if entity is not None:
            return f"its field '{entity.owner_field}' says whose it is"
        return why_private(endpoint, seen if isinstance(seen, dict) else {})

    def _add(self, endpoint: Endpoint, what: str, why: str, shown: str) -> None:
        verb = _VERBS.get(what, "reaches" if what == "reach" else "changes")
        message = f"{endpoint.label}: a user {verb} what is another's ({why}): expected 404 or 403. {_ADVICE}"
        self.add(message, shown)


def _nobodys(ids: Mapping[str, str]) -> dict[str, str]:
    return {name: str(uuid.uuid4()) for name in ids}


def _rows(value: Any) -> list[Mapping[str, Any]]:
    """Return the records of a list's answer: the answer itself, or the first list in it."""
    if isinstance(value, dict):
        value = next((part for part in value.values() if isinstance(part, list)), [])
    return [row for row in value if isinstance(row, dict)] if isinstance(value, list) else []
