"""SEC-SECRET-001 to 012: secrets in any text file, found by detect-secrets' detectors and ours on candidate lines."""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pytest_superteam.models import Severity
from pytest_superteam.scanners.base import Rule
from pytest_superteam.scanners.engine import FileCheck, Hit, RuleScanner
from pytest_superteam.scanners.facts import excuses
from pytest_superteam.scanners.facts.named_values import NamedValue, is_code_value, named_values
from pytest_superteam.scanners.facts.names import secret_kind, words

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from pytest_superteam.scanners.source import SourceFile, SourceTree

__all__ = ["SCANNER"]

_REMEDY = "Take it out of the source, revoke it, and read the new one from the environment or a vault"


def _rule(number: int, name: str, severity: Severity, instead: str) -> Rule:
    text = f"{_REMEDY}: {instead}."
    code = f"SEC-SECRET-{number:03}"
    return Rule(code, name, severity, "secrets", 3, text, languages=("text",), cwe=321 if number == 3 else 798)


RULES = (
    _rule(1, "AWS access key", Severity.CRITICAL, "a role of the machine, or `AWS_PROFILE`"),
    _rule(2, "AWS secret key", Severity.CRITICAL, "a role of the machine, or `AWS_PROFILE`"),
    _rule(3, "Private key", Severity.CRITICAL, "a file that is mounted at run time, named by `KEY_FILE`"),
    _rule(4, "Generic API key", Severity.HIGH, '`os.environ["API_KEY"]`'),
    _rule(5, "Connection string with password", Severity.CRITICAL, '`os.environ["DATABASE_URL"]`'),
    _rule(6, "Hardcoded bearer token", Severity.HIGH, '`f"Bearer {token}"`'),
    _rule(7, "Hardcoded password", Severity.HIGH, '`os.environ["DB_PASSWORD"]`'),
    _rule(8, "GitHub or GitLab token", Severity.CRITICAL, '`os.environ["GITHUB_TOKEN"]`'),
    _rule(9, "Stripe key", Severity.CRITICAL, '`os.environ["STRIPE_KEY"]`'),
    _rule(10, "Hardcoded JWT", Severity.HIGH, "a token signed when it is needed"),
    _rule(11, "Slack token", Severity.HIGH, '`os.environ["SLACK_TOKEN"]`'),
    _rule(12, "SendGrid key", Severity.CRITICAL, '`os.environ["SENDGRID_API_KEY"]`'),
)

_PLUGINS = {
    # plugin of detect-secrets, or class of `detectors.py`: code; the most specific first
    "PrivateKeyDetector": 3,
    "AWSKeyDetector": 1,
    "AwsSecret": 2,
    "RepositoryToken": 8,
    "StripeLiveKey": 9,
    "SlackToken": 11,
    "SendGridKey": 12,
    "ConnectionString": 5,
    "WebToken": 10,
    "BearerToken": 6,
}
_OURS = Path(excuses.__file__).with_name("detectors.py")
_STEMS: tuple[bytes, ...] = (
    b"akia", b"asia", b"private key", b"ghp_", b"gho_", b"ghu_", b"ghs_", b"ghr_", b"github_pat_", b"glpat-",
    b"k_live_",
    b"xox", b"hooks.slack", b"sg.", b"://", b"eyj", b"bearer", b"pass", b"pwd", b"secret", b"token", b"credential",
    b"key",
    b"putty-user", b"authorization",
)  # fmt: skip
"""What a line must hold, in lower case, for any detector to find something on it."""

_ACCESS_KEY = re.compile(r"(?:AKIA|ASIA)[A-Z0-9]{16}")
_INSIDE = re.compile(r"[A-Za-z0-9/+]")
_PEM = re.compile(r"-----BEGIN (?:[A-Z0-9]+ ){0,3}PRIVATE KEY(?: BLOCK)?-----|PuTTY-User-Key-File-\d")
_PEM_HEADER = re.compile(r"[A-Za-z][A-Za-z-]{2,30}: .{0,200}")
_BODY = re.compile(r"[A-Za-z0-9+/=]{16,}")
_URL_PASSWORD = re.compile(r"://[^\s:/@]*:(?P<password>[^\s@]*)@")
_RANDOM = re.compile(r"[A-Za-z0-9_\-+/=.~!@#$%^&*]{16,256}")


