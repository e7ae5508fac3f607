"""A fleet that mends: each service by who built it, on a copy of what stands; what comes to nothing changes nothing."""

from __future__ import annotations

import pytest
from virtual import MemoryAttempts, Scripted, Yard, fails

from pytest_superteam.builders.base import BuildOutput
from pytest_superteam.builders.run import load_builds
from pytest_superteam.config_entries import RetryConfig
from pytest_superteam.models import Mending, Usage

TEST = "def test_it():\n    assert 1 + 1 == 2\n"
MORE = "from app.main import NAME\n\n\ndef test_more():\n    assert NAME == 'mended'\n"


class Mender(Scripted):
    """Builds as its script says, and mends as `steps` says, by the number of the fix attempt."""

    def __init__(self, steps, **more):
        super().__init__(**more)
        self.steps = steps
        self.seen = []

    async def build(self, request):
        if request.mending is None:
            (request.directory / "tests").mkdir()
            (request.directory / "tests" / "test_it.py").write_text(TEST)
            return await super().build(request)
        self.requests.append(request)
        self.seen.append((request.directory / "app" / "main.py").read_text())
        self.steps[request.mending.number](request.directory)
        return BuildOutput(("python", "app/main.py"), usage=Usage(usd=0.0))


def mend(folder):
    """Change the source, and add a test."""
    (folder / "app" / "main.py").write_text("NAME = 'mended'\n")
    (folder / "tests" / "test_more.py").write_text(MORE)


def weaken(folder):
    """Change the source, and what is asked of it."""
    mend(folder)
    (folder / "tests" / "test_it.py").write_text("def test_it():\n    assert True\n")


def nothing(_folder):
    """Do nothing."""


def fail(_folder):
    """Come to nothing."""
    raise fails("no idea", retryable=False).error


@pytest.fixture
def yard(tmp_path):
    """Return an empty folder and a clock at zero."""
    return Yard(tmp_path, retry=RetryConfig(attempts=2, base_delay=1.0))


def mending(number=1, *services):
    """Return what a fleet is told that mends."""
    told = Mending(number, 3, "SEC-001 in app/main.py")
    return {"phase": "fix", "mending": dict.fromkeys(services or ("one",), told)}


def test_mended(yard):
    """The one that is named is mended by who built it, on a copy; its record says which attempt did."""
    builder, changed = Mender({1: mend}), []
    attempts = MemoryAttempts()
    yard.run(builder, "one", "two", attempts=attempts)
    results = yard.run(
        builder, "one", "two", attempts=attempts, changed=lambda *what: changed.append(what), **mending()
    )
    assert list(results) == ["one"]
    assert builder.seen == ["NAME = 'one'\n"]
    records = load_builds(yard.folder / ".superteam" / "builds", yard.folder / "services")
    assert {name: record.fix_attempt for name, record in records.items()} == {"one": 1, "two": 0}
    assert (yard.folder / "services" / "one" / "app" / "main.py").read_text() == "NAME = 'mended'\n"
    assert [service for service, _, _ in changed] == ["one"]
    assert not records["one"].edited


def test_once(yard):
    """An attempt that was made is not made again after a crash; the next one is."""
    builder = Mender({1: mend, 2: lambda folder: (folder / "more.py").write_text("MORE = 1\n")})
    attempts = MemoryAttempts()
    yard.run(builder, "one", attempts=attempts)
    for _ in range(2):
        assert yard.run(builder, "one", attempts=attempts, **mending(1))["one"].fix_attempt == 1
    assert yard.run(builder, "one", attempts=attempts, **mending(2))["one"].fix_attempt == 2
    assert [request.mending.number for request in builder.requests if request.mending] == [1, 2]


@pytest.mark.parametrize(
    ("step", "error"),
    [
        (weaken, "refused: it makes the gate see less: tests/test_it.py"),
        (nothing, "nothing was changed."),
        (fail, "no idea"),
    ],
)
def test_comes_to_nothing(yard, step, error):
    """What weakens the gate, changes nothing or fails is tried once, says why, and leaves the service as it was."""
    builder, attempts = Mender({1: step}), MemoryAttempts()
    yard.run(builder, "one", attempts=attempts)
    before = load_builds(yard.folder / ".superteam" / "builds", yard.folder / "services")["one"]
    result = yard.run(builder, "one", attempts=attempts, **mending())["one"]
    assert not result.success
    assert result.error.startswith(error)
    after = load_builds(yard.folder / ".superteam" / "builds", yard.folder / "services")["one"]
    assert after == before
    assert (yard.folder / "services" / "one" / "tests" / "test_it.py").read_text() == TEST
    assert len(builder.seen) == 1


def test_failures_of_the_build_do_not_count(yard):
    """How often the build was tried does not shorten the tries of a fix attempt, nor those of one the next one's."""
    flaky = {"left": 1}

    def once_more(folder):
        if flaky["left"]:
            flaky["left"] -= 1
            raise fails("503 service unavailable").error
        (folder / "app" / "main.py").write_text(f"NAME = {len(builder.seen)}\n")

    builder, attempts = (
        Mender({1: once_more, 2: once_more}, acts={"one": [fails("connection reset")]}),
        MemoryAttempts(),
    )
    assert yard.run(builder, "one", attempts=attempts)["one"].attempts == 2
    assert yard.run(builder, "one", attempts=attempts, **mending(1))["one"].success
    flaky["left"] = 1
    assert yard.run(builder, "one", attempts=attempts, **mending(2))["one"].success


# ---------------------------------------------------------------- what follows a failure


def policies(**more):
    """Return what a fleet is told of failures."""
    return {"on_failure": more}


def test_stand_in(yard):
    """Where the settings want it the built-in builder takes the place of one that failed; that is kept next time."""
    agent = Scripted({"one": [fails("no idea", retryable=False)]}, name="agent")
    builtin, attempts = Scripted(name="builtin"), MemoryAttempts()
    build = {"fallback": builtin}
    results = yard.run(agent, "one", "two", build=build, attempts=attempts, **policies(one="builtin", two="builtin"))
    assert {name: (r.builder, r.instead_of) for name, r in results.items()} == {
        "one": ("builtin", "agent"),
        "two": ("agent", ""),
    }
    again = yard.run(agent, "one", "two", build=build, attempts=attempts, **policies(one="builtin"))
    assert again["one"].instead_of == "agent"
    assert (builtin.begun, agent.begun.count("one")) == (["one"], 1)


def test_its_work_is_no_work_of_another_builder(yard):
    """What the built-in builder built as the first choice is not kept for an agent that is asked now."""
    builtin, agent = Scripted(name="builtin"), Scripted(name="agent")
    yard.run(builtin, "one")
    yard.run(agent, "one", build={"fallback": builtin}, **policies(one="builtin"))
    assert agent.begun == ["one"]


def test_skip_and_stop(yard):
    """By default the others go on without a service that failed; with `stop` nothing more is begun."""
    agent = Scripted({"one": [fails("no idea", retryable=False)]}, name="agent")
    assert yard.run(agent, "one", "two")["two"].success
    stopped = Scripted({"three": [fails("no idea.", retryable=False)]}, name="other")
    plan = yard.plan(stopped, "three", "four", "five", build={"parallel": 1}, **policies(three="stop"))
    results = yard.run(
        stopped, "three", "four", "five", build={"parallel": 1}, stopping=plan.stopping, **policies(three="stop")
    )
    assert stopped.begun == ["three"]
    assert plan.stopping.reason.endswith("`on_failure` is stop: no idea")
    assert not results["four"].success
