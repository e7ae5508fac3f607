"""Whose a container, network or volume is: the labels that say so, and whether that run still goes on."""

from __future__ import annotations

import hashlib
import platform
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from pytest_superteam.deployment.composed.plan import LABEL_PREFIX
from pytest_superteam.deployment.supervisor import alive, machine_token, start_token

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pytest_superteam.deployment.base import DeployRequest

__all__ = ["INPUTS", "KEEP", "LABELS", "MACHINE", "OWNER", "PROJECT", "RUN", "Owner", "labels_for", "machine_name"]

RUN = f"{LABEL_PREFIX}run"
OWNER = f"{LABEL_PREFIX}owner"
"""Process, start of the process, and boot of the machine: what tells a living owner from a number that came again."""
MACHINE = f"{LABEL_PREFIX}machine"
PROJECT = f"{LABEL_PREFIX}project"
"""The folder of the deployment."""
INPUTS = f"{LABEL_PREFIX}inputs"
KEEP = f"{LABEL_PREFIX}keep"
LABELS = (RUN, OWNER, MACHINE, PROJECT, INPUTS, KEEP)
_SEPARATOR = "|"


def machine_name() -> str:
    """Return what tells this machine from others and stays the same over a reboot; nothing can be read from it.

    The host's name is in it, so that two machines started from one disk image differ.
    """
    told = platform.node()
    with suppress(OSError):
        told += Path("/etc/machine-id").read_text(encoding="ascii", errors="replace").strip()
    return hashlib.sha256(told.encode()).hexdigest()[:16]


@dataclass(frozen=True)
class Owner:
    """The process that a deployment lives no longer than."""

    pid: int
    start: str
    boot: str
    """`machine_token` of where it runs: the boot and, on Linux, the space of process numbers."""
    machine: str

    @classmethod
    def of(cls, pid: int) -> Owner:
        """Return process `pid` of this machine as an owner."""
        return cls(pid, start_token(pid), machine_token(), machine_name())

    @classmethod
    def from_labels(cls, labels: Mapping[str, str]) -> Owner | None:
        """Return the owner that labels name; None where they name none."""
        pid, _, rest = labels.get(OWNER, "").partition(_SEPARATOR)
        start, _, boot = rest.partition(_SEPARATOR)
        if not pid.isdecimal() or not boot:
            return None
        return cls(int(pid), start, boot, labels.get(MACHINE, ""))

    @property
    def label(self) -> str:
        """Return it as the value of a label."""
        return _SEPARATOR.join((str(self.pid), self.start, self.boot))

    @property
    def state(self) -> Literal["alive", "dead", "unknown"]:
        """Return whether its process is there; `unknown` where this process can't see it."""
        if self.machine != machine_name():
            return "unknown"
        if not self.pid:  # given back by its run
            return "dead"
        boot, _, space = self.boot.partition("/")
        our_boot, _, our_space = machine_token().partition("/")
        if boot != our_boot:  # the machine was started again since
            return "dead"
        if space != our_space:  # another container's process numbers
            return "unknown"
        return "alive" if alive(self.pid, self.start) else "dead"


def labels_for(request: DeployRequest, inputs: str) -> dict[str, str]:
    """Return what everything of this deployment is labelled with."""
    return {
        RUN: request.run_id,
        OWNER: Owner.of(request.owner_pid).label,
        MACHINE: machine_name(),
        PROJECT: str(request.folder.resolve()),
        INPUTS: inputs,
        KEEP: "yes" if request.settings.keep_up else "no",
    }