@dataclass(frozen=True)
class _Secret:
    """One secret in a file: the number of its code, its place and its value."""

    number: int
    line: int
    column: int
    value: str


@cache
def _detectors() -> tuple[tuple[int, Any], ...]:
    """Return code number and plugin, the most specific first; detect-secrets' own settings are left as they were."""
    from detect_secrets.core.plugins.util import (
        get_mapping_from_secret_type_to_class,
    )
    from detect_secrets.settings import get_plugins, transient_settings

    own = {"AWSKeyDetector", "PrivateKeyDetector"}
    used = [{"name": name} if name in own else {"name": name, "path": f"file://{_OURS}"} for name in _PLUGINS]
    get_mapping_from_secret_type_to_class.cache_clear()
    try:
        with transient_settings({"plugins_used": used, "filters_used": []}):
            plugins = {type(plugin).__name__: plugin for plugin in get_plugins()}
    finally:
        get_mapping_from_secret_type_to_class.cache_clear()
    return tuple((number, plugins[name]) for name, number in _PLUGINS.items())


def _candidates(file: SourceFile) -> list[int]:
    """Return the numbers of the lines that hold one of the stems that every detector needs."""
    blob = file.data if not file.data.startswith((b"\xff\xfe", b"\xfe\xff")) else file.text.encode()
    blob = blob.lower()
    starts: set[int] = set()
    for stem in _STEMS:
        at = blob.find(stem)
        while at >= 0:
            starts.add(at)
            end = blob.find(b"\n", at)
            at = blob.find(stem, end) if end >= 0 else -1
    if not starts:
        return []
    ends = [match.start() for match in re.finditer(rb"\n", blob)]
    return sorted({bisect_right(ends, at) + 1 for at in starts})


def _is_excused(number: int, value: str) -> bool:
    """Return whether a value of a specific form is none after all."""
    if number == 5:
        match = _URL_PASSWORD.search(value)
        password = match["password"] if match else ""
        return (
            not password
            or excuses.is_reference(password)
            or excuses.is_reference(value.rpartition("@")[0])
            or (excuses.is_placeholder(password) and password not in {"secret", "changeme", "example"})
        )
    if excuses.is_documented_example(value) or excuses.is_reference(value):
        return True
    if number == 6:
        return excuses.is_placeholder(value) or not re.search(r"\d", value) or excuses.is_field_name(value)
    tail = re.sub(r"^[A-Za-z]+[-_.]|^(?:AKIA|ASIA)", "", value)
    return number != 10 and (excuses.is_placeholder(tail) or len(set(tail)) <= 2)


def _is_key_block(file: SourceFile, number: int) -> bool:
    """Return whether a PEM header on a line begins a key, and is not only named there.

    A key has lines of base64 below its header, or behind it where line ends are written as escapes.
    """
    line = file.line(number)
    match = _PEM.search(line)
    if match is None:
        return False
    if _BODY.search(line[match.end() :].split("-----END", 1)[0].replace("\\n", " ")):
        return True
    for below in range(number + 1, number + 12):
        text = file.line(below).replace("\\n", " ").strip(" \t\r\"'`+,;|#*(")
        if _BODY.fullmatch(text):
            return True
        if text and not _PEM_HEADER.fullmatch(text):
            return False
    return False


def _is_real(file: SourceFile, number: int, code: int, value: str, start: int) -> bool:
    """Return whether what a detector found on a line is a secret of that code."""
    line = file.line(number)
    if code == 3:
        return _is_key_block(file, number)
    if code == 1:
        around = line[max(start - 1, 0) : start] + line[start + len(value) : start + len(value) + 1]
        if not _ACCESS_KEY.fullmatch(value) or _INSIDE.search(around):
            return False
    if _is_excused(code, value):
        return False
    return code not in {5, 6} or is_code_value(file, number, value)


