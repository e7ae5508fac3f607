"""Fake test runners: small programs that are put on PATH and do what a script says."""

from __future__ import annotations

import os
import stat
import sys

from pytest_superteam.checks.own_tests.run import run_found_tests
from pytest_superteam.models import FoundService


class Bench:
    """A system with one service, and a folder of programs in front of PATH."""

    def __init__(self, folder, monkeypatch):
        self.root, self.programs = folder / "system", folder / "programs"
        self.work = self.root / ".superteam" / "own-tests" / "shop"
        self.programs.mkdir()
        self.root.mkdir()
        self.monkeypatch = monkeypatch
        monkeypatch.setenv("PATH", f"{self.programs}{os.pathsep}/usr/bin{os.pathsep}/bin")

    def program(self, name, body):
        """Put a Python script on PATH; it finds its arguments in `sys.argv`."""
        path = self.programs / name
        path.write_text(f"#!{sys.executable} -IS\nimport os, sys, time\nfrom pathlib import Path\n{body}\n")
        path.chmod(path.stat().st_mode | stat.S_IXUSR)

    def without(self):
        """Leave nothing on PATH but our programs, so that tools of the machine are not found."""
        self.monkeypatch.setenv("PATH", str(self.programs))

    def write(self, files):
        """Write files of the service `shop`."""
        for name, text in files.items():
            path = self.root / "shop" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)

    def run(self, *, ratio=0.9, timeout=30, command=(), **service):
        """Run the service's tests."""
        found = FoundService("shop", folder="shop", **service)
        return run_found_tests(found, self.root, self.work, ratio=ratio, timeout=timeout, command=command)

    def codes(self, **options):
        """Return code and message of each violation."""
        return [(violation.code, violation.message) for violation in self.run(**options).violations]

    @property
    def log(self):
        """Return what the test run printed."""
        return (self.work / "output.log").read_text()
