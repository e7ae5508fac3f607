"""Masking of obvious secrets in text that goes into a report: the first characters stay, at most four.

Every pattern starts where a token may start and has bounded, possessive repetitions, so that the time grows with the
length of the text only.
"""

from __future__ import annotations

import re
from functools import partial
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["MASK", "mask"]

MASK = "****"
_SHOWN = 4

_PRIVATE_KEY = re.compile(
    r"(-----BEGIN [A-Z ]{0,40}PRIVATE KEY-----(?:\\n|\s){0,4}+)([A-Za-z0-9+/=]{8,128}+)"
    r"(?:(?:\\n|\s){1,4}+[A-Za-z0-9+/=]{16,128}+){0,256}+"
    r"(?:(?:\\n|\s){1,4}+[A-Za-z0-9+/=]{1,64}+(?=(?:\\n|\s){0,4}-----END))?"
)
_JWT = re.compile(
    r"(?<![A-Za-z0-9_-])()(eyJ[A-Za-z0-9_-]{5,4096}+\.[A-Za-z0-9_-]{2,8192}+(?:\.[A-Za-z0-9_-]{0,2048}+)?)"
)
_AUTHORIZATION = re.compile(r"(?i)(\b(?:bearer|basic|token)[ \t]{1,4}+)(?!\*)([A-Za-z0-9._~+/=-]{8,8192}+\*{0,4})")
_KNOWN_TOKEN = re.compile(
    r"(?<![A-Za-z0-9])()((?:(?:AKIA|ASIA)[A-Z0-9]{16}+"
    r"|(?:ghp|gho|ghs|ghu|github_pat|glpat|sk|rk|pk|npm|pypi|xox[abprs])[_-][A-Za-z0-9_-]{16,512}+)(?![A-Za-z0-9]))"
)
_URL_PASSWORD = re.compile(r"(://[^\s:/@]{0,64}+:)([^\s/@]{1,128}+)(?=@)")
_ASSIGNMENT = re.compile(
    r"(?i)((?:password|passwd|pwd|secret|token|credential|api[_-]?key|access[_-]?key|private[_-]?key)[a-z0-9_-]{0,30}+"
    r"""(?:\\?["'])?[ \t]{0,4}+(?:=(?!=)|:(?!:))[ \t]{0,4}+[rbfu]{0,2}(?:\\?["'])?)"""
    r"""([^\s"'\\&,;<>(){}\[\]|`]{4,512}+)(?![(\[])"""
)
_ABOUT = re.compile(
    r"(?i)(?:url|uri|name|field|type|length|expire\w{0,9}|ttl|count|limit|endpoint|path|algorithm)"
    r"""\\?["']?[ \t]{0,4}[:=]"""
)
"""Names of things that have to do with secrets and are none: `token_url`, `password_field`."""
_NO_SECRET = re.compile(
    r"(?i)(?:none|null|true|false|string|bytes|required|optional|undefined|self|settings|config|os|env|request)\b"
)


def mask(text: str) -> str:
    """Return `text` with private keys, tokens, keys of clouds and passwords cut down to their first characters.

    Masking twice changes nothing more. What merely talks about passwords stays as it is.
    """
    for pattern, is_secret in _RULES:
        text = pattern.sub(partial(_masked, is_secret), text)
    return text


def _masked(is_secret: Callable[[re.Match[str]], bool], found: re.Match[str]) -> str:
    secret = found[2]
    if secret.endswith(MASK) or not is_secret(found):
        return found[0]
    return f"{found[1]}{secret[: min(_SHOWN, len(secret) // 2)]}{MASK}"


def _always(_: re.Match[str]) -> bool:
    return True


def _is_no_word(found: re.Match[str]) -> bool:
    """Tell a token from the words of a sentence ("Bearer authentication is missing")."""
    return len(found[2]) >= 24 or any(c.isdigit() for c in found[2])


def _is_value(found: re.Match[str]) -> bool:
    """Tell a value from an expression, a type or, after a colon without quotes, from the words of a sentence."""
    if _NO_SECRET.match(found[2]) or _ABOUT.search(found[1]):
        return False
    quoted = found[1].endswith(("'", '"'))
    return quoted or "=" in found[1] or not found[2].isalpha()


_RULES: tuple[tuple[re.Pattern[str], Callable[[re.Match[str]], bool]], ...] = (
    (_PRIVATE_KEY, _always),
    (_JWT, _always),
    (_AUTHORIZATION, _is_no_word),
    (_KNOWN_TOKEN, _is_no_word),
    (_URL_PASSWORD, _always),
    (_ASSIGNMENT, _is_value),
)
