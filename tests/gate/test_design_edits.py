"""A design that was edited by hand is respected by the next run, checked, and never lost in silence."""

from __future__ import annotations

import json

import pytest
import yaml

ARCHITECT = ("--prd", "PRD.md", "--until", "architect")


def one_line(result):
    """Return the only line that an early end prints."""
    assert result.ret == pytest.ExitCode.USAGE_ERROR, result.stdout.str()
    [line] = [line for line in [*result.errlines, *result.outlines] if line.startswith("ERROR: ")]
    return line


@pytest.fixture
def designed(project):
    """Return the project with a design on disk."""
    assert project.runpytest(*ARCHITECT).ret == 0
    return project


def file(project, name):
    return project.path / ".superteam/architecture" / name


def edit(project, name, old, new):
    """Replace a text in a file of the design."""
    path = file(project, name)
    text = path.read_text(encoding="utf-8")
    assert old in text, text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


SHORTER = ("domain-model.yaml", "max_length: 50", "max_length: 7")
CONTRACT = "contracts/shop-service.openapi.yaml"


def test_an_edit_is_used_and_said(designed):
    """The edited model makes the contract of its service again, and the run says what was edited."""
    before = file(designed, "contracts/auth-service.openapi.yaml").read_bytes()
    edit(designed, *SHORTER)
    result = designed.runpytest(*ARCHITECT)
    result.stdout.fnmatch_lines(
        [
            "superteam: architecture: edited by hand: domain-model.yaml",
            f"superteam: architecture: made again for the edits: {CONTRACT}",
            "*name: string, at most 7 characters*",
        ]
    )
    contract = yaml.safe_load(file(designed, CONTRACT).read_text())
    assert contract["components"]["schemas"]["ItemCreate"]["properties"]["name"]["maxLength"] == 7
    assert "max_length: 7" in file(designed, "domain-model.yaml").read_text()
    assert file(designed, "contracts/auth-service.openapi.yaml").read_bytes() == before


def test_the_edit_is_still_said_by_later_runs(designed):
    """What was edited stays marked as edited, with nothing more to make again."""
    edit(designed, *SHORTER)
    designed.runpytest(*ARCHITECT)
    result = designed.runpytest(*ARCHITECT)
    result.stdout.fnmatch_lines(["superteam: architecture: edited by hand: domain-model.yaml"])
    result.stdout.no_fnmatch_line("*made again*")


def test_a_renamed_service_leaves_its_folder(designed):
    """A service that is renamed in both files is built anew; the old folder stays, and the run says so."""
    designed.runpytest("--prd", "PRD.md", "--until", "builders")
    for name in ("service-map.yaml", "domain-model.yaml"):
        path = file(designed, name)
        path.write_text(path.read_text().replace("shop-service", "store"))
    result = designed.runpytest("--prd", "PRD.md", "--until", "builders")
    result.stdout.fnmatch_lines(["superteam: services: no longer in the design, and left *: shop-service *"])
    assert (designed.path / "services/store/main.py").is_file()
    assert (designed.path / "services/shop-service/main.py").is_file()
    assert not file(designed, CONTRACT).exists()


def test_comments_of_the_editor_stay(designed):
    """A run writes nothing into a file that a person edited."""
    path = file(designed, "service-map.yaml")
    path.write_text("# mine\n" + path.read_text())
    designed.runpytest(*ARCHITECT)
    assert path.read_text().startswith("# mine\n")


def test_only_touched_services_are_built_again(designed):
    """An edit of one service's entity builds that service again and no other."""
    designed.runpytest("--prd", "PRD.md", "--until", "builders")
    edit(designed, *SHORTER)
    designed.runpytest("--prd", "PRD.md", "--until", "builders")
    assert (designed.path / "built.log").read_text().split() == ["auth-service", "shop-service", "shop-service"]


def test_workers_see_the_edit(designed, spread):
    """An operation that was taken out by hand has no item, with workers as without."""
    path = file(designed, "service-map.yaml")
    data = yaml.safe_load(path.read_text())
    data["operations"] = [o for o in data["operations"] if o["id"] != "read_item"]
    path.write_text(yaml.safe_dump(data))
    result = designed.runpytest_subprocess("--prd", "PRD.md", "-m", "layer1", *spread)
    assert result.ret == 0, result.stdout.str()
    contract = yaml.safe_load(file(designed, CONTRACT).read_text())
    assert "/items/{id}" not in contract["paths"]


