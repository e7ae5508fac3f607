"""Files that options and the machine ask for, and the comparison with another report, in whole sessions."""

from __future__ import annotations

import json

import jsonschema
import pytest

from pytest_superteam.reports.json_report import SCHEMA

RUN = ("--prd", "PRD.md", "-m", "layer3", "-k", "SECRET-001", "-p", "no:html", "-p", "no:metadata")
"""Two items of each service, on their source."""
LEAK = 'BACKUP_KEY = "AKIA' + 'Q3EGRIPYKHT7WVBZ"\n'
REPORT = ".superteam/reports/gate-report.json"


@pytest.fixture
def leaky(project):
    """Return the project with a builder that leaves a key in the source of both services."""
    (project.path / "extra.py").write_text(LEAK, encoding="utf-8")
    return project


def mend(project, service="auth-service"):
    """Take the key out of a service."""
    main = project.path / "services" / service / "main.py"
    main.write_text(main.read_text(encoding="utf-8").replace(LEAK, ""), encoding="utf-8")


def report_of(project):
    """Return the gate report."""
    return json.loads((project.path / REPORT).read_text(encoding="utf-8"))


def test_the_diff_with_the_run_before(leaky):
    """The report that the run is about to clear can be named: one finding is mended, the other one is still there."""
    leaky.runpytest_inprocess(*RUN)
    assert report_of(leaky)["diff"] is None
    mend(leaky)
    result = leaky.runpytest_inprocess(*RUN, "--gate-diff", REPORT)
    result.assert_outcomes(failed=1, passed=1)
    data = report_of(leaky)
    jsonschema.Draft202012Validator(json.loads(SCHEMA.read_text(encoding="utf-8"))).validate(data)
    assert [entry["service"] for entry in data["diff"]["mended"]] == ["auth-service"]
    assert (data["diff"]["new"], data["diff"]["not_compared"]) == ([], [])
    violations = [v for item in data["items"] for v in item["violations"]]
    assert data["diff"]["unchanged"] == [v["fingerprint"] for v in violations]
    result.stdout.fnmatch_lines(
        [
            f"Since run {data['run_id']}: 0 new, 1 mended, 1 unchanged",
            "*Mended (1)",
            "*SEC-SECRET-001 auth-service main.py:*",
        ]
    )


def test_a_mended_system_passes_whatever_the_other_report_says(leaky):
    """The comparison changes no exit code: neither what is mended nor what is new does more than the gate itself."""
    leaky.runpytest_inprocess(*RUN)
    (leaky.path / REPORT).rename(leaky.path / "old.json")
    for service in ("auth-service", "shop-service"):
        mend(leaky, service)
    assert leaky.runpytest_inprocess(*RUN, "--gate-diff=old.json").ret == 0
    assert report_of(leaky)["diff"]["verdict"] == {"name": "verdict", "before": "failed", "after": "passed"}


@pytest.mark.parametrize(
    ("more", "line"),
    [
        (["none.json"], "--gate-diff: '*none.json' can't be read: No such file or directory. Name the gate-report*"),
        (["PRD.md"], "--gate-diff: '*PRD.md' is no JSON. Name the gate-report.json of another run."),
        (["none.json", "--until", "architect"], "--gate-diff: can't go with --until. Leave one of them out."),
        (["none.json", "--calibrate"], "--gate-diff: can't go with --calibrate. Leave one of them out."),
    ],
)
def test_a_report_that_can_not_be_compared_ends_the_run_before_it_begins(project, more, line):
    """One line, exit code 4, and nothing is designed or built."""
    result = project.runpytest_inprocess("--prd", "PRD.md", "--gate-diff", *more)
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines([f"ERROR: {line}"])
    assert not (project.path / ".superteam").exists()


def test_code_quality_and_step_summary(leaky, monkeypatch, spread):
    """Both are written once, whatever the number of workers; paths are those of the repository."""
    summary = leaky.path / "summary.md"
    summary.write_text("# Before\n", encoding="utf-8")
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(summary))
    (leaky.path / ".git").mkdir()
    result = leaky.runpytest_inprocess(*RUN, "--code-quality", "out/gl.json", *spread)
    result.assert_outcomes(failed=2)
    result.stdout.fnmatch_lines([f"code-quality: {leaky.path}/out/gl.json"])
    rows = json.loads((leaky.path / "out" / "gl.json").read_text(encoding="utf-8"))
    assert [row["location"]["path"] for row in rows] == [
        "services/auth-service/main.py",
        "services/shop-service/main.py",
    ]
    text = summary.read_text(encoding="utf-8")
    assert text.startswith("# Before\n## ")
    assert text.count("Gate failed: Shop") == 1
    assert text.endswith((leaky.path / ".superteam" / "reports" / "gate-report.md").read_text(encoding="utf-8") + "\n")


def test_files_are_written_where_nothing_could_be_built(project):
    """A session whose builders all failed has its files; nothing is built, or tried to be, for them."""
    conftest = project.path / "conftest.py"
    failing = 'raise BuildError("the elves are ill")\n        with Path("built.log")'
    text = conftest.read_text(encoding="utf-8").replace('with Path("built.log")', failing)
    conftest.write_text("from pytest_superteam.errors import BuildError\n" + text, encoding="utf-8")
    result = project.runpytest_subprocess("--prd", "PRD.md", "-m", "layer1", "--sarif", "s", "--code-quality", "c")
    assert result.ret == 1
    result.stdout.no_fnmatch_line("*INTERNALERROR*")
    assert json.loads((project.path / "s").read_text(encoding="utf-8"))["version"] == "2.1.0"
    assert json.loads((project.path / "c").read_text(encoding="utf-8"))
    assert report_of(project)["folders"] == {
        "auth-service": "services/auth-service",
        "shop-service": "services/shop-service",
        "system": "services",
    }


def test_what_can_not_be_written_is_told_and_changes_no_verdict(project, monkeypatch):
    """Each file that could not be written has its line, and the gate still passes."""
    (project.path / "taken").mkdir()
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", "taken")
    result = project.runpytest_inprocess(*RUN, "--sarif", "PRD.md/x", "--code-quality", "taken")
    assert result.ret == 0
    result.stdout.fnmatch_lines(
        [
            "--sarif: '*/PRD.md/x' can't be written: * Name another file.",
            "--code-quality: '*/taken' can't be written: * Name another file.",
            "GITHUB_STEP_SUMMARY: '*/taken' can't be written: it is no file. The same is in gate-report.md.",
        ]
    )
