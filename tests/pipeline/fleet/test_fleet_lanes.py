"""Builders in threads of their own: what blocks, ends a process or does not listen is nobody else's matter."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import threading
from dataclasses import replace

import pytest
from virtual import Yard

from pytest_superteam.builders.base import BuildOutput, Progress
from pytest_superteam.config_entries import RetryConfig
from pytest_superteam.models import Usage
from pytest_superteam.pipeline.fleet import trying
from pytest_superteam.pipeline.fleet.children import end_children
from pytest_superteam.pipeline.fleet.fleet import FleetPlan, build_fleet
from pytest_superteam.pipeline.fleet.stopping import Stopping
from pytest_superteam.pipeline.money.ledger import NoLedger

OUTPUT = BuildOutput(("python", "main.py"))


class Does:
    """A builder that does something of its own for each service."""

    name, version, tier = "does", "1", "free"

    def __init__(self, **acts):
        self.acts = acts

    async def build(self, request):
        (request.directory / "main.py").write_text("X = 1\n")
        act = self.acts.get(request.service)
        if act is not None:
            await act(request)
        return OUTPUT


@pytest.fixture
def yard(tmp_path, monkeypatch):
    """Return an empty folder; builders that are cancelled have little time."""
    monkeypatch.setattr(trying, "CANCEL_SECONDS", 0.3)
    return Yard(tmp_path)


def run(yard, builder, *names, timeout=30.0, **more):
    """Build in real threads, each service once."""
    build = yard.build_plan(builder, *names, timeout=timeout)
    return build_fleet(FleetPlan(**{"build": build, "retry": RetryConfig(attempts=1), **more}))


def test_a_builder_that_blocks_holds_nobody_up(yard):
    """While one builder blocks its thread, another one works, and frees it."""
    freed = threading.Event()

    async def block(_request):
        assert freed.wait(30)

    async def free(_request):
        freed.set()

    results = run(yard, Does(one=block, two=free), "one", "two")
    assert all(result.success for result in results.values())


@pytest.mark.parametrize("kind", ["blocks", "ignores"])
def test_a_builder_that_never_ends_is_left_behind(yard, kind):
    """Neither a blocked thread nor a builder that takes no notice of its cancellation keeps the run from its end."""
    never, cancelled = threading.Event(), []

    async def blocks(_request):
        never.wait(60)

    async def ignores(_request):
        while not never.is_set():
            try:
                await asyncio.sleep(60)
            except asyncio.CancelledError:
                cancelled.append(1)

    results = run(yard, Does(one={"blocks": blocks, "ignores": ignores}[kind]), "one", "two", timeout=0.2)
    assert "no end after 0.2 s" in results["one"].error
    assert results["two"].success
    assert bool(cancelled) is (kind == "ignores")
    never.set()


def test_what_would_end_the_process_ends_a_try(yard):
    """SystemExit and KeyboardInterrupt, also out of a task that a builder began, are failures of that builder."""

    async def leave(_request):
        sys.exit(3)

    async def leave_later(_request):
        async def later():
            raise KeyboardInterrupt

        asyncio.ensure_future(later()).add_done_callback(lambda task: task.exception())
        await asyncio.sleep(30)

    results = run(yard, Does(one=leave, two=leave_later), "one", "two", "three")
    assert [result.success for result in results.values()] == [False, False, True]
    assert "SystemExit" in results["one"].error
    assert "KeyboardInterrupt" in results["two"].error


def test_tasks_end_with_their_builder(yard):
    """What a builder has begun and not waited for is ended before its tree is looked at."""
    ended = []

    class Keeps(Does):
        async def build(self, request):
            self.kept = asyncio.ensure_future(asyncio.sleep(60))
            self.kept.add_done_callback(lambda _task: ended.append(request.directory.is_dir()))
            return await super().build(request)

    assert run(yard, Keeps(), "one")["one"].success
    assert ended == [True]


def test_signs_of_life_come_from_any_thread(yard):
    """What a builder reports from threads of its own reaches the ledger, the last word surely."""

    class Paid(NoLedger):
        def __init__(self):
            self.said = []

        def report(self, step, usage):
            self.said.append(usage.usd)

    async def tells(request):
        def tell():
            for cents in range(1000):
                request.report(Progress(usage=Usage(usd=cents / 100)))
            request.report("no progress")

        thread = threading.Thread(target=tell)
        thread.start()
        await asyncio.to_thread(thread.join)

    builder, ledger = Does(one=tells), Paid()
    builder.tier = "paid"
    assert run(yard, builder, "one", ledger=ledger)["one"].success
    assert ledger.said[-1] == 9.99
    assert len(ledger.said) < 100


def test_a_builder_may_use_processes_and_its_loop(yard):
    """Subprocesses of asyncio work in a builder's thread."""

    async def calls(request):
        code = "open('made.py', 'w').write('Y = 1')"
        process = await asyncio.create_subprocess_exec(sys.executable, "-c", code, cwd=request.directory, env={})
        assert await process.wait() == 0

    result = run(yard, Does(one=calls), "one")["one"]
    assert set(result.files) == {"main.py", "made.py"}


