"""The two logs of a run: what stands in them, and that nothing can make them break a run."""

from __future__ import annotations

import errno
import json
import os
import re
import subprocess
import sys

import pytest

from pytest_superteam.pipeline.files import Layout
from pytest_superteam.pipeline.watch import journal, log
from pytest_superteam.pipeline.watch.log import RunLog

AT = 1_765_362_601.25  # 2025-12-10T10:30:01.250Z


@pytest.fixture
def layout(tmp_path):
    return Layout(tmp_path)


@pytest.fixture
def taken(layout):
    return RunLog(layout, "run1", "session1", clock=lambda: AT)


def events(layout):
    return [json.loads(line) for line in layout.events.read_text(encoding="utf-8").splitlines() if line]


def entries(layout):
    """Return the lines of the run log that are about events."""
    return [line for line in layout.run_log.read_text(encoding="utf-8").splitlines() if line.startswith("- ")]


def test_a_session_has_head_entries_and_summary(layout, taken):
    """A session's part of the run log has a head, a line for each event and a summary."""
    taken.begin(title="PRD.md", services=("auth", "shop"))
    taken.emit("routing", "shop: builder fake, the only one", service="shop")
    taken.emit("retry", "attempt 2 of 3 in 5 s", level="warning", service="shop")
    taken.emit(
        "quality_gate", "the gate failed", level="error", checks={"layer1": True, "layer_2": False}, seconds=45.2
    )
    taken.end(verdict="failed", seconds=1500, usd=0.85, completed=1, failed=1, review=0)
    assert layout.run_log.read_text(encoding="utf-8") == (
        "\n## Run: run1\n\n**Started**: 2025-12-10T10:30:01.250Z\n\n**Session**: session1\n\n**Document**: PRD.md\n\n"
        "**Tasks**: auth, shop\n\n### Execution Log\n\n"
        "- `10:30:01` ℹ️  **routing**: shop: builder fake, the only one\n"  # noqa: RUF001  # the sign for information
        "- `10:30:01` ⚠️  **retry**: attempt 2 of 3 in 5 s (task=shop)\n"
        "- `10:30:01` ❌ **quality_gate**: the gate failed (45.2s)\n"
        "  - ❌ layer_2 failed\n"
        "\n### Run Summary\n\n**Ended**: 2025-12-10T10:30:01.250Z\n\n**Verdict**: failed\n\n"
        "**Total Duration**: 1500.0s\n\n**Total Cost**: $0.85\n\n**Tasks Completed**: 1\n\n**Tasks Failed**: 1\n\n"
        "**Tasks Needing Review**: 0\n\n---\n"
    )


def test_a_resumed_session_says_why(layout, taken):
    """The head of a session that goes on with a run says so."""
    taken.begin(title="PRD.md", services=(), resumed="which was interrupted")
    text = layout.run_log.read_text(encoding="utf-8")
    assert "**Resumed**: which was interrupted\n" in text
    assert "**Tasks**" not in text


def test_costs_are_told_once(layout, taken):
    """What a step cost is added where the message does not say it, an estimate marked, an unknown price left out."""
    taken.emit("cost", "paid", usd=0.0045, model="large", seconds=12.3)
    taken.emit("cost", "paid", usd=2.5, estimated=True)
    taken.emit("cost", "paid", usd=0.0, unknown=True)
    taken.emit("cost", "paid 1.25 USD", usd=1.25)
    tails = [line.partition("**: ")[2] for line in entries(layout)]
    assert tails == ["paid (large, cost=$0.0045, 12.3s)", "paid (cost=~$2.5000)", "paid", "paid 1.25 USD"]


def test_an_event_is_a_line_of_json(layout, taken):
    """An event has time, kind, level, service, message, run, session and data in its line."""
    taken.emit("attempt", "attempt 2", service="shop", number=2, status="running")
    assert events(layout) == [
        {
            "at": "2025-12-10T10:30:01.250Z",
            "kind": "attempt",
            "level": "info",
            "service": "shop",
            "message": "attempt 2",
            "run": "run1",
            "session": "session1",
            "data": {"number": 2, "status": "running"},
        }
    ]


