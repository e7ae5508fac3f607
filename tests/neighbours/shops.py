"""A project for sessions with other plugins, whose fake builder takes no time, and how a session ended."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from pytest_superteam.models import Outcome

if TYPE_CHECKING:
    from pathlib import Path

PRD = """\
# Shop

## Services

| Service | Responsibility |
| --- | --- |
| shop-service | Keeps items <script>alert(1)</script> "quoted" & more |

### Item (shop-service)

| Field | Type | Constraints |
| --- | --- | --- |
| id | uuid | primary key |
| name | string | required, max 50 characters |

## API

### shop-service

| Method | Path | Description | Access |
| --- | --- | --- | --- |
| GET | /items | List items | public |
| POST | /items | Add an item | authenticated |
"""
CONFTEST = '''
import asyncio
from pathlib import Path

from pytest_superteam.builders.base import BuildOutput

MAIN = """\\
import jwt


def read(token):
    return jwt.decode(token, options={"verify_signature": False})
"""


class FakeBuilder:
    """Writes one file with a weakness for each service; takes as long as it is told to."""

    name = "fake"
    version = "1"

    async def build(self, request):
        seconds = Path("seconds")
        await asyncio.sleep(float(seconds.read_text()) if seconds.exists() else 0)
        with Path("built.log").open("a") as log:
            log.write(request.service + "\\n")
        (request.directory / "main.py").write_text(MAIN)
        return BuildOutput(start=("python", "main.py"), test=("python", "-c", "pass"))


def pytest_superteam_builders(config):
    return [FakeBuilder()]
'''
CONFIG = "builder: fake\ngate: {convergence_ratio: 0}\n"
BAD = "PRD.md::layer3::test_scan[shop-service-SEC-003]"
"""The item that blocks."""


@dataclass
class Ended:
    """A session that has ended."""

    code: int
    text: str
    folder: Path

    @property
    def report(self):
        """Return the gate report."""
        return json.loads((self.folder / ".superteam/reports/gate-report.json").read_text(encoding="utf-8"))

    @property
    def counts(self):
        """Return what pytest's last line counts, in words."""
        lines = [line for line in self.text.splitlines() if re.search(r" in \d+\.\d+s", line)]
        assert lines, self.text
        return {word.rstrip("s"): int(count) for count, word in re.findall(r"(\d+) ([a-z]+)", lines[-1])}

    def is_the_gate_of_one_finding(self, layers=(1, 3)):
        """Hold what every session in here has in common: it ran all items of its layers, and one of them blocks."""
        assert "INTERNALERROR" not in self.text, self.text
        assert self.code == pytest.ExitCode.TESTS_FAILED, self.text
        report = self.report
        ends = [item["outcome"] for item in report["items"]]
        assert report["verdict"] == "failed"
        assert [item["id"] for item in report["items"] if item["outcome"] == "failed"] == [BAD]
        assert set(ends) == {Outcome.FAILED, Outcome.PASSED}
        assert {item["layer"] for item in report["items"]} == set(layers)
        assert len(ends) == len({item["id"] for item in report["items"]}) == (37 if layers == (1, 3) else 34)
        assert (self.folder / "built.log").read_text() == "shop-service\n"
        return True


INI = """\
[pytest]
addopts = --strict-markers --strict-config -p no:cacheprovider
filterwarnings =
    error::pytest.PytestWarning
    error:::pytest_superteam
"""
