"""What a run tells its fleet of builders: who may build, in which books it is kept, what is done already."""

from __future__ import annotations

import contextlib
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from pytest_superteam.builders.changes import change_notes, changes
from pytest_superteam.builders.plan import BuildPlan
from pytest_superteam.errors import ConfigError
from pytest_superteam.pipeline.fleet.failing import ON_FAILURE
from pytest_superteam.pipeline.fleet.fleet import build_fleet
from pytest_superteam.pipeline.fleet.plan import FleetPlan
from pytest_superteam.pipeline.fleet.quota import Quotas
from pytest_superteam.pipeline.fleet.reviews import Reviews
from pytest_superteam.pipeline.fleet.routing import Router
from pytest_superteam.pipeline.fleet.signatures import signature
from pytest_superteam.pipeline.plugged import choose
from pytest_superteam.pipeline.state.attempts import Attempts
from pytest_superteam.reports.masking import mask_document

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    import psutil

    from pytest_superteam.builders.base import Builder
    from pytest_superteam.config_entries.running import OnFailure
    from pytest_superteam.models import BuildResult
    from pytest_superteam.pipeline.run import Run

FALLBACK = "builtin"
"""The builder that stands in for one that failed (`on_failure: builtin`)."""
_ENDING_SECONDS = 2.0
_KILLED = "the process that built it was killed"

__all__ = ["build", "build_notes", "build_plan", "builders_of", "check_services", "fleet_plan"]


def builders_of(run: Run) -> tuple[Builder, ...]:
    """Return the builders that the settings name, the chosen one first.

    Raises:
        ConfigError: one of them is not on offer.
    """
    offered, config = run.plugged.builders(), run.config
    if not config.builders:
        choose("builder", config.builder, offered)
    _router_of(run, _quotas_of(run)).check()
    named = [*(config.builders or (config.builder,)), *(s.builder for s in config.services.values() if s.builder)]
    by_name = {builder.name: builder for builder in offered}
    chosen = tuple(by_name[name] for name in dict.fromkeys(named))
    _settle_in(run, chosen)
    return chosen


def _settle_in(run: Run, builders: Iterable[Builder]) -> None:
    """Tell agents about the project that they work in; one that can't work as it is set is said now.

    Raises:
        ConfigError: the settings of an agent don't say what to run.
    """
    strangers = [builder for builder in builders if builder.name != FALLBACK]
    if not strangers:
        return
    from pytest_superteam.agents.builder import AgentBuilder, Surroundings
    from pytest_superteam.agents.outside import Lookout

    layout = run.layout
    lookout = Lookout(layout.project, output=layout.output, records=layout.builds)
    for builder in strangers:
        if isinstance(builder, AgentBuilder):
            builder.surroundings = Surroundings(layout.project, lookout)
            _ = builder.agent


def _policies(run: Run) -> dict[str, OnFailure]:
    """Return what follows where each service can't be built."""
    config = run.config
    own = {name: setting.on_failure for name, setting in config.services.items()}
    return {s.name: own.get(s.name) or config.on_failure for s in run.architecture.services}


def _fallback(run: Run) -> Builder | None:
    """Return who stands in for builders that fail, where the settings want it."""
    if "builtin" not in _policies(run).values():
        return None
    return next((builder for builder in run.plugged.builders() if builder.name == FALLBACK), None)


def _router_of(run: Run, quotas: Quotas) -> Router:
    """Return who chooses builders, by what is left of the limits of their platforms."""
    return Router(run.plugged.builders(), run.config, quotas)


def _quotas_of(run: Run) -> Quotas:
    """Return the limits of the platforms, and what was used of them."""
    return Quotas(run.store, run.config.platforms, run.id)


def build_plan(run: Run) -> BuildPlan:
    """Return what to build and where to."""
    first, *others = run.builders
    return BuildPlan(
        architecture=run.architecture,
        builder=first,
        others=tuple(others),
        output=run.layout.output,
        records=run.layout.builds,
        aside=run.layout.aside,
        pacts=run.pacts(),
        fresh=run.config.fresh or run.config.start is not None,
        parallel=run.config.parallel,
        timeout=run.config.timeouts.build,
        fallback=_fallback(run),
        prd=mask_document(run.prd.text),
        rules=tuple(rule for scanner in run.plugged.scanners() for rule in scanner.codes),
        project=run.layout.project,
        private=run.layout.agents,
    )


