"""What a person sees of a run while it goes, on a terminal and elsewhere; pytest's own output stays whole."""

from __future__ import annotations

import io
import re
import subprocess
import sys
import threading
from types import SimpleNamespace

import pytest
from pseudo_terminal import Screen, run_on_terminal

from pytest_superteam.gate import screens
from pytest_superteam.gate.watching import Watching, watch
from pytest_superteam.pipeline.files import Layout
from pytest_superteam.pipeline.watch.events import Event
from pytest_superteam.pipeline.watch.live import LiveTable
from pytest_superteam.pipeline.watch.log import RunLog
from pytest_superteam.pipeline.watch.tail import Tail
from pytest_superteam.pipeline.watch.view import View

CONFTEST = """
import pathlib
import time

import pytest

from pytest_superteam.gate.watching import watch_events
from pytest_superteam.pipeline.files import Layout
from pytest_superteam.pipeline.watch.log import RunLog

LAYOUT = Layout(pathlib.Path.cwd())
LOG = RunLog(LAYOUT, "r1", "s1")


def wait_for(name):
    end = time.monotonic() + 30
    while not pathlib.Path(name).exists():
        assert time.monotonic() < end, name
        time.sleep(0.01)


@pytest.hookimpl(trylast=True)
def pytest_sessionstart(session):
    if not hasattr(session.config, "workerinput"):
        session.config.watching = watch_events(session.config, LAYOUT.events, session="s1", cap=10.0)
        session.config.watching.start()


@pytest.hookimpl(tryfirst=True)
def pytest_sessionfinish(session):
    if hasattr(session.config, "watching"):
        session.config.watching.stop()


def builder(service, state, message="", level="info"):
    LOG.emit("builder", message or f"{service}: {state}", service=service, state=state, level=level)


@pytest.fixture(scope="session")
def builds(pytestconfig):
    def phase(state):
        LOG.emit("phase", f"builders {state}", phase="builders", state=state)
        pytestconfig.hook.pytest_superteam_phase(phase="builders", state=state)

    phase("started")
    for name in ("auth", "mail", "shop"):
        builder(name, "waiting")
    builder("auth", "building")
    builder("shop", "building")
    print("noise of a builder")
    wait_for("go1")
    if pathlib.Path("debug").exists():
        breakpoint()
    LOG.emit("cost", "auth: 1.25 USD", service="auth", phase="builders", usd=1.25, total_usd=1.25)
    builder("auth", "done", "auth: built in 2.0 s", "success")
    LOG.emit("retry", "shop: attempt 2 of 3: rate limit", service="shop", attempt=2, of=3, level="warning")
    wait_for("go2")
    builder("shop", "done", "shop: built in 2.0 s", "success")
    builder("mail", "failed", "mail: failed: \\x1b[31mboom [red]", "error")
    phase("done")
"""
TESTS = """
def test_before():
    pass


def test_with_builds(builds):
    print("noise of a test")
    assert False, "as it should"


def test_after(builds):
    pass
"""
OURS = ("-p", "pytest_superteam.plugin")
LEFT = ["shop: attempt 2 of 3: rate limit", "mail: failed: boom [red]"]
END = "builders: 2 built, 1 failed in N s, 1.25 USD of 10.00 USD"


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "conftest.py").write_text(CONFTEST)
    (tmp_path / "test_it.py").write_text(TESTS)
    (tmp_path / "pytest.ini").write_text("[pytest]\n")
    return tmp_path


def go(folder, *names):
    for name in names:
        (folder / name).touch()


def plain(lines):
    """Return lines without what differs from run to run, and without the empty ones at the end."""
    found = [re.sub(r"\d+\.\d+ ?s\b", "N s", line) for line in lines]
    while found and not found[-1]:
        found.pop()
    return found


def ours(lines):
    return [line.removeprefix("superteam: ") for line in plain(lines) if line.startswith("superteam: ")]


