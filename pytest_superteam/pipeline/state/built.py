"""What builders did and what it cost, as the readable state tells it."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from pytest_superteam.pipeline.state.figures import masked, number
from pytest_superteam.reports.times import iso

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from pytest_superteam.models import Cost
    from pytest_superteam.pipeline.state.attempts import Attempt
    from pytest_superteam.pipeline.state.store import Store

__all__ = ["attempt_data", "builders", "sums", "waiting"]


def attempt_data(attempt: Attempt) -> dict[str, Any]:
    """Return an attempt as plain data."""
    return {
        "id": attempt.id,
        "session": attempt.session,
        "phase": attempt.phase,
        "service": attempt.service,
        "number": attempt.number,
        "builder": attempt.builder,
        "model": attempt.model,
        "status": attempt.status,
        "started": iso(attempt.started),
        "ended": iso(attempt.ended),
        "seconds": number(attempt.seconds),
        "retryable": attempt.retryable,
        "error": masked(attempt.error),
        "hint": masked(attempt.hint),
    }


def builders(
    records: Mapping[str, Mapping[str, Any]], attempts: list[Attempt], costs: list[Cost], reviews: Mapping[str, str]
) -> dict[str, Any]:
    """Return how far the building of each service is, and how many there are."""
    last = {attempt.service: attempt for attempt in attempts if attempt.service}
    services = {}
    for name in sorted({*records, *last, *reviews}):
        record, attempt = records.get(name, {}), last.get(name)
        services[name] = {
            "status": "needs review" if name in reviews else _status(record, attempt),
            "builder": attempt.builder if attempt else str(record.get("builder", "")),
            "attempts": sum(1 for each in attempts if each.service == name),
            "cost_usd": number(math.fsum(cost.usd for cost in costs if cost.service == name), 6),
            "error": masked(attempt.error if attempt else str(record.get("error", ""))),
            "review": masked(reviews.get(name, "")),
        }
    done = sum(1 for service in services.values() if service["status"] == "succeeded")
    return {"total": len(services), "succeeded": done, "services": services}


def _status(record: Mapping[str, Any], attempt: Attempt | None) -> str:
    """Return how far a service is: as its last try says, or its record, whose key is empty where it is to be built."""
    if attempt is not None and attempt.status != "succeeded":
        return attempt.status
    if record:
        return "waiting" if not record.get("key") else "succeeded" if record.get("success") else "failed"
    return attempt.status if attempt is not None else "waiting"


def waiting(store: Store, run: str) -> dict[str, str]:
    """Return why each service waits for a person, by service."""
    reviews = store.table("reviews")
    with store.begin() as connection:
        rows = connection.execute(reviews.select().where(reviews.c.run == run, reviews.c.resolved.is_(None))).all()
    return {row.service: row.reason for row in rows}


def sums(costs: list[Cost]) -> dict[str, Any]:
    """Return what was spent over the run and those that it continues."""
    return {
        "total_usd": _sum(costs),
        "reserved_usd": number(
            math.fsum(max(0.0, cost.reserved_usd - cost.usd) for cost in costs if cost.status == "reserved"), 6
        ),
        "estimated_usd": _sum(cost for cost in costs if cost.estimated),
        "unknown_steps": sum(1 for cost in costs if cost.unknown and cost.status == "settled"),
        "by_phase": {name: _sum(c for c in costs if c.phase == name) for name in sorted({c.phase for c in costs})},
        "by_service": {
            name: _sum(c for c in costs if c.service == name) for name in sorted({c.service for c in costs} - {""})
        },
    }


def _sum(costs: Iterable[Cost]) -> float | None:
    return number(math.fsum(cost.usd for cost in costs), 6)
