"""The ledger of paid steps: what each may cost is set aside before it begins, what it cost is written down after.

Budgets hold over the lineage of a run (itself and the runs that it continues) and against other processes: each change
is one transaction that begins with the lock on the lineage.
"""

from __future__ import annotations

import math
import time
from contextlib import contextmanager
from dataclasses import asdict
from functools import cached_property
from typing import TYPE_CHECKING

from pytest_superteam.pipeline.money.caps import Budgets, NoRoomError, UnknownCostError, held
from pytest_superteam.pipeline.money.no_ledger import NoLedger, Total
from pytest_superteam.pipeline.money.reported import believable, believable_worst
from pytest_superteam.pipeline.money.settling import cut_off, so_far, with_usage
from pytest_superteam.pipeline.money.telling import Teller
from pytest_superteam.pipeline.state.costs import costs_of
from pytest_superteam.pipeline.state.resuming import lineage
from pytest_superteam.reports.text import one_line

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from sqlalchemy import Connection

    from pytest_superteam.config_entries.running import BudgetConfig, ServiceConfig
    from pytest_superteam.models import Cost, Usage, WorstCase
    from pytest_superteam.pipeline.money.prices import PriceBook
    from pytest_superteam.pipeline.state.store import Store
    from pytest_superteam.pipeline.watch.events import Log

__all__ = ["Ledger", "NoLedger", "NoRoomError", "Total", "UnknownCostError"]


