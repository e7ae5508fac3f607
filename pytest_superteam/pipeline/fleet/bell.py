"""What wakes those who wait: somebody is done, something was paid, or it is time to stop."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["Bell"]


class Bell:
    """Rings in one event loop; who waits looks again whether what it waits for is there, in the order of waiting."""

    def __init__(self) -> None:
        """Begin with nobody waiting."""
        self._waiting: dict[asyncio.Future[None], None] = {}

    def ring(self) -> None:
        """Wake all who wait."""
        for rung in self._waiting:
            if not rung.done():
                rung.set_result(None)

    async def wait(self, seconds: float | None = None, *, until: Iterable[asyncio.Future[Any]] = ()) -> None:
        """Wait until it rings, one of `until` is done, or `seconds` are over."""
        rung: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting[rung] = None
        try:
            await asyncio.wait({rung, *until}, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
        finally:
            del self._waiting[rung]
