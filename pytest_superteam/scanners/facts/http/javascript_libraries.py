"""The HTTP clients of JavaScript, by name: functions that send a request, makers of clients, what they run on."""

from __future__ import annotations

__all__ = ["CLASSES", "CLIENT_TRIGGERS", "FUNCTIONS", "MAKERS", "TRANSPORTS", "TYPES", "VERBS"]

CLIENT_TRIGGERS = (
    b"axios", b"fetch(", b"-fetch", b"superagent", b"needle", b"undici", b"HttpService", b"'got'", b'"got"', b"'ky'",
    b'"ky"', b"'http'", b'"http"', b"'https'", b'"https"', b"node:http", b"request-promise", b"'request'", b'"request"',
    b"wreck", b"ofetch", b"ky-universal", b"makeFetch", b"fetch.",
)  # fmt: skip
"""One of these stands in every module that makes a client or calls one by its library's name."""

_METHODS = frozenset({"get", "post", "put", "patch", "delete", "head", "options", "request"})
VERBS = {
    "axios": _METHODS | {"postForm", "putForm", "patchForm"},
    "nest": _METHODS,
    "got": _METHODS - {"request", "options"} | {"stream", "paginate"},
    "ky": _METHODS - {"request", "options"},
    "superagent": _METHODS - {"request"} | {"del"},
    "needle": _METHODS - {"options"},
    "request": _METHODS - {"request"} | {"del"},
    "undici": frozenset({"request", "fetch", "stream", "pipeline", "dispatch"}),
    "wreck": frozenset({"get", "post", "put", "patch", "delete", "request"}),
    "http": frozenset(),
    "ofetch": frozenset({"raw"}),
    "node-fetch": frozenset(),
    "fetch": frozenset(),
}
"""The methods of a client that send a request, by library."""

_CALLED = {
    "axios": "axios", "got": "got", "ky": "ky", "superagent": "superagent", "needle": "needle", "request": "request",
    "request-promise": "request", "request-promise-native": "request", "ky-universal": "ky", "ofetch.ofetch": "ofetch",
    "ofetch.$fetch": "ofetch", "node-fetch": "node-fetch", "cross-fetch": "node-fetch",
    "cross-fetch.fetch": "node-fetch",    "isomorphic-fetch": "node-fetch", "isomorphic-unfetch": "node-fetch",
    "make-fetch-happen": "node-fetch",
    "node-fetch-commonjs": "node-fetch", "fetch": "fetch", "fetch-retry": "fetch", "axios.axios": "axios",
    "got.got": "got",    "ky.ky": "ky", "needle.needle": "needle",
}  # fmt: skip
FUNCTIONS = {
    **_CALLED,
    **{
        f"{name}.{verb}": library
        for name, library in _CALLED.items()
        if library not in {"node-fetch", "fetch"}
        for verb in VERBS[library]
    },
    **{f"undici.{verb}": "undici" for verb in ("request", "fetch", "stream", "pipeline")},
    **{f"{scheme}.{verb}": "http" for scheme in ("http", "https") for verb in ("request", "get")},
    **{f"{name}.{verb}": "wreck" for name in ("@hapi/wreck", "wreck") for verb in VERBS["wreck"]},
}
"""The functions that send a request by themselves, by dotted name, with their library."""

UNBOUND = frozenset({"fetch", "axios"})
"""Names that count where the snippet does not say where they come from."""

MAKERS = {
    "axios.create": "axios", "axios.Axios": "axios", "axios.default.create": "axios", "axios.axios.create": "axios",
    "got.extend": "got", "got.got.extend": "got", "ky.create": "ky", "ky.extend": "ky", "ky.ky.create": "ky",
    "superagent.agent": "superagent", "request.defaults": "request", "request-promise.defaults": "request",
    "request-promise-native.defaults": "request", "undici.Pool": "undici", "undici.Client": "undici",
    "undici.Agent": "undici", "undici.BalancedPool": "undici", "undici.RetryAgent": "undici",
    "@nestjs/axios.HttpService": "nest",    "@nestjs/common.HttpService": "nest", "ofetch.ofetch.create": "ofetch",
    "ofetch.$fetch.create": "ofetch",
    "needle.defaults": "needle", "@hapi/wreck.defaults": "wreck", "make-fetch-happen.defaults": "node-fetch",
    "fetch-retry": "fetch",
}  # fmt: skip
"""The library of each call that makes a client."""

TYPES = {
    "axios.AxiosInstance": "axios", "axios.AxiosStatic": "axios", "AxiosInstance": "axios", "AxiosStatic": "axios",
    "got.Got": "got", "Got": "got", "ky.KyInstance": "ky", "@nestjs/axios.HttpService": "nest",
    "@nestjs/common.HttpService": "nest", "HttpService": "nest", "undici.Pool": "undici", "undici.Client": "undici",
}  # fmt: skip
"""The library of each type of a client."""

CLASSES = {"axios.Axios": "axios", "@nestjs/axios.HttpService": "nest"}

TRANSPORTS = {
    "axios": "http", "nest": "http", "got": "http", "superagent": "http", "needle": "http", "request": "http",
    "http": "http", "node-fetch": "http", "wreck": "http", "fetch": "undici", "undici": "undici", "ky": "undici",
    "ofetch": "undici",
}  # fmt: skip
"""What each library sends through in Node: the module `http`, or undici, which is what global fetch is."""
