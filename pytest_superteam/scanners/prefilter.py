"""Which checks can find anything in a file, by the words in its bytes: most files are never parsed."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Collection

    from pytest_superteam.scanners.engine import ModuleCheck

__all__ = ["Prefilter", "prefilter"]


_MADE: dict[tuple[int, ...], Prefilter] = {}


def prefilter(checks: Collection[ModuleCheck]) -> Prefilter:
    """Return the prefilter of these very checks, made once: hundreds of services are scanned with the same ones."""
    key = tuple(map(id, checks))  # the prefilter holds the checks, so that no other can get one of their ids
    if key not in _MADE:
        _MADE[key] = Prefilter(checks)
    return _MADE[key]


class Prefilter:
    """The trigger words of the checks of one language, looked for in one pass over the bytes."""

    def __init__(self, checks: Collection[ModuleCheck]) -> None:
        self.checks = tuple(checks)
        self._words = sorted({word for check in self.checks for word in check.triggers})
        numbers = {word: number for number, word in enumerate(self._words)}
        self._wanted = [(check, frozenset(numbers[word] for word in check.triggers)) for check in self.checks]

    @cached_property
    def _automaton(self) -> Any:
        from ahocorasick_rs import BytesAhoCorasick, Implementation  # only where something is scanned

        return BytesAhoCorasick(self._words, implementation=Implementation.DFA)

    def possible(self, data: bytes) -> list[ModuleCheck]:
        """Return the checks of which a trigger, and the pattern where there is one, occurs in `data`."""
        if not self._words:
            return []
        found = {match[0] for match in self._automaton.find_matches_as_indexes(data, overlapping=True)}
        if not found:
            return []
        return [
            check
            for check, words in self._wanted
            if not words.isdisjoint(found) and (check.pattern is None or check.pattern.search(data))
        ]
