"""What the command line means for the gate: which document, and whether its items were asked for."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from pytest_superteam.config import OPTION_NAMES
from pytest_superteam.gate.session import implied_prd, options_of

if TYPE_CHECKING:
    import argparse

__all__ = ["activate", "conftest_anchors"]


def conftest_anchors(config: pytest.Config, known: argparse.Namespace) -> list[str]:
    """Return the arguments that pytest would look for conftest files at, and the PRD."""
    paths: list[str] = list(known.file_or_dir)
    invocation = Path(config.invocation_params.dir)
    if not paths and invocation == config.rootpath:
        paths = [str(path) for pattern in config.getini("testpaths") for path in sorted(config.rootpath.glob(pattern))]
    return [*(paths or [str(invocation)]), *map(str, known.superteam_prd)]


def activate(config: pytest.Config) -> bool:
    """Register the gate's hooks where a document was named, or an id of the gate.

    Returns:
        Whether there is a run in this session.

    Raises:
        pytest.UsageError: an option of ours was given without a PRD.
    """
    given = config.option.superteam_prd
    if given is None:
        implied = implied_prd(config.args)
        if implied is None:
            _refuse_options(config)
            return False
        given, config.option.superteam_implied = [implied], True
    if "" in given:
        raise pytest.UsageError("--prd: '' is no file. Name a requirements document.")
    _refuse_expanded(config)
    config.option.superteam_prd = given
    from pytest_superteam.gate import collection, distribution, reporting, session

    manager = config.pluginmanager
    manager.register(session, "superteam_session")
    manager.register(collection, "superteam_collection")
    manager.register(reporting, "superteam_reporting")
    manager.register(reporting.Reporter(config), "superteam_reporter")
    manager.register(distribution, "superteam_distribution")
    return True


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
                f"--prd: '{word}' has no --prd of its own. Write --prd before each document, or name their folder."
            )


def _refuse_options(config: pytest.Config) -> None:
    """Say that an option has nothing to work on, rather than ignore it."""
    for key in (*options_of(config), *_decisions(config)):
        name = f"--{OPTION_NAMES.get(key, key)}"
        raise pytest.UsageError(f"{name}: needs a PRD. Add --prd PRD.md.")


def _decisions(config: pytest.Config) -> list[str]:
    return [name for name in ("approve", "reject") if config.getoption(f"superteam_{name}") is not None]
