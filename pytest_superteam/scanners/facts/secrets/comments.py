"""What of a file is a comment or a docstring, found with one linear pass of a small lexer for each family of syntax."""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pytest_superteam.scanners.source import SourceFile

__all__ = ["CODE", "Prose", "family"]

_C = frozenset({
    "js", "jsx", "mjs", "cjs", "ts", "tsx", "mts", "cts", "go", "java", "c", "h", "cc", "cpp", "hpp", "cs", "kt",
    "kts", "swift", "scala", "rs", "groovy", "gradle", "dart", "less", "scss", "proto", "jsonc", "json5", "m", "mm",
    "sol", "php", "vue", "svelte",
})  # fmt: skip
_HASH = frozenset({
    "sh", "bash", "zsh", "ksh", "yaml", "yml", "toml", "rb", "pl", "pm", "r", "conf", "cfg", "properties", "ini",
    "env", "mk", "nix", "ps1", "psm1", "dockerfile", "tfvars", "ex", "exs", "cnf", "cr", "coffee", "gitconfig",
    "npmrc", "pypirc", "fish", "jl", "service",
})  # fmt: skip
_DASH = frozenset({
    "sql", "lua", "hs", "ada", "vhdl", "psql", "ddl",
})  # fmt: skip
_MARKUP = frozenset({
    "xml", "html", "htm", "xhtml", "svg", "xaml", "config", "csproj", "plist", "jsp", "jspx", "wsdl", "resx",
})  # fmt: skip
_FAMILIES = (
    dict.fromkeys(_C, "c") | dict.fromkeys(_HASH, "hash") | dict.fromkeys(_DASH, "dash")
    | dict.fromkeys(_MARKUP, "markup")
    | {"py": "python", "pyi": "python", "pyw": "python", "tf": "both", "hcl": "both", "bat": "bat", "cmd": "bat"}
)  # fmt: skip
_BY_NAME = {
    "makefile": "hash", "dockerfile": "hash", "containerfile": "hash", "jenkinsfile": "c", "vagrantfile": "hash",
    "gemfile": "hash", "rakefile": "hash",
    "pipfile": "hash",
}  # fmt: skip
CODE = frozenset({
    "py", "pyi", "pyw", "js", "jsx", "mjs", "cjs", "ts", "tsx", "mts", "cts", "go", "java", "c", "h", "cc", "cpp",
    "hpp", "cs", "kt", "kts", "swift", "scala", "rs", "groovy", "dart", "m", "mm", "sol", "php", "rb", "pl", "pm",
    "r", "ex", "exs", "lua", "vue", "svelte", "cr", "jl", "hs", "jenkinsfile", "vb", "fs", "clj", "erl",
})  # fmt: skip
"""Suffixes of languages in which a value without quotes is a variable."""

_QUOTED = r"\"(?:[^\"\\\n]|\\.)*+\"|'(?:[^'\\\n]|\\.)*+'"
_LEXERS = {
    "python": re.compile(r"(?P<t>\"\"\"(?:[^\"\\]|\\.|\"(?!\"\"))*+\"\"\"|'''(?:[^'\\]|\\.|'(?!''))*+''')|"
        + _QUOTED + r"|(?P<c>#[^\n]*)", re.DOTALL),
    "c": re.compile(_QUOTED + r"|`(?:[^`\\]|\\.)*+`|(?P<c>(?<!:)//[^\n]*|/\*(?:[^*]|\*(?!/))*+(?:\*/)?)", re.DOTALL),
    "hash": re.compile(_QUOTED + r"|(?P<c>(?:(?<=\s)|^)#[^\n]*|^[ \t]*[;!][^\n]*)", re.MULTILINE),
    "dash": re.compile(_QUOTED + r"|(?P<c>--[^\n]*|/\*(?:[^*]|\*(?!/))*+(?:\*/)?)", re.DOTALL),
    "markup": re.compile(r"(?P<c><!--(?:[^-]|-(?!->))*+)", re.DOTALL),
    "both": re.compile(_QUOTED + r"|(?P<c>#[^\n]*|//[^\n]*|/\*(?:[^*]|\*(?!/))*+(?:\*/)?)", re.DOTALL),
    "bat": re.compile(r"(?P<c>^\s*(?:rem\b|::)[^\n]*)", re.IGNORECASE | re.MULTILINE),
}  # fmt: skip
_MARKS = ("#", "//", "/*", "--", ";", "<!--", "REM ", "rem ", "%", "'''", '"""')
_OPEN = ("(", ",", "=", "[", "{", "+", "\\", ":=", "return", "%", "|")


def family(path: str) -> str:
    """Return the family of syntaxes that a file belongs to by its name; empty for an unknown one."""
    name = path.rsplit("/", 1)[-1].lower()
    stem, _, suffix = name.rpartition(".")
    if name.startswith(".env") or stem == ".env":
        return "hash"
    if name in _BY_NAME or stem in _BY_NAME:
        return _BY_NAME.get(name) or _BY_NAME[stem]
    if suffix in {"example", "sample", "template", "dist", "tmpl", "tpl", "j2", "erb", "bak", "orig"} and "." in stem:
        return family(stem)
    return _FAMILIES.get(suffix, "")


@dataclass(frozen=True)
class Prose:
    """The comments and docstrings of a file: text about the code, not part of it."""

    file: SourceFile

    @cached_property
    def _lines(self) -> list[int]:
        starts = [0]
        starts.extend(match.end() for match in re.finditer(r"\n", self.file.text))
        return starts

    @cached_property
    def _spans(self) -> list[tuple[int, int, bool]]:
        """Return start, end and whether it is a docstring, of every comment and docstring."""
        text = self.file.text
        lexer = _LEXERS.get(family(self.file.path))
        if lexer is None:
            return []
        spans: list[tuple[int, int, bool]] = []
        for match in lexer.finditer(text):
            kind = match.lastgroup
            if kind == "c" or (kind == "t" and self._stands_alone(match.start())):
                spans.append((match.start(), match.end(), kind == "t"))
        return spans

    def _stands_alone(self, start: int) -> bool:
        """Return whether the triple-quoted string at `start` is a statement of its own: a docstring."""
        text = self.file.text
        line = text.rfind("\n", 0, start) + 1
        if text[line:start].strip(" \trRuUfFbB"):
            return False
        before = text[max(0, line - 400) : line].rstrip()
        last = before.rpartition("\n")[2].partition("  #")[0].rstrip()
        return not last.endswith(_OPEN)

    def holds(self, line: int, column: int) -> bool:
        """Return whether the character at `line` and `column` (both from 1) stands in a comment or a docstring."""
        if not _LEXERS.get(family(self.file.path)):
            text = self.file.line(line)[:200].lstrip()
            return text.startswith(_MARKS) or re.match(r"\*\s+[A-Za-z@<]", text) is not None
        if not 0 < line <= len(self._lines):
            return False
        at = self._lines[line - 1] + column - 1
        index = bisect_right(self._spans, (at, len(self.file.text), True)) - 1
        return index >= 0 and self._spans[index][0] <= at < self._spans[index][1]
