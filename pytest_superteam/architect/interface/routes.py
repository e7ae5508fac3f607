"""Paths as authors write them, and as the architecture has them: parameters as `{name}`, no query, prefixes joined."""

from __future__ import annotations

import re

from pytest_superteam.architect.names import snake

__all__ = [
    "HOST",
    "METHODS",
    "PATH",
    "QUERY",
    "cleaned",
    "is_foreign",
    "joined",
    "names_foreign",
    "normal_path",
    "query_names",
    "spread",
]

METHODS = "GET|POST|PUT|PATCH|DELETE|WSS?|WEBSOCKET|SSE"
"""What stands in the place of a method, those of streams included."""
HOST = (
    r"(?:(?:https?|wss?)://[^\s/`'\"|]{1,200}|\{\{[\w. -]{1,40}\}\}|\$\{[\w.]{1,40}\}|\$[A-Z_]{2,40}|\{[A-Z_]{2,40}\})"
)
# The alternatives begin with different characters, so that there is one way to match.
PATH = (
    r"/(?:[A-Za-z0-9._~%@+$!=*/:-]|\{[^{}\n]{1,80}\}|<[^<>\n|]{1,60}>|\[[^\[\]\n|]{1,60}\]"
    r"|\((?:[a-z]{1,30}\|){1,6}[a-z]{1,30}\)){0,300}"
)
QUERY = r"\?[^\s`'\"|)]{1,300}"

_PARAMETERS = (
    (re.compile(r"\$?\{\s*\.{0,3}\*?([^\W\d]\w*)(?:\s?[:=|?,(][^{}/]*)?\}"), r"{\1}"),
    (re.compile(r"<(?:\w+:)?\s?([^\W\d]\w*)>"), r"{\1}"),
    (re.compile(r"\[{1,2}(?:\.{3})?([^\W\d]\w*)\]{1,2}"), r"{\1}"),
    (re.compile(r"(?<=/):([^\W\d]\w*)(?:\*|\+|\?)?"), r"{\1}"),
    (re.compile(r"(?<=/)\$([A-Za-z_]\w*)"), r"{\1}"),
    (re.compile(r"(?<=/)\*([A-Za-z_]\w*)$"), r"{\1}"),
)
_ODD = re.compile(r"[{<\[]([^{}<>\[\]/]{1,80})[}>\]]")
_SEGMENT = r"(?:[A-Za-z0-9._~@:-]+|[A-Za-z0-9._~@-]*\{[A-Za-z_]\w*\}[A-Za-z0-9._~@:-]*)"
_VALID = re.compile(rf"^(?:/{_SEGMENT})+$")
_PLAIN = re.compile(r"^(?:/[A-Za-z_-]{1,60}){1,6}(?:/\{id\})?$")
_REST = re.compile(r"[?#]|\[\?|\[&")
_VALUE = re.compile(r"^(?:\d+|[0-9a-f]{8}-[0-9a-f-]{4,27})$", re.IGNORECASE)
_CHOICE = re.compile(r"[{(]([\w-]{1,40}(?:\s?[,|]\s?[\w-]{1,40}){1,7})[})]")
_VENDORS = (
    r"stripe|openai|anthropic|googleapis|google|github|gitlab|twilio|sendgrid|paypal|facebook|graph\.\w+|slack"
    r"|amazonaws|azure|cloudinary|mailgun|mailchimp|shopify|spotify|linkedin|twitter|telegram|whatsapp|line\.me"
    r"|discord|huggingface|openrouter|deepseek|dashscope|aliyun(?:cs)?|bigmodel|moonshot|wechat|weixin|alipay"
    r"|kakao|naver|tosspayments|razorpay|mercadopago|mollie|plaid|coinbase|binance|finnhub|alphavantage"
    r"|openweathermap|mapbox|algolia|auth0|okta|clerk|firebase(?:io)?|yookassa|tinkoff|nominatim|openstreetmap"
    r"|unsplash|youtube|tavily|cohere|mistral|groq|replicate|elevenlabs|deepl|notion|airtable|hubspot|salesforce"
    r"|zoom|calendly|vapi|resend"
)
_FOREIGN = re.compile(rf"\b(?:{_VENDORS})(?=[./:'\u2019\s]|\Z)", re.IGNORECASE)
_FOREIGN_CALL = re.compile(
    rf"(?:\b(?:calls?|calling|uses?|using|via|invokes?|requests? to)\s+(?:the\s+)?(?:{_VENDORS})"
    rf"|\b(?:{_VENDORS})['\u2019]s)"
    r"(?:\s+api)?\W{0,6}$",
    re.IGNORECASE,
)
_PREFIX = re.compile(r"^(?:/api)?(?:/v\d+(?:\.\d+)?)?(?=/)", re.IGNORECASE)
_LONGEST = 12


