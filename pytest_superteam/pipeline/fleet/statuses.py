"""HTTP statuses and waits that an exception carries or its text names, and what they mean."""

from __future__ import annotations

import re
from http import HTTPStatus
from itertools import islice

from pytest_superteam.pipeline.fleet.strangers import is_a, peek
from pytest_superteam.pipeline.fleet.waits import wait_of_header

__all__ = ["kind_of_status", "status_in", "status_of", "wait_of"]

_PHRASES = "|".join(re.escape(status.phrase) for status in HTTPStatus if status >= 400)
_STATUS = re.compile(
    r"(?i)\b(?:http(?:/\d(?:\.\d)?)?(?:[ _]?(?:status|error))?|status(?:[ _-]?code)?|(?:api )?error[ _]code|api error)"
    r"""(?:[ _]?code)?["']?[ \t]{0,3}[:=]?[ \t]{0,3}["'(\[]?([45]\d\d)(?!\d|\.\d)"""
    rf"|\b([45]\d\d)[ :,-]{{1,3}}(?:{_PHRASES})\b"
    r"|\berror ([45]\d\d)(?=[:,.;)\]]|\s{0,4}$)"
)
_KIND_OF_STATUS = {
    401: "authentication",
    402: "billing",
    403: "permission",
    404: "not_found",
    408: "timeout",
    409: "unavailable",
    410: "not_found",
    413: "context_overflow",
    422: "validation",
    425: "unavailable",
    429: "rate_limit",
    500: "internal",
    504: "timeout",
}


def kind_of_status(status: int) -> str:
    """Return the kind of an HTTP status, empty for one that is no error."""
    if status in _KIND_OF_STATUS:
        return _KIND_OF_STATUS[status]
    if 400 <= status < 500:
        return "bad_request"
    return "unavailable" if 500 < status < 600 else ""


def status_in(text: str) -> int:
    """Return the HTTP status that a text names, 0 for none."""
    found = _STATUS.search(text)
    return int(found[1] or found[2] or found[3]) if found else 0


def status_of(error: BaseException) -> int:
    """Return the HTTP status that an exception carries, 0 for none."""
    response = peek(error, "response")
    for value in (peek(error, "status_code"), peek(response, "status_code"), peek(error, "code")):
        if is_a(value, int) and 400 <= value < 600:
            return int(value)
    return 0


def wait_of(error: BaseException, now: float) -> float | None:
    """Return the seconds that the headers of the response ask for, which an exception carries."""
    for holder in (peek(error, "response"), error):
        headers = peek(holder, "headers")
        try:
            items = list(islice(headers.items(), 200)) if headers is not None else []
            value = next((str(value) for name, value in items if str(name).lower() == "retry-after"), None)
        except Exception:  # noqa: BLE001, S112  # whatever a stranger's object does, it says nothing then
            continue
        if value is not None:
            return wait_of_header(value, now)
    return None
