"""Copies of the built services in a folder of their own, and a run over them that is not the user's."""

from __future__ import annotations

import contextlib
import os
import shutil
from dataclasses import replace
from typing import TYPE_CHECKING

from pytest_superteam.pipeline.files import Layout
from pytest_superteam.pipeline.run import Run

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from pytest_superteam.calibration.source import Change
    from pytest_superteam.models import BuildResult

__all__ = ["folder_of", "open_copy", "sweep_copies"]

_LEFT_OUT = shutil.ignore_patterns("__pycache__", ".git", ".pytest_cache")


def folder_of(layout: Layout) -> Path:
    """Return the folder that the copies are made in."""
    return layout.state / "calibration"


@contextlib.contextmanager
def open_copy(run: Run, name: str, change: Change) -> Iterator[Run]:
    """Give a run over a copy of the services with `change` put into it; at the end nothing of it is left.

    The copy's services live no longer than this process.
    """
    folder = folder_of(run.layout) / name
    shutil.rmtree(folder, ignore_errors=True)
    copy = _run(run, name, Layout(folder))
    try:
        copy.layout.state.mkdir(parents=True, mode=0o700)
        copy.memory["builds"] = {build.service: _copied(build, copy.layout.output) for build in run.builds().values()}
        _apply(change, copy.layout.output / change.service)
        copy.store.start_run(copy.id, prd=run.prd.path, prd_sha256=run.prd.sha256)
        yield copy
    finally:
        copy.close()
        shutil.rmtree(folder, ignore_errors=True)


def _run(run: Run, name: str, layout: Layout) -> Run:
    """Return a run that builds nothing, tells nobody of its phases and remembers what the clean run knows."""
    config = replace(
        run.config,
        deploy="process",
        state_url=None,
        gate=replace(run.config.gate, promotion="all"),
        scan=replace(run.config.scan, cache=False),
    )
    quiet = replace(run.plugged, phase=lambda _phase, _state: None)
    memory = {"pacts": run.pacts(), "in_gate": True}
    return Run(f"{run.id}-{name}", os.getpid(), layout, config, quiet, run.prd, run.architecture, memory=memory)


def _copied(build: BuildResult, output: Path) -> BuildResult:
    folder = output / build.service
    shutil.copytree(build.directory, folder, symlinks=True, ignore=_LEFT_OUT)
    return replace(build, directory=folder)


def _apply(change: Change, folder: Path) -> None:
    for path, text in change.files.items():
        if text is None:
            (folder / path).unlink()
        else:
            (folder / path).write_text(text, encoding="utf-8")


def sweep_copies(layout: Layout) -> None:
    """Remove what a killed calibration has left, its processes too; what still runs for somebody is left alone."""
    from pytest_superteam.deployment.cleanup import sweep
    from pytest_superteam.deployment.records import read_record

    folder = folder_of(layout)
    for left in folder.iterdir() if folder.is_dir() and not folder.is_symlink() else ():
        deployment = Layout(left).deployment
        sweep(deployment)
        record = read_record(deployment)
        if record is None or not record.live:
            shutil.rmtree(left, ignore_errors=True)
    with contextlib.suppress(OSError):
        folder.rmdir()  # only where nothing is left in it
