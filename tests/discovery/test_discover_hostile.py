"""What hostile or broken trees do: nothing but a note."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from discovery_trees import below, fastapi, write
from hypothesis import given, settings
from hypothesis import strategies as st

from pytest_superteam.discovery import tree as reading
from pytest_superteam.discovery.compose_reading import merged, read_file
from pytest_superteam.discovery.discover import discover
from pytest_superteam.discovery.dockerfiles import read_dockerfile
from pytest_superteam.discovery.manifests import manifests_in
from pytest_superteam.discovery.ports import port_in
from pytest_superteam.discovery.tree import Tree, joined, read_tree

BOMB = "a: &a [x,x,x,x,x,x,x,x,x]\n" + "".join(
    f"{b}: &{b} [{','.join(['*' + a] * 9)}]\n" for a, b in zip("abcdefgh", "bcdefghi", strict=True)
)
MANIFESTS = (
    "package.json", "pyproject.toml", "requirements.txt", "setup.py", "setup.cfg", "Pipfile", "go.mod", "pom.xml",
    "build.gradle", "Cargo.toml", "x.csproj", "Gemfile", "composer.json", "mix.exs", "project.json", "Dockerfile",
    "compose.yaml", ".env", "application.yml", "main.py",
)  # fmt: skip
BROKEN = {
    "binary": b"\x00\x01\xff\xfe\x00garbage\x00" * 100,
    "open brackets": "[" * 50_000,
    "open braces": '{"a":' * 50_000,
    "a bomb": BOMB + "services: *i\n",
    "a type": '<!DOCTYPE a [<!ENTITY b "c">]><project><modules><module>&b;</module></modules></project>',
    "no UTF-8": b"\xff\xff\xff",
    "spaces": " " * 200_000 + '"',
    "wrong kinds": '{"scripts": 3, "dependencies": [1], "workspaces": null, "name": {}, "require": 7}',
    "toml of wrong kinds": "project = 3\ntool = 4\n[dependencies]\na = 1\n",
    "many quotes": "\"'" * 100_000,
    "dependencies without an end": "<dependency>" * 8_000,
    "indented": "server:\n" + (" " * 200 + "x\n") * 400,
}


@pytest.mark.parametrize("text", BROKEN.values(), ids=BROKEN)
def test_broken_files(text, tmp_path):
    """A system all of whose files are broken is read to the end."""
    files = dict.fromkeys(MANIFESTS, text) | below("api", fastapi())
    assert discover(write(tmp_path / "system", files)).services


def test_document_types_are_refused(tmp_path):
    """A pom.xml or .csproj that declares entities is not read, and a note says so."""
    files = below("api", fastapi()) | below("svc", {"pom.xml": BROKEN["a type"], "src/main/java/A.java": "class A {}"})
    system = discover(write(tmp_path / "system", files))
    assert [service.name for service in system.services] == ["api"]
    assert any("svc/pom.xml declares a document type" in note for note in system.notes)


def test_links_are_not_followed(tmp_path):
    """Links are left out: to files outside, to folders outside, to the folder that they lie in."""
    write(tmp_path / "outside", {"secret/main.py": "SECRET", **fastapi()})
    root = write(tmp_path / "system", below("api", fastapi()))
    (root / "loop").symlink_to(root, target_is_directory=True)
    (root / "away").symlink_to(tmp_path / "outside", target_is_directory=True)
    (root / "compose.yaml").symlink_to(tmp_path / "outside" / "main.py")
    tree = read_tree(root)
    assert tree.files == ("api/main.py", "api/requirements.txt")
    assert [service.name for service in discover(root).services] == ["api"]


def test_a_file_that_becomes_a_link_is_not_read(tmp_path):
    """A file that was exchanged for a link, or for a pipe, after the walk is not opened."""
    (tmp_path / "outside").write_text("SECRET")
    root = write(tmp_path / "system", {"a.py": "1", "b.py": "2"})
    tree = read_tree(root)
    (root / "a.py").unlink()
    (root / "a.py").symlink_to(tmp_path / "outside")
    (root / "b.py").unlink()
    os.mkfifo(root / "b.py")
    assert tree.text("a.py") == tree.text("b.py") == ""
    assert any("a.py" in note for note in tree.notes)


def test_bounds(tmp_path, monkeypatch):
    """Above the bounds on files, folders, depth and sizes the rest is left out with a note."""
    with monkeypatch.context() as patch:
        patch.setattr(reading, "_MAX_FOLDERS", 20)
        wide = read_tree(write(tmp_path / "wide", {f"f{n:03}/main.py": "" for n in range(60)}))
    assert len(wide.files) == 19
    assert any("only the first" in note for note in wide.notes)
    deep = read_tree(write(tmp_path / "deep", {"/".join(["d"] * 40) + "/main.py": ""}))
    assert not deep.files
    assert any("deeper" in note for note in deep.notes)
    long = read_tree(write(tmp_path / "long", {"big.py": "x" * (reading.MAX_BYTES + 1), "small.py": "y"}))
    assert (long.text("big.py"), long.text("small.py")) == ("", "y")
    assert any("big.py is longer" in note for note in long.notes)
    monkeypatch.setattr(reading, "_MAX_TOTAL", 0)
    much = read_tree(write(tmp_path / "much", {"a.py": "1", "b.py": "2"}))
    assert (much.text("a.py"), much.text("b.py")) == ("1", "")
    assert any("rest of the files" in note for note in much.notes)


def test_unreadable_names(tmp_path):
    """Names that are no text are left out."""
    root = write(tmp_path / "system", below("api", fastapi()))
    (root / "line\nbreak").mkdir()
    (root / "line\nbreak" / "main.py").write_text("")
    os.close(os.open(os.fsencode(root) + b"/\xff.py", os.O_CREAT | os.O_WRONLY))
    assert read_tree(root).files == ("api/main.py", "api/requirements.txt")


def test_an_empty_folder(tmp_path):
    """A folder without source has no services."""
    assert discover(tmp_path).services == ()


@given(st.text(st.sampled_from("ab./\\~\0 -"), max_size=12), st.sampled_from([".", "a", "a/b"]))
def test_joined_paths_stay_inside(path, folder):
    """No path leads out of the system."""
    found = joined(folder, path)
    assert found is None or (not found.startswith("/") and ".." not in found.split("/"))


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=300) | st.binary(max_size=300))
def test_readers_take_anything(data):
    """Readers of manifests, Dockerfiles and compose files end for every text, and say only lines that there are."""
    text = data.decode("utf-8", "replace") if isinstance(data, bytes) else data
    tree = Tree(Path("/nowhere"), tuple(sorted(MANIFESTS)), _texts=dict.fromkeys(MANIFESTS, text))
    for manifest in manifests_in(tree, "."):
        assert manifest.path in tree.files
        assert all(line >= 1 for _, _, line in manifest.libraries)
    built = read_dockerfile(tree.text("Dockerfile"), "Dockerfile")
    assert all(0 < port < 65536 for port, _ in built.exposed)
    for service in merged(tree, [read_file(tree, "compose.yaml")]).values():
        assert all(0 < port < 65536 for port, _, _ in service.ports())
        assert all(isinstance(value.text, str) for value in service.environment.values())


@given(
    st.integers(10, 65535),
    st.sampled_from(["--port {}", "-p {}", "-b 0.0.0.0:{}", "runserver 0.0.0.0:{}", "PORT={} npm start"]),
)
def test_port_of_a_command(port, form):
    """The port of a command line is read in each of its forms."""
    assert port_in("serve " + form.format(port)) == port


@given(st.text(max_size=80))
def test_decoding_round_trips(text):
    """A text comes back from UTF-8, with a mark or without, and from UTF-16 with one."""
    text = text.replace("\r", "").replace("\0", "").removeprefix("\ufeff")
    for encoding in ("utf-8", "utf-8-sig", "utf-16"):
        data = text.encode(encoding, "ignore")
        plain = text.encode(encoding, "ignore").decode(encoding).removeprefix("\ufeff")
        assert reading._decoded(data) == plain or encoding == "utf-8"


def test_tree_without_files():
    """A tree without files has its root as its only folder."""
    tree = Tree(Path("/nowhere"))
    assert (tree.folders, tree.under("."), tree.text("a")) == (frozenset({"."}), (), "")
