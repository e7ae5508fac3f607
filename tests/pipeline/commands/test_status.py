"""How far a run is: every state of a run, of its services and of its processes is told apart."""

from __future__ import annotations

import json
import os
import time

import jsonschema
import pytest

from pytest_superteam.models import Usage, WorstCase
from pytest_superteam.pipeline.commands.costs import costs_lines
from pytest_superteam.pipeline.commands.review_queue import queue_lines
from pytest_superteam.pipeline.commands.status import status_data, status_lines
from pytest_superteam.pipeline.review import RECORD


def text(shop, **more):
    """Return the status as one text."""
    return "\n".join(status_lines(shop.inquiry(**more)))


def following(lines, name):
    """Return the lines of a part, its own included."""
    start = next(index for index, line in enumerate(lines) if line.startswith(name))
    end = next((i for i in range(start + 1, len(lines)) if lines[i][:1] not in {"", " "}), len(lines))
    return lines[start:end]


def end_with(shop, store, verdict, **values):
    """End the session and the run."""
    store.end_session(shop.session, "done")
    store.end_run(shop.run, verdict)
    store.update_run(shop.run, **values)
    store.close()


# ---------------------------------------------------------------- nothing


@pytest.mark.parametrize("ask", [status_lines, costs_lines, queue_lines])
def test_no_run(shop, ask):
    """Where there is no run, one line says so and how one begins, and nothing is made."""
    (line,) = ask(shop.inquiry())
    assert line.startswith(f"no run yet in '{shop.folder}'")
    assert "pytest --prd PRD.md" in line
    assert [path.name for path in shop.folder.iterdir()] == ["PRD.md"]


def test_no_run_as_data(shop):
    """Programs get the same keys, with no run in them."""
    data = status_data(shop.inquiry())
    assert data["run"] is None
    assert data["session"] is None
    assert data["next"][0]["command"] == "pytest --prd PRD.md"


def test_runs_of_the_other_kind(shop):
    """A run about a PRD is none about a system, and the other way round."""
    shop.begin().close()
    assert text(shop, system=shop.folder).startswith("no run about a system yet")
    assert "run1" in text(shop, documents=(shop.folder / "PRD.md",))


# ---------------------------------------------------------------- states


def test_run_at_work(shop):
    """A run at work is told with its process, its machine and its last sign of life; it is to be waited for."""
    store = shop.begin(pid=os.getpid())
    shop.attempt(store, "orders")
    lines = status_lines(shop.inquiry())
    store.close()
    assert "builders_running" in lines[1]
    assert f"process {os.getpid()} on " in lines[2]
    assert "is at work since" in lines[2]
    assert any(line.split()[:2] == ["orders", "building"] for line in lines)
    assert following(lines, "next") == ["next      wait for the end of the run that is at work"]


def test_killed_run(shop):
    """A run whose process is gone is told so, its tries were cut off, and the same command goes on."""
    store = shop.begin()
    shop.attempt(store, "orders")
    store.close()
    told = text(shop)
    assert "is gone: it gave its last sign of life at" in told
    assert "1 cut off" in told
    assert "goes on in builders_running" in told
    assert told.endswith("pytest --prd PRD.md")


def test_run_that_stopped(shop):
    """A run that was interrupted and could say so tells why."""
    store = shop.begin()
    store.update_run(shop.run, interrupted=True, interrupt_reason="SIGTERM, password=hunter22222")
    store.end_session(shop.session, "interrupted: SIGTERM")
    store.close()
    told = text(shop)
    assert "interrupted: SIGTERM" in told
    assert "hunter22222" not in told
    assert "process" not in told


def test_complete_run(shop):
    """A complete run has its verdict, and nothing is next."""
    store = shop.begin(until="complete")
    end_with(shop, store, "passed")
    told = text(shop)
    assert "complete, ended " in told
    assert "verdict passed" in told
    assert "next      nothing: it is complete" in told


