"""How far the newest run of a project is: its state, phases, builders, costs, gate, and what is next."""

from __future__ import annotations

import math
import time
from collections import Counter
from dataclasses import asdict
from datetime import datetime
from typing import TYPE_CHECKING, Any

from pytest_superteam.pipeline.commands.facts import Facts, gather
from pytest_superteam.pipeline.commands.reading import reading
from pytest_superteam.pipeline.commands.steps import Step, next_steps, told_of_work
from pytest_superteam.reports.costs import any_cost, headline, sum_of
from pytest_superteam.reports.text import one_line, plural
from pytest_superteam.reports.times import iso, moment, span

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from pytest_superteam.pipeline.commands.facts import ServiceFacts
    from pytest_superteam.pipeline.commands.inquiry import Inquiry
    from pytest_superteam.pipeline.commands.work import Work
    from pytest_superteam.pipeline.state.store import RunRecord
    from pytest_superteam.pipeline.state.traces import Gate

__all__ = ["SCHEMA_VERSION", "nothing", "status_data", "status_lines"]

SCHEMA_VERSION = 1
"""Of what `--status=json` prints."""
WORDS = {
    "succeeded": "built",
    "running": "building",
    "waiting": "not built yet",
    "needs review": "needs a person",
    "interrupted": "cut off",
}
"""How states of services are called that are not called as they are."""
COLUMN = 10
"""Width of the names at the left."""


def nothing(inquiry: Inquiry) -> str:
    """Return the line that says that there is no run."""
    kind = "a system" if inquiry.system else "a PRD" if inquiry.documents else "this project"
    about = "" if not (inquiry.system or inquiry.documents) else f" about {kind}"
    return f"no run{about} yet in '{one_line(str(inquiry.folder), 1000)}'; {inquiry.command(None)} begins one"


def status_lines(inquiry: Inquiry) -> list[str]:
    """Return how far the project is, as lines for people; one line where there is no run."""
    with reading(inquiry.where, inquiry.project) as store:
        runs = inquiry.runs(store) if store else []
        if store is None or not runs:
            return [nothing(inquiry)]
        facts = gather(inquiry, store, runs[0])
        return list(_lines(facts, next_steps(inquiry, store, facts)))


def status_data(inquiry: Inquiry) -> dict[str, Any]:
    """Return the same as plain data; `run` is as in PIPELINE_STATE.json, and null where there is no run."""
    with reading(inquiry.where, inquiry.project) as store:
        runs = inquiry.runs(store) if store else []
        if store is None or not runs:
            return _data(inquiry, None, (), [Step(nothing(inquiry), inquiry.command(None))], None)
        facts = gather(inquiry, store, runs[0])
        return _data(inquiry, facts.work, facts.services, next_steps(inquiry, store, facts), facts.state)


def _data(
    inquiry: Inquiry,
    work: Work | None,
    services: Sequence[ServiceFacts],
    steps: Sequence[Step],
    run: dict[str, Any] | None,
) -> dict[str, Any]:
    session = (
        {
            "condition": work.condition,
            "pid": work.session.pid,
            "host": work.session.host,
            "since": iso(work.session.started),
            "silent_seconds": round(work.silent_for, 3),
        }
        if work is not None
        else None
    )
    return {
        "schema_version": SCHEMA_VERSION,
        "project": str(inquiry.folder),
        "session": session,
        "not_begun": [service.name for service in services if service.status == "waiting" and not service.attempts],
        "next": [asdict(step) for step in steps],
        "run": run,
    }


# ---------------------------------------------------------------- text


