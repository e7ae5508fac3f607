"""The folder that an agent works in: laid out before, cleaned afterwards, whatever the agent did to it."""

from __future__ import annotations

import hashlib
import json
import os
from dataclasses import replace
from pathlib import Path

import pytest
from shop_design import PRD, SHOP, request

from pytest_superteam.agents.laying import leftovers, lies_there, put, remove
from pytest_superteam.agents.workspace import clean, prepare
from pytest_superteam.errors import BuildError
from pytest_superteam.models import Mending, Rule, Severity

RULES = (Rule("SEC-900", "A rule", Severity.ERROR, "security", 3, "Mend it."),)
CHECK = ("pytest", "--system", ".", "-m", "layer1")


@pytest.fixture
def site(tmp_path):
    """An empty folder below others."""
    folder = tmp_path / "building" / "orders-1"
    folder.mkdir(parents=True)
    return folder


def laid(site, service="orders", **more):
    """Return the workspace of a request for `service`."""
    return prepare(request(site, service, **more), prd=PRD, codes=RULES, self_check=CHECK)


def files(root):
    """Return the paths of all files below a folder."""
    return {path.relative_to(root).as_posix() for path in root.rglob("*") if path.is_file()}


INPUT = {
    ".superteam/TASK.md",
    ".superteam/PRD.md",
    ".superteam/CONVENTIONS.md",
    ".superteam/GATE.md",
    ".superteam/asked.json",
    ".superteam/contract.openapi.yaml",
    ".superteam/contracts/catalog.openapi.yaml",
    ".superteam/domain-model.yaml",
    ".superteam/events.yaml",
    ".superteam/templates/Dockerfile",
    ".superteam/templates/service.json",
}
TREE = {"openapi.json", "pacts/orders-catalog.json"}


def test_what_is_laid_down(site):
    """The folder holds the input of this one service, its contract and its pacts; each is told with its hash."""
    workspace = laid(site)
    assert files(site) == INPUT | TREE == set(workspace.given)
    for path, sha256 in workspace.given.items():
        assert hashlib.sha256((site / path).read_bytes()).hexdigest() == sha256
    assert set(workspace.templates) == {".superteam/templates/Dockerfile", ".superteam/templates/service.json"}
    assert workspace.task_file.read_text("utf-8") == workspace.task
    assert "SEC-900" in (site / ".superteam/GATE.md").read_text("utf-8")
    assert json.loads((site / "openapi.json").read_text("utf-8"))["info"]


def test_provider_gets_what_others_expect(site):
    """A provider gets its consumers' expectations, and no pacts of its own."""
    laid(site, "catalog")
    assert {path for path in files(site) if "pact" in path or "expect" in path} == {
        ".superteam/expectations/orders-catalog.json"
    }


def test_same_request_same_bytes(site):
    """The same request gives the same input, so that a prompt can be cached."""
    first = laid(site)
    assert laid(site).given == first.given


def test_clean_leaves_what_the_agent_wrote(site):
    """Afterwards there is what the agent wrote and what belongs into the tree, and nothing that tools left."""
    workspace = laid(site)
    for path in ("app/main.py", "app/__pycache__/main.pyc", ".pytest_cache/v/x", ".git/hooks/y", "node_modules/a/b.js"):
        put(site, path, "x")
    left = clean(workspace)
    assert files(site) == TREE | {"app/main.py", "node_modules/a/b.js"}
    assert (left.deleted, left.changed, left.restored) == ((), (), ())


def _deletes_all(site):
    for path in list(site.iterdir()):
        remove(path)


def _deletes_the_task(site):
    (site / ".superteam/TASK.md").unlink()


def _changes_the_contract(site):
    (site / "openapi.json").write_text("{}")


def _puts_a_link_for_the_pacts(site):
    remove(site / "pacts")
    (site / "pacts").symlink_to(site.parent)


def _puts_a_folder_for_the_contract(site):
    remove(site / "openapi.json")
    put(site, "openapi.json/x", "x")


def _puts_a_link_for_the_input(site):
    remove(site / ".superteam")
    (site / ".superteam").symlink_to(site.parent)


def _makes_a_pipe(site):
    remove(site / "openapi.json")
    os.mkfifo(site / "openapi.json")


@pytest.mark.parametrize(
    ("act", "deleted", "changed", "restored"),
    [
        (_deletes_all, INPUT | TREE, set(), TREE),
        (_deletes_the_task, {".superteam/TASK.md"}, set(), set()),
        (_changes_the_contract, set(), {"openapi.json"}, {"openapi.json"}),
        (_puts_a_link_for_the_pacts, set(), {"pacts/orders-catalog.json"}, {"pacts/orders-catalog.json"}),
        (_puts_a_folder_for_the_contract, set(), {"openapi.json"}, {"openapi.json"}),
        (_puts_a_link_for_the_input, set(), INPUT, set()),
        (_makes_a_pipe, set(), {"openapi.json"}, {"openapi.json"}),
    ],
    ids=lambda value: value.__name__.strip("_") if callable(value) else "",
)
def test_input_that_was_touched(site, act, deleted, changed, restored):
    """What it did to its input is told, what belongs into the tree is put back, and nothing outside is touched."""
    bystander = site.parent / "TASK.md"
    bystander.write_text("mine")
    workspace = laid(site)
    act(site)
    left = clean(workspace)
    assert (set(left.deleted), set(left.changed), set(left.restored)) == (deleted, changed, restored)
    assert files(site) == TREE
    assert not any(path.is_symlink() for path in site.iterdir())
    assert json.loads((site / "openapi.json").read_text("utf-8"))["info"]
    assert files(site.parent) - {f"{site.name}/{path}" for path in files(site)} == {"TASK.md", "pytest.ini"}


