"""Bad input through the command line that a user types: no crash, no hang, and what was not analysed is told."""

from __future__ import annotations

import contextlib
import json
import os
import socket
import subprocess
import sys
from pathlib import Path

import bad_files
import pytest

from pytest_superteam.scanners.base import ScanTarget
from pytest_superteam.scanners.registry import builtin_scanners
from pytest_superteam.scanners.run import scan
from pytest_superteam.scanners.source import MAX_BYTES, source_tree

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
    for note in report["notes"]:
        if note["kind"] == "not analysed":
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
    with socket.socket(socket.AF_UNIX) as server:
        with contextlib.chdir(api):  # the path of a socket is a hundred characters long at most
            server.bind("socket.py")
        yield tmp_path


TOLD = {
    "binary.py": "NUL bytes", "elf.go": "NUL bytes", "nul.py": "NUL bytes", "latin1.py": "could not be parsed",
    "latin1.js": "not valid UTF-8", "lying_cookie.py": "could not be parsed", "half_utf16.txt": "not valid UTF-8",
    "utf16_bare.js": "NUL bytes", "late_nul.js": "could not be parsed wholly", "cesu.py": "could not be parsed",
    "two_boms.py": "could not be parsed", "python2.py": "could not be parsed", "newer.py": "could not be parsed",
    "html.js": "could not be parsed wholly", "flow.js": "could not be parsed wholly", "huge.py": "larger than",
    "huge.js": f"larger than {MAX_BYTES} bytes (it has ", "huge.json": "larger than", "itself": "in a circle",
    "out": "out of the folder", "out.py": "out of the folder", "pipe.py": "no regular file",
    "socket.py": "no regular file", "tabs/compose.yml": "no valid YAML", "documents/compose.yml": "no valid YAML",
    "duplicates/compose.yml": "stands in line 2 and again in 6", "garbage/Dockerfile": "no whole Dockerfile",
    "digits.py": "could not be parsed", "bomb/openapi.yaml": "its aliases stand for more than",
}  # fmt: skip
"""What every file that could not be analysed is told with."""

READ = {
    "utf16.py": {"LOG-001", "SEC-003", "SEC-SECRET-007"}, "utf16.ts": {"LOG-005", "SEC-005"},
    "utf16.env": {"SEC-SECRET-007"}, "utf32.txt": {"SEC-SECRET-007"}, "bom.py": {"LOG-001"}, "bom.js": {"LOG-004"},
    "bom.json": {"SEC-SECRET-007"}, "bom.env": {"SEC-SECRET-007"}, "crlf.py": {"LOG-001", "SEC-SECRET-007"},
    "crlf.env": {"SEC-SECRET-007"}, "crlf/Dockerfile": {"DOCKER-002"}, "cookie.py": {"LOG-001"},
    "jsx.js": {"LOG-004", "LOG-005"}, "flow.js": {"LOG-004"}, "anchors/compose.yml": {"DOCKER-002"},
    "control.py": {"SEC-SECRET-007"}, "app.py": {"LOG-001"}, "inner/app.js": {"LOG-004"},
}  # fmt: skip
"""What is found in those that are read."""


def test_gate_over_odd_files(strange):
    """The gate reads a folder of odd files to its end, tells each that it could not analyse, and breaks on none."""
    code, output, report = gate(strange, "-m", "layer3", "-v")
    assert code == 1, output
    assert "INTERNALERROR" not in output
    assert "Traceback" not in output
    reasons = told(report)
    assert not [text for texts in reasons.values() for text in texts if "broke on it" in text or "took" in text]
    for name, reason in TOLD.items():
        assert any(reason in text for text in reasons.get(name, ())), (name, reasons.get(name))
        assert f"api api/{name}: " in output
    found = {}
    for item in report["items"]:
        for finding in item["violations"]:
            found.setdefault(finding["file"].removeprefix("api/"), set()).add(finding["code"])
    for name, codes in READ.items():
        assert codes <= found.get(name, set()), (name, found.get(name))
    assert not [char for char in output if not char.isprintable() and char != "\n"]


def test_advice_over_odd_files(strange):
    """Layer 4 reads them too."""
    code, output, report = gate(strange, "-m", "layer4")
    assert code in {0, 1}, output
    assert "INTERNALERROR" not in output
    assert not [text for texts in told(report).values() for text in texts if "broke on it" in text or "took" in text]


NAMES = [
    b"new\nline.py", b"quo'te\".py", b"\xff\xfe.py", b"esc\x1b[31m.py", "\u202etxt.py".encode(), b"n" * 200 + b".py",
    b" .py", b"-k.py", b"a;b&c|d$(e)`f`.py", b"%s%n{}.py", b"<b>.py", "é.py".encode(), b"back\\slash.py", b"tab\t.py",
]  # fmt: skip


def test_gate_over_odd_names(tmp_path):
    """Findings and notes of files with any name are reported in every format, with nothing that steers a terminal."""
    api = tmp_path / "api"
    api.mkdir()
    for name in NAMES:
        (api / os.fsdecode(name)).write_bytes(b"print(1)\n")
        (api / os.fsdecode(b"bad" + name)).write_bytes(b"print(\n")
    code, output, report = gate(tmp_path, "-m", "layer3", "--sarif", "out.sarif")
    assert code == 0, output
    assert "INTERNALERROR" not in output
    assert "Traceback" not in output
    found = [f for item in report["items"] for f in item["violations"] if f["code"] == "LOG-001"]
    assert len(found) == len(NAMES)
    assert len(told(report)) == len(NAMES)
    results = json.loads((tmp_path / "out.sarif").read_text())["runs"][0]["results"]
    assert len([result for result in results if result["ruleId"] == "LOG-001"]) == len(NAMES)
    assert not [char for char in output if not char.isprintable() and char != "\n"]


