"""DOCKER-004: a COPY of everything that lies about."""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING

from pytest_superteam.models import Severity
from pytest_superteam.scanners.base import Rule, ScanTarget
from pytest_superteam.scanners.engine import Hit, RuleScanner, TreeCheck
from pytest_superteam.scanners.facts.docker_builds import DockerBuild, docker_builds, dockerfile_hit
from pytest_superteam.scanners.languages.docker_words import expand

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from pytest_superteam.scanners.languages.dockerfile import Instruction
    from pytest_superteam.scanners.source import SourceTree

__all__ = ["SCANNER"]

_WHOLE = frozenset({".", "*", "**", "${PWD}", "${PWD}/."})
_OF_DOCKER = ("dockerfile", "containerfile", ".dockerignore", "docker-compose", "compose.y")
_SIDE_ROOMS = frozenset(
    {"docker", ".docker", "dockerfiles", "containers", "build", "deploy", "deployment", "ci", "ops"}
)
"""Folders that hold Dockerfiles and no service: their build context lies above them."""

RULE = Rule(
    "DOCKER-004",
    "Broad COPY",
    Severity.WARNING,
    "docker",
    3,
    "Copy what the image needs (`COPY app ./app`), or add a `.dockerignore` with `.git`, `.env` and `tests`.",
    languages=("docker",),
    cwe=538,
    what="COPY or ADD of the whole build context (`.`, `./`, `*`, `/`) where no .dockerignore excludes anything: "
    "neither `<Dockerfile>.dockerignore`, nor one beside the Dockerfile or in the context that compose names. One that "
    "names only Docker's own files, or takes everything in again, excludes nothing. A copy from another stage is none.",
    why="`.git`, `.env`, keys and the local database land in a layer of the image, and every edit rebuilds it.",
    bad={"Dockerfile": "FROM python:3.13-slim\nCOPY . /app\n"},
    good={"Dockerfile": "FROM python:3.13-slim\nCOPY . /app\n", ".dockerignore": ".git\n.env\ntests\n"},
)


def _find(tree: SourceTree, _: ScanTarget) -> Iterator[Hit]:
    """Find COPY and ADD of the whole build context with nothing ignored."""
    for build in docker_builds(tree):
        broad = [
            instruction
            for stage in build.docker.stages
            for instruction, known in build.docker.scoped(stage)
            if instruction.keyword in {"COPY", "ADD"} and _is_broad(instruction, known)
        ]
        if broad and not _has_ignore(tree, build):
            yield from (dockerfile_hit(build.file, copy.line) for copy in broad)


def _is_broad(copy: Instruction, known: Mapping[str, str]) -> bool:
    """Return whether a source of the instruction is the build context itself, nothing excluded."""
    if copy.flag("from") is not None or any(_excludes(flag) for flag in copy.all_flags("exclude")):
        return False
    return any(_is_whole(expand(word, known, copy.escape).text) for word in copy.words[:-1])


def _is_whole(source: str) -> bool:
    if not source or source.startswith("<<"):
        return False
    plain = posixpath.normpath("/" + source.replace("\\", "/")).lstrip("/")
    return plain in _WHOLE or not plain


def _has_ignore(tree: SourceTree, build: DockerBuild) -> bool:
    """Return whether a .dockerignore excludes anything of a context that the Dockerfile may be built with."""
    folder = posixpath.dirname(build.file.path)
    contexts = {s.context for group in build.services for s in group if s.context is not None} or {folder}
    if build.context is None:
        contexts.add(folder)
    while posixpath.basename(folder).lower() in _SIDE_ROOMS:
        folder = posixpath.dirname(folder)
        contexts.add(folder)
    names = [f"{build.file.path}.dockerignore", *(posixpath.join(c, ".dockerignore") for c in sorted(contexts))]
    return any(_is_effective(tree.by_path[name].lines) for name in names if name in tree.by_path)


def _is_effective(lines: list[str]) -> bool:
    """Return whether a pattern of a .dockerignore excludes anything, in the end."""
    excluded: set[str] = set()
    for line in lines:
        pattern = line.strip()
        if pattern.startswith("!"):
            back = _normal(pattern[1:])
            excluded = set() if back in {"*", "**", "", "**/*"} else excluded - {back}
        elif pattern and not pattern.startswith("#") and _excludes(pattern):
            excluded.add(_normal(pattern))
    return bool(excluded)


def _normal(pattern: str) -> str:
    return posixpath.normpath("/" + pattern.strip()).strip("/")


def _excludes(pattern: str) -> bool:
    """Return whether a pattern leaves out more than the files that say how to build."""
    name = _normal(pattern).removeprefix("**/").lower()
    return bool(name) and not name.startswith(_OF_DOCKER)


SCANNER = RuleScanner((TreeCheck(RULE, _find),))
