"""What of a command line stays where one item is run again, and that the line runs that item and no other."""

from __future__ import annotations

import json
import shlex
from pathlib import Path
from types import SimpleNamespace

import pytest

from pytest_superteam.config import Config
from pytest_superteam.gate.alone import alone, kept_words
from pytest_superteam.models import Alone
from pytest_superteam.options import OPTIONS

PASSED_ON = [
    *("--prd", "--system", "--url", "--superteam-config", "--depth", "--superteam-output", "--builder", "--deploy"),
    *("--keep-up", "--budget", "--state-url", "--blocking-severity", "--promotion", "--baseline", "--calibrate"),
    "--review",
]
"""Options of ours that an item's outcome may depend on."""


def kept(line, paths=()):
    """Return what stays of a command line whose arguments are `paths`."""
    source = pytest.Config.ArgsSource
    config = SimpleNamespace(
        invocation_params=SimpleNamespace(args=shlex.split(line)),
        args=list(paths) or ["somewhere"],
        args_source=source.ARGS if paths else source.INVOCATION_DIR,
    )
    return shlex.join(kept_words(config))


@pytest.mark.parametrize(
    ("line", "paths", "expected"),
    [
        ("--prd PRD.md", (), "--prd PRD.md"),
        ("--prd=PRD.md -q -rA --tb short --tb=long -vv -xs -n4 -n 2 --dist load", (), "--prd=PRD.md"),
        ("--prd PRD.md -m layer3 -k 'a or b' -mlayer3 --deselect x", (), "--prd PRD.md"),
        ("--prd PRD.md PRD.md tests/", ("PRD.md", "tests/"), "--prd PRD.md"),
        ("PRD.md::layer3::test_scan[a-B-1]", ("PRD.md::layer3::test_scan[a-B-1]",), ""),
        (
            "--prd PRD.md --html r.html --self-contained-html --sarif s --code-quality c --gate-diff o",
            (),
            "--prd PRD.md",
        ),
        ("--junitxml=j --log-cli-level INFO --log-level=DEBUG --cov src --cov-report xml --system s", (), "--system s"),
        ("--prd P.md --fresh --from builders --fix 3 --reject 'too big' --approve --update-baseline", (), "--prd P.md"),
        ("--prd P.md --lf --sw --maxfail 3 --pdb --require-traced", (), "--prd P.md"),
        (
            "-c my.ini -o a=b -W error -p plug -pno:x --prd P.md",
            (),
            "-c my.ini -o a=b -W error -p plug -pno:x --prd P.md",
        ),
        ("--ds shop.settings --prd P.md tests", ("tests",), "--ds shop.settings --prd P.md"),
        ("--cov --prd P.md", (), "--prd P.md"),
        ("--system . .", (".",), "--system ."),
    ],
)
def test_what_only_shows_selects_or_writes_is_left_out(line, paths, expected):
    """Options with their values, and paths; what may decide an outcome stays, also where we don't know it."""
    assert kept(line, paths) == expected


def test_every_option_of_ours_is_decided_on():
    """A new option stays or is left out on purpose: its value is never taken for something else."""
    runs = [option for option in OPTIONS if not option.answers and option.flag not in {"--init", "--until"}]
    stay = []
    for option in runs:
        words = [option.flag, *(["VALUE"] if option.metavar else [])]
        left = kept(shlex.join([*words, "--keep-up"]))
        if left.startswith(option.flag) and option.flag != "--keep-up":
            assert left == shlex.join([*words, "--keep-up"])
            stay.append(option.flag)
        else:
            assert left in {"--keep-up", "--keep-up --keep-up"}
    assert sorted([*stay, "--keep-up"]) == sorted(PASSED_ON)


def reports_of(folder):
    """Return the gate report of a project."""
    (path,) = folder.rglob("gate-report.json")
    return json.loads(path.read_text(encoding="utf-8"))


def pasted(project, line):
    """Run a line as it was copied and return its result and the ids of the items of its report."""
    command, *words = shlex.split(line)
    assert command == "pytest"
    result = project.runpytest_inprocess(*words)
    return result, [item["id"] for item in reports_of(project.path)["items"]]


def test_the_line_of_a_finding_runs_its_item_alone(project):
    """Copied, it runs one item with the same outcome, and its own report says the same line again."""
    (project.path / "extra.py").write_text('TOKEN = "AKIA' + 'Q3EGRIPYKHT7WVBZ"\n', encoding="utf-8")
    project.runpytest_inprocess("--prd", "PRD.md", "-m", "layer3", "-q", "--sarif", "s.sarif")
    failed = [item for item in reports_of(project.path)["items"] if item["outcome"] == "failed"]
    line = failed[0]["reproduce"]
    assert line == f"pytest --prd PRD.md {shlex.quote(failed[0]['id'])}"
    result, ids = pasted(project, line)
    result.assert_outcomes(failed=1)
    assert ids == [failed[0]["id"]]
    assert reports_of(project.path)["items"][0]["reproduce"] == line


def test_the_line_holds_for_a_document_elsewhere(project):
    """The document lies in a folder with a space and with settings of pytest that the run did not use, nor this."""
    folder = project.path / "my docs"
    folder.mkdir()
    (project.path / "PRD.md").rename(folder / "PRD.md")
    (folder / "pytest.ini").write_text("[pytest]\naddopts = --no-such-option\n", encoding="utf-8")
    project.runpytest_inprocess("--prd=my docs/PRD.md", "-m", "layer3")
    item = reports_of(project.path)["items"][0]
    assert "-c" in shlex.split(item["reproduce"])
    result, ids = pasted(project, item["reproduce"])
    result.assert_outcomes(passed=1)
    assert [Path(nodeid).name for nodeid in ids] == [Path(item["id"]).name]


def test_a_conftest_of_where_the_run_was_started_is_loaded_again(project, monkeypatch):
    """A system elsewhere is looked at with the hooks of the folder that pytest was started in, also by an id."""
    system = project.path / "system" / "shop"
    system.mkdir(parents=True)
    (system / "main.py").write_text("from fastapi import FastAPI\napp = FastAPI()\n", encoding="utf-8")
    (system / "requirements.txt").write_text("fastapi\n", encoding="utf-8")
    start = project.mkdir("start")
    (start / "conftest.py").write_text(
        "def pytest_configure(config):\n    print('HOOKS OF THE START')\n", encoding="utf-8"
    )
    monkeypatch.chdir(start)
    project.runpytest_inprocess("--system", "../system", "-m", "layer3", "-s")
    result, ids = pasted(project, reports_of(project.path)["items"][0]["reproduce"] + " -s")
    result.stdout.fnmatch_lines(["*HOOKS OF THE START*"])
    assert len(ids) == 1


@pytest.mark.parametrize(("limit", "adopted", "more"), [(2, None, " --fix 0"), (0, None, ""), (2, "a system", "")])
def test_what_is_looked_at_again_is_not_mended(tmp_path, limit, adopted, more):
    """Where a run may mend what it finds, the line says that it shall not; a system that is there is never mended."""
    source = pytest.Config.ArgsSource.INVOCATION_DIR
    started = SimpleNamespace(args=("--prd", "PRD.md"), dir=tmp_path)
    config = SimpleNamespace(invocation_params=started, args=[], args_source=source, rootpath=tmp_path, inipath=None)
    gate = SimpleNamespace(run=SimpleNamespace(adopted=adopted, config=Config(fix=limit)), prd=tmp_path / "PRD.md")
    assert alone(config, gate) == Alone(f"pytest --prd PRD.md{more}", "PRD.md", ".")
