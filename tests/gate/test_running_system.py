"""`--system` on a system that somebody else runs: layer 2 calls it where it is, and leaves it running."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import httpx
import pytest
import yaml

sys.path.insert(0, str(Path(__file__).parents[1] / "checks"))

from found_service import CONTRACT, Notes
from library_service import serving

pytestmark = pytest.mark.slow

FIXTURE = """
import pathlib
import pytest

@pytest.fixture(scope="session")
def auth_token(worker_id="alone"):
    with open("asked.txt", "a") as file:
        file.write("asked\\n")
    return {token!r}
"""


@pytest.fixture
def notes():
    """Return a running service of theirs."""
    found = Notes()
    with serving(found.app()) as url:
        found.url = url
        yield found


@pytest.fixture
def system(pytester, notes):
    """Return a function that writes the system's folder and runs a gate on it."""

    def run(*arguments, files=None, **entry):
        service = {"name": "notes", "path": ".", "url": notes.url, "contract": "contract.yaml", **entry}
        kept = {key: value for key, value in service.items() if value}
        texts = {
            "superteam.yaml": yaml.safe_dump(
                {"depth": "quick", "timeouts": {"ready": 1}, "system": {"services": [kept]}}
            ),
            "contract.yaml": yaml.safe_dump(CONTRACT),
            "app.py": "x = 1\n",
            **(files or {}),
        }
        for name, text in texts.items():
            (pytester.path / name).write_text(text)
        return pytester.runpytest_subprocess("-p", "no:schemathesis", "--system", ".", *arguments)

    return run


def outcomes(pytester):
    """Return the outcome of each item of the report by its id."""
    report = json.loads((pytester.path / ".superteam/reports/gate-report.json").read_text())
    return {item["id"].partition("layer2::")[2]: item for item in report["items"] if item["layer"] == 2}


def test_operations_behind_the_door(system, pytester, notes):
    """Protected operations are tried with an account that the gate registers; what it can't do is named."""
    result = system("-m", "layer2", "-k", "conformance", reset="GET /resetdb")
    found = outcomes(pytester)
    tried = {name.partition("notes-")[2].rstrip("]") for name in found}
    assert tried >= {"get_me", "post_notes", "get_notes_note_title", "delete_notes_note_title", "get_feeds_number"}
    assert not any("resetdb" in name for name in found)
    named = [v["code"] for item in found.values() for v in item["violations"] if "not exercised" in v["message"]]
    assert set(named) <= {"SCHEMA-002"}
    assert not [item for item in found.values() if item["outcome"] == "error"]
    result.stdout.fnmatch_lines(["*notes: contract contract.yaml", "*it is called where it runs (layer 2)*"])
    assert (notes.resets, httpx.get(notes.url + "/notes").status_code) == (1, 200)
    assert notes.notes


def test_fixture_is_asked_by_layer_2_only(system, pytester, notes):
    """The project's `auth_token` lets the gate in; runs that call nothing do not ask it."""
    files = {"conftest.py": FIXTURE.replace('worker_id="alone"', "").format(token=notes.token("admin"))}
    system("-m", "layer3", "-k", "SEC-003", files=files)
    assert not (pytester.path / "asked.txt").exists()
    system("-m", "layer2", "-k", "get_me", files=files)
    assert (pytester.path / "asked.txt").read_text() == "asked\n"
    [item] = outcomes(pytester).values()
    assert item["outcome"] != "error"
    assert "SCHEMA-002" not in [violation["code"] for violation in item["violations"]]
    assert len([name for name in notes.people if name.startswith("gate")]) == 2  # the rows of a person, no caller


def test_in_two_processes(system, pytester, notes):
    """Workers of pytest-xdist call the system with what the first of them found out."""
    pytest.importorskip("xdist")
    result = system("-m", "layer2", "-k", "get_me or get_notes", "-n", "2", contract="")
    found = outcomes(pytester)
    assert {name.partition("notes-")[2].rstrip("]") for name in found} == {
        "get_me",
        "get_notes",
        "get_notes_note_title",
    }
    assert not [item for item in found.values() if item["outcome"] == "error"], result.stdout.str()
    assert len([name for name in notes.people if name.startswith("gate")]) == 3  # ours, and the two rows of a person


def test_collecting_calls_nothing(system, notes):
    """With a contract in the folder, looking at the items makes no call."""
    result = system("--collect-only", "-q", "-m", "layer2")
    result.stdout.fnmatch_lines(["superteam.yaml::layer2::test_conformance[[]notes-get_me]"])
    assert list(notes.people) == ["admin"]


def test_pasted_id(system, pytester):
    """An id of layer 2 runs that item."""
    system("--collect-only", "-q")
    result = pytester.runpytest_subprocess("superteam.yaml::layer2::test_conformance[notes-get_notes]")
    result.assert_outcomes(passed=1)


def test_service_that_is_down(system, pytester):
    """A service that does not answer makes its items errors that name it and its address."""
    system("-m", "layer2", "-k", "get_me", url="http://127.0.0.1:9")
    [item] = outcomes(pytester).values()
    assert item["outcome"] == "error"
    assert "system.services: notes: not ready after" in item["reason"]