def is_foreign(text: str) -> bool:
    """Return whether a host or the words before a call name a well-known system of somebody else."""
    return bool(_FOREIGN.search(text))


def names_foreign(before: str) -> bool:
    """Return whether the words before a call say that it is made to somebody else's system."""
    return bool(_FOREIGN_CALL.search(before))


def normal_path(path: str) -> str:
    """Return `path` for comparison: without an `/api` or version prefix, parameters without names."""
    return re.sub(r"\{\w+\}", "{}", _PREFIX.sub("", path)).lower()


def spread(path: str) -> list[str]:
    """Return the paths that one with choices such as `/auth/{login,logout}` stands for."""
    found = _CHOICE.search(path)
    if not found:
        return [path]
    return [path[: found.start()] + one.strip() + path[found.end() :] for one in re.split(r"[,|]", found.group(1))]


def cleaned(path: str) -> str | None:
    """Return `path` without query and marks, parameters as `{name}`; None when it is no path of one operation.

    A value that only a sample has, a number or a UUID, becomes a parameter.
    """
    if _PLAIN.match(path):
        return path
    path = _REST.split(path, maxsplit=1)[0]
    for pattern, replacement in _PARAMETERS:
        path = pattern.sub(replacement, path)
    if ".." in path or "…" in path:
        return None
    path = path.rstrip(".,:;!=-\u2013\u2014/") or "/"
    if not _VALID.match(path):
        path = _ODD.sub(_named, path)
    path = re.sub(r"/{2,}", "/", path)
    if path == "/":
        return path
    if not _VALID.match(path) or path.count("/") > _LONGEST:
        return None
    if any(c.isdigit() for c in path):
        path = _without_values(path)
    return _distinct(path)


def _named(match: re.Match[str]) -> str:
    return "{" + (snake(match.group(1)) or "id") + "}"


def _without_values(path: str) -> str:
    taken = set(re.findall(r"\{(\w+)\}", path))
    parts = []
    for part in path.split("/"):
        name = part
        if _VALUE.match(part):
            name = next(n for n in ("id", *(f"id_{i}" for i in range(2, 20))) if n not in taken)
            taken.add(name)
            name = f"{{{name}}}"
        parts.append(name)
    return "/".join(parts)


def _distinct(path: str) -> str:
    """Return `path` with a name of its own for each parameter."""
    seen: set[str] = set()

    def named(match: re.Match[str]) -> str:
        stem = match.group(1) if match.group(1).isascii() and snake(match.group(1)) else "id"
        name = next(n for n in (stem, *(f"{stem}_{i}" for i in range(2, 20))) if n not in seen)
        seen.add(name)
        return f"{{{name}}}"

    return re.sub(r"\{(\w+)\}", named, path)


def query_names(path: str) -> tuple[str, ...]:
    """Return the names in the query string of a path as written."""
    if "?" not in path:
        return ()
    parts = re.split(r"[&,]", path.split("?", 1)[1])
    names = (part.split("=")[0].strip("{}[]<>.*: ") for part in parts)
    return tuple(dict.fromkeys(n for n in names if re.fullmatch(r"[A-Za-z_]\w{0,40}", n)))


def joined(prefix: str, path: str) -> str:
    """Return `path` below `prefix`, unless it already is, or begins at the root of the API by itself.

    What both share in the middle stands once: `/users/{id}` below `/api/users` is `/api/users/{id}`.
    """
    if not prefix:
        return path
    if path in ("", "/"):
        return prefix
    above, below = prefix.strip("/").split("/"), path.strip("/").split("/")
    plain = [_plain(p) for p in below]
    if [_plain(p) for p in above] == plain[: len(above)]:
        return path
    if below[0].lower() == "api" or (re.fullmatch(r"v\d+", below[0]) and any(re.fullmatch(r"v\d+", p) for p in above)):
        start = next((i for i, p in enumerate(above) if p == below[0]), None)
        if start is None or above[start:] != below[: len(above) - start]:
            return path
    for size in range(min(len(above), len(below)), 0, -1):
        if [_plain(p) for p in above[-size:]] == plain[:size] and not below[0].startswith("{"):
            return "/" + "/".join([*above, *below[size:]])
    return "/" + "/".join([*above, *below])


def _plain(segment: str) -> str:
    return "{}" if segment[:1] in "{:<[" else segment.lower()
