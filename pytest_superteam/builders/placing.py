"""From a builder's folder to the service's place, so that a crash in between loses nothing that was built.

A build that came to its end is first written down as a landing, beside the records; then its tree takes its place,
then its record is written, then the landing goes. Whoever finds a landing does what is left of it.
"""

from __future__ import annotations

import json
import shutil
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from pytest_superteam.atomic import write_atomically
from pytest_superteam.builders.records import load_build, save_build
from pytest_superteam.builders.tree import hash_tree
from pytest_superteam.codec import from_data, to_data
from pytest_superteam.errors import BuildError
from pytest_superteam.models import BuildResult, Usage

if TYPE_CHECKING:
    from pytest_superteam.builders.plan import BuildPlan

__all__ = ["Landing", "announce", "clear_site", "land", "landings", "new_site", "sweep"]

SUFFIX = ".landing"


@dataclass(frozen=True)
class Landing:
    """A build that came to its end and is on its way to its place."""

    result: BuildResult
    site: str
    """Name of the folder that it was built in."""
    attempt: int = 0
    """The try that built it."""
    step: int = 0
    """The step in the ledger that paid for it."""
    usage: Usage = field(default_factory=Usage)


def _sites(plan: BuildPlan) -> Path:
    return plan.aside / "building"


def new_site(plan: BuildPlan, service: str) -> Path:
    """Make an empty folder for one try at a service."""
    _sites(plan).mkdir(parents=True, exist_ok=True)
    return Path(tempfile.mkdtemp(prefix=f"{service}-", dir=_sites(plan)))


def clear_site(site: Path) -> None:
    """Remove what a try left."""
    shutil.rmtree(site, ignore_errors=True)


def announce(plan: BuildPlan, landing: Landing) -> None:
    """Write down that a build is finished, before anything is moved."""
    write_atomically(_file(plan, landing.result.service), json.dumps(to_data(landing), indent=1, sort_keys=True) + "\n")


def land(plan: BuildPlan, landing: Landing) -> bool:
    """Bring a finished build to its place and write its record; again and again until it is done.

    Returns:
        Whether it is in its place; False where somebody removed it meanwhile.
    """
    result = landing.result
    site, directory = _sites(plan) / landing.site, plan.output / result.service
    there = _holds(site, result)
    if there:
        _put_in_place(plan, site, directory, keep=_touched(plan, result.service))
    landed = there or _holds(directory, result)
    if landed:
        save_build(plan, result)
    _file(plan, result.service).unlink(missing_ok=True)
    return landed


def landings(plan: BuildPlan) -> list[Landing]:
    """Return the landings that a crash left; what is unreadable, or of no service of the plan, counts as none."""
    names = {service.name for service in plan.architecture.services}
    found = []
    for path in sorted(plan.records.glob(f"*{SUFFIX}")):
        try:
            landing: Landing = from_data(Landing, json.loads(path.read_text(encoding="utf-8")))
        except (ValueError, OSError, TypeError, RecursionError):
            continue
        plain = Path(landing.site).name == landing.site and landing.site not in {"", ".", ".."}
        if plain and path.name == f"{landing.result.service}{SUFFIX}" and landing.result.service in names:
            found.append(landing)
    return found


def sweep(plan: BuildPlan) -> None:
    """Remove the folders of tries that are over; the caller has dealt with the landings, and nobody builds."""
    shutil.rmtree(_sites(plan), ignore_errors=True)
    for path in plan.records.glob(f"*{SUFFIX}"):
        path.unlink(missing_ok=True)


def _file(plan: BuildPlan, service: str) -> Path:
    return plan.records / f"{service}{SUFFIX}"


def _holds(directory: Path, result: BuildResult) -> bool:
    """Return whether the tree of a build lies in `directory`, whole and unchanged."""
    try:
        return not directory.is_symlink() and directory.is_dir() and hash_tree(directory) == dict(result.files)
    except BuildError:
        return False


def _touched(plan: BuildPlan, name: str) -> bool:
    """Return whether what stands in the service's place is more than what a builder wrote."""
    known = load_build(plan.records / f"{name}.json", plan.output)
    return known is None or bool(known.edited)


def _put_in_place(plan: BuildPlan, site: Path, directory: Path, *, keep: bool) -> None:
    """Move a finished tree to its place; where somebody touched what stood there, it goes aside, not away."""
    directory.parent.mkdir(parents=True, exist_ok=True)
    site.chmod(0o755)  # mkdtemp makes it private; a service's folder is an ordinary one
    old = None
    if directory.exists():
        if keep:
            old = Path(tempfile.mkdtemp(prefix=f"{directory.name}-replaced-", dir=plan.aside))
        else:
            old = new_site(plan, directory.name)
        directory.replace(old / directory.name)
    site.replace(directory)
    if old is not None and not keep:
        clear_site(old)
