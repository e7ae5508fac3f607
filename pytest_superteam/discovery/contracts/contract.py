"""The noun: a contract that was found for a service, and where it is from."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

__all__ = ["FoundContract", "FoundContracts", "Origin"]

Origin = Literal["explicit", "tree", "served", "derived"]


@dataclass(frozen=True)
class FoundContract:
    """An OpenAPI 3 document of a service."""

    document: Mapping[str, Any] = field(repr=False)
    origin: Origin
    place: str
    """The file relative to the system, the URL, or the folder whose routes it was derived from."""
    note: str = ""
    """Why this one, and what was passed over, in one line."""
    base: str | None = None
    """What the service itself has before the document's paths, as its routes say; None where they don't say."""


@dataclass(frozen=True)
class FoundContracts(Mapping[str, FoundContract]):
    """The contracts by service. `notes` tell of documents that are nobody's contract."""

    contracts: Mapping[str, FoundContract] = field(default_factory=dict)
    notes: tuple[str, ...] = ()

    def __getitem__(self, name: str) -> FoundContract:
        """Return the contract of a service."""
        return self.contracts[name]

    def __iter__(self) -> Iterator[str]:
        """Iterate over the names of services."""
        return iter(self.contracts)

    def __len__(self) -> int:
        """Return how many services have a contract."""
        return len(self.contracts)