SECRET = "sk_live_0123456789abcdefghijklmn"


@pytest.mark.parametrize(
    "given",
    [
        {"message": f"called with {SECRET}"},
        {"message": "x", "error": f"denied: Bearer {SECRET}"},
        {"message": "x", "deep": [{"env": f"API_KEY={SECRET}"}]},
        {"message": "x", "password": "hunter2-hunter2"},
        {"message": "x", "service": f"shop?token={SECRET}"},
    ],
)
def test_secrets_are_masked(layout, taken, given):
    """No secret of a message, a service or data stands in either log."""
    taken.emit("builder", **given)
    text = layout.events.read_text() + layout.run_log.read_text(encoding="utf-8")
    assert SECRET not in text
    assert "hunter2-hunter2" not in text
    assert len(events(layout)) == 1


@pytest.mark.parametrize(
    ("message", "shown"),
    [
        ("one\ntwo\r\nthree", "one two three"),
        ("\x1b[31mred\x1b[0m \x07bell", "red bell"),
        ("## Run: x", "## Run: x"),  # within a line, where it is no heading
        ("*a* _b_ `c` [d](e) <f> | ~g~ \\", r"\*a\* \_b\_ \`c\` \[d\](e) \<f> | \~g\~ " + "\\\\"),
        ("builders_running", "builders_running"),
        ("&lt;b&gt; __init__", r"\&lt;b\&gt; \_\_init\_\_"),
        ("\u202eevil\u2028line", "evil line"),
        ("\udcff", ""),
    ],
)
def test_hostile_text_stays_on_its_line(layout, taken, message, shown):
    """Text from outside neither breaks out of its line nor means anything in Markdown or to a terminal."""
    taken.emit("builder", message)
    assert entries(layout) == [f"- `10:30:01` ℹ️  **builder**: {shown}"]  # noqa: RUF001  # the sign for information
    assert len(events(layout)) == 1


class Hostile:
    def __str__(self):
        raise RuntimeError("no")


@pytest.mark.parametrize(
    "value",
    [Hostile(), float("nan"), float("inf"), 10**5000, {1: {2: {3: {4: {5: {6: 7}}}}}}, {"x": object()}, {Hostile(): 1}],
    ids=["str", "nan", "inf", "huge", "deep", "object", "key"],
)
def test_data_that_is_no_data_breaks_nothing(layout, taken, value):
    """Whatever is handed over as data, emitting returns and leaves whole lines of JSON."""
    taken.emit("builder", "before")
    taken.emit("builder", "x", given=value)
    taken.emit("builder", "after")
    messages = [event["message"] for event in events(layout)]
    assert (messages[0], messages[-1]) == ("before", "after")


def test_large_data_is_cut(layout, taken):
    """A line stays below the length that is read back, whatever was handed over."""
    taken.emit("builder", "x" * 100_000, error="y" * 100_000, many=list(range(100_000)))
    assert layout.events.stat().st_size < 10_000


def test_several_processes_write_whole_lines(tmp_path, layout):
    """Lines of several processes at once do not mix, and none is lost."""
    script = (
        "import sys; from pathlib import Path\n"
        "from pytest_superteam.pipeline.files import Layout\n"
        "from pytest_superteam.pipeline.watch.log import RunLog\n"
        "log = RunLog(Layout(Path(sys.argv[1])), 'r', 's')\n"
        "[log.emit('builder', f'{sys.argv[2]} {n} ' + 'x' * 900) for n in range(200)]\n"
    )
    writers = [subprocess.Popen([sys.executable, "-c", script, str(tmp_path), str(n)]) for n in range(3)]
    assert [writer.wait(timeout=60) for writer in writers] == [0, 0, 0]
    told = [event["message"].split()[:2] for event in events(layout)]
    assert sorted(told) == sorted([str(writer), str(n)] for writer in range(3) for n in range(200))
    assert len(entries(layout)) == 600


