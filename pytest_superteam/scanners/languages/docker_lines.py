"""The logical lines of a Dockerfile: directives read, continuations joined, comments and here-documents left out."""

from __future__ import annotations

import re
from dataclasses import dataclass

from pytest_superteam.scanners.languages.docker_words import expand, split_words

__all__ = ["LogicalLine", "logical_lines"]

_DIRECTIVE = re.compile(r"#[ \t]*([A-Za-z][A-Za-z0-9]*)[ \t]*=[ \t]*(\S.*)")
_DIRECTIVES = frozenset({"escape", "syntax", "check"})
_HEREDOC = re.compile(r"\d{0,9}<<(-?)([^<]+)")
_NAME = re.compile(r"[A-Za-z_][\w.-]*")
_HAS_HEREDOCS = re.compile(r"(?:ONBUILD\s+)?(?:RUN|COPY|ADD)\s", re.IGNORECASE)
_MAX_HEREDOCS = 50
"""Here-documents of one instruction that are followed."""


@dataclass(frozen=True)
class LogicalLine:
    """One instruction on one line: its text, the number of its first line, and where in it each line begins."""

    text: str
    number: int
    starts: tuple[tuple[int, int], ...]
    escape: str


class _Reader:
    """The lines of a Dockerfile and where reading stands."""

    def __init__(self, text: str, first_line: int) -> None:
        self.lines = [line.rstrip("\r") for line in text.removeprefix("\ufeff").split("\n")]
        self.first_line = first_line
        self.index = 0
        self.escape = "\\"
        self.problems: list[str] = []
        self._ends: dict[str, int] | None = None

    def directives(self) -> None:
        """Read the directives at the top, up to the first line that is none; a shebang may stand before them."""
        if self.lines[0].startswith("#!"):
            self.index = 1
        while self.index < len(self.lines):
            match = _DIRECTIVE.fullmatch(self.lines[self.index].strip())
            if match is None or match[1].lower() not in _DIRECTIVES:
                return
            if match[1].lower() == "escape" and match[2].strip() in {"\\", "`"}:
                self.escape = match[2].strip()
            self.index += 1

    def _continues(self, line: str) -> tuple[str, bool]:
        """Return a line without its continuation mark, and whether it has one; a doubled escape is none."""
        stripped = line.rstrip(" \t")
        if stripped.endswith(self.escape) and not stripped.endswith(self.escape * 2):
            return stripped[:-1], True
        return line, False

    def logical(self) -> LogicalLine:
        """Return the instruction that begins on this line, and go behind it."""
        start = self.index
        part, goes_on = self._continues(self.lines[start].lstrip())
        parts, starts, length = [part], [(0, start + self.first_line)], len(part)
        self.index += 1
        while goes_on and self.index < len(self.lines):
            line = self.lines[self.index]
            self.index += 1
            if line.strip() and not line.lstrip().startswith("#"):
                part, goes_on = self._continues(line)
                starts.append((length, self.index - 1 + self.first_line))
                parts.append(part)
                length += len(part)
        return LogicalLine("".join(parts), start + self.first_line, tuple(starts), self.escape)

    def skip_heredocs(self, line: LogicalLine) -> None:
        """Go behind the here-documents that an instruction opens; one that never ends is told, and is none."""
        if "<<" not in line.text or _HAS_HEREDOCS.match(line.text) is None:
            return
        words = (word for _, word in split_words(line.text, self.escape) if "<<" in word)
        opened = [match for word in words if (match := _HEREDOC.fullmatch(word)) is not None]
        for match in opened[:_MAX_HEREDOCS]:
            name = expand(match[2], {}, self.escape).text
            if _NAME.fullmatch(name) is None:
                continue
            if self._last_line(name, bool(match[1])) < self.index:
                self.problems.append(f"line {line.number}: the here-document {name[:30]!r} has no end")
                return
            while self._end(self.lines[self.index], bool(match[1])) != name:
                self.index += 1
            self.index += 1

    @staticmethod
    def _end(line: str, tabs: bool) -> str:  # noqa: FBT001  # the dash of `<<-`
        return line.lstrip("\t") if tabs else line

    def _last_line(self, name: str, tabs: bool) -> int:  # noqa: FBT001  # as above
        """Return the index of the last line that ends a here-document `name`; -1 where there is none."""
        if self._ends is None:
            self._ends = {line: index for index, line in enumerate(self.lines)}
            self._ends |= {"\t" + line.lstrip("\t"): index for index, line in enumerate(self.lines)}
        return self._ends.get("\t" + name if tabs else name, -1)


def logical_lines(text: str, first_line: int = 1) -> tuple[list[LogicalLine], list[str]]:
    """Return the instructions of a Dockerfile in order, and what is wrong with its lines."""
    reader = _Reader(text, first_line)
    reader.directives()
    found: list[LogicalLine] = []
    while reader.index < len(reader.lines):
        line = reader.lines[reader.index].strip()
        if not line or line.startswith("#"):
            reader.index += 1
            continue
        logical = reader.logical()
        reader.skip_heredocs(logical)
        if logical.text.strip():
            found.append(logical)
    return found, reader.problems
