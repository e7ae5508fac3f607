"""What is seen of a run while it goes: a live view on a terminal, few plain lines elsewhere."""

from __future__ import annotations

import contextlib
import os
import threading
import time
from typing import TYPE_CHECKING

from pytest_superteam.gate.screens import LiveScreen, ReporterScreen, screen_of
from pytest_superteam.pipeline.watch.plain import QUIET_PHASES, Detail, line_of, sign_of_life
from pytest_superteam.pipeline.watch.tail import Tail
from pytest_superteam.pipeline.watch.view import View

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    import pytest

    from pytest_superteam.config import Config
    from pytest_superteam.gate.screens import Screen

__all__ = ["NAME", "PHASES", "Watching", "watch", "watch_events"]

NAME = "superteam_watching"
"""The name of the plugin between `start` and `stop`."""
PHASES = ("architect", "contracts", "builders", "deployment", "gate")
LOOK = 0.25
"""Seconds between two looks."""
SILENCE = 60.0
"""Seconds without a line after which plain lines say that the run is alive; CI systems end jobs that say nothing."""
_MOST = 100
"""Lines that are shown after one look."""


class Watching:
    """Shows what happens in a run; a plugin of pytest between `start` and `stop`.

    The phases of this process are watched from their start to their end, in a thread, since the main one is at work.
    Those of pytest-xdist's workers are watched all the time. Whatever goes wrong here, the run goes on unseen.
    """

    def __init__(self, config: pytest.Config, screen: Screen | None, tail: Tail, view: View) -> None:
        """Show what `tail` brings on `screen`."""
        self.config, self.screen, self.tail, self.view = config, screen, tail, view
        self.detail = _detail(config, live=isinstance(screen, LiveScreen))
        self.began = self._told = time.time()
        self._phases: list[str] = []
        self._entered = False
        self._over = threading.Event()
        self._thread: threading.Thread | None = None

    @property
    def _elsewhere(self) -> bool:
        """Return whether phases happen in other processes."""
        return self.config.pluginmanager.hasplugin("dsession")

    # ------------------------------------------------------------ from start to stop

    def start(self) -> None:
        """Begin to look; what has happened already is taken up, and not shown."""
        if self.screen is None or self.config.pluginmanager.has_plugin(NAME):
            return
        with contextlib.suppress(Exception):
            self._take_up()
        self.config.pluginmanager.register(self, NAME)
        if isinstance(self.screen, ReporterScreen) and self._elsewhere:
            self.config.pluginmanager.register(self.screen, f"{NAME}_turns")
        if self._elsewhere:
            self._begin()

    def stop(self) -> None:
        """Show what is left and leave the terminal as it was; may be called twice."""
        if self.config.pluginmanager.get_plugin(NAME) is not self:
            return
        for name in (NAME, f"{NAME}_turns"):
            if self.config.pluginmanager.has_plugin(name):
                self.config.pluginmanager.unregister(name=name)
        self._end()

    def _take_up(self) -> None:
        """Bring the view up to date without showing anything."""
        self.tail.behind = True
        while self.tail.behind:
            for event in self.tail.poll():
                self.view.take(event)

    # ------------------------------------------------------------ phases

    def pytest_superteam_phase(self, phase: str, state: str) -> None:
        """Look while a phase of this process is at work."""
        if self._elsewhere or phase in QUIET_PHASES or threading.current_thread() is not threading.main_thread():
            return
        if state == "started":
            self._phases.append(phase)
            if len(self._phases) == 1:
                self._begin()
        elif state in {"done", "failed", "stopped"} and phase in self._phases:
            self._phases.remove(phase)
            if not self._phases:
                self._end()

    def pytest_enter_pdb(self) -> None:
        """Get out of the way of a debugger, who has said so on the terminal already."""
        self._rest()
        if self.screen is not None and self._entered:
            self._entered = False
            self.screen.abandon()

    def pytest_leave_pdb(self) -> None:
        """Go on where a debugger left off."""
        if self._phases or self._elsewhere:
            self._begin()

    def _begin(self) -> None:
        """Get the screen ready, and look from time to time."""
        self._enter()
        self._over.clear()
        self._thread = threading.Thread(target=self._look, name=NAME, daemon=True)
        self._thread.start()

    def _enter(self) -> None:
        if self.screen is None or self._entered:
            return
        try:
            self.screen.enter()
            self._entered = True
        except Exception:  # noqa: BLE001  # such as a terminal that is gone
            self.screen = None

    def _end(self) -> None:
        """Stop looking, show what has not been shown yet, and leave the screen."""
        self._rest()
        with contextlib.suppress(Exception):
            lines = self._lines()
            if lines:
                self._enter()
                self._show(lines)
        if self.screen is not None and self._entered:
            self._entered = False
            with contextlib.suppress(Exception):
                self.screen.leave()

    def _rest(self) -> None:
        """Stop looking."""
        self._over.set()
        if self._thread is not None:
            self._thread.join()
            self._thread = None

    # ------------------------------------------------------------ looking

    def _look(self) -> None:
        try:
            while not self._over.wait(LOOK):
                self._show(self._lines(), alive=True)
        except Exception:  # noqa: BLE001  # a terminal that is gone, a table that can't be drawn: nothing to stop for
            return

    def _lines(self) -> list[str]:
        """Return what is to be told of what happened since the last look."""
        found = []
        for event in self.tail.poll():
            self.view.take(event)
            found.append(line_of(event, self.view, self.detail))
        told = [line for line in found if line]
        more = len(told) - _MOST
        return told if more <= 0 else [*told[:_MOST], f"and {more} more lines, which are in the run log"]

    def _show(self, lines: list[str], *, alive: bool = False) -> None:
        """Show lines, the table where there is one, and a sign of life where nothing was told for long."""
        now = time.time()
        if alive and not lines and not isinstance(self.screen, LiveScreen) and now - self._told >= SILENCE:
            lines = [line for line in (sign_of_life(self.view, now),) if line and self.detail != "little"]
        if lines:
            self._told = now
        if self.screen is not None and (lines or alive):
            self.screen.show(lines, self.view, now, self.began)


def _detail(config: pytest.Config, *, live: bool) -> Detail:
    """Return how much is told in lines: less where a table tells the rest."""
    known: tuple[Detail, ...] = ("little", "beside", "normal", "much") if live else ("little", "normal", "much", "much")
    return known[max(-1, min(config.get_verbosity(), 2)) + 1]


def watch(config: pytest.Config, settings: Config, events: Path, session: str, *, found: bool) -> Watching:
    """Return what shows a session with these settings; `found` says that its system is there already."""
    phases: tuple[str, ...] = PHASES[3:] if found else PHASES
    if settings.until in phases:
        phases = phases[: phases.index(settings.until) + 1]
    return watch_events(config, events, session=session, phases=phases, cap=settings.budget.total)


def watch_events(  # also before there is a gate: while the system is designed
    config: pytest.Config,
    events: Path,
    *,
    session: str,
    phases: tuple[str, ...] = PHASES,
    cap: float | None = None,
    environment: Mapping[str, str] = os.environ,
) -> Watching:
    """Return what shows the events of a session.

    Args:
        config: of the pytest session that shows it.
        events: the file that they are written to.
        session: whose events are shown.
        phases: those that the run has before it.
        cap: what it may cost, in US dollars; None where nobody said.
        environment: tells what the terminal is.
    """
    return Watching(config, screen_of(config, environment), Tail(events, session), View.expecting(phases, cap))
