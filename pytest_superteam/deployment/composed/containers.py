"""What every container of a composed system has in common: few rights, few resources, short logs, a check."""

from __future__ import annotations

import re
from math import ceil
from typing import TYPE_CHECKING, Any

from pytest_superteam.deployment.composed.yaml_text import Alias, Anchored, Line, escaped

if TYPE_CHECKING:
    from pytest_superteam.deployment.composed.system import System

__all__ = ["HARDENED", "LABELS", "ONCE", "build", "checked", "common", "limits", "reference", "resolved"]

HARDENED = "hardened"
LABELS = "labels"
ONCE = "once"
"""Anchors of the compose file."""
_MARKED = re.compile("\x00([A-Za-z_][A-Za-z0-9_]*)\x00")


def reference(name: str) -> str:
    """Return a mark that `resolved` turns into `${name}`; no value from outside can hold it."""
    return f"\x00{name}\x00"


def resolved(text: str) -> str:
    """Return `text` for the compose file: every `$` of its own escaped, references to the env file put in."""
    return _MARKED.sub(r"${\1}", escaped(text))


def common(system: System) -> dict[str, Any]:
    """Return the parts that the services merge, by the name of their key."""
    labels = {key: escaped(value) for key, value in system.labels.items()}
    rotation: dict[str, Any] = {"driver": "json-file", "options": {"max-size": "16m", "max-file": "4"}}
    hardened: dict[str, Any] = {
        "platform": system.settings.platform or None,
        "init": True,
        "read_only": True,
        "cap_drop": Line(["ALL"]),
        "security_opt": Line(["no-new-privileges:true"]),
        "tmpfs": Line(["/tmp"]),  # noqa: S108 - in the container
        # Without people around, a crash has to be seen and not healed.
        "stop_grace_period": "5s",
        "restart": "on-failure:3" if system.settings.keep_up else "no",
        "logging": rotation,
        "labels": Alias(LABELS),
    }
    return {
        "x-labels": Anchored(LABELS, labels),
        "x-hardened": Anchored(HARDENED, hardened),
    }


def limits(cpus: str, memory: str, pids: int) -> dict[str, Any]:
    """Return what a container may use at most."""
    return {"resources": {"limits": {"cpus": cpus, "memory": memory, "pids": pids}}}


def checked(system: System, test: list[str] | None = None, interval: int = 0) -> dict[str, Any]:
    """Return a health check; without `test` the image's own, asked at our pace.

    A failure counts only when the time to get ready is over; the more containers, the less often each is asked. What
    others wait for is asked each second. While it starts we ask ourselves (`asking.py`): `start_interval` would do
    that as well, but engines know it since version 25 only, and older ones refuse the file.
    """
    seconds = interval or max(5, len(system.services) // 2)
    return {
        "test": Line(test) if test else None,
        "interval": f"{seconds}s",
        "timeout": "5s",
        "retries": 3,
        "start_period": f"{ceil(system.ready_timeout) + len(system.services)}s",
    }


def build(system: System, part: str) -> dict[str, Any]:
    """Return how the image of one of our own parts is built, whose files are in the folder `part`."""
    return {"context": escaped(system.path(system.folder / part)), "labels": Alias(LABELS)}
