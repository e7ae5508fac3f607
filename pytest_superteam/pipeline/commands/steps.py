"""What is next for a run, and the command line that does it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pytest_superteam.errors import UsageError
from pytest_superteam.reports.text import one_line, plural
from pytest_superteam.reports.times import moment, span

if TYPE_CHECKING:
    from pytest_superteam.pipeline.commands.facts import Facts
    from pytest_superteam.pipeline.commands.inquiry import Inquiry
    from pytest_superteam.pipeline.commands.work import Work
    from pytest_superteam.pipeline.state.resuming import Choice
    from pytest_superteam.pipeline.state.store import RunRecord, Store

__all__ = ["Step", "next_steps", "told_of_work"]


@dataclass(frozen=True)
class Step:
    """Something that a person can do now."""

    text: str
    command: str = ""
    """The command line that does it; empty where none does."""


def next_steps(inquiry: Inquiry, store: Store, facts: Facts) -> list[Step]:
    """Return what is next, the first thing first."""
    steps = _of_people(inquiry, facts)
    if facts.work is not None and facts.work.condition != "dead":
        return [Step(_about_work(facts.work)), *steps]
    if facts.waits:
        return [
            Step("look at the design, then go on with it", inquiry.command(facts.run, "--approve", typed=facts.typed)),
            Step("or send it back", inquiry.command(facts.run, "--reject", "REASON", typed=facts.typed)),
            *steps,
        ]
    return [_going_on(inquiry, store, facts), *steps]


def told_of_work(work: Work) -> str:
    """Return who is, or was, at work."""
    who = f"process {work.session.pid} on {one_line(work.session.host, 80)}"
    if work.condition == "at work":
        return f"{who} is at work since {moment(work.session.started)} (last sign of life {span(work.silent_for)} ago)"
    silent = f"gave its last sign of life at {moment(work.session.heartbeat)}, {span(work.silent_for)} ago"
    return f"{who} {silent}" if work.condition == "silent" else f"{who} is gone: it {silent}"


def _about_work(work: Work) -> str:
    if work.condition == "at work":
        return "wait for the end of the run that is at work"
    return f"see whether process {work.session.pid} still works, and end it if not; the same command goes on then"


def _of_people(inquiry: Inquiry, facts: Facts) -> list[Step]:
    steps = []
    if facts.reviews:
        verb = "waits" if len(facts.reviews) == 1 else "wait"
        asks = inquiry.command(facts.run, "--review-queue", typed=facts.typed)
        steps.append(Step(f"{plural(len(facts.reviews), 'service')} {verb} for a person; this says why", asks))
    if facts.exhausted:
        steps.append(Step(f"raise the budget ({facts.exhausted.rstrip('.')})"))
    return steps


def _going_on(inquiry: Inquiry, store: Store, facts: Facts) -> Step:
    """Return what the next session would do."""
    run, command = facts.run, inquiry.command(facts.run, typed=facts.typed)
    sha256 = run.prd_sha256
    if run.kind != "system":
        from pytest_superteam.architect.document.prd import read_prds
        from pytest_superteam.pipeline.documents import documents

        try:
            sha256 = read_prds(documents(inquiry.last_documents(run), output=inquiry.layout.output)).sha256
        except (UsageError, OSError) as error:
            return Step(f"the requirements can't be read, which a run needs: {one_line(str(error))}")
    choice = _choice(inquiry, store, run, sha256)
    if choice.retry:
        return Step("the gate is tried again on what is built", command)
    if choice.run is not None:
        return Step(f"goes on in {one_line(run.state, 40)}; what is done is not done again", command)
    if run.state == "complete" and sha256 == run.prd_sha256:
        return Step("nothing: it is complete; the same command is a new run, which builds what has changed", command)
    budget = ", which goes on with its budget" if choice.continues else ""
    why = (
        "the requirements have changed"
        if sha256 != run.prd_sha256
        else f"this one has ended in {one_line(run.state, 40)}"
    )
    return Step(f"a new run{budget}, for {why}; what has not changed is not built again", command)


def _choice(inquiry: Inquiry, store: Store, run: RunRecord, sha256: str) -> Choice:
    from pytest_superteam.pipeline.state.resuming import choose_run

    return choose_run(store, project=run.project or inquiry.project, kind=run.kind, prd_sha256=sha256, fresh=False)
