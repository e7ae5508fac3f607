"""How the services of a found system are built: from their own Dockerfiles, or copies that start from other images."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from pytest_superteam.deployment.composed.found_health import stage_of
from pytest_superteam.deployment.composed.images import replaced_dockerfile, replacement
from pytest_superteam.deployment.composed.sources import REMOTE
from pytest_superteam.deployment.composed.tagged import RESET
from pytest_superteam.errors import FinalDeploymentError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pytest_superteam.deployment.composed.override import FoundParts

__all__ = ["build_entry"]

_MOST_BYTES = 1_000_000
_IMAGE = "docker-image://"


def build_entry(name: str, parts: FoundParts) -> dict[str, Any]:
    """Return what the override says of a service's build; empty where it is not built.

    Notes in `parts.stages` what is built, and from which stage. A service that names the image of another one that is
    built is built as well, because that image gets another name.

    Raises:
        FinalDeploymentError: its Dockerfile is not there, or an image is replaced by nothing.
    """
    build, new = _build_of(name, parts)
    if build is None:
        return {}
    parts.stages[name] = None
    entry: dict[str, Any] = dict(build) if new else {}
    arguments = {**_arguments(build), **parts.settings.build_args}
    if parts.settings.build_args:
        entry["args"] = arguments
    entry |= {key: RESET for key in ("tags", "cache_to") if build.get(key) and not new}
    context = str(build.get("context") or "")
    if not REMOTE.match(context):
        entry |= _dockerfile(name, parts, build, arguments)
    contexts = _contexts(build, parts.settings.replace_images)
    return entry | ({"additional_contexts": contexts} if contexts else {})


def _build_of(name: str, parts: FoundParts) -> tuple[Mapping[str, Any] | None, bool]:
    """Return how a service is built, and whether its own files don't say so."""
    service = parts.services[name]
    if isinstance(service.get("build"), dict):
        return service["build"], False
    image = service.get("image")
    for other in parts.services.values():
        if image and other.get("image") == image and isinstance(other.get("build"), dict):
            shared = {key: value for key, value in other["build"].items() if key not in {"tags", "cache_to"}}
            return shared, True
    found = parts.ours.get(name)
    if found is not None and found.dockerfile and not service.get("provider"):
        file = parts.sources.root / found.dockerfile
        context = parts.sources.root / found.folder if found.folder else file.parent
        parts.notes.append(f"{name}: is built from {found.dockerfile}, in the place of the image {image}.")
        return {"context": str(context), "dockerfile": str(file)}, True
    return None, False


def _arguments(build: Mapping[str, Any]) -> dict[str, str]:
    args = build.get("args")
    return {key: str(value) for key, value in args.items() if value is not None} if isinstance(args, dict) else {}


def _dockerfile(name: str, parts: FoundParts, build: Mapping[str, Any], arguments: Mapping[str, str]) -> dict[str, Any]:
    """Return the other Dockerfile, where there has to be one, and note the stage that is built."""
    folder = parts.folder / "dockerfiles" / (name.strip(".") or "service")  # a service may be called `..`
    inline = str(build.get("dockerfile_inline") or "")
    if inline:
        file = folder / "inline"
        folder.mkdir(parents=True, exist_ok=True)
        file.write_text(inline, encoding="utf-8")
    else:
        file = _original(name, parts, build)
    text = file.read_bytes()[:_MOST_BYTES].decode("utf-8", "replace")
    parts.stages[name] = stage_of(text, str(build.get("target") or ""))
    ca = parts.ca_bundle.read_text(encoding="utf-8", errors="replace") if parts.ca_bundle is not None else ""
    changed = replaced_dockerfile(file, parts.settings.replace_images, folder, args=arguments, ca=ca)
    if changed is None:
        return {}
    return {"dockerfile": str(changed), **({"dockerfile_inline": RESET} if inline else {})}


def _original(name: str, parts: FoundParts, build: Mapping[str, Any]) -> Path:
    context = Path(str(build.get("context") or ""))
    written = str(build.get("dockerfile") or "Dockerfile")
    file = context / written
    if not file.is_file() and written == "Dockerfile":
        file = context / "dockerfile"  # the client takes this spelling too
    if not file.is_file():
        place = parts.sources.place("services", name, "build")
        label = parts.sources.label(context / written)
        raise FinalDeploymentError(f"{place}: {name} is built from {label}, which is not there.")
    return file


def _contexts(build: Mapping[str, Any], mapping: Mapping[str, str]) -> dict[str, str]:
    """Return the named contexts that are images for which there are others."""
    contexts = build.get("additional_contexts")
    found: dict[str, str] = {}
    for name, value in contexts.items() if isinstance(contexts, dict) else ():
        image = str(value)
        other = replacement(image.removeprefix(_IMAGE), mapping) if image.startswith(_IMAGE) else None
        if other is not None:
            found[name] = f"{_IMAGE}{other}"
    return found
