"""The command line that runs one item again: what it names, how it is quoted, and where there is none."""

from __future__ import annotations

import shlex
from dataclasses import replace

import pytest

from pytest_superteam.models import Alone, Outcome
from pytest_superteam.reports.findings import blocking
from pytest_superteam.reports.reproducing import reproduce_item, reproduce_line, reproduce_requirement

SCAN = "layer3::test_scan[auth-service-SEC-001]"


@pytest.fixture
def known(make):
    """Return a function that makes a report whose run was started above the document's folder."""

    def report(*items, alone=("pytest --prd 'my docs/PRD.md'", "my docs/PRD.md", ".."), **changes):
        return replace(make.report(items or [make.item(Outcome.FAILED)], **changes), alone=Alone(*alone))

    return report


def row(name="REQ-1", status="unproven", *ids, blocks=True, **changes):
    """Return a row of the matrix of requirements."""
    items = [{"id": nodeid, "outcome": outcome} for nodeid, outcome in ids]
    values = {"line": 7, "priority": "Must", "reason": "no check", "text": "A text."}
    return {"id": name, "status": status, "items": items, "blocks": blocks, **values, **changes}


def test_an_item_of_the_gate_is_named_by_the_file_as_it_was_given(known):
    """The id's own path, which starts at rootdir, gives way to the path from where the run was started."""
    report = known()
    (found,) = blocking(report)
    line = reproduce_line(report, found)
    assert line == "pytest --prd 'my docs/PRD.md' 'my docs/PRD.md::layer3::test_scan[auth-service-SEC-001]'"
    assert shlex.split(line)[-1] == f"my docs/PRD.md::{SCAN}"


@pytest.mark.parametrize(
    "param", ["it's", 'a "b" $HOME `id`', "a;rm -rf /", "x&&y|z>f", "[a][b]", "a b", "\\u00fc/..\\n", "*?~#!"]
)
def test_no_id_means_anything_to_a_shell(known, param):
    """Whatever stands between the brackets is one word to a shell, and the same one."""
    nodeid = f"PRD.md::layer2::test_flow[{param}]"
    assert shlex.split(reproduce_item(known(), nodeid))[-1] == f"my docs/PRD.md::layer2::test_flow[{param}]"


def test_a_test_of_the_project_is_named_from_where_the_run_was_started(known):
    """Its id starts at rootdir, which may be another folder."""
    line = reproduce_item(known(), "tests/test_own.py::TestShop::test_total[a b]")
    assert shlex.split(line)[-1] == "../tests/test_own.py::TestShop::test_total[a b]"


@pytest.mark.parametrize(
    ("alone", "nodeid"),
    [
        (("", "PRD.md"), f"PRD.md::{SCAN}"),
        (("pytest", "PRD.md"), ""),
        (("pytest", "PRD.md"), "PRD.md"),
        (("pytest", ""), f"PRD.md::{SCAN}"),
        (("pytest", "a [1]/PRD.md"), f"PRD.md::{SCAN}"),
        (("pytest", "a::b/PRD.md"), f"PRD.md::{SCAN}"),
    ],
    ids=["no command", "no item", "no item of the file", "no file", "brackets", "colons"],
)
def test_where_nothing_can_be_pasted_there_is_no_line(known, alone, nodeid):
    """What follows the first bracket or the first `::` is read by pytest in its own way, so no wrong line is shown."""
    assert reproduce_item(known(alone=alone), nodeid) == ""


def test_no_path_is_taken_for_an_option(known):
    """A document whose name begins with a hyphen, or with the sign of a file of arguments, gets a folder before it."""
    for name in ("-x.md", "@x.md"):
        assert shlex.split(reproduce_item(known(alone=("pytest", name)), f"PRD.md::{SCAN}"))[-1] == f"./{name}::{SCAN}"


def test_a_secret_of_the_command_line_is_masked(known):
    """A database's password is not shown, though the line can't be pasted then."""
    report = known(alone=("pytest --state-url postgresql://me:hunter2hunter2@db/x", "PRD.md"))
    assert "hunter2" not in reproduce_item(report, f"PRD.md::{SCAN}")


def test_a_requirement_that_blocks_is_told_again_by_what_it_rests_on(known):
    """Its checks are run with the option that makes it block; without any, or with many, all of the gate is."""
    ids = [(f"PRD.md::layer2::test_flow[{n}]", "passed") for n in range(11)]
    report = known(requirements=(row("REQ-1", "unproven", *ids[:2]), row("REQ-2"), row("REQ-3", "unproven", *ids)))
    lines = [reproduce_line(report, found) for found in blocking(report) if found.code == "UNPROVEN"]
    whole = "pytest --prd 'my docs/PRD.md' --require-traced"
    assert lines == [
        f"{whole} 'my docs/PRD.md::layer2::test_flow[0]' 'my docs/PRD.md::layer2::test_flow[1]'",
        whole,
        whole,
    ]


def test_of_a_failing_requirement_what_failed_is_run(known):
    """What passed is left out, and a requirement that is proven has no line."""
    ids = (("PRD.md::layer2::test_flow[a]", "passed"), ("tests/test_a.py::test_b", "failed"))
    report = known(requirements=(row("REQ-1", "failing", *ids, blocks=False), row("REQ-2", "proven", *ids)))
    assert reproduce_requirement(report, "REQ-1").endswith("/PRD.md' ../tests/test_a.py::test_b")
    assert [reproduce_requirement(report, name) for name in ("REQ-2", "REQ-9")] == ["", ""]
