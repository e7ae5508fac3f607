"""What a builder is: something that turns one service of an architecture into a source tree."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from pytest_superteam.models import Architecture

__all__ = ["BuildOutput", "BuildRequest", "Builder"]


@dataclass(frozen=True)
class BuildRequest:
    """One service to build, into `directory` (empty, the builder's alone)."""

    service: str
    architecture: Architecture
    directory: Path
    pacts: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    """Pact documents of this service as a consumer, by provider; the builder puts them into `pacts/` of the tree."""


@dataclass(frozen=True)
class BuildOutput:
    """How to start and test what was built: argument vectors for the service's folder.

    `python` as first element stands for the interpreter that runs pytest, `{port}` in `start` for the port.
    """

    start: tuple[str, ...]
    test: tuple[str, ...] = ()
    cost_usd: float = 0.0


@runtime_checkable
class Builder(Protocol):
    """A way to produce the source of a service. `version` is part of the key that decides whether to build again."""

    name: str
    version: str

    async def build(self, request: BuildRequest) -> BuildOutput:
        """Write the service's source below `request.directory`.

        Raises:
            BuildError: the service could not be built.
        """
        ...
