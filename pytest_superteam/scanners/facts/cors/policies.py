"""What a service says about other origins, in any language: one policy for each place that configures CORS."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

__all__ = ["CREDENTIALS_HEADER", "ORIGIN_HEADER", "CorsPolicy", "is_asset_path", "is_marked_public"]
__all__ += ["is_wildcard", "matches_any_origin"]

ORIGIN_HEADER = "access-control-allow-origin"
CREDENTIALS_HEADER = "access-control-allow-credentials"


@dataclass(frozen=True)
class CorsPolicy:
    """One place that configures CORS. `node` is the call, statement or header entry that does it."""

    node: Any
    wildcard: bool = False
    """Whether `*` is among the allowed origins, named or by the library's default."""
    credentials: bool = False
    """Whether answers to requests with cookies may be read too."""
    reflected: bool = False
    """Whether every origin is sent back: unchecked, by a pattern that matches all, or by a callback that allows all."""
    public: bool = False
    """Whether the policy is for public assets only, by their path."""


def is_wildcard(value: object) -> bool:
    """Return whether a value of an origin option, or one entry of a list or a comma-separated text, is `*`."""
    if isinstance(value, (list, tuple, set, frozenset)):
        return any(is_wildcard(item) for item in value)
    if isinstance(value, bytes):
        value = value.decode("latin-1")
    if not isinstance(value, str) or "*" not in value:
        return False
    return any(part.strip(" \t\"'[]") in {"*", "*:*", "http://*", "https://*"} for part in value[:4096].split(","))


_SCHEME = (
    r"(?:\(?(?:\?:)?(?:https\??|http|http\(s\)\?|http\(\?:s\)\?|http\[s\]\?|http\|https|https\|http|\\w\+|\[a-z\]\+)"
    r"\)?)"
)
_PIECE = (
    r"(?:\(?(?:\?:)?(?:\.|\[\^/\]|\[\\s\\S\]|\\S|\[\^\\s\]|\[\\w\.-\]|\[\\w\.\\-\]|\[\\w\\-\.\]|\[\\w\\\.-\]|\[\^\])"
    r"(?:\*|\+|\{\d,?\d{0,4}\})\??\)?[?*+]?)"
)
_TAIL = r"(?:\(?(?:\?:)?:(?:\\d|\[0-9\])(?:\+|\*|\{\d,\d?\})\)?\??|/\??|/\.\*)"
_ANY_ORIGIN = re.compile(rf"(?:{_SCHEME}?(?::/?/?)?{_PIECE}{{1,3}}{_TAIL}{{0,3}})")
_ANY_PREFIX = re.compile(rf"(?:|\.|{_SCHEME}(?::(?://?)?)?)")
"""Patterns that match the beginning of every origin, for libraries that search or match rather than match in full."""


def matches_any_origin(pattern: object, *, full: bool = True) -> bool:
    """Return whether a regular expression matches the origins of all hosts, as far as its form tells.

    The pattern is compared with known forms and never run: it comes from hostile code. With `full` false an
    expression without `$` at its end counts as soon as it matches how every origin begins.
    """
    if isinstance(pattern, bytes):
        pattern = pattern.decode("latin-1")
    if not isinstance(pattern, str) or len(pattern) > 200:
        return False
    text = pattern.strip().replace("\\/", "/").replace("\\:", ":").replace("\\-", "-").replace("(?i)", "")
    anchored = text.endswith(("$", "\\Z", "\\z"))
    text = text.removeprefix("^").removeprefix("\\A").removesuffix("$").removesuffix("\\Z").removesuffix("\\z")
    while text.startswith("(") and text.endswith(")") and text.count("(") == 1:
        text = text[1:-1].removeprefix("?:").removeprefix("^").removesuffix("$")
    if _ANY_ORIGIN.fullmatch(text):
        return True
    return not full and not anchored and _ANY_PREFIX.fullmatch(text) is not None


_ASSETS = re.compile(
    r"^\^?/?(?:(?:api|v\d)/)?(?:static|assets?|public|fonts?|images?|img|icons?|media|css|cdn|favicon\.ico|robots\.txt"
    r"|\.well-known|\\\.well-known|(?:widget|embed|sdk|loader)\.js)(?:[/*(<{:.]|$)"
    r"|\.(?:woff2?|ttf|otf|css|js|png|jpe?g|gif|svg|ico|webp|map)\)?\$?$",
    re.IGNORECASE,
)
_MARK = re.compile(
    r"\bpublic\b[^.]{0,60}\b(?:assets?|fonts?|images?|icons?|files?|static|widgets?|embed\w*|scripts?|cdn|bundles?"
    r"|read-?only|open data|data ?sets?|no credentials|without credentials|credential-?less|by design|on purpose"
    r"|intentional\w*)\b"
    r"|\b(?:static|asset|font|cdn)s?\b[^.]{0,60}\bpublic\b|\bcredential-?less\b",
    re.IGNORECASE,
)


_LONG = 2000
"""Characters of a line in which a comment is looked for; nobody writes one behind that."""


def is_asset_path(path: object) -> bool:
    """Return whether a route or a pattern of routes holds public assets by its name: `/static/*`, `/fonts/<name>`."""
    return isinstance(path, str) and len(path) < 500 and _ASSETS.search(path.strip()) is not None


def is_marked_public(lines: list[str], number: int) -> bool:
    """Return whether a comment on line `number` (from 1), or right above it, says that the route is a public asset."""
    for at in range(number, max(0, number - 6), -1):
        line = lines[at - 1][:_LONG].strip() if at <= len(lines) else ""
        if at != number and not line.startswith(("#", "//", "/*", "*", "@")):
            return False
        comment = (
            line if line.startswith(("#", "//", "/*", "*")) else re.split(r"(?:^|\s)(?:#|//)", line, maxsplit=1)[-1]
        )
        is_comment = comment != line or line.startswith(("#", "//", "/*", "*"))
        if is_comment and _MARK.search(comment[:300]):
            return True
    return False
