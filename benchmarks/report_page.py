"""The report page with thousands of rows against pytest-html's own page of the same rows, in the same browser.

    python benchmarks/report_page.py [--rows 6000] [--rounds 3]

Two sessions run the same tests, one with the gate's hooks for pytest-html and one without. Each page is opened in
Debian's chromium (`apt-get install chromium`), one after the other in each round, and used as somebody would. Printed
is the median of what each step takes until the next frame and of its longest task, which is how long the page does not
answer; the ratio is theirs by ours. By the clock it says something on an idle machine only, the ratio on any.
"""

from __future__ import annotations

import argparse
import gzip
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

CONFTEST = """
import os

import pytest

from pytest_superteam.models import ItemResult, Outcome, Severity

SEVERITIES = list(Severity)


def row(number):
    return number % 4 + 1, f"SEC-{number // 20 % 40:03d}", SEVERITIES[number % 5], f"service-{number % 20}"


if os.environ["BENCHMARK_OURS"]:
    from pytest_superteam.gate import html_page
    from pytest_superteam.gate.gathered import GATHERED, Gathered
    from pytest_superteam.reports.assemble import assemble

    def pytest_configure(config):
        config.pluginmanager.register(html_page, "superteam_html")
        items = [
            ItemResult(f"test_rows.py::test_item[{number}]", *row(number), True,
                       Outcome.FAILED if number % 12 == 0 else Outcome.PASSED)
            for number in range(int(os.environ["BENCHMARK_ROWS"]))
        ]
        services = sorted({item.service for item in items})
        report = assemble(title="Rows", run_id="r", items=items, services=services, phases={}, seconds=1)
        config.stash[GATHERED] = Gathered(report=report)

    def pytest_collection_modifyitems(items):
        for number, item in enumerate(items):
            values = map(str, row(number))
            item.user_properties += zip(("layer", "code", "severity", "service"), values)
"""
TESTS = """
import os

import pytest


@pytest.mark.parametrize("number", range(int(os.environ["BENCHMARK_ROWS"])))
def test_item(number):
    if number % 12 == 0:
        pytest.fail(f"SEC-001 app/main.py:{number} The route answers without a token. Ask for one.", pytrace=False)
    if number % 25 == 0:
        pytest.xfail("advisory")
"""

WATCH = """
window.tasks = []
new PerformanceObserver((list) => list.getEntries().forEach(({ duration }) => tasks.push(duration)))
  .observe({ type: 'longtask', buffered: true })
window.settled = () => new Promise((done) => requestAnimationFrame(() => setTimeout(done)))
"""
STEP = """async (step) => {
  tasks.length = 0
  const started = performance.now()
  new Function(step)()
  await settled()
  const taken = performance.now() - started
  await new Promise((done) => setTimeout(done, 200))
  return [taken, Math.max(0, ...tasks)]
}"""
STEPS = {
    "hide what passed": "document.querySelector('input[data-test-result=passed]').click()",
    "show it again": "document.querySelector('input[data-test-result=passed]').click()",
    "open one row": "document.querySelector('.collapsible td').click()",
    "sort by test": "const th = document.querySelector('th[data-column-type=testId]');"
    "(th.querySelector('button') || th).click()",
    "show all details": "document.getElementById('show_all_details').click()",
    "scroll to the end": "scrollTo(0, document.body.scrollHeight)",
}
OURS = {
    "choose a layer": "const f = document.querySelector('#gs-filters [name=layer]'); f.value = '3';"
    "f.dispatchEvent(new Event('change', { bubbles: true }))",
    "search": "const f = document.querySelector('#gs-filters [name=q]'); f.value = 'service-7';"
    "f.dispatchEvent(new Event('input', { bubbles: true }))",
}
Taken = dict[str, tuple[float, float]]