class Ledger:
    """The paid steps of one run, as one session writes them down."""

    def __init__(
        self,
        store: Store,
        run: str,
        session: str,
        budget: BudgetConfig,
        services: Mapping[str, ServiceConfig],
        prices: PriceBook,
        log: Log,
    ) -> None:
        """Keep the steps of `run` in `store`, within the budgets of the settings."""
        self._store, self._run, self._session, self._prices = store, run, session, prices
        self._budgets = Budgets(budget, services)
        self._teller = Teller(log, self._budgets)
        self._last: dict[int, Usage] = {}

    # ------------------------------------------------------------ steps

    def reserve(
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
        """Set the worst case of a step aside and return its number.

        Raises:
            NoRoomError: a budget has no room for it; a `BudgetError`.
            UnknownCostError: its price is unknown though there is a budget; a `BudgetError`.
        """
        worst = believable_worst(worst)
        builder = one_line(builder, 128)
        what = f"{f'{phase} of {service}' if service else phase} (try {attempt}, {builder})"
        if worst.usd is None and self._budgets.any and not self._budgets.budget.allow_unknown_cost:
            raise UnknownCostError(what)
        row = {
            "run": self._run,
            "session": self._session,
            "phase": phase,
            "service": service,
            "attempt": attempt,
            "builder": builder,
            "platform": one_line(platform, 128),
            "model": worst.model,
            "parent": parent,
            "status": "reserved",
            "reserved_usd": worst.usd or 0.0,
            "unknown": worst.usd is None,
            "at": time.time(),
        }
        costs = self._store.table("costs")
        with self._locked() as connection:
            self._check(connection, phase, service, worst.usd, what)
            return int(connection.execute(costs.insert().values(**row).returning(costs.c.id)).scalar_one())

    def _check(self, connection: Connection, phase: str, service: str, needed: float | None, what: str) -> None:
        """Refuse a step for which a budget has no room; one that is free needs none."""
        if needed == 0:
            return
        costs = costs_of(self._store, self._lineage, connection)
        for cap in self._budgets.of(phase, service):
            room = cap.room(costs)
            if room.taken or not room.fits(needed or 0.0):
                raise NoRoomError(room, needed, what)

    def report(self, step: int, usage: Usage) -> None:
        """Write down what a step at work has used up to now.

        Raises:
            KeyError: there is no such step.
        """
        said = self._believed(step, usage)

        def heard(cost: Cost) -> Cost:
            return so_far(cost, said, self._prices) if cost.status == "reserved" else cost

        if self._last.get(step) != said:
            self._last[step] = said
            self._change(step, heard, durable=False)

    def settle(self, step: int, usage: Usage | None) -> Cost:
        """Write down what a step that ended used (None: it was cut off, nobody knows) and return what it cost.

        A step is settled once: later, only a better known cost takes the place of what we had worked out.

        Raises:
            KeyError: there is no such step.
        """
        if usage is None:
            return self._change(step, lambda cost: cut_off(cost) if cost.status == "reserved" else cost)
        said = self._believed(step, usage)
        return self._change(step, lambda cost: with_usage(cost, said, self._prices))

    def release(self, step: int) -> None:
        """Take back what was set aside for a step that never started; one that has reported a cost is settled."""
        costs = self._store.table("costs")
        with self._locked() as connection:
            unused = (costs.c.id == step, costs.c.status == "reserved", costs.c.usd == 0)
            connection.execute(costs.delete().where(*unused))
        if any(cost.id == step for cost in self.costs()):
            self.settle(step, None)

    def settle_dead(self) -> list[Cost]:
        """Settle what sessions that are over left at work, as cut off, and return it.

        The caller holds the project's lock, so that no other session is at work.
        """
        left = [cost for cost in self.costs() if cost.status == "reserved" and cost.session != self._session]
        settled = [self.settle(cost.id, None) for cost in left]
        self._teller.before([cost for cost in self.costs() if cost.session != self._session])
        return settled

    # ------------------------------------------------------------ sums

    def costs(self) -> list[Cost]:
        """Return the steps of the lineage, in order."""
        return costs_of(self._store, self._lineage)

    def total(self) -> Total:
        """Return what they cost together."""
        costs = self.costs()
        return Total(
            usd=math.fsum(cost.usd for cost in costs),
            reserved=math.fsum(map(held, costs)),
            estimated_usd=math.fsum(cost.usd for cost in costs if cost.estimated),
            unknown_steps=sum(1 for cost in costs if cost.unknown and cost.status == "settled"),
        )

    def exhausted(self, *, phase: str = "") -> str:
        """Return why no paid step (of `phase`, where one is named) may start any more; empty while one may.

        What is only set aside for steps at work does not count: they may turn out cheaper.
        """
        costs = self.costs()
        rooms = (cap.room(costs) for cap in self._budgets.of(phase, ""))
        return next((f"{room}: no paid step is started any more" for room in rooms if room.full), "")

    # ------------------------------------------------------------ the table

    @cached_property
    def _lineage(self) -> list[str]:
        return lineage(self._store, self._run) or [self._run]

    @contextmanager
    def _locked(self, *, durable: bool = True) -> Iterator[Connection]:
        """Do something in one transaction that no other process's can overlap.

        Its first statement changes nothing and takes the lock: that of the file on SQLite, as BEGIN IMMEDIATE would,
        that of the eldest run's row on PostgreSQL. Nothing has been read before, so nothing that is read can be old.
        """
        runs, eldest = self._store.table("runs"), self._lineage[-1]
        with self._store.begin(durable=durable) as connection:
            connection.execute(runs.update().where(runs.c.id == eldest).values(state=runs.c.state))
            yield connection

    def _change(self, step: int, change: Callable[[Cost], Cost], *, durable: bool = True) -> Cost:
        """Write down what becomes of a step, tell it, and return it."""
        table = self._store.table("costs")
        with self._locked(durable=durable) as connection:
            before = costs_of(self._store, self._lineage, connection)
            cost = next((cost for cost in before if cost.id == step), None)
            if cost is None:
                raise KeyError(step)
            changed = change(cost)
            if changed == cost:
                return cost
            connection.execute(table.update().where(table.c.id == step).values(**asdict(changed)))
        self._teller.changed(changed, before, [changed if each.id == step else each for each in before])
        return changed

    def _believed(self, step: int, usage: object) -> Usage:
        """Return what of a report can be true, and tell what can't."""
        said, wrong = believable(usage)
        self._teller.doubt(step, wrong)
        return said
