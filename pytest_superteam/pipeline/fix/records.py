"""What is written down of fix attempts: in the store, for the run, and below `.superteam/attempts/`, for people.

The store is what the loop goes on from; the files say the same, and decide nothing: builders can reach them.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, TypeVar

from pytest_superteam.codec import from_data, to_data
from pytest_superteam.models import FixAttempt, ItemResult
from pytest_superteam.pipeline.fix.decision import Round
from pytest_superteam.pipeline.fix.findings import blocks, key_of
from pytest_superteam.pipeline.fix.folders import AttemptFolders
from pytest_superteam.pipeline.fix.planning import FixPlan
from pytest_superteam.reports.masking import mask

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from pytest_superteam.pipeline.state.store import Store

__all__ = ["FixRecords", "Standing"]

T = TypeVar("T")
_PLAN, _ATTEMPT, _STANDING = "fix::plan::", "fix::attempt::", "fix::standing"
_DIGITS = 7
_VIOLATIONS = 200
"""Violations of an item in `gate.json`; the gate's report has all."""


@dataclass(frozen=True)
class Standing:
    """How far the loop is."""

    first: int = 1
    """The number of the first attempt that the present command may make."""
    kind: str = ""
    end: str = ""
    """Why no further attempt is made; empty while that is not known."""


