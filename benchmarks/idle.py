"""What the installed but idle plugin costs: `pytest --co -q` in an empty folder, with it and without it.

Run: python benchmarks/idle.py [rounds]. Prints milliseconds, by the clock and of the processor: the medians of each
environment's fastest quarter, for that is where the machine did little else. The environments hold pytest and what it
needs and nothing else, and then the plugin, found by its entry point: first with none of its files on record, which is
what its own code costs, then as pip installs it, for pytest looks at each file on record of whatever has plugins. What
other plugins cost, those that we depend on included, is not measured. Exits with 1 where its own code takes 10 ms.
"""

from __future__ import annotations

import os
import random
import re
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from importlib.metadata import Distribution, distribution
from pathlib import Path

ROUNDS = int(sys.argv[1]) if len(sys.argv) > 1 else 30
MOST = 10.0
"""Milliseconds that the difference has to stay under."""
PACKAGE = Path(__file__).parents[1] / "pytest_superteam"


def needed(name: str, found: dict[str, Distribution]) -> dict[str, Distribution]:
    """Return a distribution and all that it needs on this Python, by name."""
    found[name] = distribution(name)
    for requirement in found[name].requires or ():
        other = re.match(r"[\w.-]+", requirement).group().lower()
        if ";" not in requirement and other not in found:
            needed(other, found)
    return found


def without(folder: Path) -> Path:
    """Return a folder with pytest and what it needs."""
    folder.mkdir()
    for known in needed("pytest", {}).values():
        for top in {file.parts[0] for file in known.files if file.parts[0] not in ("..", "__pycache__")}:
            (folder / top).symlink_to(known.locate_file(top))
    return folder


def plugin(folder: Path, *, recorded: bool) -> Path:
    """Return a folder with the plugin, its files on record as pip does it (their bytecode too), or not."""
    data = folder / "pytest_superteam-0.dist-info"
    data.mkdir(parents=True)
    (folder / PACKAGE.name).symlink_to(PACKAGE)
    (data / "METADATA").write_text("Metadata-Version: 2.1\nName: pytest-superteam\nVersion: 0\n", encoding="utf-8")
    (data / "entry_points.txt").write_text("[pytest11]\nsuperteam = pytest_superteam.plugin\n", encoding="utf-8")
    files = [f.relative_to(PACKAGE.parent) for f in PACKAGE.rglob("*") if f.is_file() and f.suffix != ".pyc"]
    files += [
        f.parent / "__pycache__" / f"{f.stem}.{sys.implementation.cache_tag}.pyc" for f in files if f.suffix == ".py"
    ]
    record = [f"{file},sha256=x,1\n" for file in files] if recorded else ["pytest_superteam.pth,sha256=x,1\n"]
    (data / "RECORD").write_text("".join(record), encoding="utf-8")
    return folder


def once(folder: Path, path: str, bytecode: Path) -> tuple[float, float]:
    """Return the milliseconds of one start, by the clock and of the processor."""
    environment = {"PATH": os.environ["PATH"], "PYTHONPATH": path, "PYTHONPYCACHEPREFIX": str(bytecode)}
    command = [sys.executable, "-S", "-m", "pytest", "--co", "-q"]
    before, started = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    taken, after = time.perf_counter() - started, resource.getrusage(resource.RUSAGE_CHILDREN)
    if done.returncode != 5:  # nothing collected: what an empty folder gives
        sys.exit(done.stdout + done.stderr)
    busy = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return taken * 1000, busy * 1000


def quick(times: tuple[float, ...]) -> float:
    """Return the median of the fastest quarter."""
    return statistics.median(sorted(times)[: max(1, len(times) // 4)])


def main() -> None:
    """Measure, and print."""
    with tempfile.TemporaryDirectory() as temporary:
        root = Path(temporary)
        (root / "empty").mkdir()
        base = str(without(root / "base"))
        own, installed = plugin(root / "own", recorded=False), plugin(root / "installed", recorded=True)
        paths = {"without": base, "own code": f"{base}{os.pathsep}{own}", "by pip": f"{base}{os.pathsep}{installed}"}
        times: dict[str, list[tuple[float, float]]] = {name: [] for name in paths}
        for number in range(ROUNDS + 2):
            for name in random.sample(list(paths), len(paths)):  # none of them always after the same other one
                taken = once(root / "empty", paths[name], root / "bytecode")
                if number >= 2:  # the first ones compile bytecode
                    times[name].append(taken)
    fast = {name: [quick(column) for column in zip(*taken, strict=True)] for name, taken in times.items()}
    wall, busy = fast.pop("without")
    print(f"without: {wall:.1f} ms, {busy:.1f} ms of the processor; {ROUNDS} rounds")
    for name, (more_wall, more_busy) in fast.items():
        print(f"{name}: {more_wall - wall:+.1f} ms, {more_busy - busy:+.1f} ms of the processor")
    sys.exit(fast["own code"][0] - wall >= MOST)


if __name__ == "__main__":
    main()
