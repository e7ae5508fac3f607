"""Tests in languages other than Python that a fix changed: all that was there has to stay, in its order."""

from __future__ import annotations

import re
from itertools import pairwise
from typing import TYPE_CHECKING

from pytest_superteam.pipeline.fix.weakened.braces import Group, Statement, Token, is_read, statements
from pytest_superteam.pipeline.fix.weakened.found import ELSEWHERE, KEEP_TESTS

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

__all__ = ["added_other", "changed_other"]

Found = tuple[int, str]

_MOST = 400_000
"""Characters of a file of tests that is compared by its statements."""
_HOLDERS = frozenset({
    "describe", "context", "suite", "class", "mod", "impl", "object", "namespace", "interface", "enum", "extension",
})  # fmt: skip
"""Words of a statement in whose braces tests stand."""
_TESTS = frozenset({"it", "test", "describe", "context", "suite", "specify"})
_BEGINS = frozenset({
    "import", "use", "using", "func", "fn", "fun", "type", "public", "private", "protected", "internal", "void",
    "static", "async", "final", "override", "const", "let", "var", "val", "function", "class", "struct", "suspend",
})  # fmt: skip
_MARKS = frozenset({
    "Test", "ParameterizedTest", "RepeatedTest", "DisplayName", "ValueSource", "CsvSource", "MethodSource", "Tag",
    "EnumSource", "NullSource", "Fact", "Theory", "InlineData", "MemberData", "test", "TestMethod", "TestCase",
})  # fmt: skip
_ALONE = re.compile(r"\b(?:(?:it|test|describe|context|suite|specify)(?: \. \w{1,20}){0,2} \. only|f(?:it|describe))\b")
_ACTING = re.compile(
    r"\b(?:process \. exit|os \. Exit|System \. exit|(?:jest|vi) \. (?:mock|doMock|setMock)|mock \. module"
    r"|TestMain|init \( \)|std :: process|std : : process|exit \( )"
)
_TAKEN = re.compile(r"(?i)(?:set_?up|tear_?down|before|after)\w{0,20}$|__\w{1,40}$")
_SKIPS = re.compile(
    r"(?i)\b(?:skip\w{0,12}|x(?:it|describe|test|context|specify)|todo|pending|disabled\w{0,4}|ignored?|only|fit|fdescribe)\b"
)


def changed_other(path: str, old: str, new: str) -> Iterator[Found]:
    """Yield what a changed file of tests, or of what belongs to them, does to the tests that were there."""
    if not is_read(path):
        if _lines(old) != _lines(new):
            yield 0, f"What belongs to the tests was changed. {KEEP_TESTS} {ELSEWHERE}"
        return
    lifetimes = path.endswith(".rs")
    try:
        before = statements(_small(old), lifetimes=lifetimes)
    except ValueError:
        yield 0, f"This file of tests was changed, and it can't be told how. {KEEP_TESTS} {ELSEWHERE}"
        return
    try:
        after = statements(_small(new), lifetimes=lifetimes)
    except ValueError:
        yield 0, f"This file of tests can't be read any more: it is too large, or its brackets do not fit. {KEEP_TESTS}"
        return
    yield from _compared(before, after, set(_words(before)), holder=True)


def added_other(path: str, text: str) -> Iterator[Found]:
    """Yield what a new file of tests does to other tests."""
    if not is_read(path):
        return
    try:
        found = statements(_small(text), lifetimes=path.endswith(".rs"))
    except ValueError:
        return
    for statement in found:
        if "TestMain" in str(statement).split()[:4]:
            yield statement.line, f"`TestMain` decides what other tests run. {ELSEWHERE}"


def _small(text: str) -> str:
    """Return `text`.

    Raises:
        ValueError: it is too large to be compared.
    """
    if len(text) > _MOST:
        raise ValueError("too large")
    return text


def _lines(text: str) -> list[str]:
    return [line.strip() for line in text.split("\n") if line.strip()]


def _words(found: Sequence[Statement]) -> Iterator[str]:
    for statement in found:
        for part in statement.parts:
            if isinstance(part, Group):
                yield from _words(part.statements)
            else:
                yield part.text


def _compared(old: Sequence[Statement], new: Sequence[Statement], used: set[str], *, holder: bool) -> Iterator[Found]:
    """Yield what changed between two lists of statements; only in a holder of tests may there be more."""
    waiting, added, inner = list(old), list[Statement](), list[Found]()
    for statement in new:
        if waiting and str(statement) == str(waiting[0]):
            waiting.pop(0)
        elif waiting and (pairs := _same_holder(waiting[0], statement)):
            waiting.pop(0)
            for before, after in pairs:
                inner += _compared(before.statements, after.statements, used, holder=before.bracket == "{")
        else:
            added.append(statement)
    if waiting:
        skips = any(_SKIPS.search(_head(s)) and not _SKIPS.search(_head(waiting[0])) for s in added)
        verb = "does not run any more, or not alone" if skips else "was changed, moved or removed"
        yield added[0].line if added else 0, f"`{_head(waiting[0])[:80]}` {verb}. {KEEP_TESTS}"
        return
    yield from inner
    for statement in added:
        if why := _harm(statement, used) if holder else "A new statement":
            text = f"{why} acts on tests that were there before: `{_head(statement)[:80]}`."
            yield statement.line, f"{text} {ELSEWHERE}"


