"""Input that an interpreter behind the service might take for its own language (OWASP API8, CWE-74).

SQL, NoSQL operators, templates and paths. A finding is an error of the server, words of a database, a pair of
conditions that changes what a lookup returns, a sum that somebody worked out, or a file that nobody should read.
"""

from __future__ import annotations

import json
import uuid
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from pytest_superteam.checks.access.endpoints import Endpoint, endpoints_of
from pytest_superteam.checks.access.objects import shown_since
from pytest_superteam.checks.access.trial import Trial, called_by
from pytest_superteam.checks.access.users import User, caller, stand_in
from pytest_superteam.checks.callers.accounts import lets_in
from pytest_superteam.checks.callers.forms import GRANT
from pytest_superteam.checks.exposed.disclosures import traces_in
from pytest_superteam.errors import CheckError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from pytest_superteam.checks.base import CheckItem, RunningSystem
    from pytest_superteam.checks.exchanges import Answer, Exchanges
    from pytest_superteam.models import CheckResult

__all__ = ["injected_input"]

_QUOTES = ("'", "'\"`;--", "') UNION SELECT NULL--")
_TEMPLATE = "zq{{7*7}}zq${7*7}zq<%= 7*7 %>zq#{7*7}zq"
_WORKED_OUT = ("zq49zq",)
_TRAVERSALS = ("../../../../../../etc/passwd", "/etc/passwd")
_FILE = "root:x:0:0"  # how the file of the traversals begins
_OPERATORS: tuple[dict[str, Any], ...] = ({"$gt": ""}, {"$ne": None})
_ALWAYS = "' OR '1'='1' -- "
_MOST_PARAMETERS = 4  # query parameters of an operation that are tried


def injected_input(system: RunningSystem, item: CheckItem) -> CheckResult:
    """Return which operations of the service hand input to an interpreter."""

    def work(exchanges: Exchanges, user: User) -> CheckResult:
        trial = _Trial(system, item, exchanges, user)
        for endpoint in endpoints_of(system, item.service):
            if endpoint.kind != "logout":
                trial.user = stand_in(system, endpoint, user)
                trial.try_endpoint(endpoint)
        return trial.result("requests with input for an interpreter", "no operation takes text")

    return called_by(system, lambda: caller(system), work)


class _FoundError(Exception):
    """An operation was found to be open to one thing: the rest need not be tried on it."""


