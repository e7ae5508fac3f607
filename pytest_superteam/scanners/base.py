"""What a scanner is: a few rules, and a function that reads a source tree and yields violations."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, Protocol, runtime_checkable

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from pytest_superteam.models import Architecture, Severity, Violation

__all__ = ["Rule", "ScanTarget", "Scanner"]


@dataclass(frozen=True)
class Rule:
    """One code of the gate, declared where its check is written.

    `languages` are those whose files the rule reads (`python`, `javascript`, `docker`, `text` ...); a target with
    service code in other languages only is not analysed by it. `pending` holds the reason why nothing looks for the
    code yet: its items are skipped with that reason.
    """

    id: str
    name: str
    severity: Severity
    category: str
    layer: Literal[3, 4]
    help: str
    """One sentence: what to do about a finding."""
    languages: tuple[str, ...] = ("python",)
    scope: Literal["service", "system"] = "service"
    pending: str = ""
    applies_to: tuple[str, ...] = ()
    """Languages in which the code can occur; those not in `languages` are told as not analysed. Empty: `languages`."""
    reads_routes: bool = False
    """Whether the check rests on HTTP routes, which are known for some web frameworks only."""
    cwe: int | None = None
    """Number of the weakness in the CWE list, where one fits."""
    what: str = ""
    """What is a finding and what is none, in a sentence or three."""
    why: str = ""
    """What goes wrong where it stays."""
    bad: Mapping[str, str] = field(default_factory=dict)
    """A smallest example that is found, by path; of a system the first folder is the service. A test scans it."""
    good: Mapping[str, str] = field(default_factory=dict)
    """The same, mended: nothing is found in it."""


@dataclass(frozen=True)
class ScanTarget:
    """What is scanned: the source of one service, or with `members` the system of all of them."""

    name: str
    root: Path
    architecture: Architecture | None = None
    contract: Mapping[str, Any] | None = None
    """The service's OpenAPI document."""
    members: tuple[ScanTarget, ...] = ()
    exclude: tuple[str, ...] = ()
    """Globs of what is no service code, relative to `root`; empty means the default."""
    skip: tuple[str, ...] = ()
    """Folders relative to `root` that belong to somebody else: other services inside this one's."""
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