def _lines(facts: Facts, steps: Sequence[Step]) -> Iterator[str]:
    run = facts.run
    about = run.project if run.kind == "system" else run.prd
    yield _row("run", f"{one_line(run.id, 40)} of {one_line(about, 300)}, {plural(len(facts.sessions), 'session')}")
    yield _row("state", _state(facts))
    if facts.work is not None:
        yield _row("", told_of_work(facts.work))
    if facts.state["phases"]:
        yield _row("phases", ", ".join(map(_phase, facts.state["phases"])))
    if facts.services:
        yield _row("services", _count(facts.services))
        yield from _table(facts.services, facts)
    if facts.gate is not None:
        yield _row("gate", one_line(facts.gate.verdict, 40))
        yield from (f"  {line}" for line in _layers(facts.gate))
    if any_cost(facts.costs) or facts.budget is not None:
        yield _row("costs", headline(facts.costs, facts.budget))
    for index, step in enumerate(steps):
        yield _row("" if index else "next", step.text + (":" if step.command else ""))
        if step.command:
            yield f"{'':<{COLUMN}}    {step.command}"


def _row(name: str, text: str) -> str:
    return f"{name:<{COLUMN}}{text}"


def _state(facts: Facts) -> str:
    run = facts.run
    end = run.ended if run.ended is not None else time.time()
    worked = sum((session.ended or session.heartbeat) - session.started for session in facts.sessions)
    parts = [one_line(run.state, 40), f"since {moment(run.updated)}" if run.ended is None else f"ended {moment(end)}"]
    if run.verdict:
        parts.append(f"verdict {one_line(run.verdict, 40)}")
    if worked > 0:
        parts.append(f"{span(worked)} of work")
    told = ", ".join(parts)
    return f"{told}; interrupted: {one_line(run.interrupt_reason)}" if _is_interrupted(facts, run) else told


def _is_interrupted(facts: Facts, run: RunRecord) -> bool:
    return run.interrupted and bool(run.interrupt_reason) and (facts.work is None or facts.work.condition == "dead")


def _phase(row: Mapping[str, Any]) -> str:
    name, status = one_line(row["name"], 40), row["status"]
    if status == "running":
        return f"{name} began {_local(row['started'])}"
    took = f"{name} {span(row['seconds'] or 0.0)}"
    return took if status == "done" else f"{took} ({one_line(status + ': ' + row['error'], 140)})"


def _local(at: str | None) -> str:
    """Return a moment of the readable state in this machine's own time."""
    return moment(datetime.fromisoformat(at).timestamp() if at else math.nan)


def _of_many(name: str) -> str:
    return "need a person" if name == WORDS["needs review"] else one_line(name, 40)


def _count(services: Sequence[ServiceFacts]) -> str:
    counts = Counter(WORDS.get(service.status, service.status) for service in services)
    built = counts.pop(WORDS["succeeded"], 0)
    others = [f"{count} {_of_many(name) if count > 1 else one_line(name, 40)}" for name, count in counts.most_common()]
    return ", ".join([f"{built} of {len(services)} built", *others])


def _table(services: Sequence[ServiceFacts], facts: Facts) -> Iterator[str]:
    """Yield a line for each service, names, states and prices below one another."""
    prices = {}
    for service in services:
        own = [cost for cost in facts.costs if cost.service == service.name]
        prices[service.name] = sum_of(own).price if any_cost(own) else ""
    names = [one_line(service.name, 63) for service in services]
    width, wide = max(map(len, names)), max(map(len, prices.values()))
    for name, service in zip(names, services, strict=True):
        state = one_line(WORDS.get(service.status, service.status), 40)
        tries = plural(service.attempts, "attempt") if service.attempts else ""
        since = f"since {_local(service.since)}" if service.since else ""
        more = ", ".join(filter(None, (one_line(service.builder, 40), tries, since, one_line(service.reason, 160))))
        yield f"  {name:<{width}}  {state:<14}  {prices[service.name]:>{wide}}  {more}".rstrip()


def _layers(gate: Gate) -> Iterator[str]:
    for layer in gate.layers:
        told = ", ".join(f"{count} {name.replace('_', ' ')}" for name, count in layer.counts.items())
        yield f"layer {layer.number}  {one_line(layer.verdict, 40)}" + (f" ({told})" if told else "")