class _Trial(Trial):
    def try_endpoint(self, endpoint: Endpoint) -> None:
        """Try paths, query parameters and bodies of one operation, until one finding."""
        for attempt in (self._paths, self._queries, self._bodies, self._entry):
            try:
                attempt(endpoint)
            except _FoundError:
                return
            except CheckError as error:
                self.problems.append(str(error))

    # ------------------------------------------------------------ places

    def _paths(self, endpoint: Endpoint) -> None:
        """Try the parameters of a read's path: those that write are not called with what nobody knows the effect of."""
        if not endpoint.reads or not endpoint.named:
            return
        token = self.user.token(endpoint)
        if not self.objects.call(endpoint, self.user).ok:
            return
        for name, rows in endpoint.named.items():
            known = self.objects.id_of(rows, self.user) or ""
            start = len(self.exchanges.made)

            def ask(value: str, endpoint: Endpoint = endpoint, name: str = name) -> Answer:
                url = self.objects.url(endpoint, self.user, {name: "zzz"}).replace("zzz", quote(value, safe=""))
                return self._send(endpoint, url, token=token)

            place = f"the path's '{name}'"
            for quoted in (_QUOTES[0], *_TRAVERSALS[:1], *((_QUOTES[2],) if self.system.found else ())):
                self._judge(endpoint, place, ask(quoted))
            true, false = ask(f"{known}' AND '1'='1"), ask(f"{known}' AND '1'='2")
            if true.ok and not false.ok:
                self._add(endpoint, f"takes {place} into a query: a condition that holds finds the row", start)

    def _queries(self, endpoint: Endpoint) -> None:
        texts = [p for p in endpoint.query if _is_text(p.get("schema") or {})]
        if not endpoint.reads:
            return
        token = self.user.token(endpoint)
        for parameter in texts[:_MOST_PARAMETERS]:
            name = str(parameter["name"])
            start = len(self.exchanges.made)
            word = uuid.uuid4().hex[:8]

            def ask(value: str, endpoint: Endpoint = endpoint, name: str = name) -> Answer:
                return self._send(endpoint, self.objects.url(endpoint, self.user, query={name: value}), token=token)

            place = f"the query's '{name}'"
            for value in (*_QUOTES[:2], _TRAVERSALS[0]):
                self._judge(endpoint, place, ask(value))
            pairs = [(ask(f"{word}' OR '1'='1"), ask(f"{word}' AND '1'='2")) for _ in range(2)]
            if all(true.ok and _size(true) > _size(false) for true, false in pairs):
                self._add(endpoint, f"takes {place} into a query: a condition that always holds finds more", start)

    def _bodies(self, endpoint: Endpoint) -> None:
        """Send text for interpreters in every text of the body, one kind at a time; then operators in their place."""
        texts = {n: s for n, s in endpoint.body.items() if _is_text(s)}
        if not texts or endpoint.kind in {"delete", "receive_event"}:
            return
        row = self.objects.make(endpoint.own, self.user) if endpoint.row else None
        if endpoint.row and row is None:
            raise CheckError(f"{endpoint.label}: {self.objects.problems.get(endpoint.own, 'there is no row')}.")
        rows = {endpoint.row: row.id} if row is not None else {}
        if self._ask(endpoint, rows, {}).status >= 500:
            return  # not the input is the reason
        free = {n: s for n, s in texts.items() if _is_free(s)}
        for payload in (_QUOTES[1], _TEMPLATE, _TRAVERSALS[0]):
            fitting = {n: payload for n, s in free.items() if _fits(payload, s)}
            if fitting:
                self._judge(endpoint, _places(fitting), self._ask(endpoint, rows, fitting))
        every = dict.fromkeys(texts, _QUOTES[0])
        self._judge(endpoint, _places(every), self._ask(endpoint, rows, every))
        operators = dict.fromkeys(texts, _OPERATORS[0])
        self._judge(endpoint, _places(operators), self._ask(endpoint, rows, operators))

    def _entry(self, endpoint: Endpoint) -> None:
        """Try to log in with what is always true."""
        if endpoint.kind != "login":
            return
        texts = [n for n, s in endpoint.body.items() if _is_text(s) and n not in GRANT]
        url, whole = self.objects.url(endpoint, self.user), self.objects.body(endpoint, self.user)
        if not isinstance(whole, dict):
            raise CheckError(f"{endpoint.label}: its body is no object.")
        for value in (_ALWAYS, f"admin{_ALWAYS}", *_OPERATORS):
            start = len(self.exchanges.made)
            answer = self._send(endpoint, url, token=None, body={**whole, **dict.fromkeys(texts, value)})
            self._judge(endpoint, _places(dict.fromkeys(texts)), answer)
            if lets_in(answer):
                self._add(endpoint, f"lets somebody in with {json.dumps(value)} for name and password", start)

    # ------------------------------------------------------------ sending and judging

    def _ask(self, endpoint: Endpoint, rows: Mapping[str, str], values: Mapping[str, Any]) -> Answer:
        body = self.objects.body(endpoint, self.user)
        if not isinstance(body, dict):
            raise CheckError(f"{endpoint.label}: its body is no object.")
        url = self.objects.url(endpoint, self.user, rows)
        return self._send(endpoint, url, token=self.user.token(endpoint), body={**body, **values})

    def _send(self, endpoint: Endpoint, url: str, *, token: str | None, body: Any = None) -> Answer:
        answer = self.objects.send(endpoint, url, token=token, caller=self.user.name, body=body)
        self.tried += 1
        return answer

    def _judge(self, endpoint: Endpoint, place: str, answer: Answer) -> None:
        for said in _reasons(answer):
            self._add(endpoint, f"answers {answer.status} and {said} to odd text in {place}")

    def _add(self, endpoint: Endpoint, said: str, start: int | None = None) -> None:
        message = f"{endpoint.label} {said}. Hand values to interpreters as parameters, never as a part of the text."
        self.add(message, shown_since(self.exchanges, len(self.exchanges.made) - 1 if start is None else start))
        raise _FoundError


def _reasons(answer: Answer) -> Iterator[str]:
    """Yield what about an answer shows that an interpreter took the input for its own."""
    if answer.status >= 500 and answer.status != 503:
        yield "fails"
    elif "an error of the database" in traces_in(answer.text):
        yield "tells an error of the database"
    if any(sign in answer.text for sign in _WORKED_OUT):
        yield "has worked out the sum of a template"
    if _FILE in answer.text:
        yield "shows a file of the server"


def _is_text(schema: Mapping[str, Any]) -> bool:
    kinds = schema.get("type")
    return "string" in (kinds if isinstance(kinds, list) else [kinds])


def _is_free(schema: Mapping[str, Any]) -> bool:
    """Return whether the text may be anything."""
    return not schema.get("enum") and not schema.get("format") and "const" not in schema


def _fits(text: str, schema: Mapping[str, Any]) -> bool:
    from pytest_superteam.contracts.patterns import is_match

    try:
        matches = "pattern" not in schema or is_match(str(schema["pattern"]), text)
    except CheckError:
        return False
    return matches and len(text) <= schema.get("maxLength", len(text))


def _places(values: Mapping[str, Any]) -> str:
    return "the body's " + ", ".join(f"'{name}'" for name in values)


def _size(answer: Answer) -> int:
    """Return how many records an answer has."""
    value = answer.json() if answer.ok else None
    if isinstance(value, dict):
        value = next((part for part in value.values() if isinstance(part, list)), [])
    return len(value) if isinstance(value, list) else 0
