"""Requests far over what the contract allows (OWASP API4): each must be refused, in time and without an error."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from pytest_superteam.checks.access.endpoints import Endpoint, endpoints_of
from pytest_superteam.checks.access.objects import shown_since
from pytest_superteam.checks.access.trial import Trial, called_by
from pytest_superteam.checks.access.users import User, caller, stand_in
from pytest_superteam.checks.exchanges import Answer, Exchanges, NoAnswerError
from pytest_superteam.models import CheckResult, Severity

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pytest_superteam.checks.base import CheckItem, RunningSystem

__all__ = ["oversized_requests"]

_HUGE = 10 * 1024 * 1024  # bytes of a body that no form has
_NESTED = 10_000  # levels of JSON; parsers that recurse have room for about a thousand
_TIMES = 100  # times the declared limit
_LONGEST = 500_000  # characters of one text
_FIELDS = 6  # fields of a body that are tried


def oversized_requests(system: RunningSystem, item: CheckItem) -> CheckResult:
    """Return what the service accepts, fails at or hangs on though it is far over the contract's limits."""

    def work(exchanges: Exchanges, user: User) -> CheckResult:
        trial = _Trial(system, item, exchanges, user)
        for endpoint in endpoints_of(system, item.service):
            trial.user = stand_in(system, endpoint, user)
            trial.attempt(trial.long_values, endpoint)
            trial.attempt(trial.large_page, endpoint)
        bodied = sorted((e for e in endpoints_of(system, item.service) if e.body), key=trial.limited)
        for endpoint in bodied[-1:]:
            trial.user = stand_in(system, endpoint, user)
            trial.attempt(trial.huge_body, endpoint)
            trial.attempt(trial.nested_body, endpoint)
        return trial.result("requests far over a limit", "the contract declares no limit")

    return called_by(system, lambda: caller(system), work)


class _Trial(Trial):
    @staticmethod
    def limited(endpoint: Endpoint) -> tuple[bool, bool]:
        """Return how fit the operation is to be sent a huge body: with a declared limit, and to everybody."""
        return bool(_longest_text(endpoint)), endpoint.operation.public

    # ------------------------------------------------------------ kinds of oversize

    def long_values(self, endpoint: Endpoint) -> None:
        """Send texts and lists a hundred times as long as they may be, one at a time."""
        limits = {n: s for n, s in endpoint.body.items() if _limit(s) is not None}
        for name, schema in list(limits.items())[:_FIELDS]:
            limit, word = _limit(schema) or 0, "items" if "maxItems" in schema else "characters"
            size = min(max(limit * _TIMES, 10_000), max(_LONGEST, limit * 2))
            what = f"'{name}' of {size} {word}, where the contract allows {limit}"
            body = self.objects.body(endpoint, self.user)
            if isinstance(body, dict):
                long = body.get(name) or ["x"]
                value: Any = "x" * size if word == "characters" else (long * (size // max(len(long), 1) + 1))[:size]
                self._refused(endpoint, what, {**body, name: value})

    def large_page(self, endpoint: Endpoint) -> None:
        """Ask for a page a thousand times as large as it may be."""
        for parameter in endpoint.query:
            schema = parameter.get("schema") or {}
            most = schema.get("maximum")
            if endpoint.reads and isinstance(most, int) and str(parameter.get("name")) in _PAGE_SIZES:
                size, name = most * 1000, str(parameter["name"])
                what = f"{name}={size}, where the contract allows {most}"
                url = self.objects.url(endpoint, self.user, query={name: size})
                answer = self._sent(endpoint, what, url)
                items = answer.json() if answer is not None and answer.ok else None
                clamped = self.system.found and _count(items) <= most
                if answer is not None and answer.ok and not clamped:
                    self._add(endpoint, f"answers {answer.status} to {what}: expected 422 or 400")

    def huge_body(self, endpoint: Endpoint) -> None:
        """Send a body of 10 MB: in a text that is limited where there is one, else in any."""
        name = _longest_text(endpoint) or next(iter(endpoint.body))
        body = self.objects.body(endpoint, self.user)
        content = json.dumps({**(body if isinstance(body, dict) else {}), name: "x" * _HUGE}).encode()
        severity = None if _longest_text(endpoint) else Severity.WARNING
        self._refused(endpoint, "a body of 10 MB", content=content, severity=severity)

    def nested_body(self, endpoint: Endpoint) -> None:
        """Send JSON that is nested ten thousand levels deep."""
        name = next(iter(endpoint.body))
        content = f'{{"{name}": {"[" * _NESTED}{"]" * _NESTED}}}'.encode()
        self._refused(endpoint, f"JSON nested {_NESTED} levels deep", content=content)

    # ------------------------------------------------------------ sending and judging

    def _refused(
        self,
        endpoint: Endpoint,
        what: str,
        body: Any = None,
        *,
        content: bytes | None = None,
        severity: Severity | None = None,
    ) -> None:
        answer = self._sent(endpoint, what, self.objects.url(endpoint, self.user), body, content)
        if answer is not None and answer.ok:
            self._add(endpoint, f"answers {answer.status} to {what}: expected 422, 413 or 400", severity)

    def _sent(
        self, endpoint: Endpoint, what: str, url: str, body: Any = None, content: bytes | None = None
    ) -> Answer | None:
        """Send it and return the answer; a hang or an error of the server is a finding already."""
        token = self.user.token(endpoint)
        self.tried += 1
        try:
            answer = self.objects.send(endpoint, url, token=token, caller=self.user.name, body=body, content=content)
        except NoAnswerError as error:
            if "no answer within" in str(error) or "not whole within" in str(error):
                self._add(endpoint, f"does not answer {what} in time: expected a refusal")
            return None  # the connection was closed in our face, which is a refusal too
        if answer.status >= 500:
            self._add(endpoint, f"answers {answer.status} to {what}: expected a refusal with 4xx")
        return answer

    def _add(self, endpoint: Endpoint, said: str, severity: Severity | None = None) -> None:
        message = f"{endpoint.label} {said}. Check sizes before the body is read, parsed and stored."
        self.add(message, shown_since(self.exchanges, len(self.exchanges.made) - 1), severity)


_PAGE_SIZES = frozenset({"limit", "size", "page_size", "pageSize", "per_page", "perPage", "count", "top", "take"})


def _limit(schema: Mapping[str, Any]) -> int | None:
    """Return the most characters or items that a schema allows, None where it does not say."""
    kinds = schema.get("type")
    kinds = kinds if isinstance(kinds, list) else [kinds]
    found = schema.get("maxLength") if "string" in kinds else schema.get("maxItems") if "array" in kinds else None
    return found if isinstance(found, int) and not schema.get("enum") else None


def _longest_text(endpoint: Endpoint) -> str:
    """Return the text of the body with the highest declared limit, `""` where none has one."""
    limits = {n: _limit(s) for n, s in endpoint.body.items() if "maxLength" in s}
    known = {n: limit for n, limit in limits.items() if limit is not None and limit < _HUGE}
    return max(known, key=lambda n: known[n], default="")


def _count(value: Any) -> int:
    """Return how many records an answer has."""
    if isinstance(value, dict):
        value = next((part for part in value.values() if isinstance(part, list)), [])
    return len(value) if isinstance(value, list) else 0
