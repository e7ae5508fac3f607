"""What the guards are told is what is on disk."""

from __future__ import annotations

import hashlib

import pytest

from pytest_superteam.architect.document.prd import Prd, read_prds
from pytest_superteam.deployment.records import save_deployment
from pytest_superteam.models import Deployment
from pytest_superteam.pipeline.evidence import (
    architect_outputs_exist,
    contracts_valid,
    has_valid_prd,
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


@pytest.mark.parametrize(
    ("after", "valid"),
    [
        pytest.param(None, True, id="as it was read"),
        pytest.param("# Notes\n\nUsers manage notes with a title.\n", False, id="another text"),
        pytest.param("", False, id="emptied"),
    ],
)
def test_prd(tmp_path, after, valid):
    """A document is valid while it says something to build and is the one that was read, short as it may be."""
    file = tmp_path / "PRD.md"
    file.write_text("# Notes\n\nUsers can create notes.\n", encoding="utf-8")
    prd = read_prds([file])
    if after is not None:
        file.write_text(after, encoding="utf-8")
    assert has_valid_prd([file], prd) is valid


def test_prd_of_any_length(tmp_path):
    """A title is no document to build from, however long it is, though it is still the one that was read."""
    file = tmp_path / "PRD.md"
    file.write_text("# Notes" + " and more" * 20 + "\n", encoding="utf-8")
    text = file.read_text(encoding="utf-8")
    assert not has_valid_prd([file], Prd(file, text, hashlib.sha256(text.encode()).hexdigest()))


def test_prd_that_is_gone(tmp_path):
    """Of several documents, one that is gone makes them another text."""
    files = [tmp_path / "a.md", tmp_path / "b.md"]
    for file in files:
        file.write_text(f"# {file.stem}\n\nUsers can create notes.\n", encoding="utf-8")
    prd = read_prds(files)
    assert has_valid_prd(files, prd)
    files[1].unlink()
    assert not has_valid_prd(files, prd)


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
