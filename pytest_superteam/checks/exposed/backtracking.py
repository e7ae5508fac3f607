"""Texts that make careless regular expressions run for ever (ReDoS, CWE-1333), sent where a format or pattern is."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from pytest_superteam.checks.access.endpoints import Endpoint, endpoints_of
from pytest_superteam.checks.access.objects import shown_since
from pytest_superteam.checks.access.trial import Trial, called_by
from pytest_superteam.checks.access.users import User, caller
from pytest_superteam.checks.exchanges import Exchanges, NoAnswerError
from pytest_superteam.checks.exposed.near_matches import Shape, kind_by_name, shapes_for

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from pytest_superteam.checks.base import CheckItem, RunningSystem
    from pytest_superteam.models import CheckResult

__all__ = ["slow_patterns"]

_SLOW = 2.0  # seconds: no honest pattern takes so long
_TIMES = 10  # times the usual
_SUSPECT = 0.1  # seconds over the usual that make it worth to try longer
_SHORT, _STEP, _SHORTEST_LAST = 25, 2, 35  # characters: an exponential pattern takes four times as long each step
_LONG, _LONGEST = 20_000, 160_000  # characters: a quadratic one takes four times as long each step


def slow_patterns(system: RunningSystem, item: CheckItem) -> CheckResult:
    """Return which fields with a format or pattern keep the service busy for seconds."""

    def work(exchanges: Exchanges, user: User) -> CheckResult:
        trial = _Trial(system, item, exchanges, user)
        for endpoint in endpoints_of(system, item.service):
            trial.attempt(trial.try_endpoint, endpoint, user)
        return trial.result(
            "texts that careless patterns go back and forth in",
            "no field of a request has a format or pattern that could be slow",
        )

    return called_by(system, lambda: caller(system), work)


@dataclass
class _Trial(Trial):
    patterns: set[str] = field(default_factory=set)

    def try_endpoint(self, endpoint: Endpoint) -> None:
        """Try each field that is matched against something; the same pattern is not tried twice on a service."""
        for name, schema in endpoint.body.items():
            called = name if endpoint.kind != "login" else ""  # who may log in is looked up, and tries are counted
            shapes = shapes_for(schema, called)
            by_format = str(schema.get("format", "")) or kind_by_name(schema, called)
            what = str(schema.get("pattern", "")) if not by_format else f"format {by_format}"
            long = endpoint.kind != "register" or not kind_by_name(schema, called)  # no long names among accounts
            if not shapes or what in self.patterns:
                continue
            if self._field(endpoint, name, shapes, long=long) or not by_format:
                self.patterns.add(what)  # other operations match with the same expression, as far as one can tell

    def _field(self, endpoint: Endpoint, name: str, shapes: Mapping[str, Shape], *, long: bool) -> bool:
        """Try one field and return whether it was found to be slow."""
        body = self.objects.body(endpoint, self.user)
        if not isinstance(body, dict):
            return False
        url = self.objects.url(endpoint, self.user)
        usual = min(self._answered_in(endpoint, url, {**body, name: "!"}) for _ in range(2))
        for look, shape in shapes.items():

            def extra(size: int, shape: Shape = shape) -> float:
                """Return how much longer than usual a text takes; what is slow is asked again, for machines pause."""
                slow = {**body, name: shape(size)}
                first = self._seconds(endpoint, url, slow) - usual
                return first if first <= _SLOW else min(first, self._seconds(endpoint, url, slow) - usual)

            for size, more in _slow_lengths(extra, long=long):
                if more + usual > max(_SLOW, _TIMES * usual):
                    self._add(endpoint, name, look, size, more + usual, usual)
                    return True
        return False

    def _seconds(self, endpoint: Endpoint, url: str, body: Mapping[str, Any]) -> float:
        """Return how long the answer took; one that did not come took as long as was waited."""
        import time

        began = time.monotonic()
        try:
            return self._answered_in(endpoint, url, body)
        except NoAnswerError:
            return time.monotonic() - began

    def _answered_in(self, endpoint: Endpoint, url: str, body: Mapping[str, Any]) -> float:
        """Return how long the answer took.

        Raises:
            NoAnswerError: there was none: with a harmless text, that says nothing of patterns.
        """
        token = self.user.token(endpoint)
        answer = self.objects.send(endpoint, url, token=token, caller=self.user.name, body=body)
        self.tried += 1
        return answer.seconds

    def _add(self, endpoint: Endpoint, name: str, look: str, size: int, seconds: float, usual: float) -> None:
        message = (
            f"{endpoint.label}: '{name}' with a text of {size} characters ({look}) takes {seconds:.1f} s where "
            f"{usual:.3f} s are usual. Limit the length first, and match without nested repeats."
        )
        self.add(message, shown_since(self.exchanges, len(self.exchanges.made) - 2))


def _slow_lengths(extra: Callable[[int], float], *, long: bool) -> Iterator[tuple[int, float]]:
    """Yield lengths that take seconds, and how many; a longer text is sent only where a shorter one was suspicious."""
    for shortest, longest, times, more in ((_SHORT, _SHORTEST_LAST, 1, _STEP), (_LONG, _LONGEST, 2, 0))[: 1 + long]:
        size = shortest
        while (took := extra(size)) <= _SLOW and took > _SUSPECT and size < longest:
            size = size * times + more
        if took > _SLOW:
            yield size, took