def test_a_terminal_shows_a_table_while_a_phase_is_at_work(folder):
    """The table stands below pytest's output while a phase is at work, and leaves nothing but the lines that count."""
    frames = []

    def shown(name):
        def note(seen):
            frames.append((plain(seen.screen.text), seen.screen.cursor_shown))
            go(folder, name)

        return note

    seen = run_on_terminal(folder, *OURS, when={"shop      building": shown("go1"), "shop      retrying": shown("go2")})
    assert seen.code == 1
    first, cursor_shown = frames[0]
    assert cursor_shown  # a run that is killed leaves a usable terminal
    assert first[first.index("test_it.py .") + 1 :] == [
        "superteam: N s, 0.00 USD of 10.00 USD",
        "architect   kept",
        "contracts   kept",
        "builders    running   N s    0 of 3 built",
        "  auth      building  N s",
        "  mail      waiting",
        "  shop      building  N s",
        "deployment  waiting",
        "gate        waiting",
    ]
    second = frames[1][0]
    assert f"superteam: {LEFT[0]}" in second
    assert "  shop      retrying  N s            attempt 2 of 3" in second
    last = plain(seen.screen.text)
    at = last.index("test_it.py .")
    assert last[at + 1 : at + 5] == [
        *(f"superteam: {line}" for line in (*LEFT, END)),
        "test_it.py F.".ljust(93) + "[100%]",
    ]
    assert last[at + 5 : at + 7] == ["", f"{' FAILURES ':=^100}"]
    assert "noise of a builder" in last  # where pytest shows it: in the report of the item
    assert not [line for line in last if line.startswith(("architect ", "gate ", "  auth"))]


@pytest.mark.slow
def test_more_is_left_when_more_is_asked_for(folder):
    """With -v each service leaves a line, and pytest's lines stay whole."""
    go(folder, "go2")
    seen = run_on_terminal(folder, *OURS, "-v", when={"shop      building": lambda _: go(folder, "go1")})
    assert ours(seen.screen.text) == ["auth: built in N s", LEFT[0], "shop: built in N s", LEFT[1], END]
    last = plain(seen.screen.text)
    assert "test_it.py::test_with_builds FAILED".ljust(93) + "[ 66%]" in last
    assert "test_it.py::test_after PASSED".ljust(93) + "[100%]" in last


@pytest.mark.slow
def test_a_debugger_has_the_terminal_to_itself(folder):
    """The table stands still above a debugger, touches nothing of what that writes, and goes on after it."""
    go(folder, "go2", "debug")
    at_prompt = []

    def debug(seen):
        at_prompt.extend(plain(seen.screen.text))
        seen.type("c\n")

    when = {"shop      building": lambda _: go(folder, "go1"), "(Pdb)": debug}
    seen = run_on_terminal(folder, *OURS, when=when)
    assert at_prompt[-1] == "(Pdb)"
    table = at_prompt.index("superteam: N s, 0.00 USD of 10.00 USD")
    assert at_prompt[table + 1].startswith("architect ")
    assert at_prompt[table + 8] == "gate        waiting"
    assert ">>> PDB set_trace" in at_prompt[table + 9 + (not at_prompt[table + 9])]
    last = plain(seen.screen.text)
    assert last[: len(at_prompt) - 1] == at_prompt[:-1]
    assert ours(last)[1:] == [*LEFT, END]


EVERYTHING = ["auth: built in N s", LEFT[0], "shop: built in N s", LEFT[1], END]


@pytest.mark.parametrize(
    ("arguments", "environment", "expected"),
    [
        ((), {"CI": "true"}, EVERYTHING),
        (("-q",), {}, [*LEFT, END]),
        (("-s",), {"TERM": "dumb"}, EVERYTHING),
        (("-qq",), {}, []),
    ],
    ids=["ci", "quiet", "not captured", "silent"],
)
def test_lines_where_no_table_fits(folder, arguments, environment, expected):
    """In CI, with -q and with -s there are whole lines and no table, with -qq nothing."""
    go(folder, "go1", "go2")
    seen = run_on_terminal(folder, *OURS, *arguments, **environment)
    assert ours(seen.screen.text) == expected
    assert "architect" not in seen.raw
    assert re.search(r"\x1b\[\d*A", seen.raw) is None
    assert seen.code == 1
    noise = [line for line in seen.screen.text if "noise" in line]
    if "-s" in arguments:
        assert noise[:2] == ["test_it.py .noise of a builder", "test_it.py noise of a test"]
    else:
        assert [line for line in noise if line.startswith("noise")] == ["noise of a builder", "noise of a test"]


