"""Connections to the running services."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import ssl

    import httpx

__all__ = ["http_client", "no_authorities", "outside_client"]

_TIMEOUT = 10.0  # seconds for one call


def http_client() -> httpx.Client:
    """Return a client that takes no proxy or netrc from the environment and follows no redirect."""
    import httpx

    return httpx.Client(timeout=_TIMEOUT, trust_env=False, follow_redirects=False, verify=no_authorities())


def outside_client() -> httpx.Client:
    """Return the same for addresses elsewhere, such as an identity provider's, whose certificate counts."""
    import httpx

    return httpx.Client(timeout=_TIMEOUT, trust_env=False, follow_redirects=False)


@cache
def no_authorities() -> ssl.SSLContext:
    """Return a context that trusts nobody: the services answer on loopback, and loading a CA bundle costs 16 ms."""
    import ssl

    return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
