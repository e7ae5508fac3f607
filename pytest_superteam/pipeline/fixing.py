"""The fix loop of a run: what the gate found goes back to the builders, and only what that changes is asked again.

A gate that fails leaves the plan of the next attempt and the run in `fix_pass`; the session that comes next carries it
out before its own gate. So a crash, a budget that is spent or a signal loses nothing: the same command goes on.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from pytest_superteam.builders.base import mends
from pytest_superteam.builders.records import load_builds
from pytest_superteam.models import FixedService
from pytest_superteam.pipeline.fix.limit import fix_limit

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from pytest_superteam.models import BuildResult, FixOutcome, GateReport
    from pytest_superteam.pipeline.fix.planning import FixPlan, PlannedFix
    from pytest_superteam.pipeline.fix.records import FixRecords
    from pytest_superteam.pipeline.items import GateItem
    from pytest_superteam.pipeline.run import Run

__all__ = ["asked_again", "carry_over", "due", "fix_records", "gated", "mend", "plan_next"]

ASKED_AGAIN = "asked-again"
"""Where it is kept which services' items are asked again in a session."""


def fix_records(run: Run) -> FixRecords:
    """Return what is written down of the run's fix attempts."""
    from pytest_superteam.pipeline.fix.records import FixRecords

    return FixRecords(run.store, run.id, run.layout.attempts)


def due(run: Run) -> FixPlan | None:
    """Return the plan of the attempt that this session has to make first; None where there is none."""
    if run.adopted is not None or not fix_limit(run.config) or not run.store.exists:
        return None
    known = run.store.run(run.id)  # None where nothing may be written (--collect-only)
    if known is None or known.state != "fix_pass":
        return None
    return fix_records(run).pending()


# ------------------------------------------------------------ the attempt


def mend(run: Run, plan: FixPlan) -> None:
    """Let the builders mend what a plan says, and write down what became of it (phase `fix`).

    Raises:
        StoppedError: the session is to end, or the budget has no room; the next one goes on with the attempt.
    """
    from pytest_superteam.codec import to_data
    from pytest_superteam.models import FixAttempt
    from pytest_superteam.pipeline.building import build_with
    from pytest_superteam.pipeline.fix.file_changes import file_changes, unified

    records = fix_records(run)

    def note_changes(service: str, before: Path, after: Path) -> None:
        records.save_changes(plan.number, service, unified(before, after))
        run.store.save_result(run.id, _changes_key(plan, service), {"changes": to_data(file_changes(before, after))})

    mending = {fix.service: plan.mending(fix.service) for fix in plan.services}
    results = build_with(run, phase="fix", mending=mending, changed=note_changes)
    run.refuse_stopped()
    services = tuple(_outcome(run, plan, fix, results.get(fix.service)) for fix in plan.services)
    records.save_attempt(FixAttempt(plan.number, plan.of, services, plan.before))


def _changes_key(plan: FixPlan, service: str) -> str:
    return f"fix-changes::{plan.number}::{service}"


def _outcome(run: Run, plan: FixPlan, asked: PlannedFix, result: BuildResult | None) -> FixedService:
    """Return what became of one service, with what it cost."""
    from pytest_superteam.codec import from_data
    from pytest_superteam.models import FileChange

    service = asked.service
    outcome, reason = _ended(result)
    known = run.store.result(run.id, _changes_key(plan, service)) if outcome in {"changed", "refused"} else None
    changes = tuple(from_data(FileChange, row) for row in (known or {}).get("changes", ()))
    paid = [cost for cost in run.costs() if cost.phase == "fix" and cost.service == service]
    spent = sum(cost.usd for cost in paid) - _spent_before(run, plan, service)
    return FixedService(
        service=service,
        builder=result.builder if result is not None else asked.builder,
        asked=asked.findings,
        outcome=outcome,
        reason=reason,
        changes=changes,
        tries=result.attempts if result is not None else 0,
        usd=max(0.0, round(spent, 6)),
        estimated=any(cost.estimated for cost in paid),
        unknown_cost=any(cost.unknown for cost in paid),
        seconds=round(result.seconds, 3) if result is not None else 0.0,
    )


