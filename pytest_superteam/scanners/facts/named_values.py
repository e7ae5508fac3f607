"""Literal values bound to names, in code and in configuration: `name = "value"`, `"name": "value"`, `NAME=value`."""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytest_superteam.scanners.source import SourceFile

__all__ = ["NamedValue", "is_code_value", "named_values"]

_QUOTED = re.compile(
    r"""(?<![\w.\-])(?P<name>[A-Za-z_][\w.\-]{0,80})["'\]]{0,3}"""
    r"""(?:\s{0,4}:\s{0,4}[A-Za-z_][\w.\[\] |]{0,40}(?=\s{0,4}=))?"""
    r"""\s{0,20}(?:=>|:=|=|:)\s{0,8}(?:[\w.]{0,40}(?:SecretStr|Secret|str|bytes|String)\(\s{0,4})?[rbuRBU]{0,2}(?P<quote>["'`])(?P<value>[^"'`]{1,300})(?P=quote)"""
)
_DEFAULT = re.compile(
    r"""(?:getenv|environ\.get|env|config|get)\(\s{0,4}["'](?P<name>[\w.\-]{1,80})["']\s{0,4},\s{0,4}(?:default\s{0,2}=\s{0,2})?(?P<quote>["'`])(?P<value>[^"'`]{1,300})(?P=quote)"""
)
_FALLBACK = re.compile(
    r"""process\.env\.(?P<name>\w{1,80})\s{0,4}(?:\|\||\?\?)\s{0,4}(?P<quote>["'`])(?P<value>[^"'`]{1,300})(?P=quote)"""
)
_BARE = re.compile(
    r"""^\s{0,40}(?:export\s+|set\s+|-\s+|-D)?["']?(?P<name>[A-Za-z_][\w.\-]{0,80})["']?\s{0,20}[=:]\s{0,8}(?P<value>[^\s"'`#;{\[][^\s"'`]{0,300})\s{0,20}(?:[#;].*)?$"""
)
_TAG = re.compile(r"<(?P<name>[A-Za-z][\w.\-]{0,80})>(?P<value>[^<>\s]{1,300})</(?P=name)>")
_BARE_SUFFIXES = (
    ".env",
    ".properties",
    ".ini",
    ".cfg",
    ".conf",
    ".yaml",
    ".yml",
    ".tfvars",
    ".sh",
    ".bash",
    ".zsh",
    ".pgpass",
)
_COMMENTS = ("#", "//", "*", "/*", "--", ";", "<!--", "REM ")


@dataclass(frozen=True)
class NamedValue:
    """One value as it is bound on a line; `column` is that of the value, from 1."""

    name: str
    value: str
    column: int


def _is_configuration(path: str) -> bool:
    name = path.rsplit("/", 1)[-1].lower()
    return name.endswith(_BARE_SUFFIXES) or name.startswith(".env")


def named_values(file: SourceFile, number: int) -> Iterator[NamedValue]:
    """Yield the literals that line `number` binds to names, those in comments left out."""
    line = file.line(number)
    if line.lstrip().startswith(_COMMENTS):
        return
    patterns = [_QUOTED, _DEFAULT, _FALLBACK, _TAG]
    if _is_configuration(file.path):
        patterns.append(_BARE)
    seen: set[int] = set()
    for pattern in patterns:
        for match in pattern.finditer(line):
            if match.start("value") not in seen:
                seen.add(match.start("value"))
                yield NamedValue(match["name"], match["value"], match.start("value") + 1)


def is_code_value(file: SourceFile, number: int, value: str) -> bool:
    """Return whether a value on a line of Python is a string of the code, not one of a docstring or a comment."""
    module = file.python
    if module is None:
        return True
    alone = module.docstrings()
    return any(
        isinstance(node.value, (str, bytes))
        and node.lineno <= number <= (node.end_lineno or node.lineno)
        and node not in alone
        and value[:20] in file.line(number)
        for node in module.of(ast.Constant)
    )
