"""What is told of money: what each step cost, and which budget has been spent to 80 % or 100 %."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_superteam.reports.costs import dollars, headline, price_of, sum_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pytest_superteam.models import Cost
    from pytest_superteam.pipeline.money.caps import Budgets
    from pytest_superteam.pipeline.watch.events import Log

__all__ = ["Teller"]


class Teller:
    """Says to a log what changes in a ledger."""

    def __init__(self, log: Log, budgets: Budgets) -> None:
        """Say it to `log`."""
        self._log, self._budgets = log, budgets
        self._doubted: set[int] = set()
        self._told_before = False

    def doubt(self, step: int, wrong: str) -> None:
        """Say that a step reports what can't be; once a step, for it may go on doing so."""
        if wrong and step not in self._doubted:
            self._doubted.add(step)
            message = f"step {step} reports a usage that can't be ({wrong}); that part counts as unknown"
            self._log.emit("cost", message, level="warning", step=step)

    def before(self, costs: Sequence[Cost]) -> None:
        """Say what earlier sessions have spent, once."""
        if not self._told_before and any(cost.usd or cost.unknown for cost in costs):
            self._told_before = True
            total = sum_of(costs)
            self._log.emit(
                "budget",
                f"spent by earlier sessions: {headline(costs, self._budgets.budget.total)}",
                total_usd=total.usd,
                estimated=total.estimated,
                unknown=bool(total.unknown_steps),
            )

    def changed(self, cost: Cost, before: Sequence[Cost], after: Sequence[Cost]) -> None:
        """Say what a change of one step's row means; `before` and `after` are all rows."""
        if cost.status == "settled":
            self._cost(cost, after)
        for cap in self._budgets.of(cost.phase, cost.service):
            room = cap.room(after)
            if room.mark > cap.room(before).mark:
                self._log.emit(
                    "budget",
                    f"{room.mark} % of {cap.setting} is spent: {dollars(room.spent)} of {dollars(cap.limit)}",
                    level="warning",
                    service=cap.service,
                    percent=room.mark,
                    setting=cap.setting,
                    spent_usd=room.spent,
                    limit_usd=cap.limit,
                )

    def _cost(self, cost: Cost, costs: Sequence[Cost]) -> None:
        total = sum_of(costs)
        what = f"{cost.phase} of {cost.service}" if cost.service else cost.phase
        self._log.emit(
            "cost",
            f"{what} (try {cost.attempt}, {cost.builder}): {price_of(cost)}, {total.price} in all",
            service=cost.service,
            step=cost.id,
            phase=cost.phase,
            attempt=cost.attempt,
            builder=cost.builder,
            model=cost.model,
            usd=cost.usd,
            estimated=cost.estimated,
            unknown=cost.unknown,
            total_usd=total.usd,
        )
