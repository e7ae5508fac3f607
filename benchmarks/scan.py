"""The scanners against their peers on one tree: time, processor, memory and lines a second, as ratios.

    python benchmarks/scan.py DIR [--against ruff,bandit,detect-secrets,semgrep] [--semgrep-config RULES] [--growth]

All run in one go, one after the other, on every file below DIR: ours with an empty cache, ours again with the cache
that this left, then each peer that is installed. `--growth` runs ours on parts of the tree of growing size instead.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import psutil

INTERVAL = 0.1
"""Seconds between two looks at the memory of a tool and its children."""
SUFFIXES = (".py", ".js", ".jsx", ".mjs", ".cjs", ".ts", ".tsx", ".mts", ".cts", ".go", ".java")
GROWTH = (10_000, 30_000, 100_000, 300_000, 1_000_000)
"""Lines of the parts that `--growth` measures."""


@dataclass(frozen=True)
class Measured:
    """One run of one tool: seconds of wall clock and processor, and the most memory its processes shared out, in MB."""

    name: str
    wall: float
    cpu: float
    memory: float
    said: str = ""


def measure(name: str, command: list[str], folder: Path) -> Measured:
    """Run a command in `folder` and return what it took; its output is dropped."""
    with tempfile.TemporaryFile() as output:
        started, memory = time.monotonic(), 0.0
        process = subprocess.Popen(command, cwd=folder, stdout=output, stderr=subprocess.STDOUT)
        watched = psutil.Process(process.pid)
        before = os.times()
        while process.poll() is None:
            memory = max(memory, _memory(watched))
            time.sleep(INTERVAL)
        wall, after = time.monotonic() - started, os.times()
        output.seek(0)
        said = output.read()[-400:].decode(errors="replace").strip()
    cpu = after.children_user - before.children_user + after.children_system - before.children_system
    failed = f"exit {process.returncode}: {said}" if process.returncode not in (0, 1) else said
    return Measured(name, wall, cpu, memory / 1e6, failed)


def _memory(process: psutil.Process) -> float:
    """Return the bytes of a process and its descendants, shared pages divided among those that share them."""
    total = 0.0
    try:
        family = [process, *process.children(recursive=True)]
    except psutil.Error:
        return 0.0
    for member in family:
        try:
            total += member.memory_full_info().pss
        except (psutil.Error, AttributeError):
            continue
    return total


def ours(name: str, folder: Path, cache: Path) -> Measured:
    """Run all our rules of a service over `folder`."""
    return measure(name, [sys.executable, __file__, "--scan", str(folder), str(cache)], folder)


def scan(folder: Path, cache: Path) -> None:
    """Scan as the gate does, in this process."""
    from pytest_superteam.scanners.base import ScanTarget
    from pytest_superteam.scanners.cache import ScanCache
    from pytest_superteam.scanners.registry import builtin_scanners
    from pytest_superteam.scanners.run import scan

    found = scan(ScanTarget("benchmark", folder), builtin_scanners(), cache=ScanCache(cache))
    count = sum(len(items) for items in found.findings.values())
    print(f"{count} findings, {len(found.not_analysed)} notes, {found.cached} of {found.files} files cached")


def peers(names: list[str], semgrep_config: str | None) -> list[tuple[str, list[str]]]:
    """Return the commands of the peers; what can't be run is told and left out."""
    known = {
        "ruff": ["check", "--isolated", "--no-cache", "--no-respect-gitignore", "--exit-zero", "-q",
                 "--select", "S,T20,BLE", "."],
        "bandit": ["-r", "-q", "--exit-zero", "-f", "json", "-o", os.devnull, "."],
        "detect-secrets": ["scan", "--all-files", "."],
        "semgrep": ["scan", "--metrics=off", "--disable-version-check", "--no-git-ignore", "-q",
                    "--config", semgrep_config or "", "."],
    }  # fmt: skip
    found = []
    for name in names:
        program = shutil.which(name, path=f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}")
        if name not in known:
            raise SystemExit(f"--against: no peer is called '{name}'. Choose of {', '.join(known)}.")
        if program is None:
            print(f"{name}: not installed, left out")
        elif name == "semgrep" and semgrep_config is None:
            print("semgrep: has no rules of its own, left out; give --semgrep-config RULES")
        else:
            found.append((name, [program, *known[name]]))
    return found


def lines_of(folder: Path) -> tuple[int, int]:
    """Return how many files of code there are, and their lines."""
    files = [path for path in folder.rglob("*") if path.suffix in SUFFIXES and path.is_file()]
    return len(files), sum(path.read_bytes().count(b"\n") for path in files)


def show(rows: list[Measured], files: int, lines: int) -> None:
    """Print a table with the ratio of each row to the first peer, or to our cold run."""
    base = next((row for row in rows if not row.name.startswith("superteam")), rows[0])
    print(f"{files} files of code, {lines} lines")
    print(f"{'':24}{'wall s':>9}{'cpu s':>9}{'MB':>8}{'files/s':>10}{'lines/s':>12}{'  wall / ' + base.name:>18}")
    for row in rows:
        rates = f"{files / row.wall:>10.0f}{lines / row.wall:>12.0f}"
        print(f"{row.name:24}{row.wall:>9.2f}{row.cpu:>9.2f}{row.memory:>8.0f}{rates}{row.wall / base.wall:>18.2f}")
        if row.said.startswith("exit ") or row.name.startswith("superteam"):
            print(f"    {row.said}")


def growth(folder: Path, cache: Path) -> None:
    """Print what growing parts of the tree take, and the processor time a thousand lines."""
    files = sorted(path for path in folder.rglob("*") if path.suffix in SUFFIXES and path.is_file())
    with tempfile.TemporaryDirectory() as scratch:
        part, lines, number = Path(scratch, "part"), 0, 0
        for goal in GROWTH:
            while lines < goal and number < len(files):
                target = part / files[number].relative_to(folder)
                target.parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(files[number], target)
                lines += target.read_bytes().count(b"\n")
                number += 1
            row = ours(f"{lines} lines", part, cache.with_name(f"{goal}.db"))
            each = 1e6 * row.cpu / lines
            print(f"{row.name:>16}{row.wall:>9.2f} s{row.cpu:>9.2f} cpu s{each:>9.2f} us/line{row.memory:>8.0f} MB")
            if number == len(files):
                return


def main() -> None:
    """Measure what the command line asks for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, nargs="+")
    parser.add_argument("--against", default="", help="peers, separated by commas")
    parser.add_argument("--semgrep-config", help="rules for semgrep, which brings none")
    parser.add_argument("--growth", action="store_true", help="measure growing parts of the tree")
    parser.add_argument("--scan", action="store_true", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    folder = arguments.folder[0].resolve()
    if arguments.scan:
        scan(folder, arguments.folder[1])
        return
    if not folder.is_dir():
        raise SystemExit(f"'{folder}' is no folder.")
    with tempfile.TemporaryDirectory() as scratch:
        cache = Path(scratch, "scan.db")
        if arguments.growth:
            growth(folder, cache)
            return
        names = [name for name in arguments.against.split(",") if name]
        commands = peers(names, arguments.semgrep_config)
        files, lines = lines_of(folder)
        rows = [ours("superteam, cold", folder, cache), ours("superteam, warm", folder, cache)]
        rows += [measure(name, command, folder) for name, command in commands]
        show(rows, files, lines)


if __name__ == "__main__":
    main()
