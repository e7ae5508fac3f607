"""Passwords by their place among the arguments of calls that take user and password: `HTTPBasicAuth("a", "b")`."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from pytest_superteam.scanners.facts.secrets.values import STRING, NamedValue, text_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytest_superteam.scanners.facts.secrets.triggers import Passage

__all__ = ["positional_values"]

_CALLS: dict[str, int] = {
    "getConnection": 2, "HTTPBasicAuth": 1, "HTTPDigestAuth": 1, "BasicAuth": 1, "HttpBasicAuth": 1, "DigestAuth": 1,
    "UsernamePasswordCredentials": 1, "PasswordAuthentication": 1, "UsernamePasswordCredential": 1,
    "UsernamePasswordHandler": 1,
    "NetworkCredential": 1, "SqlCredential": 1, "basic_auth": 1, "basicAuth": 1, "setBasicAuth": 1,
    "SetBasicAuth": 1, "withBasicAuth": 1,
    "PlainAuth": 2, "login": 1, "Sequelize": 2, "mysqli": 2, "mysqli_connect": 2, "mysql_connect": 2, "PDO": 2,
    "ftp_login": 2,
    "ldap_bind": 2, "imap_open": 2, "MySQLdb.connect": 2, "pymysql.connect": 2, "FTP": 2, "create_superuser": 2,
    "create_user": 2,
}  # fmt: skip
"""Callee to the index of its password, from 0."""

_CALLEE = re.compile(r"(?<![\w$])(?:(?P<full>MySQLdb\.connect|pymysql\.connect)|(?P<name>[A-Za-z_]\w*))\(")
_TUPLE = re.compile(r"\bauth\s{0,4}[=:]\s{0,4}[(\[]")
_ARGUMENT = re.compile(
    rf"\s{{0,20}}(?:{STRING}(?:\.\w{{1,30}}\([^()]{{0,40}}\))?"
    rf"|(?P<other>[^,()\"'`\n]{{0,100}}(?:\([^()\n]{{0,100}}\))?[^,()\"'`\n]{{0,100}}))\s{{0,20}}"
    rf"(?P<end>[,)\]])"
)


def _arguments(text: str, at: int) -> Iterator[tuple[str, int]]:
    """Yield value and start of the arguments from `at`; those that are no strings with an empty value."""
    for _ in range(8):
        match = _ARGUMENT.match(text, at)
        if match is None:
            return
        yield ("", 0) if match["other"] is not None else text_of(match)
        if match["end"] != ",":
            return
        at = match.end()


def positional_values(passage: Passage) -> Iterator[NamedValue]:
    """Yield the literal passwords among the arguments of known calls."""
    text = passage.text
    places = [(match.end(), 1) for match in _TUPLE.finditer(text)] if "auth" in text else []
    if "(" in text:
        for match in _CALLEE.finditer(text):
            index = _CALLS.get(match["full"] or match["name"])
            if index is not None:
                places.append((match.end(), index))
    for at, index in places:
        arguments = list(_arguments(text, at))
        if len(arguments) > index and arguments[index][0]:
            value, start = arguments[index]
            yield NamedValue("password", value, passage.line, passage.start + start + 1, "positional")
