"""What shows a violation: one curl line that repeats the request, and the start of the answer."""

from __future__ import annotations

import re
import shlex
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from requests import PreparedRequest

__all__ = ["WORTHLESS", "curl_line", "masked", "shortened"]

WORTHLESS = "not-a-token"
"""The token that no service may take; the only one that is shown."""

_BODY = 800  # characters of a request body in a curl line
_ANSWER = 300  # characters of an answer
_DULL = frozenset(
    {"accept", "accept-encoding", "connection", "content-length", "user-agent", "x-schemathesis-testcaseid"}
)
_SECRET = re.compile(
    r'("(?:access_token|refresh_token|token|password|secret|api_key|client_secret)"\s*:\s*)"[^"]{0,4000}"',
    re.IGNORECASE,
)
_JWT = re.compile(r"\beyJ[\w-]{4,2000}\.[\w-]{2,4000}\.[\w-]{0,1000}")


def curl_line(request: PreparedRequest) -> str:
    """Return a curl command that sends `request` again; the token is `$TOKEN`, the body is cut to 800 characters."""
    parts = ["curl", "-sS", "-i", "-X", str(request.method)]
    for name, value in sorted(request.headers.items()):
        if name.lower() not in _DULL:
            parts += ["-H", _header(name, value)]
    body = _text(request.body)
    if body:
        parts += ["--data-raw", shlex.quote(shortened(masked(body), _BODY))]
    return " ".join([*parts, shlex.quote(str(request.url))])


def _header(name: str, value: str | bytes) -> str:
    if name.lower() == "authorization" and _text(value) != f"Bearer {WORTHLESS}":
        return '"Authorization: Bearer $TOKEN"'
    if name.lower() in {"cookie", "x-api-key"}:
        return shlex.quote(f"{name}: ***")
    return shlex.quote(f"{name}: {_text(value)}")


def _text(value: object) -> str:
    if value is None or isinstance(value, str):
        return value or ""
    if isinstance(value, bytes):
        return value.decode("utf-8", "backslashreplace")
    return "<stream>"


def masked(text: str) -> str:
    """Return `text` with the values of secret JSON properties and every JSON web token starred out."""
    return _JWT.sub("***", _SECRET.sub(r'\1"***"', text))


def shortened(text: str, length: int = _ANSWER) -> str:
    """Return `text` on one line, at most `length` characters and a mark where something was cut."""
    line = " ".join(text.split())
    return line if len(line) <= length else f"{line[:length]}… ({len(line)} characters)"
