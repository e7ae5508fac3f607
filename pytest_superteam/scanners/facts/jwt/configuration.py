"""Names and values of settings files that are no code: `.env`, YAML, JSON, TOML, properties; nesting by indentation."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from pytest_superteam.scanners.facts.jwt.kept import kept

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytest_superteam.scanners.source import SourceFile

__all__ = ["configured_values", "is_configuration"]

_SUFFIXES = (".yml", ".yaml", ".json", ".properties", ".ini", ".cfg", ".conf", ".toml", ".env")
_LINE = re.compile(
    r"""^(?P<indent>[ \t]{0,60})(?P<item>-[ \t]{1,8})?(?:export[ \t]{1,8})?["']?(?P<name>[A-Za-z_][\w.\-]{0,80})["']?"""
    r"""[ \t]{0,20}[:=][ \t]{0,20}(?P<value>.{0,400})$"""
)
_SECTION = re.compile(r"^[ \t]{0,8}\[{1,2}(?P<name>[\w.\- \"]{1,80})\]{1,2}[ \t]{0,8}$")
_PAIR = re.compile(r'"(?P<name>[\w.\-]{1,80})"[ \t]{0,8}:[ \t]{0,8}"(?P<value>[^"\\]{1,300})"')
_DEFAULT = re.compile(r"\$\{[\w.\-]{1,80}:-?([^{}]{0,200})\}")
_COMMENT = re.compile(r"[ \t]+#.*$")
_LONGEST = 600
"""Characters of a line that is read."""


def is_configuration(file: SourceFile) -> bool:
    """Return whether the file is one of settings, outside Docker's, that speaks of JWT."""
    name = file.path.rsplit("/", 1)[-1].lower()
    return (
        file.language == "text"
        and file.service_code
        and not file.path.startswith((".github/", ".circleci/", ".travis", ".gitlab-ci", "azure-pipelines"))
        and (name.startswith(".env") or name.endswith(_SUFFIXES))
        and kept(file, "spoken of", lambda: any(word in file.data for word in (b"jwt", b"JWT", b"Jwt")))
    )


def configured_values(file: SourceFile) -> Iterator[tuple[str, str, int, int]]:
    """Yield the dotted name, the value, the line and the column of what a settings file sets."""
    json = file.path.lower().endswith(".json")
    around: list[tuple[int, str]] = []
    section, named = "", ""
    for number, line in enumerate(file.lines, 1):
        if len(line) > _LONGEST or line.lstrip().startswith(("#", "//", ";", "!")):
            continue
        if match := _SECTION.match(line):
            section = match["name"].strip(' "')
            continue
        match = _LINE.match(line)
        if match is None:
            if json:
                yield from ((m["name"], m["value"], number, m.start("value") + 1) for m in _PAIR.finditer(line))
            continue
        indent, value = len(match["indent"]) + len(match["item"] or ""), _value(match["value"])
        while around and around[-1][0] >= indent:
            around.pop()
        path = ".".join([*([section] if section else []), *(name for _, name in around), match["name"]])
        if value in {"", "{", "["}:
            around.append((indent, match["name"]))
        elif match["name"] == "name":
            named = value  # - name: JWT_SECRET, and its value on the next line
            continue
        elif match["name"] == "value" and named:
            yield named, value, number, match.start("value") + 1
        else:
            yield path, value, number, match.start("value") + 1
        named = ""


def _value(text: str) -> str:
    text = text.strip().removesuffix(",").rstrip()
    if text[:1] in {'"', "'"} and text.find(text[0], 1) > 0:
        text = text[1 : text.find(text[0], 1)]
    text = _COMMENT.sub("", text)
    default = _DEFAULT.fullmatch(text)
    return default[1] if default else text