def test_an_edited_contract_wins(designed):
    """A contract that was edited stands, though the model says otherwise."""
    edit(designed, CONTRACT, "maxLength: 50", "maxLength: 33")
    edit(designed, *SHORTER)
    result = designed.runpytest(*ARCHITECT)
    result.stdout.fnmatch_lines([f"superteam: architecture: edited by hand: {CONTRACT}, domain-model.yaml"])
    assert "maxLength: 33" in file(designed, CONTRACT).read_text()


def test_an_edited_contract_that_does_not_fit(designed):
    """An edited contract that names other operations than the service map is one line that says which."""
    edit(designed, CONTRACT, "operationId: list_items", "operationId: all_items")
    line = one_line(designed.runpytest(*ARCHITECT))
    assert "shop-service.openapi.yaml" in line
    assert "'list_items'" in line
    assert "'all_items'" in line


def test_a_contract_that_leads_out(designed):
    """A contract that refers to another file or address is refused, not fetched."""
    edit(designed, CONTRACT, "#/components/schemas/Problem", "http://127.0.0.1:9/Problem")
    assert "leads out of the document" in one_line(designed.runpytest(*ARCHITECT))


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        (
            "#/components/schemas/Problem",
            "#/components/schemas/Nowhere",
            "'#/components/schemas/Nowhere' leads nowhere",
        ),
        (
            "  schemas:\n",
            "  schemas:\n    Loop: {$ref: '#/components/schemas/Loop'}\n",
            "leads nowhere in the document, or",
        ),
        ("security:\n- bearerAuth: []", "security:\n- magicAuth: []", "the scheme 'magicAuth' is not among"),
        (
            "openapi: ",
            "x-0: &x0 [1, 1, 1, 1, 1, 1, 1, 1, 1, 1]\n"
            + "".join(f"x-{n}: &x{n} [{', '.join([f'*x{n - 1}'] * 10)}]\n" for n in range(1, 9))
            + "openapi: ",
            "it unfolds to more than 2,000,000 values",
        ),
        ("openapi: ", "x-0: &x0 [*x0]\nopenapi: ", "or without end"),
    ],
    ids=["nowhere", "itself", "unknown scheme", "aliases", "endless alias"],
)
def test_a_contract_that_is_none(designed, old, new, said):
    """References into nothing, schemas of themselves, unknown security schemes and bombs of aliases are one line."""
    edit(designed, CONTRACT, old, new)
    assert said in one_line(designed.runpytest(*ARCHITECT))


def test_a_contract_of_many_schemas(designed):
    """Three thousand schemas that refer to each other in a ring are a valid contract."""
    ring = "".join(
        f"    Ring{n}: {{properties: {{next: {{$ref: '#/components/schemas/Ring{(n + 1) % 3000}'}}}}}}\n"
        for n in range(3000)
    )
    edit(designed, CONTRACT, "  schemas:\n", f"  schemas:\n{ring}")
    assert designed.runpytest(*ARCHITECT).ret == 0


def test_a_deleted_contract_is_made_again(designed):
    """A contract that is gone is generated from the design."""
    before = file(designed, CONTRACT).read_bytes()
    file(designed, CONTRACT).unlink()
    assert designed.runpytest(*ARCHITECT).ret == 0
    assert file(designed, CONTRACT).read_bytes() == before


def test_a_service_taken_out_by_hand(designed):
    """A service that is taken out takes its generated contract along."""
    for name, key in (("service-map.yaml", "operations"), ("domain-model.yaml", "entities")):
        data = yaml.safe_load(file(designed, name).read_text())
        data[key] = [row for row in data[key] if row["service"] == "shop-service"]
        if name == "service-map.yaml":
            data["services"] = [row for row in data["services"] if row["name"] == "shop-service"]
        file(designed, name).write_text(yaml.safe_dump(data))
    assert designed.runpytest(*ARCHITECT).ret == 0
    assert not file(designed, "contracts/auth-service.openapi.yaml").exists()
    assert designed.runpytest(*ARCHITECT).ret == 0


