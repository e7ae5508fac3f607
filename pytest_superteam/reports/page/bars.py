"""The timeline: each span of time as a bar on an axis on which idle time between sessions is folded."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pytest_superteam.reports.text import one_line
from pytest_superteam.reports.times import LAST, moment, span

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from pytest_superteam.models import Span

__all__ = ["Bar", "Gap", "Timeline", "bars_of"]

_MOST = 200
"""Spans at most."""
_IDLE = 0.1
"""Part of the busy time from which on an idle one is folded."""
_SHORTEST = 1.0
"""Seconds of idle time that are never folded."""
_FOLDED = 0.05
"""How wide a folded time is, as part of the busy time."""
_DEPTHS = {"session": 0, "phase": 1, "build": 2, "fix": 2}
_BAD = frozenset({"failed", "error", "timed out", "interrupted", "refused", "crashed", "killed", "stalled", "stopped"})
"""How outcomes begin that are no good end, up to a colon: `interrupted: SIGINT`."""


@dataclass(frozen=True)
class Bar:
    """One span: where it stands on the axis in percent, and in words."""

    name: str
    kind: str
    depth: int
    left: float
    width: float
    began: str
    took: str
    outcome: str
    bad: bool


@dataclass(frozen=True)
class Gap:
    """Idle time that is folded."""

    left: float
    width: float
    took: str


@dataclass(frozen=True)
class Timeline:
    """The bars by beginning, what is folded between them, and how many spans are left out."""

    bars: tuple[Bar, ...]
    gaps: tuple[Gap, ...]
    more: int


def bars_of(spans: Iterable[Span]) -> Timeline:
    """Return the axis of `spans`; spans of moments that can't be are left out."""
    known = [each for each in spans if 0 <= each.started < LAST]
    shown = known[:_MOST]
    ends = [_end(each) for each in shown]
    axis = _Axis(list(zip((each.started for each in shown), ends, strict=True)))
    bars = tuple(_bar(each, end, axis) for each, end in zip(shown, ends, strict=True))
    return Timeline(bars, axis.gaps, len(known) - len(shown))


def _end(each: Span) -> float:
    """Return when a span ended; one that is not known to have ended counts as a moment."""
    if each.ended is None or not each.started <= each.ended < LAST:
        return each.started
    return each.ended


def _bar(each: Span, end: float, axis: _Axis) -> Bar:
    left, right = axis.at(each.started), axis.at(end)
    known = each.ended is not None and each.ended >= each.started
    outcome = one_line(each.outcome, 40)
    return Bar(
        name=_name(each),
        kind=each.kind,
        depth=_DEPTHS.get(each.kind, 2),
        left=round(min(left, 99.5), 3),
        width=round(max(right - left, 0.0), 3),
        began=moment(each.started),
        took=_took(end - each.started) if known else "end not known",
        outcome=outcome,
        bad=outcome.lower().partition(":")[0] in _BAD,
    )


def _took(seconds: float) -> str:
    return f"{seconds * 1000:.0f} ms" if seconds < 0.95 else span(seconds)


def _name(each: Span) -> str:
    if each.kind == "session":
        return f"Session {one_line(each.name, 20)}"
    name, by = one_line(each.name, 63), f" by {one_line(each.builder, 60)}" if each.builder else ""
    if each.kind == "build":
        return f"Build {name}{by}{f', try {each.number}' if each.number > 1 else ''}"
    return f"Fix {name}{by}, attempt {each.number}" if each.kind == "fix" else name.capitalize()


class _Axis:
    """Moments -> percent of the width: busy time in proportion, long idle time folded."""

    def __init__(self, intervals: Sequence[tuple[float, float]]) -> None:
        busy = _merged(intervals)
        worked = sum(end - start for start, end in busy) or 1.0
        self.starts, self.ends, self.places = [], [], [0.0]
        folds: list[tuple[float, float, float]] = []
        place = 0.0
        for index, (start, end) in enumerate(busy):
            if index:
                idle = start - busy[index - 1][1]
                folded = idle > max(_SHORTEST, _IDLE * worked)
                width = _FOLDED * worked if folded else idle
                folds += [(place, width, idle)] if folded else []
                place += width
            self.starts.append(start)
            self.ends.append(end)
            self.places.append(place)
            place += end - start
        self.whole = place or 1.0
        self.gaps = tuple(
            Gap(round(at / self.whole * 100, 3), round(width / self.whole * 100, 3), _took(idle))
            for at, width, idle in folds
        )

    def at(self, moment_: float) -> float:
        """Return where a moment within a busy time stands, in percent."""
        index = bisect_right(self.starts, moment_)
        since = moment_ - self.starts[index - 1] if index else 0.0
        return (self.places[index] + since) / self.whole * 100


def _merged(intervals: Sequence[tuple[float, float]]) -> list[tuple[float, float]]:
    """Return the times in which something went on, in order."""
    merged: list[tuple[float, float]] = []
    for start, end in sorted(intervals):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged
