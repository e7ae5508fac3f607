"""Contracts of services whose source lies in one folder: nobody gets the routes of another."""

from __future__ import annotations

import pytest

from pytest_superteam.discovery.contracts.find import find_contracts
from pytest_superteam.discovery.discover import discover
from pytest_superteam.models import FoundService, FoundSystem

APP = """\
from flask import Flask

app = Flask(__name__)


@app.get("/{name}")
def read():
    return {{}}


if __name__ == "__main__":
    app.run(port={port})
"""


def test_one_file_each(tmp_path):
    """Services that are a file each of one folder have the routes of their file only."""
    for name, port in (("movies", 5001), ("users", 5002)):
        (tmp_path / "services").mkdir(exist_ok=True)
        (tmp_path / "services" / f"{name}.py").write_text(APP.format(name=name, port=port))
    contracts = find_contracts(discover(tmp_path))
    found = {
        name: list(contract.document["paths"]) for name in ("movies", "users") if (contract := contracts.get(name))
    }
    assert found == {"movies": ["/movies"], "users": ["/users"]}


@pytest.mark.parametrize(
    ("port", "dockerfile", "known"), [(8000, "Dockerfile", True), (5555, "Dockerfile", False), (8000, "other", False)]
)
def test_one_folder_for_several(tmp_path, port, dockerfile, known):
    """Of services that are started otherwise from one folder no contract is derived; copies of a service share one."""
    (tmp_path / "app.py").write_text(APP.format(name="tasks", port=8000))
    web = FoundService("web", folder=".", port=8000, dockerfile="Dockerfile")
    other = FoundService("dashboard", folder=".", port=port, dockerfile=dockerfile)
    contracts = find_contracts(FoundSystem(tmp_path, services=(web, other)))
    assert [contracts.get(name) is not None for name in ("web", "dashboard")] == [known, known]
    assert known or "one folder with that of dashboard" in contracts.notes[0]
