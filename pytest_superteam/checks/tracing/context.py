"""The `traceparent` header as we send it: well formed, and malformed in ways that W3C Trace Context names."""

from __future__ import annotations

import secrets
from dataclasses import dataclass

__all__ = ["EXAMPLE", "Malformed", "TraceContext", "malformed_headers", "new_trace"]

EXAMPLE = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
"""The header that W3C Trace Context has as its example; findings show it, so that they are alike in every run."""


@dataclass(frozen=True)
class TraceContext:
    """A trace that begins with us: 32 and 16 hexadecimal digits, lower case."""

    trace_id: str
    span_id: str

    @property
    def header(self) -> str:
        """Return the value of `traceparent`: version 00, sampled."""
        return f"00-{self.trace_id}-{self.span_id}-01"


@dataclass(frozen=True)
class Malformed:
    """A header that a service has to ignore. `trace_id` is what a careless reader takes from it."""

    what: str
    header: str
    trace_id: str
    example: str
    """A header with the same fault, the same in every run."""


def new_trace() -> TraceContext:
    """Return a trace that nobody has."""
    return TraceContext(secrets.token_hex(16), secrets.token_hex(8))


def malformed_headers() -> tuple[Malformed, ...]:
    """Return headers that are invalid by W3C Trace Context, level 1, section 3.2.2."""
    trace = new_trace()
    broken = f"{secrets.token_hex(15)}zz"
    digits, version = f"00-{broken}-{trace.span_id}-01", f"ff{trace.header[2:]}"
    return (
        Malformed("a trace id that is not hexadecimal", digits, broken, EXAMPLE.replace("36-", "zz-")),
        Malformed("the forbidden version ff", version, trace.trace_id, f"ff{EXAMPLE[2:]}"),
    )
