"""What identifiers say about the values they hold: whether a name is that of a password, a key or a token."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Literal

__all__ = ["SecretKind", "secret_kind", "words"]

SecretKind = Literal["password", "key"]

_HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_PASSWORDS = frozenset({"password", "passwd", "passphrase", "pwd", "passcode", "pass", "pw", "passwords", "pswd"})
_KEYS = frozenset(
    {"secret", "secrets", "token", "tokens", "apikey", "apisecret", "credential", "credentials", "secretkey"}
)
_KEYS |= {"accesskey", "privatekey", "authtoken", "accesstoken"}
_KEY_QUALIFIERS = frozenset(
    {"api", "secret", "access", "private", "signing", "encryption", "auth", "jwt", "account", "service"}
)
_KEY_QUALIFIERS |= {"master", "storage", "subscription", "license"}
_ABOUT = frozenset({
    "name", "names", "file", "path", "url", "uri", "host", "port", "id", "ids", "type", "header", "headers",
    "field", "fields",
    "label", "prefix", "suffix", "length", "len", "size", "count", "min", "max", "limit", "ttl", "expiry", "expires",
    "expiration", "expire", "timeout", "lifetime", "age", "seconds", "minutes", "hours", "days", "algorithm",
    "algorithms",
    "alg", "issuer", "audience", "hash", "hashed", "hasher", "digest", "checksum", "salt", "enabled", "required",
    "disabled",
    "policy", "rule", "rules", "regex", "pattern", "schema", "model", "class", "form", "error", "errors", "message",
    "reset",
    "changed", "endpoint", "location", "cookie", "param", "parameter", "column", "key_id", "arn", "ref", "version",
    "format",
    "usage", "scope", "scopes", "context", "validator", "validators", "validation", "manager", "store", "provider",
    "backend",
    "hint", "placeholder", "help", "text", "title", "description", "prompt", "budget", "kind", "index", "pos",
    "position",
    "env", "var", "variable", "template", "bytes", "attempts", "strength", "score", "created", "updated", "at",
    "lookup",
    "serializer", "view", "page", "button", "input", "selector", "resolver", "dir", "folder", "mode", "state", "status",
    "fingerprint", "public", "mask", "masked", "redacted", "bucket", "rotation", "generator", "factory", "dep",
    "service",
})  # fmt: skip
"""Last words of names that hold something about a secret, not the secret."""

_COUNTS = frozenset({"n", "num", "nr", "total", "max", "min", "has", "is", "needs", "count", "no"})
"""First words of names that hold how many there are, or whether there is one."""


@lru_cache(maxsize=4096)
def words(name: str) -> tuple[str, ...]:
    """Return the lower-case words of an identifier in any case: `dbPassword`, `DB_PASSWORD`, `db-password`."""
    spaced = _HUMP.sub("_", name)
    return tuple(word for word in re.split(r"[^A-Za-z0-9]+", spaced.lower()) if word)


@lru_cache(maxsize=4096)
def secret_kind(name: str) -> SecretKind | None:
    """Return whether `name` is that of a `password` or of another secret (`key`), or None."""
    parts = list(words(name))
    while len(parts) > 1 and (
        parts[-1].isdigit() or parts[-1] in {"value", "default", "str", "string", "base64", "b64"}
    ):
        parts.pop()
    if not parts or "public" in parts or parts[0] in _COUNTS:
        return None
    last = parts[-1]
    if last in _PASSWORDS:
        return None if last in {"pass", "pw"} and len(parts) == 1 else "password"
    if len(parts) > 1 and last == "id" and parts[-3:-1] == ["access", "key"]:
        return "key"
    if last in _ABOUT:
        return None
    if last in _KEYS:
        return "key"
    if last == "key" and len(parts) > 1 and parts[-2] in _KEY_QUALIFIERS:
        return "key"
    return "key" if last == "authorization" else None
