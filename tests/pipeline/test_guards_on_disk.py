"""What the guards are told is what is on disk."""

from __future__ import annotations

import pytest

from pytest_superteam.deployment.records import save_deployment
from pytest_superteam.models import Deployment
from pytest_superteam.pipeline.evidence import (
    architect_outputs_exist,
    contracts_valid,
    integration_report_exists,
)
from pytest_superteam.pipeline.files import Layout

CONTRACT = "openapi: 3.1.0\ninfo: {title: Notes, version: '1'}\npaths: {}\n"


@pytest.fixture
def layout(tmp_path):
    """Return a project with a whole design of two services."""
    layout = Layout(tmp_path)
    files = {
        "service-map.yaml": "services: []\n",
        "domain-model.yaml": "entities: []\n",
        "contracts/notes.openapi.yaml": CONTRACT,
        "contracts/tags.openapi.yaml": '{"openapi": "3.1.0"}',
    }
    for name, text in files.items():
        path = layout.architecture / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return layout


@pytest.mark.parametrize("name", ["service-map.yaml", "domain-model.yaml", "contracts/tags.openapi.yaml"])
@pytest.mark.parametrize("left", ["nothing", "an empty file", "a folder"])
def test_architect_outputs(layout, name, left):
    """A design is there when each of its files is, and holds something."""
    assert architect_outputs_exist(layout, ["notes", "tags"])
    (layout.architecture / name).unlink()
    if left == "an empty file":
        (layout.architecture / name).touch()
    elif left == "a folder":
        (layout.architecture / name).mkdir()
    assert not architect_outputs_exist(layout, ["notes", "tags"])


@pytest.mark.parametrize(
    ("text", "valid"),
    [
        (CONTRACT, True),
        ("info: {title: Notes}\nopenapi: 3.0.3\n", True),
        ('{"swagger": "2.0"}', True),
        ('{\n  "openapi": "3.1.0"\n}', True),
        ("asyncapi: 3.0.0\n", False),
        ("# openapi: none yet\n", False),
        ("info: {title: the openapi: of notes}\n", False),
        ("", False),
        (None, False),
    ],
)
def test_contracts(layout, text, valid):
    """A contract is one that says so itself; one of another kind, or none, is no contract."""
    path = layout.architecture / "contracts/notes.openapi.yaml"
    path.unlink()
    if text is not None:
        path.write_text(text, encoding="utf-8")
    assert contracts_valid(layout, ["notes", "tags"]) is valid
    assert contracts_valid(layout, ["tags"])


def test_integration_report(layout):
    """How the system runs is known from this run's own record only."""
    assert not integration_report_exists(layout, "one")
    save_deployment(Deployment("process", "one", ()), layout.deployment)
    assert integration_report_exists(layout, "one")
    assert not integration_report_exists(layout, "two")