def _specific(file: SourceFile, number: int) -> Iterator[_Secret]:
    """Yield the secrets on a line that have a form of their own, each once, under its most specific code."""
    line = file.line(number)
    taken: list[tuple[int, int]] = []
    for code, plugin in _detectors():
        for found in plugin.analyze_string(line):
            value = str(found)
            start = line.find(value)
            end = start + len(value)
            if any(start < stop and begin < end for begin, stop in taken) or not _is_real(
                file, number, code, value, start
            ):
                continue
            taken.append((start, end))
            yield _Secret(code, number, start + 1, value)


def _named(file: SourceFile, number: int) -> Iterator[_Secret]:
    """Yield the passwords and keys that a line binds to names that say so."""
    for bound in named_values(file, number):
        kind = secret_kind(bound.name)
        if kind == "password" and _is_password(file, bound):
            code = 7
        elif kind == "key" and _is_random(bound.value) and not _is_jwt_setting(file, bound.name):
            code = 4
        else:
            continue
        if is_code_value(file, number, bound.value):
            yield _Secret(code, number, bound.column, bound.value)


def _is_jwt_setting(file: SourceFile, name: str) -> bool:
    """Return whether SEC-005 is the code for that name."""
    return file.language == "python" and file.service_code and "jwt" in words(name)


def _is_nothing(value: str) -> bool:
    """Return whether a value is no secret whatever its name."""
    tests: tuple[Callable[[str], bool], ...] = (
        excuses.is_placeholder,
        excuses.is_reference,
        excuses.is_prose,
        excuses.is_field_name,
        excuses.is_bcrypt_or_digest,
        excuses.is_uuid,
        excuses.is_documented_example,
    )
    return any(test(value) for test in tests)


def _is_password(file: SourceFile, bound: NamedValue) -> bool:
    value = bound.value
    if len(value) < 3 or _is_nothing(value) or excuses.is_example_file(file.path):
        return False
    return not value.startswith(("/", "./", "http://", "https://", "(", "[")) and not re.search(r"[()<>]", value)


def _is_random(value: str) -> bool:
    if not _RANDOM.fullmatch(value) or value.startswith(("http", "/", "sk_test_", "pk_test_", "rk_test_")):
        return False
    return not _is_nothing(value) and not excuses.is_low_entropy(value)


def _secrets(file: SourceFile, tree: SourceTree) -> list[_Secret]:
    """Return the secrets of a file, found once for all codes."""
    key = f"secrets {file.path}"
    if key not in tree.facts:
        found: list[_Secret] = []
        quiet = file.language in {"docker", "compose"} or excuses.is_lock_file(file.path)
        for number in _candidates(file):
            here = list(_specific(file, number))
            spans = [(s.column, s.column + len(s.value)) for s in here]
            for secret in () if quiet else _named(file, number):
                end = secret.column + len(secret.value)
                if not any(secret.column < stop and begin < end for begin, stop in spans):
                    here.append(secret)
            found += here
        tree.facts[key] = found
    return tree.facts[key]  # type: ignore[return-value]  # the key holds nothing else


def _finder(number: int) -> Callable[[SourceFile, SourceTree], Iterator[Hit]]:
    def find(file: SourceFile, tree: SourceTree) -> Iterator[Hit]:
        """Find the secrets of one code in a file."""
        for secret in _secrets(file, tree):
            if secret.number == number:
                shown = "private key" if number == 3 else _shown(secret)
                yield Hit(file.path, secret.line, column=secret.column, evidence=shown)

    return find


def _shown(secret: _Secret) -> str:
    """Return the masked value; of a connection string only the scheme is shown."""
    return excuses.mask(secret.value) if secret.number != 5 else secret.value.partition("://")[0] + "://***"


SCANNER = RuleScanner(
    tuple(FileCheck(rule, lambda _: True, _finder(int(rule.id.rsplit("-", 1)[-1]))) for rule in RULES)
)
