"""The folders of fix attempts, which builders may have been at."""

import re

import pytest

from pytest_superteam.pipeline.fix.folders import AttemptFolders


@pytest.fixture
def folders(tmp_path):
    """Return the folders of a run in a project of its own."""
    return AttemptFolders(tmp_path / "state" / "attempts", "r1")


def names(folders):
    return sorted(path.relative_to(folders.folder).as_posix() for path in folders.folder.rglob("*"))


def test_write(folders):
    """A file of an attempt, or of one service in it, is there whole, and takes the place of the one before."""
    folders.write(1, "", "attempt.json", "a")
    folders.write(1, "orders", "asked.md", "b")
    folders.write(1, "orders", "asked.md", "c")
    assert names(folders) == ["1", "1/attempt.json", "1/orders", "1/orders/asked.md"]
    assert (folders.folder / "1/orders/asked.md").read_text() == "c"


def test_begin(folders):
    """An attempt begins with an empty folder; those before it stay, and later ones go."""
    for number in (1, 2, 3):
        folders.begin(number)
        folders.write(number, "orders", "asked.md", "x")
    (folders.folder / "notes").mkdir()
    folders.begin(2)
    assert names(folders) == ["1", "1/orders", "1/orders/asked.md", "notes", "run"]


def test_other_run(folders):
    """The attempts of an earlier run go when the first one of a new run begins."""
    for number in (1, 2):
        folders.begin(number)
        folders.write(number, "", "attempt.json", "x")
    AttemptFolders(folders.folder, "r2").begin(1)
    assert names(folders) == ["run"]
    assert (folders.folder / "run").read_text() == "r2"


@pytest.mark.parametrize("name", ["../orders", "a/b", "/etc", ".", "..", "a..b", ".hidden", "a\nb", "x" * 200])
def test_names_that_lead_elsewhere(name, folders):
    """A name that is none of a folder is refused."""
    with pytest.raises(ValueError, match=re.escape(name)):
        folders.write(1, name, "asked.md", "x")
    assert not folders.folder.exists()


@pytest.mark.parametrize("place", ["", "1", "1/orders", "1/orders/asked.md"])
def test_links_are_not_followed(place, folders, tmp_path):
    """Where a builder put a link, what it leads to is left alone, and a folder of ours takes its place."""
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "kept").write_text("kept")
    link = folders.folder / place
    link.parent.mkdir(parents=True, exist_ok=True)
    link.symlink_to(outside / "kept" if place.endswith(".md") else outside)
    folders.write(1, "orders", "asked.md", "x")
    assert [path.name for path in outside.iterdir()] == ["kept"]
    assert (outside / "kept").read_text() == "kept"
    assert (folders.folder / "1/orders/asked.md").read_text() == "x"
    assert not link.is_symlink()


def test_begin_removes_links_only(folders, tmp_path):
    """A link in the place of an attempt goes, and what it leads to stays."""
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "kept").touch()
    folders.folder.mkdir(parents=True)
    (folders.folder / "1").symlink_to(outside)
    (folders.folder / "run").symlink_to(outside / "kept")
    folders.begin(1)
    assert (outside / "kept").read_text() == ""
    assert names(folders) == ["run"]


def test_file_in_the_place_of_a_folder(folders):
    """A file in the place of a folder makes way."""
    folders.folder.parent.mkdir(parents=True)
    folders.folder.write_text("x")
    folders.begin(1)
    (folders.folder / "1").write_text("x")
    folders.write(1, "", "attempt.json", "y")
    assert names(folders) == ["1", "1/attempt.json", "run"]


def test_folder_in_the_place_of_the_sign(folders):
    """What says whose attempts these are may be a folder: then they are nobody's, and nothing fails."""
    (folders.folder / "run").mkdir(parents=True)
    (folders.folder / "2").mkdir()
    folders.begin(3)
    assert names(folders) == ["run"]