def scanned(folder, **options):
    """Return the scan of one folder by all built-in rules."""
    return scan(ScanTarget("api", folder), builtin_scanners(), **options)


def broken(result):
    """Return the notes of what broke or took too long."""
    return [note for note in result.not_analysed if note.codes]


def test_nothing_breaks_on_damage(tmp_path):
    """Files cut in the middle, and with their halves exchanged, break no rule."""
    write(tmp_path, bad_files.small_damage())
    assert broken(scanned(tmp_path)) == []


def test_file_vanishes_while_it_is_read(tmp_path, monkeypatch):
    """A file that goes between the listing and the reading, or in the middle of it, is told; the others are read."""
    write(tmp_path, {"a.py": b"print(1)\n", "b.py": b"print(2)\n", "c.py": b"print(3)\n"})
    target = ScanTarget("api", tmp_path)
    assert len(source_tree(target).entries) == 3
    (tmp_path / "a.py").unlink()
    fstat = os.fstat

    def gone(number):
        status = fstat(number)
        if status.st_ino == inode:
            raise OSError(116, "Stale file handle")
        return status

    inode = (tmp_path / "b.py").stat().st_ino
    monkeypatch.setattr("pytest_superteam.scanners.source.os.fstat", gone)
    result = scan(target, builtin_scanners(), {"LOG-001"})
    assert [v.file for v in result.findings["LOG-001"]] == ["c.py"]
    assert [(note.file, note.reason) for note in result.not_analysed] == [
        ("a.py", "could not be read: No such file or directory"),
        ("b.py", "could not be read: Stale file handle"),
    ]


def test_unreadable(tmp_path, monkeypatch):
    """A file and a folder that may not be read are told, and what is beside them is read."""
    write(tmp_path, {"a.py": b"print(1)\n", "closed/b.py": b"", "c.py": b"print(1)\n"})
    if os.geteuid():
        (tmp_path / "a.py").chmod(0)
        (tmp_path / "closed").chmod(0)
    else:  # who may read all is refused by hand
        opened, scandir = Path.open, os.scandir

        def refuse_file(path, *arguments, **options):
            if path.name == "a.py":
                raise PermissionError(13, "Permission denied")
            return opened(path, *arguments, **options)

        def refuse_folder(path):
            if os.fspath(path).rstrip("/").endswith("closed"):
                raise PermissionError(13, "Permission denied")
            return scandir(path)

        monkeypatch.setattr(Path, "open", refuse_file)
        monkeypatch.setattr(os, "scandir", refuse_folder)
    try:
        result = scanned(tmp_path)
    finally:
        monkeypatch.undo()
        (tmp_path / "closed").chmod(0o700)
    assert [v.file for v in result.findings["LOG-001"]] == ["c.py"]
    assert [(note.file, note.reason) for note in result.not_analysed] == [
        ("a.py", "could not be read: Permission denied"),
        ("closed", "could not be read: Permission denied"),
    ]


def test_evidence_of_a_long_line_is_made_once(tmp_path, monkeypatch):
    """Ten thousand findings on one line ask for its secrets to be masked once for each way of masking."""
    write(tmp_path, {"a.py": b"print('x');" * 10_000 + b"\n"})
    asked = []
    monkeypatch.setattr(
        "pytest_superteam.scanners.source.mask_literals", lambda line, keep=None: asked.append(keep) or line
    )
    assert len(scan(ScanTarget("api", tmp_path), builtin_scanners(), {"LOG-001"}).findings["LOG-001"]) == 10_000
    assert len(asked) == 1


HOSTILE = """\
import json, resource, sys
from pathlib import Path
sys.path.insert(0, sys.argv[1])
import bad_files
from pytest_superteam.scanners.base import ScanTarget
from pytest_superteam.scanners.registry import builtin_scanners
from pytest_superteam.scanners.run import scan
root = Path(sys.argv[2])
for name, data in getattr(bad_files, sys.argv[3])().items():
    folder = root / name.replace("/", "-")
    path = folder / "api" / name
    path.parent.mkdir(parents=True)
    path.write_bytes(data)
    target = ScanTarget("api", folder / "api")
    notes = [*scan(target, builtin_scanners(), workers=1).not_analysed]
    notes += scan(ScanTarget("s", folder, members=(target,)), builtin_scanners(), workers=1).not_analysed
    for note in notes:
        if note.codes:
            print(name, note.reason)
    path.unlink()
    if len(set(notes)) > 200:
        print(name, len(set(notes)), "notes")
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1024 if sys.platform.startswith("linux") else 1024 ** 2)
if peak > 1500:
    print(f"{peak:.0f} MB")
"""


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["long_lines", "deep", "many"])
def test_hostile_files(tmp_path, kind):
    """No rule breaks or takes too long on any hostile file, and memory stays bounded."""
    here = str(Path(__file__).parent)
    done = subprocess.run(
        [sys.executable, "-c", HOSTILE, here, str(tmp_path), kind],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout == ""
