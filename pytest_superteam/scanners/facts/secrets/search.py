"""All secrets of a file, each under one code: the most specific that fits."""

from __future__ import annotations

import re
from bisect import bisect_left
from dataclasses import dataclass
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

from pytest_superteam.scanners.facts.jwt.calls import names_jwt_key, names_key
from pytest_superteam.scanners.facts.jwt.configuration import is_configuration
from pytest_superteam.scanners.facts.named_values import NamedValue, Syntax, named_values, syntax_of
from pytest_superteam.scanners.facts.names import bound_kind, words
from pytest_superteam.scanners.facts.secrets import judge, triggers
from pytest_superteam.scanners.facts.secrets.comments import Prose
from pytest_superteam.scanners.facts.secrets.docker import docker_lines
from pytest_superteam.scanners.facts.secrets.places import is_document, is_generated, is_lock_file, is_translation
from pytest_superteam.scanners.facts.secrets.plugins import detectors
from pytest_superteam.scanners.facts.secrets.private_keys import private_key_column

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytest_superteam.scanners.facts.secrets.triggers import Passage
    from pytest_superteam.scanners.source import SourceFile

__all__ = ["Secret", "may_hold", "secrets_of"]

_CODES = {
    triggers.AWS: {1, 2}, triggers.PEM: {3}, triggers.REPO: {8}, triggers.STRIPE: {9},
    triggers.SLACK: {11}, triggers.SENDGRID: {12},
    triggers.JWT: {10}, triggers.URL: {5}, triggers.BEARER: {6}, triggers.VENDOR: {4}, triggers.NAMES: {2, 4, 5, 7},
}  # fmt: skip
_JWT_IMPORT = re.compile(rb"(?:import|from|require)\b[^\n]{0,80}(?:jwt|jose\b|authlib|jsonwebtoken)")
_AWS_NEAR = re.compile(r"(?i)aws|amazon|\bs3\b|AKIA|ASIA|boto|iam_")
_CREDENTIALS = re.compile(
    r"(?i)(?<![a-z])(?:user|username|user_?name|uid|login|host|hostname|server|database|db_?name"
    r"|dbname|email|port|account)[\"'\]]{0,3}\s{0,4}(?:[:=]"
    r"|=>)\s{0,4}[\"']?(?P<value>[^\s\"',;)]{1,80})"
    r"|connect\(|login\(|(?:create_engine|getConnection|createConnection|authenticate)\("
)


@dataclass(frozen=True)
class Secret:
    """One secret in a file: the number of its code, its place and its value."""

    number: int
    line: int
    column: int
    value: str


_passages: WeakKeyDictionary[SourceFile, tuple[tuple[Passage, ...], frozenset[int]]] = WeakKeyDictionary()
_secrets: WeakKeyDictionary[SourceFile, tuple[Secret, ...]] = WeakKeyDictionary()


def _candidates(file: SourceFile) -> tuple[tuple[Passage, ...], frozenset[int]]:
    """Return the passages of a file to look at, and the numbers of the codes that they may belong to."""
    known = _passages.get(file)
    if known is None:
        data = file.data
        if data.startswith((b"\xff\xfe", b"\xfe\xff")):
            data = file.text.encode()
        found = tuple(triggers.passages(data))
        codes = frozenset(code for passage in found for kind in passage.kinds for code in _CODES[kind])
        known = _passages[file] = (found, codes)
    return known


def may_hold(file: SourceFile, number: int) -> bool:
    """Return whether the file has words that a secret of code `number` needs."""
    return number in _candidates(file)[1]


def secrets_of(file: SourceFile) -> tuple[Secret, ...]:
    """Return the secrets of a file, found once for all codes."""
    known = _secrets.get(file)
    if known is None:
        found = {(s.line, s.column): s for s in _search(file)}
        known = _secrets[file] = tuple(found[place] for place in sorted(found))
    return known


def _search(file: SourceFile) -> Iterator[Secret]:
    prose, syntax = Prose(file), syntax_of(file.path)
    elsewhere = docker_lines(file)
    quiet = is_lock_file(file.path) or is_translation(file.path) or is_generated(file.path)
    taken: dict[int, list[tuple[int, int]]] = {}
    for passage in _candidates(file)[0]:
        if len(passage.text) > 400 and not passage.whole and not passage.text.strip():
            continue
        spans = taken.setdefault(passage.line, [])
        for secret in _specific(file, passage, prose):
            if _free(secret, spans):
                yield secret
        if triggers.NAMES not in passage.kinds or quiet or passage.line in elsewhere or _is_minified(passage, syntax):
            continue
        for secret in _named(file, passage, syntax, prose):
            if secret.line not in elsewhere and _free(secret, taken.setdefault(secret.line, [])):
                yield secret


