"""A session of pytest on a real pseudo-terminal, and what a person would see there."""

from __future__ import annotations

import codecs
import os
import re
import struct
import subprocess
import sys
import unicodedata
from dataclasses import dataclass, field

COLUMNS, LINES = 100, 30
_SEQUENCE = re.compile(r"\x1b\[([?0-9;]*)([A-Za-z])|\x1b\][^\x07]*\x07")


class Screen:
    """The part of a terminal that is needed here: anything else that is sent to it is refused."""

    def __init__(self, columns=COLUMNS, lines=LINES):
        self.columns, self.lines = columns, lines
        self.rows, self.row, self.column, self.top = [[]], 0, 0, 0
        self.cursor_shown = True

    def feed(self, text):
        position = 0
        while position < len(text):
            found = _SEQUENCE.match(text, position)
            if found:
                if found[2]:
                    self._sequence(found[1], found[2])
                position = found.end()
            else:
                self._character(text[position])
                position += 1

    def _character(self, character):
        if character == "\r":
            self.column = 0
        elif character == "\n":
            self.row += 1
            while len(self.rows) <= self.row:
                self.rows.append([])
            self.top = max(self.top, self.row - self.lines + 1)
        else:
            assert unicodedata.category(character) != "Cc", f"{character!r} is sent to the terminal"
            if self.column >= self.columns:
                self._character("\r")
                self._character("\n")
            row = self.rows[self.row]
            row.extend(" " * (self.column + 1 - len(row)))
            row[self.column] = character
            self.column += 1

    def _sequence(self, argument, name):
        count = int(argument) if argument.isdigit() else 1
        if name == "A":
            assert self.row - count >= self.top, "the cursor goes up into what has been scrolled away"
            self.row -= count
        elif name == "C":
            self.column += count
        elif name == "K":
            assert argument in {"", "2"}
            if argument == "2":
                self.rows[self.row] = []
            else:
                del self.rows[self.row][self.column :]
        elif name in "hl" and argument == "?25":
            self.cursor_shown = name == "h"
        else:
            assert name == "m", f"ESC[{argument}{name} is sent to the terminal"

    @property
    def text(self):
        """Return every line, those that were scrolled away included."""
        return ["".join(row).rstrip() for row in self.rows]


@dataclass
class Seen:
    """What a session has sent to its terminal."""

    raw: str = ""
    screen: Screen = field(default_factory=Screen)
    code: int = -1
    master: int = -1

    def type(self, text):
        os.write(self.master, text.encode())


def run_on_terminal(folder, *arguments, when=None, columns=COLUMNS, lines=LINES, **environment):
    """Run pytest in `folder` on a pseudo-terminal; `when` maps a text to what is called once when it is shown."""
    import fcntl
    import pty
    import termios

    waiting = dict(when or {})
    master, slave = pty.openpty()
    fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", lines, columns, 0, 0))
    clean = {name: value for name, value in os.environ.items() if name not in {"CI", "BUILD_NUMBER", "NO_COLOR"}}
    clean |= {"TERM": "xterm-256color", "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", "PYTEST_ADDOPTS": ""} | environment
    clean.pop("COLUMNS", None)
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", *arguments]
    process = subprocess.Popen(command, cwd=folder, env=clean, stdin=slave, stdout=slave, stderr=slave)
    os.close(slave)
    seen = Seen(screen=Screen(columns, lines), master=master)
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        while data := _read(master):
            text = decoder.decode(data)
            seen.raw += text
            seen.screen.feed(text)
            for shown in [shown for shown in waiting if any(shown in line for line in seen.screen.text)]:
                waiting.pop(shown)(seen)
        seen.code = process.wait(timeout=30)
    finally:
        os.close(master)
        if process.poll() is None:
            process.kill()
            process.wait()
    assert not waiting, f"{list(waiting)} was never shown:\n" + "\n".join(seen.screen.text)
    return seen


def _read(master):
    """Return what is sent next, nothing at the end."""
    try:
        return os.read(master, 1 << 16)
    except OSError:  # EIO: the other side is closed
        return b""