def test_run_that_failed_at_the_gate(shop):
    """A run that failed at its gate has the gate tried again."""
    store = shop.begin(until="quality_gate")
    store.record_transition(shop.run, "fail", "quality_gate", "failed", shop.session)
    end_with(shop, store, "failed")
    assert "next      the gate is tried again on what is built:" in text(shop)


def test_run_that_failed_before(shop):
    """A run that failed before its gate is over; the next one goes on with its budget."""
    store = shop.begin(until="integrating")
    store.record_transition(shop.run, "fail", "integrating", "failed", shop.session)
    end_with(shop, store, "failed")
    assert "a new run, which goes on with its budget, for this one has ended in failed" in text(shop)


def test_changed_requirements(shop):
    """Where the requirements changed after the run, the next session is told to be a new run."""
    shop.begin().close()
    (shop.folder / "PRD.md").write_text("# Shop\n\nREQ-001: nobody lists the items.\n")
    assert "a new run, which goes on with its budget, for the requirements have changed" in text(shop)


def test_lost_requirements(shop):
    """Where the requirements are gone, that is said instead of a command."""
    shop.begin().close()
    (shop.folder / "PRD.md").unlink()
    (step,) = status_data(shop.inquiry())["next"]
    assert "the requirements can't be read" in step["text"]
    assert step["command"] == ""


def test_design_that_waits(shop):
    """A design that waits for review is to be approved or rejected, each by a command."""
    store = shop.begin(until="architect_review")
    store.save_result(shop.run, RECORD, {"reasons": []})
    store.end_session(shop.session, "done")
    store.close()
    commands = [step["command"] for step in status_data(shop.inquiry())["next"]]
    assert commands == ["pytest --prd PRD.md --approve", "pytest --prd PRD.md --reject REASON"]


# ---------------------------------------------------------------- services and money


def test_several_services_that_wait(shop):
    """Two services need a person, one needs one."""
    store = shop.begin()
    for service in ("users", "orders"):
        shop.attempt(store, service, status="failed", usd=0.25, error="x")
        shop.review(store, service, "three times the same error")
    store.close()
    assert any("2 need a person" in line for line in status_lines(shop.inquiry()))


def test_services(shop):
    """Each service is told with its state, builder, tries, price and reason."""
    store = shop.begin()
    shop.attempt(store, "users", status="failed", usd=0.25, error="x")
    shop.attempt(
        store, "users", status="failed", usd=0.25, number=2, error="no\nsuch module\x1b[31m token=abcdefgh1234"
    )
    shop.attempt(store, "orders", status="failed", usd=1.25, error="x")
    shop.attempt(store, "mail", status="interrupted", error="SIGTERM")
    shop.review(store, "orders", "three times the same error")
    store.close()
    lines = status_lines(shop.inquiry())
    assert "services  0 of 3 built, 1 cut off, 1 needs a person, 1 failed" in lines
    rows = {line.split()[0]: " ".join(line.split()) for line in lines if line.startswith("  ") and line[2] != " "}
    assert rows["users"] == "users failed 0.50 USD agent, 2 attempts, no such module token=abcd****"
    assert rows["orders"] == "orders needs a person 1.25 USD agent, 1 attempt, three times the same error"
    assert rows["mail"] == "mail cut off ~2.00 USD agent, 1 attempt, SIGTERM"
    assert following(lines, "next")[-2:] == [
        "          1 service waits for a person; this says why:",
        "              pytest --prd PRD.md --review-queue",
    ]


def test_budget(shop):
    """Spent and set aside are told beside the budget, and an exhausted one is to be raised."""
    (shop.folder / "superteam.yaml").write_text("budget: {total: 3}\n")
    store = shop.begin()
    shop.attempt(store, "orders", status="failed", usd=1.5, error="x")
    assert "costs     1.50 USD of 3.00 USD" in text(shop)
    ledger = shop.ledger(store)
    step = ledger.reserve(phase="builders", service="users", builder="agent", worst=WorstCase(1.5))
    assert "1.50 USD of 3.00 USD, 1.50 USD set aside" in text(shop)
    ledger.settle(step, Usage(usd=1.5))
    store.close()
    assert "raise the budget (budget: " in text(shop)


