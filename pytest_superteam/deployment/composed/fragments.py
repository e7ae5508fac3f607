"""The user's own compose files that are laid over the generated one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_superteam.errors import FinalDeploymentError

if TYPE_CHECKING:
    from pathlib import Path

    from pytest_superteam.deployment.base import DeployRequest

__all__ = ["fragments"]

_KEYS = frozenset({"services", "networks", "volumes", "secrets", "configs", "include", "name", "version"})
_MOST_BYTES = 1 << 20


def fragments(request: DeployRequest) -> tuple[Path, ...]:
    """Return the files of `deployment.compose_files`, in order.

    Raises:
        FinalDeploymentError: one is not there, lies outside of the project or is no compose file.
    """
    root = request.project.resolve()
    return tuple(_fragment(name, root) for name in request.settings.compose_files)


def _fragment(name: str, root: Path) -> Path:
    place = f"deployment.compose_files: '{name}'"
    file = (root / name).resolve()
    if not file.is_relative_to(root):
        raise FinalDeploymentError(f"{place} lies outside of the project. Name a file of the project.")
    try:
        with file.open("rb") as stream:
            data = stream.read(_MOST_BYTES + 1)
    except OSError as error:
        raise FinalDeploymentError(f"{place} can't be read ({error.strerror}). Name a compose file.") from None
    if len(data) > _MOST_BYTES:
        raise FinalDeploymentError(f"{place} is larger than {_MOST_BYTES} bytes. Is that a compose file?")
    _check(data, place)
    return file


def _check(data: bytes, place: str) -> None:
    import yaml

    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    try:
        document = yaml.compose(data.decode("utf-8-sig"), Loader=loader)
    except UnicodeDecodeError:
        raise FinalDeploymentError(f"{place} is not UTF-8. Save it as UTF-8.") from None
    except (yaml.YAMLError, RecursionError) as error:
        mark = getattr(error, "problem_mark", None)
        line = f" in line {mark.line + 1}" if mark else ""
        problem = " ".join(str(getattr(error, "problem", None) or "too deep").split())
        raise FinalDeploymentError(f"{place} is no YAML{line}: {problem}.") from None
    if not isinstance(document, yaml.MappingNode):
        raise FinalDeploymentError(f"{place} is no compose file: it has to hold `services:` or the like.")
    for key, _ in document.value:
        if key.value not in _KEYS and not str(key.value).startswith("x-"):
            raise FinalDeploymentError(
                f"{place}, line {key.start_mark.line + 1}: '{key.value}' is no key of a compose file. Allowed are "
                f"{', '.join(sorted(_KEYS))} and x-..."
            )
