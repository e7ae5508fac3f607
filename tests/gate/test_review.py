"""The review of a design: a session that waits, and one that approves or rejects."""

from __future__ import annotations

import sqlite3
from contextlib import closing

import pytest

PRD = ("--prd", "PRD.md")
REVIEW = (*PRD, "--review")


def one_line(result):
    """Return the only line that an early end prints."""
    assert result.ret == pytest.ExitCode.USAGE_ERROR, result.stdout.str()
    [line] = [line for line in [*result.errlines, *result.outlines] if line.startswith("ERROR: ")]
    return line


def rows(project, query):
    """Return what the run's database answers."""
    with closing(sqlite3.connect(project.path / ".superteam/state.db")) as connection:
        return connection.execute(query).fetchall()


def states(project):
    """Return the states of all runs, the oldest first."""
    return [state for (state,) in rows(project, "select state from runs order by started")]


def triggers(project):
    """Return the transitions so far."""
    return [name for (name,) in rows(project, "select trigger from transitions order by id")]


def test_review_stops(project, spread):
    """--review ends after the architecture with exit code 2, the tree, and how to approve or reject."""
    result = project.runpytest_subprocess(*REVIEW, *spread)
    assert result.ret == 2, result.stdout.str()
    result.stdout.fnmatch_lines(
        [
            "*shop-service (line *",
            "*GET /items  list_items, public (line *",
            "*2 of 2 more tries are left*",
            "approve: pytest *--prd PRD.md*--approve",
            "reject:  pytest *--prd PRD.md*--reject *",
        ]
    )
    assert states(project) == ["architect_review"]
    assert not (project.path / "services").exists()


def test_approve_goes_on(project, spread):
    """--approve goes on with the run that waits, up to its gate; a gate of which only a part ran does not end it."""
    project.runpytest(*REVIEW)
    result = project.runpytest_subprocess(*PRD, "--approve", "-m", "layer1", *spread)
    assert result.ret == 0, result.stdout.str()
    assert states(project) == ["quality_gate"]
    assert triggers(project)[:4] == ["start_architect", "architect_done", "approve_architecture", "contracts_ready"]


def test_approve_takes_the_edits(project):
    """What was edited during the review is what is built."""
    project.runpytest(*REVIEW)
    model = project.path / ".superteam/architecture/domain-model.yaml"
    model.write_text(model.read_text().replace("max_length: 50", "max_length: 7"))
    result = project.runpytest(*PRD, "--approve", "--until", "builders")
    result.stdout.fnmatch_lines(["superteam: architecture: edited by hand: domain-model.yaml"])
    contract = project.path / ".superteam/architecture/contracts/shop-service.openapi.yaml"
    assert "maxLength: 7" in contract.read_text()


def test_reviewing_again_goes_on_waiting(project):
    """--review again shows the same design, in the same run, with no try less."""
    project.runpytest(*REVIEW)
    assert project.runpytest(*REVIEW).ret == 2
    assert states(project) == ["architect_review"]


def test_reject_with_the_built_in_architect(project):
    """A rejection is recorded with its reason; the built-in architect says that the text has to change."""
    project.runpytest(*REVIEW)
    result = project.runpytest(*PRD, "--reject", "Items need a price")
    assert result.ret == 2
    result.stdout.fnmatch_lines(
        ["rejected (1): Items need a price", "*change the PRD, or service-map.yaml*", "*1 of 2 more tries*"]
    )
    assert states(project) == ["architect_review"]
    assert triggers(project) == ["start_architect", "architect_done", "reject_architecture", "architect_done"]


def test_two_more_tries_and_no_third(project):
    """After the last try a rejection fails the run, with exit code 1."""
    project.runpytest(*REVIEW)
    assert [project.runpytest(*PRD, "--reject", f"no {n}").ret for n in range(3)] == [2, 2, 1]
    assert states(project) == ["failed"]
    assert triggers(project)[-1] == "fail"
    assert "no design waits" in one_line(project.runpytest(*PRD, "--approve"))
    assert project.runpytest(*REVIEW).ret == 2
    assert states(project) == ["failed", "architect_review"]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--approve"], ["--approve", "no design waits for review"]),
        (["--reject", "bad"], ["--reject", "no design waits for review"]),
        (["--reject", " "], ["--reject", "no reason"]),
        (["--approve", "--reject", "bad"], ["--approve", "--reject"]),
        (["--approve", "--fresh"], ["--approve", "--fresh"]),
        (["--review", "--approve"], ["--review", "--approve"]),
        (["--approve", "--co"], ["--approve", "no design waits for review"]),
    ],
)
def test_nothing_to_decide(project, arguments, words):
    """A decision without a design that waits, or against another option, is one line and writes nothing."""
    line = one_line(project.runpytest(*PRD, *arguments))
    assert all(word in line for word in words), line
    assert not (project.path / ".superteam").exists()


