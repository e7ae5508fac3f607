"""The main job on the bookstore, from PRD.md to the report: serial and with two workers, as a ratio in one run.

Run: python benchmarks/bookstore.py [depth ...]. Each run starts from nothing. Prints seconds, the share of
each phase and the ratio of two workers to none.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

PRD = Path(__file__).parent.parent / "pipelines" / "bookstore" / "PRD.md"
DEPTHS = sys.argv[1:] or ["quick", "standard"]


def run(depth: str, extra: list[str]) -> tuple[float, dict[str, object]]:
    """Return the seconds of a run and its report."""
    with tempfile.TemporaryDirectory() as folder:
        shutil.copy(PRD, folder)
        # Without it every process compiles everything anew, which no user's machine does.
        environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
        command = [sys.executable, "-m", "pytest", "--prd", "PRD.md", "--depth", depth, "-q", *extra]
        started = time.perf_counter()
        result = subprocess.run(command, cwd=folder, env=environment, capture_output=True, check=False)
        taken = time.perf_counter() - started
        if result.returncode:
            sys.exit(result.stdout.decode()[-3000:])
        return taken, json.loads((Path(folder) / ".superteam/reports/gate-report.json").read_text())


for depth in DEPTHS:
    serial, report = run(depth, [])
    parallel, _ = run(depth, ["-n", "2"])
    items: dict[int, float] = {}
    for item in report["items"]:
        items[item["layer"]] = items.get(item["layer"], 0.0) + item["seconds"]
    layers = ", ".join(f"layer {layer} {seconds:.1f}" for layer, seconds in sorted(items.items()))
    phases = ", ".join(f"{name} {seconds:.1f}" for name, seconds in report["phases"].items())
    print(f"{depth}: {serial:.1f} s serial ({phases}; {layers})")
    print(f"{depth}: {parallel:.1f} s with -n 2, ratio {parallel / serial:.2f}")
