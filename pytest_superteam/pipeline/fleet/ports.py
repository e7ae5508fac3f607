"""What a fleet needs of the books around it, and what it does where there are none."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from pytest_superteam.builders.base import Builder, Tier
    from pytest_superteam.models import Cost, Usage, WorstCase
    from pytest_superteam.pipeline.state.attempts import Attempt

__all__ = ["AttemptBook", "LedgerBook", "QuotaBook", "ReviewBook", "RouteLike", "Routing"]


class RouteLike(Protocol):
    """Who builds a service now; None where nobody has room, and then why and when again."""

    @property
    def builder(self) -> Builder | None:
        """Return the builder."""
        ...

    @property
    def reason(self) -> str:
        """Return why."""
        ...

    @property
    def free_at(self) -> float | None:
        """Return when somebody has room again, in seconds since the epoch; None: never."""
        ...


class Routing(Protocol):
    """Chooses builders."""

    def choose(self, service: str, /) -> RouteLike:
        """Return who builds `service` now."""
        ...

    def candidates(self, service: str, /) -> Sequence[Builder]:
        """Return who may build `service` at all, the preferred first."""
        ...

    def named(self, name: str, /) -> Builder | None:
        """Return the builder of a name, where it is on offer."""
        ...

    def only(self, builder: Builder, /) -> Routing:
        """Return what chooses that builder whenever it has room, and no other."""
        ...

    def platform(self, builder: Builder) -> str:
        """Return the name under which the limits of a builder are kept."""
        ...

    def tier(self, builder: Builder) -> Tier:
        """Return what it takes to use a builder."""
        ...


class QuotaBook(Protocol):
    """Knows what platforms allow."""

    def take(self, platform: str, /) -> bool:
        """Take down one try where there is room for it, and return whether there was."""
        ...

    def warnings(self, planned: Mapping[str, int], /) -> list[str]:
        """Return what is told before so many tries by platform begin."""
        ...

    def parallel(self, platform: str, base: int, /) -> int:
        """Return how many tries may be at work at the same time."""
        ...


class LedgerBook(Protocol):
    """Sets aside and pays."""

    def reserve(  # what a row of the ledger says
        self,
        *,
        phase: str,
        service: str = "",
        attempt: int = 1,
        builder: str,
        platform: str = "",
        worst: WorstCase,
        parent: int = 0,
    ) -> int:
        """Set the worst case of a step aside and return the step.

        Raises:
            BudgetError: there is no room for it.
        """
        ...

    def report(self, step: int, usage: Usage) -> None:
        """Take down what a step has used so far."""
        ...

    def settle(self, step: int, usage: Usage | None) -> Cost:
        """Take down what a step used in the end; None: it was cut off and nobody knows."""
        ...

    def release(self, step: int) -> None:
        """Give back what was set aside for a step that never started."""
        ...

    def settle_dead(self) -> list[Cost]:
        """Settle the steps of sessions that are no more."""
        ...

    def costs(self) -> list[Cost]:
        """Return all steps."""
        ...


class AttemptBook(Protocol):
    """Takes down the tries."""

    def start(  # what a row of the attempts says
        self, *, phase: str, service: str, number: int, builder: str, model: str, key: str, hint: str
    ) -> int:
        """Take down that a try begins and return its id."""
        ...

    def end(
        self, attempt: int, status: str, *, error: str = "", signature: str = "", retryable: bool | None = None
    ) -> None:
        """Take down how it ended."""
        ...

    def of_run(self) -> list[Attempt]:
        """Return all tries of the run in order."""
        ...


class ReviewBook(Protocol):
    """The services that wait for a person."""

    def add(self, service: str, kind: str, reason: str, details: Mapping[str, Any]) -> None:
        """Let a service wait for a person."""
        ...

    def resolve(self, service: str) -> None:
        """Take down that it waits no more."""
        ...
