"""Build all services: in parallel, each isolated from the others, none twice, nothing of others overwritten."""

from __future__ import annotations

import asyncio
import hashlib
import json
import os
import shutil
import tempfile
import time
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pytest_superteam.atomic import write_atomically
from pytest_superteam.builders.base import Builder, BuildRequest
from pytest_superteam.builders.tree import differences, hash_tree, tree_files
from pytest_superteam.codec import from_data, to_data
from pytest_superteam.errors import BuildError, UsageError
from pytest_superteam.models import Architecture, BuildResult

if TYPE_CHECKING:
    from collections.abc import Mapping

SIGN = "conftest.py"
SIGN_TEXT = '''"""Each service is tested in its own folder; a test run that starts above leaves them out."""

collect_ignore_glob = ["*"]
'''
"""What stands in the output folder besides the services, so that a plain `pytest` above it does not mix them up."""

__all__ = ["BuildPlan", "build_services", "check_output", "load_builds"]


@dataclass(frozen=True)
class BuildPlan:
    """What to build: `output` takes the services, `records` one JSON file for each, `aside` what had to make way."""

    architecture: Architecture
    builder: Builder
    output: Path
    records: Path
    aside: Path
    pacts: Mapping[tuple[str, str], Mapping[str, Any]]
    fresh: bool = False
    parallel: int = 3
    timeout: float = 1800.0
    """Seconds for one service."""

    def key(self, service: str) -> str:
        """Return the hash of all that the build of `service` depends on."""
        system = self.architecture
        providers = {dependency.provider for dependency in system.dependencies_of(service)}
        parts = {
            "builder": [self.builder.name, self.builder.version],
            "service": to_data(system.service_named(service)),
            "entities": to_data(system.entities_of(service)),
            "operations": to_data(system.operations_of(service)),
            "dependencies": to_data(system.dependencies_of(service)),
            "events": [to_data(e) for e in system.events if service == e.publisher or service in e.consumers],
            "roles": system.roles,
            "contracts": {name: system.contracts.get(name) for name in sorted({service, *providers})},
            "pacts": {provider: pact for (consumer, provider), pact in self.pacts.items() if consumer == service},
        }
        return hashlib.sha256(json.dumps(parts, sort_keys=True, default=str).encode()).hexdigest()


def load_builds(records: Path, output: Path) -> dict[str, BuildResult]:
    """Return the recorded builds by service, `edited` brought up to date; unreadable records count as none."""
    found = {}
    for path in sorted(records.glob("*.json")):
        try:
            result: BuildResult = from_data(BuildResult, json.loads(path.read_text(encoding="utf-8")))
        except (ValueError, OSError, TypeError):
            continue
        if result.directory.as_posix() != _place(records, output / result.service):
            continue  # the build of another output folder
        directory = output / result.service
        missing, edited, foreign = differences(directory, result.files)
        found[result.service] = replace(result, directory=directory, edited=tuple(sorted(missing + edited + foreign)))
    return found


def _place(records: Path, directory: Path) -> str:
    """Return where a service lies, seen from the records, so that a project can be moved as a whole."""
    return Path(os.path.relpath(directory, records)).as_posix()


def check_output(plan: BuildPlan) -> None:
    """Refuse to build over files that we did not write.

    Raises:
        UsageError: one line that names the folder and a file in it.
    """
    names = [service.name for service in plan.architecture.services]
    recorded = load_builds(plan.records, plan.output)
    if plan.output.is_symlink() or (plan.output.exists() and not plan.output.is_dir()):
        raise UsageError(f"output: '{plan.output}' is no folder. Name another one with --superteam-output.")
    if not recorded:
        files = tree_files(plan.output) if plan.output.exists() else iter(())
        foreign = next((path for path in files if not _is_sign(path, plan.output)), None)
        if foreign is not None:
            raise UsageError(
                f"output: '{plan.output}' has files that no builder wrote ({foreign.relative_to(plan.output)}). "
                "Nothing was overwritten. Move them away, or name another folder with --superteam-output."
            )
    for name in names:
        result = recorded.get(name)
        directory = plan.output / name
        if not directory.exists():
            continue
        if result is None and any(tree_files(directory)):
            raise UsageError(
                f"output: '{directory}' has files that no builder wrote. Nothing was overwritten. "
                "Move them away, or name another folder with --superteam-output."
            )
        if result and result.edited and not plan.fresh and result.key != plan.key(name):
            raise UsageError(
                f"output: '{directory / result.edited[0]}' was changed after the build, and '{name}' has to be built "
                "again. Nothing was overwritten. Keep your change elsewhere, or let --fresh move it aside."
            )


