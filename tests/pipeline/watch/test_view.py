"""What is known of a run from its events, the rows of its table, and the lines that are told of it."""

from __future__ import annotations

from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_superteam.pipeline.watch.events import Event, Kind
from pytest_superteam.pipeline.watch.plain import line_of, sign_of_life
from pytest_superteam.pipeline.watch.rows import headline, rows
from pytest_superteam.pipeline.watch.view import View

PHASES = ("architect", "contracts", "builders", "deployment", "gate")


class Clock:
    """Makes events, one second after the other unless told otherwise."""

    def __init__(self, cap=None):
        self.now = 1000.0
        self.view = View.expecting(PHASES, cap=cap)

    def __call__(self, kind, message="", *, level="info", service="", after=1.0, **data):
        self.now += after
        event = Event(self.now, kind, message, level, service, "r", "s", data)
        self.view.take(event)
        return event


def built(clock):
    """Take a build of three services: one that succeeds, one that is tried again, one from before."""
    clock("phase", phase="builders", state="started")
    for name in ("auth", "shop"):
        clock("builder", service=name, state="waiting", after=0)
    clock("builder", service="mail", state="kept", after=0)
    for name in ("auth", "shop"):
        clock("builder", service=name, state="building", after=0)
    clock("cost", service="auth", phase="builders", usd=1.25, total_usd=3.25)
    clock("builder", service="auth", state="done")
    clock("retry", service="shop", attempt=2, of=3, reason="rate limit", level="warning")
    return clock


def shown(view, now, height=40):
    return [" | ".join(str(cell) for cell in vars(row).values()).rstrip(" |") for row in rows(view, now, height)]


def test_a_build_is_followed():
    """The table has the phases, and below that of the builders each service with time, cost and attempt."""
    clock = built(Clock(cap=10.0))
    clock("transition", source="contracts_registering", target="builders_running", after=0)
    assert shown(clock.view, clock.now + 60) == [
        "architect | kept",
        "contracts | kept",
        "builders | running | 1 min 3 s | 1.25 USD | 2 of 3 built",
        "  auth | done | 2.0 s | 1.25 USD",
        "  shop | retrying | 1 min 3 s |  | attempt 2 of 3, rate limit",
        "  mail | kept",
        "deployment | waiting",
        "gate | waiting",
    ]
    assert headline(clock.view, clock.now, 1000.0) == "builders running, 4.0 s, 3.25 USD of 10.00 USD"


def test_services_fold_up_when_the_phase_ends():
    """Once the builders are done their phase is one line, and time stands still for it."""
    clock = built(Clock())
    clock("builder", service="shop", state="failed", level="error", message="shop: failed: boom")
    clock("phase", phase="builders", state="done")
    clock("phase", phase="deployment", state="started")
    clock("phase", "auth: healthy", phase="deployment", state="progress")
    assert shown(clock.view, clock.now) == [
        "architect | kept",
        "contracts | kept",
        "builders | done | 5.0 s | 1.25 USD | 2 of 3 built, 1 failed",
        "deployment | running | 1.0 s |  | auth: healthy",
        "gate | waiting",
    ]


def test_an_attempt_goes_on_with_the_time_of_the_one_before():
    """A service's time counts from its first attempt, over the waits between them."""
    clock = built(Clock())
    clock("attempt", service="shop", number=2, of=3, status="running", after=10)
    clock("builder", service="shop", state="building")
    clock("builder", service="shop", state="done")
    assert clock.view.services["shop"].seconds(clock.now) == 15
    assert clock.view.services["shop"].attempt == 2


@pytest.mark.parametrize("height", [5, 8, 12, 20])
def test_many_services_fit(height):
    """Where not every service fits, those at work are shown, in their order, and the others are counted."""
    clock = Clock()
    clock("phase", phase="builders", state="started")
    for n in range(40):
        clock("builder", service=f"s{n:02}", state="waiting", after=0)
    for n in range(30):
        clock("builder", service=f"s{n:02}", state="building", after=0)
        if n < 28:
            clock("builder", service=f"s{n:02}", state="done", after=0)
    found = shown(clock.view, clock.now, height)
    assert len(found) <= max(height, len(PHASES) + 3)
    services = [line for line in found if line.startswith("  s")]
    assert services == sorted(services)
    assert {"  s28 | building | 0.0 s", "  s29 | building | 0.0 s"} <= set(services)
    left = 40 - len(services)
    assert next(line for line in found if line.startswith("  and")).startswith(f"  and {left} others | ")