def test_a_full_disk_costs_lines_only(layout, taken, monkeypatch):
    """What a full disk cuts off stays half a line, which no reader takes for an event; what follows is whole again."""
    write = os.write
    taken.emit("builder", "one")
    monkeypatch.setattr(journal.os, "write", lambda handle, data: write(handle, data[:20]))
    taken.emit("builder", "two")

    def full(_handle, _data):
        raise OSError(errno.ENOSPC, "no space left on device")

    monkeypatch.setattr(journal.os, "write", full)
    taken.emit("builder", "three")
    taken.begin(title="x", services=())
    taken.end(verdict="passed", seconds=1, usd=0, completed=0, failed=0, review=0)
    monkeypatch.undo()
    taken.emit("builder", "four")
    lines = layout.events.read_text().splitlines()
    assert [json.loads(lines[0])["message"], json.loads(lines[2])["message"]] == ["one", "four"]
    assert len(lines) == 3
    assert len(lines[1]) == 20


def test_a_limit_of_the_system_costs_lines_only(tmp_path):
    """A process that may not write more goes on."""
    script = (
        "import resource, sys; from pathlib import Path\n"
        "from pytest_superteam.pipeline.files import Layout\n"
        "from pytest_superteam.pipeline.watch.log import RunLog\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (2000, 2000))\n"
        "log = RunLog(Layout(Path(sys.argv[1])), 'r', 's')\n"
        "[log.emit('builder', str(n)) for n in range(100)]; print('went on')\n"
    )
    done = subprocess.run([sys.executable, "-c", script, tmp_path], capture_output=True, text=True, check=True)
    assert done.stdout == "went on\n"
    assert (tmp_path / ".superteam" / "events.jsonl").stat().st_size == 2000


def test_a_large_log_is_put_aside(layout, taken, monkeypatch):
    """When a session begins, a log that has grown large makes way, in place of the one before; a small one goes on."""
    monkeypatch.setattr(log, "LARGE", 5000)
    for turn in range(3):
        taken.begin(title="x", services=())
        taken.emit("builder", f"turn {turn}")
        for _ in range(40):
            taken.emit("builder", "x" * 100)
    names = sorted(path.name for path in layout.state.iterdir())
    assert names == ["events.1.jsonl", "events.jsonl", "run-log.1.md", "run-log.md"]
    assert events(layout)[0]["message"] == "turn 2"
    assert "turn 1" in (layout.state / "events.1.jsonl").read_text()
    monkeypatch.setattr(log, "LARGE", 1 << 20)
    taken.begin(title="x", services=())
    assert events(layout)[0]["message"] == "turn 2"


def test_a_log_does_not_grow_for_ever(layout, taken, monkeypatch):
    """A log that has reached its bound says so once, and takes no more."""
    monkeypatch.setattr(log, "MOST", 5000)
    for n in range(200):
        taken.emit("builder", f"line {n}")
    assert layout.events.stat().st_size <= 5500
    assert layout.run_log.stat().st_size <= 5500
    assert [event["message"] for event in events(layout)].count(log._FULL) == 1
    assert events(layout)[-1]["message"] == log._FULL
    assert layout.run_log.read_text(encoding="utf-8").rstrip().endswith(log._FULL)


@pytest.mark.parametrize("name", ["events.jsonl", "run-log.md"])
def test_a_link_is_not_followed(layout, taken, tmp_path, name):
    """A log that somebody made a link is not written through, and is replaced when a session begins."""
    victim = tmp_path / "victim"
    victim.write_text("mine")
    layout.state.mkdir()
    (layout.state / name).symlink_to(victim)
    taken.emit("builder", "x")
    assert victim.read_text() == "mine"
    taken.begin(title="x", services=())
    taken.emit("builder", "x")
    assert victim.read_text() == "mine"
    assert not (layout.state / name).is_symlink()


def test_a_pipe_holds_nobody_up(layout, taken):
    """A log that somebody made a pipe without a reader costs its lines only."""
    layout.state.mkdir()
    os.mkfifo(layout.events)
    taken.emit("builder", "x")
    assert re.search(r"builder\*\*: x", layout.run_log.read_text(encoding="utf-8"))


def test_a_folder_that_is_none_breaks_nothing(layout, taken):
    """A state folder that can't be made costs lines only."""
    layout.state.write_text("in the way")
    taken.begin(title="x", services=())
    taken.emit("builder", "x")
    assert layout.state.read_text() == "in the way"
