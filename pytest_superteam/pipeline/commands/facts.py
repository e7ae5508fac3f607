"""What is known of a project's newest run, gathered once for all that is asked."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from pytest_superteam.pipeline.commands.work import Work, work_on

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pytest_superteam.config import BudgetConfig
    from pytest_superteam.models import Cost
    from pytest_superteam.pipeline.commands.inquiry import Inquiry
    from pytest_superteam.pipeline.fleet.reviews import Review
    from pytest_superteam.pipeline.state.store import RunRecord, SessionRecord, Store
    from pytest_superteam.pipeline.state.traces import Gate

__all__ = ["Facts", "ServiceFacts", "gather"]

_BUDGET = re.compile(r"(?<!\S)--budget[= ](\d{1,9}(?:\.\d{1,9})?)(?!\S)")


@dataclass(frozen=True)
class ServiceFacts:
    """How far one service is."""

    name: str
    status: str
    """As in PIPELINE_STATE.json, such as `succeeded` or `needs review`; `waiting` where nobody has begun it."""
    builder: str = ""
    attempts: int = 0
    reason: str = ""
    """Why it failed or waits for a person."""
    since: str = ""
    """When the try began that is under way, as ISO 8601."""


@dataclass(frozen=True)
class Facts:
    """A run, and everything that belongs to it."""

    run: RunRecord
    state: dict[str, Any]
    """All of it as PIPELINE_STATE.json has it."""
    sessions: tuple[SessionRecord, ...]
    work: Work | None
    """The session that nobody has ended, where there is one."""
    services: tuple[ServiceFacts, ...]
    costs: tuple[Cost, ...]
    budget: float | None
    """What the run may cost, in US dollars, as it is set now; else as its last session was told."""
    reviews: tuple[Review, ...]
    exhausted: str
    """Why no paid step may begin any more; empty while one may."""
    gate: Gate | None
    waits: bool
    """Whether its design waits for somebody to approve or reject it."""

    @property
    def typed(self) -> str:
        """Return the command line that its last session was started with; empty where that is not known."""
        return self.sessions[-1].command if self.sessions else ""


def gather(inquiry: Inquiry, store: Store, run: RunRecord) -> Facts:
    """Return what is known of a run.

    Raises:
        StoreError: the database holds what we never wrote.
    """
    from pytest_superteam.pipeline.fleet.reviews import Reviews
    from pytest_superteam.pipeline.money.ledger import Ledger
    from pytest_superteam.pipeline.money.prices import PriceBook
    from pytest_superteam.pipeline.review import RECORD, WAITS_IN
    from pytest_superteam.pipeline.state.snapshot import snapshot
    from pytest_superteam.pipeline.state.traces import gate_of
    from pytest_superteam.pipeline.watch.events import NoLog

    sessions = tuple(store.sessions(run.id))
    work = work_on(store, run)
    config = inquiry.config
    budget = _budget(config.budget, sessions[-1].command if sessions else "")
    ledger = Ledger(store, run.id, "", budget, config.services, PriceBook(config.prices), NoLog())
    reviews = tuple(Reviews(store, run.id, "").open())
    state = snapshot(store, run.id, folder=inquiry.layout.state)
    return Facts(
        run=run,
        state=state,
        sessions=sessions,
        work=work,
        services=_services(inquiry, state, work) if run.kind != "system" else (),
        costs=tuple(ledger.costs()),
        budget=budget.total,
        reviews=reviews,
        exhausted=ledger.exhausted(),
        gate=gate_of(inquiry.layout.state, run.id),
        waits=run.state == WAITS_IN and store.result(run.id, RECORD) is not None,
    )


def _budget(set_now: BudgetConfig, typed: str) -> BudgetConfig:
    """Return the budget that is set, with the total of the last session's `--budget` where none is."""
    found = _BUDGET.search(typed)
    return replace(set_now, total=float(found[1])) if found and set_now.total is None else set_now


# ---------------------------------------------------------------- services


def _services(inquiry: Inquiry, state: Mapping[str, Any], work: Work | None) -> tuple[ServiceFacts, ...]:
    """Return how far each service is that is designed, was tried or is built, in the order of the design."""
    known: Mapping[str, Mapping[str, Any]] = state["builders"]["services"]
    running = {row["service"]: row["started"] or "" for row in state["attempts"] if row["status"] == "running"}
    designed = _designed(inquiry)
    names = [*designed, *sorted(set(known) - set(designed))]
    alive = work is not None and work.condition != "dead"
    return tuple(_service(name, known.get(name), running.get(name, ""), alive=alive) for name in names)


def _service(name: str, row: Mapping[str, Any] | None, since: str, *, alive: bool) -> ServiceFacts:
    if row is None:
        return ServiceFacts(name, "waiting")
    status, reason = row["status"], row["review"] or row["error"]
    if status == "running":
        status, reason = (status, "") if alive else ("interrupted", "its process is gone")
    return ServiceFacts(
        name, status, row["builder"], row["attempts"], "" if status == "succeeded" else reason, since if alive else ""
    )


def _designed(inquiry: Inquiry) -> list[str]:
    """Return the services of the design on disk; none where there is none that can be read."""
    from pytest_superteam.architect.files import read_architecture
    from pytest_superteam.errors import UsageError

    if not (inquiry.layout.architecture / "service-map.yaml").is_file():
        return []
    try:
        return [service.name for service in read_architecture(inquiry.layout.architecture).services]
    except (UsageError, OSError, ValueError):
        return []
