"""Requests that a check makes itself, each kept as the line that repeats it and what came back.

Conformance lets Schemathesis send; whatever else calls the running system does it through an `Exchanges`: no proxy,
no redirects, a time limit for the whole answer, at most `LARGEST` bytes of it, and a record that shows a finding step
by step.
"""

from __future__ import annotations

import json
import shlex
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Self

from pytest_superteam.checks.callers.credentials import headers_for, with_query
from pytest_superteam.checks.evidence import masked, shortened
from pytest_superteam.errors import CheckError

if TYPE_CHECKING:
    from collections.abc import Mapping

    import httpx

__all__ = ["LARGEST", "Answer", "Exchange", "Exchanges", "NoAnswerError"]

LARGEST = 4 * 1024 * 1024  # bytes of an answer that are read
_SHOWN_BODY = 400  # characters of a request body in a curl line
_READ_BODY = 20_000  # bytes of a request body that are looked through for what to mask
_SHOWN_ANSWER = 200  # characters of an answer in a step


class NoAnswerError(CheckError):
    """A service did not answer a request: it hung, broke off, or nothing listens."""


@dataclass(frozen=True)
class Answer:
    """What a service answered. `headers` are by lower-case name; `cut` says that more than `LARGEST` bytes came."""

    status: int
    headers: Mapping[str, str]
    content: bytes = field(repr=False)
    seconds: float = 0.0
    cut: bool = False

    @property
    def ok(self) -> bool:
        """Return whether the status is 200 to 299."""
        return 200 <= self.status < 300

    @property
    def text(self) -> str:
        """Return the body as text; what is no UTF-8 is replaced."""
        return self.content.decode("utf-8", "replace")

    def json(self) -> Any:
        """Return the parsed body, None where it is no JSON."""
        try:
            return json.loads(self.content)
        except (ValueError, RecursionError):
            return None


@dataclass(frozen=True)
class Exchange:
    """One request and its answer. `curl` repeats the request; tokens in it are `$NAME`."""

    curl: str
    answer: Answer | None
    problem: str = ""

    def __str__(self) -> str:
        """Return the step on one line: the curl line, what came back."""
        if self.answer is None:
            return f"{self.curl}  -> {self.problem}"
        body = shortened(masked(self.answer.content[:4000].decode("utf-8", "replace")), _SHOWN_ANSWER)
        return f"{self.curl}  -> {self.answer.status}{f' {body}' if body else ''}"


class Exchanges:
    """Sends requests and keeps them. Use it as a context manager; `timeout` is in seconds, for a whole answer."""

    def __init__(self, timeout: float = 10.0) -> None:
        """Send with `timeout`."""
        self.timeout = timeout
        self.made: list[Exchange] = []
        self._client: httpx.Client | None = None

    def __enter__(self) -> Self:
        """Open the connection pool."""
        from pytest_superteam.checks.callers.auth import http_client

        self._client = http_client()
        return self

    def __exit__(self, *exception: object) -> None:
        """Close it."""
        if self._client is not None:
            self._client.close()

    def send(
        self,
        method: str,
        url: str,
        *,
        token: str | None = None,
        caller: str = "TOKEN",
        body: Any = None,
        headers: Mapping[str, str] | None = None,
        content: bytes | None = None,
    ) -> Answer:
        """Send one request and return the answer.

        Args:
            method: Upper case.
            url: Absolute.
            token: A bearer token or another credential (`checks.callers.credentials`), if any.
            caller: What the token is called in the curl line, in upper case (`ALICE`: `$ALICE`).
            body: A JSON value, if any.
            headers: Further headers.
            content: A raw body in place of `body`.

        Raises:
            NoAnswerError: nothing listens there, or the answer did not come in time or broke off.
        """
        import httpx

        sent = {**headers_for(token), **(headers or {})}
        if body is not None:
            content = json.dumps(body).encode()
        if content is not None:
            sent.setdefault("Content-Type", "application/json")
        curl = _curl(method, url, sent, content, _secrets(token, caller))
        url = with_query(url, token)
        if self._client is None:
            raise RuntimeError("Exchanges is a context manager: send within its block.")
        try:
            answer = self._receive(self._client, self._client.build_request(method, url, headers=sent, content=content))
        except (httpx.HTTPError, httpx.InvalidURL, NoAnswerError) as error:
            problem = str(error) if isinstance(error, NoAnswerError) else _problem(error, self.timeout)
            self.made.append(Exchange(curl, None, problem))
            raise NoAnswerError(f"{method} {url}: {problem}. See the service's log.") from error
        self.made.append(Exchange(curl, answer))
        return answer

    def _receive(self, client: httpx.Client, request: httpx.Request) -> Answer:
        """Read an answer, drip by drip, until it is whole, too large or too late."""
        request.extensions["timeout"] = dict.fromkeys(("connect", "read", "write", "pool"), self.timeout)
        began, parts, size, cut = time.monotonic(), [], 0, False
        response = client.send(request, stream=True)
        try:
            for part in response.iter_bytes():
                parts.append(part)
                size += len(part)
                cut = size > LARGEST
                if cut:
                    break
                if time.monotonic() - began > self.timeout:
                    raise NoAnswerError(f"the answer was not whole within {self.timeout:g} s")
        finally:
            response.close()
        kept = {name.lower(): value for name, value in response.headers.items()}
        return Answer(response.status_code, kept, b"".join(parts)[:LARGEST], time.monotonic() - began, cut)

    def shown(self, last: int = 0) -> str:
        """Return the exchanges, a numbered line each; of many only the `last` ones."""
        chosen = self.made[-last:] if last else self.made
        first = len(self.made) - len(chosen) + 1
        return "\n".join(f"{number}. {exchange}" for number, exchange in enumerate(chosen, first))


def _problem(error: Exception, timeout: float) -> str:
    import httpx

    if isinstance(error, httpx.TimeoutException):
        return f"no answer within {timeout:g} s"
    if isinstance(error, httpx.ConnectError):
        return f"nothing listens there ({shortened(str(error), 100)})"
    return f"the connection ended without a whole answer ({type(error).__name__})"


def _shown_body(content: bytes) -> str:
    """Return the start of a body; of a huge one no more is looked at than could be shown."""
    text = shortened(masked(content[:_READ_BODY].decode("utf-8", "backslashreplace")), _SHOWN_BODY)
    return text if len(content) <= _READ_BODY else f"{text} of {len(content)} bytes"


def _secrets(token: str | None, caller: str) -> dict[str, str]:
    """Return the headers that carry a token, its value replaced by the caller's name."""
    return {name.lower(): f"{value.rpartition(' ')[0]} ${caller}".strip() for name, value in headers_for(token).items()}


def _curl(method: str, url: str, headers: Mapping[str, str], content: bytes | None, secrets: Mapping[str, str]) -> str:
    parts = ["curl", "-sS", "-i", "-X", method]
    for name, value in sorted(headers.items()):
        if name.lower() in secrets:
            parts += ["-H", f'"{name}: {secrets[name.lower()]}"']
        else:
            parts += ["-H", shlex.quote(f"{name}: {masked(value)}")]
    if content is not None:
        parts += [
            "--data-raw",
            shlex.quote(_shown_body(content)),
        ]
    return " ".join([*parts, shlex.quote(url)])
