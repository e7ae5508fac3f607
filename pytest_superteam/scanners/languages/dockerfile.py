"""A reader of Dockerfiles: instructions with line numbers, stages, and values with their ARG defaults put in.

Follows BuildKit: parser directives, continuation lines with comments and blank lines between them, here-documents,
exec and shell forms, ONBUILD, and stages that are built from others, which inherit USER and HEALTHCHECK of them.
"""

from __future__ import annotations

import json
import re
from bisect import bisect_right
from collections import ChainMap
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING

from pytest_superteam.scanners.languages.docker_lines import LogicalLine, logical_lines
from pytest_superteam.scanners.languages.docker_words import UNSET, expand, split_words

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, MutableMapping

__all__ = ["Dockerfile", "Instruction", "Pair", "Stage", "parse_dockerfile"]

_KEYWORDS = frozenset({
    "ADD", "ARG", "CMD", "COPY", "ENTRYPOINT", "ENV", "EXPOSE", "FROM", "HEALTHCHECK", "LABEL", "MAINTAINER", "ONBUILD",
    "RUN", "SHELL", "STOPSIGNAL", "USER", "VOLUME", "WORKDIR",
})  # fmt: skip
_MAX_PROBLEMS = 3
_KEYWORD = re.compile(r"\S+")
_FLAG = re.compile(r"\s*(--[A-Za-z][\w-]*(?:=(?:\"[^\"]*\"|'[^']*'|[^\s\"'])*+)?)(?=\s|$)")
_MAX_ALIKE = 200
_MAX_LINEAGE = 50
_MAX_WILD = 3
"""Unset variables in the name of a stage (`base-${TARGETARCH}`) that are matched with any text."""


@dataclass(frozen=True)
class Pair:
    """One name of ENV, ARG or LABEL with its value as it is written (None: it has none) and its own line."""

    name: str
    raw: str | None
    line: int


@dataclass(frozen=True, eq=False)
class Instruction:
    """One instruction. `value` is what follows the keyword and its `--flags`, continuation lines joined."""

    keyword: str
    value: str
    line: int
    flags: tuple[str, ...] = ()
    onbuild: bool = False
    """Whether it runs in images that are built from this one, and not in this one."""
    escape: str = "\\"
    starts: tuple[tuple[int, int], ...] = ()
    """Offsets in `value` with the number of the line that begins there."""

    def flag(self, name: str) -> str | None:
        """Return the last value of `--name=value`, if given, quotes off."""
        prefix = f"--{name}="
        found = [flag.removeprefix(prefix) for flag in self.flags if flag.startswith(prefix)]
        return found[-1].strip("\"'") if found else None

    def all_flags(self, name: str) -> tuple[str, ...]:
        """Return the values of every `--name=value`."""
        prefix = f"--{name}="
        return tuple(flag.removeprefix(prefix).strip("\"'") for flag in self.flags if flag.startswith(prefix))

    def line_at(self, offset: int) -> int:
        """Return the number of the line on which the character of `value` at `offset` stands."""
        index = bisect_right(self.starts, (offset, 1 << 60)) - 1
        return self.starts[index][1] if index >= 0 else self.line

    @cached_property
    def words(self) -> tuple[str, ...]:
        """Return the words of the shell form as they are written, or the strings of the exec (JSON) form."""
        if self.value.startswith("["):
            try:
                items = json.loads(self.value)
            except (ValueError, RecursionError):
                items = None
            if isinstance(items, list) and all(isinstance(item, str) for item in items):
                return tuple(items)
        return tuple(word for _, word in split_words(self.value, self.escape))

    @cached_property
    def pairs(self) -> tuple[Pair, ...]:
        """Return the names and values of ENV, ARG and LABEL; ENV has an old form with a space (`ENV K V`)."""
        words = split_words(self.value, self.escape)
        if self.keyword in {"ENV", "LABEL"} and words and "=" not in words[0][1]:
            offset, name = words[0]
            return (Pair(name, self.value[offset + len(name) :].strip(), self.line_at(offset)),)
        return tuple(self._pair(offset, word) for offset, word in words if word != "=")

    def _pair(self, offset: int, word: str) -> Pair:
        name, equals, value = word.partition("=")
        return Pair(name.strip("\"'"), value if equals else None, self.line_at(offset))


