"""Whether there is room for the services: nothing of others is built over."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_superteam.builders.placing import in_place
from pytest_superteam.builders.records import is_sign, load_builds
from pytest_superteam.builders.tree import tree_files
from pytest_superteam.errors import UsageError

if TYPE_CHECKING:
    from pytest_superteam.builders.plan import BuildPlan
    from pytest_superteam.models import BuildResult

__all__ = ["check_output"]


def check_output(plan: BuildPlan) -> None:
    """Refuse to build over files that we did not write.

    Raises:
        UsageError: one line that names the folder and a file in it.
    """
    recorded = {**load_builds(plan.records, plan.output), **in_place(plan)}
    if plan.output.is_symlink() or (plan.output.exists() and not plan.output.is_dir()):
        raise UsageError(f"output: '{plan.output}' is no folder. Name another one with --superteam-output.")
    if not recorded:
        files = tree_files(plan.output) if plan.output.exists() else iter(())
        foreign = next((path for path in files if not is_sign(path, plan.output)), None)
        if foreign is not None:
            raise UsageError(
                f"output: '{plan.output}' has files that no builder wrote ({foreign.relative_to(plan.output)}). "
                "Nothing was overwritten. Move them away, or name another folder with --superteam-output."
            )
    for service in plan.architecture.services:
        if (plan.output / service.name).exists():
            _check_service(plan, service.name, recorded.get(service.name))


def _check_service(plan: BuildPlan, name: str, result: BuildResult | None) -> None:
    directory = plan.output / name
    if result is None and any(tree_files(directory)):
        raise UsageError(
            f"output: '{directory}' has files that no builder wrote. Nothing was overwritten. "
            "Move them away, or name another folder with --superteam-output."
        )
    if result and result.edited and not plan.fresh and result.key and not plan.fits(result):
        raise UsageError(
            f"output: '{directory / result.edited[0]}' was changed after the build, and '{name}' has to be built "
            "again. Nothing was overwritten. Keep your change elsewhere, or let --fresh move it aside."
        )
