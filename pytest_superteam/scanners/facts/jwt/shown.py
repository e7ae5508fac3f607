"""A dict or an object as far as the code shows it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

__all__ = ["Shown", "Steps"]


@dataclass
class Shown:
    """The entries by key, each a node. `complete`: no part is unknown, so that what is not here is not in it."""

    fields: dict[str, Any] = field(default_factory=dict)
    complete: bool = True

    def add(self, other: Shown | None) -> None:
        """Take over the entries of another one, as `update` and a spread do; of None nothing is known."""
        if other is None:
            self.complete = False
        else:
            self.fields |= other.fields
            self.complete = self.complete and other.complete

    @classmethod
    def joined(cls, parts: list[Shown | None]) -> Shown | None:
        """Return what one of several holds; None where one of them is not shown."""
        made = cls()
        for part in parts:
            if part is None:
                return None
            made.add(part)
        return made if parts else None


class Steps:
    """What one question about a file may cost: names in hostile code lead to one another without end."""

    def __init__(self, most: int, questions: int) -> None:
        self._most = most
        self._left = most
        self._questions = questions

    def begin(self) -> None:
        """Start a question; each of the later ones in a file that asks very many gets few steps."""
        self._questions -= 1
        self._left = self._most if self._questions > 0 else 10

    def spend(self) -> bool:
        """Return whether one more step may be taken."""
        self._left -= 1
        return self._left >= 0