@pytest.mark.parametrize(
    ("data", "total"),
    [
        ({"usd": 1.0}, 3.0),
        ({"usd": 1.0, "total_usd": 7.0}, 7.0),
        ({"usd": -1.0}, 2.0),
        ({"usd": float("nan")}, 2.0),
        ({"usd": float("inf")}, 2.0),
        ({"usd": True}, 2.0),
        ({"usd": "1.0"}, 2.0),
        ({"usd": 1e300}, 2.0),
        ({"usd": 1.0, "total_usd": -4}, 3.0),
        ({}, 2.0),
    ],
    ids=str,
)
def test_only_sums_that_can_be_are_counted(data, total):
    """A sum that is none counts as nothing; the run's own total wins over adding up."""
    clock = Clock()
    clock("cost", usd=2.0)
    clock("cost", **data)
    assert clock.view.usd == total


def test_what_earlier_sessions_spent_counts():
    """The sum starts with what the ledger says of earlier sessions."""
    clock = Clock(cap=10.0)
    clock("budget", "spent by earlier sessions: 4 USD", total_usd=4.0)
    assert headline(clock.view, clock.now, clock.now) == "0.0 s, 4.00 USD of 10.00 USD"


def test_what_nobody_knows_of_earlier_sessions_is_told():
    """Estimates and unknown costs of earlier sessions mark the sum of this one."""
    clock = Clock(cap=10.0)
    clock("budget", "spent by earlier sessions", total_usd=4.0, estimated=True, unknown=True)
    assert headline(clock.view, 0, 0) == "0.0 s, ~4.00 USD and an unknown cost of 10.00 USD"


def test_an_unknown_cost_is_no_zero():
    """A step of unknown cost is not shown as one that cost nothing."""
    clock = Clock()
    clock("cost", usd=0.0, unknown=True)
    assert headline(clock.view, 0, 0) == "0.0 s, unknown cost"


def test_estimates_are_marked():
    """A sum with an estimate in it is marked."""
    clock = Clock()
    clock("cost", usd=2.0, estimated=True)
    clock("cost", usd=1.0)
    assert headline(clock.view, 0, 0) == "0.0 s, ~3.00 USD"


def test_a_stop_is_seen():
    """Why the run is about to stop stands in the headline."""
    clock = Clock()
    clock("interrupt", "SIGINT: 2 builders get 30 s", level="warning")
    assert headline(clock.view, 0, 0) == "0.0 s, SIGINT: 2 builders get 30 s"


NAMES = st.sampled_from(["", "a", "b", "\x1b[31mc"])
WORDS = ["started", "done", "failed", "progress", "waiting", "building", "kept", "review", "running", "nonsense"]
ANYTHING = st.none() | st.booleans() | st.integers() | st.floats() | NAMES | st.lists(st.integers(), max_size=2)
DATA = st.dictionaries(
    st.sampled_from(["phase", "state", "number", "of", "attempt", "usd", "total_usd", "target", "status", "reason"]),
    st.sampled_from([*PHASES, *WORDS]) | ANYTHING,
)
EVENTS = st.builds(
    Event,
    st.floats(0, 4e9),
    st.sampled_from(get_args(Kind)),
    st.text(max_size=40),
    st.sampled_from(["info", "success", "warning", "error"]),
    NAMES,
    data=DATA,
)


@given(st.lists(EVENTS, max_size=30), st.integers(-5, 40))
def test_whatever_happens_can_be_shown(events, height):
    """Events with any data in any order make rows and lines, each fit to be shown on one line."""
    view = View.expecting(PHASES, cap=1.0)
    told = []
    for event in events:
        view.take(event)
        told += [line_of(event, view, detail) for detail in ("little", "beside", "normal", "much")]
    told += [sign_of_life(view, 4e9), headline(view, 4e9, 0.0)]
    told += [cell for row in rows(view, 4e9, height) for cell in vars(row).values()]
    assert all(line.isprintable() for line in told)
    assert all(len(line) <= 300 for line in told)


def test_the_view_stays_small():
    """Events about ever new services and phases fill no memory."""
    clock = Clock()
    for n in range(3000):
        clock("builder", service=str(n), state="waiting")
        clock("phase", phase=str(n), state="started")
    assert len(clock.view.services) == 1000
    assert len(clock.view.phases) == 1000


# ---------------------------------------------------------------- lines

TOLD = [
    ("builder", {"state": "building"}, "info", ("much",)),
    ("builder", {"state": "kept"}, "info", ("much",)),
    ("builder", {"state": "waiting"}, "info", ()),
    ("builder", {"state": "done"}, "success", ("normal", "much")),
    ("builder", {"state": "failed"}, "error", ("little", "beside", "normal", "much")),
    ("review", {}, "warning", ("little", "beside", "normal", "much")),
    ("retry", {}, "warning", ("little", "beside", "normal", "much")),
    ("budget", {}, "warning", ("little", "beside", "normal", "much")),
    ("budget", {}, "info", ("much",)),
    ("interrupt", {}, "warning", ("little", "beside", "normal", "much")),
    ("routing", {}, "info", ("much",)),
    ("attempt", {}, "info", ("much",)),
    ("transition", {"target": "builders_running"}, "info", ()),
    ("cost", {"usd": 1.0}, "info", ()),
    ("cost", {}, "warning", ("little", "beside", "normal", "much")),
    ("quality_gate", {}, "error", ()),
    ("phase", {"phase": "deployment", "state": "progress"}, "info", ("beside", "normal", "much")),
    ("phase", {"phase": "deployment", "state": "started"}, "info", ()),
    ("phase", {"phase": "contracts", "state": "done"}, "success", ()),
    ("phase", {"phase": "contracts", "state": "progress"}, "info", ()),
]


