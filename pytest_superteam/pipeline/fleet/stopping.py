"""The wish to stop: said by a signal, a budget or anything else, heard by whoever works."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["Stopping"]


class Stopping:
    """Whether to stop, and how fast; safe to call in a signal handler and from any thread.

    First `request`: nothing new begins, what is at work gets its grace to come to an end. Then `hard`: what is at work
    is cancelled at once. Neither can be taken back.
    """

    def __init__(self) -> None:
        """Begin with nobody wanting to stop."""
        self.reason = ""
        """Why to stop, in words; empty as long as nobody wants to."""
        self.at_once = False
        """Whether what is at work is cancelled without grace."""
        self._heard: tuple[Callable[[], None], ...] = ()

    @property
    def requested(self) -> bool:
        """Return whether somebody wants to stop."""
        return bool(self.reason)

    @property
    def watched(self) -> bool:
        """Return whether somebody is at work who hears it."""
        return bool(self._heard)

    def request(self, reason: str) -> None:
        """Ask to stop in good order; the first reason stays."""
        self.reason = self.reason or reason or "interrupted"
        self._tell()

    def hard(self, reason: str = "") -> None:
        """Ask to stop at once."""
        self.at_once = True
        self.request(reason)

    def watch(self, heard: Callable[[], None]) -> Callable[[], None]:
        """Call `heard` at each wish, in the thread that says it, and at once where one was said already.

        Returns:
            What ends it.
        """
        self._heard = (*self._heard, heard)
        if self.requested:
            heard()

        def end() -> None:
            self._heard = tuple(one for one in self._heard if one is not heard)

        return end

    def _tell(self) -> None:
        for heard in self._heard:
            heard()
