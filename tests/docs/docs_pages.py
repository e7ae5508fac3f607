"""What README and documentation tell people to type, to write and to expect, read from their pages.

A page decides on each of its blocks in a comment above it, which no reader sees:

- `<!-- run: project=shop exit=0,1 only="-m layer3" -->` above commands: in which prepared project they run, with
  which exit codes they end (one for all, or one each), and which items a gate is narrowed to, for want of time;
- `<!-- not run: NAME -->` with NAME's reason in docs_excused.py;
- `<!-- write: FILE -->` above a block that is a file of the project;
- `<!-- check -->` above settings, which have to be valid ones of superteam.yaml;
- `<!-- same as: FILE -->` above a block that is a file of the repository, relative to the page;
- `<!-- output -->` above what the commands before it print; `...` stands for any lines.

`<!-- commands: project=shop -->` near the top is for all blocks of the page that say nothing else.
"""

from __future__ import annotations

import re
import shlex
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

_FENCE = re.compile(
    r"^(?P<indent> *)(?P<fence>`{3,})(?P<language>[\w-]*)[^\n]*\n(?P<text>.*?)^(?P=indent)(?P=fence) *$",
    re.MULTILINE | re.DOTALL,
)
_COMMENT = re.compile(r"<!-- (?P<kind>run|not run|write|same as|check|output)(?:: (?P<said>[^\n]*?))? -->\s*\Z")
_PAGE = re.compile(r"<!-- commands: (?P<said>.*?) -->")
_KEYS = frozenset({"project", "exit", "only", "environment"})


@dataclass(frozen=True)
class Block:
    """A fenced block of a page, and what the page decides on it."""

    page: str
    line: int
    language: str
    text: str
    kind: str
    said: str
    settings: dict[str, str]

    @property
    def place(self) -> str:
        return f"{self.page}:{self.line}"

    @property
    def commands(self) -> list[str]:
        """The commands, each a line for a shell; continued lines are one."""
        joined = re.sub(r"\\\n\s*", "", self.text)
        return [line for line in joined.splitlines() if line.strip() and not line.lstrip().startswith("#")]

    @property
    def exits(self) -> list[int]:
        """The exit code of each command."""
        codes = [int(code) for code in self.settings.get("exit", "0").split(",")]
        return codes * len(self.commands) if len(codes) == 1 else codes


def _settings(said: str, place: str) -> dict[str, str]:
    settings = dict(word.partition("=")[::2] for word in shlex.split(said))
    unknown = sorted(settings.keys() - _KEYS)
    assert not unknown, f"{place}: {unknown} mean nothing. Allowed are {sorted(_KEYS)}"
    return settings


def blocks_of(page: Path, name: str) -> list[Block]:
    """Return the blocks of a page, in order; a comment that decides on no block is an error."""
    text = page.read_text(encoding="utf-8")
    default = _PAGE.search(text)
    common = _settings(default["said"], name) if default else {}
    found = []
    decided = 0
    for match in _FENCE.finditer(text):
        line = text.count("\n", 0, match.start()) + 1
        comment = _COMMENT.search(text, 0, match.start())
        kind = said = ""
        settings = dict(common)
        if comment:
            decided += 1
            kind, said = comment["kind"], comment["said"] or ""
            if kind == "run":
                settings |= _settings(said, f"{name}:{line}")
        elif match["language"] == "console" and common:
            kind = "run"
        indent = len(match["indent"])
        body = "".join(row[indent:] if row.strip() else "\n" for row in match["text"].splitlines(keepends=True))
        found.append(Block(name, line, match["language"], body, kind, said, settings))
    outside = _FENCE.sub("", text)
    comments = len(re.findall(r"<!-- (?:run|not run|write|same as|check|output)(?:: [^\n]*?)? -->", outside))
    assert comments == decided, f"{name}: {comments - decided} comments stand above no block"
    return found
