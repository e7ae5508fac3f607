"""How far the newest run of a project is: its state, phases, builders, costs, gate, and what is next."""

from __future__ import annotations

import time
from collections import Counter
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from pytest_superteam.pipeline.commands.facts import Facts, Gate, gather
from pytest_superteam.pipeline.commands.reading import reading
from pytest_superteam.pipeline.commands.steps import Step, next_steps, told_of_work
from pytest_superteam.pipeline.state.figures import moment as iso
from pytest_superteam.reports.costs import any_cost, headline, sum_of
from pytest_superteam.reports.text import one_line, plural
from pytest_superteam.reports.times import moment, span

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from pytest_superteam.pipeline.commands.facts import ServiceFacts
    from pytest_superteam.pipeline.commands.inquiry import Inquiry
    from pytest_superteam.pipeline.commands.work import Work
    from pytest_superteam.pipeline.state.store import PhaseRecord, RunRecord

__all__ = ["SCHEMA_VERSION", "nothing", "status_data", "status_lines"]

SCHEMA_VERSION = 1
"""Of what `--status=json` prints."""
WORDS = {"building": "building", "review": "needs a person", "pending": "not built yet", "interrupted": "cut off"}
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
        return list(_lines(inquiry, facts, next_steps(inquiry, store, facts)))


def status_data(inquiry: Inquiry) -> dict[str, Any]:
    """Return the same as plain data; `run` is as in PIPELINE_STATE.json, and null where there is no run."""
    from pytest_superteam.pipeline.state.snapshot import snapshot

    with reading(inquiry.where, inquiry.project) as store:
        runs = inquiry.runs(store) if store else []
        if store is None or not runs:
            return _data(inquiry, None, (), [Step(nothing(inquiry), inquiry.command(None))], None)
        facts = gather(inquiry, store, runs[0])
        steps = next_steps(inquiry, store, facts)
        state = snapshot(store, runs[0].id, folder=inquiry.layout.state)
        return _data(inquiry, facts.work, facts.services, steps, state)


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
        "not_begun": [service.name for service in services if service.state == "pending" and not service.attempts],
        "next": [asdict(step) for step in steps],
        "run": run,
    }


# ---------------------------------------------------------------- text


def _lines(inquiry: Inquiry, facts: Facts, steps: Sequence[Step]) -> Iterator[str]:
    run = facts.run
    yield _row("run", f"{run.id} of {one_line(run.prd, 300)}, {plural(len(facts.sessions), 'session')}")
    yield _row("state", _state(facts))
    if facts.work is not None:
        yield _row("", told_of_work(facts.work))
    if facts.phases:
        yield _row("phases", ", ".join(map(_phase, facts.phases)))
    if facts.services:
        yield _row("services", _count(facts.services))
        yield from _table(facts.services, facts)
    if facts.gate is not None:
        yield _row("gate", facts.gate.verdict)
        yield from (f"  {line}" for line in _layers(facts.gate))
    if any_cost(facts.costs) or inquiry.config.budget.total is not None:
        yield _row("costs", headline(facts.costs, inquiry.config.budget.total))
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
    parts = [run.state, f"since {moment(run.updated)}" if run.ended is None else f"ended {moment(end)}"]
    if run.verdict:
        parts.append(f"verdict {run.verdict}")
    if worked > 0:
        parts.append(f"{span(worked)} of work")
    told = ", ".join(parts)
    return f"{told}; interrupted: {one_line(run.interrupt_reason)}" if _is_interrupted(facts, run) else told


def _is_interrupted(facts: Facts, run: RunRecord) -> bool:
    return run.interrupted and bool(run.interrupt_reason) and (facts.work is None or facts.work.condition == "dead")


def _phase(record: PhaseRecord) -> str:
    if record.status == "running":
        return f"{record.name} began {moment(record.started)}"
    took = f"{record.name} {span(record.seconds)}"
    return took if record.status == "done" else f"{took} ({record.status}: {one_line(record.error, 120)})"


def _count(services: Sequence[ServiceFacts]) -> str:
    counts = Counter(service.state for service in services)
    built = counts.pop("built", 0)
    others = [f"{count} {WORDS.get(state, state)}" for state, count in counts.most_common()]
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
        state = WORDS.get(service.state, service.state)
        tries = plural(service.attempts, "attempt") if service.attempts else ""
        since = f"since {moment(service.since)}" if service.since is not None else ""
        more = ", ".join(filter(None, (one_line(service.builder, 40), tries, since, one_line(service.reason, 160))))
        yield f"  {name:<{width}}  {state:<14}  {prices[service.name]:>{wide}}  {more}".rstrip()


def _layers(gate: Gate) -> Iterator[str]:
    for number, verdict, counts in gate.layers:
        told = ", ".join(f"{count} {name.replace('_', ' ')}" for name, count in counts.items())
        yield f"layer {number}  {one_line(verdict, 40)}" + (f" ({told})" if told else "")
