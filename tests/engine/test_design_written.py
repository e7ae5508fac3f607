"""A design is written whole: a kill on the way, or a full disk, leaves one that the next run takes."""

from __future__ import annotations

import errno
import hashlib
import itertools
import os
from functools import cache
from pathlib import Path

import pytest

from pytest_superteam.architect.builtin import design as built_in
from pytest_superteam.architect.document.prd import Prd
from pytest_superteam.config import Config
from pytest_superteam.pipeline import design as designs
from pytest_superteam.pipeline.files import Layout
from pytest_superteam.pipeline.plugged import Plugged

TEXT = """\
# Shop

## Services

| Service | Responsibility |
| --- | --- |
| shop-service | Keeps items |
| mail-service | Sends letters |

## Data model

### Item (shop-service)

| Field | Type | Constraints |
| --- | --- | --- |
| id | uuid | primary key |
| name | string | required, max 50 characters |

### Letter (mail-service)

| Field | Type |
| --- | --- |
| id | uuid |
| text | string |
"""
OTHER = TEXT.replace("max 50", "max 60").replace("mail-service", "post-service")
STEPS = 16
"""More steps than any of these writings has."""


class Killed(BaseException):
    """Ends the writing as a SIGKILL would, but for this process."""


@pytest.fixture
def layout(tmp_path):
    """Return the files of an empty project."""
    return Layout(tmp_path)


def document(layout, text):
    """Return a PRD of this text."""
    return Prd(layout.project / "PRD.md", text, hashlib.sha256(text.encode()).hexdigest())


def plugged():
    """Return the built-in architect and nothing else."""
    nothing = lambda: ()  # noqa: E731
    return Plugged(
        built_in, "own", nothing, nothing, nothing, nothing, lambda found: found, lambda _phase, _state: None
    )


@cache
def designed(text):
    """Return the design of a text."""
    somewhere = Layout(Path())
    return designs.new_design(document(somewhere, text), somewhere, Config(), plugged())


def write(layout, text, *, fresh=False):
    """Bring the design of a text into its place, as a session does; return whether it was made anew."""
    prd = document(layout, text)
    key = designs.design_key(prd, plugged(), Config())
    design = None if fresh else designs.kept_design(layout, key)
    if design is None and not fresh:
        designs.refuse_edited(layout)
    made = design or designed(text)
    designs.write_design(made, layout, key=key, prd=prd, documents=[prd.path], run_id="r1")
    return design is None


def on_disk(layout):
    """Return all files of the state by name."""
    files = (path for path in layout.state.rglob("*") if path.is_file() and "aside" not in path.parts)
    return {path.relative_to(layout.state).as_posix(): path.read_bytes() for path in files}


def expected(tmp_path, *texts):
    """Return what an uninterrupted project has after these texts."""
    other = Layout(tmp_path / "uninterrupted")
    for text in texts:
        write(other, text)
    return on_disk(other)


def breaking(patch, step, how):
    """Let the writing end at a step (from 0): killed before the file is in its place, or with no space left for it."""
    steps = itertools.count()
    real_replace, real_sync = Path.replace, os.fsync

    def replace(self, target):
        if next(steps) == step:
            raise Killed
        return real_replace(self, target)

    def fsync(handle):
        if next(steps) == step:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        real_sync(handle)

    if how is Killed:
        patch.setattr(Path, "replace", replace)
    else:
        patch.setattr(os, "fsync", fsync)


def broken(monkeypatch, step, how, work):
    """Return whether the work was ended at this step."""
    with monkeypatch.context() as patch:
        breaking(patch, step, how)
        try:
            work()
        except (Killed, OSError):
            return True
    return False


@pytest.mark.parametrize("how", [Killed, OSError])
def test_a_new_design_is_completed(layout, monkeypatch, tmp_path, how):
    """A new design that is cut off anywhere is completed by the next run, with nothing edited and nothing lost."""
    whole = expected(tmp_path, TEXT, OTHER)
    seen = []
    for step in range(STEPS):
        project = Layout(layout.project / f"{step}")
        write(project, TEXT)
        if not broken(monkeypatch, step, how, lambda project=project: write(project, OTHER)):
            break
        assert designs.edited_files(project) == ()
        seen.append(write(project, OTHER))
        assert on_disk(project) == whole
        assert write(project, OTHER) is False
    assert seen[:2] == [True, True], "nothing was staged yet"
    assert seen[-2:] == [False, False], "the design was whole, and nobody had to be asked again"


def test_a_first_design_is_completed(layout, monkeypatch, tmp_path):
    """The first design of a project that is cut off anywhere needs no --fresh."""
    whole = expected(tmp_path, TEXT)
    for step in range(STEPS):
        project = Layout(layout.project / f"{step}")
        if not broken(monkeypatch, step, Killed, lambda project=project: write(project, TEXT)):
            break
        write(project, TEXT)
        assert on_disk(project) == whole
    assert step > 8


def test_the_old_design_stays_until_the_new_one_is_whole(layout, monkeypatch):
    """Whoever goes back to the old text before the new design was whole finds the old design kept."""
    write(layout, TEXT)
    assert broken(monkeypatch, 2, Killed, lambda: write(layout, OTHER))
    assert write(layout, TEXT) is False


@pytest.mark.parametrize("how", [Killed, OSError])
def test_what_an_edit_entails_is_completed(layout, monkeypatch, how):
    """Contracts that follow from an edit and were cut off are no edits themselves."""
    for step in range(STEPS):
        project = Layout(layout.project / f"{step}")
        write(project, TEXT)
        model = project.architecture / "domain-model.yaml"
        model.write_text(model.read_text().replace("max_length: 50", "max_length: 7"))
        if not broken(monkeypatch, step, how, lambda project=project: write(project, TEXT)):
            break
        assert designs.edited_files(project) == ("domain-model.yaml",)
        assert write(project, TEXT) is False
        assert designs.edited_files(project) == ("domain-model.yaml",)
        assert "maxLength: 7" in (project.architecture / "contracts/shop-service.openapi.yaml").read_text()
        assert "before" not in project.design_record.read_text()
    assert step > 2


def test_edits_that_were_to_make_way_are_copied_once_and_stay_edits(layout, monkeypatch):
    """A design anew that is cut off keeps a copy of the edits and goes on without being told --fresh again."""
    write(layout, TEXT)
    model = layout.architecture / "domain-model.yaml"
    model.write_text("# mine\n" + model.read_text())
    assert broken(monkeypatch, 7, Killed, lambda: write(layout, OTHER, fresh=True))
    assert write(layout, OTHER) is False
    assert "# mine" not in model.read_text()
    assert [path.read_text()[:6] for path in layout.aside.rglob("domain-model.yaml")] == ["# mine"]


def test_an_edit_after_the_kill_is_respected(layout, monkeypatch):
    """A file that a person changed between the kill and the next run is not overwritten."""
    write(layout, TEXT)
    assert broken(monkeypatch, 8, Killed, lambda: write(layout, OTHER))
    model = layout.architecture / "domain-model.yaml"
    model.write_text("# mine\n" + model.read_text())
    with pytest.raises(designs.UsageError, match=r"domain-model\.yaml"):
        write(layout, OTHER)
    assert model.read_text().startswith("# mine\n")


def test_a_full_disk_leaves_no_temporary_file(layout, monkeypatch):
    """What could not be written leaves nothing beside what was there."""
    write(layout, TEXT)
    before = on_disk(layout)
    assert broken(monkeypatch, 0, OSError, lambda: write(layout, OTHER))
    assert {name for name in on_disk(layout) if "staged" not in name} == set(before)
