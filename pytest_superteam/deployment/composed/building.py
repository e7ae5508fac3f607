"""The images of a composed system: those that are built, all at once, and those that are pulled."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pytest_superteam.deployment.composed.problems import (
    build_problem,
    builds_of,
    check_dockerfiles,
    general_problem,
    image_problem,
)
from pytest_superteam.deployment.composed.progress import BuildProgress, StartProgress
from pytest_superteam.deployment.composed.project import ComposeCommandError
from pytest_superteam.deployment.composed.states import docker
from pytest_superteam.deployment.logs import last_lines
from pytest_superteam.errors import FinalDeploymentError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from pytest_superteam.deployment.base import DeployRequest
    from pytest_superteam.deployment.composed.project import ComposeProject

__all__ = ["BUILD_LOG", "build_images", "pull_images"]

BUILD_LOG = "build.log"
_ASKED_AT_ONCE = 4


def build_images(
    project: ComposeProject, config: Mapping[str, Any], request: DeployRequest, hide: tuple[str, ...]
) -> None:
    """Build all images at the same time; what the builds print is in `build.log`.

    Args:
        project: the compose project.
        config: what Compose made of its files.
        request: says how long it may take, and is told how far it is.
        hide: secrets, which no message may show.

    Raises:
        FinalDeploymentError: an image can't be built: one line with service, place and instruction, then its output.
    """
    builds = builds_of(config)
    if not builds:
        return
    shown = shown_below(request.project)
    check_dockerfiles(config, shown)
    request.say(f"building {len(builds)} image{'s' if len(builds) > 1 else ''}")
    progress = BuildProgress(request.say)
    log = request.folder / BUILD_LOG
    try:
        finished = project.run("build", timeout=request.images_timeout, listen=progress.take, log=log)
    except ComposeCommandError:
        left = sorted(set(builds) - set(progress.built))
        raise FinalDeploymentError(
            f"deploy: compose: the images were not built within {request.images_timeout:g} s "
            f"(`timeouts.images`); not done: {', '.join(left)}. All output: {shown(log)}."
        ) from None
    if finished.status:
        raise build_problem(progress, config, request.settings, shown=shown, hide=hide)


def pull_images(project: ComposeProject, config: Mapping[str, Any], request: DeployRequest) -> None:
    """Pull the images that are not built and that the engine does not have.

    Raises:
        FinalDeploymentError: one can't be pulled; the line names the setting that changes it.
    """
    wanted = _images(config)
    absent = _absent(sorted(set(wanted.values())), project.environment)
    services = [service for service, image in wanted.items() if image in absent]
    if not services:
        return
    progress = StartProgress(project.project, request.say)
    try:
        finished = project.run("pull", *services, timeout=request.images_timeout, listen=progress.take)
    except ComposeCommandError as error:
        raise image_problem(wanted[services[0]], str(error), request.settings) from None
    if not finished.status:
        return
    general = general_problem(finished.lines)
    if general:
        raise general
    for name, reason in progress.not_pulled.items():
        raise image_problem(wanted.get(name, name), reason, request.settings)
    reason = " ".join(last_lines(finished.lines, most=1))
    raise image_problem(wanted[services[0]], reason, request.settings)


def shown_below(folder: Path) -> Callable[[Path], str]:
    """Return what shows a path to people: relative to `folder` where it lies in it."""
    top = folder.resolve()

    def shown(path: Path) -> str:
        whole = Path(os.path.normpath(path))
        return whole.relative_to(top).as_posix() if whole.is_relative_to(top) else str(whole)

    return shown


def _images(config: Mapping[str, Any]) -> dict[str, str]:
    """Return service -> image of what is not built and may be pulled."""
    return {
        name: str(service["image"])
        for name, service in (config.get("services") or {}).items()
        if service.get("image") and not service.get("build") and service.get("pull_policy") not in {"never", "build"}
    }


def _absent(images: list[str], environment: Mapping[str, str]) -> set[str]:
    """Return those of `images` that the engine does not have."""

    def is_absent(image: str) -> bool:
        words = ("image", "inspect", "--format", "{{.Id}}", "--", image)
        return docker(*words, environment=environment).status != 0

    with ThreadPoolExecutor(_ASKED_AT_ONCE) as pool:
        return {image for image, absent in zip(images, pool.map(is_absent, images), strict=True) if absent}
