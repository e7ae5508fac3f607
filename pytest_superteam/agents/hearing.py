"""Reading what an agent prints, in an event loop."""

from __future__ import annotations

import asyncio
import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pytest_superteam.agents.printed import Printed

__all__ = ["Hearing"]

_CHUNK = 1 << 16


class Hearing:
    """Takes what comes out of a pipe, as fast as it is taken and no faster."""

    def __init__(self, pipe: int, printed: Printed, most: int) -> None:
        """Take up to `most` bytes, and a bit; whoever prints on has to wait then."""
        self._pipe, self._printed, self._most = pipe, printed, most
        self._loop = asyncio.get_running_loop()
        self.over: asyncio.Future[None] = self._loop.create_future()
        """Done at the end of the pipe, or when it was too much; holds what the listener raised."""
        os.set_blocking(pipe, False)
        self._loop.add_reader(pipe, self._take)

    @property
    def too_much(self) -> bool:
        """Return whether more was printed than may be."""
        return self._printed.total > self._most

    def _take(self) -> None:
        try:
            data = os.read(self._pipe, _CHUNK)
            if data:
                self._printed.take(data)
            else:
                self._printed.end()
        except BlockingIOError:
            return
        except Exception as error:  # noqa: BLE001  # the listener's; raised where it is waited for
            self._loop.remove_reader(self._pipe)
            self.over.set_exception(error)
            return
        if not data or self.too_much:
            self._loop.remove_reader(self._pipe)
            self.over.set_result(None)

    def check(self) -> None:
        """Raise what the listener raised."""
        if self.over.done():
            self.over.result()

    def close(self) -> None:
        """Take nothing more."""
        self._loop.remove_reader(self._pipe)
        if not self.over.done():
            self.over.cancel()
        elif not self.over.cancelled():
            self.over.exception()  # or asyncio complains that nobody asked