def _is_sign(path: Path, output: Path) -> bool:
    return path == output / SIGN and path.read_text(encoding="utf-8", errors="replace") == SIGN_TEXT


def build_services(plan: BuildPlan) -> dict[str, BuildResult]:
    """Build what is not built yet and return all results by service; a failed build is a result, not an exception.

    Raises:
        UsageError: the output folder has files that we did not write.
    """
    check_output(plan)
    return asyncio.run(_build_all(plan))


async def _build_all(plan: BuildPlan) -> dict[str, BuildResult]:
    recorded = {} if plan.fresh else load_builds(plan.records, plan.output)
    gate = asyncio.Semaphore(max(1, plan.parallel))
    results: dict[str, BuildResult] = {}

    async def one(name: str) -> None:
        known = recorded.get(name)
        if known and known.success and known.key == plan.key(name) and (plan.output / name).is_dir():
            results[name] = known
            return
        async with gate:
            results[name] = await _build_one(plan, name)

    sign = plan.output / SIGN
    if not sign.exists():
        plan.output.mkdir(parents=True, exist_ok=True)
        sign.write_text(SIGN_TEXT, encoding="utf-8")
    async with asyncio.TaskGroup() as group:
        for service in plan.architecture.services:
            group.create_task(one(service.name))
    return {service.name: results[service.name] for service in plan.architecture.services}


async def _build_one(plan: BuildPlan, name: str) -> BuildResult:
    started = time.monotonic()
    plan.aside.mkdir(parents=True, exist_ok=True)
    staging = Path(tempfile.mkdtemp(prefix=f"{name}-", dir=plan.aside))
    pacts = {provider: pact for (consumer, provider), pact in sorted(plan.pacts.items()) if consumer == name}
    result = BuildResult(
        service=name, builder=plan.builder.name, directory=plan.output / name, success=False, key=plan.key(name)
    )
    try:
        async with asyncio.timeout(plan.timeout):
            built = await plan.builder.build(BuildRequest(name, plan.architecture, staging, pacts))
        files = hash_tree(staging)
        _put_in_place(staging, plan.output / name, plan.aside, keep=_touched(plan, name))
    except Exception as error:  # noqa: BLE001  # whatever breaks in a builder costs its own service only
        known = load_builds(plan.records, plan.output).get(name)
        kept = known.files if known else {}  # what an earlier build wrote still stands, and is still ours
        result = replace(result, error=_why(error, plan), files=kept, seconds=time.monotonic() - started)
    else:
        result = replace(
            result,
            success=True,
            files=files,
            start=built.start,
            test=built.test,
            seconds=time.monotonic() - started,
        )
    finally:
        shutil.rmtree(staging, ignore_errors=True)
    _record(plan, result)
    return result


def _why(error: Exception, plan: BuildPlan) -> str:
    if isinstance(error, TimeoutError):
        return f"no end after {plan.timeout:g} s"
    return str(error) if isinstance(error, (BuildError, OSError)) else f"{type(error).__name__}: {error}"


def _touched(plan: BuildPlan, name: str) -> bool:
    """Return whether what stands in the service's place is more than what a builder wrote."""
    known = load_builds(plan.records, plan.output).get(name)
    return known is None or bool(known.edited)


def _put_in_place(staging: Path, directory: Path, aside: Path, *, keep: bool) -> None:
    """Move a finished tree to its place; where somebody touched what stood there, it goes aside, not away."""
    directory.parent.mkdir(parents=True, exist_ok=True)
    staging.chmod(0o755)  # mkdtemp makes it private; a service's folder is an ordinary one
    if directory.exists():
        old = Path(tempfile.mkdtemp(prefix=f"{directory.name}-replaced-", dir=aside))
        directory.replace(old / directory.name)
        if not keep:
            shutil.rmtree(old, ignore_errors=True)
    staging.replace(directory)


def _record(plan: BuildPlan, result: BuildResult) -> None:
    """Write the record of a build beside the others, whole or not at all."""
    data = {**to_data(result), "directory": _place(plan.records, plan.output / result.service)}
    write_atomically(plan.records / f"{result.service}.json", json.dumps(data, indent=1, sort_keys=True) + "\n")
