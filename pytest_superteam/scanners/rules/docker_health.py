"""DOCKER-005: containers of which nobody knows whether they work."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_superteam.models import Severity
from pytest_superteam.scanners.base import Rule, ScanTarget
from pytest_superteam.scanners.engine import Hit, RuleScanner, TreeCheck
from pytest_superteam.scanners.facts.docker_builds import docker_builds, dockerfile_hit

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytest_superteam.scanners.source import SourceTree

__all__ = ["SCANNER"]

RULE = Rule(
    "DOCKER-005",
    "No HEALTHCHECK",
    Severity.WARNING,
    "docker",
    3,
    'Say how to tell that it works: `HEALTHCHECK CMD ["python", "-c", "..."]`, or `healthcheck:` in compose.',
    languages=("docker", "compose"),
    what="A Dockerfile whose last stage, with the stages that it is built from, has no HEALTHCHECK (found at its FROM) "
    "or `HEALTHCHECK NONE` (found there), unless every compose service that builds it has a `healthcheck` that is not "
    "disabled.",
    why="A process that hangs counts as running: it gets requests, and nothing restarts it.",
    bad={"Dockerfile": "FROM python:3.13-slim\nUSER 1000\n"},
    good={"Dockerfile": "FROM python:3.13-slim\nUSER 1000\nHEALTHCHECK CMD python -m app.health\n"},
)


def _find(tree: SourceTree, _: ScanTarget) -> Iterator[Hit]:
    """Find last stages with no health check, in the file or in all compose services that build it."""
    for build in docker_builds(tree):
        stage, health = build.final, build.health
        check = stage.last("HEALTHCHECK")
        if health and all(health):
            continue
        if check is not None and check.value.strip().upper() == "NONE":
            yield dockerfile_hit(build.file, check.line if check in stage.instructions else stage.line)
        elif check is None and stage.image:
            yield dockerfile_hit(build.file, stage.line)


SCANNER = RuleScanner((TreeCheck(RULE, _find),))
