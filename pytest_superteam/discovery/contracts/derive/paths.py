"""Paths as frameworks write them, as OpenAPI writes them: `/users/<int:id>`, `/users/:id` are `/users/{id}`."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

__all__ = ["Template", "templates"]

_INTEGER: dict[str, Any] = {"type": "integer"}
_KINDS: dict[str, dict[str, Any]] = {
    "int": _INTEGER,
    "integer": _INTEGER,
    "float": {"type": "number"},
    "uuid": {"type": "string", "format": "uuid"},
    "slug": {"type": "string", "pattern": "^[-a-zA-Z0-9_]+$"},
}
_WHOLE = frozenset({"path", "rest"})
_PARAMETER = re.compile(
    r"\{(?P<braces>\w{1,100}(?::[^{}]{0,100})?)\}"  # FastAPI, Falcon, and what a regular expression became
    r"|<(?P<angles>[^<>]{1,200})>"  # Flask, Django, Bottle
    r"|:(?P<colon>[A-Za-z_]\w{0,99})(?P<pattern>\([^()]{0,100}\)|\{[^{}]{0,100}\})?(?P<optional>\?)?"  # Express and kin
)
_DIGITS = frozenset({r"(\d+)", r"(\\d+)", "([0-9]+)", "{[0-9]+}", r"{\d+}", r"{\\d+}"})
_LITERAL = re.compile(r"[\w\-.~!$&'@%+,;= ]*\Z", re.ASCII)
_MOST_PARAMETERS = 20


@dataclass(frozen=True)
class Template:
    """A path of OpenAPI with its parameters: names with schemas, which are empty where nothing is known."""

    path: str
    parameters: dict[str, dict[str, Any]] = field(default_factory=dict)


def templates(path: str) -> tuple[tuple[Template, ...], str]:
    """Return what a declared path is in OpenAPI, an optional parameter at its end giving two; or why it is nothing.

    Args:
        path: As `Route.path` has it.
    """
    pieces: list[str] = []
    parameters: dict[str, dict[str, Any]] = {}
    shorter: Template | None = None
    end = 0
    for match in _PARAMETER.finditer(path):
        literal = path[end : match.start()]
        name, schema, whole = _parameter(match)
        if whole and _is_bare("".join([*pieces, literal])):
            return (), "a catch-all"
        if match["optional"] and match.end() == len(path):
            shorter = _template([*pieces, literal.rstrip("/")], parameters)
        name = _unused(name, parameters)
        parameters[name] = schema
        pieces += [literal, f"{{{name}}}"]
        end = match.end()
    pieces.append(path[end:])
    if not all(_LITERAL.match(piece.replace("/", "")) for piece in pieces[::2]) or len(parameters) > _MOST_PARAMETERS:
        return (), "a catch-all" if path.rstrip("/").endswith("*") else "a pattern"
    if "}{" in "".join(pieces):
        return (), "a pattern"
    full = _template(pieces, parameters)
    return ((shorter, full) if shorter is not None else (full,)), ""


def _template(pieces: list[str], parameters: dict[str, dict[str, Any]]) -> Template:
    return Template("".join(pieces).replace(" ", "%20") or "/", dict(parameters))


def _parameter(match: re.Match[str]) -> tuple[str, dict[str, Any], bool]:
    """Return name and schema of a parameter, and whether it takes whatever follows, slashes included."""
    if match["colon"]:
        digits = match["pattern"] in _DIGITS
        return match["colon"], dict(_INTEGER) if digits else {}, match["pattern"] in {"(.*)", "(*)", "{.*}", "{.+}"}
    if match["braces"]:
        name, _, kind = match["braces"].partition(":")
    else:
        kind, colon, name = match["angles"].rpartition(":")
        if colon and re.fullmatch(r"\w+", kind) and not re.fullmatch(r"\w+", name):
            kind, name = name, kind  # Bottle: <name:re:[a-z]+>
    kind = kind.partition("(")[0].strip()
    plain = re.sub(r"\W", "_", name.strip())[:100] or "value"
    return plain, dict(_KINDS.get(kind, {})), kind in _WHOLE


def _unused(name: str, taken: dict[str, Any]) -> str:
    number = 2
    unused = name
    while unused in taken:
        unused, number = f"{name}_{number}", number + 1
    return unused


def _is_bare(before: str) -> bool:
    """Return whether nothing but slashes and prefixes of an API stands before: the pages of a front end."""
    return not re.sub(r"api|v\d{1,3}|[/{}]", "", before)
