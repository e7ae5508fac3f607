"""Exchanges with a service that may hang: after a few answers that did not come, no more are waited for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pytest_superteam.checks.exchanges import Exchanges, NoAnswerError

if TYPE_CHECKING:
    from pytest_superteam.checks.exchanges import Answer

__all__ = ["PatientExchanges"]

_PATIENCE = 3  # answers that are waited for in vain


class PatientExchanges(Exchanges):
    """Exchanges that give up on a service that hangs, so that an item with many calls keeps its time."""

    def __init__(self, timeout: float = 10.0) -> None:
        """Send with `timeout`, in seconds for a whole answer."""
        super().__init__(timeout)
        self._waited = 0

    def send(self, method: str, url: str, **parts: Any) -> Answer:
        """Send one request and return the answer, as `Exchanges.send` does.

        Raises:
            NoAnswerError: there was none, or too many before did not come either.
        """
        if self._waited >= _PATIENCE:
            raise NoAnswerError(f"{method} {url}: not tried, for {_PATIENCE} answers before did not come in time.")
        try:
            return super().send(method, url, **parts)
        except NoAnswerError as error:
            self._waited += " within " in str(error)
            raise
