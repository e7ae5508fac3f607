"""What a check of layer 2 is: a look at one service of the running system."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol, runtime_checkable

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from pytest_superteam.models import Architecture, Deployment, Severity, Violation

__all__ = ["Check", "CheckTarget"]


@dataclass(frozen=True)
class CheckTarget:
    """One service of the running system. `tokens` are bearer tokens by role, `""` for any signed-in caller."""

    service: str
    architecture: Architecture
    deployment: Deployment
    tokens: Mapping[str, str] = field(repr=False)


@runtime_checkable
class Check(Protocol):
    """A project's own check of layer 2; its item is `test_check[<service>-<code>]`."""

    code: str
    severity: Severity
    help: str

    def run(self, target: CheckTarget) -> Iterable[Violation]:
        """Yield what the running service does wrong.

        Raises:
            CheckError: the check could not run.
        """
        ...
