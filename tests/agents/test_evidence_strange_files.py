"""What can't be part of a service is found in a folder that somebody else filled."""

from __future__ import annotations

import os
import socket

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pytest_superteam.agents import strange_files as room
from pytest_superteam.agents.strange_files import MOST_LEVELS, MOST_TOLD, strange_files
from pytest_superteam.agents.telling import shown_path


def link(folder):
    """Make a link within the folder."""
    (folder / "a").symlink_to("main.py")


def link_out(folder):
    """Make a link that leads out."""
    (folder / "a").symlink_to("../secret")


def link_in_a_circle(folder):
    """Make a link to itself."""
    (folder / "a").symlink_to("a")


def hard_link(folder):
    """Give a file of somebody else a name here."""
    os.link(folder.parent / "secret", folder / "a")


def pipe(folder):
    """Make a pipe, which nobody may open to read."""
    os.mkfifo(folder / "a")


def pipe_among_packages(folder):
    """Make a pipe where tools keep packages."""
    (folder / "node_modules").mkdir()
    os.mkfifo(folder / "node_modules" / "a")


def door(folder):
    """Make a socket."""
    with socket.socket(socket.AF_UNIX) as made:
        made.bind(os.path.relpath(folder / "a"))


def owner(folder):
    """Make a program that runs with the rights of its owner."""
    (folder / "a").write_text("")
    (folder / "a").chmod(0o4755)


def bytes_as_name(folder):
    """Make a file whose name is no text."""
    (folder / os.fsdecode(b"\xff")).write_text("")


def line_in_name(folder):
    """Make a file whose name has two lines."""
    (folder / "a\nb").write_text("")


def deep(folder):
    """Make folders in folders."""
    (folder / "/".join(["d"] * (MOST_LEVELS + 2))).mkdir(parents=True)


@pytest.mark.parametrize(
    ("make", "told"),
    [
        (link, "a: a link"),
        (link_out, "a: a link out of the folder"),
        (link_in_a_circle, "a: a link"),
        (hard_link, "a: the same file as one outside of the folder (a hard link)"),
        (pipe, "a: a pipe"),
        (pipe_among_packages, "node_modules/a: a pipe"),
        (door, "a: a socket"),
        (owner, "a: it runs with the rights of its owner (setuid or setgid)"),
        (bytes_as_name, "\\xff: its name is no UTF-8, or has characters that can't be printed"),
        (line_in_name, "a\\nb: its name is no UTF-8, or has characters that can't be printed"),
        (deep, f"{'d/' * MOST_LEVELS}d: folders more than {MOST_LEVELS} deep"),
    ],
)
def test_strange_files(tmp_path, monkeypatch, make, told):
    """Each kind of thing that is no plain file is told by its name and what it is."""
    monkeypatch.chdir(tmp_path)  # the path of a socket may be short only
    (tmp_path / "secret").write_text("s")
    folder = tmp_path / "site"
    folder.mkdir()
    (folder / "main.py").write_text("x = 1\n")
    make(folder)
    assert strange_files(folder) == (told,)


def test_a_device_is_told(tmp_path):
    """A device is told, where one can be made."""
    try:
        os.mknod(tmp_path / "zero", 0o600 | 0o020000, os.makedev(1, 5))
    except OSError:
        pytest.skip("devices can be made by an administrator only")
    assert strange_files(tmp_path) == ("zero: a device",)


def test_what_tools_leave_is_ordinary(tmp_path):
    """Links of package managers and two names of one file in the folder are no reason to refuse it."""
    binaries = tmp_path / "node_modules" / ".bin"
    binaries.mkdir(parents=True)
    (binaries / "tool").symlink_to("/usr/bin/true")
    (tmp_path / "one.py").write_text("x = 1\n")
    os.link(tmp_path / "one.py", tmp_path / "two.py")
    assert strange_files(tmp_path) == ()


def test_what_can_not_be_read(tmp_path, monkeypatch):
    """A file without rights to read it is told."""
    (tmp_path / "closed.py").write_text("x = 1\n")
    monkeypatch.setattr(room.os, "access", lambda path, mode: not str(path).endswith("closed.py"))
    assert strange_files(tmp_path) == ("closed.py: can't be read (its rights)",)


def test_a_folder_that_is_not_there(tmp_path):
    """A folder that can't be read is told, never taken for empty."""
    assert strange_files(tmp_path / "gone") == (".: can't be read (No such file or directory)",)


def test_many_are_counted(tmp_path):
    """Of many strange files the first are told, the rest is a number."""
    for number in range(MOST_TOLD + 5):
        (tmp_path / f"{number:03}").symlink_to("nowhere")
    found = strange_files(tmp_path)
    assert len(found) == MOST_TOLD + 1
    assert found[-1] == "and 5 more"


def test_too_many_files(tmp_path, monkeypatch):
    """A folder with more entries than anybody writes is told and left."""
    monkeypatch.setattr(room, "MOST_ENTRIES", 10)
    for number in range(11):
        (tmp_path / str(number)).write_text("")
    assert strange_files(tmp_path) == ("more than 10 files and folders",)


@settings(deadline=None)
@given(st.binary(min_size=1, max_size=40).filter(lambda name: b"\0" not in name))
def test_shown_paths_can_be_printed(name):
    """Whatever bytes a name has, what is shown is one line of text that can be stored."""
    shown = shown_path(os.fsdecode(name))
    assert shown.encode().decode() == shown
    assert shown.isprintable()
