"""The nouns of a comparison: a change, how risky it is to either side, and where it stands."""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, NamedTuple

from pytest_superteam.models import Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = [
    "DIFFERS",
    "NARROWS",
    "NEUTRAL",
    "UNCLEAR",
    "WIDENS",
    "Change",
    "Collector",
    "Risk",
    "canonical",
    "shown",
]

_SHOWN = 80  # characters of a value in a message


class Risk(NamedTuple):
    """What a change means for consumers: `sent` where they write the value, `read` where they read it."""

    sent: Severity
    read: Severity

    @property
    def flipped(self) -> Risk:
        """Return the risk of the same change under a `not`."""
        return Risk(self.read, self.sent)


NARROWS = Risk(Severity.ERROR, Severity.INFO)
"""Fewer values than before: what a consumer sends may be refused."""
WIDENS = Risk(Severity.INFO, Severity.ERROR)
"""More values than before: a consumer may read what it does not know."""
DIFFERS = Risk(Severity.ERROR, Severity.ERROR)
"""Other values than before."""
UNCLEAR = Risk(Severity.WARNING, Severity.WARNING)
"""The documents do not tell whether the values differ."""
NEUTRAL = Risk(Severity.INFO, Severity.INFO)
"""The same values as before."""


@dataclass(frozen=True)
class Change:
    """One difference between two versions of a contract."""

    kind: str
    """Identity of the kind of change, such as `request-property-became-required`."""
    level: Severity
    """`ERROR`: breaks consumers; `WARNING`: may break them; `INFO`: does not."""
    operation: str
    """`POST /orders`, a webhook or a message; empty where it concerns the whole document."""
    where: str
    """The place in words: `the body of the 200 answer: items[].price`."""
    message: str
    """What changed, in words, without the place and the values."""
    old: str = ""
    """The value before, as JSON, shortened; empty where there was none."""
    new: str = ""
    also: tuple[str, ...] = ()
    """Further operations that the same change concerns, through a shared component."""

    @property
    def breaking(self) -> bool:
        """Return whether a consumer of the old version can stop working."""
        return self.level is Severity.ERROR

    def __str__(self) -> str:
        """Return one line: operation, place, what changed and the values."""
        place = " ".join(part for part in (self.operation, self._others) if part)
        values = f": {self.old or 'nothing'} -> {self.new or 'nothing'}" if self.old or self.new else ""
        return f"{', '.join(part for part in (place, self.where) if part)}: {self.message}{values}"

    @property
    def _others(self) -> str:
        if not self.also:
            return ""
        return f"(and {len(self.also)} more operation{'s' if len(self.also) > 1 else ''})"


@dataclass
class Collector:
    """Changes as they are found; the same one found through several operations is one change."""

    _found: dict[tuple[Any, ...], tuple[Change, dict[str, None]]] = field(default_factory=dict)

    def add(self, change: Change, key: tuple[Any, ...] | None = None, operation: str = "") -> None:
        """Keep `change`; `key` is what makes it the same as another, by default kind, place and values.

        `operation` is a further one that it concerns.
        """
        same = key or (change.kind, change.level, change.where, change.old, change.new)
        first, operations = self._found.setdefault(same, (change, {}))
        for name in (change.operation, operation):
            if name not in {first.operation, ""}:
                operations[name] = None

    def __iter__(self) -> Iterator[Change]:
        """Yield what was found, each with the other operations that it concerns."""
        for change, others in self._found.values():
            yield replace(change, also=tuple(sorted(others)))

    def sorted(self) -> tuple[Change, ...]:
        """Return the changes: the worst first, then by operation, place and kind."""
        return tuple(sorted(self, key=_rank))


def _rank(change: Change) -> tuple[Any, ...]:
    return (-change.level.rank, change.operation, change.where, change.kind, change.old, change.new)


def canonical(value: Any) -> str:
    """Return JSON that is equal for equal values: keys sorted, `1.0` as `1`."""
    return json.dumps(_plain(value), sort_keys=True, ensure_ascii=False, default=str)


def _plain(value: Any) -> Any:
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, dict):
        return {str(key): _plain(item) for key, item in value.items()}
    return [_plain(item) for item in value] if isinstance(value, list) else value


def shown(value: Any) -> str:
    """Return `value` for a message, on one line and shortened; None is nothing."""
    if value is None:
        return ""
    text = ", ".join(_text(item) for item in value) if isinstance(value, (set, frozenset, tuple)) else _text(value)
    return text if len(text) <= _SHOWN else f"{text[: _SHOWN - 3]}..."


def _text(value: Any) -> str:
    return " ".join(value.split()) if isinstance(value, str) else canonical(value)