def test_input_without_rights(site):
    """Folders that nobody may write to are removed all the same."""
    workspace = laid(site)
    (site / ".superteam/contracts").chmod(0)
    (site / ".superteam").chmod(0o500)
    clean(workspace)
    assert files(site) == TREE


def test_folder_without_rights(site):
    """An agent that takes the rights of its own folder away changes nothing of that."""
    workspace = laid(site)
    site.chmod(0)
    clean(workspace)
    assert files(site) == TREE


@pytest.mark.parametrize("kind", ["link", "nothing", "file"])
def test_folder_that_is_no_more(site, kind):
    """Where the folder itself is gone, or is a link to somewhere else, nothing there is touched."""
    workspace = laid(site)
    put(site.parent, ".superteam/state.db", "of the project")
    remove(site)
    if kind == "link":
        site.symlink_to(site.parent)
    elif kind == "file":
        site.write_text("x")
    left = clean(workspace)
    assert set(left.deleted) == INPUT | TREE
    assert left.restored == ()
    assert (site.parent / ".superteam/state.db").read_text() == "of the project"


def test_mending_works_on_the_tree(site):
    """A tree that is to be mended stays as it is; only the input is laid beside it, and taken away."""
    put(site, "app/main.py", "broken")
    put(site, "openapi.json", "{}")
    put(site, ".superteam/state.db", "of somebody's own look at the folder")
    workspace = laid(site, mending=Mending(1, 3, "SEC-001"))
    assert files(site) == INPUT | {"app/main.py", "openapi.json"}
    assert "What to mend" in workspace.task
    (site / "openapi.json").write_text("changed")
    left = clean(workspace)
    assert left.restored == ()
    assert (site / "openapi.json").read_text() == "changed"  # whether a fix may do that, others say
    assert files(site) == {"app/main.py", "openapi.json"}


def test_settings_of_the_project_stay_outside(site):
    """Beside the folder lie settings for pytest, which finds them before those of the project; twice is no harm."""
    laid(site)
    laid(site)
    assert (site.parent / "pytest.ini").read_text("utf-8").count("[pytest]\n") == 1


def test_existing_settings_beside_stay(site):
    """Settings that are there already are not written over."""
    (site.parent / "pytest.ini").write_text("[pytest]\nminversion = 8\n")
    laid(site)
    assert "minversion" in (site.parent / "pytest.ini").read_text()


def test_folder_that_is_none(tmp_path):
    """A folder that can't be written to is a failed try, told in a line."""
    (tmp_path / "file").write_text("x")
    with pytest.raises(BuildError, match=r"^orders: its folder can't be prepared: .+\.$"):
        laid(tmp_path / "file")


def test_service_without_contract(site):
    """Nothing is laid down for a service without a contract."""
    with pytest.raises(BuildError, match="no contract"):
        laid(site, architecture=replace(SHOP, contracts={}))
    assert files(site) == set()


# ------------------------------------------------------------ files that somebody else arranged


@pytest.mark.parametrize("path", ["../x", "/etc/x", "a/../../x", ""])
def test_put_stays_below(tmp_path, path):
    """No path leads out of the folder."""
    with pytest.raises(ValueError, match="leads out"):
        put(tmp_path, path, "x")


def test_put_follows_no_link(tmp_path):
    """A link is replaced, neither written through nor followed on the way, and what it leads to stays."""
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "file").write_text("mine")
    site = tmp_path / "site"
    site.mkdir()
    (site / "a").symlink_to(outside)
    (site / "b").symlink_to(outside / "file")
    put(site, "a/file", "x")
    put(site, "b", "x")
    assert (outside / "file").read_text() == "mine"
    assert files(site) == {"a/file", "b"}
    assert not (site / "b").is_symlink()


def test_remove_takes_links_not_their_targets(tmp_path):
    """Removing a link leaves what it leads to; removing nothing is no error."""
    (tmp_path / "folder").mkdir()
    put(tmp_path, "folder/file", "x")
    (tmp_path / "link").symlink_to(tmp_path / "folder")
    remove(tmp_path / "link")
    remove(tmp_path / "nothing")
    assert files(tmp_path) == {"folder/file"}


@pytest.mark.parametrize(
    ("path", "state"), [("a/b", "same"), ("a/c", "missing"), ("x/b", "missing"), ("a", "changed"), ("a/b/c", "changed")]
)
def test_lies_there(tmp_path, path, state):
    """A file is the same by its content, missing, or changed where something else is in its place."""
    put(tmp_path, "a/b", "text")
    assert lies_there(tmp_path, path, hashlib.sha256(b"text").hexdigest()) == state
    assert lies_there(tmp_path, "a/b", "0" * 64) == "changed"


def test_leftovers_of_a_deep_tree(tmp_path):
    """Leftovers are found however deep they lie, and links to folders are not followed."""
    deep = Path(tmp_path, *["d"] * 300)
    deep.mkdir(parents=True)
    (deep / "__pycache__").mkdir()
    (tmp_path / "loop").symlink_to(tmp_path)
    assert list(leftovers(tmp_path)) == [deep / "__pycache__"]
