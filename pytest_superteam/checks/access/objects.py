"""Valid requests, and the rows that they need: made by a user of ours, so that nothing of anybody else is spoilt."""

from __future__ import annotations

import json
import uuid
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlencode

from pytest_superteam.checks.access.endpoints import creator_of
from pytest_superteam.checks.callers.auth import SERVICE_ROLE
from pytest_superteam.checks.callers.forms import FORM, body_schema, encoded, form_schema
from pytest_superteam.checks.exchanges import NoAnswerError
from pytest_superteam.checks.seeding import reference_entities, rows_by_entity
from pytest_superteam.contracts.plans import snake
from pytest_superteam.contracts.synthesise import example_for
from pytest_superteam.errors import CheckError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pytest_superteam.checks.access.endpoints import Endpoint
    from pytest_superteam.checks.access.users import User
    from pytest_superteam.checks.base import RunningSystem
    from pytest_superteam.checks.exchanges import Answer, Exchanges
    from pytest_superteam.models import Field

__all__ = ["Made", "Objects", "shown_since"]

_DEEPEST = 5  # rows that need rows


@dataclass(frozen=True)
class Made:
    """A row that a check made: what names it in paths, what was sent for it and what came back."""

    id: str
    sent: Mapping[str, Any] = field(default_factory=dict, repr=False)
    got: Mapping[str, Any] = field(default_factory=dict, repr=False)


def shown_since(exchanges: Exchanges, start: int) -> str:
    """Return the exchanges after the first `start` ones, a numbered line each."""
    return "\n".join(f"{number}. {step}" for number, step in enumerate(exchanges.made[start:], 1))


