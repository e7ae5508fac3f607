"""A clock that only goes where somebody waits, a lane without threads, and a builder that does what it is told."""

from __future__ import annotations

import asyncio
import selectors
import time
from collections import defaultdict
from dataclasses import dataclass, field, replace

from pytest_superteam.builders.base import BuildOutput, Progress
from pytest_superteam.builders.run import BuildPlan
from pytest_superteam.config_entries import RetryConfig
from pytest_superteam.errors import BuildError
from pytest_superteam.models import Architecture, Service, Usage, WorstCase
from pytest_superteam.pipeline.fleet.fleet import FleetPlan, build_fleet
from pytest_superteam.pipeline.fleet.lanes import guarded
from pytest_superteam.pipeline.state.attempts import Attempt


class Clock:
    """Seconds that pass when a loop has nothing to do but wait."""

    def __init__(self):
        self.now = 0.0

    def epoch(self):
        return 1e9 + self.now

    def loop(self):
        return _Loop(self)


class _Selector(selectors.DefaultSelector):
    clock = None

    def select(self, timeout=None):
        events = super().select(0)
        if not events:
            assert timeout is not None, "nothing will ever happen any more"
            self.clock.now += timeout
        return events


class _Loop(asyncio.SelectorEventLoop):
    def __init__(self, clock):
        selector = _Selector()
        selector.clock = clock
        self.clock = clock
        super().__init__(selector)

    def time(self):
        return self.clock.now


class InlineLane:
    """Runs builders in the fleet's own loop, so that they share its clock."""

    def start(self, work, name):
        return _Inline(work, name)


class _Inline:
    def __init__(self, work, name):
        loop = asyncio.get_running_loop()
        self.done, self.gone = loop.create_future(), loop.create_future()
        self.task = loop.create_task(guarded(work), name=name)
        self.task.add_done_callback(self._end)

    def _end(self, task):
        if not self.done.done() and not task.cancelled():
            self.done.set_result(task.result())
            self.gone.set_result(None)

    def cancel(self):
        self.task.cancel()

    def abandon(self):
        self.task.remove_done_callback(self._end)


@dataclass(frozen=True)
class Act:
    """What a builder does in one try."""

    seconds: float = 1.0
    error: BaseException | None = None
    usd: float | None = 0.0
    deaf: int = 0
    """So many times it takes no notice of being cancelled."""
    says: float = 0.0
    """Seconds between signs of life; 0: none."""
    cancelled_with: BaseException | None = None
    """What it raises when it is cancelled."""


class Scripted:
    """A builder that follows a script, and remembers."""

    def __init__(self, acts=None, *, name="scripted", version="1", tier="free", worst=None, platform="", model=""):
        self.name, self.version, self.tier, self.platform, self.model = name, version, tier, platform, model
        self.acts = defaultdict(list, {service: list(found) for service, found in (acts or {}).items()})
        self.begun, self.done, self.requests, self.times = [], [], [], []
        self.busy = self.most = 0
        if worst is not None:
            self.worst_case = lambda _request: WorstCase(worst, model)

    async def build(self, request):
        clock = asyncio.get_running_loop().time
        acts = self.acts[request.service]
        act = acts.pop(0) if acts else Act()
        self.begun.append(request.service)
        self.requests.append(request)
        self.times.append(clock())
        self.busy += 1
        self.most = max(self.most, self.busy)
        try:
            await self._pass(act, request)
        finally:
            self.busy -= 1
        if act.error is not None:
            raise act.error
        (request.directory / "app").mkdir(exist_ok=True)
        (request.directory / "app" / "main.py").write_text(f"NAME = {request.service!r}\n")
        self.done.append(request.service)
        return BuildOutput(("python", "app/main.py"), usage=Usage(usd=act.usd))

    async def _pass(self, act, request):
        clock = asyncio.get_running_loop().time
        end, deaf = clock() + act.seconds, act.deaf
        while (left := end - clock()) > 0:
            try:
                await asyncio.sleep(min(left, act.says or left))
            except asyncio.CancelledError:
                if act.cancelled_with is not None:
                    raise act.cancelled_with from None
                if not deaf:
                    raise
                deaf -= 1
            if act.says:
                request.report(Progress("at work"))


def system(*names):
    """Return a system of services of these names."""
    return Architecture("Shop", "0" * 64, tuple(Service(name) for name in names))


@dataclass
class Yard:
    """A folder to build in and a clock of its own."""

    folder: object
    clock: Clock = field(default_factory=Clock)
    retry: RetryConfig = field(default_factory=lambda: RetryConfig(base_delay=1.0))

    def build_plan(self, builder, *names, **more):
        state = self.folder / ".superteam"
        plan = BuildPlan(
            system(*names), builder, self.folder / "services", state / "builds", state / "aside", {}, parallel=2
        )
        return replace(plan, **more)

    def plan(self, builder, *names, build=None, **more):
        return FleetPlan(
            **{
                "build": self.build_plan(builder, *names, **(build or {})),
                "retry": self.retry,
                "loop_factory": self.clock.loop,
                "clock": self.clock.epoch,
                "lane": InlineLane(),
                **more,
            }
        )

    def run(self, builder, *names, **more):
        return build_fleet(self.plan(builder, *names, **more))


def fails(message="no nails", **more):
    """Return an act that ends with an error."""
    return Act(error=BuildError(message, **more))


class Heard:
    """Keeps what is told."""

    def __init__(self):
        self.events = []

    def emit(self, kind, message, *, level="info", service="", **data):
        self.events.append({"kind": kind, "message": message, "level": level, "service": service, **data})

    def of(self, kind, **data):
        return [e for e in self.events if e["kind"] == kind and all(e.get(k) == v for k, v in data.items())]


class MemoryAttempts:
    """Keeps the tries in memory, as the store would."""

    def __init__(self):
        self._rows = []

    def start(self, *, phase, service, number, builder, model="", key="", hint=""):
        self._rows.append(
            Attempt(
                id=len(self._rows) + 1,
                run="",
                session="",
                phase=phase,
                service=service,
                number=number,
                builder=builder,
                model=model,
                key=key,
                status="running",
                started=time.time(),
                ended=None,
                error="",
                signature="",
                retryable=None,
                hint=hint,
            )
        )
        return len(self._rows)

    def end(self, attempt, status, *, error="", signature="", retryable=None):
        self._rows[attempt - 1] = replace(
            self._rows[attempt - 1],
            status=status,
            ended=time.time(),
            error=error,
            signature=signature,
            retryable=retryable,
        )

    def of_run(self):
        return list(self._rows)
