"""The places of the operations that findings speak of first."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pytest_superteam.checks.base import RunningSystem
    from pytest_superteam.models import Violation

__all__ = ["placed"]

_LABEL = re.compile(r"[A-Z]{3,7} /\S{0,500}")


def placed(system: RunningSystem, violations: Iterable[Violation]) -> tuple[Violation, ...]:
    """Return `violations`, each whose message begins with an operation (`POST /orders`) with where that is written."""
    from pytest_superteam.checks.places import at_place

    done = []
    for violation in violations:
        label = _LABEL.match(violation.message)
        done.append(at_place(system, violation, label[0].rstrip(":,")) if label else violation)
    return tuple(done)
