"""A session that ends before its time: by a signal, or since the run may not go on."""

from __future__ import annotations

import os
import signal
import threading
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pytest

from pytest_superteam.errors import StoppedError
from pytest_superteam.pipeline.state.store import StoreError
from pytest_superteam.reports.masking import mask

if TYPE_CHECKING:
    from collections.abc import Generator

    from pytest_superteam.pipeline.run import Run

__all__ = ["SIGNALS", "STOPPED", "Signals"]

STOPPED = "superteam: stopped: "
"""How the reason of a session begins that was stopped by its run."""
HEARD = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
GRACE_MORE = 5.0
"""Seconds that a worker gets besides the builders' grace."""
UNWINDING = 1.0
"""Seconds that pytest gets to take note of an interruption, before another one may come in its way."""
AT_ONCE = 2.0
"""Seconds that a worker gets after a second signal, before it is killed."""


@dataclass
class Signals:
    """What Ctrl-C, SIGTERM and a closed terminal do while a session goes.

    Where builders are at work the first signal lets them come to an end, within their grace, and the second one does
    not wait. Everywhere else it is pytest's own interruption, after which the session ends in order.
    """

    run: Run | None = None
    """The run, once there is one."""
    last: str = ""
    """Name of the last signal that came."""
    count: int = 0
    quiet: bool = False
    """Whether signals are only counted: the session is ending already."""
    workers: set[str] = field(default_factory=set)
    """Names of the workers of pytest-xdist that are there."""
    _raised: float = -UNWINDING
    """When pytest was interrupted last."""
    _old: dict[signal.Signals, Any] = field(default_factory=dict)

    def install(self) -> None:
        """Listen, where this thread can; a signal that is ignored (nohup) stays so."""
        if threading.current_thread() is threading.main_thread():
            heard = (number for number in HEARD if signal.getsignal(number) is not signal.SIG_IGN)
            self._old = {number: signal.signal(number, self._hear) for number in heard}

    def restore(self) -> None:
        """Listen no more."""
        for number, handler in self._old.items():
            signal.signal(number, handler)
        self._old = {}

    def _hear(self, number: int, _frame: Any) -> None:
        """Hear a signal; nothing here takes a lock, prints, or touches the store."""
        self.last, self.count = signal.Signals(number).name, self.count + 1
        if self.run is not None and self.run.stopping.watched:
            (self.run.stopping.hard if self.count > 1 else self.run.stopping.request)(self.last)
            return
        if self.run is not None and self.workers:
            self.run.stop_file.write(self.last, hard=self.count > 1)
        now = time.monotonic()
        if not self.quiet and now - self._raised > UNWINDING:
            self._raised = now
            raise KeyboardInterrupt(self.last)

    def await_workers(self) -> None:
        """Let the builders of workers come to an end before pytest-xdist ends the workers; it gives them no grace."""
        if self.run is None or not self.workers or not self.count:
            return
        deadline = time.monotonic() + self.run.config.retry.grace + GRACE_MORE
        hurried = False
        while time.monotonic() < deadline and not self.run.is_free("builders"):
            if self.count > 1 and not hurried:
                hurried, deadline = True, min(deadline, time.monotonic() + AT_ONCE)
            time.sleep(0.1)
        if self.run.is_free("builders"):
            return
        for pid in self.run.workers():
            try:
                os.kill(pid, signal.SIGKILL)
            except OSError:
                continue


SIGNALS = pytest.StashKey[Signals]()


@pytest.hookimpl(optionalhook=True)
def pytest_testnodeready(node: Any) -> None:
    """Know the workers that run on this machine."""
    if node.gateway.spec.popen and SIGNALS in node.config.stash:
        node.config.stash[SIGNALS].workers.add(node.gateway.id)


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    """Forget a worker that is gone."""
    if SIGNALS in node.config.stash:
        node.config.stash[SIGNALS].workers.discard(node.gateway.id)


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
    except (StoppedError, StoreError) as error:
        why = mask(str(error))
        item.session.shouldstop = f"{STOPPED}{why}"
        pytest.skip(f"not tried, since the run was stopped: {why}")
