"""A session that ends before its time: by a signal, or since the run may not go on."""

from __future__ import annotations

import signal
import threading
from typing import TYPE_CHECKING, Any

import pytest

from pytest_superteam.errors import StoppedError
from pytest_superteam.reports.masking import mask

if TYPE_CHECKING:
    from collections.abc import Generator

    from pytest_superteam.pipeline.fleet.stopping import Stopping

__all__ = ["Signals"]

HEARD = (signal.SIGINT, signal.SIGTERM)


class Signals:
    """What Ctrl-C and SIGTERM do while a session goes.

    Where builders are at work the first one lets them come to an end, within their grace, and the second one does not
    wait. Everywhere else it is pytest's own interruption, after which the session ends in order.
    """

    def __init__(self) -> None:
        """Wait for the first signal."""
        self.stopping: Stopping | None = None
        self.last = ""
        """Name of the last signal that came."""
        self._old: dict[signal.Signals, Any] = {}

    def install(self) -> None:
        """Listen, where this thread can."""
        if threading.current_thread() is threading.main_thread():
            self._old = {number: signal.signal(number, self._hear) for number in HEARD}

    def restore(self) -> None:
        """Listen no more."""
        for number, handler in self._old.items():
            signal.signal(number, handler)
        self._old = {}

    def _hear(self, number: int, _frame: Any) -> None:
        again, self.last = bool(self.last), signal.Signals(number).name
        stopping = self.stopping
        if stopping is None or not stopping.watched:
            raise KeyboardInterrupt
        if again:
            stopping.hard(self.last)
        else:
            stopping.request(self.last)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_setup(item: pytest.Item) -> Generator[None, object, object]:
    """End the session where the run was stopped under an item."""
    return (yield from _ending(item))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None, object, object]:
    """End the session where the run was stopped under an item."""
    return (yield from _ending(item))


def _ending(item: pytest.Item) -> Generator[None, object, object]:
    try:
        return (yield)
    except StoppedError as error:
        why = mask(str(error))
        item.session.shouldstop = f"superteam: stopped: {why}"
        pytest.skip(f"not tried, since the run was stopped: {why}")