class FixRecords:
    """The fix attempts of one run."""

    def __init__(self, store: Store, run: str, folder: Path) -> None:
        """Keep them in the store under the run's id, and below the folder of the attempts (`Layout.attempts`)."""
        self.store = store
        self.run = run
        self.folders = AttemptFolders(folder, run)

    # ------------------------------------------------------------ writing

    def save_plan(self, plan: FixPlan) -> None:
        """Write down what the next attempt asks, before it begins (`<n>/<service>/asked.md`)."""
        self.folders.begin(plan.number)
        for fix in plan.services:
            refused = f"> {fix.refused}\n\n" if fix.refused else ""
            self.folders.write(plan.number, fix.service, "asked.md", f"{refused}{fix.text}\n")
        self.folders.write(plan.number, "", "attempt.json", _json({"run": self.run, "plan": _brief(plan)}))
        nothing: dict[str, Any] = {}  # what an attempt of this number was before, it is no more
        self.store.save_results(self.run, {f"{_PLAN}{plan.number}": to_data(plan), f"{_ATTEMPT}{plan.number}": nothing})

    def save_changes(self, number: int, service: str, diff: str) -> None:
        """Write down how an attempt changed a service (`<n>/<service>/changes.diff`), masked."""
        self.folders.write(number, service, "changes.diff", mask(diff))

    def save_attempt(self, attempt: FixAttempt) -> None:
        """Write down an attempt, again whenever more is known of it (`<n>/attempt.json`)."""
        data = _masked(to_data(attempt))
        plan = next((plan for plan in self.plans() if plan.number == attempt.number), None)
        told = {"run": self.run, "plan": _brief(plan) if plan else None, "attempt": data}
        self.folders.write(attempt.number, "", "attempt.json", _json(told))
        self.store.save_result(self.run, f"{_ATTEMPT}{attempt.number}", data)

    def save_gate(self, attempt: FixAttempt, items: Iterable[ItemResult]) -> None:
        """Write down what the gate said after an attempt, of whom it asked and of whom it found something in.

        Args:
            attempt: the attempt, with what blocks since.
            items: the items of the gate's report (`<n>/<service>/gate.json`).
        """
        blocked = [item for item in items if blocks(item)]
        asked = [fix.service for fix in attempt.services]
        for name in dict.fromkeys([*asked, *(name for item in blocked for name in _about(item))]):
            own = [item for item in blocked if name in _about(item)]
            keys = [key_of(item.id) for item in own]
            told = {
                "attempt": attempt.number,
                "service": name,
                "still": [key for key in keys if key in attempt.before],
                "new": [key for key in keys if key not in attempt.before],
                "items": [_masked(to_data(_bounded(item))) for item in own],
            }
            self.folders.write(attempt.number, name, "gate.json", _json(told))

    # ------------------------------------------------------------ reading

    def plans(self) -> tuple[FixPlan, ...]:
        """Return the plans of the run, in order; what is no plan counts as none."""
        return tuple(plan for number, plan in self._kept(FixPlan, _PLAN) if plan.number == number)

    def attempts(self) -> tuple[FixAttempt, ...]:
        """Return the attempts of the run, in order; what is no attempt counts as none."""
        return tuple(attempt for number, attempt in self._kept(FixAttempt, _ATTEMPT) if attempt.number == number)

    def rounds(self) -> tuple[Round, ...]:
        """Return the attempts after which the gate has looked, with their plans."""
        over = {attempt.number: attempt for attempt in self.attempts() if attempt.after is not None}
        return tuple(Round(plan, over[plan.number]) for plan in self.plans() if plan.number in over)

    def pending(self) -> FixPlan | None:
        """Return the plan whose attempt is to be made, or was broken off; None where the gate has looked since.

        Only a run in the state `fix_pass` goes on with it: who was killed before that state made a plan for nothing.
        """
        last = next(iter(reversed(self.plans())), None)
        over = {each.plan.number for each in self.rounds()}
        return last if last is not None and last.number not in over else None

    # ------------------------------------------------------------ the loop as a whole

    @property
    def standing(self) -> Standing:
        """Return how far the loop is."""
        data = self.store.result(self.run, _STANDING)
        return _converted(Standing, data) or Standing()

    def start(self) -> int:
        """Return the number of the first attempt that a command may make, when it begins.

        Where the loop had come to its end, that is the next one: who gives the command again asks for as many attempts
        again. Where it was broken off, it goes on.
        """
        standing = self.standing
        if standing.end:
            standing = Standing(first=1 + max((plan.number for plan in self.plans()), default=0))
            self._save_standing(standing)
        return standing.first

    def save_end(self, kind: str, reason: str) -> None:
        """Write down why no further attempt is made."""
        self._save_standing(replace(self.standing, kind=kind, end=mask(reason)))

    def _save_standing(self, standing: Standing) -> None:
        self.store.save_result(self.run, _STANDING, to_data(standing))

    def _kept(self, cls: type[T], prefix: str) -> Iterator[tuple[int, T]]:
        """Yield the run's records of a kind by number, in order; what can't be read is left out."""
        kept = {key.removeprefix(prefix): data for key, data in self.store.results(self.run).items()}
        numbers = (name for name in kept if name.isascii() and name.isdecimal() and len(name) < _DIGITS)
        for name in sorted(numbers, key=int):
            known = _converted(cls, kept[name])
            if known is not None:
                yield int(name), known


def _converted(cls: type[T], data: object) -> T | None:
    """Return a record, None where there is none or it is none of ours."""
    try:
        return from_data(cls, data)
    except (ValueError, TypeError, RecursionError):
        return None


def _about(item: ItemResult) -> tuple[str, ...]:
    """Return the services that an item found something in, or that it counts for."""
    named = dict.fromkeys(v.service for v in item.violations if v.service and not v.suppressed_by)
    return tuple(named) or (item.service,)


def _bounded(item: ItemResult) -> ItemResult:
    return replace(item, violations=item.violations[:_VIOLATIONS])


def _brief(plan: FixPlan) -> dict[str, Any]:
    """Return a plan without the texts that lie beside it."""
    data: dict[str, Any] = to_data(replace(plan, services=tuple(replace(fix, text="") for fix in plan.services)))
    return data


def _masked(data: Any) -> Any:
    """Return plain data with the secrets in its texts masked."""
    if isinstance(data, str):
        return mask(data)
    if isinstance(data, dict):
        return {key: _masked(value) for key, value in data.items()}
    return [_masked(value) for value in data] if isinstance(data, list) else data


def _json(data: Any) -> str:
    return json.dumps(data, indent=1, ensure_ascii=True) + "\n"