def _is_minified(passage: Passage, syntax: Syntax) -> bool:
    return not passage.whole and (syntax.code and syntax.suffix != "json")


def _free(secret: Secret, spans: list[tuple[int, int]]) -> bool:
    """Return whether nothing was found yet where the secret stands, and remember it; `spans` are in order and apart."""
    start, end = secret.column, secret.column + len(secret.value)
    at = bisect_left(spans, (start, end))
    if (at < len(spans) and spans[at][0] < end) or (at and start < spans[at - 1][1]):
        return False
    spans.insert(at, (start, end))
    return True


def _specific(file: SourceFile, passage: Passage, prose: Prose) -> Iterator[Secret]:
    """Yield the secrets on a passage that have a form of their own."""
    text = passage.text
    if triggers.PEM in passage.kinds and (column := private_key_column(file, passage)):
        yield Secret(3, passage.line, column, text[column - passage.start - 1 :])
    for detector in detectors():
        if detector.kinds.isdisjoint(passage.kinds):
            continue
        for value, start in detector.values(text):
            column = passage.start + start + 1
            around = text[max(start - 1, 0) : start] + text[start + len(value) : start + len(value) + 1]
            told = detector.number in {5, 6} and (prose.holds(passage.line, column) or is_document(file.path))
            if judge.is_specific(detector.number, value, around, prose=told, path=file.path):
                yield Secret(detector.number, passage.line, column, value)


def _named(file: SourceFile, passage: Passage, syntax: Syntax, prose: Prose) -> Iterator[Secret]:
    """Yield the passwords and keys that a passage binds to names that say so, those in comments left out."""
    for bound in named_values(file, passage, syntax):
        number = _number(file, bound)
        if number and not prose.holds(bound.line, bound.column):
            yield Secret(number, bound.line, bound.column, bound.value)


def _number(file: SourceFile, bound: NamedValue) -> int:
    """Return the number of the code of what is bound to a name; 0 where it is no secret."""
    kind = "password" if bound.how == "sql" or bound.name == "basic password" else bound_kind(bound.name)
    if kind == "password" and judge.is_password(bound, file.path, credentials=_has_credentials(file, bound)):
        return 5 if bound.how == "dsn" else 7
    if kind == "key":
        if judge.is_aws_secret(bound.value) and _near_aws(file, bound):
            return 2
        if judge.is_key(bound, file.path) and not _is_jwt_setting(file, bound.name):
            return 4
    return 0


def _near(file: SourceFile, line: int, reach: int) -> str:
    return "\n".join(file.line(number)[:500] for number in range(max(1, line - reach), line + reach + 1))


def _near_aws(file: SourceFile, bound: NamedValue) -> bool:
    """Return whether AWS is spoken of near a name of a secret key."""
    parts = words(bound.name)
    return ("secret" in parts or "secretkey" in parts) and _AWS_NEAR.search(_near(file, bound.line, 12)) is not None


def _has_credentials(file: SourceFile, bound: NamedValue) -> bool:
    """Return whether a user, a host or the like is bound to a value of its own near a password."""
    if bound.value.lower() not in {"password", "pass", "passwd", "pwd"} or bound.how not in {
        "assign",
        "pair",
        "tag",
        "call",
    }:
        return False
    for match in _CREDENTIALS.finditer(_near(file, bound.line, 3)):
        value = (match["value"] or "connect").lower().strip("\"'")
        if value not in {
            "str",
            "string",
            "username",
            "user",
            "email",
            "text",
            "login",
            "none",
            "true",
            "host",
            "port",
            "varchar",
            "{",
        }:
            return True
    return False


def _is_jwt_setting(file: SourceFile, name: str) -> bool:
    """Return whether SEC-005 is the code for that name: it says so, or the module beside it signs tokens."""
    code = file.language in {"python", "javascript", "typescript", "go", "java"}
    if not file.service_code or not (code or is_configuration(file)):
        return False
    if names_jwt_key(name):
        return True
    return code and names_key(name.rsplit(".", 1)[-1]) and _JWT_IMPORT.search(file.data) is not None
