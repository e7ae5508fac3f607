"""From a builder's folder to the service's place, so that a crash in between loses nothing that was built.

A build that came to its end is first written down as a landing, beside the records; then its tree takes its place,
then its record is written, then the landing goes. Whoever finds a landing does what is left of it.
"""

from __future__ import annotations

import contextlib
import json
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from pytest_superteam.atomic import write_atomically
from pytest_superteam.builders.records import load_build, save_build
from pytest_superteam.builders.removing import remove_tree
from pytest_superteam.builders.tree import hash_tree
from pytest_superteam.codec import from_data, to_data
from pytest_superteam.errors import BuildError
from pytest_superteam.models import BuildResult, Usage

if TYPE_CHECKING:
    from pytest_superteam.builders.plan import BuildPlan

__all__ = [
    "Landing",
    "agent_log",
    "announce",
    "clear_site",
    "in_place",
    "land",
    "land_left",
    "landings",
    "new_site",
    "sites",
    "sweep",
]

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


def sites(aside: Path) -> Path:
    """Return the folder of the tries that are at work."""
    return aside / "building"


def agent_log(private: Path, service: str, attempt: int) -> Path:
    """Return where it is kept what an agent prints in a try; `private` is the folder of the agents."""
    return private / f"{service}.{attempt}.log"


def new_site(plan: BuildPlan, service: str) -> Path:
    """Make an empty folder for one try at a service."""
    sites(plan.aside).mkdir(parents=True, exist_ok=True)
    return Path(tempfile.mkdtemp(prefix=f"{service}-", dir=sites(plan.aside)))


def clear_site(site: Path) -> None:
    """Remove what a try left."""
    remove_tree(site)
    with contextlib.suppress(OSError):  # others build still
        site.parent.rmdir()


def announce(plan: BuildPlan, landing: Landing) -> None:
    """Write down that a build is finished, before anything is moved."""
    write_atomically(_file(plan, landing.result.service), json.dumps(to_data(landing), indent=1, sort_keys=True) + "\n")


def land(plan: BuildPlan, landing: Landing) -> None:
    """Bring a build that was just announced to its place and write its record."""
    result = landing.result
    keep = _touched(plan, result.service)
    _put_in_place(plan, sites(plan.aside) / landing.site, plan.output / result.service, keep=keep)
    _record(plan, result)


def land_left(plan: BuildPlan, landing: Landing) -> bool:
    """Do what is left of a landing that a crash broke off.

    Returns:
        Whether the build is in its place now; False where somebody removed or changed it meanwhile.
    """
    result = landing.result
    if _holds(sites(plan.aside) / landing.site, result):
        land(plan, landing)
        return True
    if _holds(plan.output / result.service, result):
        _record(plan, result)
        return True
    return False


def _record(plan: BuildPlan, result: BuildResult) -> None:
    save_build(plan, result)
    _file(plan, result.service).unlink(missing_ok=True)


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


def in_place(plan: BuildPlan) -> dict[str, BuildResult]:
    """Return by service the builds that a crash left in their place without a record."""
    found = {landing.result.service: landing.result for landing in landings(plan)}
    return {name: result for name, result in found.items() if _holds(plan.output / name, result)}


def sweep(plan: BuildPlan) -> None:
    """Remove the folders of tries that are over; the caller has dealt with the landings, and nobody builds."""
    remove_tree(sites(plan.aside))
    for pattern in (f"*{SUFFIX}", ".*"):  # those with a dot are files that were being written
        for path in plan.records.glob(pattern):
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
