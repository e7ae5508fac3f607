"""What a run of an agent used up to now, as it says itself."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pytest_superteam.agents.reading.figures import MOST_TOKENS, MOST_USD
from pytest_superteam.agents.reading.tally import NumberTally, TextTally, first_told
from pytest_superteam.models import Usage

if TYPE_CHECKING:
    from collections.abc import Callable

    from pytest_superteam.agents.reading.spec import UsageSpec

__all__ = ["Spending"]

_TOKENS = ("input_tokens", "output_tokens", "cache_read_tokens")


class Spending:
    """Follows the figures of what is used."""

    def __init__(self, spec: UsageSpec, model: str, complain: Callable[[str], None]) -> None:
        """Follow `spec`; `model` is the one that was asked for, `complain` is told what is wrong with a figure."""
        self._spec, self._asked, self._complain = spec, model, complain
        self._numbers = {
            name: [NumberTally(find, complain) for find in getattr(spec, name)] for name in ("usd", *_TOKENS)
        }
        self._models = [TextTally(find) for find in spec.model]
        self._told: Usage | None = None

    def hear(self, line: str) -> None:
        """Take a printed line."""
        for tallies in self._numbers.values():
            for tally in tallies:
                tally.hear(line)
        for text in self._models:
            text.hear(line)

    def read(self, document: Any, of: str) -> None:
        """Take a document that was printed, or that of the file which is left."""
        for name, tallies in self._numbers.items():
            for find, tally in zip(getattr(self._spec, name), tallies, strict=True):
                if find.of == of:
                    tally.read(document)
        for find, text in zip(self._spec.model, self._models, strict=True):
            if find.of == of:
                text.read(document)

    def usage(self) -> Usage | None:
        """Return what was used, None where nothing was told of it."""
        usd = self._bounded("usd", MOST_USD)
        tokens = {name: self._bounded(name, MOST_TOKENS) for name in _TOKENS}
        if usd is None and all(count is None for count in tokens.values()):
            return None
        model = next((text.value for text in self._models if text.value), self._asked)
        return Usage(usd, model[:200], **{name: int(count or 0) for name, count in tokens.items()})

    def changed(self) -> Usage | None:
        """Return what was used where it is more than when this was asked last."""
        now = self.usage()
        if now == self._told:
            return None
        self._told = now
        return now

    def _bounded(self, name: str, most: float) -> float | None:
        number = first_told(self._numbers[name])
        if number is not None and number > most:
            self._complain(f"{name} of {number:g} is out of all range")
            return None
        return number
