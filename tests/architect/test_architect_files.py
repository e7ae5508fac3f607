"""The architecture on disk: equal bytes for equal architectures, the same one back, errors with a place."""

import json
from dataclasses import replace
from importlib import resources

import pytest
import yaml
from jsonschema import Draft202012Validator

from pytest_superteam.architect.contract.asyncapi import document
from pytest_superteam.architect.contract.openapi import contracts
from pytest_superteam.architect.files import read_architecture, write_architecture
from pytest_superteam.errors import UsageError


@pytest.fixture
def whole(bookstore):
    """Return the bookstore's architecture with its contracts."""
    return replace(bookstore, contracts=contracts(bookstore), asyncapi=document(bookstore))


def test_what_is_written_is_read_back(whole, tmp_path):
    """The architecture survives the disk, and the same one gives the same bytes."""
    write_architecture(whole, tmp_path / "a")
    assert read_architecture(tmp_path / "a") == whole
    write_architecture(read_architecture(tmp_path / "a"), tmp_path / "b")
    first, second = ({p.name: p.read_bytes() for p in (tmp_path / d).rglob("*.yaml")} for d in "ab")
    assert first == second
    assert sorted(first) == [
        "auth-service.openapi.yaml",
        "catalog-service.openapi.yaml",
        "domain-model.yaml",
        "events.asyncapi.yaml",
        "notification-service.openapi.yaml",
        "order-service.openapi.yaml",
        "service-map.yaml",
    ]


def test_the_documents_are_an_interface(whole, tmp_path):
    """Services and entities have names and sources where readers of the files look for them."""
    write_architecture(whole, tmp_path)
    services = yaml.safe_load((tmp_path / "service-map.yaml").read_text("utf-8"))
    assert services["version"] == 1
    assert services["services"][0]["name"] == "auth-service"
    assert services["services"][0]["source"] == {"line": 10}
    domain = yaml.safe_load((tmp_path / "domain-model.yaml").read_text("utf-8"))
    book = next(e for e in domain["entities"] if e["name"] == "Book")
    assert book["service"] == "catalog-service"
    assert book["fields"][1] == {
        "name": "title",
        "max_length": 300,
        "description": "required, max 300 characters",
        "source": {"line": 45},
    }


def test_what_is_no_more_is_removed(whole, tmp_path):
    """Contracts of services that left the architecture leave the disk, other files stay."""
    write_architecture(whole, tmp_path)
    (tmp_path / "contracts" / "notes.txt").write_text("mine")
    write_architecture(replace(whole, contracts={}, asyncapi=None), tmp_path)
    assert [p.name for p in (tmp_path / "contracts").iterdir()] == ["notes.txt"]


@pytest.mark.parametrize(
    ("name", "old", "new", "said"),
    [
        ("service-map.yaml", "version: 1", "version: 2", "service-map.yaml:1: version: 1 was expected."),
        (
            "service-map.yaml",
            "- name: auth-service",
            "- name: ../../etc",
            "services[0].name (../../etc): '../../etc' does not match",
        ),
        ("service-map.yaml", "- name: auth-service", "- nam: auth-service", ": services[0]: "),
        ("service-map.yaml", "kind: login", "kind: signin", "operations[1].kind (login): 'signin' is not one of"),
        ("service-map.yaml", "entity: Author", "entity: Writer", "'Writer' is no entity of domain-model.yaml."),
        (
            "service-map.yaml",
            "- name: auth-service",
            "- name: order-service",
            "services: two are called 'order-service'.",
        ),
        (
            "domain-model.yaml",
            "service: order-service",
            "service: shop",
            "entities[3].service (Order): 'shop' is no service of service-map.yaml. It has ",
        ),
        (
            "domain-model.yaml",
            "references: Author",
            "references: Writer",
            "references (Book.author_id): 'Writer' is no entity.",
        ),
        (
            "domain-model.yaml",
            "type: money",
            "type: gold",
            "entities[2].fields[4].type (Book.price): 'gold' is not one of",
        ),
        ("domain-model.yaml", "entities:", "entities: [", "it is not YAML"),
        ("domain-model.yaml", "version: 1", "!!python/name:os.system", "it is not YAML"),
    ],
)
def test_a_wrong_file_is_one_line(whole, tmp_path, name, old, new, said):
    """A file that a person broke gives one line with the file, the place and what to do."""
    write_architecture(whole, tmp_path)
    path = tmp_path / name
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), "utf-8")
    with pytest.raises(UsageError) as caught:
        read_architecture(tmp_path)
    assert said in str(caught.value)
    assert name in str(caught.value)
    assert "\n" not in str(caught.value)


def test_missing_and_unreadable_files_are_named(whole, tmp_path):
    """A file that is not there, or is no text, is named."""
    with pytest.raises(UsageError, match=r"service-map\.yaml: it can't be read"):
        read_architecture(tmp_path)
    write_architecture(whole, tmp_path)
    (tmp_path / "domain-model.yaml").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(UsageError, match=r"domain-model\.yaml: it is not YAML in UTF-8"):
        read_architecture(tmp_path)
    (tmp_path / "domain-model.yaml").write_text("- a\n")
    with pytest.raises(UsageError, match="a mapping is expected, not list"):
        read_architecture(tmp_path)


@pytest.mark.parametrize("name", ["service-map", "domain-model"])
def test_the_schemas_are_shipped_and_valid(name):
    """Both documents have a JSON schema in the package."""
    text = resources.files("pytest_superteam.architect").joinpath("schemas", f"{name}.schema.json").read_text("utf-8")
    Draft202012Validator.check_schema(json.loads(text))
