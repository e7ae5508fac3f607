"""What is known of a project's newest run, gathered once for all that is asked."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pytest_superteam.pipeline.commands.work import Work, work_on

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pytest_superteam.models import Cost
    from pytest_superteam.pipeline.commands.inquiry import Inquiry
    from pytest_superteam.pipeline.fleet.reviews import Review
    from pytest_superteam.pipeline.state.attempts import Attempt
    from pytest_superteam.pipeline.state.store import PhaseRecord, RunRecord, SessionRecord, Store

__all__ = ["Facts", "Gate", "ServiceFacts", "gather"]

MAX_REPORT = 64 << 20
"""Bytes of a gate report that are read."""


@dataclass(frozen=True)
class Gate:
    """What the report of the gate says of one session of the run."""

    verdict: str
    layers: tuple[tuple[int, str, Mapping[str, int]], ...]
    """Number, verdict and counts by outcome of each layer."""


@dataclass(frozen=True)
class ServiceFacts:
    """How far one service is."""

    name: str
    state: str
    """`built`, `building`, `failed`, `interrupted`, `review` or `pending`."""
    builder: str = ""
    attempts: int = 0
    reason: str = ""
    """Why it failed or waits; what its last try was told."""
    since: float | None = None
    """When the try began that is under way, in seconds since the epoch."""


@dataclass(frozen=True)
class Facts:
    """A run, and everything that belongs to it."""

    run: RunRecord
    sessions: tuple[SessionRecord, ...]
    work: Work | None
    """The session that nobody has ended, where there is one."""
    phases: tuple[PhaseRecord, ...]
    """The newest of each phase, in the order of their beginning."""
    services: tuple[ServiceFacts, ...]
    costs: tuple[Cost, ...]
    reviews: tuple[Review, ...]
    exhausted: str
    """Why no paid step may begin any more; empty while one may."""
    gate: Gate | None
    waits: bool
    """Whether its design waits for somebody to approve or reject it."""


def gather(inquiry: Inquiry, store: Store, run: RunRecord) -> Facts:
    """Return what is known of a run.

    Raises:
        StoreError: the database holds what we never wrote.
    """
    from pytest_superteam.pipeline.fleet.reviews import Reviews
    from pytest_superteam.pipeline.money.ledger import Ledger
    from pytest_superteam.pipeline.money.prices import PriceBook
    from pytest_superteam.pipeline.review import RECORD, WAITS_IN
    from pytest_superteam.pipeline.state.attempts import Attempts
    from pytest_superteam.pipeline.watch.events import NoLog

    sessions = tuple(store.sessions(run.id))
    work = work_on(store, run)
    config = inquiry.config
    ledger = Ledger(store, run.id, "", config.budget, config.services, PriceBook(config.prices), NoLog())
    reviews = tuple(Reviews(store, run.id, "").open())
    attempts = Attempts(store, run.id, "").of_run()
    return Facts(
        run=run,
        sessions=sessions,
        work=work,
        phases=_phases(store, run, sessions),
        services=_services(inquiry, attempts, reviews, work) if run.kind != "system" else (),
        costs=tuple(ledger.costs()),
        reviews=reviews,
        exhausted=ledger.exhausted(),
        gate=_gate(inquiry, run, sessions),
        waits=run.state == WAITS_IN and store.result(run.id, RECORD) is not None,
    )


def _phases(store: Store, run: RunRecord, sessions: tuple[SessionRecord, ...]) -> tuple[PhaseRecord, ...]:
    newest = {}
    for scope in [run.id, *(session.id for session in sessions)]:
        for record in store.phases(scope):
            newest[record.name] = record
    return tuple(sorted(newest.values(), key=lambda record: record.started))


# ---------------------------------------------------------------- services


def _services(
    inquiry: Inquiry, attempts: list[Attempt], reviews: tuple[Review, ...], work: Work | None
) -> tuple[ServiceFacts, ...]:
    """Return how far each service is that is designed, was tried or is built, in the order of the design."""
    from pytest_superteam.builders.records import load_builds

    layout = inquiry.layout
    records = load_builds(layout.builds, layout.output)
    designed = _designed(inquiry)
    tried = {attempt.service: attempt for attempt in attempts}  # the last one of each
    waiting = {review.service: review.reason for review in reviews}
    known = designed or sorted(records)
    names = [*known, *sorted({*tried, *waiting} - {*known})]
    alive = work is not None and work.condition != "dead"
    return tuple(
        _service(name, records.get(name), tried.get(name), waiting.get(name), alive=alive) for name in names if name
    )


def _service(name: str, record: Any, attempt: Attempt | None, waits: str | None, *, alive: bool) -> ServiceFacts:
    builder = attempt.builder if attempt else record.builder if record else ""
    count = attempt.number if attempt else 0

    def fact(state: str, reason: str = "", since: float | None = None) -> ServiceFacts:
        return ServiceFacts(name, state, builder, count, reason, since)

    if attempt is not None and attempt.status == "running":
        if alive:
            return fact("building", attempt.hint, attempt.started)
        return fact("interrupted", "its process is gone")
    if waits is not None:
        return fact("review", waits)
    if record is not None and record.success and record.key:
        return fact("built", f"{len(record.edited)} files differ from what was built" if record.edited else "")
    if attempt is not None and attempt.status == "interrupted":
        return fact("interrupted", attempt.error)
    if record is not None and record.success:
        return fact("pending", "it is to be built again")
    if record is not None:
        return fact("review" if record.review else "failed", record.review or record.error)
    return fact("failed", attempt.error) if attempt is not None and attempt.status != "succeeded" else fact("pending")


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


# ---------------------------------------------------------------- gate


def _gate(inquiry: Inquiry, run: RunRecord, sessions: tuple[SessionRecord, ...]) -> Gate | None:
    """Return what the gate said of this run; the report of another one does not count."""
    file = inquiry.layout.reports / "gate-report.json"
    try:
        if file.stat().st_size > MAX_REPORT:
            return None
        data = json.loads(file.read_text(encoding="utf-8"))
        if data["run_id"] not in {run.id, *(session.id for session in sessions)}:
            return None
        layers = [(int(row["layer"]), str(row["verdict"]), _counts(row)) for row in data["layers"]]
        return Gate(str(data["verdict"]), tuple(layers))
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return None


def _counts(row: Mapping[str, Any]) -> Mapping[str, int]:
    return {name: value for name, value in row.items() if name != "layer" and type(value) is int and value > 0}
