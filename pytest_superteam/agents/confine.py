"""Keep a program from writing anywhere but in its own folders, on Linux, by Landlock; a module and a script of its own.

`python -I -S confine.py SPECIFICATION COMMAND ...` takes the limits of the specification (JSON, see `launcher`) upon
itself and becomes the command. They hold for all that it starts, and nothing takes them off again. A line of JSON on
the descriptor `report` says whether writing is confined, and another one why the command could not be started.

What is held: making, changing, emptying, moving and removing files, and use of devices, anywhere but below the
`writable` folders. Signals to, and looks into the memory and environment of, processes that are not below it (signals:
from version 6 of Landlock on, Linux 6.12). What is not: reading, the network, `chmod`, `chown` and times of files that
it may change by its user, and what another program does for it through a socket, such as a Docker engine. Root gives up
what leads around all that.
Emptying a file by its name is held from version 3 on (Linux 6.2).
Documented in https://docs.kernel.org/userspace-api/landlock.html; the figures are those of `linux/landlock.h`.
"""

from __future__ import annotations

import contextlib
import ctypes
import json
import os
import signal
import struct
import sys
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

__all__ = ["SHARED_MEMORY", "available", "confine", "launcher", "version"]

_CREATE_RULESET, _ADD_RULE, _RESTRICT_SELF = 444, 445, 446  # the same on x86, ARM, RISC-V, POWER and s390
_VERSION_FLAG = 1
_PATH_BENEATH = 1
_PR_SET_NO_NEW_PRIVS = 38
LEAST_VERSION = 2
"""The first version lets nothing be moved from one folder to another, which no agent can work with."""
_WRITE_FILE, _TRUNCATE, _IOCTL_DEV = 1 << 1, 1 << 14, 1 << 15
_REMOVE_AND_MAKE = sum(1 << bit for bit in range(4, 14))
"""Removing files and folders, making those of every kind, and moving them between folders (REFER)."""
_MAKE_DEVICES = 1 << 6 | 1 << 11
"""Making character and block devices: granted nowhere, for root could write to a disk through one."""
_PR_CAPBSET_DROP = 24
_CAPABILITIES = (16, 17, 19, 21, 22, 27, 38, 39, 40)
"""What root gives up (`linux/capability.h`): modules, raw devices, ptrace, administration, reboot, device files, and
the three that were split off administration; `PERFMON` alone opens `/proc/PID/environ` of all, with our keys in it."""
_SCOPE_ABSTRACT_SOCKETS, _SCOPE_SIGNALS = 1, 2
_DEVICES = ("null", "zero", "full", "random", "urandom", "tty", "ptmx", "pts")
SHARED_MEMORY = "/dev/shm"  # noqa: S108  # semaphores of Python and shared memory of browsers live there, by their names


def version() -> int:
    """Return the version of Landlock that the kernel offers; 0 where there is none."""
    if not sys.platform.startswith("linux"):
        return 0
    return max(0, int(_syscall(_CREATE_RULESET, None, ctypes.c_size_t(0), ctypes.c_uint32(_VERSION_FLAG))))


def available() -> bool:
    """Return whether a program can be kept from writing outside of its folders here."""
    return version() >= LEAST_VERSION


def launcher(
    command: Iterable[str], *, folder: Path, writable: Iterable[Path] | None, file_bytes: int, report: int
) -> list[str]:
    """Return the argument vector that starts `command` under limits.

    Args:
        command: argument vector, its program an absolute path.
        folder: where it starts.
        writable: folders that it may write to; None: it may write wherever its user may.
        file_bytes: the largest file that it may write, in bytes.
        report: descriptor that the launcher inherits and says on how it went.
    """
    places = None if writable is None else [str(path) for path in writable]
    said = {"folder": str(folder), "writable": places, "file_bytes": file_bytes, "report": report}
    return [sys.executable, "-I", "-S", __file__, json.dumps(said), *command]


