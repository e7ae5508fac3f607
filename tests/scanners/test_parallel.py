"""Files on several processes: the same results as on one, and one bad file costs no other."""

from __future__ import annotations

import os
import signal
import sys

import pytest

from pytest_superteam.models import Severity
from pytest_superteam.scanners import parallel
from pytest_superteam.scanners.base import Rule
from pytest_superteam.scanners.engine import Hit, PythonCheck, RuleScanner
from pytest_superteam.scanners.limits import RuleTimeoutError, processor_limit
from pytest_superteam.scanners.registry import builtin_scanners
from pytest_superteam.scanners.run import scan

RULE = Rule("X-001", "x", Severity.ERROR, "x", 3, "Do x.")
linux = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="processes are forked on Linux only")


@linux
def test_same_results(samples):
    """Two processes find what one finds, and say the same of what they can't read."""
    files = {f"m{number}.py": f"print({number})\ntry:\n    x()\nexcept Exception:\n    pass\n" for number in range(40)}
    files["bad.py"] = "print(\n"
    target = samples.target(files)
    one = scan(target, builtin_scanners(), {"LOG-001", "SEC-SECRET-007"}, workers=1)
    target.cache.clear()
    two = scan(target, builtin_scanners(), {"LOG-001", "SEC-SECRET-007"}, workers=2)
    assert two.findings == one.findings
    assert two.not_analysed == one.not_analysed
    assert len(two.findings["LOG-001"]) == 40


@linux
def test_crash_costs_one_file(samples, monkeypatch):
    """Where a child dies on a file, that file is told and the others are analysed."""
    monkeypatch.setattr(parallel, "SHARE_BYTES", 16)

    def find(file, *_):
        if file.path == "b.py":
            os.kill(os.getpid(), signal.SIGKILL)
        return [Hit(file.path, 1)]

    target = samples.target(dict.fromkeys(("a.py", "b.py", "c.py", "d.py"), "x = 1\n"))
    found = scan(target, [RuleScanner((PythonCheck(RULE, (b"x",), find),))], workers=2)
    assert [v.file for v in found.findings["X-001"]] == ["a.py", "c.py", "d.py"]
    assert [(note.file, note.reason) for note in found.not_analysed] == [("b.py", "a parser crashed on it")]


def test_small_trees_need_one_process(monkeypatch):
    """A few files, and a worker of pytest-xdist, are not worth a fork."""
    monkeypatch.delenv("PYTEST_XDIST_WORKER", raising=False)
    assert parallel.workers_for(1000) == 1
    monkeypatch.setenv("PYTEST_XDIST_WORKER", "gw0")
    assert parallel.workers_for(1 << 30) == 1


def _compute_for_ever(*_):
    while True:
        pass


def test_endless_rule_is_told(samples, monkeypatch):
    """A rule that computes for too long is stopped; the file is told, and other rules go on."""
    monkeypatch.setattr("pytest_superteam.scanners.engine.processor_limit", lambda *_: processor_limit(0.05))

    other = Rule("X-002", "y", Severity.ERROR, "x", 3, "Do y.")
    fine = PythonCheck(other, (b"x",), lambda file, *_: [Hit(file.path, 1)])
    checks = (PythonCheck(RULE, (b"x",), _compute_for_ever), fine)
    found = scan(samples.target({"a.py": "x = 1\n"}), [RuleScanner(checks)])
    assert [note.codes for note in found.not_analysed] == [("X-001",)]
    assert "took more than" in found.not_analysed[0].reason
    assert len(found.findings["X-002"]) == 1


def test_limit_leaves_nothing_behind():
    """After the block there is no timer, and the handler that was there is back."""
    before = signal.getsignal(signal.SIGVTALRM)
    with pytest.raises(RuleTimeoutError), processor_limit(0.01):
        _compute_for_ever()
    assert signal.getsignal(signal.SIGVTALRM) is before
    assert signal.getitimer(signal.ITIMER_VIRTUAL) == (0.0, 0.0)
