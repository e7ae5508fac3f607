"""Where lines about the run go without getting between pytest's own: three ways, by what the session's terminal is."""

from __future__ import annotations

import contextlib
import os
import shutil
import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, TextIO

import pytest

from pytest_superteam.pipeline.watch.live import LiveTable

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from pytest_superteam.pipeline.watch.view import View

__all__ = ["BesideScreen", "LiveScreen", "ReporterScreen", "Screen", "columns", "may_live", "screen_of"]

PREFIX = "superteam: "
_NO_SIZE = (80, 24)


class Screen(Protocol):
    """Shows lines, and a table where it can; `enter` and `leave` are called in the main thread, `show` in any."""

    def enter(self) -> None:
        """Get ready: pytest writes nothing until `leave`."""

    def show(self, lines: Sequence[str], view: View, now: float, began: float) -> None:
        """Show lines that stay, and how the run stands; times in seconds since the epoch."""

    def leave(self) -> None:
        """Leave the terminal in the line that pytest is about to end, or at the beginning of one."""

    def abandon(self) -> None:
        """Leave the terminal to somebody who has begun to write already."""


class ReporterScreen:
    """Lines by way of pytest's own reporter, one at a time with it: where its stream is not captured."""

    def __init__(self, config: pytest.Config, terminal: pytest.TerminalReporter) -> None:
        """Write with `terminal`."""
        self.config, self.terminal = config, terminal
        self.turn = threading.RLock()
        self.current: object = None

    def enter(self) -> None:
        """Remember which line pytest is about to end."""
        self.current = self.terminal.currentfspath

    def leave(self) -> None:
        """Begin that line anew where something got between."""
        begin_again(self.config, self.terminal, self.current)

    def abandon(self) -> None:
        """Do nothing: each line is whole."""

    def show(self, lines: Sequence[str], _view: View, _now: float, _began: float) -> None:
        """Write each line on a line of its own."""
        with self.turn:
            for line in lines:
                fresh_line(self.config, self.terminal)
                self.terminal.write_line(PREFIX + line)
            if lines:
                self.terminal.flush()

    # ---- with pytest-xdist results come in while a phase is at work elsewhere: what is written for them is waited for

    def _in_turn(self) -> Iterator[Any]:
        with self.turn:
            return (yield)

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_logstart(self) -> Iterator[Any]:
        """Let the reporter finish."""
        return (yield from self._in_turn())

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_logreport(self) -> Iterator[Any]:
        """Let the reporter finish."""
        return (yield from self._in_turn())

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_logfinish(self) -> Iterator[Any]:
        """Let the reporter finish."""
        return (yield from self._in_turn())

    @pytest.hookimpl(wrapper=True, tryfirst=True, optionalhook=True)
    def pytest_testnodeready(self) -> Iterator[Any]:
        """Let the reporter finish."""
        return (yield from self._in_turn())

    @pytest.hookimpl(wrapper=True, tryfirst=True, optionalhook=True)
    def pytest_testnodedown(self) -> Iterator[Any]:
        """Let the reporter finish."""
        return (yield from self._in_turn())

    @pytest.hookimpl(wrapper=True, tryfirst=True, optionalhook=True)
    def pytest_xdist_node_collection_finished(self) -> Iterator[Any]:
        """Let the reporter finish."""
        return (yield from self._in_turn())


class BesideScreen:
    """Lines on a stream of our own: while an item runs, what is written to pytest's goes to the item's report."""

    def __init__(self, config: pytest.Config, terminal: pytest.TerminalReporter) -> None:
        """Write beside `terminal`."""
        self.config, self.terminal = config, terminal
        self.stream: TextIO | None = None
        self.current: object = None
        self.written = False

    def enter(self) -> None:
        """Keep a way to the terminal that is not captured."""
        self.current, self.written = self.terminal.currentfspath, False
        with released(self.config):
            self.terminal.flush()
            encoding = sys.stdout.encoding or "utf-8"
            self.stream = os.fdopen(os.dup(sys.stdout.fileno()), "w", encoding=encoding, errors="replace")

    def show(self, lines: Sequence[str], _view: View, _now: float, _began: float) -> None:
        """Write the lines in one go."""
        if lines and self.stream is not None:
            self._end_line()
            self.stream.write("".join(f"{PREFIX}{line}\n" for line in lines))
            self.stream.flush()

    def _end_line(self) -> None:
        """End the line that the reporter is in the middle of, once there is something to write."""
        if self.written or self.stream is None:
            return
        self.written = True
        if is_within_line(self.config, self.terminal):
            self.stream.write("\n")

    def leave(self) -> None:
        """Let go of the stream, and begin anew the line that pytest is about to end, if anything was written."""
        stream, self.stream = self.stream, None
        if stream is not None:
            stream.close()
            if self.written:
                forget_line(self.config, self.terminal)
                with released(self.config):
                    begin_again(self.config, self.terminal, self.current)

    def abandon(self) -> None:
        """Let go of the stream."""
        stream, self.stream = self.stream, None
        if stream is not None:
            stream.close()
            if self.written:
                forget_line(self.config, self.terminal)


