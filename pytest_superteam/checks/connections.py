"""Connections to the running services."""

from __future__ import annotations

import contextlib
import time
from functools import cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import ssl

    import httpx

__all__ = ["http_client", "no_authorities", "outside_client"]

_TIMEOUT = 10.0  # seconds for one call
_LARGEST = 16 * 1024 * 1024  # bytes of an answer


def http_client() -> httpx.Client:
    """Return a client that takes no proxy or netrc from the environment and follows no redirect."""
    import httpx

    class Limited(httpx.Client):
        """Reads whole answers only as long as `_TIMEOUT` says: the time limits of httpx are for each part of one."""

        def send(self, request: httpx.Request, *, stream: bool = False, **options: Any) -> httpx.Response:
            began, parts, size = time.monotonic(), [], 0
            response = super().send(request, stream=True, **options)
            if stream:
                return response
            with contextlib.closing(response):
                for part in response.iter_bytes():
                    parts.append(part)
                    size += len(part)
                    if time.monotonic() - began > _TIMEOUT or size > _LARGEST:
                        raise httpx.ReadTimeout("the answer is too long, or too slow", request=request)
            response._content = b"".join(parts)  # noqa: SLF001  # what `read` itself would set
            return response

    return Limited(timeout=_TIMEOUT, trust_env=False, follow_redirects=False, verify=no_authorities())


def outside_client() -> httpx.Client:
    """Return the same for addresses elsewhere, such as an identity provider's, whose certificate counts."""
    import httpx

    return httpx.Client(timeout=_TIMEOUT, trust_env=False, follow_redirects=False)


@cache
def no_authorities() -> ssl.SSLContext:
    """Return a context that trusts nobody: the services answer on loopback, and loading a CA bundle costs 16 ms."""
    import ssl

    return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
