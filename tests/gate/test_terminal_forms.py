"""What a session says on its terminal: nothing twice, nothing of our innards, as wide and colourful as it may be."""

from __future__ import annotations

import re

import pytest

from pytest_superteam.gate.verdict import Verdict

WEAK = '\n\ndef read(token):\n    return jwt.decode(token, options={"verify_signature": False})\n'
FOUND = "PRD.md::layer3::test_scan[shop-service-SEC-003]"
ONLY = ("--prd", "PRD.md", "-m", "layer3", "-k", "SEC-003")


@pytest.fixture
def weak(project, monkeypatch):
    """Return a project whose services have one weakness each, on a wide terminal that is no CI system's."""
    (project.path / "extra.py").write_text("import jwt" + WEAK, encoding="utf-8")
    for name in ("CI", "BUILD_NUMBER", "NO_COLOR", "FORCE_COLOR", "PY_COLORS", "GITHUB_ACTIONS"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("COLUMNS", "160")
    return project


def test_a_finding_is_told_once(weak):
    """It stands in our list, and as one line in pytest's short summary; pytest's own sections leave it out."""
    result = weak.runpytest(*ONLY)
    text = result.stdout.str()
    result.assert_outcomes(failed=2, deselected=result.parseoutcomes()["deselected"])
    assert " FAILURES " not in text
    assert text.count("What blocks (2)") == 1
    (line,) = [line for line in text.splitlines() if line.startswith(f"FAILED {FOUND}")]
    assert re.match(r".* - SEC-003 main\.py:\d+ JWT signature not verified: Verify before", line)
    assert "Traceback" not in text
    assert "fixtures.py" not in text
    assert "reports: .superteam/reports" in text


def test_the_projects_own_failures_are_shown(weak):
    """What a test of the project says is shown whole, as ever."""
    weak.makepyfile(test_own="def test_own_SEC_003():\n    assert 1 == 2\n")
    result = weak.runpytest("--prd", "PRD.md", "-k", "SEC-003 or SEC_003")
    text = result.stdout.str()
    assert text.count(" FAILURES ") == 1
    assert "E       assert 1 == 2" in text
    assert "_ test_scan" not in text
    assert "3 failed" in text


@pytest.mark.parametrize("style", ["no", "short", "line"])
def test_traceback_styles(weak, style):
    """No style of tracebacks makes our own code show."""
    text = weak.runpytest(*ONLY, f"--tb={style}").stdout.str()
    assert "What blocks (2)" in text
    assert "verdict.py" not in text


def test_an_error_of_our_own_shows_its_traceback(weak, monkeypatch):
    """What nobody meant to say is a bug: pytest shows it whole, and the report names the kind of error."""

    def broken(self):
        raise TypeError("this is a bug")

    monkeypatch.setattr(Verdict, "enforce", broken)
    text = weak.runpytest_inprocess(*ONLY).stdout.str()
    assert " FAILURES " in text
    assert 'raise TypeError("this is a bug")' in text
    assert "FAILED PRD.md::layer3::test_scan[auth-service-SEC-003] - TypeError: this is a bug" in text


def test_advice(weak, monkeypatch):
    """Advisory findings are counted, and with -ra each is one line with its place."""
    (weak.path / "extra.py").write_text("\n\ndef f():\n    try:\n        g()\n    except Exception:\n        pass\n")
    words = ("--prd", "PRD.md", "-m", "layer4")
    text = weak.runpytest(*words).stdout.str()
    assert re.search(r"^Advisory: \d+ findings, none of them blocking \(listed with -ra or -v\)$", text, re.MULTILINE)
    assert "XFAIL" not in text
    text = weak.runpytest(*words, "-ra", "-v").stdout.str()
    assert re.search(r"^Advisory: \d+ findings, none of them blocking \(listed below\)$", text, re.MULTILINE)
    lines = [line for line in text.splitlines() if line.startswith("XFAIL PRD.md::layer4::test_review[shop-service")]
    assert len(lines) == 2
    assert all(re.search(r" - ADV-\d{3} main\.py:\d+ \S", line) for line in lines)


@pytest.mark.parametrize(
    ("option", "environment", "coloured"),
    [
        ((), {}, False),  # a pipe
        (("--color=yes",), {}, True),
        ((), {"FORCE_COLOR": "1"}, True),
        ((), {"PY_COLORS": "1"}, True),
        ((), {"NO_COLOR": "1", "FORCE_COLOR": "1"}, False),
        (("--color=no",), {"FORCE_COLOR": "1"}, False),
    ],
)
def test_colours(weak, monkeypatch, option, environment, coloured):
    """Our lines are coloured where pytest's are."""
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    lines = weak.runpytest(*ONLY, *option).stdout.str().splitlines()
    (blocks,) = [line for line in lines if "What blocks" in line]
    assert ("\x1b[" in blocks) is coloured
    assert any("\x1b[" in line for line in lines) is coloured


@pytest.mark.parametrize("columns", [40, 60, 80])
def test_narrow_terminals(weak, monkeypatch, columns):
    """What is ours fits, but for commands and ids."""
    monkeypatch.setenv("COLUMNS", str(columns))
    text = weak.runpytest(*ONLY).stdout.str()
    ours = text[text.index("gate: failed") : text.index("short test summary")].splitlines()[1:-1]
    copied = ("Repeat: ", "First of these again: ")
    assert len(ours) > 10
    assert [line for line in ours if len(line) > columns and not line.startswith(copied)] == []


def test_no_summary(weak):
    """Without a summary at most the verdict is told."""
    text = weak.runpytest(*ONLY, "--no-summary").stdout.str()
    assert "What blocks" not in text
    assert "2 failed" in text


def test_very_quiet(weak):
    """With -qq each thing that blocks is a row."""
    text = weak.runpytest(*ONLY, "-qq").stdout.str()
    rows = [line for line in text.splitlines() if line.startswith("SEC-003 ")]
    assert [row.split()[1] for row in rows] == ["auth-service", "shop-service"]
    assert "What blocks" not in text