def test_a_stop_comes_from_another_thread(yard):
    """A wish to stop is heard whoever says it, and builders at work are told."""
    stopping, heard = Stopping(), []

    async def waits(_request):
        assert stopping.watched
        threading.Thread(target=stopping.hard, args=("SIGTERM",)).start()
        try:
            await asyncio.sleep(60)
        except asyncio.CancelledError:
            heard.append(1)
            raise

    results = run(yard, Does(one=waits), "one", "two", stopping=stopping)
    assert heard == [1]
    assert "SIGTERM" in results["one"].error
    assert not stopping.watched


def test_the_first_ctrl_c_lets_builders_end(yard):
    """Ctrl-C while builders are at work is a wish to stop; it is passed on when all is written down."""
    if signal.getsignal(signal.SIGINT) is not signal.default_int_handler:
        pytest.skip("somebody else listens to Ctrl-C here")
    stopping, done = Stopping(), threading.Event()

    async def interrupts(_request):
        os.kill(os.getpid(), signal.SIGINT)
        while not stopping.requested:  # noqa: ASYNC110
            await asyncio.sleep(0)
        done.set()

    plan = yard.build_plan(Does(one=interrupts), "one", "two", parallel=1)
    with pytest.raises(KeyboardInterrupt):
        build_fleet(FleetPlan(build=plan, stopping=stopping))
    assert done.is_set()
    assert (plan.output / "one/main.py").exists()
    assert not (plan.output / "two").exists()
    assert build_fleet(FleetPlan(build=replace(plan, builder=Does())))["two"].success


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells where a process works")
class TestChildren:
    """Processes that builders leave behind."""

    def test_none_outlives_its_try(self, yard):
        """What a builder forked is gone after its try, how well it may have hidden."""
        begun = []

        async def forks(request):
            code = "import os, time; os.fork(); time.sleep(60)"
            begun.append(
                subprocess.Popen([sys.executable, "-c", code], cwd=request.directory, start_new_session=True)  # noqa: ASYNC220
            )

        assert run(yard, Does(one=forks), "one")["one"].success
        assert begun[0].wait(30) == -signal.SIGKILL

    def test_others_are_spared(self, tmp_path):
        """Only what works below the folder is ended: neither we nor what works beside it."""
        inside, beside = tmp_path / "one", tmp_path / "one-more"
        inside.mkdir()
        beside.mkdir()
        sleep = [sys.executable, "-c", "import time; time.sleep(60)"]
        ours = subprocess.Popen(sleep, cwd=inside)
        other = subprocess.Popen(sleep, cwd=beside)
        try:
            assert end_children(inside) == 1
            assert ours.wait(30) == -signal.SIGKILL
            assert other.poll() is None
            assert end_children(inside) == 0
            assert end_children(tmp_path / "none") == 0
        finally:
            other.kill()
            other.wait()