def _head(statement: Statement) -> str:
    """Return the begin of a statement as it may be shown."""
    words: list[str] = []
    for part in statement.parts:
        if isinstance(part, Token):
            words.append(part.text)
        elif part.bracket == "{":
            break
        else:
            words.append("(" + " ".join(str(inner)[:60] for inner in part.statements[:1]))
    return re.sub(r"(?<=\() | (?=[.(])|(?<=\.) ", "", " ".join(words))[:200]


def _same_holder(old: Statement, new: Statement) -> list[tuple[Group, Group]]:
    """Return the braces of two statements in pairs, if both hold tests and nothing outside of those differs."""
    words = {part.text for part in old.parts[:8] if isinstance(part, Token)}
    if _HOLDERS.isdisjoint(words) or len(old.parts) != len(new.parts):
        return []
    pairs: list[tuple[Group, Group]] = []
    for one, other in zip(old.parts, new.parts, strict=True):
        if isinstance(one, Group) and isinstance(other, Group) and one.bracket == other.bracket:
            if one.bracket == "{":
                pairs.append((one, other))
            elif not (inner := _body(one, other)):
                return []
            else:
                pairs += inner
        elif str(one) != str(other):
            return []
    return pairs


def _body(old: Group, new: Group) -> list[tuple[Group, Group]]:
    """Return the braces in two parentheses, as in `describe("orders", () => {...})`; none where more differs."""
    if len(old.statements) != len(new.statements):
        return []
    found: list[tuple[Group, Group]] = []
    for one, other in zip(old.statements, new.statements, strict=True):
        if len(one.parts) != len(other.parts):
            return []
        for before, after in zip(one.parts, other.parts, strict=True):
            braces = isinstance(before, Group) and isinstance(after, Group) and before.bracket == after.bracket == "{"
            if braces and isinstance(before, Group) and isinstance(after, Group):
                found.append((before, after))
            elif str(before) != str(after):
                return []
    return found


def _harm(statement: Statement, used: set[str]) -> str:
    """Return what a new statement beside tests does to them; empty for a new test and for what only that needs."""
    text = str(statement)
    if _ALONE.search(text):
        return "A test that runs alone"
    if _ACTING.search(text):
        return "A new statement"
    first = statement.parts[0]
    if isinstance(first, Group):  # `[Fact]`
        return (
            "" if first.bracket == "[" and _is_mark(first.statements[0].parts if first.statements else ()) else "This"
        )
    if first.text in {"@", "#"}:
        marks = statement.parts[1:]
        if first.text == "#" and marks and isinstance(marks[0], Group) and marks[0].statements:
            marks = marks[0].statements[0].parts
        return "" if _is_mark(marks) else "A new mark"
    if first.text in _TESTS:
        follows = statement.parts[1] if len(statement.parts) > 1 else first
        each = isinstance(follows, Token) and [str(part) for part in statement.parts[1:3]] == [".", "each"]
        return "" if isinstance(follows, Group) or each else "A new statement"
    if first.text not in _BEGINS:
        return "A new statement"
    return _shadowing(statement, used)


def _is_mark(parts: Sequence[Token | Group]) -> bool:
    """Return whether an annotation says that a test follows, and nothing that keeps it from running."""
    if not parts or str(parts[0]) not in _MARKS or "Skip" in {str(part) for part in _flat(parts)}:
        return False
    return all(str(part) not in {"enabled", "disabled"} for part in _flat(parts))


def _flat(parts: Sequence[Token | Group]) -> Iterator[Token]:
    for part in parts:
        if isinstance(part, Token):
            yield part
        else:
            for statement in part.statements:
                yield from _flat(statement.parts)


def _shadowing(statement: Statement, used: set[str]) -> str:
    """Return what a definition does that takes a name which tests use, or one that their framework calls."""
    for one, other in pairwise(statement.parts):
        named = isinstance(one, Token) and isinstance(other, Group) and other.bracket == "("
        defined = isinstance(one, Token) and one.text in {"function", "class", "const", "let", "var", "val", "type"}
        name = str(one) if named else str(other) if defined and isinstance(other, Token) else ""
        if name and (name in used or _TAKEN.match(name)) and name not in {"require", "import"}:
            return f"The new '{name[:40]}'"
    return ""