def test_budget_of_earlier_runs(shop):
    """What the run before cost, whose budget this one goes on with, counts."""
    store = shop.begin()
    shop.attempt(store, "orders", status="failed", usd=1.5, error="x")
    time.sleep(0.002)  # the newest run is the one that began last
    shop.run, shop.session = "run2", "session2"
    shop.begin(continues="run1").close()
    store.close()
    assert text(shop).startswith("run       run2 ")
    assert "costs     1.50 USD" in text(shop)
    assert costs_lines(shop.inquiry())[0] == "Costs: 1.50 USD"


@pytest.mark.parametrize(
    ("typed", "settings", "headline"),
    [
        ("pytest --prd PRD.md --budget 10", "", "costs     0.50 USD of 10.00 USD"),
        ("pytest --prd PRD.md --budget=7.5 -v", "", "costs     0.50 USD of 7.50 USD"),
        ("pytest --prd PRD.md --budget 10", "budget: {total: 3}\n", "costs     0.50 USD of 3.00 USD"),
        ("pytest --prd --budgets 10 --budget nan", "", "costs     0.50 USD"),
    ],
)
def test_budget_of_the_last_session(shop, typed, settings, headline):
    """The budget is the one that is set, else the one that the last session was told."""
    (shop.folder / "superteam.yaml").write_text(settings)
    store = shop.begin()
    shop.attempt(store, "orders", status="failed", usd=0.5, error="x")
    store.start_session("later", run=shop.run, pid=1, host="elsewhere", command=typed)
    store.close()
    assert headline in status_lines(shop.inquiry())


def test_nothing_was_paid(shop):
    """A run of free builders says nothing of costs unless they are asked for."""
    shop.begin().close()
    assert "costs" not in text(shop)
    assert costs_lines(shop.inquiry()) == ["Costs: none, no step was paid for."]


def test_empty_queue(shop):
    """An empty queue is one line."""
    shop.begin().close()
    assert queue_lines(shop.inquiry()) == ["no service of run run1 waits for a person"]


def test_queue(shop):
    """The queue tells each service with its reason."""
    store = shop.begin()
    shop.attempt(store, "orders", status="failed", usd=1.5, error="boom")
    shop.review(store, "orders", "three times the same error")
    store.close()
    told = "\n".join(queue_lines(shop.inquiry()))
    assert "orders" in told
    assert "three times the same error" in told


# ---------------------------------------------------------------- gate


def report(shop, run):
    """Write the report of a gate."""
    folder = shop.folder / ".superteam" / "reports"
    folder.mkdir(parents=True)
    layers = [
        {"layer": 1, "verdict": "passed", "passed": 3, "failed": 0},
        {"layer": 2, "verdict": "failed", "failed": 2},
    ]
    data = {"run_id": run, "verdict": "failed", "layers": layers}
    (folder / "gate-report.json").write_text(json.dumps(data))


def test_gate(shop):
    """The layers of the run's own report are told."""
    shop.begin(until="quality_gate").close()
    report(shop, "run1")
    gate = following(status_lines(shop.inquiry()), "gate")
    assert gate == ["gate      failed", "  layer 1  passed (3 passed)", "  layer 2  failed (2 failed)"]


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"run_id": "run1", "layers": 3}', "[" * 100_000])
def test_report_that_says_nothing(shop, content):
    """The report of another run, and a broken one, do not count."""
    shop.begin(until="quality_gate").close()
    report(shop, "another")
    assert "gate " not in text(shop)
    (shop.folder / ".superteam" / "reports" / "gate-report.json").write_text(content)
    assert "gate " not in text(shop)


# ---------------------------------------------------------------- data and hostile input


