"""Where builders run: each in a thread with an event loop of its own.

A builder is other people's code. It may block its loop, raise what ends a process, or take no notice of being
cancelled; in a thread of its own none of that touches the others, the run or its clock.
"""

from __future__ import annotations

import asyncio
import contextlib
import contextvars
import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

__all__ = ["Finished", "Lane", "ThreadLane", "Work", "guarded"]


@dataclass(frozen=True)
class Finished:
    """How a piece of work ended: with a value, or with an error of any kind."""

    value: Any = None
    error: BaseException | None = None


class Work(Protocol):
    """A piece of work under way."""

    @property
    def done(self) -> asyncio.Future[Finished]:
        """Return what holds the end, once it is there; it is never an exception."""
        ...

    @property
    def gone(self) -> asyncio.Future[None]:
        """Return what is done when nothing of it is left, such as tasks that it began."""
        ...

    def cancel(self) -> None:
        """Ask it to end."""
        ...

    def abandon(self) -> None:
        """Take no notice of it any more; what it still does is nobody's."""
        ...


class Lane(Protocol):
    """Runs pieces of work beside each other."""

    def start(self, work: Callable[[], Coroutine[Any, Any, Any]], name: str) -> Work:
        """Begin a piece of work; called within a running event loop."""
        ...


async def guarded(work: Callable[[], Coroutine[Any, Any, Any]]) -> Finished:
    """Return how `work` ends, whatever it raises: what would end the process is the end of this work only."""
    try:
        return Finished(await work())
    except BaseException as error:  # noqa: BLE001  # SystemExit and the like of somebody else's code
        return Finished(error=error)


class ThreadLane:
    """Gives each piece of work a thread and an event loop."""

    def start(self, work: Callable[[], Coroutine[Any, Any, Any]], name: str) -> Work:
        """Begin a piece of work in a new thread."""
        return _Threaded(work, name)


class _Threaded:
    """Work in a thread. The thread is a daemon: one that never ends does not keep the process from ending."""

    def __init__(self, work: Callable[[], Coroutine[Any, Any, Any]], name: str) -> None:
        self._work = work
        self._home = asyncio.get_running_loop()
        self.done: asyncio.Future[Finished] = self._home.create_future()
        self.gone: asyncio.Future[None] = self._home.create_future()
        self._lock = threading.Lock()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._task: asyncio.Task[Any] | None = None
        self._unwanted = self._abandoned = False
        run = contextvars.copy_context().run
        threading.Thread(target=run, args=(self._run,), name=f"superteam-{name}", daemon=True).start()

    def cancel(self) -> None:
        with self._lock:
            self._unwanted = True
            if self._loop is not None and self._task is not None:
                _call(self._loop, self._task.cancel)

    def abandon(self) -> None:
        with self._lock:
            self._unwanted = self._abandoned = True
            if self._loop is not None:
                _call(self._loop, self._loop.stop)  # what waits there never goes on

    # ------------------------------------------------------------ in the thread

    def _run(self) -> None:
        finished = Finished(error=asyncio.CancelledError())
        try:
            with asyncio.Runner() as runner:
                try:
                    finished = runner.run(self._guarded())
                except BaseException as error:  # noqa: BLE001  # out of a task that it began, or the loop was stopped
                    finished = Finished(error=error)
                if self._abandoned:
                    self._park()
                _call(self._home, _settle, self.done, finished)
                with self._lock:
                    self._loop = None
        except BaseException as error:  # noqa: BLE001  # what it left behind did not end well
            finished = Finished(error=error)
        _call(self._home, _settle, self.done, finished)
        _call(self._home, _settle, self.gone, None)

    async def _guarded(self) -> Finished:
        with self._lock:
            self._loop, self._task = asyncio.get_running_loop(), asyncio.current_task()
            unwanted = self._unwanted
        return Finished(error=asyncio.CancelledError()) if unwanted else await guarded(self._work)

    @staticmethod
    def _park() -> None:
        """Keep still for ever: to close the loop would wait for tasks that do not want to end."""
        threading.Event().wait()


def _call(loop: asyncio.AbstractEventLoop, call: Callable[..., Any], *arguments: Any) -> None:
    with contextlib.suppress(RuntimeError):  # the loop is closed: nobody waits for it there
        loop.call_soon_threadsafe(call, *arguments)


def _settle(future: asyncio.Future[Any], value: Any) -> None:
    if not future.done():
        future.set_result(value)
