"""A system that was found, on a terminal: a table of its services, and what was concluded from what."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING

from pytest_superteam.reports.text import one_line, plural

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from pytest_superteam.models import Conclusion, FoundService, FoundSystem

__all__ = ["found_lines"]

_NARROWEST = 60
_CELL = 160
"""Characters of a cell at most; the service map has all of them."""
_LEAST = 10
"""Columns that a cell keeps as long as another has more."""
_GAP = "  "
_HEAD = ("service", "made with", "port", "health", "depends on", "datastores", "contract")


def found_lines(found: FoundSystem, *, width: int = 80, contracts: Mapping[str, str] | None = None) -> list[str]:
    """Return what a reader corrects: lines that are masked and steer no terminal.

    Args:
        found: the system.
        width: columns of the terminal; below 60 it counts as 60.
        contracts: where the contracts come from, by service, in a few words.
    """
    width = max(width, _NARROWEST)
    lines = _wrapped(f"{_shown(found.root.name or str(found.root))}: {_counts(found)}", width, "")
    if found.services:
        lines += ["", *_table([_HEAD, *(_row(part, contracts or {}) for part in found.services)], width)]
    for part in found.services:
        lines += ["", *_service(part, width)]
    for title, parts in (("jobs", found.jobs), ("infrastructure", found.infrastructure)):
        if parts:
            lines += ["", f"{title}:", *(line for part in parts for line in _wrapped(_aside(part), width))]
    if found.notes:
        notes = _alike(found.notes, [part.name for part in found.services])
        lines += ["", *(line for note in notes for line in _wrapped(f"note: {_shown(note, 600)}", width, ""))]
    return lines


def _alike(notes: Sequence[str], names: Sequence[str]) -> list[str]:
    """Return the notes, what is said of several services alike said once; `NAME: what` is about a service."""
    about: dict[str, list[str]] = {}
    for note in notes:
        name, _, said = note.partition(": ")
        if name in names and said:
            about.setdefault(said, []).append(name)
        else:
            about[note] = []
    return [f"{', '.join(who)}: {said}" if who else said for said, who in about.items()]


def _shown(text: str, limit: int = _CELL) -> str:
    return one_line(text, limit)


def _counts(found: FoundSystem) -> str:
    counts = [plural(len(found.services), "service")]
    counts += [plural(len(found.jobs), "job")] * bool(found.jobs)
    counts += [f"{len(found.infrastructure)} of infrastructure"] * bool(found.infrastructure)
    how = f" ({_shown(found.how)})" if found.how else ""
    files = f", started by {_shown(', '.join(found.compose_files))}" if found.compose_files else ""
    return f"{', '.join(counts)}{how}{files}"


# ---------------------------------------------------------------- the table


def _row(part: FoundService, contracts: Mapping[str, str]) -> tuple[str, ...]:
    cells = (
        part.name,
        _made_with(part),
        str(part.port or ""),
        part.health,
        ", ".join(part.dependencies),
        ", ".join(part.datastores),
        contracts.get(part.name, ""),
    )
    return tuple(_shown(cell) or "-" for cell in cells)


def _made_with(part: FoundService) -> str:
    return ", ".join(filter(None, (part.language, part.framework))) or part.image


def _table(rows: Sequence[Sequence[str]], width: int) -> list[str]:
    """Return rows in columns as wide as they fit, those that say nothing left out, long cells on several lines."""
    columns = [column for column in zip(*rows, strict=True) if set(column[1:]) != {"-"}]
    if _total(list(map(_longest_word, columns))) > width:  # it stands below, with what says so
        columns = [column for column in columns if column[0] != "depends on"]
    widths = [max(map(len, column)) for column in columns]
    words = list(map(_longest_word, columns))
    while _total(widths) > width and max(widths) > 1:
        widths[_narrower(widths, words)] -= 1
    lines: list[str] = []
    for row in zip(*columns, strict=True):
        cells = [textwrap.wrap(cell, size) for cell, size in zip(row, widths, strict=True)]
        for index in range(max(map(len, cells))):
            parts = [cell[index] if index < len(cell) else "" for cell in cells]
            lines.append(_GAP.join(part.ljust(size) for part, size in zip(parts, widths, strict=True)).rstrip())
    return lines


def _total(widths: Sequence[int]) -> int:
    return sum(widths) + len(_GAP) * (len(widths) - 1)


def _longest_word(column: Sequence[str]) -> int:
    return max(len(word) for cell in column for word in cell.split())


def _narrower(widths: Sequence[int], words: Sequence[int]) -> int:
    """Return which column gives way: the widest that breaks no word by it, else the last that has some width left."""
    roomy = [index for index, (has, needs) in enumerate(zip(widths, words, strict=True)) if has > needs]
    if not roomy:
        roomy = [index for index, has in enumerate(widths) if has > _LEAST][-1:] or list(range(len(widths)))
    return max(roomy, key=lambda index: widths[index])


# ---------------------------------------------------------------- below it


def _service(part: FoundService, width: int) -> Iterator[str]:
    where = f" in {part.folder}" if part.folder else ""
    made = f"built from {part.dockerfile}" if part.dockerfile else f"image {part.image}" if part.image else ""
    tested = f"tested by `{' '.join(part.test)}`" if part.test else "no tests of its own found"
    about = ", ".join(filter(None, (f"{part.role or 'service'}{where}", made, _profiles(part), tested)))
    yield from _wrapped(f"{_shown(part.name)}: {_shown(about, 400)}", width, "")
    for conclusion in part.conclusions:
        yield from _wrapped(_concluded(conclusion), width)


def _profiles(part: FoundService) -> str:
    return f"profile {', '.join(part.profiles)}" if part.profiles else ""


def _concluded(conclusion: Conclusion) -> str:
    place = f"{conclusion.file}:{conclusion.line}" if conclusion.file and conclusion.line else conclusion.file
    why = ": ".join(filter(None, (place, conclusion.reason)))
    said = f"{conclusion.fact.replace('_', ' ')}: {conclusion.value}"
    return f"{_shown(said)} ({_shown(why, 300)})" if why else _shown(said)


def _aside(part: FoundService) -> str:
    """Return a part that is no service on one line, with the first thing that says so."""
    reasons = sorted(part.conclusions, key=lambda conclusion: conclusion.fact not in {"kind", "role"})
    port = f"port {part.port}" if part.port else ""
    about = ", ".join(filter(None, (part.role, part.image or part.dockerfile or part.folder, port, _profiles(part))))
    why = f" ({_concluded(reasons[0])})" if reasons else ""
    return _shown(part.name) + (f": {_shown(about)}" if about else "") + why


def _wrapped(text: str, width: int, indent: str = "  ") -> list[str]:
    return textwrap.wrap(
        text, width, initial_indent=indent, subsequent_indent=f"{indent}    ", break_on_hyphens=False
    ) or [indent.rstrip()]
