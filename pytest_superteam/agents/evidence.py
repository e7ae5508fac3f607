"""What an agent really left in its folder, found by ourselves: files, code that reads, routes, tests that pass."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from pytest_superteam.models import Architecture, Evidence

__all__ = ["collect"]


def collect(
    directory: Path,
    architecture: Architecture,
    service: str,
    *,
    test: tuple[str, ...],
    timeout: float,
    given: Mapping[str, str],
    templates: Mapping[str, str] | None = None,
    outside: tuple[str, ...] = (),
) -> Evidence:
    """Look at what an agent built; its input is taken away already. Blocks for as long as the tests run.

    Args:
        directory: folder that the agent worked in.
        architecture: the system; the service's operations are looked for.
        service: its name.
        test: argument vector of the service's own tests; they run in a copy, so that they change nothing.
        timeout: seconds for the tests.
        given: sha256 by path of what lay in the folder before: files that still have it are none of the agent's.
        templates: sha256 by path of what was to be filled in, wherever it lay.
        outside: what was changed outside of the folder.

    Returns:
        What was found; `files` is 0 where nothing is the agent's own (then `untouched` says whether only templates are
        there).

    Raises:
        BuildError: what lies there can't be a service: links, devices, names that are no text, too much of it.
    """
    raise OSError(directory)
