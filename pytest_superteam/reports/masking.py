"""Masking of obvious secrets in text that goes into a report: the first characters stay, four at most, none of a URL's.

Every pattern starts where a token may start and has bounded, possessive repetitions, so that the time grows with the
length of the text only.
"""

from __future__ import annotations

import re
from functools import partial
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["MASK", "mask", "mask_document", "mask_url", "secret_lines"]

MASK = "****"
_SHOWN = 4
_BEFORE = 240  # characters before a name in which the start of its path or title is looked for

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
    r"|SG\.[A-Za-z0-9_-]{16,32}+\.[A-Za-z0-9_-]{16,64}+"
    r"|(?:ghp|gho|ghs|ghu|github_pat|glpat|sk|rk|pk|npm|pypi|xox[abprs])[_-][A-Za-z0-9_-]{16,512}+)(?![A-Za-z0-9]))"
)
_URL_PASSWORD = re.compile(r"(://[^\s:/@]{0,64}+:)([^\s/@]{1,512}+)(?=@)")
_DATABASE_PASSWORD = re.compile(r"(://[^\s:/@]{0,200}+:)[^\s@]{1,4096}+(?=@)")
_QUERY_PASSWORD = re.compile(r"(?i)([?&](?:ssl)?password=)[^\s&]{1,4096}+")
_ASSIGNMENT = re.compile(
    r"(?i)((?:password|passwd|pwd|secret|token|credential|api[_-]?key|access[_-]?key|private[_-]?key)[a-z0-9_-]{0,30}+"
    r"""(?:\\?["'])?[ \t]{0,4}+(?:=(?!=)|:(?!:))[ \t]{0,4}+[rbfu]{0,2}(?:\\?["'])?)"""
    r"""([^\s"'\\&,;<>(){}\[\]|`]{4,512}+)(?![(\[])"""
)
_GIVEN = re.compile(
    r"(?i)((?:password|passwd|pwd|secret|token|credential|(?:api|access|private)[ _-]?key)[a-z0-9_-]{0,30}+"
    r"""[`*]{0,3}+(?:[ \t]{0,40}+\|[ \t]{0,40}+[`*"']{0,3}+|[ \t]{1,4}+(?:is|was|to)[ \t]{1,4}+[`*"']{1,3}+))"""
    r"""([^\s`*"'|<>(){}\[\]]{6,512}+\*{0,4})"""
)
"""A table with the name in one cell and the value in the next, or a sentence that gives the value in quotes."""
_CELL_END = re.compile(r"""[`*"']{0,3}[ \t]{0,400}+(?:[|\n]|$)""")
_COMMAND = re.compile(r"""((?<!\S)(?:-u|--user)[ =]["']?[^\s:"'/]{1,64}+:)([^\s"'/]{4,128}+)""")
_ABOUT = re.compile(
    r"(?i)(?:url|uri|name|field|type|length|expire\w{0,9}|ttl|count|limit|endpoint|path|algorithm)"
    r"""[`*]{0,3}\\?["']?[ \t]{0,40}[:=|]"""
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


def mask_url(text: str) -> str:
    """Return a database's URL, or an error about it, without its password, which may hold a slash there."""
    for pattern in (_DATABASE_PASSWORD, _QUERY_PASSWORD):
        text = pattern.sub(rf"\1{MASK}", text)
    return mask(text)


def mask_document(text: str) -> str:
    """Return `text` masked with every line where it was, so that line numbers still hold."""
    for pattern, is_secret in _RULES:
        text = pattern.sub(partial(_masked_in_place, is_secret), text)
    return text


def _masked_in_place(is_secret: Callable[[re.Match[str]], bool], found: re.Match[str]) -> str:
    masked = _masked(is_secret, found)
    return masked + "\n" * (found[0].count("\n") - masked.count("\n"))


def secret_lines(text: str) -> tuple[int, ...]:
    """Return the lines (1-based) of `text` that hold a secret, placeholders such as `your-api-key` left out."""
    starts = sorted(
        {
            found.start(2)
            for pattern, is_secret in _RULES
            for found in pattern.finditer(text)
            if not found[2].endswith(MASK) and is_secret(found) and not _PLACEHOLDER.match(found[2])
        }
    )
    lines: dict[int, None] = {}
    line, last = 1, 0
    for start in starts:
        line += text.count("\n", last, start)
        last = start
        lines[line] = None
    return tuple(lines)


_PLACEHOLDER = re.compile(
    r"(?i)(?:your|my|the|some|any|change|replace|insert|example|sample|placeholder|dummy|secret|password|token)"
    r"(?![0-9])|[x*.…#-]{3,}|\$|%|<"
)
"""How values begin that stand for a secret in a sample and are none."""


def _masked(is_secret: Callable[[re.Match[str]], bool], found: re.Match[str]) -> str:
    secret = found[2]
    if secret.endswith(MASK) or not is_secret(found):
        return found[0]
    shown = 0 if found.re is _URL_PASSWORD else min(_SHOWN, len(secret) // 2)
    return f"{found[1]}{secret[:shown]}{MASK}"


def _always(_: re.Match[str]) -> bool:
    return True


def _is_no_word(found: re.Match[str]) -> bool:
    """Tell a token from the words of a sentence ("Bearer authentication is missing")."""
    return len(found[2]) >= 24 or any(c.isdigit() for c in found[2])


def _is_value(found: re.Match[str]) -> bool:
    """Tell a value from an expression, a type or, after a colon without quotes, from the words of a sentence."""
    if _NO_SECRET.match(found[2]) or _ABOUT.search(found[1]) or _is_heading(found):
        return False
    quoted = found[1].endswith(("'", '"'))
    return quoted or "=" in found[1] or not found[2].isalpha()


_OPERATION = re.compile(r"(?:^|[^\w/])(?:GET|PUT|POST|PATCH|DELETE|HEAD|OPTIONS|TRACE) /[^\s:]{0,200}\Z")
_PATH = re.compile(r"(?:^|[\s`'\"(])/[^\s:]{0,200}\Z")
_TITLE = re.compile(
    r"(?i)(?<![a-z0-9])(?:forgot|forgotten|lost|reset|change|update|recover|verify|revoke|rotate)"
    r"[ _-]{1,4}(?:your )?\Z"
)
_HEADS = re.compile(r"(?i)[a-z0-9_-]:[ \t]{1,4}[rbfu]{0,2}[\"']?\Z")
_WORDS = re.compile(r"[A-Za-z]{1,30}(?:['-][A-Za-z]{1,30}){0,4}")
_GOES_ON = re.compile(r"[\"']?,? [a-z(]")


def _is_heading(found: re.Match[str]) -> bool:
    """Tell an operation, a path or a title before a colon (`/auth/reset-password: Schema-valid request rejected`).

    What follows has to be words: behind a path or a title those of a sentence, for a password may be a word, too.
    """
    if not _HEADS.search(found[1]) or not _WORDS.fullmatch(found[2]):
        return False
    before = found.string[max(0, found.start() - _BEFORE) : found.start()]
    if _OPERATION.search(before):
        return True
    return bool(_PATH.search(before) or _TITLE.search(before)) and bool(_GOES_ON.match(found.string, found.end()))


_CHANGE = re.compile(r"(?i)(?<=[a-z])(?=[0-9])|(?<=[0-9])(?=[a-z])")
_TECHNICAL = re.compile(
    r"(?i)(?:sha|aes|rsa|md|[hrep]s|uuid|argon|bcrypt|pbkdf|varchar|char|int|utf|base|oauth|/|http)"
)


def _is_given(found: re.Match[str]) -> bool:
    """Tell a key or a made-up password from an id (`FR-AUTH-012`), a type or the name of a method."""
    value = found[2]
    if _TECHNICAL.match(value) or _ABOUT.search(found[1]):
        return False
    if "|" not in found[1]:
        return _is_no_word(found)
    alone = _CELL_END.match(found.string, found.end())
    return bool(alone) and len(value) >= 10 and sum(1 for _ in _CHANGE.finditer(value[:64])) >= 3


def _has_letter(found: re.Match[str]) -> bool:
    """Tell a password from the numbers of `-u 1000:1000`."""
    return any(c.isalpha() for c in found[2])


_RULES: tuple[tuple[re.Pattern[str], Callable[[re.Match[str]], bool]], ...] = (
    (_PRIVATE_KEY, _always),
    (_JWT, _always),
    (_AUTHORIZATION, _is_no_word),
    (_KNOWN_TOKEN, _is_no_word),
    (_URL_PASSWORD, _always),
    (_ASSIGNMENT, _is_value),
    (_GIVEN, _is_given),
    (_COMMAND, _has_letter),
)
