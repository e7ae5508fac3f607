"""The steps of one flow as they happen: what each was for, what was sent, what came back, what was wrong."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from pytest_superteam.checks.exchanges import Exchange, Exchanges, NoAnswerError
from pytest_superteam.errors import CheckError
from pytest_superteam.models import Severity, Violation

if TYPE_CHECKING:
    from pytest_superteam.checks.exchanges import Answer

__all__ = ["ILLEGAL", "LAWFUL", "BrokenFlowError", "OutOfReachError", "Story"]

LAWFUL = "FLOW-001"
ILLEGAL = "FLOW-002"

_LONGEST = 90.0  # seconds for a whole flow
_SHOWN = 14  # steps of a finding
_MOST = 5  # findings of a flow


class BrokenFlowError(Exception):
    """A step went wrong, is told, and leaves nothing for the steps behind it to go on from."""


class OutOfReachError(Exception):
    """A system that was there before us lets nobody of ours in: nothing could be tried, and that is not its fault."""


@dataclass
class Story:
    """What one flow does. `opening` is what happened before its first request."""

    service: str
    exchanges: Exchanges
    opening: str = ""
    titles: list[str] = field(default_factory=list)
    findings: list[Violation] = field(default_factory=list)
    began: float = field(default_factory=time.monotonic)

    def send(self, title: str, method: str, url: str, **more: Any) -> Answer:
        """Make one step.

        Raises:
            BrokenFlowError: the service did not answer.
            CheckError: the flow takes too long.
        """
        if time.monotonic() - self.began > _LONGEST:
            raise CheckError(f"The flow was not over within {_LONGEST:g} s, {len(self.titles)} steps. See the logs.")
        self.titles.append(title)
        try:
            return self.exchanges.send(method, url, **more)
        except NoAnswerError as error:
            self.wrong(LAWFUL, f"{title}: {error}")
            raise BrokenFlowError from error

    def wrong(self, code: str, message: str, *, severity: Severity = Severity.ERROR, service: str = "") -> None:
        """Tell what is wrong after the last step; `service` is the one at fault where it is not the flow's own."""
        if len(self.findings) < _MOST:
            found = Violation(code, severity, service or self.service, message, evidence=self.shown())
            self.findings.append(found)

    def broken(self, code: str, message: str, *, service: str = "") -> BrokenFlowError:
        """Tell what is wrong and return what to raise, for nothing can follow."""
        self.wrong(code, message, service=service)
        return BrokenFlowError(message)

    def shown(self) -> str:
        """Return the steps, a numbered line each with its title; of many only the last."""
        made: list[Exchange] = self.exchanges.made
        lines = [
            f"{number}. {title}: {exchange}"
            for number, (title, exchange) in enumerate(zip(self.titles, made, strict=False), 1)
        ]
        left_out = [f"(steps 1 to {len(lines) - _SHOWN} are left out)"] if len(lines) > _SHOWN else []
        opening = [self.opening] if self.opening else []
        return "\n".join([*opening, *left_out, *lines[-_SHOWN:]])
