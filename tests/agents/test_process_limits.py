"""How what an agent uses is counted."""

from __future__ import annotations

import os

import pytest

from pytest_superteam.agents import limits
from pytest_superteam.agents.limits import MIB, Limits, Watch, written
from pytest_superteam.builders.removing import remove_tree

LIMITS = Limits(memory_mib=64, disk_mib=4, printed_mib=1)


def fill(folder, *names, size=MIB):
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(b"x" * size)


def test_written(tmp_path):
    """Files count as what they hold or pretend to hold, folders a bit, links nothing of what they lead to."""
    fill(tmp_path / "elsewhere", "big", size=3 * MIB)
    folder = tmp_path / "site"
    fill(folder, "a", "deep/er/b")
    (folder / "link").symlink_to(tmp_path / "elsewhere/big")
    (folder / "folder").symlink_to(tmp_path / "elsewhere")
    (folder / "loop").symlink_to(folder)
    os.mkfifo(folder / "pipe")
    with (folder / "holes").open("wb") as stream:
        stream.truncate(5 * MIB)
    assert 7 * MIB <= sum(written([folder])) < 7.2 * MIB
    assert list(written([tmp_path / "nothing"])) == []


def test_too_deep(tmp_path):
    """A folder whose path is too long to be looked into fills the disk: anything may lie there."""
    watch = Watch(LIMITS, (tmp_path,))
    handle = os.open(tmp_path, os.O_RDONLY)
    for _ in range(25):
        os.mkdir("d" * 200, dir_fd=handle)
        below = os.open("d" * 200, os.O_RDONLY, dir_fd=handle)
        os.close(handle)
        handle = below
    os.close(handle)
    full = watch.disk_full()
    remove_tree(tmp_path / ("d" * 200))
    assert full


@pytest.mark.parametrize(
    ("before", "names", "full"),
    [
        ((), ("a", "b", "c"), False),
        ((), ("a", "b", "c", "d"), True),
        (("a", "b", "c"), ("d", "e", "f"), False),
        (("a", "b", "c"), ("a", "b", "c", "d", "e"), False),
        (("a", "b", "c"), ("d", "e", "inner/f", "inner/g"), True),
    ],
)
def test_disk_full(tmp_path, before, names, full):
    """The growth of the folders counts, once where one lies in the other."""
    fill(tmp_path, *before)
    (tmp_path / "inner").mkdir()
    watch = Watch(LIMITS, (tmp_path, tmp_path / "inner", tmp_path))
    fill(tmp_path, *names)
    assert watch.disk_full() is full


def test_too_many_files(tmp_path, monkeypatch):
    """Files without end fill the disk, though they hold nothing."""
    monkeypatch.setattr(limits, "MOST_FILES", 10)
    watch = Watch(LIMITS, (tmp_path,))
    fill(tmp_path, *"abcdefghij", size=0)
    assert not watch.disk_full()
    fill(tmp_path, "k", size=0)
    assert watch.disk_full()


def test_a_process_that_is_gone(tmp_path):
    """Nothing is used by what has ended."""
    watch = Watch(LIMITS, (tmp_path,))
    assert watch.exceeded(2**22 + 1) is None
    assert watch.peak == 0


@pytest.mark.parametrize(("given", "size"), [(None, 4 * MIB), (9, 9 * MIB), (0, 0)])
def test_file_bytes(given, size):
    """A single file may be as large as all of them, unless something else is said."""
    assert Limits(1, 4, 1, file_mib=given).file_bytes == size