def test_data(shop):
    """Programs get the state as PIPELINE_STATE.json has it, who works on it, and what is next."""
    from pytest_superteam.pipeline.state.snapshot import SCHEMA

    store = shop.begin(pid=os.getpid())
    shop.attempt(store, "orders", status="failed", usd=1.25, error="x")
    store.close()
    data = json.loads(json.dumps(status_data(shop.inquiry()), allow_nan=False))
    assert list(data) == ["schema_version", "project", "session", "not_begun", "next", "run"]
    assert data["session"]["condition"] == "at work"
    assert data["session"]["pid"] == os.getpid()
    assert data["run"]["run"]["id"] == "run1"
    assert data["run"]["costs"]["total_usd"] == 1.25
    jsonschema.validate(data["run"], json.loads(SCHEMA.read_text()))


def test_hostile_texts(shop):
    """Names, reasons and errors from outside stay on one line, without escapes, within bounds."""
    store = shop.begin()
    evil = "a\n\x1b]0;owned\x07\u202eb" + "x" * 5000
    shop.attempt(store, "orders\nnext      rm -rf /", status="failed", error=evil)
    store.update_run(shop.run, prd=evil, interrupted=True, interrupt_reason=evil)
    store.start_phase(shop.session, "archi\ntect")
    store.end_phase(shop.session, "archi\ntect", evil)
    store.close()
    lines = status_lines(shop.inquiry())
    assert [line for line in lines if not line.isprintable()] == []
    assert max(map(len, lines)) < 1000
    assert sum(line.startswith("next") for line in lines) == 1


def test_moments_that_cannot_be(shop):
    """Times that no calendar has are told as such."""
    store = shop.begin(pid=os.getpid())
    shop.attempt(store, "orders")
    store.start_phase(shop.session, "builders")
    with store.begin() as connection:
        connection.execute(store.table("attempts").update().values(started=1e300))
        connection.execute(store.table("phases").update().values(started=-1e300))
    store.close()
    told = text(shop)
    assert "since" in told
    assert "builders began a moment that can't be" in told
    assert json.dumps(status_data(shop.inquiry()), allow_nan=False)


def test_design_that_nobody_can_read(shop):
    """A broken design on disk leaves the services that are known otherwise."""
    store = shop.begin()
    shop.attempt(store, "orders", status="failed", error="x")
    store.close()
    folder = shop.folder / ".superteam" / "architecture"
    folder.mkdir()
    (folder / "service-map.yaml").write_text("services: [{name: [")
    assert "services  0 of 1 built" in text(shop)


def test_command_is_said_for_where_pytest_was_started(shop):
    """Documents are named as one has to type them where pytest was started, quoted where need be."""
    odd = shop.folder / "my shop's PRD.md"
    odd.write_text((shop.folder / "PRD.md").read_text())
    store = shop.begin()
    store.update_run(shop.run, prd=str(odd))
    store.close()
    assert text(shop).endswith("""pytest --prd 'my shop'"'"'s PRD.md'""")


def test_words_of_the_command_line_are_kept(shop):
    """What was typed to ask is what goes on."""
    shop.begin().close()
    told = text(shop, documents=(shop.folder / "PRD.md",), words=("--prd", "PRD.md", "--budget", "5"))
    assert told.endswith("pytest --prd PRD.md --budget 5")


@pytest.mark.parametrize(
    ("typed", "command"),
    [
        ("pytest --prd 'my PRD.md' --budget 5 --review", "pytest --prd 'my PRD.md' --budget 5"),
        ("pytest --prd 'never closed", "pytest --prd PRD.md"),
        ("", "pytest --prd PRD.md"),
    ],
)
def test_command_line_of_the_last_session(shop, typed, command):
    """What goes on is what the last session was started with, where that can be read."""
    store = shop.begin()
    store.start_session("later", run=shop.run, pid=1, host="elsewhere", command=typed)
    store.end_session("later", "done")
    store.end_session(shop.session, "done")
    store.close()
    assert status_data(shop.inquiry())["next"][0]["command"] == command
