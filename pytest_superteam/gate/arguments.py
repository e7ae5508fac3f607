"""What the command line means for the gate: which document, and whether its items were asked for."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from pytest_superteam.config import CONFIG_NAME
from pytest_superteam.config_entries.messages import shown
from pytest_superteam.gate.session import implied_prd, implied_system, names_calibration
from pytest_superteam.gate.settings import absolute
from pytest_superteam.options import OPTIONS

if TYPE_CHECKING:
    import argparse

__all__ = ["activate", "conftest_anchors"]


def conftest_anchors(config: pytest.Config, known: argparse.Namespace) -> list[str]:
    """Return the arguments that pytest would look for conftest files at, and the PRD."""
    paths = [path for path in known.file_or_dir if not _names_item(path)]
    invocation = Path(config.invocation_params.dir)
    if not paths and invocation == config.rootpath:
        paths = [str(path) for pattern in config.getini("testpaths") for path in sorted(config.rootpath.glob(pattern))]
    if not known.superteam_system:
        return [*(paths or [str(invocation)]), *map(str, known.superteam_prd)]
    system = absolute(config, known.superteam_system)
    settings = system / CONFIG_NAME
    # A file, for beside a folder's conftest.py pytest would also load those of the tests below it.
    around = paths or ([] if _invoked_in(config, system) else [str(invocation)])
    return [*around, str(settings)] if settings.is_file() else around or [str(invocation)]


def _names_item(argument: str) -> bool:
    """Return whether an argument is an id of the gate, which is run with the hooks that the whole gate has."""
    return argument.partition("::")[2].startswith(("layer", "calibration"))


def forget_foreign_settings(config: pytest.Config, known: argparse.Namespace, args: list[str]) -> None:
    """Leave out what a system that nobody set up for us says to pytest: its options and its conftest.py.

    They are about its own tests, in its own environment: options of plugins that are not here would end the run, and
    so would imports. A system with a superteam.yaml was set up for us, and so was a project around it.
    """
    system = absolute(config, known.superteam_system)
    if (system / CONFIG_NAME).is_file():
        return
    own = [str(word) for word in config.getini("addopts")]
    if own and config.inipath is not None and config.inipath.parent.resolve().is_relative_to(system.resolve()):
        for start in range(len(args) - len(own) + 1):
            if args[start : start + len(own)] == own:
                del args[start : start + len(own)]
                break
    if all(map(_names_item, known.file_or_dir)) and _invoked_in(config, system):
        known.noconftest = True


def _invoked_in(config: pytest.Config, folder: Path) -> bool:
    """Return whether pytest was started in a folder or below it, so that what lies there is its business."""
    return Path(config.invocation_params.dir).resolve().is_relative_to(folder.resolve())


def activate(config: pytest.Config) -> bool:
    """Register the gate's hooks where a document was named, or an id of the gate.

    Returns:
        Whether there is a run in this session.

    Raises:
        pytest.UsageError: an option of ours was given without a PRD.
    """
    if not _named(config):
        _refuse_options(config)
        return False
    _refuse_options_of_systems(config)
    from pytest_superteam.gate import (
        collection,
        diffing,
        distribution,
        ending,
        garbage,
        html_page,
        neighbours,
        reporting,
        sections,
        session,
        summary,
    )

    _check_calibration(config)
    diffing.read_other_report(config)
    neighbours.register(config)
    manager = config.pluginmanager
    manager.register(garbage.Garbage(), "superteam_garbage")
    manager.register(session, "superteam_session")
    manager.register(ending, "superteam_ending")
    manager.register(collection, "superteam_collection")
    manager.register(reporting, "superteam_reporting")
    manager.register(sections, "superteam_sections")
    manager.register(summary, "superteam_summary")
    manager.register(html_page, "superteam_html")
    manager.register(reporting.Reporter(config), "superteam_reporter")
    manager.register(distribution, "superteam_distribution")
    return True


def _named(config: pytest.Config) -> bool:
    """Return whether a document or a system was named, by an option or by an id; the options say which afterwards."""
    option = config.option
    if option.superteam_system is not None:
        _check_system(config)
        return True
    if option.superteam_prd is None:
        implied = implied_prd(config.args)
        if implied is None:
            option.superteam_system = implied_system(config.args)
            return option.superteam_system is not None
        option.superteam_prd, option.superteam_implied = [implied], True
    if "" in option.superteam_prd:
        raise pytest.UsageError("--prd: '' is no file. Name a requirements document.")
    _refuse_expanded(config)
    return True


def _check_calibration(config: pytest.Config) -> None:
    """Calibrate where an id of it was pasted; refuse what would end the run early or accept what is found."""
    option = config.option
    if any(map(names_calibration, config.args)):
        option.superteam_calibrate = True
    for name in ("until", "review", "update_baseline"):
        if option.superteam_calibrate and vars(option).get(f"superteam_{name}") is not None:
            raise pytest.UsageError(f"--calibrate: can't go with --{name.replace('_', '-')}. Leave one of them out.")


def _check_system(config: pytest.Config) -> None:
    """Refuse a system that is no folder, and options that only make sense where something is built."""
    option = config.option
    if not option.superteam_system or not absolute(config, option.superteam_system).is_dir():
        raise pytest.UsageError(
            f"--system: '{shown(option.superteam_system)}' is no folder. Name the folder of a system."
        )
    for known in OPTIONS:
        if known.builds and getattr(option, known.dest) is not None:
            raise pytest.UsageError(f"{known.flag}: nothing is built with --system. Leave it out.")
    if option.superteam_until == "builders":
        raise pytest.UsageError("--until: nothing is built with --system. Stop after architect or deployment.")
    if option.superteam_init:
        if option.superteam_until not in {None, "architect"}:
            raise pytest.UsageError("--init: writes what was found and stops. Leave --until out.")
        option.superteam_until = "architect"
    if option.superteam_prd is not None:
        _refuse_expanded(config)


def _refuse_expanded(config: pytest.Config) -> None:
    """Say what became of `--prd docs/*.md`: the shell made several words of it, and only the first is a PRD."""
    from pytest_superteam.pipeline.documents import SUFFIXES

    words = [str(word) for word in config.invocation_params.args]
    if "--prd" not in words or config.getoption("doctestglob", None):
        return
    for word in words[words.index("--prd") + 2 :]:
        path = Path(config.invocation_params.dir, word)
        if word.startswith("-") or not path.name.lower().endswith(SUFFIXES) or not path.is_file():
            return
        if word not in config.option.superteam_prd:
            raise pytest.UsageError(
                f"--prd: '{shown(word)}' has no --prd of its own. Write --prd before each document, or name a folder."
            )


def _refuse_options(config: pytest.Config) -> None:
    """Say that an option has nothing to work on, rather than ignore it."""
    _refuse_options_of_systems(config)
    for known in OPTIONS:
        if known.needs == "run" and getattr(config.option, known.dest) is not None:
            raise pytest.UsageError(f"{known.flag}: needs a PRD or a system. Add --prd PRD.md or --system FOLDER.")


def _refuse_options_of_systems(config: pytest.Config) -> None:
    of_systems = [] if config.option.superteam_system is not None else [o for o in OPTIONS if o.needs == "system"]
    for known in of_systems:
        if getattr(config.option, known.dest) is not None:
            raise pytest.UsageError(f"{known.flag}: is about a system that is there. Add --system FOLDER.")
