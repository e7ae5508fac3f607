"""One security check at work on one service: as whom it calls, what it found, and what could not be called."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeVar

from pytest_superteam.checks.access.objects import Objects
from pytest_superteam.checks.access.patience import PatientExchanges
from pytest_superteam.checks.access.users import User, stand_in
from pytest_superteam.errors import CheckError
from pytest_superteam.models import CheckResult, Severity, Violation

if TYPE_CHECKING:
    from collections.abc import Callable

    from pytest_superteam.checks.access.endpoints import Endpoint
    from pytest_superteam.checks.base import CheckItem, RunningSystem
    from pytest_superteam.checks.exchanges import Exchanges

__all__ = ["NO_USER", "Trial", "called_by"]

Callers = TypeVar("Callers")

NO_USER = "there is no user to send anything"
"""Why a check of a found system is skipped that needs somebody to call."""


def called_by(
    system: RunningSystem,
    callers: Callable[[], Callers],
    work: Callable[[Exchanges, Callers], CheckResult],
    without: str = NO_USER,
) -> CheckResult:
    """Return what `work` finds with the callers that are made for it; skipped where a found system gives none.

    Raises:
        CheckError: there are no callers, though the contracts are ours.
    """
    with PatientExchanges(system.config.timeouts.request) as exchanges:
        try:
            found = callers()
        except CheckError as error:
            if not system.found:
                raise
            return CheckResult(skipped=f"{without}: {error}")
        return work(exchanges, found)


@dataclass
class Trial:
    """What one check has done so far. `user` calls, `problems` say why something could not be tried."""

    system: RunningSystem
    item: CheckItem
    exchanges: Exchanges
    user: User
    violations: list[Violation] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    tried: int = 0

    def __post_init__(self) -> None:
        """Make rows and requests with the same exchanges."""
        self.objects = Objects(self.system, self.exchanges)

    def attempt(self, what: Callable[[Endpoint], object], endpoint: Endpoint, user: User | None = None) -> None:
        """Try one thing on an operation, as who stands in for `user` there; why it can't be called is noted."""
        try:
            if user is not None:
                self.user = stand_in(self.system, endpoint, user)
            what(endpoint)
        except CheckError as error:
            self.problems.append(str(error))

    def add(self, message: str, shown: str, severity: Severity | None = None) -> None:
        """Keep a finding; `shown` are the requests that show it."""
        item = self.item
        self.violations.append(Violation(item.code, severity or item.severity, item.service, message, evidence=shown))

    def result(self, tried: str, nothing: str, *, required: bool = False) -> CheckResult:
        """Return what was found.

        Args:
            tried: What was tried, in words behind its number.
            nothing: Why there was nothing to try, where no problem says so.
            required: Whether a service of ours must give something to try.

        Raises:
            CheckError: nothing could be tried, though the contracts are ours.
        """
        if self.tried:
            return CheckResult(tuple(self.violations), detail=f"{self.tried} {tried}")
        reason = "; ".join(dict.fromkeys(self.problems)) or nothing
        if (self.problems or required) and not self.system.found:
            raise CheckError(f"{self.item.service}: {reason}.")
        return CheckResult(skipped=reason)