def test_lines_go_into_a_pipe_in_order(folder):
    """Where the output is a pipe, our lines stand between pytest's where they belong."""
    go(folder, "go1", "go2")
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", *OURS, "--tb=no"]
    env = {"PATH": "", "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", "PYTHONPATH": ":".join(sys.path)}
    done = subprocess.run(command, cwd=folder, env=env, capture_output=True, text=True, check=False)
    lines = plain(done.stdout.splitlines())
    at = lines.index("test_it.py .")
    told = [f"superteam: {line}" for line in EVERYTHING]
    assert lines[at : at + 7] == ["test_it.py .", *told, "test_it.py F.".ljust(73) + "[100%]"]
    assert done.stderr == ""


@pytest.mark.slow
@pytest.mark.parametrize("verbose", [[], ["-v"]], ids=["dots", "verbose"])
def test_workers_are_seen_by_their_controller(folder, verbose):
    """Under pytest-xdist the controller tells in whole lines what happens in its workers, while it happens."""
    when = {"2 workers": lambda _: go(folder, "go1"), LEFT[0]: lambda _: go(folder, "go2")}
    seen = run_on_terminal(folder, *OURS, "-p", "xdist.plugin", "-n", "2", "--dist", "loadfile", *verbose, when=when)
    told = [line for line in ours(seen.screen.text) if "building" not in line and "waiting" not in line]
    assert told == EVERYTHING
    lines = plain(seen.screen.text)
    summary = next(n for n, line in enumerate(lines) if " FAILURES " in line)
    assert all(lines.index(f"superteam: {line}") < summary for line in EVERYTHING)
    assert not [line for line in lines if "superteam: " in line and not line.startswith("superteam: ")]


def test_worth_a_table():
    """A terminal that nobody else draws on is worth a table; another reporter, log lines or no descriptor is not."""
    reporter = object.__new__(pytest.TerminalReporter)
    option = {"log_cli_level": None}
    config = SimpleNamespace(
        get_verbosity=lambda: 0,
        getini=lambda _name: False,
        getoption=lambda name, _default: option[name],
        pluginmanager=SimpleNamespace(get_plugin=lambda _name: None),
    )
    good = {"TERM": "xterm"}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(screens, "_descriptor", lambda _config: 1)
        patch.setattr(screens.os, "isatty", lambda _descriptor: True)
        assert screens.may_live(config, reporter, good)
        for bad in ({}, {"TERM": "dumb"}, good | {"CI": "1"}, good | {"BUILD_NUMBER": "7"}):
            assert not screens.may_live(config, reporter, bad)
        another = object.__new__(type("SugarTerminalReporter", (pytest.TerminalReporter,), {}))
        assert not screens.may_live(config, another, good)
        option["log_cli_level"] = "INFO"
        assert not screens.may_live(config, reporter, good)
        option["log_cli_level"] = None
        patch.setattr(screens.os, "isatty", lambda _descriptor: False)
        assert not screens.may_live(config, reporter, good)


# ---------------------------------------------------------------- the table alone


def drawn(table, stream, screen):
    """Return the lines of the screen after what was drawn since."""
    screen.feed(stream.getvalue().replace("\n", "\r\n"))
    stream.seek(0)
    stream.truncate()
    return plain(screen.text)


def busy_view(services):
    view = View.expecting(("builders", "deployment"))
    view.take(Event(1.0, "phase", "", data={"phase": "builders", "state": "started"}))
    for n in range(services):
        view.take(Event(1.0, "builder", "", service=f"service-{n:02}", data={"state": "building"}))
    return view


@pytest.mark.parametrize("lines", [3, 6, 12, 40])
@pytest.mark.parametrize("columns", [12, 40, 200])
def test_a_table_fits_its_terminal(columns, lines):
    """However small the terminal, the table neither scrolls nor wraps, and nothing of it stays behind."""
    stream, screen = io.StringIO(), Screen(columns, lines)
    screen.feed("above\r\n")
    table = LiveTable(stream, color=False, size=lambda: (columns, lines))
    view = busy_view(30)
    for now in (2.0, 3.0):
        table.show([], view, now, 1.0)
        found = drawn(table, stream, screen)
        assert len(found) <= lines
        assert all(len(line) < columns for line in found)
    table.show(["a line that stays"], view, 4.0, 1.0)
    table.close()
    assert "".join(drawn(table, stream, screen)).replace(" ", "") == "abovealinethatstays"
    assert screen.cursor_shown
    assert screen.column == 0


