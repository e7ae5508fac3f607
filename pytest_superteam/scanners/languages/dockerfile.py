"""A reader of Dockerfiles: instructions with line numbers, stages, and values with their ARG defaults put in.

Follows the syntax of BuildKit: parser directives, continuation lines with comments and blank lines between them,
here-documents and the `${name:-word}` forms.
"""

from __future__ import annotations

import re
import shlex
from dataclasses import dataclass, field

__all__ = ["Dockerfile", "Instruction", "Stage", "parse_dockerfile", "substitute"]

_DIRECTIVE = re.compile(r"#\s*(\w+)\s*=\s*(\S+)\s*")
_HEREDOC = re.compile(r"<<-?\s*(?P<quote>['\"]?)(?P<word>[A-Za-z_]\w*)(?P=quote)")
_VARIABLE = re.compile(r"\$(?:(\w+)|\{(\w+)(?:(:?[-+])([^{}]*))?\})")
_ONBUILD_LIMIT = 3


@dataclass(frozen=True)
class Instruction:
    """One instruction. `value` is what follows the keyword and its `--flags`, continuation lines joined by a space."""

    keyword: str
    value: str
    line: int
    flags: tuple[str, ...] = ()

    def flag(self, name: str) -> str | None:
        """Return the value of `--name=value`, if given."""
        prefix = f"--{name}="
        return next((flag.removeprefix(prefix) for flag in self.flags if flag.startswith(prefix)), None)

    @property
    def pairs(self) -> tuple[tuple[str, str | None], ...]:
        """Return the names and values of ENV, ARG and LABEL; None where a name has no value."""
        head, _, rest = self.value.partition(" ")
        if self.keyword == "ENV" and "=" not in head:
            return ((head, rest.strip()),) if head else ()
        return tuple(_pair(word) for word in _words(self.value))


@dataclass(frozen=True)
class Stage:
    """What stands between one FROM and the next."""

    image: str
    """With ARG defaults put in."""
    name: str
    line: int
    instructions: tuple[Instruction, ...]
    raw_image: str = ""

    def last(self, keyword: str) -> Instruction | None:
        """Return the last instruction of that keyword."""
        return next((i for i in reversed(self.instructions) if i.keyword == keyword), None)


@dataclass(frozen=True)
class Dockerfile:
    """The stages of a Dockerfile and the ARGs before the first of them."""

    stages: tuple[Stage, ...]
    arguments: dict[str, str] = field(default_factory=dict)
    before: tuple[Instruction, ...] = ()

    def stage_named(self, name: str) -> Stage | None:
        """Return the stage that FROM or `COPY --from` may call `name`."""
        return next((s for s in self.stages if s.name and s.name.lower() == name.lower()), None)

    def lineage(self, stage: Stage) -> tuple[Stage, ...]:
        """Return `stage` and the stages that it is built from, nearest first."""
        chain = [stage]
        while (parent := self.stage_named(chain[-1].image)) is not None and parent not in chain:
            chain.append(parent)
        return tuple(chain)

    def last(self, stage: Stage, keyword: str) -> Instruction | None:
        """Return the last instruction of that keyword that is in force in `stage`, inherited ones included."""
        return next((found for s in self.lineage(stage) if (found := s.last(keyword)) is not None), None)

    def values(self, stage: Stage) -> dict[str, str]:
        """Return the ARG and ENV values that are known in `stage`."""
        known: dict[str, str] = {}
        for part in reversed(self.lineage(stage)):
            for instruction in part.instructions:
                if instruction.keyword in {"ARG", "ENV"}:
                    for name, value in instruction.pairs:
                        known[name] = substitute(value, known) if value is not None else self.arguments.get(name, "")
        return known


def _words(value: str) -> list[str]:
    """Return the words of `value` with quotes taken off; split at spaces where the quotes do not match."""
    try:
        return shlex.split(value, posix=True)
    except ValueError:
        return value.split()


def _pair(word: str) -> tuple[str, str | None]:
    name, equals, value = word.partition("=")
    return name, value if equals else None


def substitute(value: str, known: dict[str, str]) -> str:
    """Return `value` with variables replaced as Docker does; a variable without a value stays as it is written."""

    def one(match: re.Match[str]) -> str:
        name = match[1] or match[2]
        set_value = known.get(name, "")
        if match[3] and match[3].endswith("-"):
            return set_value or match[4]
        if match[3] and match[3].endswith("+"):
            return match[4] if set_value else ""
        return set_value or match[0]

    return _VARIABLE.sub(one, value)


def _logical_lines(text: str) -> list[tuple[int, str]]:
    """Return each instruction with the number of its first line, continuations joined and here-documents dropped."""
    lines = text.split("\n")
    escape, index, found = "\\", 0, list[tuple[int, str]]()
    while index < len(lines) and (match := _DIRECTIVE.fullmatch(lines[index].strip().lstrip("\ufeff"))):
        escape = match[2] if match[1].lower() == "escape" and match[2] in {"\\", "`"} else escape
        index += 1
    while index < len(lines):
        line = lines[index].strip().lstrip("\ufeff")
        start, index = index, index + 1
        if not line or line.startswith("#"):
            continue
        parts, goes_on = [line.removesuffix(escape)], line.endswith(escape)
        while goes_on and index < len(lines):
            more = lines[index].strip()
            index += 1
            if not more or more.startswith("#"):
                continue
            parts.append(more.removesuffix(escape))
            goes_on = more.endswith(escape)
        joined = " ".join(part.strip() for part in parts)
        index = _after_heredocs(joined, lines, index)
        if joined.strip():
            found.append((start + 1, joined))
    return found


def _after_heredocs(joined: str, lines: list[str], index: int) -> int:
    """Return the index of the line behind the here-documents that the instruction opens."""
    if not joined.upper().startswith(("RUN ", "COPY ", "ADD ")):
        return index
    for match in _HEREDOC.finditer(joined):
        end = next((i for i in range(index, len(lines)) if lines[i].strip() == match["word"]), None)
        index = index if end is None else end + 1
    return index


def _instruction(line: int, text: str) -> Instruction:
    keyword, _, rest = text.partition(" ")
    for _ in range(_ONBUILD_LIMIT):
        if keyword.upper() == "ONBUILD":
            keyword, _, rest = rest.strip().partition(" ")
    flags: list[str] = []
    rest = rest.strip()
    while rest.startswith("--"):
        flag, _, rest = rest.partition(" ")
        flags.append(flag)
        rest = rest.strip()
    return Instruction(keyword.upper(), rest, line, tuple(flags))


def parse_dockerfile(text: str) -> Dockerfile:
    """Return what the Dockerfile says; a text with no FROM has no stages."""
    arguments: dict[str, str] = {}
    before: list[Instruction] = []
    stages: list[tuple[str, str, str, int, list[Instruction]]] = []
    for line, logical in _logical_lines(text):
        instruction = _instruction(line, logical)
        if instruction.keyword == "FROM":
            words = instruction.value.split()
            raw = words[0] if words else ""
            name = words[2] if len(words) > 2 and words[1].upper() == "AS" else ""
            stages.append((substitute(raw.strip("\"'"), arguments), raw, name, line, []))
        elif stages:
            stages[-1][4].append(instruction)
        else:
            before.append(instruction)
            if instruction.keyword == "ARG":
                arguments |= {n: substitute(v, arguments) for n, v in instruction.pairs if v is not None}
    made = (Stage(image, name, line, tuple(body), raw) for image, raw, name, line, body in stages)
    return Dockerfile(tuple(made), arguments, tuple(before))
