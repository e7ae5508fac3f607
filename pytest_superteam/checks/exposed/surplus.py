"""Fields that a request may not carry, sent all the same: are they taken over (OWASP API3, mass assignment)?

Refusing them is right, ignoring them is right; a finding is a value that the answer, a later read or the token of a
later login shows to have been taken.
"""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any

from pytest_superteam.checks.access.endpoints import Endpoint, creator_of, endpoints_of
from pytest_superteam.checks.access.objects import shown_since
from pytest_superteam.checks.access.tokens_forged import claims_of
from pytest_superteam.checks.access.trial import Trial, called_by
from pytest_superteam.checks.access.users import User, caller
from pytest_superteam.errors import CheckError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from pytest_superteam.checks.base import CheckItem, RunningSystem
    from pytest_superteam.checks.exchanges import Answer, Exchanges
    from pytest_superteam.models import CheckResult

__all__ = ["KINDS", "surplus_fields"]

KINDS = frozenset({"create", "register", "update", "replace", "update_me"})
"""What an operation does that may take over more than it should."""

_MOMENT = "2001-02-03T04:05:06Z"
_KNOWN: dict[str, Any] = {
    "role": "admin",
    "roles": ["admin"],
    "is_admin": True,
    "admin": True,
    "is_staff": True,
    "is_superuser": True,
    "is_verified": True,
    "verified": True,
    "email_verified": True,
    "balance": 987654,
    "credits": 987654,
    "created_at": _MOMENT,
}
"""What attackers try first, whatever the schema says."""
_NONSENSE = "zz_no_such_field"
_ALONE = 14  # fields that are tried one by one where all together are refused


def surplus_fields(system: RunningSystem, item: CheckItem) -> CheckResult:
    """Return which operations of the service take over fields that their request schema does not have."""

    def work(exchanges: Exchanges, user: User) -> CheckResult:
        trial = _Trial(system, item, exchanges, user)
        for endpoint in endpoints_of(system, item.service):
            writes = endpoint.kind in KINDS or (system.found and endpoint.operation.method in {"POST", "PUT", "PATCH"})
            if writes and endpoint.kind != "login" and endpoint.body:
                trial.attempt(trial.try_endpoint, endpoint, user)
        return trial.result("requests with fields that no schema has", "no operation takes a body", required=True)

    return called_by(system, lambda: caller(system), work)


