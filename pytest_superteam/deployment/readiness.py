"""Whether a started service is ready: /ready, else /health, else any answer over HTTP; and which of them said so."""

from __future__ import annotations

import http.client
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from pytest_superteam.deployment.waiting import NotYetError

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["ANY_ANSWER", "TRANSIENT", "check_ready"]

ANY_ANSWER = "any HTTP answer"
TRANSIENT = (NotYetError, OSError, http.client.HTTPException)
"""What a probe of a service that is still starting meets: refused, reset, half an answer."""
_ABSENT = frozenset({301, 302, 303, 307, 308, 401, 403, 404, 405})
"""Statuses that say that there is no public probe at this path, and nothing about the service's health."""
_PROBE_SECONDS = 5.0


def check_ready(base: str, fetch: Callable[[str, str], int] | None = None, *, first: str = "") -> str:
    """Return which probe the service at the base URL passed: `first` if given, `/ready`, `/health` or `ANY_ANSWER`.

    Raises:
        NotYetError: it answers that it is not ready.
        OSError: nothing answers there.
    """
    get = fetch or _status
    probes = ("/ready", "/health")
    for path in (first, *(probe for probe in probes if probe != first)) if first else probes:
        status = get(base, path)
        if status == http.HTTPStatus.OK:
            return path
        if status not in _ABSENT:
            raise NotYetError(f"GET {path} answered {status}")
    return ANY_ANSWER


def _status(base: str, path: str) -> int:
    parts = urlsplit(base)
    connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=_PROBE_SECONDS)
    try:
        connection.request("GET", parts.path.rstrip("/") + path, headers={"Connection": "close"})
        return connection.getresponse().status
    finally:
        connection.close()
