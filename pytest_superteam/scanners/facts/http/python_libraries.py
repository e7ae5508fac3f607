"""The HTTP clients of Python, by name: module functions, classes of clients, the verbs that send a request."""

from __future__ import annotations

import re

__all__ = ["CLIENTS", "FUNCTIONS", "TRIGGERS", "VERBS", "WRAPPERS", "imports_client"]

TRIGGERS = (
    b"requests", b"httpx", b"aiohttp", b"urlopen", b"urllib3", b"urllib.request", b"http.client", b"httplib2",
    b"AsyncHTTPClient",
)  # fmt: skip
"""One of these stands in every module that makes a client or calls one by its library's name."""

CLIENTS = {
    "requests.Session": "requests",
    "requests.session": "requests",
    "requests.sessions.Session": "requests",
    "requests.sessions.session": "requests",
    "requests_oauthlib.OAuth1Session": "requests",
    "requests_oauthlib.OAuth2Session": "requests",
    "requests_toolbelt.sessions.BaseUrlSession": "requests",
    "requests_cache.CachedSession": "requests",
    "requests_futures.sessions.FuturesSession": "requests",
    "requests_html.HTMLSession": "requests",
    "requests_html.AsyncHTMLSession": "requests",
    "authlib.integrations.requests_client.OAuth2Session": "requests",
    "google.auth.transport.requests.AuthorizedSession": "requests",
    "httpx.Client": "httpx",
    "httpx.AsyncClient": "httpx",
    "authlib.integrations.httpx_client.OAuth2Client": "httpx",
    "authlib.integrations.httpx_client.AsyncOAuth2Client": "httpx",
    "aiohttp.ClientSession": "aiohttp",
    "aiohttp.client.ClientSession": "aiohttp",
    "aiohttp_retry.RetryClient": "aiohttp",
    "aiohttp_client_cache.CachedSession": "aiohttp",
    "urllib3.PoolManager": "urllib3",
    "urllib3.ProxyManager": "urllib3",
    "urllib3.proxy_from_url": "urllib3",
    "urllib3.connection_from_url": "urllib3",
    "urllib3.HTTPConnectionPool": "urllib3",
    "urllib3.HTTPSConnectionPool": "urllib3",
    "urllib3.poolmanager.PoolManager": "urllib3",
    "urllib3.connectionpool.HTTPConnectionPool": "urllib3",
    "urllib3.connectionpool.HTTPSConnectionPool": "urllib3",
    "http.client.HTTPConnection": "http.client",
    "http.client.HTTPSConnection": "http.client",
    "urllib.request.build_opener": "urllib",
    "urllib.request.OpenerDirector": "urllib",
    "httplib2.Http": "httplib2",
    "tornado.httpclient.AsyncHTTPClient": "tornado",
    "tornado.httpclient.HTTPClient": "tornado",
}
"""The library of each call that makes a client."""

_METHODS = frozenset({"get", "post", "put", "patch", "delete", "head", "options", "request"})
VERBS = {
    "requests": _METHODS | {"send"},
    "httpx": _METHODS | {"send", "stream"},
    "aiohttp": _METHODS | {"ws_connect"},
    "urllib3": frozenset({"request", "urlopen", "request_encode_url", "request_encode_body"}),
    "http.client": frozenset({"request", "putrequest"}),
    "urllib": frozenset({"open"}),
    "httplib2": frozenset({"request"}),
    "tornado": frozenset({"fetch"}),
}
"""The methods of a client that send a request, by library."""

FUNCTIONS = {
    **{f"{module}.{verb}": "requests" for module in ("requests", "requests.api") for verb in _METHODS},
    **{f"httpx.{verb}": "httpx" for verb in (*_METHODS, "stream")},
    "aiohttp.request": "aiohttp",
    "urllib3.request": "urllib3",
    "urllib.request.urlopen": "urllib",
    "urllib.request.urlretrieve": "urllib",
}
"""The functions that send a request by themselves, with their library."""

WRAPPERS = frozenset({
    "contextlib.closing", "contextlib.aclosing", "contextlib.nullcontext", "enter_context", "enter_async_context",
    "cachecontrol.CacheControl", "typing.cast",
})  # fmt: skip
"""Calls that hand on the client given to them."""

_IMPORTS = re.compile(
    rb"^[ \t]{0,40}(?:import|from)[ \t][^\n#]{0,200}\b(?:requests\w{0,12}|httpx|httpx_client|requests_client"
    rb"|aiohttp\w{0,13}|urllib3|urllib\.request|urllib|http\.client|http|httplib2|tornado)\b",
    re.MULTILINE,
)


def imports_client(data: bytes) -> bool:
    """Return whether a module imports one of the libraries, and does not only use such a word."""
    return any(word in data for word in TRIGGERS) and _IMPORTS.search(data) is not None
