"""Comments by which source excuses a finding: `# noqa: CODE`, `// noqa: CODE`, `# nosec`, `# nosec CODE`."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from pytest_superteam.scanners.source import CODE_LANGUAGES

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytest_superteam.scanners.source import SourceFile

__all__ = ["Suppression", "suppression", "suppressions"]

_CODE = r"[A-Za-z][A-Za-z0-9]*(?:-[A-Za-z0-9]+)*"
_OPEN = r"(?:#|//|/\*|<!--|--|;)"
_NOQA = re.compile(rf"{_OPEN}\s*noqa:\s*({_CODE}(?:[,\s]+{_CODE}){{0,40}})", re.IGNORECASE)
_NOSEC = re.compile(rf"{_OPEN}\s*nosec\b:?(?:[ \t]+([A-Z][A-Z0-9-]*\d(?:[,\s]+[A-Z][A-Z0-9-]*\d){{0,40}}))?")
_OURS = re.compile(r"(?:SEC|SEC-SECRET|CORS|LOG|TRACE|DOCKER|HEALTH|ADV)-\d{3}")
_DOCUMENTS = (".md", ".markdown", ".rst", ".txt", ".adoc", ".ipynb")
_COMMENT_LINE = re.compile(r"\s*(?:#|//|/\*|\{/\*|<!--|--|;)")
_TRIPLE = re.compile(r'"""|\'\'\'')


@dataclass(frozen=True)
class Suppression:
    """One comment that excuses codes of ours by name: on its line, or on the next one where it stands alone."""

    file: str
    line: int
    codes: tuple[str, ...]


def _named(line: str) -> Iterator[str]:
    """Yield the codes that the comments on a line name, in upper case."""
    lower = line.lower()
    if "noqa" in lower:
        for match in _NOQA.finditer(line):
            yield from re.split(r"[,\s]+", match[1].upper())
    if "nosec" in lower:
        for match in _NOSEC.finditer(line):
            yield from re.split(r"[,\s]+", match[1] or "")


@lru_cache(maxsize=4)  # few, as they may be long; a minified file has thousands of findings on one line
def _excused(line: str) -> tuple[frozenset[str], frozenset[str]]:
    """Return the codes that `noqa` excuses on a line, and those that `nosec` does: `""` there stands for all."""
    noqa = _NOQA.finditer(line) if "noqa" in line.lower() else ()
    nosec = _NOSEC.finditer(line) if "nosec" in line else ()
    return (
        frozenset(code for match in noqa for code in re.split(r"[,\s]+", match[1].upper())),
        frozenset(code for match in nosec for code in re.split(r"[,\s]+", match[1] or "")),
    )


def _excuse(line: str, code: str) -> str:
    """Return `noqa` or `nosec` where a comment on `line` excuses `code`, else nothing."""
    noqa, nosec = _excused(line)
    if code.upper() in noqa:
        return "noqa"
    return "nosec" if code in nosec or "" in nosec else ""


def _may_stand_above(file: SourceFile, line: int) -> bool:
    """Return whether the comment may stand above `line`: in Python only where the line can't carry one."""
    return file.language != "python" or _opens_text(file.line(line))


@lru_cache(maxsize=4)
def _opens_text(line: str) -> bool:
    return len(_TRIPLE.findall(line)) % 2 == 1


def suppression(file: SourceFile, line: int, code: str) -> str:
    """Return what excuses a finding of `code` at `line` of `file`: `noqa`, `nosec` or, mostly, nothing.

    A bare `noqa` excuses nothing: it would hide what nobody has looked at. `nosec` with the codes of another tool
    excuses what those codes say, and none of ours. A comment that stands alone counts for the line below it, in every
    language but Python, whose lines can all carry one (the first line of a longer text can't, and is excepted).
    """
    if not file.may_excuse:
        return ""
    reason = _excuse(file.line(line), code)
    if not reason and line > 1 and _may_stand_above(file, line):
        above = file.line(line - 1)
        reason = _excuse(above, code) if _COMMENT_LINE.match(above) else ""
    return reason


def suppressions(file: SourceFile) -> Iterator[Suppression]:
    """Yield the comments of a file that name codes of ours, of those that look at such files; documents show some."""
    if not file.may_excuse or file.path.lower().endswith(_DOCUMENTS):
        return
    anywhere = file.service_code or file.language not in CODE_LANGUAGES
    for number, line in enumerate(file.lines, 1):
        named = dict.fromkeys(code for code in _named(line) if _OURS.fullmatch(code))
        codes = tuple(code for code in named if anywhere or code.startswith(("SEC-SECRET", "DOCKER")))
        if codes:
            yield Suppression(file.path, number, codes)
