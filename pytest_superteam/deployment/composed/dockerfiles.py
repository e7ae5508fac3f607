"""What a service's Dockerfile says, and the text to build instead where settings name other images or a CA bundle."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

__all__ = ["SECRET", "DockerfileFacts", "facts_of", "read_dockerfile"]

SECRET = "ca_bundle"  # noqa: S105 - the name of a build secret that holds public certificates
_MOST_BYTES = 1 << 20
_PORT = re.compile(r"([0-9]{1,5})(?:/tcp)?\Z")


@dataclass(frozen=True)
class DockerfileFacts:
    """What a Dockerfile says of its last stage, with the stages that it is built from."""

    base: str = ""
    """The image that it starts from."""
    healthcheck: bool = False
    exposed: tuple[int, ...] = ()
    commands: str = ""
    """Everything that it runs, at build and at start, on one line."""
    arguments: frozenset[str] = frozenset()
    """Names of its build arguments."""
    takes_authorities: bool = False
    """Whether a step mounts the build secret `ca_bundle`."""
    text: str = ""
    ignored: str = ""
    """What the `Dockerfile.dockerignore` beside it says; empty where there is none."""

    def adapted(self, images: Mapping[str, str], arguments: Mapping[str, str], authorities: str) -> str:
        """Return the Dockerfile to build: with other images, and with CA certificates where it takes none itself.

        Raises:
            FinalDeploymentError: an image is replaced by nothing.
        """
        from pytest_superteam.deployment.composed.images import rewritten

        return rewritten(self.text, images, args=arguments, ca="" if self.takes_authorities else authorities)


def read_dockerfile(file: Path) -> DockerfileFacts:
    """Return the facts of a Dockerfile; those of an empty one where it can't be read."""
    ignoring = file.with_name(f"{file.name}.dockerignore")
    return replace(facts_of(_read(file)), ignored="" if ignoring.is_symlink() else _read(ignoring))


def _read(file: Path) -> str:
    try:
        with file.open("rb") as stream:
            return stream.read(_MOST_BYTES).decode("utf-8", "surrogateescape")
    except OSError:
        return ""


def facts_of(text: str) -> DockerfileFacts:
    """Return the facts of a Dockerfile's text."""
    from pytest_superteam.scanners.languages.dockerfile import parse_dockerfile

    docker = parse_dockerfile(text)
    arguments = frozenset(p.name for i in docker.instructions if i.keyword == "ARG" for p in i.pairs)
    if not docker.stages:
        return DockerfileFacts(arguments=arguments, text=text)
    stage = docker.stages[-1]
    lineage = [instruction for part in stage.lineage for instruction in part.effective]
    check = stage.last("HEALTHCHECK")
    ports = {port for i in lineage if i.keyword == "EXPOSE" for word in i.words if (port := _port(word))}
    runs = " ".join(i.value for i in lineage if i.keyword in {"RUN", "CMD", "ENTRYPOINT"})
    return DockerfileFacts(
        base=list(stage.lineage)[-1].image,
        healthcheck=check is not None and check.value.strip().upper() != "NONE",
        exposed=tuple(sorted(ports)),
        commands=" ".join(runs.replace('"', " ").replace(",", " ").split()),
        arguments=arguments,
        takes_authorities=any(f"id={SECRET}" in flag for i in docker.instructions for flag in i.flags),
        text=text,
    )


def _port(word: str) -> int:
    match = _PORT.match(word)
    return int(match[1]) if match and 0 < int(match[1]) < 65536 else 0
