"""What is said in a log call, in any language, and which names are those of values that must not be said."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from pytest_superteam.scanners.facts.names import secret_kind, words

__all__ = ["LOGGER", "TEXTS", "LogCall", "hides", "is_body_secret", "is_credential_header", "is_mask", "is_secret_name"]
__all__ += ["is_card_number", "is_credential_entry", "is_credential_object", "is_session_cookie", "makes_secret"]


@dataclass(frozen=True)
class LogCall:
    """One call that writes to a log: its node, and the expressions given to it, with labels where they have one."""

    node: Any
    arguments: tuple[tuple[str, Any], ...]
    console: bool = False
    """Whether it is `print` or the like, whose output in a command-line tool is no log."""


LOGGER = re.compile(
    r"(?:^|[._])(?:log|logs|logging|loguru|structlog|winston|pino|bunyan|log4js|\w*logger|audit)(?:[._(]|$)",
    re.IGNORECASE,
)
"""What the dotted name of a thing that logs looks like."""

TEXTS = frozenset({
    "i18n", "t", "translations", "messages", "labels", "strings", "errors", "schema", "fields", "validators",
    "placeholders", "styles", "locale", "texts", "widgets", "help", "hints",
})  # fmt: skip
"""Last words of things whose members named `password` are texts about passwords."""

_NOUNS = frozenset({
    "password", "passwords", "passwd", "passphrase", "pwd", "passcode", "pw", "pswd", "secret", "secrets", "token",
    "apikey", "apisecret", "credential", "credentials", "creds", "secretkey", "accesskey", "privatekey", "authtoken",
    "accesstoken", "refreshtoken", "idtoken", "cvv", "cvc", "cvv2", "ssn", "pan", "bearer", "otp", "totp", "jwt",
    "authorization", "mnemonic", "cardnumber", "creditcard", "authheader", "sessiontoken", "userpassword",
    "clientsecret", "ccnumber", "passwort", "jwttoken", "cardcvv", "apitoken", "bearertoken",
})  # fmt: skip
_PAIRS = frozenset({
    ("card", "number"), ("credit", "card"), ("card", "no"), ("card", "num"), ("cc", "number"), ("cc", "num"), ("card",
    "cvc"), ("card", "pan"), ("private", "key"), ("session", "cookie"), ("session", "key"), ("auth", "header"),
    ("auth", "headers"), ("authorization", "header"), ("authorization", "headers"), ("seed", "phrase"), ("recovery",
    "phrase"), ("pin", "code"), ("social", "security"), ("security", "number"), ("ssh", "key"), ("fernet", "key"),
    ("rsa", "key"), ("aes", "key"), ("hmac", "key"), ("decryption", "key"), ("client", "key"), ("auth", "cookie"),
    ("debit", "card"), ("account", "number"), ("security", "code"), ("api", "keys"), ("access", "keys"), ("private",
    "keys"), ("secret", "keys"), ("access", "tokens"), ("refresh", "tokens"), ("auth", "tokens"), ("bearer",
    "tokens"), ("api", "tokens"), ("card", "details"), ("csrf", "secret"), ("user", "pin"), ("card", "pin"),
})  # fmt: skip
_SAFE_FIRST = frozenset({
    "masked", "redacted", "hashed", "encrypted", "sanitized", "obfuscated", "scrubbed", "has", "is", "use", "uses",
    "needs", "require", "requires", "no", "num", "n", "count", "total", "max", "min", "invalid", "missing", "forgot",
    "change", "reset", "update", "check", "verify", "validate", "show", "csrf", "xsrf", "hide", "public",
    "publishable", "should", "can", "with", "without", "expired", "truncated", "safe", "next", "page", "continuation",
    "cancel", "cancellation", "sync", "partition", "save", "store", "remember", "enable", "disable", "allow",
    "delete", "remove", "revoke", "clear", "rotate", "toggle", "include", "skip", "ignore", "saved", "ambiguous",
    "clustering", "supports", "set", "decode", "parse", "tokenize", "empty", "unknown", "fake", "dummy", "resume",
    "pagination",
})  # fmt: skip
_SAFE_WORDS = frozenset(
    {"hashed", "hash", "masked", "redacted", "encrypted", "public", "pagination", "continuation", "csrf", "xsrf"}
)
_ENDINGS = frozenset(
    {
        "value",
        "str",
        "string",
        "raw",
        "plain",
        "plaintext",
        "text",
        "base64",
        "b64",
        "val",
        "clear",
        "data",
        "pem",
        "der",
        "hex",
    }
)


@lru_cache(maxsize=8192)
def is_secret_name(name: str) -> bool:
    """Return whether a value of that name is a password, token, key or card, not something about one."""
    if len(name) > 100:
        return False
    parts = list(words(name))
    while len(parts) > 1 and (parts[-1] in _ENDINGS or parts[-1].isdigit()):
        parts.pop()
    if not parts or _SAFE_WORDS & set(parts):
        return False
    if len(parts) > 1 and parts[0] in _SAFE_FIRST and not (parts[0] in {"reset", "verify"} and parts[-1] == "token"):
        return False
    last = parts[-1].rstrip("0123456789") or parts[-1]
    if last in {"tokens", "id", "ids"}:
        return tuple(parts[-2:]) in _PAIRS
    if last in _NOUNS or tuple(parts[-2:]) in _PAIRS:
        return not (last == "token" and len(parts) > 1 and parts[-2] in _SAFE_FIRST - {"reset", "verify", "set"})
    return secret_kind("_".join(parts)) is not None


def is_credential_entry(container: str, key: str) -> bool:
    """Return whether a table named for credentials holds one under `key`: `tokens["access"]`, `secrets["stripe"]`."""
    lower = container.lower()
    if lower in {"secrets", "passwords", "api_keys", "apikeys"}:
        return not words(key)[-1:] or words(key)[-1] not in _ABOUT_ONE
    return lower in {"tokens", "token", "credentials", "creds"} and key.lower() in {
        "access", "refresh", "id_token", "session", "bearer", "auth", "key", "pass", "value", "api",
    }  # fmt: skip


_ABOUT_ONE = frozenset(
    {"name", "id", "type", "count", "length", "path", "arn", "version", "enabled", "expires", "connected"}
)


def is_card_number(owner: str, name: str) -> bool:
    """Return whether a member is the number of a payment card: `card.number`, `creditCard["no"]`."""
    return name.lower() in {"number", "no", "num", "pan", "cardnumber"} and words(owner)[-1:] in {
        ("card",),
        ("creditcard",),
    }


_HIDES = re.compile(
    r"mask|redact|hash|obfuscat|saniti[sz]|scrub|censor|digest|^len$|length|^bool$|^boolean$|type|isinstance|fingerprint"
    r"|encrypt|anonymi[sz]|^hmac|^sha\d|^md5|crypt|^id$|hide|strip_secret|^any$|^all$|pseudonym|truncate|shorten|filter"
    r"|^(?:is|has|check|verify|validate|count)(?:[_A-Z]|$)",
    re.IGNORECASE,
)


def hides(function: str) -> bool:
    """Return whether a function of that name, given a secret, gives back what may be logged."""
    return _HIDES.search(function.lstrip("_$")) is not None


_MAKERS = frozenset(
    {"create", "generate", "get", "issue", "make", "new", "build", "fetch", "read", "load", "sign", "mint", "retrieve"}
)
_MAKERS |= {"gen", "obtain", "acquire", "refresh", "encode", "extract", "decrypt", "ask", "prompt", "request"}


@lru_cache(maxsize=4096)
def makes_secret(function: str) -> bool:
    """Return whether a function of that name returns a secret: `create_access_token`, `getPassword`."""
    parts = words(function)
    if function in {"getpass", "get_secret_value", "getSecretValue"}:
        return True
    return len(parts) > 1 and parts[0] in _MAKERS and is_secret_name("_".join(parts[1:]))


_MASK = re.compile(
    r"[*xX•.\-<>\[\]#_ ]*|.*(?:redact|mask|hidden|filtered|removed|censor|\*\*\*).*", re.IGNORECASE | re.DOTALL
)


def is_mask(value: object) -> bool:
    """Return whether a fixed value is no secret: a number, nothing, stars, a name for what was left out."""
    if not isinstance(value, (str, bytes)):
        return True
    text = value.decode("latin-1") if isinstance(value, bytes) else value
    return _MASK.fullmatch(text[:300]) is not None or secret_kind(text) is not None


_HEADERS = frozenset(
    {"authorization", "cookie", "set-cookie", "x-api-key", "proxy-authorization", "x-auth-token", "api-key"}
)
_HEADERS |= {
    "x-access-token",
    "http_authorization",
    "http_cookie",
    "http_x_api_key",
    "x-amz-security-token",
    "apikey",
    "x_api_key",
}


def is_credential_header(name: str) -> bool:
    """Return whether a request header of that name carries credentials."""
    return name.lower() in _HEADERS


_SESSION = re.compile(r"session|^sid$|connect\.sid|auth|token|jwt|phpsessid|remember", re.IGNORECASE)


def is_session_cookie(name: str) -> bool:
    """Return whether a cookie of that name is what signs a user in."""
    return _SESSION.search(name) is not None and "csrf" not in name.lower() and "xsrf" not in name.lower()


_BODY = re.compile(
    r"(?<![a-z])(?:log_?in|logon|sign_?in|sign_?up|signup|register|registration|authenticate|auth|password|passwd|credentials?"
    r"|tokens?|oauth|reset_?password|forgot_?password|change_?password|payments?|checkout|cards?|charge)(?![a-z])",
    re.IGNORECASE,
)
_HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")


def is_body_secret(place: str) -> bool:
    """Return whether the body of a request to a handler or path of that name holds a password, a token or a card."""
    return _BODY.search(_HUMP.sub("_", place[:300])) is not None


_CREDENTIAL_OBJECT = re.compile(
    r"(?:log_?in|sign_?in|sign_?up|register|registration|auth|credentials?|password|reset_?password|change_?password|payment|card)"
    r"_?(?:dto|input|request|req|data|body|payload|form|args|params|info|credentials?|command|model|schema)",
    re.IGNORECASE,
)


@lru_cache(maxsize=4096)
def is_credential_object(name: str) -> bool:
    """Return whether an object of that name or type is what a user signs in or pays with: `LoginDto`."""
    return _CREDENTIAL_OBJECT.fullmatch(name[:100]) is not None