class _Trial(Trial):
    def try_endpoint(self, endpoint: Endpoint) -> None:
        """Send the surplus all at once; where that is refused and not for being unknown, one by one."""
        row = self.objects.make(endpoint.own, self.user) if endpoint.row else None
        if endpoint.row and row is None:
            raise CheckError(f"{endpoint.label}: {self.objects.problems.get(endpoint.own, 'there is no row')}.")
        rows = {endpoint.row: row.id} if row is not None else {}
        start = len(self.exchanges.made)
        plain = self._send(endpoint, rows, {})[1]
        if not plain.ok:
            raise CheckError(f"{endpoint.label} answered {plain.status} to a valid body")
        before = {**(row.got if row is not None else {}), **_flat(plain.json())}
        extra = self._extra(endpoint, before)
        sent, answer = self._send(endpoint, rows, extra)
        self.tried += 1
        if answer.ok:
            self._judge(endpoint, rows, sent, answer, extra, before, start)
        elif answer.status < 500:
            self._one_by_one(endpoint, rows, extra, before)

    def _one_by_one(
        self, endpoint: Endpoint, rows: Mapping[str, str], extra: Mapping[str, Any], before: Mapping[str, Any]
    ) -> None:
        """Try the fields that the service may know: what refuses everything unknown need not be asked for the rest."""
        strict = not self._send(endpoint, rows, {_NONSENSE: "x"})[1].ok
        likely = [name for name in extra if name in before or name in self._answered(endpoint)]
        names = [*likely, *(name for name in extra if name not in likely)]
        for name in names[: _ALONE // 2 if strict else _ALONE]:
            start = len(self.exchanges.made)
            sent, answer = self._send(endpoint, rows, {name: extra[name]})
            self.tried += 1
            if answer.ok:
                self._judge(endpoint, rows, sent, answer, {name: extra[name]}, before, start)

    def _send(self, endpoint: Endpoint, rows: Mapping[str, str], extra: Mapping[str, Any]) -> tuple[Any, Answer]:
        body = self.objects.body(endpoint, self.user)
        body = {**extra, **body} if isinstance(body, dict) else body
        return body, self.objects.call(endpoint, self.user, rows, body)

    def _answered(self, endpoint: Endpoint) -> dict[str, Any]:
        """Return the schemas of what answers tell of such a row."""
        creator = creator_of(self.system, endpoint.own)
        made = creator.answered(creator.contract.success) if creator is not None else {}
        return {**made, **endpoint.answered(endpoint.contract.success)}

    def _extra(self, endpoint: Endpoint, before: Mapping[str, Any]) -> dict[str, Any]:
        """Return the fields to smuggle in, each with a value unlike what it has by itself."""
        entity = self.system.architecture.entity_named(endpoint.operation.entity or "")
        schemas = self._answered(endpoint)
        found = {n: _other(n, schema, before.get(n)) for n, schema in schemas.items()}
        for hidden in (f for f in entity.fields if f.read_only) if entity is not None else ():
            found.setdefault(hidden.name, _other(hidden.name, {"enum": list(hidden.enum)}, before.get(hidden.name)))
        if entity is not None and entity.owner_field:
            found[entity.owner_field] = str(uuid.uuid4())
        chosen = {**_KNOWN, **{n: v for n, v in found.items() if v is not None}}
        return {n: v for n, v in chosen.items() if n not in endpoint.body and n not in endpoint.named}

    # ------------------------------------------------------------ what became of it

    def _judge(
        self,
        endpoint: Endpoint,
        rows: Mapping[str, str],
        sent: Any,
        answer: Answer,
        extra: Mapping[str, Any],
        before: Mapping[str, Any],
        start: int,
    ) -> None:
        shown_last: dict[str, Any] = {}  # an answer may only repeat the request: what is read later counts more
        for seen in self._sightings(endpoint, rows, sent, answer):
            shown_last |= {name: seen[name] for name in extra if name in seen}
        taken = [n for n, v in shown_last.items() if _same(v, extra[n]) and not _same(before.get(n), extra[n])]
        if not taken:
            return
        names = ", ".join(f"'{name}'" for name in taken)
        message = (
            f"{endpoint.label} takes over {names}, which its request schema does not have: expected a refusal or no "
            "effect. Copy only the fields of the schema into the row."
        )
        self.add(message, shown_since(self.exchanges, start))

    def _sightings(
        self, endpoint: Endpoint, rows: Mapping[str, str], sent: Any, answer: Answer
    ) -> Iterator[Mapping[str, Any]]:
        """Yield what the answer, a later read and a later login tell of the row."""
        yield _flat(answer.json())
        made = self.objects.made(endpoint.own, sent, answer) if endpoint.kind in {"create", "register"} else None
        key = made.id if made is not None else next(iter(rows.values()), "")
        if key:
            yield from self._read(endpoint, key)
        if endpoint.kind == "register":
            yield from self._login(sent)
            yield from self._listed(sent)

    def _read(self, endpoint: Endpoint, key: str) -> Iterator[Mapping[str, Any]]:
        for reader in endpoints_of(self.system, endpoint.contract.service):
            if reader.kind == "read" and reader.own == endpoint.own and reader.row:
                yield _flat(self.objects.call(reader, self.user, {reader.row: key}).json())

    def _login(self, sent: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
        """Yield the claims that a login of the new account gets, and what it is told of itself."""
        everywhere = [e for s in self.system.architecture.services for e in endpoints_of(self.system, s.name)]
        for login in (e for e in everywhere if e.kind == "login"):
            body = {n: v for n, v in sent.items() if n in login.body}
            entered = self.objects.send(login, self.objects.url(login, self.user), token=None, caller="", body=body)
            tokens = [v for v in _flat(entered.json()).values() if isinstance(v, str) and claims_of(v)]
            for token in tokens[:1]:
                yield claims_of(token)
                for me in (e for e in everywhere if e.kind == "me"):
                    url = self.objects.url(me, self.user)
                    yield _flat(self.objects.send(me, url, token=token, caller="NEW_USER").json())

    def _listed(self, sent: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
        """Yield the new account as lists of a system that was found show it."""
        unique = {v for v in sent.values() if isinstance(v, str) and len(v) > 8}
        for lister in endpoints_of(self.system, self.item.service) if self.system.found else ():
            if lister.reads and not lister.named:
                for record in _records(self.objects.call(lister, self.user).json()):
                    if unique & {v for v in record.values() if isinstance(v, str)}:
                        yield record


def _other(name: str, schema: Mapping[str, Any], current: Any) -> Any:
    """Return a value for a field that it would not have by itself, None where none comes to mind."""
    choices = [c for c in schema.get("enum") or () if c not in (current, None)]
    if name == "role":
        return next((c for c in choices if "admin" in str(c).lower()), choices[-1] if choices else "admin")
    if schema.get("enum"):
        return choices[-1] if choices else None
    kinds = schema.get("type")
    kind = next((k for k in kinds if k != "null"), None) if isinstance(kinds, list) else kinds
    if name in _KNOWN and kind in {None, "boolean"}:
        return _KNOWN[name]
    if schema.get("format") == "uuid" or name == "id" or name.endswith("_id"):
        return str(uuid.uuid4()) if kind != "integer" else 987654321
    if schema.get("format") in {"date-time", "date"} or name.endswith("_at"):
        return _MOMENT if schema.get("format") != "date" else _MOMENT[:10]
    if kind in {"integer", "number"}:
        return 987654
    if kind == "boolean":
        return current is not True
    return "smuggled-in" if kind == "string" and schema.get("format") is None else None


def _same(seen: Any, sent: Any) -> bool:
    """Return whether a value that was seen is the one that was sent; moments in any way of writing."""
    if sent == _MOMENT:
        return isinstance(seen, str) and seen.replace(" ", "T").startswith(_MOMENT[:-1])
    if isinstance(sent, bool) or isinstance(seen, bool):
        return seen is sent
    return seen is not None and seen == sent


def _flat(value: Any) -> dict[str, Any]:
    """Return the fields of a record, those of one object in it included."""
    if not isinstance(value, dict):
        return {}
    inner = [part for part in value.values() if isinstance(part, dict)]
    return {**(inner[0] if len(inner) == 1 else {}), **value}


def _records(value: Any, depth: int = 0) -> Iterator[dict[str, Any]]:
    """Yield the objects in an answer, at any of the first levels."""
    if isinstance(value, dict):
        yield value
    if depth < 4:
        for part in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
            yield from _records(part, depth + 1)
