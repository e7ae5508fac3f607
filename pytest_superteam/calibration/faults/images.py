"""Images and compose files: lines of text, found by their instruction."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from pytest_superteam.calibration.fault import fault
from pytest_superteam.calibration.faults.tokens import made_up
from pytest_superteam.calibration.source import Change, Source

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

_COMPOSE = ("compose.yaml", "compose.yml", "docker-compose.yaml", "docker-compose.yml")
_SERVICE = re.compile(r"(?m)^services:[ \t]*\n(?:[ \t]*(?:#[^\n]*)?\n)*([ \t]+)[\w.-]+:[ \t]*\n")


def _instruction(
    service: Source,
    pattern: str,
    new: Callable[[re.Match[str]], str],
    what: str,
    also: Mapping[str, str | None] | None = None,
) -> Iterator[Change]:
    """Yield the change of the last instruction of the Dockerfile that matches."""
    text = service.text("Dockerfile")
    found = list(re.finditer(pattern, text or "", re.MULTILINE))
    if text and found:
        match = found[-1]
        line = text.count("\n", 0, match.start()) + 1
        changed = text[: match.start()] + new(match) + text[match.end() :]
        yield Change(service.name, {"Dockerfile": changed, **(also or {})}, f"Dockerfile:{line}", what)


@fault("root-container", "the container runs as root", 3)
def root_container(service: Source) -> Iterator[Change]:
    """Name no user."""
    return _instruction(service, r"^USER [^\n]+\n", lambda _: "", "the container runs as root")


@fault("image-unpinned", "the image is built on whatever is the latest", 3)
def image_unpinned(service: Source) -> Iterator[Change]:
    """Build on the latest image."""
    return _instruction(
        service,
        r"^((?:FROM |ARG \w*IMAGE=)[^\s:@$]+)[:@]\S+",
        lambda m: f"{m[1]}:latest",
        "the base image has no version",
    )


@fault("secret-in-image", "the image carries a secret", 3)
def secret_in_image(service: Source) -> Iterator[Change]:
    """Set a secret in the image's environment."""
    value = made_up(service.name, 32)
    return _instruction(service, r"^WORKDIR ", lambda m: f"ENV JWT_SECRET={value}\n{m[0]}", "the image holds a key")


@fault("everything-copied", "the image takes in all that lies in the folder", 3)
def everything_copied(service: Source) -> Iterator[Change]:
    """Copy the whole folder, and leave nothing out."""
    gone = {".dockerignore": None} if service.text(".dockerignore") is not None else {}
    return _instruction(service, r"^COPY [^\n]+", lambda _: "COPY . .", "the whole folder is copied", gone)


@fault("healthcheck-dropped", "nobody looks whether the container is well", 3)
def healthcheck_dropped(service: Source) -> Iterator[Change]:
    """Declare no health check."""
    pattern = r"^HEALTHCHECK (?:[^\n]*\\\n)*[^\n]*\n"
    return _instruction(service, pattern, lambda _: "", "the container has no health check")


def _compose(service: Source, line: str, what: str) -> Iterator[Change]:
    for name in _COMPOSE:
        text = service.text(name)
        match = _SERVICE.search(text or "")
        if text and match:
            changed = f"{text[: match.end()]}{match[1] * 2}{line}\n{text[match.end() :]}"
            place = f"{name}:{text.count(chr(10), 0, match.end()) + 1}"
            yield Change(service.name, {name: changed}, place, what)


@fault("privileged-container", "the container may do all that the host may", 3)
def privileged_container(service: Source) -> Iterator[Change]:
    """Run the container privileged, where a compose file says how it runs."""
    return _compose(service, "privileged: true", "the container is privileged")


@fault("host-network", "the container is on the host's network", 3)
def host_network(service: Source) -> Iterator[Change]:
    """Put the container on the host's network, where a compose file says how it runs."""
    return _compose(service, "network_mode: host", "the container is on the host's network")
