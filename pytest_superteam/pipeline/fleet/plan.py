"""What a fleet of builders works on, and with whom."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from pytest_superteam.config_entries import RetryConfig
from pytest_superteam.pipeline.fleet.stopping import Stopping
from pytest_superteam.pipeline.watch.events import NoLog

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from pytest_superteam.builders.plan import BuildPlan
    from pytest_superteam.config_entries import PlatformConfig
    from pytest_superteam.config_entries.running import OnFailure
    from pytest_superteam.models import BuildResult, Mending
    from pytest_superteam.pipeline.fleet.lanes import Lane
    from pytest_superteam.pipeline.fleet.ports import AttemptBook, LedgerBook, QuotaBook, ReviewBook, Routing
    from pytest_superteam.pipeline.watch.events import Log

__all__ = ["FleetPlan"]

PHASE_SECONDS = 3600.0
"""The least that the whole phase may take where nothing else is set."""


def _not_kept(_service: str, _before: Path, _after: Path) -> None:
    """Keep no note of what a fix changed."""


def _unheard(_result: BuildResult) -> None:
    """Take no notice."""


@dataclass(frozen=True)
class FleetPlan:
    """What to build, and the books that are kept of it; `FleetPlan(build=plan)` builds with the plan's one builder."""

    build: BuildPlan
    """Services, builders, folders; how many at a time (`parallel`) and the seconds of one try (`timeout`)."""
    router: Routing | None = None
    """Who builds what (`routing.Router`); unset: the plan's first builder builds all."""
    quotas: QuotaBook | None = None
    """Limits of platforms (`quota.Quotas`); unset: none."""
    ledger: LedgerBook | None = None
    """Where tries are paid from (`money.ledger.Ledger`); unset: nothing is written down and nothing refused."""
    attempts: AttemptBook | None = None
    """Where tries are written down (`state.attempts.Attempts`); unset: in memory."""
    reviews: ReviewBook | None = None
    """Services that wait for a person (`reviews.Reviews`); unset: nowhere."""
    log: Log = field(default_factory=NoLog)
    retry: RetryConfig = field(default_factory=RetryConfig)
    platforms: Mapping[str, PlatformConfig] = field(default_factory=dict)
    """What is set about platforms: their worst case and tier take the place of what builders say."""
    mending: Mapping[str, Mending] = field(default_factory=dict)
    """What each service's builder is to mend in what it built; empty: services are built that are not yet."""
    on_failure: Mapping[str, OnFailure] = field(default_factory=dict)
    """What follows where a service can't be built: `skip` where nothing is said."""
    phase: str = "builders"
    """What the steps count to in the ledger: `builders` or `fix`."""
    timeout: float | None = None
    """Seconds for all services (`timeouts.builders`); unset: an hour, or as long as each may take once in its lane."""
    parent: int = 0
    """The step in the ledger that the first tries follow from: the architect's."""
    session: str = ""
    """The session that builds; its own tries count also where a person asked for all to be tried again."""
    again: bool = False
    """A person asks for it: what failed or waits for review is tried again, as often as ever. Without it only what was
    cut off goes on, with the tries that it has left (a resume after a crash)."""
    stopping: Stopping = field(default_factory=Stopping)
    landed: Callable[[BuildResult], None] = _unheard
    """Called with each result the moment it is written down."""
    changed: Callable[[str, Path, Path], None] = _not_kept
    """Called with a service, its folder and that of a fix, before the one is refused or takes the other's place."""
    loop_factory: Callable[[], asyncio.AbstractEventLoop] | None = None
    """Makes the event loop; tests give one whose clock is their own."""
    clock: Callable[[], float] = time.time
    """Tells seconds since the epoch."""
    lane: Lane | None = None
    """Where builders run (`lanes.Lane`); unset: each try in a thread with an event loop of its own."""

    @property
    def seconds(self) -> float:
        """Return how long all of it may take."""
        if self.timeout is not None:
            return self.timeout
        rounds = -(-len(self.build.architecture.services) // max(1, self.build.parallel))
        return max(PHASE_SECONDS, rounds * self.build.timeout)
