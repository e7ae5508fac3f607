"""A project is taken by one run at a time, and what dead ones left in it is cleared."""

from __future__ import annotations

import json
from types import SimpleNamespace

import pytest
from filelock import FileLock

from pytest_superteam.config import Config
from pytest_superteam.errors import UsageError
from pytest_superteam.pipeline import claiming
from pytest_superteam.pipeline.claiming import claim, clear, hold, unusable
from pytest_superteam.pipeline.files import Layout
from pytest_superteam.pipeline.state.store import StoreError


@pytest.fixture
def layout(tmp_path):
    return Layout(tmp_path)


def test_note(layout):
    """Whoever takes the project is written down, and the folder of runs is kept out of version control."""
    claim(layout, "session1").release()
    assert json.loads((layout.state / "run.json").read_text())["session"] == "session1"
    assert (layout.state / ".gitignore").read_text() == "*\n"


@pytest.mark.parametrize("option", ["--prd", "--system", "--clean-state"])
def test_taken_already(layout, option):
    """A project that is taken is refused in a line that names the option and who has it."""
    held = claim(layout, "session1")
    with pytest.raises(UsageError, match=rf"^{option}: another run \(pid \d+, since .*\) is at work in"):
        hold(layout, option=option)
    held.release()


@pytest.mark.parametrize("note", ["", "[]", "{}", "[" * 100_000])
def test_note_that_says_nothing(layout, note):
    """Where nobody can say who has the project, it is another run."""
    held = hold(layout)
    (layout.state / "run.json").write_text(note)
    with pytest.raises(UsageError, match=r"^--prd: another run is at work in"):
        hold(layout)
    held.release()


def test_process_of_a_killed_session(layout, monkeypatch):
    """The project stays free where a process of a killed session does not end; with its end it can be taken."""
    monkeypatch.setattr(claiming, "ENDING_SECONDS", 0.0)
    left = layout.locks / "session1" / "phase-builders.lock"
    left.parent.mkdir(parents=True)
    with (
        FileLock(left),
        pytest.raises(UsageError, match=r"^--clean-state: a process of a session that was killed is still at work"),
    ):
        hold(layout, option="--clean-state")
    hold(layout).release()
    assert not left.parent.exists()


def test_verdicts_of_others_go(layout):
    """The reports of an earlier run go; what is none of them stays."""
    layout.reports.mkdir(parents=True)
    (layout.reports / "gate-report.json").write_text("{}")
    (layout.reports / "gate-report.md").symlink_to("nowhere")
    (layout.reports / "gate-badge.svg").write_text("<svg/>")
    (layout.reports / "gate-report.d").mkdir()
    (layout.reports / "mine.txt").write_text("")
    assert clear(layout) == []
    assert sorted(path.name for path in layout.reports.iterdir()) == ["gate-report.d", "mine.txt"]


@pytest.mark.parametrize(
    ("url", "remedy", "told"),
    [
        (None, "Free some space.", "--prd: '{store}' can't be used: it is broken. Free some space."),
        (None, "", "--prd: '{store}' can't be used: it is broken. Look what has become of it."),
        ("postgresql://db/x", "", "--state-url: the database can't be used: it is broken. Check the address."),
    ],
)
def test_database_that_can_not_be_used(layout, url, remedy, told):
    """What is wrong with the database is told with what mends it, where somebody knows."""
    run = SimpleNamespace(config=Config(state_url=url), layout=layout)
    assert str(unusable("--prd", run, StoreError("it is broken", remedy))) == told.format(store=layout.store)