@pytest.mark.parametrize("option", [["--review"], ["--approve"], ["--reject", "bad"]])
def test_without_a_prd(project, option):
    """An option of the review without a PRD is refused, not ignored."""
    assert f"{option[0]}: needs a PRD" in one_line(project.runpytest(*option))


@pytest.mark.parametrize("decision", [["--approve"], ["--reject", "bad"]])
def test_the_prd_changed_after_the_review(project, decision):
    """A design of another text can be neither approved nor rejected."""
    project.runpytest(*REVIEW)
    prd = project.path / "PRD.md"
    prd.write_text(prd.read_text().replace("max 50", "max 60"))
    assert "the PRD changed" in one_line(project.runpytest(*PRD, *decision))
    assert project.runpytest(*REVIEW).ret == 2
    assert states(project) == ["failed", "architect_review"]


def test_the_design_that_waits_is_gone(project):
    """What nobody reviewed is not approved: a design that was deleted has to be reviewed again."""
    project.runpytest(*REVIEW)
    (project.path / ".superteam/architecture.json").unlink()
    assert "gone" in one_line(project.runpytest(*PRD, "--approve"))


def test_collecting_decides_nothing(project):
    """--co with a decision lists what it would lead to and leaves the design waiting."""
    project.runpytest(*REVIEW)
    listed = project.runpytest(*PRD, "--approve", "--co", "-q")
    assert listed.ret == 0
    assert "PRD.md::layer1::test_builds[shop-service]" in listed.outlines
    assert project.runpytest(*PRD, "--reject", "bad", "--co", "-q").ret == 0
    assert states(project) == ["architect_review"]
    assert triggers(project) == ["start_architect", "architect_done"]


def test_collecting_with_review(project):
    """--co with --review lists the one phase and writes nothing."""
    result = project.runpytest(*REVIEW, "--co", "-q")
    assert [line for line in result.outlines if "::" in line] == ["PRD.md::phases::test_phase[architect]"]
    assert not (project.path / ".superteam").exists()


def test_a_project_that_reviews_always(project):
    """With `review: true` every run stops until its design, as it stands, has been approved."""
    config = project.path / "superteam.yaml"
    config.write_text(config.read_text() + "review: true\n")
    assert project.runpytest(*PRD).ret == 2
    assert project.runpytest(*PRD, "-m", "layer1").ret == 2
    assert project.runpytest(*PRD, "--approve", "-m", "layer1").ret == 0
    assert project.runpytest(*PRD, "-m", "layer1").ret == 0
    model = project.path / ".superteam/architecture/domain-model.yaml"
    model.write_text(model.read_text().replace("max_length: 50", "max_length: 7"))
    assert project.runpytest(*PRD, "-m", "layer1").ret == 2
    assert project.runpytest(*PRD, "--approve", "-m", "layer1").ret == 0
    assert project.runpytest(*PRD, "-m", "layer1").ret == 0


def test_a_run_without_review_goes_on(project):
    """A plain run does not wait for a review that its project does not ask for, and leaves the one that waits alone."""
    project.runpytest(*REVIEW)
    result = project.runpytest(*PRD, "-m", "layer1")
    assert result.ret == 0
    result.stdout.fnmatch_lines(["*goes on without the review that waits for this design*"])
    assert states(project) == ["architect_review", "quality_gate"]


@pytest.mark.parametrize("linked", [".superteam", ".superteam/architecture"])
def test_a_design_stays_in_the_project(project, tmp_path_factory, linked):
    """Where a folder of ours is a link that leads out of the project, nothing is written through it."""
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    link = project.path / linked
    link.parent.mkdir(exist_ok=True)
    link.symlink_to(elsewhere)
    line = one_line(project.runpytest(*PRD, "--until", "architect"))
    assert "leads out of" in line
    assert not list(elsewhere.iterdir())


def test_short_review(project):
    """-q says the counts in place of the tree, and still how to go on."""
    result = project.runpytest(*REVIEW, "-q")
    assert result.ret == 2
    result.stdout.fnmatch_lines(["Shop: 2 services, 2 entities, *", "approve: pytest --prd PRD.md -q *--approve"])
    result.stdout.no_fnmatch_line("*list_items*")


def test_review_of_named_tests(project):
    """A session that names other tests stops for the review as well, before any of them."""
    file = project.makepyfile(test_mine="def test_it(): raise SystemExit\n")
    assert project.runpytest(*REVIEW, str(file)).ret == 2
