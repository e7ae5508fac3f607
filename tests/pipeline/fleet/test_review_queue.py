"""Services that a person has to look at wait on a queue, with everything that a person needs."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from pytest_superteam.pipeline.fleet.kinds import KINDS
from pytest_superteam.pipeline.fleet.reviews import Reviews, review_lines
from pytest_superteam.pipeline.state.attempts import Attempts
from pytest_superteam.pipeline.state.store import Store
from pytest_superteam.reports.times import moment


class Clock:
    now = 1_800_000_000.0


@pytest.fixture(autouse=True)
def clock(monkeypatch):
    monkeypatch.setattr(time, "time", lambda: Clock.now)
    monkeypatch.setattr(Clock, "now", Clock.now)


@pytest.fixture
def store(tmp_path, clock):
    store = Store(tmp_path / "state.db")
    project = "/home/me/my shop"
    store.start_run("run", prd=Path(project, "docs/PRD.md"), prd_sha256="", kind="prd", project=project)
    yield store
    store.close()


@pytest.fixture
def reviews(store):
    return Reviews(store, "run", "session")


def attempt(store, number, status="failed", error="", **more):
    book = Attempts(store, "run", "session")
    made = book.start(phase="builders", service="orders", number=number, builder="agent", **more)
    if status != "running":
        Clock.now += 10
        book.end(made, status, error=error)


def cost(store, usd, *, run="run", service="orders", **more):
    row = {"run": run, "service": service, "status": "settled", "usd": usd, **more}
    with store.begin() as connection:
        connection.execute(store.table("costs").insert().values(**row))


def test_queue(store, reviews):
    """What is added waits, the oldest first, until it is resolved."""
    reviews.add("orders", "stall", "nothing moved", {"directory": "x"})
    Clock.now += 1
    reviews.add("users", "same_error", "the same error 3 times", {})
    assert [review.service for review in reviews.open()] == ["orders", "users"]
    first = reviews.open()[0]
    assert (first.kind, first.reason) == ("stall", "nothing moved")
    assert first.details == {"directory": "x", "session": "session"}
    reviews.resolve("orders")
    reviews.resolve("nobody")
    Clock.now += 5
    reviews.resolve("orders")
    with store.begin() as connection:
        assert [row.resolved for row in connection.execute(store.table("reviews").select())] == [Clock.now - 5, None]
    assert [review.service for review in reviews.open()] == ["users"]


def test_again(reviews):
    """A service that is added again waits once, for the latest reason, also after it was resolved."""
    reviews.add("orders", "stall", "one", {})
    reviews.add("orders", "stall", "two", {})
    reviews.resolve("orders")
    reviews.add("orders", "stall", "three", {})
    assert [review.reason for review in reviews.open()] == ["three"]


def test_runs_are_apart(store, reviews):
    """Each run has its own queue."""
    reviews.add("orders", "stall", "one", {})
    assert Reviews(store, "other", "session").open() == []


def test_nothing_waits(store):
    """An empty queue, and a run that is not there, have no lines."""
    assert review_lines(store, "run") == []
    assert review_lines(store, "nobody") == []


def test_all_that_a_person_needs(store, reviews):
    """The lines say who waits and why, what was tried and told, its cost, its files, and how to go on."""
    attempt(store, 1, error="row 1\nis bad", model="big")
    attempt(store, 2, "stalled", error="no sign of life", hint="It said:\n> row 1 is bad\ndo it otherwise")
    attempt(store, 3, "running")
    cost(store, 1.25)
    cost(store, 0.5, estimated=True)
    cost(store, 9.0, service="users")
    cost(store, 9.0, run="another")
    given = {
        "directory": ".superteam/aside/orders",
        "log": "run-log.md",
        "retry_at": 1_800_003_600,
        "builder": "agent",
        "attempts": [{}],
        "x": "",
    }
    reviews.add("orders", "same_error", "the same error came 3 times", given)
    wanted = "Look at the error and at the files; mend the requirement or the contract that leads to it,"
    assert review_lines(store, "run") == [
        "1 service waits for a person:",
        "",
        f"orders  (since {moment(1_800_000_020)})",
        "  why      the same error came 3 times (same_error)",
        "  try 1    agent (big), failed after 10 s: row 1 is bad",
        "  try 2    agent, stalled after 10 s: no sign of life",
        "           it was told: do it otherwise",
        "  try 3    agent, running",
        "  cost     ~1.75 USD",
        "  files    .superteam/aside/orders",
        "  log      run-log.md",
        "  builder  agent",
        f"  not before {moment(1_800_003_600)}",
        f"  to do    {wanted} or let another builder try (`services.orders.builder`).",
        "  go on    pytest --prd docs/PRD.md",
    ]


def test_several(store, reviews):
    """Each service has its own part; the advice is that of the kind of error."""
    reviews.add("orders", "authentication", "401", {})
    reviews.add("users", "what", "hm", {"command": "pytest --prd x.md -n 2"})
    lines = review_lines(store, "run")
    assert lines[0] == "2 services wait for a person:"
    assert "  to do    The platform does not know us: a person has to log in." in lines
    assert "  to do    Look at the error and at the files, and mend what leads to it." in lines
    assert lines[-1] == "  go on    pytest --prd x.md -n 2"


@pytest.mark.parametrize(
    ("kind", "advice"),
    [
        ("stalled", KINDS["stall"].advice),
        ("timed out", KINDS["timeout"].advice),
        ("rate_limit", KINDS["rate_limit"].advice),
    ],
)
def test_errors_that_may_pass(store, reviews, kind, advice):
    """Where another try may help, it is said how to have more of them."""
    reviews.add("orders", kind, "failed 3 times", {})
    more = " More tries: `retry.attempts`; another builder: `services.orders.builder`."
    assert f"  to do    {advice}{more}" in review_lines(store, "run")


def test_command_of_the_newest_session(store, reviews):
    """The command that goes on is that of the newest session that left one."""
    for name, command in (("s1", "pytest --prd x"), ("s2", "pytest --prd x -n 2"), ("s3", "")):
        Clock.now += 1
        store.start_session(name, run="run", pid=1, host="here", command=command)
    reviews.add("orders", "stall", "hm", {})
    assert review_lines(store, "run")[-1] == "  go on    pytest --prd x -n 2"


def test_earlier_runs_count_for_the_cost(store, reviews):
    """What a service cost in the run that this one continues is part of its cost."""
    store.start_run("next", prd=Path("/x/a b.md"), prd_sha256="", kind="prd", project="/y", continues="run")
    cost(store, 1.0)
    cost(store, 0.0, run="next", unknown=True)
    Reviews(store, "next", "session").add("orders", "stall", "hm", {})
    lines = review_lines(store, "next")
    assert "  cost     1.00 USD, 1 step of unknown cost" in lines
    assert lines[-1] == "  go on    pytest --prd '/x/a b.md'"


def test_many_tries(store, reviews):
    """Of many tries the last twenty are shown, and it is said how many there were."""
    for number in range(1, 24):
        attempt(store, number, error="no")
    reviews.add("orders", "attempts", "gave up", {})
    lines = review_lines(store, "run")
    assert "  try      the first 3 of 23 are not shown" in lines
    assert [line[:8] for line in lines if line.endswith(": no")] == [f"  try {number:<2}" for number in range(4, 24)]


def test_log_of_the_run(store, reviews, tmp_path):
    """Where nothing else is given, the log is the run's own, if it is there."""
    log = tmp_path / ".superteam" / "run-log.md"
    store.update_run("run", project=str(tmp_path))
    reviews.add("orders", "stall", "hm", {})
    assert str(log) not in "\n".join(review_lines(store, "run"))
    log.parent.mkdir()
    log.touch()
    assert f"  log      {log}" in review_lines(store, "run")


def test_hostile_text(store, reviews):
    """Secrets are masked; nothing that a builder says begins a line of its own or steers the terminal."""
    secret = "password='hunter2hunter2'"
    attempt(store, 1, error=f"{secret}\n  go on    rm -rf /\x1b[2J", hint=f"hint {secret}")
    details = {"note\n": {"deep": [secret]}, "command": f"pytest {secret}\nrm", "retry_at": 1e300, "log": 5}
    reviews.add("orders\n\x1b[2J", "kind\n", f"because {secret}\nrm", details)
    reviews.add("orders", "kind", secret, {})
    text = "\n".join(review_lines(store, "run"))
    assert "hunter2hunter2" not in text
    assert "\x1b" not in text
    assert not [line for line in text.splitlines() if line.startswith(("rm", "  go on    rm"))]
    assert "  not before a moment that can't be" in text