@dataclass(frozen=True, eq=False)
class Stage:
    """What stands between one FROM and the next."""

    image: str
    """With ARG defaults put in; variables without one stay as `${NAME}`."""
    name: str
    line: int
    instructions: tuple[Instruction, ...]
    index: int = 0
    parent: Stage | None = field(default=None, repr=False)
    """The earlier stage that it is built from; None where that is an image."""

    @property
    def lineage(self) -> Iterator[Stage]:
        """Yield the stage and those that it is built from, nearest first, up to a bound."""
        stage: Stage | None = self
        for _ in range(_MAX_LINEAGE):
            if stage is None:
                return
            yield stage
            stage = stage.parent

    @property
    def effective(self) -> tuple[Instruction, ...]:
        """Return what runs in this stage: the ONBUILD triggers of the stage it is built from, and its own."""
        triggers = [i for i in self.parent.instructions if i.onbuild] if self.parent is not None else []
        return (*triggers, *(i for i in self.instructions if not i.onbuild))

    @property
    def steps(self) -> tuple[Instruction, ...]:
        """Return what runs in this stage, and what it leaves to be run in others."""
        return (*self.effective, *(i for i in self.instructions if i.onbuild))

    def last(self, keyword: str) -> Instruction | None:
        """Return the last instruction of that keyword that is in force at the end of the stage."""
        for stage in self.lineage:
            found = next((i for i in reversed(stage.effective) if i.keyword == keyword), None)
            if found is not None:
                return found
        return None


@dataclass(frozen=True, eq=False)
class Dockerfile:
    """The stages of a Dockerfile and the instructions before the first of them."""

    stages: tuple[Stage, ...]
    arguments: dict[str, str]
    """Defaults of the ARGs before the first FROM: known in every FROM, and where a stage names them again."""
    before: tuple[Instruction, ...] = ()
    problems: tuple[str, ...] = ()
    """What Docker would refuse, as far as this reader needs it."""

    @property
    def instructions(self) -> Iterator[Instruction]:
        """Yield all instructions in order, ONBUILD ones included, FROM not."""
        yield from self.before
        for stage in self.stages:
            yield from stage.instructions

    @cached_property
    def _by_name(self) -> dict[str, Stage]:
        return {stage.name.lower(): stage for stage in self.stages if stage.name}

    def stage_named(self, name: str) -> Stage | None:
        """Return the stage that `COPY --from`, or a compose `target`, calls `name`: by its name or its number."""
        if name.lower() in self._by_name:
            return self._by_name[name.lower()]
        if name.isascii() and name.isdigit() and len(name) < 6:
            return self.stages[int(name)] if int(name) < len(self.stages) else None
        return _alike(self.stages, name)

    def scoped(
        self, stage: Stage | None, keep: Callable[[str], bool] = bool
    ) -> Iterator[tuple[Instruction, Mapping[str, str]]]:
        """Yield the instructions of `stage` (None: those before the first) with the ARG and ENV values known there.

        An ARG ends with its stage, an ENV is inherited and wins over an ARG of the same name. Only names that `keep`
        takes are remembered. The mapping is valid until the next instruction.
        """
        variables: dict[str, str] = {}
        arguments: dict[str, str] = {}
        known = ChainMap(variables, arguments)
        lineage = tuple(stage.lineage) if stage is not None else ()
        for part in reversed(lineage[1:]):
            for instruction in part.effective:
                if instruction.keyword == "ENV":
                    variables |= _assigned(instruction, known, keep)
                elif instruction.keyword == "ARG":
                    arguments |= self._argument(instruction, known, keep)
            arguments.clear()
        for instruction in stage.steps if stage is not None else self.before:
            yield instruction, known
            if instruction.keyword == "ENV" and not instruction.onbuild:
                variables |= _assigned(instruction, known, keep)
            elif instruction.keyword == "ARG":
                arguments |= self._argument(instruction, known, keep)

    def values(self, stage: Stage, until: Instruction) -> dict[str, str]:
        """Return the ARG and ENV values that are known where `until` stands, in `stage` or in one it is built from."""
        for part in stage.lineage:
            if any(i is until for i in part.steps):
                return next(dict(known) for instruction, known in self.scoped(part) if instruction is until)
        return {}

    def _argument(
        self, instruction: Instruction, known: MutableMapping[str, str], keep: Callable[[str], bool]
    ) -> dict[str, str]:
        names = [pair.name for pair in instruction.pairs if pair.name in self.arguments and pair.name not in known]
        inherited = {name: self.arguments[name] for name in names if keep(name)}
        return inherited | _assigned(instruction, known, keep)


