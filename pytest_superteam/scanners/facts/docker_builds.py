"""The Dockerfiles of a tree with the compose services that are built from them."""

from __future__ import annotations

import posixpath
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pytest_superteam.scanners.engine import Hit
from pytest_superteam.scanners.languages.compose import ComposeService, compose_services, read_compose, yaml_of
from pytest_superteam.scanners.languages.dockerfile import Dockerfile, Stage, parse_dockerfile
from pytest_superteam.scanners.source import NotAnalysed

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytest_superteam.scanners.source import SourceFile, SourceTree

__all__ = ["OUTER_COMPOSE", "DockerBuild", "docker_builds", "dockerfile_hit", "file_dockerfiles", "is_root"]

OUTER_COMPOSE = "outer compose"
"""Key in `SourceTree.facts` of `(folder, services)`: the services of compose files above the tree, and the folder in
which the tree lies as they see it. Whoever scans a part of a system may set it."""


@dataclass(frozen=True)
class DockerBuild:
    """One Dockerfile, and per service that is built from it, what all compose files beside each other say of it."""

    file: SourceFile
    docker: Dockerfile
    services: tuple[tuple[ComposeService, ...], ...] = ()
    context: str | None = None
    """The build context of one that stands in a compose file."""

    @property
    def final(self) -> Stage:
        """Return the last stage."""
        return self.docker.stages[-1]

    @property
    def users(self) -> list[str | None]:
        """Return for each service the user that compose runs it as; None where that is left to the Dockerfile."""
        return [_agreed([v.text("user") for v in variants]) for variants in self.services]

    @property
    def health(self) -> list[bool]:
        """Return for each service whether compose checks its health."""
        stated = [[v.healthcheck for v in variants] for variants in self.services]
        return [True in states and False not in states for states in stated]


def _agreed(values: list[str | None]) -> str | None:
    """Return the one that counts of what several files say: root where one says so."""
    stated = [value for value in values if value]
    return next((value for value in stated if is_root(value)), stated[0] if stated else None)


def is_root(user: str) -> bool:
    """Return whether `USER` or `user:` names root: by name, by number, with any group, or as Windows calls it."""
    words = user.split()
    name = words[0].strip("\"'").partition(":")[0].lower() if words else ""
    return name in {"root", "containeradministrator", ""} or (name.isascii() and name.isdigit() and int(name[:20]) == 0)


def dockerfile_of(file: SourceFile, tree: SourceTree) -> Dockerfile:
    """Return a file parsed; what is wrong with it is recorded."""
    docker = parse_dockerfile(file.text)
    for problem in docker.problems:
        note = NotAnalysed(file.path, f"is no whole Dockerfile: {problem}")
        if note not in tree.unparsed:
            tree.unparsed.append(note)
    return docker


def inline_dockerfiles(
    services: list[ComposeService] | tuple[ComposeService, ...],
) -> Iterator[tuple[ComposeService, Dockerfile]]:
    """Yield the Dockerfiles in `build.dockerfile_inline`, where it is a literal block, with their lines in the file."""
    for service in services:
        node = service.inline
        if node is not None and node.style == "|" and "build" in service.keys:
            docker = parse_dockerfile(node.value, node.line + 1)
            if docker.stages:
                yield service, docker


def docker_builds(tree: SourceTree) -> tuple[DockerBuild, ...]:
    """Return every Dockerfile of `tree` that has a stage, those within compose files too."""
    known = tree.facts.get("docker builds")
    if not isinstance(known, tuple):
        known = tree.facts["docker builds"] = tuple(_builds(tree))
    return known


def _builds(tree: SourceTree) -> Iterator[DockerBuild]:
    inner = compose_services(tree)
    groups = _groups(inner)
    built = _by_dockerfile(groups)
    folder, outer = _outer(tree)
    built_outside = _by_dockerfile(_groups(outer))
    for file in tree.files:
        if file.language == "docker":
            docker = dockerfile_of(file, tree)
            if docker.stages:
                found = built.get(file.path, []) + built_outside.get(posixpath.join(folder, file.path), [])
                yield DockerBuild(file, docker, tuple(_of_final(docker, found)))
    for service, docker in inline_dockerfiles(inner):
        group = next(g for g in groups if service in g)
        yield DockerBuild(tree.by_path[service.path], docker, (group,), service.context)


def _outer(tree: SourceTree) -> tuple[str, tuple[ComposeService, ...]]:
    outer = tree.facts.get(OUTER_COMPOSE)
    return outer if isinstance(outer, tuple) else ("", ())


def _groups(services: tuple[ComposeService, ...]) -> list[tuple[ComposeService, ...]]:
    """Return services by folder and name: compose puts the files of a folder on top of each other."""
    found: dict[tuple[str, str], list[ComposeService]] = {}
    for service in services:
        found.setdefault((posixpath.dirname(service.path), service.name), []).append(service)
    return [tuple(group) for group in found.values()]


def _by_dockerfile(groups: list[tuple[ComposeService, ...]]) -> dict[str, list[tuple[ComposeService, ...]]]:
    found: dict[str, list[tuple[ComposeService, ...]]] = {}
    for group in groups:
        for path in {service.dockerfile for service in group} - {None}:
            found.setdefault(str(path), []).append(group)
    return found


def _of_final(docker: Dockerfile, groups: list[tuple[ComposeService, ...]]) -> list[tuple[ComposeService, ...]]:
    """Return the groups that are built to the last stage; where there is none of them, all."""
    final = [g for g in groups if any(_stage(docker, s) is docker.stages[-1] for s in g if s.build is not None)]
    return final or groups


def _stage(docker: Dockerfile, service: ComposeService) -> Stage | None:
    return docker.stage_named(service.target) if service.target else docker.stages[-1]


def dockerfile_hit(file: SourceFile, line: int, message: str = "", evidence: str = "") -> Hit:
    """Return a hit at a line of a Dockerfile or a compose file."""
    return Hit(file.path, line, message, 1, evidence or file.line(line).strip()[:200])


def file_dockerfiles(file: SourceFile, tree: SourceTree) -> Iterator[Dockerfile]:
    """Yield the Dockerfile that a file is, or those that stand in it, without a look at any other file."""
    if file.language == "docker":
        yield dockerfile_of(file, tree)
    elif b"dockerfile_inline" in file.data:
        services = read_compose(yaml_of(file, tree), file.path, named=file.language == "compose")
        yield from (docker for _, docker in inline_dockerfiles(services))
