r"""Literal values bound to names, in code and configuration: `name = "value"`, `"name": "value"`, `NAME=value`.

One line is read at a time, with patterns for what languages have in common, so that a fragment in any of them, even one
that no parser takes, is read like a whole file. A value over the line's end is looked for on the next lines.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pytest_superteam.scanners.facts.names import bound_kind, words
from pytest_superteam.scanners.facts.secrets import patterns
from pytest_superteam.scanners.facts.secrets.commands import command_values
from pytest_superteam.scanners.facts.secrets.comments import CODE, family
from pytest_superteam.scanners.facts.secrets.places import is_document
from pytest_superteam.scanners.facts.secrets.positional import positional_values
from pytest_superteam.scanners.facts.secrets.values import NamedValue, text_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytest_superteam.scanners.facts.secrets.triggers import Passage
    from pytest_superteam.scanners.source import SourceFile

__all__ = ["NamedValue", "Syntax", "named_values", "syntax_of"]

_CONFIGURATION = frozenset({
    "env", "properties", "ini", "cfg", "conf", "cnf", "yaml", "yml", "tfvars", "sh", "bash", "zsh", "ksh", "toml",
    "mk", "npmrc",
    "pypirc", "netrc", "s3cfg", "boto", "service", "bat", "cmd", "ps1", "psm1", "credentials", "config", "gitconfig",
    "htpasswd", "prefs",
    "fish", "envrc", "cr", "curlrc", "my.cnf", "credential", "secrets", "secret", "auto", "cf", "sls", "j2", "erb",
    "inc", "tpl", "tmpl", "plist", "desktop", "reg", "rdp", "ovpn",
})  # fmt: skip
_SPACED_FILES = frozenset(
    {"conf", "cnf", "cfg", "netrc", "authinfo", "config", "curlrc", "ovpn", "pgpass", "prefs", "credentials", "ini"}
)
_SHELL = frozenset(
    {
        "sh",
        "bash",
        "zsh",
        "ksh",
        "yaml",
        "yml",
        "mk",
        "dockerfile",
        "bat",
        "cmd",
        "ps1",
        "fish",
        "md",
        "rst",
        "txt",
        "service",
        "env",
        "adoc",
        "groovy",
        "jenkinsfile",
    }
)

_SUITE = re.compile(r"\s{0,60}(?:class|if|elif|else|for|while|try|with|case)\b")
_FLAG_NAME = re.compile(r"\b(?:String|StringP|StringVar)\(\s{0,4}[\"`]$")
_NEXT_ENTRY = re.compile(r"\s*(?:-|[\"']?(?:name|key|valueFrom|value)\b)")


@dataclass(frozen=True)
class Syntax:
    """How values are written in a file."""

    code: bool
    """Whether a value without quotes is a variable."""
    bare: bool
    """Whether lines of `name = value` and `name: value` without quotes bind values."""
    shell: bool
    """Whether commands stand in it."""
    suffix: str


def syntax_of(path: str) -> Syntax:
    """Return how values are written in the file at `path`, by its name."""
    name = path.rsplit("/", 1)[-1].lower()
    for extra in (
        ".example",
        ".sample",
        ".template",
        ".dist",
        ".bak",
        ".orig",
        ".tmpl",
        ".tpl",
        ".j2",
        ".erb",
        ".local",
        ".old",
    ):
        name = name.removesuffix(extra)
    stem, dot, suffix = name.rpartition(".")
    if name.startswith(".env") or stem == ".env":
        suffix = "env"
    elif not dot:
        suffix = name
    kind = family(path)
    bare = suffix in _CONFIGURATION or (kind not in {"markup", "dash"} and not is_document(path))
    code = suffix in CODE or kind == "both" or suffix in {"json", "jsonc", "json5", "sql", "gradle"}
    return Syntax(
        code,
        bare and not code,
        suffix in _SHELL
        or name in {"makefile", "dockerfile", "jenkinsfile", "procfile", "crontab"}
        or name.startswith("dockerfile")
        or not dot,
        suffix,
    )


def named_values(file: SourceFile, passage: Passage, syntax: Syntax) -> Iterator[NamedValue]:
    """Yield the literals that a passage binds to names, each place once, what is clearest first."""
    seen: list[tuple[int, int, int]] = []
    for value in _all(file, passage, syntax):
        if value.how != "sql" and value.name != "basic password" and bound_kind(value.name) is None:
            continue
        place = (value.line, value.column, value.column + len(value.value))
        if not any(line == place[0] and start < place[2] and place[1] < end for line, start, end in seen):
            seen.append(place)
            yield value


def _all(file: SourceFile, passage: Passage, syntax: Syntax) -> Iterator[NamedValue]:
    text = passage.text
    quoted = '"' in text or "'" in text or "`" in text
    if quoted:
        yield from _quoted(passage)
    yield from command_values(file, passage, syntax)
    if quoted:
        yield from positional_values(passage)
    if "{" in text:
        yield from _matches(patterns.EXPANDED, passage, "default")
    if "<" in text or "=" in text or ":" in text:
        yield from _markup(passage)
    yield from _unquoted(passage, syntax)
    if passage.whole:
        yield from _over_lines(file, passage, syntax)


def _matches(pattern: re.Pattern[str], passage: Passage, how: str) -> Iterator[NamedValue]:
    for match in pattern.finditer(passage.text):
        value, start = text_of(match)
        if value:
            yield NamedValue(match["name"], value, passage.line, passage.start + start + 1, how)


def _quoted(passage: Passage) -> Iterator[NamedValue]:
    """Yield the strings that are bound by an operator, a call or a default."""
    text = passage.text
    for found in _assigned(passage):
        before = text[max(0, found.column - passage.start - 8) : found.column - passage.start]
        compared = "==" in before or "!=" in before or "eq " in before
        yield NamedValue(found.name, found.value, found.line, found.column, "compare" if compared else "assign")
    yield from _matches(patterns.FALLBACK, passage, "default")
    if "==" in text or "!=" in text or "<>" in text:
        yield from _matches(patterns.REVERSED, passage, "compare")
    if "quals" in text or ".eq" in text or ".is(" in text or "ompare" in text:
        yield from _matches(patterns.EQUALS, passage, "compare")
        yield from _matches(patterns.YODA, passage, "compare")
    if "," in text:
        yield from _matches(patterns.SECTIONED, passage, "assign")
        yield from _matches(patterns.PAIRED, passage, "default")
        yield from _matches(patterns.TUPLE, passage, "tuple")
    if "efault" in text or "fallback" in text or "initial" in text:
        yield from _defaults(passage)
    yield from _matches(patterns.FIRST, passage, "default")
    for found in _matches(patterns.SETTER, passage, "call"):
        yield from _setter(found, text)
    if patterns.STATEMENT.search(text):
        yield from _matches(patterns.SQL, passage, "sql")
    if "buildConfigField" in text or "resValue" in text:
        yield from _matches(patterns.BUILD_FIELD, passage, "assign")
    if passage.whole:
        yield from _matches(patterns.SPACE, passage, "assign")


def _defaults(passage: Passage) -> Iterator[NamedValue]:
    """Yield the defaults of options and fields: `add_argument("--password", default="x")`."""
    for match in patterns.DEFAULT.finditer(passage.text):
        value, start = text_of(match)
        holders = [
            h["quoted"] or h["bound"]
            for h in patterns.HOLDER.finditer(passage.text, max(0, match.start() - 250), match.start())
        ]
        name = next((name for name in reversed(holders) if bound_kind(name)), None)
        if name and value:
            yield NamedValue(name, value, passage.line, passage.start + start + 1, "default")


def _assigned(passage: Passage) -> Iterator[NamedValue]:
    """Yield what operators bind, also inside of strings that are bound to some other name."""
    text, at = passage.text, 0
    while match := patterns.ASSIGNED.search(text, at):
        value, start = text_of(match)
        suite = _SUITE.match(text) is not None  # `class Settings: api_key = "x"` binds no type
        at = match.end() if bound_kind(match["name"]) else match.end("name") if suite else start
        ternary = "?" in text[max(0, match.start() - 4) : match.start()]
        union = re.match(r"\s*\|(?!\|)", text[match.end() :]) is not None  # 'a' | 'b' is a type
        several = re.match(r"\s*,\s*\)", text[match.end() :]) is not None  # ("a",) is a collection
        called = _FLAG_NAME.search(text[max(0, start - 20) : start]) is not None
        flag = called and text[match.end() :].lstrip()[:1] == ","  # flag.String("password", "", "what it is")
        if value and not ternary and not union and not several and not flag:
            yield NamedValue(match["name"], value, passage.line, passage.start + start + 1, "assign")


def _setter(found: NamedValue, text: str) -> Iterator[NamedValue]:
    """Yield what `setPassword("x")` or `.password("x")` is given."""
    parts = words(found.name)
    verb = parts[0] in patterns.VERBS and len(parts) > 1
    rest = "_".join(parts[1:]) if verb else "_".join(parts)
    method = re.search(rf"[.>]{re.escape(found.name)}\(", text) is not None
    noun = method and (
        len(parts) == 1 or (len(parts) == 2 and (parts[0] in patterns.OWNERS or bound_kind(parts[0]) is not None))
    )
    if bound_kind(rest) and (verb or noun):
        yield NamedValue(rest, found.value, found.line, found.column, "call")


def _markup(passage: Passage) -> Iterator[NamedValue]:
    """Yield the contents of elements, and values beside names: `name: X, value: Y`."""
    text = passage.text
    if "<" in text:
        yield from _matches(patterns.TAG, passage, "tag")
        yield from _matches(patterns.ENTRY, passage, "tag")
    if "alue" in text or "efault" in text or "VALUE" in text:
        yield from _matches(patterns.KEYED, passage, "pair")


def _unquoted(passage: Passage, syntax: Syntax) -> Iterator[NamedValue]:
    """Yield values without quotes: of settings, of shell variables and options, and inside strings."""
    text = passage.text
    if syntax.bare and passage.whole:
        yield from _matches(patterns.BARE, passage, "bare")
        yield from _matches(patterns.FLOW, passage, "bare")
        if syntax.suffix in _SPACED_FILES:
            yield from _matches(patterns.SPACED, passage, "bare")
    if syntax.shell or syntax.bare:
        yield from _matches(patterns.VARIABLE, passage, "bare")
    if "-" in text:
        for found in _matches(patterns.FLAG, passage, "flag"):
            if not syntax.code or _inside_quotes(text, found.column - passage.start - 1):
                yield found
    if ":" in text:
        yield from _matches(patterns.HEADER, passage, "inner")
    yield from _inner(passage, syntax)


def _inner(passage: Passage, syntax: Syntax) -> Iterator[NamedValue]:
    """Yield what `name=value` pairs inside of strings and URLs bind."""
    text = passage.text
    if ("=" in text or "%3D" in text) and ('"' in text or "'" in text or "`" in text or "://" in text):
        how = "dsn" if patterns.DSN.search(text) and not re.search(r"https?://|[?&]", text) else "inner"
        for found in _matches(patterns.INNER, passage, how):
            if _inside_quotes(text, found.column - passage.start - 1) or (
                not syntax.code and "://" in text[: found.column]
            ):
                yield found


def _inside_quotes(text: str, at: int) -> bool:
    """Return whether the character at `at` stands inside a string that begins on the line."""
    quote, index = "", 0
    while index < at:
        char = text[index]
        if char == "\\":
            index += 1
        elif quote:
            quote = "" if char == quote else quote
        elif char in "\"'`" and not (char == "'" and index and text[index - 1].isalnum()):
            quote = char
        index += 1
    return bool(quote)


def _over_lines(file: SourceFile, passage: Passage, syntax: Syntax) -> Iterator[NamedValue]:
    """Yield the values of names that end their line, and those of blocks that a name heads."""
    text = passage.text.rstrip()
    number = passage.line
    if match := patterns.NAMED_ABOVE.match(text):
        yield from _below(file, number, match["name"], patterns.VALUE_BELOW, 3, "pair")
    elif match := patterns.PROPERTY_ABOVE.search(text):
        yield from _below(file, number, match["name"], patterns.PROPERTY_BELOW, 1, "tag")
    elif match := patterns.VARIABLE_BLOCK.match(text):
        yield from _below(file, number, match["name"], patterns.DEFAULT_BELOW, 8, "default", stop="}")
    elif (match := patterns.BLOCK_END.match(text)) or (
        (match := patterns.OPEN_TAG.search(text)) and file.line(number + 2).lstrip().startswith("</")
    ):
        below = file.line(number + 1).strip()
        if below and " " not in below:
            yield NamedValue(match["name"], below, number + 1, file.line(number + 1).index(below) + 1, "bare")
    else:
        if match := patterns.OPEN_END.search(text):
            yield from _below(file, number, match["name"], patterns.STRING_BELOW, 1, "assign")
        if syntax.suffix in {"yaml", "yml", "json", "template"} and (match := patterns.PARAMETER_BLOCK.match(text)):
            yield from _below(file, number, match["name"], patterns.DEFAULT_BELOW, 6, "default", key="Default")


def _below(
    file: SourceFile,
    number: int,
    name: str,
    pattern: re.Pattern[str],
    lines: int,
    how: str,
    *,
    stop: str = "",
    key: str = "",
) -> Iterator[NamedValue]:
    """Yield the first value that `pattern` finds on the lines below `number`."""
    for below in range(number + 1, number + lines + 1):
        line = file.line(below)
        if len(line) > 2000 or (stop and line.strip() == stop):
            return
        match = pattern.match(line)
        if not match and pattern is patterns.VALUE_BELOW and _NEXT_ENTRY.match(line):
            return
        if match and (not key or match["key"] == key):
            value, start = text_of(match)
            if value:
                yield NamedValue(name, value, below, start + 1, how)
            return