class Objects:
    """Makes rows and calls operations as a user. Rows that others are made below are made once by each user."""

    def __init__(self, system: RunningSystem, exchanges: Exchanges) -> None:
        """Send with `exchanges`."""
        self.system = system
        self.exchanges = exchanges
        self.problems: dict[str, str] = {}
        """By kind of row, why none could be made."""
        self._kept: dict[tuple[str, str], Made | None] = {}

    # ------------------------------------------------------------ rows

    def make(self, rows: str, user: User, depth: int = 0) -> Made | None:
        """Return a new row of the kind `rows` (`Endpoint.own`), made by `user`; None, and why in `problems`."""
        creator = creator_of(self.system, rows)
        if creator is None or depth > _DEEPEST:
            self.problems[rows] = f"no operation makes a {rows}"
            return None
        token = user.token(creator)
        try:
            url, body = self.url(creator, user, depth=depth), self.body(creator, user, depth=depth)
            answer = self.send(creator, url, token=token, caller=user.name, body=body)
        except NoAnswerError:
            raise
        except CheckError as error:
            self.problems[rows] = str(error)
            return None
        if not answer.ok:
            self.problems[rows] = f"{creator.label} answered {answer.status} to a valid body"
            return None
        return self.made(rows, body, answer)

    def made(self, rows: str, body: Any, answer: Answer) -> Made | None:
        """Return the row that `answer` tells of, which `body` made."""
        got = _record(answer.json()) if answer.ok else {}
        sent = body if isinstance(body, dict) else {}
        names = self._names(rows)
        for source in (got, sent):
            lowered = {snake(str(name)): value for name, value in source.items()}
            likely = [*names, "id"] if self.system.found else ["id", *names]
            for name in likely if source is got else names:
                if isinstance(lowered.get(snake(name)), str | int):
                    return Made(str(lowered[snake(name)]), sent, got)
        self.problems[rows] = "the answer has nothing that names the new row"
        return None

    def _names(self, rows: str) -> list[str]:
        """Return how paths call the key of a row of this kind, `book_title` before `id`, with likely other names."""
        from pytest_superteam.checks.access.endpoints import endpoints_of

        services = [s.name for s in self.system.architecture.services if s.name in self.system.architecture.contracts]
        found = [n for s in services for e in endpoints_of(self.system, s) for n, t in e.named.items() if t == rows]
        return list(dict.fromkeys([*found, *(name.removesuffix("_id") for name in found), "uuid", "key", "slug"]))

    def kept(self, rows: str, user: User, depth: int = 0) -> Made | None:
        """Return the row of this kind that `user` has made here before, else a new one."""
        if (rows, user.name) not in self._kept:
            self._kept[rows, user.name] = self.make(rows, user, depth)
        return self._kept[rows, user.name]

    def id_of(self, rows: str, user: User, depth: int = 0) -> str | None:
        """Return the id of a row to refer to: their own account, one of theirs where rows have owners, any other."""
        entity = self.system.architecture.entity_named(rows)
        creator = creator_of(self.system, rows)
        if creator is not None and creator.kind == "register" and entity is not None:
            known_as = [user.account[name] for name in self._names(rows) if name in user.account]
            return known_as[0] if known_as and self.system.found else user.subject
        known = rows_by_entity(self.system.samples).get(rows, []) if entity is not None else []
        if known and not (entity and entity.owner_field):
            return known[0]
        own = self.kept(rows, user, depth + 1)
        return own.id if own is not None else next(iter(known), None)

    # ------------------------------------------------------------ requests

    def url(
        self,
        endpoint: Endpoint,
        user: User,
        rows: Mapping[str, str] | None = None,
        *,
        depth: int = 0,
        query: Any = None,
    ) -> str:
        """Return the address of a valid call. `rows` are ids by path parameter, the others are found or made.

        Raises:
            CheckError: a path parameter names a row, and none could be made.
        """
        path = endpoint.operation.path
        for name, target in endpoint.named.items():
            value = (rows or {}).get(name) or self._row_for(endpoint, target, user, depth)
            if value is None:
                raise CheckError(f"{endpoint.label}: no row is there for {{{name}}} ({self.problems.get(target, '')}).")
            path = path.replace(f"{{{name}}}", quote(value, safe=""))
        needed = {str(p["name"]): self._parameter(endpoint, p) for p in endpoint.query if p.get("required")}
        asked = urlencode({**needed, **(query or {})})
        return f"{self.system.url(endpoint.contract.service)}{path}{'?' if asked else ''}{asked}"

    def _row_for(self, endpoint: Endpoint, rows: str, user: User, depth: int) -> str | None:
        """Return the id of a row to call `endpoint` on: what writes gets one that was made here, never another's."""
        creator = creator_of(self.system, rows)
        account = creator is not None and creator.kind == "register" and endpoint.operation.method != "DELETE"
        if endpoint.reads or rows != endpoint.own or account:
            return self.id_of(rows, user, depth)
        own = self.kept(rows, user, depth)
        return own.id if own is not None else None

    def _parameter(self, endpoint: Endpoint, parameter: Mapping[str, Any]) -> Any:
        value = example_for(parameter.get("schema", True), endpoint.contract.document)
        return json.dumps(value) if isinstance(value, bool | dict | list) else value

    def body(self, endpoint: Endpoint, user: User, *, depth: int = 0, salt: str = "") -> Any:
        """Return a valid body that refers to rows that are there, None where the operation takes none.

        Raises:
            CheckError: the contract's schema allows no value that could be made.
        """
        schema = body_schema(endpoint.contract)
        if schema is None:
            return None
        made = example_for(schema, endpoint.contract.document, salt=salt or uuid.uuid4().hex)
        entity = self.system.architecture.entity_named(endpoint.operation.entity or "")
        targets = reference_entities(self.system.architecture, entity) if entity is not None else {}
        fields = {f.name: f for f in entity.fields if f.references} if entity is not None else {}
        return self._referring(made, targets, fields, user, depth) if endpoint.kind != "login" else made

    def _referring(
        self, value: Any, targets: Mapping[str, str], fields: Mapping[str, Field], user: User, depth: int
    ) -> Any:
        """Return `value` with its references set to rows that are there; one that has none and may be left out is."""
        if isinstance(value, list):
            return [self._referring(part, targets, fields, user, depth) for part in value]
        if not isinstance(value, dict):
            return value
        found = {}
        for name, part in value.items():
            if name in targets and isinstance(part, str):
                known = self._referred(targets[name], fields.get(name), user, depth)
                if known is None and name in fields and not fields[name].required:
                    continue
                found[name] = known or part
            else:
                found[name] = self._referring(part, targets, fields, user, depth)
        return found

    def _referred(self, rows: str, by: Field | None, user: User, depth: int) -> str | None:
        """Return the id of a row to refer to: a new one where no two rows may refer to the same."""
        if depth >= _DEEPEST:
            return None
        fresh = self.make(rows, user, depth + 1) if by is not None and by.unique else None
        return fresh.id if fresh is not None else self.id_of(rows, user, depth)

    def send(
        self, endpoint: Endpoint, url: str, *, token: str | None, caller: str, body: Any = None, **more: Any
    ) -> Answer:
        """Send one request to `endpoint`, its body in JSON or as the form that it takes, and return the answer.

        Raises:
            NoAnswerError: there was none.
        """
        if isinstance(body, dict) and form_schema(endpoint.contract) is not None:
            more = {**more, "content": encoded(body), "headers": {"Content-Type": FORM, **more.get("headers", {})}}
            body = None
        return self.exchanges.send(endpoint.operation.method, url, token=token, caller=caller, body=body, **more)

    def call(self, endpoint: Endpoint, user: User, rows: Mapping[str, str] | None = None, body: Any = None) -> Answer:
        """Call `endpoint` validly as `user` and return the answer.

        Raises:
            CheckError: a row that the path names could not be made, or there was no answer.
        """
        url = self.url(endpoint, user, rows)
        content = self.body(endpoint, user) if body is None else body
        service = SERVICE_ROLE in endpoint.operation.roles
        caller = SERVICE_ROLE.upper() if service else user.name
        return self.send(endpoint, url, token=user.token(endpoint), caller=caller, body=content)


def _record(value: Any) -> Mapping[str, Any]:
    """Return the object that an answer tells of, out of its wrapping (`{"data": {...}}`)."""
    if not isinstance(value, dict):
        return {}
    inner = [part for part in value.values() if isinstance(part, dict)]
    plain = [part for part in value.values() if not isinstance(part, dict)]
    return {**value, **inner[0]} if len(inner) == 1 and len(plain) <= 3 else value
