"""Our layer 2 against `st run` on one running service with seeded bugs: what each finds, requests a second, seconds.

    python benchmarks/contracts.py [--examples 100] [--seed 1]

Both get the same document, seed, token, number of examples and phases (examples, coverage, fuzzing, stateful), one
after the other, each with a service of its own that starts empty and counts the requests. What is found is counted by
operation and kind.
"""

from __future__ import annotations

import argparse
import json
import re
import socket
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.request import urlopen

from contracts_service import BUGS, DOCUMENT, FIELDS, TOKEN

if TYPE_CHECKING:
    from collections.abc import Iterator

HERE = Path(__file__).parent
OPEN_DOOR = "A call without a token is let in"
NAMES = {OPEN_DOOR: ("API accepts requests without authentication", "Missing required header accepted")}
"""What the engine calls findings of ours that have another name: a protected operation without its header."""
LEFT_OUT = ("A call with a ",)
"""Findings of ours that say the same once more in another way: a worthless token besides none."""


@dataclass(frozen=True)
class Run:
    """One contestant: (operation, kind) of its findings, requests that the service counted, seconds of wall clock."""

    name: str
    found: frozenset[tuple[str, str]]
    requests: int
    seconds: float

    @property
    def rate(self) -> float:
        """Return the requests a second."""
        return self.requests / self.seconds


@contextmanager
def service() -> Iterator[str]:
    """Start the service in a process of its own; yields its address."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    process = subprocess.Popen([sys.executable, str(HERE / "contracts_service.py"), str(port)])
    url = f"http://127.0.0.1:{port}"
    try:
        for _ in range(200):
            try:
                urlopen(f"{url}/count", timeout=1).close()
                break
            except OSError:
                time.sleep(0.05)
        yield url
    finally:
        process.terminate()
        process.wait(10)


def counted(url: str) -> int:
    """Return how many requests the service has had."""
    with urlopen(f"{url}/count", timeout=5) as answer:
        return int(json.load(answer)["requests"])


def theirs(examples: int, seed: int) -> Run:
    """Run the engine's own command."""
    program = str(Path(sys.executable).with_name("st"))
    with service() as url, tempfile.TemporaryDirectory() as folder:
        report = Path(folder, "report.ndjson")
        command = [program, "run", f"{url}/openapi.json", f"--max-examples={examples}", f"--seed={seed}"]
        command += ["--phases=examples,coverage,fuzzing,stateful", "-H", f"Authorization: Bearer {TOKEN}"]
        command += ["--continue-on-failure", "--generation-database=none", "--report=ndjson"]
        command += [f"--report-ndjson-path={report}", "--workers=1"]
        started = time.monotonic()
        subprocess.run(command, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.STDOUT, check=False)
        seconds = time.monotonic() - started
        found = frozenset(_failures(report))
        return Run("st run", found, counted(url), seconds)


def _failures(report: Path) -> Iterator[tuple[str, str]]:
    """Yield operation and kind of each failure in the engine's report."""
    for line in report.read_text().splitlines():
        yield from _failures_in(json.loads(line))


def _failures_in(value: Any) -> Iterator[tuple[str, str]]:
    if isinstance(value, dict):
        failure = value.get("failure")
        if isinstance(failure, dict) and "operation" in failure:
            yield failure["operation"], failure.get("title", "")
        for part in value.values():
            yield from _failures_in(part)
    elif isinstance(value, list):
        for part in value:
            yield from _failures_in(part)


def ours(examples: int, seed: int) -> Run:
    """Run our checks in a process of their own."""
    with service() as url:
        command = [sys.executable, __file__, "--ours", url, f"--examples={examples}", f"--seed={seed}"]
        started = time.monotonic()
        output = subprocess.run(command, capture_output=True, text=True, check=True).stdout
        seconds = time.monotonic() - started
        return Run("superteam", frozenset(map(tuple, json.loads(output))), counted(url), seconds)


