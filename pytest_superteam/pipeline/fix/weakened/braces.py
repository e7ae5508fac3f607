"""Source of languages with braces as nested statements: enough of their grammar to tell what was added to a file.

Comments and layout are left out, so that two texts with the same statements mean the same.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TypeAlias

__all__ = ["Group", "Statement", "Token", "is_read", "statements"]

_ENDINGS = re.compile(r"\.(?:[cm]?[jt]sx?|snap|go|java|kts?|scala|groovy|cs|rs|php|swift|dart|cpp|cc)$", re.IGNORECASE)
_TOKEN = re.compile(
    r"(?P<comment>//[^\n]*|/\*.*?(?:\*/|\Z))"
    r'|(?P<string>"""(?:[^\\]|\\.)*?(?:"""|\Z)|"(?:[^"\\\n]|\\.)*+(?:"|$)|`(?:[^`\\]|\\.)*+(?:`|\Z)'
    r"|'(?:[^'\\\n]|\\.)*+(?:'|$))"
    r"|(?P<word>[\w$]+)|(?P<newline>\n)|(?P<open>[(\[{])|(?P<close>[)\]}])|(?P<sign>=>|\S)",
    re.DOTALL | re.MULTILINE,
)
_LIFETIME = re.compile(r"'(?!(?:[^'\\\n]|\\[^\n]{1,10}?)')")
_REGEX = re.compile(r"/(?:[^/\\\n\[]|\\.|\[(?:[^\]\\\n]|\\.)*+\])++/[a-z]*")
_BEFORE_REGEX = frozenset("(,=:[!&|?{};+") | {"=>", "return", "typeof", "case"}
_GOES_ON = frozenset(".,+-*/=?:&|<>%^~!") | {"=>"}
_CONTINUES = frozenset({
    "else", "catch", "finally", "extends", "implements", "throws", "instanceof", "in", "of", "as", "where", "with",
})  # fmt: skip
_DEEPEST = 100


@dataclass(frozen=True)
class Token:
    """A word, a literal or a sign."""

    text: str
    line: int

    def __str__(self) -> str:
        """Return its text."""
        return self.text


@dataclass
class Group:
    """What stands between two brackets."""

    bracket: str
    line: int
    statements: list[Statement] = field(default_factory=list)

    def __str__(self) -> str:
        """Return its text on one line."""
        inner = " ; ".join(map(str, self.statements))
        return f"{self.bracket} {inner} )" if inner else f"{self.bracket} )"


Part: TypeAlias = Token | Group


@dataclass
class Statement:
    """What stands between two ends of a statement."""

    parts: list[Part] = field(default_factory=list)

    def __str__(self) -> str:
        """Return its text on one line, equal for equal statements."""
        return " ".join(map(str, self.parts))

    @property
    def line(self) -> int:
        """Return the line on which it begins."""
        return self.parts[0].line if self.parts else 0


def is_read(path: str) -> bool:
    """Return whether a file is of a language that is read here, by its name."""
    return _ENDINGS.search(path) is not None


def statements(text: str, *, lifetimes: bool = False) -> list[Statement]:
    """Return the statements of a source text, with those between brackets in them.

    Args:
        text: the source.
        lifetimes: whether an apostrophe may also name a lifetime, as in Rust.

    Raises:
        ValueError: its brackets do not fit, or are nested too deeply.
    """
    top = Group("", 1)
    open_groups = [top]
    statement = _begin(top)
    at, line, fresh = 0, 1, False
    last: Part | None = None
    while match := _next(text, at, last, lifetimes=lifetimes):
        at, token = match.end(), Token(match[0], line)
        kind = match.lastgroup or "regex"
        line += match[0].count("\n")
        if kind in {"comment", "newline"}:
            fresh = fresh or "\n" in match[0]
            continue
        if kind == "close":
            if len(open_groups) == 1 or "([{".index(open_groups[-1].bracket) != ")]}".index(token.text):
                raise ValueError("brackets do not fit")
            last = open_groups.pop()
            statement = open_groups[-1].statements[-1]
            fresh = False
            continue
        if fresh and statement.parts and _ends(statement, token, open_groups[-1]):
            statement = _begin(open_groups[-1])
        fresh = False
        if token.text == ";":
            statement, last = _begin(open_groups[-1]), token
            continue
        part: Part = Group(token.text, token.line) if kind == "open" else token
        statement.parts.append(part)
        last = part
        if isinstance(part, Group):
            if len(open_groups) > _DEEPEST:
                raise ValueError("nested too deeply")
            open_groups.append(part)
            statement, last = _begin(part), token
    if len(open_groups) > 1:
        raise ValueError("brackets do not fit")
    _tidy(top)
    return top.statements


def _next(text: str, at: int, last: Part | None, *, lifetimes: bool) -> re.Match[str] | None:
    """Return the next token; a slash after a sign begins a pattern of JavaScript, which may hold anything."""
    found = _TOKEN.search(text, at)
    if found and found[0][0] == "'" and lifetimes and (sign := _LIFETIME.match(text, found.start())):
        return sign
    if found and found[0] == "/" and (last is None or (isinstance(last, Token) and last.text in _BEFORE_REGEX)):
        return _REGEX.match(text, found.start()) or found
    return found


def _begin(group: Group) -> Statement:
    if not group.statements or group.statements[-1].parts:
        group.statements.append(Statement())
    return group.statements[-1]


def _ends(statement: Statement, token: Token, group: Group) -> bool:
    """Return whether a statement ended with its line, as far as that can be told without the grammar."""
    last = statement.parts[-1]
    if group.bracket in {"(", "["} or token.text in _CONTINUES or token.text[0] in ".,)]}?:&|=+-*/<>%^{":
        return False
    return isinstance(last, Group) or last.text not in _GOES_ON


def _tidy(group: Group) -> None:
    """Leave out statements without anything in them."""
    group.statements = [statement for statement in group.statements if statement.parts]
    for statement in group.statements:
        for part in statement.parts:
            if isinstance(part, Group):
                _tidy(part)