def test_a_table_follows_a_terminal_that_grows():
    """The table takes the size that the terminal has when it is drawn."""
    size = [30, 10]
    stream, screen = io.StringIO(), Screen(100, 50)
    table = LiveTable(stream, color=False, size=lambda: tuple(size))
    view = busy_view(12)
    table.show([], view, 2.0, 1.0)
    small = drawn(table, stream, screen)
    size[:] = [100, 50]
    table.show([], view, 2.0, 1.0)
    large = drawn(table, stream, screen)
    assert len(small) == 8
    assert len(large) == 15
    table.close()


def test_names_mean_nothing_to_the_table():
    """A name with markup, colours or wide characters is shown as it is, and its row is one line."""
    stream, screen = io.StringIO(), Screen(60, 20)
    view = busy_view(0)
    view.take(Event(1.0, "builder", "", service="[bold]x[/]\x1b[2J:smile:", data={"state": "building"}))
    table = LiveTable(stream, color=True, size=lambda: (60, 20))
    table.show(["[red]line[/red]"], view, 2.0, 1.0)
    found = drawn(table, stream, screen)
    assert found[0] == "[red]line[/red]"
    assert found[3].startswith("  [bold]x[/]:smile:")
    table.close()


# ---------------------------------------------------------------- nothing here breaks a run, or its output


class SlowReporter:
    """A reporter that is in the middle of a line."""

    currentfspath = None

    def __init__(self):
        self.written = []

    def write_line(self, line):
        self.written.append(line)

    def ensure_newline(self):
        pass

    def flush(self):
        pass


def test_a_line_waits_for_the_reporter_to_finish():
    """While pytest's reporter writes about a result, in a session with workers, no line of ours gets between."""
    reporter = SlowReporter()
    config = SimpleNamespace(get_terminal_writer=lambda: SimpleNamespace(width_of_current_line=0))
    screen = screens.ReporterScreen(config, reporter)
    reporting = screen.pytest_runtest_logreport()
    next(reporting)
    ours = threading.Thread(target=screen.show, args=(["a line"], None, 0.0, 0.0))
    ours.start()
    ours.join(0.05)
    assert ours.is_alive()
    reporter.written.append("a result")
    with pytest.raises(StopIteration):
        reporting.send(None)
    ours.join()
    assert reporter.written == ["a result", "superteam: a line"]


class BrokenScreen:
    """Fails where it is told to."""

    def __init__(self, where):
        self.where, self.left = where, False

    def enter(self):
        self._fail("enter")

    def show(self, *_arguments):
        self._fail("show")

    def leave(self):
        self.left = True
        self._fail("leave")

    def _fail(self, where):
        if self.where == where:
            raise OSError("the terminal is gone")


class Plugins(dict):
    """As much of a plugin manager as watching needs."""

    def register(self, plugin, name):
        self[name] = plugin

    def unregister(self, *, name):
        return self.pop(name)

    def has_plugin(self, name):
        return name in self

    hasplugin = has_plugin
    get_plugin = dict.get


@pytest.fixture
def plugins():
    return SimpleNamespace(pluginmanager=Plugins(), get_verbosity=lambda: 0)


@pytest.mark.parametrize("where", ["enter", "show", "leave"])
def test_a_broken_terminal_breaks_no_run(plugins, tmp_path, where):
    """A terminal that is gone while a phase is at work is not heard of by the phase."""
    layout, screen = Layout(tmp_path), BrokenScreen(where)
    taken = RunLog(layout, "r", "s")
    watching = Watching(plugins, screen, Tail(layout.events, "s"), View.expecting(("builders",)))
    watching.start()
    watching.pytest_superteam_phase("builders", "started")
    taken.emit("retry", "again", level="warning", service="x")
    taken.emit("phase", "", phase="builders", state="done")
    watching.pytest_superteam_phase("builders", "done")
    watching.stop()
    watching.stop()
    assert screen.left is (where != "enter")
    assert plugins.pluginmanager == {}


class NotingScreen:
    """Notes what it is to show."""

    def __init__(self):
        self.lines, self.entered = [], 0

    def enter(self):
        self.entered += 1

    def show(self, lines, *_arguments):
        assert self.entered == 1
        self.lines += lines

    def leave(self):
        self.entered -= 1


