"""Every command of README and documentation is run, and does what the page says of it."""

from __future__ import annotations

from pathlib import Path

import pytest
from docs_excused import EXCUSED, GENERATED
from docs_pages import blocks_of
from docs_projects import PROJECTS, not_printed

from pytest_superteam.config import load_config

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
TYPED = {"console", "bash", "sh", "shell"}
"""Languages of blocks that people type."""
WRITTEN = {"python", "yaml", "toml", "ini", "json", "groovy", "markdown", "dockerfile"}
"""Languages of blocks that people write into a file."""
BLOCKS = {name: blocks_of(page, name) for page in PAGES if (name := str(page.relative_to(ROOT))) not in GENERATED}
ALL = [block for blocks in BLOCKS.values() for block in blocks]


@pytest.mark.parametrize("page", [page for page, blocks in BLOCKS.items() if any(b.kind == "run" for b in blocks)])
@pytest.mark.slow
def test_commands(page, shell):
    """The commands of a page, in order, end with the codes that it says and print what it shows."""
    printed = ""
    for block in BLOCKS[page]:
        if not block.kind or block.kind in {"not run", "same as", "check"}:
            continue
        assert "project" in block.settings, f"{block.place}: in which project?"
        folder = shell.folder(page, block.settings["project"])
        if block.kind == "write":
            (folder / block.said).parent.mkdir(parents=True, exist_ok=True)
            (folder / block.said).write_text(block.text, encoding="utf-8")
        elif block.kind == "output":
            passage = not_printed(block.text, printed, folder)
            assert not passage, f"{block.place}: not printed there: {passage}\n\n{printed}"
        else:
            printed = _typed(block, folder, shell)


def _typed(block, folder, shell):
    """Run the commands of a block and return what they print."""
    assert len(block.commands) == len(block.exits), f"{block.place}: one exit code for each command, or one for all"
    environment = {"PYTEST_ADDOPTS": block.settings["only"]} if "only" in block.settings else {}
    environment |= dict(word.split("=", 1) for word in block.settings.get("environment", "").split(",") if word)
    printed = ""
    for command, code in zip(block.commands, block.exits, strict=True):
        done = shell.run(command, folder, **environment)
        ended = f"{block.place}: {command} ends with {done.returncode}, not {code}"
        assert done.returncode == code, f"{ended}\n{done.stdout}"
        printed += done.stdout
    return printed


def test_every_block_is_decided_on():
    """No command and no file of the documentation is passed over in silence."""
    open_ = [block.place for block in ALL if block.language in TYPED | WRITTEN and not block.kind]
    assert open_ == []


def test_excuses():
    """Each excuse is one of those that are argued, and each of those is used; so are the prepared projects."""
    used = {block.said for block in ALL if block.kind == "not run"} | set(GENERATED.values())
    assert used == EXCUSED.keys()
    prepared = {folder.name for folder in PROJECTS.iterdir()}
    assert {block.settings["project"] for block in ALL if "project" in block.settings} == prepared


def test_decided_pages_are_there():
    """Pages that are decided on as one exist."""
    assert all((ROOT / page).is_file() for page in GENERATED)


def test_set_up_commands_are_what_ci_runs():
    """The commands that this test leaves to CI are run there, to the letter."""
    ci = (ROOT / ".ci/run").read_text(encoding="utf-8")
    commands = [line for block in ALL if block.said == "set-up" for line in block.commands]
    assert len(commands) == 2
    assert all(f"\n{command}\n" in ci for command in commands)


def test_shown_files_are_the_files():
    """A block that shows a file of the repository is that file, to the letter."""
    shown = [block for block in ALL if block.kind == "same as"]
    assert shown
    for block in shown:
        assert block.text == (ROOT / block.page).parent.joinpath(block.said).read_text(encoding="utf-8"), block.place


SETTINGS = [block for block in ALL if block.kind == "check" or block.said == "superteam.yaml"]


@pytest.mark.parametrize("block", SETTINGS, ids=lambda block: block.place)
def test_settings_are_valid(block, tmp_path):
    """Each example of a superteam.yaml is read as one, with every key."""
    assert block.language == "yaml"
    file = tmp_path / "superteam.yaml"
    file.write_text(block.text, encoding="utf-8")
    load_config(file, environment={}, options={})