def confine(writable: Iterable[str]) -> bool:
    """Keep this process and all its children from writing outside of `writable`; return whether that is so now.

    Folders that are not there, or are links, are left out: nothing can be written there.
    """
    offered = version()
    if offered < LEAST_VERSION:
        return False
    held = _WRITE_FILE | _REMOVE_AND_MAKE
    held |= _TRUNCATE if offered >= 3 else 0
    held |= _IOCTL_DEV if offered >= 5 else 0
    scoped = _SCOPE_ABSTRACT_SOCKETS | _SCOPE_SIGNALS if offered >= 6 else 0
    # Fields that a kernel does not know have to be left out: handled files, handled network, scopes.
    layout = struct.pack("=QQQ", held, 0, scoped)[: 24 if offered >= 6 else 8]
    rules = _syscall(_CREATE_RULESET, layout, ctypes.c_size_t(len(layout)), ctypes.c_uint32(0))
    if rules < 0:
        return False
    try:
        for place in (*writable, SHARED_MEMORY):
            _allow(rules, place, held & ~_IOCTL_DEV & ~_MAKE_DEVICES)
        for name in _DEVICES:
            _allow(rules, f"/dev/{name}", held & (_WRITE_FILE | _TRUNCATE | _IOCTL_DEV))
        return _restrict(rules)
    finally:
        os.close(rules)


def _allow(rules: int, place: str, rights: int) -> None:
    """Add a rule for what lies below `place`, or for the device of that name."""
    try:
        handle = os.open(place, os.O_PATH | os.O_CLOEXEC | os.O_NOFOLLOW)
    except OSError:
        return
    try:
        rule = struct.pack("=Qi", rights, handle)
        _syscall(_ADD_RULE, ctypes.c_int(rules), ctypes.c_int(_PATH_BENEATH), rule, ctypes.c_uint32(0))
    finally:
        os.close(handle)


def _restrict(rules: int) -> bool:
    library = ctypes.CDLL(None, use_errno=True)
    for capability in _CAPABILITIES:  # an error says that there is nothing to give up
        library.prctl(_PR_CAPBSET_DROP, ctypes.c_ulong(capability), *(ctypes.c_ulong(0),) * 3)
    if library.prctl(_PR_SET_NO_NEW_PRIVS, *(ctypes.c_ulong(value) for value in (1, 0, 0, 0))):
        return False
    return _syscall(_RESTRICT_SELF, ctypes.c_int(rules), ctypes.c_uint32(0)) == 0


def _syscall(number: int, *arguments: Any) -> int:
    call = ctypes.CDLL(None, use_errno=True).syscall
    call.restype = ctypes.c_long
    return int(call(ctypes.c_long(number), *arguments))


def _become(said: dict[str, Any], command: list[str]) -> int:
    """Take the limits and become the command; return only where that failed."""
    import resource

    report = said["report"]
    os.set_inheritable(report, False)  # noqa: FBT003  # it is closed when the command begins
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    with contextlib.suppress(ValueError, OSError):  # there is a lower limit already
        resource.setrlimit(resource.RLIMIT_FSIZE, (said["file_bytes"], said["file_bytes"]))
    for number in signal.valid_signals():  # what is ignored is inherited: by Python SIGPIPE, by `nohup` and `&` others
        if signal.getsignal(number) is signal.SIG_IGN:
            signal.signal(number, signal.SIG_DFL)
    try:
        os.chdir(said["folder"])
        confined = said["writable"] is not None and confine(said["writable"])
        os.write(report, json.dumps({"confined": confined}).encode() + b"\n")
        os.execv(command[0], command)  # noqa: S606  # no shell: that is the point
    except OSError as error:
        what = "its folder: " if error.filename else ""  # `execv` names no file
        os.write(report, json.dumps({"failed": f"{what}{error.strerror or error}"}).encode() + b"\n")
    return 127


if __name__ == "__main__":
    sys.exit(_become(json.loads(sys.argv[1]), sys.argv[2:]))
