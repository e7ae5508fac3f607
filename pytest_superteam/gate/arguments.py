"""What the command line means for the gate: which document, and whether its items were asked for."""

from __future__ import annotations

import argparse
import fnmatch
from pathlib import Path

import pytest

from pytest_superteam.gate.session import implied_prd

__all__ = ["activate", "conftest_anchors"]


def conftest_anchors(config: pytest.Config, known: argparse.Namespace) -> list[str]:
    """Return the arguments that pytest would look for conftest files at, and the PRD."""
    paths: list[str] = list(known.file_or_dir)
    invocation = Path(config.invocation_params.dir)
    if not paths and invocation == config.rootpath:
        paths = [str(path) for pattern in config.getini("testpaths") for path in sorted(config.rootpath.glob(pattern))]
    return [*(paths or [str(invocation)]), str(known.superteam_prd)]


def activate(config: pytest.Config) -> None:
    """Register the gate's hooks and fixtures, and collect the PRD where the user's arguments do not say otherwise."""
    prd = config.option.superteam_prd or implied_prd(config.args)
    if not prd:
        return
    config.option.superteam_prd = prd
    from pytest_superteam import fixtures  # noqa: PLC0415
    from pytest_superteam.gate import collection, distribution, reporting, session  # noqa: PLC0415

    manager = config.pluginmanager
    manager.register(session, "superteam_session")
    manager.register(collection, "superteam_collection")
    manager.register(fixtures, "superteam_fixtures")
    manager.register(reporting, "superteam_reporting")
    manager.register(reporting.Reporter(config), "superteam_reporter")
    if manager.hasplugin("xdist"):
        manager.register(distribution, "superteam_distribution")
    path = Path(config.invocation_params.dir, prd)
    if config.args_source is not pytest.Config.ArgsSource.ARGS and not _covered(config, path):
        config.args.append(str(path))


def _covered(config: pytest.Config, path: Path) -> bool:
    """Return whether collecting the present arguments comes across `path` anyway."""
    for argument in config.args:
        base = Path(config.invocation_params.dir, argument).resolve()
        if base.is_dir() and path.resolve().is_relative_to(base):
            between = path.resolve().relative_to(base).parts[:-1]
            if not any(fnmatch.fnmatch(part, glob) for part in between for glob in config.getini("norecursedirs")):
                return True
    return False
