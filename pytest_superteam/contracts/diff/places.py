"""The places of an operation where schemas stand, seen from its consumer: who calls writes, who is called reads."""

from __future__ import annotations

from dataclasses import dataclass

from pytest_superteam.contracts.diff.naming import Place
from pytest_superteam.models import Severity

__all__ = ["CALLED", "CALLING", "MESSAGE", "MESSAGE_HEADERS", "Side", "textual"]


@dataclass(frozen=True)
class Side:
    """The places of an operation that consumers call, or by which they are called."""

    body: Place
    parameter: Place
    header: Place
    """A parameter in a header."""
    answer: Place
    answer_header: Place


CALLED = Side(
    body=Place("request-body", "request-property", sent=True),
    parameter=Place("request-parameter", "request-parameter-property", sent=True, textual=True, default=Severity.ERROR),
    header=Place("request-header", "request-header-property", sent=True, textual=True, default=Severity.ERROR),
    answer=Place("response-body", "response-property", sent=False),
    answer_header=Place("response-header", "response-header-property", sent=False, textual=True),
)
CALLING = Side(
    body=Place("callee-request-body", "callee-request-property", sent=False),
    parameter=Place("callee-request-parameter", "callee-request-parameter-property", sent=False, textual=True),
    header=Place("callee-request-header", "callee-request-header-property", sent=False, textual=True),
    answer=Place("callee-response-body", "callee-response-property", sent=True),
    answer_header=Place("callee-response-header", "callee-response-header-property", sent=True, textual=True),
)
"""Callbacks and webhooks: the consumer reads the request and writes the answer."""
MESSAGE = Place("message-payload", "message-property", sent=False)
MESSAGE_HEADERS = Place("message-headers", "message-header-property", sent=False)


def textual(media_type: str) -> bool:
    """Return whether values of a body travel as text without types: forms and plain text, not JSON or XML."""
    name = media_type.partition(";")[0].strip().lower()
    return (name.startswith("text/") and name != "text/xml") or name in {
        "application/x-www-form-urlencoded",
        "multipart/form-data",
    }