@pytest.mark.parametrize(("kind", "data", "level", "details"), TOLD)
def test_how_much_is_told(kind, data, level, details):
    """Each kind of event is told from a certain detail on, with its service, or not at all."""
    clock = Clock()
    event = clock(kind, "what happened", level=level, service="shop", **data)
    lines = {detail: line_of(event, clock.view, detail) for detail in ("little", "beside", "normal", "much")}
    assert lines == {detail: "shop: what happened" if detail in details else "" for detail in lines}


def test_the_service_is_named_once():
    """A message that names its service is told as it is."""
    clock = Clock()
    event = clock("review", "shop needs review", level="warning", service="shop")
    assert line_of(event, clock.view, "little") == "shop needs review"


def test_the_end_of_the_builders_is_told_in_figures():
    """When the builders end, one line counts what became of the services, with time and costs."""
    clock = built(Clock(cap=10.0))
    clock("review", "stuck", service="shop", level="warning")
    event = clock("phase", phase="builders", state="done")
    expected = "builders: 1 built, 1 kept, 1 to be reviewed in 5.0 s, 3.25 USD of 10.00 USD"
    assert [line_of(event, clock.view, detail) for detail in ("little", "much")] == [expected] * 2


def test_nothing_to_build_takes_no_time():
    """Where every service was there from before, the line says just that; for a moment nobody needs to be told."""
    clock = Clock()
    clock("phase", phase="builders", state="started")
    for name in ("auth", "shop"):
        clock("builder", service=name, state="kept")
    event = clock("phase", phase="builders", state="done")
    assert line_of(event, clock.view, "much") == "builders: 2 kept, nothing to build"
    assert line_of(event, clock.view, "normal") == ""


@pytest.mark.parametrize(("seconds", "told"), [(4, False), (5, True)])
def test_the_end_of_other_phases_is_told(seconds, told):
    """A phase that took a while has a line at its end, and so has one that failed; -v tells of each."""
    clock = Clock()
    clock("phase", phase="deployment", state="started")
    event = clock("phase", phase="deployment", state="done", after=seconds)
    line = f"deployment: done in {seconds}.0 s"
    assert line_of(event, clock.view, "little") == (line if told else "")
    assert line_of(event, clock.view, "much") == line
    clock("phase", phase="contracts", state="started")
    failed = clock("phase", phase="contracts", state="failed", level="error", after=1)
    assert line_of(failed, clock.view, "little") == "contracts: failed after 1.0 s"


@pytest.mark.parametrize(("after", "usd", "told"), [(1, 0.0, False), (1, 0.5, True), (9, 0.0, True)])
def test_services_are_told_of_where_somebody_waits_or_pays(after, usd, told):
    """A service that is built in a moment for nothing has no line of its own."""
    clock = Clock()
    clock("phase", phase="builders", state="started")
    if usd:
        clock("cost", usd=usd, total_usd=usd)
    event = clock("builder", "shop is built", service="shop", state="done", after=after)
    assert bool(line_of(event, clock.view, "normal")) is told
    assert line_of(event, clock.view, "much") == "shop is built"


def test_a_quick_phase_tells_what_went_wrong():
    """Where a service failed, the end of the builders is told however short it was."""
    clock = Clock()
    clock("phase", phase="builders", state="started")
    clock("builder", service="shop", state="failed", level="error")
    event = clock("phase", phase="builders", state="done")
    assert line_of(event, clock.view, "little").startswith("builders: 1 failed in ")


def test_a_sign_of_life_says_what_is_at_work():
    """After a long silence a line says which services are at work, the slowest first, and what it has cost."""
    clock = built(Clock(cap=10.0))
    for n in range(4):
        clock("builder", service=f"s{n}", state="building")
    assert sign_of_life(clock.view, clock.now + 3600) == (
        "builders: at work for 1 h 0 min, 2 of 7 built, now shop (1 h 0 min), s0 (1 h 0 min), s1 (1 h 0 min) "
        "and 2 more, 3.25 USD of 10.00 USD"
    )


def test_no_sign_of_life_without_work():
    """Where no phase is at work there is nothing to say."""
    clock = Clock()
    assert sign_of_life(clock.view, 5000.0) == ""
    clock("phase", phase="deployment", state="started")
    assert sign_of_life(clock.view, clock.now + 5) == "deployment: at work for 5.0 s"
    clock("phase", phase="deployment", state="done")
    assert sign_of_life(clock.view, 5000.0) == ""
