"""What a fix changed is counted and shown as `git diff` would do it, whatever the files are."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pytest_superteam.models import FileChange
from pytest_superteam.pipeline.fix.file_changes import file_changes, unified

BEFORE = {"app/a.py": "one\ntwo\nthree\n", "app/b.py": "b\n", "same.py": "same\n", "logo.png": b"\0\1"}
AFTER = {"app/a.py": "one\nTWO\n2.5\nthree\n", "c/c.py": "c\nd\n", "same.py": "same\n", "logo.png": b"\0\1\2"}


def laid(folder, files):
    """Write files into a folder and return it."""
    folder.mkdir()
    for path, text in files.items():
        place = folder / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(text if isinstance(text, bytes) else text.encode())
    return folder


@pytest.fixture
def trees(tmp_path):
    """Return the two trees."""
    return laid(tmp_path / "old", BEFORE), laid(tmp_path / "new", AFTER)


def test_counts(trees):
    """Each file that differs is counted with its lines; what is no text counts none."""
    assert file_changes(*trees) == (
        FileChange("app/a.py", 2, 1),
        FileChange("app/b.py", 0, 1, "removed"),
        FileChange("c/c.py", 2, 0, "added"),
        FileChange("logo.png", 0, 0),
    )


def test_text(trees):
    """The diff reads as `git diff` writes it."""
    assert unified(*trees) == (
        "--- a/app/a.py\n+++ b/app/a.py\n@@ -1,3 +1,4 @@\n one\n-two\n+TWO\n+2.5\n three\n"
        "--- a/app/b.py\n+++ /dev/null\n@@ -1 +0,0 @@\n-b\n"
        "--- /dev/null\n+++ b/c/c.py\n@@ -0,0 +1,2 @@\n+c\n+d\n"
        "--- a/logo.png\n+++ b/logo.png\n(no text: 2 bytes before, 3 bytes after)\n"
    )


def test_nothing_changed(tmp_path):
    """Equal trees differ in nothing, leftovers of tools and our own folder left out."""
    old = laid(tmp_path / "old", {"a.py": "a\n"})
    new = laid(tmp_path / "new", {"a.py": "a\n", "__pycache__/a.pyc": "x", ".superteam/TASK.md": "t"})
    assert file_changes(old, new) == ()
    assert unified(old, new) == ""


def test_hunks(tmp_path):
    """Changes far from each other are shown apart, near ones together, with three lines around them."""
    lines = [f"{n}\n" for n in range(1, 41)]
    changed = lines.copy()
    changed[4], changed[9], changed[30] = "five\n", "ten\n", "x\n"
    old, new = laid(tmp_path / "old", {"a": "".join(lines)}), laid(tmp_path / "new", {"a": "".join(changed)})
    heads = [line for line in unified(old, new).splitlines() if line.startswith("@@")]
    assert heads == ["@@ -2,12 +2,12 @@", "@@ -28,7 +28,7 @@"]


def test_secrets_and_control_characters(tmp_path):
    """Secrets are masked and nothing steers a terminal; the end of line that went missing is told."""
    old = laid(tmp_path / "old", {"a.env": "A=1\n"})
    new = laid(tmp_path / "new", {"a.env": "A=1\nPASSWORD=hunter2hunter2\n\x1b[31mred\u202e"})
    text = unified(old, new)
    assert "hunter2" not in text
    assert "+PASSWORD=hunt****" in text
    assert "\x1b" not in text
    assert "\u202e" not in text
    assert text.endswith("\\ The newline at the end of the file changed\n")


@pytest.mark.parametrize("limit", [200, 2_000, 20_000])
def test_bounded(tmp_path, limit):
    """A diff is cut at its limit, and says what it leaves out."""
    new = laid(tmp_path / "new", {f"{n}.txt": "line\n" * 500 for n in range(5)})
    text = unified(laid(tmp_path / "old", {}), new, limit)
    assert len(text) <= limit
    assert ("the rest is left out here" in text) is (limit < 20_000)


def test_huge_files(tmp_path):
    """Files with very many or very long lines are counted and told, and not shown."""
    old = laid(
        tmp_path / "old", {"long.js": "a" * 9_000 + "\n", "many.txt": "a\n" * 30_000, "big.bin": "a" * (3 << 20)}
    )
    new = laid(
        tmp_path / "new", {"long.js": "b" * 9_000 + "\n", "many.txt": "b\n" * 30_001, "big.bin": "b" * (3 << 20)}
    )
    assert file_changes(old, new) == (
        FileChange("big.bin", 0, 0),
        FileChange("long.js", 1, 1),
        FileChange("many.txt", 30_001, 30_000),
    )
    text = unified(old, new)
    assert len(text) < 6_000
    assert "(no text: 3145728 bytes before, 3145728 bytes after)" in text
    assert "... (9000 characters)" in text
    assert "(30000 lines before, 30001 after: too many to be shown)" in text


def test_what_is_no_file(tmp_path):
    """Links are told with where they lead and never followed; pipes are never opened; odd names are escaped."""
    old, new = laid(tmp_path / "old", {"a": "a\n"}), laid(tmp_path / "new", {})
    (new / "a").symlink_to("/etc/passwd")
    os.mkfifo(new / "pipe")
    os.mkdir(os.fsencode(new) + b"/d\xff\n")  # noqa: PTH102  # no str names it
    with open(os.fsencode(new) + b"/d\xff\n/x", "wb") as stream:  # noqa: PTH123
        stream.write(b"x\n")
    assert [(change.path, change.kind) for change in file_changes(old, new)] == [
        ("a", "changed"),
        ("d\\xff\\n/x", "added"),
        ("pipe", "added"),
    ]
    text = unified(old, new)
    assert "(no text: 2 bytes before, link to /etc/passwd after)" in text
    assert "root:" not in text
    text.encode("utf-8")


@pytest.mark.skipif(shutil.which("git") is None, reason="git is not installed")
@settings(max_examples=25, deadline=None)
@given(*[st.lists(st.sampled_from(["a", "b", "c", "", "d e"]), max_size=12)] * 2)
def test_a_diff_can_be_applied(old, new):
    """What the diff says is all that there is: applied to the old tree it gives the new one, and its counts agree."""
    with tempfile.TemporaryDirectory() as folder:
        top = Path(folder)
        before = laid(top / "old", {"x": "".join(f"{line}\n" for line in old), "y": "y\n"})
        after = laid(top / "new", {"x": "".join(f"{line}\n" for line in new), "y": "y\n"})
        text = unified(before, after)
        counted = file_changes(before, after)
        lines = text.splitlines()[2:]
        assert sum(change.added for change in counted) == sum(line[0] == "+" for line in lines)
        assert sum(change.removed for change in counted) == sum(line[0] == "-" for line in lines)
        if text:
            subprocess.run(
                ["git", "apply", "--unidiff-zero", "-"],
                cwd=before,
                input=text.encode(),
                check=True,
                env={"PATH": os.environ["PATH"], "GIT_CEILING_DIRECTORIES": folder},
            )
        assert (before / "x").read_text() == (after / "x").read_text()
