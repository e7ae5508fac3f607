"""What a scanner is: a few rules, and a function that reads a source tree and yields violations."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable

from pytest_superteam.models import Rule

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from pytest_superteam.models import Architecture, Violation

__all__ = ["Rule", "ScanTarget", "Scanner"]


@dataclass(frozen=True)
class ScanTarget:
    """What is scanned: the source of one service, or with `members` the system of all of them."""

    name: str
    """Name of the service, or of the system."""
    root: Path
    """The folder of its source."""
    architecture: Architecture | None = None
    """The whole design, where there is one."""
    contract: Mapping[str, Any] | None = None
    """The service's OpenAPI document."""
    members: tuple[ScanTarget, ...] = ()
    exclude: tuple[str, ...] | None = None
    """Globs of what is no service code, relative to `root`; None means the default."""
    skip: tuple[str, ...] = ()
    """Folders relative to `root` that belong to somebody else: other services inside this one's."""
    surroundings: str = ""
    """What of the files around the target its findings depend on, such as a compose file above it; a digest."""
    cache: dict[str, Any] = field(default_factory=dict, compare=False, repr=False)
    """What scanners of the same target share (the files as read and parsed), filled by `scanners.source`."""


@runtime_checkable
class Scanner(Protocol):
    """A look at the source for some codes. One call per target and run; codes without violations pass."""

    @property
    def codes(self) -> tuple[Rule, ...]:
        """Return what it looks for; a plain attribute will do."""
        ...

    def scan(self, service: ScanTarget) -> Iterable[Violation]:
        """Yield what `service` does wrong, with `file` relative to `service.root`.

        Rules of scope `system` get the target that has `members`, all others get one service.
        """
        ...
