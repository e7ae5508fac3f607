"""How the output of one program is read, as data: where its figures stand, and what means success."""

from __future__ import annotations

import re
from collections.abc import Mapping  # noqa: TC003  # the codec reads the type hints
from dataclasses import dataclass, field
from typing import Literal

from pytest_superteam.agents.reading.paths import steps_of

__all__ = ["Find", "Match", "OutputSpec", "UsageSpec"]

Format = Literal["text", "json", "jsonl"]
Source = Literal["printed", "file"]


@dataclass(frozen=True)
class Match:
    """A condition: all of `when` hold in a document, or `pattern` is found in a printed line."""

    when: Mapping[str, str | bool | int] = field(default_factory=dict)
    """Path to the value that must stand there."""
    pattern: str = ""
    of: Source = "printed"

    def __post_init__(self) -> None:
        """Refuse paths and patterns that can't be read."""
        if bool(self.when) == bool(self.pattern):
            raise ValueError("a match has either `when` or `pattern`.")
        for path in self.when:
            steps_of(path)
        _compiled(self.pattern, groups=0)


@dataclass(frozen=True)
class Find:
    """Where a figure or a text stands: at `path` in a document, or in the group of `pattern` in a printed line."""

    path: tuple[str, ...] = ()
    """Numbers at all of them are added; of texts the first one that is there counts."""
    less: tuple[str, ...] = ()
    """Numbers at these are taken off."""
    pattern: str = ""
    when: Mapping[str, str | bool | int] = field(default_factory=dict)
    """What else must hold in the document that it is taken from."""
    take: Literal["first", "last", "sum"] = "last"
    """Of several documents or lines: which one counts, or all of them."""
    each: str = ""
    """Path of an id: of the documents with the same one only the last counts."""
    zero: Literal["known", "unknown"] = "known"
    """`unknown`: the program says 0 also where it does not know."""
    of: Source = "printed"

    def __post_init__(self) -> None:
        """Refuse paths and patterns that can't be read."""
        if bool(self.path) == bool(self.pattern):
            raise ValueError("a figure has either `path` or `pattern`.")
        for path in (*self.path, *self.less, *self.when, *filter(None, [self.each])):
            steps_of(path)
        _compiled(self.pattern, groups=1)


@dataclass(frozen=True)
class UsageSpec:
    """Where the figures of what was used stand; of several places the first that tells something counts."""

    usd: tuple[Find, ...] = ()
    model: tuple[Find, ...] = ()
    input_tokens: tuple[Find, ...] = ()
    """Those read from a cache included."""
    output_tokens: tuple[Find, ...] = ()
    cache_read_tokens: tuple[Find, ...] = ()


@dataclass(frozen=True)
class OutputSpec:
    """What a program prints, and what of it means what."""

    format: Format = "text"
    file: str = ""
    """A JSON file that it leaves besides, such as `{output}` or `{workspace}/.agent/state.json`."""
    file_needed: bool = True
    """Whether it is a fault that this file is not there."""
    progress: tuple[Find, ...] = ()
    answer: tuple[Find, ...] = ()
    """Its last words."""
    error: tuple[Find, ...] = ()
    """What went wrong, in its words."""
    success: tuple[Match, ...] = ()
    failure: tuple[Match, ...] = ()
    """Whichever of the two was met last is what it claims, success where both were; neither: unknown."""
    end: tuple[Match, ...] = ()
    """What comes last in an output that is whole; empty: nothing in particular does."""
    usage: UsageSpec = field(default_factory=UsageSpec)
    retry_after: tuple[Find, ...] = ()
    """Seconds to wait, where a platform asks for it."""
    retry_at: tuple[Find, ...] = ()
    """The moment to wait for, in seconds since the epoch."""

    def __post_init__(self) -> None:
        """Refuse figures of a file where there is none."""
        named: list[Find | Match] = [*self.progress, *self.answer, *self.error, *self.retry_after, *self.retry_at]
        named += [*self.success, *self.failure, *self.end]
        named += [find for name in self.usage.__dataclass_fields__ for find in getattr(self.usage, name)]
        if not self.file and any(item.of == "file" for item in named):
            raise ValueError("figures are taken from a file, but `file` names none.")


def _compiled(pattern: str, *, groups: int) -> None:
    """Refuse a pattern that is no regular expression, or has another number of groups."""
    if not pattern:
        return
    try:
        found = re.compile(pattern).groups
    except re.error as error:
        raise ValueError(f"pattern '{pattern}': {error}.") from None
    if found != groups:
        raise ValueError(f"pattern '{pattern}': has {found} groups; {groups} are expected.")
