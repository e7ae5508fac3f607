"""Orders to a supervisor: start some of the services again, in other folders or by other commands.

Who gives one puts `restart.json` beside the record of the processes (`restarting.py`), and the record holds the answer.
The environment of a service, secret and all, never leaves the supervisor: an order names it by a hash. Imported by the
supervisor, so with the standard library only.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import stat
import sys
import time
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pytest_superteam.deployment.supervisor import (
    GRACE_SECONDS,
    KILL_SECONDS,
    ORDER,
    alive,
    descendants,
    group_exists,
    start_token,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from pytest_superteam.deployment.supervisor import Supervisor

__all__ = ["Orders", "fingerprint", "take_order"]

MOST_BYTES = 4 * 1024 * 1024
"""Bytes of an order."""
_LINUX = sys.platform.startswith("linux")


def fingerprint(environment: Mapping[str, str]) -> str:
    """Return what tells two environments apart and gives neither away: each holds a secret of 256 random bits."""
    return sha256(json.dumps(dict(environment), sort_keys=True).encode()).hexdigest()


def take_order(path: Path) -> dict[str, Any]:
    """Return the order that lies at `path`, and remove it; empty where others than the user can have put it there."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except OSError:
        descriptor = -1
    with contextlib.suppress(OSError):
        path.unlink()
    if descriptor < 0:
        return {}
    try:
        there = os.fstat(descriptor)
        private = there.st_uid == os.geteuid() and not there.st_mode & (stat.S_IWGRP | stat.S_IWOTH)
        if not private or not stat.S_ISREG(there.st_mode) or there.st_size > MOST_BYTES:
            return {}
        with os.fdopen(descriptor, "rb", closefd=False) as stream:
            order = json.loads(stream.read(MOST_BYTES))
    except (OSError, ValueError, RecursionError):
        return {}
    finally:
        os.close(descriptor)
    return order if isinstance(order, dict) else {}


class Orders:
    """Carries out orders for `supervisor`."""

    def __init__(self, supervisor: Supervisor) -> None:
        self.supervisor = supervisor
        self.spec = supervisor.spec
        self.services = supervisor.services

    def carry_out(self) -> dict[str, str]:
        """Carry out the order that lies beside the record; return the answer, empty where there is no order for us."""
        order = take_order(self.supervisor.record.with_name(ORDER))
        if order.get("marker") != self.spec["marker"]:
            return {}
        try:
            said = self._refusal(order) or self._restart(order)
        except (LookupError, TypeError, ValueError, AttributeError) as error:
            said = f"the order can't be read: {type(error).__name__}: {error}"
        except OSError as error:
            said = f"{type(error).__name__}: {error}"
        return {"id": str(order.get("id")), "error": said}

    def _refusal(self, order: Mapping[str, Any]) -> str:
        """Return why what the order describes is not what was started here; empty where it is."""
        asked, restarted = order["services"], order["restart"]
        if sorted(asked) != sorted(self.services) or not set(restarted) <= set(asked):
            return f"the system that runs is made of {', '.join(sorted(self.services))}"
        for known in self.spec["services"]:
            name, wanted = known["name"], asked[known["name"]]
            if wanted["env"] != fingerprint(known["env"]):
                return f"the environment of {name} is another than it was started with"
            same = wanted["argv"] == list(known["argv"]) and wanted["cwd"] == known["cwd"]
            if not same and name not in restarted:
                return f"{name} is started in another way than it was"
        strays = self._strays()
        return f"process {strays[0]} was left by a service, and nothing tells by which" if strays else ""

    def _restart(self, order: Mapping[str, Any]) -> str:
        """Stop the services that the order names, empty their folders, start them again; return what went wrong."""
        named = [service for service in self.spec["services"] if service["name"] in order["restart"]]
        self.spec["run_id"] = str(order["run_id"])
        if not self._end({service["name"] for service in named}):
            return "what is to be started again does not end"
        for service in named:
            wanted = order["services"][service["name"]]
            service.update(argv=[str(part) for part in wanted["argv"]], cwd=str(wanted["cwd"]))
            if service.get("data"):
                _empty(Path(service["data"]))
            self.supervisor.start(service)
        return ""

    # ------------------------------------------------------------ ending

    def _end(self, names: set[str]) -> bool:
        """Ask the processes of the services `names` to end, then kill them; return whether none of them is left."""
        known: dict[int, str] = {}
        left = self._left(names, known)
        grace = self.spec.get("grace", GRACE_SECONDS)
        for number, seconds in ((signal.SIGTERM, grace), (signal.SIGKILL, KILL_SECONDS)):
            end = time.monotonic() + seconds
            _signal(left, number)
            while (left := self._left(names, known)) and time.monotonic() < end and not self.supervisor.over():
                self.supervisor.sleep(0.05)
                if number == signal.SIGKILL:
                    _signal(left, number)
        self.supervisor.groups -= {self.services[name]["pid"] for name in names}
        return not left

    def _left(self, names: set[str], known: dict[int, str]) -> list[int]:
        """Return the living processes of the services `names`; where they can't be told apart, groups as -number.

        `known` keeps who they were, pid -> start: a child whose parent has ended can't be told by its parent any more.
        """
        self.supervisor.reap()
        roots = {self.services[name]["pid"] for name in names} & self.supervisor.groups
        if not _LINUX:
            return [-group for group in roots if group_exists(group)]
        running = roots & self.supervisor.by_pid.keys()  # a number whose process was collected may be another's now
        for pid in {*running, *descendants(*running), *self._orphans(names)}:
            known.setdefault(pid, start_token(pid))
        uncollected = self.supervisor.by_pid.keys()  # its exit status would be taken for that of the next one
        return [pid for pid, started in known.items() if pid in uncollected or alive(pid, started)]

    def _unowned(self) -> dict[int, int]:
        """Return pid -> group of the processes below the supervisor whose service has ended, or that were let go."""
        services = self.supervisor.by_pid.keys()
        owned = services | descendants(*services).keys()
        return {pid: group for pid, group in descendants(os.getpid()).items() if pid not in owned}

    def _orphans(self, names: Iterable[str]) -> list[int]:
        """Return those of them that the services `names` have left: by their group, else by their port."""
        groups = {self.services[name]["pid"] for name in names}
        ports = {f"PORT={self.services[name]['port']}".encode() for name in names}
        return [pid for pid, group in self._unowned().items() if group in groups or ports & _environment(pid)]

    def _strays(self) -> list[int]:
        """Return those of them of which nothing tells whose they are."""
        return sorted(self._unowned().keys() - set(self._orphans(self.services)))


def _environment(pid: int) -> set[bytes]:
    """Return `NAME=value` of each variable that process `pid` was started with; empty where it is not told."""
    try:
        return set(Path(f"/proc/{pid}/environ").read_bytes().split(b"\0"))
    except OSError:
        return set()


def _signal(pids: Iterable[int], number: int) -> None:
    """Send `number` to each process; a negative one is a group."""
    for pid in pids:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.kill(pid, number)


def _empty(folder: Path) -> None:
    """Make `folder` a folder with nothing in it. A link is removed, never followed."""
    if folder.is_symlink() or folder.is_file():
        folder.unlink()
    elif folder.exists():
        shutil.rmtree(folder)
    folder.mkdir()