def page_of(folder: Path, rows: int, *, ours: bool) -> Path:
    """Run the session, and return the page that it wrote."""
    folder.mkdir()
    (folder / "conftest.py").write_text(CONFTEST, encoding="utf-8")
    (folder / "test_rows.py").write_text(TESTS, encoding="utf-8")
    environment = os.environ | {"BENCHMARK_OURS": "1" if ours else "", "BENCHMARK_ROWS": str(rows)}
    command = [sys.executable, "-m", "pytest", "-q", "--tb=no", "-p", "no:cacheprovider", "-p", "no:superteam"]
    done = subprocess.run(
        [*command, "--html=page.html", "--self-contained-html"],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 1:
        sys.exit(f"{done.stdout[-3000:]}{done.stderr[-3000:]}")
    return folder / "page.html"


def used(browser: Any, path: Path, steps: dict[str, str]) -> tuple[Taken, dict[str, float]]:
    """Open a page and use it; return seconds to the next frame and of the longest task by step, and what it holds."""
    page = browser.new_page()
    page.set_default_timeout(300_000)
    page.add_init_script(WATCH)
    page.goto(path.as_uri())
    page.evaluate("() => settled()")
    page.wait_for_timeout(500)
    script = "() => [performance.getEntriesByType('navigation')[0].loadEventEnd, Math.max(0, ...tasks)]"
    taken: Taken = {"load": tuple(page.evaluate(script))}
    holds = {
        "rows in the page": page.locator("#results-table .collapsible").count(),
        "elements in the page": page.evaluate("() => document.getElementsByTagName('*').length"),
    }
    for name, step in steps.items():
        taken[name] = tuple(page.evaluate(STEP, step))
    page.close()
    return taken, holds


def medians(rounds: list[Taken]) -> Taken:
    """Return the median of each step."""
    return {
        name: (
            statistics.median(taken[name][0] for taken in rounds),
            statistics.median(taken[name][1] for taken in rounds),
        )
        for name in rounds[0]
    }


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--rows", type=int, default=6000)
    parser.add_argument("--rounds", type=int, default=3)
    chosen = parser.parse_args()
    chromium = shutil.which("chromium") or shutil.which("google-chrome")
    if chromium is None:
        sys.exit("There is no chromium here: apt-get install chromium.")
    from playwright.sync_api import sync_playwright

    with tempfile.TemporaryDirectory() as folder, sync_playwright() as driver:
        pages = {name: page_of(Path(folder) / name, chosen.rows, ours=name == "ours") for name in ("theirs", "ours")}
        browser = driver.chromium.launch(executable_path=chromium)
        rounds: dict[str, list[Taken]] = {name: [] for name in pages}
        holds: dict[str, dict[str, float]] = {}
        for _ in range(chosen.rounds):
            for name, path in pages.items():
                taken, holds[name] = used(browser, path, STEPS | (OURS if name == "ours" else {}))
                rounds[name].append(taken)
        browser.close()
        sizes = {
            name: (len(data), len(gzip.compress(data))) for name, path in pages.items() if (data := path.read_bytes())
        }
    report(chosen.rows, {name: medians(each) for name, each in rounds.items()}, holds, sizes)


def report(
    rows: int, taken: dict[str, Taken], holds: dict[str, dict[str, float]], sizes: dict[str, tuple[int, int]]
) -> None:
    """Print a line for each step."""
    print(f"{rows} rows             next frame, ms                  longest task, ms")
    print("                      pytest-html     ours  ratio   pytest-html     ours  ratio")
    for name, ours in taken["ours"].items():
        theirs = taken["theirs"].get(name)
        line = f"{name:21}"
        for which in (0, 1):
            ratio = f"{theirs[which] / ours[which]:6.1f}" if theirs and ours[which] else "     -"
            line += f" {theirs[which]:11.0f}" if theirs else "           -"
            line += f" {ours[which]:8.0f} {ratio} "
        print(line.rstrip())
    for name, count in holds["ours"].items():
        print(f"{name:21} {holds['theirs'][name]:11.0f} {count:8.0f}")
    for name, which in (("size, KB", 0), ("size gzipped, KB", 1)):
        print(f"{name:21} {sizes['theirs'][which] / 1000:11.0f} {sizes['ours'][which] / 1000:8.0f}")


if __name__ == "__main__":
    main()