def check(url: str, examples: int, seed: int) -> None:
    """Check all operations and the sequences of the service at `url`; prints what was found as JSON."""
    from pytest_superteam.checks.engine.conformance import ConformanceOptions, check_operation
    from pytest_superteam.checks.engine.sequences import SequenceOptions, check_sequences

    rows = _rows(url)
    messages, labels = [], []
    for path, item in DOCUMENT["paths"].items():
        for method, operation in item.items():
            labels.append(f"{method.upper()} {path}")
            public = operation.get("security") == []
            result = check_operation(
                contract=DOCUMENT,
                service="shop",
                operation_id=operation["operationId"],
                base_url=url,
                token=None if public else TOKEN,
                other_tokens={},
                options=ConformanceOptions(seed=seed, max_examples=examples, samples=rows),
            )
            messages += [violation.message for violation in result.violations]
    options = SequenceOptions(
        seed=seed,
        scenarios=max(5, examples // 4),
        tokens=dict.fromkeys(labels, TOKEN),
        samples=dict.fromkeys(labels, rows),
    )
    result = check_sequences(contract=DOCUMENT, service="shop", base_url=url, options=options)
    messages += [violation.message for violation in result.violations]
    print(json.dumps(sorted({pair for message in messages for pair in _kinds(message)})))


def _rows(url: str) -> dict[str, list[str]]:
    """Make two rows of each kind, as the gate does through the contract; returns their ids by parameter."""
    import httpx

    from pytest_superteam.contracts.synthesise import example_for

    found: dict[str, list[str]] = {}
    with httpx.Client(base_url=url, headers={"Authorization": f"Bearer {TOKEN}"}) as client:
        for name in FIELDS:
            schema = DOCUMENT["paths"][f"/{name}s"]["post"]["requestBody"]["content"]["application/json"]["schema"]
            for turn in range(2):
                answer = client.post(f"/{name}s", json=example_for(schema, DOCUMENT, salt=str(turn)))
                known = re.search(r'"id": ?"([\w-]{36})"', answer.text)
                if known:
                    found.setdefault(f"{name}_id", []).append(known[1])
    return found


def _kinds(message: str) -> Iterator[tuple[str, str]]:
    """Yield operation and title of a violation, and of what came with it."""
    label, _, rest = message.partition(": ")
    title = rest.partition(". ")[0]
    yield from ((label, name) for name in NAMES.get(title, () if title.startswith(LEFT_OUT) else (title,)))
    for beside in re.findall(r"With it: ([^.]+)\.", rest):
        yield from ((label, title) for title in beside.split(", "))


def show(runs: list[Run]) -> None:
    """Print the table."""
    titles = sorted(set().union(*(run.found for run in runs)))
    width = max(len(f"{operation}  {title}") for operation, title in titles)
    operations = sum(len(item) for item in DOCUMENT["paths"].values())
    print(f"{operations} operations, {len(BUGS)} seeded bugs")
    print(f"{'finding':{width}}" + "".join(f"{run.name:>12}" for run in runs))
    for pair in titles:
        print(f"{'  '.join(pair):{width}}" + "".join(f"{'x' if pair in run.found else '-':>12}" for run in runs))
    for name, cell in (
        ("unique failures", lambda run: f"{len(run.found)}"),
        ("requests", lambda run: f"{run.requests}"),
        ("seconds", lambda run: f"{run.seconds:.1f}"),
        ("requests a second", lambda run: f"{run.rate:.0f}"),
    ):
        print(f"{name:{width}}" + "".join(f"{cell(run):>12}" for run in runs))
    mine, other = runs
    print(f"requests a second, ours / theirs: {mine.rate / other.rate:.2f}")
    print(f"found by them and not by us: {len(other.found - mine.found)}")


def main() -> None:
    """Measure what the command line asks for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--examples", type=int, default=100, help="generated requests, as for `st run`")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--ours", metavar="URL", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.ours:
        check(arguments.ours, arguments.examples, arguments.seed)
        return
    show([ours(arguments.examples, arguments.seed), theirs(arguments.examples, arguments.seed)])


if __name__ == "__main__":
    main()
