"""What a builder is: something that turns one service of an architecture into a source tree."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, Protocol, runtime_checkable

from pytest_superteam.models import Claim, Evidence, Mending, Usage

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from pytest_superteam.models import Architecture, Rule

__all__ = ["BuildOutput", "BuildRequest", "Builder", "Progress", "Tier", "mends", "platform_of", "tier_of"]

Tier = Literal["free", "subscription", "paid"]


@dataclass(frozen=True)
class Progress:
    """A sign of life of a builder: what it says, and what it has used up to now where it knows."""

    text: str = ""
    """What it is at, in a line."""
    usage: Usage | None = None
    """What it has used up to now; None where it does not know."""


def _unheard(_progress: Progress) -> None:
    """Take no notice."""


@dataclass(frozen=True)
class BuildRequest:
    """One try at one service, into `directory` (empty, the builder's alone)."""

    service: str
    """Name of the service."""
    architecture: Architecture
    """The whole design, the contracts of all services included."""
    directory: Path
    pacts: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    """Pact documents of this service as a consumer, by provider; the builder puts them into `pacts/` of the tree."""
    attempt: int = 1
    """Which try at this service it is, from 1."""
    hint: str = ""
    """What went wrong in the tries before and what to do instead; it belongs into an agent's prompt."""
    timeout: float = 1800.0
    """Seconds that this try may take; it is cancelled then."""
    spend_usd: float | None = None
    """The most that this try may cost, as it was set aside; None where nothing was."""
    report: Callable[[Progress], None] = _unheard
    """Takes signs of life; a try without any, and without a changed file, counts as stalled after a while."""
    prd: str = ""
    """The requirements document without its secrets, lines where they were."""
    rules: tuple[Rule, ...] = ()
    """The codes that the service will be held to."""
    project: Path | None = None
    """The user's project, which nobody but its user writes to."""
    private: Path | None = None
    """A folder for what the builder needs besides, such as a home; it is gone when the try is over."""
    mending: Mending | None = None
    """What the gate found in what is built already, a copy of which lies in `directory`; None: it is built anew."""


@dataclass(frozen=True)
class BuildOutput:
    """How to start and test what was built: argument vectors for the service's folder.

    `python` as first element stands for the interpreter that runs pytest, `{port}` in `start` for the port.
    """

    start: tuple[str, ...]
    """How it is started."""
    test: tuple[str, ...] = ()
    """How its own tests are run; empty where it has none."""
    usage: Usage = field(default_factory=Usage)
    """What the try used, as far as the builder knows; a builder of tier `free` need not say."""
    evidence: Evidence | None = None
    """What was found in the folder by ourselves; a builder of a project leaves it out."""
    claim: Claim | None = None
    """What an agent said of its work."""


@runtime_checkable
class Builder(Protocol):
    """A way to produce the source of a service. `version` is part of the key that decides whether to build again.

    A builder may also have `tier` (free, subscription or paid; paid where it does not say), `platform` (whose limits it
    shares; its own name where it does not say), `model`, `worst_case(request) -> WorstCase`, `inputs(service)`: a
    mapping of what else its work depends on, such as the hash of a prompt, by name, and `mends`: whether it takes note
    of `request.mending` (it does where it does not say).
    """

    name: str
    """What `builder` and `--builder` call it."""
    version: str
    """What stands for its way of working; another one builds again."""

    async def build(self, request: BuildRequest) -> BuildOutput:
        """Write the service's source below `request.directory`.

        Raises:
            BuildError: the service could not be built.
        """
        ...


def tier_of(builder: Builder) -> Tier:
    """Return what it takes to use a builder: nothing, a subscription that is paid already, or money each time."""
    tier: Tier = getattr(builder, "tier", "paid")
    return tier


def platform_of(builder: Builder) -> str:
    """Return the name under which the limits of a builder are kept."""
    return str(getattr(builder, "platform", "") or builder.name)


def mends(builder: Builder) -> bool:
    """Return whether a builder can mend what the gate found, so that it need not be asked in vain."""
    return bool(getattr(builder, "mends", True))