def build_notes(run: Run) -> list[str]:
    """Return what the reader of the header has to know of the builds, and take it down: which are made, and why."""
    again = "--fresh" if run.config.fresh else f"--from {run.config.start}" if run.config.start else ""
    found = changes(build_plan(run), again=again, retries=_asked_again(run))
    for change in found:
        state = "waiting" if change.builds else "kept"
        run.log.emit("builder", change.line, service=change.service, state=state)
    return change_notes(found)


def build(run: Run) -> dict[str, BuildResult]:
    """Build all services, and return the results by name; what a killed process of this session left is ended first.

    Raises:
        UsageError: the output folder has files of others.
        GateError: what was built could not be written down.
    """
    return build_with(run, phase="builders")


def build_with(run: Run, *, phase: str, **more: Any) -> dict[str, BuildResult]:
    """Let builders work in a phase, `builders` or `fix`; `more` is what its fleet is told besides.

    Raises:
        UsageError: the output folder has files of others.
        GateError: what was built could not be written down.
    """
    for cost in run.ledger.costs():
        if cost.status == "reserved" and cost.session == run.scope and cost.phase == phase:
            run.ledger.settle(cost.id, None)
    attempts = Attempts(run.store, run.id, run.scope)
    for attempt in attempts.of_run():
        if attempt.status == "running" and attempt.session == run.scope:  # counts: what kills it may do so each time
            attempts.end(attempt.id, "failed", error=_KILLED, signature=signature(_KILLED), retryable=True)
    before = set(_children())
    unwatch = run.stopping.watch(_announcement(run))
    try:
        with run.stop_file.told_to(run.stopping, owner=run.owner_pid):
            return build_fleet(replace(fleet_plan(run), phase=phase, **more))
    finally:
        unwatch()
        _end_all(child for child in _children() if child not in before)


def _children() -> list[psutil.Process]:
    """Return the processes that this one, or a child of it, has begun."""
    import psutil  # only where something is built

    with contextlib.suppress(psutil.Error):
        return psutil.Process().children(recursive=True)
    return []


def _end_all(left: Iterable[psutil.Process]) -> None:
    """End the processes that builders left behind, wherever they work."""
    import psutil

    ended = []
    for child in left:
        with contextlib.suppress(psutil.Error):
            child.kill()
            ended.append(child)
    psutil.wait_procs(ended, timeout=_ENDING_SECONDS)


def _announcement(run: Run) -> Callable[[], None]:
    """Return what tells, once each, that builders get their grace, and that they get none; it may run in a handler."""
    told: set[bool] = set()

    def tell() -> None:
        at_once, reason = run.stopping.at_once, run.stopping.reason
        if at_once in told:
            return
        told.add(at_once)
        second = "" if ON_FAILURE in reason else "; a second signal ends them"
        grace = "are ended at once" if at_once else f"get {run.config.retry.grace:g} s{second}"
        run.log.emit("interrupt", f"{reason}: the builders at work {grace}", level="warning")

    return tell


def check_services(run: Run) -> None:
    """Refuse settings of services that the design does not have: a budget of a misspelt name would hold for nobody.

    Raises:
        ConfigError: one line.
    """
    names = {service.name for service in run.architecture.services}
    for name in run.config.services:
        if name not in names:
            raise ConfigError(f"services: '{name}' is no service of this design. It has {', '.join(sorted(names))}.")


def fleet_plan(run: Run) -> FleetPlan:
    """Return the plan of the fleet, with all its books."""
    config = run.config
    quotas = _quotas_of(run)
    designed = (cost.id for cost in run.costs() if cost.phase == "architect")
    return FleetPlan(
        build=build_plan(run),
        router=_router_of(run, quotas),
        quotas=quotas,
        ledger=run.ledger,
        attempts=Attempts(run.store, run.id, run.scope),
        reviews=Reviews(run.store, run.id, run.scope),
        log=run.log,
        retry=config.retry,
        platforms=config.platforms,
        timeout=config.timeouts.builders,
        parent=max(designed, default=0),
        session=run.scope,
        again=_asked_again(run),
        on_failure=_policies(run),
        stopping=run.stopping,
        landed=lambda _result: run.save_snapshot(at_once=False),
    )


def _asked_again(run: Run) -> bool:
    """Return whether somebody saw how the last session ended, and asks for another one; the fix loop does not."""
    if run.store.state(run.id) == "fix_pass":
        return False
    before = [session for session in run.store.sessions(run.id) if session.id != run.scope]
    return not before or before[-1].end_reason == "done" or ON_FAILURE in before[-1].end_reason