def _assigned(
    instruction: Instruction, known: MutableMapping[str, str], keep: Callable[[str], bool] = bool
) -> dict[str, str]:
    """Return the names that ENV or ARG binds to a known value, of those that `keep` takes."""
    found: dict[str, str] = {}
    for pair in instruction.pairs:
        if pair.raw is None or not keep(pair.name):
            continue
        value = expand(pair.raw, ChainMap(found, known), instruction.escape)
        if value.known:
            found[pair.name] = value.text
    return found


def _alike(stages: tuple[Stage, ...] | list[Stage], name: str) -> Stage | None:
    """Return the last of `stages` whose name fits `name`, in which an unset variable stands for anything."""
    parts = UNSET.split(name.lower())
    if not 1 < len(parts) <= _MAX_WILD + 1 or len(name) > 200 or not any(parts):
        return None
    pattern = re.compile(".{1,60}".join(map(re.escape, parts)))
    return next((s for s in reversed(stages[-_MAX_ALIKE:]) if s.name and pattern.fullmatch(s.name.lower())), None)


def _instruction(line: LogicalLine) -> Instruction:
    """Return a logical line as an instruction: keyword, flags, the rest."""
    onbuild, index, keyword = False, 0, ""
    while (match := _KEYWORD.search(line.text, index)) is not None:
        keyword, index = match[0].upper(), match.end()
        if keyword != "ONBUILD":
            break
        onbuild = True
    flags: list[str] = []
    while (flag := _FLAG.match(line.text, index)) is not None:
        flags.append(flag[1])
        index = flag.end()
    rest = line.text[index:]
    start = index + len(rest) - len(rest.lstrip())
    starts = tuple((max(offset - start, 0), number) for offset, number in line.starts)
    return Instruction(keyword, rest.strip(), line.number, tuple(flags), onbuild, line.escape, starts)


def _from(instruction: Instruction, arguments: dict[str, str]) -> tuple[str, str]:
    """Return image and name of a FROM."""
    words = instruction.words
    image = expand(words[0], arguments, instruction.escape).text if words else ""
    return image, words[2].strip("\"'") if len(words) > 2 and words[1].upper() == "AS" else ""


@lru_cache(maxsize=2)  # several rules ask for the same file in turn
def parse_dockerfile(text: str, first_line: int = 1) -> Dockerfile:
    """Return what the Dockerfile says, whatever it is. One with no FROM, a fragment, is one stage without an image.

    Lines are counted from `first_line`, for one that stands within another file.
    """
    lines, problems = logical_lines(text, first_line)
    instructions = [_instruction(line) for line in lines]
    problems += [
        f"line {i.line}: {i.keyword[:30]!r} is no instruction" for i in instructions if i.keyword not in _KEYWORDS
    ]
    if instructions and not any(i.keyword == "FROM" and not i.onbuild for i in instructions):
        problems.append("it has no FROM")
        fragment = Stage("", "", instructions[0].line, tuple(instructions))
        return Dockerfile((fragment,), {}, (), tuple(problems[:_MAX_PROBLEMS]))
    return _staged(instructions, tuple(problems[:_MAX_PROBLEMS]))


def _staged(instructions: list[Instruction], problems: tuple[str, ...]) -> Dockerfile:
    """Return the Dockerfile of these instructions, one of which is a FROM."""
    starts = [n for n, i in enumerate(instructions) if i.keyword == "FROM" and not i.onbuild]
    before = tuple(instructions[: starts[0]] if starts else instructions)
    arguments: dict[str, str] = {}
    for instruction in before:
        if instruction.keyword == "ARG":
            arguments |= _assigned(instruction, ChainMap(arguments))
    stages: list[Stage] = []
    named: dict[str, Stage] = {}
    for index, (start, end) in enumerate(zip(starts, [*starts[1:], len(instructions)], strict=False)):
        image, name = _from(instructions[start], arguments)
        body = tuple(instructions[start + 1 : end])
        parent = named.get(image.lower()) or _alike(stages, image)
        stages.append(Stage(image, name, instructions[start].line, body, index, parent))
        named |= {name.lower(): stages[-1]} if name else {}
    return Dockerfile(tuple(stages), arguments, before, problems)
