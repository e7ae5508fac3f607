"""What a fix changed, as `git diff` would tell it: a count by file, and the text of the changes."""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING, Literal, TypeAlias

from pytest_superteam.models import FileChange
from pytest_superteam.pipeline.fix.trees import Change, changes
from pytest_superteam.reports.masking import mask_document
from pytest_superteam.reports.text import plural, steerless

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

__all__ = ["DIFF_LIMIT", "file_changes", "unified"]

DIFF_LIMIT = 200_000
"""Characters of a unified diff that are kept."""
_MOST_LINES = 20_000
"""Lines of a file up to which lines are matched; difflib is quadratic, and what is longer nobody wrote by hand."""
_MOST_MATCHED = 4_000
"""Lines of both versions together, common begin and end left out, up to which lines are matched."""
_LONG_LINE = 2_000
Kind: TypeAlias = Literal["added", "changed", "removed"]


def file_changes(before: Path, after: Path) -> tuple[FileChange, ...]:
    """Return how each file differs between two trees, sorted by path; tools' leftovers and `.superteam` left out.

    What is no text counts no lines.
    """
    return tuple(_counted(change) for change in changes(before, after))


def _counted(change: Change) -> FileChange:
    kind: Kind = "added" if change.before is None else "removed" if change.after is None else "changed"
    if _no_text(change):
        return FileChange(change.path, 0, 0, kind)
    added = removed = 0
    for _, low, high, start, end in _steps(change.old, change.new):
        removed += high - low
        added += end - start
    return FileChange(change.path, added, removed, kind)


def _no_text(change: Change) -> bool:
    return any(entry is not None and entry.binary for entry in (change.before, change.after))


def _steps(old: list[str], new: list[str]) -> list[tuple[str, int, int, int, int]]:
    """Return what differs as (kind, from, to, from, to), found between the common begin and the common end."""
    start, ends = 0, min(len(old), len(new))
    while start < ends and old[start] == new[start]:
        start += 1
    end = 0
    while end < ends - start and old[-1 - end] == new[-1 - end]:
        end += 1
    low, high = old[start : len(old) - end], new[start : len(new) - end]
    if not low and not high:
        return []
    if not low or not high or len(low) + len(high) > _MOST_MATCHED:
        return [("replace", start, start + len(low), start, start + len(high))]
    matched = difflib.SequenceMatcher(None, low, high, autojunk=False).get_opcodes()
    return [(tag, a + start, b + start, c + start, d + start) for tag, a, b, c, d in matched if tag != "equal"]


def unified(before: Path, after: Path, limit: int = DIFF_LIMIT) -> str:
    """Return the changes as a unified diff of at most `limit` characters, secrets masked, what was cut told."""
    changed = changes(before, after)
    parts: list[str] = []
    room = limit - 100  # for the line that says what was left out
    for number, change in enumerate(changed):
        text = _masked("\n".join(_diff(change)) + "\n")
        if len(text) > room:
            kept = text[: max(0, room)]
            kept = kept[: kept.rfind("\n") + 1]
            left = len(changed) - number
            parts.append(f"{kept}... the rest is left out here: of {plural(left, 'file')}\n")
            break
        parts.append(text)
        room -= len(text)
    return "".join(parts)[:limit]


def _masked(text: str) -> str:
    """Return a part of a diff with its lines where they were, without secrets and without what steers a terminal."""
    return mask_document(steerless(text).encode("utf-8", "replace").decode())


def _diff(change: Change) -> Iterator[str]:
    yield f"--- {'/dev/null' if change.before is None else f'a/{change.path}'}"
    yield f"+++ {'/dev/null' if change.after is None else f'b/{change.path}'}"
    if _no_text(change):
        yield _whole(change)
        return
    if max(len(change.old), len(change.new)) > _MOST_LINES:
        yield f"({len(change.old)} lines before, {len(change.new)} after: too many to be shown)"
        return
    for group in _groups(_steps(change.old, change.new)):
        yield from _hunk(change.old, change.new, group)
    if _ended(change.before) != _ended(change.after) and change.before is not None and change.after is not None:
        yield "\\ The newline at the end of the file changed"


def _ended(entry: object) -> bool:
    data = getattr(entry, "data", None)
    return not data or data.endswith(b"\n")


def _whole(change: Change) -> str:
    """Return what there is to say of a change of what is no text."""
    said = []
    for entry in (change.before, change.after):
        if entry is None:
            said.append("nothing")
        else:
            said.append(f"{entry.size} bytes" if entry.regular else entry.digest)
    return steerless(f"(no text: {said[0]} before, {said[1]} after)").replace("\n", " ")


_Step = tuple[str, int, int, int, int]
_AROUND = 3


def _groups(steps: list[_Step]) -> Iterator[list[_Step]]:
    """Yield the steps whose surroundings touch together."""
    group: list[_Step] = []
    for step in steps:
        if group and step[1] - group[-1][2] > 2 * _AROUND:
            yield group
            group = []
        group.append(step)
    if group:
        yield group


def _hunk(old: list[str], new: list[str], group: list[_Step]) -> Iterator[str]:
    before = min(_AROUND, group[0][1])
    after = min(_AROUND, len(old) - group[-1][2])
    low, high = group[0][1] - before, group[-1][2] + after
    start, end = group[0][3] - before, group[-1][4] + after
    yield f"@@ -{_range(low, high)} +{_range(start, end)} @@"
    at = low
    for _, first, last, fresh, stale in group:
        yield from (f" {_short(line)}" for line in old[at:first])
        yield from (f"-{_short(line)}" for line in old[first:last])
        yield from (f"+{_short(line)}" for line in new[fresh:stale])
        at = last
    yield from (f" {_short(line)}" for line in old[at:high])


def _range(low: int, high: int) -> str:
    count = high - low
    return str(low + 1) if count == 1 else f"{low + 1 if count else low},{count}"


def _short(line: str) -> str:
    return line if len(line) <= _LONG_LINE else f"{line[:_LONG_LINE]}... ({len(line)} characters)"
