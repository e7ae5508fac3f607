"""Whether an ENV, an ARG or an `environment` entry gives a secret away: by its name, and by its literal value."""

from __future__ import annotations

import re

from pytest_superteam.scanners.facts.names import secret_kind, words

__all__ = ["is_literal", "is_secret_name"]

_STAGES = frozenset({"dev", "development", "prod", "production", "staging", "stage", "test", "local", "qa", "uat"})
_STAGES |= {"live", "old", "new", "primary", "main", "ci"}
_ENDINGS = ("password", "passwd", "passphrase", "token", "secret", "apikey", "secretkey", "privatekey", "accesskey")
_KEY_OWNERS = frozenset({
    "ssh", "deploy", "stripe", "app", "cipher", "crypto", "crypt", "hmac", "aes", "rsa", "openai", "anthropic",
    "sendgrid", "twilio", "mailgun", "datadog", "session", "shared", "consumer", "client", "cookie", "webhook",
    "django", "flask", "rails", "token", "admin", "developer", "license", "licence", "newrelic", "tls", "ssl",
})  # fmt: skip
"""Words before KEY that make it a secret one; GPG_KEY of the official images is the fingerprint of a public key."""
_TOKEN_ISSUERS = frozenset({"github", "gitlab", "git", "azure", "ado", "devops", "bitbucket"})
_SHELL_NAMES = frozenset({"PWD", "OLDPWD"})
_NO_SECRET = re.compile(
    r"true|false|yes|no|on|off|none|null|nil|undefined|0|1|enabled?|disabled?|required|optional|<.*|\*+|x{3,}|\.{3}|"
    r"https?://[^\s@]*|(?:\.{0,2}|~)/[\w.@+/-]*|file:.*|vault:.*|op://.*|arn:.*|ref\+.*|secretsmanager:.*|"
    r"\{[\w.]+\}|%\w+%|\$\(.*",
    re.IGNORECASE | re.DOTALL,
)
_TEMPLATE = re.compile(r"\{\{|\{%|<%|%\(\w+\)")
_SMALL_NUMBER = re.compile(r"\d{1,4}")


def _kind(name: str) -> str | None:
    """Return `password` or `key` for the name of a secret."""
    if name in _SHELL_NAMES:
        return None
    parts = list(words(name))
    while len(parts) > 1 and parts[-1] in _STAGES:
        parts.pop()
    if not parts or "public" in parts:
        return None
    kind = secret_kind(name) or secret_kind("_".join(parts)) or ("password" if parts == ["pass"] else None)
    if kind is not None:
        return kind
    if parts[-1].endswith(_ENDINGS) or parts[-3:] == ["secret", "key", "base"] or parts[-1] == "creds":
        known = secret_kind(parts[-1]) is not None or parts[-1] in _ENDINGS
        return None if known and parts[0] in {"has", "is", "needs", "no"} else "key"
    if parts[-1] == "pat" and parts[-2:-1] and parts[-2] in _TOKEN_ISSUERS:
        return "key"
    return "key" if parts[-1] == "key" and parts[-2:-1] and parts[-2] in _KEY_OWNERS else None


def is_secret_name(name: str) -> bool:
    """Return whether a variable of that name holds a secret."""
    return _kind(name) is not None


def is_literal(name: str, value: str) -> bool:
    """Return whether `value`, its variables put in, can be the secret that `name` speaks of.

    Switches, paths, addresses, templates and what is plainly blanked out are none; a guessable word is one.
    """
    value = value.strip().strip("\"'")
    if not value or _NO_SECRET.fullmatch(value) or _TEMPLATE.search(value):
        return False
    return _kind(name) == "password" or _SMALL_NUMBER.fullmatch(value) is None
