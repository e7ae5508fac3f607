"""A small project with a fake builder, so that a whole session takes a second and needs no network."""

from __future__ import annotations

# pytester forgets what a session in this process imported; C extensions don't survive being imported twice, and what
# is loaded here need not be loaded again for each test.
import filelock  # noqa: F401
import httpcore  # noqa: F401
import markdown_it  # noqa: F401
import pytest
import rich.table  # noqa: F401
import sqlalchemy.dialects.postgresql.psycopg
import sqlalchemy.dialects.sqlite  # noqa: F401
import transitions  # noqa: F401
import yaml  # noqa: F401

import pytest_superteam.fixtures
import pytest_superteam.gate.collection
import pytest_superteam.gate.distribution
import pytest_superteam.gate.reporting  # noqa: F401

PRD = """\
# Shop

## Services

| Service | Responsibility |
| --- | --- |
| auth-service | Registers users and signs them in |
| shop-service | Keeps items |

## Data model

### User (auth-service)

| Field | Type | Constraints |
| --- | --- | --- |
| id | uuid | primary key |
| email | email | required, unique |
| password | string | required |

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
| GET | /items/{id} | Read an item | public |

## Requirements

- REQ-001: Everybody lists the items.
- REQ-002: A user adds items.
"""

CONFTEST = '''
from pathlib import Path

from pytest_superteam.builders.base import BuildOutput

MAIN = """\\
from fastapi import FastAPI

app = FastAPI()


@app.get("/health")
def health():
    return {}
"""


class FakeBuilder:
    """Writes one file for each service, and a line into a log for each build."""

    name = "fake"
    version = "1"

    async def build(self, request):
        with Path("built.log").open("a") as log:
            log.write(request.service + "\\n")
        extra = Path("extra.py")
        text = MAIN + (extra.read_text() if extra.exists() else "")
        (request.directory / "main.py").write_text(text)
        return BuildOutput(start=("python", "main.py"), test=("python", "-c", "pass"))


def pytest_superteam_builders(config):
    return [FakeBuilder()]
'''

PLUGINS = ("pytest_superteam.plugin", "xdist.plugin", "pytest_metadata.plugin", "pytest_html.plugin")
CONFIG = "builder: fake\ngate: {convergence_ratio: 0}\n"


@pytest.fixture
def project(pytester, monkeypatch):
    """Return a pytester in a folder with PRD.md, superteam.yaml and a fake builder."""
    for name in ("SUPERTEAM_DEPTH", "SUPERTEAM_BUILDER", "PYTEST_ADDOPTS", "GITHUB_ACTIONS", "GITHUB_STEP_SUMMARY"):
        monkeypatch.delenv(name, raising=False)
    pytester.makeconftest(CONFTEST)
    (pytester.path / "PRD.md").write_text(PRD, encoding="utf-8")
    (pytester.path / "superteam.yaml").write_text(CONFIG, encoding="utf-8")
    # Only the plugins that these tests are about: the others take longer to load than a session takes to run.
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
    plugins = " ".join(f"-p {name}" for name in PLUGINS)
    pytester.makeini(f"[pytest]\naddopts = --strict-markers --strict-config {plugins}\nfilterwarnings = error\n")
    return pytester


@pytest.fixture(params=["serial", pytest.param("parallel", marks=pytest.mark.slow)])
def spread(request):
    """Run the test without workers and with two."""
    return [] if request.param == "serial" else ["-n", "2"]