@pytest.mark.parametrize(
    ("name", "old", "new", "said"),
    [
        ("service-map.yaml", "id: list_items", "id: create_item", "two operations 'create_item'"),
        ("service-map.yaml", "path: /items\n", "path: /{a}/{a}\n", "'/{a}/{a}' is no path"),
        ("service-map.yaml", "kind: list", "kind: lists", "'lists' is not one of"),
        ("domain-model.yaml", "name: Item", "name: Goods", "is no entity"),
        ("service-map.yaml", "services:", "services: [", "it is not YAML"),
        ("service-map.yaml", "kind: list", "kind: lists", ".kind (list_items): "),
        ("service-map.yaml", "- name: shop-service", "- name: store", "It has auth-service, store."),
        ("domain-model.yaml", "max_length: 50", "max_length: many", ".max_length (Item.name): 'many'"),
    ],
)
def test_a_wrong_edit_is_one_line(designed, name, old, new, said):
    """An edit that does not hold together is one line with file and place, and exit code 4."""
    edit(designed, name, old, new)
    line = one_line(designed.runpytest(*ARCHITECT))
    assert said in line
    assert "yaml" in line


def test_the_prd_changed_too(designed):
    """When the PRD changed as well, the run stops with what to do, and nothing is overwritten."""
    edit(designed, *SHORTER)
    prd = designed.path / "PRD.md"
    prd.write_text(prd.read_text().replace("max 50", "max 60"))
    line = one_line(designed.runpytest(*ARCHITECT))
    assert "domain-model.yaml" in line
    assert "--fresh" in line
    assert "max_length: 7" in file(designed, "domain-model.yaml").read_text()


def test_a_wrong_edit_is_named_with_its_line(designed):
    """The line is the one to go to in an editor."""
    edit(designed, "domain-model.yaml", "max_length: 50", "max_length: many")
    lines = file(designed, "domain-model.yaml").read_text().splitlines()
    number = next(n for n, line in enumerate(lines, 1) if "many" in line)
    assert f"domain-model.yaml:{number}: " in one_line(designed.runpytest(*ARCHITECT))


@pytest.mark.parametrize("name", ["service-map.yaml", "domain-model.yaml"])
def test_a_deleted_model_is_designed_anew(designed, name):
    """A model that is gone is made again, where nobody edited the other one."""
    before = file(designed, name).read_bytes()
    file(designed, name).unlink()
    assert designed.runpytest(*ARCHITECT).ret == 0
    assert file(designed, name).read_bytes() == before


def test_a_deleted_model_beside_an_edited_one(designed):
    """An edited model is not lost since the other one is gone; the line says which one to bring back."""
    edit(designed, *SHORTER)
    file(designed, "service-map.yaml").unlink()
    line = one_line(designed.runpytest(*ARCHITECT))
    assert "'service-map.yaml' is gone" in line
    assert "PRD" not in line
    assert "max_length: 7" in file(designed, "domain-model.yaml").read_text()


@pytest.mark.parametrize("text", [None, "no json", "[]"])
def test_a_design_without_its_record(designed, text):
    """Without the record of its checksums nobody can tell whether a design was edited, so it is not overwritten."""
    record = designed.path / ".superteam/architecture.json"
    record.unlink()
    if text:
        record.write_text(text)
    line = one_line(designed.runpytest(*ARCHITECT))
    assert "'architecture.json' is gone or unreadable" in line
    assert designed.runpytest(*ARCHITECT, "--fresh").ret == 0


def test_fresh_says_that_it_discards_edits(designed):
    """--fresh designs anew, says what it discards, and keeps a copy aside."""
    edit(designed, *SHORTER)
    result = designed.runpytest(*ARCHITECT, "--fresh")
    result.stdout.fnmatch_lines(
        ["superteam: architecture: --fresh discards what was edited by hand: domain-model.yaml*"]
    )
    assert "max_length: 50" in file(designed, "domain-model.yaml").read_text()
    [copy] = (designed.path / ".superteam/aside").rglob("domain-model.yaml")
    assert "max_length: 7" in copy.read_text()


def test_collecting_writes_nothing(designed):
    """--co lists the items of the edited design and writes no contract."""
    before = file(designed, CONTRACT).read_bytes()
    edit(designed, *SHORTER)
    assert designed.runpytest("--prd", "PRD.md", "--co", "-q").ret == 0
    assert file(designed, CONTRACT).read_bytes() == before


def test_the_record_has_every_hash(designed):
    """The record of the design has the SHA-256 of each of its files."""
    record = json.loads((designed.path / ".superteam/architecture.json").read_text())
    assert set(record["files"]) == {
        "service-map.yaml",
        "domain-model.yaml",
        "contracts/auth-service.openapi.yaml",
        CONTRACT,
    }
    assert all(len(digest) == 64 for digest in record["files"].values())
