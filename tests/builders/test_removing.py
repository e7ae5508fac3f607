"""Trees that builders leave are removed, however they are made."""

import os
import stat

import pytest

from pytest_superteam.builders.removing import remove_tree


def deepen(folder, depth, name="folder"):
    """Make folders within folders, deeper than a path can name."""
    handle = os.open(folder, os.O_RDONLY)
    for _ in range(depth):
        os.mkdir(name, dir_fd=handle)
        inner = os.open(name, os.O_RDONLY, dir_fd=handle)
        os.close(handle)
        handle = inner
    os.close(os.open("file", os.O_CREAT | os.O_WRONLY, dir_fd=handle))
    os.close(handle)


@pytest.fixture
def tree(tmp_path):
    """Return a folder to be removed."""
    folder = tmp_path / "tree"
    folder.mkdir()
    return folder


def test_a_tree_deeper_than_any_path_is_removed(tree):
    """Twelve hundred folders within one another neither exhaust a recursion nor a path."""
    deepen(tree, 1200)
    remove_tree(tree)
    assert not tree.exists()


def test_many_trees_with_the_names_of_the_removal_itself_are_removed(tree):
    """Folders that are called as moved ones are, side by side and deep, do not get in the way."""
    for number in range(5):
        (tree / f".removed-{number}").mkdir()
        deepen(tree / f".removed-{number}", 20, f".removed-{number + 1}")
    remove_tree(tree)
    assert not tree.exists()


def test_links_are_removed_and_not_followed(tree, tmp_path):
    """What a link leads to stays, with its rights."""
    kept = tmp_path / "kept"
    kept.mkdir()
    (kept / "file").write_text("kept", encoding="utf-8")
    kept.chmod(0o750)
    (tree / "folder").mkdir()
    for place in (tree / "link", tree / "folder" / "link"):
        place.symlink_to(kept)
    (tree / "dangling").symlink_to("nowhere")
    os.mkfifo(tree / "pipe")
    remove_tree(tree)
    assert not tree.exists()
    assert (kept / "file").read_text(encoding="utf-8") == "kept"
    assert stat.S_IMODE(kept.stat().st_mode) == 0o750


def test_folders_without_rights_are_removed(tree):
    """A folder that may neither be read nor written is removed, for it is ours."""
    inner = tree / "outer" / "inner"
    inner.mkdir(parents=True)
    (inner / "file").touch()
    for folder in (inner, inner.parent):
        folder.chmod(0)
    remove_tree(tree)
    assert not tree.exists()


@pytest.mark.parametrize("kind", ["missing", "file", "link"])
def test_what_is_no_folder_is_left_alone(tmp_path, kind):
    """Neither a file nor a link in the place of the folder is touched, and a missing one is no error."""
    place, target = tmp_path / "place", tmp_path / "target"
    target.mkdir()
    (target / "file").touch()
    if kind == "file":
        place.touch()
    elif kind == "link":
        place.symlink_to(target)
    remove_tree(place)
    assert place.is_symlink() == (kind == "link")
    assert place.is_file() == (kind == "file")
    assert (target / "file").exists()
