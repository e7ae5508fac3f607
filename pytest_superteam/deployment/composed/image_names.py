"""Whether the names of images in the settings are such names: they come to stand in Dockerfiles and compose files."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from pytest_superteam.errors import FinalDeploymentError

if TYPE_CHECKING:
    from pytest_superteam.config import DeploymentConfig

__all__ = ["check_texts"]

_IMAGE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._/:@-]{0,400}\Z")
_REPOSITORY = re.compile(r"[a-z0-9][a-z0-9._/:-]{0,200}\Z")
_PLATFORM = re.compile(r"[a-z0-9]+(?:/[a-z0-9_.]+){0,3}\Z")


def check_texts(settings: DeploymentConfig) -> None:
    """Make sure that images, repository and platform of the settings can be what they are called.

    Raises:
        FinalDeploymentError: one can't; it is named with its setting.
    """
    for name, image in vars(settings.images).items():
        _check(f"images.{name}", image, _IMAGE, "image", "registry.example/python:3.13-slim")
    if settings.repository:
        _check("repository", settings.repository.strip(), _REPOSITORY, "repository", "registry.example/team")
    if settings.platform:
        _check("platform", settings.platform, _PLATFORM, "platform", "linux/amd64")


def _check(setting: str, text: str, form: re.Pattern[str], what: str, example: str) -> None:
    if not form.match(text):
        raise FinalDeploymentError(
            f"deployment.{setting}: {text!r} is the name of no {what}. Write one like `{example}`."
        )
