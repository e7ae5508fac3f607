"""All services at the same time: each isolated from the others, paid and written down before the next one begins."""

from __future__ import annotations

import asyncio
from collections import Counter
from typing import TYPE_CHECKING

from pytest_superteam.builders.checking import check_output
from pytest_superteam.builders.placing import land_left, landings, sweep
from pytest_superteam.builders.records import load_builds, mark_stale, write_sign
from pytest_superteam.errors import GateError
from pytest_superteam.pipeline.fleet.failing import build_service
from pytest_superteam.pipeline.fleet.plan import FleetPlan
from pytest_superteam.pipeline.fleet.stopping import Stopping
from pytest_superteam.pipeline.fleet.tools import Tools

if TYPE_CHECKING:
    from pytest_superteam.models import BuildResult

__all__ = ["FleetPlan", "Stopping", "build_fleet"]


def build_fleet(plan: FleetPlan) -> dict[str, BuildResult]:
    """Build what is not built yet and return all results by service; a failed build is a result, not an exception.

    A stop (`plan.stopping`) ends it early: what was not begun is a failed result that is not written down. Where the
    budget has no room for a try, what still fits is built, then the stop is asked for here.

    Raises:
        UsageError: the output folder has files that we did not write.
        GateError: what was done could not be written down.
    """
    check_output(plan.build)
    with asyncio.Runner(loop_factory=plan.loop_factory) as runner:
        return runner.run(_build(plan))


async def _build(plan: FleetPlan) -> dict[str, BuildResult]:
    tools = Tools(plan)
    try:
        _take_over(tools)
        results = await _patiently(_Fleet(tools).run(), plan.stopping)
    finally:
        tools.brake.release()
    if tools.broken is not None:
        raise _told(tools.broken)
    if tools.unpaid:
        plan.stopping.request(tools.unpaid)
    return results


async def _patiently(work: asyncio.Future[dict[str, BuildResult]], stopping: Stopping) -> dict[str, BuildResult]:
    """Wait for the end of `work`; a first Ctrl-C is a wish to stop, and is passed on when all has come to its end."""
    interrupted: asyncio.CancelledError | None = None
    while not work.done():
        try:
            await asyncio.wait({work})
        except asyncio.CancelledError as error:
            interrupted = error
            stopping.request("Ctrl-C")
    if interrupted is not None:
        raise interrupted
    return work.result()


def _take_over(tools: Tools) -> None:
    """Do what a crashed run left undone, and sort what is built from what is not."""
    build = tools.plan.build
    for landing in landings(build):
        paid = next((cost for cost in tools.ledger.costs() if cost.id == landing.step), None)
        if paid is not None and paid.service == landing.result.service:
            tools.ledger.settle(landing.step, landing.usage)
        if land_left(build, landing):
            tools.tries.end(landing.attempt, "succeeded")
    tools.ledger.settle_dead()
    sweep(build)
    write_sign(build)
    if build.fresh and not tools.plan.mending:
        mark_stale(build, tools.plan.session)
    tools.known = load_builds(build.records, build.output)
    tools.parents = {
        cost.service: cost.id for cost in tools.ledger.costs() if cost.phase in {"builders", tools.plan.phase}
    }


class _Fleet:
    """All services of a plan at work."""

    def __init__(self, tools: Tools) -> None:
        self._tools, self._plan = tools, tools.plan
        names = (service.name for service in tools.plan.build.architecture.services)
        self._names = [name for name in names if not self._plan.mending or name in self._plan.mending]
        self._results: dict[str, BuildResult] = {}

    def run(self) -> asyncio.Future[dict[str, BuildResult]]:
        """Begin, and return what holds all results in the end."""
        return asyncio.ensure_future(self._all())

    async def _all(self) -> dict[str, BuildResult]:
        left = [name for name in self._names if not self._keep(name)]
        for name in left:
            self._plan.log.emit("builder", f"{name} is to be built", service=name, state="waiting")
        self._warn(left)
        async with asyncio.TaskGroup() as group:
            for name in left:
                group.create_task(self._one(name), name=name)
        return {name: self._results[name] for name in self._names if name in self._results}

    def _keep(self, name: str) -> bool:
        """Return whether a service is built already, as it would be built now."""
        known = self._tools.known.get(name)
        if known is None or not known.success or not known.directory.is_dir():
            return False
        mending = self._plan.mending.get(name)
        if known.fix_attempt != mending.number if mending else not self._plan.build.fits(known):
            return False
        self._results[name] = known
        self._plan.log.emit("builder", f"{name} is kept", service=name, state="kept", builder=known.builder)
        return True

    def _warn(self, names: list[str]) -> None:
        """Tell what limits of platforms the batch comes near to, before it begins."""
        routing = self._tools.routing
        first = [next(iter(routing.candidates(name)), None) for name in names]
        planned = Counter(routing.platform(builder) for builder in first if builder is not None)
        for warning in self._tools.quotas.warnings(planned):
            self._plan.log.emit("quota", warning, level="warning")

    async def _one(self, name: str) -> None:
        """Build one service; what goes wrong with the books stops all in good order, and hits no other service."""
        try:
            self._results[name] = await build_service(self._tools, name)
        except asyncio.CancelledError:
            raise
        except Exception as error:  # noqa: BLE001  # told at the end, once the others have come to theirs
            self._tools.break_down(error)


def _told(error: BaseException) -> BaseException:
    """Return what is raised where something went wrong that is no builder's fault."""
    from sqlalchemy.exc import SQLAlchemyError  # only where something broke

    from pytest_superteam.pipeline.state.store import StoreError

    if isinstance(error, (OSError, SQLAlchemyError, StoreError)):
        why = " ".join(str(getattr(error, "orig", None) or error).split())
        told = GateError(f"what the builders did can't be written down: {why}. The next run goes on from there.")
        told.__cause__ = error
        return told
    return error
