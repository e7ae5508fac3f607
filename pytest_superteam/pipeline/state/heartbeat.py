"""A sign of life at short intervals, so that a crash can be told from a run in progress."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from pytest_superteam.pipeline.state.store import Store

__all__ = ["ALIVE_SECONDS", "Heartbeat"]

ALIVE_SECONDS = 300.0
"""A session that gave no sign of life for so long is taken for dead where nothing else tells; clocks may differ."""
STOP_SECONDS = 5.0
"""How long the end of a session waits for a beat that is under way; the thread is one that holds nobody up."""


def _nothing() -> None:
    """Do nothing besides."""


class Heartbeat:
    """Writes down at intervals that a session is alive, from a thread of its own.

    What goes wrong in it never breaks the run: the error is kept in `trouble` and the next beat tries again.
    """

    def __init__(
        self, store: Store, session: str, *, seconds: float = 10.0, also: Callable[[], object] = _nothing
    ) -> None:
        """Beat for `session` every `seconds`, and call `also` after each beat."""
        self.trouble: BaseException | None = None
        """What went wrong at the last beat; None where nothing did."""
        self._store, self._session, self._seconds, self._also = store, session, seconds, also
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Begin, with a beat at once; a second call does nothing."""
        if self._thread is None:
            self._stop.clear()
            self._thread = threading.Thread(target=self._beat, name="superteam-heartbeat", daemon=True)
            self._thread.start()

    def stop(self) -> None:
        """End; may be called at any time, also from `also` itself and more than once."""
        self._stop.set()
        thread, self._thread = self._thread, None
        if thread is not None and thread is not threading.current_thread():
            thread.join(STOP_SECONDS)

    def _beat(self) -> None:
        while True:
            try:
                self._store.beat(self._session)
                self._also()
                self.trouble = None
            except Exception as error:  # noqa: BLE001  # bookkeeping: whatever it is, the run goes on
                self.trouble = error
            if self._stop.wait(self._seconds):
                return
