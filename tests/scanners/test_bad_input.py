"""Bad input through the command line that a user types: no crash, no hang, and what was not analysed is told."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from pathlib import Path

import bad_files
import pytest

from pytest_superteam.scanners.base import ScanTarget
from pytest_superteam.scanners.cache import ScanCache
from pytest_superteam.scanners.registry import builtin_scanners
from pytest_superteam.scanners.run import scan
from pytest_superteam.scanners.source import MAX_BYTES, SourceTree, source_tree

ROOT = Path(__file__).parents[2]
SECONDS = 600
"""After which a run is taken to hang; it takes a tenth of that."""


def write(root, files):
    """Write `files` below `root`."""
    for name, data in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)


def gate(folder, *arguments):
    """Run the gate over `folder` as a user does, and return its exit code, its output and its report."""
    (folder / "superteam.yaml").write_text("system:\n  services:\n    - {name: api, path: api}\n")
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "-p", "no:schemathesis", "--system", "."]
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "COLUMNS": "400"}
    environment.pop("PYTEST_ADDOPTS", None)
    done = subprocess.run(
        [*command, *arguments], cwd=folder, env=environment, capture_output=True, timeout=SECONDS, check=False
    )
    report = next(iter(sorted(folder.rglob("gate-report.json"))), None)
    data = json.loads(report.read_text()) if report is not None else {}
    return done.returncode, (done.stdout + done.stderr).decode("utf-8", "replace"), data


def told(report):
    """Return the reasons by file of what a report says was not analysed."""
    reasons = {}
    for note in report["not_analysed"]:
        reasons.setdefault(note["file"], []).append(note["reason"])
    return reasons


@pytest.fixture
def strange(tmp_path):
    """Return a system of one service, with all that is odd in its folder."""
    api = tmp_path / "api"
    write(api, bad_files.odd())
    write(api, {"app.py": b"print('here')\n", "inner/app.js": b"console.log(1)\n"})
    for ending in (".py", ".js", ".json"):
        write(api, {f"huge{ending}": b"x = 1; " * (10 * 1024 * 1024 // 7)})
    (api / "around").symlink_to(api)
    (api / "itself").symlink_to("itself")
    (api / "inner" / "up").symlink_to("..")
    outside = tmp_path / "outside"
    write(outside, {"secret.py": b"print(1)\n"})
    (api / "out").symlink_to(outside)
    (api / "out.py").symlink_to(outside / "secret.py")
    os.mkfifo(api / "pipe.py")
    return tmp_path


TOLD = {
    "binary.py": "NUL bytes", "elf.go": "NUL bytes", "nul.py": "NUL bytes", "late_nul.py": "null bytes",
    "latin1.py": "could not be parsed", "latin1.js": "not valid UTF-8", "lying_cookie.py": "could not be parsed",
    "two_boms.py": "could not be parsed", "python2.py": "could not be parsed", "newer.py": "could not be parsed",
    "html.js": "could not be parsed wholly", "huge.py": f"larger than {MAX_BYTES} bytes", "huge.js": "larger than",
    "huge.json": "larger than", "itself": "in a circle", "out": "out of the folder", "out.py": "out of the folder",
    "pipe.py": "no regular file", "tabs/compose.yml": "",
}  # fmt: skip


@pytest.mark.parametrize("layer", ["layer3", "layer4"])
def test_gate_over_odd_files(strange, layer):
    """The gate reads a folder of odd files to its end, tells each that it could not analyse, and breaks on none."""
    code, output, report = gate(strange, "-m", layer)
    assert code in {0, 1}, output
    assert "INTERNALERROR" not in output
    assert "Traceback" not in output
    reasons = told(report)
    assert not [reason for found in reasons.values() for reason in found if "broke on it" in reason or "took" in reason]
    for name, reason in TOLD.items() if layer == "layer3" else ():
        path = next((file for file in reasons if file.endswith(f"api/{name}") or file == name), None)
        assert path is not None, name
        assert any(reason in text for text in reasons[path]), (name, reasons[path])
        assert name in output