def _spent_before(run: Run, plan: FixPlan, service: str) -> float:
    """Return what the earlier attempts cost at a service."""
    earlier = (attempt for attempt in fix_records(run).attempts() if attempt.number < plan.number)
    return sum(fixed.usd for attempt in earlier for fixed in attempt.services if fixed.service == service)


def _ended(result: BuildResult | None) -> tuple[FixOutcome, str]:
    """Return how a builder's attempt ended, and why where it came to nothing."""
    from pytest_superteam.pipeline.fleet.mending import REFUSED, UNCHANGED

    if result is None:
        return "not begun", "it was not begun"
    if result.success:
        return "changed", ""
    if result.error.startswith(REFUSED):
        return "refused", result.error.removeprefix(REFUSED)
    return ("unchanged", UNCHANGED) if result.error == UNCHANGED else ("failed", result.error)


# ------------------------------------------------------------ the gate after it


def carry_over(run: Run, plan: FixPlan, items: Iterable[GateItem]) -> None:
    """Take over from the gate before what can't have changed, and write down what is asked again."""
    from pytest_superteam.pipeline.fix.affected import affected
    from pytest_superteam.pipeline.fix.carrying import carriable, carry

    attempt = next(attempt for attempt in fix_records(run).attempts() if attempt.number == plan.number)
    changed = [fixed.service for fixed in attempt.services if fixed.outcome == "changed"]
    again = affected(run.architecture, changed)
    keys = carriable(items, run.store.results(plan.session), again)
    carry(run.store, plan.session, run.scope, keys)
    kept = {"number": plan.number, "services": list(again), "changed": changed, "carried": list(keys)}
    run.store.save_result(run.scope, ASKED_AGAIN, kept)


def asked_again(run: Run) -> dict[str, list[str]]:
    """Return which services changed in this session, which are asked again, and which results were carried over."""
    known = run.store.result(run.scope, ASKED_AGAIN) or {}
    return {name: list(known.get(name, ())) for name in ("changed", "services", "carried")}


def gated(run: Run, report: GateReport) -> None:
    """Write down what the gate said after the last fix attempt, where it is the first to look at that."""
    from pytest_superteam.pipeline.fix.findings import blocking_items

    records = fix_records(run)
    attempt = next(reversed(records.attempts()), None)
    if attempt is None or attempt.after is not None:
        return
    known = run.store.result(run.scope, ASKED_AGAIN)  # none: a session that made the attempt crashed at its gate
    again = tuple(known["services"]) if known else tuple(service.name for service in run.architecture.services)
    attempt = replace(attempt, after=blocking_items(report, attempt.before), asked_again=again)
    records.save_attempt(attempt)
    records.save_gate(attempt, report.items)


def plan_next(run: Run, report: GateReport) -> str:
    """Make the plan of the next attempt, and return an empty text; or return why there is none.

    The plan is kept, and the run is in `fix_pass` then.
    """
    from pytest_superteam.pipeline.fix.decision import End, Situation, decide
    from pytest_superteam.pipeline.fix.findings import find

    records, config = fix_records(run), run.config
    helps = {code: rule.help for code, rule in run.plugged.rules().items()}
    names = [service.name for service in run.architecture.services]
    found = find(report, services=names, threshold=config.gate.blocking_severity, helps=helps)
    builds = load_builds(run.layout.builds, run.layout.output)
    situation = Situation(
        found,
        session=run.scope,
        limit=fix_limit(config),
        builders={name: build.builder for name, build in builds.items()},
        unable=_unable(run, builds.values()),
        rounds=records.rounds(),
        first=records.start(),
    )
    decided = decide(situation)
    if isinstance(decided, End):
        records.save_end(decided.kind, decided.reason)
        return decided.reason
    records.save_plan(decided.plan)
    return ""


def _unable(run: Run, builds: Iterable[BuildResult]) -> dict[str, str]:
    """Return the services that nobody can mend, and why."""
    offered = {builder.name: builder for builder in run.plugged.builders()}
    found = {}
    for build in builds:
        builder = offered.get(build.builder)
        if build.review:
            found[build.service] = f"it waits for a person: {build.review}"
        elif not build.success:
            found[build.service] = f"it was not built: {build.error}"
        elif builder is None:
            found[build.service] = f"its builder '{build.builder}' is not on offer any more"
        elif not mends(builder):
            found[build.service] = f"'{build.builder}' mends nothing: it makes the same of the same contract"
    return found
