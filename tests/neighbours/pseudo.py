"""A session of pytest on a pseudo-terminal, with other plugins on its path."""

from __future__ import annotations

import os
import pty
import re
import subprocess
import sys


def shown_on_terminal(folder, plugins, *arguments):
    """Return how a session ended and what it sent to its terminal, without colours and movements."""
    master, slave = pty.openpty()
    path = os.pathsep.join(filter(None, [str(plugins), os.environ.get("PYTHONPATH", "")]))
    clean = {k: v for k, v in os.environ.items() if not k.startswith(("PYTEST_", "CI", "NO_COLOR", "BUILD_NUMBER"))}
    clean |= {"TERM": "xterm-256color", "COLUMNS": "100", "PYTHONPATH": path}
    command = [sys.executable, "-m", "pytest", *arguments]
    process = subprocess.Popen(command, cwd=folder, env=clean, stdin=slave, stdout=slave, stderr=slave)
    os.close(slave)
    sent = b""
    try:
        while True:
            try:
                data = os.read(master, 1 << 16)
            except OSError:  # EIO: the other side is closed
                break
            if not data:
                break
            sent += data
        code = process.wait(timeout=60)
    finally:
        os.close(master)
        if process.poll() is None:
            process.kill()
            process.wait()
    return code, re.sub(r"\x1b\[[?0-9;]*[A-Za-z]", "", sent.decode(errors="replace"))
