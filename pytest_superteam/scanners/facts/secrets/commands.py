"""Passwords on command lines: options that no name of a secret leads up to, as `mysql -psecret` and `curl -u a:b`."""

from __future__ import annotations

import base64
import re
from typing import TYPE_CHECKING

from pytest_superteam.scanners.facts.secrets.values import NamedValue

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytest_superteam.scanners.facts.secrets.triggers import Passage
    from pytest_superteam.scanners.source import SourceFile

__all__ = ["basic_password", "command_values"]

_PLAIN = r"\\?[\"']?(?P<value>[^\s\"'`;|&<>\\,)\]]{3,200})"
_SEPARATOR = r"(?:[ \t]+|\\?[\"'],\s{0,2}\\?[\"'])"
_COMMANDS = tuple(
    (word, re.compile(pattern))
    for word, pattern in (
        ("mysql", r"\bmysql(?:dump|admin|import|check|show|_upgrade)?\b[^\n|;]{0,200}?[\s\"']-p" + _PLAIN),
        ("mongo", r"\bmongo(?:sh|dump|restore|export|import|stat|top)?\b[^\n|;]{0,200}?\s-p" + _SEPARATOR + _PLAIN),
        ("sshpass", r"\bsshpass" + _SEPARATOR + r"-p\s{0,2}" + _PLAIN),
        ("redis-cli", r"\bredis-cli\b[^\n|;]{0,200}?[\s\"']-a" + _SEPARATOR + _PLAIN),
        ("ldap", r"\bldap(?:search|add|modify|delete|passwd|whoami)\b[^\n|;]{0,300}?[\s\"']-w" + _SEPARATOR + _PLAIN),
        ("login",
            r"\b(?:docker|podman|helm registry|oc|az|cf|nerdctl|skopeo|buildah)"
            r"\s+login\b[^\n|;]{0,200}?\s-p\s{0,2}" + _PLAIN),
        ("sqlcmd", r"\b(?:sqlcmd|bcp|osql)\b[^\n|;]{0,200}?\s-P\s{0,2}" + _PLAIN),
        ("pass", r"-(?:storepass|keypass|srcstorepass|deststorepass|passin|passout|pass|k)"
            + _SEPARATOR + r"(?:pass:)?" + _PLAIN),
        ("rabbitmqctl", r"\brabbitmqctl\s+(?:add_user|change_password)\s+\S+\s+" + _PLAIN),
        ("chpasswd", r"\becho [\"']?[\w.\-]{1,40}:(?P<value>[^\s\"'|:]{3,100})[\"']?\s*\|\s*(?:sudo )?chpasswd"),
        ("ConvertTo-S", r"ConvertTo-SecureString\s+(?:-String\s+)?[\"'](?P<value>[^\"'$\n]{3,200})[\"'].{0,80}-As"),
        ("sudo -S", r"\b(?:echo|printf)\s+(?:-\w\s+)?[\"']?(?P<value>[^\s\"'|]{3,100})[\"']?\s*\|\s*sudo\s+-S"),
        ("PGPASS", r"\bPGPASSWORD=" + _PLAIN),
        ("net use", r"\bnet\s+(?:use|user)\s+\S+\s+(?:/user:\S+\s+)?(?P<value>[^\s/\"']{3,100})"),
    )
)  # fmt: skip
_CURL_USER = re.compile(
    r"(?<![\w\-])(?:-u|--user|--proxy-user"
    r"|-U)[ =\t]{0,3}(?:\\?[\"'],\s{0,2})?\\?[\"']?(?P<user>[\w.@+\-%]{1,80}):(?P<value>[^\s\"'`;"
    r"|&<>\\]{1,200})"
)
_BASIC = re.compile(r"\bBasic\s{1,3}(?P<value>[A-Za-z0-9+/]{8,400}={0,2})(?![A-Za-z0-9+/=])")
_AUTH = re.compile(r"[\"'](?:auth|_auth)[\"']\s{0,4}:\s{0,4}[\"'](?P<value>[A-Za-z0-9+/]{8,400}={0,2})[\"']")
_HTTP = re.compile(r"\b(?:curl|http|https|wget|xh)\b")


def basic_password(value: str) -> str:
    """Return the password in the credentials of HTTP basic authentication, empty where `value` is none."""
    try:
        text = base64.b64decode(value + "=" * (-len(value) % 4)).decode("ascii")
    except ValueError:
        return ""
    user, _, password = text.partition(":")
    return password if user and password and text.isprintable() else ""


def command_values(file: SourceFile, passage: Passage, _: object) -> Iterator[NamedValue]:
    """Yield the passwords that commands on a passage are given."""
    text = passage.text
    for word, pattern in _COMMANDS:
        if word in text:
            for match in pattern.finditer(text):
                yield _found(passage, match, "password", "flag")
    if "-u" in text or "--user" in text or "-user" in text or "-U" in text:
        yield from _curl(file, passage)
    if "Basic " in text or 'auth"' in text or "auth'" in text:
        for pattern in (_BASIC, _AUTH):
            for match in pattern.finditer(text):
                if basic_password(match["value"]):
                    yield _found(passage, match, "basic password", "flag")


def _curl(file: SourceFile, passage: Passage) -> Iterator[NamedValue]:
    """Yield the password of `curl -u user:password`, also where the command began some lines above."""
    for match in _CURL_USER.finditer(passage.text):
        above = [file.line(number) for number in range(max(1, passage.line - 6), passage.line)] if passage.whole else []
        if _HTTP.search(passage.text[: match.start()]) or any(
            "curl" in line and line.rstrip().endswith("\\") for line in above
        ):
            yield _found(passage, match, "password", "flag")


def _found(passage: Passage, match: re.Match[str], name: str, how: str) -> NamedValue:
    return NamedValue(name, match["value"], passage.line, passage.start + match.start("value") + 1, how)
