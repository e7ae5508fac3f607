"""What it costs to have an agent build instead of running its program by hand, and what the fix loop costs.

Run: python benchmarks/agents.py [--rounds 5] [--services 2]. Exits with 1 where a build takes 1.5 s more than its
program and its own tests, or a fix attempt makes a session more than three times as long.

The agent is a program that copies a ready service, so that all else is ours. What is timed, alternating:

- program: a process that runs it in an empty folder;
- build: `AgentBuilder.build` with it: input laid out, limits, confinement, evidence. The service's own tests, which run
  then, are taken off: they are work that has to be done, and the gate does not do it again;
- session: `pytest --prd PRD.md -m layer1 --fix 0`, each time in a new folder, where the agent builds all services;
- driven: the same with `--fix 1`, where nothing is to be mended: what the driver's process costs;
- mended: the same, where the agent leaves a fault in one service and mends it when it is asked: another session,
  another build, and what changed is gated again.

Printed are medians in seconds and their ratio to what stands above them.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from documents import prd

from pytest_superteam.agents.builder import AgentBuilder, Surroundings
from pytest_superteam.agents.outside import Lookout
from pytest_superteam.architect.builtin import design
from pytest_superteam.architect.contract import openapi
from pytest_superteam.architect.document.prd import read_prds
from pytest_superteam.builders.base import BuildRequest
from pytest_superteam.builders.builtin import BuiltinBuilder
from pytest_superteam.config_entries import AgentConfig

if TYPE_CHECKING:
    from collections.abc import Callable

MOST_SECONDS, MOST_RATIO = 1.5, 3.0
NOUNS = ("book", "order", "invoice", "payment", "shipment", "product")
AGENT = """\
import json, os, re, shutil, sys
from pathlib import Path
asked = Path(".superteam/TASK.md")
text = asked.read_text(encoding="utf-8") if asked.exists() else ""
name = sys.argv[1] if len(sys.argv) > 1 else re.search(r"[a-z]+-service", text)[0]
mending = Path("service.json").exists()
shutil.copytree(Path(os.environ["TREES"], name), ".", dirs_exist_ok=True)
start = ["python", "-m", "uvicorn", "app.main:app", "--host", "127.0.0.1", "--port", "{port}"]
Path("service.json").write_text(json.dumps({"start": start, "test": ["python", "-m", "pytest", "-q", "tests"]}))
fault = Path("app/fault.py")
if name == os.environ.get("FAULTY") and not mending:
    fault.write_text("def (")
else:
    fault.unlink(missing_ok=True)
"""


class World:
    """A document, the ready services of its design, and the agent."""

    def __init__(self, root: Path, services: int) -> None:
        """Build the services into `root`."""
        self.root = root
        (root / "agent.py").write_text(AGENT, encoding="utf-8")
        (root / "PRD.md").write_text(prd(list(NOUNS[:services])), encoding="utf-8")
        designed = design(read_prds((root / "PRD.md",)))
        self.architecture = replace(designed, contracts=openapi.contracts(designed))
        self.first = self.architecture.services[0].name
        os.environ["TREES"] = str(root / "trees")
        for service in self.architecture.services:
            tree = root / "trees" / service.name
            tree.mkdir(parents=True)
            asyncio.run(BuiltinBuilder().build(BuildRequest(service.name, self.architecture, tree)))

    def program(self, folder: Path) -> float:
        """Run the agent's program by itself."""
        subprocess.run([sys.executable, str(self.root / "agent.py"), self.first], cwd=folder, check=True)
        return 0.0

    def build(self, folder: Path) -> float:
        """Have it build a service; return the seconds of the service's own tests."""
        site = folder / ".superteam" / "aside" / "building" / "site"
        site.mkdir(parents=True)
        request = BuildRequest(
            self.first,
            self.architecture,
            site,
            prd=(self.root / "PRD.md").read_text(encoding="utf-8"),
            project=folder,
            private=folder / ".superteam" / "agents" / "site",
        )
        config = AgentConfig(command=("python", str(self.root / "agent.py"), self.first), environment=("TREES",))
        lookout = Lookout(folder, output=folder / "services", records=folder / ".superteam" / "builds")
        output = asyncio.run(AgentBuilder("copier", config, surroundings=Surroundings(folder, lookout)).build(request))
        if output.evidence is None or not output.evidence.complete:
            sys.exit(f"the build is not what it has to be: {output.evidence}")
        return output.evidence.tests.seconds if output.evidence.tests else 0.0

    def session(self, folder: Path, fix: int, faulty: str = "") -> float:
        """Run a gate, or the sessions of a fix loop."""
        shutil.copy(self.root / "PRD.md", folder)
        settings = f"command: [python, {self.root}/agent.py], environment: [TREES, FAULTY]"
        (folder / "superteam.yaml").write_text(
            f"builder: copier\nagents: {{copier: {{{settings}}}}}\n", encoding="utf-8"
        )
        options = ["-q", "-p", "no:cacheprovider", "--prd", "PRD.md", "-m", "layer1", "--fix", str(fix)]
        command = [sys.executable, "-m", "pytest", *options]
        environment = {**os.environ, "FAULTY": faulty}
        done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
        attempts = len(list((folder / ".superteam" / "attempts").glob("[0-9]*")))
        if done.returncode or attempts != bool(faulty):
            sys.exit(f"{attempts} fix attempts.\n{done.stdout[-3000:]}{done.stderr[-3000:]}")
        return 0.0


def timed(run: Callable[[Path], float], root: Path) -> float:
    """Return the seconds of a run in a new folder, without those that it returns."""
    with tempfile.TemporaryDirectory(dir=root) as folder:
        started = time.perf_counter()
        apart = run(Path(folder))
        return time.perf_counter() - started - apart


def main() -> None:
    """Measure, and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--services", type=int, default=2, help=f"services of a session, {len(NOUNS)} at most")
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        world = World(root, chosen.services)
        runs: dict[str, Callable[[Path], float]] = {
            "program": world.program,
            "build": world.build,
            "session": lambda place: world.session(place, 0),
            "driven": lambda place: world.session(place, 1),
            "mended": lambda place: world.session(place, 1, world.first),
        }
        world.build_once = timed(world.build, root)  # what is imported for the first time costs once a session
        times = {name: [] for name in runs}
        for _ in range(chosen.rounds):
            for name, run in runs.items():
                times[name].append(timed(run, root))
    middle = {name: statistics.median(taken) for name, taken in times.items()}
    more, ratio = middle["build"] - middle["program"], middle["mended"] / middle["session"]
    print(f"program  {middle['program']:6.2f} s")
    print(
        f"build    {middle['build']:6.2f} s  {more:+.2f} s, {middle['build'] / middle['program']:.1f} times the program"
    )
    print(f"first    {world.build_once:6.2f} s  with all that is imported")
    print(f"session  {middle['session']:6.2f} s  of {chosen.services} services")
    print(f"driven   {middle['driven']:6.2f} s  {middle['driven'] / middle['session']:.2f} times the session")
    print(f"mended   {middle['mended']:6.2f} s  {ratio:.2f} times the session")
    sys.exit(more >= MOST_SECONDS or ratio > MOST_RATIO)


if __name__ == "__main__":
    main()