class LiveScreen(BesideScreen):
    """A table on a terminal, redrawn in place, and the lines above it."""

    table: LiveTable | None = None
    told = False

    def enter(self) -> None:
        """Keep a way to the terminal that is not captured; no line has been told yet."""
        self.told = False
        super().enter()

    def show(self, lines: Sequence[str], view: View, now: float, began: float) -> None:
        """Write the lines and draw the table anew."""
        if self.stream is None:
            return
        self._end_line()
        self.told = self.told or bool(lines)
        if self.table is None:
            color = self.config.get_terminal_writer().hasmarkup
            self.table = LiveTable(self.stream, color=color, size=self._size)
        self.table.show([PREFIX + line for line in lines], view, now, began)

    def leave(self) -> None:
        """Take the table away."""
        table, self.table = self.table, None
        try:
            if table is not None:
                table.close()
                self._go_back()
        finally:
            super().leave()

    def _go_back(self) -> None:
        """Go back to the line that the reporter is in the middle of, where nothing is left below it."""
        column = self.config.get_terminal_writer().width_of_current_line
        if self.stream is not None and not self.told and is_within_line(self.config, self.terminal):
            self.stream.write("\x1b[1A" + (f"\x1b[{column}C" if column else ""))
            self.stream.flush()
            self.written = False

    def abandon(self) -> None:
        """Leave the table where it is: what was written below it since would be erased with it."""
        self.table = None
        super().abandon()

    def _size(self) -> tuple[int, int]:
        """Return columns and lines of the terminal as it is now."""
        assert self.stream is not None
        columns, lines = os.get_terminal_size(self.stream.fileno())
        return columns or _NO_SIZE[0], lines or _NO_SIZE[1]


@contextlib.contextmanager
def released(config: pytest.Config) -> Iterator[None]:
    """Let go of the standard streams for a moment; only in the main thread, for what that one runs is captured."""
    capture = config.pluginmanager.get_plugin("capturemanager")
    with capture.global_and_fixture_disabled() if capture else contextlib.nullcontext():
        yield


def is_within_line(config: pytest.Config, terminal: pytest.TerminalReporter) -> bool:
    """Return whether the reporter is in the middle of a line; it counts the dots of a quiet session as none."""
    return terminal.currentfspath is not None or bool(config.get_terminal_writer().width_of_current_line)


def forget_line(config: pytest.Config, terminal: pytest.TerminalReporter) -> None:
    """Tell the reporter that the line that it was in the middle of was ended by somebody else."""
    terminal.currentfspath = None
    vars(config.get_terminal_writer())["_current_line"] = ""  # else its percentages stand too far to the left


def fresh_line(config: pytest.Config, terminal: pytest.TerminalReporter) -> None:
    """Begin a line where the reporter is in the middle of one."""
    terminal.ensure_newline()
    writer = config.get_terminal_writer()
    if writer.width_of_current_line:  # the dots of a quiet session, which the reporter does not count as one
        writer.line()
    terminal.flush()


def begin_again(config: pytest.Config, terminal: pytest.TerminalReporter, current: object) -> None:
    """Write again how the line began that the reporter would now end: with a file, or with -v an item."""
    if terminal.currentfspath is not None or not isinstance(current, (str, Path)):
        return
    shown = current if isinstance(current, str) else f"{os.path.relpath(current, config.invocation_params.dir)} "
    terminal.currentfspath = current
    terminal.write(shown, flush=True)


def columns(config: pytest.Config) -> int:
    """Return how wide this session's lines are: as wide as pytest's own, within reason."""
    if config.pluginmanager.has_plugin("terminalreporter"):
        return max(40, min(config.get_terminal_writer().fullwidth, 200))
    return max(40, min(shutil.get_terminal_size().columns, 200))  # beside a reporter that is none of pytest's


def screen_of(config: pytest.Config, environment: Mapping[str, str]) -> Screen | None:
    """Return where this session's lines go; None where none are shown (`-qq`, a worker, nothing that runs)."""
    terminal = config.pluginmanager.get_plugin("terminalreporter")
    worker = hasattr(config, "workerinput")
    if terminal is None or worker or config.option.collectonly or config.get_verbosity() < -1:
        return None
    captured = getattr(config.option, "capture", "no") == "fd" and _descriptor(config) is not None
    if not captured or config.pluginmanager.hasplugin("dsession"):
        return ReporterScreen(config, terminal)
    screen = LiveScreen if may_live(config, terminal, environment) else BesideScreen
    return screen(config, terminal)


def may_live(config: pytest.Config, terminal: object, environment: Mapping[str, str]) -> bool:
    """Return whether somebody looks on at a terminal that nobody else draws on."""
    descriptor = _descriptor(config)
    return (
        os.name == "posix"
        and descriptor is not None
        and os.isatty(descriptor)
        and environment.get("TERM", "") not in {"", "dumb", "unknown"}
        and not environment.get("CI")
        and not environment.get("BUILD_NUMBER")
        and config.get_verbosity() >= 0
        and type(terminal) is pytest.TerminalReporter  # another one, such as pytest-sugar's, draws in place itself
        and not config.getini("log_cli")
        and config.getoption("log_cli_level", None) is None
    )


def _descriptor(config: pytest.Config) -> int | None:
    """Return the descriptor of what pytest writes to; None where that is no file, as in a session within a test."""
    with released(config):
        try:
            return sys.stdout.fileno()
        except (OSError, ValueError, AttributeError):
            return None
