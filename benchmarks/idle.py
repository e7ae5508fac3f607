"""What the installed but idle plugin costs: `pytest --co -q` in an empty folder, with it and without it.

Run: python benchmarks/idle.py [rounds]. Prints the median of each in milliseconds and the median difference of the
interleaved pairs. Everything else that pytest would load is left out, so that the difference is not lost in it.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time

ROUNDS = int(sys.argv[1]) if len(sys.argv) > 1 else 30
BASE = [sys.executable, "-m", "pytest", "--co", "-q"]
VARIANTS = {"without": [], "with": ["-p", "pytest_superteam.plugin"]}


def once(folder: str, extra: list[str]) -> float:
    """Return the milliseconds of one start."""
    environment = {**os.environ, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    started = time.perf_counter()
    subprocess.run([*BASE, *extra], cwd=folder, env=environment, stdout=subprocess.DEVNULL, check=False)
    return (time.perf_counter() - started) * 1000


with tempfile.TemporaryDirectory() as folder:
    times: dict[str, list[float]] = {name: [] for name in VARIANTS}
    for number in range(ROUNDS + 2):
        for name, extra in VARIANTS.items():
            taken = once(folder, extra)
            if number >= 2:  # the first ones compile bytecode
                times[name].append(taken)

for name, taken in times.items():
    print(f"{name}: median {statistics.median(taken):.1f} ms")
pairs = [after - before for before, after in zip(times["without"], times["with"], strict=True)]
print(f"difference: median {statistics.median(pairs):+.1f} ms over {ROUNDS} pairs")