def test_what_was_before_is_taken_up_and_not_told(plugins, tmp_path):
    """What happened before the watch began counts in its view and is not shown."""
    layout, screen = Layout(tmp_path), NotingScreen()
    taken = RunLog(layout, "r", "s")
    taken.emit("retry", "old", level="warning", service="x")
    taken.emit("cost", "", usd=1.0, total_usd=1.0)
    watching = Watching(plugins, screen, Tail(layout.events, "s"), View.expecting(()))
    watching.start()
    taken.emit("retry", "new", level="warning", service="x")
    watching.stop()
    assert screen.lines == ["x: new"]
    assert watching.view.usd == 1.0
    assert screen.entered == 0


def test_a_flood_is_cut(plugins, tmp_path):
    """Of very many lines at once the first are shown, the others counted."""
    layout, screen = Layout(tmp_path), NotingScreen()
    taken = RunLog(layout, "r", "s")
    watching = Watching(plugins, screen, Tail(layout.events, "s"), View.expecting(()))
    watching.start()
    for n in range(150):
        taken.emit("retry", str(n), level="warning")
    watching.stop()
    assert len(screen.lines) == 101
    assert screen.lines[-1] == "and 50 more lines, which are in the run log"


def test_a_long_silence_is_broken(plugins, tmp_path):
    """Where nothing was told for a while, plain lines say that the run is alive, once in a while."""
    layout, screen = Layout(tmp_path), NotingScreen()
    taken = RunLog(layout, "r", "s")
    watching = Watching(plugins, screen, Tail(layout.events, "s"), View.expecting(("builders",)))
    watching.start()
    taken.emit("phase", "", phase="builders", state="started")
    watching._enter()
    watching._show(watching._lines(), alive=True)
    assert screen.lines == []
    watching._told -= 61
    watching._show([], alive=True)
    watching._show([], alive=True)
    assert len(screen.lines) == 1
    assert screen.lines[0].startswith("builders: at work for ")
    watching.stop()


# ---------------------------------------------------------------- what is shown where


def session(capture="fd", verbosity=0, plugins=("terminalreporter",), **option):
    manager = SimpleNamespace(get_plugin=lambda name: name if name in plugins else None, hasplugin=plugins.__contains__)
    chosen = SimpleNamespace(capture=capture, collectonly=option.pop("collectonly", False))
    return SimpleNamespace(pluginmanager=manager, option=chosen, get_verbosity=lambda: verbosity, **option)


@pytest.mark.parametrize(
    ("config", "screen"),
    [
        (session(), "BesideScreen"),
        (session(verbosity=-1), "BesideScreen"),
        (session(verbosity=-2), None),
        (session(capture="no"), "ReporterScreen"),
        (session(capture="sys"), "ReporterScreen"),
        (session(plugins=("terminalreporter", "dsession")), "ReporterScreen"),
        (session(plugins=()), None),
        (session(collectonly=True), None),
        (session(workerinput={}), None),
    ],
    ids=["usual", "-q", "-qq", "-s", "sys", "xdist", "no terminal", "collect only", "worker"],
)
def test_each_session_has_its_way_to_the_terminal(config, screen, monkeypatch):
    """How lines reach the terminal depends on what pytest does with it; some sessions show none."""
    monkeypatch.setattr(screens, "_descriptor", lambda _config: 1)
    monkeypatch.setattr(screens, "may_live", lambda *_arguments: False)
    found = screens.screen_of(config, {})
    assert (type(found).__name__ if found else None) == screen


@pytest.mark.parametrize(
    ("until", "found", "phases"),
    [
        (None, False, ["architect", "contracts", "builders", "deployment", "gate"]),
        ("builders", False, ["architect", "contracts", "builders"]),
        (None, True, ["deployment", "gate"]),
        ("deployment", True, ["deployment"]),
        ("architect", True, ["deployment", "gate"]),
    ],
)
def test_a_run_is_expected_to_have_its_phases(tmp_path, until, found, phases):
    """The view begins with the phases that the run has before it, and its budget."""
    config = SimpleNamespace(until=until, budget=SimpleNamespace(total=5.0))
    watching = watch(session(plugins=()), config, Layout(tmp_path).events, "s1", found=found)
    assert list(watching.view.phases) == phases
    assert watching.view.cap == 5.0
    assert watching.screen is None
    watching.start()
    watching.stop()
