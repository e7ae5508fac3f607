"""Settings of how a run goes: what it may spend, how often it tries, what its platforms allow."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Annotated, Literal

from pytest_superteam.config_entries.limits import Range

__all__ = ["BudgetConfig", "OnFailure", "PhaseBudgets", "PlatformConfig", "PriceConfig", "RetryConfig", "ServiceConfig"]

OnFailure = Literal["builtin", "stop", "skip"]
"""`builtin`: the built-in builder takes its place; `stop`: the run ends; `skip`: the others go on without it."""


@dataclass(frozen=True)
class PhaseBudgets:
    """What each phase may cost, in US dollars; unset: as much as the whole budget has left."""

    architect: float | None = None
    """What the architect may cost."""
    builders: float | None = None
    """What the builders may cost."""
    fix: float | None = None
    """What mending may cost."""


@dataclass(frozen=True)
class BudgetConfig:
    """What a run may spend, in US dollars, over all its sessions."""

    total: float | None = None
    """What a run may spend, over all its sessions."""
    phases: PhaseBudgets = field(default_factory=PhaseBudgets)
    service: float | None = None
    """What each service may cost, all its attempts together; `services.<name>.budget` says it for one of them."""
    allow_unknown_cost: bool = False
    """Start steps whose price nobody can say, though there is a budget."""


@dataclass(frozen=True)
class RetryConfig:
    """How a builder that failed is tried again."""

    attempts: Annotated[int, Range(1, 100)] = 3
    """Tries of one service, the first included, where the errors are ones that may pass."""
    base_delay: float = 1.0
    """Seconds before the second try; they double with each one, with some jitter."""
    max_delay: float = 60.0
    """The longest of these waits, in seconds; what a platform asks for (`Retry-After`) may be longer."""
    longest_wait: float = 900.0
    """Seconds to wait for a platform that asks for it; more than that and the service is left for review."""
    same_error: Annotated[int, Range(2, 100)] = 3
    """So many times the same error: it is stuck."""
    stall: float = 1800.0
    """Seconds without a changed file and without a word: it is stuck."""
    grace: float = 30.0
    """Seconds that builders get to come to an end when the run is interrupted."""


@dataclass(frozen=True)
class PlatformConfig:
    """What a platform that builders use allows, by its name."""

    tier: Literal["free", "subscription", "paid"] | None = None
    """Free tier, subscription or paid by use; unset: what the builder says, and paid where it says nothing."""
    limit: int | None = None
    """Attempts in a window; unset: no limit."""
    window: Annotated[float, Range(1, 1e9)] = 86_400.0
    """The length of the window in seconds."""
    worst_case: float | None = None
    """The most that one attempt costs, in US dollars, where the builder can't say or is wrong about it."""


@dataclass(frozen=True)
class PriceConfig:
    """Prices of a model in US dollars per million tokens; they take the place of the known ones."""

    input: float
    """What the model is given."""
    output: float
    """What it answers."""
    cache_read: float | None = None
    """What it is given out of a cache; unset: as `input`."""


@dataclass(frozen=True)
class ServiceConfig:
    """What is said about building one service, by its name."""

    builder: str | None = None
    """The builder that it asks for, where that has room; unset: `builder`, or the cheapest of `builders`."""
    budget: float | None = None
    """What it may cost, all its attempts together, in US dollars."""
    on_failure: OnFailure | None = None
    """What follows where it can't be built; unset: `on_failure`."""
