"""Running the engine's client: an explicit environment, a time limit, output on disk, and no child left behind."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import threading
import time
from collections import deque
from dataclasses import dataclass, field
from typing import IO, TYPE_CHECKING

from pytest_superteam.deployment.supervisor import start_token

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

__all__ = ["CommandTimeoutError", "Finished", "client_environment", "end_group", "run_command"]

_PASSED_ON = ("PATH", "HOME", "LANG", "LC_ALL", "TMPDIR", "SSH_AUTH_SOCK", "SYSTEMROOT", "USERPROFILE")
_PREFIXES = ("DOCKER_", "XDG_")
_PROXIES = ("HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "ALL_PROXY", "FTP_PROXY")
_GUARDED = (
    *("DOCKER_HOST", "DOCKER_CONTEXT", "DOCKER_CONFIG", "DOCKER_CERT_PATH", "DOCKER_TLS_VERIFY"),
    *("LD_PRELOAD", "LD_AUDIT", "LD_LIBRARY_PATH", "DYLD_INSERT_LIBRARIES", "DYLD_LIBRARY_PATH"),
    *("BUILDX_BUILDER", "BUILDX_CONFIG", "BUILDKIT_HOST", "GIT_SSH_COMMAND", "GIT_CONFIG_GLOBAL", "GIT_EXEC_PATH"),
)
"""Set, if only to nothing: Compose takes over what the `.env` file of a project sets and the environment does not."""
_FIXED = {
    "COMPOSE_ANSI": "never",
    "COMPOSE_MENU": "false",
    "DOCKER_CLI_HINTS": "false",
    "BUILDX_GIT_INFO": "false",  # or `git` runs in a tree that may configure what `git` runs
    "BUILDX_GIT_LABELS": "false",
    "BUILDX_NO_DEFAULT_ATTESTATIONS": "1",
}
_MOST_BYTES = 32 << 20
"""Of standard output, where it is data."""
_LAST_LINES = 400
"""Of standard error, or of both, that stay in memory."""
_LONGEST_LINE = 8192
_GRACE_SECONDS = 5.0
_CHECK_SECONDS = 2.0


class CommandTimeoutError(Exception):
    """A command did not end in time; it has been ended."""


@dataclass(frozen=True)
class Finished:
    """How a command ended. `data` is its standard output where that was asked for; `lines` the last ones it said."""

    argv: tuple[str, ...]
    status: int
    data: bytes = b""
    lines: tuple[str, ...] = ()
    seconds: float = 0.0

    @property
    def text(self) -> str:
        """Return the last lines as one text."""
        return "\n".join(self.lines)


def client_environment(parent: Mapping[str, str] | None = None) -> dict[str, str]:
    """Return what the engine's client gets of the environment `parent` (this process's own by default)."""
    source = os.environ if parent is None else parent
    passed = {
        name: value
        for name, value in source.items()
        if name in _PASSED_ON or name.startswith(_PREFIXES) or name.upper() in _PROXIES
    }
    return dict.fromkeys(_GUARDED, "") | passed | _FIXED


@dataclass
class _Output:
    """What is kept of a command's output while it runs."""

    log: IO[bytes] | None
    listen: Callable[[str], None] | None
    lines: deque[str] = field(default_factory=lambda: deque(maxlen=_LAST_LINES))
    data: bytearray = field(default_factory=bytearray)
    too_much: bool = False
    lock: threading.Lock = field(default_factory=threading.Lock)

    def take_data(self, stream: IO[bytes]) -> None:
        """Keep all of `stream`, up to a bound."""
        while chunk := stream.read(65536):
            self.too_much = self.too_much or len(self.data) + len(chunk) > _MOST_BYTES
            if not self.too_much:
                self.data += chunk

    def take_lines(self, stream: IO[bytes]) -> None:
        """Write each line of `stream` to the log, keep the last ones and hand each to the listener."""
        while raw := stream.readline(_LONGEST_LINE):
            line = raw.decode("utf-8", "replace").rstrip("\r\n")
            with self.lock:
                if self.log:
                    self.log.write(raw if raw.endswith(b"\n") else raw + b"\n")
                    self.log.flush()
                self.lines.append(line)
                if self.listen:
                    self.listen(line)


def run_command(
    argv: Sequence[str],
    *,
    cwd: Path,
    environment: Mapping[str, str],
    timeout: float,
    log: Path | None = None,
    data: bool = False,
    listen: Callable[[str], None] | None = None,
    check: Callable[[], None] | None = None,
    started: Callable[[int, str], None] | None = None,
) -> Finished:
    """Run `argv` to its end and return how it ended; a status other than 0 is no error here.

    Args:
        argv: the argument vector; no shell sees it.
        cwd: where it runs.
        environment: the whole of its environment.
        timeout: in seconds; then its process group is ended, and when the caller is interrupted too.
        log: file that the output is appended to, readable by the user only.
        data: whether standard output is data: returned whole, and never logged.
        listen: gets each line of the output.
        check: is called every few seconds; what it raises ends the command.
        started: gets the process number and its start token.

    Raises:
        CommandTimeoutError: it took too long.
        OSError: it could not be started.
    """
    began = time.monotonic()
    with contextlib.ExitStack() as stack:
        output = _Output(stack.enter_context(_opened(log)) if log else None, listen)
        process = subprocess.Popen(  # noqa: S603 - an argument vector, no shell
            list(argv),
            cwd=cwd,
            env=dict(environment),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE if data else subprocess.STDOUT,
            start_new_session=True,
        )
        if started:
            started(process.pid, start_token(process.pid))
        readers = _readers(process, output, data=data)
        try:
            status = _wait(process, timeout, check)
        finally:  # also on an interrupt: nothing of it goes on
            if process.poll() is None:
                end_group(process)
            for reader in readers:
                reader.join(_GRACE_SECONDS)
    if output.too_much:
        raise OSError(f"it wrote more than {_MOST_BYTES >> 20} MB")
    return Finished(tuple(argv), status, bytes(output.data), tuple(output.lines), time.monotonic() - began)


def _wait(process: subprocess.Popen[bytes], timeout: float, check: Callable[[], None] | None) -> int:
    end = time.monotonic() + timeout
    while True:
        left = end - time.monotonic()
        with contextlib.suppress(subprocess.TimeoutExpired):
            return process.wait(max(0.0, min(left, _CHECK_SECONDS) if check else left))
        if check:
            check()
        if time.monotonic() >= end:
            raise CommandTimeoutError(f"no end after {timeout:g} s")


def _opened(log: Path) -> IO[bytes]:
    descriptor = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_NOFOLLOW, 0o600)
    return os.fdopen(descriptor, "ab")


def _readers(process: subprocess.Popen[bytes], output: _Output, *, data: bool) -> list[threading.Thread]:
    streams = [(process.stdout, output.take_data if data else output.take_lines), (process.stderr, output.take_lines)]
    threads = [threading.Thread(target=_read, args=(take, s), daemon=True) for s, take in streams if s is not None]
    for thread in threads:
        thread.start()
    return threads


def _read(take: Callable[[IO[bytes]], None], stream: IO[bytes]) -> None:
    with contextlib.suppress(ValueError, OSError), stream:
        take(stream)


def end_group(process: subprocess.Popen[bytes]) -> None:
    """End the process group that `process` leads: gently, then not. It returns when the leader has ended."""
    for number, seconds in ((signal.SIGTERM, _GRACE_SECONDS), (signal.SIGKILL, _GRACE_SECONDS)):
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, number)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(seconds)
            break
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)  # what the leader left behind
